/*
 * One seam over SQLite and PostgreSQL: named statements, readers, one writer
 * that groups commits, migrations. Nobody else includes sqlite3.h or libpq.
 *
 * Statements live in .sql files beside the module that owns the tables;
 * tools/sqlc.py makes <folder>.sql.h (ids and column numbers) and
 * <folder>.sql.c (struct store_module). src/store/README.md tells how to write
 * them.
 *
 * Texts are UTF-8 without NUL; anything else is ERR_INPUT on both engines.
 * Error texts name the statement and the constraint, never a value.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"

enum store_engine { STORE_SQLITE, STORE_POSTGRESQL, STORE_ENGINES };

/* ---- what sqlc.py makes ---- */

/* A statement's id: module number << 8 | position. From <folder>.sql.h. */
typedef uint32_t store_id;

struct store_statement {
	const char *name; /* "person_by_account" */
	const char *text[STORE_ENGINES];
	uint8_t params;
	uint8_t columns;
	bool is_write; /* only a writer's transaction may run it */
	bool is_one;   /* at most one row, by key */
};

struct store_module {
	const char *name; /* the folder's name */
	unsigned number;
	const struct store_statement *statements;
	unsigned count;
};

struct store_migration {
	unsigned version;
	const char *name;
	const char *hash; /* SHA-256 of the file, hexadecimal */
	const char *text[STORE_ENGINES];
};

/* All that a program knows of its database. Static data, never freed. */
struct store_set {
	const struct store_module *const *modules;
	size_t module_count;
	const struct store_migration
	    *migrations; /* by version, from 1, no gap */
	size_t migration_count;
};

/* All of migrations/, made by `sqlc.py migrations`. */
extern const struct store_migration store_migrations[];
extern const size_t store_migration_count;

/* ---- the store ---- */

/* One database. Any thread may use it; see readers and jobs below. */
struct store;

/*
 * Brings the schema up to the program's: each missing migration in a
 * transaction of its own. A new SQLite file is made with mode 0600.
 *
 * @param spec     "sqlite:/path/file.db", "postgresql://..." or "postgres://..."
 * @param now      written beside each migration applied
 * @param ret_done number of migrations applied; may be NULL
 *
 * ERR_CONFLICT: another program migrates at this moment, call again.
 * ERR_INPUT: the spec; a database of another program, one newer than this
 * program, or one made by a migration that was changed since.
 */
bool store_migrate(const char *spec, const struct store_set *set, instant now,
    unsigned *ret_done, struct err *err) MUST_CHECK;

/*
 * Opens a database whose schema is exactly the program's (ERR_INPUT
 * otherwise: migrate first), starts the writer thread and, for SQLite, the
 * checkpoint thread. `set` must outlive the store.
 */
bool store_open(const char *spec, const struct store_set *set,
    struct store **ret, struct err *err) MUST_CHECK;

/*
 * Runs what is queued, ends the threads, closes. All readers must be closed
 * before. NULL is fine.
 */
void store_close(struct store *s);

static inline void
store_close_scoped(struct store **s)
{
	store_close(*s);
}

enum store_engine store_engine_of(const struct store *s);

/* ---- values ---- */

enum store_type {
	STORE_TYPE_NULL,
	STORE_TYPE_INT,
	STORE_TYPE_TEXT,
	STORE_TYPE_BLOB
};

struct store_value {
	enum store_type type;
	int64_t i;      /* STORE_TYPE_INT */
	struct slice s; /* STORE_TYPE_TEXT, STORE_TYPE_BLOB */
};

/*
 * Parameters, in the order of the statement's `-- name:` line:
 *   (struct store_value[]){STORE_INT(body), STORE_TEXT(logon)}
 * An empty text or blob is empty, not NULL.
 */
#define STORE_NULL ((struct store_value){.type = STORE_TYPE_NULL})
#define STORE_INT(v) ((struct store_value){.type = STORE_TYPE_INT, .i = (v)})
#define STORE_TEXT(v) ((struct store_value){.type = STORE_TYPE_TEXT, .s = (v)})
#define STORE_BLOB(v) ((struct store_value){.type = STORE_TYPE_BLOB, .s = (v)})

/* Number of values in an array that is in sight. */
#define STORE_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- rows ---- */

struct store_link;
struct store_prepared;

/*
 * The answer of a query; lives in the caller's frame, its inside is ours.
 * From a query that returned true until store_finish(), the statement, and
 * whatever the parameters point to, belong to it.
 */
struct store_rows {
	struct store_link *link;
	struct store_prepared *prepared;
	void *result;
	int at;
	int count;
	bool is_on_row;
	bool is_stepped; /* the first row is there already */
	struct err err;
};

/* Moves to the next (at first: the first) row; false at the end or on error. */
bool store_next(struct store_rows *rows) MUST_CHECK;

/*
 * Ends the query, at any point; false if a step, or a getter, had failed.
 * A second call does nothing and returns true.
 */
bool store_finish(struct store_rows *rows, struct err *err);

/* For SCOPED(store_rows_drop): ends a query on the way out, drops its error. */
static inline void
store_rows_drop(struct store_rows *rows)
{
	(void)store_finish(rows, NULL);
}

/* For `SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;` */
#define STORE_ROWS_INIT                                                        \
	{                                                                      \
		.link = NULL                                                   \
	}

/*
 * Columns of the row, from 0 (<folder>.sql.h has names for the numbers).
 * NULL reads as 0, or as SLICE_NONE. Another type than asked for fails the
 * query with ERR_CORRUPT. Bytes live until the next store_next() or
 * store_finish(). SQL's boolean reads as 0 or 1.
 */
int64_t store_int(struct store_rows *rows, unsigned column);
struct slice store_text(struct store_rows *rows, unsigned column);
struct slice store_blob(struct store_rows *rows, unsigned column);
bool store_is_null(struct store_rows *rows, unsigned column);

