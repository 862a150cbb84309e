/*
 * Goal of this test: an error says what its header says, whole or cut, and
 * wraps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/err.h"

static void
fills_in_and_returns_false(void **state)
{
	struct err err = ERR_INIT;
	assert_false(ERR(&err, ERR_LIMIT, "past %d", 7));
	assert_int_equal(err.code, ERR_LIMIT);
	assert_string_equal(err.text, "past 7");
	assert_non_null(strstr(err.file, "test_err.c"));
	assert_true(err.line > 0);
	err_clear(&err);
	assert_int_equal(err.code, ERR_NONE);
	assert_string_equal(err.text, "");
}

static void
takes_null(void **state)
{
	assert_false(ERR(NULL, ERR_INPUT, "nobody looks"));
	assert_false(ERR_ERRNO(NULL, EIO, "nobody looks"));
	assert_false(err_wrap(NULL, "nobody"));
	err_clear(NULL);
}

static void
cuts_what_is_too_long(void **state)
{
	struct err err = ERR_INIT;
	char text[2 * sizeof(err.text)];
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	ERR(&err, ERR_INPUT, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_false(err_wrap(&err, "front"));
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_memory_equal(err.text, "front: xxx", 10);
	ERR_ERRNO(&err, EIO, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static void
wraps_and_keeps_the_code(void **state)
{
	struct err err = ERR_INIT;
	ERR(&err, ERR_BUSY, "inside");
	assert_false(err_wrap(&err, "outside %s", "it"));
	assert_string_equal(err.text, "outside it: inside");
	assert_int_equal(err.code, ERR_BUSY);
}

static void
tells_full_from_other_refusals(void **state)
{
	static const struct {
		int num;
		enum err_code code;
	} cases[] = {
	    {ENOSPC, ERR_FULL},
	    {EDQUOT, ERR_FULL},
	    {EIO, ERR_SYSTEM},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		assert_false(ERR_ERRNO(&err, cases[i].num, "write"));
		assert_int_equal(err.code, cases[i].code);
		assert_memory_equal(err.text, "write: ", 7);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fills_in_and_returns_false),
	    cmocka_unit_test(takes_null),
	    cmocka_unit_test(cuts_what_is_too_long),
	    cmocka_unit_test(wraps_and_keeps_the_code),
	    cmocka_unit_test(tells_full_from_other_refusals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
