/*
 * Goal of this test: what may be the value of an item, and what may not, for
 * every type; the check digit of 個人番号; what is looked up for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "vault_rig.h"

struct row {
	enum pack_item_type type;
	const char *text;
	enum value_fault fault;
};

static const struct row rows[] = {
    {PACK_ITEM_NAME, "髙﨑　\xf0\xa0\xae\xb7男", VALUE_IS_FINE},
    {PACK_ITEM_NAME, "葛\xf3\xa0\x84\x80城", VALUE_IS_FINE},
    {PACK_ITEM_NAME, "", VALUE_IS_FINE},
    {PACK_ITEM_NAME, "佐藤\n花子", VALUE_NO_TEXT},
    {PACK_ITEM_NAME, "\xff", VALUE_NO_TEXT},
    {PACK_ITEM_NAME, "\xe9\xab", VALUE_NO_TEXT},
    {PACK_ITEM_KANA, "サトウ　ハナコ", VALUE_IS_FINE},
    {PACK_ITEM_KANA, "ｻﾄｳ ﾊﾅｺ", VALUE_IS_FINE},
    {PACK_ITEM_KANA, "さとう　はなこ", VALUE_IS_FINE},
    {PACK_ITEM_KANA, "ジョン・スミス", VALUE_IS_FINE},
    {PACK_ITEM_KANA, "佐藤", VALUE_NO_KANA},
    {PACK_ITEM_KANA, "　", VALUE_NO_KANA},
    {PACK_ITEM_KANA, "Sato", VALUE_NO_KANA},
    {PACK_ITEM_DATE, "昭和35年1月2日", VALUE_IS_FINE},
    {PACK_ITEM_DATE, "明治40年12月31日", VALUE_IS_FINE},
    {PACK_ITEM_DATE, "T10.4.1", VALUE_IS_FINE},
    {PACK_ITEM_DATE, "平成31年4月30日", VALUE_IS_FINE},
    {PACK_ITEM_DATE, "令和元年5月1日", VALUE_IS_FINE},
    {PACK_ITEM_DATE, "20260229", VALUE_NO_DATE},
    {PACK_ITEM_DATE, "平成31年5月1日", VALUE_NO_DATE},
    {PACK_ITEM_DATE, "昨日", VALUE_NO_DATE},
    {PACK_ITEM_ADDRESS, "沖縄市仲宗根町26番1号", VALUE_IS_FINE},
    {PACK_ITEM_NUMBER, "0012-34", VALUE_IS_FINE},
    {PACK_ITEM_NUMBER, "１２３", VALUE_IS_FINE},
    {PACK_ITEM_NUMBER, "R8-0147", VALUE_IS_FINE},
    {PACK_ITEM_NUMBER, "-", VALUE_NO_NUMBER},
    {PACK_ITEM_NUMBER, "12.5", VALUE_NO_NUMBER},
    {PACK_ITEM_PHONE, "098-939-1212", VALUE_IS_FINE},
    {PACK_ITEM_PHONE, "(098)939-1212", VALUE_IS_FINE},
    {PACK_ITEM_PHONE, "＋81 90 0123 4567", VALUE_IS_FINE},
    {PACK_ITEM_PHONE, "０９０−０１２３−４５６７", VALUE_IS_FINE},
    {PACK_ITEM_PHONE, "939-1212", VALUE_NO_PHONE},
    {PACK_ITEM_PHONE, "1234567890", VALUE_NO_PHONE},
    {PACK_ITEM_MY_NUMBER, "123456789018", VALUE_IS_FINE},
    {PACK_ITEM_MY_NUMBER, "1234 5678 9018", VALUE_IS_FINE},
    {PACK_ITEM_MY_NUMBER, "１２３４５６７８９０１８", VALUE_IS_FINE},
    {PACK_ITEM_MY_NUMBER, "987654321093", VALUE_IS_FINE},
    {PACK_ITEM_MY_NUMBER, "314159265352", VALUE_IS_FINE},
    {PACK_ITEM_MY_NUMBER, "301661318600", VALUE_IS_FINE}, /* r = 0 */
    {PACK_ITEM_MY_NUMBER, "913909960300", VALUE_IS_FINE}, /* r = 1 */
    {PACK_ITEM_MY_NUMBER, "123456789010", VALUE_WRONG_CHECK_DIGIT},
    {PACK_ITEM_MY_NUMBER, "000000000000", VALUE_WRONG_CHECK_DIGIT},
    {PACK_ITEM_MY_NUMBER, "12345678901", VALUE_NO_MY_NUMBER},
    {PACK_ITEM_MY_NUMBER, "1234567890189", VALUE_NO_MY_NUMBER},
    {PACK_ITEM_MY_NUMBER, "12345678901A", VALUE_NO_MY_NUMBER},
    {PACK_ITEM_TEXT, "一行目\n二行目", VALUE_IS_FINE},
    {PACK_ITEM_TEXT, "\x01", VALUE_NO_TEXT},
    {PACK_ITEM_FILE, "x", VALUE_NO_FILE},
};

