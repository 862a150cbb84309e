#include "base/fold.h"

#include <stdint.h>
#include <stdio.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf16.h>

#include "base/fold_variants.h"
#include "base/mem.h"
#include "base/text.h"

/* Code points, and what is read or written next. */
struct points {
	uint32_t *p;
	size_t n;
};

static void
close_points(struct points *t)
{
	if (t->p != NULL)
		mem_wipe(t->p, t->n * sizeof(*t->p));
	mem_free(t->p);
}

/* UTF-16 units, wiped like all that may hold a name. */
struct units {
	UChar *p;
	size_t size;
	int32_t n;
};

static void
close_units(struct units *u)
{
	if (u->p != NULL)
		mem_wipe(u->p, u->size * sizeof(*u->p));
	mem_free(u->p);
}

static bool
open_units(struct units *u, size_t size)
{
	u->p = mem_alloc(size, sizeof(*u->p));
	u->size = size;
	return u->p != NULL;
}

/* Spacing voiced marks would decompose to a space and a mark. */
static uint32_t
combining(uint32_t p)
{
	return p == 0x309b ? 0x3099 : p == 0x309c ? 0x309a : p;
}

static bool
to_units(struct slice s, struct units *u)
{
	if (s.n > INT32_MAX / 32 || !open_units(u, s.n + 1))
		return false;
	size_t at = 0;
	uint32_t point;
	while (text_next(s, &at, &point))
		U16_APPEND_UNSAFE(u->p, u->n, combining(point));
	return at == s.n;
}

/* NFKC, letters small, selectors and other invisible characters dropped. */
static bool
normalize(const struct units *in, struct units *out)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *n = unorm2_getNFKCCasefoldInstance(&status);
	if (U_FAILURE(status))
		return false;
	int32_t need = unorm2_normalize(n, in->p, in->n, NULL, 0, &status);
	if (status != U_BUFFER_OVERFLOW_ERROR && U_FAILURE(status))
		return false;
	if (!open_units(out, (size_t)need + 1))
		return false;
	status = U_ZERO_ERROR;
	out->n = unorm2_normalize(n, in->p, in->n, out->p, need + 1, &status);
	return U_SUCCESS(status);
}

/* The text as normalized code points, or false: bad UTF-8 or no memory. */
static bool
read_points(struct slice s, struct points *ret)
{
	struct units in SCOPED(close_units) = {0};
	struct units out SCOPED(close_units) = {0};
	if (!to_units(s, &in) || !normalize(&in, &out))
		return false;
	ret->p = mem_alloc((size_t)out.n + 1, sizeof(*ret->p));
	if (ret->p == NULL)
		return false;
	int32_t at = 0;
	while (at < out.n) {
		UChar32 c;
		U16_NEXT(out.p, at, out.n, c);
		ret->p[ret->n++] = (uint32_t)c;
	}
	return true;
}

static bool
is_space(uint32_t p)
{
	return u_isUWhiteSpace((UChar32)p);
}

/* Hyphens, dashes, minus signs and the lines people type for them. */
static bool
is_hyphen(uint32_t p)
{
	return p == '-' || (p >= 0x2010 && p <= 0x2015) || p == 0x2043 ||
	    p == 0x2212 || p == 0x2500 || p == 0x2501 || p == 0x30a0 ||
	    p == 0x2e3a || p == 0x2e3b;
}

/* Code point i, or 0 past the end. */
static uint32_t
peek(const struct points *t, size_t i)
{
	return i < t->n ? t->p[i] : 0;
}

/*
 * Kana
 */

static uint32_t
large_kana(uint32_t p)
{
	static const uint16_t larger[][2] = {
	    {0x30a1, 0x30a2}, /* ァ ア */
	    {0x30a3, 0x30a4}, /* ィ イ */
	    {0x30a5, 0x30a6}, /* ゥ ウ */
	    {0x30a7, 0x30a8}, /* ェ エ */
	    {0x30a9, 0x30aa}, /* ォ オ */
	    {0x30c3, 0x30c4}, /* ッ ツ */
	    {0x30e3, 0x30e4}, /* ャ ヤ */
	    {0x30e5, 0x30e6}, /* ュ ユ */
	    {0x30e7, 0x30e8}, /* ョ ヨ */
	    {0x30ee, 0x30ef}, /* ヮ ワ */
	    {0x30f5, 0x30ab}, /* ヵ カ */
	    {0x30f6, 0x30b1}, /* ヶ ケ */
	    {0x30c2, 0x30b8}, /* ヂ ジ */
	    {0x30c5, 0x30ba}, /* ヅ ズ */
	    {0x30f0, 0x30a4}, /* ヰ イ */
	    {0x30f1, 0x30a8}, /* ヱ エ */
	    {0x30f2, 0x30aa}, /* ヲ オ */
	    {0x30f7, 0x30d0}, /* ヷ バ */
	    {0x30f8, 0x30d3}, /* ヸ ビ */
	    {0x30f9, 0x30d9}, /* ヹ ベ */
	    {0x30fa, 0x30dc}, /* ヺ ボ */
	};
	for (size_t i = 0; i < sizeof(larger) / sizeof(larger[0]); i++)
		if (larger[i][0] == p)
			return larger[i][1];
	return p;
}

