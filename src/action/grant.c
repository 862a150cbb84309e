/* Grants, permits, and what waits for a second person. */
#include "organ.h"

static const struct result nothing[] = {RESULTS_END};

/* ---- list ---- */

static const struct field list_input[] = {
    {.name = "holding", .type = FIELD_ID, .label = WORD_FIELD_HOLDING},
    {.name = "after", .type = FIELD_ID, .label = WORD_FIELD_AFTER},
    FIELDS_END,
};

static const struct result list_output[] = {
    {"grants", OUT_LIST}, {"grants.id", OUT_ID}, {"grants.holding", OUT_ID},
    {"grants.holding_name", OUT_TEXT}, {"grants.to", OUT_TEXT},
    {"grants.acts", OUT_TEXT}, {"grants.limits", OUT_TEXT},
    {"grants.from", OUT_TIME},
    {"grants.until", OUT_UNTIL}, {"grants.article", OUT_TEXT},
    {"grants.made_by", OUT_TEXT}, {"grants.in_force", OUT_FLAG},
    {"grants.to_come", OUT_FLAG},
    {"grants.emergency", OUT_FLAG}, {"grants.surge", OUT_FLAG},
    {"grants.ground", OUT_TEXT},
    {"grants.all_items", OUT_FLAG}, {"next", OUT_ID},
    {"may_make", OUT_FLAG}, {"own", OUT_FLAG}, RESULTS_END,
};

/* To whom: a person, or whoever holds an office. */
static struct slice
subject_of(const struct call *call, const struct shown_grant *g)
{
	return g->person_name.n > 0 ? g->person_name
	    : arena_printf(call->arena, "%.*s %.*s",
	        SLICE_FMT(g->section_path), SLICE_FMT(g->office_title));
}

/* Hours, weekdays, days and terminals, where it is limited to some. */
static struct slice
limits_text(struct call *call, const struct door_grant *g)
{
	static const char *const weekdays[] = {"sun", "mon", "tue", "wed",
	    "thu", "fri", "sat"};
	const char *mark = call->lang == LANG_JA ? "、" : ", ";
	struct buf to = buf_of(2048);
	for (unsigned day = 0; day < 7; day++)
		if ((g->weekdays >> day & 1) != 0) {
			buf_add_str(&to, to.n > 0 ? mark : "");
			buf_add(&to, keyed_word(call, "choice.weekdays",
			    slice_of(weekdays[day])));
		}
	for (size_t i = 0; i < g->n_days; i++) {
		buf_add_str(&to, to.n > 0 ? mark : "");
		date_format(date_of_number(g->days[i]), call->lang == LANG_JA
		    ? DATE_ERA : DATE_ENGLISH, &to);
	}
	if (g->to_minute != 0)
		buf_add_printf(&to, "%s%02u:%02u-%02u:%02u",
		    to.n > 0 ? mark : "", g->from_minute / 60,
		    g->from_minute % 60, g->to_minute / 60, g->to_minute % 60);
	if (g->n_terminals > 0) {
		buf_add_str(&to, to.n > 0 ? mark : "");
		buf_add(&to, call_word(call, WORD_GRANT_LIMIT_TERMINALS,
		    arena_printf(call->arena, "%zu", g->n_terminals)));
	}
	struct slice s = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return s;
}

/* On what it passes to another organ: 提供. */
static struct slice
ground_text(const struct call *call, struct slice key)
{
	const struct pack_ground *g = pack_ground(call->pack, key);
	return g == NULL ? key : pack_word(call, &g->title);
}

