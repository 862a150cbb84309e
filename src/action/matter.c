/* Matters (案件) as they are seen: lists, and one with all that was done. */
#include "matter.h"

#include "base/date.h"
#include "form_paper.h"
#include "pack_field.h"

struct slice
matter_number(const struct call *call, uint32_t year, uint32_t sequence)
{
	struct date begin = fiscal_year_begin((int)year);
	const struct era *era = era_of(begin);
	return era == NULL
	    ? arena_printf(call->arena, "%u-%04u", year, sequence)
	    : arena_printf(call->arena, "%c%d-%04u", era->letter,
	          era_year(era, begin), sequence);
}

static const struct pack *
pack_of(const void *ctx, struct slice hash)
{
	return house_pack(ctx, hash);
}

struct procedure_source
matter_source_of(const struct call *call)
{
	return (struct procedure_source){.reader = door_reader(call->door),
	    .arena = call->arena, .body = call->visitor->body,
	    .pack = call->pack, .pack_of = pack_of, .ctx = call->house};
}

/* ---- who ---- */

static bool
is_held(void *ctx, struct slice office, enum pack_step_where where,
    bool by_actor)
{
	const struct acting *a = ctx;
	const struct pack_office *o = pack_office(a->call->pack, office);
	uint64_t at = where == PACK_STEP_SECTION ? a->m->section
	    : where == PACK_STEP_HOLDING ? a->m->holding_section : 0;
	bool is_anywhere = at == 0 || o == NULL ||
	    o->scope == PACK_SCOPE_BODY;
	for (size_t i = 0; i < a->held.n; i++)
		if (slice_is_equal(a->held.list[i].office, office) &&
		    (is_anywhere || a->held.list[i].section == at))
			return true;
	return false;
}

static bool
is_of_body(const struct call *call)
{
	const struct pack_office *o = pack_office(call->pack,
	    authority_text_slice(&call->visitor->office));
	return o != NULL && o->scope == PACK_SCOPE_BODY;
}

/* Holds no post in the section now. */
static bool
has_left(struct call *call, uint64_t person, uint64_t section)
{
	struct shown_capacity *posts;
	size_t n;
	if (!door_appointments(call->door, call->visitor, person, 0, &posts,
	    &n, NULL))
		return false;
	for (size_t i = 0; i < n; i++)
		if (posts[i].section == section &&
		    posts[i].from <= call->now && call->now < posts[i].until)
			return false;
	return true;
}

/* Acts for whoever asked and has left; resolved at this moment. */
static bool
is_heir(struct call *call, const struct matter *m)
{
	const struct visitor *v = call->visitor;
	return m->n_done > 0 && m->asker != v->person && m->section != 0 &&
	    v->capacity != 0 && v->section == m->section &&
	    slice_is_equal(m->done[0].office,
	        authority_text_slice(&v->office)) &&
	    has_left(call, m->asker, m->section);
}

bool
matter_acting(struct call *call, const struct matter *m, struct acting *ret,
    struct err *err)
{
	const struct visitor *v = call->visitor;
	*ret = (struct acting){.call = call, .m = m};
	ret->actor = (struct actor){.person = v->person,
	    .capacity = v->capacity, .terminal = v->terminal,
	    .office = v->capacity == 0 ? SLICE("")
	                               : authority_text_slice(&v->office),
	    .is_of_body = is_of_body(call),
	    .is_in_section = v->section == m->section,
	    .is_in_holding_section = m->holding_section != 0 &&
	        v->section == m->holding_section,
	    .is_heir = is_heir(call, m),
	    .pack = call->pack, .is_held = is_held, .ctx = ret};
	return read_held(call, &ret->held, err);
}

