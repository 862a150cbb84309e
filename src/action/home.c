/* The home of each office: what waits, what one may do, what was done. */
#include "duty.h"
#include "matter.h"

static const struct field no_input[] = {FIELDS_END};

static const struct result home_output[] = {
    {"post", OUT_TEXT}, {"operator", OUT_FLAG}, {"holdings", OUT_LIST},
    {"holdings.id", OUT_ID}, {"holdings.name", OUT_TEXT},
    {"holdings.section", OUT_TEXT}, {"holdings.acts", OUT_TEXT},
    {"pending", OUT_NUMBER}, {"overseen", OUT_LIST},
    {"overseen.id", OUT_ID}, {"overseen.name", OUT_TEXT},
    {"recent", OUT_LIST}, {"recent.at", OUT_TIME},
    {"recent.person", OUT_TEXT}, {"recent.holding_name", OUT_TEXT},
    {"recent.act", OUT_TEXT}, {"recent.purpose", OUT_TEXT},
    {"recent.refused", OUT_FLAG}, {"recent.result", OUT_TEXT},
    {"ending", OUT_LIST}, {"ending.id", OUT_ID},
    {"ending.holding_name", OUT_TEXT}, {"ending.to", OUT_TEXT},
    {"ending.until", OUT_UNTIL}, {"may_grant", OUT_FLAG},
    {"may_appoint", OUT_FLAG}, {"may_board", OUT_FLAG},
    {"needs_code", OUT_FLAG}, {"no_post", OUT_FLAG},
    {"emergencies", OUT_NUMBER}, {"emergencies_overdue", OUT_NUMBER},
    {"renewals", OUT_NUMBER}, {"renewals_overdue", OUT_NUMBER},
    {"todo", OUT_FLAG}, RESULTS_LINES("turns"), RESULTS_DUTIES("duties"),
    {"more_duties", OUT_FLAG}, RESULTS_END,
};

enum { RECENT_MAX = 8, DUTIES_SHOWN_MAX = 8 };

static bool
put_holdings(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct door_holding *h;
	uint64_t after = 0;
	size_t n;
	bool oversees = (call->visitor->rights &
	    RIGHT_BIT(RIGHT_OVERSEE)) != 0;
	struct out *mine = out_list(a, call->out, "holdings");
	struct out *overseen = out_list(a, call->out, "overseen");
	do {
		if (!door_holdings(call->door, call->visitor, after, &h, &n,
		    err))
			return false;
		for (size_t i = 0; i < n; i++) {
			if (h[i].acts != 0) {
				struct out *o = out_item(a, mine);
				out_id(a, o, "id", h[i].id);
				out_text(a, o, "name", h[i].name);
				out_text(a, o, "section", h[i].section_path);
				out_text(a, o, "acts",
				    acts_text(call, h[i].acts));
			}
			if (oversees && h[i].section ==
			    call->visitor->section) {
				struct out *o = out_item(a, overseen);
				out_id(a, o, "id", h[i].id);
				out_text(a, o, "name", h[i].name);
			}
		}
		after = n > 0 ? h[n - 1].id : 0;
	} while (n == DOOR_PAGE_MAX);
	return true;
}

/* Grants on the own section's holdings that end soon. */
static bool
put_ending(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct shown_grant *g;
	size_t n;
	struct out *list = out_list(a, call->out, "ending");
	if (!door_grants(call->door, call->visitor, 0, 0, &g, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!g[i].is_in_force ||
		    g[i].grant.until - call->now > NEAR_DAYS * DAY_US)
			continue;
		struct out *o = out_item(a, list);
		out_id(a, o, "id", g[i].grant.id);
		out_text(a, o, "holding_name",
		    holding_name(call, g[i].grant.holding));
		out_text(a, o, "to", g[i].person_name.n > 0
		    ? g[i].person_name : g[i].office_title);
		out_until(a, o, "until", g[i].grant.until);
	}
	return true;
}

