/* Registers (台帳) as they are read: which there are, their rows, one row with
 * its history. */
#include "register.h"

#include "form_paper.h"
#include "pack_field.h"
#include "register/value.h"

static const struct field no_input[] = {FIELDS_END};

/* ---- which there are ---- */

static const struct result registers_output[] = {
    {"registers", OUT_LIST}, {"registers.id", OUT_TEXT},
    {"registers.title", OUT_TEXT}, {"registers.help", OUT_TEXT},
    {"registers.articles", OUT_TEXT}, {"registers.rows", OUT_NUMBER},
    {"registers.may_keep", OUT_FLAG}, RESULTS_END,
};

static bool
run_registers(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	const struct pack *p = call->pack;
	struct register_count *counts;
	size_t n;
	if (!register_counts(door_reader(call->door), call->visitor->body, a,
	    &counts, &n, err))
		return false;
	struct out *list = out_list(a, call->out, "registers");
	for (size_t i = 0; i < p->n_registers; i++) {
		const struct pack_register *r = &p->registers[i];
		uint64_t rows = 0;
		struct slice articles = articles_of_controls(call, r->controls,
	    r->n_controls);
		if (!register_may_read(call, r, call->visitor->section))
			continue;
		for (size_t j = 0; j < n; j++)
			if (slice_is_equal(counts[j].register_id, r->id))
				rows = counts[j].rows;
		/* the regulation does not ask for it */
		if (articles.n == 0 && rows == 0)
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "id", r->id);
		out_text(a, o, "title", pack_word(call, &r->title));
		out_text(a, o, "help", pack_word(call, &r->help));
		out_text(a, o, "articles", articles);
		out_number(a, o, "rows", (int64_t)rows);
		out_flag(a, o, "may_keep", register_may_keep(call, r,
		    call->visitor->section));
	}
	return true;
}

const struct action row_register_list = {
    .name = "register.list", .path = "/registers", .input = no_input,
    .output = registers_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_REGISTER_LIST_TITLE, .help = WORD_REGISTER_LIST_HELP,
    .page = "registers", .run = run_registers,
};

/* ---- rows ---- */

static const struct field show_input[] = {
    FIELDS_REGISTER_ASKED,
    {.name = "after_sort", .type = FIELD_TEXT, .max = 1000,
        .label = WORD_FIELD_AFTER},
    {.name = "after", .type = FIELD_ID, .label = WORD_FIELD_AFTER},
    FIELDS_END,
};

static const struct result show_output[] = {
    {"register", OUT_TEXT}, {"title", OUT_TEXT}, {"about", OUT_TEXT},
    {"articles", OUT_TEXT}, {"may_keep", OUT_FLAG}, {"filtered", OUT_FLAG},
    {"filters", OUT_LIST}, {"filters.name", OUT_TEXT},
    {"filters.label", OUT_TEXT}, {"filters.options", OUT_LIST},
    {"filters.options.value", OUT_TEXT}, {"filters.options.label", OUT_TEXT},
    {"filters.options.selected", OUT_FLAG},
    {"columns", OUT_LIST}, {"columns.id", OUT_TEXT},
    {"columns.label", OUT_TEXT}, {"rows", OUT_LIST}, {"rows.id", OUT_ID},
    {"rows.name", OUT_TEXT}, {"rows.section", OUT_TEXT},
    {"rows.version", OUT_NUMBER}, {"rows.ended", OUT_FLAG},
    {"rows.cells", OUT_LIST}, {"rows.cells.id", OUT_TEXT},
    {"rows.cells.text", OUT_TEXT}, {"rows.cells.value", OUT_TEXT},
    {"asked", OUT_LIST}, {"asked.name", OUT_TEXT}, {"asked.value", OUT_TEXT},
    {"next_sort", OUT_TEXT}, {"next", OUT_ID}, RESULTS_FORMS,
    RESULTS_END,
};

