/* Long because: it is one list of cases, each run on both engines. */
/*
 * The store, each case on both engines. PostgreSQL: FUMIKURA_TEST_PG names a
 * cluster where databases may be made (tools/pg-for-tests.sh makes one);
 * without it those cases are skipped.
 */
#include "store_fixture.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "test.sql.h"

static const struct store_module *const modules[] = {&test_sql};

#define TEST_TABLES(bigint, blob)                                              \
	"CREATE TABLE test_row (body " bigint " NOT NULL, id " bigint          \
	" NOT NULL, name TEXT NOT NULL, note TEXT, data " blob                 \
	", kind " bigint " NOT NULL DEFAULT 0, PRIMARY KEY (body, id)"         \
	", CHECK (kind < 10));"                                                \
	"CREATE TABLE test_child (body " bigint " NOT NULL, id " bigint        \
	" NOT NULL, row " bigint " NOT NULL, PRIMARY KEY (body, id)"           \
	", FOREIGN KEY (body, row) REFERENCES test_row (body, id));"

static const struct store_migration own_migrations[] = {
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

static const struct store_set own_set = {modules, 1, own_migrations, 1};

/* ---- small helpers ---- */

static bool
add_row(struct store_tx *tx, int64_t id, const char *name, struct err *err)
{
	return store_run(tx, TEST_ROW_ADD,
	    (struct store_value[]){STORE_INT(1), STORE_INT(id),
		STORE_TEXT(slice_of(name)), STORE_NULL, STORE_NULL,
		STORE_INT(0)},
	    6, NULL, err);
}

static bool
add_one(struct store_tx *tx, void *arg, struct err *err)
{
	return add_row(tx, *(int64_t *)arg, "row", err);
}

static int64_t
count_rows(struct fixture *f)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct err err = ERR_INIT;
	must_work(store_query_one(f->reader, TEST_ROW_COUNT,
		      (struct store_value[]){STORE_INT(1)}, 1, &rows, &err),
	    err);
	return store_int(&rows, 0);
}

static bool
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

/* Holds the writer in a job, so that what follows becomes one group. */
struct gate {
	struct store_job job;
	sem_t entered;
	sem_t open;
	sem_t done;
};

static bool
gate_run(struct store_tx *tx, void *arg, struct err *err)
{
	struct gate *g = arg;
	(void)tx;
	(void)err;
	sem_post(&g->entered);
	sem_wait(&g->open);
	return true;
}

static void
gate_done(struct store_job *job)
{
	sem_post(&((struct gate *)job->arg)->done);
}

static void
gate_shut(struct fixture *f, struct gate *g)
{
	struct err err = ERR_INIT;
	sem_init(&g->entered, 0, 0);
	sem_init(&g->open, 0, 0);
	sem_init(&g->done, 0, 0);
	g->job =
	    (struct store_job){.run = gate_run, .done = gate_done, .arg = g};
	must_work(store_submit(f->store, &g->job, &err), err);
	sem_wait(&g->entered);
}

static void
gate_open(struct gate *g)
{
	sem_post(&g->open);
	sem_wait(&g->done);
}

struct adder {
	struct store_job job;
	int64_t id;
	sem_t *done;
};

static void
adder_done(struct store_job *job)
{
	sem_post(((struct adder *)job)->done);
}

static void
adder_init(struct adder *a, int64_t id, sem_t *done)
{
	*a = (struct adder){
	    .job = {.run = add_one, .done = adder_done, .arg = NULL},
	    .id = id,
	    .done = done,
	};
	a->job.arg = &a->id;
}

/* ---- cases ---- */

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
	const struct store_set two = {modules, 1, own_migrations, 2};
	const struct store_set other = {modules, 1, changed, 2};

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
	const struct store_set two = {modules, 1, broken, 2};
	const struct store_set good = {modules, 1, own_migrations, 2};
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

