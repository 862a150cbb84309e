/*
 * Password storage by Argon2id (RFC 9106; libsodium), and key derivation
 * from a passphrase. Costly on purpose: 64 MiB and about 0.1 s each; callers
 * queue them.
 */
#ifndef CRYPTO_PASSWORD_H
#define CRYPTO_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

enum {
	PASSWORD_MAX_BYTES = 256,  /* longer input is refused */
	PASSWORD_HASH_BYTES = 128, /* crypto_pwhash_STRBYTES, NUL-padded text */
	PASSWORD_SALT_BYTES = 16
};

/* Cheap settings for tests are a start-up choice, never a build's. */
enum password_cost { PASSWORD_COST_ORDINARY, PASSWORD_COST_TEST };

bool password_hash(struct slice password, enum password_cost cost,
    char ret[PASSWORD_HASH_BYTES], struct err *err) MUST_CHECK;

bool password_is_valid(struct slice password,
    const char hash[PASSWORD_HASH_BYTES]);

/* A 32-byte key from a passphrase and a stored salt (moderate cost). */
bool password_derive(struct slice passphrase,
    const uint8_t salt[PASSWORD_SALT_BYTES], enum password_cost cost,
    uint8_t ret[32], struct err *err) MUST_CHECK;

#endif
