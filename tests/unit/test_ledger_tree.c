/*
 * The formats by themselves: tree and proofs against the vectors of RFC 6962
 * implementations and against each other, tiles, notes, checkpoints, proofs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/base64.h"
#include "ledger/checkpoint.h"
#include "ledger/crc.h"
#include "ledger/note.h"
#include "ledger/proof.h"
#include "ledger/tile.h"
#include "ledger/tree.h"

#include "ledger_fixture.h"

enum { LEAVES = 70 };

/* Leaf hashes of the numbers 0.., and any subtree of them. */
static uint8_t leaf[LEAVES][HASH_BYTES];

static bool
any_node(void *ctx, unsigned level, uint64_t index, uint8_t ret[HASH_BYTES],
    struct err *err)
{
	(void)ctx;
	(void)err;
	size_t n = (size_t)1 << level;
	assert_true((index + 1) * n <= LEAVES);
	tree_root_of((const uint8_t(*)[HASH_BYTES])leaf[index * n], n, ret);
	return true;
}

static const struct tree_source source = {NULL, any_node};

static int
make_leaves(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LEAVES; i++)
		tree_hash_leaf(slice_bytes(&i, sizeof(i)), leaf[i]);
	return 0;
}

static void
root_of(uint64_t size, uint8_t ret[HASH_BYTES])
{
	struct tree_edge e = {0};
	for (uint64_t i = 0; i < size; i++)
		tree_add(&e, leaf[i], NULL, NULL);
	tree_root(&e, ret);
}