/* Whoever asked or acted, the offices of its steps, and who oversees. */
static bool
may_see(struct call *call, const struct matter *m)
{
	const struct visitor *v = call->visitor;
	struct slice office = authority_text_slice(&v->office);
	bool is_near = is_of_body(call) || v->section == m->section ||
	    v->section == m->holding_section;
	if (m->asker == v->person ||
	    (v->rights & (RIGHT_BIT(RIGHT_AUDIT) |
	        RIGHT_BIT(RIGHT_BOARD))) != 0 ||
	    ((v->rights & RIGHT_BIT(RIGHT_OVERSEE)) != 0 && is_near))
		return true;
	for (size_t i = 0; i < m->n_done; i++)
		if (m->done[i].person == v->person)
			return true;
	for (size_t i = 0; i < m->procedure->n_steps; i++)
		for (size_t j = 0; j < m->procedure->steps[i].n_by; j++)
			if (slice_is_equal(m->procedure->steps[i].by[j].id,
			    office) && (is_near ||
			    m->procedure->steps[i].where == PACK_STEP_BODY))
				return true;
	return is_heir(call, m);
}

bool
matter_find(struct call *call, struct matter *ret, struct err *err)
{
	struct procedure_source from = matter_source_of(call);
	struct door_holding h;
	if (!procedure_get(&from, call_id(call, "matter"), ret, err))
		return false;
	/* It finishes under the pack that it began with. */
	call->pack = ret->pack;
	if (ret->holding != 0 && door_holding_form(call->door, call->visitor,
	    ret->holding, &h, NULL))
		ret->holding_section = h.section;
	return may_see(call, ret) ||
	    call_fail(call, err, ERR_DENIED, WORD_ERROR_MATTER_DENIED);
}

void
matter_fixed(const struct matter *m, bool ret[PACK_FIELDS_MAX])
{
	for (size_t i = 0; i < m->procedure->n_fields; i++)
		ret[i] = pack_procedure_owner(m->procedure, i) != m->step;
}

/* ---- lists ---- */

struct slice
matter_step_title(const struct call *call, struct slice procedure,
    struct slice step)
{
	const struct pack_procedure *p =
	    pack_procedure(call->pack, procedure);
	size_t i = p == NULL ? 0 : pack_procedure_step(p, step);
	return p == NULL || i == p->n_steps ? step
	    : pack_word(call, &p->steps[i].title);
}

void
matter_put_lines(struct call *call, struct out *list,
    const struct matter_line *lines, size_t n)
{
	struct arena *a = call->arena;
	for (size_t i = 0; i < n; i++) {
		const struct matter_line *l = &lines[i];
		const struct pack_procedure *p =
		    pack_procedure(call->pack, l->procedure);
		struct out *o = out_item(a, list);
		out_id(a, o, "id", l->id);
		out_text(a, o, "number", matter_number(call, l->year,
		    l->sequence));
		out_text(a, o, "procedure", p == NULL ? l->procedure
		    : pack_word(call, &p->title));
		out_text(a, o, "name", l->name);
		out_text(a, o, "step", l->state == MATTER_OPEN
		    ? matter_step_title(call, l->procedure, l->step)
		    : SLICE(""));
		out_text(a, o, "asker", person_name(call, l->asker));
		out_text(a, o, "section", section_path(call, l->section));
		out_str(a, o, "state", matter_state_name(l->state));
		out_text(a, o, "state_word", keyed_word(call, "matter.state",
		    slice_of(matter_state_name(l->state))));
		out_time(a, o, "opened_at", l->opened_at);
		if (l->due != 0 && l->state == MATTER_OPEN)
			out_until(a, o, "due", l->due);
		out_flag(a, o, "late", l->state == MATTER_OPEN &&
		    l->due != 0 && l->due < call->now);
		out_flag(a, o, "after", l->is_after);
	}
}

