/*
 * Goal of this test: a CSV is taken in whole or not at all, whatever fails
 * and whenever; nobody sees half of it; each problem is told with its row and
 * column; what was typed is stored byte for byte and found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "vault/intake.h"
#include "vault/invent.h"
#include "vault_rig.h"

extern const struct store_module vault_sql;

#define HEADER                                                                 \
	"氏名,氏名カナ,生年月日,住所,宛名番号,世帯番号,性別,電話番号,備考"
#define HANAKO                                                                 \
	"髙﨑　花子,タカサキ　ハナコ,S35.1.2,"                    \
	"沖縄市美里1-2-3,1000000001,1,女,,"
#define TARO                                                                   \
	"佐藤　太郎,サトウ　タロウ,H2.3.4,沖縄市美里1-2-4,1000000002,2,男,,"

static struct import_job
job_of(struct vault_rig *rig, struct slice csv)
{
	return (struct import_job){.store = rig->store,
	    .holding = &rig_residents,
	    .keyring = &rig->keyring,
	    .csv = csv,
	    .now = RIG_NOW};
}

static int64_t
persons(struct vault_rig *rig)
{
	int64_t n = -1;
	assert_ok(rig,
	    holding_count(rig->reader, RIG_BODY, RIG_HOLDING, &n, &rig->err));
	return n;
}

static size_t
listed(struct vault_rig *rig, struct store_reader *r)
{
	struct record_row rows[RECORD_PAGE_MAX];
	size_t n;
	assert_ok(rig, record_page(r, RIG_BODY, RIG_HOLDING, 0, true,
			   RECORD_PAGE_MAX, rig->arena, rows, &n, &rig->err));
	return n;
}

/* By its name: the header with the numbers is the vault's own. */
static store_id
statement(const char *name)
{
	for (unsigned i = 0; i < vault_sql.count; i++)
		if (strcmp(vault_sql.statements[i].name, name) == 0)
			return vault_sql.number << 8 | i;
	fail_msg("no statement %s", name);
	return 0;
}

static bool
has_running(struct vault_rig *rig)
{
	struct store_rows rows;
	assert_ok(rig, store_query(rig->reader, statement("import_running"),
			   NULL, 0, &rows, &rig->err));
	bool has = store_next(&rows);
	assert_ok(rig, store_finish(&rows, &rig->err));
	return has;
}

static struct invent
people(void)
{
	return (struct invent){
	    .seed = 7, .municipality = SLICE("沖縄市"), .today = {2026, 10, 2}};
}

static void
make_csv(struct vault_rig *rig, uint64_t n, struct buf *to)
{
	struct invent in = people();
	assert_ok(rig,
	    invent_csv(&in, &rig_residents, 0, n, TEXT_UTF8, to, &rig->err));
}

/* Every record is there as it was invented, and found by its number. */
static void
check_people(struct vault_rig *rig, const struct import_report *report,
    uint64_t n, uint64_t step)
{
	struct invent in = people();
	struct slice got[HOLDING_ITEMS_MAX], want[HOLDING_ITEMS_MAX];
	uint64_t found[TERM_FOUND_MAX];
	struct record_row row;
	assert_int_equal(report->rows, n);
	assert_int_equal(persons(rig), n);
	for (uint64_t i = 0; i < n; i += step) {
		struct invented who;
		invent_person(&in, i, rig->arena, &who);
		invent_values(&in, &rig_residents, &who, rig->arena, want);
		assert_true(rig_open_record(rig, report->first + i, got, &row));
		for (size_t k = 0; k < rig_residents.n_items; k++)
			assert_true(slice_is_equal(got[k], want[k]));
		assert_int_equal(
		    rig_find(rig, "number", who.number.p, found), 1);
		assert_int_equal(found[0], report->first + i);
	}
	assert_false(rig_open_record(rig, report->first + n, got, &row));
}

/* More than a batch, and more than a transaction. */
static void
many(struct vault_rig *rig)
{
	enum { N = 4 * INTAKE_BATCH + 3 };
	struct buf csv = buf_of(8 * 1024 * 1024);
	struct import_report report;
	_Atomic uint32_t progress = 0;
	make_csv(rig, N, &csv);
	struct import_job job = job_of(rig, slice_bytes(csv.p, csv.n));
	job.progress = &progress;
	assert_ok(rig, import_run(&job, rig->arena, &report, &rig->err));
	assert_int_equal(progress, N);
	assert_false(has_running(rig));
	check_people(rig, &report, N, 41);
	/* a second one does not disturb the first */
	assert_ok(rig, import_run(&job, rig->arena, &report, &rig->err));
	assert_int_equal(persons(rig), 2 * N);
	buf_close(&csv);
}

