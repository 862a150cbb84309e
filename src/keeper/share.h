/*
 * Recovery shares: Shamir's scheme, two of three, over GF(256) byte by byte
 * (the field of AES). One share alone tells nothing about the key.
 *
 * Text: "fk1-N-" and groups of eight hexadecimal digits: 4 bytes that name
 * the set, 32 of the share, 4 of checksum.
 */
#ifndef KEEPER_SHARE_H
#define KEEPER_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum {
	SHARES = 3,
	SHARES_NEEDED = 2,
	SHARE_KEY_BYTES = 32,
	SHARE_SET_BYTES = 4
};

struct share {
	uint8_t number; /* 1..SHARES */
	uint8_t set[SHARE_SET_BYTES];
	uint8_t value[SHARE_KEY_BYTES];
};

void shares_make(const uint8_t key[SHARE_KEY_BYTES],
    struct share ret[SHARES]);

/* ERR_INPUT: of different sets, or the same share twice. */
bool shares_join(const struct share *a, const struct share *b,
    uint8_t ret[SHARE_KEY_BYTES], struct err *err) MUST_CHECK;

void share_write(const struct share *s, struct buf *to);

/* Spaces, dashes and upper case are forgiven; a typing error is not. */
bool share_read(struct slice text, struct share *ret,
    struct err *err) MUST_CHECK;

#endif
