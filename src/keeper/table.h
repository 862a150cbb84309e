/*
 * A hash table from three numbers to a pointer. The hash is seeded, because
 * the numbers are chosen outside. Owns no values. One thread.
 */
#ifndef KEEPER_TABLE_H
#define KEEPER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct table_key {
	uint64_t a, b, c;
};

struct table;

struct table *table_open(void) MUST_CHECK; /* NULL without memory */
void table_close(struct table *t);         /* NULL is fine */

void *table_find(const struct table *t, struct table_key key);

/* Adds or replaces; value is not NULL. False without memory. */
bool table_put(struct table *t, struct table_key key, void *value) MUST_CHECK;

/* What was there, or NULL. */
void *table_remove(struct table *t, struct table_key key);

size_t table_count(const struct table *t);

/*
 * Values in no order: start with *at = 0; NULL at the end. The table must
 * not change meanwhile.
 */
void *table_next(const struct table *t, size_t *at);

#endif
