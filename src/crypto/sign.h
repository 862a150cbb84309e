/*
 * Ed25519 (RFC 8032). The seed is the private key; keep it in a secret.
 * An opened signer never changes: any thread may sign with it.
 */
#ifndef CRYPTO_SIGN_H
#define CRYPTO_SIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"

enum { SIGN_SEED_BYTES = 32, SIGN_PUBLIC_BYTES = 32, SIGN_BYTES = 64 };

struct signer;

/* In locked memory; NULL when there is none. */
struct signer *signer_open(const uint8_t seed[SIGN_SEED_BYTES]) MUST_CHECK;
void signer_close(struct signer *s); /* wipes; NULL is fine */

static inline void
signer_close_scoped(struct signer **s)
{
	signer_close(*s);
}

void signer_public(const struct signer *s, uint8_t ret[SIGN_PUBLIC_BYTES]);
void
signer_sign(const struct signer *s, struct slice text, uint8_t ret[SIGN_BYTES]);

/* Strict: refuses points of small order and scalars out of range. */
bool sign_is_valid(const uint8_t pub[SIGN_PUBLIC_BYTES], struct slice text,
    const uint8_t sig[SIGN_BYTES]);

#endif
