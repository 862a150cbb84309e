/*
 * Goal of this test: a builder holds its maximum and no more, and keeps its
 * failure.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"

static void
holds_its_maximum_and_no_more(void **state)
{
	struct buf b SCOPED(buf_close) = buf_of(300);
	struct err err = ERR_INIT;
	struct slice s;
	for (int i = 0; i < 300; i++)
		buf_add_byte(&b, (uint8_t)i);
	assert_true(buf_finish(&b, &s, &err));
	assert_int_equal(s.n, 300);
	assert_int_equal((uint8_t)s.p[299], 299 - 256);

	buf_add_byte(&b, 0);
	assert_false(buf_finish(&b, &s, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	/* it keeps its failure, though this would fit */
	buf_add_bytes(&b, "", 0);
	assert_null(buf_grow(&b, 0));
	assert_true(b.failed);

	buf_reset(&b);
	buf_add_str(&b, "x");
	assert_true(buf_finish(&b, &s, &err));
	assert_true(slice_is(s, "x"));
}

static void
refuses_sizes_that_overflow(void **state)
{
	struct buf b SCOPED(buf_close) = buf_of(16);
	buf_add_str(&b, "1234");
	assert_null(buf_grow(&b, SIZE_MAX));
	assert_true(b.failed);
}

static void
writes_numbers(void **state)
{
	struct buf b SCOPED(buf_close) = buf_of(1000);
	struct slice s;
	buf_add_u16(&b, 0x0102);
	buf_add_u32(&b, 0x03040506);
	buf_add_u64(&b, UINT64_C(0x0708090a0b0c0d0e));
	assert_true(buf_finish(&b, &s, NULL));
	assert_int_equal(s.n, 14);
	for (size_t i = 0; i < s.n; i++)
		assert_int_equal(s.p[i], i + 1);
	buf_reset(&b);
	buf_add_uint(&b, 0);
	buf_add_uint(&b, UINT64_MAX);
	buf_add_printf(&b, "-%s-%d", "a", 5);
	assert_true(buf_finish(&b, &s, NULL));
	assert_true(slice_is(s, "018446744073709551615-a-5"));
}

static void
is_empty_without_bytes(void **state)
{
	struct buf b SCOPED(buf_close) = buf_of(1);
	struct slice s;
	buf_add(&b, SLICE_NONE);
	buf_add_str(&b, "");
	assert_true(buf_finish(&b, &s, NULL));
	assert_int_equal(s.n, 0);
}

static void
fails_when_memory_runs_out(void **state)
{
	for (unsigned long nth = 1; nth <= 3; nth++) {
		struct buf b = buf_of(4096);
		struct slice s;
		mem_fail_at(nth);
		for (int i = 0; i < 100; i++)
			buf_add_str(&b, "0123456789"); /* 256, 512, 1024 */
		mem_fail_at(0);
		assert_false(buf_finish(&b, &s, NULL));
		buf_close(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(holds_its_maximum_and_no_more),
	    cmocka_unit_test(refuses_sizes_that_overflow),
	    cmocka_unit_test(writes_numbers),
	    cmocka_unit_test(is_empty_without_bytes),
	    cmocka_unit_test(fails_when_memory_runs_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
