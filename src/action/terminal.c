/* Registered terminals: what a holding may be limited to. */
#include <string.h>

#include "people/people.h"
#include "rows.h"

static const struct field no_input[] = {FIELDS_END};

static const struct result terminals_output[] = {
    {"terminals", OUT_LIST}, {"terminals.id", OUT_ID},
    {"terminals.name", OUT_TEXT}, {"terminals.section", OUT_TEXT},
    {"may_change", OUT_FLAG}, RESULTS_END,
};

/* No list where no terminal is registered. */
bool
put_terminal_options(struct call *call, struct err *err)
{
	struct people_page page = {.reader = door_reader(call->door),
	    .arena = call->arena, .body = call->visitor->body,
	    .max = PEOPLE_PAGE_MAX};
	struct people_terminal *list;
	size_t n;
	if (!people_terminals(&page, &list, &n, err))
		return false;
	struct out *out = n == 0 ? NULL
	    : out_list(call->arena, call->out, "terminals_options");
	for (size_t i = 0; i < n; i++)
		put_choice(call, out, list[i].id, list[i].name);
	return true;
}

static bool
run_terminals(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct people_page page = {.reader = door_reader(call->door),
	    .arena = a, .body = call->visitor->body, .max = PEOPLE_PAGE_MAX};
	struct people_terminal *list;
	size_t n;
	if (!people_terminals(&page, &list, &n, err))
		return false;
	struct out *out = out_list(a, call->out, "terminals");
	for (size_t i = 0; i < n; i++) {
		struct out *o = out_item(a, out);
		out_id(a, o, "id", list[i].id);
		out_text(a, o, "name", list[i].name);
		out_text(a, o, "section", section_path(call,
		    list[i].section));
	}
	out_flag(a, call->out, "may_change",
	    (call->visitor->rights & RIGHT_BIT(RIGHT_OPERATE)) != 0);
	return true;
}

const struct action row_terminal_list = {
    .name = "terminal.list", .path = "/terminals", .input = no_input,
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
