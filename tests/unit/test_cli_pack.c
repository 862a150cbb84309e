/*
 * fumikura pack check and coverage, as whoever writes a pack calls them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/pack.h"

enum { PATH_BYTES = 1024, SHOWN_BYTES = 64 * 1024 };

static char *
path_of(char *to, const char *rest)
{
	const char *root = getenv("SOURCE_ROOT");
	assert_non_null(root);
	int n = snprintf(to, PATH_BYTES, "%s/%s", root, rest);
	assert_in_range(n, 1, PATH_BYTES - 1);
	return to;
}

/* What went to a stream, and closes it. */
static void
take(FILE *f, char *to)
{
	rewind(f);
	to[fread(to, 1, SHOWN_BYTES - 1, f)] = '\0';
	(void)fclose(f);
}

static void
sound_packs_get_a_line_each(void **state)
{
	char a[PATH_BYTES], b[PATH_BYTES], shown[SHOWN_BYTES];
	char want[2 * PATH_BYTES + 100];
	char *paths[] = {path_of(a, "packs/okinawa"),
	    path_of(b, "packs/law")};
	FILE *out = tmpfile();
	assert_non_null(out);
	assert_int_equal(cli_pack_check(paths, 2, out), 0);
	take(out, shown);
	(void)snprintf(want, sizeof(want), "%s: 97 provisions, no faults\n"
	    "%s: 79 provisions, no faults\n", a, b);
	assert_string_equal(shown, want);
}

/* Goal of this test: one pack with faults does not hide the next. */
static void
faults_are_shown_and_counted(void **state)
{
	char a[PATH_BYTES], b[PATH_BYTES], shown[SHOWN_BYTES];
	char *paths[] = {path_of(a, "packs/nowhere"),
	    path_of(b, "packs/base")};
	FILE *out = tmpfile();
	assert_non_null(out);
	assert_int_equal(cli_pack_check(paths, 2, out), 1);
	take(out, shown);
	assert_non_null(strstr(shown, "nowhere/pack.yaml:1: "));
	assert_non_null(strstr(shown, "base: 0 provisions, no faults\n"));
}

static size_t
count_lines(const char *text)
{
	size_t n = 0;
	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static void
coverage_has_a_line_for_each_provision(void **state)
{
	char path[PATH_BYTES], shown[SHOWN_BYTES];
	FILE *out = tmpfile();
	assert_non_null(out);
	assert_int_equal(cli_pack_coverage(path_of(path, "packs/koriyama"),
	    NULL, out, stderr), 0);
	take(out, shown);
	assert_int_equal(count_lines(shown), 131);
	assert_non_null(strstr(shown, "art13.2\t"));
}

/* Goal of this test: law's controls are found in base, beside it. */
static void
coverage_of_law_uses_base(void **state)
{
	char path[PATH_BYTES], shown[SHOWN_BYTES];
	FILE *out = tmpfile();
	assert_non_null(out);
	assert_int_equal(cli_pack_coverage(path_of(path, "packs/law"), NULL,
	    out, stderr), 0);
	take(out, shown);
	assert_int_equal(count_lines(shown), 79);
	assert_non_null(strstr(shown, "unproven"));
}

static void
missing_stories_are_told(void **state)
{
	char path[PATH_BYTES], shown[SHOWN_BYTES];
	FILE *complaints = tmpfile();
	assert_non_null(complaints);
	assert_int_equal(cli_pack_coverage(path_of(path, "packs/okinawa"),
	    "/nonexistent/stories.tsv", stdout, complaints), 2);
	take(complaints, shown);
	assert_non_null(strstr(shown, "stories.tsv cannot be opened"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_packs_get_a_line_each),
		cmocka_unit_test(faults_are_shown_and_counted),
		cmocka_unit_test(coverage_has_a_line_for_each_provision),
		cmocka_unit_test(coverage_of_law_uses_base),
		cmocka_unit_test(missing_stories_are_told),
	};
	return cmocka_run_group_tests_name("cli_pack", tests, NULL, NULL);
}
