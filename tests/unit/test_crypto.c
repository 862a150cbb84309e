/*
 * The ciphers against the vectors of their standards, and what the headers
 * promise beyond them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/sign.h"
#include "crypto/totp.h"

static uint8_t
nibble(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Bytes of a hexadecimal text, in one of four buffers used in turn. */
static struct slice
hex(const char *text)
{
	static uint8_t store[8][256];
	static unsigned turn;
	uint8_t *to = store[turn++ % 8];
	size_t n = strlen(text) / 2;
	assert_true(n <= sizeof(store[0]));
	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)(nibble(text[2 * i]) << 4 |
		    nibble(text[2 * i + 1]));
	return slice_bytes(to, n);
}

static const uint8_t *
bytes(const char *text)
{
	return (const uint8_t *)hex(text).p;
}

static void
assert_hex(const void *got, const char *want)
{
	struct slice s = hex(want);
	assert_memory_equal(got, s.p, s.n);
}

/* Goal of this test: SHA-256 is FIPS 180-4's, whole and in pieces. */
static void
hash_equals_vectors(void **state)
{
	(void)state;
	uint8_t h[HASH_BYTES];
	hash_bytes("abc", 3, h);
	assert_hex(h, "ba7816bf8f01cfea414140de5dae2223"
		      "b00361a396177a9cb410ff61f20015ad");
	hash_bytes(NULL, 0, h);
	assert_hex(h, "e3b0c44298fc1c149afbf4c8996fb924"
		      "27ae41e4649b934ca495991b7852b855");
	struct slice parts[] = {SLICE("a"), SLICE_NONE, SLICE("bc")};
	hash_parts(parts, 3, h);
	assert_hex(h, "ba7816bf8f01cfea414140de5dae2223"
		      "b00361a396177a9cb410ff61f20015ad");
	struct hash *s = hash_open();
	assert_non_null(s);
	for (int turn = 0; turn < 2; turn++) {
		hash_add(s, "ab", 2);
		hash_add(s, "c", 1);
		hash_end(s, h);
		assert_hex(h, "ba7816bf8f01cfea414140de5dae2223"
			      "b00361a396177a9cb410ff61f20015ad");
	}
	hash_close(s);
	hash_close(NULL);
}

/* Goal of this test: HMAC is RFC 4231's, also with a key past one block. */
static void
mac_equals_vectors(void **state)
{
	(void)state;
	static const struct {
		uint8_t fill; /* the key is this byte, or "Jefe" */
		size_t key_bytes;
		const char *text;
		const char *want;
	} cases[] = {
	    {0x0b, 20, "Hi There",
		"b0344c61d8db38535ca8afceaf0bf12b"
		"881dc200c9833da726e9376c2e32cff7"},
	    {0, 4, "what do ya want for nothing?",
		"5bdcc146bf60754e6a042426089575c7"
		"5a003f089d2739839dec58b964ec3843"},
	    {0xaa, 131,
		"Test Using Larger Than Block-Size Key - Hash Key First",
		"60e431591ee0b67f0d8a26aacbf5b77f"
		"8e0bc6213728c5140546040f0ee37f54"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t key[131] = "Jefe";
		uint8_t got[HASH_BYTES];
		if (cases[i].fill != 0)
			memset(key, cases[i].fill, cases[i].key_bytes);
		struct slice text = slice_of(cases[i].text);
		struct slice parts[] = {{text.p, 3}, slice_from(text, 3)};
		struct mac *m = mac_open(key, cases[i].key_bytes);
		assert_non_null(m);
		for (int turn = 0; turn < 2; turn++) {
			mac_parts(m, parts, 2, got);
			assert_hex(got, cases[i].want);
		}
		mac_close(m);
		mac_once(slice_bytes(key, cases[i].key_bytes), &text, 1, got);
		assert_hex(got, cases[i].want);
	}
	mac_close(NULL);
}

/* Goal of this test: HKDF-Expand is RFC 5869's case 1. */
static void
kdf_equals_vector(void **state)
{
	(void)state;
	uint8_t okm[42];
	kdf_expand(bytes("077709362c2e32df0ddc3f0dc47bba63"
			 "90b6c73bb50f9c3122ec844ad7c2b3e5"),
	    hex("f0f1f2f3f4f5f6f7f8f9"), okm, sizeof(okm));
	assert_hex(okm, "3cb25f25faacd57a90434f64d0362f2a"
			"2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
			"34007208d5b887185865");
}

/* Goal of this test: AES-256-GCM is the published one (cases 13, 14, 16). */
static void
aead_equals_vectors(void **state)
{
	(void)state;
	static const char zero32[] = "00000000000000000000000000000000"
				     "00000000000000000000000000000000";
	static const struct {
		const char *key, *nonce, *ad, *plain, *sealed;
	} cases[] = {
	    {zero32, "000000000000000000000000", "", "",
		"530f8afbc74536b9a963b4f1c4cb738b"},
	    {zero32, "000000000000000000000000", "",
		"00000000000000000000000000000000",
		"cea7403d4d606b6e074ec5d3baf39d18"
		"d0d1c8a799996bf0265b98b5d48ab919"},
	    {"feffe9928665731c6d6a8f9467308308"
	     "feffe9928665731c6d6a8f9467308308",
		"cafebabefacedbaddecaf888",
		"feedfacedeadbeeffeedfacedeadbeefabaddad2",
		"d9313225f88406e5a55909c5aff5269a"
		"86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525"
		"b16aedf5aa0de657ba637b39",
		"522dc1f099567d07f47f37a32a84427d"
		"643a8cdcbfe5c0c97598a2bd2555d1aa"
		"8cb08e48590dbb3da7b08b1056828838"
		"c5f61e6393ba7a0abcc9f662"
		"76fc6ece0f4e1768cddf8853bb2d551b"},
	};
	struct aead *a = aead_open();
	assert_non_null(a);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t sealed[128];
		uint8_t plain[128];
		struct err err = ERR_INIT;
		const uint8_t *key = bytes(cases[i].key);
		struct slice ad = hex(cases[i].ad);
		struct slice text = hex(cases[i].plain);
		aead_seal_at(a, key, bytes(cases[i].nonce), ad, text, sealed);
		assert_hex(sealed + AEAD_NONCE_BYTES, cases[i].sealed);
		assert_true(aead_unseal(a, key, ad,
		    slice_bytes(sealed, text.n + AEAD_OVERHEAD), plain, &err));
		assert_memory_equal(plain, text.p, text.n);
	}
	aead_close(a);
	aead_close(NULL);
}