static void
put_grant(struct call *call, struct out *list, const struct shown_grant *g)
{
	struct arena *a = call->arena;
	struct out *o = out_item(a, list);
	out_id(a, o, "id", g->grant.id);
	out_id(a, o, "holding", g->grant.holding);
	out_text(a, o, "holding_name", holding_name(call, g->grant.holding));
	out_text(a, o, "to", subject_of(call, g));
	out_text(a, o, "acts", acts_text(call, g->grant.acts));
	out_text(a, o, "limits", limits_text(call, &g->grant));
	out_time(a, o, "from", g->grant.from);
	out_until(a, o, "until", g->grant.until);
	struct slice ordinance = outside_of(call, g->grant.holding);
	out_text(a, o, "article", ordinance.n > 0 ? ordinance
	    : article_label(call, g->grant.article));
	if (g->grant.ground.n > 0)
		out_text(a, o, "ground", ground_text(call, g->grant.ground));
	out_text(a, o, "made_by", g->made_by_name);
	out_flag(a, o, "in_force", g->is_in_force);
	out_flag(a, o, "to_come", call->now < g->grant.from &&
	    g->grant.from < g->grant.until);
	out_flag(a, o, "emergency", g->is_emergency);
	out_flag(a, o, "surge", g->is_surge);
	out_flag(a, o, "all_items", g->grant.items == ITEMS_ALL);
}

static bool
run_list(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct shown_grant *grants;
	size_t n;
	if (!door_grants(call->door, call->visitor, call_id(call, "holding"),
	    call_id(call, "after"), &grants, &n, err))
		return false;
	struct out *list = out_list(a, call->out, "grants");
	for (size_t i = 0; i < n; i++)
		put_grant(call, list, &grants[i]);
	if (n == DOOR_PAGE_MAX)
		out_id(a, call->out, "next", grants[n - 1].grant.id);
	out_flag(a, call->out, "may_make",
	    (call->visitor->rights & RIGHT_BIT(RIGHT_GRANT)) != 0);
	return true;
}

const struct action row_grant_list = {
    .name = "grant.list", .path = "/grants", .input = list_input,
    .output = list_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_GRANT_LIST_TITLE, .help = WORD_GRANT_LIST_HELP,
    .page = "grants", .run = run_list,
};

/* ---- end ---- */

static const struct field end_input[] = {
    {.name = "id", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_ROW},
    FIELD_CASE_REFERENCE,
    FIELDS_END,
};

static const struct result end_output[] = {RESULTS_OF_FACTS, RESULTS_END};

static bool
prepare_end(struct call *call, struct err *err)
{
	struct shown_grant g;
	if (!door_grant(call->door, call->visitor, call_id(call, "id"), &g,
	    err))
		return false;
	struct out *facts = out_list(call->arena, call->out, "facts");
	put_fact(call, facts, WORD_GRANT_TO, subject_of(call, &g));
	put_fact(call, facts, WORD_GRANT_HOLDING,
	    holding_name(call, g.grant.holding));
	put_fact(call, facts, WORD_GRANT_ACTS, acts_text(call, g.grant.acts));
	put_fact(call, facts, WORD_GRANT_PERIOD,
	    period_text(call, g.grant.from, g.grant.until));
	put_fact(call, facts, WORD_GRANT_MADE_BY, g.made_by_name);
	return true;
}

static bool
run_end(struct call *call, struct err *err)
{
	struct put put;
	struct shown_grant g;
	if (!door_grant(call->door, call->visitor, call_id(call, "id"), &g,
	    err))
		return false;
	struct door_end ask = {.kind = g.is_emergency ? AUTHORITY_EMERGENCY
	        : AUTHORITY_GRANT,
	    .id = g.grant.id, .reference = call_text(call, "case")};
	return door_end(call->door, call->visitor, &ask, &put, err);
}

const struct action row_grant_end = {
    .name = "grant.end", .is_change = true, .path = "/grants/{id}/end",
    .input = end_input, .output = end_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_GRANT), .ledger_verb = "authority.grant",
    .title = WORD_GRANT_END_TITLE, .help = WORD_GRANT_END_HELP,
    .page = "form", .after = "/grants", .prepare = prepare_end,
    .run = run_end,
};

/* ---- permit ---- */

