/*
 * The ways to the master key, DATA/keeper/unlock: each seals it under a key
 * of 32 bytes that only the way gives. Used by the helper, at installation
 * and in maintenance; never by the keeper.
 */
#ifndef KEEPER_UNLOCK_H
#define KEEPER_UNLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "keeper/launch.h"
#include "ledger/file.h"

enum { MASTER_BYTES = 32 };

/* What it is unlocked for. */
enum unlock_need {
	UNLOCK_TO_SERVE,
	UNLOCK_TO_MAINTAIN, /* two persons where two made a passphrase */
	UNLOCK_BY_TWO       /* both of them, or two recovery shares, always */
};

/*
 * The master key by one way. ERR_DENIED: wrong, or one person for what takes
 * two; ERR_NOT_FOUND: no such way.
 */
bool unlock_master(const char *dir, const struct unlock *u,
    enum unlock_need need, uint8_t ret[MASTER_BYTES],
    struct err *err) MUST_CHECK;

/*
 * Seals the master key in a further way, or in place of the same one. For
 * UNLOCK_SHARES the new shares go to ret_shares, a line each.
 */
bool unlock_write(const char *dir, const struct unlock *u,
    enum password_cost cost, const uint8_t master[MASTER_BYTES],
    struct buf *ret_shares, struct err *err) MUST_CHECK;

/*
 * A new master key in two steps, by whoever holds the folder. The first lays
 * all its ways ready: those given, and shares to ret_shares. The second, once
 * keys_reseal() was done or broken off, puts them in force or drops them;
 * without a first it does nothing.
 */
bool unlock_prepare(struct files *files, const char *dir,
    const struct unlock *ways, size_t n, enum password_cost cost,
    const uint8_t master[MASTER_BYTES], struct buf *ret_shares,
    struct err *err) MUST_CHECK;
bool unlock_settle(struct files *files, const char *dir,
    struct err *err) MUST_CHECK;

/* ERR_NOT_FOUND: there is none; ERR_CONFLICT: it is the last. */
bool unlock_remove(const char *dir, enum unlock_way way,
    struct err *err) MUST_CHECK;

/* "passphrase", "key-file", "token", "shares". */
const char *unlock_way_name(enum unlock_way way);

/*
 * A PKCS#11 token (token.c). Wraps 32 bytes by CKM_AES_KEY_WRAP under the
 * AES key with that label; makes that key, which never leaves the token, when
 * u->makes_key and there is none.
 */
enum { TOKEN_WRAPPED_BYTES = 40 };
bool token_wrap(const struct unlock *u, struct slice pin,
    const uint8_t key[32], uint8_t ret[TOKEN_WRAPPED_BYTES],
    struct err *err) MUST_CHECK;
bool token_unwrap(const struct unlock *u, struct slice pin,
    const uint8_t wrapped[TOKEN_WRAPPED_BYTES], uint8_t ret[32],
    struct err *err) MUST_CHECK;

#endif
