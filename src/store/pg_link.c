#include "store/pg_link.h"

#include <string.h>

enum { PENDING_MAX = 256 }; /* answers not read yet */

/* ---- errors ---- */

bool
pg_lost(struct pg_link *l, struct err *err)
{
	l->is_lost = true;
	return ERR(err, ERR_LOST, "PostgreSQL: the connection is lost");
}

static enum err_code
code_of(const char *state)
{
	static const struct {
		const char *state; /* its beginning */
		enum err_code code;
	} table[] = {
	    {"23505", ERR_CONFLICT}, /* unique */
	    {"23503", ERR_CONFLICT}, /* foreign key */
	    {"23001", ERR_CONFLICT}, /* restrict */
	    {"23", ERR_INPUT},
	    {"42P01", ERR_INPUT}, /* no such table: not migrated */
	    {"22", ERR_INPUT},
	    {"40", ERR_BUSY}, /* serialization, deadlock */
	    {"53100", ERR_FULL},
	    {"53", ERR_BUSY},
	    {"55P03", ERR_BUSY},
	    {"57014", ERR_BUSY}, /* timeout */
	    {"57P", ERR_LOST},
	    {"25P03", ERR_LOST}, /* idle in transaction */
	    {"08", ERR_LOST},
	    {"54", ERR_LIMIT},
	    {"XX001", ERR_CORRUPT},
	    {"XX002", ERR_CORRUPT},
	};
	for (size_t i = 0; i < STORE_COUNT(table); i++)
		if (strncmp(state, table[i].state, strlen(table[i].state)) == 0)
			return table[i].code;
	return ERR_SYSTEM;
}

/*
 * PostgreSQL's own words may hold values, so only class 42 (about the text of
 * the statement) and 58 (the system) are quoted.
 */
bool
pg_refused(struct pg_link *l, const PGresult *r, struct err *err)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	if (state == NULL)
		return pg_lost(l, err);
	enum err_code code = code_of(state);
	if (code == ERR_LOST)
		l->is_lost = true;
	const char *what = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
	if (what == NULL)
		what = PQresultErrorField(r, PG_DIAG_COLUMN_NAME);
	if (strncmp(state, "42", 2) == 0 || strncmp(state, "58", 2) == 0)
		what = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	return ERR(err, code, "PostgreSQL: SQLSTATE %s%s%.120s", state,
	    what == NULL ? "" : ", ", what == NULL ? "" : what);
}

/* ---- the pipeline ---- */

bool
pg_is_good(const PGresult *r)
{
	ExecStatusType s = PQresultStatus(r);
	return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK;
}

/* Reads one command's answer; *ret (may be NULL) gets a good one. */
static bool
read_answer(struct pg_link *l, PGresult **ret, struct err *err)
{
	PGresult *r = PQgetResult(l->conn);
	if (r == NULL)
		return pg_lost(l, err);
	bool ok = pg_is_good(r);
	if (!ok && PQresultStatus(r) == PGRES_PIPELINE_ABORTED)
		ERR(err, ERR_SYSTEM, "PostgreSQL: skipped after an error");
	else if (!ok)
		pg_refused(l, r, err);
	if (ok && ret != NULL)
		*ret = r;
	else
		PQclear(r);
	r = l->is_lost ? NULL : PQgetResult(l->conn);
	if (r != NULL) {
		PQclear(r);
		pg_lost(l, ok ? err : NULL);
		ok = false;
	}
	return ok;
}

