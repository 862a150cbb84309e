/*
 * One segment of a write-ahead file: any bytes are safe, frames come in
 * order and lie inside it. The first byte asks for the checksums to be put
 * right, so that what lies behind them is reached.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/must.h"
#include "base/num.h"
#include "ledger/crc.h"
#include "ledger/tile.h"
#include "ledger/wal.h"

#include "target.h"

struct seen {
	struct slice all;
	const char *last;
};

static bool
see(void *ctx, const struct wal_frame *f, struct err *err)
{
	struct seen *s = ctx;
	struct slice rest = f->entries;
	struct slice entry;
	must(f->count > 0);
	must(f->entries.p > s->last && f->entries.p >= s->all.p);
	must(f->entries.p + f->entries.n <= s->all.p + s->all.n);
	s->last = f->entries.p;
	while (rest.n > 0)
		if (!bundle_next(&rest, &entry, err))
			return false;
	return true;
}

/* Makes the frame at the start valid if its length allows it. */
static void
mend(uint8_t *p, size_t n)
{
	if (n < WAL_HEADER_BYTES)
		return;
	memcpy(p, "FMKRWAL1", 8);
	num_put_be32(p + 56, crc32c(0, p, 56));
	size_t frame = WAL_HEADER_BYTES + num_be32(p + 20);
	frame = (frame + WAL_ALIGN_BYTES - 1) / WAL_ALIGN_BYTES *
	    WAL_ALIGN_BYTES;
	if (frame > n)
		return;
	uint32_t crc = crc32c(0, p, 60);
	num_put_be32(p + 60,
	    crc32c(crc, p + WAL_HEADER_BYTES, frame - WAL_HEADER_BYTES));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t segment[8192];
	size_t end = 0;
	bool is_torn = false;
	if (size < 1 || size - 1 > sizeof(segment))
		return 0;
	memcpy(segment, data + 1, size - 1);
	if (data[0] % 2 == 1)
		mend(segment, size - 1);
	struct seen s = {.all = slice_bytes(segment, size - 1)};
	if (wal_walk(s.all, see, &s, &end, &is_torn, NULL))
		must(end <= s.all.n);
	return 0;
}
