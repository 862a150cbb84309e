#include "serve/unlocking.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

enum { SHARES_BYTES = KEEPER_SHARES * KEEPER_SHARE_MAX_BYTES };

#define OPTIONS_END {NULL, NULL, WORD_NONE, false}

const struct cli_option unlocking_options[] = {
    {"key-file", "FILE", WORD_CLI_OPTION_KEY_FILE, false},
    {"passphrase-file", "FILE", WORD_CLI_OPTION_PASSPHRASE_FILE, false},
    {"token", "LABEL", WORD_CLI_OPTION_TOKEN, false},
    {"token-module", "FILE", WORD_CLI_OPTION_TOKEN_MODULE, false},
    {"token-key", "LABEL", WORD_CLI_OPTION_TOKEN_KEY, false},
    {"pin-file", "FILE", WORD_CLI_OPTION_PIN_FILE, false},
    {"shares", NULL, WORD_CLI_OPTION_SHARES, false},
    OPTIONS_END,
};

static const enum word prompts[UNLOCK_PROMPTS] = {
    [PROMPT_PASSPHRASE] = WORD_CLI_PROMPT_PASSPHRASE,
    [PROMPT_SECOND_PASSPHRASE] = WORD_CLI_PROMPT_SECOND_PASSPHRASE,
    [PROMPT_NEW] = WORD_CLI_PROMPT_NEW,
    [PROMPT_SECOND_NEW] = WORD_CLI_PROMPT_SECOND_NEW,
    [PROMPT_AGAIN] = WORD_CLI_PROMPT_AGAIN,
    [PROMPT_PIN] = WORD_CLI_PROMPT_PIN,
    [PROMPT_SHARE] = WORD_CLI_PROMPT_SHARE,
    [PROMPT_SECOND_SHARE] = WORD_CLI_PROMPT_SECOND_SHARE,
};

const char *const *
unlocking_prompts(const struct cli_call *call, struct unlocking_room *room)
{
	for (size_t i = 0; i < UNLOCK_PROMPTS; i++)
		room->prompts[i] = word_text(prompts[i], call->lang);
	return room->prompts;
}

/* From standard input; asked for where that is a terminal. */
static struct unlock
typed(const struct cli_call *call, enum unlock_way way,
    struct unlocking_room *room)
{
	return (struct unlock){.way = way, .input_fd = STDIN_FILENO,
	    .is_prompting = isatty(STDIN_FILENO),
	    .prompts = unlocking_prompts(call, room)};
}

/* The lines stand in a file: a credential of systemd, say. */
static bool
read_from(const struct cli_call *call, const char *path, struct unlock *u)
{
	struct err err = ERR_INIT;
	if (path == NULL)
		return true;
	u->is_prompting = false;
	u->input_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (u->input_fd >= 0)
		return true;
	(void)ERR(&err, ERR_INPUT, "%s cannot be read", path);
	(void)cli_complain(call, &err);
	return false;
}

bool
unlocking_read(const struct cli_call *call, const char *dir,
    struct unlocking_room *room, struct unlock *ret)
{
	const char *token = cli_value(call, "token");
	const char *key_file = cli_value(call, "key-file");
	bool has_shares = cli_has(call, "shares");
	bool has_phrase = cli_has(call, "passphrase-file");
	if ((token != NULL) + (key_file != NULL) + has_shares +
	    has_phrase > 1) {
		(void)cli_misused(call, WORD_CLI_ONE_WAY, "");
		return false;
	}
	if ((token != NULL) != cli_has(call, "token-module") ||
	    (token == NULL && (cli_has(call, "token-key") ||
	        cli_has(call, "pin-file")))) {
		(void)cli_misused(call, WORD_CLI_TOKEN_WORDS, "");
		return false;
	}
	(void)snprintf(room->demo_key, sizeof(room->demo_key),
	    "%.480s/demo.key", dir);
	if (key_file == NULL && token == NULL && !has_shares && !has_phrase &&
	    access(room->demo_key, R_OK) == 0)
		key_file = room->demo_key;
	*ret = typed(call, token != NULL ? UNLOCK_TOKEN
	    : has_shares ? UNLOCK_SHARES : UNLOCK_PASSPHRASE, room);
	if (key_file != NULL)
		*ret = (struct unlock){.way = UNLOCK_KEY_FILE,
		    .input_fd = STDIN_FILENO, .key_file = key_file};
	ret->token = token;
	ret->module = cli_value(call, "token-module");
	ret->key_label = cli_has(call, "token-key")
	    ? cli_value(call, "token-key") : "fumikura";
	return read_from(call, cli_value(call, "pin-file"), ret) &&
	    read_from(call, cli_value(call, "passphrase-file"), ret);
}

