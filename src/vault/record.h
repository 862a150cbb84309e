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
	RECORD_WRAP_BYTES = 68, /* the keeper's; guard compares */
	RECORD_CLASS_ORDINARY = 0,
	RECORD_CLASS_SECRET = 1, /* 秘匿 (支援措置); the keeper's numbers */
	RECORD_PAGE_MAX = 64,
	RECORD_VERSIONS_MAX = 1000
};

/* Which version of which record. */
struct record_name {
	uint64_t body;
	uint64_t holding;
	uint64_t id;
	uint32_t version;
};

/* A row as stored. */
struct record_row {
	struct record_name name;
	uint8_t class; /* the wrap is bound to it */
	uint8_t wrap[RECORD_WRAP_BYTES];
	bool is_erased; /* then wrap and sealed are empty */
	struct slice sealed;
	instant secret_until;    /* end of the period; 0: not 秘匿 */
	instant secret_renew_by; /* the yearly renewal; 0: not 秘匿 */
	instant changed_at;
	uint64_t entry; /* of the ledger, that made it; 0: not known */
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

/*
 * Reads by id. A record of an import that is not done does not exist yet:
 * ERR_NOT_FOUND. `sealed` is a copy in the arena; nothing else is allocated.
 */
bool record_fetch(struct store_reader *r, uint64_t body, uint64_t holding,
    uint64_t id, struct arena *a, struct record_row *ret,
    struct err *err) MUST_CHECK;

/*
 * At most max (<= RECORD_PAGE_MAX) records that are not erased, by id, from
 * above `after`; 秘匿 ones only when asked for. `ret` has room for max.
 */
bool record_page(struct store_reader *r, uint64_t body, uint64_t holding,
    uint64_t after, bool with_secret, size_t max, struct arena *a,
    struct record_row *ret, size_t *ret_n, struct err *err) MUST_CHECK;

/* An older version that a correction left. */
bool record_fetch_version(struct store_reader *r, uint64_t body,
    uint64_t holding, uint64_t id, uint32_t version, struct arena *a,
    struct record_row *ret, struct err *err) MUST_CHECK;

/* Versions that there are, oldest first, the newest included. */
struct record_version {
	uint32_t version;
	instant ended_at; /* 0: the newest */
	uint64_t entry;   /* that made it; 0: not known */
};
bool record_versions(struct store_reader *r, uint64_t body, uint64_t holding,
    uint64_t id, struct arena *a, struct record_version **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

/* 秘匿 records to be renewed, earliest first, at most 100 after `after`. */
struct record_renewal {
	instant renew_by;
	uint64_t holding;
	uint64_t id;
	instant until;
};
enum { RECORD_RENEWALS_MAX = 100 };
bool record_renewals(struct store_reader *r, uint64_t body, instant by,
    const struct record_renewal *after, /* NULL: from the start */
    struct record_renewal ret[RECORD_RENEWALS_MAX], size_t *ret_n,
    struct err *err) MUST_CHECK;

/* ---- inside a store job ---- */

/* One more person in its holding. ERR_CONFLICT: the id is taken. */
bool record_insert(struct store_tx *tx, const struct record_row *row,
    struct err *err) MUST_CHECK;

/* The old version goes to vault_version. ERR_CONFLICT: not row's one - 1. */
bool record_replace(struct store_tx *tx, const struct record_row *row,
    struct err *err) MUST_CHECK;

/*
 * An older version under another wrap: when a record becomes 秘匿, its older
 * versions are sealed again under keys of that class, in the same job.
 */
bool record_reseal(struct store_tx *tx, const struct record_row *row,
    struct err *err) MUST_CHECK;

/* 秘匿 for longer, the record as it is. ERR_CONFLICT: it is not 秘匿. */
bool record_renew(struct store_tx *tx, const struct record_name *name,
    instant until, instant renew_by, struct err *err) MUST_CHECK;

/*
 * Bytes, older versions, tokens and documents go; the row stays, erased.
 * ERR_CONFLICT: it is erased already, or was never there.
 */
bool record_erase(struct store_tx *tx, uint64_t body, uint64_t holding,
    uint64_t id, instant now, struct err *err) MUST_CHECK;

#endif