/* f.FIELD=VALUE of the address. */
static bool
read_filters(struct call *call, const struct pack_register *r,
    struct register_ask *ask, struct err *err)
{
	const struct value *v;
	for (size_t i = 0; (v = call_nth(call, "f", i)) != NULL; i++) {
		size_t at = pack_register_field(r, v->name);
		struct slice stored;
		if (at == r->n_fields ||
		    !register_value_is_filter(&r->fields[at]) ||
		    ask->n_filters == REGISTER_FILTERS_MAX)
			return call_mistake(call, err, "f",
			    WORD_MISTAKE_REGISTER_FILTER, v->name);
		if (register_value_read(&r->fields[at], v->text, call->arena,
		    &stored) != VALUE_GOOD || stored.n == 0)
			return call_mistake(call, err, "f",
			    WORD_MISTAKE_REGISTER_FILTER, v->name);
		ask->filters[ask->n_filters++] =
		    (struct register_filter){r->fields[at].id, stored};
	}
	return true;
}

bool
register_read_ask(struct call *call, const struct pack_register *r,
    struct register_ask *ask, struct err *err)
{
	*ask = (struct register_ask){
	    .section = register_only_section(call, r),
	    .query = call_text(call, "q"),
	    .with_ended = call_has(call, "ended")};
	return read_filters(call, r, ask, err);
}

static struct slice
asked_of(const struct register_ask *ask, struct slice field)
{
	for (size_t i = 0; i < ask->n_filters; i++)
		if (slice_is_equal(ask->filters[i].field, field))
			return ask->filters[i].value;
	return SLICE("");
}

/* Choices alone are offered; whatever else is filtered by comes by links. */
static bool
put_filters(struct call *call, const struct pack_register *r,
    const struct register_ask *ask, struct err *err)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "filters");
	size_t n = 0;
	for (size_t i = 0; i < r->n_fields && n < REGISTER_FILTERS_MAX; i++) {
		const struct pack_field *f = &r->fields[i];
		if (f->type != PACK_FIELD_CHOICE)
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "name", arena_printf(a, "f.%.*s",
		    SLICE_FMT(f->id)));
		out_text(a, o, "label", pack_word(call, &f->label));
		if (!field_put_options(call, o, f, asked_of(ask, f->id),
		    err))
			return false;
		n++;
	}
	out_flag(a, call->out, "filtered", ask->query.n > 0 ||
	    ask->n_filters > 0 || ask->with_ended);
	return true;
}

bool
register_is_column(const struct pack_register *r, size_t i)
{
	return r->fields[i].type != PACK_FIELD_PROSE &&
	    !slice_is_equal(r->fields[i].id, r->name.id);
}

static void
put_columns(struct call *call, const struct pack_register *r)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "columns");
	size_t name = pack_register_field(r, r->name.id), n = 0;
	struct out *o = out_item(a, list);
	out_text(a, o, "id", r->name.id);
	out_text(a, o, "label", pack_word(call, &r->fields[name].label));
	for (size_t i = 0; i < r->n_fields && n < REGISTER_COLUMNS_MAX; i++) {
		if (!register_is_column(r, i))
			continue;
		o = out_item(a, list);
		out_text(a, o, "id", r->fields[i].id);
		out_text(a, o, "label", pack_word(call, &r->fields[i].label));
		n++;
	}
}

static void
put_cells(struct call *call, struct out *in, const struct pack_register *r,
    const struct register_row *row)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, in, "cells");
	size_t n = 0;
	for (size_t i = 0; i < r->n_fields && n < REGISTER_COLUMNS_MAX; i++) {
		if (!register_is_column(r, i))
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "id", r->fields[i].id);
		out_text(a, o, "text", field_shown(call, &r->fields[i],
		    row->values[i]));
		out_text(a, o, "value", row->values[i].n == 0 ? SLICE("")
		    : row->values[i]);
		n++;
	}
}

