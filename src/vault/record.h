/*
 * Records: one person's values in a holding, sealed under a key of their own
 * that only the keeper can unwrap. This folder has no key: whoever calls
 * brings it for the moment of sealing or opening.
 *
 * Sealed form: for each item that has a value, in order of position: u16
 * position, u32 length, bytes (UTF-8 as it came; names are never normalised);
 * all under AES-256-GCM with body, holding, record and version (big-endian
 * u64, u64, u64, u32) as associated data.
 */
#ifndef VAULT_RECORD_H
#define VAULT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/aead.h"
#include "store/store.h"
#include "vault/holding.h"

enum {
	RECORD_VALUE_MAX_BYTES = 4096,
	RECORD_SEALED_MAX_BYTES = 64 * 1024,
	RECORD_WRAP_BYTES = 68 /* the keeper's; tests compare */
};

/* Which version of which record. */
struct record_name {
	uint64_t body;
	uint64_t holding;
	uint64_t id;
	uint32_t version;
};

/* A row as stored. Slices live until the query is finished, or are copies. */
struct record_row {
	struct record_name name;
	uint8_t class;     /* keeper's enum record_class */
	uint8_t wrap[RECORD_WRAP_BYTES];
	bool is_erased;    /* then wrap and sealed are empty */
	struct slice sealed;
	instant secret_until; /* 0: not 秘匿 */
	instant changed_at;
};

/* Appends the sealed form; fails the buf past RECORD_SEALED_MAX_BYTES. */
void record_seal(struct aead *aead, const uint8_t key[AEAD_KEY_BYTES],
    const struct record_name *name, const struct slice *values, size_t n,
    struct buf *to);

/*
 * Opens into the arena: n values by position, p NULL where there is none.
 * ERR_CORRUPT when it does not verify.
 */
bool record_unseal(struct aead *aead, const uint8_t key[AEAD_KEY_BYTES],
    const struct record_name *name, struct slice sealed, struct arena *a,
    struct slice *ret_values, size_t n, struct err *err) MUST_CHECK;

/* ERR_NOT_FOUND; sealed is a copy in the arena. */
bool record_fetch(struct store_reader *r, uint64_t body, uint64_t holding,
    uint64_t id, struct arena *a, struct record_row *ret,
    struct err *err) MUST_CHECK;

/* An older version that a correction left. */
bool record_fetch_version(struct store_reader *r, uint64_t body,
    uint64_t holding, uint64_t id, uint32_t version, struct arena *a,
    struct record_row *ret, struct err *err) MUST_CHECK;

/* Versions that there are, oldest first, the newest included. */
struct record_version {
	uint32_t version;
	instant ended_at; /* 0: the newest */
};
bool record_versions(struct store_reader *r, uint64_t body, uint64_t holding,
    uint64_t id, struct arena *a, struct record_version **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

/* ---- inside a store job ---- */

bool record_insert(struct store_tx *tx, const struct record_row *row,
    struct err *err) MUST_CHECK;

/* The old version goes to vault_version. ERR_CONFLICT: not row's one - 1. */
bool record_replace(struct store_tx *tx, const struct record_row *row,
    struct err *err) MUST_CHECK;

/* Bytes, older versions, tokens and files go; the row stays, erased. */
bool record_erase(struct store_tx *tx, uint64_t body, uint64_t holding,
    uint64_t id, instant now, struct err *err) MUST_CHECK;

#endif
