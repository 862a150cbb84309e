/* Registers as papers: their rows as a list, one row with its history. */
#include "register.h"

#include "base/date.h"
#include "form_paper.h"
#include "pack_field.h"

/* ---- the rows ---- */

static const struct field list_input[] = {
    FIELDS_REGISTER_ASKED, FIELD_FORM, FIELD_PAPER_FORMAT(list_formats),
    FIELDS_END,
};

static const struct result file_output[] = {RESULTS_END};

/*
 * Which fields stand in the list: all in a workbook, which can be taken in
 * again; those of the list's page where they must fit the breadth of A4.
 */
struct columns {
	struct paper_column list[PAPER_COLUMNS_MAX];
	size_t fields[PACK_FIELDS_MAX];
	size_t n, n_fields;
	bool has_id, has_section, has_end;
};

static void
add_column(struct columns *c, struct slice label, bool is_right)
{
	c->list[c->n++] = (struct paper_column){.label = label,
	    .is_right = is_right};
}

static void
add_field(struct call *call, struct columns *c, const struct pack_register *r,
    size_t i)
{
	const struct pack_field *f = &r->fields[i];
	bool is_right = f->type == PACK_FIELD_NUMBER ||
	    f->type == PACK_FIELD_MONEY;
	c->fields[c->n_fields++] = i;
	add_column(c, pack_word(call, &f->label), is_right);
}

static void
choose_columns(struct call *call, const struct pack_register *r,
    const struct register_ask *ask, bool is_whole, struct columns *ret)
{
	size_t name = pack_register_field(r, r->name.id);
	*ret = (struct columns){.has_id = is_whole,
	    .has_section = r->scope == PACK_REGISTER_SECTION,
	    .has_end = is_whole || ask->with_ended};
	if (ret->has_id)
		add_column(ret, call_word(call, WORD_REGISTER_ID), false);
	if (ret->has_section)
		add_column(ret, call_word(call, WORD_FIELD_SECTION), false);
	if (!is_whole)
		add_field(call, ret, r, name);
	for (size_t i = 0; i < r->n_fields; i++)
		if (is_whole || (register_is_column(r, i) &&
		    ret->n_fields <= REGISTER_COLUMNS_MAX))
			add_field(call, ret, r, i);
	if (ret->has_end)
		add_column(ret, call_word(call, WORD_REGISTER_ENDED_ON),
		    false);
}

static void
put_row(struct papering *p, struct paper_table *t, const struct columns *c,
    const struct pack_register *r, const struct register_row *row)
{
	struct call *call = p->call;
	if (c->has_id)
		paper_cell(p, t, arena_printf(call->arena, "%016llx",
		    (unsigned long long)row->id));
	if (c->has_section)
		paper_cell(p, t, section_path(call, row->section));
	for (size_t i = 0; i < c->n_fields; i++)
		paper_cell(p, t, field_shown(call, &r->fields[c->fields[i]],
		    row->values[c->fields[i]]));
	if (c->has_end)
		paper_cell(p, t, row->ended_at == 0 ? SLICE("")
		    : paper_day(call, row->ended_at));
}

static struct form_line
line_of(const struct pack_register *r, const struct register_row *row)
{
	return (struct form_line){.fields = r->fields,
	    .n_fields = r->n_fields, .values = row->values,
	    .section = row->section,
	    .day = row->fact != 0 ? day_begin(row->fact) : row->made_at};
}

/* By the form, or else by the columns. */
static bool
put_rows(struct papering *p, struct paper_table *t, const struct columns *c,
    const struct pack_form *form, const struct pack_register *r,
    struct register_ask *ask, struct err *err)
{
	struct register_source from = register_source_of(p->call, r);
	struct register_row *rows;
	bool has_more = true;
	size_t n;
	while (has_more && !p->is_full) {
		if (!register_list(&from, ask, &rows, &n, &has_more, err))
			return false;
		for (size_t i = 0; i < n; i++) {
			struct form_line line = line_of(r, &rows[i]);
			if (form != NULL)
				form_put(p, form, t, &line);
			else
				put_row(p, t, c, r, &rows[i]);
		}
		if (n == 0)
			break;
		ask->after_sort = rows[n - 1].sort;
		ask->after = rows[n - 1].id;
	}
	return true;
}

static bool
put_list(struct papering *p, const struct pack_form *form,
    const struct pack_register *r, struct register_ask *ask, struct err *err)
{
	struct call *call = p->call;
	struct columns *c = arena_alloc(call->arena, sizeof(*c));
	struct paper_table t;
	if (c == NULL)
		return ERR(err, ERR_LIMIT, "no memory");
	if (form == NULL) {
		p->paper.is_landscape = p->paper.is_list = true;
		choose_columns(call, r, ask, p->format != PAPER_PDF, c);
		return paper_table(p, c->list, c->n, &t, err) &&
		    put_rows(p, &t, c, NULL, r, ask, err);
	}
	form_begin(p, form);
	if (!form_table(p, form, &t, err) ||
	    !put_rows(p, &t, NULL, form, r, ask, err))
		return false;
	form_end(p, form, &t);
	return true;
}

