/*
 * Matters as papers: a list of them, and one as an application with the row of
 * stamps (決裁欄), its content, and all that was done in it.
 */
#include "matter.h"

#include "form_paper.h"
#include "pack_field.h"

static const struct result no_output[] = {RESULTS_END};

/* ---- the row of stamps ---- */

/* What finishes a step, as long as nothing sent the matter back behind it. */
static bool
is_finish(const struct done *d)
{
	return d->deed == DEED_ASK || d->deed == DEED_APPROVE ||
	    d->deed == DEED_REFUSE || d->deed == DEED_DO;
}

static bool
stands(const struct matter *m, const struct done *d)
{
	for (size_t i = 0; i < m->n_done; i++) {
		const struct done *later = &m->done[i];
		if (later->number > d->number &&
		    later->deed == DEED_SEND_BACK &&
		    pack_procedure_step(m->procedure, later->item) <= d->step)
			return false;
		/* asked again: that one counts */
		if (later->number > d->number && d->deed == DEED_ASK &&
		    later->deed == DEED_ASK)
			return false;
	}
	return true;
}

/* Read afterwards by whom it was decided for (後閲). */
static bool
is_read_after(const struct matter *m, const struct done *d)
{
	for (size_t i = 0; i < m->n_done; i++)
		if (m->done[i].deed == DEED_READ_AFTER &&
		    m->done[i].number > d->number &&
		    slice_is_equal(m->done[i].office, d->as))
			return true;
	return false;
}

static struct slice
mark_of(struct call *call, const struct matter *m, const struct done *d)
{
	if (d->deed == DEED_REFUSE)
		return call_word(call, WORD_PAPER_REFUSED);
	if (d->as.n == 0 || slice_is_equal(d->as, d->office))
		return SLICE("");
	return call_word(call, is_read_after(m, d)
	    ? WORD_PAPER_DEPUTY_READ : WORD_PAPER_DEPUTY);
}

static struct paper_stamp
stamp_of(struct call *call, const struct matter *m, const struct done *d)
{
	const struct pack_step *s = &m->procedure->steps[d->step];
	struct slice office = d->as.n > 0 ? d->as : d->office;
	return (struct paper_stamp){
	    .title = s->kind == PACK_STEP_DECIDE && office.n > 0
	        ? matter_office_title(call, office)
	        : pack_word(call, &s->title),
	    .name = person_name(call, d->person),
	    .day = paper_day(call, d->at), .mark = mark_of(call, m, d)};
}

/* Decisions that are still to come have an empty box. */
static size_t
put_awaited(struct call *call, const struct matter *m,
    const struct pack_step *s, struct paper_stamp *stamps, size_t n)
{
	bool is_all = s->needs_all;
	for (size_t i = 0; i < s->n_by && n < PAPER_STAMPS_MAX; i++) {
		if (pack_office(call->pack, s->by[i].id) == NULL ||
		    (is_all && &m->procedure->steps[m->step] == s &&
		        !procedure_is_awaited(m, s->by[i].id)))
			continue;
		stamps[n++] = (struct paper_stamp){
		    .title = matter_office_title(call, s->by[i].id),
		    .name = SLICE(""), .day = SLICE(""), .mark = SLICE("")};
		if (!is_all)
			break; /* one of them is enough */
	}
	return n;
}

static bool
put_stamps(struct papering *p, const struct matter *m, struct err *err)
{
	struct call *call = p->call;
	struct paper_stamp *stamps = arena_array(call->arena,
	    PAPER_STAMPS_MAX, sizeof(*stamps));
	size_t n = 0;
	if (stamps == NULL)
		return ERR(err, ERR_LIMIT, "no memory");
	for (size_t i = 0; i < m->n_done && n < PAPER_STAMPS_MAX; i++)
		if (is_finish(&m->done[i]) && stands(m, &m->done[i]) &&
		    m->done[i].step < m->procedure->n_steps)
			stamps[n++] = stamp_of(call, m, &m->done[i]);
	for (size_t i = m->step; m->state == MATTER_OPEN &&
	     i < m->procedure->n_steps; i++) {
		const struct pack_step *s = &m->procedure->steps[i];
		if (s->kind == PACK_STEP_DECIDE && (!s->has_when ||
		    procedure_holds(m->procedure, &s->when, m->values)))
			n = put_awaited(call, m, s, stamps, n);
	}
	struct paper_block *b = paper_block(p, PAPER_STAMPS);
	b->stamps = stamps;
	b->n_stamps = n;
	return true;
}

/* ---- its content ---- */

static void
put_fact_word(struct papering *p, struct paper_table *t, enum word label,
    struct slice text)
{
	paper_fact(p, t, call_word(p->call, label), text);
}

