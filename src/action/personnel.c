/*
 * Personnel changes (人事異動): a table that is looked at first, proposed,
 * confirmed where the body wants two persons, and applied as one.
 */
#include "personnel.h"

#include "people/people.h"

#define FIELD_CHANGE                                                           \
	{                                                                      \
		.name = "change", .type = FIELD_ID, .required = true,          \
		.label = WORD_PERSONNEL_CHANGE                                 \
	}

static const struct result no_output[] = {RESULTS_END};

/* ---- which there are ---- */

static const struct field list_input[] = {
    {.name = "before", .type = FIELD_NUMBER, .max = INT64_MAX,
        .label = WORD_FIELD_AFTER},
    {.name = "before_id", .type = FIELD_ID, .label = WORD_FIELD_AFTER},
    FIELDS_END,
};

static const struct result list_output[] = {
    {"changes", OUT_LIST}, {"changes.id", OUT_ID},
    {"changes.title", OUT_TEXT}, {"changes.effect_at", OUT_TIME},
    {"changes.made_at", OUT_TIME}, {"changes.state", OUT_TEXT},
    {"changes.state_word", OUT_TEXT}, {"next", OUT_NUMBER},
    {"next_id", OUT_ID}, RESULTS_END,
};

static void
put_state(struct call *call, struct out *o, enum personnel_state state)
{
	struct slice name = slice_of(personnel_state_name(state));
	out_text(call->arena, o, "state", name);
	out_text(call->arena, o, "state_word",
	    keyed_word(call, "personnel.state", name));
}

static bool
run_list(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct people_change *list;
	struct shown_personnel shown;
	size_t n;
	if (!people_changes(door_reader(call->door), call->visitor->body,
	    (instant)call_number(call, "before", 0),
	    call_id(call, "before_id"), a, &list, &n, err))
		return false;
	struct out *out = out_list(a, call->out, "changes");
	for (size_t i = 0; i < n; i++) {
		if (!personnel_show(call->door, call->visitor, &list[i],
		    &shown, err))
			return false;
		struct out *o = out_item(a, out);
		out_id(a, o, "id", list[i].id);
		out_text(a, o, "title", list[i].title);
		out_time(a, o, "effect_at", list[i].effect_at);
		out_time(a, o, "made_at", list[i].made_at);
		put_state(call, o, shown.state);
	}
	if (n == PEOPLE_CHANGES_MAX) {
		out_number(a, call->out, "next", list[n - 1].made_at);
		out_id(a, call->out, "next_id", list[n - 1].id);
	}
	return true;
}

const struct action row_personnel_list = {
    .name = "personnel.list", .path = "/personnel", .input = list_input,
    .output = list_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_APPOINT), .ledger_verb = "",
    .title = WORD_PERSONNEL_LIST_TITLE, .help = WORD_PERSONNEL_LIST_HELP,
    .page = "personnel_list", .run = run_list,
};

/* ---- a new one ---- */

static const struct field make_input[] = {
    {.name = "title", .type = FIELD_TEXT, .max = PEOPLE_NAME_MAX_BYTES,
        .required = true, .label = WORD_PERSONNEL_TITLE},
    {.name = "day", .type = FIELD_DATE, .required = true,
        .label = WORD_PERSONNEL_DAY},
    {.name = "until", .type = FIELD_DATE, .required = true,
        .label = WORD_PERSONNEL_UNTIL_ALL},
    {.name = "file", .type = FIELD_FILE, .max = SHEET_MAX_BYTES,
        .required = true, .label = WORD_FIELD_CSV},
    FIELD_CASE_REFERENCE,
    {.name = "dry", .type = FIELD_FLAG, .label = WORD_FIELD_DRY},
    FIELDS_END,
};

static const struct result make_output[] = {
    {"change", OUT_ID}, {"pending", OUT_FLAG}, {"dry", OUT_FLAG},
    {"two", OUT_FLAG}, RESULTS_OF_PROBLEMS, RESULTS_OF_EFFECT, RESULTS_END,
};

static bool
needs_two(const struct call *call)
{
	return parameter_of(call, "appoint.persons", 1) == 2;
}

static bool
prepare_make(struct call *call, struct err *err)
{
	(void)err;
	out_flag(call->arena, call->out, "two", needs_two(call));
	return true;
}

