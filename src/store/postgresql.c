/* PostgreSQL behind the seam: binary values, named statements. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/num.h"
#include "store/pg_link.h"

enum {
	RETRY_US = 1000000, /* after a refused connection */

	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_NAME = 19,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_BPCHAR = 1042,
	OID_VARCHAR = 1043,
};

struct pg_prepared {
	struct store_prepared base;
	char name[16];
	Oid params[LINK_VALUES_MAX];
	Oid columns[LINK_VALUES_MAX];
};

static const char *const control_texts[LINK_CONTROLS][2] = {
    [LINK_BEGIN_READ] = {"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
    [LINK_END_READ] = {"COMMIT"},
    [LINK_BEGIN] = {"BEGIN"},
    [LINK_SAVEPOINT] = {"SAVEPOINT job"},
    [LINK_RELEASE] = {"RELEASE SAVEPOINT job"},
    [LINK_RELEASE_NOW] = {"RELEASE SAVEPOINT job"},
    [LINK_ROLLBACK_TO] = {"ROLLBACK TO SAVEPOINT job", "RELEASE SAVEPOINT job"},
    [LINK_COMMIT] = {"COMMIT"},
    [LINK_ROLLBACK] = {"ROLLBACK"},
};

/* ---- connection ---- */

static bool
pg_open(const char *spec, enum link_role role, struct store_link **ret,
    struct err *err)
{
	size_t n = strlen(spec);
	struct pg_link *l = mem_alloc(1, sizeof(*l) + n + 1);
	if (l == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	memcpy(l->spec, spec, n);
	l->link.engine = &engine_postgresql;
	l->link.role = role;
	if (!pg_connect(l, err)) {
		mem_wipe(l->spec, n);
		mem_free(l);
		return false;
	}
	*ret = &l->link;
	return true;
}

static void
pg_close(struct store_link *link)
{
	struct pg_link *l = (struct pg_link *)link;
	PQfinish(l->conn);
	mem_wipe(l->spec, strlen(l->spec)); /* may hold a password */
	mem_free(l);
}

static bool
pg_is_lost(const struct store_link *link)
{
	return ((const struct pg_link *)link)->is_lost;
}

static bool
pg_revive(struct store_link *link, struct err *err)
{
	struct pg_link *l = (struct pg_link *)link;
	if (!l->is_lost)
		return true;
	link_forget(link);
	PQfinish(l->conn);
	l->conn = NULL;
	/* A server that is down must not cost each caller a time-out. */
	if (l->refused_at != 0 && clock_monotonic() - l->refused_at < RETRY_US)
		return ERR(err, ERR_LOST, "PostgreSQL: not reachable");
	if (!pg_connect(l, err)) {
		l->refused_at = clock_monotonic();
		return false;
	}
	l->refused_at = 0;
	if (link->connects != NULL)
		atomic_fetch_add(link->connects, 1);
	return true;
}

static bool
pg_has_transaction(const struct store_link *link)
{
	return !pg_is_lost(link);
}

static bool
committed(struct pg_link *l, struct err *err)
{
	PGresult *r = NULL;
	if (!pg_settle(l, &r, err)) {
		if (l->is_lost)
			ERR(err, ERR_LOST,
			    "PostgreSQL went away before it "
			    "answered COMMIT: the change may be there, look "
			    "before doing it again");
		return false;
	}
	/* A transaction that an error had spoilt answers ROLLBACK. */
	bool ok = strcmp(PQcmdStatus(r), "COMMIT") == 0;
	PQclear(r);
	return ok ||
	       ERR(err, ERR_SYSTEM, "PostgreSQL rolled the transaction back");
}

static bool
pg_control(struct store_link *link, enum link_control what, struct err *err)
{
	struct pg_link *l = (struct pg_link *)link;
	bool is_late = what == LINK_SAVEPOINT || what == LINK_RELEASE ||
		       what == LINK_BEGIN_READ;
	if (what == LINK_ROLLBACK_TO || what == LINK_ROLLBACK)
		/* What came before has failed and was told, or does not
		 * matter any more. */
		if (l->pending > 0 && !l->is_lost)
			(void)pg_settle(l, NULL, NULL);
	for (unsigned i = 0; i < 2 && control_texts[what][i] != NULL; i++)
		if (!pg_send_text(l, control_texts[what][i], err))
			return false;
	if (is_late)
		return true;
	if (what == LINK_COMMIT)
		return committed(l, err);
	if (what != LINK_END_READ)
		return pg_settle(l, NULL, err);
	if (PQpipelineSync(l->conn) != 1)
		return pg_lost(l, err);
	l->is_synced = true;
	return true;
}

static bool
pg_script(struct store_link *link, const char *text, struct err *err)
{
	struct pg_link *l = (struct pg_link *)link;
	must(link->role == LINK_MIGRATION);
	/* Statements that were prepared need the pipeline, scripts none. */
	if (PQpipelineStatus(l->conn) != PQ_PIPELINE_OFF &&
	    PQexitPipelineMode(l->conn) != 1)
		return pg_lost(l, err);
	PGresult *r = PQexec(l->conn, text);
	bool ok = pg_is_good(r) || pg_refused(l, r, err);
	PQclear(r);
	return ok;
}

/* ---- statements ---- */

static bool
is_text(Oid type)
{
	return type == OID_TEXT || type == OID_VARCHAR || type == OID_BPCHAR ||
	       type == OID_NAME;
}

static bool
is_int(Oid type)
{
	return type == OID_INT8 || type == OID_INT4 || type == OID_INT2 ||
	       type == OID_BOOL;
}

static bool
learn_types(struct pg_prepared *p, const PGresult *r,
    const struct store_statement *st, struct err *err)
{
	if (PQnparams(r) != st->params || PQnfields(r) != st->columns)
		return ERR(err, ERR_SYSTEM,
		    "declares %u parameters, %u "
		    "columns; PostgreSQL finds %d, %d",
		    st->params, st->columns, PQnparams(r), PQnfields(r));
	for (int i = 0; i < st->params; i++) {
		p->params[i] = PQparamtype(r, i);
		if (!is_text(p->params[i]) && !is_int(p->params[i]) &&
		    p->params[i] != OID_BYTEA)
			return ERR(err, ERR_SYSTEM,
			    "parameter %d has type "
			    "%u: cast it to BIGINT, TEXT or BYTEA",
			    i + 1, p->params[i]);
	}
	for (int i = 0; i < st->columns; i++) {
		p->columns[i] = PQftype(r, i);
		if (!is_text(p->columns[i]) && !is_int(p->columns[i]) &&
		    p->columns[i] != OID_BYTEA)
			return ERR(err, ERR_SYSTEM,
			    "column %d has type %u: "
			    "cast it to BIGINT, TEXT or BYTEA",
			    i + 1, p->columns[i]);
	}
	return true;
}

static bool
pg_prepare(struct store_link *link, store_id id,
    const struct store_statement *st, struct store_prepared **ret,
    struct err *err)
{
	struct pg_link *l = (struct pg_link *)link;
	if (!pg_make_room(l, err))
		return false;
	struct pg_prepared *p = mem_alloc(1, sizeof(*p));
	if (p == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	(void)snprintf(p->name, sizeof(p->name), "f%x", id);
	PGresult *r = NULL;
	bool ok = PQsendPrepare(l->conn, p->name, st->text[STORE_POSTGRESQL], 0,
		      NULL) == 1 &&
		  PQsendDescribePrepared(l->conn, p->name) == 1;
	if (!ok)
		pg_lost(l, err);
	l->pending += 2;
	ok = ok && pg_settle(l, &r, err) && learn_types(p, r, st, err);
	PQclear(r);
	if (!ok) {
		mem_free(p);
		return false;
	}
	*ret = &p->base;
	return true;
}

static void
pg_drop(struct store_prepared *p)
{
	mem_free(p);
}

/* The parameters in PostgreSQL's binary form. */
struct wire {
	const char *values[LINK_VALUES_MAX];
	int lengths[LINK_VALUES_MAX];
	int formats[LINK_VALUES_MAX];
	char numbers[LINK_VALUES_MAX][8];
};

static bool
put_int(struct wire *w, unsigned i, Oid type, int64_t v)
{
	w->values[i] = w->numbers[i];
	switch (type) {
	case OID_INT8:
		num_put_be64(w->numbers[i], (uint64_t)v);
		w->lengths[i] = 8;
		return true;
	case OID_INT4:
		num_put_be32(w->numbers[i], (uint32_t)v);
		w->lengths[i] = 4;
		return v >= INT32_MIN && v <= INT32_MAX;
	case OID_INT2:
		num_put_be16(w->numbers[i], (uint16_t)v);
		w->lengths[i] = 2;
		return v >= INT16_MIN && v <= INT16_MAX;
	case OID_BOOL:
		w->numbers[i][0] = (char)v;
		w->lengths[i] = 1;
		return v == 0 || v == 1;
	default:
		return false;
	}
}

static bool
put_values(const struct pg_prepared *p, const struct store_value *params,
    struct wire *w, struct err *err)
{
	for (unsigned i = 0; i < p->base.statement->params; i++) {
		const struct store_value *v = &params[i];
		bool ok = true;
		w->formats[i] = 1;
		w->lengths[i] = 0;
		w->values[i] = NULL;
		if (v->type == STORE_TYPE_INT)
			ok = put_int(w, i, p->params[i], v->i);
		else if (v->type != STORE_TYPE_NULL) {
			ok = v->type == STORE_TYPE_BLOB
				 ? p->params[i] == OID_BYTEA
				 : is_text(p->params[i]);
			w->values[i] = v->s.n == 0 ? "" : v->s.p;
			w->lengths[i] = (int)v->s.n;
		}
		if (!ok)
			return ERR(err, ERR_INPUT,
			    "parameter %u has another type", i + 1);
	}
	return true;
}

static bool
send_prepared(struct pg_link *l, const struct pg_prepared *p,
    const struct store_value *params, struct err *err)
{
	struct wire w;
	if (!put_values(p, params, &w, err) || !pg_make_room(l, err))
		return false;
	if (PQsendQueryPrepared(l->conn, p->name, p->base.statement->params,
		w.values, w.lengths, w.formats, 1) != 1)
		return pg_lost(l, err);
	l->pending++;
	return true;
}

static bool
pg_query(struct store_link *link, struct store_prepared *p,
    const struct store_value *params, struct store_rows *rows, struct err *err)
{
	struct pg_link *l = (struct pg_link *)link;
	PGresult *r;
	if (!send_prepared(l, (struct pg_prepared *)p, params, err) ||
	    !pg_settle(l, &r, err))
		return false;
	rows->result = r;
	rows->count = PQntuples(r);
	rows->at = -1;
	return true;
}

static bool
pg_run(struct store_link *link, struct store_prepared *p,
    const struct store_value *params, bool is_later, int64_t *ret_changed,
    struct err *err)
{
	struct pg_link *l = (struct pg_link *)link;
	PGresult *r;
	if (!send_prepared(l, (struct pg_prepared *)p, params, err))
		return false;
	if (is_later)
		return true;
	if (!pg_settle(l, &r, err))
		return false;
	uint64_t n = 0;
	bool ok = num_read_u64(slice_of(PQcmdTuples(r)), INT64_MAX, &n);
	PQclear(r);
	if (ok && ret_changed != NULL)
		*ret_changed = (int64_t)n;
	return ok || ERR(err, ERR_SYSTEM, "PostgreSQL tells no number of rows");
}

static bool
pg_next(struct store_rows *rows)
{
	if (rows->at + 1 >= rows->count)
		return false;
	rows->at++;
	return true;
}

static bool
pg_value(struct store_rows *rows, unsigned column, struct store_value *ret)
{
	const struct pg_prepared *p =
	    (const struct pg_prepared *)rows->prepared;
	const PGresult *r = rows->result;
	int c = (int)column;
	*ret = STORE_NULL;
	if (PQgetisnull(r, rows->at, c))
		return true;
	const char *bytes = PQgetvalue(r, rows->at, c);
	size_t n = (size_t)PQgetlength(r, rows->at, c);
	switch (p->columns[column]) {
	case OID_INT8:
		must(n == 8);
		*ret = STORE_INT((int64_t)num_be64(bytes));
		return true;
	case OID_INT4:
		must(n == 4);
		*ret = STORE_INT((int32_t)num_be32(bytes));
		return true;
	case OID_INT2:
		must(n == 2);
		*ret = STORE_INT((int16_t)num_be16(bytes));
		return true;
	case OID_BOOL:
		must(n == 1);
		*ret = STORE_INT(bytes[0]);
		return true;
	case OID_BYTEA:
		*ret = STORE_BLOB(slice_bytes(bytes, n));
		return true;
	default:
		*ret = STORE_TEXT(slice_bytes(bytes, n));
		return true;
	}
}

static void
pg_finish(struct store_rows *rows)
{
	PQclear(rows->result);
	rows->result = NULL;
}

const struct engine engine_postgresql = {
    .dialect = STORE_POSTGRESQL,
    .open = pg_open,
    .close = pg_close,
    .revive = pg_revive,
    .is_lost = pg_is_lost,
    .has_transaction = pg_has_transaction,
    .control = pg_control,
    .script = pg_script,
    .prepare = pg_prepare,
    .drop = pg_drop,
    .query = pg_query,
    .run = pg_run,
    .next = pg_next,
    .value = pg_value,
    .finish = pg_finish,
};
