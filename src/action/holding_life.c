/* A holding moved to another section, closed; and what it was before. */
#include "holding.h"
#include "people/people.h"

bool
find_kept_holding(struct call *call, struct door_holding *ret,
    struct err *err)
{
	if (!find_holding(call, ret, err))
		return false;
	return ret->closed_at == 0 ||
	    call_fail(call, err, ERR_CONFLICT, WORD_ERROR_HOLDING_CLOSED);
}

/* What the form acts on. */
static void
put_facts(struct call *call, const struct door_holding *h)
{
	struct out *facts = out_list(call->arena, call->out, "facts");
	put_fact(call, facts, WORD_FIELD_HOLDING, h->name);
	put_fact(call, facts, WORD_HOLDING_SECTION_COL, h->section_path);
	put_fact(call, facts, WORD_HOLDING_PERSONS_COL,
	    call_word(call, WORD_HOLDING_PERSONS, arena_printf(call->arena,
	        "%llu", (unsigned long long)h->persons)));
}

/* ---- move ---- */

static const char *const grant_choices[] = {"end", "pass", NULL};

static const struct field move_input[] = {
    FIELD_HOLDING,
    {.name = "section", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_SECTION_TO},
    {.name = "grants", .type = FIELD_CHOICE, .max = 8, .required = true,
        .label = WORD_FIELD_GRANTS_THEN, .choices = grant_choices},
    FIELD_CASE_REFERENCE,
    {.name = "version", .type = FIELD_NUMBER, .max = 1000000,
        .label = WORD_FIELD_VERSION},
    FIELDS_END,
};

static const struct result move_output[] = {
    {"version_now", OUT_TEXT}, RESULTS_OF_FACTS, {"section_options", OUT_LIST},
    {"section_options.value", OUT_ID}, {"section_options.label", OUT_TEXT},
    RESULTS_END,
};

static bool
prepare_move(struct call *call, struct err *err)
{
	struct door_holding h;
	if (!find_kept_holding(call, &h, err))
		return false;
	out_text(call->arena, call->out, "version_now",
	    arena_printf(call->arena, "%u", h.form_version));
	put_facts(call, &h);
	return put_section_options(call, err);
}

static bool
run_move(struct call *call, struct err *err)
{
	struct door_holding h;
	struct people_section to;
	if (!find_kept_holding(call, &h, err))
		return false;
	if (!people_section_get(door_reader(call->door), call->visitor->body,
	    call_id(call, "section"), call->arena, &to, NULL))
		return call_mistake(call, err, "section", WORD_MISTAKE_CHOICE,
		    slice_of(word_text(WORD_FIELD_SECTION_TO, call->lang)),
		    SLICE(""));
	if (to.id == h.section)
		return call_mistake(call, err, "section",
		    WORD_MISTAKE_SAME_SECTION);
	if (to.organ != h.organ)
		return call_mistake(call, err, "section",
		    WORD_MISTAKE_OTHER_ORGAN);
	const struct door_move ask = {.holding = h.id, .section = to.id,
	    .form_version = (uint32_t)call_number(call, "version",
	        h.form_version),
	    .keeps_grants = slice_is(call_text(call, "grants"), "pass"),
	    .reference = call_text(call, "case")};
	if (door_move_holding(call->door, call->visitor, &ask, err))
		return true;
	return err->code == ERR_CONFLICT
	    ? call_fail(call, err, ERR_CONFLICT, WORD_ERROR_HOLDING_CHANGED)
	    : false;
}

const struct action row_holding_move = {
    .name = "holding.move", .is_change = true,
    .path = "/holdings/{holding}/move", .input = move_input,
    .output = move_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_HOLDING), .ledger_verb = "authority.holding",
    .title = WORD_HOLDING_MOVE_TITLE, .help = WORD_HOLDING_MOVE_HELP,
    .page = "form", .after = "/holdings/{holding}",
    .prepare = prepare_move, .run = run_move,
};

/* ---- close ---- */

static const struct field close_input[] = {
    FIELD_HOLDING, FIELD_CASE_REFERENCE,
    {.name = "sure", .type = FIELD_FLAG, .required = true,
        .label = WORD_FIELD_SURE_CLOSE},
    FIELDS_END,
};

static const struct result close_output[] = {RESULTS_OF_FACTS, RESULTS_END};

