/*
 * Goal of this test: every day has one number, one era and the forms people
 * write.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/date.h"

static bool
is_same(struct date a, struct date b)
{
	return date_compare(a, b) == 0;
}

static void
every_day_has_its_number(void **state)
{
	struct date d = {DATE_YEAR_MIN, 1, 1};
	struct date end = {DATE_YEAR_MAX, 12, 31};
	int32_t number = date_number(d);
	unsigned weekday = date_weekday(d);
	assert_int_equal(weekday, 3); /* 1868-01-01 was a Wednesday */
	for (;; number++) {
		assert_true(date_is_valid(d));
		assert_int_equal(date_number(d), number);
		assert_true(is_same(date_of_number(number), d));
		assert_int_equal(date_weekday(d), weekday);
		weekday = (weekday + 1) % 7;
		if (is_same(d, end))
			break;
		struct date next = {d.year, d.month, (uint8_t)(d.day + 1)};
		if (!date_is_valid(next))
			next = (struct date){d.year, (uint8_t)(d.month + 1), 1};
		if (!date_is_valid(next))
			next = (struct date){(int16_t)(d.year + 1), 1, 1};
		assert_true(is_same(date_add_days(d, 1), next));
		assert_true(date_compare(d, next) < 0);
		d = next;
	}
	assert_int_equal(date_number((struct date){1970, 1, 1}), 0);
	assert_int_equal(date_number((struct date){2000, 3, 1}), 11017);
	assert_int_equal(date_weekday((struct date){2026, 10, 2}), 5);
}

