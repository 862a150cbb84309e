/*
 * Goal of this test: UTF-8 is checked to the letter, and CP932 goes both ways
 * without losing a character silently.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

static void
accepts_only_valid_utf8(void **state)
{
	static const struct {
		const char *text;
		size_t valid_to;
	} cases[] = {
	    {"", 0},
	    {"a\x7f", 2},
	    {"\xc2\x80", 2},
	    {"\xdf\xbf\xe0\xa0\x80", 5},
	    {"\xed\x9f\xbf\xee\x80\x80", 6},	 /* around the surrogates */
	    {"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8}, /* U+10000, U+10FFFF */
	    {"a\x80", 1},
	    {"a\xbf", 1},
	    {"\xc0\x80", 0}, /* overlong */
	    {"\xc1\xbf", 0},
	    {"\xe0\x9f\xbf", 0},
	    {"\xf0\x8f\xbf\xbf", 0},
	    {"ab\xed\xa0\x80", 2}, /* a surrogate */
	    {"\xed\xbf\xbf", 0},
	    {"\xf4\x90\x80\x80", 0}, /* past U+10FFFF */
	    {"\xf5\x80\x80\x80", 0},
	    {"\xff", 0},
	    {"漢\xe6\xbc", 3}, /* cut off */
	    {"\xe6\x41\x41", 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice s = slice_of(cases[i].text);
		assert_int_equal(text_valid_to(s), cases[i].valid_to);
		assert_int_equal(text_is_utf8(s), cases[i].valid_to == s.n);
	}
	assert_true(text_is_utf8(SLICE("a\0b")));
	assert_true(text_is_utf8(SLICE_NONE));
}

static void
writes_what_it_reads_for_every_code_point(void **state)
{
	struct buf b SCOPED(buf_close) = buf_of(8);
	for (uint32_t p = 0; p <= 0x110000; p++) {
		buf_reset(&b);
		text_add_point(&b, p);
		if ((p >= 0xd800 && p <= 0xdfff) || p > 0x10ffff) {
			assert_true(b.failed);
			continue;
		}
		size_t at = 0;
		uint32_t q = 1;
		struct slice s = {b.p, b.n};
		assert_true(text_next(s, &at, &q));
		assert_true(q == p && at == b.n);
		assert_false(text_next(s, &at, &q));
	}
}

static void
counts_code_points_and_characters(void **state)
{
	/* 葛 with a selector, 𠮷, か with a combining mark */
	struct slice s = SLICE("\xe8\x91\x9b\xf3\xa0\x84\x80𠮷か\xe3\x82\x99x");
	assert_int_equal(text_count(s), 6);
	assert_int_equal(text_count_characters(s), 4);
	assert_int_equal(text_count(SLICE_NONE), 0);
	assert_int_equal(text_cut(s, 0).n, 0);
	assert_int_equal(text_cut(s, 1).n, 7);
	assert_int_equal(text_cut(s, 2).n, 11);
	assert_int_equal(text_cut(s, 3).n, 17);
	assert_int_equal(text_cut(s, 4).n, s.n);
	assert_int_equal(text_cut(s, 99).n, s.n);
	/* a mark with nothing before it is a character */
	assert_int_equal(text_count_characters(SLICE("\xe3\x82\x99")), 1);
}

static void
recognises_gaiji_controls_and_katakana(void **state)
{
	assert_true(text_has_gaiji(SLICE("a\xee\x80\x80")));
	assert_true(text_has_gaiji(SLICE("\xef\xa3\xbf")));
	assert_true(text_has_gaiji(SLICE("\xf3\xb0\x80\x80")));
	assert_false(text_has_gaiji(SLICE("髙﨑𠮷")));

	assert_true(text_is_clean(SLICE("漢字"), false));
	assert_false(text_is_clean(SLICE("a\nb"), false));
	assert_true(text_is_clean(SLICE("a\r\n\tb"), true));
	assert_false(text_is_clean(SLICE("a\0b"), true));
	assert_false(text_is_clean(SLICE("a\x7f"), true));
	assert_false(text_is_clean(SLICE("a\xc2\x85"), true));
	assert_false(text_is_clean(SLICE("\xff"), true));

	assert_true(text_is_katakana(SLICE("ヴァン・ゴッホ　ー")));
	assert_false(text_is_katakana(SLICE("")));
	assert_false(text_is_katakana(SLICE("ひらがな")));
	assert_false(text_is_katakana(SLICE("ｶﾅ")));
	assert_false(text_is_katakana(SLICE("カナ漢")));
	assert_false(text_is_katakana(SLICE("カ\xff")));
}