/* Goal: all values come back as they went in. */
static bool
add_values(struct store_tx *tx, void *arg, struct err *err)
{
	return store_run(tx, TEST_ROW_ADD, arg, 6, NULL, err);
}

static void
round_trip(struct fixture *f, int64_t id, struct slice name, struct slice data)
{
	struct err err = ERR_INIT;
	struct store_value row[] = {STORE_INT(1), STORE_INT(id),
	    STORE_TEXT(name), STORE_NULL, STORE_BLOB(data), STORE_INT(-7)};
	must_work(store_write_now(f->store, add_values, row, &err), err);
	struct store_rows rows;
	must_work(
	    store_query_one(f->reader, TEST_ROW_GET, row, 2, &rows, &err), err);
	assert_true(
	    slice_is_equal(store_text(&rows, TEST_ROW_GET__NAME), name));
	assert_true(
	    slice_is_equal(store_blob(&rows, TEST_ROW_GET__DATA), data));
	assert_false(store_is_null(&rows, TEST_ROW_GET__DATA));
	assert_true(store_is_null(&rows, TEST_ROW_GET__NOTE));
	assert_null(store_text(&rows, TEST_ROW_GET__NOTE).p);
	assert_int_equal(store_int(&rows, TEST_ROW_GET__KIND), -7);
	assert_int_equal(store_int(&rows, TEST_ROW_GET__HAS_NOTE), 0);
	assert_false(store_next(&rows));
	must_work(store_finish(&rows, &err), err);
	must_work(store_finish(&rows, &err), err);
}

static void
test_values(struct fixture *f)
{
	fixture_open(f, &own_set);
	static char large[100000];
	memset(large, 'x', sizeof(large));
	round_trip(f, INT64_MAX, SLICE("山田　太郎 𠮷"), SLICE("\0\1\xff\0"));
	round_trip(f, INT64_MIN, SLICE_NONE, SLICE_NONE);
	round_trip(f, 0, slice_bytes(large, sizeof(large)),
	    slice_bytes(large, sizeof(large)));
}

/* Goal: what PostgreSQL would not take, SQLite does not take either. */
static void
test_bad_values(struct fixture *f)
{
	struct err err = ERR_INIT;
	fixture_open(f, &own_set);
	struct store_value row[] = {STORE_INT(1), STORE_INT(1),
	    STORE_TEXT(SLICE("a\0b")), STORE_NULL, STORE_NULL, STORE_INT(0)};
	must_fail_as(
	    store_write_now(f->store, add_values, row, &err), err, ERR_INPUT);
	row[2] = STORE_TEXT(SLICE("\xff\xfe"));
	must_fail_as(
	    store_write_now(f->store, add_values, row, &err), err, ERR_INPUT);
	row[2] = STORE_NULL;
	must_fail_as(
	    store_write_now(f->store, add_values, row, &err), err, ERR_INPUT);
	row[2] = STORE_TEXT(SLICE("fine"));
	row[5] = STORE_INT(10);
	must_fail_as(
	    store_write_now(f->store, add_values, row, &err), err, ERR_INPUT);
	assert_null(strstr(err.text, "fine"));
	assert_int_equal(count_rows(f), 0);
}

/* Goal: a column read as another type is an error, not a guess. */
static void
test_wrong_getter(struct fixture *f)
{
	struct err err = ERR_INIT;
	fixture_open(f, &own_set);
	struct store_rows rows;
	must_work(
	    store_query_one(f->reader, TEST_DIALECT, NULL, 0, &rows, &err),
	    err);
	assert_true(slice_is(store_text(&rows, 0), "it's :mine"));
	assert_int_equal(store_int(&rows, 0), 0);
	assert_false(store_next(&rows));
	must_fail_as(store_finish(&rows, &err), err, ERR_CORRUPT);
	must_work(
	    store_query_one(f->reader, TEST_ENGINE, NULL, 0, &rows, &err), err);
	assert_true(slice_is(store_text(&rows, 0),
	    f->engine == STORE_SQLITE ? "sqlite" : "postgresql"));
	must_work(store_finish(&rows, &err), err);
	assert_int_equal(store_engine_of(f->store), f->engine);
}