void
unlocking_close(struct unlock *u)
{
	if (u->input_fd != STDIN_FILENO)
		(void)close(u->input_fd);
	u->input_fd = STDIN_FILENO;
}

void
unlocking_print_shares(const struct cli_call *call, const struct buf *shares)
{
	cli_say(stdout, call->lang, WORD_CLI_SHARES_HEAD, NULL);
	printf("%.*s", (int)shares->n, shares->p);
	cli_say(stdout, call->lang, WORD_CLI_SHARES_FOOT, NULL);
}

/* ---- the commands ---- */

/* One change of the ways of DATA. */
struct change {
	const struct cli_call *call;
	char dir[512];
	struct unlocking_room room;
	struct keeper_options options;
	struct buf shares;
};

/* Passphrases are typed twice over, old and new, on the same input. */
static bool
set_way(struct change *c, const struct unlock *added, struct err *err)
{
	return keeper_unlock_set(&c->options, added,
	    added->way == UNLOCK_SHARES ? &c->shares : NULL, err);
}

static void
begin_change(struct change *c, const struct cli_call *call)
{
	*c = (struct change){.call = call, .shares = buf_of(SHARES_BYTES)};
	(void)snprintf(c->dir, sizeof(c->dir), "%.480s/keeper",
	    call->operands[0]);
	c->options = (struct keeper_options){.dir = c->dir,
	    .cost = PASSWORD_COST_ORDINARY};
}

static int
end_change(struct change *c, bool worked, enum word said,
    const struct err *err)
{
	unlocking_close(&c->options.unlock);
	if (worked && c->shares.n > 0)
		unlocking_print_shares(c->call, &c->shares);
	buf_close(&c->shares);
	if (!worked)
		return cli_complain(c->call, err);
	cli_say(stdout, c->call->lang, said, NULL);
	return CLI_DONE;
}

static struct unlock
new_passphrase(struct change *c, bool needs_two)
{
	struct unlock u = typed(c->call, UNLOCK_PASSPHRASE, &c->room);
	u.needs_two_persons = needs_two;
	return u;
}

static int
run_passphrase(const struct cli_call *call)
{
	struct change c;
	struct err err = ERR_INIT;
	begin_change(&c, call);
	if (!unlocking_read(call, call->operands[0], &c.room,
	    &c.options.unlock))
		return CLI_USAGE;
	const struct unlock added = new_passphrase(&c,
	    cli_has(call, "two-persons"));
	return end_change(&c, set_way(&c, &added, &err),
	    WORD_CLI_PASSPHRASE_SET, &err);
}

static int
run_recover(const struct cli_call *call)
{
	struct change c;
	struct err err = ERR_INIT;
	begin_change(&c, call);
	c.options.unlock = typed(call, UNLOCK_SHARES, &c.room);
	const struct unlock added = new_passphrase(&c,
	    cli_has(call, "two-persons"));
	return end_change(&c, set_way(&c, &added, &err),
	    WORD_CLI_PASSPHRASE_SET, &err);
}

static const enum word way_words[UNLOCK_WAYS] = {
    [UNLOCK_PASSPHRASE] = WORD_CLI_WAY_PASSPHRASE,
    [UNLOCK_KEY_FILE] = WORD_CLI_WAY_KEY_FILE,
    [UNLOCK_TOKEN] = WORD_CLI_WAY_TOKEN,
    [UNLOCK_SHARES] = WORD_CLI_WAY_SHARES,
};