static void
converts_windows_31j_both_ways(void **state)
{
	static const struct {
		const char *utf8, *cp932;
	} cases[] = {
	    {"", ""},
	    {"aZ\\~\x1a\x1c\x7f", "aZ\\~\x1a\x1c\x7f"},
	    {"高髙崎﨑", "\x8d\x82\xfb\xfc\x8d\xe8\xfa\xb1"},
	    {"①㈱№", "\x87\x40\x87\x8a\x87\x82"},
	    {"～－∥―￠￡￢", "\x81\x60\x81\x7c\x81\x61\x81\x5c\x81\x91\x81\x92"
			   "\x81\xca"},
	    {"ｱﾞﾟ", "\xb1\xde\xdf"},
	    {"表ソ能", "\x95\x5c\x83\x5c\x94\x5c"}, /* second byte 5C */
	    {"\xee\x80\x80\xee\x9d\x97", "\xf0\x40\xf9\xfc"}, /* gaiji */
	    {"纊", "\xfa\x5c"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b SCOPED(buf_close) = buf_of(100);
		struct slice s;
		assert_true(text_to_cp932(slice_of(cases[i].utf8), &b, NULL,
		    NULL));
		assert_true(buf_finish(&b, &s, NULL));
		assert_true(slice_is(s, cases[i].cp932));
		buf_reset(&b);
		assert_true(text_from_cp932(slice_of(cases[i].cp932), &b, NULL,
		    NULL));
		assert_true(buf_finish(&b, &s, NULL));
		assert_true(slice_is(s, cases[i].utf8));
	}
}

static void
unifies_only_the_doubled_characters(void **state)
{
	struct buf b SCOPED(buf_close) = buf_of(100);
	struct slice s;
	/* the code points of JIS go to Microsoft's cells */
	assert_true(text_to_cp932(SLICE("\xe3\x80\x9c\xe2\x88\x92\xe2\x80\x96"
					"\xe2\x80\x94\xc2\xa2\xc2\xa3\xc2\xac"),
	    &b, NULL, NULL));
	assert_true(buf_finish(&b, &s, NULL));
	assert_true(slice_is(s, "\x81\x60\x81\x7c\x81\x61\x81\x5c\x81\x91"
				"\x81\x92\x81\xca"));
	/* NEC's copy of an IBM character reads as the character */
	buf_reset(&b);
	assert_true(text_from_cp932(SLICE("\xed\x40"), &b, NULL, NULL));
	assert_true(buf_finish(&b, &s, NULL));
	assert_true(slice_is(s, "纊"));
}

static void
tells_the_first_character_that_cp932_lacks(void **state)
{
	static const struct {
		const char *text;
		size_t at;
		const char *told;
	} cases[] = {
	    {"山田𠮷男", 6, "character 3 is not in CP932"},
	    {"葛\xf3\xa0\x84\x80", 3, "character 2 is not in CP932"}, /* IVS */
	    {"a\xe2\x80\x8d", 1, "character 2 is not in CP932"}, /* joiner */
	    {"\xc2\xa5", 0, "character 1 is not in CP932"}, /* yen is not \ */
	    {"a\xc2\xa0", 1, "character 2 is not in CP932"},
	    {"\xef\xbf\xbd", 0, "character 1 is not in CP932"},
	    {"ab\xff", 2, "character 3 is not in CP932"},
	    {"か\xe3\x82\x99", 3, "character 2 is not in CP932"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b SCOPED(buf_close) = buf_of(100);
		struct err err = ERR_INIT;
		size_t at = 99;
		assert_false(text_to_cp932(slice_of(cases[i].text), &b, &at,
		    &err));
		assert_int_equal(err.code, ERR_INPUT);
		assert_int_equal(at, cases[i].at);
		assert_string_equal(err.text, cases[i].told);
	}
}

static void
tells_the_first_byte_that_is_no_cp932(void **state)
{
	static const struct {
		const char *text;
		size_t at;
	} cases[] = {
	    {"a\x80", 1},
	    {"\xa0", 0},
	    {"ab\xfd", 2},
	    {"\xff", 0},
	    {"ab\x81", 2},	   /* cut off */
	    {"\x93\xfa\x81\x39", 2}, /* no second byte */
	    {"\x93\xfa\x85\x40", 2}, /* an empty cell */
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b SCOPED(buf_close) = buf_of(100);
		struct err err = ERR_INIT;
		size_t at = 99;
		assert_false(text_from_cp932(slice_of(cases[i].text), &b, &at,
		    &err));
		assert_int_equal(err.code, ERR_INPUT);
		assert_int_equal(at, cases[i].at);
	}
}

static void
converts_long_text_and_keeps_to_the_cap(void **state)
{
	struct buf in SCOPED(buf_close) = buf_of(10000);
	for (int i = 0; i < 2000; i++)
		buf_add_str(&in, i % 3 == 0 ? "a" : "\x93\xfa");
	struct slice s = {in.p, in.n};
	struct err err = ERR_INIT;
	size_t bytes = 667 + 1333 * 3;
	struct buf out SCOPED(buf_close) = buf_of(bytes);
	assert_true(text_from_cp932(s, &out, NULL, &err));
	assert_int_equal(out.n, bytes);
	struct buf back SCOPED(buf_close) = buf_of(in.n);
	assert_true(text_to_cp932((struct slice){out.p, out.n}, &back, NULL,
	    &err));
	assert_int_equal(back.n, in.n);
	assert_memory_equal(back.p, in.p, in.n);

	struct buf small SCOPED(buf_close) = buf_of(bytes - 1);
	assert_false(text_from_cp932(s, &small, NULL, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	struct buf short_back SCOPED(buf_close) = buf_of(in.n - 1);
	assert_false(text_to_cp932((struct slice){out.p, out.n}, &short_back,
	    NULL, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	/* a bad byte far in is told where it is */
	buf_add_byte(&in, 0xff);
	size_t at = 0;
	buf_reset(&out);
	assert_false(text_from_cp932((struct slice){in.p, in.n}, &out, &at,
	    &err));
	assert_int_equal(at, in.n - 1);
}

static void
detects_what_a_file_is_written_in(void **state)
{
	static const struct {
		const char *text;
		bool is_known;
		enum text_encoding encoding;
		const char *decoded;
	} cases[] = {
	    {"", true, TEXT_UTF8, ""},
	    {"a,b", true, TEXT_UTF8, "a,b"},
	    {"\xef\xbb\xbf日本", true, TEXT_UTF8_BOM, "日本"},
	    {"日本", true, TEXT_UTF8, "日本"},
	    {"\x93\xfa\x96\x7b", true, TEXT_CP932, "日本"},
	    {"\xb1\xb2", true, TEXT_CP932, "ｱｲ"},
	    {"\xef\xbb\xbf\x93\xfa", false, TEXT_UTF8,
		"a UTF-8 BOM, but not UTF-8 at byte 3"},
	    {"ab\xff\xff", false, TEXT_UTF8,
		"neither UTF-8 nor CP932 at byte 2"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b SCOPED(buf_close) = buf_of(100);
		struct err err = ERR_INIT;
		enum text_encoding encoding = TEXT_ENCODINGS;
		struct slice s;
		bool is_known = text_decode(slice_of(cases[i].text), &b,
		    &encoding, &err);
		assert_int_equal(is_known, cases[i].is_known);
		if (!is_known) {
			assert_int_equal(err.code, ERR_INPUT);
			assert_string_equal(err.text, cases[i].decoded);
			continue;
		}
		assert_int_equal(encoding, cases[i].encoding);
		assert_true(buf_finish(&b, &s, &err));
		assert_true(slice_is(s, cases[i].decoded));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(accepts_only_valid_utf8),
	    cmocka_unit_test(writes_what_it_reads_for_every_code_point),
	    cmocka_unit_test(counts_code_points_and_characters),
	    cmocka_unit_test(recognises_gaiji_controls_and_katakana),
	    cmocka_unit_test(converts_windows_31j_both_ways),
	    cmocka_unit_test(unifies_only_the_doubled_characters),
	    cmocka_unit_test(tells_the_first_character_that_cp932_lacks),
	    cmocka_unit_test(tells_the_first_byte_that_is_no_cp932),
	    cmocka_unit_test(converts_long_text_and_keeps_to_the_cap),
	    cmocka_unit_test(detects_what_a_file_is_written_in),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
