/*
 * `found`, `account recover` and `limits`: what is missing is asked for on a
 * terminal.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "people/people.h"
#include "serve/body.h"
#include "serve/command.h"
#include "serve/found.h"

enum { ARENA_BYTES = 1024 * 1024, LINE_BYTES = 512, PACKS_MAX = 100 };

#define OPTIONS_END {NULL, NULL, WORD_NONE, false}

/* One founding as it is read from options and answers. */
struct asking {
	const struct cli_call *call;
	struct arena *arena;
	struct household_options place;
	struct pack *pack;
	struct new_body body;
	bool is_asking; /* standard input is a terminal */
};

/* ---- questions ---- */

/* A line of the terminal, trimmed; empty at its end or past LINE_BYTES. */
static struct slice
ask(struct asking *a, enum word what, const char *arg)
{
	char line[LINE_BYTES];
	size_t n = 0;
	char c;
	cli_ask(stderr, a->call->lang, what, arg, NULL);
	while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
		if (n < sizeof(line))
			line[n++] = c;
	return arena_copy(a->arena, slice_trim(slice_bytes(line, n)));
}

static bool
open_pack(struct asking *a, struct slice id, struct pack **ret,
    struct err *err)
{
	char dir[512];
	if (id.n == 0 || memchr(id.p, '/', id.n) != NULL ||
	    (size_t)snprintf(dir, sizeof(dir), "%s/%.*s", a->place.packs,
	        SLICE_FMT(id)) >= sizeof(dir))
		return ERR(err, ERR_INPUT, "a pack is named by its folder in "
		    "%s", a->place.packs);
	struct pack_faults *faults = pack_faults_open();
	bool worked = faults != NULL ? pack_open(dir, ret, faults, err)
	    : ERR(err, ERR_SYSTEM, "no memory");
	pack_faults_close(faults);
	return worked;
}

/* The packs of bodies that there are, by name and title. */
static void
list_packs(struct asking *a)
{
	DIR *dir = opendir(a->place.packs);
	struct dirent *entry;
	for (unsigned i = 0; dir != NULL && i < PACKS_MAX &&
	     (entry = readdir(dir)) != NULL; i++) {
		struct pack *pack = NULL;
		struct err err = ERR_INIT;
		if (entry->d_name[0] == '.' || !open_pack(a,
		    slice_of(entry->d_name), &pack, &err))
			continue;
		if (pack->kind == PACK_KIND_BODY)
			fprintf(stderr, "  %-12s %.*s\n", entry->d_name,
			    SLICE_FMT(pack->title.ja));
		pack_close(pack);
	}
	if (dir != NULL)
		(void)closedir(dir);
}

static unsigned
count_office(const struct asking *a, struct slice office)
{
	unsigned n = 0;
	for (size_t i = 0; i < a->body.n_persons; i++)
		n += slice_is_equal(a->body.persons[i].office, office);
	return n;
}

/* Those without whom the body cannot go on, as far as the pack has them. */
static void
ask_persons(struct asking *a)
{
	static const struct {
		const char *office;
		unsigned n;
	} first[] = {{"chief", 1}, {"registrar", 2}};
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		struct slice id = slice_of(first[i].office);
		const struct pack_office *office = pack_office(a->pack, id);
		char title[256];
		while (office != NULL && count_office(a, id) < first[i].n &&
		    a->body.n_persons < FIRST_PERSONS_MAX) {
			const struct pack_words *w = &office->title;
			(void)snprintf(title, sizeof(title), "%.*s", SLICE_FMT(
			    a->call->lang == LANG_EN ? w->en : w->ja));
			struct first_person p = {.office = id};
			p.name = ask(a, WORD_CLI_ASK_NAME, title);
			p.kana = ask(a, WORD_CLI_ASK_KANA, title);
			p.logon = ask(a, WORD_CLI_ASK_LOGON, title);
			a->body.persons[a->body.n_persons++] = p;
			if (p.name.n == 0)
				return; /* the check says what is missing */
		}
	}
}

/* ---- options ---- */

