/*
 * The ledger's own state, shared by ledger.c (open, add, commit), build.c
 * (tiles) and look.c (reading, proofs). For src/ledger only.
 */
#ifndef LEDGER_LEDGER_INSIDE_H
#define LEDGER_LEDGER_INSIDE_H

#include "ledger/checkpoint.h"
#include "ledger/ledger.h"
#include "ledger/rows.h"
#include "ledger/tile.h"
#include "ledger/wal.h"

/* A full tile as last read, one a row. */
struct tile_held {
	bool is_held;
	uint64_t n;
	uint8_t bytes[TILE_BYTES];
};

struct ledger {
	struct files files;
	char dir[FILE_PATH_MAX];
	size_t wal_bytes;
	size_t reserve_bytes;
	struct checkpoint_keys keys;
	struct wal *wal;
	struct rows rows;
	struct tree_edge edge; /* of the durable entries */
	uint8_t root[HASH_BYTES];
	uint64_t added;
	uint64_t tiled;
	uint64_t replay_first; /* the first index that the WAL held */
	bool is_replayed;      /* it held a frame */
	struct checkpoint last;
	bool is_signed;
	struct buf signed_text;
	bool has_reserve;
	bool is_reserve_spent;
	struct wal_torn torn;
	uint64_t torn_index;
	struct tile_held held[TILE_ROWS];
	struct buf scratch; /* the bundle being built */
	struct buf bundle;  /* the one last read */
	bool has_bundle;
	uint64_t bundle_n;
	uint32_t bundle_at[TILE_WIDTH + 1];
};

/* The hashes of rows in memory and of tiles on the disk. */
struct tree_source ledger_source(struct ledger *l);

/* A full tile's 256 hashes; valid until the next call for the same row. */
const uint8_t *ledger_tile(struct ledger *l, unsigned row, uint64_t n,
    struct err *err);

/* Gives the reserve back; false when there was none. */
bool ledger_spend_reserve(struct ledger *l);
/* Makes it again where it is missing and there is room. */
void ledger_make_reserve(struct ledger *l);

#endif
