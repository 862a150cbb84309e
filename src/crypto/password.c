#include "crypto/password.h"

#include <sodium.h>
#include <string.h>

_Static_assert(PASSWORD_HASH_BYTES == crypto_pwhash_STRBYTES, "text form");
_Static_assert(PASSWORD_SALT_BYTES == crypto_pwhash_SALTBYTES, "salt");

/* What one cost means, for storing and for deriving a key. */
struct cost {
	unsigned long long store_ops;
	size_t store_mem;
	unsigned long long derive_ops;
	size_t derive_mem;
};

static const struct cost costs[] = {
    [PASSWORD_COST_ORDINARY] =
	{
	    .store_ops = crypto_pwhash_OPSLIMIT_INTERACTIVE,
	    .store_mem = crypto_pwhash_MEMLIMIT_INTERACTIVE,
	    .derive_ops = crypto_pwhash_OPSLIMIT_MODERATE,
	    .derive_mem = crypto_pwhash_MEMLIMIT_MODERATE,
	},
    [PASSWORD_COST_TEST] =
	{
	    .store_ops = crypto_pwhash_OPSLIMIT_MIN,
	    .store_mem = crypto_pwhash_MEMLIMIT_MIN,
	    .derive_ops = crypto_pwhash_OPSLIMIT_MIN,
	    .derive_mem = crypto_pwhash_MEMLIMIT_MIN,
	},
};

static bool
is_usable(struct slice password, struct err *err)
{
	if (password.n == 0)
		return ERR(err, ERR_INPUT, "the password is empty");
	if (password.n > PASSWORD_MAX_BYTES)
		return ERR(err, ERR_INPUT,
		    "the password is longer than %d bytes",
		    PASSWORD_MAX_BYTES);
	if (sodium_init() < 0)
		return ERR(err, ERR_SYSTEM, "libsodium does not start");
	return true;
}

bool
password_hash(struct slice password, enum password_cost cost,
    char ret[PASSWORD_HASH_BYTES], struct err *err)
{
	char text[PASSWORD_HASH_BYTES];
	if (!is_usable(password, err))
		return false;
	if (crypto_pwhash_str_alg(text, password.p, password.n,
		costs[cost].store_ops, costs[cost].store_mem,
		crypto_pwhash_ALG_ARGON2ID13) != 0)
		return ERR(err, ERR_BUSY, "no memory to hash a password");
	memcpy(ret, text, sizeof(text));
	return true;
}

bool
password_is_valid(struct slice password, const char hash[PASSWORD_HASH_BYTES])
{
	return is_usable(password, NULL) &&
	    memchr(hash, '\0', PASSWORD_HASH_BYTES) != NULL &&
	    crypto_pwhash_str_verify(hash, password.p, password.n) == 0;
}

bool
password_derive(struct slice passphrase,
    const uint8_t salt[PASSWORD_SALT_BYTES], enum password_cost cost,
    uint8_t ret[32], struct err *err)
{
	if (!is_usable(passphrase, err))
		return false;
	if (crypto_pwhash(ret, 32, passphrase.p, passphrase.n, salt,
		costs[cost].derive_ops, costs[cost].derive_mem,
		crypto_pwhash_ALG_ARGON2ID13) != 0)
		return ERR(err, ERR_BUSY, "no memory to derive a key");
	return true;
}
