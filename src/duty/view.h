/* The inside of a view, for book.c (which makes it) and board.c. */
#ifndef DUTY_VIEW_H
#define DUTY_VIEW_H

#include "duty/book.h"

enum { VIEW_DUTIES_OF_PROVISION_MAX = 32 };

/* Of one duty of the pack: items[first .. first + n). */
struct duty_range {
	size_t first, n;
};

struct view {
	unsigned owners; /* under the book's lock */
	struct arena *arena;
	uint64_t body;
	const struct pack *pack;
	struct date day;
	bool is_past;
	uint64_t changes; /* of what it was computed from */
	uint64_t used;    /* when it was last asked for */
	instant at;
	const struct organisation *people;
	struct duty_item *items;
	size_t n_items;
	struct duty_range *ranges; /* by the duty's number in the pack */
	struct exemption *exemptions;
	size_t n_exemptions;
	struct finding *findings; /* by provision: of the whole body */
};

/* Fills in the findings of the whole body. */
void view_judge(struct view *v);

#endif
