/* Registered terminals: what holdings and grants may be limited to. */
#include <string.h>

#include "people/people.h"
#include "rows.h"

static const struct field list_input[] = {
    {.name = "after", .type = FIELD_ID, .label = WORD_FIELD_AFTER},
    FIELDS_END,
};

static const struct result terminals_output[] = {
    {"terminals", OUT_LIST}, {"terminals.id", OUT_ID},
    {"terminals.name", OUT_TEXT}, {"terminals.section", OUT_TEXT},
    {"terminals.fingerprint", OUT_TEXT}, {"terminals.until", OUT_UNTIL},
    {"terminals.in_force", OUT_FLAG}, {"next", OUT_ID},
    {"may_change", OUT_FLAG}, RESULTS_END,
};

/* As openssl prints it: AB:CD:... */
static struct slice
fingerprint_text(struct call *call, const uint8_t bytes[32])
{
	struct buf to = buf_of(128);
	for (size_t i = 0; i < 32; i++)
		buf_add_printf(&to, "%s%02X", i > 0 ? ":" : "", bytes[i]);
	struct slice s = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return s;
}

static bool
run_terminals(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct shown_terminal *list;
	size_t n;
	if (!door_terminals(call->door, call->visitor, call_id(call, "after"),
	    &list, &n, err))
		return false;
	struct out *out = out_list(a, call->out, "terminals");
	for (size_t i = 0; i < n; i++) {
		struct out *o = out_item(a, out);
		out_id(a, o, "id", list[i].id);
		out_text(a, o, "name", list[i].name);
		out_text(a, o, "section", list[i].path);
		out_text(a, o, "fingerprint",
		    fingerprint_text(call, list[i].fingerprint));
		out_until(a, o, "until", list[i].until);
		out_flag(a, o, "in_force", list[i].is_in_force);
	}
	if (n == DOOR_PAGE_MAX)
		out_id(a, call->out, "next", list[n - 1].id);
	out_flag(a, call->out, "may_change",
	    (call->visitor->rights & RIGHT_BIT(RIGHT_OPERATE)) != 0);
	return true;
}

const struct action row_terminal_list = {
    .name = "terminal.list", .path = "/terminals", .input = list_input,
    .output = terminals_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_TERMINAL_LIST_TITLE, .help = WORD_TERMINAL_LIST_HELP,
    .page = "terminals", .run = run_terminals,
};

static const struct field terminal_input[] = {
    {.name = "name", .type = FIELD_TEXT, .max = PEOPLE_NAME_MAX_BYTES,
        .required = true, .label = WORD_FIELD_TERMINAL_NAME},
    {.name = "fingerprint", .type = FIELD_TEXT, .max = 95,
        .required = true, .label = WORD_FIELD_FINGERPRINT},
    {.name = "section", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_SECTION},
    {.name = "until", .type = FIELD_DATE, .required = true,
        .label = WORD_FIELD_UNTIL},
    FIELDS_END,
};

static const struct result terminal_output[] = {
    {"id", OUT_ID}, {"section_options", OUT_LIST},
    {"section_options.value", OUT_ID},
    {"section_options.label", OUT_TEXT}, RESULTS_END,
};

static bool
prepare_terminal(struct call *call, struct err *err)
{
	return put_section_options(call, err);
}

/* 64 hexadecimal digits, colons between bytes allowed. */
static bool
read_fingerprint(struct slice s, uint8_t ret[32])
{
	size_t n = 0;
	memset(ret, 0, 32);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		unsigned digit;
		if (c == ':')
			continue;
		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (unsigned)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			digit = (unsigned)(c - 'A') + 10;
		else
			return false;
		if (n == 64)
			return false;
		ret[n / 2] = (uint8_t)(ret[n / 2] << 4 | digit);
		n++;
	}
	return n == 64;
}

static bool
run_terminal(struct call *call, struct err *err)
{
	struct put put = {0};
	struct door_terminal ask = {.name = call_text(call, "name"),
	    .section = call_id(call, "section"), .from = call->now,
	    .until = day_end(call_number(call, "until", 0))};
	if (!read_fingerprint(call_text(call, "fingerprint"),
	    ask.fingerprint))
		return call_mistake(call, err, "fingerprint",
		    WORD_MISTAKE_FINGERPRINT);
	if (!door_put_terminal(call->door, call->visitor, &ask, &put, err))
		return false;
	out_id(call->arena, call->out, "id", put.id);
	return true;
}

const struct action row_terminal_make = {
    .name = "terminal.make", .is_change = true, .path = "/terminals/new",
    .input = terminal_input, .output = terminal_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_OPERATE), .ledger_verb = "authority.terminal",
    .title = WORD_TERMINAL_MAKE_TITLE, .help = WORD_TERMINAL_MAKE_HELP,
    .page = "form", .after = "/terminals", .prepare = prepare_terminal,
    .run = run_terminal,
};

/* ---- end: lost or stolen, or given up ---- */

static const struct field end_input[] = {
    {.name = "id", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_ROW},
    FIELD_CASE_REFERENCE, FIELDS_END,
};

static const struct result end_output[] = {RESULTS_OF_FACTS, RESULTS_END};