static void
assert_hex(const uint8_t *got, const char *want)
{
	char text[2 * HASH_BYTES + 1];
	for (size_t i = 0; i < HASH_BYTES; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", got[i]);
	assert_string_equal(text, want);
}

/* Goal of this test: roots equal those of the certificate-transparency code. */
static void
roots_equal_vectors(void **state)
{
	(void)state;
	static const struct {
		struct slice entry;
		const char *root;
	} cases[] = {
	    {{"", 0}, "6e340b9cffb37a989ca544e6bb780a2c"
		      "78901d3fb33738768511a30617afa01d"},
	    {{"\0", 1}, "fac54203e7cc696cf0dfcb42c92a1d9d"
			"baf70ad9e621f4bd8d98662f00e3c125"},
	    {{"\x10", 1}, "aeb6bcfe274b70a14fb067a5e5578264"
			  "db0fa9b51af5e0ba159158f329e06e77"},
	    {{"\x20\x21", 2}, "d37ee418976dd95753c1c73862b9398f"
			      "a2a2cf9b4ff0fdfe8b30cd95209614b7"},
	    {{"\x30\x31", 2}, "4e3bbb1f7b478dcfe71fb631631519a3"
			      "bca12c9aefca1612bfce4c13a86264d4"},
	    {{"\x40\x41\x42\x43", 4}, "76e67dadbcdf1e10e1b74ddc608abd2f"
				      "98dfb16fbce75277b5232a127f2087ef"},
	    {{"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
		"ddb89be403809e325750d3d263cd7892"
		"9c2942b7942a34b77e122c9594a74c8c"},
	    {{"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e"
	      "\x6f",
		 16},
		"5dc9da79a70659a9ad559cb701ded9a2"
		"ab9d823aad2f4960cfe370eff4604328"},
	};
	struct tree_edge e = {0};
	uint8_t hashes[8][HASH_BYTES];
	uint8_t root[HASH_BYTES];
	tree_root(&e, root);
	assert_hex(root, "e3b0c44298fc1c149afbf4c8996fb924"
			 "27ae41e4649b934ca495991b7852b855");
	for (size_t i = 0; i < 8; i++) {
		tree_hash_leaf(cases[i].entry, hashes[i]);
		tree_add(&e, hashes[i], NULL, NULL);
		tree_root(&e, root);
		assert_hex(root, cases[i].root);
		tree_root_of((const uint8_t(*)[HASH_BYTES])hashes, i + 1,
		    root);
		assert_hex(root, cases[i].root);
	}
}

/* Goal of this test: every inclusion proof holds, and nothing near it. */
static void
inclusion_of_every_leaf(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	for (uint64_t size = 1; size <= LEAVES; size++) {
		uint8_t root[HASH_BYTES];
		root_of(size, root);
		for (uint64_t i = 0; i < size; i++) {
			struct tree_proof p;
			assert_true(tree_prove_inclusion(&source, i, size, &p,
			    &err));
			assert_true(
			    tree_is_included(leaf[i], i, size, root, &p));
			assert_false(tree_is_included(leaf[(i + 1) % LEAVES],
			    i, size, root, &p));
			if (size > 1)
				assert_false(tree_is_included(leaf[i],
				    (i + 1) % size, size, root, &p));
			p.n++;
			assert_false(
			    tree_is_included(leaf[i], i, size, root, &p));
			p.n -= 2;
			assert_false(
			    tree_is_included(leaf[i], i, size, root, &p));
		}
	}
}

/* Goal of this test: every consistency proof holds, and nothing near it. */
static void
consistency_of_every_pair(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	for (uint64_t to = 1; to <= LEAVES; to++) {
		uint8_t to_root[HASH_BYTES];
		root_of(to, to_root);
		for (uint64_t from = 0; from <= to; from++) {
			uint8_t root[HASH_BYTES];
			struct tree_proof p;
			root_of(from, root);
			assert_true(tree_prove_consistency(&source, from, to,
			    &p, &err));
			assert_true(tree_is_consistent(from, root, to,
			    to_root, &p));
			root[3] ^= 1;
			assert_false(tree_is_consistent(from, root, to,
			    to_root, &p));
			root[3] ^= 1;
			p.n++;
			assert_false(tree_is_consistent(from, root, to,
			    to_root, &p));
			p.n--;
			for (size_t i = 0; i < p.n; i++) {
				p.hash[i][7] ^= 4;
				assert_false(tree_is_consistent(from, root,
				    to, to_root, &p));
				p.hash[i][7] ^= 4;
			}
		}
	}
}

/* Goal of this test: the edge loaded from subtrees is the one built up. */
static void
edge_is_loaded(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	for (uint64_t size = 0; size <= LEAVES; size++) {
		struct tree_edge e;
		uint8_t a[HASH_BYTES];
		uint8_t b[HASH_BYTES];
		assert_true(tree_load_edge(&source, size, &e, &err));
		tree_root(&e, a);
		root_of(size, b);
		assert_memory_equal(a, b, sizeof(a));
	}
}

/* Goal of this test: names are those of the specification. */
static void
tile_names(void **state)
{
	(void)state;
	static const struct {
		unsigned row;
		uint64_t n;
		unsigned width;
		const char *name;
	} cases[] = {
	    {0, 0, 256, "tile/0/000"},
	    {1, 273, 17, "tile/1/273.p/17"},
	    {0, 1234067, 256, "tile/0/x001/x234/067"},
	    {TILE_ROW_ENTRIES, 1000, 1, "tile/entries/x001/000.p/1"},
	    {7, UINT64_MAX >> 9, 256, "tile/7/x036/x028/x797/x018/x963/967"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char name[TILE_NAME_MAX];
		tile_name(cases[i].row, cases[i].n, cases[i].width, name);
		assert_string_equal(name, cases[i].name);
	}
	assert_int_equal(tile_row_hashes(0, 70000), 70000);
	assert_int_equal(tile_row_hashes(1, 70000), 273);
	assert_int_equal(tile_row_hashes(2, 70000), 1);
}

/* Goal of this test: a bundle cut anywhere is refused, never read past. */
static void
bundle_is_bounded(void **state)
{
	(void)state;
	static const char bytes[] = "\0\3abc\0\0\0\1x";
	for (size_t n = 0; n < sizeof(bytes); n++) {
		struct slice rest = {bytes, n};
		struct slice entry;
		unsigned got = 0;
		while (bundle_next(&rest, &entry, NULL))
			got++;
		assert_int_equal(got, n >= 10 ? 3 : n >= 7 ? 2 : n >= 5);
	}
}

/* Goal of this test: CRC-32C is RFC 3720's, in both forms. */
static void
crc_equals_vectors(void **state)
{
	(void)state;
	uint8_t bytes[100];
	assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
	memset(bytes, 0, 32);
	assert_int_equal(crc32c(0, bytes, 32), 0x8a9136aa);
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + 3);
	for (unsigned n = 0; n <= sizeof(bytes); n++) {
		uint32_t whole = crc32c_plain(0, bytes, n);
		assert_int_equal(crc32c(0, bytes, n), whole);
		assert_int_equal(
		    crc32c(crc32c(0, bytes, n / 3), bytes + n / 3, n - n / 3),
		    whole);
	}
}

/* Goal of this test: base 64 is RFC 4648's and strict. */
static void
base64_is_strict(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"", ""}, {"f", "Zg=="},
	    {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
	    {"foobar", "Zm9vYmFy"}};
	static const char *const wrong[] = {"Zg", "Zg=", "Zh==", "Zm9=",
	    "Z===", "====", "Zm9v\n", "Zm-v", "Zg==Zg==", " Zg="};
	uint8_t bytes[16];
	size_t n = 0;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct buf b SCOPED(buf_close) = buf_of(64);
		struct slice text;
		base64_write(&b, slice_of(pairs[i][0]));
		assert_true(buf_finish(&b, &text, NULL));
		assert_true(slice_is(text, pairs[i][1]));
		assert_true(base64_read(text, bytes, sizeof(bytes), &n));
		assert_true(slice_is_equal(slice_bytes(bytes, n),
		    slice_of(pairs[i][0])));
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(base64_read(slice_of(wrong[i]), bytes,
		    sizeof(bytes), &n));
	assert_false(base64_read(SLICE("Zm9vYmFy"), bytes, 5, &n));
}

/* Goal of this test: the note of the Go package's documentation verifies. */
static void
note_of_go_verifies(void **state)
{
	(void)state;
	static const char vkey[] =
	    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
	    "LDE4izWy10TW";
	static const char text[] =
	    "If you think cryptography is the answer to your problem,\n"
	    "then you don't know what your problem is.\n"
	    "\n"
	    "\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcE"
	    "lZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
	struct note_key key;
	struct note n;
	struct err err = ERR_INIT;
	assert_true(note_key_read(slice_of(vkey), &key, &err));
	assert_true(note_read(slice_of(text), &n, &err));
	assert_true(note_is_signed(&n, &key, NULL, &err));
	struct buf b SCOPED(buf_close) = buf_of(NOTE_VKEY_MAX_BYTES);
	struct slice again;
	note_key_write(&key, &b);
	assert_true(buf_finish(&b, &again, &err));
	assert_true(slice_is(again, vkey));
	/* A change of text, of name, of signature. */
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		char changed[sizeof(text)];
		memcpy(changed, text, sizeof(text));
		changed[i] ^= 1;
		assert_false(note_read(slice_of(changed), &n, &err) &&
		    note_is_signed(&n, &key, NULL, &err));
	}
}