static uint32_t
katakana(uint32_t p)
{
	bool is_hiragana = (p >= 0x3041 && p <= 0x3096) || p == 0x309d ||
	    p == 0x309e;
	return is_hiragana ? p + 0x60 : p;
}

/* ヴ with a small vowel behind it: what it becomes, and whether both went. */
static uint32_t
ba_row(uint32_t next, bool *ret_took_next)
{
	static const uint16_t with[][2] = {
	    {0x30a1, 0x30d0}, /* ヴァ バ */
	    {0x30a3, 0x30d3}, /* ヴィ ビ */
	    {0x30a7, 0x30d9}, /* ヴェ ベ */
	    {0x30a9, 0x30dc}, /* ヴォ ボ */
	};
	*ret_took_next = false;
	for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++) {
		if (with[i][0] != next)
			continue;
		*ret_took_next = true;
		return with[i][1];
	}
	/* ヴャ ヴュ ヴョ: ビャ ビュ ビョ; else ブ */
	bool is_y = next == 0x30e3 || next == 0x30e5 || next == 0x30e7;
	return is_y ? 0x30d3 : 0x30d6;
}

static bool
is_dropped_in_kana(uint32_t p)
{
	return is_space(p) || is_hyphen(p) || p == 0x30fc || p == 0x30fb ||
	    p == 0x00b7 || p == 0x3099 || p == 0x309a;
}

void
fold_kana(struct slice s, struct buf *to)
{
	struct points t SCOPED(close_points) = {0};
	if (!read_points(s, &t)) {
		to->failed = true;
		return;
	}
	for (size_t i = 0; i < t.n; i++) {
		uint32_t p = katakana(t.p[i]);
		if (is_dropped_in_kana(p))
			continue;
		if (p == 0x30f4) { /* ヴ */
			bool took_next;
			p = ba_row(katakana(peek(&t, i + 1)), &took_next);
			i += took_next;
		}
		text_add_point(to, large_kana(p));
	}
}

/*
 * Names
 */

static uint32_t
usual_form(uint32_t p)
{
	size_t from = 0;
	size_t to = fold_variants_count;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (fold_variants[middle].variant == p)
			return fold_variants[middle].usual;
		if (fold_variants[middle].variant < p)
			from = middle + 1;
		else
			to = middle;
	}
	return p;
}

void
fold_name(struct slice s, struct buf *to)
{
	struct points t SCOPED(close_points) = {0};
	if (!read_points(s, &t)) {
		to->failed = true;
		return;
	}
	for (size_t i = 0; i < t.n; i++)
		if (!is_space(t.p[i]))
			text_add_point(to, usual_form(t.p[i]));
}

/*
 * Addresses
 */

static bool
is_digit(uint32_t p)
{
	return p >= '0' && p <= '9';
}

/* 0..9 for 〇 to 九, 10, 100, 1000 for 十百千, -1 for anything else. */
static int
kanji_value(uint32_t p)
{
	static const uint16_t digits[] = {0x3007, 0x4e00, 0x4e8c, 0x4e09,
	    0x56db, 0x4e94, 0x516d, 0x4e03, 0x516b, 0x4e5d};
	for (int i = 0; i < 10; i++)
		if (digits[i] == p)
			return i;
	return p == 0x5341 ? 10 : p == 0x767e ? 100 : p == 0x5343 ? 1000 : -1;
}

/* The number written in n kanji: 二十三, or digit by digit 二〇一. */
static unsigned
kanji_number(const uint32_t *p, size_t n)
{
	unsigned sum = 0;
	unsigned digits = 0;
	bool has_digits = false;
	for (size_t i = 0; i < n; i++) {
		unsigned v = (unsigned)kanji_value(p[i]);
		if (v < 10) {
			digits = digits * 10 + v;
			has_digits = true;
			continue;
		}
		sum += (has_digits ? digits : 1) * v;
		digits = 0;
		has_digits = false;
	}
	return sum + digits;
}

