/* A CSV into a holding; and what was done with one record. */
#include "base/csv.h"
#include "base/text.h"
#include "rows.h"

/* ---- import ---- */

static const struct field import_input[] = {
    FIELD_HOLDING, FIELD_PURPOSE, FIELD_CASE_REFERENCE,
    {.name = "file", .type = FIELD_FILE, .max = 64 * 1024 * 1024,
        .required = true, .label = WORD_FIELD_CSV},
    {.name = "v", .type = FIELD_VALUES, .max = 512,
        .label = WORD_FIELD_HEADINGS},
    {.name = "rest", .type = FIELD_FLAG, .label = WORD_FIELD_REST},
    {.name = "dry", .type = FIELD_FLAG, .label = WORD_FIELD_DRY},
    FIELDS_END,
};

static const struct result import_output[] = {
    {"purpose_options", OUT_LIST}, {"purpose_options.value", OUT_TEXT},
    {"purpose_options.label", OUT_TEXT},
    {"purpose_options.selected", OUT_FLAG}, {"id", OUT_ID},
    {"columns", OUT_LIST}, {"columns.id", OUT_TEXT},
    {"columns.label", OUT_TEXT}, {"columns.value", OUT_TEXT},
    {"columns.options", OUT_LIST}, {"columns.options.label", OUT_TEXT},
    {"columns.options.selected", OUT_FLAG}, {"rows", OUT_NUMBER},
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

/* ---- which column holds which item ---- */

enum { HEADINGS_MAX = 100, HEADING_LINE_MAX_BYTES = 64 * 1024 };

/* What stands in the first row; none where it cannot be read. */
static size_t
read_headings(struct call *call, struct slice file, struct slice *ret)
{
	struct buf text = buf_of(HEADING_LINE_MAX_BYTES * 3);
	struct slice line = slice_bytes(file.p, slice_find(file, '\n'));
	struct csv_reader *r = csv_open(NULL);
	struct csv_row row;
	size_t n = 0;
	if (slice_has_prefix(line, SLICE("\xef\xbb\xbf")))
		line = slice_from(line, 3);
	bool worked = r != NULL && line.n <= HEADING_LINE_MAX_BYTES;
	if (worked && !text_is_utf8(line)) {
		worked = text_from_cp932(line, &text, NULL, NULL);
		line = slice_bytes(text.p, text.n);
	}
	if (worked && csv_next(r, &line, true, &row, NULL) == CSV_ROW)
		for (; n < row.n && n < HEADINGS_MAX; n++)
			ret[n] = arena_copy(call->arena,
			    slice_trim(row.fields[n]));
	csv_close(r);
	buf_close(&text);
	return n;
}

/* The items with their headings: as said, else what the file has. */
static void
put_columns(struct call *call, const struct door_holding *h,
    const struct slice *said, const struct slice *headings, size_t n)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "columns");
	for (size_t i = 0; i < h->n_items; i++) {
		const struct door_item *item = &h->items[i];
		if (item->is_retired || item->type == PACK_ITEM_FILE)
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "id", item->id);
		out_text(a, o, "label", item->name);
		out_text(a, o, "value", said[i]);
		struct out *options = out_list(a, o, "options");
		for (size_t c = 0; c < n; c++) {
			struct out *option = out_item(a, options);
			out_text(a, option, "label", headings[c]);
			out_flag(a, option, "selected", slice_is_equal(
			    headings[c], said[i].n > 0 ? said[i]
			    : item->name));
		}
	}
}

/* An item's own name need not be said. */
static bool
read_said(struct call *call, const struct door_holding *h, struct slice *said,
    struct err *err)
{
	if (!read_values(call, h, said, err))
		return false;
	for (size_t i = 0; i < h->n_items; i++)
		if (said[i].p == NULL ||
		    slice_is_equal(slice_trim(said[i]), h->items[i].name))
			said[i] = SLICE("");
		else
			said[i] = slice_trim(said[i]);
	return true;
}

static bool
prepare_import(struct call *call, struct err *err)
{
	struct door_holding h;
	struct slice said[DOOR_ITEMS_MAX];
	if (!find_writable(call, &h, err) || !prepare_purposes(call, err) ||
	    !door_headings(call->door, call->visitor, h.id, said, h.n_items,
	        err))
		return false;
	out_id(call->arena, call->out, "id", h.id);
	put_columns(call, &h, said, NULL, 0);
	return true;
}

static bool
run_import(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct door_holding h;
	struct imported r = {0};
	struct slice said[DOOR_ITEMS_MAX], headings[HEADINGS_MAX];
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	bool is_dry = call_has(call, "dry");
	if (!find_writable(call, &h, err))
		return false;
	call->purpose = call_text(call, "purpose");
	put_purposes(call, call->out, &h);
	if (!call_has(call, "v")
	    ? !door_headings(call->door, call->visitor, h.id, said, h.n_items,
	        err)
	    : !read_said(call, &h, said, err))
		return false;
	struct door_import ask = {.intent = intent_of(call, &h),
	    .csv = call_nth(call, "file", 0)->bytes, .is_dry = is_dry,
	    .headings = said, .passes_rest = call_has(call, "rest")};
	/* what is wrong with the file is what the page shows */
	if (!house_import(call, &ask, &r, &refusal, err) &&
	    err->code != ERR_INPUT)
		return pass_refusal(call, err, &refusal);
	out_id(a, call->out, "id", h.id);
	put_columns(call, &h, said, headings,
	    read_headings(call, ask.csv, headings));
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
    .after = "/holdings/{holding}", .prepare = prepare_import,
    .run = run_import,
};

/* ---- its first row, to be filled ---- */

static const struct field template_input[] = {FIELD_HOLDING, FIELDS_END};
static const struct result no_output[] = {RESULTS_END};

static bool
run_template(struct call *call, struct err *err)
{
	struct door_holding h;
	struct buf to = buf_of(64 * 1024);
	if (!find_writable(call, &h, err))
		return false;
	buf_add_str(&to, "\xef\xbb\xbf"); /* for spreadsheets */
	struct csv_writer csv = csv_writer_of(&to, true);
	for (size_t i = 0; i < h.n_items; i++)
		if (!h.items[i].is_retired &&
		    h.items[i].type != PACK_ITEM_FILE)
			csv_put_field(&csv, h.items[i].name);
	csv_end_row(&csv);
	call->content = to;
	call->content_type = "text/csv; charset=utf-8";
	call->attachment = SLICE("records-template.csv");
	return true;
}

const struct action row_record_template = {
    .name = "record.template", .path = "/holdings/{holding}/template",
    .input = template_input, .output = no_output, .who = WHO_SESSION,
    .ledger_verb = "", .title = WORD_RECORD_TEMPLATE_TITLE,
    .help = WORD_RECORD_TEMPLATE_HELP, .gives_file = true,
    .run = run_template,
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
