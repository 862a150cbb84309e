/*
 * Goal of this test: fibers run, wait and end as their header says, with
 * their stacks aligned for vector code and reused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/fiber.h"

struct steps {
	struct fiber *self;
	int at;
	int waits;
};

static void
walk(struct fiber *self, void *arg)
{
	struct steps *s = arg;
	_Alignas(16) char text[64];
	s->self = self;
	assert_int_equal((uintptr_t)text % 16, 0);
	for (int i = 0; i < s->waits; i++) {
		/* printf of a double needs an aligned stack */
		(void)snprintf(text, sizeof(text), "%.3f", 1.5 * i);
		s->at = i + 1;
		fiber_wait(self);
	}
	s->at = -1;
}

static void
runs_to_the_end_without_waiting(void **state)
{
	struct fiber_pool *pool = fiber_pool_open(1);
	struct steps s = {.waits = 0};
	assert_true(fiber_start(pool, walk, &s, NULL));
	assert_int_equal(s.at, -1);
	assert_int_equal(fiber_pool_alive(pool), 0);
	fiber_pool_close(pool);
}

static void
waits_and_goes_on_where_it_stood(void **state)
{
	struct fiber_pool *pool = fiber_pool_open(2);
	struct steps a = {.waits = 2}, b = {.waits = 1};
	assert_true(fiber_start(pool, walk, &a, NULL));
	assert_true(fiber_start(pool, walk, &b, NULL));
	assert_int_equal(a.at, 1);
	fiber_wake(a.self);
	assert_int_equal(a.at, 2);
	fiber_wake(b.self);
	assert_int_equal(b.at, -1);
	fiber_wake(a.self);
	assert_int_equal(a.at, -1);
	assert_int_equal(fiber_pool_alive(pool), 0);
	fiber_pool_close(pool);
}

static void
refuses_one_more_than_the_maximum(void **state)
{
	struct fiber_pool *pool = fiber_pool_open(1);
	struct steps a = {.waits = 1}, b = {.waits = 0};
	struct err err = ERR_INIT;
	assert_true(fiber_start(pool, walk, &a, NULL));
	assert_false(fiber_start(pool, walk, &b, &err));
	assert_int_equal(err.code, ERR_BUSY);
	fiber_wake(a.self);
	assert_true(fiber_start(pool, walk, &b, NULL));
	fiber_pool_close(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(runs_to_the_end_without_waiting),
	    cmocka_unit_test(waits_and_goes_on_where_it_stood),
	    cmocka_unit_test(refuses_one_more_than_the_maximum),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
