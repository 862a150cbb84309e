#include "regulation/check.h"
#include "regulation/procedure.h"

static size_t
field_at(struct check *c, const struct pack_procedure *p,
    const struct pack_name *name)
{
	size_t i = pack_procedure_field(p, name->id);
	if (name->id.n > 0 && i == p->n_fields)
		(void)pack_fault_add(c->faults, name->file, name->line,
		    "the procedure '%.*s' has no field '%.*s'; add it or "
		    "correct the name", SLICE_FMT(p->id), SLICE_FMT(name->id));
	return i;
}

static void
check_choice_is_there(struct check *c, const struct pack_condition *x,
    const struct pack_field *f)
{
	for (size_t i = 0; i < x->n_is && f->type == PACK_FIELD_CHOICE; i++)
		if (pack_field_choice(f, x->is[i]) == NULL)
			(void)pack_fault_add(c->faults, x->place.file,
			    x->place.line, "'%.*s' is no choice of '%.*s', so "
			    "this never holds; correct it",
			    SLICE_FMT(x->is[i]), SLICE_FMT(f->id));
}

void
check_comparison_form(struct check *c, const struct pack_condition *x,
    const struct pack_field *f)
{
	size_t n = (x->n_is > 0) + (x->has_at_least || x->has_at_most) +
	    x->has_set;
	bool is_number =
	    f->type == PACK_FIELD_NUMBER || f->type == PACK_FIELD_MONEY;
	if (n != 1)
		(void)pack_fault_add(c->faults, x->place.file, x->place.line,
		    "the comparison with '%.*s' needs one of is, "
		    "at_least/at_most, set; write one", SLICE_FMT(f->id));
	if ((x->has_at_least || x->has_at_most) && !is_number)
		(void)pack_fault_add(c->faults, x->place.file, x->place.line,
		    "'%.*s' is no number and is compared as one; use is or "
		    "set", SLICE_FMT(f->id));
	check_choice_is_there(c, x, f);
}

/* One comparison: with a field that has its value by then. */
static void
check_comparison(struct check *c, const struct pack_procedure *p, size_t step,
    const struct pack_condition *x)
{
	size_t i = field_at(c, p, &x->field);
	if (i == p->n_fields)
		return;
	const struct pack_field *f = &p->fields[i];
	check_comparison_form(c, x, f);
	if (pack_procedure_owner(p, i) >= step)
		(void)pack_fault_add(c->faults, x->place.file, x->place.line,
		    "'%.*s' has no value yet when the step '%.*s' begins, so "
		    "it cannot decide about it; name a field of an earlier "
		    "step", SLICE_FMT(f->id), SLICE_FMT(p->steps[step].id));
}

void
check_condition_form(struct check *c, const struct pack_condition *x)
{
	size_t kinds = (x->n_all > 0) + (x->n_any > 0) + (x->n_none > 0) +
	    (x->field.id.n > 0);
	if (kinds != 1)
		(void)pack_fault_add(c->faults, x->place.file, x->place.line,
		    "a condition is one of all, any, none, field; write one");
}

static void
check_condition(struct check *c, const struct pack_procedure *p, size_t step,
    const struct pack_condition *x)
{
	check_condition_form(c, x);
	if (x->field.id.n > 0)
		check_comparison(c, p, step, x);
	for (size_t i = 0; i < x->n_all; i++)
		check_condition(c, p, step, &x->all[i]);
	for (size_t i = 0; i < x->n_any; i++)
		check_condition(c, p, step, &x->any[i]);
	for (size_t i = 0; i < x->n_none; i++)
		check_condition(c, p, step, &x->none[i]);
}

static void
check_earlier(struct check *c, const struct pack_procedure *p, size_t step)
{
	const struct pack_step *s = &p->steps[step];
	for (size_t i = 0; i < s->n_not_same_as; i++)
		if (pack_procedure_step(p, s->not_same_as[i].id) >= step)
			(void)pack_fault_add(c->faults, s->not_same_as[i].file,
			    s->not_same_as[i].line, "there is no step '%.*s' "
			    "before '%.*s'; name an earlier step",
			    SLICE_FMT(s->not_same_as[i].id), SLICE_FMT(s->id));
}

