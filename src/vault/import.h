/*
 * Import: many new records at once, from a CSV whose first row names the
 * items. First all of it is looked at, and every problem is told with its row
 * and column; only a sheet without one is taken in, all or nothing.
 *
 * Records and tokens are written in small transactions under an import that
 * is not done, so that nobody sees them; the last one marks it done, and all
 * are there. What a crash cut off was never seen, and import_clear() takes it
 * away. Tokens are sorted over the whole import (vault/intake.h).
 *
 * Keys come from outside, through a struct keyring. Everything here waits:
 * not for event threads.
 */
#ifndef VAULT_IMPORT_H
#define VAULT_IMPORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/csv.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/aead.h"
#include "store/store.h"
#include "vault/holding.h"
#include "vault/record.h"
#include "vault/term.h"
#include "vault/value.h"

enum {
	IMPORT_KEYS_MAX = 512,   /* records of one create() */
	IMPORT_TERMS_MAX = 8192, /* terms of one tokens() */
	IMPORT_MAX_BYTES = 256 * 1024 * 1024,
	IMPORT_ROWS_MAX = 1000000,
	IMPORT_PROBLEMS_MAX = 1000
};

/* How the vault is lent keys: the guard asks the keeper, tests have theirs. */
struct keyring {
	void *ctx;
	/* Keys and wraps for version 1 of n new ordinary records, and the
	 * ledger's entry that made them. */
	bool (*create)(void *ctx, const uint64_t *ids, size_t n,
	    uint8_t (*ret_keys)[AEAD_KEY_BYTES],
	    uint8_t (*ret_wraps)[RECORD_WRAP_BYTES], uint64_t *ret_entry,
	    struct err *err);
	bool (*tokens)(void *ctx, const struct term *terms, size_t n,
	    uint8_t (*ret)[TERM_TOKEN_BYTES], struct err *err);
};

/* What is wrong, and where; counted from 1, the first row included. */
struct problem {
	uint32_t row;
	uint32_t column; /* 0: the whole row */
	size_t item;     /* its position; the holding's n_items: none */
	enum value_fault fault;
};

struct import_report {
	uint64_t rows;            /* besides the first */
	struct problem *problems; /* at most IMPORT_PROBLEMS_MAX */
	size_t n_problems;
	bool has_more; /* problems than those */
	bool is_cp932;
	uint64_t import; /* its id, once done */
	uint64_t first;  /* id of the first record; the others follow it */
};

/* Which item each column holds, whatever the first row says. */
enum { IMPORT_PASS = 0xff /* a column that is not taken in */ };
struct import_map {
	size_t n; /* columns */
	uint8_t items[CSV_COLUMNS_MAX];
};

struct import_job {
	struct store *store;
	const struct holding *holding;
	const struct keyring *keyring;
	struct slice csv;             /* UTF-8 with or without BOM, or CP932 */
	const struct import_map *map; /* NULL: by the first row */
	/* By the first row: under which heading each item stands; empty: its
	 * id or name. NULL: all do. */
	const struct slice *headings;
	bool passes_rest;             /* columns of no item are passed over */
	bool is_dry;                  /* only look */
	instant now;
	_Atomic uint32_t *progress; /* records written; may be NULL */
};

/*
 * ERR_INPUT, with the report, when there is a problem: nothing was written.
 * The report lives in the arena. After any other error nothing shows either,
 * and what was written is cleared away; but for ERR_LOST at the very end,
 * when PostgreSQL's answer was lost: look whether the records are there.
 */
bool import_run(const struct import_job *job, struct arena *a,
    struct import_report *ret, struct err *err) MUST_CHECK;

/* The headings that were said last, one for each of n items; empty: none. */
bool import_headings(struct store_reader *r, uint64_t body, uint64_t holding,
    struct arena *a, struct slice *ret, size_t n, struct err *err) MUST_CHECK;

/* Inside a store job: those that are said now. */
bool import_keep_headings(struct store_tx *tx, uint64_t body,
    uint64_t holding, const struct slice *headings, size_t n,
    struct err *err) MUST_CHECK;

/* At the start of the program: takes away what a crash cut off. */
bool import_clear(
    struct store *store, struct store_reader *r, struct err *err) MUST_CHECK;

#endif
