/*
 * Goal of this test: each way to the master key opens it, and nothing like
 * it does. The token part runs where SoftHSM is installed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/must.h"
#include "keeper/share.h"
#include "keeper_rig.h"

static const char softhsm[] = "/usr/lib/softhsm/libsofthsm2.so";

static void
test_two_shares_of_three(void **state)
{
	uint8_t key[32], got[32];
	struct share s[SHARES], other[SHARES], read;
	struct err err;
	(void)state;
	for (unsigned i = 0; i < 32; i++)
		key[i] = (uint8_t)(i * 37 + 1);
	shares_make(key, s);
	shares_make(key, other);
	for (size_t a = 0; a < SHARES; a++) {
		for (size_t b = 0; b < SHARES; b++) {
			if (a == b) {
				assert_false(
				    shares_join(&s[a], &s[b], got, &err));
				continue;
			}
			assert_true(shares_join(&s[a], &s[b], got, &err));
			assert_memory_equal(got, key, 32);
			assert_false(
			    shares_join(&s[a], &other[b], got, &err));
		}
		/* one alone is not the key */
		assert_memory_not_equal(s[a].value, key, 32);
		struct buf b = buf_of(256);
		share_write(&s[a], &b);
		assert_true(share_read((struct slice){b.p, b.n}, &read, &err));
		assert_memory_equal(&read, &s[a], sizeof(read));
		/* as somebody may type it */
		for (size_t i = 0; i < b.n; i++) {
			if (b.p[i] == '-')
				b.p[i] = ' ';
			else if (b.p[i] >= 'a' && b.p[i] <= 'z')
				b.p[i] = (char)(b.p[i] - 'a' + 'A');
		}
		assert_true(share_read((struct slice){b.p, b.n}, &read, &err));
		for (size_t i = 3; i < b.n; i++) {
			char was = b.p[i];
			if (was == ' ')
				continue;
			b.p[i] = was == '1' ? '2' : '1';
			assert_false(
			    share_read((struct slice){b.p, b.n}, &read, &err));
			b.p[i] = was;
		}
		assert_false(
		    share_read((struct slice){b.p, b.n - 1}, &read, &err));
		buf_close(&b);
	}
}

/* A descriptor from which those lines can be read. */
static int
lines(const char *text)
{
	int fds[2];
	must(pipe(fds) == 0);
	must(write(fds[1], text, strlen(text)) == (ssize_t)strlen(text));
	(void)close(fds[1]);
	return fds[0];
}

static enum err_code
start_with(struct rig *r, struct unlock u, const char *input)
{
	struct err err = ERR_INIT;
	struct keeper_options o = r->options;
	u.input_fd = lines(input);
	o.unlock = u;
	o.script = r->now;
	bool ok = keeper_launch(&o, &r->process, &err);
	(void)close(u.input_fd);
	if (ok)
		keeper_stop(&r->process);
	return ok ? ERR_NONE : err.code;
}

/* Adds a way, by the one that the rig's options name. */
static enum err_code
set(struct rig *r, struct unlock u, const char *input)
{
	struct err err = ERR_INIT;
	struct keeper_options o = r->options;
	u.input_fd = lines(input);
	o.script = r->now;
	bool ok = keeper_unlock_set(&o, &u, NULL, &err);
	(void)close(u.input_fd);
	if (!ok)
		print_message("%s\n", err.text);
	return ok ? ERR_NONE : err.code;
}