static bool
add_some(struct store_tx *tx, void *arg, struct err *err)
{
	static const char *const names[] = {"い", "Z", "a", "あ", "", "亜"};
	(void)arg;
	for (size_t i = 0; i < STORE_COUNT(names); i++)
		if (!add_row(tx, (int64_t)i, names[i], err))
			return false;
	return true;
}

/* Goal: both engines sort by bytes, and a cursor finds where it was. */
static void
test_list(struct fixture *f)
{
	struct err err = ERR_INIT;
	fixture_open(f, &own_set);
	must_work(store_write_now(f->store, add_some, NULL, &err), err);
	char seen[64] = "";
	size_t n = 0;
	char name[16] = "";
	int64_t id = -1;
	for (int page = 0; page < 4; page++) {
		struct store_rows rows;
		char from[16];
		memcpy(from, name, sizeof(from));
		must_work(store_query(f->reader, TEST_ROW_LIST,
			      (struct store_value[]){STORE_INT(1),
				  STORE_TEXT(slice_of(from)), STORE_INT(id),
				  STORE_INT(2)},
			      4, &rows, &err),
		    err);
		while (store_next(&rows)) {
			struct slice s = store_text(&rows, 1);
			id = store_int(&rows, 0);
			memcpy(name, s.p, s.n);
			name[s.n] = '\0';
			n += (size_t)snprintf(
			    seen + n, sizeof(seen) - n, "%s,", name);
		}
		must_work(store_finish(&rows, &err), err);
	}
	assert_string_equal(seen, ",Z,a,あ,い,亜,");
}

/* Goal: of a group, only the job that fails is undone. */
static void
test_savepoint(struct fixture *f)
{
	fixture_open(f, &own_set);
	struct store_figures before, after;
	struct gate g;
	struct adder a[3];
	sem_t done;
	sem_init(&done, 0, 0);
	gate_shut(f, &g);
	store_figures_get(f->store, &before);
	for (int i = 0; i < 3; i++) {
		struct err err = ERR_INIT;
		adder_init(&a[i], i == 1 ? 0 : i, &done);
		must_work(store_submit(f->store, &a[i].job, &err), err);
	}
	gate_open(&g);
	for (int i = 0; i < 3; i++)
		sem_wait(&done);
	assert_int_equal(a[0].job.err.code, ERR_NONE);
	assert_int_equal(a[1].job.err.code, ERR_CONFLICT);
	assert_int_equal(a[2].job.err.code, ERR_NONE);
	store_figures_get(f->store, &after);
	/* The gate's own group, and one for the three. */
	assert_int_equal(after.groups - before.groups, 2);
	assert_int_equal(after.failed - before.failed, 1);
	assert_int_equal(count_rows(f), 2);
}

struct steps {
	enum { IGNORE_ERROR, SAY_NO, CHILD, MISSING, RENAME, LATE } what;
	int64_t changed;
};

