#include "serve/command.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "serve/found.h"
#include "serve/serve.h"

enum { PATH_BYTES = 512, RESIDENTS_MAX = 1000000, THREADS_MAX = 12,
	PORT_MAX = 65535 };

#define OPTIONS_END {NULL, NULL, WORD_NONE, false}

const struct cli_option place_options[] = {
    {"store", "SPEC", WORD_CLI_OPTION_STORE, false},
    {"packs", "DIR", WORD_CLI_OPTION_PACKS, false},
    {"no-sandbox", NULL, WORD_CLI_OPTION_NO_SANDBOX, false},
    OPTIONS_END,
};

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

static void
read_place(const struct cli_call *call, struct place_room *room,
    struct household_options *ret)
{
	*ret = (struct household_options){.dir = call->operands[0],
	    .store = cli_value(call, "store"),
	    .packs = packs_dir(cli_value(call, "packs"), room->packs),
	    .has_no_sandbox = cli_has(call, "no-sandbox"),
	    .cost = PASSWORD_COST_ORDINARY};
}

bool
place_read(const struct cli_call *call, struct place_room *room,
    struct household_options *ret)
{
	read_place(call, room, ret);
	return unlocking_read(call, ret->dir, &room->unlocking, &ret->unlock);
}

/* ---- init ---- */

static int
run_init(const struct cli_call *call)
{
	struct unlocking_room room;
	struct unlock unlock;
	struct buf shares = buf_of(KEEPER_SHARES * KEEPER_SHARE_MAX_BYTES);
	struct err err = ERR_INIT;
	const char *origin = cli_value(call, "origin");
	bool needs_two = cli_has(call, "two-persons");
	if (origin == NULL)
		return cli_misused(call, WORD_CLI_ORIGIN_NEEDED, "");
	if (cli_has(call, "shares"))
		return cli_misused(call, WORD_CLI_ONE_WAY, "");
	if (!unlocking_read(call, call->operands[0], &room, &unlock))
		return CLI_USAGE;
	unlock.makes_key = true;
	unlock.needs_two_persons = needs_two &&
	    unlock.way == UNLOCK_PASSPHRASE;
	bool worked = found_installation(call->operands[0], origin, &unlock,
	    PASSWORD_COST_ORDINARY, &shares, &err);
	if (worked)
		unlocking_print_shares(call, &shares);
	buf_close(&shares);
	/* beside what starts the server, what two persons maintain it with */
	if (worked && needs_two && unlock.way != UNLOCK_PASSPHRASE) {
		char dir[PATH_BYTES];
		(void)snprintf(dir, sizeof(dir), "%.480s/keeper",
		    call->operands[0]);
		const struct keeper_options options = {.dir = dir,
		    .unlock = unlock, .cost = PASSWORD_COST_ORDINARY};
		const struct unlock both = {.way = UNLOCK_PASSPHRASE,
		    .input_fd = STDIN_FILENO,
		    .is_prompting = isatty(STDIN_FILENO),
		    .prompts = unlocking_prompts(call, &room),
		    .needs_two_persons = true};
		worked = keeper_unlock_set(&options, &both, NULL, &err);
	}
	unlocking_close(&unlock);
	if (!worked)
		return cli_complain(call, &err);
	cli_say(stdout, call->lang, WORD_CLI_INIT_DONE, call->operands[0],
	    NULL);
	return CLI_DONE;
}

static const struct cli_option init_options[] = {
    {"origin", "NAME", WORD_CLI_OPTION_ORIGIN, false},
    {"two-persons", NULL, WORD_CLI_OPTION_TWO_PERSONS, false},
    OPTIONS_END,
};

const struct cli_command command_init = {
    .name = "init", .operands = "DATA", .min_operands = 1, .max_operands = 1,
    .what = WORD_CLI_INIT, .options = {init_options, unlocking_options},
    .run = run_init,
};

/* ---- demo ---- */

