#include "cli/command.h"

#include <stdarg.h>
#include <string.h>

#include "base/must.h"
#include "base/num.h"
#include "cli/client.h"

/* Of every command. */
static const struct cli_option common[] = {
    {"lang", "ja|en", WORD_CLI_OPTION_LANG, false},
    {"help", NULL, WORD_CLI_OPTION_HELP, false},
    {NULL, NULL, WORD_NONE, false},
};

static const struct cli_option *
option_in(const struct cli_option *list, const char *name, size_t n)
{
	for (; list != NULL && list->name != NULL; list++)
		if (strlen(list->name) == n && memcmp(list->name, name, n) == 0)
			return list;
	return NULL;
}

static const struct cli_option *
option_named(const struct cli_command *c, const char *name, size_t n)
{
	const struct cli_option *o = option_in(common, name, n);
	for (size_t i = 0; o == NULL && i < 4; i++)
		o = option_in(c->options[i], name, n);
	return o;
}

const char *
cli_nth(const struct cli_call *call, const char *name, size_t nth)
{
	const struct cli_option *o = option_named(call->command, name,
	    strlen(name));
	must(o != NULL);
	for (size_t i = 0; i < call->n_given; i++)
		if (call->given[i].option == o && nth-- == 0)
			return call->given[i].value;
	return NULL;
}

const char *
cli_value(const struct cli_call *call, const char *name)
{
	return cli_nth(call, name, 0);
}

bool
cli_has(const struct cli_call *call, const char *name)
{
	return cli_value(call, name) != NULL;
}

bool
cli_number(const struct cli_call *call, const char *name, uint64_t max,
    uint64_t otherwise, uint64_t *ret)
{
	const char *value = cli_value(call, name);
	*ret = otherwise;
	if (value == NULL || num_read_u64(slice_of(value), max, ret))
		return true;
	(void)cli_misused(call, WORD_CLI_WRONG_NUMBER, name);
	return false;
}

/* ---- speaking ---- */

static void
say(FILE *to, enum lang lang, enum word word, va_list list)
{
	const char *args[4] = {"", "", "", ""}, *s;
	for (size_t i = 0; i < 4 && (s = va_arg(list, const char *)) != NULL;
	     i++)
		args[i] = s;
	for (s = word_text(word, lang); *s != '\0'; s++) {
		if (s[0] == '{' && s[1] >= '0' && s[1] <= '3' && s[2] == '}') {
			fputs(args[s[1] - '0'], to);
			s += 2;
		} else
			fputc(*s, to);
	}
}

void
cli_say(FILE *to, enum lang lang, enum word word, ...)
{
	va_list list;
	va_start(list, word);
	say(to, lang, word, list);
	va_end(list);
	fputc('\n', to);
}

void
cli_ask(FILE *to, enum lang lang, enum word word, ...)
{
	va_list list;
	va_start(list, word);
	say(to, lang, word, list);
	va_end(list);
	(void)fflush(to);
}

static const enum word reasons[ERR_CODES] = {
    [ERR_NONE] = WORD_CLI_WHY_SYSTEM,
    [ERR_INPUT] = WORD_CLI_WHY_INPUT,
    [ERR_DENIED] = WORD_CLI_WHY_DENIED,
    [ERR_LOGON] = WORD_CLI_WHY_DENIED,
    [ERR_NOT_FOUND] = WORD_CLI_WHY_NOT_FOUND,
    [ERR_CONFLICT] = WORD_CLI_WHY_CONFLICT,
    [ERR_LIMIT] = WORD_CLI_WHY_LIMIT,
    [ERR_BUSY] = WORD_CLI_WHY_BUSY,
    [ERR_LOST] = WORD_CLI_WHY_LOST,
    [ERR_FULL] = WORD_CLI_WHY_FULL,
    [ERR_CORRUPT] = WORD_CLI_WHY_CORRUPT,
    [ERR_SYSTEM] = WORD_CLI_WHY_SYSTEM,
};

int
cli_complain(const struct cli_call *call, const struct err *err)
{
	fprintf(stderr, "fumikura: %s\n", err->text);
	cli_say(stderr, call->lang, reasons[err->code], NULL);
	return CLI_FAILED;
}

int
cli_misused(const struct cli_call *call, enum word word, const char *arg)
{
	cli_say(stderr, call->lang, word, arg, NULL);
	cli_say(stderr, call->lang, WORD_CLI_SEE_HELP, call->command->name,
	    NULL);
	return CLI_USAGE;
}

/* ---- reading ---- */

/* One option with its value, which may be the next word. */
static int
take_option(struct cli_call *call, const char *word, const char *next,
    int *ret_used)
{
	const char *name = word + 2, *eq = strchr(name, '=');
	size_t n = eq != NULL ? (size_t)(eq - name) : strlen(name);
	const struct cli_option *o = option_named(call->command, name, n);
	const char *value = eq != NULL ? eq + 1 : "";
	*ret_used = 1;
	if (o == NULL)
		return cli_misused(call, WORD_CLI_WRONG_OPTION, word);
	if (o->argument == NULL && eq != NULL)
		return cli_misused(call, WORD_CLI_WRONG_VALUE, word);
	if (o->argument != NULL && eq == NULL) {
		if (next == NULL)
			return cli_misused(call, WORD_CLI_NO_VALUE, word);
		value = next;
		*ret_used = 2;
	}
	for (size_t i = 0; i < call->n_given; i++)
		if (call->given[i].option == o && !o->many)
			return cli_misused(call, WORD_CLI_TWICE, word);
	if (call->n_given == CLI_OPTIONS_MAX)
		return cli_misused(call, WORD_CLI_TOO_MANY, word);
	call->given[call->n_given].option = o;
	call->given[call->n_given++].value = value;
	return CLI_DONE;
}

