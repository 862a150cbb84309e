/* A CSV into a holding; and what was done with one record. */
#include "rows.h"

/* ---- import ---- */

static const struct field import_input[] = {
    FIELD_HOLDING, FIELD_PURPOSE, FIELD_CASE_REFERENCE,
    {.name = "file", .type = FIELD_FILE, .max = 64 * 1024 * 1024,
        .required = true, .label = WORD_FIELD_CSV},
    {.name = "dry", .type = FIELD_FLAG, .label = WORD_FIELD_DRY},
    FIELDS_END,
};

static const struct result import_output[] = {
    {"purpose_options", OUT_LIST}, {"purpose_options.value", OUT_TEXT},
    {"purpose_options.label", OUT_TEXT},
    {"purpose_options.selected", OUT_FLAG}, {"rows", OUT_NUMBER},
    {"dry", OUT_FLAG}, {"problem_count", OUT_NUMBER}, {"more", OUT_FLAG},
    {"problems", OUT_LIST}, {"problems.row", OUT_NUMBER},
    {"problems.column", OUT_NUMBER}, {"problems.item", OUT_TEXT},
    {"problems.fault", OUT_TEXT}, {"problems.text", OUT_TEXT},
    RESULTS_END,
};

/* More than these nobody mends at once. */
enum { PROBLEMS_SHOWN_MAX = 200 };

static void
put_problems(struct call *call, const struct imported *r)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "problems");
	out_number(a, call->out, "problem_count", (int64_t)r->n_problems);
	out_flag(a, call->out, "more", r->has_more ||
	    r->n_problems > PROBLEMS_SHOWN_MAX);
	for (size_t i = 0; i < r->n_problems && i < PROBLEMS_SHOWN_MAX; i++) {
		const struct shown_problem *p = &r->problems[i];
		struct out *o = out_item(a, list);
		out_number(a, o, "row", p->row);
		out_number(a, o, "column", p->column);
		out_text(a, o, "item", p->item);
		out_str(a, o, "fault", p->fault);
		out_text(a, o, "text", fault_text(call, p->item, p->fault));
	}
}

static bool
run_import(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct door_holding h;
	struct imported r = {0};
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	bool is_dry = call_has(call, "dry");
	if (!find_writable(call, &h, err))
		return false;
	call->purpose = call_text(call, "purpose");
	put_purposes(call, call->out, &h);
	struct door_import ask = {.intent = intent_of(call, &h),
	    .csv = call_nth(call, "file", 0)->bytes, .is_dry = is_dry};
	/* what is wrong with the file is what the page shows */
	if (!house_import(call, &ask, &r, &refusal, err) &&
	    err->code != ERR_INPUT)
		return pass_refusal(call, err, &refusal);
	out_number(a, call->out, "rows", r.rows);
	out_flag(a, call->out, "dry", is_dry);
	put_problems(call, &r);
	call->shows_result = true;
	return true;
}

const struct action row_record_import = {
    .name = "record.import", .is_change = true,
    .path = "/holdings/{holding}/import", .input = import_input,
    .output = import_output, .who = WHO_GRANT, .needs_purpose = true,
    .ledger_verb = "record.create", .title = WORD_RECORD_IMPORT_TITLE,
    .help = WORD_RECORD_IMPORT_HELP, .page = "import",
    .after = "/holdings/{holding}", .prepare = prepare_purposes,
    .run = run_import,
};

/* ---- trail ---- */

static const struct field trail_input[] = {
    FIELD_HOLDING, FIELD_RECORD, FIELDS_END,
};

static bool
run_trail(struct call *call, struct err *err)
{
	struct door_holding h;
	struct door_accesses ask = {.record = call_id(call, "record")};
	if (!find_holding(call, &h, err))
		return false;
	ask.holding = h.id;
	return put_accesses(call, &ask, err);
}

const struct action row_record_trail = {
    .name = "record.trail",
    .path = "/holdings/{holding}/records/{record}/trail",
    .input = trail_input, .output = accesses_output, .who = WHO_SESSION,
    .ledger_verb = "", .title = WORD_RECORD_TRAIL_TITLE,
    .help = WORD_RECORD_TRAIL_HELP, .page = "accesses", .run = run_trail,
};
