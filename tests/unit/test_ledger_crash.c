/*
 * What a power cut, a failing call or a missing allocation may do to a
 * ledger: every acknowledged entry is there, and the tree verifies.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "ledger/file_fail.h"
#include "ledger/file_record.h"
#include "ledger/verify.h"

#include "ledger_fixture.h"

enum { ENTRIES = 600 };

/* What a workload was told before it ended. */
struct told {
	bool is_made;       /* ledger_create returned */
	uint64_t durable;   /* entries of commits that returned true */
	uint64_t attempted; /* entries that may be there besides */
	uint64_t signed_size;
	unsigned aborts;    /* calls of on_sync_error */
};

static void
count_abort(void *ctx)
{
	struct told *t = ctx;
	t->aborts++;
}

/* Adds entries in batches of changing size, signs and builds now and then. */
static bool
work(struct ledger *l, const struct signer *s, struct told *t,
    struct err *err)
{
	uint8_t bytes[128];
	bool has_more = false;
	uint64_t index = 0;
	for (unsigned round = 0; t->durable < ENTRIES; round++) {
		unsigned batch = 1 + round * 7 % 40;
		for (unsigned i = 0; i < batch; i++) {
			struct slice e =
			    fixture_entry(ledger_next(l), bytes);
			if (!ledger_add(l, e, &index, err))
				return false;
		}
		t->attempted = ledger_next(l);
		if (!ledger_commit(l, err))
			return false;
		t->durable = ledger_next(l);
		if (round % 3 == 1 &&
		    !ledger_checkpoint(l, s, FIXTURE_NOW, err))
			return false;
		if (round % 3 == 1)
			t->signed_size = t->durable;
		if (round % 4 == 3 && !ledger_build(l, 8, &has_more, err))
			return false;
	}
	return true;
}

static bool
run(const struct file_layer *files, const struct signer *s, struct told *t,
    struct err *err)
{
	struct ledger_config c = fixture_config(files, s);
	c.on_sync_error = count_abort;
	c.ctx = t;
	struct ledger *l = ledger_create(&c, err);
	if (l == NULL)
		return false;
	t->is_made = true;
	bool is_done = work(l, s, t, err);
	ledger_close(l);
	return is_done;
}

/* The log that `files` holds keeps what was told, and goes on working. */
static void
check(const struct file_layer *files, const struct signer *s,
    const struct told *t, bool goes_on)
{
	struct err err = ERR_INIT;
	struct ledger_config c = fixture_config(files, s);
	struct ledger_state state;
	struct verified v;
	struct ledger *l = ledger_open(&c, &err);
	uint8_t bytes[128];
	if (l == NULL && !t->is_made && err.code == ERR_NOT_FOUND)
		return;
	if (l == NULL)
		print_message("open: %s\n", err.text);
	assert_non_null(l);
	ledger_state(l, &state);
	assert_true(state.size >= t->durable);
	assert_true(state.size <= t->attempted || state.size == t->durable);
	assert_true(state.signed_size >= t->signed_size);
	for (uint64_t i = 0; i < state.size; i++) {
		struct slice got;
		struct slice want = fixture_entry(i, bytes);
		assert_true(ledger_read(l, i, &got, &err));
		assert_true(slice_is_equal(got, want));
	}
	if (goes_on) {
		uint64_t index = 0;
		bool has_more = true;
		for (unsigned i = 0; i < 3; i++)
			assert_true(ledger_add(l,
			    fixture_entry(ledger_next(l), bytes), &index,
			    &err));
		assert_true(ledger_commit(l, &err));
		assert_true(ledger_checkpoint(l, s, FIXTURE_NOW, &err));
		while (has_more)
			assert_true(ledger_build(l, 1, &has_more, &err));
		ledger_close(l);
		l = ledger_open(&c, &err);
		assert_non_null(l);
		struct ledger_state after;
		ledger_state(l, &after);
		assert_int_equal(after.size, state.size + 3);
		assert_int_equal(after.aside_bytes, 0);
	}
	ledger_close(l);
	bool is_valid = verify_log(files, "log", NULL, &v, &err);
	if (!is_valid)
		print_message("verify: %s\n", err.text);
	assert_true(is_valid);
	assert_int_equal(v.entries, state.size + (goes_on ? 3 : 0));
	assert_int_equal(v.torn_bytes, 0);
}

