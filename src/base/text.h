/*
 * Text is UTF-8 inside and is stored as it came: nothing here changes it.
 * Outside files may be CP932 (Windows-31J); characters that it lacks are
 * reported by position, never replaced.
 *
 * All functions are pure and may be called from any thread.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* Shortest form only, no surrogates, nothing past U+10FFFF. Empty is valid. */
bool text_is_utf8(struct slice s);

/* Byte offset of the first byte that is not valid; s.n when all of it is. */
size_t text_valid_to(struct slice s);

/*
 * The code point at byte *at, which moves past it. False at the end and at
 * an invalid byte, where *at stays.
 */
bool text_next(struct slice s, size_t *at, uint32_t *ret_point);

/* Appends one code point; a surrogate or one past U+10FFFF fails the buf. */
void text_add_point(struct buf *to, uint32_t point);

/* Code points of valid UTF-8. */
size_t text_count(struct slice s);

/*
 * Characters as a reader counts them: variation selectors (IVS) and combining
 * voiced marks belong to the character before them.
 */
size_t text_count_characters(struct slice s);

/* The longest front part of at most `max` such characters. */
struct slice text_cut(struct slice s, size_t max);

/* Holds a private-use code point (外字): kept, but to be marked. */
bool text_has_gaiji(struct slice s);

/*
 * Valid UTF-8 without U+0000..U+001F and U+007F..U+009F, except that
 * TAB, LF, CR pass where lines are allowed.
 */
bool text_is_clean(struct slice s, bool is_multiline);

/* Only full-width katakana, 30FC, the middle dot and spaces; not empty. */
bool text_is_katakana(struct slice s);

/*
 * CP932 to UTF-8, appended to `to`. ERR_INPUT at the first byte that is no
 * CP932, its offset in the text and, if wanted, *ret_bad_at; what was
 * appended until then stays. Gaiji F040..F9FC become U+E000..U+E757.
 */
bool text_from_cp932(struct slice s, struct buf *to, size_t *ret_bad_at,
    struct err *err) MUST_CHECK;

/*
 * UTF-8 to CP932. ERR_INPUT at the first character that CP932 lacks (or that
 * is no UTF-8): *ret_bad_at (may be NULL) is its byte offset, the error tells
 * which character it is, counted from 1.
 *
 * Besides exact pairs, the seven characters to which JIS X 0208 and Microsoft
 * gave different code points share their cell: U+301C 2016 2014 2212 00A2
 * 00A3 00AC go where U+FF5E 2225 2015 FF0D FFE0 FFE1 FFE2 go.
 */
bool text_to_cp932(struct slice s, struct buf *to, size_t *ret_bad_at,
    struct err *err) MUST_CHECK;

enum text_encoding { TEXT_UTF8, TEXT_UTF8_BOM, TEXT_CP932, TEXT_ENCODINGS };

/*
 * What a whole file is written in: a UTF-8 BOM, else valid UTF-8, else CP932.
 * ERR_INPUT with the byte offset (from 0) where the last candidate broke.
 */
bool text_detect(struct slice s, enum text_encoding *ret,
    struct err *err) MUST_CHECK;

/* Detects and appends as UTF-8 without BOM. */
bool text_decode(struct slice s, struct buf *to, enum text_encoding *ret,
    struct err *err) MUST_CHECK;

#endif
