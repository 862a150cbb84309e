#include "base/text.h"

#include <unicode/ucnv.h>
#include <unicode/utf16.h>


/*
 * UTF-8
 */

/* Bytes of the character at s.p[at] and its code point, or 0 when invalid. */
static size_t
decode(struct slice s, size_t at, uint32_t *ret)
{
	const uint8_t *p = (const uint8_t *)s.p + at;
	size_t left = s.n - at;
	size_t n;
	uint32_t least;
	uint32_t v;
	if (p[0] < 0x80) {
		*ret = p[0];
		return 1;
	}
	if (p[0] >= 0xc2 && p[0] <= 0xdf) {
		n = 2;
		v = p[0] & 0x1fU;
		least = 0x80;
	} else if ((p[0] & 0xf0) == 0xe0) {
		n = 3;
		v = p[0] & 0x0fU;
		least = 0x800;
	} else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
		n = 4;
		v = p[0] & 0x07U;
		least = 0x10000;
	} else {
		return 0;
	}
	if (left < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (p[i] & 0x3fU);
	}
	if (v < least || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return 0;
	*ret = v;
	return n;
}

size_t
text_valid_to(struct slice s)
{
	size_t at = 0;
	while (at < s.n) {
		uint32_t point;
		size_t n = decode(s, at, &point);
		if (n == 0)
			break;
		at += n;
	}
	return at;
}

bool
text_is_utf8(struct slice s)
{
	return text_valid_to(s) == s.n;
}

bool
text_next(struct slice s, size_t *at, uint32_t *ret_point)
{
	if (*at >= s.n)
		return false;
	size_t n = decode(s, *at, ret_point);
	*at += n;
	return n != 0;
}

void
text_add_point(struct buf *to, uint32_t point)
{
	if (point < 0x80) {
		buf_add_byte(to, (uint8_t)point);
		return;
	}
	if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
		to->failed = true;
		return;
	}
	uint8_t b[4];
	size_t n = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--) {
		b[i] = (uint8_t)(0x80 | (point & 0x3f));
		point >>= 6;
	}
	static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	b[0] = (uint8_t)(lead[n] | point);
	buf_add_bytes(to, b, n);
}

size_t
text_count(struct slice s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((uint8_t)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* Belongs to the character before it. */
static bool
is_attached(uint32_t p)
{
	return (p >= 0xfe00 && p <= 0xfe0f) ||
	    (p >= 0xe0100 && p <= 0xe01ef) || p == 0x3099 || p == 0x309a;
}

size_t
text_count_characters(struct slice s)
{
	size_t n = 0;
	size_t at = 0;
	uint32_t point;
	while (text_next(s, &at, &point))
		n += n == 0 || !is_attached(point);
	return n;
}

struct slice
text_cut(struct slice s, size_t max)
{
	size_t n = 0;
	size_t at = 0;
	size_t end = 0;
	uint32_t point;
	while (text_next(s, &at, &point)) {
		if (n == 0 || !is_attached(point))
			n++;
		if (n > max)
			break;
		end = at;
	}
	return (struct slice){s.p, end};
}

bool
text_has_gaiji(struct slice s)
{
	size_t at = 0;
	uint32_t p;
	while (text_next(s, &at, &p))
		if ((p >= 0xe000 && p <= 0xf8ff) || p >= 0xf0000)
			return true;
	return false;
}

bool
text_is_clean(struct slice s, bool is_multiline)
{
	size_t at = 0;
	uint32_t p;
	while (text_next(s, &at, &p)) {
		if (is_multiline && (p == '\t' || p == '\n' || p == '\r'))
			continue;
		if (p < 0x20 || (p >= 0x7f && p <= 0x9f))
			return false;
	}
	return at == s.n;
}

bool
text_is_katakana(struct slice s)
{
	size_t at = 0;
	uint32_t p;
	while (text_next(s, &at, &p))
		if (!((p >= 0x30a1 && p <= 0x30fe) || p == 0x3000 || p == ' '))
			return false;
	return at == s.n && s.n > 0;
}

/*
 * CP932. ICU's ibm-943_P15A-2003 is Windows-31J (①, 髙 and 﨑 at IBM's places,
 * FF5E, FF0D, gaiji in the private area) but for three controls, which it
 * moves round as IBM's hosts do; those are put back.
 */

static uint32_t
unmoved(uint32_t p)
{
	return p == 0x1c ? 0x1a : p == 0x1a ? 0x7f : p == 0x7f ? 0x1c : p;
}

static void
close_converter(UConverter **c)
{
	ucnv_close(*c);
}

static UConverter *
open_cp932(struct err *err)
{
	UErrorCode status = U_ZERO_ERROR;
	UConverter *c = ucnv_open("ibm-943_P15A-2003", &status);
	ucnv_setToUCallBack(c, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL,
	    &status);
	ucnv_setFromUCallBack(c, UCNV_FROM_U_CALLBACK_STOP, NULL, NULL, NULL,
	    &status);
	if (U_SUCCESS(status)) {
		ucnv_setFallback(c, false);
		return c;
	}
	ucnv_close(c);
	ERR(err, ERR_SYSTEM, "ICU has no CP932: %s", u_errorName(status));
	return NULL;
}

static bool
refuse_byte(size_t at, size_t *ret_bad_at, struct err *err)
{
	if (ret_bad_at != NULL)
		*ret_bad_at = at;
	return ERR(err, ERR_INPUT, "not CP932 at byte %zu", at);
}

bool
text_from_cp932(struct slice s, struct buf *to, size_t *ret_bad_at,
    struct err *err)
{
	UConverter *c SCOPED(close_converter) = open_cp932(err);
	if (c == NULL)
		return false;
	const char *from = s.p == NULL ? "" : s.p;
	const char *end = from + s.n;
	UErrorCode status;
	do {
		UChar some[512];
		UChar *some_end = some;
		status = U_ZERO_ERROR;
		ucnv_toUnicode(c, &some_end, some + 512, &from, end, NULL, true,
		    &status);
		for (const UChar *u = some; u < some_end; u++)
			text_add_point(to, unmoved(*u));
	} while (status == U_BUFFER_OVERFLOW_ERROR && !to->failed);
	if (to->failed)
		return ERR(err, ERR_LIMIT, "more than %zu bytes", to->max);
	if (U_SUCCESS(status))
		return true;
	char bad[16];
	int8_t n = sizeof(bad);
	UErrorCode ignored = U_ZERO_ERROR;
	ucnv_getInvalidChars(c, bad, &n, &ignored);
	return refuse_byte(s.n - (size_t)(end - from) - (size_t)n, ret_bad_at,
	    err);
}

/* The cell that two code points share; see text.h. */
static uint32_t
shared_cell(uint32_t p)
{
	static const struct {
		uint32_t jis, microsoft;
	} pairs[] = {
	    {0x301c, 0xff5e},
	    {0x2016, 0x2225},
	    {0x2014, 0x2015},
	    {0x2212, 0xff0d},
	    {0x00a2, 0xffe0},
	    {0x00a3, 0xffe1},
	    {0x00ac, 0xffe2},
	};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i].jis == p)
			return pairs[i].microsoft;
	return p;
}

