#include "ledger/checkpoint.h"

#include <string.h>

#include "base/num.h"
#include "ledger/base64.h"

enum { TEXT_MAX_BYTES = NOTE_NAME_MAX_BYTES + 128 };

bool
checkpoint_keys_of(struct slice origin, const uint8_t pub[SIGN_PUBLIC_BYTES],
    struct checkpoint_keys *ret, struct err *err)
{
	/* The two kinds of message must differ in their first line. */
	if (slice_is(origin, "cosignature/v1"))
		return ERR(err, ERR_INPUT, "this origin is not allowed");
	return note_key_of(origin, NOTE_ED25519, pub, &ret->log, err) &&
	    note_key_of(origin, NOTE_COSIGNATURE, pub, &ret->stamp, err);
}

void
checkpoint_write(const struct checkpoint *c,
    const struct checkpoint_keys *keys, const struct signer *s, struct buf *b)
{
	struct buf own SCOPED(buf_close) = buf_of(TEXT_MAX_BYTES);
	struct slice text;
	buf_add_str(&own, keys->log.name);
	buf_add_printf(&own, "\n%llu\n", (unsigned long long)c->size);
	base64_write(&own, slice_bytes(c->root, HASH_BYTES));
	buf_add_byte(&own, '\n');
	if (!buf_finish(&own, &text, NULL)) {
		b->failed = true;
		return;
	}
	buf_add(b, text);
	buf_add_byte(b, '\n');
	note_sign(b, text, &keys->log, s, c->at);
	note_sign(b, text, &keys->stamp, s, c->at);
}

bool
checkpoint_read_text(struct slice text, struct slice *ret_origin,
    struct checkpoint *ret, struct err *err)
{
	struct slice origin;
	struct slice size;
	struct slice root;
	struct checkpoint c = {0};
	struct slice rest = text;
	if (!slice_split(&rest, '\n', &origin) ||
	    !slice_split(&rest, '\n', &size) ||
	    !slice_split(&rest, '\n', &root) || rest.p == NULL)
		return ERR(err, ERR_CORRUPT, "a checkpoint has three lines");
	if (origin.n == 0 || (size.n > 1 && size.p[0] == '0') ||
	    !num_read_u64(size, UINT64_MAX >> 1, &c.size) ||
	    !base64_read_exact(root, c.root, HASH_BYTES))
		return ERR(err, ERR_CORRUPT, "a checkpoint is malformed");
	*ret = c;
	*ret_origin = origin;
	return true;
}

bool
checkpoint_read(struct slice raw, const struct checkpoint_keys *keys,
    struct checkpoint *ret, struct err *err)
{
	struct note note;
	struct slice origin;
	struct checkpoint c;
	struct err why = ERR_INIT;
	if (!note_read(raw, &note, &why) ||
	    !note_is_signed(&note, &keys->log, NULL, &why))
		return ERR(err, ERR_CORRUPT, "the checkpoint: %.180s",
		    why.text);
	if (!checkpoint_read_text(note.text, &origin, &c, err))
		return false;
	if (!slice_is(origin, keys->log.name))
		return ERR(err, ERR_CORRUPT,
		    "the checkpoint is of another log");
	if (!note_is_signed(&note, &keys->stamp, &c.at, &why) &&
	    why.code == ERR_CORRUPT)
		return ERR(err, ERR_CORRUPT, "the checkpoint: %.180s",
		    why.text);
	*ret = c;
	return true;
}
