#include "serve/command.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/num.h"
#include "serve/found.h"
#include "serve/serve.h"

enum { PATH_BYTES = 512 };

static int
complain(const struct err *err)
{
	fprintf(stderr, "fumikura: %s\n", err->text);
	return 1;
}

static int
usage(const char *text)
{
	fprintf(stderr, "usage: fumikura %s\n", text);
	return 2;
}

/* Where the packs are: beside the program, or where it is installed. */
static const char *
packs_dir(const char *given, char room[PATH_BYTES])
{
	char self[PATH_BYTES];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (given != NULL)
		return given;
	if (n > 0) {
		self[n] = '\0';
		char *slash = strrchr(self, '/');
		if (slash != NULL) {
			*slash = '\0';
			(void)snprintf(room, PATH_BYTES, "%.480s/../packs",
			    self);
			if (access(room, R_OK) == 0)
				return room;
		}
	}
	return access("packs", R_OK) == 0 ? "packs"
	    : "/usr/share/fumikura/packs";
}

static bool
read_number(const char *s, uint64_t max, uint64_t *ret)
{
	return num_read_u64(slice_of(s), max, ret);
}

/* ---- init ---- */

int
command_init(int argc, char **argv)
{
	static const struct option options[] = {
	    {"origin", required_argument, NULL, 'o'},
	    {"key-file", required_argument, NULL, 'k'},
	    {"two-persons", no_argument, NULL, '2'},
	    {NULL, 0, NULL, 0},
	};
	static const char text[] = "init --origin NAME [--key-file FILE | "
	    "--two-persons] DATA";
	struct unlock unlock = {.way = UNLOCK_PASSPHRASE,
	    .input_fd = STDIN_FILENO, .is_prompting = isatty(STDIN_FILENO)};
	const char *origin = NULL;
	struct err err = ERR_INIT;
	int c;
	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'o')
			origin = optarg;
		else if (c == '2')
			unlock.needs_two_persons = true;
		else if (c == 'k') {
			unlock.way = UNLOCK_KEY_FILE;
			unlock.key_file = optarg;
		} else
			return usage(text);
	}
	if (origin == NULL || optind != argc - 1)
		return usage(text);
	if (!found_installation(argv[optind], origin, &unlock,
	    PASSWORD_COST_ORDINARY, stdout, &err))
		return complain(&err);
	return 0;
}

/* ---- demo ---- */

int
command_demo(int argc, char **argv)
{
	static const struct option options[] = {
	    {"residents", required_argument, NULL, 'n'},
	    {"packs", required_argument, NULL, 'p'},
	    {"store", required_argument, NULL, 's'},
	    {"no-sandbox", no_argument, NULL, 'x'},
	    {NULL, 0, NULL, 0},
	};
	static const char text[] = "demo [--residents N] [--packs DIR] "
	    "[--store SPEC] DATA";
	char room[PATH_BYTES];
	const char *packs = NULL;
	struct demo_options o = {.residents = 2000};
	struct err err = ERR_INIT;
	int c;
	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'n' && read_number(optarg, 1000000, &o.residents))
			continue;
		if (c == 'p')
			packs = optarg;
		else if (c == 's')
			o.store = optarg;
		else if (c == 'x')
			o.has_no_sandbox = true;
		else
			return usage(text);
	}
	if (optind != argc - 1)
		return usage(text);
	o.dir = argv[optind];
	o.packs = packs_dir(packs, room);
	return found_demo(&o, stdout, &err) ? 0 : complain(&err);
}

/* ---- serve ---- */

int
command_serve(int argc, char **argv)
{
	static const struct option options[] = {
	    {"listen", required_argument, NULL, 'l'},
	    {"port", required_argument, NULL, 'p'},
	    {"threads", required_argument, NULL, 't'},
	    {"store", required_argument, NULL, 's'},
	    {"packs", required_argument, NULL, 'P'},
	    {"key-file", required_argument, NULL, 'k'},
	    {"tls-cert", required_argument, NULL, 'c'},
	    {"tls-key", required_argument, NULL, 'K'},
	    {"terminal-ca", required_argument, NULL, 'C'},
	    {"plain-http", no_argument, NULL, 'h'},
	    {"no-sandbox", no_argument, NULL, 'x'},
	    {NULL, 0, NULL, 0},
	};
	static const char text[] = "serve [--listen ADDRESS] [--port N] "
	    "[--threads N] [--store SPEC] [--packs DIR] [--key-file FILE] "
	    "[--tls-cert FILE --tls-key FILE] [--terminal-ca FILE] "
	    "[--plain-http] DATA";
	char packs[PATH_BYTES], key[PATH_BYTES];
	const char *packs_given = NULL, *key_file = NULL;
	struct serve_options o = {.address = "127.0.0.1", .port = 8443,
	    .threads = 1, .household = {.cost = PASSWORD_COST_ORDINARY}};
	struct err err = ERR_INIT;
	uint64_t number;
	int c;
	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'l':
			o.address = optarg;
			break;
		case 'p':
			if (!read_number(optarg, 65535, &number))
				return usage(text);
			o.port = (uint16_t)number;
			break;
		case 't':
			if (!read_number(optarg, 12, &number) || number == 0)
				return usage(text);
			o.threads = (unsigned)number;
			break;
		case 's':
			o.household.store = optarg;
			break;
		case 'P':
			packs_given = optarg;
			break;
		case 'k':
			key_file = optarg;
			break;
		case 'c':
			o.tls_cert = optarg;
			break;
		case 'K':
			o.tls_key = optarg;
			break;
		case 'C':
			o.terminal_ca = optarg;
			break;
		case 'h':
			o.is_plain = true;
			break;
		case 'x':
			o.household.has_no_sandbox = true;
			break;
		default:
			return usage(text);
		}
	}
	if (optind != argc - 1 || (o.tls_cert == NULL) != (o.tls_key == NULL))
		return usage(text);
	o.household.dir = argv[optind];
	o.household.packs = packs_dir(packs_given, packs);
	(void)snprintf(key, sizeof(key), "%.480s/demo.key", o.household.dir);
	if (key_file == NULL && access(key, R_OK) == 0)
		key_file = key;
	o.household.unlock = key_file != NULL
	    ? (struct unlock){.way = UNLOCK_KEY_FILE, .key_file = key_file}
	    : (struct unlock){.way = UNLOCK_PASSPHRASE,
	          .input_fd = STDIN_FILENO,
	          .is_prompting = isatty(STDIN_FILENO)};
	return serve_run(&o, &err) ? 0 : complain(&err);
}
