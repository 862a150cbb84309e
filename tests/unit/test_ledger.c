/*
 * The ledger as its callers use it: what is added is there, recycled
 * segments and lazily built tiles change nothing, and a state other than
 * what was signed is refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/file_fail.h"
#include "ledger/file_record.h"
#include "ledger/proof.h"
#include "ledger/verify.h"

#include "ledger_fixture.h"

static struct signer *signer;

static int
open_signer(void **state)
{
	(void)state;
	signer = fixture_signer();
	return signer == NULL;
}

static int
close_signer(void **state)
{
	(void)state;
	signer_close(signer);
	return 0;
}

/* Adds entries up to `size` in batches. */
static void
fill(struct ledger *l, uint64_t size, unsigned batch)
{
	struct err err = ERR_INIT;
	uint8_t bytes[128];
	uint64_t index = 0;
	while (ledger_next(l) < size) {
		for (unsigned i = 0; i < batch && ledger_next(l) < size; i++) {
			struct slice e = fixture_entry(ledger_next(l), bytes);
			assert_true(ledger_add(l, e, &index, &err));
		}
		assert_true(ledger_commit(l, &err));
	}
}

static void
build_all(struct ledger *l)
{
	struct err err = ERR_INIT;
	bool has_more = true;
	while (has_more)
		assert_true(ledger_build(l, 3, &has_more, &err));
}

static void
sign(struct ledger *l)
{
	struct err err = ERR_INIT;
	assert_true(ledger_checkpoint(l, signer, FIXTURE_NOW, &err));
}

static struct ledger *
create(const struct file_layer *files)
{
	struct err err = ERR_INIT;
	struct ledger_config c = fixture_config(files, signer);
	struct ledger *l = ledger_create(&c, &err);
	assert_non_null(l);
	sign(l);
	return l;
}

static struct ledger *
reopen(struct ledger *l, const struct file_layer *files)
{
	struct err err = ERR_INIT;
	struct ledger_config c = fixture_config(files, signer);
	ledger_close(l);
	l = ledger_open(&c, &err);
	if (l == NULL)
		print_message("%s\n", err.text);
	assert_non_null(l);
	return l;
}

static void
assert_entries(struct ledger *l, uint64_t size)
{
	struct err err = ERR_INIT;
	uint8_t bytes[128];
	for (uint64_t i = 0; i < size; i++) {
		struct slice got;
		struct slice want = fixture_entry(i, bytes);
		assert_true(ledger_read(l, i, &got, &err));
		assert_true(slice_is_equal(got, want));
	}
}

/* Goal of this test: segments go round, tiles come late, nothing is lost. */
static void
segments_are_recycled(void **state)
{
	(void)state;
	struct file_record *r = file_record_open();
	const struct file_layer *files = file_record_layer(r);
	struct ledger *l = create(files);
	struct ledger_state st;
	struct verified v;
	struct err err = ERR_INIT;
	for (uint64_t size = 100; size <= 3000; size += 100) {
		fill(l, size, 7);
		if (size % 300 == 0)
			build_all(l);
		if (size % 700 == 0) {
			sign(l);
			l = reopen(l, files);
		}
	}
	build_all(l);
	ledger_state(l, &st);
	assert_int_equal(st.size, 3000);
	assert_int_equal(st.tiled, 2816);
	assert_true(st.segments < 12);
	assert_entries(l, 3000);
	l = reopen(l, files);
	assert_entries(l, 3000);
	ledger_close(l);
	assert_true(verify_log(files, "log", NULL, &v, &err));
	assert_int_equal(v.entries, 3000);
	assert_int_equal(v.signed_entries, 2800);
	assert_int_equal(v.signed_at, FIXTURE_NOW);
	file_record_close(r);
}

/* Goal of this test: past 65,536 entries a second row of tiles is built. */
static void
second_row_is_built(void **state)
{
	(void)state;
	struct file_record *r = file_record_open();
	const struct file_layer *files = file_record_layer(r);
	struct err err = ERR_INIT;
	struct ledger_config c = fixture_config(files, signer);
	struct tree_proof p;
	struct verified v;
	c.wal_bytes = 1024 * 1024;
	struct ledger *l = ledger_create(&c, &err);
	assert_non_null(l);
	sign(l);
	for (uint64_t size = 6000; size <= 66000; size += 6000) {
		fill(l, size, 64);
		build_all(l);
		size_t n = 0;
		bool is_there =
		    file_record_bytes(r, "log/tile/1/000", &n) != NULL;
		assert_int_equal(is_there, size >= 65536);
	}
	for (unsigned turn = 0; turn < 2; turn++) {
		for (uint64_t i = 0; i < 66000; i += 997) {
			assert_true(ledger_prove_inclusion(l, i,
			    66000 - i % 150, &p, &err));
			assert_true(
			    ledger_prove_consistency(l, i, 66000, &p, &err));
		}
		ledger_close(l);
		l = ledger_open(&c, &err);
		assert_non_null(l);
	}
	sign(l);
	ledger_close(l);
	assert_true(ledger_export(files, "log", NULL, "tree", &v, &err));
	assert_true(verify_log(files, "tree", NULL, &v, &err));
	assert_true(v.is_plain);
	assert_int_equal(v.entries, 66000);
	file_record_close(r);
}

