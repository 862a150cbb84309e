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
	AEAD_OVERHEAD = AEAD_NONCE_BYTES + AEAD_TAG_BYTES,
	AEAD_MAX_BYTES = 1 << 30 /* of plain text, of ad */
};

struct aead;
struct aead *aead_open(void) MUST_CHECK; /* NULL without memory */
void aead_close(struct aead *a);         /* NULL is fine */

static inline void
aead_close_scoped(struct aead **a)
{
	aead_close(*a);
}

/* Writes plain.n + AEAD_OVERHEAD bytes to ret. ad is bound, not stored. */
void aead_seal(struct aead *a, const uint8_t key[AEAD_KEY_BYTES],
    struct slice ad, struct slice plain, uint8_t *ret);

/*
 * The same with a nonce of the caller's, who vouches that this key never
 * sees it again (a key used once; published vectors).
 */
void aead_seal_at(struct aead *a, const uint8_t key[AEAD_KEY_BYTES],
    const uint8_t nonce[AEAD_NONCE_BYTES], struct slice ad,
    struct slice plain, uint8_t *ret);

/*
 * Writes sealed.n - AEAD_OVERHEAD bytes to ret; nothing is left there when
 * it fails. ERR_CORRUPT: wrong key, wrong ad or changed bytes.
 */
bool aead_unseal(struct aead *a, const uint8_t key[AEAD_KEY_BYTES],
    struct slice ad, struct slice sealed, uint8_t *ret,
    struct err *err) MUST_CHECK;

#endif
