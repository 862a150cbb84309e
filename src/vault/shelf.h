/*
 * All holdings of all bodies in memory: a shelf never changes; a newer one
 * takes its place. Threads take the shelf that stands, read it as long as
 * they hold it, and drop it.
 */
#ifndef VAULT_SHELF_H
#define VAULT_SHELF_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "store/store.h"
#include "vault/holding.h"

enum { SHELF_MAX_BYTES = 256 * 1024 * 1024 };

struct shelf;      /* immutable; any thread */
struct shelf_rack; /* where the newest one stands; any thread */

/* An empty shelf stands on it. NULL without memory. */
struct shelf_rack *shelf_rack_open(void) MUST_CHECK;

/* Shelves still held live on. NULL is fine. */
void shelf_rack_close(struct shelf_rack *rack);

/* Reads all holdings anew; the shelf before stays where it is held. */
bool shelf_rack_load(struct shelf_rack *rack, struct store_reader *r,
    struct err *err) MUST_CHECK;

/* The newest; never NULL. Give it back with shelf_drop(). */
struct shelf *shelf_take(struct shelf_rack *rack);
void shelf_drop(struct shelf *s); /* NULL is fine */

static inline void
shelf_drop_scoped(struct shelf **s)
{
	shelf_drop(*s);
}

/* NULL: none. Lives as long as the shelf is held. */
const struct holding *
shelf_find(const struct shelf *s, uint64_t body, uint64_t id);

/* Holdings of a body, by id; they stand side by side. */
const struct holding *
shelf_of_body(const struct shelf *s, uint64_t body, size_t *ret_n);

#endif