static bool
prepare_close(struct call *call, struct err *err)
{
	struct door_holding h;
	if (!find_kept_holding(call, &h, err))
		return false;
	put_facts(call, &h);
	return true;
}

static bool
run_close(struct call *call, struct err *err)
{
	struct door_holding h;
	if (!find_kept_holding(call, &h, err))
		return false;
	if (h.persons > 0)
		return call_fail(call, err, ERR_CONFLICT,
		    WORD_ERROR_HOLDING_FULL, arena_printf(call->arena, "%llu",
		        (unsigned long long)h.persons));
	return door_close_holding(call->door, call->visitor, h.id,
	    call_text(call, "case"), err);
}

const struct action row_holding_close = {
    .name = "holding.close", .is_change = true,
    .path = "/holdings/{holding}/close", .input = close_input,
    .output = close_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_HOLDING), .ledger_verb = "authority.holding",
    .title = WORD_HOLDING_CLOSE_TITLE, .help = WORD_HOLDING_CLOSE_HELP,
    .page = "form", .after = "/holdings/{holding}",
    .prepare = prepare_close, .run = run_close,
};

/* ---- history ---- */

static const struct field history_input[] = {
    FIELD_HOLDING,
    {.name = "below", .type = FIELD_NUMBER, .max = 1000000,
        .label = WORD_FIELD_AFTER},
    FIELDS_END,
};

static const struct result history_output[] = {
    {"id", OUT_ID}, {"name", OUT_TEXT}, {"closed_at", OUT_TIME},
    {"history", OUT_LIST}, {"history.version", OUT_NUMBER},
    {"history.at", OUT_TIME}, {"history.person", OUT_TEXT},
    {"history.post", OUT_TEXT}, {"history.first", OUT_FLAG},
    {"history.changes", OUT_LIST}, {"history.changes.label", OUT_TEXT},
    {"history.changes.before", OUT_TEXT},
    {"history.changes.after", OUT_TEXT}, {"next", OUT_NUMBER}, RESULTS_END,
};

static void
compare(struct call *call, struct out *list, struct slice label,
    struct slice before, struct slice after)
{
	if (slice_is_equal(before, after))
		return;
	struct out *o = out_item(call->arena, list);
	out_text(call->arena, o, "label", label);
	out_text(call->arena, o, "before", before);
	out_text(call->arena, o, "after", after);
}

static struct slice
purposes_text(struct call *call, const struct door_holding *h)
{
	struct buf to = buf_of(16384);
	for (size_t i = 0; i < h->n_purposes; i++) {
		const struct pack_purpose *p =
		    pack_purpose(call->pack, h->purposes[i]);
		if (i > 0)
			buf_add_str(&to, call->lang == LANG_JA ? "、" : ", ");
		buf_add(&to, p == NULL ? h->purposes[i]
		    : pack_word(call, &p->title));
	}
	struct slice s = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return s;
}

static struct slice
sensitivity_text(struct call *call, const struct door_holding *h)
{
	const struct pack_sensitivity *s =
	    pack_sensitivity(call->pack, h->sensitivity);
	return s == NULL ? h->sensitivity : pack_word(call, &s->label);
}

static struct slice
number_text(struct call *call, uint64_t n)
{
	return arena_printf(call->arena, "%llu", (unsigned long long)n);
}

static struct slice
flag_text(struct call *call, bool flag)
{
	return slice_of(word_text(flag ? WORD_HOLDING_YES : WORD_HOLDING_NO,
	    call->lang));
}

/* The items that were there, and those that were added. */
static void
compare_items(struct call *call, struct out *list,
    const struct door_holding *before, const struct door_holding *after)
{
	for (size_t i = 0; i < after->n_items; i++) {
		const struct door_item *now = &after->items[i];
		const struct door_item *was =
		    i < before->n_items ? &before->items[i] : NULL;
		struct slice label = call_word(call, WORD_HOLDING_ITEM_NAMED,
		    now->name);
		if (was == NULL) {
			compare(call, list, label, SLICE(""), call_word(call,
			    WORD_HOLDING_ITEM_ADDED));
			continue;
		}
		compare(call, list, label, was->name, now->name);
		compare(call, list, label, item_marks(call, was),
		    item_marks(call, now));
	}
}