static void
put_rows(struct call *call, const struct pack_register *r,
    const struct register_row *rows, size_t n)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "rows");
	for (size_t i = 0; i < n; i++) {
		struct out *o = out_item(a, list);
		out_id(a, o, "id", rows[i].id);
		out_text(a, o, "name", rows[i].name);
		if (rows[i].section != 0)
			out_text(a, o, "section", section_path(call,
			    rows[i].section));
		out_number(a, o, "version", rows[i].version);
		out_flag(a, o, "ended", rows[i].ended_at != 0);
		put_cells(call, o, r, &rows[i]);
	}
}

/* The same question again, for the next page and for the file. */
static void
put_asked(struct call *call, const struct register_ask *ask)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "asked"), *o;
	if (ask->query.n > 0) {
		o = out_item(a, list);
		out_str(a, o, "name", "q");
		out_text(a, o, "value", ask->query);
	}
	for (size_t i = 0; i < ask->n_filters; i++) {
		o = out_item(a, list);
		out_text(a, o, "name", arena_printf(a, "f.%.*s",
		    SLICE_FMT(ask->filters[i].field)));
		out_text(a, o, "value", ask->filters[i].value);
	}
	if (ask->with_ended) {
		o = out_item(a, list);
		out_str(a, o, "name", "ended");
		out_str(a, o, "value", "1");
	}
}

static bool
run_show(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	const struct pack_register *r;
	struct register_ask ask;
	struct register_row *rows;
	size_t n;
	bool has_more;
	if (!register_find(call, &r, err) ||
	    !register_read_ask(call, r, &ask, err))
		return false;
	ask.max = REGISTER_PAGE_MAX;
	ask.after_sort = call_text(call, "after_sort");
	ask.after = call_id(call, "after");
	struct register_source from = register_source_of(call, r);
	if (!register_list(&from, &ask, &rows, &n, &has_more, err))
		return false;
	out_text(a, call->out, "register", r->id);
	out_text(a, call->out, "title", pack_word(call, &r->title));
	out_text(a, call->out, "about", pack_word(call, &r->help));
	out_text(a, call->out, "articles",
	    articles_of_controls(call, r->controls, r->n_controls));
	out_flag(a, call->out, "may_keep", register_may_keep(call, r,
	    call->visitor->section));
	put_asked(call, &ask);
	put_forms(call, PACK_FORM_ROWS, r->id, true);
	put_columns(call, r);
	put_rows(call, r, rows, n);
	if (has_more) {
		out_text(a, call->out, "next_sort", rows[n - 1].sort);
		out_id(a, call->out, "next", rows[n - 1].id);
	}
	return put_filters(call, r, &ask, err);
}

const struct action row_register_show = {
    .name = "register.show", .path = "/registers/{register}",
    .input = show_input, .output = show_output, .who = WHO_SESSION,
    .ledger_verb = "", .title = WORD_REGISTER_SHOW_TITLE,
    .help = WORD_REGISTER_SHOW_HELP, .page = "register", .run = run_show,
};

/* ---- one row ---- */

static const struct field row_input[] = {
    FIELD_REGISTER, FIELD_ROW, FIELDS_END,
};

static const struct result row_output[] = {
    {"register", OUT_TEXT}, {"register_title", OUT_TEXT}, {"row", OUT_ID},
    {"title", OUT_TEXT}, {"version", OUT_NUMBER}, {"section", OUT_TEXT},
    {"articles", OUT_TEXT}, {"made_at", OUT_TIME}, {"ended_at", OUT_TIME},
    {"may_keep", OUT_FLAG}, {"values", OUT_LIST}, {"values.id", OUT_TEXT},
    {"values.label", OUT_TEXT}, {"values.text", OUT_TEXT},
    {"values.value", OUT_TEXT}, {"values.prose", OUT_FLAG},
    {"history", OUT_LIST}, {"history.version", OUT_NUMBER},
    {"history.at", OUT_TIME}, {"history.person", OUT_TEXT},
    {"history.reason", OUT_TEXT}, {"history.end", OUT_FLAG},
    {"history.first", OUT_FLAG}, {"history.changes", OUT_LIST},
    {"history.changes.label", OUT_TEXT}, {"history.changes.before", OUT_TEXT},
    {"history.changes.after", OUT_TEXT}, RESULTS_FORMS, RESULTS_END,
};