/* The table as rows of c; false also where it has problems, which are put. */
static bool
read_change(struct call *call, struct people_change *c, struct buf *rows,
    struct err *err)
{
	struct sheet s;
	struct door_appointment *list;
	size_t n;
	instant until = day_end(call_number(call, "until", 0));
	c->title = call_text(call, "title");
	c->effect_at = day_begin(call_number(call, "day", 0));
	if (c->effect_at + DAY_US <= call->now)
		return call_mistake(call, err, "day",
		    WORD_MISTAKE_PERSONNEL_PAST);
	if (until <= c->effect_at)
		return call_mistake(call, err, "until",
		    WORD_MISTAKE_ENDS_BEFORE);
	bool worked = sheet_read(call, call_nth(call, "file", 0)->bytes,
	        personnel_columns, personnel_column_count, &s, err) &&
	    personnel_read(&s, c->effect_at, until, &list, &n, err);
	if (s.n_problems > 0)
		sheet_put_problems(&s);
	return worked && personnel_pack(call->door, call->visitor, list, n,
	    rows, err) && buf_finish(rows, &c->rows, err);
}

static bool
run_make(struct call *call, struct err *err)
{
	struct people_change c = {0};
	struct put put;
	struct err inner = ERR_INIT;
	struct buf rows = buf_of(PEOPLE_CHANGE_MAX_BYTES);
	bool is_dry = call_has(call, "dry");
	bool worked = read_change(call, &c, &rows, &inner);
	out_flag(call->arena, call->out, "dry", is_dry);
	out_flag(call->arena, call->out, "two", needs_two(call));
	/* what is wrong with the file is what the page shows */
	if (!worked && inner.code == ERR_INPUT && call->mistake_count == 0) {
		call->shows_result = true;
		worked = true;
	} else if (worked && is_dry) {
		call->shows_result = true;
		worked = personnel_put_effect(call, &c, &inner);
	} else if (worked) {
		worked = personnel_propose(call->door, call->visitor, &c,
		    call_text(call, "case"), &put, &inner);
		if (worked) {
			out_id(call->arena, call->out, "change", c.id);
			out_flag(call->arena, call->out, "pending",
			    put.is_pending);
		}
	}
	buf_close(&rows);
	if (!worked && err != NULL)
		*err = inner;
	return worked;
}

const struct action row_personnel_make = {
    .name = "personnel.make", .is_change = true, .path = "/personnel/new",
    .input = make_input, .output = make_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_APPOINT), .ledger_verb = "authority.change",
    .title = WORD_PERSONNEL_MAKE_TITLE, .help = WORD_PERSONNEL_MAKE_HELP,
    .page = "personnel_make", .after = "/personnel/{change}",
    .prepare = prepare_make, .run = run_make,
};

/* ---- the table to be filled ---- */

static const struct field no_input[] = {FIELDS_END};

static bool
run_template(struct call *call, struct err *err)
{
	struct buf to = buf_of(4096);
	struct slice text;
	buf_add_str(&to, "\xef\xbb\xbf"); /* for spreadsheets */
	sheet_template(call, personnel_columns, personnel_column_count, &to);
	if (!buf_finish(&to, &text, err)) {
		buf_close(&to);
		return false;
	}
	call->content = to;
	call->content_type = "text/csv; charset=utf-8";
	call->attachment = SLICE("personnel-template.csv");
	return true;
}

const struct action row_personnel_template = {
    .name = "personnel.template", .path = "/personnel/template",
    .input = no_input,
    .output = no_output, .gives_file = true,
    .who = WHO_RIGHT, .rights = RIGHT_BIT(RIGHT_APPOINT), .ledger_verb = "",
    .title = WORD_PERSONNEL_TEMPLATE_TITLE,
    .help = WORD_PERSONNEL_TEMPLATE_HELP, .run = run_template,
};

/* ---- one ---- */

static const struct field show_input[] = {FIELD_CHANGE, FIELDS_END};

static const struct result show_output[] = {
    {"change", OUT_ID}, {"title", OUT_TEXT}, {"state", OUT_TEXT},
    {"state_word", OUT_TEXT}, {"whole", OUT_FLAG}, {"made_by", OUT_TEXT},
    {"made_at", OUT_TIME}, {"confirmed_by", OUT_TEXT},
    {"applied_at", OUT_TIME}, {"until", OUT_UNTIL},
    {"may_confirm", OUT_FLAG}, {"may_apply", OUT_FLAG},
    {"may_withdraw", OUT_FLAG}, RESULTS_OF_EFFECT, RESULTS_END,
};

static bool
find_change(struct call *call, struct people_change *ret, struct err *err)
{
	struct err inner = ERR_INIT;
	if (people_change_get(door_reader(call->door), call->visitor->body,
	    call_id(call, "change"), call->arena, ret, &inner))
		return true;
	if (inner.code == ERR_NOT_FOUND)
		return call_fail(call, err, ERR_NOT_FOUND,
		    WORD_ERROR_NO_PERSONNEL);
	if (err != NULL)
		*err = inner;
	return false;
}

