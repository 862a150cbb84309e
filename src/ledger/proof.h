/*
 * The proof of one entry as a file (c2sp.org/tlog-proof@v1): index, hashes,
 * checkpoint, and optional `extra` bytes that nothing vouches for.
 */
#ifndef LEDGER_PROOF_H
#define LEDGER_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "ledger/checkpoint.h"
#include "ledger/tree.h"

enum {
	PROOF_EXTRA_MAX_BYTES = 128 * 1024,
	PROOF_MAX_BYTES = 512 * 1024
};

struct proof {
	uint64_t index;
	struct slice extra;      /* base64 text as it stands; n == 0: none */
	struct tree_proof path;
	struct slice checkpoint; /* the signed note */
};

/* extra.n == 0: no such line. */
void proof_write(uint64_t index, const struct tree_proof *path,
    struct slice extra, struct slice checkpoint, struct buf *b);

/* Takes the text apart; slices point into it. ERR_INPUT when malformed. */
bool proof_read(struct slice text, struct proof *ret,
    struct err *err) MUST_CHECK;

/*
 * The entry is in the log of these keys, by the proof's checkpoint, which
 * goes to *ret. ERR_CORRUPT when it is not.
 */
bool proof_check(const struct proof *p, struct slice entry,
    const struct checkpoint_keys *keys, struct checkpoint *ret,
    struct err *err) MUST_CHECK;

#endif
