#include "vault/invent.h"

#include "base/csv.h"
#include "base/must.h"
#include "vault/invent_words.h"
#include "vault/value.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum {
	BLOCK = 12,      /* persons whose households are dealt out together */
	BLOCK_HOMES = 8, /* numbers of households kept for a block */
	HOMES_MAX = 6,
	LIVES_MAX = 112, /* years; few are older */
	ONE_OF_VARIANTS = 20,
	ONE_OF_PROTECTED = 400,
	ONE_OF_MEIJI = 20000
};

/* ---- numbers from the seed ---- */

/* What a number is drawn for, so that draws do not follow from each other. */
enum draw {
	DRAW_HOMES = 1,
	DRAW_SURNAME,
	DRAW_VARIANT,
	DRAW_GIVEN,
	DRAW_SEX,
	DRAW_AGE,
	DRAW_DAY,
	DRAW_TOWN,
	DRAW_STREET,
	DRAW_BUILDING,
	DRAW_PHONE,
	DRAW_PROTECTED,
	DRAW_MEIJI,
	DRAW_VALUE /* and on: one for each item */
};

/* SplitMix64's mixing; no secret hangs on it. */
static uint64_t
mixed(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint64_t
drawn(const struct invent *in, unsigned what, uint64_t of)
{
	return mixed(mixed(in->seed ^ mixed(what)) ^ of);
}

/* ---- households ---- */

struct home {
	uint64_t number; /* from 1 */
	unsigned size;
	unsigned member; /* 0: the head */
};

/* Sizes of the households of a block; each row sums up to BLOCK. */
static const uint8_t homes[][HOMES_MAX] = {
    {1, 2, 4, 3, 2, 0},
    {5, 1, 3, 2, 1, 0},
    {4, 4, 2, 1, 1, 0},
    {3, 2, 1, 5, 1, 0},
    {1, 1, 1, 2, 3, 4},
    {2, 2, 4, 4, 0, 0},
};

static struct home
home_of(const struct invent *in, uint64_t index)
{
	uint64_t block = index / BLOCK;
	unsigned at = (unsigned)(index % BLOCK), k = 0;
	const uint8_t *sizes =
	    homes[drawn(in, DRAW_HOMES, block) % COUNT(homes)];
	while (at >= sizes[k])
		at -= sizes[k++];
	return (struct home){.number = block * BLOCK_HOMES + k + 1,
	    .size = sizes[k],
	    .member = at};
}

/* ---- names ---- */

static void
take_surname(const struct invent *in, uint64_t home, const char **ret_kanji,
    const char **ret_kana)
{
	uint64_t draw = drawn(in, DRAW_SURNAME, home);
	if (drawn(in, DRAW_VARIANT, home) % ONE_OF_VARIANTS == 0) {
		const struct invent_variant *v =
		    &variants[draw % COUNT(variants)];
		*ret_kanji = in->is_cp932 ? v->plain : v->kanji;
		*ret_kana = v->kana;
		return;
	}
	/* the first ones are more frequent */
	uint64_t at = draw % COUNT(surnames);
	if (draw >> 32 & 1)
		at = at * ((draw >> 40) % COUNT(surnames)) / COUNT(surnames);
	*ret_kanji = surnames[at].kanji;
	*ret_kana = surnames[at].kana;
}

static void
name_person(const struct invent *in, uint64_t home, uint64_t of, bool is_woman,
    struct arena *a, struct slice *ret_name, struct slice *ret_kana)
{
	const char *kanji, *kana;
	uint64_t draw = drawn(in, DRAW_GIVEN, of);
	const struct invent_word *given =
	    is_woman ? &women[draw % COUNT(women)] : &men[draw % COUNT(men)];
	take_surname(in, home, &kanji, &kana);
	*ret_name = arena_printf(a, "%s　%s", kanji, given->kanji);
	*ret_kana = arena_printf(a, "%s　%s", kana, given->kana);
}

/* ---- addresses ---- */

/* 沖縄 of 沖縄市: one character less, when it is a kind of municipality. */
static struct slice
stem_of(struct slice municipality)
{
	static const char *const kinds[] = {"市", "町", "村", "区"};
	struct slice s = municipality;
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (s.n > 3 && memcmp(s.p + s.n - 3, kinds[i], 3) == 0)
			return slice_bytes(s.p, s.n - 3);
	return s;
}

/* A pattern with %s, in which the stem is put. */
static struct slice
filled(struct arena *a, const char *pattern, struct slice stem)
{
	const char *gap = strstr(pattern, "%s");
	must(gap != NULL);
	return arena_printf(a, "%.*s%.*s%s", (int)(gap - pattern), pattern,
	    SLICE_FMT(stem), gap + 2);
}

static struct slice
address_of(const struct invent *in, uint64_t home, struct arena *a)
{
	struct slice stem = stem_of(in->municipality);
	uint64_t street = drawn(in, DRAW_STREET, home);
	uint64_t building = drawn(in, DRAW_BUILDING, home);
	struct slice town =
	    filled(a, towns[drawn(in, DRAW_TOWN, home) % COUNT(towns)], stem);
	unsigned lot = (unsigned)(street % 40 + 1);
	unsigned house = (unsigned)(street / 40 % 25 + 1);
	struct slice to =
	    slice_has_prefix(town, SLICE("字"))
		? arena_printf(a, "%.*s%.*s%u番地", SLICE_FMT(in->municipality),
		      SLICE_FMT(town), lot * 37 + house)
		: arena_printf(a, "%.*s%.*s%u丁目%u番%u号",
		      SLICE_FMT(in->municipality), SLICE_FMT(town),
		      (unsigned)(street >> 32) % 6 + 1, lot, house);
	if (building % 4 != 0)
		return to;
	return arena_printf(a, "%.*s　%.*s%u号室", SLICE_FMT(to),
	    SLICE_FMT(
		filled(a, buildings[building / 4 % COUNT(buildings)], stem)),
	    (unsigned)(building >> 32) % 5 * 100 + 101 +
		(unsigned)(building >> 40) % 8);
}

/* ---- ages ---- */

static unsigned
age_of_head(const struct invent *in, uint64_t home)
{
	uint64_t draw = drawn(in, DRAW_AGE, home);
	if (draw % 200 == 0) /* 大正 */
		return 100 + (unsigned)(draw >> 32) % (LIVES_MAX - 99);
	return 23 + (unsigned)(draw >> 32) % 74;
}

static unsigned
age_of(const struct invent *in, const struct home *h, uint64_t index)
{
	unsigned head = age_of_head(in, h->number);
	uint64_t draw = drawn(in, DRAW_AGE, ~index);
	if (h->member == 0)
		return head;
	if (h->member == 1) { /* husband or wife */
		unsigned age = head - 5 + (unsigned)(draw % 10);
		return age < 18 ? 18 : age;
	}
	unsigned least = head > 62 ? head - 42 : 0;
	unsigned most = head > 42 ? head - 21 : head / 3;
	return least + (unsigned)(draw % (most > least ? most - least : 1));
}

static struct date
birth_of(const struct invent *in, const struct home *h, uint64_t index)
{
	uint64_t draw = drawn(in, DRAW_DAY, index);
	if (drawn(in, DRAW_MEIJI, index) % ONE_OF_MEIJI == 0)
		return (struct date){(int16_t)(1889 + draw % 20),
		    (uint8_t)(1 + draw / 64 % 12),
		    (uint8_t)(1 + draw / 1024 % 28)};
	struct date d =
	    date_add_months(in->today, -12 * (int32_t)age_of(in, h, index));
	return date_add_days(d, -(int32_t)(draw % 365));
}

/* ---- people ---- */

static struct slice
my_number_of(const struct invent *in, uint64_t index, struct arena *a)
{
	char digits[12];
	uint64_t middle =
	    (index * UINT64_C(7654321) + in->seed % INVENT_MAX) % INVENT_MAX;
	memcpy(digits, "9999", 4);
	for (size_t i = 11; i-- > 4; middle /= 10)
		digits[i] = (char)('0' + middle % 10);
	digits[11] = my_number_check_digit(digits);
	return arena_copy(a, slice_bytes(digits, sizeof(digits)));
}

void
invent_person(const struct invent *in, uint64_t index, struct arena *a,
    struct invented *ret)
{
	struct home h = home_of(in, index);
	uint64_t phone = drawn(in, DRAW_PHONE, index);
	must(index < INVENT_MAX);
	/* a couple: the second is of the other sex than the first */
	uint64_t head_sex = drawn(in, DRAW_SEX, ~h.number);
	bool is_female = h.member == 0   ? head_sex % 4 == 0
			 : h.member == 1 ? head_sex % 4 != 0
					 : drawn(in, DRAW_SEX, index) & 1;
	*ret = (struct invented){.index = index,
	    .is_female = is_female,
	    .birth = birth_of(in, &h, index),
	    .household = h.number,
	    .is_head = h.member == 0,
	    .address = address_of(in, h.number, a),
	    .number = arena_printf(
		a, "1%09ju", (uintmax_t)(index * 7 + in->seed % 7)),
	    .household_number = arena_printf(a, "5%09ju", (uintmax_t)h.number),
	    .phone = arena_printf(a, "090-0%03u-%04u", (unsigned)(phone % 1000),
		(unsigned)(phone / 1000 % 10000)),
	    .my_number = my_number_of(in, index, a),
	    .is_protected =
		drawn(in, DRAW_PROTECTED, index) % ONE_OF_PROTECTED == 0};
	name_person(in, h.number, index, is_female, a, &ret->name, &ret->kana);
}

/* ---- values for a holding ---- */

static struct slice
date_text(struct date d, struct arena *a)
{
	struct buf to SCOPED(buf_close) = buf_of(DATE_TEXT_BYTES_MAX);
	date_format(d, DATE_ERA, &to);
	return arena_copy(a, slice_bytes(to.p, to.n));
}

static struct slice
choice_of(const struct item *item, const struct invented *who, uint64_t draw)
{
	struct slice sex = who->is_female ? SLICE("女") : SLICE("男");
	if (item->n_choices == 0)
		return slice_is(item->id, "sex") ? sex : SLICE("その他");
	for (size_t i = 0; i < item->n_choices; i++)
		if (slice_has_prefix(item->choices[i], sex))
			return item->choices[i];
	return item->choices[draw % item->n_choices];
}

/* Items that many holdings have, by id; p NULL: none of them. */
static struct slice
value_by_id(
    const struct item *item, const struct invented *who, struct arena *a)
{
	const struct {
		const char *id;
		enum pack_item_type type;
		struct slice value;
	} known[] = {
	    {"name", PACK_ITEM_NAME, who->name},
	    {"kana", PACK_ITEM_KANA, who->kana},
	    {"address", PACK_ITEM_ADDRESS, who->address},
	    {"number", PACK_ITEM_NUMBER, who->number},
	    {"household", PACK_ITEM_NUMBER, who->household_number},
	    {"phone", PACK_ITEM_PHONE, who->phone},
	    {"my_number", PACK_ITEM_MY_NUMBER, who->my_number},
	};
	if (item->type == PACK_ITEM_DATE && slice_is(item->id, "birth"))
		return date_text(who->birth, a);
	for (size_t i = 0; i < COUNT(known); i++)
		if (item->type == known[i].type &&
		    slice_is(item->id, known[i].id))
			return known[i].value;
	return SLICE_NONE;
}

static struct slice
value_by_type(const struct invent *in, const struct item *item, unsigned at,
    const struct invented *who, struct arena *a)
{
	uint64_t draw = drawn(in, DRAW_VALUE + at, who->index);
	struct slice name, kana;
	switch (item->type) {
	case PACK_ITEM_NAME:
	case PACK_ITEM_KANA: /* somebody of the same household */
		name_person(
		    in, who->household, draw, draw & 1, a, &name, &kana);
		return item->type == PACK_ITEM_NAME ? name : kana;
	case PACK_ITEM_DATE:
		return date_text(
		    date_add_days(in->today, -(int32_t)(draw % 3650)), a);
	case PACK_ITEM_ADDRESS:
		return who->address;
	case PACK_ITEM_NUMBER:
		return arena_printf(
		    a, "%u", (unsigned)(draw % 9000000) + 100000);
	case PACK_ITEM_TEXT:
		return slice_of(notes[draw % COUNT(notes)]);
	case PACK_ITEM_PHONE:
		return who->phone;
	case PACK_ITEM_MY_NUMBER:
		return who->my_number;
	case PACK_ITEM_CHOICE:
		return choice_of(item, who, draw);
	case PACK_ITEM_FILE:
		return SLICE_NONE;
	}
	must(false);
	return SLICE_NONE;
}

void
invent_values(const struct invent *in, const struct holding *h,
    const struct invented *who, struct arena *a, struct slice *ret_values)
{
	for (size_t i = 0; i < h->n_items; i++) {
		const struct item *item = &h->items[i];
		ret_values[i] = SLICE_NONE;
		if (item->is_retired)
			continue;
		ret_values[i] = value_by_id(item, who, a);
		if (ret_values[i].p == NULL)
			ret_values[i] =
			    value_by_type(in, item, (unsigned)i, who, a);
	}
}

/* ---- as CSV ---- */

static void
put_header(struct csv_writer *w, const struct holding *h)
{
	for (size_t i = 0; i < h->n_items; i++)
		if (h->items[i].type != PACK_ITEM_FILE &&
		    !h->items[i].is_retired)
			csv_put_field(w, h->items[i].name);
	csv_end_row(w);
}

static void
put_person(struct csv_writer *w, const struct invent *in,
    const struct holding *h, uint64_t index, struct arena *a)
{
	struct slice values[HOLDING_ITEMS_MAX];
	struct invented who;
	invent_person(in, index, a, &who);
	invent_values(in, h, &who, a, values);
	for (size_t i = 0; i < h->n_items; i++)
		if (h->items[i].type != PACK_ITEM_FILE &&
		    !h->items[i].is_retired)
			csv_put_field(w, values[i]);
	csv_end_row(w);
}

static bool
convert_row(struct buf *row, enum text_encoding encoding, struct buf *to,
    struct err *err)
{
	struct slice text;
	if (!buf_finish(row, &text, err))
		return false;
	if (encoding == TEXT_CP932)
		return text_to_cp932(text, to, NULL, err);
	buf_add(to, text);
	return true;
}

bool
invent_csv(const struct invent *in, const struct holding *h, uint64_t first,
    uint64_t n, enum text_encoding encoding, struct buf *to, struct err *err)
{
	struct arena *a SCOPED(arena_close_scoped) =
	    arena_open(CSV_ROW_BYTES_MAX);
	struct buf row SCOPED(buf_close) = buf_of((size_t)CSV_ROW_BYTES_MAX);
	struct csv_writer w = csv_writer_of(&row, false);
	struct slice done;
	if (a == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	if (first == 0) {
		if (encoding == TEXT_UTF8_BOM)
			buf_add_str(to, "\xef\xbb\xbf");
		put_header(&w, h);
		if (!convert_row(&row, encoding, to, err))
			return false;
	}
	for (uint64_t i = 0; i < n; i++) {
		buf_reset(&row);
		arena_reset(a);
		put_person(&w, in, h, first + i, a);
		if (arena_is_failed(a))
			return ERR(err, ERR_LIMIT, "a row is too large");
		if (!convert_row(&row, encoding, to, err))
			return false;
	}
	return buf_finish(to, &done, err);
}