static bool
run_list(struct call *call, struct err *err)
{
	const struct pack_form *form;
	const struct pack_register *r;
	struct register_ask ask;
	if (!register_find(call, &r, err) ||
	    !register_read_ask(call, r, &ask, err) ||
	    !form_find(call, PACK_FORM_ROWS, r->id, &form, err))
		return false;
	ask.max = REGISTER_BATCH_MAX;
	struct papering *p = paper_begin(call, pack_word(call, &r->title),
	    err);
	if (p == NULL)
		return false;
	if (put_list(p, form, r, &ask, err))
		return paper_give(p, form == NULL ? r->id : form->id, err);
	paper_end(p);
	return false;
}

const struct action row_register_paper = {
    .name = "register.paper", .path = "/registers/{register}/paper",
    .input = list_input, .output = file_output, .who = WHO_SESSION,
    .ledger_verb = "", .title = WORD_REGISTER_PAPER_TITLE,
    .help = WORD_REGISTER_PAPER_HELP, .gives_file = true, .run = run_list,
};

/* ---- one row ---- */

static const struct field row_input[] = {
    FIELD_REGISTER, FIELD_ROW, FIELD_FORM, FIELD_PAPER_FORMAT(paper_formats),
    FIELDS_END,
};

static bool
put_facts(struct papering *p, const struct pack_register *r,
    const struct register_row *row, struct err *err)
{
	struct call *call = p->call;
	struct paper_table t;
	if (!paper_facts(p, &t, err))
		return false;
	if (row->section != 0)
		paper_fact(p, &t, call_word(call, WORD_FIELD_SECTION),
		    section_path(call, row->section));
	for (size_t i = 0; i < r->n_fields; i++)
		paper_fact(p, &t, pack_word(call, &r->fields[i].label),
		    field_shown(call, &r->fields[i], row->values[i]));
	if (row->ended_at != 0)
		paper_fact(p, &t, call_word(call, WORD_REGISTER_ENDED_ON),
		    paper_day(call, row->ended_at));
	struct slice articles = articles_of_controls(call, r->controls,
	    r->n_controls);
	if (articles.n > 0)
		paper_fact(p, &t, call_word(call, WORD_REGISTER_ARTICLES),
		    articles);
	return true;
}

/* "置き場所　市民課の書庫 → 耐火金庫", one below another. */
static struct slice
changes_text(struct call *call, const struct pack_register *r,
    const struct register_version *now, const struct register_version *was)
{
	struct buf to = buf_of(PAPER_TEXT_MAX_BYTES);
	if (was == NULL)
		buf_add(&to, call_word(call, WORD_REGISTER_FIRST));
	else if (now->is_end)
		buf_add(&to, call_word(call, WORD_REGISTER_ENDED_HERE));
	for (size_t i = 0; was != NULL && i < r->n_fields; i++) {
		const struct pack_field *f = &r->fields[i];
		if (slice_is_equal(now->values[i], was->values[i]))
			continue;
		if (to.n > 0)
			buf_add_byte(&to, '\n');
		buf_add(&to, pack_word(call, &f->label));
		buf_add_str(&to, "　");
		buf_add(&to, field_shown(call, f, was->values[i]));
		buf_add_str(&to, " → ");
		buf_add(&to, field_shown(call, f, now->values[i]));
	}
	struct slice copy = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

static bool
put_history(struct papering *p, const struct register_source *from,
    uint64_t id, struct err *err)
{
	struct call *call = p->call;
	static const enum word heads[] = {WORD_REGISTER_AT,
	    WORD_REGISTER_PERSON, WORD_REGISTER_WHAT_CHANGED,
	    WORD_REGISTER_FORM_REASON};
	struct register_version *list;
	struct paper_table t;
	size_t n;
	if (!register_versions(from, id, &list, &n, err) ||
	    !paper_headed(p, heads, 4, &t, err))
		return false;
	t.block->heading = call_word(call, WORD_REGISTER_HISTORY);
	for (size_t i = 0; i < n; i++) {
		paper_cell(p, &t, paper_time(call, list[i].at));
		paper_cell(p, &t, person_name(call, list[i].person));
		paper_cell(p, &t, changes_text(call, from->reg, &list[i],
		    i + 1 < n ? &list[i + 1] : NULL));
		paper_cell(p, &t, list[i].reason);
	}
	return true;
}

static bool
put_form_row(struct papering *p, const struct pack_form *form,
    const struct pack_register *r, const struct register_row *row,
    struct err *err)
{
	struct form_line line = line_of(r, row);
	struct paper_table t;
	form_begin(p, form);
	if (!form_table(p, form, &t, err))
		return false;
	form_put(p, form, &t, &line);
	form_end(p, form, &t);
	return true;
}

static bool
run_row(struct call *call, struct err *err)
{
	const struct pack_form *form;
	const struct pack_register *r;
	struct register_row row;
	if (!register_get_readable(call, &r, &row, err) ||
	    !form_find(call, PACK_FORM_ROW, r->id, &form, err))
		return false;
	struct papering *p = paper_begin(call, pack_word(call, &r->title),
	    err);
	if (p == NULL)
		return false;
	struct register_source from = register_source_of(call, r);
	if (form != NULL ? put_form_row(p, form, r, &row, err)
	    : put_facts(p, r, &row, err) &&
	        put_history(p, &from, row.id, err))
		return paper_give(p, form == NULL ? r->id : form->id, err);
	paper_end(p);
	return false;
}

const struct action row_register_row_paper = {
    .name = "register.row_paper",
    .path = "/registers/{register}/{row}/paper", .input = row_input,
    .output = file_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_REGISTER_ROW_PAPER_TITLE,
    .help = WORD_REGISTER_ROW_PAPER_HELP, .gives_file = true, .run = run_row,
};