static void
test_passphrase_of_two_persons(void **state)
{
	struct rig *r = rig_open();
	(void)state;
	rig_stop(r);
	struct unlock u = {.way = UNLOCK_PASSPHRASE, .needs_two_persons = true};
	assert_int_equal(start_with(r, u, "a\nb\n"), ERR_NOT_FOUND);
	assert_int_equal(set(r, u, "first person\ntoo short\n"), ERR_INPUT);
	assert_int_equal(
	    set(r, u, "first person\nfirst person\n"), ERR_INPUT);
	assert_int_equal(
	    set(r, u, "first person\nsecond person\n"), ERR_NONE);
	assert_int_equal(
	    start_with(r, u, "first person\nsecond person\n"), ERR_NONE);
	assert_int_equal(
	    start_with(r, u, "second person\nfirst person\n"), ERR_DENIED);
	assert_int_equal(start_with(r, u, "first person\n"), ERR_INPUT);
	assert_int_equal(
	    start_with(r, u, "first person\nfirst person\n"), ERR_DENIED);
	/* the key file goes on starting it, and maintains nothing any more */
	assert_int_equal(start_with(r, r->options.unlock, ""), ERR_NONE);
	r->options.is_maintenance = true;
	assert_int_equal(start_with(r, r->options.unlock, ""), ERR_DENIED);
	assert_int_equal(
	    start_with(r, u, "first person\nsecond person\n"), ERR_NONE);
	r->options.is_maintenance = false;
	assert_int_equal(
	    set(r, u, "another one\nsecond one too\n"), ERR_DENIED);
	must(truncate(r->key_file, 31) == 0);
	assert_int_equal(start_with(r, r->options.unlock, ""), ERR_INPUT);
	assert_true(rig_start(r) == false);
	/* rig_close() wants something to close */
	FILE *f = fopen(r->key_file, "w");
	must(f != NULL &&
	    fputs("3031323334353637383961626364656630313233343536373839"
		  "616263646566\n", f) >= 0);
	(void)fclose(f);
	assert_true(rig_start(r)); /* the same in hexadecimal */
	rig_close(r);
}

static void
test_recovery_shares(void **state)
{
	struct rig *r = rig_open();
	struct buf shares = buf_of(1024);
	struct err err;
	char dir[128], text[512], wrong[512];
	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s/second", r->dir);
	assert_true(keeper_init(dir, "second.example/scripted",
	    &r->options.unlock, PASSWORD_COST_TEST, &shares, &err));
	assert_false(keeper_init(dir, "second.example/scripted",
	    &r->options.unlock, PASSWORD_COST_TEST, NULL, &err));
	assert_int_equal(err.code, ERR_CONFLICT);
	rig_stop(r);
	r->options.dir = dir;
	struct unlock u = {.way = UNLOCK_SHARES};
	(void)snprintf(text, sizeof(text), "%.*s", (int)shares.n, shares.p);
	assert_int_equal(start_with(r, u, text), ERR_NONE);
	char *second = strchr(text, '\n') + 1; /* without the first share */
	assert_int_equal(start_with(r, u, second), ERR_NONE);
	(void)snprintf(wrong, sizeof(wrong), "%.*s%.*s",
	    (int)(second - text), text, (int)(second - text), text);
	assert_int_equal(start_with(r, u, wrong), ERR_INPUT);
	buf_close(&shares);
	/* the clock that the origin names, and no other */
	struct keeper_options o = r->options;
	o.script = 0;
	assert_false(keeper_launch(&o, &r->process, &err));
	assert_int_equal(err.code, ERR_INPUT);
	assert_true(rig_start(r));
	/* one keeper a folder */
	struct keeper_process p;
	assert_false(keeper_launch(&r->options, &p, &err));
	assert_int_equal(err.code, ERR_BUSY);
	rig_close(r);
}

static void
test_another_key_opens_nothing(void **state)
{
	struct rig *r = rig_open();
	struct err err;
	(void)state;
	rig_stop(r);
	FILE *f = fopen(r->key_file, "w");
	must(f != NULL && fputs("0123456789abcdef0123456789abcdeX", f) >= 0);
	(void)fclose(f);
	assert_false(keeper_launch(&r->options, &r->process, &err));
	assert_int_equal(err.code, ERR_DENIED);
	f = fopen(r->key_file, "w");
	must(f != NULL && fputs("0123456789abcdef0123456789abcdef", f) >= 0);
	(void)fclose(f);
	/* a changed key file is no key file */
	char path[128];
	(void)snprintf(path, sizeof(path), "%s/keys", r->keeper);
	f = fopen(path, "r+");
	must(f != NULL && fseek(f, -1, SEEK_END) == 0);
	int c = fgetc(f);
	must(fseek(f, -1, SEEK_END) == 0 && fputc(c ^ 1, f) != EOF);
	(void)fclose(f);
	assert_false(keeper_launch(&r->options, &r->process, &err));
	assert_int_equal(err.code, ERR_CORRUPT);
	f = fopen(path, "r+");
	must(f != NULL && fseek(f, -1, SEEK_END) == 0);
	must(fputc(c, f) != EOF);
	(void)fclose(f);
	assert_true(rig_start(r));
	rig_close(r);
}