static void
check_step(struct check *c, const struct pack_procedure *p, size_t step)
{
	const struct pack_step *s = &p->steps[step];
	if ((s->kind == PACK_STEP_ASK) != (step == 0))
		(void)pack_fault_add(c->faults, s->place.file, s->place.line,
		    step == 0 ? "the first step '%.*s' does not ask; write "
		    "kind: ask" : "only the first step asks, '%.*s' cannot be "
		    "reached; write another kind", SLICE_FMT(s->id));
	if (s->kind == PACK_STEP_DECIDE && s->n_by == 0)
		(void)pack_fault_add(c->faults, s->place.file, s->place.line,
		    "nobody decides in '%.*s'; add 'by'", SLICE_FMT(s->id));
	if (s->kind == PACK_STEP_ASK && (s->n_by > 0 || s->has_when))
		(void)pack_fault_add(c->faults, s->place.file, s->place.line,
		    "whoever asks acts in '%.*s', always; remove 'by' and "
		    "'when'", SLICE_FMT(s->id));
	if (s->needs_all && s->n_by < 2)
		(void)pack_fault_add(c->faults, s->place.file, s->place.line,
		    "all of fewer than two offices act in '%.*s'; name more "
		    "or remove 'all'", SLICE_FMT(s->id));
	if (s->where == PACK_STEP_HOLDING && p->holding.id.n == 0)
		(void)pack_fault_add(c->faults, s->place.file, s->place.line,
		    "'%.*s' looks for the holding's section and the procedure "
		    "names no 'holding'; add it", SLICE_FMT(s->id));
	check_earlier(c, p, step);
	for (size_t i = 0; i < s->n_fields; i++) {
		size_t f = field_at(c, p, &s->fields[i]);
		if (f < p->n_fields && pack_procedure_owner(p, f) != step)
			(void)pack_fault_add(c->faults, s->fields[i].file,
			    s->fields[i].line, "'%.*s' is filled in an earlier "
			    "step already; leave it to one",
			    SLICE_FMT(s->fields[i].id));
	}
	check_unique(c, "check", s->checklist, s->n_checklist,
	    sizeof(*s->checklist));
	check_bind(c, s->articles, s->n_articles);
	if (s->has_when)
		check_condition(c, p, step, &s->when);
	check_effects_own(c, p, step);
}

static void
check_procedure_own(struct check *c, const struct pack_procedure *p)
{
	check_fields(c, p->fields, p->n_fields);
	check_unique(c, "step", p->steps, p->n_steps, sizeof(*p->steps));
	size_t name = field_at(c, p, &p->name);
	size_t holding = field_at(c, p, &p->holding);
	if (name < p->n_fields && (!p->fields[name].is_required ||
	    pack_procedure_owner(p, name) != 0))
		(void)pack_fault_add(c->faults, p->name.file, p->name.line,
		    "'%.*s' names the matter and must be filled at once; "
		    "write required: true and leave it to the first step",
		    SLICE_FMT(p->name.id));
	if (holding < p->n_fields && (!p->fields[holding].is_required ||
	    p->fields[holding].type != PACK_FIELD_HOLDING ||
	    pack_procedure_owner(p, holding) != 0))
		(void)pack_fault_add(c->faults, p->holding.file,
		    p->holding.line, "'%.*s' says whose matter it is: a "
		    "required field of type holding in the first step; "
		    "correct it", SLICE_FMT(p->holding.id));
	for (size_t i = 0; i < p->n_steps; i++)
		check_step(c, p, i);
}

void
check_procedures_own(struct check *c)
{
	const struct pack *p = c->pack;
	check_unique(c, "procedure", p->procedures, p->n_procedures,
	    sizeof(*p->procedures));
	for (size_t i = 0; i < p->n_procedures; i++)
		check_procedure_own(c, &p->procedures[i]);
}

/* A body's offices must be able to take each step. */
static void
check_reached(struct check *c, const struct pack_step *s)
{
	size_t found = 0;
	for (size_t i = 0; i < s->n_by; i++)
		found += pack_office(c->pack, s->by[i].id) != NULL;
	if (s->n_by > 0 && (found == 0 || (s->needs_all && found < s->n_by)))
		(void)pack_fault_add(c->faults, s->place.file, s->place.line,
		    "the step '%.*s' cannot be reached in the pack '%.*s': it "
		    "lacks the offices; replace the procedure there",
		    SLICE_FMT(s->id), SLICE_FMT(c->pack->id));
}

void
check_procedures_whole(struct check *c)
{
	const struct pack *p = c->pack;
	for (size_t i = 0; i < p->n_procedures; i++) {
		const struct pack_procedure *x = &p->procedures[i];
		check_names(c, "control", x->controls, x->n_controls,
		    check_is_control);
		check_fields_whole(c, x->fields, x->n_fields);
		for (size_t j = 0; j < x->n_steps; j++)
			check_effects_whole(c, x, j);
		for (size_t j = 0;
		    p->kind == PACK_KIND_BODY && j < x->n_steps; j++)
			check_reached(c, &x->steps[j]);
	}
}
