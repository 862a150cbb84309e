/*
 * Goal of this test: a clock follows its script and never goes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

static void
a_script_stands_still_until_set(void **state)
{
	struct clock c;
	clock_init_script(&c, 5 * SECOND_US);
	assert_true(clock_now(&c) == 5 * SECOND_US);
	assert_true(clock_now(&c) == 5 * SECOND_US);
	clock_set(&c, 7 * SECOND_US);
	assert_true(clock_now(&c) == 7 * SECOND_US);
}

static void
never_goes_back(void **state)
{
	struct clock c;
	clock_init_script(&c, 7 * SECOND_US);
	assert_true(clock_now(&c) == 7 * SECOND_US);
	clock_set(&c, 3 * SECOND_US);
	assert_true(clock_now(&c) == 7 * SECOND_US);
	clock_set(&c, 8 * SECOND_US);
	assert_true(clock_now(&c) == 8 * SECOND_US);
}

static void
the_system_goes_on(void **state)
{
	struct clock c;
	clock_init_system(&c);
	instant a = clock_now(&c);
	instant b = clock_now(&c);
	assert_true(a > 0 && b >= a);
	a = clock_monotonic();
	assert_true(clock_monotonic() >= a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_script_stands_still_until_set),
	    cmocka_unit_test(never_goes_back),
	    cmocka_unit_test(the_system_goes_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