static void
encodings(struct vault_rig *rig)
{
	static const char text[] = HEADER "\r\n" HANAKO "\r\n" TARO "\r\n\r\n";
	struct buf cp932 = buf_of(4096), bom = buf_of(4096);
	struct slice values[HOLDING_ITEMS_MAX];
	struct import_report report;
	struct record_row row;
	assert_ok(rig, text_to_cp932(slice_of(text), &cp932, NULL, &rig->err));
	buf_add_str(&bom, "\xef\xbb\xbf" HEADER "\n" HANAKO "\n" TARO);
	const struct slice files[] = {slice_of(text),
	    slice_bytes(cp932.p, cp932.n), slice_bytes(bom.p, bom.n)};
	for (size_t i = 0; i < 3; i++) {
		struct import_job job = job_of(rig, files[i]);
		assert_ok(
		    rig, import_run(&job, rig->arena, &report, &rig->err));
		assert_int_equal(report.rows, 2);
		assert_int_equal(report.is_cp932, i == 1);
		assert_true(rig_open_record(rig, report.first, values, &row));
		assert_true(slice_is(values[0], "髙﨑　花子"));
		assert_true(slice_is(values[2], "S35.1.2"));
		assert_null(values[7].p);
	}
	buf_close(&cp932);
	buf_close(&bom);
}

/* Columns by a map of the caller's, and by the items' ids in another order. */
static void
mapped(struct vault_rig *rig)
{
	struct slice values[HOLDING_ITEMS_MAX];
	struct import_report report;
	struct record_row row;
	struct import_map map = {.n = 3, .items = {4, IMPORT_PASS, 0}};
	struct import_job job =
	    job_of(rig, SLICE("番号,年齢,なまえ\n77,50,佐藤　花子\n"));
	job.map = &map;
	assert_ok(rig, import_run(&job, rig->arena, &report, &rig->err));
	assert_true(rig_open_record(rig, report.first, values, &row));
	assert_true(slice_is(values[0], "佐藤　花子"));
	assert_true(slice_is(values[4], "77"));
	map.n = 4;
	assert_false(import_run(&job, rig->arena, &report, &rig->err));
	assert_int_equal(report.problems[0].fault, VALUE_ROW_LENGTH);
	map = (struct import_map){.n = 3, .items = {0, 1, 60}};
	assert_false(import_run(&job, rig->arena, &report, &rig->err));
	assert_int_equal(report.problems[0].fault, VALUE_COLUMN_UNKNOWN);
	job = job_of(rig, SLICE("number,name\n78,\"佐藤, \"\"花子\"\"\"\n"));
	assert_ok(rig, import_run(&job, rig->arena, &report, &rig->err));
	assert_true(rig_open_record(rig, report.first, values, &row));
	assert_true(slice_is(values[0], "佐藤, \"花子\""));
}

/* ---- problems ---- */

struct expected {
	uint32_t row, column;
	enum value_fault fault;
};

static void
check_problems(struct vault_rig *rig, struct slice csv,
    const struct expected *want, size_t n)
{
	struct import_report report;
	struct import_job job = job_of(rig, csv);
	job.is_dry = true;
	assert_false(import_run(&job, rig->arena, &report, &rig->err));
	assert_int_equal(rig->err.code, ERR_INPUT);
	assert_int_equal(report.n_problems, n);
	for (size_t i = 0; i < n; i++) {
		const struct problem *p = &report.problems[i];
		if (p->row != want[i].row || p->column != want[i].column ||
		    p->fault != want[i].fault)
			fail_msg("problem %zu: row %u, column %u, %s", i,
			    p->row, p->column, value_fault_name(p->fault));
	}
	/* for real: nothing is written either */
	job.is_dry = false;
	assert_false(import_run(&job, rig->arena, &report, &rig->err));
	assert_int_equal(persons(rig), 0);
	assert_int_equal(listed(rig, rig->reader), 0);
	assert_int_equal(rig->creates, 0);
}

#define CHECK(csv, ...)                                                        \
	check_problems(rig, SLICE(csv),                                        \
	    (const struct expected[]){__VA_ARGS__},                            \
	    sizeof((const struct expected[]){__VA_ARGS__}) /                   \
		sizeof(struct expected))

