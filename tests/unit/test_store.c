/*
 * Goal of this test: what is written is read again, alike on both engines and
 * by several readers at once; what one engine would refuse, neither takes.
 */
#include <limits.h>
#include <pthread.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "store_case.h"

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

int
main(void)
{
	static const struct store_case cases[] = {
	    {"values", test_values},
	    {"bad_values", test_bad_values},
	    {"wrong_getter", test_wrong_getter},
	    {"list", test_list},
	    {"batch", test_batch},
	    {"no_memory", test_no_memory},
	    {"check", test_check},
	    {"threads", test_threads},
	    {"full", test_full},
	    {"file", test_file},
	};
	return run_store_cases(cases, STORE_COUNT(cases));
}
