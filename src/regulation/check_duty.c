#include "regulation/check.h"
#include "regulation/duty.h"
#include "regulation/parameter.h"

/* What a condition or a name is about. */
struct fields_of {
	const char *what; /* "register" */
	struct slice id;
	const struct pack_field *fields;
	size_t n;
};

static const struct pack_field *
field_named(
    struct check *c, const struct fields_of *of, const struct pack_name *name)
{
	for (size_t i = 0; i < of->n; i++)
		if (slice_is_equal(of->fields[i].id, name->id))
			return &of->fields[i];
	(void)pack_fault_add(c->faults, name->file, name->line,
	    "the %s '%.*s' has no field '%.*s'; add it or correct the name",
	    of->what, SLICE_FMT(of->id), SLICE_FMT(name->id));
	return NULL;
}

static void
check_condition(struct check *c, const struct fields_of *of,
    const struct pack_condition *x)
{
	check_condition_form(c, x);
	if (x->field.id.n > 0) {
		const struct pack_field *f = field_named(c, of, &x->field);
		if (f != NULL)
			check_comparison_form(c, x, f);
	}
	for (size_t i = 0; i < x->n_all; i++)
		check_condition(c, of, &x->all[i]);
	for (size_t i = 0; i < x->n_any; i++)
		check_condition(c, of, &x->any[i]);
	for (size_t i = 0; i < x->n_none; i++)
		check_condition(c, of, &x->none[i]);
}

/* ---- what stands in the duty alone ---- */

static void
check_when_due(struct check *c, const struct pack_duty *d)
{
	bool has_months = d->months > 0;
	size_t n = (size_t)has_months + (d->days > 0) + (d->once > 0) +
	    (d->date.id.n > 0);
	if (n != 1)
		(void)pack_fault_add(c->faults, d->place.file, d->place.line,
		    "the duty '%.*s' falls due by one of months, days, once, "
		    "date; write one", SLICE_FMT(d->id));
	if (d->until_month > 0 && d->months != 12)
		(void)pack_fault_add(c->faults, d->place.file, d->place.line,
		    "'until_month' of '%.*s' goes with months: 12 only; "
		    "remove it", SLICE_FMT(d->id));
	if (has_months && d->months % 12 != 0 && 12 % d->months != 0)
		(void)pack_fault_add(c->faults, d->place.file, d->place.line,
		    "%llu months do not divide the fiscal year; write 1, 2, "
		    "3, 4, 6, 12 or whole years",
		    (unsigned long long)d->months);
	if (d->parameter.id.n > 0 && !has_months)
		(void)pack_fault_add(c->faults, d->parameter.file,
		    d->parameter.line, "'parameter' of '%.*s' replaces "
		    "months and there are none; remove it or add months",
		    SLICE_FMT(d->id));
	if (d->parameter.id.n > 0 && !pack_parameter_is_known(d->parameter.id))
		(void)pack_fault_add(c->faults, d->parameter.file,
		    d->parameter.line, "there is no parameter '%.*s'; correct "
		    "the name", SLICE_FMT(d->parameter.id));
}