static void
problems(struct vault_rig *rig)
{
	CHECK("氏名,氏名カナ,生年月日\n佐藤,サトウ,昨日\n鈴木,すずき,S1.12.25\n"
	      "木村,木村,2026-02-30\n",
	    {2, 3, VALUE_NO_DATE}, {4, 2, VALUE_NO_KANA},
	    {4, 3, VALUE_NO_DATE});
	CHECK("氏名,年齢,氏名\nx,1,y\n", {1, 2, VALUE_COLUMN_UNKNOWN},
	    {1, 3, VALUE_COLUMN_TWICE});
	CHECK("氏名,性別\nx,女\ny\nz,女,1\n,\n\nw,男\n\n\n",
	    {3, 0, VALUE_ROW_LENGTH}, {4, 0, VALUE_ROW_LENGTH},
	    {5, 0, VALUE_ROW_EMPTY}, {6, 0, VALUE_ROW_EMPTY});
	CHECK("氏名\nx\n\"y\nz\n", {3, 0, VALUE_ROW_BROKEN});
	CHECK("氏名\n", {1, 0, VALUE_NO_ROWS});
	CHECK("", {1, 0, VALUE_NO_ROWS});
	CHECK("氏名\n佐藤\n\xff\xff\n", {3, 0, VALUE_BAD_BYTES});
	CHECK("\xef\xbb\xbf氏名\n\x8d\x82\n", {2, 0, VALUE_BAD_BYTES});
	CHECK("備考\n\"a\x01\"\n", {2, 1, VALUE_NO_TEXT});
}

/* At the cap of problems, and one past it. */
static void
problems_cap(struct vault_rig *rig)
{
	struct import_report report;
	struct buf csv = buf_of(64 * 1024);
	buf_add_str(&csv, "生年月日");
	for (size_t i = 0; i < IMPORT_PROBLEMS_MAX; i++)
		buf_add_str(&csv, "\nx");
	struct import_job job = job_of(rig, slice_bytes(csv.p, csv.n));
	assert_false(import_run(&job, rig->arena, &report, &rig->err));
	assert_int_equal(report.n_problems, IMPORT_PROBLEMS_MAX);
	assert_false(report.has_more);
	buf_add_str(&csv, "\nx");
	job.csv = slice_bytes(csv.p, csv.n);
	assert_false(import_run(&job, rig->arena, &report, &rig->err));
	assert_int_equal(report.n_problems, IMPORT_PROBLEMS_MAX);
	assert_true(report.has_more);
	buf_close(&csv);
}

/* ---- all or nothing ---- */

/* Looks, from another reader, at each call that the import makes. */
struct peeping {
	struct vault_rig *rig;
	struct store_reader *reader;
	unsigned calls;
};

static bool
peep(void *ctx, const uint64_t *ids, size_t n,
    uint8_t (*ret_keys)[AEAD_KEY_BYTES],
    uint8_t (*ret_wraps)[RECORD_WRAP_BYTES], uint64_t *ret_entry,
    struct err *err)
{
	struct peeping *p = ctx;
	struct vault_rig *rig = p->rig;
	struct record_row row;
	p->calls++;
	assert_int_equal(listed(rig, p->reader), 0);
	assert_int_equal(persons(rig), 0);
	for (size_t i = 0; i < 3; i++)
		assert_false(record_fetch(p->reader, RIG_BODY, RIG_HOLDING,
		    ids[0] - i * INTAKE_BATCH, rig->arena, &row, &rig->err));
	return rig->keyring.create(
	    rig, ids, n, ret_keys, ret_wraps, ret_entry, err);
}

static bool
peep_tokens(void *ctx, const struct term *terms, size_t n,
    uint8_t (*ret)[TERM_TOKEN_BYTES], struct err *err)
{
	struct peeping *p = ctx;
	return p->rig->keyring.tokens(p->rig, terms, n, ret, err);
}

static void
unseen(struct vault_rig *rig)
{
	enum { N = 9 * INTAKE_BATCH };
	struct peeping p = {.rig = rig};
	struct keyring keyring = {
	    .ctx = &p, .create = peep, .tokens = peep_tokens};
	struct buf csv = buf_of(8 * 1024 * 1024);
	struct import_report report;
	assert_ok(rig, store_reader_open(rig->store, &p.reader, &rig->err));
	make_csv(rig, N, &csv);
	struct import_job job = job_of(rig, slice_bytes(csv.p, csv.n));
	job.keyring = &keyring;
	assert_ok(rig, import_run(&job, rig->arena, &report, &rig->err));
	assert_int_equal(p.calls, 9);
	assert_int_equal(listed(rig, p.reader), RECORD_PAGE_MAX);
	assert_int_equal(persons(rig), N);
	store_reader_close(p.reader);
	buf_close(&csv);
}

