#include "vault/term.h"

#include <assert.h>

#include "base/calendar.h"
#include "base/fold.h"
#include "base/must.h"
#include "base/num.h"
#include "base/text.h"
#include "vault.sql.h"

enum {
	FOLDED_MAX_BYTES = 4 * 4096, /* NFKC makes some characters longer */
	PAGE = 500,                  /* rows of one token_records */
	WEIGHT_MAX = 1000,           /* more are not counted */
	PAIR_BYTES = 2 + TERM_TOKEN_BYTES
};

static void
fold(enum pack_item_type type, struct slice text, struct buf *to)
{
	switch (type) {
	case PACK_ITEM_KANA:
		fold_kana(text, to);
		break;
	case PACK_ITEM_ADDRESS:
		fold_address(text, to);
		break;
	case PACK_ITEM_NAME:
	case PACK_ITEM_TEXT:
	case PACK_ITEM_CHOICE:
		fold_name(text, to);
		break;
	case PACK_ITEM_DATE:
	case PACK_ITEM_NUMBER:
	case PACK_ITEM_PHONE:
	case PACK_ITEM_MY_NUMBER:
	case PACK_ITEM_FILE:
		fold_digits(text, to);
		break;
	}
}

/* A date in any of its forms is one term: 19600102. */
static void
fold_date(struct slice text, struct buf *to)
{
	struct date d;
	if (date_read(text, &d, NULL))
		buf_add_printf(to, "%04d%02u%02u", d.year, d.month, d.day);
}

/* Numbers and telephones: hyphens and spaces of any width dropped. */
static void
keep_digits(struct buf *b)
{
	static const char *const marks[] = {
	    "-", " ", "　", "－", "‐", "−", "ー", "―", "(", ")"};
	enum { MARKS = sizeof(marks) / sizeof(marks[0]) };
	struct slice rest = slice_bytes(b->p, b->n);
	size_t n = 0;
	while (rest.n > 0) {
		size_t skip = 0;
		for (size_t i = 0; i < MARKS && skip == 0; i++)
			if (slice_has_prefix(rest, slice_of(marks[i])))
				skip = strlen(marks[i]);
		if (skip == 0) {
			char c = rest.p[0];
			b->p[n++] =
			    c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
			skip = 1;
		}
		rest = slice_from(rest, skip);
	}
	b->n = n;
}

/* Without the prefecture: 北海道, or up to 4 characters that end in 都府県. */
static struct slice
without_prefecture(struct slice s)
{
	static const char *const ends[] = {"都", "府", "県"};
	if (slice_has_prefix(s, SLICE("北海道")))
		return slice_from(s, strlen("北海道"));
	for (size_t at = 9; at <= 12 && at < s.n; at += 3)
		for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
			if (memcmp(s.p + at - 3, ends[i], 3) == 0)
				return slice_from(s, at);
	return s;
}

/* At most `max` bytes of whole characters. */
static struct slice
cut_bytes(struct slice s, size_t max)
{
	if (s.n <= max)
		return s;
	while (max > 0 && ((unsigned char)s.p[max] & 0xc0) == 0x80)
		max--;
	return slice_bytes(s.p, max);
}

static struct slice
folded(const struct item *item, struct slice text, struct arena *a)
{
	struct buf to SCOPED(buf_close) = buf_of(FOLDED_MAX_BYTES);
	if (item->type == PACK_ITEM_DATE)
		fold_date(text, &to);
	else
		fold(item->type, text, &to);
	if (item->type == PACK_ITEM_NUMBER || item->type == PACK_ITEM_PHONE ||
	    item->type == PACK_ITEM_MY_NUMBER)
		keep_digits(&to);
	struct slice s = slice_bytes(to.p, to.n);
	if (item->type == PACK_ITEM_ADDRESS && !to.failed)
		s = without_prefecture(s);
	if (to.failed || s.n == 0)
		return SLICE_NONE;
	return arena_copy(a, cut_bytes(s, TERM_MAX_BYTES));
}

