/*
 * How far the product answers a pack: one row for each provision, computed
 * from the controls it is bound to and from the stories that passed.
 */
#ifndef REGULATION_COVERAGE_H
#define REGULATION_COVERAGE_H

#include "base/buf.h"
#include "regulation/pack.h"

enum {
	COVERAGE_STORIES_MAX_BYTES = 4 * 1024 * 1024,
	COVERAGE_STORIES_MAX = 10000,
};

enum coverage_state {
	COVERAGE_PLANNED,  /* no control, or one that nothing answers yet */
	COVERAGE_UNPROVEN, /* answered, but by no story that passed */
	COVERAGE_ANSWERED  /* answered, and a story that passed names it */
};

struct coverage {
	const struct pack *pack;   /* whose provisions */
	const struct pack *within; /* whose controls: above or the same */
	enum coverage_state *states; /* one for each of pack->provisions */
	size_t counts[3];            /* by state */
};

/*
 * The provisions of `p` by the controls of `within`: p itself, or a pack that
 * rests on it (law's provisions name controls that stand in base).
 *
 * `stories` is the text of a file, empty for none: lines of
 * story TAB provisions TAB result, where provisions is a comma list of
 * pack:ref, and result is "passed" or anything else. ERR_INPUT with the line
 * where one has another form or names a provision that this pack lacks;
 * provisions of other packs are passed over. Memory is the arena's.
 */
bool coverage_make(const struct pack *p, const struct pack *within,
    struct slice stories, const char *stories_name, struct arena *a,
    struct coverage *ret, struct err *err) MUST_CHECK;

/* "planned" */
const char *coverage_state_name(enum coverage_state state);

/*
 * The table, tab-separated, one line a provision in the pack's order: ref,
 * caption, controls, answered by, state; lists are joined by commas.
 */
void coverage_write(const struct coverage *c, struct buf *to);

#endif
