/*
 * What a record can be found by: terms are texts folded for search
 * (base/fold.h); the keeper makes keyed tokens of them, the store keeps those.
 * Stored values are never changed.
 *
 *	kana     the whole, and each prefix of 1 to TERM_PREFIX_MAX characters
 *	address  the whole, and each prefix that ends where a part ends, and of
 *	         TERM_PREFIX_MIN_ADDRESS characters and more
 *	others   the whole, if the item is searched at all
 */
#ifndef VAULT_TERM_H
#define VAULT_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "store/store.h"
#include "vault/holding.h"

enum {
	TERM_PREFIX_MAX = 8,
	TERM_PREFIX_MIN_ADDRESS = 3,
	TERM_OF_RECORD_MAX = 64,
	TERM_TOKEN_BYTES = 16, /* the keeper's; tests compare */
	TERM_FOUND_MAX = 200
};

struct term {
	uint16_t item;     /* position in the holding */
	struct slice text; /* folded */
};

/* Terms of a record's values; at most TERM_OF_RECORD_MAX, the rest is left. */
size_t terms_of_record(const struct holding *h, const struct slice *values,
    struct arena *a, struct term *ret);

/*
 * The term that a search for `text` in an item looks up. ERR_INPUT when the
 * item is not searched, or when nothing is left after folding.
 */
bool term_of_search(const struct holding *h, size_t item, struct slice text,
    struct arena *a, struct term *ret, struct err *err) MUST_CHECK;

/* One token of one record. */
struct token_row {
	uint16_t item;
	uint8_t token[TERM_TOKEN_BYTES];
	uint64_t record;
};

/* In a store job; rows of one holding. Sorted ones are faster. */
bool token_insert(struct store_tx *tx, uint64_t body, uint64_t holding,
    const struct token_row *rows, size_t n, struct err *err) MUST_CHECK;
bool token_delete(struct store_tx *tx, uint64_t body, uint64_t holding,
    uint64_t record, struct err *err) MUST_CHECK;

/*
 * Records that carry all n tokens, in order of id, at most TERM_FOUND_MAX;
 * *ret_more: there may be others.
 */
bool token_find(struct store_reader *r, uint64_t body, uint64_t holding,
    const struct token_row *tokens, size_t n,
    uint64_t ret[TERM_FOUND_MAX], size_t *ret_n, bool *ret_more,
    struct err *err) MUST_CHECK;

#endif
