/*
 * Goal of this test: a schema is made once and whole, by one program of
 * several, and a database of another schema is refused with words.
 */
#include <pthread.h>

#include "store_case.h"

/* Goal: a schema is made once, and a wrong one is refused with words. */
static void
test_migrate(struct fixture *f)
{
	struct err err = ERR_INIT;
	struct store *s = NULL;
	unsigned done = 9;
	struct store_migration changed[2];
	memcpy(changed, own_migrations, sizeof(changed));
	changed[0].hash = "0f";
	const struct store_set two = {own_modules, 1, own_migrations, 2};
	const struct store_set other = {own_modules, 1, changed, 2};

	must_fail_as(store_open(f->spec, &two, &s, &err), err, ERR_INPUT);
	must_work(store_migrate(f->spec, &own_set, 1, &done, &err), err);
	assert_int_equal(done, 1);
	must_fail_as(store_open(f->spec, &two, &s, &err), err, ERR_INPUT);
	must_work(store_migrate(f->spec, &two, 1, &done, &err), err);
	assert_int_equal(done, 1);
	must_work(store_migrate(f->spec, &two, 1, &done, &err), err);
	assert_int_equal(done, 0);
	must_fail_as(
	    store_migrate(f->spec, &own_set, 1, NULL, &err), err, ERR_INPUT);
	must_fail_as(store_open(f->spec, &own_set, &s, &err), err, ERR_INPUT);
	must_fail_as(store_open(f->spec, &other, &s, &err), err, ERR_INPUT);
	must_fail_as(
	    store_migrate(f->spec, &other, 1, NULL, &err), err, ERR_INPUT);
	assert_null(s);
	fixture_open(f, &two);
}

/* Goal: a migration that fails leaves nothing behind. */
static void
test_migrate_fails(struct fixture *f)
{
	struct err err = ERR_INIT;
	unsigned done;
	struct store_migration broken[2];
	memcpy(broken, own_migrations, sizeof(broken));
	broken[1].text[STORE_SQLITE] = broken[1].text[STORE_POSTGRESQL] =
	    "CREATE TABLE test_more (body BIGINT); CREATE TABLE test_row (x)";
	const struct store_set two = {own_modules, 1, broken, 2};
	const struct store_set good = {own_modules, 1, own_migrations, 2};
	assert_false(store_migrate(f->spec, &two, 1, NULL, &err));
	assert_non_null(strstr(err.text, "migration 0002-more"));
	must_work(store_migrate(f->spec, &good, 1, &done, &err), err);
	assert_int_equal(done, 1);
	fixture_open(f, &good);
}

struct migrator {
	const char *spec;
	unsigned done;
	enum err_code code;
};

static void *
migrate_beside(void *arg)
{
	struct migrator *m = arg;
	struct err err = ERR_INIT;
	(void)!store_migrate(m->spec, &own_set, 1, &m->done, &err);
	m->code = err.code;
	return NULL;
}

/* Goal: of programs that migrate at once one does it, the others are told. */
static void
test_migrate_at_once(struct fixture *f)
{
	enum { PROGRAMS = 6 };
	struct migrator m[PROGRAMS];
	pthread_t threads[PROGRAMS];
	unsigned done = 0;
	for (int i = 0; i < PROGRAMS; i++) {
		m[i] = (struct migrator){.spec = f->spec};
		assert_int_equal(
		    pthread_create(&threads[i], NULL, migrate_beside, &m[i]),
		    0);
	}
	for (int i = 0; i < PROGRAMS; i++) {
		pthread_join(threads[i], NULL);
		assert_true(m[i].code == ERR_NONE || m[i].code == ERR_CONFLICT);
		done += m[i].done;
	}
	assert_int_equal(done, 1);
	fixture_open(f, &own_set);
}

int
main(void)
{
	static const struct store_case cases[] = {
	    {"migrate", test_migrate},
	    {"migrate_fails", test_migrate_fails},
	    {"migrate_at_once", test_migrate_at_once},
	};
	return run_store_cases(cases, STORE_COUNT(cases));
}
