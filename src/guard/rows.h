/*
 * The set of authority rows that the keeper verified: the newest version of
 * each. What snapshots are compiled from. Not locked: the guard's lock is.
 */
#ifndef GUARD_ROWS_H
#define GUARD_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "keeper/authority.h"

struct rows;

struct rows *rows_open(void) MUST_CHECK; /* NULL without memory */
void guard_rows_close(struct rows *r);   /* NULL is fine */

/* Adds or replaces by (kind, body, id). False without memory. */
bool rows_put(struct rows *r, const struct authority_row *row) MUST_CHECK;

/* NULL: none. Lives until it is replaced. */
const struct authority_row *rows_find(
    const struct rows *r, enum authority_kind kind, uint64_t body, uint64_t id);

/* All of them, side by side in no order. */
const struct authority_row *const *
rows_all(const struct rows *r, size_t *ret_n);

#endif
