#include "regulation/check.h"
#include "regulation/register.h"

static bool
is_text(enum pack_field_type type)
{
	return type == PACK_FIELD_TEXT || type == PACK_FIELD_PROSE ||
	    type == PACK_FIELD_KANA;
}

static void
check_max(struct check *c, const struct pack_field *f)
{
	bool is_number =
	    f->type == PACK_FIELD_NUMBER || f->type == PACK_FIELD_MONEY;
	if (f->max == 0)
		return;
	if (!is_text(f->type) && !is_number)
		(void)pack_fault_add(c->faults, f->place.file, f->place.line,
		    "'max' means nothing to the field '%.*s' of type %s; "
		    "remove it", SLICE_FMT(f->id),
		    pack_field_type_name(f->type));
	else if (is_text(f->type) && f->max > PACK_FIELD_MAX_BYTES)
		(void)pack_fault_add(c->faults, f->place.file, f->place.line,
		    "the field '%.*s' takes more than %d bytes; write less",
		    SLICE_FMT(f->id), PACK_FIELD_MAX_BYTES);
}

/* What goes with a type, and with no other. */
static void
check_field(struct check *c, const struct pack_field *f)
{
	bool is_choice = f->type == PACK_FIELD_CHOICE;
	bool is_row = f->type == PACK_FIELD_ROW;
	if (is_choice != (f->n_choices > 0))
		(void)pack_fault_add(c->faults, f->place.file, f->place.line,
		    is_choice ? "the field '%.*s' is a choice without "
		    "'choices'; list them" : "the field '%.*s' is no choice "
		    "and has 'choices'; remove them", SLICE_FMT(f->id));
	if (is_row != (f->of.id.n > 0))
		(void)pack_fault_add(c->faults, f->place.file, f->place.line,
		    is_row ? "the field '%.*s' is a row without 'of'; name "
		    "the register" : "the field '%.*s' is no row and has "
		    "'of'; remove it", SLICE_FMT(f->id));
	check_max(c, f);
	check_unique(c, "choice", f->choices, f->n_choices,
	    sizeof(*f->choices));
}

void
check_fields(struct check *c, const struct pack_field *list, size_t n)
{
	check_unique(c, "field", list, n, sizeof(*list));
	for (size_t i = 0; i < n; i++)
		check_field(c, &list[i]);
}

static const struct pack_field *
field_named(struct check *c, const struct pack_register *r,
    const struct pack_name *name)
{
	if (name->id.n == 0)
		return NULL;
	size_t i = pack_register_field(r, name->id);
	if (i < r->n_fields)
		return &r->fields[i];
	(void)pack_fault_add(c->faults, name->file, name->line,
	    "the register '%.*s' has no field '%.*s'; add it or correct the "
	    "name", SLICE_FMT(r->id), SLICE_FMT(name->id));
	return NULL;
}

static void
check_hold(struct check *c, const struct pack_register *r)
{
	const struct pack_field *h = field_named(c, r, &r->hold.holding);
	const struct pack_field *x = field_named(c, r, &r->hold.record);
	if (h != NULL && (h->type != PACK_FIELD_HOLDING || !h->is_required))
		(void)pack_fault_add(c->faults, r->hold.holding.file,
		    r->hold.holding.line, "'%.*s' says what is not erased: a "
		    "required field of type holding; correct it",
		    SLICE_FMT(h->id));
	if (x != NULL && x->type != PACK_FIELD_RECORD)
		(void)pack_fault_add(c->faults, r->hold.record.file,
		    r->hold.record.line, "'%.*s' is no field of type record; "
		    "name one that is", SLICE_FMT(x->id));
}

static void
check_register_own(struct check *c, struct pack_register *r)
{
	check_fields(c, r->fields, r->n_fields);
	if (r->sort.id.n == 0)
		r->sort = r->name;
	const struct pack_field *name = field_named(c, r, &r->name);
	(void)field_named(c, r, &r->sort);
	const struct pack_field *fact = field_named(c, r, &r->fact);
	for (size_t i = 0; i < r->n_key; i++) {
		const struct pack_field *k = field_named(c, r, &r->key[i]);
		if (k != NULL && !k->is_required)
			(void)pack_fault_add(c->faults, r->key[i].file,
			    r->key[i].line, "'%.*s' is part of the key and "
			    "may be left out; write required: true",
			    SLICE_FMT(k->id));
	}
	if (name != NULL && !name->is_required)
		(void)pack_fault_add(c->faults, r->name.file, r->name.line,
		    "'%.*s' names the row and may be left out; write "
		    "required: true", SLICE_FMT(name->id));
	if (fact != NULL && fact->type != PACK_FIELD_DATE)
		(void)pack_fault_add(c->faults, r->fact.file, r->fact.line,
		    "'%.*s' is the day of the fact and no date; name a field "
		    "of type date", SLICE_FMT(fact->id));
	if (r->has_hold)
		check_hold(c, r);
}

void
check_registers_own(struct check *c)
{
	const struct pack *p = c->pack;
	check_unique(c, "register", p->registers, p->n_registers,
	    sizeof(*p->registers));
	for (size_t i = 0; i < p->n_registers; i++)
		check_register_own(c,
		    (struct pack_register *)&p->registers[i]);
}

static bool
is_register(const struct pack *p, struct slice id)
{
	return pack_register(p, id) != NULL;
}

void
check_fields_whole(struct check *c, const struct pack_field *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_names(c, "register", &list[i].of, 1, is_register);
}

/*
 * A register that base lends names the offices of every body; a body must have
 * one of those that keep it.
 */
static void
check_keepers(struct check *c, const struct pack_register *r)
{
	size_t found = 0;
	for (size_t i = 0; i < r->n_kept_by; i++)
		found += pack_office(c->pack, r->kept_by[i].id) != NULL;
	if (found == 0)
		(void)pack_fault_add(c->faults, r->place.file, r->place.line,
		    "none of the offices that keep the register '%.*s' is in "
		    "the pack '%.*s'; name one that is there",
		    SLICE_FMT(r->id), SLICE_FMT(c->pack->id));
}

void
check_registers_whole(struct check *c)
{
	const struct pack *p = c->pack;
	for (size_t i = 0; i < p->n_registers; i++) {
		const struct pack_register *r = &p->registers[i];
		if (p->kind == PACK_KIND_BODY)
			check_keepers(c, r);
		check_names(c, "control", r->controls, r->n_controls,
		    check_is_control);
		check_fields_whole(c, r->fields, r->n_fields);
	}
}
