/* SQLite behind the seam. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "store/checkpoint.h"
#include "store/link.h"

enum {
	APPLICATION_ID = 0x46756d69, /* "Fumi" */
	BUSY_MS = 5000,
	/* Past this the writer itself waits for the log to start anew: under
	 * steady writing the passive checkpoint alone never catches up. */
	WAL_PAGES_MAX = 16384,
	WAL_RESTART_MS = 100,
};

struct sqlite_link {
	struct store_link link;
	sqlite3 *db;
	sqlite3_stmt *controls[LINK_CONTROLS][2];
	struct checkpoint *checkpoint;
	unsigned wal_pages;
};

struct sqlite_prepared {
	struct store_prepared base;
	sqlite3_stmt *stmt;
};

static const char *const control_texts[LINK_CONTROLS][2] = {
    [LINK_BEGIN_READ] = {"BEGIN"},
    [LINK_END_READ] = {"COMMIT"},
    [LINK_BEGIN] = {"BEGIN IMMEDIATE"},
    [LINK_SAVEPOINT] = {"SAVEPOINT job"},
    [LINK_RELEASE] = {"RELEASE job"},
    [LINK_RELEASE_NOW] = {"RELEASE job"},
    [LINK_ROLLBACK_TO] = {"ROLLBACK TO job", "RELEASE job"},
    [LINK_COMMIT] = {"COMMIT"},
    [LINK_ROLLBACK] = {"ROLLBACK"},
};

static enum err_code
code_of(sqlite3 *db, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_CONSTRAINT:
		return rc == SQLITE_CONSTRAINT_UNIQUE ||
			       rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
			       rc == SQLITE_CONSTRAINT_ROWID ||
			       rc == SQLITE_CONSTRAINT_FOREIGNKEY
			   ? ERR_CONFLICT
			   : ERR_INPUT;
	case SQLITE_FULL:
		return ERR_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_CORRUPT;
	case SQLITE_TOOBIG:
		return ERR_LIMIT;
	case SQLITE_IOERR:
		if (sqlite3_system_errno(db) == ENOSPC ||
		    sqlite3_system_errno(db) == EDQUOT)
			return ERR_FULL;
		return ERR_SYSTEM;
	default:
		return ERR_SYSTEM;
	}
}

/* SQLite's messages name tables and columns, never values. */
static bool
failed(sqlite3 *db, struct err *err)
{
	int rc = sqlite3_extended_errcode(db);
	return ERR(
	    err, code_of(db, rc), "SQLite: %s (%d)", sqlite3_errmsg(db), rc);
}

static bool
execute(sqlite3 *db, const char *text, struct err *err)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		return failed(db, err);
	return true;
}

/* The first column of a one-row PRAGMA or SELECT. */
static bool
read_number(sqlite3 *db, const char *text, int64_t *ret, struct err *err)
{
	sqlite3_stmt *st = NULL;
	bool ok = sqlite3_prepare_v2(db, text, -1, &st, NULL) == SQLITE_OK &&
		  sqlite3_step(st) == SQLITE_ROW;
	if (ok)
		*ret = sqlite3_column_int64(st, 0);
	else
		failed(db, err);
	sqlite3_finalize(st);
	return ok;
}

/* Ours, or, for migrations, an empty file that becomes ours. */
static bool
check_owner(sqlite3 *db, enum link_role role, struct err *err)
{
	int64_t id, tables;
	/* In this order: who makes the database sets the id before tables. */
	if (!read_number(
		db, "SELECT count(*) FROM sqlite_schema", &tables, err) ||
	    !read_number(db, "PRAGMA application_id", &id, err))
		return false;
	if (id == APPLICATION_ID)
		return true;
	if (tables == 0 && role == LINK_MIGRATION)
		return execute(db, "PRAGMA application_id = 0x46756d69", err);
	return ERR(err, ERR_INPUT,
	    "this SQLite file is no database of this program: %s",
	    tables == 0 ? "migrate it first" : "it is another's");
}

