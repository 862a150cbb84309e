#include "serve/command.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/num.h"
#include "serve/found.h"
#include "serve/serve.h"

enum { PATH_BYTES = 512, STATUS_LOST = 4 };

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

/* What the words of `serve` said. */
struct serve_words {
	struct serve_options options;
	const char *packs;
	const char *key_file;
};

static bool
take_serve_option(struct serve_words *w, int c, const char *value)
{
	struct serve_options *o = &w->options;
	uint64_t number;
	switch (c) {
	case 'p':
		if (!read_number(value, 65535, &number))
			return false;
		o->port = (uint16_t)number;
		return true;
	case 't':
		if (!read_number(value, 12, &number) || number == 0)
			return false;
		o->threads = (unsigned)number;
		return true;
	case 'l':
		o->address = value;
		return true;
	case 's':
		o->household.store = value;
		return true;
	case 'P':
		w->packs = value;
		return true;
	case 'k':
		w->key_file = value;
		return true;
	case 'c':
		o->tls_cert = value;
		return true;
	case 'K':
		o->tls_key = value;
		return true;
	case 'C':
		o->terminal_ca = value;
		return true;
	case 'T':
		return o->proxy_count < HTTP_PROXIES_MAX &&
		    http_address_read(slice_of(value),
			&o->proxies[o->proxy_count++]);
	case 'h':
		o->is_plain = true;
		return true;
	case 'x':
		o->household.has_no_sandbox = true;
		return true;
	default:
		return false;
	}
}

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
	    {"trusted-proxy", required_argument, NULL, 'T'},
	    {"plain-http", no_argument, NULL, 'h'},
	    {"no-sandbox", no_argument, NULL, 'x'},
	    {NULL, 0, NULL, 0},
	};
	static const char text[] = "serve [--listen ADDRESS] [--port N] "
	    "[--threads N] [--store SPEC] [--packs DIR] [--key-file FILE] "
	    "[--tls-cert FILE --tls-key FILE] [--terminal-ca FILE] "
	    "[--trusted-proxy ADDRESS]... [--plain-http] DATA";
	char packs[PATH_BYTES], key[PATH_BYTES];
	struct serve_words w = {.options = {.address = "127.0.0.1",
	    .port = 8443, .threads = 1,
	    .household = {.cost = PASSWORD_COST_ORDINARY}}};
	struct serve_options *o = &w.options;
	struct err err = ERR_INIT;
	int c;
	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!take_serve_option(&w, c, optarg))
			return usage(text);
	if (optind != argc - 1 || (o->tls_cert == NULL) != (o->tls_key == NULL))
		return usage(text);
	o->household.dir = argv[optind];
	o->household.packs = packs_dir(w.packs, packs);
	(void)snprintf(key, sizeof(key), "%.480s/demo.key", o->household.dir);
	if (w.key_file == NULL && access(key, R_OK) == 0)
		w.key_file = key;
	o->household.unlock = w.key_file != NULL
	    ? (struct unlock){.way = UNLOCK_KEY_FILE, .key_file = w.key_file}
	    : (struct unlock){.way = UNLOCK_PASSPHRASE,
	          .input_fd = STDIN_FILENO,
	          .is_prompting = isatty(STDIN_FILENO)};
	switch (serve_run(o, &err)) {
	case SERVE_STOPPED:
		return 0;
	case SERVE_LOST:
		return STATUS_LOST;
	case SERVE_FAILED:
		break;
	}
	return complain(&err);
}
