/*
 * Ed25519 (RFC 8032). The seed is the private key; keep it in a secret.
 */
#ifndef CRYPTO_SIGN_H
#define CRYPTO_SIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum { SIGN_SEED_BYTES = 32, SIGN_PUBLIC_BYTES = 32, SIGN_BYTES = 64 };

struct signer;
struct signer *signer_open(const uint8_t seed[SIGN_SEED_BYTES]);
void signer_close(struct signer *s);
void signer_public(const struct signer *s, uint8_t ret[SIGN_PUBLIC_BYTES]);
void signer_sign(struct signer *s, struct slice text, uint8_t ret[SIGN_BYTES]);

bool sign_is_valid(const uint8_t pub[SIGN_PUBLIC_BYTES], struct slice text,
    const uint8_t sig[SIGN_BYTES]);

#endif