static void
put_row_values(struct call *call, const struct pack_register *r,
    const struct register_row *row)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "values");
	for (size_t i = 0; i < r->n_fields; i++) {
		const struct pack_field *f = &r->fields[i];
		struct out *o = out_item(a, list);
		out_text(a, o, "id", f->id);
		out_text(a, o, "label", pack_word(call, &f->label));
		out_text(a, o, "text", field_shown(call, f,
		    row->values[i]));
		out_text(a, o, "value", row->values[i].n == 0 ? SLICE("")
		    : row->values[i]);
		out_flag(a, o, "prose", f->type == PACK_FIELD_PROSE);
	}
}

static void
put_changes(struct call *call, struct out *in, const struct pack_register *r,
    const struct register_version *now, const struct register_version *was)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, in, "changes");
	for (size_t i = 0; was != NULL && i < r->n_fields; i++) {
		const struct pack_field *f = &r->fields[i];
		if (slice_is_equal(now->values[i], was->values[i]))
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "label", pack_word(call, &f->label));
		out_text(a, o, "before", field_shown(call, f,
		    was->values[i]));
		out_text(a, o, "after", field_shown(call, f,
		    now->values[i]));
	}
}

static bool
put_history(struct call *call, const struct register_source *from,
    uint64_t id, struct err *err)
{
	struct arena *a = call->arena;
	struct register_version *list;
	size_t n;
	if (!register_versions(from, id, &list, &n, err))
		return false;
	struct out *out = out_list(a, call->out, "history");
	for (size_t i = 0; i < n; i++) {
		struct out *o = out_item(a, out);
		out_number(a, o, "version", list[i].version);
		out_time(a, o, "at", list[i].at);
		out_text(a, o, "person", person_name(call, list[i].person));
		out_text(a, o, "reason", list[i].reason);
		out_flag(a, o, "end", list[i].is_end);
		out_flag(a, o, "first", list[i].version == 1);
		put_changes(call, o, from->reg, &list[i],
		    i + 1 < n ? &list[i + 1] : NULL);
	}
	return true;
}

static bool
run_row(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	const struct pack_register *r;
	struct register_row row;
	if (!register_get_readable(call, &r, &row, err))
		return false;
	struct register_source from = register_source_of(call, r);
	out_text(a, call->out, "register", r->id);
	out_text(a, call->out, "register_title", pack_word(call, &r->title));
	out_id(a, call->out, "row", row.id);
	out_text(a, call->out, "title", row.name);
	out_number(a, call->out, "version", row.version);
	if (row.section != 0)
		out_text(a, call->out, "section", section_path(call,
		    row.section));
	out_text(a, call->out, "articles",
	    articles_of_controls(call, r->controls, r->n_controls));
	out_time(a, call->out, "made_at", row.made_at);
	if (row.ended_at != 0)
		out_time(a, call->out, "ended_at", row.ended_at);
	out_flag(a, call->out, "may_keep", row.ended_at == 0 &&
	    register_may_keep(call, r, row.section));
	put_row_values(call, r, &row);
	put_forms(call, PACK_FORM_ROW, r->id, true);
	return put_history(call, &from, row.id, err);
}

const struct action row_register_row = {
    .name = "register.row", .path = "/registers/{register}/{row}",
    .input = row_input, .output = row_output, .who = WHO_SESSION,
    .ledger_verb = "", .title = WORD_REGISTER_ROW_TITLE,
    .help = WORD_REGISTER_ROW_HELP, .page = "register_row", .run = run_row,
};
