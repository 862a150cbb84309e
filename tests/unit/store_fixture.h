/*
 * A store on a fresh database, for tests: SQLite in a temporary folder, or
 * PostgreSQL in a database of its own beside FUMIKURA_TEST_PG (a conninfo).
 */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store.h"

struct fixture {
	enum store_engine engine;
	char folder[64];
	char name[64];
	char spec[512];
	const struct store_set *set;
	struct store *store;
	struct store_reader *reader;
};

/* Fails the test with the error's words. */
#define must_work(call, err)                                                   \
	do {                                                                   \
		if (!(call))                                                   \
			fail_msg("%s: %s (%d, %s:%d)", #call, (err).text,      \
			    (int)(err).code, (err).file, (err).line);          \
	} while (0)

#define must_fail_as(call, err, want)                                          \
	do {                                                                   \
		assert_false(call);                                            \
		if ((err).code != (want))                                      \
			fail_msg("%s: code %d, not %s: %s", #call,             \
			    (int)(err).code, #want, (err).text);               \
	} while (0)

/* Runs a command beside the store, as the database's administrator. */
static inline void
fixture_admin(const char *database, const char *text)
{
	char info[512];
	snprintf(info, sizeof(info), "%s dbname=%s", getenv("FUMIKURA_TEST_PG"),
	    database);
	PGconn *conn = PQconnectdb(info);
	if (PQstatus(conn) != CONNECTION_OK)
		fail_msg("%s", PQerrorMessage(conn));
	PGresult *r = PQexec(conn, text);
	if (PQresultStatus(r) != PGRES_COMMAND_OK &&
	    PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", text, PQerrorMessage(conn));
	PQclear(r);
	PQfinish(conn);
}

/* Skips the test where there is no PostgreSQL. */
static inline void
fixture_prepare(struct fixture *f, enum store_engine engine)
{
	static int number;
	char text[128];
	memset(f, 0, sizeof(*f));
	f->engine = engine;
	if (engine == STORE_SQLITE) {
		snprintf(
		    f->folder, sizeof(f->folder), "/tmp/fumikura-store-XXXXXX");
		assert_non_null(mkdtemp(f->folder));
		snprintf(
		    f->spec, sizeof(f->spec), "sqlite:%s/store.db", f->folder);
		return;
	}
	if (getenv("FUMIKURA_TEST_PG") == NULL)
		skip();
	snprintf(f->name, sizeof(f->name), "fumikura_test_%d_%d", getpid(),
	    ++number);
	snprintf(text, sizeof(text), "CREATE DATABASE %s", f->name);
	fixture_admin("postgres", text);
	snprintf(f->spec, sizeof(f->spec), "postgresql:%s dbname=%s",
	    getenv("FUMIKURA_TEST_PG"), f->name);
}

static inline void
fixture_open(struct fixture *f, const struct store_set *set)
{
	struct err err = ERR_INIT;
	f->set = set;
	must_work(store_migrate(f->spec, set, 1, NULL, &err), err);
	must_work(store_open(f->spec, set, &f->store, &err), err);
	must_work(store_reader_open(f->store, &f->reader, &err), err);
}

static inline void
fixture_close(struct fixture *f)
{
	char text[128];
	store_reader_close(f->reader);
	store_close(f->store);
	if (f->engine == STORE_SQLITE) {
		static const char *const files[] = {"", "-wal", "-shm"};
		for (size_t i = 0; i < 3; i++) {
			snprintf(text, sizeof(text), "%s/store.db%s", f->folder,
			    files[i]);
			unlink(text);
		}
		assert_int_equal(rmdir(f->folder), 0);
		return;
	}
	snprintf(text, sizeof(text), "DROP DATABASE %s WITH (FORCE)", f->name);
	fixture_admin("postgres", text);
}

#endif
