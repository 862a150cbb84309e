/*
 * Changes of many appointments (人事異動) as they were proposed: encoded
 * authority rows, side by side. The keeper's CHANGE row of the same id says
 * whether they are what was decided on.
 */
#ifndef PEOPLE_CHANGE_H
#define PEOPLE_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"
#include "store/store.h"

enum {
	PEOPLE_CHANGE_MAX_BYTES = 2 * 1024 * 1024,
	PEOPLE_CHANGES_MAX = 50 /* of one list */
};

struct people_change {
	uint64_t id;
	struct slice title;
	instant effect_at; /* 0:00 of the day on which it takes effect */
	struct slice rows; /* u16 length, authority row; not in a list */
	instant made_at;
	instant applied_at; /* 0: not all of its rows are made */
};

/* ERR_NOT_FOUND when there is none. */
bool people_change_get(struct store_reader *r, uint64_t body, uint64_t id,
    struct arena *a, struct people_change *ret, struct err *err) MUST_CHECK;

/* The newest first, before (before, before_id); at most PEOPLE_CHANGES_MAX. */
bool people_changes(struct store_reader *r, uint64_t body, instant before,
    uint64_t before_id, struct arena *a, struct people_change **ret,
    size_t *ret_n, struct err *err) MUST_CHECK;

/* Inside a store job. */
bool people_put_change(struct store_tx *tx, uint64_t body,
    const struct people_change *row, struct err *err) MUST_CHECK;
bool people_change_applied(struct store_tx *tx, uint64_t body, uint64_t id,
    instant at, struct err *err) MUST_CHECK;

#endif
