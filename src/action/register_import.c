/* Rows of a register out of a workbook or CSV: the template, and the taking. */
#include "base/csv.h"
#include "pack_field.h"
#include "paper.h"
#include "people/people.h"
#include "register_take.h"
#include "report/workbook.h"

enum { ARENA_MAX_BYTES = 128 * 1024 * 1024, TEMPLATE_MAX_BYTES = 8 << 20 };

/* ---- the template ---- */

static const char *const template_formats[] = {"xlsx", "csv", NULL};

static const struct field template_input[] = {
    FIELD_REGISTER, FIELD_PAPER_FORMAT(template_formats), FIELDS_END,
};

static const struct result no_output[] = {RESULTS_END};

static bool
put_choices(struct call *call, const struct pack_field *f,
    struct template_column *c, struct err *err)
{
	struct out *item = out_root(call->arena);
	if (!field_put_options(call, item, f, SLICE(""), err))
		return false;
	const struct out *list = out_member(item, "options");
	size_t n = 0;
	for (const struct out *o = list->first; o != NULL; o = o->next)
		n++;
	struct slice *names = arena_array(call->arena, n, sizeof(*names));
	for (const struct out *o = list->first; names != NULL && o != NULL;
	     o = o->next)
		names[c->n_choices++] = out_member(o, "label")->text;
	c->choices = names;
	return true;
}

static bool
put_column(struct call *call, const struct pack_field *f,
    struct template_column *c, struct err *err)
{
	static const struct slice yes_only = {NULL, 0};
	*c = (struct template_column){.label = pack_word(call, &f->label),
	    .hint = pack_word(call, &f->hint), .is_required = f->is_required,
	    .is_wide = f->type == PACK_FIELD_PROSE, .choices = &yes_only};
	if (f->type == PACK_FIELD_DATE && c->hint.n == 0)
		c->hint = call_word(call, WORD_REGISTER_DATE_HINT);
	if (f->is_required)
		c->hint = arena_printf(call->arena, "%s　%.*s",
		    word_text(WORD_FORM_REQUIRED, call->lang),
		    SLICE_FMT(c->hint));
	if (f->type == PACK_FIELD_FLAG) {
		struct slice *yes = arena_alloc(call->arena, sizeof(*yes));
		if (yes == NULL)
			return ERR(err, ERR_LIMIT, "no memory");
		*yes = call_word(call, WORD_REGISTER_YES);
		c->choices = yes;
		c->n_choices = 1;
		return true;
	}
	return (f->type != PACK_FIELD_CHOICE && f->type < PACK_FIELD_PERSON) ||
	    put_choices(call, f, c, err);
}

struct template_writing {
	const struct template *t;
	struct buf to;
};

static bool
write_template(void *arg, struct err *err)
{
	struct template_writing *w = arg;
	return template_write(w->t, &w->to, err);
}

static void
write_csv_template(const struct template *t, struct buf *to)
{
	struct csv_writer csv = csv_writer_of(to, true);
	buf_add_str(to, "\xef\xbb\xbf");
	for (size_t i = 0; i < t->n_columns; i++)
		csv_put_field(&csv, t->columns[i].label);
	csv_end_row(&csv);
}

static bool
make_template(struct call *call, const struct pack_register *r,
    struct template *t, struct err *err)
{
	struct template_column *columns = arena_array(call->arena,
	    r->n_fields, sizeof(*columns));
	if (columns == NULL)
		return ERR(err, ERR_LIMIT, "no memory");
	*t = (struct template){.title = pack_word(call, &r->title),
	    .guide = call_word(call, WORD_TAKE_GUIDE),
	    .sheet = call_word(call, WORD_TAKE_SHEET),
	    .choices_sheet = call_word(call, WORD_TAKE_CHOICES_SHEET),
	    .columns = columns, .n_columns = r->n_fields,
	    .rows = REGISTER_IMPORT_MAX};
	for (size_t i = 0; i < r->n_fields; i++)
		if (!put_column(call, &r->fields[i], &columns[i], err))
			return false;
	return true;
}

static bool
give_template(struct call *call, const struct pack_register *r,
    struct err *err)
{
	struct template t;
	struct template_writing w = {.t = &t,
	    .to = buf_of(TEMPLATE_MAX_BYTES)};
	bool is_csv = slice_is(call_text(call, "format"), "csv");
	bool worked = make_template(call, r, &t, err);
	if (worked && is_csv)
		write_csv_template(&t, &w.to);
	else if (worked)
		worked = house_aside(call, write_template, &w, err);
	if (!worked) {
		buf_close(&w.to);
		return false;
	}
	call->content = w.to;
	call->content_type = is_csv ? "text/csv; charset=utf-8" : TYPE_XLSX;
	return true;
}