static void
check_duty_own(struct check *c, const struct pack_duty *d)
{
	bool is_row = d->each == PACK_EACH_ROW;
	bool is_people = d->each == PACK_EACH_PERSON ||
	    d->each == PACK_EACH_APPOINTMENT;
	check_when_due(c, d);
	if (is_row != (d->of.id.n > 0))
		(void)pack_fault_add(c->faults, d->place.file, d->place.line,
		    is_row ? "'%.*s' is owed for each row without 'of'; name "
		    "the register" : "'%.*s' is owed for no row and has 'of'; "
		    "remove it", SLICE_FMT(d->id));
	if (!is_row && (d->has_when || d->date.id.n > 0))
		(void)pack_fault_add(c->faults, d->place.file, d->place.line,
		    "'when' and 'date' of '%.*s' look at a row and it is owed "
		    "for none; write each: row or remove them",
		    SLICE_FMT(d->id));
	if (!is_people && d->n_offices > 0)
		(void)pack_fault_add(c->faults, d->place.file, d->place.line,
		    "'offices' of '%.*s' says for whom and it is owed for no "
		    "person; remove it", SLICE_FMT(d->id));
	if (d->where != PACK_WHERE_ALL && d->each != PACK_EACH_SECTION)
		(void)pack_fault_add(c->faults, d->place.file, d->place.line,
		    "'where' of '%.*s' goes with each: section only; remove "
		    "it", SLICE_FMT(d->id));
	if (d->has_proof == (d->date.id.n > 0))
		(void)pack_fault_add(c->faults, d->place.file, d->place.line,
		    d->has_proof ? "'%.*s' ends by its row, by 'when' and "
		    "'date', and has a proof too; remove the proof" :
		    "nothing proves that '%.*s' was done; add 'proof'",
		    SLICE_FMT(d->id));
	if (d->has_proof && (d->proof.of_register.id.n > 0) ==
	    (d->proof.of_procedure.id.n > 0))
		(void)pack_fault_add(c->faults, d->proof.place.file,
		    d->proof.place.line, "the proof of '%.*s' is a register "
		    "or a procedure; write one", SLICE_FMT(d->id));
	if (d->source == PACK_SOURCE_CHOICE && d->note.n == 0)
		(void)pack_fault_add(c->faults, d->place.file, d->place.line,
		    "the period of '%.*s' is the body's own choice; say why "
		    "in 'note'", SLICE_FMT(d->id));
	if (d->source == PACK_SOURCE_TEXT && d->n_articles == 0)
		(void)pack_fault_add(c->faults, d->place.file, d->place.line,
		    "the text sets the period of '%.*s'; say where in "
		    "'articles'", SLICE_FMT(d->id));
	check_bind(c, d->articles, d->n_articles);
}

void
check_duties_own(struct check *c)
{
	const struct pack *p = c->pack;
	check_unique(c, "duty", p->duties, p->n_duties, sizeof(*p->duties));
	for (size_t i = 0; i < p->n_duties; i++)
		check_duty_own(c, &p->duties[i]);
}

/* ---- with what it names ---- */

/* The field that says which one a proof is of. */
static void
check_key(struct check *c, const struct pack_duty *d,
    const struct fields_of *of, bool has_section)
{
	static const enum pack_field_type types[] = {
	    [PACK_EACH_SECTION] = PACK_FIELD_SECTION,
	    [PACK_EACH_HOLDING] = PACK_FIELD_HOLDING,
	    [PACK_EACH_MY_NUMBER] = PACK_FIELD_HOLDING,
	    [PACK_EACH_PERSON] = PACK_FIELD_PERSON,
	    [PACK_EACH_APPOINTMENT] = PACK_FIELD_PERSON,
	    [PACK_EACH_ROW] = PACK_FIELD_ROW};
	const struct pack_name *key = &d->proof.key;
	if (key->id.n == 0) {
		bool is_itself = d->each == PACK_EACH_ROW &&
		    slice_is_equal(d->of.id, d->proof.of_register.id);
		if (d->each != PACK_EACH_BODY && !is_itself &&
		    (d->each != PACK_EACH_SECTION || !has_section))
			(void)pack_fault_add(c->faults, d->proof.place.file,
			    d->proof.place.line, "the proof of '%.*s' does "
			    "not say for which; add 'key'", SLICE_FMT(d->id));
		return;
	}
	const struct pack_field *f = field_named(c, of, key);
	if (f == NULL)
		return;
	if (d->each == PACK_EACH_BODY || f->type != types[d->each] ||
	    (d->each == PACK_EACH_ROW &&
	        !slice_is_equal(f->of.id, d->of.id)))
		(void)pack_fault_add(c->faults, key->file, key->line,
		    "'%.*s' does not name what '%.*s' is owed for; name a "
		    "field that does", SLICE_FMT(f->id), SLICE_FMT(d->id));
}

