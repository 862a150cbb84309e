/*
 * Tiles and entry bundles of c2sp.org/tlog-tiles: names and contents.
 * A tile holds up to 256 hashes; a bundle up to 256 entries, each behind its
 * length as u16.
 */
#ifndef LEDGER_TILE_H
#define LEDGER_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/hash.h"
#include "ledger/tree.h"

enum {
	TILE_WIDTH = 256,
	TILE_BYTES = TILE_WIDTH * HASH_BYTES,
	TILE_ROWS = 8,          /* rows 0..7 hold every tree below 2^63 */
	TILE_ROW_ENTRIES = 255, /* stands for "entries" in tile_name() */
	TILE_NAME_MAX = 64,
	BUNDLE_MAX_BYTES = TILE_WIDTH * (2 + 65535)
};

/*
 * "tile/0/x001/x234/067", with ".p/W" when width is 1..255 (256: full).
 * row: 0..7, or TILE_ROW_ENTRIES.
 */
void tile_name(unsigned row, uint64_t n, unsigned width,
    char ret[TILE_NAME_MAX]);

/* Hashes at `row` in a tree of this size: floor(size / 256^row). */
uint64_t tile_row_hashes(unsigned row, uint64_t size);

/* The root of the 2^r hashes that begin at `first` in a tile's hashes. */
void tile_subtree(const uint8_t *tile, unsigned first, unsigned r,
    uint8_t ret[HASH_BYTES]);

/* Takes the next entry off *rest. ERR_CORRUPT when it is cut short. */
bool bundle_next(struct slice *rest, struct slice *ret,
    struct err *err) MUST_CHECK;

#endif
