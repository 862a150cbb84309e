#include "crypto/aead.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "crypto/random.h"

struct aead {
	EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *seal;
	EVP_CIPHER_CTX *unseal;
};

/* OpenSSL wants a pointer even for nothing. */
static const uint8_t nothing[1];

struct aead *
aead_open(void)
{
	struct aead *a = mem_alloc(1, sizeof(*a));
	if (a == NULL)
		return NULL;
	a->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	a->seal = EVP_CIPHER_CTX_new();
	a->unseal = EVP_CIPHER_CTX_new();
	if (a->cipher != NULL && a->seal != NULL && a->unseal != NULL &&
	    EVP_EncryptInit_ex2(a->seal, a->cipher, NULL, NULL, NULL) == 1 &&
	    EVP_DecryptInit_ex2(a->unseal, a->cipher, NULL, NULL, NULL) == 1)
		return a;
	aead_close(a);
	return NULL;
}

void
aead_close(struct aead *a)
{
	if (a == NULL)
		return;
	EVP_CIPHER_CTX_free(a->seal);
	EVP_CIPHER_CTX_free(a->unseal);
	EVP_CIPHER_free(a->cipher);
	mem_free(a);
}

/* Leaves no key behind in a context that may stand unused for long. */
static void
forget_key(EVP_CIPHER_CTX *ctx)
{
	static const uint8_t zero[AEAD_KEY_BYTES];
	must(EVP_CipherInit_ex2(ctx, NULL, zero, NULL, -1, NULL) == 1);
}

void
aead_seal_at(struct aead *a, const uint8_t key[AEAD_KEY_BYTES],
    const uint8_t nonce[AEAD_NONCE_BYTES], struct slice ad,
    struct slice plain, uint8_t *ret)
{
	must(ad.n <= AEAD_MAX_BYTES && plain.n <= AEAD_MAX_BYTES);
	uint8_t *text = ret + AEAD_NONCE_BYTES;
	int n = 0;
	memmove(ret, nonce, AEAD_NONCE_BYTES);
	must(EVP_EncryptInit_ex2(a->seal, NULL, key, nonce, NULL) == 1);
	if (ad.n > 0)
		must(EVP_EncryptUpdate(a->seal, NULL, &n,
			 (const uint8_t *)ad.p, (int)ad.n) == 1);
	if (plain.n > 0)
		must(EVP_EncryptUpdate(a->seal, text, &n,
			 (const uint8_t *)plain.p, (int)plain.n) == 1);
	must(EVP_EncryptFinal_ex(a->seal, text + plain.n, &n) == 1);
	must(EVP_CIPHER_CTX_ctrl(a->seal, EVP_CTRL_AEAD_GET_TAG,
		 AEAD_TAG_BYTES, text + plain.n) == 1);
	forget_key(a->seal);
}

void
aead_seal(struct aead *a, const uint8_t key[AEAD_KEY_BYTES], struct slice ad,
    struct slice plain, uint8_t *ret)
{
	uint8_t nonce[AEAD_NONCE_BYTES];
	random_fill(nonce, sizeof(nonce));
	aead_seal_at(a, key, nonce, ad, plain, ret);
}

bool
aead_unseal(struct aead *a, const uint8_t key[AEAD_KEY_BYTES],
    struct slice ad, struct slice sealed, uint8_t *ret, struct err *err)
{
	if (sealed.n < AEAD_OVERHEAD ||
	    sealed.n - AEAD_OVERHEAD > AEAD_MAX_BYTES)
		return ERR(err, ERR_CORRUPT,
		    "sealed bytes have an impossible length");
	must(ad.n <= AEAD_MAX_BYTES);
	const uint8_t *nonce = (const uint8_t *)sealed.p;
	const uint8_t *text = nonce + AEAD_NONCE_BYTES;
	size_t len = sealed.n - AEAD_OVERHEAD;
	uint8_t tag[AEAD_TAG_BYTES];
	uint8_t last[AEAD_TAG_BYTES];
	int n = 0;

	memcpy(tag, text + len, sizeof(tag));
	must(EVP_DecryptInit_ex2(a->unseal, NULL, key, nonce, NULL) == 1);
	if (ad.n > 0)
		must(EVP_DecryptUpdate(a->unseal, NULL, &n,
			 (const uint8_t *)ad.p, (int)ad.n) == 1);
	must(EVP_DecryptUpdate(a->unseal, len > 0 ? ret : last, &n,
		 len > 0 ? text : nothing, (int)len) == 1);
	must(EVP_CIPHER_CTX_ctrl(a->unseal, EVP_CTRL_AEAD_SET_TAG,
		 AEAD_TAG_BYTES, tag) == 1);
	bool is_genuine = EVP_DecryptFinal_ex(a->unseal, last, &n) == 1;
	forget_key(a->unseal);
	if (is_genuine)
		return true;
	mem_wipe(ret, len);
	return ERR(err, ERR_CORRUPT,
	    "sealed bytes do not open: another key, place or content");
}
