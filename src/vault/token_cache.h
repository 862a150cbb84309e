/*
 * Tokens that an import has had made already. Most terms of a municipality
 * come back thousands of times (the first letters of readings, the names of
 * towns), and each need not cross to the keeper again.
 *
 * Holds folded texts: wiped when closed. One thread at a time.
 */
#ifndef VAULT_TOKEN_CACHE_H
#define VAULT_TOKEN_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "vault/import.h"
#include "vault/term.h"

enum {
	TOKEN_CACHE_TERMS = 1 << 16,        /* emptied when full */
	TOKEN_CACHE_BYTES = 8 * 1024 * 1024 /* of texts */
};

struct token_cache;

/* NULL without memory. */
struct token_cache *token_cache_open(const struct keyring *keyring) MUST_CHECK;
void token_cache_close(struct token_cache *c); /* NULL is fine */

/* n tokens of n terms, asked of the keyring where they are not known. */
bool token_cache_get(struct token_cache *c, const struct term *terms, size_t n,
    uint8_t (*ret)[TERM_TOKEN_BYTES], struct err *err) MUST_CHECK;

#endif
