/*
 * The thread aside: work that takes more than some milliseconds and needs no
 * door (papers and workbooks, written and read), so that no desk stands still
 * for it. One after another, in the order of asking.
 */
#ifndef SERVE_ASIDE_H
#define SERVE_ASIDE_H

#include "action/house.h"
#include "base/attr.h"

enum { ASIDE_WAITING_MAX = 16 };

struct aside;

bool aside_open(struct aside **ret, struct err *err) MUST_CHECK;

/* Waits for the work under way. NULL is fine. */
void aside_close(struct aside *a);

/* For struct house: waits in the call's fiber, or blocks without one. */
bool aside_run(void *ctx, struct call *call, house_work work, void *arg,
    struct err *err);

#endif
