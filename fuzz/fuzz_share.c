/*
 * Recovery shares as they are typed: what is taken for one is one, is written
 * in a single form, and reads from that the same.
 */
#include <string.h>

#include "base/must.h"
#include "keeper/share.h"
#include "target.h"

enum { TEXT_BYTES = 256 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct share s, again;
	struct err err = ERR_INIT;
	if (!share_read(slice_bytes(data, size), &s, &err)) {
		must(err.code == ERR_INPUT);
		return 0;
	}
	must(s.number >= 1 && s.number <= SHARES);
	struct buf b SCOPED(buf_close) = buf_of(TEXT_BYTES);
	struct slice text;
	share_write(&s, &b);
	must(buf_finish(&b, &text, NULL));
	must(share_read(text, &again, NULL));
	must(again.number == s.number &&
	     memcmp(again.set, s.set, sizeof(s.set)) == 0 &&
	     memcmp(again.value, s.value, sizeof(s.value)) == 0);
	return 0;
}
