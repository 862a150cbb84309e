/*
 * Goal of this test: numbers from outside are read whole or not at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/num.h"

static void
reads_decimal_at_max_and_past_it(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		bool is_read;
		uint64_t value;
	} cases[] = {
	    {"0", 0, true, 0},
	    {"1", 0, false, 0},
	    {"00007", 9, true, 7},
	    {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
	    {"18446744073709551616", UINT64_MAX, false, 0},
	    {"99999999999999999999", UINT64_MAX, false, 0},
	    {"000000000000000000001", UINT64_MAX, false, 0}, /* 21 digits */
	    {"", 9, false, 0},
	    {"-1", 9, false, 0},
	    {"+1", 9, false, 0},
	    {" 1", 9, false, 0},
	    {"1 ", 9, false, 0},
	    {"0x1", 9, false, 0},
	    {"１", 9, false, 0},
	    {"100", 100, true, 100},
	    {"101", 100, false, 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t v = 42;
		bool is_read = num_read_u64(slice_of(cases[i].text),
		    cases[i].max, &v);
		assert_int_equal(is_read, cases[i].is_read);
		assert_true(v == (is_read ? cases[i].value : 42));
	}
}

static void
reads_hexadecimal(void **state)
{
	uint64_t v = 42;
	assert_true(num_read_hex(SLICE("ff"), &v));
	assert_true(v == 255);
	assert_true(num_read_hex(SLICE("ffffffffffffffff"), &v));
	assert_true(v == UINT64_MAX);
	v = 42;
	assert_false(num_read_hex(SLICE("10000000000000000"), &v));
	assert_false(num_read_hex(SLICE("FF"), &v));
	assert_false(num_read_hex(SLICE("g"), &v));
	assert_false(num_read_hex(SLICE(""), &v));
	assert_true(v == 42);
}

static void
checks_sums_and_products(void **state)
{
	uint64_t v;
	assert_true(num_add(UINT64_MAX - 1, 1, &v));
	assert_false(num_add(UINT64_MAX, 1, &v));
	assert_true(num_mul(UINT64_MAX, 1, &v));
	assert_false(num_mul(UINT64_MAX, 2, &v));
}

static void
puts_and_gets_big_endian(void **state)
{
	uint8_t b[8];
	num_put_be64(b, UINT64_C(0xfedcba9876543210));
	assert_memory_equal(b, "\xfe\xdc\xba\x98\x76\x54\x32\x10", 8);
	assert_true(num_be64(b) == UINT64_C(0xfedcba9876543210));
	assert_true(num_be32(b) == UINT32_C(0xfedcba98));
	assert_true(num_be16(b) == 0xfedc);
	num_put_be16(b, 0x8001);
	assert_true(num_be16(b) == 0x8001);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_decimal_at_max_and_past_it),
	    cmocka_unit_test(reads_hexadecimal),
	    cmocka_unit_test(checks_sums_and_products),
	    cmocka_unit_test(puts_and_gets_big_endian),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