static void
test_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct item item = {.type = rows[i].type};
		enum value_fault got =
		    value_check(&item, slice_of(rows[i].text));
		if (got != rows[i].fault)
			fail_msg("row %zu: %s, not %s", i,
			    value_fault_name(got),
			    value_fault_name(rows[i].fault));
	}
}

static void
test_choices(void **state)
{
	const struct item *sex =
	    &rig_residents.items[holding_item(&rig_residents, SLICE("sex"))];
	struct item free_choice = {.type = PACK_ITEM_CHOICE};
	(void)state;
	assert_int_equal(value_check(sex, SLICE("女")), VALUE_IS_FINE);
	assert_int_equal(value_check(sex, SLICE("おんな")), VALUE_NO_CHOICE);
	assert_int_equal(
	    value_check(&free_choice, SLICE("第3投票区")), VALUE_IS_FINE);
}

static void
test_limits(void **state)
{
	static char long_text[RECORD_VALUE_MAX_BYTES + 1];
	struct item text = {.type = PACK_ITEM_TEXT};
	struct item retired = {.type = PACK_ITEM_TEXT, .is_retired = true};
	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	assert_int_equal(
	    value_check(&text, slice_bytes(long_text, RECORD_VALUE_MAX_BYTES)),
	    VALUE_IS_FINE);
	assert_int_equal(value_check(&text, slice_bytes(long_text,
						RECORD_VALUE_MAX_BYTES + 1)),
	    VALUE_TOO_LONG);
	assert_int_equal(value_check(&retired, SLICE("x")), VALUE_RETIRED);
	assert_int_equal(value_check(&retired, SLICE("")), VALUE_IS_FINE);
}

/* ---- terms ---- */

struct found {
	struct arena *arena;
	struct term terms[TERM_OF_RECORD_MAX];
	size_t n;
};

static void
make(struct found *f, const char *item, const char *value)
{
	struct slice values[HOLDING_ITEMS_MAX] = {SLICE_NONE};
	f->arena = arena_open(1024 * 1024);
	assert_non_null(f->arena);
	values[holding_item(&rig_residents, slice_of(item))] = slice_of(value);
	f->n = terms_of_record(&rig_residents, values, f->arena, f->terms);
	assert_false(arena_is_failed(f->arena));
}

static bool
finds(const struct found *f, const char *item, const char *typed)
{
	struct term term;
	struct err err = ERR_INIT;
	assert_true(term_of_search(&rig_residents,
	    holding_item(&rig_residents, slice_of(item)), slice_of(typed),
	    f->arena, &term, &err));
	for (size_t i = 0; i < f->n; i++)
		if (f->terms[i].item == term.item &&
		    slice_is_equal(f->terms[i].text, term.text))
			return true;
	return false;
}

static void
check_search(const char *item, const char *value, const char *const *yes,
    const char *const *no)
{
	struct found f;
	make(&f, item, value);
	for (size_t i = 0; yes[i] != NULL; i++)
		if (!finds(&f, item, yes[i]))
			fail_msg("%s: not found by %s", value, yes[i]);
	for (size_t i = 0; no[i] != NULL; i++)
		if (finds(&f, item, no[i]))
			fail_msg("%s: found by %s", value, no[i]);
	arena_close(f.arena);
}