/* OFFICE,LOGON,NAME,KANA[,SECTION] */
static bool
read_person(const char *value, struct first_person *ret)
{
	struct slice left = slice_of(value);
	struct slice *const parts[] = {&ret->office, &ret->logon, &ret->name,
	    &ret->kana, &ret->section};
	struct slice part;
	size_t n = 0;
	while (slice_split(&left, ',', &part)) {
		if (n == 5)
			return false;
		*parts[n++] = slice_trim(part);
	}
	return n >= 4;
}

static int
read_options(struct asking *a)
{
	const struct cli_call *call = a->call;
	struct new_body *b = &a->body;
	const char *value;
	b->name = slice_of(cli_has(call, "body") ? cli_value(call, "body")
	    : "");
	b->kana = slice_of(cli_has(call, "kana") ? cli_value(call, "kana")
	    : "");
	b->has_sections = cli_has(call, "pack-sections");
	while ((value = cli_nth(call, "section", b->n_sections)) != NULL)
		b->sections[b->n_sections++] = slice_of(value);
	while ((value = cli_nth(call, "person", b->n_persons)) != NULL) {
		if (b->n_persons == FIRST_PERSONS_MAX || !read_person(value,
		    &b->persons[b->n_persons++]))
			return cli_misused(call, WORD_CLI_WRONG_PERSON, value);
	}
	return CLI_DONE;
}

static int
find_pack(struct asking *a)
{
	const char *value = cli_value(a->call, "pack");
	struct err err = ERR_INIT;
	if (value == NULL && !a->is_asking)
		return cli_misused(a->call, WORD_CLI_PACK_NEEDED, "");
	a->body.pack = slice_of(value != NULL ? value : "");
	if (value == NULL) {
		list_packs(a);
		a->body.pack = ask(a, WORD_CLI_ASK_PACK, "");
	}
	return open_pack(a, a->body.pack, &a->pack, &err) ? CLI_DONE
	    : cli_complain(a->call, &err);
}

/* ---- doing it ---- */

static void
tell(void *ctx, struct slice office, struct slice name, struct slice logon,
    const char *password)
{
	(void)ctx;
	printf("  %-12.*s %-12.*s %s  %.*s\n", SLICE_FMT(office),
	    SLICE_FMT(logon), password, SLICE_FMT(name));
	(void)fflush(stdout);
}

/* Offices of the whole body that the regulation wants filled, and are not. */
static void
tell_vacant(const struct asking *a)
{
	bool has_any = false;
	for (size_t i = 0; i < a->pack->n_offices; i++) {
		const struct pack_office *o = &a->pack->offices[i];
		if (!o->is_compulsory || o->scope != PACK_SCOPE_BODY ||
		    count_office(a, o->id) > 0)
			continue;
		if (!has_any)
			cli_say(stdout, a->call->lang, WORD_CLI_VACANT, NULL);
		has_any = true;
		printf("  %.*s\n", SLICE_FMT(a->call->lang == LANG_EN
		    ? o->title.en : o->title.ja));
	}
}

static int
found(struct asking *a)
{
	struct err err = ERR_INIT;
	int code = read_options(a);
	if (code == CLI_DONE)
		code = find_pack(a);
	if (code != CLI_DONE)
		return code;
	if (a->is_asking)
		ask_persons(a);
	if (!found_body_check(a->pack, &a->body, &err)) {
		(void)cli_complain(a->call, &err);
		return CLI_USAGE;
	}
	cli_say(stdout, a->call->lang, WORD_CLI_FOUND_HEAD, NULL);
	(void)fflush(stdout); /* the keeper is forked: nothing is said twice */
	if (!found_body(&a->place, &a->body, tell, NULL, &err))
		return cli_complain(a->call, &err);
	cli_say(stdout, a->call->lang, WORD_CLI_FOUND_FOOT, NULL);
	tell_vacant(a);
	return CLI_DONE;
}

