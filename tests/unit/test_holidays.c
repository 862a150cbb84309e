/*
 * Goal of this test: the rules give the holidays of the public data set, no
 * more and no fewer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

static void
names_single_days(void **state)
{
	static const struct {
		struct date d;
		const char *name; /* NULL: a day like others */
	} cases[] = {
	    {{2019, 4, 30}, "国民の休日"}, /* the enthronement */
	    {{2019, 5, 1}, "即位の日"},
	    {{2019, 5, 2}, "国民の休日"},
	    {{2019, 5, 6}, "振替休日"},
	    {{2019, 10, 14}, "体育の日"},
	    {{2019, 10, 22}, "即位礼正殿の儀"},
	    {{2019, 12, 23}, NULL},
	    {{2020, 2, 23}, "天皇誕生日"},
	    {{2020, 2, 24}, "振替休日"},
	    {{2020, 7, 20}, NULL}, /* the Olympics */
	    {{2020, 7, 23}, "海の日"},
	    {{2020, 7, 24}, "スポーツの日"},
	    {{2020, 8, 10}, "山の日"},
	    {{2020, 8, 11}, NULL},
	    {{2020, 10, 12}, NULL},
	    {{2021, 7, 22}, "海の日"},
	    {{2021, 7, 23}, "スポーツの日"},
	    {{2021, 8, 8}, "山の日"},
	    {{2021, 8, 9}, "振替休日"},
	    {{2026, 5, 6}, "振替休日"},
	    {{2026, 9, 22}, "国民の休日"},
	    {{2027, 3, 22}, "振替休日"},
	    {{2032, 9, 21}, "国民の休日"},
	    {{1948, 11, 3}, NULL}, /* before the table begins */
	    {{1973, 2, 12}, NULL}, /* before substitutes */
	    {{1973, 4, 30}, "振替休日"},
	    {{1985, 5, 4}, NULL}, /* before days between */
	    {{1989, 2, 24}, "大喪の礼"},
	    {{2006, 5, 4}, "国民の休日"},
	    {{2008, 5, 6}, "振替休日"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *name = holiday_name(cases[i].d);
		if (cases[i].name == NULL) {
			assert_null(name);
			continue;
		}
		assert_non_null(name);
		assert_string_equal(name, cases[i].name);
	}
}

/* The data set has 元日 振替休日, 休日 or 休日（祝日扱い） for art. 3. */
static bool
is_same_name(struct slice theirs, const char *ours)
{
	static const char word[] = "休日";
	return slice_has_prefix(theirs, slice_of(ours)) ||
	    memmem(theirs.p, theirs.n, word, strlen(word)) != NULL;
}

/* A line's day; every day since the one before must be no holiday. */
static struct date
check_line(struct slice line, struct date next)
{
	struct slice text;
	struct date d;
	assert_true(slice_split(&line, '\t', &text));
	assert_true(date_read(text, &d, NULL));
	if (date_is_none(next))
		next = (struct date){d.year, 1, 1};
	for (; date_compare(next, d) < 0; next = date_add_days(next, 1))
		if (holiday_name(next) != NULL)
			fail_msg("before %.*s: %s", SLICE_FMT(text),
			    holiday_name(next));
	const char *ours = holiday_name(d);
	if (ours == NULL || !is_same_name(line, ours))
		fail_msg("%.*s: %.*s", SLICE_FMT(text), SLICE_FMT(line));
	return date_add_days(d, 1);
}

static void
agrees_with_the_public_data_set(void **state)
{
	const char *path = getenv("HOLIDAY_JP");
	if (path == NULL) {
		print_message("HOLIDAY_JP is not set: run tools/holidays.sh "
			      "and set it to build/holidays.tsv\n");
		skip();
	}
	FILE *f = fopen(path, "r");
	if (f == NULL)
		fail_msg("cannot open %s", path);
	char text[200];
	struct date first = {0};
	struct date next = {0};
	while (fgets(text, sizeof(text), f) != NULL) {
		next = check_line(slice_trim(slice_of(text)), next);
		if (date_is_none(first))
			first = next;
	}
	(void)fclose(f);
	/* a file cut short proves nothing */
	assert_true(first.year > 0 && first.year <= 2019);
	assert_true(next.year >= 2035);
	for (; next.month != 1; next = date_add_days(next, 1))
		assert_null(holiday_name(next));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_single_days),
	    cmocka_unit_test(agrees_with_the_public_data_set),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
