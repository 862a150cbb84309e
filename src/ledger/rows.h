/*
 * The hashes that stand in no synced tile yet, one row a tile level: row k
 * holds roots of 256^k leaves. Row 0 also knows where each entry's bytes are.
 */
#ifndef LEDGER_ROWS_H
#define LEDGER_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "crypto/hash.h"
#include "ledger/tile.h"

struct row {
	uint64_t first; /* index in the row of hash[head] */
	size_t head;
	size_t n;    /* hashes held from head on */
	size_t size; /* allocated */
	uint8_t (*hash)[HASH_BYTES];
	const uint8_t **entry; /* row 0: the u16 before the entry, or NULL */
};

struct rows {
	struct row row[TILE_ROWS];
};

/* A zeroed struct is empty. */
void rows_close(struct rows *r);

/* Room for this many more leaves, and all that they may complete. */
bool rows_reserve(struct rows *r, size_t leaves, struct err *err) MUST_CHECK;

/* The place of the j-th hash behind row 0's last; reserved before. */
uint8_t *rows_slot(struct rows *r, size_t j);

/* Takes one more hash in; there must be room. tree_add()'s callback. */
void rows_add(struct row *row, const uint8_t hash[HASH_BYTES],
    const uint8_t *entry);
void rows_full(void *rows, unsigned k, const uint8_t hash[HASH_BYTES]);

/* Forgets all but the first n hashes held; those below `first`. */
void rows_cut(struct row *row, size_t n);
void rows_trim(struct row *row, uint64_t first);

/* Hash `index` of a row in memory, or NULL. */
const uint8_t *rows_hash(const struct rows *r, unsigned row, uint64_t index);

/* Where entry `index` is in memory, or NULL. */
const uint8_t *rows_entry(const struct rows *r, uint64_t index);

#endif