/* ---- readers ---- */

/* A connection that cannot write. One thread at a time: one per thread. */
struct store_reader;

bool store_reader_open(
    struct store *s, struct store_reader **ret, struct err *err) MUST_CHECK;
void store_reader_close(struct store_reader *r);

static inline void
store_reader_close_scoped(struct store_reader **r)
{
	store_reader_close(*r);
}

/*
 * Starts a query; on true, end it with store_finish(). n must be what the
 * statement declares. One statement cannot be open twice in one reader, so a
 * fiber does not wait between a query and its finish.
 * ERR_LOST: PostgreSQL went away; the next call connects again.
 */
bool store_query(struct store_reader *r, store_id id,
    const struct store_value *params, size_t n, struct store_rows *ret,
    struct err *err) MUST_CHECK;

/*
 * The same for the one row that must be there: on true it stands on that row,
 * and store_finish() ends it. ERR_NOT_FOUND when there is none.
 */
bool store_query_one(struct store_reader *r, store_id id,
    const struct store_value *params, size_t n, struct store_rows *ret,
    struct err *err) MUST_CHECK;

/*
 * Several queries on one snapshot, and cheaper. Keep it short. No nesting.
 * Rows must be finished before the end. When a query in between failed with
 * ERR_LOST the batch is over, and the end is still to be called.
 */
bool store_reader_begin(struct store_reader *r, struct err *err) MUST_CHECK;
void store_reader_end(struct store_reader *r);

/*
 * For a thread that does its work in rounds, on SQLite, where a transaction of
 * its own makes a query cost twice as much: from gather on, a query outside of
 * a batch begins a snapshot for all that follow, until the next settle. Settle
 * at the end of each round, and wherever what was just written must be seen.
 * All rows are finished then.
 */
void store_reader_gather(struct store_reader *r);
void store_reader_settle(struct store_reader *r);

/* Prepares every statement that reads, and checks its declared columns. */
bool store_reader_check(struct store_reader *r, struct err *err) MUST_CHECK;

/* ---- the writer ---- */

/* A job's part of the group's transaction; only inside run(). */
struct store_tx;

/* More jobs than this waiting: ERR_BUSY. */
#define STORE_QUEUE_MAX 1024

/*
 * One change. Belongs to the store from store_submit() until done() is called.
 * run: in the writer thread. Must not wait for anything. Returning false, or
 *      any failed step, rolls back this job alone. May be run only once.
 * done: in the writer thread, once the group is durable (err.code ERR_NONE) or
 *      with the error. May free the job, or submit another; must not wait.
 *
 * ERR_CONFLICT: unique or foreign key. ERR_INPUT: NOT NULL, CHECK, bad text.
 * ERR_FULL: no space left. ERR_BUSY: another program holds the database.
 * ERR_LOST: PostgreSQL went away. The answer to a COMMIT may be what was lost,
 *      so the change may be there: look before doing it again. Nothing is
 *      ever run a second time by the store itself.
 */
struct store_job {
	bool (*run)(struct store_tx *tx, void *arg, struct err *err);
	void (*done)(struct store_job *job);
	void *arg;
	struct err err; /* result, set before done() */
	/* inside */
	struct store_job *next;
	bool has_failed;
};

/* Queues a job; on false it was not taken and done() will not be called. */
bool store_submit(
    struct store *s, struct store_job *job, struct err *err) MUST_CHECK;

/*
 * Submits and waits: command line, import, tests. Waits for a place in the
 * queue too. Never from the writer's own thread, never from an event thread.
 */
bool store_write_now(struct store *s,
    bool (*run)(struct store_tx *tx, void *arg, struct err *err), void *arg,
    struct err *err) MUST_CHECK;

/* One INSERT, UPDATE or DELETE. ret_changed (may be NULL): number of rows. */
bool
store_run(struct store_tx *tx, store_id id, const struct store_value *params,
    size_t n, int64_t *ret_changed, struct err *err) MUST_CHECK;

/*
 * The same for many rows: PostgreSQL's answer may be read later, so an error
 * shows in a later call or when the job ends. For imports: some 10,000 rows a
 * job, in the order of the key.
 */
bool store_run_bulk(struct store_tx *tx, store_id id,
    const struct store_value *params, size_t n, struct err *err) MUST_CHECK;

/* As store_query(), seeing what the transaction did; also for RETURNING. */
bool store_tx_query(struct store_tx *tx, store_id id,
    const struct store_value *params, size_t n, struct store_rows *ret,
    struct err *err) MUST_CHECK;
bool store_tx_query_one(struct store_tx *tx, store_id id,
    const struct store_value *params, size_t n, struct store_rows *ret,
    struct err *err) MUST_CHECK;

/* Prepares every statement on the writer's connection; for tests. */
bool store_writer_check(struct store *s, struct err *err) MUST_CHECK;

/* ---- faults and figures ---- */

/*
 * Fault tests: the nth step from now (1 is the next; a statement, BEGIN,
 * SAVEPOINT, COMMIT, in readers and writer) fails once with ERR_SYSTEM.
 * 0 turns it off and steps are not counted. Returns how many were counted
 * since the last call (arm it with ULONG_MAX to count).
 */
unsigned long store_fail_at(struct store *s, unsigned long nth);

struct store_figures {
	uint64_t groups; /* transactions of the writer */
	uint64_t jobs;
	uint64_t failed;    /* jobs */
	uint64_t waiting;   /* jobs in the queue now */
	uint64_t connects;  /* connections made, PostgreSQL's again included */
	uint64_t wal_pages; /* SQLite: pages in the write-ahead log */
};

void store_figures_get(struct store *s, struct store_figures *ret);

#endif