/* ---- where an address may be cut ---- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A part of an address ends behind one of these. */
static bool
ends_part(struct slice s, size_t at)
{
	static const char *const ends[] = {
	    "都", "道", "府", "県", "郡", "市", "区", "町", "村", "字"};
	for (size_t i = 0; at >= 3 && i < sizeof(ends) / sizeof(ends[0]); i++)
		if (memcmp(s.p + at - 3, ends[i], 3) == 0)
			return true;
	return false;
}

/* 0 < at < s.n: behind a word's end, at either end of a number. */
static bool
is_address_cut(struct slice s, size_t at)
{
	bool before = is_digit(s.p[at - 1]), behind = is_digit(s.p[at]);
	if (behind && !before)
		return s.p[at - 1] != '-';
	if (before && !behind)
		return true;
	return ends_part(s, at);
}

/* Where the second part begins: behind the municipality; 0: nowhere. */
static size_t
second_part(struct slice s)
{
	size_t at = 0, points = 0;
	uint32_t point;
	while (text_next(s, &at, &point) && at < s.n)
		if (++points >= TERM_PREFIX_MIN_ADDRESS && ends_part(s, at))
			return at;
	return 0;
}

/* ---- terms of a record ---- */

struct term_list {
	struct term *terms;
	size_t n;
	size_t max;
};

static void
add_term(struct term_list *to, size_t item, struct slice text)
{
	for (size_t i = to->n; i-- > 0 && to->terms[i].item == item;)
		if (slice_is_equal(to->terms[i].text, text))
			return;
	if (to->n < to->max)
		to->terms[to->n++] = (struct term){(uint16_t)item, text};
}

static void
add_name_prefixes(struct term_list *to, size_t item, struct slice s)
{
	size_t at = 0;
	uint32_t point;
	for (unsigned i = 0; i < TERM_PREFIX_MAX && text_next(s, &at, &point);
	     i++)
		add_term(to, item, slice_bytes(s.p, at));
}

static void
add_address_prefixes(struct term_list *to, size_t item, struct slice s)
{
	size_t at = 0, points = 0;
	uint32_t point;
	while (text_next(s, &at, &point) && at < s.n)
		if (++points >= TERM_PREFIX_MIN_ADDRESS &&
		    is_address_cut(s, at))
			add_term(to, item, slice_bytes(s.p, at));
}

static void
add_terms(struct term_list *to, size_t number, const struct item *item,
    struct slice s)
{
	add_term(to, number, s);
	if (item->search != PACK_SEARCH_PREFIX)
		return;
	if (item->type == PACK_ITEM_ADDRESS) {
		size_t max = to->max;
		if (to->max > to->n + TERM_ADDRESS_MAX)
			to->max = to->n + TERM_ADDRESS_MAX;
		size_t second = second_part(s);
		add_address_prefixes(to, number, s);
		if (second > 0) {
			add_term(to, number, slice_from(s, second));
			add_address_prefixes(to, number, slice_from(s, second));
		}
		to->max = max;
	} else {
		add_name_prefixes(to, number, s);
	}
}

size_t
terms_of_record(const struct holding *h, const struct slice *values,
    struct arena *a, struct term ret[TERM_OF_RECORD_MAX])
{
	struct term_list to = {.terms = ret, .max = TERM_OF_RECORD_MAX};
	for (size_t i = 0; i < h->n_items; i++) {
		const struct item *item = &h->items[i];
		if (item->search == PACK_SEARCH_NONE || values[i].n == 0)
			continue;
		struct slice s = folded(item, values[i], a);
		if (s.n > 0)
			add_terms(&to, i, item, s);
	}
	return arena_is_failed(a) ? 0 : to.n;
}

static struct slice
cut_name(struct slice s)
{
	size_t at = 0;
	uint32_t point;
	for (unsigned i = 0; i < TERM_PREFIX_MAX; i++)
		if (!text_next(s, &at, &point))
			break;
	return slice_bytes(s.p, at);
}

