/*
 * Goal of this test: slices compare, part, trim and split as bytes, empty ones
 * too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/slice.h"

static void
compares_bytes(void **state)
{
	assert_true(slice_is_equal(SLICE_NONE, SLICE("")));
	assert_true(slice_is(SLICE("a"), "a"));
	assert_false(slice_is(SLICE("a"), "ab"));
	assert_true(slice_is(SLICE_NONE, NULL));
	assert_true(slice_compare(SLICE("a"), SLICE("b")) < 0);
	assert_true(slice_compare(SLICE("ab"), SLICE("a")) > 0);
	assert_true(slice_compare(SLICE_NONE, SLICE("a")) < 0);
	assert_int_equal(slice_compare(SLICE("a"), SLICE("a")), 0);
	/* bytes are unsigned */
	assert_true(slice_compare(SLICE("z"), SLICE("\xe3")) < 0);
	/* a NUL is a byte like others */
	assert_true(slice_compare(SLICE("a\0b"), SLICE("a\0c")) < 0);
}

static void
takes_parts(void **state)
{
	struct slice s = SLICE("abc");
	assert_true(slice_is(slice_from(s, 1), "bc"));
	assert_int_equal(slice_from(s, 3).n, 0);
	assert_int_equal(slice_from(s, 4).n, 0);
	assert_int_equal(slice_from(SLICE_NONE, 1).n, 0);
	assert_int_equal(slice_find(s, 'c'), 2);
	assert_int_equal(slice_find(s, 'x'), 3);
	assert_int_equal(slice_find(SLICE_NONE, 'x'), 0);
	assert_true(slice_has_prefix(s, SLICE("ab")));
	assert_true(slice_has_prefix(s, SLICE_NONE));
	assert_false(slice_has_prefix(SLICE("a"), SLICE("ab")));
}

static void
trims_ascii_space_only(void **state)
{
	assert_true(slice_is(slice_trim(SLICE(" \t\r\n a b \n")), "a b"));
	assert_int_equal(slice_trim(SLICE("  ")).n, 0);
	assert_int_equal(slice_trim(SLICE_NONE).n, 0);
	assert_true(slice_is(slice_trim(SLICE("　a")), "　a"));
}

static void
splits_to_the_end(void **state)
{
	struct slice rest = SLICE("a,,b,");
	struct slice part;
	const char *parts[] = {"a", "", "b", ""};
	for (size_t i = 0; i < 4; i++) {
		assert_true(slice_split(&rest, ',', &part));
		assert_true(slice_is(part, parts[i]));
	}
	assert_false(slice_split(&rest, ',', &part));
	rest = SLICE("");
	assert_true(slice_split(&rest, ',', &part));
	assert_int_equal(part.n, 0);
	assert_false(slice_split(&rest, ',', &part));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(compares_bytes),
	    cmocka_unit_test(takes_parts),
	    cmocka_unit_test(trims_ascii_space_only),
	    cmocka_unit_test(splits_to_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