static bool
prepare_end(struct call *call, struct err *err)
{
	struct shown_terminal t;
	if (!door_terminal(call->door, call->visitor, call_id(call, "id"), &t,
	    err))
		return false;
	struct out *facts = out_list(call->arena, call->out, "facts");
	put_fact(call, facts, WORD_FIELD_TERMINAL_NAME, t.name);
	put_fact(call, facts, WORD_TERMINAL_SECTION_COL, t.path);
	put_fact(call, facts, WORD_FIELD_FINGERPRINT,
	    fingerprint_text(call, t.fingerprint));
	put_fact(call, facts, WORD_GRANT_PERIOD,
	    period_text(call, t.from, t.until));
	return true;
}

static bool
run_end(struct call *call, struct err *err)
{
	struct put put;
	const struct door_end ask = {.kind = AUTHORITY_TERMINAL,
	    .id = call_id(call, "id"), .reference = call_text(call, "case")};
	return door_end(call->door, call->visitor, &ask, &put, err);
}

const struct action row_terminal_end = {
    .name = "terminal.end", .is_change = true, .path = "/terminals/{id}/end",
    .input = end_input, .output = end_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_OPERATE), .ledger_verb = "authority.terminal",
    .title = WORD_TERMINAL_END_TITLE, .help = WORD_TERMINAL_END_HELP,
    .page = "form", .after = "/terminals", .prepare = prepare_end,
    .run = run_end,
};

/* ---- as places in which a grant is good ---- */

enum { PLACES_MAX = 1000, TERMINALS_LISTED_MAX = 100 };

/* A section that has terminals. */
struct place {
	uint64_t section;
	struct slice path;
	size_t n;
};

static void
count_place(struct place *places, size_t *n, const struct shown_terminal *t)
{
	size_t i = 0;
	while (i < *n && places[i].section != t->section)
		i++;
	if (i == PLACES_MAX)
		return;
	if (i == *n)
		places[(*n)++] = (struct place){t->section, t->path, 0};
	places[i].n++;
}

/* Single ones where there are few; else those of one's own section. */
static bool
put_single(struct call *call, struct out *list, bool all, struct err *err)
{
	struct shown_terminal *t;
	uint64_t after = 0;
	size_t n;
	do {
		if (!door_terminals(call->door, call->visitor, after, &t, &n,
		    err))
			return false;
		for (size_t i = 0; i < n; i++)
			if (t[i].is_in_force && (all || t[i].section ==
			    call->visitor->section))
				put_choice(call, list, t[i].id, call_word(call,
				    WORD_TERMINAL_ONE, t[i].name, t[i].path));
		after = n > 0 ? t[n - 1].id : 0;
	} while (n == DOOR_PAGE_MAX);
	return true;
}

bool
put_terminal_options(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct shown_terminal *t;
	struct place *places = arena_array(a, PLACES_MAX, sizeof(*places));
	uint64_t after = 0;
	size_t n, n_places = 0, n_all = 0;
	if (places == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	do {
		if (!door_terminals(call->door, call->visitor, after, &t, &n,
		    err))
			return false;
		for (size_t i = 0; i < n; i++)
			if (t[i].is_in_force) {
				count_place(places, &n_places, &t[i]);
				n_all++;
			}
		after = n > 0 ? t[n - 1].id : 0;
	} while (n == DOOR_PAGE_MAX);
	if (n_all == 0)
		return true;
	struct out *list = out_list(a, call->out, "terminals_options");
	for (size_t i = 0; i < n_places; i++)
		put_choice(call, list, places[i].section, call_word(call,
		    WORD_TERMINAL_ALL_OF, places[i].path,
		    arena_printf(a, "%zu", places[i].n)));
	return put_single(call, list, n_all <= TERMINALS_LISTED_MAX, err);
}

/* Once; false when a grant has no room for another. */
static bool
add_terminal(struct door_grant *ask, uint64_t id)
{
	for (size_t i = 0; i < ask->n_terminals; i++)
		if (ask->terminals[i] == id)
			return true;
	if (ask->n_terminals == AUTHORITY_TERMINALS_MAX)
		return false;
	ask->terminals[ask->n_terminals++] = id;
	return true;
}

bool
read_terminals(struct call *call, struct door_grant *ask, struct err *err)
{
	const struct value *v;
	struct shown_terminal *t;
	uint64_t after = 0;
	size_t n;
	bool worked = true;
	if (!call_has(call, "terminals"))
		return true;
	do {
		if (!door_terminals(call->door, call->visitor, after, &t, &n,
		    err))
			return false;
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; t[i].is_in_force && (v =
			    call_nth(call, "terminals", j)) != NULL; j++)
				if (v->number == t[i].id ||
				    v->number == t[i].section)
					worked = add_terminal(ask, t[i].id) &&
					    worked;
		after = n > 0 ? t[n - 1].id : 0;
	} while (n == DOOR_PAGE_MAX);
	struct slice label = slice_of(word_text(WORD_FIELD_TERMINALS,
	    call->lang));
	if (!worked)
		return call_mistake(call, err, "terminals",
		    WORD_MISTAKE_TOO_MANY, label, arena_printf(call->arena,
		        "%d", AUTHORITY_TERMINALS_MAX));
	return ask->n_terminals > 0 || call_mistake(call, err, "terminals",
	    WORD_MISTAKE_CHOICE, label, SLICE(""));
}
