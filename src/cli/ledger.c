/*
 * A log at rest is checked and written out: offline, without any secret key.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "base/date.h"
#include "cli/command.h"
#include "ledger/verify.h"

enum { LOGS_MAX = 8, PATH_BYTES = 1024 };

static void
print(const struct verified *v)
{
	struct buf at = buf_of(128);
	printf("log      %s\nentries  %llu\nroot     ", v->origin,
	    (unsigned long long)v->entries);
	for (size_t i = 0; i < HASH_BYTES; i++)
		printf("%02x", v->root[i]);
	printf("\n");
	if (v->is_signed) {
		instant_format(v->signed_at, DATE_ISO, &at);
		printf("signed   %llu entries, %.*s\n",
		    (unsigned long long)v->signed_entries, (int)at.n, at.p);
	} else {
		printf("signed   nothing yet\n");
	}
	if (v->torn_bytes > 0)
		printf("torn     %llu bytes at the end, never acknowledged\n",
		    (unsigned long long)v->torn_bytes);
	printf("files    %llu checked\n", (unsigned long long)v->files);
	buf_close(&at);
}

/*
 * DATA and DATA/keeper are taken for the logs inside them: `ledger`, and
 * those that restores began, `ledger.2` and on. How many there are.
 */
static size_t
find_logs(const char *dir, char ret[LOGS_MAX][PATH_BYTES])
{
	static const char *const below[] = {"keeper/ledger", "ledger"};
	char first[PATH_BYTES];
	struct stat st;
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(first, sizeof(first), "%.900s/%s", dir,
		    below[i]);
		(void)snprintf(ret[0], PATH_BYTES, "%s", first);
		size_t n = 0;
		while (n < LOGS_MAX && stat(ret[n], &st) == 0)
			if (++n < LOGS_MAX)
				(void)snprintf(ret[n], PATH_BYTES,
				    "%.1000s.%zu", first, n + 1);
		if (n > 0)
			return n;
	}
	(void)snprintf(ret[0], PATH_BYTES, "%s", dir);
	return 1;
}

/* The key that the log must be signed with, where one is given. */
static bool
read_key(const struct cli_call *call, struct note_key *room,
    const struct note_key **ret, struct err *err)
{
	const char *text = cli_value(call, "key");
	*ret = text == NULL ? NULL : room;
	return text == NULL || note_key_read(slice_of(text), room, err);
}

/* Verified, or (out) written out; the reason names the folder. */
static int
check(const struct cli_call *call, const char *dir, const char *out,
    const struct note_key *key)
{
	struct verified v = {0};
	struct err err = ERR_INIT;
	bool worked = out != NULL
	    ? ledger_export(file_layer_system(), dir, key, out, &v, &err)
	    : verify_log(file_layer_system(), dir, key, &v, &err);
	if (!worked) {
		(void)err_wrap(&err, "%s", dir);
		return cli_complain(call, &err);
	}
	print(&v);
	return CLI_DONE;
}

static int
run(const struct cli_call *call)
{
	char dirs[LOGS_MAX][PATH_BYTES];
	struct note_key key;
	const struct note_key *known;
	struct err err = ERR_INIT;
	size_t n = find_logs(call->operands[0], dirs);
	if (!read_key(call, &key, &known, &err)) {
		(void)cli_complain(call, &err);
		return CLI_USAGE;
	}
	/* a key, and a copy, are of one log: the present one */
	if (call->n_operands == 2 || known != NULL)
		return check(call, dirs[n - 1], call->n_operands == 2
		    ? call->operands[1] : NULL, known);
	int code = CLI_DONE;
	for (size_t i = 0; i < n; i++) {
		int one = check(call, dirs[i], NULL, NULL);
		if (one != CLI_DONE)
			code = one;
	}
	return code;
}

static const struct cli_option options[] = {
    {"key", "VKEY", WORD_CLI_OPTION_KEY, false},
    {NULL, NULL, WORD_NONE, false},
};

const struct cli_command cli_ledger_verify = {
    .name = "ledger verify", .operands = "DIR", .min_operands = 1,
    .max_operands = 1, .what = WORD_CLI_LEDGER_VERIFY, .options = {options},
    .run = run,
};

const struct cli_command cli_ledger_export = {
    .name = "ledger export", .operands = "DIR OUT", .min_operands = 2,
    .max_operands = 2, .what = WORD_CLI_LEDGER_EXPORT, .options = {options},
    .run = run,
};