static bool
run_steps(struct store_tx *tx, void *arg, struct err *err)
{
	struct steps *s = arg;
	struct store_rows rows;
	const struct store_value two[] = {STORE_INT(1), STORE_INT(99)};
	switch (s->what) {
	case IGNORE_ERROR:
		(void)!add_row(tx, 50, "first", err);
		(void)!add_row(tx, 50, "again", NULL);
		(void)!add_row(tx, 51, "after", NULL);
		return true;
	case SAY_NO:
		return add_row(tx, 60, "no", err) &&
		       ERR(err, ERR_DENIED, "the job's own word");
	case CHILD:
		return store_run(tx, TEST_CHILD_ADD,
		    (struct store_value[]){
			STORE_INT(1), STORE_INT(1), STORE_INT(12345)},
		    3, NULL, err);
	case MISSING:
		if (store_tx_query_one(tx, TEST_ROW_GET, two, 2, &rows, err))
			return ERR(err, ERR_SYSTEM, "it is there");
		return err->code == ERR_NOT_FOUND &&
		       add_row(tx, 70, "made", err);
	case RENAME:
		return store_run(tx, TEST_ROW_RENAME,
		    (struct store_value[]){STORE_INT(1), STORE_INT(70),
			STORE_TEXT(SLICE("renamed"))},
		    3, &s->changed, err);
	case LATE:
		for (int i = 0; i < 3; i++)
			if (!store_run_bulk(tx, TEST_ROW_ADD,
				(struct store_value[]){STORE_INT(1),
				    STORE_INT(80), STORE_TEXT(SLICE("x")),
				    STORE_NULL, STORE_NULL, STORE_INT(0)},
				6, err))
				return false;
		return true;
	}
	return false;
}

static enum err_code
steps_code(struct fixture *f, int what, int64_t *ret_changed)
{
	struct err err = ERR_INIT;
	struct steps s = {.what = what, .changed = -1};
	bool ok = store_write_now(f->store, run_steps, &s, &err);
	assert_int_equal(ok, err.code == ERR_NONE);
	if (ret_changed != NULL)
		*ret_changed = s.changed;
	return err.code;
}

/* Goal: what jobs do right and wrong has the same outcome on both engines. */
static void
test_jobs(struct fixture *f)
{
	int64_t changed;
	fixture_open(f, &own_set);
	assert_int_equal(steps_code(f, IGNORE_ERROR, NULL), ERR_CONFLICT);
	assert_int_equal(steps_code(f, SAY_NO, NULL), ERR_DENIED);
	assert_int_equal(steps_code(f, CHILD, NULL), ERR_CONFLICT);
	assert_int_equal(steps_code(f, LATE, NULL), ERR_CONFLICT);
	assert_int_equal(count_rows(f), 0);
	assert_int_equal(steps_code(f, RENAME, &changed), ERR_NONE);
	assert_int_equal(changed, 0);
	assert_int_equal(steps_code(f, MISSING, NULL), ERR_NONE);
	assert_int_equal(steps_code(f, RENAME, &changed), ERR_NONE);
	assert_int_equal(changed, 1);
	assert_int_equal(count_rows(f), 1);
}

static bool
add_returning(struct store_tx *tx, void *arg, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_tx_query_one(tx, TEST_ROW_RETURN,
		(struct store_value[]){
		    STORE_INT(1), STORE_INT(5), STORE_TEXT(SLICE("back"))},
		3, &rows, err))
		return false;
	*(int64_t *)arg = store_int(&rows, 0);
	return store_finish(&rows, err);
}

static void
test_returning(struct fixture *f)
{
	struct err err = ERR_INIT;
	int64_t id = 0;
	fixture_open(f, &own_set);
	must_work(store_write_now(f->store, add_returning, &id, &err), err);
	assert_int_equal(id, 5);
	must_fail_as(store_write_now(f->store, add_returning, &id, &err), err,
	    ERR_CONFLICT);
}

/* Goal: five hundred jobs cost one commit. */
static void
test_group(struct fixture *f)
{
	enum { JOBS = 500 };
	static struct adder a[JOBS];
	struct store_figures before, after;
	struct gate g;
	sem_t done;
	fixture_open(f, &own_set);
	sem_init(&done, 0, 0);
	gate_shut(f, &g);
	store_figures_get(f->store, &before);
	for (int i = 0; i < JOBS; i++) {
		struct err err = ERR_INIT;
		adder_init(&a[i], i, &done);
		must_work(store_submit(f->store, &a[i].job, &err), err);
	}
	gate_open(&g);
	for (int i = 0; i < JOBS; i++)
		sem_wait(&done);
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(a[i].job.err.code, ERR_NONE);
	store_figures_get(f->store, &after);
	assert_int_equal(after.groups - before.groups, 2);
	assert_int_equal(count_rows(f), JOBS);
}

