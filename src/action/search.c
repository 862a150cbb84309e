/* Records found by search tokens, and opened for a list. */
#include "rows.h"

static const struct field search_input[] = {
    FIELD_HOLDING,
    FIELD_PURPOSE, FIELD_CASE_REFERENCE,
    {.name = "v", .type = FIELD_VALUES, .max = 512, .many = true,
        .label = WORD_FIELD_TERMS},
    FIELDS_END,
};

static const struct result search_output[] = {
    {"id", OUT_ID}, {"name", OUT_TEXT}, {"section", OUT_TEXT},
    {"sensitivity", OUT_TEXT}, {"basis", OUT_TEXT}, {"place", OUT_TEXT},
    {"my_number", OUT_FLAG}, {"second_factor", OUT_FLAG},
    {"terminals_only", OUT_FLAG}, {"retention_years", OUT_NUMBER},
    {"persons", OUT_NUMBER}, {"paper", OUT_FLAG}, {"closed_at", OUT_TIME},
    {"acts", OUT_TEXT}, {"may_view", OUT_FLAG}, {"may_create", OUT_FLAG},
    {"purposes", OUT_LIST}, {"purposes.id", OUT_TEXT},
    {"purposes.title", OUT_TEXT},
    {"purpose_options", OUT_LIST}, {"purpose_options.value", OUT_TEXT},
    {"purpose_options.label", OUT_TEXT},
    {"purpose_options.selected", OUT_FLAG},
    {"terms", OUT_LIST}, {"terms.id", OUT_TEXT}, {"terms.label", OUT_TEXT},
    {"terms.value", OUT_TEXT}, {"terms.kind", OUT_TEXT},
    {"searched", OUT_FLAG}, {"count", OUT_NUMBER}, {"more", OUT_FLAG},
    {"over", OUT_FLAG}, {"query", OUT_TEXT}, {"heads", OUT_LIST},
    {"heads.label", OUT_TEXT}, {"records", OUT_LIST},
    {"records.id", OUT_ID}, {"records.query", OUT_TEXT},
    {"records.values", OUT_LIST}, {"records.values.id", OUT_TEXT},
    {"records.values.label", OUT_TEXT}, {"records.values.text", OUT_TEXT},
    {"records.values.masked", OUT_FLAG},
    {"records.values.special_care", OUT_FLAG},
    {"secrets", OUT_LIST}, {"secrets.id", OUT_ID},
    {"secret_count", OUT_NUMBER}, RESULTS_END,
};

static void
put_terms(struct call *call, const struct door_holding *h)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "terms");
	for (size_t i = 0; i < h->n_items; i++) {
		if (h->items[i].search == PACK_SEARCH_NONE)
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "id", h->items[i].id);
		out_text(a, o, "label", h->items[i].name);
		struct slice typed = call_typed(call, "v", h->items[i].id);
		out_text(a, o, "value", typed.p == NULL ? SLICE("") : typed);
		out_str(a, o, "kind", h->items[i].type == PACK_ITEM_DATE
		    ? "date" : h->items[i].type == PACK_ITEM_KANA ? "kana"
		    : "text");
	}
}

static void
put_records(struct call *call, const struct door_holding *h,
    const struct shown_record *records, size_t n)
{
	struct arena *a = call->arena;
	struct out *heads = out_list(a, call->out, "heads");
	for (size_t i = 0; i < h->n_items; i++)
		if (h->items[i].type != PACK_ITEM_FILE)
			out_text(a, out_item(a, heads), "label",
			    h->items[i].name);
	struct out *list = out_list(a, call->out, "records");
	bool is_over = false;
	for (size_t i = 0; i < n; i++) {
		struct out *o = out_item(a, list);
		out_id(a, o, "id", records[i].id);
		put_values(call, o, h, &records[i]);
		is_over |= records[i].is_over;
	}
	out_flag(a, call->out, "over", is_over);
	out_number(a, call->out, "count", (int64_t)n);
	out_text(a, call->out, "query", onward_query(call));
}

/*
 * Sent like a change, although nothing changes but the ledger: what is looked
 * for is personal, and must not stand in an address, a history or a log.
 */
static bool
prepare_search(struct call *call, struct err *err)
{
	struct door_holding h;
	if (!find_holding(call, &h, err))
		return false;
	call->purpose = call_text(call, "purpose");
	put_holding(call, call->out, &h);
	put_purposes(call, call->out, &h);
	put_terms(call, &h);
	return true;
}

/*
 * 秘匿 records stand in no list. Whoever may open them learns that some fit,
 * and by which number to open them.
 */
static bool
put_secrets(struct call *call, const struct door_list *ask, struct err *err)
{
	struct arena *a = call->arena;
	struct shown_list found = {0};
	struct decision refusal;
	int64_t n = 0;
	if (!door_look_up(call->door, call->visitor, ask, &found, &refusal,
	    err))
		return false;
	struct out *list = out_list(a, call->out, "secrets");
	for (size_t i = 0; i < found.n; i++) {
		if (!found.records[i].is_secret)
			continue;
		out_id(a, out_item(a, list), "id", found.records[i].id);
		n++;
	}
	out_number(a, call->out, "secret_count", n);
	return true;
}

static bool
run_search(struct call *call, struct err *err)
{
	struct door_holding h;
	struct slice values[64];
	struct door_list ask = {.n = 0};
	struct shown_list list = {0};
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	if (!find_holding(call, &h, err))
		return false;
	call->purpose = call_text(call, "purpose");
	put_holding(call, call->out, &h);
	put_purposes(call, call->out, &h);
	put_terms(call, &h);
	if (!read_values(call, &h, values, err))
		return false;
	for (size_t i = 0; i < h.n_items && ask.n < DOOR_TERMS_MAX; i++)
		if (values[i].n > 0)
			ask.terms[ask.n++] = (struct door_term){
			    h.items[i].number, values[i]};
	if (ask.n == 0)
		return call_mistake(call, err, "v", WORD_MISTAKE_TERM);
	call->shows_result = true;
	out_flag(call->arena, call->out, "searched", true);
	ask.intent = intent_of(call, &h);
	if (!door_list(call->door, call->visitor, &ask, &list, &refusal, err)) {
		if (err->code == ERR_INPUT)
			return call_mistake(call, err, "v",
			    WORD_MISTAKE_TERM);
		return pass_refusal(call, err, &refusal);
	}
	out_flag(call->arena, call->out, "more", list.has_more);
	put_records(call, &h, list.records, list.n);
	return (h.acts & ACT_BIT(ACT_SECRET)) == 0 ||
	    put_secrets(call, &ask, err);
}

const struct action row_record_search = {
    .name = "record.search", .is_change = true,
    .path = "/holdings/{holding}/search",
    .input = search_input, .output = search_output, .who = WHO_GRANT,
    .needs_purpose = true, .ledger_verb = "record.search",
    .title = WORD_RECORD_SEARCH_TITLE, .help = WORD_RECORD_SEARCH_HELP,
    .page = "search", .prepare = prepare_search, .run = run_search,
};