static bool
run_template(struct call *call, struct err *err)
{
	const struct pack_register *r;
	struct arena *was = call->arena;
	if (!register_find_kept(call, call->visitor->section, &r, err))
		return false;
	struct arena *own = arena_open(ARENA_MAX_BYTES);
	if (own == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	call->arena = own; /* names of thousands of persons */
	bool worked = give_template(call, r, err);
	call->arena = was;
	arena_close(own);
	if (worked)
		call->attachment = arena_printf(was, "%.*s-template.%.*s",
		    SLICE_FMT(r->id), SLICE_FMT(call_text(call, "format")));
	return worked;
}

const struct action row_register_template = {
    .name = "register.template", .path = "/registers/{register}/template",
    .input = template_input, .output = no_output, .who = WHO_SESSION,
    .ledger_verb = "", .title = WORD_REGISTER_TEMPLATE_TITLE,
    .help = WORD_REGISTER_TEMPLATE_HELP, .gives_file = true,
    .run = run_template,
};

/* ---- taking in ---- */

static const struct field import_input[] = {
    FIELD_REGISTER,
    {.name = "file", .type = FIELD_FILE, .max = GRID_FILE_MAX_BYTES,
        .required = true, .label = WORD_FIELD_REGISTER_FILE},
    {.name = "reason", .type = FIELD_PROSE,
        .max = REGISTER_REASON_MAX_BYTES - 100,
        .label = WORD_FIELD_REGISTER_REASON},
    {.name = "dry", .type = FIELD_FLAG, .label = WORD_FIELD_DRY},
    FIELDS_END,
};

static const struct result import_output[] = {
    {"register", OUT_TEXT}, {"register_title", OUT_TEXT},
    {"rows", OUT_NUMBER}, {"made", OUT_NUMBER}, {"changed", OUT_NUMBER},
    {"same", OUT_NUMBER}, {"dry", OUT_FLAG}, {"checked", OUT_FLAG},
    {"left_out", OUT_TEXT}, {"import", OUT_ID},
    {"problem_count", OUT_NUMBER}, {"more", OUT_FLAG},
    {"problems", OUT_LIST}, {"problems.row", OUT_NUMBER},
    {"problems.column", OUT_TEXT}, {"problems.text", OUT_TEXT}, RESULTS_END,
};

static const enum word flaw_words[GRID_FLAWS] = {
    [GRID_NO_WORKBOOK] = WORD_TAKE_NO_WORKBOOK,
    [GRID_LOCKED] = WORD_TAKE_LOCKED, [GRID_MACROS] = WORD_TAKE_MACROS,
    [GRID_HIDDEN] = WORD_TAKE_HIDDEN,
    [GRID_TOO_LARGE] = WORD_TAKE_TOO_LARGE,
    [GRID_BROKEN] = WORD_TAKE_BROKEN,
};

struct reading {
	struct slice file;
	struct arena *arena;
	struct grid grid;
};

static bool
read_file(void *arg, struct err *err)
{
	struct reading *r = arg;
	return grid_read(r->file, r->arena, &r->grid, err);
}

static void
put_head(struct call *call, const struct pack_register *r)
{
	out_text(call->arena, call->out, "register", r->id);
	out_text(call->arena, call->out, "register_title",
	    pack_word(call, &r->title));
}

static void
put_problems(struct call *call, struct arena *a, const struct taking *t)
{
	struct out *list = out_list(a, call->out, "problems");
	out_number(a, call->out, "problem_count", (int64_t)t->n_problems);
	out_flag(a, call->out, "more", t->n_problems > TAKE_PROBLEMS_MAX);
	for (size_t i = 0; i < t->n_problems && i < TAKE_PROBLEMS_MAX; i++) {
		const struct take_problem *p = &t->problems[i];
		struct out *o = out_item(a, list);
		out_number(a, o, "row", p->row);
		out_text(a, o, "column", arena_copy(a, p->column));
		out_text(a, o, "text", arena_copy(a, p->text));
	}
}

/* Sheets of which nothing is taken, but for the template's own choices. */
static void
put_left_out(struct call *call, struct arena *a, const struct grid *g)
{
	struct buf to = buf_of(16 * 1024);
	for (size_t i = 0; i < g->n_left_out; i++) {
		if (slice_is_equal(g->left_out[i], call_word(call,
		    WORD_TAKE_CHOICES_SHEET)))
			continue;
		if (to.n > 0)
			buf_add_str(&to, call->lang == LANG_JA ? "、" : ", ");
		buf_add(&to, g->left_out[i]);
	}
	if (to.n > 0 && !to.failed)
		out_text(a, call->out, "left_out",
		    arena_copy(a, slice_bytes(to.p, to.n)));
	buf_close(&to);
}

static void
put_counts(struct call *call, struct arena *a, const struct taking *t)
{
	bool is_dry = call_has(call, "dry");
	out_number(a, call->out, "rows", (int64_t)(t->n + t->n_same));
	out_number(a, call->out, "made", (int64_t)t->n_new);
	out_number(a, call->out, "changed", (int64_t)(t->n - t->n_new));
	out_number(a, call->out, "same", (int64_t)t->n_same);
	out_flag(a, call->out, "dry", is_dry);
	out_flag(a, call->out, "checked", t->n_problems == 0);
}

/* All of them or none; the import's number stands with each version. */
static bool
write_rows(struct taking *t, struct arena *request, struct err *err)
{
	struct call *call = t->call;
	struct arena *a = call->arena;
	uint64_t import = people_new_id();
	size_t at = 0;
	struct register_write *list = arena_array(a, t->n, sizeof(*list));
	if (list == NULL)
		return ERR(err, ERR_LIMIT, "no memory");
	struct slice reason = call_word(call, WORD_TAKE_REASON,
	    arena_printf(a, "%016llx", (unsigned long long)import),
	    call_text(call, "reason"));
	for (size_t i = 0; i < t->n; i++)
		list[i] = (struct register_write){.reg = t->r,
		    .pack_hash = call->pack->hash, .reason = reason,
		    .now = call->now, .row = &t->rows[i]};
	struct err inner = ERR_INIT;
	if (register_put_all(call->door, call->visitor, list, t->n, import, a,
	    &at, &inner)) {
		out_id(request, call->out, "import", import);
		return true;
	}
	if (inner.code == ERR_CONFLICT && at < t->n) {
		call->arena = request; /* the sentence outlives the work */
		bool told = call_fail(call, err, ERR_CONFLICT,
		    WORD_TAKE_CONFLICT,
		    arena_printf(request, "%u", t->numbers[at]));
		call->arena = a;
		return told;
	}
	if (err != NULL)
		*err = inner;
	return false;
}

static bool
take(struct call *call, const struct pack_register *r, struct arena *request,
    struct err *err)
{
	struct taking *t = arena_alloc(call->arena, sizeof(*t));
	struct reading reading = {.file = call_nth(call, "file", 0)->bytes,
	    .arena = call->arena};
	struct err inner = ERR_INIT;
	if (t == NULL)
		return ERR(err, ERR_LIMIT, "no memory");
	*t = (struct taking){.call = call, .r = r, .grid = &reading.grid};
	if (!house_aside(call, read_file, &reading, &inner)) {
		if (reading.grid.flaw == GRID_FINE) {
			*err = inner;
			return false;
		}
		t->problems[t->n_problems++] = (struct take_problem){
		    .column = SLICE(""), .text = call_word(call,
		        flaw_words[reading.grid.flaw], reading.grid.where)};
	} else if (!take_rows(t, err)) {
		return false;
	}
	bool is_told = call_text(call, "reason").n > 0;
	bool needs_reason = t->n_problems == 0 && t->n > t->n_new;
	put_counts(call, request, t);
	put_left_out(call, request, &reading.grid);
	put_problems(call, request, t);
	if (needs_reason && !is_told && !call_has(call, "dry")) {
		call->arena = request;
		return call_mistake(call, err, "reason",
		    WORD_TAKE_REASON_MISSING);
	}
	return t->n_problems > 0 || call_has(call, "dry") || t->n == 0 ||
	    write_rows(t, request, err);
}

static bool
prepare_import(struct call *call, struct err *err)
{
	const struct pack_register *r;
	if (!register_find_kept(call, call->visitor->section, &r, err))
		return false;
	put_head(call, r);
	return true;
}

static bool
run_import(struct call *call, struct err *err)
{
	const struct pack_register *r;
	struct arena *request = call->arena;
	if (!register_find_kept(call, call->visitor->section, &r, err))
		return false;
	put_head(call, r);
	struct arena *own = arena_open(ARENA_MAX_BYTES);
	if (own == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	call->arena = own;
	bool worked = take(call, r, request, err);
	call->arena = request;
	arena_close(own);
	call->shows_result = worked;
	return worked;
}

const struct action row_register_import = {
    .name = "register.import", .is_change = true,
    .path = "/registers/{register}/import", .input = import_input,
    .output = import_output, .who = WHO_SESSION,
    .ledger_verb = "register.import", .title = WORD_REGISTER_IMPORT_TITLE,
    .help = WORD_REGISTER_IMPORT_HELP, .page = "register_import",
    .after = "/registers/{register}", .prepare = prepare_import,
    .run = run_import,
};