/* Nothing of it is left in any table that a record has. */
static void
check_nothing(struct vault_rig *rig, uint64_t upto)
{
	uint64_t found[TERM_FOUND_MAX];
	(void)upto;
	assert_int_equal(persons(rig), 0);
	assert_int_equal(listed(rig, rig->reader), 0);
	assert_int_equal(rig_find(rig, "address", "沖縄市", found), 0);
}

/* The keeper goes away in the middle. */
static void
keyring_fails(struct vault_rig *rig)
{
	struct buf csv = buf_of(8 * 1024 * 1024);
	struct import_report report;
	make_csv(rig, 6 * INTAKE_BATCH, &csv);
	struct import_job job = job_of(rig, slice_bytes(csv.p, csv.n));
	rig->fail_at = 6;
	assert_false(import_run(&job, rig->arena, &report, &rig->err));
	assert_int_equal(rig->err.code, ERR_LOST);
	check_nothing(rig, 0);
	assert_false(has_running(rig));
	assert_ok(rig, import_run(&job, rig->arena, &report, &rig->err));
	check_people(rig, &report, 6 * INTAKE_BATCH, 97);
	buf_close(&csv);
}

/* Each step of the database fails once: all of it is there, or nothing. */
static void
store_fails(struct vault_rig *rig)
{
	enum { N = 40 };
	struct buf csv = buf_of(64 * 1024);
	struct import_report report;
	make_csv(rig, N, &csv);
	struct import_job job = job_of(rig, slice_bytes(csv.p, csv.n));
	unsigned long nth = 1, failures = 0;
	for (;; nth += 1 + nth / 6) {
		(void)store_fail_at(rig->store, nth);
		bool worked = import_run(&job, rig->arena, &report, &rig->err);
		unsigned long steps = store_fail_at(rig->store, 0);
		if (worked) {
			assert_true(steps < nth);
			break;
		}
		failures++;
		check_nothing(rig, N);
		/* what the failure left is cleared away as at a start */
		assert_ok(
		    rig, import_clear(rig->store, rig->reader, &rig->err));
		assert_false(has_running(rig));
		arena_reset(rig->arena);
	}
	assert_true(failures > 10);
	check_people(rig, &report, N, 1);
	buf_close(&csv);
}

/* ---- a crash ---- */

static bool
crash(void *ctx, const uint64_t *ids, size_t n,
    uint8_t (*ret_keys)[AEAD_KEY_BYTES],
    uint8_t (*ret_wraps)[RECORD_WRAP_BYTES], uint64_t *ret_entry,
    struct err *err)
{
	struct vault_rig *rig = ctx;
	if (++rig->creates == 12)
		_exit(3);
	(void)err;
	*ret_entry = 1;
	for (size_t i = 0; i < n; i++) {
		rig_key(ids[i], 1, ret_keys[i]);
		rig_wrap(ids[i], 1, ret_wraps[i]);
	}
	return true;
}

static void
crash_in_child(struct vault_rig *rig, struct slice csv)
{
	struct import_report report;
	vault_rig_reopen(rig);
	rig->keyring.create = crash;
	struct import_job job = job_of(rig, csv);
	bool worked = import_run(&job, rig->arena, &report, &rig->err);
	_exit(worked ? 4 : 5);
}

static void
crashes(struct vault_rig *rig)
{
	struct buf csv = buf_of(8 * 1024 * 1024);
	struct import_report report;
	int status;
	make_csv(rig, 13 * INTAKE_BATCH, &csv);
	vault_rig_shut(rig);
	pid_t child = fork();
	if (child == 0)
		crash_in_child(rig, slice_bytes(csv.p, csv.n));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	vault_rig_reopen(rig);
	assert_true(has_running(rig));
	check_nothing(rig, 0);
	assert_ok(rig, import_clear(rig->store, rig->reader, &rig->err));
	assert_false(has_running(rig));
	check_nothing(rig, 0);
	struct import_job job = job_of(rig, slice_bytes(csv.p, csv.n));
	assert_ok(rig, import_run(&job, rig->arena, &report, &rig->err));
	check_people(rig, &report, 13 * INTAKE_BATCH, 301);
	buf_close(&csv);
}

ON_BOTH(many)
ON_BOTH(encodings)
ON_BOTH(mapped)
ON_BOTH(problems)
ON_BOTH(problems_cap)
ON_BOTH(unseen)
ON_BOTH(keyring_fails)
ON_BOTH(store_fails)
ON_BOTH(crashes)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(many),
	    BOTH(encodings),
	    BOTH(mapped),
	    BOTH(problems),
	    BOTH(problems_cap),
	    BOTH(unseen),
	    BOTH(keyring_fails),
	    BOTH(store_fails),
	    BOTH(crashes),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	vault_rig_end();
	return failed;
}