bool
pg_settle(struct pg_link *l, PGresult **ret, struct err *err)
{
	PGresult *last = NULL;
	bool ok = true;
	if (!l->is_synced && PQpipelineSync(l->conn) != 1)
		return pg_lost(l, err);
	while (l->pending > 0 && !l->is_lost) {
		l->pending--;
		PQclear(last);
		last = NULL;
		if (!read_answer(l, &last, ok ? err : NULL))
			ok = false;
	}
	l->is_synced = false;
	l->pending = 0;
	PGresult *r = l->is_lost ? NULL : PQgetResult(l->conn);
	if (PQresultStatus(r) != PGRES_PIPELINE_SYNC) {
		pg_lost(l, ok ? err : NULL);
		ok = false;
	}
	PQclear(r);
	if (!ok || ret == NULL) {
		PQclear(last);
		return ok;
	}
	*ret = last;
	return true;
}

bool
pg_make_room(struct pg_link *l, struct err *err)
{
	if (l->is_lost)
		return pg_lost(l, err);
	if (PQpipelineStatus(l->conn) == PQ_PIPELINE_OFF &&
	    PQenterPipelineMode(l->conn) != 1)
		return pg_lost(l, err);
	if (l->is_synced || l->pending >= PENDING_MAX)
		return pg_settle(l, NULL, err);
	return true;
}

bool
pg_send_text(struct pg_link *l, const char *text, struct err *err)
{
	if (!pg_make_room(l, err))
		return false;
	if (PQsendQueryParams(l->conn, text, 0, NULL, NULL, NULL, NULL, 1) != 1)
		return pg_lost(l, err);
	l->pending++;
	return true;
}

/* ---- connection ---- */

static void
say_nothing(void *arg, const PGresult *r)
{
	(void)arg;
	(void)r;
}

static bool
simple(PGconn *conn, const char *text)
{
	PGresult *r = PQexec(conn, text);
	bool ok = pg_is_good(r);
	PQclear(r);
	return ok;
}

static bool
set_up(PGconn *conn, enum link_role role, struct err *err)
{
	PQsetNoticeReceiver(conn, say_nothing, NULL);
	const char *encoding = PQparameterStatus(conn, "server_encoding");
	if (encoding == NULL || strcmp(encoding, "UTF8") != 0)
		return ERR(err, ERR_INPUT,
		    "PostgreSQL: the database's encoding must be UTF8");
	if (PQserverVersion(conn) < 120000)
		return ERR(err, ERR_INPUT, "PostgreSQL: 12 or newer is needed");
	bool ok =
	    simple(conn, "SET lock_timeout = '5s'") &&
	    simple(conn, "SET idle_in_transaction_session_timeout = '60s'") &&
	    simple(conn, "SELECT set_config('synchronous_commit', 'on', false)"
			 " WHERE current_setting('synchronous_commit')"
			 " = 'off'");
	if (ok && role == LINK_READER)
		ok = simple(conn, "SET default_transaction_read_only = on") &&
		     simple(conn, "SET statement_timeout = '60s'");
	return ok || ERR(err, ERR_LOST, "PostgreSQL: setting up the session");
}

bool
pg_connect(struct pg_link *l, struct err *err)
{
	const char *info = l->spec;
	if (strncmp(info, "postgresql:", 11) == 0 &&
	    strncmp(info, "postgresql://", 13) != 0)
		info += 11; /* host=... dbname=... */
	/* What stands before dbname may be set otherwise by it. */
	const char *const keys[] = {"connect_timeout", "tcp_user_timeout",
	    "application_name", "dbname", "client_encoding", NULL};
	const char *const values[] = {
	    "5", "10000", "fumikura", info, "UTF8", NULL};
	PGconn *conn = PQconnectdbParams(keys, values, 1);
	if (PQstatus(conn) != CONNECTION_OK) {
		const char *why = conn == NULL ? "" : PQerrorMessage(conn);
		ERR(err, ERR_LOST, "PostgreSQL: cannot connect: %.*s",
		    (int)strcspn(why, "\n"), why);
		PQfinish(conn);
		return false;
	}
	if (!set_up(conn, l->link.role, err)) {
		PQfinish(conn);
		return false;
	}
	l->conn = conn;
	l->is_lost = false;
	l->is_synced = false;
	l->pending = 0;
	return true;
}