/* One line of the input serves two calls: what opens, then what is made. */
static void
test_ways_come_and_go_with_an_entry(void **state)
{
	struct rig *r = rig_open();
	struct buf shares = buf_of(1024);
	struct unlock_known known[UNLOCK_WAYS];
	struct err err = ERR_INIT;
	size_t n;
	(void)state;
	uint64_t before = rig_entries(r);
	rig_stop(r);
	const struct unlock word = {.way = UNLOCK_PASSPHRASE};
	const struct unlock file = r->options.unlock;
	struct keeper_options o = r->options;
	o.script = r->now;
	/* the only way stays */
	assert_false(keeper_unlock_remove(&o, UNLOCK_KEY_FILE, &err));
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_int_equal(set(r, word, "a passphrase\n"), ERR_NONE);
	assert_true(keeper_unlock_remove(&o, UNLOCK_KEY_FILE, &err));
	assert_int_equal(start_with(r, file, ""), ERR_NOT_FOUND);
	assert_int_equal(start_with(r, word, "a passphrase\n"), ERR_NONE);
	/* changed: the old one opens nothing */
	o.unlock = r->options.unlock = word;
	r->options.unlock.input_fd = lines("a passphrase\n");
	assert_int_equal(set(r, word, "another passphrase\n"), ERR_NONE);
	(void)close(r->options.unlock.input_fd);
	assert_int_equal(start_with(r, word, "a passphrase\n"), ERR_DENIED);
	/* shares made later recover a lost one */
	o.unlock.input_fd = lines("another passphrase\n");
	assert_true(keeper_unlock_set(&o,
	    &(struct unlock){.way = UNLOCK_SHARES}, &shares, &err));
	(void)close(o.unlock.input_fd);
	r->options.unlock = (struct unlock){.way = UNLOCK_SHARES};
	buf_add_byte(&shares, '\0');
	r->options.unlock.input_fd = lines(shares.p);
	assert_int_equal(set(r, word, "found it again\n"), ERR_NONE);
	(void)close(r->options.unlock.input_fd);
	assert_true(keeper_unlock_list(r->keeper, known, &n, &err));
	assert_int_equal(n, 2);
	r->options.unlock = word;
	r->options.unlock.input_fd = lines("found it again\n");
	assert_true(rig_start(r));
	/* each start and each deed has its entry: 5 deeds, 5 more starts */
	assert_true(rig_entries(r) >= before + 10);
	(void)close(r->options.unlock.input_fd);
	buf_close(&shares);
	rig_close(r);
}

/*
 * The key is made in the token. (`softhsm2-util --import --aes` reads its
 * file as a line of text: a key with a zero byte or a newline is cut, and
 * then the token refuses to wrap.)
 */
static void
test_token(void **state)
{
	(void)state;
	if (access(softhsm, R_OK) != 0) {
		skip();
		return;
	}
	struct rig *r = rig_open();
	char command[1024], conf[128];
	rig_stop(r);
	(void)snprintf(conf, sizeof(conf), "%s/softhsm2.conf", r->dir);
	(void)snprintf(command, sizeof(command),
	    "mkdir %s/tokens && echo 'directories.tokendir = %s/tokens' > %s",
	    r->dir, r->dir, conf);
	must(system(command) == 0);
	must(setenv("SOFTHSM2_CONF", conf, 1) == 0);
	must(system("softhsm2-util --init-token --free --label fumikura "
	    "--pin 1234 --so-pin 4321 >/dev/null") == 0);
	struct unlock u = {
	    .way = UNLOCK_TOKEN,
	    .module = softhsm,
	    .token = "fumikura",
	    .key_label = "master",
	};
	assert_int_equal(set(r, u, "1234\n"), ERR_NOT_FOUND);
	u.makes_key = true;
	assert_int_equal(set(r, u, "1234\n"), ERR_NONE);
	assert_int_equal(set(r, u, "1234\n"), ERR_NONE); /* the same key */
	assert_int_equal(start_with(r, u, "1234\n"), ERR_NONE);
	assert_int_equal(start_with(r, u, "9999\n"), ERR_DENIED);
	u.key_label = "another"; /* made when a way is added, not to open one */
	assert_int_equal(start_with(r, u, "1234\n"), ERR_NOT_FOUND);
	assert_true(rig_start(r));
	rig_close(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_two_shares_of_three),
	    cmocka_unit_test(test_passphrase_of_two_persons),
	    cmocka_unit_test(test_recovery_shares),
	    cmocka_unit_test(test_another_key_opens_nothing),
	    cmocka_unit_test(test_ways_come_and_go_with_an_entry),
	    cmocka_unit_test(test_token),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
