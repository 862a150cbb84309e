/*
 * Goal of this test: rows come out alike however the text is cut, errors tell
 * their place, and what is written reads back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "base/mem.h"

/* The rows of a text as a|b;c|d; or the error, read in pieces of n bytes. */
static void
read_all(struct slice text, size_t n, struct buf *to)
{
	struct err err = ERR_INIT;
	struct csv_reader *r SCOPED(csv_close_scoped) = csv_open(&err);
	assert_non_null(r);
	struct slice piece = {text.p, 0};
	for (;;) {
		struct csv_row row;
		size_t left = text.n - (size_t)(piece.p - text.p) - piece.n;
		enum csv_step step = csv_next(r, &piece, left == 0, &row, &err);
		if (step == CSV_ROW) {
			for (size_t i = 0; i < row.n; i++) {
				assert_non_null(row.fields[i].p);
				buf_add_str(to, i == 0 ? "" : "|");
				buf_add(to, row.fields[i]);
			}
			buf_add_str(to, ";");
		} else if (step == CSV_MORE) {
			assert_int_equal(piece.n, 0);
			assert_true(left > 0);
			piece.n = left < n ? left : n;
		} else {
			if (step == CSV_BAD)
				buf_add_printf(to, "!%s", err.text);
			/* and so it stays */
			assert_int_equal(csv_next(r, &piece, true, &row, &err),
			    step);
			return;
		}
	}
}

static void
reads_rows_in_pieces_of_any_size(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
	    {"", ""},
	    {"a", "a;"},
	    {"a,b\r\nc,d\r\n", "a|b;c|d;"},
	    {"a,b\nc,d", "a|b;c|d;"},
	    {"\n", ";"},
	    {"\r\n\r\n", ";;"},
	    {",\n", "|;"},
	    {"a,", "a|;"},
	    {"\"\"", ";"},
	    {"\"\",\"\"\n", "|;"},
	    {"\"a,b\",\"c\r\nd\"\r\n", "a,b|c\r\nd;"},
	    {"\"say \"\"hi\"\"\"\n", "say \"hi\";"},
	    {" a , b \n", " a | b ;"},
	    {"漢字,𠮷\n", "漢字|𠮷;"},
	    {"a'b,c=d\n", "a'b|c=d;"},
	    {"a\nb\"c\n", "a;!row 2, column 1: "
			  "a quote inside a field without quotes"},
	    {"a,\"b\"c\n", "!row 1, column 2: text behind the closing quote"},
	    {"a,\"b\" \n", "!row 1, column 2: text behind the closing quote"},
	    {"a,\"b", "!row 1, column 2: a quote that is not closed"},
	    {"a\rb\n", "!row 1, column 1: CR without LF"},
	    {"a\r", "!row 1, column 1: CR without LF"},
	    {"\"a\"\r\r\n", "!row 1, column 1: CR without LF"},
	    {"a\nb,\xff\n", "a;!row 2, column 2: not UTF-8"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice text = slice_of(cases[i].text);
		for (size_t n = 1; n <= text.n + 1; n++) {
			struct buf b SCOPED(buf_close) = buf_of(1000);
			struct slice rows;
			read_all(text, n, &b);
			assert_true(buf_finish(&b, &rows, NULL));
			if (!slice_is(rows, cases[i].wanted))
				fail_msg("%zu in %zu: %.*s", i, n,
				    SLICE_FMT(rows));
		}
	}
}

static void
numbers_rows(void **state)
{
	struct csv_reader *r SCOPED(csv_close_scoped) = csv_open(NULL);
	assert_non_null(r);
	struct slice text = SLICE("\"a\nb\"\nc\n");
	struct csv_row row;
	for (uint64_t n = 1; n <= 2; n++) {
		enum csv_step step = csv_next(r, &text, true, &row, NULL);
		assert_int_equal(step, CSV_ROW);
		assert_true(row.number == n);
	}
	assert_int_equal(csv_next(r, &text, true, &row, NULL), CSV_END);
}

/* What reading a text of one row comes to. */
static enum csv_step
step_of(struct slice text, struct err *err)
{
	struct csv_reader *r SCOPED(csv_close_scoped) = csv_open(err);
	struct csv_row row;
	assert_non_null(r);
	return csv_next(r, &text, true, &row, err);
}