bool
term_of_search(const struct holding *h, size_t item, struct slice text,
    struct arena *a, struct term *ret, struct err *err)
{
	if (item >= h->n_items || h->items[item].search == PACK_SEARCH_NONE)
		return ERR(err, ERR_INPUT, "this item is not searched");
	const struct item *it = &h->items[item];
	if (!text_is_utf8(text))
		return ERR(err, ERR_INPUT, "not UTF-8");
	struct slice s = folded(it, text, a);
	if (arena_is_failed(a))
		return ERR(err, ERR_LIMIT, "too long to search for");
	if (s.n == 0)
		return ERR(err, ERR_INPUT,
		    it->type == PACK_ITEM_DATE ? "no day that exists"
					       : "nothing to search for");
	if (it->search == PACK_SEARCH_PREFIX && it->type != PACK_ITEM_ADDRESS)
		s = cut_name(s);
	*ret = (struct term){(uint16_t)item, s};
	return true;
}

/* ---- tokens in the store ---- */

bool
token_insert(struct store_tx *tx, uint64_t body, uint64_t holding,
    const struct token_row *rows, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct store_value v[] = {STORE_INT((int64_t)body),
		    STORE_INT((int64_t)holding), STORE_INT(rows[i].item),
		    STORE_BLOB(slice_bytes(rows[i].token, TERM_TOKEN_BYTES)),
		    STORE_INT((int64_t)rows[i].record)};
		if (!store_run_bulk(
			tx, VAULT_TOKEN_INSERT, v, STORE_COUNT(v), err))
			return false;
	}
	return true;
}

bool
token_list_put(struct store_tx *tx, uint64_t body, uint64_t holding,
    uint64_t record, const struct token_row *rows, size_t n, struct err *err)
{
	struct buf list = buf_of((size_t)TERM_OF_RECORD_MAX * PAIR_BYTES);
	for (size_t i = 0; i < n; i++) {
		buf_add_u16(&list, rows[i].item);
		buf_add_bytes(&list, rows[i].token, TERM_TOKEN_BYTES);
	}
	struct store_value v[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)holding), STORE_INT((int64_t)record),
	    STORE_BLOB(slice_bytes(list.p, list.n))};
	bool worked = !list.failed
			  ? store_run_bulk(tx, VAULT_RECORD_TOKENS_PUT, v,
				STORE_COUNT(v), err)
			  : ERR(err, ERR_LIMIT, "too many search terms");
	buf_close(&list);
	return worked;
}

bool
token_delete(struct store_tx *tx, uint64_t body, uint64_t holding,
    uint64_t record, struct err *err)
{
	uint8_t pairs[TERM_OF_RECORD_MAX * PAIR_BYTES];
	struct store_rows rows;
	struct store_value key[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)holding), STORE_INT((int64_t)record)};
	struct err none = ERR_INIT;
	if (!store_tx_query_one(
		tx, VAULT_RECORD_TOKENS_GET, key, 3, &rows, &none)) {
		if (none.code == ERR_NOT_FOUND)
			return true;
		if (err != NULL)
			*err = none;
		return false;
	}
	struct slice list = store_blob(&rows, 0);
	size_t n = list.n < sizeof(pairs) ? list.n : sizeof(pairs);
	memcpy(pairs, list.p, n);
	if (!store_finish(&rows, err))
		return false;
	for (size_t at = 0; at + PAIR_BYTES <= n; at += PAIR_BYTES) {
		struct store_value v[] = {key[0], key[1],
		    STORE_INT(num_be16(pairs + at)),
		    STORE_BLOB(slice_bytes(pairs + at + 2, TERM_TOKEN_BYTES)),
		    key[2]};
		if (!store_run_bulk(
			tx, VAULT_TOKEN_DELETE, v, STORE_COUNT(v), err))
			return false;
	}
	return store_run_bulk(tx, VAULT_RECORD_TOKENS_DELETE, key, 3, err);
}

static bool
page_of(struct store_reader *r, uint64_t body, uint64_t holding,
    const struct token_row *token, uint64_t after, uint64_t ret[PAGE],
    size_t *ret_n, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct store_value v[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)holding), STORE_INT(token->item),
	    STORE_BLOB(slice_bytes(token->token, TERM_TOKEN_BYTES)),
	    STORE_INT((int64_t)after)};
	size_t n = 0;
	if (!store_query(r, VAULT_TOKEN_RECORDS, v, STORE_COUNT(v), &rows, err))
		return false;
	while (n < PAGE && store_next(&rows))
		ret[n++] = (uint64_t)store_int(&rows, 0);
	*ret_n = n;
	return store_finish(&rows, err);
}