enum { KANJI_NUMBER_MAX = 6 };

static size_t
kanji_run(const struct points *t, size_t at)
{
	size_t n = 0;
	while (kanji_value(peek(t, at + n)) >= 0)
		n++;
	return n;
}

/* Code points of a word that stands for a hyphen behind a number, or 0. */
static size_t
unit_length(const struct points *t, size_t at)
{
	static const struct {
		uint16_t word[4];
		uint16_t n;
	} units[] = {
	    {{0x4e01, 0x76ee}, 2},	   /* 丁目 */
	    {{0x756a, 0x5730, 0x306e}, 3}, /* 番地の */
	    {{0x756a, 0x5730}, 2},	   /* 番地 */
	    {{0x756a, 0x306e}, 2},	   /* 番の */
	    {{0x53f7, 0x5ba4}, 2},	   /* 号室 */
	    {{0x53f7}, 1},		   /* 号 */
	};
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t n = 0;
		while (n < units[i].n && peek(t, at + n) == units[i].word[n])
			n++;
		if (n == units[i].n)
			return n;
	}
	uint32_t next = peek(t, at + 1);
	if (peek(t, at) == 0x756a) /* 番, but not 番町 or 番丁 */
		return next != 0x753a && next != 0x4e01;
	if (peek(t, at) == 0x306e) /* の between numbers */
		return is_digit(next) || kanji_value(next) >= 0;
	return 0;
}

/* Drops spaces, unifies hyphens and characters, in place. */
static void
clean_address(struct points *t)
{
	size_t n = 0;
	for (size_t i = 0; i < t->n; i++) {
		uint32_t p = t->p[i];
		uint32_t before = n == 0 ? 0 : t->p[n - 1];
		bool is_after_number = is_digit(before) || before == '-' ||
		    kanji_value(before) >= 0;
		if (is_space(p))
			continue;
		if (is_hyphen(p) || (p == 0x30fc && is_after_number))
			p = '-';
		else if (p == 0x30f6 || p == 0x30f5)
			p = large_kana(p);
		else
			p = usual_form(p);
		t->p[n++] = p;
	}
	t->n = n;
}

/* A run of kanji that stands where a number of an address does. */
static bool
is_address_number(const struct points *t, size_t at, size_t n, uint32_t before)
{
	uint32_t next = peek(t, at + n);
	if (n > KANJI_NUMBER_MAX)
		return false;
	return unit_length(t, at + n) > 0 || next == 0x6761 /* 条 */ ||
	    next == '-' || (before == '-' && next == 0);
}

/* Numerals and units to digits and '-', into out (as long as t at least). */
static void
write_numbers(const struct points *t, struct points *out)
{
	for (size_t i = 0; i < t->n;) {
		uint32_t before = out->n == 0 ? 0 : out->p[out->n - 1];
		size_t run = kanji_run(t, i);
		size_t unit = is_digit(before) ? unit_length(t, i) : 0;
		if (run > 0 && is_address_number(t, i, run, before)) {
			char digits[16];
			int n = snprintf(digits, sizeof(digits), "%u",
			    kanji_number(t->p + i, run));
			for (int k = 0; k < n; k++)
				out->p[out->n++] = (uint32_t)digits[k];
			i += run;
		} else if (unit > 0) {
			out->p[out->n++] = '-';
			i += unit;
		} else if (t->p[i] == '-' && before == '-') {
			i++;
		} else {
			for (size_t k = 0; k < (run > 0 ? run : 1); k++)
				out->p[out->n++] = t->p[i++];
		}
	}
}

void
fold_address(struct slice s, struct buf *to)
{
	struct points t SCOPED(close_points) = {0};
	struct points out SCOPED(close_points) = {0};
	if (read_points(s, &t)) {
		clean_address(&t);
		/* 千番 is 1000-: two kanji may need five places */
		out.p = mem_alloc(t.n * 4 + 16, sizeof(*out.p));
	}
	if (out.p == NULL) {
		to->failed = true;
		return;
	}
	write_numbers(&t, &out);
	for (size_t i = 0; i < out.n; i++) {
		bool is_between = i > 0 && is_digit(out.p[i - 1]) &&
		    is_digit(peek(&out, i + 1));
		if (out.p[i] != '-' || is_between)
			text_add_point(to, out.p[i]);
	}
}

void
fold_digits(struct slice s, struct buf *to)
{
	size_t at = 0;
	uint32_t p;
	while (text_next(s, &at, &p))
		text_add_point(to, p >= 0xff10 && p <= 0xff19
			? p - 0xff10 + '0'
			: p);
	if (at < s.n)
		to->failed = true;
}