static const struct field permit_input[] = {
    {.name = "account", .type = FIELD_ACCOUNT, .max = PEOPLE_NAME_MAX_BYTES,
        .required = true, .label = WORD_FIELD_ACCOUNT},
    {.name = "holding", .type = FIELD_ID, .label = WORD_FIELD_HOLDING},
    {.name = "count", .type = FIELD_NUMBER, .max = 10000000,
        .required = true, .label = WORD_FIELD_COUNT},
    {.name = "until", .type = FIELD_DATE, .required = true,
        .label = WORD_FIELD_UNTIL},
    FIELD_CASE_REFERENCE,
    FIELDS_END,
};

static const struct result permit_output[] = {
    {"id", OUT_ID}, {"pending", OUT_FLAG},
    {"holding_options", OUT_LIST}, {"holding_options.value", OUT_ID},
    {"holding_options.label", OUT_TEXT},
    {"account_options", OUT_LIST}, {"account_options.value", OUT_ID},
    {"account_options.label", OUT_TEXT}, RESULTS_END,
};

static bool
prepare_permit(struct call *call, struct err *err)
{
	return put_own_holdings(call, err) && put_account_options(call, err);
}

static bool
run_permit(struct call *call, struct err *err)
{
	struct put put = {0};
	struct door_permit ask = {.account = call_id(call, "account"),
	    .holding = call_id(call, "holding"),
	    .count = (uint32_t)call_number(call, "count", 0),
	    .from = call->now,
	    .until = day_end(call_number(call, "until", 0)),
	    .reference = call_text(call, "case")};
	if (!door_put_permit(call->door, call->visitor, &ask, &put, err))
		return false;
	out_id(call->arena, call->out, "id", put.id);
	out_flag(call->arena, call->out, "pending", put.is_pending);
	return true;
}

const struct action row_permit_make = {
    .name = "permit.make", .is_change = true, .path = "/permits/new",
    .input = permit_input, .output = permit_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_PERMIT), .ledger_verb = "authority.permit",
    .title = WORD_PERMIT_MAKE_TITLE, .help = WORD_PERMIT_MAKE_HELP,
    .page = "form", .after = "/pending", .prepare = prepare_permit,
    .run = run_permit,
};

/* ---- what waits for a second person ---- */

/* Those who are second persons of some kind of row. */
enum {
	SECONDS = RIGHT_BIT(RIGHT_PERMIT) | RIGHT_BIT(RIGHT_ACCOUNT) |
	    RIGHT_BIT(RIGHT_GRANT) | RIGHT_BIT(RIGHT_OVERSEE) |
	    RIGHT_BIT(RIGHT_APPOINT)
};

static const struct field no_input[] = {FIELDS_END};

static const struct result pending_output[] = {
    {"rows", OUT_LIST}, {"rows.id", OUT_ID}, {"rows.kind", OUT_TEXT},
    {"rows.key", OUT_TEXT}, {"rows.made_by", OUT_TEXT},
    {"rows.whose", OUT_TEXT},
    {"rows.until", OUT_UNTIL}, {"rows.count", OUT_NUMBER},
    {"rows.what", OUT_TEXT}, {"rows.reason", OUT_TEXT},
    {"rows.case", OUT_TEXT}, {"rows.holding", OUT_ID},
    {"rows.record", OUT_ID}, {"rows.purpose", OUT_TEXT},
    {"may_permit", OUT_FLAG}, RESULTS_END,
};

