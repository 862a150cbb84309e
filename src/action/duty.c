/* Duties as they fall due: what is owed, by whom, by when. */
#include "duty.h"

enum { DUTIES_MAX = 500 };

static const char *const scopes[] = {"mine", "all", NULL};
static const char *const states[] = {"met", "soon", "lacking", NULL};

static const struct field list_input[] = {
    {.name = "scope", .type = FIELD_CHOICE, .max = 10, .choices = scopes,
        .label = WORD_FIELD_MATTER_SCOPE},
    {.name = "state", .type = FIELD_CHOICE, .max = 16, .choices = states,
        .label = WORD_PAGE_STATE},
    {.name = "duty", .type = FIELD_KEY, .max = 64,
        .label = WORD_FIELD_DUTY},
    {.name = "section", .type = FIELD_ID, .label = WORD_FIELD_SECTION},
    {.name = "at", .type = FIELD_DATE, .label = WORD_FIELD_BOARD_AT},
    FIELDS_END,
};

static const struct result list_output[] = {
    RESULTS_DUTIES("duties"), {"more", OUT_FLAG}, {"scope_all", OUT_FLAG},
    {"may_all", OUT_FLAG}, {"state", OUT_TEXT}, {"duty", OUT_TEXT},
    {"duty_title", OUT_TEXT}, {"day", OUT_DATE}, {"past", OUT_FLAG},
    RESULTS_END,
};

/* Whoever sees the whole board, and whoever audits. */
static bool
may_all(const struct call *call)
{
	return (call->visitor->rights & (RIGHT_BIT(RIGHT_AUDIT) |
	    RIGHT_BIT(RIGHT_BOARD))) != 0;
}

static bool
put_list(struct call *call, const struct view *v, struct err *err)
{
	struct arena *a = call->arena;
	bool is_all = slice_is(call_text(call, "scope"), "all");
	const struct duty_filter filter = {.is_mine = !is_all,
	    .with_met = call_has(call, "duty"),
	    .state = call_text(call, "state"),
	    .duty = call_text(call, "duty"),
	    .section = call_id(call, "section"), .max = DUTIES_MAX};
	const struct pack_duty *d = pack_duty(call->pack, filter.duty);
	bool has_more;
	if (is_all && !may_all(call))
		return call_fail(call, err, ERR_DENIED,
		    WORD_ERROR_DUTY_DENIED);
	if (!duty_put(call, v, &filter, out_list(a, call->out, "duties"),
	    &has_more, err))
		return false;
	out_flag(a, call->out, "more", has_more);
	out_flag(a, call->out, "scope_all", is_all);
	out_flag(a, call->out, "may_all", may_all(call));
	out_text(a, call->out, "state", filter.state);
	out_text(a, call->out, "duty", filter.duty);
	if (d != NULL)
		out_text(a, call->out, "duty_title",
		    pack_word(call, &d->title));
	out_date(a, call->out, "day", view_day(v));
	out_flag(a, call->out, "past", date_compare(view_day(v),
	    date_of_instant(call->now)) < 0);
	return true;
}

static bool
run_list(struct call *call, struct err *err)
{
	const struct view *v;
	struct date day;
	if (!duty_day(call, &day, err) || !duty_open(call, day, &v, err))
		return false;
	bool is_fine = put_list(call, v, err);
	duty_close(call, v);
	return is_fine;
}

const struct action row_duty_list = {
    .name = "duty.list", .path = "/duties", .input = list_input,
    .output = list_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_DUTY_LIST_TITLE, .help = WORD_DUTY_LIST_HELP,
    .page = "duties", .run = run_list,
};