/* Goal: any changed byte, key or ad is refused, leaving nothing. */
static void
aead_refuses_changes(void **state)
{
	(void)state;
	struct aead *a = aead_open();
	uint8_t key[AEAD_KEY_BYTES];
	uint8_t sealed[5 + AEAD_OVERHEAD];
	uint8_t plain[5];
	struct err err = ERR_INIT;
	struct slice all = slice_bytes(sealed, sizeof(sealed));
	random_fill(key, sizeof(key));
	aead_seal(a, key, SLICE("place"), SLICE("value"), sealed);
	for (size_t i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 1;
		memset(plain, 'x', sizeof(plain));
		assert_false(
		    aead_unseal(a, key, SLICE("place"), all, plain, &err));
		assert_int_equal(err.code, ERR_CORRUPT);
		assert_memory_equal(plain, "\0\0\0\0\0", 5);
		sealed[i] ^= 1;
	}
	assert_false(aead_unseal(a, key, SLICE("other"), all, plain, &err));
	assert_false(aead_unseal(a, key, SLICE("place"),
	    slice_bytes(sealed, AEAD_OVERHEAD - 1), plain, &err));
	key[31] ^= 1;
	assert_false(aead_unseal(a, key, SLICE("place"), all, plain, &err));
	key[31] ^= 1;
	assert_true(aead_unseal(a, key, SLICE("place"), all, plain, &err));
	assert_memory_equal(plain, "value", 5);
	aead_close(a);
}

/* Goal of this test: Ed25519 is RFC 8032's (tests 1 and 2). */
static void
sign_equals_vectors(void **state)
{
	(void)state;
	static const struct {
		const char *seed, *pub, *text, *sig;
	} cases[] = {
	    {"9d61b19deffd5a60ba844af492ec2cc4"
	     "4449c5697b326919703bac031cae7f60",
		"d75a980182b10ab7d54bfed3c964073a"
		"0ee172f3daa62325af021a68f707511a",
		"",
		"e5564300c360ac729086e2cc806e828a"
		"84877f1eb8e5d974d873e06522490155"
		"5fb8821590a33bacc61e39701cf9b46b"
		"d25bf5f0595bbe24655141438e7a100b"},
	    {"4ccd089b28ff96da9db6c346ec114e0f"
	     "5b8a319f35aba624da8cf6ed4fb8a6fb",
		"3d4017c3e843895a92b70aa74d1b7ebc"
		"9c982ccf2ec4968cc0cd55f12af4660c",
		"72",
		"92a009a9f0d4cab8720e820b5f642540"
		"a2b27b5416503f8fb3762223ebdb69da"
		"085ac1e43e15996e458f3613d0f11d8c"
		"387b2eaeb4302aeeb00d291612bb0c00"},
	};
	for (size_t i = 0; i < 2; i++) {
		struct signer *s = signer_open(bytes(cases[i].seed));
		uint8_t pub[SIGN_PUBLIC_BYTES];
		uint8_t sig[SIGN_BYTES];
		struct slice text = hex(cases[i].text);
		assert_non_null(s);
		signer_public(s, pub);
		assert_hex(pub, cases[i].pub);
		signer_sign(s, text, sig);
		assert_hex(sig, cases[i].sig);
		assert_true(sign_is_valid(pub, text, sig));
		for (size_t b = 0; b < sizeof(sig); b++) {
			sig[b] ^= 0x10;
			assert_false(sign_is_valid(pub, text, sig));
			sig[b] ^= 0x10;
		}
		assert_false(sign_is_valid(pub, SLICE("other"), sig));
		signer_close(s);
	}
	signer_close(NULL);
}