/* Goal: the queue has an end, at its cap and not before. */
static void
test_queue(struct fixture *f)
{
	static struct adder a[STORE_QUEUE_MAX + 1];
	struct err err = ERR_INIT;
	struct gate g;
	sem_t done;
	fixture_open(f, &own_set);
	sem_init(&done, 0, 0);
	gate_shut(f, &g);
	for (int i = 0; i <= STORE_QUEUE_MAX; i++)
		adder_init(&a[i], i, &done);
	for (int i = 0; i < STORE_QUEUE_MAX; i++)
		must_work(store_submit(f->store, &a[i].job, &err), err);
	must_fail_as(store_submit(f->store, &a[STORE_QUEUE_MAX].job, &err), err,
	    ERR_BUSY);
	gate_open(&g);
	for (int i = 0; i < STORE_QUEUE_MAX; i++)
		sem_wait(&done);
	assert_int_equal(count_rows(f), STORE_QUEUE_MAX);
}

/* Goal: what is queued when the store closes is done. */
static void
test_close(struct fixture *f)
{
	struct adder a[20];
	struct err err = ERR_INIT;
	sem_t done;
	fixture_open(f, &own_set);
	sem_init(&done, 0, 0);
	for (int i = 0; i < 20; i++) {
		adder_init(&a[i], i, &done);
		must_work(store_submit(f->store, &a[i].job, &err), err);
	}
	store_reader_close(f->reader);
	store_close(f->store);
	for (int i = 0; i < 20; i++)
		assert_int_equal(sem_trywait(&done), 0);
	fixture_open(f, &own_set);
	assert_int_equal(count_rows(f), 20);
}

/* Goal: a batch of reads sees one moment. */
static void
test_batch(struct fixture *f)
{
	struct err err = ERR_INIT;
	int64_t id = 1;
	fixture_open(f, &own_set);
	must_work(store_reader_begin(f->reader, &err), err);
	assert_int_equal(count_rows(f), 0);
	must_work(store_write_now(f->store, add_one, &id, &err), err);
	assert_int_equal(count_rows(f), 0);
	assert_false(has_row(f, 1));
	store_reader_end(f->reader);
	assert_int_equal(count_rows(f), 1);
	must_work(store_reader_begin(f->reader, &err), err);
	store_reader_end(f->reader);
	assert_true(has_row(f, 1));
}

/* Goal: whichever step fails, what is told is what happened. */
static void
test_fail_at(struct fixture *f)
{
	enum { JOBS = 3, STEPS_MAX = 64 };
	struct err err = ERR_INIT;
	unsigned long nth;
	fixture_open(f, &own_set);
	for (nth = 1; nth < STEPS_MAX; nth++) {
		struct adder a[JOBS];
		struct gate g;
		sem_t done;
		sem_init(&done, 0, 0);
		gate_shut(f, &g);
		for (int i = 0; i < JOBS; i++) {
			adder_init(&a[i], (int64_t)nth * JOBS + i, &done);
			must_work(store_submit(f->store, &a[i].job, &err), err);
		}
		store_fail_at(f->store, nth);
		gate_open(&g);
		for (int i = 0; i < JOBS; i++)
			sem_wait(&done);
		int good = 0;
		unsigned long made = store_fail_at(f->store, 0);
		for (int i = 0; i < JOBS; i++) {
			bool is_good = a[i].job.err.code == ERR_NONE;
			assert_int_equal(has_row(f, a[i].id), is_good);
			good += is_good;
		}
		/* Past the last step: nothing was hit. */
		if (made < nth) {
			assert_int_equal(good, JOBS);
			assert_int_equal(g.job.err.code, ERR_NONE);
			break;
		}
	}
	assert_in_range(nth, 10, STEPS_MAX - 1);
	store_fail_at(f->store, 1);
	struct store_rows rows;
	must_fail_as(
	    store_query_one(f->reader, TEST_ENGINE, NULL, 0, &rows, &err), err,
	    ERR_SYSTEM);
	must_work(
	    store_query_one(f->reader, TEST_ENGINE, NULL, 0, &rows, &err), err);
	must_work(store_finish(&rows, &err), err);
}

