/*
 * Keys for search: what a person means by "the same" when they look for a
 * name, a reading or an address. Never shown and never stored in place of the
 * text itself.
 *
 * All append to the caller's buf and fail it on invalid UTF-8. They hold no
 * state: ICU's normalizers are immutable singletons, so any thread may call.
 * The key of Japanese text is its own key; fold what is searched for as well.
 *
 * A stored key is only good for the rules it was made with: compare
 * FOLD_VERSION and make keys anew when it changed.
 */
#ifndef BASE_FOLD_H
#define BASE_FOLD_H

#include "base/buf.h"
#include "base/slice.h"

enum { FOLD_VERSION = 1 };

/*
 * Readings: half-width and hiragana to katakana, voiced marks composed, small
 * to large kana, ヂヅヲヱヰ to ジズオエイ, the row of ヴ to that of バ;
 * long-vowel marks, spaces, middle dots and hyphens dropped; Latin letters
 * small.
 */
void fold_kana(struct slice s, struct buf *to);

/*
 * Names: NFKC, variant characters to their usual form (髙 to 高, 邊 and 邉
 * to 辺, 𠮷 to 吉), variation selectors and spaces dropped, Latin small.
 */
void fold_name(struct slice s, struct buf *to);

/*
 * Addresses: NFKC, spaces dropped, numerals before 丁目, 番地, 番, 号, 条, の
 * to ASCII digits, those words and every kind of hyphen between numbers to
 * one '-', none at the end; ヶ to ケ.
 */
void fold_address(struct slice s, struct buf *to);

/* Full-width digits to ASCII; all else as it is. */
void fold_digits(struct slice s, struct buf *to);

#endif
