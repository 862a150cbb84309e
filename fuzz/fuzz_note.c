/* Notes, verifier keys and checkpoints: any bytes are safe. */
#include <stddef.h>
#include <stdint.h>

#include "base/must.h"
#include "ledger/checkpoint.h"
#include "ledger/note.h"

#include "target.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t pub[SIGN_PUBLIC_BYTES] = {1};
	struct slice raw = slice_bytes(data, size);
	struct checkpoint_keys keys;
	struct note_key key;
	struct checkpoint c;
	struct slice origin;
	struct note n;
	if (note_key_read(raw, &key, NULL)) {
		/* What is read is written again as it was. */
		struct buf b SCOPED(buf_close) = buf_of(NOTE_VKEY_MAX_BYTES);
		struct slice text;
		note_key_write(&key, &b);
		must(buf_finish(&b, &text, NULL));
		must(slice_has_prefix(raw, text));
	}
	must(checkpoint_keys_of(SLICE("fumikura.example/test"), pub, &keys,
	    NULL));
	if (note_read(raw, &n, NULL)) {
		instant at = 0;
		must(n.text.n + 1 + n.signatures.n == raw.n);
		if (note_is_signed(&n, &keys.stamp, &at, NULL))
			must(at >= 0);
		(void)!checkpoint_read_text(n.text, &origin, &c, NULL);
	}
	must(!checkpoint_read(raw, &keys, &c, NULL));
	return 0;
}
