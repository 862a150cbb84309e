#include "ledger/tree.h"

#include <string.h>

#include "base/must.h"

void
tree_hash_leaf(struct slice entry, uint8_t ret[HASH_BYTES])
{
	struct slice parts[] = {SLICE("\0"), entry};
	hash_parts(parts, 2, ret);
}

void
tree_hash_node(const uint8_t left[HASH_BYTES],
    const uint8_t right[HASH_BYTES], uint8_t ret[HASH_BYTES])
{
	uint8_t both[1 + 2 * HASH_BYTES];
	both[0] = 1;
	memcpy(both + 1, left, HASH_BYTES);
	memcpy(both + 1 + HASH_BYTES, right, HASH_BYTES);
	hash_bytes(both, sizeof(both), ret);
}

void
tree_add(struct tree_edge *e, const uint8_t leaf[HASH_BYTES], tree_full *full,
    void *ctx)
{
	uint8_t h[HASH_BYTES];
	unsigned level = 0;
	must(e->size < UINT64_MAX >> 1);
	memcpy(h, leaf, HASH_BYTES);
	for (; (e->size >> level & 1) != 0; level++) {
		tree_hash_node(e->node[level], h, h);
		if ((level + 1) % 8 == 0 && full != NULL)
			full(ctx, (level + 1) / 8, h);
	}
	memcpy(e->node[level], h, HASH_BYTES);
	e->size++;
}

void
tree_root(const struct tree_edge *e, uint8_t ret[HASH_BYTES])
{
	bool is_begun = false;
	if (e->size == 0)
		hash_bytes(NULL, 0, ret);
	for (unsigned i = 0; i < TREE_LEVELS; i++) {
		if ((e->size >> i & 1) == 0)
			continue;
		if (is_begun)
			tree_hash_node(e->node[i], ret, ret);
		else
			memcpy(ret, e->node[i], HASH_BYTES);
		is_begun = true;
	}
}

void
tree_root_of(const uint8_t (*hashes)[HASH_BYTES], size_t n,
    uint8_t ret[HASH_BYTES])
{
	uint8_t row[128][HASH_BYTES];
	must(n >= 1 && n <= 256);
	if (n == 1) {
		memcpy(ret, hashes[0], HASH_BYTES);
		return;
	}
	/* Level by level; an odd last hash moves up as it is. */
	for (size_t i = 0; i + 1 < n; i += 2)
		tree_hash_node(hashes[i], hashes[i + 1], row[i / 2]);
	if (n % 2 == 1 && n < 256)
		memcpy(row[n / 2], hashes[n - 1], HASH_BYTES);
	for (n = (n + 1) / 2; n > 1; n = (n + 1) / 2) {
		for (size_t i = 0; i + 1 < n; i += 2)
			tree_hash_node(row[i], row[i + 1], row[i / 2]);
		if (n % 2 == 1)
			memmove(row[n / 2], row[n - 1], HASH_BYTES);
	}
	memcpy(ret, row[0], HASH_BYTES);
}

bool
tree_load_edge(const struct tree_source *s, uint64_t size,
    struct tree_edge *ret, struct err *err)
{
	memset(ret, 0, sizeof(*ret));
	for (unsigned i = 0; i < TREE_LEVELS; i++) {
		if ((size >> i & 1) == 0)
			continue;
		/* The subtree before it ends where the higher bits say. */
		uint64_t index = (size >> i) - 1;
		if (!s->node(s->ctx, i, index, ret->node[i], err))
			return false;
	}
	ret->size = size;
	return true;
}

/* The root of leaves first..first+n-1, where first is a multiple of 2^k > n. */
static bool
range_root(const struct tree_source *s, uint64_t first, uint64_t n,
    uint8_t ret[HASH_BYTES], struct err *err)
{
	bool is_begun = false;
	for (unsigned i = 0; i < TREE_LEVELS; i++) {
		uint8_t h[HASH_BYTES];
		if ((n >> i & 1) == 0)
			continue;
		uint64_t index = ((first + n) >> i) - 1;
		if (!s->node(s->ctx, i, index, h, err))
			return false;
		if (is_begun)
			tree_hash_node(h, ret, ret);
		else
			memcpy(ret, h, HASH_BYTES);
		is_begun = true;
	}
	return true;
}