static void
knows_which_days_exist(void **state)
{
	static const struct {
		struct date d;
		bool is_valid;
	} cases[] = {
	    {{2024, 2, 29}, true},
	    {{2025, 2, 29}, false},
	    {{1900, 2, 29}, false},
	    {{2000, 2, 29}, true},
	    {{2026, 4, 31}, false},
	    {{2026, 13, 1}, false},
	    {{2026, 0, 1}, false},
	    {{2026, 1, 0}, false},
	    {{DATE_YEAR_MIN, 1, 1}, true},
	    {{DATE_YEAR_MIN - 1, 12, 31}, false},
	    {{DATE_YEAR_MAX, 12, 31}, true},
	    {{DATE_YEAR_MAX + 1, 1, 1}, false},
	    {{0, 0, 0}, false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(date_is_valid(cases[i].d), cases[i].is_valid);
	assert_true(date_is_none((struct date){0}));
}

static void
adds_months_to_the_last_of_a_shorter_one(void **state)
{
	struct date d = {2026, 1, 31};
	assert_true(is_same(date_add_months(d, 1), (struct date){2026, 2, 28}));
	assert_true(
	    is_same(date_add_months(d, 25), (struct date){2028, 2, 29}));
	assert_true(
	    is_same(date_add_months(d, -1), (struct date){2025, 12, 31}));
	assert_true(is_same(date_add_months(d, 0), d));
	assert_true(is_same(date_add_months(d, INT32_MAX),
	    (struct date){DATE_YEAR_MAX, 12, 31}));
	assert_true(is_same(date_add_months(d, INT32_MIN),
	    (struct date){DATE_YEAR_MIN, 1, 1}));
	assert_true(is_same(date_add_days(d, INT32_MAX),
	    (struct date){DATE_YEAR_MAX, 12, 31}));
	assert_true(is_same(date_add_days(d, INT32_MIN),
	    (struct date){DATE_YEAR_MIN, 1, 1}));
	assert_int_equal(date_days_between(d, (struct date){2026, 3, 1}), 29);
}

static void
a_day_in_japan_begins_at_15_utc(void **state)
{
	struct date d = {2026, 10, 2};
	/* 2026-10-01T15:00:00Z */
	instant begin = INT64_C(1790866800) * SECOND_US;
	assert_true(date_begin(d) == begin);
	assert_true(date_end(d) == begin + DAY_US - 1);
	assert_true(date_at(d, 9, 30) == begin + 570 * MINUTE_US);
	assert_true(date_at(d, 24, 0) == date_begin(date_add_days(d, 1)));
	assert_true(is_same(date_of_instant(begin), d));
	assert_true(is_same(date_of_instant(begin - 1),
	    (struct date){2026, 10, 1}));
	assert_true(is_same(date_of_instant(date_end(d)), d));
	struct time_of_day t = time_of_instant(date_end(d));
	assert_int_equal(t.hour * 10000 + t.minute * 100 + t.second, 235959);
	t = time_of_instant(date_at(d, 9, 30));
	assert_int_equal(t.hour * 10000 + t.minute * 100 + t.second, 93000);
	/* before 1970 too */
	d = (struct date){1960, 1, 2};
	assert_true(is_same(date_of_instant(date_begin(d)), d));
	assert_true(is_same(date_of_instant(date_end(d)), d));
	assert_true(is_same(date_of_instant(INT64_MAX),
	    (struct date){DATE_YEAR_MAX, 12, 31}));
	assert_true(is_same(date_of_instant(INT64_MIN),
	    (struct date){DATE_YEAR_MIN, 1, 1}));
}

static void
writes_every_style(void **state)
{
	static const struct {
		struct date d;
		const char *written[DATE_STYLES];
	} cases[] = {
	    {{2026, 10, 2},
		{"2026-10-02", "令和8年10月2日", "令和8年10月2日(金)",
		    "R8.10.2",
		    "2 Oct 2026"}},
	    {{2019, 5, 1},
		{"2019-05-01", "令和元年5月1日", "令和元年5月1日(水)",
		    "R1.5.1",
		    "1 May 2019"}},
	    {{2019, 4, 30},
		{"2019-04-30", "平成31年4月30日", "平成31年4月30日(火)",
		    "H31.4.30",
		    "30 Apr 2019"}},
	    {{1989, 1, 8},
		{"1989-01-08", "平成元年1月8日", "平成元年1月8日(日)",
		    "H1.1.8",
		    "8 Jan 1989"}},
	    {{1989, 1, 7},
		{"1989-01-07", "昭和64年1月7日", "昭和64年1月7日(土)",
		    "S64.1.7",
		    "7 Jan 1989"}},
	    {{1926, 12, 24},
		{"1926-12-24", "大正15年12月24日", "大正15年12月24日(金)",
		    "T15.12.24",
		    "24 Dec 1926"}},
	    {{1912, 7, 29},
		{"1912-07-29", "明治45年7月29日", "明治45年7月29日(月)",
		    "M45.7.29",
		    "29 Jul 1912"}},
	    {{1868, 1, 24},
		{"1868-01-24", "1868年1月24日", "1868年1月24日(金)",
		    "1868-01-24",
		    "24 Jan 1868"}},
	    {{0, 0, 0}, {"", "", "", "", ""}},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t style = 0; style < DATE_STYLES; style++) {
			struct buf b SCOPED(buf_close) = buf_of(100);
			struct slice s;
			date_format(cases[i].d, (enum date_style)style, &b);
			assert_true(buf_finish(&b, &s, NULL));
			if (!slice_is(s, cases[i].written[style]))
				fail_msg("%.*s", SLICE_FMT(s));
		}
	}
	struct buf b SCOPED(buf_close) = buf_of(100);
	instant at = date_at((struct date){2026, 10, 2}, 9, 5);
	struct slice s;
	instant_format(at, DATE_ISO, &b);
	buf_add_str(&b, "|");
	instant_format(at, DATE_ERA_WEEKDAY, &b);
	buf_add_str(&b, "|");
	instant_format(at, DATE_ENGLISH, &b);
	assert_true(buf_finish(&b, &s, NULL));
	assert_true(slice_is(s,
	    "2026-10-02T09:05:00+09:00|令和8年10月2日(金) 09:05|"
	    "2 Oct 2026, 09:05"));
}

static void
reads_what_people_write(void **state)
{
	static const struct {
		const char *text;
		struct date d; /* none: refused */
	} cases[] = {
	    {"R8.10.2", {2026, 10, 2}},
	    {"r08/10/02", {2026, 10, 2}},
	    {"R8-10-2", {2026, 10, 2}},
	    {"令和8年4月1日", {2026, 4, 1}},
	    {"令和８年４月１日", {2026, 4, 1}},
	    {"Ｒ８．１０．２", {2026, 10, 2}},
	    {"令和 8年 4月 1日", {2026, 4, 1}},
	    {"令和元年5月1日", {2019, 5, 1}},
	    {"令和8.4.1", {2026, 4, 1}},
	    {"平成31年4月30日", {2019, 4, 30}},
	    {"昭和35年1月2日", {1960, 1, 2}},
	    {"S64.1.7", {1989, 1, 7}},
	    {"大正元年7月30日", {1912, 7, 30}},
	    {"M45.7.29", {1912, 7, 29}},
	    {"2026/10/2", {2026, 10, 2}},
	    {"2026-10-02", {2026, 10, 2}},
	    {"2026年10月2日", {2026, 10, 2}},
	    {"２０２６／１０／２", {2026, 10, 2}},
	    {"20261002", {2026, 10, 2}},
	    {"5081002", {2026, 10, 2}},
	    {"3350102", {1960, 1, 2}},
	    {"  2026-10-02　", {2026, 10, 2}},
	    {"2024-02-29", {2024, 2, 29}},
	    {"", {0}},
	    {"  ", {0}},
	    {"2025-02-29", {0}},
	    {"2026-13-01", {0}},
	    {"2026-00-01", {0}},
	    {"2026-10-32", {0}},
	    {"1867-12-31", {0}},
	    {"2200-01-01", {0}},
	    {"平成31年5月1日", {0}}, /* not in that era */
	    {"令和元年4月30日", {0}},
	    {"S64.1.8", {0}},
	    {"R0.1.1", {0}},
	    {"R100.1.1", {2118, 1, 1}},
	    {"R182.1.1", {0}},
	    {"R1000.1.1", {0}},
	    {"Q8.1.1", {0}},
	    {"2026/10-2", {0}},
	    {"2026-10", {0}},
	    {"2026年10月2", {0}},
	    {"2026-10-02x", {0}},
	    {"2026-10-02 2", {0}},
	    {"26-10-02", {0}},
	    {"2026102", {0}}, /* seven digits are an era: 大正26年 */
	    {"6081002", {0}},
	    {"0081002", {0}},
	    {"202610020", {0}},
	    {"+2026-10-02", {0}},
	    {"2026-+1-02", {0}},
	    {"\xff", {0}},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct date d = {0};
		struct err err = ERR_INIT;
		bool is_read = date_read(slice_of(cases[i].text), &d, &err);
		if (is_read == date_is_none(cases[i].d) ||
		    !is_same(d, cases[i].d))
			fail_msg("%s", cases[i].text);
		assert_int_equal(err.code, is_read ? ERR_NONE : ERR_INPUT);
	}
	/* at the cap and past it */
	char text[DATE_TEXT_BYTES_MAX + 1];
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i < 10 ? "2026-10-02"[i] : ' ';
	struct date d;
	struct slice s = slice_bytes(text, DATE_TEXT_BYTES_MAX);
	assert_true(date_read(s, &d, NULL));
	s.n++;
	assert_false(date_read(s, &d, NULL));
}

static void
reads_back_every_style_of_a_long_time(void **state)
{
	for (struct date d = {1868, 1, 25}; d.year < 2199;
	     d = date_add_days(d, 7)) {
		for (size_t style = 0; style < DATE_STYLES; style++) {
			struct buf b SCOPED(buf_close) = buf_of(100);
			struct date back;
			if (style == DATE_ERA_WEEKDAY || style == DATE_ENGLISH)
				continue;
			date_format(d, (enum date_style)style, &b);
			assert_true(date_read((struct slice){b.p, b.n}, &back,
			    NULL));
			assert_true(is_same(d, back));
		}
	}
}

static void
fiscal_years_begin_in_april(void **state)
{
	assert_int_equal(fiscal_year((struct date){2026, 3, 31}), 2025);
	assert_int_equal(fiscal_year((struct date){2026, 4, 1}), 2026);
	assert_true(is_same(fiscal_year_begin(2026),
	    (struct date){2026, 4, 1}));
	assert_true(is_same(fiscal_year_end(2026),
	    (struct date){2027, 3, 31}));
	assert_true(is_same(fiscal_year_end(DATE_YEAR_MAX),
	    (struct date){DATE_YEAR_MAX, 12, 31}));
	static const struct {
		int year;
		const char *name;
	} cases[] = {
	    {2026, "令和8年度"},
	    {2020, "令和2年度"},
	    {2019, "平成31年度"},
	    {1989, "平成元年度"},
	    {1988, "昭和63年度"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b SCOPED(buf_close) = buf_of(100);
		struct slice s;
		fiscal_year_format(cases[i].year, &b);
		assert_true(buf_finish(&b, &s, NULL));
		assert_true(slice_is(s, cases[i].name));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_day_has_its_number),
	    cmocka_unit_test(knows_which_days_exist),
	    cmocka_unit_test(adds_months_to_the_last_of_a_shorter_one),
	    cmocka_unit_test(a_day_in_japan_begins_at_15_utc),
	    cmocka_unit_test(writes_every_style),
	    cmocka_unit_test(reads_what_people_write),
	    cmocka_unit_test(reads_back_every_style_of_a_long_time),
	    cmocka_unit_test(fiscal_years_begin_in_april),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
