/*
 * How fast the ledger appends and verifies on this machine and disk.
 *
 *	ledger_load DIR [entries [bytes [batch]]]
 *
 * DIR must not exist; it is left behind for the verifier. One line a figure.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ledger/ledger.h"
#include "ledger/verify.h"

struct load {
	uint64_t entries;
	size_t bytes;
	unsigned batch;
	struct ledger *l;
	struct signer *s;
	instant syncing; /* in commit: tree, frame, write, sync */
	instant adding;
	instant building;
	instant slowest;
};

static void
fail(const char *what, const struct err *err)
{
	fprintf(stderr, "ledger_load: %s: %s\n", what, err->text);
	exit(1);
}

static void
append(struct load *t, bool is_building)
{
	static uint8_t entry[LEDGER_ENTRY_MAX_BYTES];
	struct err err = ERR_INIT;
	bool has_more = false;
	uint64_t index = 0;
	for (uint64_t done = 0; done < t->entries; done += t->batch) {
		instant from = clock_monotonic();
		for (unsigned i = 0; i < t->batch; i++) {
			memcpy(entry, &done, sizeof(done));
			if (!ledger_add(t->l, slice_bytes(entry, t->bytes),
				&index, &err))
				fail("add", &err);
		}
		instant added = clock_monotonic();
		if (!ledger_commit(t->l, &err))
			fail("commit", &err);
		instant committed = clock_monotonic();
		t->adding += added - from;
		t->syncing += committed - added;
		if (committed - from > t->slowest)
			t->slowest = committed - from;
		/* In the keeper this is idle time; here it counts. */
		if (is_building && done / t->batch % 64 == 63 &&
		    !ledger_build(t->l, 32, &has_more, &err))
			fail("build", &err);
		t->building += clock_monotonic() - committed;
	}
}

static void
print_append(const char *name, const struct load *t)
{
	instant all = t->adding + t->syncing + t->building;
	printf("%s %.0f entries/s (batches of %u, %zu bytes; us a batch: "
	       "add %.1f, commit %.1f, build %.1f, slowest %" PRId64 ")\n",
	    name, (double)t->entries * 1e6 / (double)all, t->batch, t->bytes,
	    (double)t->adding * t->batch / (double)t->entries,
	    (double)t->syncing * t->batch / (double)t->entries,
	    (double)t->building * t->batch / (double)t->entries, t->slowest);
}

static void
verify(const char *dir)
{
	struct verified v;
	struct err err = ERR_INIT;
	instant from = clock_monotonic();
	if (!verify_log(file_layer_system(), dir, NULL, &v, &err))
		fail("verify", &err);
	instant all = clock_monotonic() - from;
	printf("verify %.0f entries/s (%" PRIu64 " entries, %" PRIu64
	       " files)\n",
	    (double)v.entries * 1e6 / (double)all, v.entries, v.files);
}

int
main(int argc, char **argv)
{
	static const uint8_t seed[SIGN_SEED_BYTES] = "for load tests only";
	struct err err = ERR_INIT;
	if (argc < 2) {
		fprintf(stderr,
		    "usage: ledger_load DIR [entries [bytes [batch]]]\n");
		return 2;
	}
	struct load t = {
	    .entries = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000,
	    .bytes = argc > 3 ? strtoul(argv[3], NULL, 10) : 350,
	    .batch = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 64,
	    .s = signer_open(seed),
	};
	if (t.s == NULL || t.batch == 0 || t.bytes < sizeof(uint64_t) ||
	    t.bytes > LEDGER_ENTRY_MAX_BYTES)
		return 2;
	struct ledger_config c = {.files = file_layer_system(),
	    .dir = argv[1],
	    .origin = "fumikura.example/load"};
	signer_public(t.s, c.public_key);
	t.l = ledger_create(&c, &err);
	if (t.l == NULL)
		fail("create", &err);
	if (!ledger_checkpoint(t.l, t.s, SECOND_US, &err))
		fail("checkpoint", &err);
	/* What four segments hold, as in a burst; then with the building. */
	struct load burst = t;
	burst.entries = t.entries < 65536 ? t.entries : 65536;
	append(&burst, false);
	print_append("append", &burst);
	struct load steady = t;
	append(&steady, true);
	print_append("append+build", &steady);
	if (!ledger_checkpoint(t.l, t.s, 2 * SECOND_US, &err))
		fail("checkpoint", &err);
	ledger_close(t.l);
	instant from = clock_monotonic();
	t.l = ledger_open(&c, &err);
	if (t.l == NULL)
		fail("open", &err);
	printf("open %.1f ms\n", (double)(clock_monotonic() - from) / 1e3);
	ledger_close(t.l);
	verify(argv[1]);
	signer_close(t.s);
	return 0;
}