static int
read_call(struct cli_call *call, int argc, char **argv)
{
	bool has_ended = false;
	for (int i = 0, used = 1; i < argc; i += used) {
		used = 1;
		if (!has_ended && strcmp(argv[i], "--") == 0)
			has_ended = true;
		else if (!has_ended && strncmp(argv[i], "--", 2) == 0) {
			int code = take_option(call, argv[i], i + 1 < argc
			    ? argv[i + 1] : NULL, &used);
			if (code != CLI_DONE)
				return code;
		} else if (call->n_operands == CLI_OPERANDS_MAX)
			return cli_misused(call, WORD_CLI_TOO_MANY, argv[i]);
		else
			call->operands[call->n_operands++] = argv[i];
	}
	return CLI_DONE;
}

static int
run(const struct cli_command *c, enum lang lang, int argc, char **argv)
{
	struct cli_call call = {.command = c, .lang = lang};
	int code = read_call(&call, argc, argv);
	if (code != CLI_DONE)
		return code;
	if (cli_has(&call, "help")) {
		cli_help_command(c, lang, stdout);
		return CLI_DONE;
	}
	if (call.n_operands < c->min_operands ||
	    call.n_operands > c->max_operands)
		return cli_misused(&call, WORD_CLI_WRONG_OPERANDS, c->operands);
	return c->run(&call);
}

/* How many words of the line are this command's name; 0: it is another. */
static int
words_of(const struct cli_command *c, int argc, char **argv)
{
	struct slice left = slice_of(c->name), part;
	int n = 0;
	while (slice_split(&left, ' ', &part)) {
		if (n == argc || !slice_is(part, argv[n]))
			return 0;
		n++;
	}
	return n;
}

static const struct cli_command *
find(const struct cli_commands *c, int argc, char **argv, int *ret_words)
{
	for (size_t i = 0; i < c->n; i++) {
		*ret_words = words_of(c->list[i], argc, argv);
		if (*ret_words > 0)
			return c->list[i];
	}
	return NULL;
}

/* Of the environment, or of --lang wherever it stands. False: another. */
static bool
find_lang(int argc, char **argv, const char *locale, enum lang *ret)
{
	*ret = locale != NULL && strncmp(locale, "ja", 2) == 0 ? LANG_JA
	    : LANG_EN;
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *value = strncmp(argv[i], "--lang=", 7) == 0
		    ? argv[i] + 7 : strcmp(argv[i], "--lang") != 0 ? NULL
		    : i + 1 < argc ? argv[i + 1] : "";
		if (value == NULL)
			continue;
		if (strcmp(value, "ja") != 0 && strcmp(value, "en") != 0)
			return false;
		*ret = strcmp(value, "ja") == 0 ? LANG_JA : LANG_EN;
	}
	return true;
}

static int
unknown(const struct cli_commands *c, const char *name)
{
	cli_say(stderr, c->lang, WORD_CLI_UNKNOWN, name, NULL);
	return CLI_USAGE;
}

static int
help(const struct cli_commands *c, int argc, char **argv)
{
	int words;
	if (argc == 0) {
		cli_help(c, stdout);
		return CLI_DONE;
	}
	const struct cli_command *named = find(c, argc, argv, &words);
	if (named != NULL)
		cli_help_command(named, c->lang, stdout);
	else if (!cli_help_action(argv[0], c->lang, stdout))
		return unknown(c, argv[0]);
	return CLI_DONE;
}

int
cli_main(const struct cli_command *const *commands, size_t n, int argc,
    char **argv, const char *locale)
{
	struct cli_commands c = {.list = commands, .n = n};
	int words;
	if (!find_lang(argc, argv, locale, &c.lang)) {
		cli_say(stderr, c.lang, WORD_CLI_WRONG_LANG, NULL);
		return CLI_USAGE;
	}
	argc--;
	argv++;
	/* before the command too: fumikura --lang ja help */
	while (argc > 0 && strncmp(argv[0], "--lang", 6) == 0) {
		int used = argv[0][6] == '=' || argc == 1 ? 1 : 2;
		argc -= used;
		argv += used;
	}
	if (argc == 0) {
		cli_help(&c, stderr);
		return CLI_USAGE;
	}
	const struct cli_command *named = find(&c, argc, argv, &words);
	if (named != NULL)
		return run(named, c.lang, argc - words, argv + words);
	if (strcmp(argv[0], "help") == 0 || strcmp(argv[0], "--help") == 0) {
		/* the language may stand behind it */
		while (argc > 1 && strncmp(argv[1], "--lang", 6) == 0) {
			int used = argv[1][6] == '=' || argc == 2 ? 1 : 2;
			argc -= used;
			argv += used;
		}
		return help(&c, argc - 1, argv + 1);
	}
	if (strcmp(argv[0], "--man") == 0) {
		cli_manual(&c, stdout);
		return CLI_DONE;
	}
	if (!cli_is_action(argv[0]))
		return unknown(&c, argv[0]);
	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return help(&c, 1, argv);
	return cli_client(c.lang, argc, argv);
}
