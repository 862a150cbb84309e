/*
 * Goal of this test: what people mean by the same name, reading or address has
 * one key, and a key is its own key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fold.h"
#include "base/fold_variants.h"
#include "base/mem.h"

struct pair {
	const char *text, *key;
};

/* The key is as wanted, and its own key is the same again. */
static void
check(void (*fold)(struct slice, struct buf *), const struct pair *pairs,
    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct buf b SCOPED(buf_close) = buf_of(1000);
		struct buf again SCOPED(buf_close) = buf_of(1000);
		struct slice key;
		fold(slice_of(pairs[i].text), &b);
		assert_true(buf_finish(&b, &key, NULL));
		if (!slice_is(key, pairs[i].key))
			fail_msg("%s: %.*s, not %s", pairs[i].text,
			    SLICE_FMT(key), pairs[i].key);
		fold(key, &again);
		assert_true(buf_finish(&again, &key, NULL));
		assert_true(slice_is(key, pairs[i].key));
	}
}

#define CHECK(fold, pairs) check(fold, pairs, sizeof(pairs) / sizeof(pairs[0]))

static void
kana_that_sound_alike_are_one(void **state)
{
	static const struct pair pairs[] = {
	    {"", ""},
	    {"ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダタロウ"},
	    {"やまだ　たろう", "ヤマダタロウ"},
	    {"ヤマタ゛", "ヤマダ"},		 /* a spacing mark */
	    {"ヤマタ\xe3\x82\x99", "ヤマダ"}, /* a combining mark */
	    {"ﾊﾟ", "パ"},
	    {"ッャュョァィゥェォヮヵヶ", "ツヤユヨアイウエオワカケ"},
	    {"ゕゖ", "カケ"},
	    {"ヂヅヲヱヰ", "ジズオエイ"},
	    {"ぢづをゑゐ", "ジズオエイ"},
	    {"ヴァヴィヴヴェヴォヴュ", "バビブベボビユ"},
	    {"ゔぁ", "バ"},
	    {"ヷヸヹヺ", "バビベボ"},
	    {"ヴ", "ブ"},
	    {"オーノ・ジョン－ポール", "オノジヨンポル"},
	    {"ｵｰﾉ", "オノ"},
	    {"-‐‑‒–—―−ー", ""},
	    {"Ｊｏｈｎ", "john"},
	    {"カー゛", "カ"},
	};
	CHECK(fold_kana, pairs);
}

static void
names_with_variant_characters_are_one(void **state)
{
	static const struct pair pairs[] = {
	    {"", ""},
	    {"髙﨑　𠮷男", "高崎吉男"},
	    {"渡邉 渡邊 渡辺", "渡辺渡辺渡辺"},
	    {"齋藤齊藤斉藤斎藤", "斎藤斎藤斎藤斎藤"},
	    {"濵田濱田浜田", "浜田浜田浜田"},
	    {"葛\xf3\xa0\x84\x80西", "葛西"}, /* IVS dropped */
	    {"\xef\xa8\x99谷", "神谷"},	    /* U+FA19 */
	    {"\xef\xa7\x9c", "隆"},	    /* U+F9DC */
	    {"ＳＭＩＴＨ Ｊｏｈｎ", "smithjohn"},
	    {"㈱山田", "(株)山田"},
	    {"ﾔﾏﾀﾞ", "ヤマダ"},
	};
	CHECK(fold_name, pairs);
}

static void
addresses_are_written_one_way(void **state)
{
	static const struct pair pairs[] = {
	    {"", ""},
	    {"北海道札幌市中央区北一条西二丁目３番４号",
		"北海道札幌市中央区北1条西2-3-4"},
	    {"北海道札幌市中央区北１条西２－３－４",
		"北海道札幌市中央区北1条西2-3-4"},
	    {"札幌市中央区北1条西2丁目3-4", "札幌市中央区北1条西2-3-4"},
	    {"一丁目二番地", "1-2"},
	    {"一丁目二番地の三", "1-2-3"},
	    {"1丁目2の3", "1-2-3"},
	    {"十二丁目二十三番二〇一号", "12-23-201"},
	    {"百五番地", "105"},
	    {"千二百三十四番地", "1234"},
	    {"一番町二番地", "一番町2"}, /* a name, not a number */
	    {"三‐四―五", "3-4-5"},
	    {"1ー2−3–4", "1-2-3-4"},
	    {"大阪タワー１０１号室", "大阪タワー101"},
	    {"1-2-3 ハイツ二見", "1-2-3ハイツ二見"},
	    {"1番2号ハイツ二見", "1-2ハイツ二見"},
	    {"霞ヶ関1--2", "霞ケ関1-2"},
	    {"読谷村字座喜味1番地", "読谷村字座喜味1"},
	    {"一二三四五六番", "123456"},
	    {"一二三四五六七番", "一二三四五六七番"}, /* too long */
	    {"四日市市", "四日市市"},
	    {"九十九里町", "九十九里町"},
	    {"櫻町1", "桜町1"},
	};
	CHECK(fold_address, pairs);
}

static void
digits_alone_change(void **state)
{
	static const struct pair pairs[] = {
	    {"", ""},
	    {"０１２３４５６７８９", "0123456789"},
	    {"ＡＢ－１　①", "ＡＢ－1　①"},
	};
	CHECK(fold_digits, pairs);
}

static void
bad_utf8_and_too_much_fail_the_buf(void **state)
{
	void (*const folds[])(struct slice, struct buf *) = {fold_kana,
	    fold_name, fold_address, fold_digits};
	for (size_t i = 0; i < sizeof(folds) / sizeof(folds[0]); i++) {
		struct buf b SCOPED(buf_close) = buf_of(4);
		folds[i](SLICE("12\xed\xa0\x80"), &b);
		assert_true(b.failed);
		buf_reset(&b);
		folds[i](SLICE("１２３４"), &b);
		assert_false(b.failed); /* at the cap */
		buf_reset(&b);
		folds[i](SLICE("１２３４５"), &b);
		assert_true(b.failed); /* and past it */
	}
}

static void
fails_when_memory_runs_out(void **state)
{
	for (unsigned long nth = 1; nth <= 4; nth++) {
		struct buf b = buf_of(100);
		mem_fail_at(nth);
		fold_address(SLICE("一丁目"), &b);
		mem_fail_at(0);
		assert_true(b.failed);
		buf_close(&b);
	}
}

static void
the_table_of_variants_is_in_order_and_flat(void **state)
{
	for (size_t i = 1; i < fold_variants_count; i++)
		assert_true(fold_variants[i - 1].variant <
		    fold_variants[i].variant);
	for (size_t i = 0; i < fold_variants_count; i++)
		for (size_t k = 0; k < fold_variants_count; k++)
			assert_true(fold_variants[i].usual !=
			    fold_variants[k].variant);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kana_that_sound_alike_are_one),
	    cmocka_unit_test(names_with_variant_characters_are_one),
	    cmocka_unit_test(addresses_are_written_one_way),
	    cmocka_unit_test(digits_alone_change),
	    cmocka_unit_test(bad_utf8_and_too_much_fail_the_buf),
	    cmocka_unit_test(fails_when_memory_runs_out),
	    cmocka_unit_test(the_table_of_variants_is_in_order_and_flat),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
