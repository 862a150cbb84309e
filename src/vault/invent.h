/*
 * Invented residents for demonstrations and tests: the same seed gives the
 * same people. Nobody is real: telephone numbers begin with 090-0, which the
 * numbering plan does not give out; My Numbers begin with 9999 and have a
 * right check digit; towns are made from the municipality's name.
 *
 * Households stand side by side; person i is always the same, whatever was
 * asked before. About 1 in 400 is under 支援措置; 1 in 20 has a character of
 * those that systems break (髙 﨑 濵 邉 𠮷, variation selectors).
 */
#ifndef VAULT_INVENT_H
#define VAULT_INVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/calendar.h"
#include "base/err.h"
#include "base/slice.h"
#include "base/text.h"
#include "vault/holding.h"

enum { INVENT_MAX = 10000000 };

/* Plain data; any thread. Texts are the caller's. */
struct invent {
	uint64_t seed;
	struct slice municipality; /* 沖縄市 */
	uint32_t code;     /* 団体コード without check digit; 0: none */
	struct date today; /* nobody is born later */
	bool is_cp932;     /* only characters that CP932 has */
};

struct invented {
	uint64_t index;
	struct slice name; /* 髙橋　花子 */
	struct slice kana; /* タカハシ　ハナコ */
	struct date birth;
	bool is_female;
	struct slice address;
	uint64_t household;  /* number of the household, from 1 */
	bool is_head;        /* 世帯主 */
	struct slice number; /* 宛名番号, 10 digits */
	struct slice household_number;
	struct slice phone;
	struct slice my_number; /* 12 digits */
	bool is_protected;      /* 支援措置: 秘匿 */
};

/* Person `index` (from 0); texts in the arena, which is asked afterwards. */
void invent_person(const struct invent *in, uint64_t index, struct arena *a,
    struct invented *ret);

/*
 * The person's values for a holding, by position: items that every holding
 * has (by id: name, kana, birth, address, number, household, sex, phone,
 * my_number), else something fitting by type. Files have none. Every value
 * passes value_check().
 */
void invent_values(const struct invent *in, const struct holding *h,
    const struct invented *who, struct arena *a, struct slice *ret_values);

/*
 * A CSV of people first..first+n-1 with the items' names as first row, when
 * first is 0. ERR_LIMIT: the buf is too small.
 */
bool invent_csv(const struct invent *in, const struct holding *h,
    uint64_t first, uint64_t n, enum text_encoding encoding, struct buf *to,
    struct err *err) MUST_CHECK;

#endif
