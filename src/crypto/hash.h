/*
 * SHA-256, HMAC-SHA-256 and HKDF (FIPS 180-4, FIPS 198-1, RFC 5869): all on
 * the CRYPTREC list. The functions cannot fail on valid arguments; an error
 * inside OpenSSL is a programming error and stops the process.
 * No state is shared: any thread may call the one-shot functions.
 */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"

enum { HASH_BYTES = 32, KDF_MAX_BYTES = 64 };

/* One hash over all parts, one after the other. */
void hash_parts(const struct slice *parts, size_t n, uint8_t ret[HASH_BYTES]);
void hash_bytes(const void *p, size_t n, uint8_t ret[HASH_BYTES]);

/* A file or a stream in pieces. NULL without memory. One thread at a time. */
struct hash;
struct hash *hash_open(void) MUST_CHECK;
void hash_add(struct hash *h, const void *p, size_t n);
void hash_end(struct hash *h, uint8_t ret[HASH_BYTES]); /* may start anew */
void hash_close(struct hash *h);                        /* NULL is fine */

static inline void
hash_close_scoped(struct hash **h)
{
	hash_close(*h);
}

/*
 * HMAC under one key, many times. The opened key never changes, so several
 * threads may use one struct mac. mac_open gives NULL without memory.
 */
struct mac;
struct mac *mac_open(const uint8_t *key, size_t key_bytes) MUST_CHECK;
void mac_parts(const struct mac *m, const struct slice *parts, size_t n,
    uint8_t ret[HASH_BYTES]);
void mac_close(struct mac *m); /* wipes the key; NULL is fine */

static inline void
mac_close_scoped(struct mac **m)
{
	mac_close(*m);
}

/* HMAC once. */
void mac_once(struct slice key, const struct slice *parts, size_t n,
    uint8_t ret[HASH_BYTES]);

/* HKDF-Expand of a uniformly random 32-byte key; bytes <= KDF_MAX_BYTES. */
void kdf_expand(const uint8_t key[32], struct slice info, uint8_t *ret,
    size_t bytes);

/* Constant time. */
bool hash_is_equal(const void *a, const void *b, size_t n);

#endif