/* Goal: whichever allocation fails, nothing leaks and nothing is half open. */
static void
test_no_memory(struct fixture *f)
{
	struct err err = ERR_INIT;
	must_work(store_migrate(f->spec, &own_set, 1, NULL, &err), err);
	for (unsigned long nth = 1;; nth++) {
		assert_true(nth < 200);
		mem_fail_at(nth);
		bool ok = store_open(f->spec, &own_set, &f->store, &err);
		if (ok)
			ok = store_reader_open(f->store, &f->reader, &err);
		if (ok)
			ok = store_reader_check(f->reader, &err);
		mem_fail_at(0);
		if (ok)
			break;
		assert_int_equal(err.code, ERR_SYSTEM);
		store_reader_close(f->reader);
		store_close(f->store);
		f->reader = NULL;
		f->store = NULL;
	}
}

/* Goal: every declared statement is what it declares. */
static void
test_check(struct fixture *f)
{
	struct err err = ERR_INIT;
	fixture_open(f, &own_set);
	must_work(store_reader_check(f->reader, &err), err);
	must_work(store_writer_check(f->store, &err), err);
}

struct reading {
	struct store *store;
	int found;
};

static void *
read_many(void *arg)
{
	struct reading *me = arg;
	struct store_reader *r = NULL;
	struct err err = ERR_INIT;
	if (!store_reader_open(me->store, &r, &err))
		return NULL;
	for (int i = 0; i < 300; i++) {
		struct store_rows rows;
		if (store_query_one(r, TEST_ROW_COUNT,
			(struct store_value[]){STORE_INT(1)}, 1, &rows, &err) &&
		    store_finish(&rows, &err))
			me->found++;
	}
	store_reader_close(r);
	return NULL;
}

/* Goal: readers and the writer run beside each other. */
static void
test_threads(struct fixture *f)
{
	enum { THREADS = 4 };
	pthread_t threads[THREADS];
	struct reading readings[THREADS];
	struct err err = ERR_INIT;
	fixture_open(f, &own_set);
	for (int i = 0; i < THREADS; i++) {
		readings[i] = (struct reading){.store = f->store};
		assert_int_equal(
		    pthread_create(&threads[i], NULL, read_many, &readings[i]),
		    0);
	}
	for (int64_t id = 0; id < 200; id++)
		must_work(store_write_now(f->store, add_one, &id, &err), err);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(readings[i].found, 300);
	}
	assert_int_equal(count_rows(f), 200);
}

/* ---- SQLite alone ---- */

static bool
fill(struct store_tx *tx, void *arg, struct err *err)
{
	static char large[60000];
	int64_t *id = arg;
	++*id;
	return store_run(tx, TEST_ROW_ADD,
	    (struct store_value[]){STORE_INT(1), STORE_INT(*id),
		STORE_TEXT(SLICE("large")), STORE_NULL,
		STORE_BLOB(slice_bytes(large, sizeof(large))), STORE_INT(0)},
	    6, NULL, err);
}

