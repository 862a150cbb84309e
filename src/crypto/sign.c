#include "crypto/sign.h"

#include <sodium.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/must.h"
#include "crypto/secret.h"

struct signer {
	uint8_t pub[crypto_sign_PUBLICKEYBYTES];
	uint8_t key[crypto_sign_SECRETKEYBYTES];
};

_Static_assert(SIGN_BYTES == crypto_sign_BYTES, "Ed25519 signature");
_Static_assert(SIGN_SEED_BYTES == crypto_sign_SEEDBYTES, "Ed25519 seed");
_Static_assert(SIGN_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519 key");

struct signer *
signer_open(const uint8_t seed[SIGN_SEED_BYTES])
{
	struct signer *s = secret_open(sizeof(*s), NULL);
	if (s != NULL)
		must(crypto_sign_seed_keypair(s->pub, s->key, seed) == 0);
	return s;
}

void
signer_close(struct signer *s)
{
	secret_close(s);
}

void
signer_public(const struct signer *s, uint8_t ret[SIGN_PUBLIC_BYTES])
{
	memcpy(ret, s->pub, SIGN_PUBLIC_BYTES);
}

void
signer_sign(const struct signer *s, struct slice text,
    uint8_t ret[SIGN_BYTES])
{
	must(crypto_sign_detached(ret, NULL, (const uint8_t *)text.p, text.n,
		 s->key) == 0);
}

bool
sign_is_valid(const uint8_t pub[SIGN_PUBLIC_BYTES], struct slice text,
    const uint8_t sig[SIGN_BYTES])
{
	return crypto_sign_verify_detached(sig, (const uint8_t *)text.p,
		   text.n, pub) == 0;
}
