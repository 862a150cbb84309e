/* Emergency openings: taken, listed, read with their reasons, reviewed. */
#include "rows.h"

enum {
	REVIEWERS = RIGHT_BIT(RIGHT_GRANT) | RIGHT_BIT(RIGHT_OVERSEE) |
	    RIGHT_BIT(RIGHT_EMERGENCY)
};

#define FIELD_OPENING                                                          \
	{                                                                      \
		.name = "id", .type = FIELD_ID, .required = true,              \
		.label = WORD_FIELD_OPENING                                    \
	}

#define RESULTS_OF_OPENING(at)                                                 \
	{at "id", OUT_ID}, {at "holding", OUT_ID},                             \
	    {at "holding_name", OUT_TEXT}, {at "person", OUT_TEXT},            \
	    {at "post", OUT_TEXT}, {at "from", OUT_TIME},                      \
	    {at "until", OUT_UNTIL}, {at "due", OUT_UNTIL},                    \
	    {at "overdue", OUT_FLAG}, {at "may_review", OUT_FLAG},             \
	    {at "reviewed", OUT_FLAG}, {at "verdict", OUT_TEXT},               \
	    {at "unreasonable", OUT_FLAG}, {at "reviewed_by", OUT_TEXT},       \
	    {at "reviewed_at", OUT_TIME}

static void
put_opening(struct call *call, struct out *o, const struct shown_opening *e)
{
	struct arena *a = call->arena;
	out_id(a, o, "id", e->id);
	out_id(a, o, "holding", e->holding);
	out_text(a, o, "holding_name", holding_name(call, e->holding));
	out_text(a, o, "person", e->person_name);
	out_text(a, o, "post", e->post);
	out_time(a, o, "from", e->from);
	out_until(a, o, "until", e->until);
	out_until(a, o, "due", e->due);
	out_flag(a, o, "overdue", e->is_overdue);
	out_flag(a, o, "may_review", e->may_review);
	out_flag(a, o, "reviewed", e->is_reviewed);
	if (!e->is_reviewed)
		return;
	bool is_bad = e->verdict == REVIEW_UNREASONABLE;
	out_str(a, o, "verdict", word_text(is_bad
	    ? WORD_CHOICE_VERDICT_UNREASONABLE
	    : WORD_CHOICE_VERDICT_REASONABLE, call->lang));
	out_flag(a, o, "unreasonable", is_bad);
	out_text(a, o, "reviewed_by", e->reviewed_by);
	out_time(a, o, "reviewed_at", e->reviewed_at);
}

/* ---- taken ---- */

static const struct field take_input[] = {
    FIELD_HOLDING,
    {.name = "reason", .type = FIELD_PROSE, .max = 1000, .required = true,
        .label = WORD_FIELD_REASON},
    {.name = "case", .type = FIELD_CASE, .max = MESSAGE_CASE_MAX_BYTES,
        .required = true, .label = WORD_FIELD_CASE},
    {.name = "hours", .type = FIELD_NUMBER, .max = 72,
        .label = WORD_FIELD_HOURS},
    FIELDS_END,
};

static const struct result take_output[] = {RESULTS_END};

static bool
run_take(struct call *call, struct err *err)
{
	struct put put;
	struct door_emergency ask = {.holding = call_id(call, "holding"),
	    .until = call->now +
	        (instant)call_number(call, "hours", 1) * HOUR_US,
	    .reference = call_text(call, "case"),
	    .reason = call_text(call, "reason")};
	/* not beyond the days in which it is reviewed */
	uint64_t most = parameter_of(call, "emergency.review.days", 1) * 24;
	if (call_number(call, "hours", 1) > most)
		return call_mistake(call, err, "hours", WORD_MISTAKE_HOURS,
		    arena_printf(call->arena, "%llu",
		        (unsigned long long)most));
	return door_emergency(call->door, call->visitor, &ask, &put, err);
}

const struct action row_emergency_take = {
    .name = "emergency.take", .is_change = true,
    .path = "/holdings/{holding}/emergency", .input = take_input,
    .output = take_output, .who = WHO_SESSION,
    .ledger_verb = "authority.emergency",
    .title = WORD_EMERGENCY_TAKE_TITLE, .help = WORD_EMERGENCY_TAKE_HELP,
    .page = "form", .after = "/holdings/{holding}", .run = run_take,
};

/* ---- list ---- */

static const struct field list_input[] = {
    {.name = "at", .type = FIELD_NUMBER, .max = INT64_MAX,
        .label = WORD_FIELD_AFTER},
    FIELDS_END,
};

static const struct result list_output[] = {
    {"openings", OUT_LIST}, RESULTS_OF_OPENING("openings."),
    {"next_at", OUT_NUMBER}, RESULTS_END,
};

static bool
run_list(struct call *call, struct err *err)
{
	struct shown_opening *rows;
	size_t n;
	if (!door_openings(call->door, call->visitor,
	    (instant)call_number(call, "at", 0), &rows, &n, err))
		return false;
	struct out *list = out_list(call->arena, call->out, "openings");
	for (size_t i = 0; i < n; i++)
		put_opening(call, out_item(call->arena, list), &rows[i]);
	if (n == DOOR_PAGE_MAX)
		out_number(call->arena, call->out, "next_at",
		    rows[n - 1].from);
	return true;
}

const struct action row_emergency_list = {
    .name = "emergency.list", .path = "/emergencies", .input = list_input,
    .output = list_output, .who = WHO_RIGHT,
    .rights = REVIEWERS | RIGHT_BIT(RIGHT_AUDIT), .ledger_verb = "",
    .title = WORD_EMERGENCY_LIST_TITLE, .help = WORD_EMERGENCY_LIST_HELP,
    .page = "emergencies", .run = run_list,
};

