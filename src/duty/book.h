/*
 * All duties of a body, and the state of each of its provisions, on one day:
 * computed from evidence, kept until the evidence changes. Nobody can set any
 * of it.
 *
 * A book may be used by any thread. A view never changes; it lives until the
 * last book_drop().
 */
#ifndef DUTY_BOOK_H
#define DUTY_BOOK_H

#include "duty/judge.h"

struct book;
struct view;

struct book *book_open(void) MUST_CHECK; /* NULL without memory */
void book_close(struct book *b);         /* NULL is fine */

struct book_ask {
	struct door *door; /* its reader is used, and not held after */
	uint64_t body;
	const struct pack *pack;
	const struct calendar *calendar;
	instant now;
	struct date day; /* today, or a past day as it was known at its end */
};

/*
 * Never waits for another fiber of the same thread. ERR_LIMIT when there is
 * more evidence than fits, ERR_INPUT for a day to come.
 */
bool book_get(struct book *b, const struct book_ask *ask,
    const struct view **ret, struct err *err) MUST_CHECK;
void book_drop(struct book *b, const struct view *v); /* NULL is fine */

/* ---- a view ---- */

struct date view_day(const struct view *v);
const struct organisation *view_people(const struct view *v);

/* All items, duty by duty in the pack's order. */
const struct duty_item *view_items(const struct view *v, size_t *ret_n);

/* 対象外: a provision that a decided matter takes out until a day. */
struct exemption {
	uint64_t matter;
	const struct pack_provision *provision;
	uint64_t section; /* 0: everywhere */
	struct date until;
};

enum board_state {
	BOARD_MET,     /* 適合 */
	BOARD_SOON,    /* 期限間近 */
	BOARD_LACKING, /* 不備 */
	BOARD_UNKNOWN, /* a control that nothing answers yet */
	BOARD_EXEMPT,  /* 対象外 */
	BOARD_STATES
};

const char *board_state_name(enum board_state state); /* "met" */

/* Why a provision is in its state: the worst that was found. */
struct finding {
	enum board_state state;
	const struct duty_item *item;      /* the duty that is due first */
	size_t n;                          /* items of that duty in the state */
	const struct pack_office *vacant;  /* or the office nobody holds */
	uint64_t section;                  /* there; 0: of the body */
	const struct pack_control *planned; /* or what nothing answers */
	const struct exemption *exemption;
	struct date until; /* what falls due or ends first; none: nothing */
};

/* Of provision number i of the pack. section 0: of the whole body. */
struct finding view_finding(
    const struct view *v, size_t provision, uint64_t section);

#endif