static void
compare_forms(struct call *call, struct out *list,
    const struct door_holding *before, const struct door_holding *after)
{
	const struct {
		enum word label;
		struct slice before, after;
	} texts[] = {
	    {WORD_FIELD_HOLDING_NAME, before->name, after->name},
	    {WORD_HOLDING_SECTION_COL, before->section_path,
	        after->section_path},
	    {WORD_FIELD_SENSITIVITY, sensitivity_text(call, before),
	        sensitivity_text(call, after)},
	    {WORD_FIELD_BASIS, before->basis, after->basis},
	    {WORD_FIELD_PURPOSES, purposes_text(call, before),
	        purposes_text(call, after)},
	    {WORD_FIELD_PLACE, before->place, after->place},
	    {WORD_FIELD_RETENTION, number_text(call, before->retention_years),
	        number_text(call, after->retention_years)},
	    {WORD_FIELD_SECOND_FACTOR,
	        flag_text(call, before->needs_second_factor),
	        flag_text(call, after->needs_second_factor)},
	    {WORD_FIELD_TERMINALS_ONLY,
	        flag_text(call, before->needs_terminal),
	        flag_text(call, after->needs_terminal)},
	    {WORD_HOLDING_SCOPE, before->scope, after->scope},
	    {WORD_FIELD_PERSONS_STATED,
	        number_text(call, before->persons_stated),
	        number_text(call, after->persons_stated)},
	    {WORD_HOLDING_COLLECTED, before->collected, after->collected},
	    {WORD_HOLDING_GIVEN_TO, before->given_to, after->given_to},
	    {WORD_HOLDING_REQUESTS_AT, before->requests_at,
	        after->requests_at},
	    {WORD_HOLDING_OTHER_LAW, before->other_law, after->other_law},
	    {WORD_HOLDING_UNLISTED_WHY, before->unlisted_why,
	        after->unlisted_why},
	    {WORD_FIELD_ORDINANCE_CARE,
	        flag_text(call, before->has_ordinance_care),
	        flag_text(call, after->has_ordinance_care)},
	    {WORD_FIELD_PROPOSALS, flag_text(call, before->takes_proposals),
	        flag_text(call, after->takes_proposals)},
	    {WORD_FIELD_MANUAL_PART, flag_text(call, before->has_manual_part),
	        flag_text(call, after->has_manual_part)},
	    {WORD_HOLDING_LOCK, before->lock, after->lock},
	    {WORD_HOLDING_DISPOSE_ON, day_text(call, before->dispose_on),
	        day_text(call, after->dispose_on)},
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		compare(call, list, slice_of(word_text(texts[i].label,
		    call->lang)), texts[i].before, texts[i].after);
	compare_items(call, list, before, after);
}

static bool
run_history(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct door_holding h;
	struct shown_form *forms;
	size_t n;
	uint32_t below = (uint32_t)call_number(call, "below", 0);
	if (!find_holding_form(call, &h, err) ||
	    !door_holding_forms(call->door, call->visitor, h.id, below,
	        &forms, &n, err))
		return false;
	out_id(a, call->out, "id", h.id);
	out_text(a, call->out, "name", h.name);
	if (h.closed_at != 0)
		out_time(a, call->out, "closed_at", h.closed_at);
	struct out *list = out_list(a, call->out, "history");
	/* the last of a full page is what the one before it is compared with */
	bool is_full = n == DOOR_PAGE_MAX;
	for (size_t i = 0; i < n - (is_full ? 1 : 0); i++) {
		const struct shown_form *f = &forms[i];
		struct out *o = out_item(a, list);
		out_number(a, o, "version", f->holding.form_version);
		if (f->at != 0)
			out_time(a, o, "at", f->at);
		out_text(a, o, "person", f->person_name);
		out_text(a, o, "post", f->post);
		out_flag(a, o, "first", i + 1 == n);
		struct out *changes = out_list(a, o, "changes");
		if (i + 1 < n)
			compare_forms(call, changes, &forms[i + 1].holding,
			    &f->holding);
	}
	if (is_full)
		out_number(a, call->out, "next",
		    forms[n - 2].holding.form_version);
	return true;
}

const struct action row_holding_history = {
    .name = "holding.history", .path = "/holdings/{holding}/history",
    .input = history_input, .output = history_output, .who = WHO_SESSION,
    .ledger_verb = "", .title = WORD_HOLDING_HISTORY_TITLE,
    .help = WORD_HOLDING_HISTORY_HELP, .page = "holding_history",
    .run = run_history,
};
