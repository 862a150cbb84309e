#include "ledger/note.h"

#include <string.h>

#include "base/must.h"
#include "base/num.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "ledger/base64.h"

enum {
	STAMP_BYTES = 8,
	SIGNATURE_MAX_BYTES = NOTE_KEY_ID_BYTES + STAMP_BYTES + SIGN_BYTES,
	COSIGNED_MAX_BYTES = NOTE_MAX_BYTES + 64
};

/* An em dash and a space. */
#define LINE_BEGIN SLICE("\xe2\x80\x94 ")

bool
note_key_of(struct slice name, enum note_kind kind,
    const uint8_t pub[SIGN_PUBLIC_BYTES], struct note_key *ret,
    struct err *err)
{
	if (name.n == 0 || name.n > NOTE_NAME_MAX_BYTES)
		return ERR(err, ERR_INPUT,
		    "a key name (origin) has 1 to %d bytes",
		    NOTE_NAME_MAX_BYTES);
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~' || name.p[i] == '+')
			return ERR(err, ERR_INPUT,
			    "a key name (origin) is printable ASCII without "
			    "space and '+'");
	uint8_t type = (uint8_t)kind;
	uint8_t h[HASH_BYTES];
	struct slice parts[] = {name, SLICE("\n"), slice_bytes(&type, 1),
	    slice_bytes(pub, SIGN_PUBLIC_BYTES)};
	hash_parts(parts, 4, h);
	*ret = (struct note_key){.kind = kind};
	memcpy(ret->name, name.p, name.n);
	memcpy(ret->id, h, sizeof(ret->id));
	memcpy(ret->pub, pub, SIGN_PUBLIC_BYTES);
	return true;
}

bool
note_key_read(struct slice vkey, struct note_key *ret, struct err *err)
{
	struct note_key key;
	struct slice name;
	struct slice id;
	uint8_t bytes[1 + SIGN_PUBLIC_BYTES];
	uint64_t number = 0;
	struct slice rest = vkey;
	if (rest.n > 0 && rest.p[rest.n - 1] == '\n')
		rest.n--;
	/* The key's base64 may hold '+': only the first two part. */
	if (!slice_split(&rest, '+', &name) || !slice_split(&rest, '+', &id) ||
	    rest.p == NULL || id.n != 2 * NOTE_KEY_ID_BYTES ||
	    !num_read_hex(id, &number) ||
	    !base64_read_exact(rest, bytes, sizeof(bytes)))
		return ERR(err, ERR_INPUT, "this is not a verifier key");
	if (bytes[0] != NOTE_ED25519 && bytes[0] != NOTE_COSIGNATURE)
		return ERR(err, ERR_INPUT,
		    "a verifier key of an unknown kind");
	if (!note_key_of(name, (enum note_kind)bytes[0], bytes + 1, &key, err))
		return false;
	if (num_be32(key.id) != number)
		return ERR(err, ERR_INPUT,
		    "a verifier key's id does not belong to it");
	*ret = key;
	return true;
}

void
note_key_write(const struct note_key *key, struct buf *b)
{
	uint8_t bytes[1 + SIGN_PUBLIC_BYTES];
	bytes[0] = (uint8_t)key->kind;
	memcpy(bytes + 1, key->pub, SIGN_PUBLIC_BYTES);
	buf_add_printf(b, "%s+%08x+", key->name, num_be32(key->id));
	base64_write(b, slice_bytes(bytes, sizeof(bytes)));
}

/* Takes the next signature line apart; false when it is not one. */
static bool
next_line(struct slice *rest, struct slice *ret_name, struct slice *ret_sig)
{
	size_t n = slice_find(*rest, '\n');
	if (n == rest->n)
		return false;
	struct slice line = {rest->p, n};
	*rest = slice_from(*rest, n + 1);
	if (!slice_has_prefix(line, LINE_BEGIN))
		return false;
	line = slice_from(line, LINE_BEGIN.n);
	size_t space = slice_find(line, ' ');
	if (space == 0 || space == line.n)
		return false;
	*ret_name = (struct slice){line.p, space};
	*ret_sig = slice_from(line, space + 1);
	return ret_sig->n > 0 && slice_find(*ret_name, '+') == space;
}

/* Position of the newline that ends the last empty line, or 0. */
static size_t
last_gap(struct slice raw)
{
	for (size_t i = raw.n; i >= 3; i--)
		if (raw.p[i - 2] == '\n' && raw.p[i - 1] == '\n')
			return i;
	return 0;
}

