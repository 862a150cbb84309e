/*
 * Inside the store: a link is one connection with its prepared statements,
 * whatever the engine. An engine is a table of functions.
 * A link is used by one thread at a time.
 */
#ifndef STORE_LINK_H
#define STORE_LINK_H

#include <stdatomic.h>

#include "store/store.h"

enum { LINK_MODULES_MAX = 64, LINK_VALUES_MAX = 64 };

enum link_role { LINK_READER, LINK_WRITER, LINK_MIGRATION };

enum link_control {
	LINK_BEGIN_READ,
	LINK_END_READ, /* PostgreSQL's answer is read later */
	LINK_BEGIN,
	LINK_SAVEPOINT,   /* read later */
	LINK_RELEASE,     /* read later */
	LINK_RELEASE_NOW, /* and tells what went wrong before it */
	LINK_ROLLBACK_TO, /* and releases */
	LINK_COMMIT,
	LINK_ROLLBACK,
	LINK_CONTROLS
};

struct checkpoint;

/* The test hook of store_fail_at(); any thread. */
struct link_faults {
	atomic_ulong nth;
	atomic_ulong made;
};

/* Engines put theirs behind it. */
struct store_prepared {
	const struct store_statement *statement;
	const char *module;
	bool is_open; /* a query is not finished */
};

struct link_slot {
	const struct store_module *module;
	struct store_prepared **prepared; /* by position, NULL until used */
};

struct engine {
	enum store_engine dialect;
	/* Allocates a link and connects. */
	bool (*open)(const char *spec, enum link_role role,
	    struct store_link **ret, struct err *err);
	void (*close)(struct store_link *link);
	/* Connects again where the connection was lost; else does nothing. */
	bool (*revive)(struct store_link *link, struct err *err);
	bool (*is_lost)(const struct store_link *link);
	/* A transaction that BEGIN opened is still there. */
	bool (*has_transaction)(const struct store_link *link);
	bool (*control)(
	    struct store_link *link, enum link_control what, struct err *err);
	/* Several statements, for migrations. */
	bool (*script)(
	    struct store_link *link, const char *text, struct err *err);
	bool (*prepare)(struct store_link *link, store_id id,
	    const struct store_statement *st, struct store_prepared **ret,
	    struct err *err);
	void (*drop)(struct store_prepared *p);
	/* Runs up to the first row. On true rows are filled in. */
	bool (*query)(struct store_link *link, struct store_prepared *p,
	    const struct store_value *params, struct store_rows *rows,
	    struct err *err);
	/* ret_changed NULL and is_later: the answer may be read later. */
	bool (*run)(struct store_link *link, struct store_prepared *p,
	    const struct store_value *params, bool is_later,
	    int64_t *ret_changed, struct err *err);
	bool (*next)(struct store_rows *rows);
	bool (*value)(
	    struct store_rows *rows, unsigned column, struct store_value *ret);
	void (*finish)(struct store_rows *rows);
	/* NULL where there is nothing to do beside. */
	bool (*checkpoint_open)(
	    const char *spec, struct checkpoint **ret, struct err *err);
	/* Tells the checkpoint of the writer's pages. */
	void (*watch)(struct store_link *writer, struct checkpoint *c);
};

extern const struct engine engine_sqlite;
extern const struct engine engine_postgresql;

struct store_link {
	const struct engine *engine;
	struct link_faults *faults; /* may be NULL */
	atomic_ullong *connects;    /* figure; may be NULL */
	enum link_role role;
	bool is_in_batch; /* a transaction of the caller's is open */
	bool is_gathering; /* the next query opens one for those after it */
	bool is_gathered;  /* it did */
	struct link_slot slots[LINK_MODULES_MAX];
};

/* ERR_INPUT when no engine has such a spec. */
bool link_engine_of(
    const char *spec, const struct engine **ret, struct err *err) MUST_CHECK;

/* Opens, and registers the store's own module and the set's. */
bool
link_open(const char *spec, enum link_role role, const struct store_set *set,
    struct link_faults *faults, atomic_ullong *connects,
    struct store_link **ret, struct err *err) MUST_CHECK;
void link_close(struct store_link *link);

/* Drops all prepared statements: the connection is gone. */
void link_forget(struct store_link *link);

/* Counts a step; true when this one is to fail, with *err filled. */
bool link_is_failing(struct store_link *link, struct err *err);

bool link_control(struct store_link *link, enum link_control what,
    struct err *err) MUST_CHECK;

/* For the way out: a rollback whose failure changes nothing any more. */
void link_undo(struct store_link *link, enum link_control what);

bool link_query(struct store_link *link, store_id id,
    const struct store_value *params, size_t n, struct store_rows *ret,
    struct err *err) MUST_CHECK;
bool link_query_one(struct store_link *link, store_id id,
    const struct store_value *params, size_t n, struct store_rows *ret,
    struct err *err) MUST_CHECK;
bool
link_run(struct store_link *link, store_id id, const struct store_value *params,
    size_t n, bool is_later, int64_t *ret_changed, struct err *err) MUST_CHECK;

/* Prepares all, or only those that read. */
bool link_check(
    struct store_link *link, bool with_writes, struct err *err) MUST_CHECK;

/* Texts must be UTF-8 without NUL, and there must be room for them. */
bool link_values_check(const struct store_prepared *p,
    const struct store_value *params, struct err *err) MUST_CHECK;

/* Puts *from into rows->err if that is the first; returns false. */
bool link_rows_fail(struct store_rows *rows, const struct err *from);

#endif