static bool
encode_cp932(UConverter *c, uint32_t point, struct buf *to)
{
	if (point < 0x80) {
		buf_add_byte(to, (uint8_t)point);
		return true;
	}
	UChar in[2];
	int n_in = 0;
	U16_APPEND_UNSAFE(in, n_in, shared_cell(point));
	const UChar *from = in;
	char out[8];
	char *out_end = out;
	UErrorCode status = U_ZERO_ERROR;
	ucnv_fromUnicode(c, &out_end, out + sizeof(out), &from, in + n_in, NULL,
	    true, &status);
	/* ICU drops selectors and joiners without a word: nothing is lacking */
	if (U_FAILURE(status) || out_end == out)
		return false;
	buf_add_bytes(to, out, (size_t)(out_end - out));
	return true;
}

bool
text_to_cp932(struct slice s, struct buf *to, size_t *ret_bad_at,
    struct err *err)
{
	UConverter *c SCOPED(close_converter) = open_cp932(err);
	if (c == NULL)
		return false;
	size_t at = 0;
	size_t number = 1;
	while (at < s.n) {
		size_t next = at;
		uint32_t point;
		if (!text_next(s, &next, &point) ||
		    !encode_cp932(c, point, to)) {
			if (ret_bad_at != NULL)
				*ret_bad_at = at;
			return ERR(err, ERR_INPUT,
			    "character %zu is not in CP932", number);
		}
		at = next;
		number++;
	}
	if (to->failed)
		return ERR(err, ERR_LIMIT, "more than %zu bytes", to->max);
	return true;
}

/*
 * Detection
 */

static const char bom[] = "\xef\xbb\xbf";

bool
text_detect(struct slice s, enum text_encoding *ret, struct err *err)
{
	if (slice_has_prefix(s, slice_of(bom))) {
		size_t at = text_valid_to(s);
		if (at < s.n)
			return ERR(err, ERR_INPUT,
			    "a UTF-8 BOM, but not UTF-8 at byte %zu", at);
		*ret = TEXT_UTF8_BOM;
		return true;
	}
	if (text_is_utf8(s)) {
		*ret = TEXT_UTF8;
		return true;
	}
	struct buf trial SCOPED(buf_close) = buf_of(s.n * 3 + 1);
	size_t at = 0;
	struct err why = ERR_INIT;
	if (!text_from_cp932(s, &trial, &at, &why)) {
		if (why.code != ERR_INPUT)
			return ERR(err, why.code, "%s", why.text);
		return ERR(err, ERR_INPUT,
		    "neither UTF-8 nor CP932 at byte %zu", at);
	}
	*ret = TEXT_CP932;
	return true;
}

bool
text_decode(struct slice s, struct buf *to, enum text_encoding *ret,
    struct err *err)
{
	if (!text_detect(s, ret, err))
		return false;
	if (*ret == TEXT_CP932)
		return text_from_cp932(s, to, NULL, err);
	buf_add(to, *ret == TEXT_UTF8_BOM ? slice_from(s, sizeof(bom) - 1) : s);
	if (to->failed)
		return ERR(err, ERR_LIMIT, "more than %zu bytes", to->max);
	return true;
}