/*
 * Goal of this test: each byte of a small ledger's files, changed, is found,
 * or is in an end that nothing signed, and kept aside.
 */
static void
each_byte_is_guarded(void **state)
{
	(void)state;
	struct file_record *r = file_record_open();
	const struct file_layer *files = file_record_layer(r);
	struct ledger *l = create(files);
	struct err err = ERR_INIT;
	const char *path;
	unsigned aside = 0;
	fill(l, 300, 9);
	build_all(l);
	sign(l);
	fill(l, 305, 5);
	ledger_close(l);
	for (unsigned i = 0; (path = file_record_path(r, i)) != NULL; i++) {
		size_t n = 0;
		uint8_t *bytes = file_record_bytes(r, path, &n);
		/* Zeroed again before use. */
		if (strstr(path, ".used") != NULL)
			continue;
		for (size_t at = 0; at < n; at++) {
			struct verified v = {0};
			bytes[at] ^= 0x20;
			bool is_valid = verify_log(files, "log", NULL, &v,
			    &err);
			if (is_valid) {
				assert_true(v.torn_bytes > 0);
				assert_true(v.entries >= 300);
				aside++;
			}
			bytes[at] ^= 0x20;
		}
	}
	assert_true(aside > 0);
	file_record_close(r);
}

/* Goal of this test: a torn end is kept, reported, and cleared. */
static void
torn_end_is_put_aside(void **state)
{
	(void)state;
	struct file_record *r = file_record_open();
	const struct file_layer *files = file_record_layer(r);
	struct ledger *l = create(files);
	struct ledger_state st;
	char path[FILE_PATH_MAX];
	size_t n = 0;
	fill(l, 10, 5);
	ledger_close(l);
	uint8_t *bytes =
	    file_record_bytes(r, "log/wal/00000000000000000001.log", &n);
	assert_non_null(bytes);
	/* The second frame's last byte. */
	size_t last = n;
	while (bytes[last - 1] == 0)
		last--;
	bytes[last - 1] ^= 1;
	l = reopen(NULL, files);
	ledger_state(l, &st);
	assert_int_equal(st.size, 5);
	assert_int_equal(st.aside_index, 5);
	assert_true(st.aside_bytes > 64);
	(void)snprintf(path, sizeof(path), "log/%s", st.aside);
	assert_non_null(file_record_bytes(r, path, &n));
	assert_int_equal(n, st.aside_bytes);
	fill(l, 12, 5);
	l = reopen(l, files);
	ledger_state(l, &st);
	assert_int_equal(st.aside_bytes, 0);
	assert_entries(l, 12);
	ledger_close(l);
	/* An invalid frame before a valid one is no torn end. */
	struct err err = ERR_INIT;
	struct ledger_config c = fixture_config(files, signer);
	bytes = file_record_bytes(r, "log/wal/00000000000000000001.log", &n);
	bytes[70] ^= 1;
	assert_null(ledger_open(&c, &err));
	assert_int_equal(err.code, ERR_CORRUPT);
	file_record_close(r);
}

