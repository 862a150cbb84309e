/* Holdings: 個人情報ファイル簿. No personal information is shown here. */
#include "holding.h"
#include "organ.h"

static const struct field list_input[] = {
    {.name = "organ", .type = FIELD_ID, .label = WORD_FIELD_ORGAN},
    {.name = "after", .type = FIELD_ID, .label = WORD_FIELD_AFTER},
    FIELDS_END,
};

#define RESULTS_OF_HOLDING(p)                                                  \
	{p "id", OUT_ID}, {p "name", OUT_TEXT}, {p "section", OUT_TEXT},       \
	    {p "sensitivity", OUT_TEXT}, {p "basis", OUT_TEXT},                \
	    {p "place", OUT_TEXT}, {p "my_number", OUT_FLAG},                  \
	    {p "second_factor", OUT_FLAG}, {p "terminals_only", OUT_FLAG},     \
	    {p "retention_years", OUT_NUMBER}, {p "persons", OUT_NUMBER},      \
	    {p "paper", OUT_FLAG}, {p "closed_at", OUT_TIME},                  \
	    {p "acts", OUT_TEXT}, {p "may_view", OUT_FLAG},                    \
	    {p "may_create", OUT_FLAG}, {p "purposes", OUT_LIST},              \
	    {p "purposes.id", OUT_TEXT}, {p "purposes.title", OUT_TEXT}

static const struct result list_output[] = {
    {"holdings", OUT_LIST}, RESULTS_OF_HOLDING("holdings."),
    {"holdings.organ", OUT_TEXT}, {"organs", OUT_LIST},
    RESULTS_OF_ORGAN("organs."), {"organs.chosen", OUT_FLAG},
    {"organ", OUT_ID}, {"ordinance", OUT_TEXT}, {"next", OUT_ID},
    {"may_make", OUT_FLAG}, RESULTS_END,
};

/*
 * Each organ has its own register. What an organ outside the Act holds is not
 * in the register of its article 75, and told only where that organ is asked
 * for.
 */
static bool
is_listed(const struct people_organ *organ, uint64_t asked)
{
	return asked != 0 ? organ->id == asked : organ->ordinance.n == 0;
}

static void
put_organs(struct call *call, const struct people_organ *organs, size_t n)
{
	struct arena *a = call->arena;
	uint64_t asked = call_id(call, "organ");
	struct out *list = out_list(a, call->out, "organs");
	for (size_t i = 0; i < n; i++) {
		struct out *o = out_item(a, list);
		put_organ(call, o, &organs[i]);
		out_flag(a, o, "chosen", organs[i].id == asked);
		if (organs[i].id == asked)
			out_text(a, call->out, "ordinance",
			    organs[i].ordinance);
	}
	if (asked != 0)
		out_id(a, call->out, "organ", asked);
}

static bool
run_list(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct people_organ *organs, organ;
	struct door_holding *holdings;
	uint64_t after = call_id(call, "after");
	size_t n, n_organs, listed = 0;
	struct out *list = out_list(a, call->out, "holdings");
	if (!read_organs(call, &organs, &n_organs, err))
		return false;
	put_organs(call, organs, n_organs);
	do {
		if (!door_holdings(call->door, call->visitor, after, &holdings,
		    &n, err))
			return false;
		for (size_t i = 0; i < n && listed < DOOR_PAGE_MAX; i++) {
			after = holdings[i].id;
			if (!organ_of(call, holdings[i].section, &organ) ||
			    !is_listed(&organ, call_id(call, "organ")))
				continue;
			struct out *o = out_item(a, list);
			put_holding(call, o, &holdings[i]);
			out_text(a, o, "organ", organ.name);
			listed++;
		}
	} while (n == DOOR_PAGE_MAX && listed < DOOR_PAGE_MAX);
	if (listed == DOOR_PAGE_MAX)
		out_id(a, call->out, "next", after);
	out_flag(a, call->out, "may_make",
	    (call->visitor->rights & RIGHT_BIT(RIGHT_HOLDING)) != 0);
	return true;
}

const struct action row_holding_list = {
    .name = "holding.list", .path = "/holdings", .input = list_input,
    .output = list_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_HOLDING_LIST_TITLE, .help = WORD_HOLDING_LIST_HELP,
    .page = "holdings", .run = run_list,
};