/* Goal of this test: texts that are no notes and keys that are no keys. */
static void
note_refuses(void **state)
{
	(void)state;
	static const char *const wrong[] = {"", "\n", "\n\n", "text\n",
	    "text\n\n", "text\n\n\xe2\x80\x94 name\n",
	    "text\n\n\xe2\x80\x94 name x08g", "text\n\n- name x08g\n",
	    "te\txt\n\n\xe2\x80\x94 name x08g\n",
	    "te\xffxt\n\n\xe2\x80\x94 name x08g\n",
	    "text\n\n\xe2\x80\x94  x08g\n", "text\n\n\xe2\x80\x94 a+b x08g\n"};
	static const char *const keys[] = {"", "a", "a+b", "a+00000000+",
	    "PeterNeumann+c74f20a4+"
	    "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	    "Peter Neumann+c74f20a3+"
	    "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"};
	struct err err = ERR_INIT;
	struct note n;
	struct note_key key;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(note_read(slice_of(wrong[i]), &n, &err));
		assert_int_equal(err.code, ERR_INPUT);
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_false(note_key_read(slice_of(keys[i]), &key, &err));
	/* 64 signatures are read, 65 are not. */
	for (unsigned lines = 64; lines <= 65; lines++) {
		struct buf b SCOPED(buf_close) = buf_of(8192);
		struct slice raw;
		buf_add_str(&b, "text\n\n");
		for (unsigned i = 0; i < lines; i++)
			buf_add_str(&b, "\xe2\x80\x94 name x08g\n");
		assert_true(buf_finish(&b, &raw, &err));
		assert_int_equal(note_read(raw, &n, &err), lines == 64);
	}
}

