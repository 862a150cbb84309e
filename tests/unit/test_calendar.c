/*
 * Goal of this test: periods end on the days that the guidelines give as
 * examples, and a body closes when it says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/calendar.h"

static struct date
day(const char *text)
{
	struct date d = {0};
	assert_true(date_read(slice_of(text), &d, NULL));
	return d;
}

/* Known at a time of that day, so that hours make no difference. */
static void
check_period(const char *known, unsigned days, const char *nth,
    const char *due)
{
	struct calendar cal = calendar_of_government();
	instant at[] = {date_begin(day(known)), date_at(day(known), 8, 59),
	    date_at(day(known), 9, 0), date_end(day(known))};
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(date_compare(deadline_day(at[i], days),
				     day(nth)),
		    0);
		if (deadline_end(&cal, at[i], days) != date_end(day(due)))
			fail_msg("%s + %u", known, days);
	}
}

/* The vectors of the fact sheet: 3rd, 5th, 30th and 60th day. */
static void
periods_end_as_the_guidelines_count(void **state)
{
	static const struct {
		const char *known, *third, *fifth, *day30, *due30, *day60,
		    *due60;
	} cases[] = {
	    {"2026-04-01", "2026-04-03", "2026-04-05", "2026-04-30",
		"2026-04-30", "2026-05-30", "2026-06-01"},
	    {"2026-04-03", "2026-04-05", "2026-04-07", "2026-05-02",
		"2026-05-07", "2026-06-01", "2026-06-01"},
	    {"2026-08-22", "2026-08-24", "2026-08-26", "2026-09-20",
		"2026-09-24", "2026-10-20", "2026-10-20"},
	    {"2026-08-23", "2026-08-25", "2026-08-27", "2026-09-21",
		"2026-09-24", "2026-10-21", "2026-10-21"},
	    {"2026-11-30", "2026-12-02", "2026-12-04", "2026-12-29",
		"2027-01-04", "2027-01-28", "2027-01-28"},
	    {"2026-12-02", "2026-12-04", "2026-12-06", "2026-12-31",
		"2027-01-04", "2027-01-30", "2027-02-01"},
	    {"2027-02-20", "2027-02-22", "2027-02-24", "2027-03-21",
		"2027-03-23", "2027-04-20", "2027-04-20"},
	    {"2028-02-01", "2028-02-03", "2028-02-05", "2028-03-01",
		"2028-03-01", "2028-03-31", "2028-03-31"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		instant at = date_at(day(cases[i].known), 12, 0);
		check_period(cases[i].known, 30, cases[i].day30,
		    cases[i].due30);
		check_period(cases[i].known, 60, cases[i].day60,
		    cases[i].due60);
		assert_int_equal(
		    date_compare(deadline_day(at, 3), day(cases[i].third)), 0);
		assert_int_equal(
		    date_compare(deadline_day(at, 5), day(cases[i].fifth)), 0);
	}
	check_period("2026-10-01", 1, "2026-10-01", "2026-10-01");
	check_period("2026-10-03", 1, "2026-10-03", "2026-10-05");
}

static void
a_body_has_closing_days_of_its_own(void **state)
{
	/* the memorial day of Okinawa, and a longer year's end */
	struct calendar own = {.year_end_from = 1228,
	    .year_end_to = 104,
	    .n_extra = 2,
	    .extra = {{2026, 6, 23}, {0, 7, 1}}};
	struct calendar plain = {0};
	struct calendar government = calendar_of_government();
	assert_true(calendar_check(&own, NULL));
	assert_true(calendar_check(&plain, NULL));
	assert_true(calendar_check(&government, NULL));
	static const struct {
		const char *day;
		bool is_own, is_government, is_plain;
	} cases[] = {
	    {"2026-06-23", true, false, false},
	    {"2027-06-23", false, false, false},
	    {"2026-07-01", true, false, false}, /* of every year */
	    {"2027-07-01", true, false, false},
	    {"2027-07-02", false, false, false},
	    {"2026-12-28", true, false, false}, /* Monday */
	    {"2026-12-29", true, true, false},
	    {"2026-12-31", true, true, false},
	    {"2027-01-01", true, true, true},
	    {"2028-01-03", true, true, false}, /* Monday */
	    {"2028-01-04", true, false, false},
	    {"2028-01-05", false, false, false},
	    {"2026-10-02", false, false, false},
	    {"2026-10-03", true, true, true}, /* Saturday */
	    {"2026-10-04", true, true, true}, /* Sunday */
	    {"2026-10-12", true, true, true}, /* a holiday */
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct date d = day(cases[i].day);
		assert_int_equal(calendar_is_closed(&own, d), cases[i].is_own);
		assert_int_equal(calendar_is_closed(&government, d),
		    cases[i].is_government);
		assert_int_equal(calendar_is_closed(&plain, d),
		    cases[i].is_plain);
	}
	/* one that does not go over the new year */
	struct calendar summer = {.year_end_from = 813, .year_end_to = 815};
	assert_true(calendar_check(&summer, NULL));
	assert_false(calendar_is_closed(&summer, day("2026-08-12")));
	assert_true(calendar_is_closed(&summer, day("2026-08-13")));
	assert_true(calendar_is_closed(&summer, day("2026-08-14")));
	assert_false(calendar_is_closed(&summer, day("2026-08-17")));
}

static void
counts_open_days(void **state)
{
	struct calendar cal = calendar_of_government();
	static const struct {
		const char *from;
		unsigned days;
		const char *wanted;
	} cases[] = {
	    {"2026-10-02", 0, "2026-10-02"},
	    {"2026-10-02", 1, "2026-10-05"},
	    {"2026-10-03", 0, "2026-10-05"},
	    {"2026-10-03", 1, "2026-10-06"},
	    {"2026-04-28", 2, "2026-05-01"},
	    {"2026-04-28", 3, "2026-05-07"},
	    {"2026-12-28", 1, "2027-01-04"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    date_compare(calendar_add_open_days(&cal,
				     day(cases[i].from), cases[i].days),
			day(cases[i].wanted)),
		    0);
	struct date last = {DATE_YEAR_MAX, 12, 31};
	assert_int_equal(date_compare(calendar_next_open(&cal, last), last), 0);
}

static void
a_calendar_that_makes_no_sense_is_refused(void **state)
{
	static const struct {
		uint16_t from, to;
		bool is_good;
	} cases[] = {
	    {0, 0, true},
	    {1229, 103, true},
	    {1201, 1231, true}, /* 31 days */
	    {1201, 101, false}, /* 32 */
	    {1215, 114, true},
	    {1215, 115, false},
	    {1229, 0, false},
	    {0, 103, false},
	    {1232, 103, false},
	    {1300, 103, false},
	    {65535, 103, false},
	    {229, 301, false}, /* only in leap years */
	    {1229, 100, false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct calendar cal = {.year_end_from = cases[i].from,
		    .year_end_to = cases[i].to};
		struct err err = ERR_INIT;
		assert_int_equal(calendar_check(&cal, &err), cases[i].is_good);
		assert_int_equal(err.code,
		    cases[i].is_good ? ERR_NONE : ERR_INPUT);
	}
	struct calendar cal = {.n_extra = CALENDAR_EXTRA_MAX};
	struct err err = ERR_INIT;
	for (size_t i = 0; i < CALENDAR_EXTRA_MAX; i++)
		cal.extra[i] = (struct date){2026, 10, 2};
	assert_true(calendar_check(&cal, &err));
	cal.extra[0] = (struct date){0, 2, 29};
	assert_true(calendar_check(&cal, &err));
	cal.extra[0] = (struct date){0, 2, 30};
	assert_false(calendar_check(&cal, &err));
	cal.extra[0] = (struct date){0, 2, 28};
	cal.extra[CALENDAR_EXTRA_MAX - 1].day = 0;
	assert_false(calendar_check(&cal, &err));
	cal.n_extra = CALENDAR_EXTRA_MAX + 1;
	assert_false(calendar_check(&cal, &err));
	assert_int_equal(err.code, ERR_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(periods_end_as_the_guidelines_count),
	    cmocka_unit_test(a_body_has_closing_days_of_its_own),
	    cmocka_unit_test(counts_open_days),
	    cmocka_unit_test(a_calendar_that_makes_no_sense_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