static int
list_ways(struct change *c)
{
	struct unlock_known known[UNLOCK_WAYS];
	struct err err = ERR_INIT;
	size_t n;
	if (!keeper_unlock_list(c->dir, known, &n, &err))
		return cli_complain(c->call, &err);
	for (size_t i = 0; i < n; i++)
		cli_say(stdout, c->call->lang, known[i].needs_two_persons
		    ? WORD_CLI_WAY_PASSPHRASE_TWO : way_words[known[i].way],
		    NULL);
	return CLI_DONE;
}

static bool
read_way(const char *name, enum unlock_way *ret)
{
	static const char *const names[UNLOCK_WAYS] = {
	    [UNLOCK_PASSPHRASE] = "passphrase",
	    [UNLOCK_KEY_FILE] = "key-file", [UNLOCK_TOKEN] = "token",
	    [UNLOCK_SHARES] = "shares"};
	for (unsigned i = 0; i < UNLOCK_WAYS; i++)
		if (strcmp(name, names[i]) == 0) {
			*ret = (enum unlock_way)i;
			return true;
		}
	return false;
}

/* The token that the options name; false: complained of. */
static bool
read_token(struct change *c, struct unlock *ret)
{
	const struct cli_call *call = c->call;
	*ret = typed(call, UNLOCK_TOKEN, &c->room);
	ret->token = cli_value(call, "add-token");
	ret->module = cli_value(call, "add-token-module");
	ret->key_label = cli_has(call, "add-token-key")
	    ? cli_value(call, "add-token-key") : "fumikura";
	ret->makes_key = true;
	if (ret->module != NULL)
		return true;
	(void)cli_misused(call, WORD_CLI_TOKEN_WORDS, "");
	return false;
}

/* What is to be added, by the options; false: complained of. */
static bool
read_added(struct change *c, struct unlock *ret)
{
	if (cli_has(c->call, "add-token"))
		return read_token(c, ret);
	*ret = cli_has(c->call, "new-shares")
	    ? (struct unlock){.way = UNLOCK_SHARES}
	    : (struct unlock){.way = UNLOCK_KEY_FILE,
	          .key_file = cli_value(c->call, "add-key-file")};
	return true;
}

static int
run_unlock(const struct cli_call *call)
{
	struct change c;
	struct err err = ERR_INIT;
	struct unlock added;
	enum unlock_way removed = UNLOCK_WAYS;
	const char *remove = cli_value(call, "remove");
	unsigned n = cli_has(call, "add-key-file") +
	    cli_has(call, "add-token") + cli_has(call, "new-shares") +
	    (remove != NULL);
	begin_change(&c, call);
	if (n == 0)
		return list_ways(&c);
	if (n > 1)
		return cli_misused(call, WORD_CLI_ONE_CHANGE, "");
	if (remove != NULL && !read_way(remove, &removed))
		return cli_misused(call, WORD_CLI_NO_SUCH_WAY, remove);
	if (!unlocking_read(call, call->operands[0], &c.room,
	    &c.options.unlock))
		return CLI_USAGE;
	if (remove != NULL)
		return end_change(&c, keeper_unlock_remove(&c.options, removed,
		    &err), WORD_CLI_WAY_REMOVED, &err);
	if (!read_added(&c, &added))
		return CLI_USAGE;
	return end_change(&c, set_way(&c, &added, &err), WORD_CLI_WAY_ADDED,
	    &err);
}

/*
 * The ways of the new master key: as given, and a passphrase where there was
 * one or nothing else is given. False: complained of.
 */
static bool
read_new_ways(struct change *c, struct unlock ret[UNLOCK_WAYS], size_t *ret_n,
    const struct unlock_known *known, size_t n_known)
{
	bool has_phrase = false;
	*ret_n = 0;
	if (cli_has(c->call, "add-key-file"))
		ret[(*ret_n)++] = (struct unlock){.way = UNLOCK_KEY_FILE,
		    .key_file = cli_value(c->call, "add-key-file")};
	if (cli_has(c->call, "add-token") &&
	    !read_token(c, &ret[(*ret_n)++]))
		return false;
	for (size_t i = 0; i < n_known; i++)
		has_phrase = has_phrase || known[i].way == UNLOCK_PASSPHRASE;
	if (has_phrase || *ret_n == 0)
		ret[(*ret_n)++] = new_passphrase(c,
		    cli_has(c->call, "two-persons"));
	return true;
}

