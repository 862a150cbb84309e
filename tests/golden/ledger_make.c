/*
 * Makes a small log for the independent verifier:
 *
 *	ledger_make DIR ENTRIES
 *
 * DIR/log is the ledger, DIR/tree the plain tree, DIR/vkey its key,
 * DIR/entry.N and DIR/entry.N.tlog-proof the proofs of some entries.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ledger/proof.h"
#include "ledger/verify.h"

#include "../unit/ledger_fixture.h"

static void
check(bool is_fine, const struct err *err)
{
	if (is_fine)
		return;
	fprintf(stderr, "ledger_make: %s\n", err->text);
	exit(1);
}

static void
write_proof(struct ledger *l, const char *dir, uint64_t index)
{
	struct files files = {.layer = file_layer_system()};
	struct buf b SCOPED(buf_close) = buf_of(PROOF_MAX_BYTES);
	struct err err = ERR_INIT;
	struct slice entry;
	struct slice proof = SLICE_NONE;
	char path[FILE_PATH_MAX];
	check(ledger_read(l, index, &entry, &err), &err);
	(void)snprintf(path, sizeof(path), "%s/entry.%llu", dir,
	    (unsigned long long)index);
	check(file_write_new(&files, path, entry, &err), &err);
	check(ledger_proof(l, index, index % 2 == 0 ? SLICE("extra") :
							SLICE_NONE,
		  &b, &err) && buf_finish(&b, &proof, &err),
	    &err);
	(void)snprintf(path, sizeof(path), "%s/entry.%llu.tlog-proof", dir,
	    (unsigned long long)index);
	check(file_write_new(&files, path, proof, &err), &err);
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct verified v;
	uint8_t bytes[128];
	char log[FILE_PATH_MAX];
	char tree[FILE_PATH_MAX];
	bool has_more = true;
	uint64_t index = 0;
	if (argc != 3)
		return 2;
	uint64_t entries = strtoull(argv[2], NULL, 10);
	struct signer *s = fixture_signer();
	check(file_join(log, argv[1], "log", &err) &&
		file_join(tree, argv[1], "tree", &err),
	    &err);
	struct ledger_config c = fixture_config(file_layer_system(), s);
	c.dir = log;
	c.wal_bytes = 64 * 1024;
	struct ledger *l = ledger_create(&c, &err);
	check(l != NULL, &err);
	check(ledger_checkpoint(l, s, FIXTURE_NOW, &err), &err);
	for (uint64_t i = 0; i < entries; i++) {
		check(ledger_add(l, fixture_entry(i, bytes), &index, &err),
		    &err);
		if (i % 50 == 49 || i + 1 == entries)
			check(ledger_commit(l, &err), &err);
		if (i % 5000 == 4999)
			check(ledger_build(l, 16, &has_more, &err), &err);
	}
	for (has_more = true; has_more;)
		check(ledger_build(l, 16, &has_more, &err), &err);
	check(ledger_checkpoint(l, s, FIXTURE_NOW, &err), &err);
	for (uint64_t i = 0; i < entries; i = 2 * i + 1)
		write_proof(l, argv[1], i);
	ledger_close(l);
	check(ledger_export(file_layer_system(), log, NULL, tree, &v, &err),
	    &err);
	check(verify_log(file_layer_system(), tree, NULL, &v, &err), &err);
	if (v.entries != entries || !v.is_plain)
		return 1;
	signer_close(s);
	return 0;
}