bool
note_read(struct slice raw, struct note *ret, struct err *err)
{
	unsigned lines = 0;
	if (raw.n > NOTE_MAX_BYTES)
		return ERR(err, ERR_INPUT, "a note is longer than %d bytes",
		    NOTE_MAX_BYTES);
	for (size_t i = 0; i < raw.n; i++)
		if ((unsigned char)raw.p[i] < ' ' && raw.p[i] != '\n')
			return ERR(err, ERR_INPUT,
			    "a note holds a control character");
	size_t gap = last_gap(raw);
	if (gap == 0 || !text_is_utf8(raw))
		return ERR(err, ERR_INPUT, "this is not a signed note");
	struct note note = {{raw.p, gap - 1}, slice_from(raw, gap)};
	for (struct slice rest = note.signatures; rest.n > 0; lines++) {
		struct slice name;
		struct slice sig;
		if (!next_line(&rest, &name, &sig))
			return ERR(err, ERR_INPUT,
			    "a note's signature line is malformed");
	}
	if (lines == 0 || lines > NOTE_SIGNATURES_MAX)
		return ERR(err, ERR_INPUT, "a note has 1 to %d signatures",
		    NOTE_SIGNATURES_MAX);
	*ret = note;
	return true;
}

/* What a cosignature signs. */
static bool
cosigned(struct buf *b, struct slice text, uint64_t seconds, struct slice *ret)
{
	buf_add_printf(b, "cosignature/v1\ntime %llu\n",
	    (unsigned long long)seconds);
	buf_add(b, text);
	return buf_finish(b, ret, NULL);
}

static bool
is_valid(const struct note *n, const struct note_key *key,
    struct slice bytes, instant *ret_at)
{
	const uint8_t *sig = (const uint8_t *)bytes.p + NOTE_KEY_ID_BYTES;
	if (key->kind == NOTE_ED25519)
		return bytes.n == NOTE_KEY_ID_BYTES + SIGN_BYTES &&
		    sign_is_valid(key->pub, n->text, sig);
	if (bytes.n != SIGNATURE_MAX_BYTES)
		return false;
	uint64_t seconds = num_be64(sig);
	if (seconds > (uint64_t)(INT64_MAX / SECOND_US))
		return false;
	struct buf b SCOPED(buf_close) = buf_of(COSIGNED_MAX_BYTES);
	struct slice text;
	if (!cosigned(&b, n->text, seconds, &text) ||
	    !sign_is_valid(key->pub, text, sig + STAMP_BYTES))
		return false;
	if (ret_at != NULL)
		*ret_at = (instant)seconds * SECOND_US;
	return true;
}

bool
note_is_signed(const struct note *n, const struct note_key *key,
    instant *ret_at, struct err *err)
{
	struct slice rest = n->signatures;
	struct slice name;
	struct slice text;
	while (rest.n > 0 && next_line(&rest, &name, &text)) {
		uint8_t bytes[SIGNATURE_MAX_BYTES];
		size_t got = 0;
		if (!slice_is(name, key->name))
			continue;
		/* Another kind of the same name may be longer than ours. */
		if (!base64_read(text, bytes, sizeof(bytes), &got) ||
		    got < NOTE_KEY_ID_BYTES ||
		    memcmp(bytes, key->id, NOTE_KEY_ID_BYTES) != 0)
			continue;
		if (is_valid(n, key, slice_bytes(bytes, got), ret_at))
			return true;
		return ERR(err, ERR_CORRUPT,
		    "the signature of %s does not verify", key->name);
	}
	return ERR(err, ERR_NOT_FOUND, "no signature of %s", key->name);
}

void
note_sign(struct buf *b, struct slice text, const struct note_key *key,
    const struct signer *s, instant at)
{
	uint8_t sig[SIGNATURE_MAX_BYTES];
	uint8_t *to = sig + NOTE_KEY_ID_BYTES;
	memcpy(sig, key->id, NOTE_KEY_ID_BYTES);
	if (key->kind == NOTE_ED25519) {
		signer_sign(s, text, to);
		to += SIGN_BYTES;
	} else {
		struct buf c SCOPED(buf_close) = buf_of(COSIGNED_MAX_BYTES);
		struct slice message;
		must(at >= 0);
		uint64_t seconds = (uint64_t)(at / SECOND_US);
		num_put_be64(to, seconds);
		if (!cosigned(&c, text, seconds, &message)) {
			b->failed = true;
			return;
		}
		signer_sign(s, message, to + STAMP_BYTES);
		to += STAMP_BYTES + SIGN_BYTES;
	}
	buf_add(b, LINE_BEGIN);
	buf_add_str(b, key->name);
	buf_add_byte(b, ' ');
	base64_write(b, slice_bytes(sig, (size_t)(to - sig)));
	buf_add_byte(b, '\n');
}
