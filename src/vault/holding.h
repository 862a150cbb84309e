/*
 * A holding (保有個人情報): a set of personal information with its items,
 * purposes, sensitivity and the section that owns it. What is here is the
 * 個人情報ファイル簿's matter (Act art. 75): no personal information.
 *
 * Plain data in the caller's arena.
 */
#ifndef VAULT_HOLDING_H
#define VAULT_HOLDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"
#include "regulation/pack.h"
#include "store/store.h"

enum {
	HOLDING_ITEMS_MAX = 63, /* a grant's mask has so many bits */
	HOLDING_PURPOSES_MAX = 32,
	HOLDING_CHOICES_MAX = 64,
	HOLDING_TEXT_MAX_BYTES = 1000,
	HOLDING_ATTRIBUTES_MAX_BYTES = 64 * 1024,
	HOLDINGS_MAX = 1000 /* of one body */
};

struct item {
	struct slice id;   /* [a-z][a-z0-9_]*, never reused for another */
	struct slice name; /* 住所 */
	enum pack_item_type type;
	enum pack_search search;
	bool is_special_care; /* 要配慮個人情報 */
	const struct slice *choices;
	size_t n_choices;
};

struct holding {
	uint64_t body;
	uint64_t id;
	uint64_t section;
	struct slice name;
	struct slice sensitivity; /* the pack's id */
	bool is_my_number;
	bool needs_second_factor;
	bool is_terminals_only;
	struct slice basis;     /* legal basis */
	struct slice place;     /* where it is kept */
	struct slice collected; /* 収集方法 */
	struct slice given_to;  /* 経常的提供先 */
	uint32_t retention_years;
	const struct slice *purposes; /* the pack's ids */
	size_t n_purposes;
	const struct item *items;
	size_t n_items;
};

/* Position of an item by id, or by its name in Japanese; n_items if none. */
size_t holding_item(const struct holding *h, struct slice id_or_name);

bool holding_has_purpose(const struct holding *h, struct slice purpose);

/* Names, counts, doubles, lengths: ERR_INPUT says what is wrong. */
bool holding_check(const struct holding *h, struct err *err) MUST_CHECK;

/* A new row; only inside a store job. */
bool holding_insert(struct store_tx *tx, const struct holding *h,
    struct err *err) MUST_CHECK;

/* All holdings of a body by id, in the arena. */
bool holding_load(struct store_reader *r, uint64_t body, struct arena *a,
    struct holding **ret, size_t *ret_n, struct err *err) MUST_CHECK;

/* Records that are not erased. */
bool holding_count(struct store_reader *r, uint64_t body, uint64_t holding,
    int64_t *ret, struct err *err) MUST_CHECK;

#endif