/* Goal of this test: TOTP is RFC 6238's, one step of drift, step reported. */
static void
totp_equals_vectors(void **state)
{
	(void)state;
	static const uint8_t *secret = (const uint8_t *)"12345678901234567890";
	static const struct {
		int64_t at_s;
		const char *code;
	} cases[] = {{59, "287082"}, {1111111109, "081804"},
	    {1234567890, "005924"}, {2000000000, "279037"}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char code[TOTP_DIGITS + 1];
		uint64_t step = 0;
		instant now = cases[i].at_s * SECOND_US;
		struct slice given = slice_of(cases[i].code);
		totp_code(secret, now, code);
		assert_string_equal(code, cases[i].code);
		for (int drift = -1; drift <= 1; drift++) {
			assert_true(totp_is_valid(secret, given,
			    now + drift * 30 * SECOND_US, &step));
			assert_int_equal(step, cases[i].at_s / 30);
		}
		assert_false(totp_is_valid(secret, given,
		    now + 60 * SECOND_US, &step));
		assert_false(totp_is_valid(secret, (struct slice){given.p, 5},
		    now, &step));
	}
}

/* Goal of this test: a password opens with itself only; limits hold. */
static void
password_is_checked(void **state)
{
	(void)state;
	char hash[PASSWORD_HASH_BYTES];
	char again[PASSWORD_HASH_BYTES];
	char text[PASSWORD_MAX_BYTES + 1];
	struct err err = ERR_INIT;
	memset(text, 'p', sizeof(text));
	assert_true(password_hash(SLICE("correct horse"), PASSWORD_COST_TEST,
	    hash, &err));
	assert_memory_equal(hash, "$argon2id$", 10);
	assert_true(password_hash(SLICE("correct horse"), PASSWORD_COST_TEST,
	    again, &err));
	assert_memory_not_equal(hash, again, sizeof(hash));
	assert_true(password_is_valid(SLICE("correct horse"), hash));
	assert_false(password_is_valid(SLICE("correct hors"), hash));
	assert_false(password_is_valid(SLICE_NONE, hash));
	assert_true(password_hash(slice_bytes(text, PASSWORD_MAX_BYTES),
	    PASSWORD_COST_TEST, again, &err));
	assert_false(password_hash(slice_bytes(text, PASSWORD_MAX_BYTES + 1),
	    PASSWORD_COST_TEST, again, &err));
	assert_int_equal(err.code, ERR_INPUT);
	assert_false(password_hash(SLICE_NONE, PASSWORD_COST_TEST, again,
	    &err));
	memset(again, '$', sizeof(again));
	assert_false(password_is_valid(SLICE("correct horse"), again));
}

/* Goal of this test: one passphrase and salt give one key. */
static void
password_derives_a_key(void **state)
{
	(void)state;
	uint8_t salt[PASSWORD_SALT_BYTES] = {1};
	uint8_t a[32];
	uint8_t b[32];
	struct err err = ERR_INIT;
	assert_true(password_derive(SLICE("open"), salt, PASSWORD_COST_TEST,
	    a, &err));
	assert_true(password_derive(SLICE("open"), salt, PASSWORD_COST_TEST,
	    b, &err));
	assert_memory_equal(a, b, sizeof(a));
	salt[0] = 2;
	assert_true(password_derive(SLICE("open"), salt, PASSWORD_COST_TEST,
	    b, &err));
	assert_memory_not_equal(a, b, sizeof(a));
}

/* Goal of this test: secrets start zeroed, of any size. */
static void
secret_is_zeroed(void **state)
{
	(void)state;
	static const uint8_t zero[100];
	for (size_t n = 1; n <= sizeof(zero); n += 33) {
		struct err err = ERR_INIT;
		uint8_t *p = secret_open(n, &err);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		assert_memory_equal(p, zero, n);
		memset(p, 0xff, n);
		secret_close(p);
	}
	secret_close(NULL);
}

/* Goal of this test: ids are positive and do not repeat. */
static void
random_ids_differ(void **state)
{
	(void)state;
	uint64_t a = random_id();
	uint64_t b = random_id();
	assert_true(a != 0 && a >> 63 == 0 && b != 0 && b >> 63 == 0);
	assert_true(a != b);
	assert_true(hash_is_equal(&a, &a, sizeof(a)));
	assert_false(hash_is_equal(&a, &b, sizeof(a)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hash_equals_vectors),
	    cmocka_unit_test(mac_equals_vectors),
	    cmocka_unit_test(kdf_equals_vector),
	    cmocka_unit_test(aead_equals_vectors),
	    cmocka_unit_test(aead_refuses_changes),
	    cmocka_unit_test(sign_equals_vectors),
	    cmocka_unit_test(totp_equals_vectors),
	    cmocka_unit_test(password_is_checked),
	    cmocka_unit_test(password_derives_a_key),
	    cmocka_unit_test(secret_is_zeroed),
	    cmocka_unit_test(random_ids_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
