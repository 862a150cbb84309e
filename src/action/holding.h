/* Inside of action: a holding as its forms give it. */
#ifndef ACTION_HOLDING_H
#define ACTION_HOLDING_H

#include "rows.h"

/*
 * The items of the input "items": a line for each, "[key] name type ..." with
 * words of either language, parted by spaces, or by commas or tabs where the
 * line has some. `now` (may be NULL) is what stands: its items keep their
 * places and types, in whatever order the lines come; new ones follow.
 */
bool read_item_lines(struct call *call, const struct door_holding *now,
    struct door_holding *to, struct err *err) MUST_CHECK;

/* The same lines, of the items that stand. */
struct slice item_lines(const struct call *call, const struct door_holding *h);

/* A day as a form's date takes it again; empty for 0. */
struct slice day_text(const struct call *call, uint32_t yyyymmdd);

/* "前方一致、要配慮" and so on; may be empty. */
struct slice item_marks(const struct call *call, const struct door_item *item);

#endif
