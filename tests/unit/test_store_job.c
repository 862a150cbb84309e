/*
 * Goal of this test: writes are jobs in groups. Each is whole or not at all,
 * none runs twice, and its caller hears what became of it: in a full queue, at
 * the close, when a statement fails, when the server dies.
 */
#include <semaphore.h>

#include "store_case.h"

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

int
main(void)
{
	static const struct store_case cases[] = {
	    {"savepoint", test_savepoint},
	    {"jobs", test_jobs},
	    {"returning", test_returning},
	    {"group", test_group},
	    {"queue", test_queue},
	    {"close", test_close},
	    {"fail_at", test_fail_at},
	    {"killed", test_killed},
	    {"killed_group", test_killed_group},
	    {"lost_commit", test_lost_commit},
	};
	return run_store_cases(cases, STORE_COUNT(cases));
}