/*
 * Goal of this test: the power goes at each call that changes the disk; of
 * what no sync covers anything may survive, torn anywhere.
 */
static void
power_cut_loses_nothing_told(void **state)
{
	(void)state;
	struct signer *s = fixture_signer();
	unsigned long images = 0;
	bool is_over = false;
	for (unsigned long nth = 1; !is_over; nth++) {
		struct file_record *r = file_record_open();
		struct told t = {0};
		struct err err = ERR_INIT;
		assert_non_null(r);
		file_record_cut_at(r, nth);
		is_over = run(file_record_layer(r), s, &t, &err);
		for (uint64_t seed = 0; seed < 16; seed++, images++) {
			struct file_record *image =
			    file_record_image(r, seed < 2 ? seed
							  : seed + nth * 16);
			assert_non_null(image);
			check(file_record_layer(image), s, &t, seed % 3 == 2);
			file_record_close(image);
		}
		file_record_close(r);
	}
	print_message("%lu images\n", images);
	assert_true(images >= 2000);
	signer_close(s);
}

/* Goal of this test: a cut during recovery loses nothing either. */
static void
power_cut_while_opening(void **state)
{
	(void)state;
	struct signer *s = fixture_signer();
	for (unsigned long nth = 40; nth < 240; nth += 7) {
		struct file_record *r = file_record_open();
		struct told t = {0};
		struct err err = ERR_INIT;
		file_record_cut_at(r, nth);
		(void)run(file_record_layer(r), s, &t, &err);
		for (unsigned long again = 1; again < 12; again++) {
			struct file_record *first =
			    file_record_image(r, nth * 1000 + 5);
			file_record_cut_at(first, again);
			struct ledger_config c =
			    fixture_config(file_record_layer(first), s);
			struct told ignored = {0};
			c.on_sync_error = count_abort;
			c.ctx = &ignored;
			ledger_close(ledger_open(&c, &err));
			struct file_record *second =
			    file_record_image(first, again * 77 + 2);
			check(file_record_layer(second), s, &t, true);
			file_record_close(second);
			file_record_close(first);
		}
		file_record_close(r);
	}
	signer_close(s);
}

/*
 * Goal of this test: each write, sync, rename, open or allocation of space
 * that fails, with each errno, gives an error and loses nothing; a failed
 * sync ends the process.
 */
static void
each_call_fails_once(void **state)
{
	(void)state;
	static const struct {
		unsigned calls;
		int error;
		enum err_code code;
		bool is_lasting;
	} cases[] = {
	    {FILE_CALL_WRITE | FILE_CALL_ALLOCATE, ENOSPC, ERR_FULL, false},
	    {FILE_CALL_WRITE | FILE_CALL_ALLOCATE, ENOSPC, ERR_FULL, true},
	    {FILE_CALL_WRITE, EIO, ERR_SYSTEM, false},
	    {FILE_CALL_SYNC, EIO, ERR_SYSTEM, false},
	    {FILE_CALL_RENAME, EIO, ERR_SYSTEM, true},
	    {FILE_CALL_OPEN, EMFILE, ERR_SYSTEM, false},
	    {FILE_CALL_MKDIR, EACCES, ERR_SYSTEM, true},
	};
	struct signer *s = fixture_signer();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool is_over = false;
		for (unsigned long nth = 1; !is_over; nth++) {
			struct file_record *r = file_record_open();
			struct file_fail f;
			struct told t = {0};
			struct err err = ERR_INIT;
			file_fail_init(&f, file_record_layer(r));
			f.calls = cases[i].calls;
			f.error = cases[i].error;
			f.is_lasting = cases[i].is_lasting;
			f.nth = nth;
			is_over = run(&f.layer, s, &t, &err);
			if (!is_over && f.calls != FILE_CALL_OPEN)
				assert_int_equal(err.code, cases[i].code);
			if (f.calls == FILE_CALL_SYNC && !is_over)
				assert_int_equal(t.aborts, 1);
			if (f.calls != FILE_CALL_SYNC)
				assert_int_equal(t.aborts, 0);
			struct file_record *image = file_record_image(r, 0);
			check(file_record_layer(image), s, &t, nth % 5 == 1);
			check(file_record_layer(r), s, &t, nth % 5 == 0);
			file_record_close(image);
			file_record_close(r);
		}
	}
	signer_close(s);
}

