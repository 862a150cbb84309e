/*
 * Goal: every statement of every module prepares on both engines, against the
 * schema that the program ships, with the columns that it declares.
 */
#include "store_fixture.h"

extern const struct store_module people_sql, vault_sql, guard_sql,
    register_sql, procedure_sql;

static void
check(enum store_engine engine)
{
	const struct store_module *const modules[] = {
	    &people_sql, &vault_sql, &guard_sql, &register_sql,
	    &procedure_sql};
	const struct store_set set = {modules, STORE_COUNT(modules),
	    store_migrations, store_migration_count};
	struct err err = ERR_INIT;
	struct fixture f;
	fixture_prepare(&f, engine);
	fixture_open(&f, &set);
	must_work(store_reader_check(f.reader, &err), err);
	must_work(store_writer_check(f.store, &err), err);
	fixture_close(&f);
}

static void
test_sqlite(void **state)
{
	(void)state;
	check(STORE_SQLITE);
}

static void
test_postgresql(void **state)
{
	(void)state;
	check(STORE_POSTGRESQL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sqlite),
	    cmocka_unit_test(test_postgresql),
	};
	return cmocka_run_group_tests_name("statements", tests, NULL, NULL);
}