static bool
has_token(struct store_reader *r, uint64_t body, uint64_t holding,
    const struct token_row *token, uint64_t record, bool *ret, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct store_value v[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)holding), STORE_INT(token->item),
	    STORE_BLOB(slice_bytes(token->token, TERM_TOKEN_BYTES)),
	    STORE_INT((int64_t)record)};
	struct err none = ERR_INIT;
	*ret = store_query_one(
	    r, VAULT_TOKEN_HAS, v, STORE_COUNT(v), &rows, &none);
	if (*ret)
		return store_finish(&rows, err);
	if (none.code == ERR_NOT_FOUND)
		return true;
	if (err != NULL)
		*err = none;
	return false;
}

/* There, not erased, and of no import that is still running. */
static bool
shows(struct store_reader *r, uint64_t body, uint64_t holding, uint64_t record,
    bool *ret, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct store_value v[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)holding), STORE_INT((int64_t)record)};
	struct err none = ERR_INIT;
	*ret = store_query_one(
	    r, VAULT_RECORD_SHOWS, v, STORE_COUNT(v), &rows, &none);
	if (*ret)
		return store_finish(&rows, err);
	if (none.code == ERR_NOT_FOUND)
		return true;
	if (err != NULL)
		*err = none;
	return false;
}

static bool
weight_of(struct store_reader *r, uint64_t body, uint64_t holding,
    const struct token_row *token, int64_t max, int64_t *ret, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct store_value v[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)holding), STORE_INT(token->item),
	    STORE_BLOB(slice_bytes(token->token, TERM_TOKEN_BYTES)),
	    STORE_INT(max)};
	if (!store_query_one(
		r, VAULT_TOKEN_WEIGHT, v, STORE_COUNT(v), &rows, err))
		return false;
	*ret = store_int(&rows, 0);
	return store_finish(&rows, err);
}

/* The rarest of n tokens; counting each stops where the rarest so far did. */
static bool
find_rarest(struct store_reader *r, uint64_t body, uint64_t holding,
    const struct token_row *tokens, size_t n, size_t *ret, struct err *err)
{
	int64_t least = WEIGHT_MAX, weight;
	*ret = 0;
	for (size_t i = 0; n > 1 && i < n && least > 0; i++) {
		if (!weight_of(
			r, body, holding, &tokens[i], least, &weight, err))
			return false;
		if (weight < least) {
			least = weight;
			*ret = i;
		}
	}
	return true;
}

/* Whether a record of the rarest token has all the others, and shows. */
static bool
fits(struct store_reader *r, uint64_t body, uint64_t holding,
    const struct token_row *tokens, size_t n, size_t rarest, uint64_t record,
    bool *ret, struct err *err)
{
	*ret = true;
	for (size_t i = 0; i < n && *ret; i++)
		if (i != rarest &&
		    !has_token(r, body, holding, &tokens[i], record, ret, err))
			return false;
	return !*ret || shows(r, body, holding, record, ret, err);
}

bool
token_find(struct store_reader *r, uint64_t body, uint64_t holding,
    const struct token_row *tokens, size_t n, uint64_t ret[TERM_FOUND_MAX],
    size_t *ret_n, bool *ret_more, struct err *err)
{
	uint64_t page[PAGE], after = 0;
	size_t found = 0, got = PAGE, rarest, looked_at = 0;
	bool is_fit;
	must(n >= 1 && n <= 16);
	if (!find_rarest(r, body, holding, tokens, n, &rarest, err))
		return false;
	*ret_more = false;
	while (got == PAGE && !*ret_more) {
		if (!page_of(r, body, holding, &tokens[rarest], after, page,
			&got, err))
			return false;
		for (size_t i = 0; i < got && !*ret_more; i++) {
			if (!fits(r, body, holding, tokens, n, rarest, page[i],
				&is_fit, err))
				return false;
			if (is_fit && found == TERM_FOUND_MAX)
				*ret_more = true;
			else if (is_fit)
				ret[found++] = page[i];
			if (++looked_at == TERM_LOOKED_AT_MAX)
				*ret_more = true;
			after = page[i];
		}
	}
	*ret_n = found;
	return true;
}
