/*
 * One record on paper: an output like any other, by the door, with its entry
 * before anything is written; of one in 秘匿 when another has confirmed it.
 */
#include "paper.h"

static const struct field paper_input[] = {
    FIELD_HOLDING, FIELD_RECORD, FIELD_PURPOSE, FIELD_CASE_REFERENCE,
    FIELD_PAPER_FORMAT(paper_formats), FIELDS_END,
};

static const struct result no_output[] = {RESULTS_END};

/* What the grant does not hold is told as such, not left out. */
static bool
put_items(struct papering *p, const struct door_holding *h,
    const struct shown_record *r, struct err *err)
{
	struct paper_table t;
	if (!paper_facts(p, &t, err))
		return false;
	for (size_t i = 0; i < r->n && i < h->n_items; i++) {
		const struct shown_value *v = &r->values[i];
		if (h->items[i].type == PACK_ITEM_FILE ||
		    (h->items[i].is_retired && v->text.n == 0))
			continue;
		paper_fact(p, &t, h->items[i].name, v->is_masked
		    ? call_word(p->call, WORD_RECORD_MASKED) : v->text);
	}
	return true;
}

static bool
put_why(struct papering *p, uint64_t entry, struct err *err)
{
	struct call *call = p->call;
	const struct pack_purpose *x =
	    pack_purpose(call->pack, call_text(call, "purpose"));
	struct paper_table t;
	if (!paper_facts(p, &t, err))
		return false;
	paper_fact(p, &t, call_word(call, WORD_RECORD_PURPOSE), x == NULL
	    ? call_text(call, "purpose") : pack_word(call, &x->title));
	paper_fact(p, &t, call_word(call, WORD_FIELD_CASE),
	    call_text(call, "case"));
	paper_fact(p, &t, call_word(call, WORD_ACCESS_ENTRY), arena_printf(
	    call->arena, "%llu", (unsigned long long)entry));
	return true;
}

static bool
run_paper(struct call *call, struct err *err)
{
	struct door_holding h;
	struct shown_record r = {0};
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	if (!find_holding_form(call, &h, err))
		return false;
	struct door_view ask = {.intent = intent_of(call, &h),
	    .record = call_id(call, "record"),
	    /* a workbook can be handed on: that is a copy */
	    .act = slice_is(call_text(call, "format"), "pdf") ? ACT_PRINT
	        : ACT_COPY};
	if (!door_view(call->door, call->visitor, &ask, &r, &refusal, err))
		return pass_refusal(call, err, &refusal);
	struct papering *p = paper_begin(call, h.name, err);
	if (p == NULL)
		return false;
	p->paper.from = h.section_path;
	if (put_items(p, &h, &r, err) && put_why(p, r.entry, err))
		return paper_give(p, SLICE("record"), err);
	paper_end(p);
	return false;
}

const struct action row_record_paper = {
    .name = "record.paper",
    .path = "/holdings/{holding}/records/{record}/paper",
    .input = paper_input, .output = no_output, .who = WHO_GRANT,
    .needs_purpose = true, .ledger_verb = "record.open",
    .title = WORD_RECORD_PAPER_TITLE, .help = WORD_RECORD_PAPER_HELP,
    .gives_file = true, .run = run_paper,
};
