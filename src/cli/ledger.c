/*
 * A log at rest is checked and written out: offline, without any secret key.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "base/date.h"
#include "cli/command.h"
#include "ledger/verify.h"

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

/* DATA and DATA/keeper are taken for the log inside them. */
static const char *
find_log(const char *dir, char *room, size_t n)
{
	static const char *const below[] = {"keeper/ledger", "ledger"};
	struct stat st;
	for (size_t i = 0; i < 2; i++)
		if ((size_t)snprintf(room, n, "%s/%s", dir, below[i]) < n &&
		    stat(room, &st) == 0)
			return room;
	return dir;
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

static int
run(const struct cli_call *call)
{
	struct note_key key;
	const struct note_key *known;
	struct verified v = {0};
	struct err err = ERR_INIT;
	char room[1024];
	bool is_export = call->n_operands == 2;
	const char *dir = find_log(call->operands[0], room, sizeof(room));
	if (!read_key(call, &key, &known, &err)) {
		(void)cli_complain(call, &err);
		return CLI_USAGE;
	}
	bool worked = is_export
	    ? ledger_export(file_layer_system(), dir, known,
	        call->operands[1], &v, &err)
	    : verify_log(file_layer_system(), dir, known, &v, &err);
	if (!worked) {
		(void)err_wrap(&err, "%s", dir);
		return cli_complain(call, &err);
	}
	print(&v);
	return CLI_DONE;
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