static bool
is_among(const struct unlock *ways, size_t n, enum unlock_way way)
{
	for (size_t i = 0; i < n; i++)
		if (ways[i].way == way)
			return true;
	return false;
}

static int
run_rotate(const struct cli_call *call)
{
	struct change c;
	struct err err = ERR_INIT;
	struct unlock_known known[UNLOCK_WAYS];
	struct unlock ways[UNLOCK_WAYS];
	size_t n_known, n;
	begin_change(&c, call);
	if (!keeper_unlock_list(c.dir, known, &n_known, &err))
		return cli_complain(call, &err);
	if (!unlocking_read(call, call->operands[0], &c.room,
	    &c.options.unlock))
		return CLI_USAGE;
	if (!read_new_ways(&c, ways, &n, known, n_known))
		return CLI_USAGE;
	bool worked = keeper_rotate(&c.options, ways, n, &c.shares, &err);
	for (size_t i = 0; worked && i < n_known; i++)
		if (known[i].way != UNLOCK_SHARES &&
		    !is_among(ways, n, known[i].way))
			cli_say(stdout, call->lang, WORD_CLI_WAY_GONE,
			    word_text(way_words[known[i].way], call->lang),
			    NULL);
	return end_change(&c, worked, WORD_CLI_ROTATED, &err);
}

static const struct cli_option new_options[] = {
    {"two-persons", NULL, WORD_CLI_OPTION_TWO_PERSONS, false},
    OPTIONS_END,
};

static const struct cli_option rotate_options[] = {
    {"add-key-file", "FILE", WORD_CLI_OPTION_ADD_KEY_FILE, false},
    {"add-token", "LABEL", WORD_CLI_OPTION_ADD_TOKEN, false},
    {"add-token-module", "FILE", WORD_CLI_OPTION_TOKEN_MODULE, false},
    {"add-token-key", "LABEL", WORD_CLI_OPTION_TOKEN_KEY, false},
    {"two-persons", NULL, WORD_CLI_OPTION_TWO_PERSONS, false},
    OPTIONS_END,
};

static const struct cli_option way_options[] = {
    {"add-key-file", "FILE", WORD_CLI_OPTION_ADD_KEY_FILE, false},
    {"add-token", "LABEL", WORD_CLI_OPTION_ADD_TOKEN, false},
    {"add-token-module", "FILE", WORD_CLI_OPTION_TOKEN_MODULE, false},
    {"add-token-key", "LABEL", WORD_CLI_OPTION_TOKEN_KEY, false},
    {"new-shares", NULL, WORD_CLI_OPTION_NEW_SHARES, false},
    {"remove", "WAY", WORD_CLI_OPTION_REMOVE, false},
    OPTIONS_END,
};

const struct cli_command command_passphrase = {
    .name = "passphrase", .operands = "DATA", .min_operands = 1,
    .max_operands = 1, .what = WORD_CLI_PASSPHRASE,
    .options = {new_options, unlocking_options}, .run = run_passphrase,
};

const struct cli_command command_recover = {
    .name = "recover", .operands = "DATA", .min_operands = 1,
    .max_operands = 1, .what = WORD_CLI_RECOVER, .options = {new_options},
    .run = run_recover,
};

const struct cli_command command_unlock = {
    .name = "unlock", .operands = "DATA", .min_operands = 1,
    .max_operands = 1, .what = WORD_CLI_UNLOCK,
    .options = {way_options, unlocking_options}, .run = run_unlock,
};

const struct cli_command command_rotate = {
    .name = "rotate", .operands = "DATA", .min_operands = 1,
    .max_operands = 1, .what = WORD_CLI_ROTATE,
    .options = {rotate_options, unlocking_options}, .run = run_rotate,
};