static int
run_found(const struct cli_call *call)
{
	struct place_room room;
	struct asking *a = mem_alloc(1, sizeof(*a));
	struct err err = ERR_INIT;
	if (a == NULL) {
		(void)ERR(&err, ERR_SYSTEM, "no memory");
		return cli_complain(call, &err);
	}
	a->call = call;
	a->arena = arena_open(ARENA_BYTES);
	a->is_asking = isatty(STDIN_FILENO);
	int code = CLI_USAGE;
	if (a->arena != NULL && place_read(call, &room, &a->place)) {
		code = found(a);
		unlocking_close(&a->place.unlock);
	}
	pack_close(a->pack);
	arena_close(a->arena);
	mem_free(a);
	return code;
}

static const struct cli_option found_options[] = {
    {"pack", "NAME", WORD_CLI_OPTION_PACK, false},
    {"body", "NAME", WORD_CLI_OPTION_BODY, false},
    {"kana", "KANA", WORD_CLI_OPTION_KANA, false},
    {"person", "OFFICE,LOGON,NAME,KANA[,SECTION]", WORD_CLI_OPTION_PERSON,
        true},
    {"section", "NAME", WORD_CLI_OPTION_SECTION, true},
    {"pack-sections", NULL, WORD_CLI_OPTION_PACK_SECTIONS, false},
    OPTIONS_END,
};

const struct cli_command command_found = {
    .name = "found", .operands = "DATA", .min_operands = 1,
    .max_operands = 1, .what = WORD_CLI_FOUND,
    .options = {found_options, place_options, unlocking_options},
    .run = run_found,
};

/* ---- an account whose password nobody can reset ---- */

static int
run_account_recover(const struct cli_call *call)
{
	struct place_room room;
	struct household_options place;
	struct err err = ERR_INIT;
	if (!cli_has(call, "body") || !cli_has(call, "logon"))
		return cli_misused(call, WORD_CLI_BODY_AND_LOGON, "");
	if (!place_read(call, &room, &place))
		return CLI_USAGE;
	const struct lost_account lost = {
	    .body = slice_of(cli_value(call, "body")),
	    .logon = slice_of(cli_value(call, "logon")),
	    .office = slice_of(cli_has(call, "office")
	        ? cli_value(call, "office") : "")};
	bool worked = found_account_again(&place, &lost, tell, NULL, &err);
	unlocking_close(&place.unlock);
	if (!worked)
		return cli_complain(call, &err);
	cli_say(stdout, call->lang, WORD_CLI_ACCOUNT_RECOVERED, NULL);
	return CLI_DONE;
}

static const struct cli_option recover_options[] = {
    {"body", "NAME", WORD_CLI_OPTION_BODY_THERE, false},
    {"logon", "NAME", WORD_CLI_OPTION_LOGON, false},
    {"office", "OFFICE", WORD_CLI_OPTION_OFFICE, false},
    OPTIONS_END,
};

const struct cli_command command_account_recover = {
    .name = "account recover", .operands = "DATA", .min_operands = 1,
    .max_operands = 1, .what = WORD_CLI_ACCOUNT_RECOVER,
    .options = {recover_options, place_options, unlocking_options},
    .run = run_account_recover,
};

/* ---- the limits, as the packs have them now ---- */

static void
tell_limits(void *ctx, struct slice body)
{
	const struct cli_call *call = ctx;
	char name[PEOPLE_NAME_MAX_BYTES + 1];
	(void)snprintf(name, sizeof(name), "%.*s", SLICE_FMT(body));
	cli_say(stdout, call->lang, WORD_CLI_LIMITS_SET, name, NULL);
}

static int
run_limits(const struct cli_call *call)
{
	struct place_room room;
	struct household_options place;
	struct err err = ERR_INIT;
	if (!place_read(call, &room, &place))
		return CLI_USAGE;
	bool worked = found_limits(&place, tell_limits,
	    (void *)(uintptr_t)call, &err);
	unlocking_close(&place.unlock);
	return worked ? CLI_DONE : cli_complain(call, &err);
}

const struct cli_command command_limits = {
    .name = "limits", .operands = "DATA", .min_operands = 1,
    .max_operands = 1, .what = WORD_CLI_LIMITS,
    .options = {place_options, unlocking_options}, .run = run_limits,
};
