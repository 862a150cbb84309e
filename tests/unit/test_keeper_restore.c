/*
 * Goal of this test: a restore and a new master key are done by two persons
 * or not at all; and killed at each call that changes a file, or failing at
 * it, they lose nothing: it starts, or is done again and then starts, what
 * was erased stays erased and everything else opens.
 */
#include "keeper_case.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/must.h"
#include "ledger/file_fail.h"
#include "ledger/verify.h"

enum { CALLS_MAX = 400 };

struct days {
	struct rig *r;
	char shares[1024]; /* three lines */
	struct message_record kept, erased;
	uint8_t key[RECORD_KEY_BYTES];
	char backup[128], newer[128];
};

static int
lines(const char *text)
{
	int fds[2];
	must(pipe(fds) == 0);
	must(write(fds[1], text, strlen(text)) == (ssize_t)strlen(text));
	(void)close(fds[1]);
	return fds[0];
}

static void
copy(const char *from, const char *to)
{
	char command[1024];
	(void)snprintf(command, sizeof(command),
	    "rm -rf '%s' && cp -a --sparse=always '%s' '%s' && "
	    "rm -f '%s'/ledger*/reserve",
	    to, from, to, to);
	must(system(command) == 0);
}

static void
mark_as_backup(const char *dir)
{
	char command[512];
	(void)snprintf(command, sizeof(command), "cp '%s/origin' '%s/backup'",
	    dir, dir);
	must(system(command) == 0);
}

/* Shares, two records, a backup, then one record erased; stopped. */
static struct days
live(void **state)
{
	struct days d = {.r = *state};
	struct rig *r = d.r;
	struct buf shares = buf_of(1024);
	struct err err;
	static struct erase_ask ask;
	struct entry_answer to;
	uint8_t key[RECORD_KEY_BYTES];
	rig_stop(r);
	/* short, so that making a log takes few writes */
	r->options.wal_bytes = 64 * 1024;
	struct keeper_options o = r->options;
	o.script = r->now;
	must(keeper_unlock_set(&o, &(struct unlock){.way = UNLOCK_SHARES},
	    &shares, &err));
	(void)snprintf(d.shares, sizeof(d.shares), "%.*s", (int)shares.n,
	    shares.p);
	buf_close(&shares);
	must(rig_start(r) && rig_load(r) == KEEPER_OPEN);
	must(rig_logon(r, RIG_CLERK));
	must(rig_create(r, RIG_CLERK, RIG_HOLDING, 0x71, d.key, &d.kept));
	must(rig_create(r, RIG_CLERK, RIG_HOLDING, 0x72, key, &d.erased));
	rig_stop(r);
	(void)snprintf(d.backup, sizeof(d.backup), "%s/copied", r->dir);
	(void)snprintf(d.newer, sizeof(d.newer), "%s/newer/ledger", r->dir);
	copy(r->keeper, d.backup);
	mark_as_backup(d.backup);
	must(rig_start(r) && rig_load(r) == KEEPER_OPEN);
	must(rig_logon(r, RIG_CLERK));
	ask.intent = rig_intent(r, RIG_CLERK, RIG_HOLDING, ACT_ERASE);
	ask.n = 1;
	ask.records[0] = d.erased;
	must(rig_call(r, MESSAGE_ERASE, &ask, &to));
	rig_stop(r);
	char newer[128];
	(void)snprintf(newer, sizeof(newer), "%s/newer", r->dir);
	copy(r->keeper, newer);
	return d;
}

static bool
restore(const struct days *d, const char *newer,
    const struct file_layer *files, struct err *err)
{
	struct keeper_restored told;
	struct keeper_options o = d->r->options;
	o.script = d->r->now;
	o.files = files;
	o.unlock = (struct unlock){.way = UNLOCK_SHARES,
	    .input_fd = lines(d->shares)};
	bool ok = keeper_restore(&o, newer, NULL, &told, err);
	(void)close(o.unlock.input_fd);
	return ok;
}

/* Everything that was there is there, but for what was erased. */
static void
assert_whole(const struct days *d, bool is_erased)
{
	struct rig *r = d->r;
	uint8_t key[RECORD_KEY_BYTES];
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	assert_true(rig_logon(r, RIG_CLERK));
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &d->kept, key));
	assert_memory_equal(key, d->key, sizeof(key));
	assert_int_equal(!rig_view(r, RIG_CLERK, RIG_HOLDING, &d->erased, key),
	    is_erased);
	assert_int_equal(r->code, is_erased ? ANSWER_ERASED : ANSWER_OK);
	rig_stop(r);
}

static void
assert_verifies(const struct days *d, const char *log, uint64_t entries)
{
	char dir[FILE_PATH_MAX];
	struct verified v;
	struct err err;
	assert_true(file_join(dir, d->r->keeper, log, &err));
	if (!verify_log(file_layer_system(), dir, NULL, &v, &err))
		fail_msg("%s: %s", log, err.text);
	assert_true(v.is_signed && v.entries >= entries);
}

