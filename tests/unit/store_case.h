/*
 * Cases of the store, each on both engines, with two tables of its own.
 * PostgreSQL: FUMIKURA_TEST_PG names a cluster where databases may be made
 * (tools/pg-for-tests.sh makes one); without it those cases are skipped.
 */
#ifndef TESTS_STORE_CASE_H
#define TESTS_STORE_CASE_H

#include "store_fixture.h"
#include "test.sql.h"

enum { OWN_MIGRATIONS = 2 };
extern const struct store_module *const own_modules[];
extern const struct store_migration own_migrations[OWN_MIGRATIONS];

/* The first of the migrations: test_row, test_child. */
extern const struct store_set own_set;

struct store_case {
	const char *name;
	void (*run)(struct fixture *f); /* prepared; it opens it itself */
};

int run_store_cases(const struct store_case *cases, size_t n);

bool
add_row(struct store_tx *tx, int64_t id, const char *name, struct err *err);
bool add_one(struct store_tx *tx, void *arg, struct err *err); /* an id */
int64_t count_rows(struct fixture *f);
bool has_row(struct fixture *f, int64_t id);

#endif
