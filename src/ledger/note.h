/*
 * Signed notes (c2sp.org/signed-note): a text, an empty line, signature
 * lines. Two kinds of signature are known: Ed25519 (0x01) over the text, and
 * the timestamped cosignature/v1 (0x04) of c2sp.org/tlog-cosignature.
 */
#ifndef LEDGER_NOTE_H
#define LEDGER_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/sign.h"

enum {
	NOTE_MAX_BYTES = 256 * 1024,
	NOTE_SIGNATURES_MAX = 64,
	NOTE_NAME_MAX_BYTES = 200,
	NOTE_KEY_ID_BYTES = 4,
	NOTE_VKEY_MAX_BYTES = NOTE_NAME_MAX_BYTES + 64
};

enum note_kind {
	NOTE_ED25519 = 0x01,
	NOTE_COSIGNATURE = 0x04 /* cosignature/v1 */
};

struct note {
	struct slice text;       /* with its final newline */
	struct slice signatures; /* the lines, each with its newline */
};

struct note_key {
	enum note_kind kind;
	char name[NOTE_NAME_MAX_BYTES + 1];
	uint8_t id[NOTE_KEY_ID_BYTES];
	uint8_t pub[SIGN_PUBLIC_BYTES];
};

/*
 * A key by its parts. Our names are printable ASCII without space and '+';
 * ERR_INPUT otherwise.
 */
bool note_key_of(struct slice name, enum note_kind kind,
    const uint8_t pub[SIGN_PUBLIC_BYTES], struct note_key *ret,
    struct err *err) MUST_CHECK;

/* The verifier key's text: NAME+ID in hexadecimal+base64(kind || key). */
bool note_key_read(struct slice vkey, struct note_key *ret,
    struct err *err) MUST_CHECK;
void note_key_write(const struct note_key *key, struct buf *b);

/*
 * Takes a note apart; the slices point into raw. ERR_INPUT when it is not a
 * note. Nothing in it may be believed before note_is_signed().
 */
bool note_read(struct slice raw, struct note *ret, struct err *err) MUST_CHECK;

/*
 * The note carries a valid signature of this key. ERR_NOT_FOUND: none of this
 * key's; ERR_CORRUPT: one that does not verify (the note is to be rejected).
 * A cosignature's time goes to *ret_at, which may be NULL.
 */
bool note_is_signed(const struct note *n, const struct note_key *key,
    instant *ret_at, struct err *err) MUST_CHECK;

/*
 * Appends one signature line for `text`; the note is text, newline, lines.
 * `at` is for a cosignature (whole seconds are used).
 */
void note_sign(struct buf *b, struct slice text, const struct note_key *key,
    const struct signer *s, instant at);

#endif