static void
check_date(struct check *c, const struct fields_of *of,
    const struct pack_name *date)
{
	const struct pack_field *f = field_named(c, of, date);
	if (f != NULL && f->type != PACK_FIELD_DATE)
		(void)pack_fault_add(c->faults, date->file, date->line,
		    "'%.*s' is no date; name a field of type date",
		    SLICE_FMT(f->id));
}

static void
check_proof_register(struct check *c, const struct pack_duty *d)
{
	const struct pack_proof *x = &d->proof;
	const struct pack_register *r =
	    pack_register(c->pack, x->of_register.id);
	if (r == NULL) {
		(void)pack_fault_add(c->faults, x->of_register.file,
		    x->of_register.line, "there is no register '%.*s'; add "
		    "it or correct the name", SLICE_FMT(x->of_register.id));
		return;
	}
	const struct fields_of of = {"register", r->id, r->fields,
	    r->n_fields};
	check_key(c, d, &of, r->scope == PACK_REGISTER_SECTION);
	if (x->has_when)
		check_condition(c, &of, &x->when);
	if (x->date.id.n > 0)
		check_date(c, &of, &x->date);
	else if (r->fact.id.n == 0)
		(void)pack_fault_add(c->faults, x->place.file, x->place.line,
		    "the register '%.*s' has no day of the fact; add 'date'",
		    SLICE_FMT(r->id));
}

static void
check_proof_procedure(struct check *c, const struct pack_duty *d)
{
	const struct pack_proof *x = &d->proof;
	const struct pack_procedure *p =
	    pack_procedure(c->pack, x->of_procedure.id);
	if (p == NULL) {
		(void)pack_fault_add(c->faults, x->of_procedure.file,
		    x->of_procedure.line, "there is no procedure '%.*s'; add "
		    "it or correct the name", SLICE_FMT(x->of_procedure.id));
		return;
	}
	const struct fields_of of = {"procedure", p->id, p->fields,
	    p->n_fields};
	check_key(c, d, &of, true);
	if (x->has_when)
		check_condition(c, &of, &x->when);
	if (x->date.id.n > 0)
		check_date(c, &of, &x->date);
}

static void
check_of(struct check *c, const struct pack_duty *d)
{
	const struct pack_register *r = pack_register(c->pack, d->of.id);
	if (r == NULL) {
		(void)pack_fault_add(c->faults, d->of.file, d->of.line,
		    "there is no register '%.*s'; add it or correct the name",
		    SLICE_FMT(d->of.id));
		return;
	}
	const struct fields_of of = {"register", r->id, r->fields,
	    r->n_fields};
	if (d->has_when)
		check_condition(c, &of, &d->when);
	if (d->date.id.n > 0)
		check_date(c, &of, &d->date);
}

/* Base names the offices of every body; a body must have one of them. */
static void
check_owner(struct check *c, const struct pack_duty *d)
{
	if (pack_duty_is_demanded(c->pack, d) &&
	    pack_duty_owner(c->pack, d) == NULL)
		(void)pack_fault_add(c->faults, d->place.file, d->place.line,
		    "nobody owes '%.*s' in the pack '%.*s': none of the "
		    "offices under 'owner' is there and reaches it; replace "
		    "the duty there", SLICE_FMT(d->id),
		    SLICE_FMT(c->pack->id));
}

void
check_duties_whole(struct check *c)
{
	const struct pack *p = c->pack;
	for (size_t i = 0; i < p->n_controls; i++)
		check_names(c, "answer", p->controls[i].answered_by,
		    p->controls[i].n_answered_by, pack_answer_is_known);
	for (size_t i = 0; i < p->n_duties; i++) {
		const struct pack_duty *d = &p->duties[i];
		check_names(c, "control", d->controls, d->n_controls,
		    check_is_control);
		if (d->of.id.n > 0)
			check_of(c, d);
		if (d->has_proof && d->proof.of_register.id.n > 0)
			check_proof_register(c, d);
		if (d->has_proof && d->proof.of_procedure.id.n > 0)
			check_proof_procedure(c, d);
		if (p->kind == PACK_KIND_BODY)
			check_owner(c, d);
	}
}