static bool
put_content(struct papering *p, const struct matter *m, struct err *err)
{
	struct call *call = p->call;
	struct paper_table t;
	if (!paper_facts(p, &t, err))
		return false;
	struct slice section = section_path(call, m->section);
	put_fact_word(p, &t, WORD_MATTER_ASKER_OF, arena_printf(call->arena,
	    "%.*s%s%.*s", SLICE_FMT(section), section.n > 0 ? "　" : "",
	    SLICE_FMT(person_name(call, m->asker))));
	put_fact_word(p, &t, WORD_MATTER_OPENED,
	    paper_time(call, m->opened_at));
	for (size_t i = 0; i < m->procedure->n_fields; i++) {
		const struct pack_field *f = &m->procedure->fields[i];
		paper_fact(p, &t, pack_word(call, &f->label),
		    m->values[i].n == 0 ? SLICE("")
		    : field_shown(call, f, m->values[i]));
	}
	put_fact_word(p, &t, WORD_MATTER_STATE, keyed_word(call,
	    "matter.state", slice_of(matter_state_name(m->state))));
	if (m->state != MATTER_OPEN)
		put_fact_word(p, &t, WORD_MATTER_CLOSED,
		    paper_time(call, m->closed_at));
	struct slice articles = articles_of_controls(call,
	    m->procedure->controls, m->procedure->n_controls);
	if (articles.n > 0)
		put_fact_word(p, &t, WORD_REGISTER_ARTICLES, articles);
	return true;
}

static struct slice
person_in_office(struct call *call, const struct done *d)
{
	struct slice name = person_name(call, d->person);
	bool is_deputy = d->as.n > 0 && !slice_is_equal(d->as, d->office);
	if (d->office.n == 0)
		return name;
	struct slice office = matter_office_title(call, d->office);
	if (!is_deputy)
		return arena_printf(call->arena, "%.*s\n%.*s",
		    SLICE_FMT(name), SLICE_FMT(office));
	return arena_printf(call->arena, "%.*s\n%.*s\n%s %.*s",
	    SLICE_FMT(name), SLICE_FMT(office),
	    word_text(WORD_MATTER_AS, call->lang),
	    SLICE_FMT(matter_office_title(call, d->as)));
}

static bool
put_deeds(struct papering *p, const struct matter *m, struct err *err)
{
	static const enum word heads[] = {WORD_MATTER_AT, WORD_MATTER_PERSON,
	    WORD_MATTER_WHAT, WORD_FIELD_NOTE};
	struct call *call = p->call;
	struct paper_table t;
	if (!paper_headed(p, heads, 4, &t, err))
		return false;
	t.block->heading = call_word(call, WORD_MATTER_HISTORY);
	for (size_t i = 0; i < m->n_done; i++) {
		const struct done *d = &m->done[i];
		struct slice step = d->step < m->procedure->n_steps
		    ? pack_word(call, &m->procedure->steps[d->step].title)
		    : SLICE("");
		struct slice item = matter_item_text(call, m, d);
		paper_cell(p, &t, paper_time(call, d->at));
		paper_cell(p, &t, person_in_office(call, d));
		paper_cell(p, &t, arena_printf(call->arena,
		    "%.*s　%.*s%s%.*s", SLICE_FMT(step),
		    SLICE_FMT(keyed_word(call, "matter.deed",
		        slice_of(deed_name(d->deed)))),
		    item.n > 0 ? "\n" : "", SLICE_FMT(item)));
		paper_cell(p, &t, d->note);
	}
	return true;
}

static const struct field show_input[] = {
    {.name = "matter", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_MATTER},
    FIELD_FORM, FIELD_PAPER_FORMAT(paper_formats), FIELDS_END,
};

static struct form_line
line_of(struct call *call, const struct matter *m)
{
	return (struct form_line){.fields = m->procedure->fields,
	    .n_fields = m->procedure->n_fields, .values = m->values,
	    .section = m->section,
	    .asker = m->asker, .day = m->opened_at,
	    .number = matter_number(call, m->year, m->sequence),
	    .state = keyed_word(call, "matter.state",
	        slice_of(matter_state_name(m->state)))};
}

static bool
put_form(struct papering *p, const struct pack_form *form,
    const struct matter *m, struct err *err)
{
	struct form_line line = line_of(p->call, m);
	struct paper_table t;
	form_begin(p, form);
	if ((form->has_stamps && !put_stamps(p, m, err)) ||
	    !form_table(p, form, &t, err))
		return false;
	form_put(p, form, &t, &line);
	form_end(p, form, &t);
	return true;
}

static bool
run_show(struct call *call, struct err *err)
{
	const struct pack_form *form;
	struct matter m;
	if (!matter_find(call, &m, err) || !form_find(call, PACK_FORM_MATTER,
	    m.procedure->id, &form, err))
		return false;
	/* a certificate of what was not done would be a false one */
	if (form != NULL && form->is_final && m.state != MATTER_DONE)
		return call_fail(call, err, ERR_CONFLICT,
		    WORD_ERROR_FORM_NOT_DONE);
	struct papering *p = paper_begin(call,
	    pack_word(call, &m.procedure->title), err);
	if (p == NULL)
		return false;
	struct slice number = matter_number(call, m.year, m.sequence);
	p->paper.number = call_word(call, WORD_PAPER_MATTER_NUMBER, number);
	p->paper.day = paper_day(call, m.opened_at);
	if (form != NULL ? put_form(p, form, &m, err)
	    : put_stamps(p, &m, err) && put_content(p, &m, err) &&
	        put_deeds(p, &m, err))
		return paper_give(p, number, err);
	paper_end(p);
	return false;
}

