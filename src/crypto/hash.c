/*
 * The low-level SHA-256 of OpenSSL: the context is plain data, so nothing is
 * fetched, allocated or shared between threads (the EVP calls of 3.0 take a
 * lock each). HMAC is the construction of FIPS 198-1 over it, with both
 * padded key blocks hashed once.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"

enum { BLOCK_BYTES = 64 };

struct hash {
	SHA256_CTX ctx;
};

struct mac {
	SHA256_CTX inner;
	SHA256_CTX outer;
};

static void
add(SHA256_CTX *ctx, const void *p, size_t n)
{
	if (n > 0)
		must(SHA256_Update(ctx, p, n) == 1);
}

void
hash_parts(const struct slice *parts, size_t n, uint8_t ret[HASH_BYTES])
{
	SHA256_CTX ctx;
	must(SHA256_Init(&ctx) == 1);
	for (size_t i = 0; i < n; i++)
		add(&ctx, parts[i].p, parts[i].n);
	must(SHA256_Final(ret, &ctx) == 1);
	mem_wipe(&ctx, sizeof(ctx));
}

void
hash_bytes(const void *p, size_t n, uint8_t ret[HASH_BYTES])
{
	struct slice part = slice_bytes(p, n);
	hash_parts(&part, 1, ret);
}

struct hash *
hash_open(void)
{
	struct hash *h = mem_alloc(1, sizeof(*h));
	if (h != NULL)
		must(SHA256_Init(&h->ctx) == 1);
	return h;
}

void
hash_add(struct hash *h, const void *p, size_t n)
{
	add(&h->ctx, p, n);
}

void
hash_end(struct hash *h, uint8_t ret[HASH_BYTES])
{
	must(SHA256_Final(ret, &h->ctx) == 1);
	must(SHA256_Init(&h->ctx) == 1);
}

void
hash_close(struct hash *h)
{
	if (h == NULL)
		return;
	mem_wipe(h, sizeof(*h));
	mem_free(h);
}

static void
mac_init(struct mac *m, struct slice key)
{
	uint8_t block[BLOCK_BYTES] = {0};
	if (key.n > BLOCK_BYTES)
		hash_bytes(key.p, key.n, block);
	else if (key.n > 0)
		memcpy(block, key.p, key.n);
	for (size_t i = 0; i < BLOCK_BYTES; i++)
		block[i] ^= 0x36;
	must(SHA256_Init(&m->inner) == 1);
	add(&m->inner, block, BLOCK_BYTES);
	for (size_t i = 0; i < BLOCK_BYTES; i++)
		block[i] ^= 0x36 ^ 0x5c;
	must(SHA256_Init(&m->outer) == 1);
	add(&m->outer, block, BLOCK_BYTES);
	mem_wipe(block, sizeof(block));
}

struct mac *
mac_open(const uint8_t *key, size_t key_bytes)
{
	struct mac *m = mem_alloc(1, sizeof(*m));
	if (m != NULL)
		mac_init(m, slice_bytes(key, key_bytes));
	return m;
}

void
mac_parts(const struct mac *m, const struct slice *parts, size_t n,
    uint8_t ret[HASH_BYTES])
{
	uint8_t inner[HASH_BYTES];
	SHA256_CTX ctx = m->inner;
	for (size_t i = 0; i < n; i++)
		add(&ctx, parts[i].p, parts[i].n);
	must(SHA256_Final(inner, &ctx) == 1);
	ctx = m->outer;
	add(&ctx, inner, sizeof(inner));
	must(SHA256_Final(ret, &ctx) == 1);
	mem_wipe(&ctx, sizeof(ctx));
	mem_wipe(inner, sizeof(inner));
}

void
mac_close(struct mac *m)
{
	if (m == NULL)
		return;
	mem_wipe(m, sizeof(*m));
	mem_free(m);
}

void
mac_once(struct slice key, const struct slice *parts, size_t n,
    uint8_t ret[HASH_BYTES])
{
	struct mac m;
	mac_init(&m, key);
	mac_parts(&m, parts, n, ret);
	mem_wipe(&m, sizeof(m));
}

void
kdf_expand(const uint8_t key[32], struct slice info, uint8_t *ret,
    size_t bytes)
{
	must(bytes <= KDF_MAX_BYTES);
	struct mac m;
	uint8_t t[HASH_BYTES];
	size_t done = 0;
	mac_init(&m, slice_bytes(key, 32));
	for (uint8_t i = 1; done < bytes; i++) {
		struct slice parts[] = {
		    slice_bytes(t, i == 1 ? 0 : HASH_BYTES), info,
		    slice_bytes(&i, 1)};
		mac_parts(&m, parts, 3, t);
		size_t n = bytes - done < HASH_BYTES ? bytes - done
						     : HASH_BYTES;
		memcpy(ret + done, t, n);
		done += n;
	}
	mem_wipe(t, sizeof(t));
	mem_wipe(&m, sizeof(m));
}

bool
hash_is_equal(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}