/* ---- one ---- */

static const struct field show_input[] = {
    {.name = "holding", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_HOLDING},
    FIELDS_END,
};

static const struct result show_output[] = {
    RESULTS_OF_HOLDING(""), {"title", OUT_TEXT}, {"items", OUT_LIST},
    {"items.id", OUT_TEXT}, {"items.name", OUT_TEXT},
    {"items.special_care", OUT_FLAG}, {"items.searched", OUT_FLAG},
    {"items.retired", OUT_FLAG}, {"items.marks", OUT_TEXT},
    {"may_search", OUT_FLAG}, {"may_oversee", OUT_FLAG},
    {"may_grant", OUT_FLAG}, {"may_change", OUT_FLAG}, {"organ", OUT_TEXT},
    {"ordinance", OUT_TEXT}, {"scope", OUT_TEXT}, {"collected", OUT_TEXT},
    {"given_to", OUT_TEXT},
    {"requests_at", OUT_TEXT}, {"other_law", OUT_TEXT},
    {"unlisted_why", OUT_TEXT}, {"ordinance_care", OUT_FLAG},
    {"proposals", OUT_FLAG}, {"manual_part", OUT_FLAG},
    {"persons_stated", OUT_NUMBER}, {"lock", OUT_TEXT},
    {"dispose_on", OUT_DATE}, RESULTS_END,
};

static bool
run_show(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct door_holding h;
	if (!find_holding(call, &h, err))
		return false;
	struct people_organ organ;
	bool is_own = h.section == call->visitor->section;
	put_holding(call, call->out, &h);
	if (organ_of(call, h.section, &organ)) {
		out_text(a, call->out, "organ", organ.name);
		out_text(a, call->out, "ordinance", organ.ordinance);
	}
	out_text(a, call->out, "title", h.name);
	struct out *items = out_list(a, call->out, "items");
	for (size_t i = 0; i < h.n_items; i++) {
		struct out *o = out_item(a, items);
		out_text(a, o, "id", h.items[i].id);
		out_text(a, o, "name", h.items[i].name);
		out_flag(a, o, "special_care", h.items[i].is_special_care);
		out_flag(a, o, "searched",
		    h.items[i].search != PACK_SEARCH_NONE);
		out_flag(a, o, "retired", h.items[i].is_retired);
		out_text(a, o, "marks", item_marks(call, &h.items[i]));
	}
	out_flag(a, call->out, "may_search",
	    (h.acts & ACT_BIT(ACT_SEARCH)) != 0 && !h.is_manual);
	out_flag(a, call->out, "may_oversee", is_own &&
	    (call->visitor->rights & RIGHT_BIT(RIGHT_OVERSEE)) != 0);
	out_flag(a, call->out, "may_grant", is_own &&
	    (call->visitor->rights & RIGHT_BIT(RIGHT_GRANT)) != 0);
	out_flag(a, call->out, "may_change", is_own && h.closed_at == 0 &&
	    (call->visitor->rights & RIGHT_BIT(RIGHT_HOLDING)) != 0);
	out_text(a, call->out, "scope", h.scope);
	out_text(a, call->out, "collected", h.collected);
	out_text(a, call->out, "given_to", h.given_to);
	out_text(a, call->out, "requests_at", h.requests_at);
	out_text(a, call->out, "other_law", h.other_law);
	out_text(a, call->out, "unlisted_why", h.unlisted_why);
	out_flag(a, call->out, "ordinance_care", h.has_ordinance_care);
	out_flag(a, call->out, "proposals", h.takes_proposals);
	out_flag(a, call->out, "manual_part", h.has_manual_part);
	if (h.persons_stated > 0)
		out_number(a, call->out, "persons_stated",
		    (int64_t)h.persons_stated);
	out_text(a, call->out, "lock", h.lock);
	if (h.dispose_on != 0)
		out_date(a, call->out, "dispose_on",
		    date_of_digits(h.dispose_on));
	return true;
}

const struct action row_holding_show = {
    .name = "holding.show", .path = "/holdings/{holding}",
    .input = show_input, .output = show_output, .who = WHO_SESSION,
    .ledger_verb = "", .title = WORD_HOLDING_SHOW_TITLE,
    .help = WORD_HOLDING_SHOW_HELP, .page = "holding", .run = run_show,
};