const struct action row_matter_paper = {
    .name = "matter.paper", .path = "/matters/{matter}/paper",
    .input = show_input, .output = no_output, .who = WHO_SESSION,
    .ledger_verb = "", .title = WORD_MATTER_PAPER_TITLE,
    .help = WORD_MATTER_PAPER_HELP, .gives_file = true, .run = run_show,
};

/* ---- a list ---- */

static const struct field list_input[] = {
    FIELDS_MATTER_ASKED, FIELD_FORM, FIELD_PAPER_FORMAT(list_formats),
    FIELDS_END,
};

static void
put_line(struct papering *p, struct paper_table *t,
    const struct matter_line *l)
{
	struct call *call = p->call;
	const struct pack_procedure *x =
	    pack_procedure(call->pack, l->procedure);
	bool is_open = l->state == MATTER_OPEN;
	paper_cell(p, t, matter_number(call, l->year, l->sequence));
	paper_cell(p, t, x == NULL ? l->procedure
	    : pack_word(call, &x->title));
	paper_cell(p, t, l->name);
	paper_cell(p, t, section_path(call, l->section));
	paper_cell(p, t, person_name(call, l->asker));
	paper_cell(p, t, paper_day(call, l->opened_at));
	paper_cell(p, t, keyed_word(call, "matter.state",
	    slice_of(matter_state_name(l->state))));
	paper_cell(p, t, is_open
	    ? matter_step_title(call, l->procedure, l->step) : SLICE(""));
	paper_cell(p, t, is_open && l->due != 0
	    ? paper_day(call, l->due - 1) : SLICE(""));
}

/* One whose pack no longer has its procedure or step has no form. */
static bool
put_form_line(struct papering *p, const struct pack_form *form,
    struct paper_table *t, uint64_t id, struct err *err)
{
	const struct procedure_source from = matter_source_of(p->call);
	struct matter m;
	if (!procedure_get(&from, id, &m, err))
		return false;
	struct form_line line = line_of(p->call, &m);
	form_put(p, form, t, &line);
	return true;
}

static bool
put_lines(struct papering *p, const struct pack_form *form,
    struct matter_ask *ask, struct err *err)
{
	static const enum word heads[] = {WORD_MATTER_NUMBER,
	    WORD_FIELD_PROCEDURE, WORD_MATTER_NAME, WORD_FIELD_SECTION,
	    WORD_MATTER_ASKER_OF, WORD_MATTER_OPENED, WORD_MATTER_STATE,
	    WORD_PAPER_STEP, WORD_MATTER_DUE};
	const struct procedure_source from = matter_source_of(p->call);
	struct paper_table t;
	struct matter_line *lines;
	bool has_more = true;
	size_t n;
	if (form != NULL ? !form_table(p, form, &t, err)
	    : !paper_headed(p, heads, sizeof(heads) / sizeof(heads[0]), &t,
	        err))
		return false;
	while (has_more && !p->is_full) {
		if (!procedure_list(&from, ask, &lines, &n, &has_more, err))
			return false;
		for (size_t i = 0; i < n; i++)
			if (form == NULL)
				put_line(p, &t, &lines[i]);
			else if (!put_form_line(p, form, &t, lines[i].id,
			    err))
				return false;
		if (n == 0)
			break;
		ask->before = lines[n - 1].opened_at;
		ask->before_id = lines[n - 1].id;
	}
	if (form != NULL)
		form_end(p, form, &t);
	return true;
}

static bool
put_list(struct papering *p, const struct pack_form *form,
    struct matter_ask *ask, struct err *err)
{
	if (form == NULL) {
		p->paper.is_landscape = p->paper.is_list = true;
		return put_lines(p, NULL, ask, err);
	}
	form_begin(p, form);
	return put_lines(p, form, ask, err);
}

static bool
run_list(struct call *call, struct err *err)
{
	const struct pack_form *form;
	struct matter_ask ask;
	if (!matter_read_ask(call, &ask, err) ||
	    !form_find(call, PACK_FORM_MATTERS, ask.procedure, &form, err))
		return false;
	struct papering *p = paper_begin(call,
	    call_word(call, WORD_MATTER_LIST_TITLE), err);
	if (p == NULL)
		return false;
	if (put_list(p, form, &ask, err))
		return paper_give(p, form == NULL ? SLICE("matters")
		    : form->id, err);
	paper_end(p);
	return false;
}

const struct action row_matter_list_paper = {
    .name = "matter.list_paper", .path = "/matters/paper",
    .input = list_input, .output = no_output, .who = WHO_SESSION,
    .ledger_verb = "", .title = WORD_MATTER_LIST_PAPER_TITLE,
    .help = WORD_MATTER_LIST_PAPER_HELP, .gives_file = true, .run = run_list,
};