/* Goal: a full disk is told as such; what was durable stays readable. */
static void
test_full(struct fixture *f)
{
	struct err err = ERR_INIT;
	int64_t id = 0;
	if (f->engine != STORE_SQLITE ||
	    mount("none", f->folder, "tmpfs", 0, "size=2m") != 0)
		skip();
	fixture_open(f, &own_set);
	while (id < 1000 && store_write_now(f->store, fill, &id, &err))
		;
	bool is_full = err.code == ERR_FULL;
	int64_t kept = count_rows(f);
	store_reader_close(f->reader);
	store_close(f->store);
	f->reader = NULL;
	f->store = NULL;
	struct store_rows rows;
	bool ok = store_open(f->spec, &own_set, &f->store, &err) &&
		  store_reader_open(f->store, &f->reader, &err);
	if (ok) {
		ok = store_query_one(f->reader, TEST_ROW_COUNT,
		    (struct store_value[]){STORE_INT(1)}, 1, &rows, &err);
		ok = ok && store_int(&rows, 0) == kept;
		store_finish(&rows, NULL);
	}
	store_reader_close(f->reader);
	store_close(f->store);
	f->reader = NULL;
	f->store = NULL;
	umount2(f->folder, MNT_DETACH);
	assert_true(is_full);
	assert_int_equal(kept, id - 1);
	must_work(ok, err);
}

