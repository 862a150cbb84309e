#include "store_case.h"

#include "base/must.h"

const struct store_module *const own_modules[] = {&test_sql};

#define TEST_TABLES(bigint, blob)                                              \
	"CREATE TABLE test_row (body " bigint " NOT NULL, id " bigint          \
	" NOT NULL, name TEXT NOT NULL, note TEXT, data " blob                 \
	", kind " bigint " NOT NULL DEFAULT 0, PRIMARY KEY (body, id)"         \
	", CHECK (kind < 10));"                                                \
	"CREATE TABLE test_child (body " bigint " NOT NULL, id " bigint        \
	" NOT NULL, row " bigint " NOT NULL, PRIMARY KEY (body, id)"           \
	", FOREIGN KEY (body, row) REFERENCES test_row (body, id));"

const struct store_migration own_migrations[OWN_MIGRATIONS] = {
    {
	.version = 1,
	.name = "test",
	.hash = "01",
	.text[STORE_SQLITE] = TEST_TABLES("INTEGER", "BLOB"),
	.text[STORE_POSTGRESQL] = TEST_TABLES("BIGINT", "BYTEA"),
    },
    {
	.version = 2,
	.name = "more",
	.hash = "02",
	.text[STORE_SQLITE] = "CREATE TABLE test_more (body INTEGER)",
	.text[STORE_POSTGRESQL] = "CREATE TABLE test_more (body BIGINT)",
    },
};

const struct store_set own_set = {own_modules, 1, own_migrations, 1};

bool
add_row(struct store_tx *tx, int64_t id, const char *name, struct err *err)
{
	return store_run(tx, TEST_ROW_ADD,
	    (struct store_value[]){STORE_INT(1), STORE_INT(id),
		STORE_TEXT(slice_of(name)), STORE_NULL, STORE_NULL,
		STORE_INT(0)},
	    6, NULL, err);
}

bool
add_one(struct store_tx *tx, void *arg, struct err *err)
{
	return add_row(tx, *(int64_t *)arg, "row", err);
}

int64_t
count_rows(struct fixture *f)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct err err = ERR_INIT;
	must_work(store_query_one(f->reader, TEST_ROW_COUNT,
		      (struct store_value[]){STORE_INT(1)}, 1, &rows, &err),
	    err);
	return store_int(&rows, 0);
}

bool
has_row(struct fixture *f, int64_t id)
{
	struct store_rows rows;
	struct err err = ERR_INIT;
	bool there = store_query_one(f->reader, TEST_ROW_GET,
	    (struct store_value[]){STORE_INT(1), STORE_INT(id)}, 2, &rows,
	    &err);
	if (!there)
		assert_int_equal(err.code, ERR_NOT_FOUND);
	store_finish(&rows, NULL);
	return there;
}

struct run {
	const struct store_case *row;
	enum store_engine engine;
	struct fixture fixture;
	bool is_prepared;
};

static void
run_case(void **state)
{
	struct run *r = *state;
	fixture_prepare(&r->fixture, r->engine);
	r->is_prepared = true;
	r->row->run(&r->fixture);
}

static int
end_case(void **state)
{
	struct run *r = *state;
	if (r->is_prepared)
		fixture_close(&r->fixture);
	return 0;
}

int
run_store_cases(const struct store_case *cases, size_t n)
{
	enum { CASES_MAX = 32 };
	static struct run runs[CASES_MAX * STORE_ENGINES];
	static char names[CASES_MAX * STORE_ENGINES][48];
	static struct CMUnitTest tests[CASES_MAX * STORE_ENGINES];
	must(n <= CASES_MAX);
	for (size_t i = 0; i < n * STORE_ENGINES; i++) {
		runs[i].row = &cases[i / STORE_ENGINES];
		runs[i].engine = (enum store_engine)(i % STORE_ENGINES);
		snprintf(names[i], sizeof(names[i]), "%s/%s", runs[i].row->name,
		    runs[i].engine == STORE_SQLITE ? "sqlite" : "postgresql");
		tests[i] = (struct CMUnitTest){.name = names[i],
		    .test_func = run_case,
		    .teardown_func = end_case,
		    .initial_state = &runs[i]};
	}
	return _cmocka_run_group_tests(
	    "store", tests, n * STORE_ENGINES, NULL, NULL);
}