/* Goal of this test: a state older than what was signed is refused. */
static void
rollback_is_refused(void **state)
{
	(void)state;
	struct file_record *r = file_record_open();
	struct err err = ERR_INIT;
	struct buf known SCOPED(buf_close) = buf_of(4096);
	struct ledger *l = create(file_record_layer(r));
	fill(l, 40, 8);
	sign(l);
	struct file_record *old = file_record_image(r, 0);
	fill(l, 80, 8);
	sign(l);
	buf_add(&known, ledger_signed(l));
	ledger_close(l);
	/* The whole old folder, and a checkpoint known elsewhere. */
	struct ledger_config c =
	    fixture_config(file_record_layer(old), signer);
	l = ledger_open(&c, &err);
	assert_non_null(l);
	ledger_close(l);
	assert_true(buf_finish(&known, &c.known_checkpoint, &err));
	assert_null(ledger_open(&c, &err));
	assert_int_equal(err.code, ERR_CORRUPT);
	/* The write-ahead file alone. */
	c = fixture_config(file_record_layer(r), signer);
	size_t n = 0;
	size_t m = 0;
	uint8_t *to =
	    file_record_bytes(r, "log/wal/00000000000000000001.log", &n);
	const uint8_t *from =
	    file_record_bytes(old, "log/wal/00000000000000000001.log", &m);
	assert_int_equal(n, m);
	memcpy(to, from, n);
	assert_null(ledger_open(&c, &err));
	assert_int_equal(err.code, ERR_CORRUPT);
	/* Another origin, no log at all, a second log in the same place. */
	c.origin = "fumikura.example/other";
	assert_null(ledger_open(&c, &err));
	assert_int_equal(err.code, ERR_CORRUPT);
	assert_null(ledger_create(&c, &err));
	assert_int_equal(err.code, ERR_CONFLICT);
	c.dir = "none";
	assert_null(ledger_open(&c, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	file_record_close(old);
	file_record_close(r);
}

/* Goal of this test: a full disk refuses, loses nothing, and is got over. */
static void
full_disk_refuses(void **state)
{
	(void)state;
	struct file_record *r = file_record_open();
	struct file_fail f;
	struct err err = ERR_INIT;
	struct ledger_state st;
	uint8_t bytes[128];
	uint64_t index = 0;
	uint64_t told = 0;
	file_fail_init(&f, file_record_layer(r));
	struct ledger_config c = fixture_config(&f.layer, signer);
	c.reserve_bytes = 4096;
	struct ledger *l = ledger_create(&c, &err);
	assert_non_null(l);
	sign(l);
	/* No new file finds room; what is reserved is used up. */
	f.calls = FILE_CALL_ALLOCATE;
	f.error = ENOSPC;
	f.nth = 1;
	f.is_lasting = true;
	for (unsigned i = 0; i < 2000; i++) {
		if (!ledger_add(l, fixture_entry(ledger_next(l), bytes),
			&index, &err))
			break;
		assert_true(ledger_commit(l, &err));
		told = ledger_next(l);
	}
	assert_int_equal(err.code, ERR_FULL);
	ledger_state(l, &st);
	assert_true(st.is_reserve_spent);
	assert_int_equal(st.size, told);
	assert_true(told > 10);
	/* Room again: the same ledger goes on. */
	f.nth = 0;
	fill(l, told + 50, 5);
	build_all(l);
	ledger_state(l, &st);
	assert_false(st.is_reserve_spent);
	assert_entries(l, told + 50);
	ledger_close(l);
	file_record_close(r);
}

/* Goal of this test: limits hold at the cap and one past it. */
static void
limits_hold(void **state)
{
	(void)state;
	static uint8_t big[LEDGER_ENTRY_MAX_BYTES + 1];
	struct file_record *r = file_record_open();
	struct err err = ERR_INIT;
	struct ledger_config c =
	    fixture_config(file_record_layer(r), signer);
	uint64_t index = 0;
	struct slice got;
	c.wal_bytes = 128 * 1024;
	struct ledger *l = ledger_create(&c, &err);
	assert_non_null(l);
	assert_false(ledger_add(l, slice_bytes(big, sizeof(big)), &index,
	    &err));
	assert_int_equal(err.code, ERR_LIMIT);
	struct slice most = slice_bytes(big, LEDGER_ENTRY_MAX_BYTES);
	assert_true(ledger_add(l, most, &index, &err));
	assert_false(ledger_add(l, most, &index, &err));
	assert_int_equal(err.code, ERR_BUSY);
	assert_true(ledger_commit(l, &err));
	assert_true(ledger_add(l, SLICE_NONE, &index, &err));
	assert_int_equal(index, 1);
	ledger_drop(l);
	assert_int_equal(ledger_next(l), 1);
	assert_false(ledger_read(l, 1, &got, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_true(ledger_read(l, 0, &got, &err));
	assert_int_equal(got.n, LEDGER_ENTRY_MAX_BYTES);
	ledger_close(l);
	file_record_close(r);
}

/* Goal of this test: an entry's proof file checks, once it is signed. */
static void
proof_of_an_entry(void **state)
{
	(void)state;
	struct file_record *r = file_record_open();
	struct ledger *l = create(file_record_layer(r));
	struct err err = ERR_INIT;
	struct checkpoint_keys keys;
	struct ledger_config c =
	    fixture_config(file_record_layer(r), signer);
	assert_true(checkpoint_keys_of(SLICE(FIXTURE_ORIGIN), c.public_key,
	    &keys, &err));
	fill(l, 600, 20);
	struct buf b SCOPED(buf_close) = buf_of(PROOF_MAX_BYTES);
	assert_false(ledger_proof(l, 3, SLICE_NONE, &b, &err));
	assert_int_equal(err.code, ERR_BUSY);
	sign(l);
	build_all(l);
	for (uint64_t i = 0; i < 600; i += 13) {
		struct slice text;
		struct slice entry;
		struct proof p;
		struct checkpoint head;
		buf_reset(&b);
		assert_true(ledger_proof(l, i, SLICE_NONE, &b, &err));
		assert_true(buf_finish(&b, &text, &err));
		assert_true(ledger_read(l, i, &entry, &err));
		assert_true(proof_read(text, &p, &err));
		assert_true(proof_check(&p, entry, &keys, &head, &err));
		assert_int_equal(head.size, 600);
	}
	ledger_close(l);
	file_record_close(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(segments_are_recycled),
	    cmocka_unit_test(second_row_is_built),
	    cmocka_unit_test(each_byte_is_guarded),
	    cmocka_unit_test(torn_end_is_put_aside),
	    cmocka_unit_test(rollback_is_refused),
	    cmocka_unit_test(full_disk_refuses),
	    cmocka_unit_test(limits_hold),
	    cmocka_unit_test(proof_of_an_entry),
	};
	return cmocka_run_group_tests(tests, open_signer, close_signer);
}