/* Goal: the file is nobody else's, in both senses. */
static void
test_file(struct fixture *f)
{
	struct err err = ERR_INIT;
	struct stat st;
	struct store *s = NULL;
	char path[128];
	if (f->engine != STORE_SQLITE)
		skip();
	fixture_open(f, &own_set);
	static const char *const files[] = {"", "-wal", "-shm"};
	for (size_t i = 0; i < STORE_COUNT(files); i++) {
		snprintf(
		    path, sizeof(path), "%s/store.db%s", f->folder, files[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	snprintf(path, sizeof(path), "sqlite:%s/none.db", f->folder);
	must_fail_as(store_open(path, &own_set, &s, &err), err, ERR_INPUT);
	must_fail_as(store_open("mysql:x", &own_set, &s, &err), err, ERR_INPUT);
	must_fail_as(store_open("sqlite:", &own_set, &s, &err), err, ERR_INPUT);
	snprintf(path, sizeof(path), "%s/other.db", f->folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("this is not a database at all, whatever its name says", file);
	fclose(file);
	char spec[160];
	snprintf(spec, sizeof(spec), "sqlite:%s", path);
	must_fail_as(
	    store_migrate(spec, &own_set, 1, NULL, &err), err, ERR_CORRUPT);
	unlink(path);
}

/* ---- PostgreSQL alone ---- */

static void
kill_all(struct fixture *f)
{
	char text[256];
	snprintf(text, sizeof(text),
	    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
	    "WHERE datname = '%s'",
	    f->name);
	fixture_admin("postgres", text);
}

static bool
killed_between(struct store_tx *tx, void *arg, struct err *err)
{
	if (!add_row(tx, 1000, "before", err))
		return false;
	kill_all(arg);
	return add_row(tx, 1001, "after", err);
}

/* Goal: a server that goes away costs what was under way, nothing else. */
static void
test_killed(struct fixture *f)
{
	struct err err = ERR_INIT;
	int64_t id = 1;
	if (f->engine != STORE_POSTGRESQL)
		skip();
	fixture_open(f, &own_set);
	must_fail_as(
	    store_write_now(f->store, killed_between, f, &err), err, ERR_LOST);
	must_work(store_write_now(f->store, add_one, &id, &err), err);
	assert_int_equal(count_rows(f), 1);
	/* Between two groups nobody notices. */
	kill_all(f);
	id = 2;
	must_work(store_write_now(f->store, add_one, &id, &err), err);
	assert_int_equal(count_rows(f), 2);
	/* A batch that loses its snapshot does not go on with another. */
	must_work(store_reader_begin(f->reader, &err), err);
	assert_int_equal(count_rows(f), 2);
	kill_all(f);
	struct store_rows rows;
	must_fail_as(
	    store_query_one(f->reader, TEST_ENGINE, NULL, 0, &rows, &err), err,
	    ERR_LOST);
	store_reader_end(f->reader);
	assert_int_equal(count_rows(f), 2);
}

/* Goal: a group whose connection dies takes all its jobs, and none twice. */
static void
test_killed_group(struct fixture *f)
{
	struct err err = ERR_INIT;
	struct adder a[3];
	struct gate g;
	sem_t done;
	if (f->engine != STORE_POSTGRESQL)
		skip();
	fixture_open(f, &own_set);
	sem_init(&done, 0, 0);
	gate_shut(f, &g);
	for (int i = 0; i < 3; i++)
		adder_init(&a[i], i, &done);
	a[1].job.run = killed_between;
	a[1].job.arg = f;
	for (int i = 0; i < 3; i++)
		must_work(store_submit(f->store, &a[i].job, &err), err);
	gate_open(&g);
	for (int i = 0; i < 3; i++)
		sem_wait(&done);
	for (int i = 0; i < 3; i++)
		assert_int_equal(a[i].job.err.code, ERR_LOST);
	assert_int_equal(count_rows(f), 0);
}

/* Goal: when COMMIT's own answer is lost, the caller hears of the doubt. */
static void
test_lost_commit(struct fixture *f)
{
	struct err err = ERR_INIT;
	int64_t id = 1;
	if (f->engine != STORE_POSTGRESQL)
		skip();
	fixture_open(f, &own_set);
	fixture_admin(f->name,
	    "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ "
	    "BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); "
	    "PERFORM pg_sleep(5); RETURN NULL; END $$; "
	    "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON test_row "
	    "DEFERRABLE INITIALLY DEFERRED "
	    "FOR EACH ROW EXECUTE FUNCTION die()");
	must_fail_as(
	    store_write_now(f->store, add_one, &id, &err), err, ERR_LOST);
	assert_non_null(strstr(err.text, "look before doing it again"));
	fixture_admin(f->name, "DROP TRIGGER die ON test_row");
	must_work(store_write_now(f->store, add_one, &id, &err), err);
	assert_int_equal(count_rows(f), 1);
}

/* ---- */

typedef void case_fn(struct fixture *f);

struct row {
	const char *name;
	case_fn *run;
};

static const struct row rows_of_cases[] = {
    {"migrate", test_migrate},
    {"migrate_fails", test_migrate_fails},
    {"migrate_at_once", test_migrate_at_once},
    {"values", test_values},
    {"bad_values", test_bad_values},
    {"wrong_getter", test_wrong_getter},
    {"list", test_list},
    {"savepoint", test_savepoint},
    {"jobs", test_jobs},
    {"returning", test_returning},
    {"group", test_group},
    {"queue", test_queue},
    {"close", test_close},
    {"batch", test_batch},
    {"fail_at", test_fail_at},
    {"no_memory", test_no_memory},
    {"check", test_check},
    {"threads", test_threads},
    {"full", test_full},
    {"file", test_file},
    {"killed", test_killed},
    {"killed_group", test_killed_group},
    {"lost_commit", test_lost_commit},
};

struct run {
	const struct row *row;
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
main(void)
{
	enum { CASES = STORE_COUNT(rows_of_cases) };
	static struct run runs[CASES * STORE_ENGINES];
	static char names[CASES * STORE_ENGINES][48];
	static struct CMUnitTest tests[CASES * STORE_ENGINES];
	for (size_t i = 0; i < CASES * STORE_ENGINES; i++) {
		runs[i].row = &rows_of_cases[i / STORE_ENGINES];
		runs[i].engine = (enum store_engine)(i % STORE_ENGINES);
		snprintf(names[i], sizeof(names[i]), "%s/%s", runs[i].row->name,
		    runs[i].engine == STORE_SQLITE ? "sqlite" : "postgresql");
		tests[i] = (struct CMUnitTest){.name = names[i],
		    .test_func = run_case,
		    .teardown_func = end_case,
		    .initial_state = &runs[i]};
	}
	return _cmocka_run_group_tests(
	    "store", tests, STORE_COUNT(tests), NULL, NULL);
}
