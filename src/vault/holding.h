/*
 * A holding (保有個人情報): a set of personal information with its items,
 * purposes, sensitivity and the section that owns it, and what the
 * 個人情報ファイル簿 says of it (Act art. 75, Order art. 21). No personal
 * information is here.
 *
 * Plain data; its texts and arrays live in the arena that it was read into.
 */
#ifndef VAULT_HOLDING_H
#define VAULT_HOLDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"
#include "regulation/pack.h"
#include "store/store.h"

enum {
	HOLDING_ITEMS_MAX = 63, /* a grant's mask has so many bits */
	HOLDING_PURPOSES_MAX = 32,
	HOLDING_CHOICES_MAX = 64,
	HOLDING_NAME_MAX_BYTES = 300,
	HOLDING_TEXT_MAX_BYTES = 1000,
	HOLDING_ATTRIBUTES_MAX_BYTES = 64 * 1024,
	HOLDINGS_MAX = 1000 /* of one body */
};

/*
 * Its position is its number in grants, tokens and sealed records: an item
 * is never moved or taken away, only retired; new ones go to the end.
 */
struct item {
	struct slice id;   /* as in packs, never reused for another */
	struct slice name; /* 住所 */
	enum pack_item_type type;
	enum pack_search search;
	bool is_special_care; /* 要配慮個人情報 */
	bool is_retired;      /* no longer filled in */
	const struct slice *choices;
	size_t n_choices;
};

/* What the file register says besides; texts may be empty. */
struct holding_register {
	struct slice scope;        /* 記録範囲 */
	struct slice requests_at;  /* who takes requests, and where */
	struct slice other_law;    /* 訂正等の特別の手続 */
	struct slice unlisted_why; /* why it is not listed; empty: listed */
	bool is_manual;            /* マニュアル処理ファイル */
	bool has_manual_part;      /* Order art. 21(7) */
	bool has_ordinance_care;   /* 条例要配慮個人情報 */
	bool takes_proposals; /* 行政機関等匿名加工情報の提案 */
	struct slice lock;    /* of paper: how it is locked away */
	uint32_t dispose_on;  /* YYYYMMDD, planned; 0: not said */
};

struct holding {
	uint64_t body;
	uint64_t id;
	uint64_t section;
	uint64_t organ;
	struct slice name;
	struct slice sensitivity; /* the pack's id */
	bool is_my_number;
	bool needs_second_factor;
	bool is_terminals_only;
	bool has_files;
	struct slice basis;     /* legal basis */
	struct slice place;     /* where it is kept */
	struct slice collected; /* 収集方法 */
	struct slice given_to;  /* 経常的提供先 */
	uint32_t retention_years;
	uint64_t persons_stated; /* number of persons, as registered */
	struct holding_register reg;
	const struct slice *purposes; /* the pack's ids */
	size_t n_purposes;
	const struct item *items;
	size_t n_items;
	/* From the row; not written: */
	int64_t persons; /* records that are there, not erased */
	uint32_t version;
	/* Written as given: when it was changed, and by whom in which
	 * appointment; 0: not known. */
	instant changed_at;
	uint64_t changed_by, changed_in;
};

/* Position of an item by id, or by its name in Japanese; n_items if none. */
size_t holding_item(const struct holding *h, struct slice id_or_name);

bool holding_has_purpose(const struct holding *h, struct slice purpose);
bool holding_has_special_care(const struct holding *h);

/* "address"; never NULL. */
const char *holding_type_name(enum pack_item_type type);
const char *holding_search_name(enum pack_search search);

/* Names, counts, doubles, lengths: ERR_INPUT says what is wrong. */
bool holding_check(const struct holding *h, struct err *err) MUST_CHECK;

/*
 * Whether `to` may replace `from`: same id, items kept at their places with
 * their types, My Number not switched. ERR_INPUT says what is wrong.
 */
bool holding_check_change(const struct holding *from, const struct holding *to,
    struct err *err) MUST_CHECK;

/* A holding from a pack; ids 0, nothing copied: it lives as the pack does. */
bool holding_of_pack(const struct pack_holding *p, struct arena *a,
    struct holding *ret, struct err *err) MUST_CHECK;

/* ---- inside a store job; both check ---- */

bool holding_insert(
    struct store_tx *tx, const struct holding *h, struct err *err) MUST_CHECK;

/*
 * h->version is the one that was read; the row before is kept. ERR_CONFLICT:
 * changed meanwhile. Compare with holding_check_change() before.
 */
bool holding_change(
    struct store_tx *tx, const struct holding *h, struct err *err) MUST_CHECK;

/* ---- reading ---- */

/* All holdings of a body by id, in the arena. */
bool holding_load(struct store_reader *r, uint64_t body, struct arena *a,
    struct holding **ret, size_t *ret_n, struct err *err) MUST_CHECK;

/* At most max (<= HOLDINGS_MAX) with an id above `after`; section 0: any. */
bool holding_page(struct store_reader *r, uint64_t body, uint64_t section,
    uint64_t after, size_t max, struct arena *a, struct holding **ret,
    size_t *ret_n, struct err *err) MUST_CHECK;

/* ERR_NOT_FOUND. */
bool holding_get(struct store_reader *r, uint64_t body, uint64_t id,
    struct arena *a, struct holding *ret, struct err *err) MUST_CHECK;

/* The next older state than version `below`; ERR_NOT_FOUND: none. */
bool holding_get_before(struct store_reader *r, uint64_t body, uint64_t id,
    uint32_t below, struct arena *a, struct holding *ret,
    struct err *err) MUST_CHECK;

/* Records that are not erased. */
bool holding_count(struct store_reader *r, uint64_t body, uint64_t holding,
    int64_t *ret, struct err *err) MUST_CHECK;

/* ---- the attributes column ---- */

void holding_attributes_write(struct buf *to, const struct holding *h);

/* ERR_CORRUPT, ERR_LIMIT. */
bool holding_attributes_read(struct slice json, struct arena *a,
    struct holding *ret, struct err *err) MUST_CHECK;

/* The columns that every query of holdings begins with; for vault/ alone. */
bool holding_read_row(struct store_rows *rows, uint64_t body, struct arena *a,
    struct holding *ret, struct err *err) MUST_CHECK;

#endif
