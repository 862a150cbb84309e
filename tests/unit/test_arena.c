/*
 * Goal of this test: an arena gives its cap and no more, zeroed, again after a
 * reset.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/mem.h"

static void
gives_its_cap_and_no_more(void **state)
{
	struct arena *a SCOPED(arena_close_scoped) = arena_open(100000);
	assert_non_null(a);
	assert_non_null(arena_alloc(a, 60000));
	assert_non_null(arena_alloc(a, 40000));
	assert_int_equal(arena_used(a), 100000);
	assert_non_null(arena_alloc(a, 0));
	assert_false(arena_is_failed(a));
	assert_null(arena_alloc(a, 1));
	assert_true(arena_is_failed(a));
	/* it keeps its failure */
	assert_null(arena_alloc(a, 0));

	arena_reset(a);
	assert_false(arena_is_failed(a));
	assert_int_equal(arena_used(a), 0);
	assert_null(arena_alloc(a, 100001));
}

static void
gives_zeroed_and_aligned_memory_again_after_reset(void **state)
{
	struct arena *a SCOPED(arena_close_scoped) = arena_open(1 << 20);
	assert_non_null(a);
	for (int round = 0; round < 3; round++) {
		for (size_t n = 0; n < 300; n++) {
			unsigned char *p = arena_alloc(a, n);
			assert_non_null(p);
			assert_int_equal((uintptr_t)p % 16, 0);
			for (size_t i = 0; i < n; i++) {
				assert_int_equal(p[i], 0);
				p[i] = 0xff;
			}
		}
		arena_reset(a);
	}
}

static void
checks_products(void **state)
{
	struct arena *a SCOPED(arena_close_scoped) = arena_open(1000);
	assert_non_null(a);
	assert_non_null(arena_array(a, 0, 8));
	assert_non_null(arena_array(a, 8, 0));
	assert_non_null(arena_array(a, 10, 10));
	assert_null(arena_array(a, SIZE_MAX / 2, 3));
	assert_true(arena_is_failed(a));
}

static void
copies_and_prints_with_a_nul_behind(void **state)
{
	struct arena *a SCOPED(arena_close_scoped) = arena_open(12);
	assert_non_null(a);
	struct slice s = arena_copy(a, SLICE("abc")); /* 4 bytes */
	assert_string_equal(s.p, "abc");
	s = arena_printf(a, "%d-%s", 12, "xyz"); /* 7 bytes: 11 */
	assert_string_equal(s.p, "12-xyz");
	assert_int_equal(s.n, 6);
	s = arena_copy(a, SLICE_NONE); /* 12 */
	assert_string_equal(s.p, "");
	assert_int_equal(s.n, 0);
	assert_null(arena_copy(a, SLICE("")).p);
	assert_null(arena_printf(a, "%s", "").p);
}

static void
fails_when_memory_runs_out(void **state)
{
	for (unsigned long nth = 1; nth <= 2; nth++) {
		mem_fail_at(nth);
		struct arena *none = arena_open(100);
		mem_fail_at(0);
		assert_null(none);
	}
	struct arena *a SCOPED(arena_close_scoped) = arena_open(1 << 20);
	assert_non_null(a);
	mem_fail_at(1);
	void *p = arena_alloc(a, 1 << 18);
	mem_fail_at(0);
	assert_null(p);
	assert_true(arena_is_failed(a));
	arena_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_its_cap_and_no_more),
	    cmocka_unit_test(gives_zeroed_and_aligned_memory_again_after_reset),
	    cmocka_unit_test(checks_products),
	    cmocka_unit_test(copies_and_prints_with_a_nul_behind),
	    cmocka_unit_test(fails_when_memory_runs_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