static void
test_restore_takes_two_and_erases_again(void **state)
{
	struct days d = live(state);
	struct rig *r = d.r;
	struct err err = ERR_INIT;
	copy(d.backup, r->keeper);
	/* not as it is; not by one */
	assert_false(rig_start(r));
	struct keeper_restored told;
	struct keeper_options o = r->options;
	o.script = r->now;
	assert_false(keeper_restore(&o, d.newer, NULL, &told, &err));
	assert_int_equal(err.code, ERR_DENIED);
	/* what is no log is no newer one */
	assert_false(restore(&d, r->dir, NULL, &err));
	assert_true(restore(&d, d.newer, NULL, &err));
	assert_true(rig_start(r));
	assert_whole(&d, true);
	assert_verifies(&d, "ledger", 1);
	assert_verifies(&d, "ledger.2", 3);
	/* the log that was ended is not the newer one of the next restore */
	assert_false(restore(&d, d.newer, NULL, &err));
	assert_int_equal(err.code, ERR_CORRUPT);
	/* without one it goes on, and cannot know */
	copy(d.backup, r->keeper);
	assert_true(restore(&d, NULL, NULL, &err));
	assert_true(rig_start(r));
	assert_whole(&d, false);
	assert_true(rig_start(r));
}

static void
test_changed_rows_are_not_blessed(void **state)
{
	struct days d = live(state);
	struct rig *r = d.r;
	struct err err = ERR_INIT;
	char path[128], other[128];
	copy(d.backup, r->keeper);
	/* the file of rows of the very beginning beside the ledger of today */
	(void)snprintf(path, sizeof(path), "%s/authority", r->keeper);
	(void)snprintf(other, sizeof(other), "%s/first", r->dir);
	FILE *f = fopen(other, "w");
	must(f != NULL && fwrite("FKROLL1\n\0\0\0\0", 1, 12, f) == 12);
	(void)fclose(f);
	must(rename(other, path) == 0);
	assert_false(restore(&d, d.newer, NULL, &err));
	assert_int_equal(err.code, ERR_CORRUPT);
	copy(d.backup, r->keeper);
	assert_true(restore(&d, d.newer, NULL, &err));
	assert_true(rig_start(r));
}

/* Counted are the calls that change something. */
static void
count_changes(struct file_fail *f, unsigned long nth, bool is_fatal)
{
	file_fail_init(f, file_layer_system());
	f->calls = FILE_CALL_WRITE | FILE_CALL_SYNC | FILE_CALL_RENAME |
	    FILE_CALL_MKDIR;
	f->nth = nth;
	f->error = ENOSPC;
	f->is_fatal = is_fatal;
}

typedef bool doing(const struct days *d, const struct file_layer *files,
    struct err *err);

/*
 * In a process of its own, which ends at the nth change, or (not fatal) fails
 * at it and may abort. False: it is done, and no change was left to fail.
 */