static bool
set_up(sqlite3 *db, enum link_role role, struct err *err)
{
	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, BUSY_MS);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
	if (!check_owner(db, role, err))
		return false;
	/* journal_mode stays in the file; temporary pages stay in memory. */
	if (!execute(db,
		"PRAGMA journal_mode = WAL;"
		"PRAGMA wal_autocheckpoint = 0;"
		"PRAGMA synchronous = FULL;"
		"PRAGMA foreign_keys = ON;"
		"PRAGMA secure_delete = ON;"
		"PRAGMA cell_size_check = ON;"
		"PRAGMA temp_store = MEMORY;"
		"PRAGMA cache_size = -6144;"
		"PRAGMA journal_size_limit = 67108864;"
		"PRAGMA mmap_size = 0;",
		err))
		return false;
	return role != LINK_READER ||
	       execute(db, "PRAGMA query_only = ON", err);
}

/* Made here, so that it and its companions are 0600 from the beginning. */
static bool
make_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ||
		       ERR_ERRNO(err, errno, "making the database file");
	close(fd);
	return true;
}

/*
 * Once a process, before SQLite's first use. Debian's SQLite has no lookaside:
 * each step asks malloc for its cursors, and counting that memory would make
 * all threads meet at one lock.
 */
static void
configure(void)
{
	must(sqlite3_threadsafe() != 0);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static bool
connect_to(
    const char *spec, enum link_role role, sqlite3 **ret, struct err *err)
{
	const char *path = spec + strlen("sqlite:");
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	(void)pthread_once(&once, configure);
	if (role == LINK_MIGRATION && !make_file(path, err))
		return false;
	if (access(path, F_OK) != 0)
		return errno == ENOENT
			   ? ERR(err, ERR_INPUT,
				 "there is no database file: "
				 "migrate it first")
			   : ERR_ERRNO(err, errno, "the database file");
	sqlite3 *db = NULL;
	if (sqlite3_open_v2(path, &db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
		    SQLITE_OPEN_EXRESCODE,
		NULL) != SQLITE_OK) {
		if (db == NULL)
			ERR(err, ERR_SYSTEM, "no memory");
		else
			failed(db, err);
		sqlite3_close(db);
		return false;
	}
	if (!set_up(db, role, err)) {
		sqlite3_close(db);
		return false;
	}
	*ret = db;
	return true;
}

static bool
sqlite_open(const char *spec, enum link_role role, struct store_link **ret,
    struct err *err)
{
	struct sqlite_link *l = mem_alloc(1, sizeof(*l));
	if (l == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	if (!connect_to(spec, role, &l->db, err)) {
		mem_free(l);
		return false;
	}
	l->link.engine = &engine_sqlite;
	l->link.role = role;
	*ret = &l->link;
	return true;
}

static void
sqlite_link_close(struct store_link *link)
{
	struct sqlite_link *l = (struct sqlite_link *)link;
	for (unsigned i = 0; i < LINK_CONTROLS; i++) {
		sqlite3_finalize(l->controls[i][0]);
		sqlite3_finalize(l->controls[i][1]);
	}
	must(sqlite3_close(l->db) == SQLITE_OK);
	mem_free(l);
}

static bool
sqlite_revive(struct store_link *link, struct err *err)
{
	(void)link;
	(void)err;
	return true;
}

static bool
sqlite_is_lost(const struct store_link *link)
{
	(void)link;
	return false;
}

static bool
sqlite_has_transaction(const struct store_link *link)
{
	return !sqlite3_get_autocommit(((const struct sqlite_link *)link)->db);
}

/* A log that has grown too long starts anew once all readers are past it. */
static void
restart_log(struct sqlite_link *l)
{
	int pages = -1;
	sqlite3_busy_timeout(l->db, WAL_RESTART_MS);
	(void)sqlite3_wal_checkpoint_v2(
	    l->db, NULL, SQLITE_CHECKPOINT_RESTART, &pages, NULL);
	sqlite3_busy_timeout(l->db, BUSY_MS);
}

static bool
sqlite_control(struct store_link *link, enum link_control what, struct err *err)
{
	struct sqlite_link *l = (struct sqlite_link *)link;
	for (unsigned i = 0; i < 2 && control_texts[what][i] != NULL; i++) {
		sqlite3_stmt **st = &l->controls[what][i];
		if (*st == NULL &&
		    sqlite3_prepare_v3(l->db, control_texts[what][i], -1,
			SQLITE_PREPARE_PERSISTENT, st, NULL) != SQLITE_OK)
			return failed(l->db, err);
		bool ok =
		    sqlite3_step(*st) == SQLITE_DONE || failed(l->db, err);
		sqlite3_reset(*st);
		if (!ok)
			return false;
	}
	if (what == LINK_COMMIT && l->wal_pages > WAL_PAGES_MAX)
		restart_log(l);
	return true;
}

static bool
sqlite_script(struct store_link *link, const char *text, struct err *err)
{
	return execute(((struct sqlite_link *)link)->db, text, err);
}

static bool
sqlite_prepare(struct store_link *link, store_id id,
    const struct store_statement *st, struct store_prepared **ret,
    struct err *err)
{
	struct sqlite_link *l = (struct sqlite_link *)link;
	(void)id;
	struct sqlite_prepared *p = mem_alloc(1, sizeof(*p));
	if (p == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	if (sqlite3_prepare_v3(l->db, st->text[STORE_SQLITE], -1,
		SQLITE_PREPARE_PERSISTENT, &p->stmt, NULL) != SQLITE_OK) {
		failed(l->db, err);
		mem_free(p);
		return false;
	}
	int columns = sqlite3_column_count(p->stmt);
	int params = sqlite3_bind_parameter_count(p->stmt);
	if (columns != st->columns || params != st->params) {
		sqlite3_finalize(p->stmt);
		mem_free(p);
		return ERR(err, ERR_SYSTEM,
		    "declares %u parameters, %u "
		    "columns; SQLite finds %d, %d",
		    st->params, st->columns, params, columns);
	}
	*ret = &p->base;
	return true;
}

static void
sqlite_drop(struct store_prepared *p)
{
	sqlite3_finalize(((struct sqlite_prepared *)p)->stmt);
	mem_free(p);
}

static int
bind_one(sqlite3_stmt *st, int at, const struct store_value *v)
{
	switch (v->type) {
	case STORE_TYPE_NULL:
		return sqlite3_bind_null(st, at);
	case STORE_TYPE_INT:
		return sqlite3_bind_int64(st, at, v->i);
	case STORE_TYPE_TEXT:
		return sqlite3_bind_text(st, at, v->s.n == 0 ? "" : v->s.p,
		    (int)v->s.n, SQLITE_STATIC);
	case STORE_TYPE_BLOB:
		if (v->s.n == 0)
			return sqlite3_bind_zeroblob(st, at, 0);
		return sqlite3_bind_blob(
		    st, at, v->s.p, (int)v->s.n, SQLITE_STATIC);
	}
	must(!"a value of no known type");
	return SQLITE_MISUSE;
}

static bool
bind_all(struct sqlite_link *l, struct sqlite_prepared *p,
    const struct store_value *params, struct err *err)
{
	for (int i = 0; i < p->base.statement->params; i++)
		if (bind_one(p->stmt, i + 1, &params[i]) != SQLITE_OK)
			return failed(l->db, err);
	return true;
}

/* Ready for the next use; the caller's bytes are let go. */
static void
put_back(struct sqlite_prepared *p)
{
	sqlite3_reset(p->stmt);
	sqlite3_clear_bindings(p->stmt);
}

static bool
sqlite_query(struct store_link *link, struct store_prepared *prepared,
    const struct store_value *params, struct store_rows *rows, struct err *err)
{
	struct sqlite_link *l = (struct sqlite_link *)link;
	struct sqlite_prepared *p = (struct sqlite_prepared *)prepared;
	if (!bind_all(l, p, params, err)) {
		put_back(p);
		return false;
	}
	int rc = sqlite3_step(p->stmt);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		failed(l->db, err);
		put_back(p);
		return false;
	}
	rows->count = rc == SQLITE_ROW; /* is there a row to stand on */
	rows->is_stepped = true;
	return true;
}

static bool
sqlite_run(struct store_link *link, struct store_prepared *prepared,
    const struct store_value *params, bool is_later, int64_t *ret_changed,
    struct err *err)
{
	struct sqlite_link *l = (struct sqlite_link *)link;
	struct sqlite_prepared *p = (struct sqlite_prepared *)prepared;
	(void)is_later;
	bool ok = bind_all(l, p, params, err);
	if (ok)
		ok = sqlite3_step(p->stmt) == SQLITE_DONE || failed(l->db, err);
	if (ok && ret_changed != NULL)
		*ret_changed = sqlite3_changes64(l->db);
	put_back(p);
	return ok;
}

static bool
sqlite_next(struct store_rows *rows)
{
	struct sqlite_link *l = (struct sqlite_link *)rows->link;
	struct sqlite_prepared *p = (struct sqlite_prepared *)rows->prepared;
	struct err err = ERR_INIT;
	if (rows->is_stepped) {
		rows->is_stepped = false;
		return rows->count > 0;
	}
	if (rows->count == 0)
		return false;
	if (link_is_failing(rows->link, &err))
		return link_rows_fail(rows, &err);
	int rc = sqlite3_step(p->stmt);
	if (rc == SQLITE_ROW)
		return true;
	rows->count = 0;
	if (rc != SQLITE_DONE) {
		failed(l->db, &err);
		link_rows_fail(rows, &err);
	}
	return false;
}

static bool
sqlite_value(struct store_rows *rows, unsigned column, struct store_value *ret)
{
	struct sqlite_prepared *p = (struct sqlite_prepared *)rows->prepared;
	int at = (int)column;
	const void *bytes;
	size_t n;
	switch (sqlite3_column_type(p->stmt, at)) {
	case SQLITE_INTEGER:
		*ret = STORE_INT(sqlite3_column_int64(p->stmt, at));
		return true;
	case SQLITE_TEXT:
		bytes = sqlite3_column_text(p->stmt, at);
		n = (size_t)sqlite3_column_bytes(p->stmt, at);
		*ret = STORE_TEXT(slice_bytes(bytes, n));
		return bytes != NULL;
	case SQLITE_BLOB:
		bytes = sqlite3_column_blob(p->stmt, at);
		n = (size_t)sqlite3_column_bytes(p->stmt, at);
		*ret = STORE_BLOB(slice_bytes(n == 0 ? "" : bytes, n));
		return n == 0 || bytes != NULL;
	case SQLITE_NULL:
		*ret = STORE_NULL;
		return true;
	default: /* a float: no type of ours */
		return false;
	}
}

static void
sqlite_finish(struct store_rows *rows)
{
	put_back((struct sqlite_prepared *)rows->prepared);
}

/* ---- the checkpoint thread's connection ---- */

static void
checkpoint_pass(void *arg)
{
	(void)sqlite3_wal_checkpoint_v2(
	    arg, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static void
checkpoint_drop(void *arg)
{
	sqlite3_close(arg);
}

static bool
sqlite_checkpoint_open(
    const char *spec, struct checkpoint **ret, struct err *err)
{
	sqlite3 *db;
	if (!connect_to(spec, LINK_WRITER, &db, err))
		return false;
	if (!checkpoint_open(checkpoint_pass, checkpoint_drop, db, ret, err)) {
		sqlite3_close(db);
		return false;
	}
	return true;
}

static int
on_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct sqlite_link *l = arg;
	(void)db;
	(void)name;
	l->wal_pages = (unsigned)pages;
	checkpoint_tell(l->checkpoint, l->wal_pages);
	return SQLITE_OK;
}

static void
sqlite_watch(struct store_link *writer, struct checkpoint *c)
{
	struct sqlite_link *l = (struct sqlite_link *)writer;
	l->checkpoint = c;
	(void)sqlite3_wal_hook(l->db, on_wal, l);
}

const struct engine engine_sqlite = {
    .dialect = STORE_SQLITE,
    .open = sqlite_open,
    .close = sqlite_link_close,
    .revive = sqlite_revive,
    .is_lost = sqlite_is_lost,
    .has_transaction = sqlite_has_transaction,
    .control = sqlite_control,
    .script = sqlite_script,
    .prepare = sqlite_prepare,
    .drop = sqlite_drop,
    .query = sqlite_query,
    .run = sqlite_run,
    .next = sqlite_next,
    .value = sqlite_value,
    .finish = sqlite_finish,
    .checkpoint_open = sqlite_checkpoint_open,
    .watch = sqlite_watch,
};
