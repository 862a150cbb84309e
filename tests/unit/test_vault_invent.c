/*
 * Goal of this test: invented people are the same every time, pass every
 * check, live together in households, and have all that systems stumble over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "vault/invent.h"
#include "vault_rig.h"

enum { N = 20000 };

static struct invent
people(uint64_t seed)
{
	return (struct invent){.seed = seed,
	    .municipality = SLICE("長岡京市"),
	    .today = {2026, 10, 2}};
}

static bool
holds(struct slice s, const char *what)
{
	return memmem(s.p, s.n, what, strlen(what)) != NULL;
}

static void
test_same(void **state)
{
	struct invent in = people(1), other = people(2);
	struct arena *a = arena_open(1024 * 1024);
	struct invented x, y, z;
	size_t same = 0;
	(void)state;
	for (uint64_t i = 0; i < 100; i++) {
		invent_person(&in, i, a, &x);
		invent_person(&in, 99 - i, a, &z);
		invent_person(&in, i, a, &y);
		assert_true(slice_is_equal(x.name, y.name));
		assert_true(slice_is_equal(x.address, y.address));
		assert_true(slice_is_equal(x.my_number, y.my_number));
		assert_int_equal(date_compare(x.birth, y.birth), 0);
		invent_person(&other, i, a, &z);
		same += slice_is_equal(x.name, z.name);
	}
	assert_true(same < 20);
	arena_close(a);
}

static void
test_all_kinds(void **state)
{
	static const char *const odd[] = {
	    "髙", "﨑", "濵", "邉", "\xf0\xa0\xae\xb7", "\xf3\xa0\x84\x80"};
	struct invent in = people(1);
	struct arena *a = arena_open(1024 * 1024);
	size_t seen[6] = {0}, eras[5] = {0}, women = 0, protected_ones = 0;
	struct invented who;
	(void)state;
	for (uint64_t i = 0; i < 5 * N; i++) {
		arena_reset(a);
		invent_person(&in, i, a, &who);
		for (size_t k = 0; k < 6; k++)
			seen[k] += holds(who.name, odd[k]);
		assert_true(date_is_valid(who.birth));
		assert_true(date_compare(who.birth, in.today) <= 0);
		switch (era_of(who.birth)->letter) {
		case 'M':
			eras[0]++;
			break;
		case 'T':
			eras[1]++;
			break;
		case 'S':
			eras[2]++;
			break;
		case 'H':
			eras[3]++;
			break;
		default:
			eras[4]++;
			break;
		}
		women += who.is_female;
		protected_ones += who.is_protected;
		assert_true(my_number_is_valid(who.my_number));
		assert_true(slice_has_prefix(who.address, in.municipality));
	}
	for (size_t k = 0; k < 6; k++)
		assert_true(seen[k] > 0);
	for (size_t k = 0; k < 5; k++)
		assert_true(eras[k] > 0);
	assert_true(eras[0] < 50); /* absurdly old: few */
	assert_in_range(women, 2 * N, 3 * N);
	assert_in_range(protected_ones, 5 * N / 800, 5 * N / 200);
	arena_close(a);
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, 12);
}

static void
test_unique(void **state)
{
	struct invent in = people(1);
	struct arena *a = arena_open(1024 * 1024);
	char(*numbers)[12] = mem_alloc(N, sizeof(*numbers));
	struct invented who;
	(void)state;
	assert_non_null(numbers);
	for (uint64_t i = 0; i < N; i++) {
		arena_reset(a);
		invent_person(&in, i, a, &who);
		memcpy(numbers[i], who.my_number.p, 12);
	}
	qsort(numbers, N, sizeof(*numbers), compare);
	for (size_t i = 1; i < N; i++)
		assert_true(memcmp(numbers[i - 1], numbers[i], 12) < 0);
	mem_free(numbers);
	arena_close(a);
}

static void
test_households(void **state)
{
	struct invent in = people(3);
	struct arena *a = arena_open((size_t)16 * 1024 * 1024);
	struct invented before, who;
	(void)state;
	invent_person(&in, 0, a, &before);
	assert_true(before.is_head);
	for (uint64_t i = 1; i < 2000; i++, before = who) {
		invent_person(&in, i, a, &who);
		if (who.household != before.household) {
			assert_true(who.household > before.household);
			assert_true(who.is_head);
			continue;
		}
		assert_false(who.is_head);
		assert_true(slice_is_equal(who.address, before.address));
		assert_true(slice_is_equal(
		    who.household_number, before.household_number));
		size_t gap = strlen("　");
		size_t n = (size_t)((const char *)memmem(
					who.name.p, who.name.n, "　", gap) -
				    who.name.p);
		assert_memory_equal(who.name.p, before.name.p, n);
	}
	arena_close(a);
}

/* Whatever the holding: every value passes its own check. */
static void
test_values(void **state)
{
	struct invent in = people(4);
	struct arena *a = arena_open(1024 * 1024);
	struct slice values[HOLDING_ITEMS_MAX];
	struct item other[PACK_ITEM_FILE + 1];
	struct holding any = {.items = other, .n_items = PACK_ITEM_FILE + 1};
	struct invented who;
	(void)state;
	for (size_t i = 0; i < any.n_items; i++)
		other[i] = (struct item){
		    .id = SLICE("x"), .type = (enum pack_item_type)i};
	for (uint64_t i = 0; i < N; i++) {
		const struct holding *h = i % 2 ? &any : &rig_residents;
		arena_reset(a);
		invent_person(&in, i, a, &who);
		invent_values(&in, h, &who, a, values);
		assert_false(arena_is_failed(a));
		for (size_t k = 0; k < h->n_items; k++) {
			assert_int_equal(value_check(&h->items[k], values[k]),
			    VALUE_IS_FINE);
			assert_true(values[k].n > 0 ||
				    h->items[k].type == PACK_ITEM_FILE);
		}
	}
	arena_close(a);
}

static void
test_csv(void **state)
{
	struct invent in = people(5);
	struct buf utf8 = buf_of(8 * 1024 * 1024),
		   cp932 = buf_of(8 * 1024 * 1024), small = buf_of(100);
	struct err err = ERR_INIT;
	enum text_encoding encoding;
	struct buf back = buf_of(8 * 1024 * 1024);
	(void)state;
	in.is_cp932 = true;
	assert_true(
	    invent_csv(&in, &rig_residents, 0, 5000, TEXT_UTF8, &utf8, &err));
	if (!invent_csv(&in, &rig_residents, 0, 5000, TEXT_CP932, &cp932, &err))
		fail_msg("%s", err.text);
	assert_true(
	    text_decode(slice_bytes(cp932.p, cp932.n), &back, &encoding, &err));
	assert_int_equal(encoding, TEXT_CP932);
	assert_true(slice_is_equal(
	    slice_bytes(back.p, back.n), slice_bytes(utf8.p, utf8.n)));
	assert_false(
	    invent_csv(&in, &rig_residents, 0, 5, TEXT_UTF8, &small, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	buf_close(&utf8);
	buf_close(&cp932);
	buf_close(&small);
	buf_close(&back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_same),
	    cmocka_unit_test(test_all_kinds),
	    cmocka_unit_test(test_unique),
	    cmocka_unit_test(test_households),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_csv),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
