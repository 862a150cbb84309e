/*
 * The ledger: an append-only log in the formats of c2sp.org/tlog-tiles, with
 * a write-ahead file before them. docs/ledger-format.md describes every byte.
 *
 * An entry is opaque bytes, at most LEDGER_ENTRY_MAX_BYTES. ledger_add()
 * collects; ledger_commit() makes everything added durable with one write and
 * one sync. Tiles are built later, by ledger_build() in idle time.
 *
 * One thread. Any failed sync calls config.on_sync_error, which ends the
 * process: nobody knows then what is on the disk.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "ledger/file.h"
#include "ledger/tree.h"

enum {
	LEDGER_ENTRY_MAX_BYTES = 65535,
	LEDGER_ORIGIN_MAX_BYTES = 200,
	LEDGER_WAL_MIN_BYTES = 4096,
	LEDGER_WAL_DEFAULT_BYTES = 8 * 1024 * 1024,
	LEDGER_SEGMENTS_MAX = 64, /* of write-ahead at once */
	LEDGER_CHECKPOINT_MAX_BYTES = 16 * 1024
};

struct ledger_config {
	const struct file_layer *files; /* outlives the ledger */
	const char *dir;                /* DATA/keeper/ledger */
	const char *origin; /* no spaces, no '+'; never changes for a log */
	uint8_t public_key[SIGN_PUBLIC_BYTES];

	/* Bytes of one write-ahead segment, a multiple of 4096; 0: default. */
	size_t wal_bytes;
	/* Bytes of `reserve`, given back when the disk is full; 0: none. */
	size_t reserve_bytes;

	/*
	 * A checkpoint known from elsewhere (a witness, another copy), or
	 * SLICE_NONE: the log must be consistent with it too.
	 */
	struct slice known_checkpoint;

	/* NULL: abort(). If it returns, the ledger refuses everything. */
	void (*on_sync_error)(void *ctx);
	void *ctx;
};

struct ledger_state {
	uint64_t size;              /* durable entries */
	uint64_t added;             /* collected, not yet committed */
	uint64_t tiled;             /* entries in synced tiles and bundles */
	uint64_t signed_size;       /* of the last checkpoint */
	instant signed_at;          /* it, 0 where there is none */
	uint8_t signed_root[HASH_BYTES];
	bool is_signed;             /* there is a checkpoint */
	bool is_reserve_spent;      /* the disk is or was full: tell */
	unsigned segments;          /* of write-ahead in use */
	uint8_t root[HASH_BYTES];   /* of `size` entries */
	/* What opening put aside: enter it. Empty when there was nothing. */
	char aside[64];             /* "aside/..." below dir */
	uint64_t aside_bytes;
	uint64_t aside_index;       /* the first index that it might have had */
};

struct ledger;

/*
 * Makes a new log in config->dir (made if missing). ERR_CONFLICT when there
 * is one. The caller signs a checkpoint of the empty log at once.
 */
struct ledger *ledger_create(const struct ledger_config *config,
    struct err *err) MUST_CHECK;

/*
 * Opens a log: verifies the right edge, replays the write-ahead file and
 * compares with the last signed checkpoint. ERR_NOT_FOUND: no log here.
 * ERR_CORRUPT: smaller than, or different from, what was signed, or an
 * invalid frame before a valid one: release nothing.
 */
struct ledger *ledger_open(const struct ledger_config *config,
    struct err *err) MUST_CHECK;

/* What was added but not committed is dropped. NULL is fine. */
void ledger_close(struct ledger *l);

static inline void
ledger_close_scoped(struct ledger **l)
{
	ledger_close(*l);
}

void ledger_state(const struct ledger *l, struct ledger_state *ret);

/*
 * The index that the next ledger_add() will get: the keeper derives the
 * entry's key from it before it seals.
 */
uint64_t ledger_next(const struct ledger *l);

/*
 * Collects an entry. ERR_FULL: no space, and nothing added; what was added
 * before stays collected. ERR_BUSY: the batch is full: commit first.
 */
bool ledger_add(struct ledger *l, struct slice entry, uint64_t *ret_index,
    struct err *err) MUST_CHECK;

/*
 * Makes everything added durable. On an error nothing of the batch is in the
 * log (it is dropped, indexes are given again). An empty batch does nothing.
 */
bool ledger_commit(struct ledger *l, struct err *err) MUST_CHECK;

/* Drops what was added since the last commit. */
void ledger_drop(struct ledger *l);

/*
 * Builds at most `budget` bundles with their tiles, and recycles write-ahead
 * segments that are no longer needed. *ret_more: there is more to do.
 * ERR_FULL after the reserve was given back too: go on appending until
 * ledger_add() says ERR_FULL.
 */
bool ledger_build(struct ledger *l, unsigned budget, bool *ret_more,
    struct err *err) MUST_CHECK;

/*
 * Signs the durable size and root, and a timestamped cosignature/v1 with
 * `now`, and replaces `checkpoint`. The signer's public key is config's.
 */
bool ledger_checkpoint(struct ledger *l, const struct signer *s, instant now,
    struct err *err) MUST_CHECK;

/* The last signed checkpoint's text; empty when there is none yet. */
struct slice ledger_signed(const struct ledger *l);

/*
 * The bytes of a durable entry; valid until the next call on l.
 * ERR_NOT_FOUND: past the end. ERR_CORRUPT: they do not verify.
 */
bool ledger_read(struct ledger *l, uint64_t index, struct slice *ret,
    struct err *err) MUST_CHECK;

/* RFC 6962 proofs; size and to must be durable. */
bool ledger_prove_inclusion(struct ledger *l, uint64_t index, uint64_t size,
    struct tree_proof *ret, struct err *err) MUST_CHECK;
bool ledger_prove_consistency(struct ledger *l, uint64_t from, uint64_t to,
    struct tree_proof *ret, struct err *err) MUST_CHECK;

/* The hash of the index-th complete subtree of 256^row entries. */
bool ledger_subtree(struct ledger *l, unsigned row, uint64_t index,
    uint8_t ret[HASH_BYTES], struct err *err) MUST_CHECK;

/* The root of the first `size` entries. */
bool ledger_root(struct ledger *l, uint64_t size, uint8_t ret[HASH_BYTES],
    struct err *err) MUST_CHECK;

/*
 * The tlog-proof of an entry against the last checkpoint, `extra` in it when
 * not empty, appended to out. ERR_BUSY: no checkpoint covers it yet.
 */
bool ledger_proof(struct ledger *l, uint64_t index, struct slice extra,
    struct buf *out, struct err *err) MUST_CHECK;

#endif