/* The largest power of two below n; n >= 2. */
static uint64_t
split_of(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* Proof hashes are found from the root down and stand from the leaf up. */
static void
turn_round(struct tree_proof *p, size_t from)
{
	for (size_t a = from, b = p->n; a + 1 < b; a++) {
		uint8_t h[HASH_BYTES];
		b--;
		memcpy(h, p->hash[a], HASH_BYTES);
		memcpy(p->hash[a], p->hash[b], HASH_BYTES);
		memcpy(p->hash[b], h, HASH_BYTES);
	}
}

bool
tree_prove_inclusion(const struct tree_source *s, uint64_t index,
    uint64_t size, struct tree_proof *ret, struct err *err)
{
	uint64_t first = 0;
	uint64_t n = size;
	must(index < size);
	ret->n = 0;
	while (n > 1) {
		uint64_t k = split_of(n);
		uint8_t *h = ret->hash[ret->n++];
		if (index < first + k) {
			if (!range_root(s, first + k, n - k, h, err))
				return false;
			n = k;
		} else {
			if (!range_root(s, first, k, h, err))
				return false;
			first += k;
			n -= k;
		}
	}
	turn_round(ret, 0);
	return true;
}

bool
tree_prove_consistency(const struct tree_source *s, uint64_t from,
    uint64_t to, struct tree_proof *ret, struct err *err)
{
	uint64_t first = 0;
	uint64_t m = from;
	uint64_t n = to;
	bool is_whole = true; /* the old tree's root is known to the reader */
	must(from <= to);
	ret->n = 0;
	if (from == 0)
		return true;
	while (m < n) {
		uint64_t k = split_of(n);
		uint8_t *h = ret->hash[ret->n++];
		if (m <= k) {
			if (!range_root(s, first + k, n - k, h, err))
				return false;
			n = k;
		} else {
			if (!range_root(s, first, k, h, err))
				return false;
			first += k;
			m -= k;
			n -= k;
			is_whole = false;
		}
	}
	if (!is_whole &&
	    !range_root(s, first, n, ret->hash[ret->n++], err))
		return false;
	turn_round(ret, 0);
	return true;
}

/* RFC 9162, 2.1.3.2. */
bool
tree_is_included(const uint8_t leaf[HASH_BYTES], uint64_t index,
    uint64_t size, const uint8_t root[HASH_BYTES],
    const struct tree_proof *proof)
{
	uint8_t h[HASH_BYTES];
	if (index >= size || proof->n > TREE_PROOF_MAX)
		return false;
	uint64_t fn = index;
	uint64_t sn = size - 1;
	memcpy(h, leaf, HASH_BYTES);
	for (size_t i = 0; i < proof->n; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			tree_hash_node(proof->hash[i], h, h);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else
			tree_hash_node(h, proof->hash[i], h);
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(h, root, HASH_BYTES) == 0;
}

/* RFC 9162, 2.1.4.2. */
bool
tree_is_consistent(uint64_t from, const uint8_t from_root[HASH_BYTES],
    uint64_t to, const uint8_t to_root[HASH_BYTES],
    const struct tree_proof *proof)
{
	uint8_t fr[HASH_BYTES];
	uint8_t sr[HASH_BYTES];
	size_t i = 0;
	if (from > to || proof->n > TREE_PROOF_MAX)
		return false;
	if (from == to)
		return proof->n == 0 &&
		    memcmp(from_root, to_root, HASH_BYTES) == 0;
	if (from == 0) {
		hash_bytes(NULL, 0, fr);
		return proof->n == 0 &&
		    memcmp(fr, from_root, HASH_BYTES) == 0;
	}
	/* A power of two is a node of the new tree: its root leads. */
	if ((from & (from - 1)) == 0)
		memcpy(fr, from_root, HASH_BYTES);
	else if (proof->n == 0)
		return false;
	else
		memcpy(fr, proof->hash[i++], HASH_BYTES);
	memcpy(sr, fr, HASH_BYTES);
	uint64_t fn = from - 1;
	uint64_t sn = to - 1;
	while ((fn & 1) != 0) {
		fn >>= 1;
		sn >>= 1;
	}
	for (; i < proof->n; i++) {
		const uint8_t *c = proof->hash[i];
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			tree_hash_node(c, fr, fr);
			tree_hash_node(c, sr, sr);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else
			tree_hash_node(sr, c, sr);
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(fr, from_root, HASH_BYTES) == 0 &&
	    memcmp(sr, to_root, HASH_BYTES) == 0;
}