/* Goal of this test: a checkpoint says what was signed, and when. */
static void
checkpoint_is_read_back(void **state)
{
	(void)state;
	struct signer *s = fixture_signer();
	struct checkpoint_keys keys;
	struct checkpoint_keys other;
	struct checkpoint got;
	struct checkpoint c = {.size = 70, .at = FIXTURE_NOW};
	struct buf b SCOPED(buf_close) = buf_of(4096);
	struct slice text;
	struct err err = ERR_INIT;
	uint8_t pub[SIGN_PUBLIC_BYTES];
	signer_public(s, pub);
	root_of(70, c.root);
	assert_true(checkpoint_keys_of(SLICE(FIXTURE_ORIGIN), pub, &keys,
	    &err));
	assert_true(checkpoint_keys_of(SLICE("fumikura.example/other"), pub,
	    &other, &err));
	checkpoint_write(&c, &keys, s, &b);
	assert_true(buf_finish(&b, &text, &err));
	assert_true(slice_has_prefix(text, SLICE(FIXTURE_ORIGIN "\n70\n")));
	assert_true(checkpoint_read(text, &keys, &got, &err));
	assert_int_equal(got.size, 70);
	assert_int_equal(got.at, FIXTURE_NOW);
	assert_memory_equal(got.root, c.root, HASH_BYTES);
	assert_false(checkpoint_read(text, &other, &got, &err));
	assert_int_equal(err.code, ERR_CORRUPT);
	assert_false(checkpoint_keys_of(SLICE("a b"), pub, &other, &err));
	assert_false(checkpoint_keys_of(SLICE("a+b"), pub, &other, &err));
	assert_false(checkpoint_keys_of(SLICE(""), pub, &other, &err));
	assert_false(
	    checkpoint_keys_of(SLICE("cosignature/v1"), pub, &other, &err));
	signer_close(s);
}

/* Goal of this test: a proof file leads from its entry to its checkpoint. */
static void
proof_is_read_back(void **state)
{
	(void)state;
	struct signer *s = fixture_signer();
	struct checkpoint_keys keys;
	struct checkpoint c = {.size = 70, .at = FIXTURE_NOW};
	struct buf note SCOPED(buf_close) = buf_of(4096);
	struct buf b SCOPED(buf_close) = buf_of(PROOF_MAX_BYTES);
	struct slice raw;
	struct slice text;
	struct tree_proof path;
	struct proof p;
	struct err err = ERR_INIT;
	uint8_t pub[SIGN_PUBLIC_BYTES];
	unsigned index = 33;
	struct slice entry = slice_bytes(&index, sizeof(index));
	signer_public(s, pub);
	root_of(70, c.root);
	assert_true(checkpoint_keys_of(SLICE(FIXTURE_ORIGIN), pub, &keys,
	    &err));
	checkpoint_write(&c, &keys, s, &note);
	assert_true(buf_finish(&note, &raw, &err));
	assert_true(
	    tree_prove_inclusion(&source, index, 70, &path, &err));
	proof_write(index, &path, SLICE("more"), raw, &b);
	assert_true(buf_finish(&b, &text, &err));
	assert_true(slice_has_prefix(text,
	    SLICE("c2sp.org/tlog-proof@v1\nextra bW9yZQ==\nindex 33\n")));
	assert_true(proof_read(text, &p, &err));
	assert_true(proof_check(&p, entry, &keys, &c, &err));
	assert_int_equal(c.size, 70);
	assert_false(proof_check(&p, SLICE("other"), &keys, &c, &err));
	/* Changed or cut anywhere it proves nothing; but for the extra. */
	size_t extra = 23 + 6;
	size_t stamp = (size_t)((const char *)memmem(text.p, text.n,
				    "\n\xe2\x80\x94", 4) -
	    text.p);
	stamp += 2 + slice_find(slice_from(text, stamp + 1), '\n');
	for (size_t i = 0; i < text.n; i++) {
		struct buf d SCOPED(buf_close) = buf_of(PROOF_MAX_BYTES);
		struct slice changed;
		buf_add(&d, text);
		d.p[i] ^= 1;
		assert_true(buf_finish(&d, &changed, &err));
		bool is_good = proof_read(changed, &p, &err) &&
		    proof_check(&p, entry, &keys, &c, &err);
		if (is_good)
			assert_true((i >= extra && i < extra + 8) ||
			    i >= stamp);
		changed.n = i;
		is_good = proof_read(changed, &p, &err) &&
		    proof_check(&p, entry, &keys, &c, &err);
		if (is_good)
			assert_int_equal(i, stamp);
	}
	signer_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(roots_equal_vectors),
	    cmocka_unit_test(inclusion_of_every_leaf),
	    cmocka_unit_test(consistency_of_every_pair),
	    cmocka_unit_test(edge_is_loaded),
	    cmocka_unit_test(tile_names),
	    cmocka_unit_test(bundle_is_bounded),
	    cmocka_unit_test(crc_equals_vectors),
	    cmocka_unit_test(base64_is_strict),
	    cmocka_unit_test(note_of_go_verifies),
	    cmocka_unit_test(note_refuses),
	    cmocka_unit_test(checkpoint_is_read_back),
	    cmocka_unit_test(proof_is_read_back),
	};
	return cmocka_run_group_tests(tests, make_leaves, NULL);
}
