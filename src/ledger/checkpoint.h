/*
 * Checkpoints (c2sp.org/tlog-checkpoint): a signed note that says origin,
 * size and root. Ours carries two lines of the log's key: an Ed25519
 * signature, and a cosignature/v1, which says when.
 */
#ifndef LEDGER_CHECKPOINT_H
#define LEDGER_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/hash.h"
#include "ledger/note.h"

struct checkpoint {
	uint64_t size;
	uint8_t root[HASH_BYTES];
	instant at; /* of the log's own cosignature; 0: it carries none */
};

/* Both keys of a log: the same public key under two kinds. */
struct checkpoint_keys {
	struct note_key log;
	struct note_key stamp;
};

/* name is the origin. */
bool checkpoint_keys_of(struct slice origin,
    const uint8_t pub[SIGN_PUBLIC_BYTES], struct checkpoint_keys *ret,
    struct err *err) MUST_CHECK;

/* Appends the signed text. */
void checkpoint_write(const struct checkpoint *c,
    const struct checkpoint_keys *keys, const struct signer *s,
    struct buf *b);

/*
 * Reads and verifies. ERR_CORRUPT: not a checkpoint, of another log, or not
 * signed by its key.
 */
bool checkpoint_read(struct slice raw, const struct checkpoint_keys *keys,
    struct checkpoint *ret, struct err *err) MUST_CHECK;

/* The three lines without any signature: for readers that hold no key. */
bool checkpoint_read_text(struct slice text, struct slice *ret_origin,
    struct checkpoint *ret, struct err *err) MUST_CHECK;

#endif
