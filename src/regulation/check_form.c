#include "regulation/check.h"
#include "regulation/form.h"

static bool
is_of_matters(const struct pack_form *f)
{
	return f->of == PACK_FORM_MATTERS || f->of == PACK_FORM_MATTER;
}

static bool
is_table(const struct pack_form *f)
{
	return f->of == PACK_FORM_ROWS || f->of == PACK_FORM_MATTERS;
}

/* What a column shows goes with what it names. */
static void
check_column_own(struct check *c, const struct pack_form *f,
    const struct pack_form_column *x)
{
	bool wants_field =
	    x->show == PACK_SHOW_FIELD || x->show == PACK_SHOW_POST;
	bool is_matters =
	    x->show == PACK_SHOW_ASKER || x->show == PACK_SHOW_STATE;
	if (wants_field != (x->field.id.n > 0))
		(void)pack_fault_add(c->faults, x->place.file, x->place.line,
		    wants_field ? "a column of the form '%.*s' names no field; "
		    "write field" : "a column of the form '%.*s' shows no "
		    "field; remove field", SLICE_FMT(f->id));
	if (x->show != PACK_SHOW_FIELD && x->label.ja.n == 0)
		(void)pack_fault_add(c->faults, x->place.file, x->place.line,
		    "a column of the form '%.*s' has no label; write one",
		    SLICE_FMT(f->id));
	if (is_matters && !is_of_matters(f))
		(void)pack_fault_add(c->faults, x->place.file, x->place.line,
		    "the form '%.*s' is of a register and shows what matters "
		    "have; remove the column", SLICE_FMT(f->id));
}

void
check_forms_own(struct check *c)
{
	const struct pack *p = c->pack;
	check_unique(c, "form", p->forms, p->n_forms, sizeof(*p->forms));
	for (size_t i = 0; i < p->n_forms; i++) {
		const struct pack_form *f = &p->forms[i];
		for (size_t j = 0; j < f->n_columns; j++)
			check_column_own(c, f, &f->columns[j]);
		if ((f->has_stamps || f->is_final) &&
		    f->of != PACK_FORM_MATTER)
			(void)pack_fault_add(c->faults, f->place.file,
			    f->place.line, "the form '%.*s' is of no single "
			    "matter; remove stamps and final",
			    SLICE_FMT(f->id));
		if ((f->is_distinct || f->is_sorted || f->least_rows > 0) &&
		    !is_table(f))
			(void)pack_fault_add(c->faults, f->place.file,
			    f->place.line, "the form '%.*s' is no table; "
			    "remove distinct, sorted and least_rows",
			    SLICE_FMT(f->id));
	}
}

static bool
is_register(const struct pack *p, struct slice id)
{
	return pack_register(p, id) != NULL;
}

static bool
is_procedure(const struct pack *p, struct slice id)
{
	return pack_procedure(p, id) != NULL;
}

static void
check_column_whole(struct check *c, const struct pack_form *f,
    const struct pack_form_column *x)
{
	size_t n, at = 0;
	const struct pack_field *fields = pack_form_fields(c->pack, f, &n);
	if (x->field.id.n == 0 || fields == NULL)
		return;
	while (at < n && !slice_is_equal(fields[at].id, x->field.id))
		at++;
	if (at == n)
		(void)pack_fault_add(c->faults, x->field.file, x->field.line,
		    "the form '%.*s' shows the field '%.*s', which '%.*s' "
		    "does not have; add it or correct the name",
		    SLICE_FMT(f->id), SLICE_FMT(x->field.id),
		    SLICE_FMT(f->name.id));
	else if (x->show == PACK_SHOW_POST &&
	    fields[at].type != PACK_FIELD_PERSON)
		(void)pack_fault_add(c->faults, x->field.file, x->field.line,
		    "'%.*s' is no person and has no post; name a field of type "
		    "person", SLICE_FMT(x->field.id));
}

void
check_forms_whole(struct check *c)
{
	const struct pack *p = c->pack;
	for (size_t i = 0; i < p->n_forms; i++) {
		const struct pack_form *f = &p->forms[i];
		bool is_matters = is_of_matters(f);
		check_names(c, is_matters ? "procedure" : "register",
		    &f->name, 1, is_matters ? is_procedure : is_register);
		for (size_t j = 0; j < f->n_columns; j++)
			check_column_whole(c, f, &f->columns[j]);
	}
}