/* Goal of this test: after a failed write the same ledger goes on. */
static void
failed_write_is_undone(void **state)
{
	(void)state;
	struct signer *s = fixture_signer();
	for (unsigned long nth = 1; nth < 60; nth++) {
		struct file_record *r = file_record_open();
		struct file_fail f;
		struct err err = ERR_INIT;
		uint8_t bytes[128];
		struct told t = {.is_made = true};
		file_fail_init(&f, file_record_layer(r));
		struct ledger_config c = fixture_config(&f.layer, s);
		struct ledger *l = ledger_create(&c, &err);
		unsigned failures = 0;
		f.calls = FILE_CALL_WRITE;
		f.error = nth % 2 == 0 ? ENOSPC : EIO;
		f.nth = nth;
		assert_non_null(l);
		for (unsigned round = 0; round < 60; round++) {
			uint64_t index = 0;
			unsigned batch = 1 + round * 11 % 24;
			bool is_fine = true;
			for (unsigned i = 0; is_fine && i < batch; i++)
				is_fine = ledger_add(l,
				    fixture_entry(ledger_next(l), bytes),
				    &index, &err);
			/* "Commit first" is no failure. */
			is_fine = is_fine || err.code == ERR_BUSY;
			is_fine = ledger_commit(l, &err) && is_fine;
			failures += !is_fine;
			t.durable = t.attempted = ledger_next(l);
		}
		assert_true(failures <= 1);
		/* Neither running nor after a crash is anything lost. */
		for (uint64_t seed = 0; seed < 4; seed++) {
			struct file_record *image = file_record_image(r, seed);
			check(file_record_layer(image), s, &t, seed == 3);
			file_record_close(image);
		}
		ledger_close(l);
		file_record_close(r);
	}
	signer_close(s);
}

/* Goal of this test: each allocation that fails gives an error. */
static void
each_allocation_fails(void **state)
{
	(void)state;
	struct signer *s = fixture_signer();
	unsigned long last = 0;
	/* The file system's own allocations count too: they are EIO's like. */
	for (unsigned long nth = 1; nth < 4000; nth += 1 + nth / 40) {
		struct file_record *r = file_record_open();
		struct told t = {0};
		struct err err = ERR_INIT;
		struct verified v;
		bool is_valid = false;
		(void)mem_fail_at(nth);
		bool is_over = run(file_record_layer(r), s, &t, &err);
		(void)mem_fail_at(0);
		if (!is_over)
			assert_true(err.code == ERR_LIMIT ||
			    err.code == ERR_SYSTEM);
		check(file_record_layer(r), s, &t, false);
		if (t.is_made) {
			(void)mem_fail_at(nth % 97 + 1);
			struct ledger_config c =
			    fixture_config(file_record_layer(r), s);
			ledger_close(ledger_open(&c, &err));
			(void)mem_fail_at(nth % 31 + 1);
			is_valid = verify_log(file_record_layer(r), "log",
			    NULL, &v, &err);
			(void)mem_fail_at(0);
			assert_true(is_valid || err.code == ERR_LIMIT ||
			    err.code == ERR_CORRUPT);
			check(file_record_layer(r), s, &t, false);
		}
		file_record_close(r);
		last = nth;
		if (is_over)
			break;
	}
	assert_true(last > 100);
	signer_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(power_cut_loses_nothing_told),
	    cmocka_unit_test(power_cut_while_opening),
	    cmocka_unit_test(each_call_fails_once),
	    cmocka_unit_test(failed_write_is_undone),
	    cmocka_unit_test(each_allocation_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
