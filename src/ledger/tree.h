/*
 * The Merkle tree of RFC 6962 over SHA-256: hashes, the right edge, proofs.
 * Nothing here touches a disk or allocates.
 */
#ifndef LEDGER_TREE_H
#define LEDGER_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/hash.h"

enum {
	TREE_LEVELS = 64,
	TREE_PROOF_MAX = 66 /* hashes in any proof */
};

/* SHA-256(0x00 || entry) and SHA-256(0x01 || left || right). */
void tree_hash_leaf(struct slice entry, uint8_t ret[HASH_BYTES]);
void tree_hash_node(const uint8_t left[HASH_BYTES],
    const uint8_t right[HASH_BYTES], uint8_t ret[HASH_BYTES]);

/*
 * The right edge: for each set bit i of size, the hash of the complete
 * subtree of 2^i leaves. Start from a zeroed struct.
 */
struct tree_edge {
	uint64_t size;
	uint8_t node[TREE_LEVELS][HASH_BYTES];
};

/* Called for each subtree of 256^k leaves (k > 0) that a leaf completes. */
typedef void tree_full(void *ctx, unsigned k, const uint8_t hash[HASH_BYTES]);

/* full may be NULL. */
void tree_add(struct tree_edge *e, const uint8_t leaf[HASH_BYTES],
    tree_full *full, void *ctx);
void tree_root(const struct tree_edge *e, uint8_t ret[HASH_BYTES]);

/* The root of n complete subtrees of one height, 1 <= n <= 256. */
void tree_root_of(const uint8_t (*hashes)[HASH_BYTES], size_t n,
    uint8_t ret[HASH_BYTES]);

/*
 * Where a proof finds hashes: the complete subtree of 2^level leaves that
 * begins at leaf index << level. It may fail, and then fills err.
 */
struct tree_source {
	void *ctx;
	bool (*node)(void *ctx, unsigned level, uint64_t index,
	    uint8_t ret[HASH_BYTES], struct err *err);
};

struct tree_proof {
	size_t n;
	uint8_t hash[TREE_PROOF_MAX][HASH_BYTES];
};

/* The right edge of the first `size` leaves. */
bool tree_load_edge(const struct tree_source *s, uint64_t size,
    struct tree_edge *ret, struct err *err) MUST_CHECK;

/* index < size; 0 < from <= to (a proof from 0 is empty). */
bool tree_prove_inclusion(const struct tree_source *s, uint64_t index,
    uint64_t size, struct tree_proof *ret, struct err *err) MUST_CHECK;
bool tree_prove_consistency(const struct tree_source *s, uint64_t from,
    uint64_t to, struct tree_proof *ret, struct err *err) MUST_CHECK;

/* What a proof says, from outside: any input is safe. */
bool tree_is_included(const uint8_t leaf[HASH_BYTES], uint64_t index,
    uint64_t size, const uint8_t root[HASH_BYTES],
    const struct tree_proof *proof);
bool tree_is_consistent(uint64_t from, const uint8_t from_root[HASH_BYTES],
    uint64_t to, const uint8_t to_root[HASH_BYTES],
    const struct tree_proof *proof);

#endif