/* ---- one, with its reason ---- */

static const struct field show_input[] = {FIELD_OPENING, FIELDS_END};

static const struct result show_output[] = {
    RESULTS_OF_OPENING(""), {"reason", OUT_TEXT}, {"case", OUT_TEXT},
    {"gone", OUT_FLAG}, {"remarks", OUT_TEXT}, RESULTS_END,
};

/* False: there is none to be found; anything else fails. */
static bool
find_reason(struct call *call, enum authority_kind kind, uint64_t id,
    struct shown_reason *ret, bool *ret_found, struct err *err)
{
	struct err inner = ERR_INIT;
	*ret_found = door_reason(call->door, call->visitor, kind, id, ret,
	    &inner);
	if (*ret_found || inner.code == ERR_NOT_FOUND ||
	    inner.code == ERR_CORRUPT)
		return true;
	if (err != NULL)
		*err = inner;
	return false;
}

static bool
run_show(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct shown_opening e;
	struct shown_reason why, remarks;
	bool has_why, has_remarks = false;
	uint64_t id = call_id(call, "id");
	if (!door_opening(call->door, call->visitor, id, &e, err) ||
	    !find_reason(call, AUTHORITY_EMERGENCY, id, &why, &has_why, err) ||
	    (e.is_reviewed && !find_reason(call, AUTHORITY_REVIEW, id,
	        &remarks, &has_remarks, err)))
		return false;
	put_opening(call, call->out, &e);
	out_flag(a, call->out, "gone", !has_why);
	if (has_why) {
		out_text(a, call->out, "reason", why.text);
		out_text(a, call->out, "case", why.reference);
	}
	if (has_remarks)
		out_text(a, call->out, "remarks", remarks.text);
	return true;
}

const struct action row_emergency_show = {
    .name = "emergency.show", .path = "/emergencies/{id}",
    .input = show_input, .output = show_output, .who = WHO_RIGHT,
    .rights = REVIEWERS | RIGHT_BIT(RIGHT_AUDIT),
    .ledger_verb = "entry.show", .title = WORD_EMERGENCY_SHOW_TITLE,
    .help = WORD_EMERGENCY_SHOW_HELP, .page = "emergency", .run = run_show,
};

/* ---- review ---- */

static const char *const verdict_choices[] = {"reasonable", "unreasonable",
    NULL};

static const struct field review_input[] = {
    FIELD_OPENING,
    {.name = "verdict", .type = FIELD_CHOICE, .max = 16, .required = true,
        .label = WORD_FIELD_VERDICT, .choices = verdict_choices},
    {.name = "remarks", .type = FIELD_PROSE, .max = 1000,
        .label = WORD_FIELD_REMARKS},
    FIELDS_END,
};

static const struct result review_output[] = {
    {"facts", OUT_LIST}, {"facts.label", OUT_TEXT},
    {"facts.text", OUT_TEXT}, RESULTS_END,
};

static bool
prepare_review(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct shown_opening e;
	struct shown_reason why;
	bool has_why;
	uint64_t id = call_id(call, "id");
	if (!door_opening(call->door, call->visitor, id, &e, err) ||
	    !find_reason(call, AUTHORITY_EMERGENCY, id, &why, &has_why, err))
		return false;
	struct out *facts = out_list(a, call->out, "facts");
	put_fact(call, facts, WORD_EMERGENCY_WHO, arena_printf(a,
	    "%.*s　%.*s", SLICE_FMT(e.post), SLICE_FMT(e.person_name)));
	put_fact(call, facts, WORD_EMERGENCY_HOLDING,
	    holding_name(call, e.holding));
	put_fact(call, facts, WORD_EMERGENCY_REASON, has_why ? why.text
	    : slice_of(word_text(WORD_EMERGENCY_GONE, call->lang)));
	if (has_why)
		put_fact(call, facts, WORD_EMERGENCY_CASE, why.reference);
	return true;
}

static bool
run_review(struct call *call, struct err *err)
{
	struct put put;
	struct door_review ask = {.id = call_id(call, "id"),
	    .verdict = slice_is(call_text(call, "verdict"), "reasonable")
	        ? REVIEW_REASONABLE : REVIEW_UNREASONABLE,
	    .remarks = call_text(call, "remarks")};
	if (ask.verdict == REVIEW_UNREASONABLE && ask.remarks.n == 0)
		return call_mistake(call, err, "remarks",
		    WORD_MISTAKE_REMARKS);
	if (door_review(call->door, call->visitor, &ask, &put, err))
		return true;
	if (err->code == ERR_DENIED)
		return call_fail(call, err, ERR_DENIED,
		    WORD_ERROR_OWN_OPENING);
	if (err->code == ERR_CONFLICT)
		return call_fail(call, err, ERR_CONFLICT,
		    WORD_ERROR_ALREADY_REVIEWED);
	return false;
}

const struct action row_emergency_review = {
    .name = "emergency.review", .is_change = true,
    .path = "/emergencies/{id}/review", .input = review_input,
    .output = review_output, .who = WHO_RIGHT, .rights = REVIEWERS,
    .ledger_verb = "authority.review",
    .title = WORD_EMERGENCY_REVIEW_TITLE, .help = WORD_EMERGENCY_REVIEW_HELP,
    .page = "form", .after = "/emergencies/{id}", .prepare = prepare_review,
    .run = run_review,
};
