/*
 * Entry bundles of the log: entries follow each other without a gap and lie
 * in the bundle, to its end or to where it is cut short.
 */
#include "base/must.h"
#include "ledger/tile.h"
#include "target.h"

enum { LENGTH_BYTES = 2 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice whole = slice_bytes(data, size);
	struct slice rest = whole, entry;
	struct err err = ERR_INIT;
	const char *at = whole.p;
	while (rest.n > 0) {
		if (!bundle_next(&rest, &entry, &err)) {
			must(err.code == ERR_CORRUPT);
			return 0;
		}
		must(entry.p == at + LENGTH_BYTES);
		at = entry.p + entry.n;
		must(rest.n == 0 || rest.p == at);
		must((size_t)(at - whole.p) + rest.n == whole.n);
	}
	return 0;
}
