/*
 * Figures of the store: point reads, batches of reads, bulk import, grouped
 * commits. Not a test: prints what it measures.
 *
 *   store_load SPEC [ROWS]     the database is migrated, and filled
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "store/store.h"
#include "test.sql.h"

enum { CHUNK = 10000, BATCH = 20 };

static const struct store_module *const modules[] = {&test_sql};

#define TABLE(integer, blob)                                                   \
	"CREATE TABLE test_row (body " integer " NOT NULL, id " integer        \
	" NOT NULL, name TEXT NOT NULL, note TEXT, data " blob                 \
	", kind " integer " NOT NULL DEFAULT 0, PRIMARY KEY (body, id));"      \
	"CREATE TABLE test_child (body " integer ", id " integer               \
	", row " integer ")"

static const struct store_migration migrations[] = {{
    .version = 1,
    .name = "load",
    .hash = "01",
    .text[STORE_SQLITE] = TABLE("INTEGER", "BLOB"),
    .text[STORE_POSTGRESQL] = TABLE("BIGINT", "BYTEA"),
}};

static const struct store_set set = {modules, 1, migrations, 1};

static void
need(bool ok, const struct err *err)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", err->text);
	exit(1);
}

static double
since(instant from)
{
	return (double)(clock_monotonic() - from) / SECOND_US;
}

/* Of this thread: what other programs do counts little. */
static double
cpu_us(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

struct chunk {
	int64_t first;
	int64_t count;
	size_t bytes; /* of data a row */
	int64_t body;
};

static bool
fill(struct store_tx *tx, void *arg, struct err *err)
{
	static const char data[4096];
	struct chunk *c = arg;
	for (int64_t i = c->first; i < c->first + c->count; i++)
		if (!store_run_bulk(tx, TEST_ROW_ADD,
			(struct store_value[]){STORE_INT(c->body), STORE_INT(i),
			    STORE_TEXT(SLICE("a name")), STORE_NULL,
			    STORE_BLOB(slice_bytes(data, c->bytes)),
			    STORE_INT(0)},
			6, err))
			return false;
	return true;
}

static void
import(struct store *s, int64_t body, int64_t rows, size_t bytes)
{
	struct err err = ERR_INIT;
	instant from = clock_monotonic();
	for (int64_t i = 0; i < rows; i += CHUNK) {
		struct chunk c = {i, CHUNK, bytes, body};
		need(store_write_now(s, fill, &c, &err), &err);
	}
	double t = since(from);
	printf("import, %4zu bytes a row: %8.0f rows/s\n", bytes,
	    (double)rows / t);
}

static int64_t
read_one(struct store_reader *r, int64_t id)
{
	struct err err = ERR_INIT;
	struct store_rows rows;
	need(store_query_one(r, TEST_ROW_GET,
		 (struct store_value[]){STORE_INT(2), STORE_INT(id)}, 2, &rows,
		 &err),
	    &err);
	int64_t n = (int64_t)store_blob(&rows, TEST_ROW_GET__DATA).n;
	need(store_finish(&rows, &err), &err);
	return n;
}

static void
reads(struct store *s, int64_t rows)
{
	enum { READS = 200000 };
	struct store_reader *r = NULL;
	struct err err = ERR_INIT;
	uint64_t x = 88172645463325252U;
	need(store_reader_open(s, &r, &err), &err);
	for (int round = 0; round < 2; round++) {
		instant from = clock_monotonic();
		double cpu = cpu_us();
		for (int i = 0; i < READS; i++) {
			if (round == 1 && i % BATCH == 0)
				need(store_reader_begin(r, &err), &err);
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			(void)read_one(r, (int64_t)(x % (uint64_t)rows));
			if (round == 1 && i % BATCH == BATCH - 1)
				store_reader_end(r);
		}
		printf("point reads of 1 KiB, %s: %6.2f us, %6.2f of CPU\n",
		    round == 0 ? "one by one" : "in batches",
		    since(from) / READS * 1e6, (cpu_us() - cpu) / READS);
	}
	store_reader_close(r);
}

struct worker {
	pthread_t thread;
	struct store *store;
	int64_t body;
	int64_t done;
};

static bool
add(struct store_tx *tx, void *arg, struct err *err)
{
	struct worker *w = arg;
	return store_run(tx, TEST_ROW_ADD,
	    (struct store_value[]){STORE_INT(w->body), STORE_INT(w->done),
		STORE_TEXT(SLICE("a name")), STORE_NULL, STORE_NULL,
		STORE_INT(0)},
	    6, NULL, err);
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct err err = ERR_INIT;
	instant from = clock_monotonic();
	while (since(from) < 3) {
		need(store_write_now(w->store, add, w, &err), &err);
		w->done++;
	}
	return NULL;
}

static void
writes(struct store *s, int threads)
{
	static struct worker workers[128];
	static int64_t body = 1000;
	struct store_figures before, after;
	int64_t done = 0;
	store_figures_get(s, &before);
	for (int i = 0; i < threads; i++) {
		workers[i] = (struct worker){.store = s, .body = body++};
		if (pthread_create(
			&workers[i].thread, NULL, work, &workers[i]) != 0)
			exit(1);
	}
	for (int i = 0; i < threads; i++) {
		pthread_join(workers[i].thread, NULL);
		done += workers[i].done;
	}
	store_figures_get(s, &after);
	printf("durable jobs, %3d callers: %8.0f jobs/s, %.1f jobs a commit\n",
	    threads, (double)done / 3,
	    (double)done / (double)(after.groups - before.groups));
}

int
main(int argc, char **argv)
{
	struct store *s = NULL;
	struct err err = ERR_INIT;
	if (argc < 2) {
		fprintf(stderr, "usage: store_load SPEC [ROWS]\n");
		return 2;
	}
	int64_t rows = argc > 2 ? strtoll(argv[2], NULL, 10) : 300000;
	need(store_migrate(argv[1], &set, 1, NULL, &err), &err);
	need(store_open(argv[1], &set, &s, &err), &err);
	import(s, 1, rows, 16);
	import(s, 2, rows, 1024);
	reads(s, rows);
	writes(s, 1);
	writes(s, 16);
	writes(s, 64);
	struct store_figures f;
	store_figures_get(s, &f);
	printf("pages in the log at the end: %llu\n",
	    (unsigned long long)f.wal_pages);
	store_close(s);
	return 0;
}