static void
test_kana(void **state)
{
	(void)state;
	check_search("kana", "タカハシ　ハナコ",
	    (const char *[]){"タ", "タカ", "たかはし", "ﾀｶﾊｼ ﾊﾅ",
		"タカハシハナコ", "タカハシ・ハナコ", NULL},
	    (const char *[]){"ハナコ", "タカハシハナコオ", "カ", NULL});
	/* past the longest prefix it finds more, never less */
	check_search("kana", "ハセガワ　キハチロウ",
	    (const char *[]){"ハセガワキハチロ", "ハセガワキハチロウ", NULL},
	    (const char *[]){"ハセガワキハチメ", NULL});
}

static void
test_address(void **state)
{
	(void)state;
	check_search("address", "沖縄県沖縄市仲宗根町26番1号 コーポ沖203号室",
	    (const char *[]){"沖縄市", "沖縄市仲宗根町", "仲宗根町",
		"沖縄県沖縄市仲宗根町", "仲宗根町26", "仲宗根町２６番",
		"沖縄市仲宗根町26-1", "仲宗根町26番1号", NULL},
	    (const char *[]){
		"仲宗根町2", "仲宗根町27", "うるま市", "美里", NULL});
	/* by whole parts; towns need no 町 behind them */
	check_search("address", "沖縄市美里26番1号",
	    (const char *[]){"沖縄市美里", "美里", "美里26", NULL},
	    (const char *[]){"沖縄市美", "美", NULL});
	check_search("address", "中泊町大字中里字亀山433番地",
	    (const char *[]){"中泊町", "中泊町大字中里字亀山433",
		"大字中里字亀山433番地", NULL},
	    (const char *[]){"中泊町大字中里字亀山43", NULL});
}

static void
test_others(void **state)
{
	(void)state;
	check_search("birth", "昭和35年1月2日",
	    (const char *[]){
		"1960-01-02", "S35.1.2", "3350102", "1960年1月2日", NULL},
	    (const char *[]){"1960-01-03", NULL});
	check_search("number", "0012-34",
	    (const char *[]){"001234", "００１２３４", "0012-34", NULL},
	    (const char *[]){"1234", "00123", NULL});
}

static void
test_not_searched(void **state)
{
	struct err err = ERR_INIT;
	struct term term;
	struct arena *a = arena_open(4096);
	(void)state;
	assert_false(term_of_search(&rig_residents,
	    holding_item(&rig_residents, SLICE("name")), SLICE("佐藤"), a,
	    &term, &err));
	assert_int_equal(err.code, ERR_INPUT);
	assert_false(term_of_search(&rig_residents,
	    holding_item(&rig_residents, SLICE("kana")), SLICE(" ・ "), a,
	    &term, &err));
	assert_int_equal(err.code, ERR_INPUT);
	assert_false(term_of_search(
	    &rig_residents, HOLDING_ITEMS_MAX, SLICE("x"), a, &term, &err));
	assert_false(term_of_search(&rig_residents,
	    holding_item(&rig_residents, SLICE("kana")), SLICE("\xff"), a,
	    &term, &err));
	assert_false(term_of_search(&rig_residents,
	    holding_item(&rig_residents, SLICE("birth")), SLICE("昨日"), a,
	    &term, &err));
	arena_close(a);
}

/* The longest of everything stays within the cap. */
static void
test_many_terms(void **state)
{
	struct slice values[HOLDING_ITEMS_MAX];
	struct term terms[TERM_OF_RECORD_MAX];
	struct item items[HOLDING_ITEMS_MAX];
	struct holding h = {.items = items, .n_items = HOLDING_ITEMS_MAX};
	struct arena *a = arena_open(1024 * 1024);
	(void)state;
	for (size_t i = 0; i < HOLDING_ITEMS_MAX; i++) {
		items[i] = (struct item){
		    .type = PACK_ITEM_ADDRESS, .search = PACK_SEARCH_PREFIX};
		values[i] =
		    SLICE("甲市乙町丙町丁町戊町己町庚町1-2-3-4-5-6-7-8-9");
	}
	assert_int_equal(
	    terms_of_record(&h, values, a, terms), TERM_OF_RECORD_MAX);
	arena_close(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_choices),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_kana),
	    cmocka_unit_test(test_address),
	    cmocka_unit_test(test_others),
	    cmocka_unit_test(test_not_searched),
	    cmocka_unit_test(test_many_terms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