bool
matter_put_turns(struct call *call, struct err *err)
{
	struct procedure_source from = matter_source_of(call);
	const struct visitor *v = call->visitor;
	struct matter_line *lines;
	size_t n;
	struct out *list = out_list(call->arena, call->out, "turns");
	if (!procedure_turns(&from, v->person, v->capacity == 0 ? SLICE("")
	    : authority_text_slice(&v->office), v->section, is_of_body(call),
	    &lines, &n, err))
		return false;
	matter_put_lines(call, list, lines, n);
	if (v->section == 0 || v->capacity == 0)
		return true;
	if (!procedure_left(&from, v->person,
	    authority_text_slice(&v->office), v->section, &lines, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (has_left(call, lines[i].asker, v->section))
			matter_put_lines(call, list, &lines[i], 1);
	return true;
}

const char *const matter_scopes[] = {"mine", "section", "all", NULL};
const char *const matter_states[] = {"open", "done", "refused", "withdrawn",
    NULL};

static const struct field list_input[] = {
    FIELDS_MATTER_ASKED,
    {.name = "before", .type = FIELD_NUMBER, .max = INT64_MAX,
        .label = WORD_FIELD_AFTER},
    {.name = "before_id", .type = FIELD_ID, .label = WORD_FIELD_AFTER},
    FIELDS_END,
};

static const struct result list_output[] = {
    RESULTS_LINES("turns"), RESULTS_LINES("matters"),
    {"procedure_options", OUT_LIST}, {"procedure_options.value", OUT_TEXT},
    {"procedure_options.label", OUT_TEXT}, {"scope", OUT_TEXT},
    {"scope_mine", OUT_FLAG}, {"scope_section", OUT_FLAG},
    {"scope_all", OUT_FLAG}, {"state", OUT_TEXT}, {"procedure", OUT_TEXT},
    {"may_section", OUT_FLAG}, {"may_all", OUT_FLAG},
    {"next", OUT_NUMBER}, {"next_id", OUT_ID}, {"forms", OUT_LIST},
    {"forms.id", OUT_TEXT}, {"forms.title", OUT_TEXT},
    {"forms.procedure", OUT_TEXT}, RESULTS_END,
};

static bool
may_all(const struct call *call)
{
	return (call->visitor->rights & (RIGHT_BIT(RIGHT_AUDIT) |
	    RIGHT_BIT(RIGHT_BOARD))) != 0;
}

static bool
may_section(const struct call *call)
{
	return (call->visitor->rights & RIGHT_BIT(RIGHT_OVERSEE)) != 0 &&
	    call->visitor->section != 0;
}

bool
matter_read_ask(struct call *call, struct matter_ask *ask, struct err *err)
{
	struct slice scope = call_text(call, "scope");
	bool is_all = slice_is(scope, "all");
	bool is_section = slice_is(scope, "section");
	*ask = (struct matter_ask){.procedure = call_text(call, "procedure")};
	if (call_has(call, "state"))
		for (size_t i = 0; matter_states[i] != NULL; i++)
			if (slice_is(call_text(call, "state"),
			    matter_states[i]))
				ask->state = matter_states[i];
	if ((is_all && !may_all(call)) || (is_section && !may_section(call)))
		return call_fail(call, err, ERR_DENIED,
		    WORD_ERROR_MATTER_DENIED);
	if (is_section)
		ask->section = call->visitor->section;
	else if (!is_all)
		ask->asker = call->visitor->person;
	return true;
}

static void
put_list_head(struct call *call, const struct matter_ask *ask)
{
	struct arena *a = call->arena;
	const struct pack *p = call->pack;
	struct out *list = out_list(a, call->out, "procedure_options");
	for (size_t i = 0; i < p->n_procedures; i++) {
		struct out *o = out_item(a, list);
		out_text(a, o, "value", p->procedures[i].id);
		out_text(a, o, "label", pack_word(call,
		    &p->procedures[i].title));
	}
	struct slice scope = call_text(call, "scope");
	scope = scope.n == 0 ? SLICE("mine") : scope;
	out_text(a, call->out, "scope", scope);
	out_flag(a, call->out, "scope_all", slice_is(scope, "all"));
	out_flag(a, call->out, "scope_section", slice_is(scope, "section"));
	out_flag(a, call->out, "scope_mine", slice_is(scope, "mine"));
	out_text(a, call->out, "state", call_has(call, "state")
	    ? call_text(call, "state") : SLICE(""));
	out_text(a, call->out, "procedure", ask->procedure.n == 0 ? SLICE("")
	    : ask->procedure);
	out_flag(a, call->out, "may_section", may_section(call));
	out_flag(a, call->out, "may_all", may_all(call));
}

/* Lists that the pack has a form for, each of one procedure. */
static void
put_list_forms(struct call *call)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "forms");
	for (size_t i = 0; i < call->pack->n_forms; i++) {
		const struct pack_form *f = &call->pack->forms[i];
		if (f->of != PACK_FORM_MATTERS)
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "id", f->id);
		out_text(a, o, "title", pack_word(call, &f->title));
		out_text(a, o, "procedure", f->name.id);
	}
}