static bool
is_broken_off(const struct days *d, doing *what, unsigned long nth,
    bool is_fatal)
{
	int status;
	pid_t pid = fork();
	must(pid >= 0);
	if (pid == 0) {
		struct file_fail f;
		struct err err = ERR_INIT;
		count_changes(&f, nth, is_fatal);
		bool ok = what(d, &f.layer, &err);
		_exit(ok && f.made < nth ? 0 : 1);
	}
	must(waitpid(pid, &status, 0) == pid);
	must(!is_fatal || (WIFEXITED(status) && WEXITSTATUS(status) != 1));
	return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

static bool
restore_newer(const struct days *d, const struct file_layer *files,
    struct err *err)
{
	return restore(d, d->newer, files, err);
}

static void
test_restore_killed_anywhere(void **state)
{
	struct days d = live(state);
	struct rig *r = d.r;
	struct err err = ERR_INIT;
	unsigned long n = 0;
	bool killed = true;
	while (killed) {
		must(++n < CALLS_MAX);
		copy(d.backup, r->keeper);
		killed = is_broken_off(&d, restore_newer, n, true);
		/* as it is it starts only when the restore is done */
		if (!rig_start(r)) {
			assert_true(restore(&d, d.newer, NULL, &err));
			assert_true(rig_start(r));
		}
		assert_whole(&d, true);
	}
	assert_verifies(&d, "ledger", 1);
	assert_verifies(&d, "ledger.2", 3);
	print_message("a restore makes %lu changes\n", n - 1);
	assert_true(n > 20);
	assert_true(rig_start(r));
}

/* ---- a new master key ---- */

static bool
rotate_to(const struct days *d, const char *secrets, const char *key_file,
    const struct file_layer *files, struct buf *shares, struct err *err)
{
	struct keeper_options o = d->r->options;
	const struct unlock way = {.way = UNLOCK_KEY_FILE,
	    .key_file = key_file};
	o.script = d->r->now;
	o.files = files;
	o.unlock = (struct unlock){.way = UNLOCK_SHARES,
	    .input_fd = lines(secrets)};
	bool ok = keeper_rotate(&o, &way, 1, shares, err);
	(void)close(o.unlock.input_fd);
	return ok;
}

static const char *
another_key(const struct days *d, char room[128])
{
	(void)snprintf(room, 128, "%s/key.2", d->r->dir);
	FILE *f = fopen(room, "w");
	must(f != NULL && fputs("fedcba9876543210fedcba9876543210", f) >= 0);
	(void)fclose(f);
	return room;
}

static bool
rotate(const struct days *d, const struct file_layer *files,
    struct err *err)
{
	char room[128];
	struct buf shares = buf_of(1024);
	bool ok = rotate_to(d, d->shares, another_key(d, room), files, &shares,
	    err);
	buf_close(&shares);
	return ok;
}

static bool
starts_with(const struct days *d, const char *key_file)
{
	struct rig *r = d->r;
	r->options.unlock.key_file = key_file;
	return rig_start(r);
}

static void
test_new_master_key(void **state)
{
	struct days d = live(state);
	struct rig *r = d.r;
	struct err err = ERR_INIT;
	char room[128], text[1024];
	struct buf shares = buf_of(1024), none = buf_of(1024);
	const char *new_key = another_key(&d, room);
	const struct unlock way = {.way = UNLOCK_KEY_FILE,
	    .key_file = new_key};
	struct keeper_options o = r->options;
	o.script = r->now;
	/* by one person it is not done */
	assert_false(keeper_rotate(&o, &way, 1, &none, &err));
	assert_int_equal(err.code, ERR_DENIED);
	assert_true(rotate_to(&d, d.shares, new_key, NULL, &shares, &err));
	assert_false(starts_with(&d, r->key_file));
	assert_true(starts_with(&d, new_key));
	assert_whole(&d, true);
	/* the old shares are worthless; the new ones do it again */
	assert_false(rotate_to(&d, d.shares, r->key_file, NULL, &none, &err));
	assert_int_equal(err.code, ERR_DENIED);
	(void)snprintf(text, sizeof(text), "%.*s", (int)shares.n, shares.p);
	assert_true(rotate_to(&d, text, r->key_file, NULL, &none, &err));
	buf_close(&shares);
	buf_close(&none);
	assert_true(starts_with(&d, r->key_file));
	assert_whole(&d, true);
	assert_true(starts_with(&d, r->key_file));
}

static void
test_new_master_key_killed_anywhere(void **state)
{
	struct days d = live(state);
	struct rig *r = d.r;
	unsigned long n = 0, old = 0;
	bool killed = true;
	char before[128], room[128];
	(void)snprintf(before, sizeof(before), "%s/before", r->dir);
	copy(r->keeper, before);
	const char *new_key = another_key(&d, room);
	while (killed) {
		must(++n < CALLS_MAX);
		copy(before, r->keeper);
		killed = is_broken_off(&d, rotate, n, true);
		/* one of the two keys opens it, never both */
		bool is_old = starts_with(&d, r->key_file);
		if (is_old)
			assert_whole(&d, true);
		assert_int_equal(starts_with(&d, new_key), !is_old);
		if (!is_old)
			assert_whole(&d, true);
		old += is_old;
	}
	print_message("a new key makes %lu changes, %lu before it holds\n",
	    n - 1, old);
	assert_true(n > 8 && old > 4 && old < n);
	assert_true(starts_with(&d, new_key));
}

/* A disk that is full in the middle: one of the two keys opens everything. */
static void
test_new_master_key_without_space(void **state)
{
	struct days d = live(state);
	struct rig *r = d.r;
	char before[128], room[128];
	(void)snprintf(before, sizeof(before), "%s/before", r->dir);
	copy(r->keeper, before);
	const char *new_key = another_key(&d, room);
	bool is_failed = true;
	for (unsigned long n = 1; is_failed; n++) {
		must(n < CALLS_MAX);
		copy(before, r->keeper);
		is_failed = is_broken_off(&d, rotate, n, false);
		bool is_old = starts_with(&d, r->key_file);
		assert_true(is_old || starts_with(&d, new_key));
		assert_whole(&d, true);
	}
	assert_true(starts_with(&d, new_key));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RIG_TEST(test_restore_takes_two_and_erases_again),
	    RIG_TEST(test_changed_rows_are_not_blessed),
	    RIG_TEST(test_restore_killed_anywhere),
	    RIG_TEST(test_new_master_key),
	    RIG_TEST(test_new_master_key_killed_anywhere),
	    RIG_TEST(test_new_master_key_without_space),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
