/*
 * Folding: valid UTF-8 has a key of valid UTF-8, all else fails the buf.
 */
#include "base/fold.h"
#include "base/must.h"
#include "base/text.h"
#include "target.h"

enum { OUT_MAX = 16 * 1024 * 1024 };

static void
check(void (*fold)(struct slice, struct buf *), struct slice s)
{
	struct buf b SCOPED(buf_close) = buf_of(OUT_MAX);
	struct slice key;
	fold(s, &b);
	must(b.failed != text_is_utf8(s));
	if (buf_finish(&b, &key, NULL))
		must(text_is_utf8(key));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = slice_bytes(data, size);
	check(fold_kana, s);
	check(fold_name, s);
	check(fold_address, s);
	check(fold_digits, s);
	return 0;
}