static bool
put_recent(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct door_accesses ask = {0};
	struct shown_access *rows;
	size_t n;
	struct out *list = out_list(a, call->out, "recent");
	if (!door_accesses(call->door, call->visitor, &ask, &rows, &n, err))
		return false;
	for (size_t i = 0; i < n && i < RECENT_MAX; i++) {
		struct out *o = out_item(a, list);
		out_time(a, o, "at", rows[i].at);
		out_text(a, o, "person", rows[i].person_name);
		out_text(a, o, "holding_name",
		    holding_name(call, rows[i].holding));
		out_text(a, o, "act", keyed_word(call, "act", rows[i].act));
		out_text(a, o, "result", keyed_word(call, "result",
		    rows[i].result));
		out_flag(a, o, "refused", !slice_is(rows[i].result, "done"));
	}
	return true;
}

/* Emergencies to review, and 秘匿 records to renew. */
static bool
put_due(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct shown_renewal *rows;
	size_t n;
	int64_t overdue = 0;
	struct openings_waiting openings =
	    door_openings_waiting(call->door, call->visitor);
	if (!door_renewals(call->door, call->visitor,
	    call->now + NEAR_DAYS * DAY_US, NULL, &rows, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		overdue += rows[i].is_overdue;
	out_number(a, call->out, "emergencies", (int64_t)openings.n);
	out_number(a, call->out, "emergencies_overdue",
	    (int64_t)openings.n_overdue);
	out_number(a, call->out, "renewals", (int64_t)n);
	out_number(a, call->out, "renewals_overdue", overdue);
	return true;
}

/* What the visitor's office owes, late ones first. */
static bool
put_duties(struct call *call, struct err *err)
{
	const struct duty_filter filter = {.is_mine = true,
	    .max = DUTIES_SHOWN_MAX};
	const struct view *v;
	bool has_more;
	if (!duty_open(call, date_of_instant(call->now), &v, err))
		return false;
	bool is_fine = duty_put(call, v, &filter,
	    out_list(call->arena, call->out, "duties"), &has_more, err);
	duty_close(call, v);
	out_flag(call->arena, call->out, "more_duties",
	    is_fine && has_more);
	return is_fine;
}

/* Whether anything waits for the visitor. */
static void
put_todo(struct call *call)
{
	static const char *const lists[] = {"pending", "emergencies",
	    "renewals"};
	const struct out *ending = out_member(call->out, "ending");
	const struct out *turns = out_member(call->out, "turns");
	const struct out *duties = out_member(call->out, "duties");
	bool is_any = (ending != NULL && ending->first != NULL) ||
	    (turns != NULL && turns->first != NULL) ||
	    (duties != NULL && duties->first != NULL);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		is_any |= out_member(call->out, lists[i])->number > 0;
	out_flag(call->arena, call->out, "todo", is_any);
}

static bool
run_home(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	const struct visitor *v = call->visitor;
	struct shown_pending *pending;
	size_t n_pending = 0;
	out_text(a, call->out, "post", v->post);
	out_flag(a, call->out, "no_post", v->capacity == 0);
	out_flag(a, call->out, "operator",
	    (v->rights & RIGHT_BIT(RIGHT_OPERATE)) != 0);
	out_flag(a, call->out, "needs_code", v->has_code && v->level < 2);
	out_flag(a, call->out, "may_grant",
	    (v->rights & RIGHT_BIT(RIGHT_GRANT)) != 0);
	out_flag(a, call->out, "may_appoint",
	    (v->rights & RIGHT_BIT(RIGHT_APPOINT)) != 0);
	out_flag(a, call->out, "may_board",
	    (v->rights & RIGHT_BIT(RIGHT_BOARD)) != 0);
	if (v->capacity == 0)
		return true;
	if (!door_pending(call->door, call->visitor, &pending, &n_pending,
	    err))
		return false;
	out_number(a, call->out, "pending", (int64_t)n_pending);
	if (!put_holdings(call, err) || !put_ending(call, err) ||
	    !put_recent(call, err) || !put_due(call, err) ||
	    !matter_put_turns(call, err) || !put_duties(call, err))
		return false;
	put_todo(call);
	return true;
}

const struct action row_home_show = {
    .name = "home.show", .path = "/home", .input = no_input,
    .output = home_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_HOME_SHOW_TITLE, .help = WORD_HOME_SHOW_HELP,
    .page = "home", .run = run_home,
};