static void
keeps_to_its_limits(void **state)
{
	struct err err = ERR_INIT;
	struct buf b SCOPED(buf_close) = buf_of(2 * CSV_ROW_BYTES_MAX);

	char *p = buf_grow(&b, CSV_COLUMNS_MAX - 1);
	memset(p, ',', CSV_COLUMNS_MAX - 1);
	assert_int_equal(step_of((struct slice){b.p, b.n}, &err), CSV_ROW);
	buf_add_str(&b, ",");
	assert_int_equal(step_of((struct slice){b.p, b.n}, &err), CSV_BAD);
	assert_int_equal(err.code, ERR_LIMIT);

	buf_reset(&b);
	p = buf_grow(&b, CSV_FIELD_BYTES_MAX);
	memset(p, 'x', CSV_FIELD_BYTES_MAX);
	assert_int_equal(step_of((struct slice){b.p, b.n}, &err), CSV_ROW);
	buf_add_str(&b, "x");
	err_clear(&err);
	assert_int_equal(step_of((struct slice){b.p, b.n}, &err), CSV_BAD);
	assert_int_equal(err.code, ERR_LIMIT);

	buf_reset(&b);
	for (int i = 0; i < CSV_ROW_BYTES_MAX / CSV_FIELD_BYTES_MAX; i++) {
		p = buf_grow(&b, CSV_FIELD_BYTES_MAX + 1);
		memset(p, 'x', CSV_FIELD_BYTES_MAX);
		p[CSV_FIELD_BYTES_MAX] = ',';
	}
	assert_int_equal(step_of((struct slice){b.p, b.n}, &err), CSV_ROW);
	buf_add_str(&b, "x");
	err_clear(&err);
	assert_int_equal(step_of((struct slice){b.p, b.n}, &err), CSV_BAD);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void
fails_when_memory_runs_out(void **state)
{
	struct err err = ERR_INIT;
	mem_fail_at(1);
	struct csv_reader *r = csv_open(&err);
	mem_fail_at(0);
	assert_null(r);
	assert_int_equal(err.code, ERR_SYSTEM);
	csv_close(NULL);

	mem_fail_at(2);
	enum csv_step step = step_of(SLICE("a,b\n"), &err);
	mem_fail_at(0);
	assert_int_equal(step, CSV_BAD);
	assert_int_equal(err.code, ERR_SYSTEM);
}

static void
writes_what_it_reads_back(void **state)
{
	static const char *const fields[] = {"a", "", "a,b", "a\"b", "a\nb",
	    "a\r\nb", " a", "a ", "'a", "漢字", "=1+1", "\t"};
	enum { N = sizeof(fields) / sizeof(fields[0]) };
	struct buf b SCOPED(buf_close) = buf_of(1000);
	struct csv_writer w = csv_writer_of(&b, false);
	for (size_t i = 0; i < N; i++)
		csv_put_str(&w, fields[i]);
	csv_end_row(&w);
	csv_put_u64(&w, UINT64_MAX);
	csv_end_row(&w);
	struct slice text;
	assert_true(buf_finish(&b, &text, NULL));
	assert_true(slice_has_prefix(text,
	    SLICE("a,,\"a,b\",\"a\"\"b\",\"a\nb\",\"a\r\nb\",\" a\",\"a \",")));

	struct csv_reader *r SCOPED(csv_close_scoped) = csv_open(NULL);
	struct csv_row row;
	assert_non_null(r);
	assert_int_equal(csv_next(r, &text, true, &row, NULL), CSV_ROW);
	assert_int_equal(row.n, N);
	for (size_t i = 0; i < N; i++)
		assert_true(slice_is(row.fields[i], fields[i]));
	assert_int_equal(csv_next(r, &text, true, &row, NULL), CSV_ROW);
	assert_true(slice_is(row.fields[0], "18446744073709551615"));
	assert_int_equal(csv_next(r, &text, true, &row, NULL), CSV_END);
}

static void
guards_formulas_only_when_asked(void **state)
{
	static const struct {
		const char *field, *guarded;
	} cases[] = {
	    {"=1+1", "'=1+1\r\n"},
	    {"+1", "'+1\r\n"},
	    {"-1", "'-1\r\n"},
	    {"@a", "'@a\r\n"},
	    {"\ta", "'\ta\r\n"},
	    {"\ra", "\"'\ra\"\r\n"},
	    {"=a,b", "\"'=a,b\"\r\n"},
	    {"＝1", "'＝1\r\n"},
	    {"1-1", "1-1\r\n"},
	    {"", "\r\n"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b SCOPED(buf_close) = buf_of(100);
		struct csv_writer w = csv_writer_of(&b, true);
		struct slice text;
		csv_put_str(&w, cases[i].field);
		csv_end_row(&w);
		assert_true(buf_finish(&b, &text, NULL));
		assert_true(slice_is(text, cases[i].guarded));
	}
	struct buf b SCOPED(buf_close) = buf_of(100);
	struct csv_writer w = csv_writer_of(&b, false);
	csv_put_str(&w, "=1");
	assert_memory_equal(b.p, "=1", 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_rows_in_pieces_of_any_size),
	    cmocka_unit_test(numbers_rows),
	    cmocka_unit_test(keeps_to_its_limits),
	    cmocka_unit_test(fails_when_memory_runs_out),
	    cmocka_unit_test(writes_what_it_reads_back),
	    cmocka_unit_test(guards_formulas_only_when_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