static int
run_demo(const struct cli_call *call)
{
	struct place_room room;
	struct household_options place;
	struct err err = ERR_INIT;
	uint64_t residents;
	if (!cli_number(call, "residents", RESIDENTS_MAX, 2000, &residents))
		return CLI_USAGE;
	read_place(call, &room, &place);
	const struct demo_options o = {.dir = place.dir, .packs = place.packs,
	    .store = place.store, .residents = residents,
	    .has_no_sandbox = place.has_no_sandbox};
	return found_demo(&o, stdout, &err) ? CLI_DONE
	    : cli_complain(call, &err);
}

static const struct cli_option demo_options[] = {
    {"residents", "N", WORD_CLI_OPTION_RESIDENTS, false},
    OPTIONS_END,
};

const struct cli_command command_demo = {
    .name = "demo", .operands = "DATA", .min_operands = 1, .max_operands = 1,
    .what = WORD_CLI_DEMO, .options = {demo_options, place_options},
    .run = run_demo,
};

/* ---- serve ---- */

static bool
read_proxies(const struct cli_call *call, struct serve_options *o)
{
	const char *value;
	while ((value = cli_nth(call, "trusted-proxy", o->proxy_count)) != NULL)
		if (o->proxy_count == HTTP_PROXIES_MAX ||
		    !http_address_read(slice_of(value),
		        &o->proxies[o->proxy_count++])) {
			(void)cli_misused(call, WORD_CLI_WRONG_ADDRESS, value);
			return false;
		}
	return true;
}

static int
run_serve(const struct cli_call *call)
{
	struct place_room room;
	struct serve_options o = {.address = cli_has(call, "listen")
	    ? cli_value(call, "listen") : "127.0.0.1",
	    .tls_cert = cli_value(call, "tls-cert"),
	    .tls_key = cli_value(call, "tls-key"),
	    .terminal_ca = cli_value(call, "terminal-ca"),
	    .is_plain = cli_has(call, "plain-http")};
	struct err err = ERR_INIT;
	uint64_t port, threads;
	if (!cli_number(call, "port", PORT_MAX, 8443, &port) ||
	    !cli_number(call, "threads", THREADS_MAX, 1, &threads) ||
	    !read_proxies(call, &o))
		return CLI_USAGE;
	if (threads == 0)
		return cli_misused(call, WORD_CLI_WRONG_NUMBER, "threads");
	if ((o.tls_cert == NULL) != (o.tls_key == NULL))
		return cli_misused(call, WORD_CLI_TLS_PAIR, "");
	if (!place_read(call, &room, &o.household))
		return CLI_USAGE;
	o.is_demo = o.household.unlock.key_file == room.unlocking.demo_key;
	o.port = (uint16_t)port;
	o.threads = (unsigned)threads;
	enum serve_end end = serve_run(&o, &err);
	unlocking_close(&o.household.unlock);
	switch (end) {
	case SERVE_STOPPED:
		return CLI_DONE;
	case SERVE_LOST:
		return CLI_LOST;
	case SERVE_FAILED:
		break;
	}
	return cli_complain(call, &err);
}

static const struct cli_option serve_options[] = {
    {"listen", "ADDRESS", WORD_CLI_OPTION_LISTEN, false},
    {"port", "N", WORD_CLI_OPTION_PORT, false},
    {"threads", "N", WORD_CLI_OPTION_THREADS, false},
    {"tls-cert", "FILE", WORD_CLI_OPTION_TLS_CERT, false},
    {"tls-key", "FILE", WORD_CLI_OPTION_TLS_KEY, false},
    {"terminal-ca", "FILE", WORD_CLI_OPTION_TERMINAL_CA, false},
    {"trusted-proxy", "ADDRESS", WORD_CLI_OPTION_TRUSTED_PROXY, true},
    {"plain-http", NULL, WORD_CLI_OPTION_PLAIN_HTTP, false},
    OPTIONS_END,
};

const struct cli_command command_serve = {
    .name = "serve", .operands = "DATA", .min_operands = 1,
    .max_operands = 1, .what = WORD_CLI_SERVE,
    .options = {serve_options, place_options, unlocking_options},
    .run = run_serve,
};
