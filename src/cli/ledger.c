#include "cli/ledger.h"

#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/date.h"
#include "ledger/verify.h"

static int
usage(void)
{
	fprintf(stderr, "usage: fumikura ledger verify DIR [--key VKEY]\n"
	    "       fumikura ledger export DIR OUT [--key VKEY]\n");
	return 2;
}

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

int
cli_ledger(int argc, char **argv)
{
	static const struct option options[] = {
	    {"key", required_argument, NULL, 'k'}, {NULL, 0, NULL, 0}};
	struct note_key key;
	const struct note_key *known = NULL;
	struct verified v = {0};
	struct err err = ERR_INIT;
	char room[1024];
	int c;
	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'k')
			return usage();
		if (!note_key_read(slice_of(optarg), &key, &err)) {
			fprintf(stderr, "fumikura: %s\n", err.text);
			return 2;
		}
		known = &key;
	}
	int left = argc - optind;
	bool is_export = left == 3 && slice_is(slice_of(argv[optind]),
	    "export");
	if (!is_export && !(left == 2 && slice_is(slice_of(argv[optind]),
	    "verify")))
		return usage();
	const char *dir = find_log(argv[optind + 1], room, sizeof(room));
	bool worked = is_export
	    ? ledger_export(file_layer_system(), dir, known, argv[optind + 2],
	        &v, &err)
	    : verify_log(file_layer_system(), dir, known, &v, &err);
	if (!worked) {
		fprintf(stderr, "fumikura: %s: %s\n", dir, err.text);
		return 1;
	}
	print(&v);
	return 0;
}