/* What goes out, why, and whose record it is: for who confirms it. */
static void
put_release(struct call *call, struct out *o, const struct shown_pending *p)
{
	struct arena *a = call->arena;
	const struct pack_purpose *purpose =
	    pack_purpose(call->pack, p->purpose);
	struct slice title = purpose == NULL ? p->purpose
	    : pack_word(call, &purpose->title);
	struct slice act = keyed_word(call, "act", slice_of(act_name(p->act)));
	struct slice name = holding_name(call, p->holding);
	struct shown_reason why;
	out_text(a, o, "what", arena_printf(a, "%.*s　%.*s　%.*s",
	    SLICE_FMT(name), SLICE_FMT(act), SLICE_FMT(title)));
	out_id(a, o, "holding", p->holding);
	out_id(a, o, "record", p->record);
	out_text(a, o, "purpose", p->purpose);
	if (!door_reason(call->door, call->visitor, AUTHORITY_RELEASE, p->id,
	    &why, NULL))
		return;
	out_text(a, o, "reason", why.text);
	out_text(a, o, "case", why.reference);
}

/* The person whose account it is; empty for other rows. */
static struct slice
whose(struct call *call, uint64_t id)
{
	struct people_account account;
	if (id == 0 || !people_account_get(door_reader(call->door),
	    call->visitor->body, id, call->arena, &account, NULL))
		return SLICE("");
	return person_name(call, account.person);
}

static bool
run_pending(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct shown_pending *rows;
	size_t n;
	if (!door_pending(call->door, call->visitor, &rows, &n, err))
		return false;
	struct out *list = out_list(a, call->out, "rows");
	for (size_t i = 0; i < n; i++) {
		struct out *o = out_item(a, list);
		const char *kind = authority_kind_name(rows[i].kind);
		out_id(a, o, "id", rows[i].id);
		out_str(a, o, "key", kind);
		out_text(a, o, "kind", keyed_word(call, "kind",
		    slice_of(kind)));
		out_text(a, o, "made_by", rows[i].made_by_name);
		out_text(a, o, "whose", whose(call, rows[i].account));
		out_until(a, o, "until", rows[i].until);
		out_number(a, o, "count", rows[i].count);
		if (rows[i].kind == AUTHORITY_RELEASE)
			put_release(call, o, &rows[i]);
	}
	out_flag(a, call->out, "may_permit",
	    (call->visitor->rights & RIGHT_BIT(RIGHT_PERMIT)) != 0);
	return true;
}

const struct action row_pending_list = {
    .name = "pending.list", .path = "/pending", .input = no_input,
    .output = pending_output, .who = WHO_RIGHT,
    .rights = SECONDS, .ledger_verb = "entry.show",
    .title = WORD_PENDING_LIST_TITLE,
    .help = WORD_PENDING_LIST_HELP, .page = "pending", .run = run_pending,
};

static const char *const kind_choices[] = {"permit", "credential", "release",
    NULL};

static enum authority_kind
kind_of(struct slice name)
{
	return slice_is(name, "permit") ? AUTHORITY_PERMIT
	    : slice_is(name, "release") ? AUTHORITY_RELEASE
	                                : AUTHORITY_CREDENTIAL;
}

static const struct field confirm_input[] = {
    {.name = "kind", .type = FIELD_CHOICE, .max = 16, .required = true,
        .label = WORD_FIELD_KIND, .choices = kind_choices},
    {.name = "id", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_ROW},
    FIELDS_END,
};

static bool
run_confirm(struct call *call, struct err *err)
{
	struct put put;
	enum authority_kind kind = kind_of(call_text(call, "kind"));
	if (door_confirm(call->door, call->visitor, kind, call_id(call, "id"),
	    &put, err))
		return true;
	if (err->code == ERR_DENIED)
		return call_fail(call, err, ERR_DENIED,
		    WORD_ERROR_SECOND_PERSON);
	return false;
}

const struct action row_pending_confirm = {
    .name = "pending.confirm", .is_change = true, .path = "/pending/confirm",
    .input = confirm_input, .output = nothing, .who = WHO_RIGHT,
    .rights = SECONDS,
    .ledger_verb = "authority.confirm", .title = WORD_PENDING_CONFIRM_TITLE,
    .help = WORD_PENDING_CONFIRM_HELP, .after = "/pending",
    .run = run_confirm,
};