static bool
run_show(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct people_change c;
	struct shown_personnel s;
	if (!find_change(call, &c, err) ||
	    !personnel_show(call->door, call->visitor, &c, &s, err))
		return false;
	if (!s.is_whole)
		return call_fail(call, err, ERR_CORRUPT,
		    WORD_ERROR_PERSONNEL_ALTERED);
	out_id(a, call->out, "change", c.id);
	out_text(a, call->out, "title", c.title);
	put_state(call, call->out, s.state);
	out_flag(a, call->out, "whole", s.is_whole);
	out_text(a, call->out, "made_by", person_name(call, s.made_by));
	out_time(a, call->out, "made_at", c.made_at);
	if (s.confirmed_by != 0)
		out_text(a, call->out, "confirmed_by",
		    person_name(call, s.confirmed_by));
	if (c.applied_at != 0)
		out_time(a, call->out, "applied_at", c.applied_at);
	out_until(a, call->out, "until", s.until);
	out_flag(a, call->out, "may_confirm", s.may_confirm);
	out_flag(a, call->out, "may_apply", s.may_apply);
	out_flag(a, call->out, "may_withdraw", s.may_withdraw);
	return personnel_put_effect(call, &c, err);
}

const struct action row_personnel_show = {
    .name = "personnel.show", .path = "/personnel/{change}",
    .input = show_input, .output = show_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_APPOINT), .ledger_verb = "",
    .title = WORD_PERSONNEL_SHOW_TITLE, .help = WORD_PERSONNEL_SHOW_HELP,
    .page = "personnel", .run = run_show,
};

static bool
run_csv(struct call *call, struct err *err)
{
	struct people_change c;
	return find_change(call, &c, err) &&
	    personnel_write_csv(call, &c, err);
}

const struct action row_personnel_csv = {
    .name = "personnel.csv", .path = "/personnel/{change}/csv",
    .input = show_input,
    .output = no_output, .gives_file = true,
    .who = WHO_RIGHT, .rights = RIGHT_BIT(RIGHT_APPOINT), .ledger_verb = "",
    .title = WORD_PERSONNEL_CSV_TITLE, .help = WORD_PERSONNEL_CSV_HELP,
    .run = run_csv,
};

/* ---- what is done with it ---- */

static const struct field act_input[] = {
    FIELD_CHANGE, FIELD_CASE_REFERENCE, FIELDS_END,
};

static bool
run_apply(struct call *call, struct err *err)
{
	struct people_change c;
	struct shown_personnel s;
	if (!find_change(call, &c, err) ||
	    !personnel_show(call->door, call->visitor, &c, &s, err))
		return false;
	if (s.state == PERSONNEL_WAITING && !s.may_confirm)
		return call_fail(call, err, ERR_DENIED,
		    WORD_ERROR_PERSONNEL_SECOND);
	if (s.state == PERSONNEL_APPLIED || s.state == PERSONNEL_OVER)
		return call_fail(call, err, ERR_CONFLICT,
		    WORD_ERROR_PERSONNEL_DONE);
	struct err inner = ERR_INIT;
	if (personnel_apply(call->door, call->visitor, &c,
	    call_text(call, "case"), &inner))
		return true;
	if (inner.code == ERR_CONFLICT)
		return call_fail(call, err, ERR_CONFLICT,
		    WORD_ERROR_PERSONNEL_STALE);
	if (err != NULL)
		*err = inner;
	return false;
}

const struct action row_personnel_apply = {
    .name = "personnel.apply", .is_change = true,
    .path = "/personnel/{change}/apply", .input = act_input,
    .output = no_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_APPOINT),
    .ledger_verb = "authority.appointment",
    .title = WORD_PERSONNEL_APPLY_TITLE, .help = WORD_PERSONNEL_APPLY_HELP,
    .page = "form", .after = "/personnel/{change}", .run = run_apply,
};

static bool
run_withdraw(struct call *call, struct err *err)
{
	struct people_change c;
	struct shown_personnel s;
	if (!find_change(call, &c, err) ||
	    !personnel_show(call->door, call->visitor, &c, &s, err))
		return false;
	return s.may_withdraw
	    ? personnel_withdraw(call->door, call->visitor, c.id,
	        call_text(call, "case"), err)
	    : call_fail(call, err, ERR_CONFLICT, WORD_ERROR_PERSONNEL_DONE);
}

const struct action row_personnel_withdraw = {
    .name = "personnel.withdraw", .is_change = true,
    .path = "/personnel/{change}/withdraw", .input = act_input,
    .output = no_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_APPOINT), .ledger_verb = "authority.change",
    .title = WORD_PERSONNEL_WITHDRAW_TITLE,
    .help = WORD_PERSONNEL_WITHDRAW_HELP, .page = "form",
    .after = "/personnel/{change}", .run = run_withdraw,
};
