/*
 * AES-256-GCM (FIPS 197, SP 800-38D). Sealed form: 12 random bytes of nonce,
 * ciphertext, 16 bytes of tag: AEAD_OVERHEAD more than the plain text.
 * One struct aead per thread: its contexts are reused.
 */
#ifndef CRYPTO_AEAD_H
#define CRYPTO_AEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

enum {
	AEAD_KEY_BYTES = 32,
	AEAD_NONCE_BYTES = 12,
	AEAD_TAG_BYTES = 16,
	AEAD_OVERHEAD = AEAD_NONCE_BYTES + AEAD_TAG_BYTES
};

struct aead;
struct aead *aead_open(void);
void aead_close(struct aead *a);

/* Writes plain.n + AEAD_OVERHEAD bytes to ret. ad is bound, not stored. */
void aead_seal(struct aead *a, const uint8_t key[AEAD_KEY_BYTES],
    struct slice ad, struct slice plain, uint8_t *ret);

/*
 * Writes sealed.n - AEAD_OVERHEAD bytes to ret; nothing is left there when
 * it fails. ERR_CORRUPT: wrong key, wrong ad or changed bytes.
 */
bool aead_unseal(struct aead *a, const uint8_t key[AEAD_KEY_BYTES],
    struct slice ad, struct slice sealed, uint8_t *ret,
    struct err *err) MUST_CHECK;

#endif
