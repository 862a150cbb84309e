/*
 * What a record can be found by: terms are texts folded for search
 * (base/fold.h); the keeper makes keyed tokens of them, the store keeps those.
 * Stored values are never changed.
 *
 *	kana, name  the whole; searched by prefix, each prefix of 1 to
 *	            TERM_PREFIX_MAX characters besides
 *	address     the whole; searched by prefix, each prefix that ends where
 *	            a part ends (沖縄市|仲宗根町|26|-1), from the start and from
 *	            behind the first part; a prefecture in front is left out
 *	date        the day, whatever way it was written
 *	number      digits and letters, whatever the width, without hyphens
 *	others      the whole, if the item is searched at all
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
	TERM_PREFIX_MIN_ADDRESS = 2,
	TERM_ADDRESS_MAX = 16, /* of one address */
	TERM_MAX_BYTES = 512,  /* the keeper's; longer texts are cut */
	TERM_OF_RECORD_MAX = 64,
	TERM_TOKEN_BYTES = 16, /* the keeper's; tests compare */
	TERM_FOUND_MAX = 200,
	TERM_LOOKED_AT_MAX = 20000 /* rows that one search may read */
};

struct term {
	uint16_t item;     /* position in the holding */
	struct slice text; /* folded */
};

/*
 * Terms of a record's values, each once; at most TERM_OF_RECORD_MAX, the rest
 * is left. 0 as well when the arena is full: ask arena_is_failed().
 */
size_t terms_of_record(const struct holding *h, const struct slice *values,
    struct arena *a, struct term ret[TERM_OF_RECORD_MAX]);

/*
 * The term that a search for `text` in an item looks up. A name or reading
 * longer than TERM_PREFIX_MAX is cut: it finds more, never less. An address
 * is found by whole parts (仲宗根町26, not 仲宗). ERR_INPUT when the item is
 * not searched, or when nothing is left after folding.
 */
bool term_of_search(const struct holding *h, size_t item, struct slice text,
    struct arena *a, struct term *ret, struct err *err) MUST_CHECK;

/* One token of one record. */
struct token_row {
	uint16_t item;
	uint8_t token[TERM_TOKEN_BYTES];
	uint64_t record;
};

/*
 * In a store job; rows of one holding. Sorted ones are faster. Each record's
 * tokens are listed besides with token_list_put(), so that they can go.
 */
bool token_insert(struct store_tx *tx, uint64_t body, uint64_t holding,
    const struct token_row *rows, size_t n, struct err *err) MUST_CHECK;

/* The list of all tokens of one record; once, before the next token_delete. */
bool token_list_put(struct store_tx *tx, uint64_t body, uint64_t holding,
    uint64_t record, const struct token_row *rows, size_t n,
    struct err *err) MUST_CHECK;

/* All that a record has, and their list; none is fine. */
bool token_delete(struct store_tx *tx, uint64_t body, uint64_t holding,
    uint64_t record, struct err *err) MUST_CHECK;

/*
 * Records that carry all n (1..16) tokens, in order of id, at most
 * TERM_FOUND_MAX; *ret_more: there may be others. Erased records, and those
 * of an import that is not done, are left out; 秘匿 ones are not. `record` of
 * the tokens is not looked at.
 */
bool token_find(struct store_reader *r, uint64_t body, uint64_t holding,
    const struct token_row *tokens, size_t n, uint64_t ret[TERM_FOUND_MAX],
    size_t *ret_n, bool *ret_more, struct err *err) MUST_CHECK;

#endif
