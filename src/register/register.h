/*
 * Registers (台帳): rows of what a pack declares, each change kept with who
 * made it, when and why, and entered in the ledger. A row is ended, never
 * deleted; what it was on any past day can be told.
 *
 * Who may read or change a register is the caller's to decide (kept_by and
 * read_by of the pack). Texts live in the arena that is given.
 */
#ifndef REGISTER_REGISTER_H
#define REGISTER_REGISTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"
#include "guard/door.h"
#include "regulation/register.h"
#include "store/store.h"

enum {
	REGISTER_PAGE_MAX = 50,   /* rows of one list */
	REGISTER_BATCH_MAX = 500, /* of one list that is written to a file */
	REGISTER_FILTERS_MAX = 3,
	REGISTER_QUERY_MAX_BYTES = 200,
	REGISTER_REASON_MAX_BYTES = 1000,
	REGISTER_NAME_MAX_BYTES = 1000,
	REGISTER_VERSIONS_MAX = 100, /* shown of one row */
	REGISTER_IMPORT_MAX = 2000 /* rows put at once */
};

struct register_row {
	uint64_t id; /* 0: new, then set */
	uint32_t version;
	uint64_t section; /* 0: the body's */
	struct slice name;
	struct slice sort; /* lists only: for the cursor */
	size_t n;          /* the register's fields */
	const struct slice *values; /* as stored; SLICE_NONE: none */
	uint32_t fact;     /* YYYYMMDD; 0: none */
	instant made_at, changed_at;
	instant ended_at; /* 0: stands */
};

/* Where from: the reader is not held across a wait. */
struct register_source {
	struct store_reader *reader;
	struct arena *arena;
	uint64_t body;
	const struct pack_register *reg;
};

struct register_filter {
	struct slice field, value; /* as stored */
};

struct register_ask {
	uint64_t section; /* 0: of any */
	struct slice query; /* folded here; empty: all */
	size_t n_filters;
	struct register_filter filters[REGISTER_FILTERS_MAX];
	bool with_ended;
	struct slice after_sort; /* cursor: of the last row shown */
	uint64_t after;
	size_t max; /* 1 .. REGISTER_BATCH_MAX */
};

/* In the order of the register's sort field. */
bool register_list(const struct register_source *from,
    const struct register_ask *ask, struct register_row **ret, size_t *ret_n,
    bool *ret_more, struct err *err) MUST_CHECK;

/* ERR_NOT_FOUND. */
bool register_get(const struct register_source *from, uint64_t id,
    struct register_row *ret, struct err *err) MUST_CHECK;

struct register_version {
	uint32_t version;
	uint64_t section;
	size_t n;
	const struct slice *values;
	instant at;
	uint64_t person;
	struct slice reason;
	bool is_end;
};

/* Newest first, at most REGISTER_VERSIONS_MAX. */
bool register_versions(const struct register_source *from, uint64_t id,
    struct register_version **ret, size_t *ret_n, struct err *err) MUST_CHECK;

/*
 * Rows that stand, or stood at an instant as it was known then, by id behind
 * `after`: what duties are judged by. fact is that of the row as it is now;
 * changed_at that of the version. At most REGISTER_BATCH_MAX.
 */
struct register_evidence {
	instant at; /* 0: now */
	uint64_t after;
	size_t max;
};
bool register_evidence(const struct register_source *from,
    const struct register_evidence *ask, struct register_row **ret,
    size_t *ret_n, struct err *err) MUST_CHECK;

/* How often each register was changed; those that never were are left out. */
struct register_changes {
	struct slice register_id;
	uint64_t n;
};
bool register_changes(struct store_reader *reader, uint64_t body,
    struct arena *a, struct register_changes **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

struct register_count {
	struct slice register_id;
	uint64_t rows;
};

/* Rows that stand, of each register that has any. */
bool register_counts(struct store_reader *reader, uint64_t body,
    struct arena *a, struct register_count **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

/*
 * A new row (id 0), or the next version of one. row->values are as
 * register_value_read() gave them; row->name is what lists call it;
 * row->version is the one that was seen.
 * ERR_CONFLICT: changed or ended by another meanwhile, or *ret_same (another
 * row with the same key) is not 0.
 */
struct register_write {
	const struct pack_register *reg;
	const uint8_t *pack_hash; /* PACK_HASH_BYTES */
	struct slice reason;      /* may be empty */
	instant now;
	struct register_row *row;
};

bool register_put(struct door *d, struct visitor *v,
    const struct register_write *w, uint64_t *ret_same,
    struct err *err) MUST_CHECK;

/*
 * All of them or none, in one transaction with one entry, whose subject is
 * `import`. *ret_at: the one that failed. What is made of them is in the arena
 * given. ERR_CONFLICT: *ret_at was changed meanwhile, or another row with its
 * key came.
 */
bool register_put_all(struct door *d, struct visitor *v,
    const struct register_write *list, size_t n, uint64_t import,
    struct arena *a, size_t *ret_at, struct err *err) MUST_CHECK;

/* The row that stands with the key of these values; 0: none. */
bool register_find_key(const struct register_source *from,
    const struct slice *values, uint64_t *ret_id,
    struct err *err) MUST_CHECK;

/* The row stands no longer; its key is free again. */
bool register_end(struct door *d, struct visitor *v,
    const struct register_write *w, struct err *err) MUST_CHECK;

/*
 * The same made ready, to be written in another's transaction: what a matter
 * brings about. The arena's; the row's id is set.
 */
struct register_job;
bool register_ready(const struct visitor *v, const struct register_write *w,
    struct register_job **ret, struct err *err) MUST_CHECK;
bool register_ready_end(const struct visitor *v,
    const struct register_write *w, struct register_job **ret,
    struct err *err) MUST_CHECK;
bool register_run(struct store_tx *tx, struct register_job *job,
    struct err *err) MUST_CHECK;

/* After ERR_CONFLICT: the row that has the same key, or 0. */
uint64_t register_job_same(const struct register_job *job);

#endif