static bool
run_list(struct call *call, struct err *err)
{
	struct procedure_source from = matter_source_of(call);
	struct matter_ask ask;
	struct matter_line *lines;
	bool has_more;
	size_t n;
	if (!matter_read_ask(call, &ask, err) || !matter_put_turns(call, err))
		return false;
	ask.before = (instant)call_number(call, "before", 0);
	ask.before_id = call_id(call, "before_id");
	if (!procedure_list(&from, &ask, &lines, &n, &has_more, err))
		return false;
	put_list_head(call, &ask);
	put_list_forms(call);
	matter_put_lines(call, out_list(call->arena, call->out, "matters"),
	    lines, n);
	if (has_more) {
		out_number(call->arena, call->out, "next",
		    lines[n - 1].opened_at);
		out_id(call->arena, call->out, "next_id", lines[n - 1].id);
	}
	return true;
}

const struct action row_matter_list = {
    .name = "matter.list", .path = "/matters", .input = list_input,
    .output = list_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_MATTER_LIST_TITLE, .help = WORD_MATTER_LIST_HELP,
    .page = "matters", .run = run_list,
};

/* ---- which procedures there are ---- */

static const struct field no_input[] = {FIELDS_END};

static const struct result procedures_output[] = {
    {"procedures", OUT_LIST}, {"procedures.id", OUT_TEXT},
    {"procedures.title", OUT_TEXT}, {"procedures.help", OUT_TEXT},
    {"procedures.articles", OUT_TEXT}, {"procedures.may_begin", OUT_FLAG},
    {"procedures.steps", OUT_TEXT}, RESULTS_END,
};

static struct slice
steps_text(struct call *call, const struct pack_procedure *p)
{
	struct buf to = buf_of(4096);
	for (size_t i = 0; i < p->n_steps; i++) {
		if (i > 0)
			buf_add_str(&to, " → ");
		buf_add(&to, pack_word(call, &p->steps[i].title));
	}
	struct slice copy = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

static bool
run_procedures(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	const struct pack *p = call->pack;
	struct out *list = out_list(a, call->out, "procedures");
	for (size_t i = 0; i < p->n_procedures; i++) {
		const struct pack_procedure *x = &p->procedures[i];
		struct slice articles =
		    articles_of_controls(call, x->controls, x->n_controls);
		/* the regulation does not ask for it */
		if (articles.n == 0)
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "id", x->id);
		out_text(a, o, "title", pack_word(call, &x->title));
		out_text(a, o, "help", pack_word(call, &x->help));
		out_text(a, o, "articles", articles);
		out_text(a, o, "steps", steps_text(call, x));
		out_flag(a, o, "may_begin", call->visitor->capacity != 0 &&
		    procedure_may_begin(x,
		        authority_text_slice(&call->visitor->office)));
	}
	return true;
}

const struct action row_procedure_list = {
    .name = "procedure.list", .path = "/procedures", .input = no_input,
    .output = procedures_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_PROCEDURE_LIST_TITLE, .help = WORD_PROCEDURE_LIST_HELP,
    .page = "procedures", .run = run_procedures,
};
