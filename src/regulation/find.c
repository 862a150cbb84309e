/* Look-ups in an open pack: pack.h. */
#include "regulation/pack.h"

#include "regulation/form.h"
#include "regulation/procedure.h"

#define FIND(p, list, key)                                                     \
	do {                                                                   \
		for (size_t i = 0; i < (p)->n_##list; i++) {                   \
			if (slice_is_equal((p)->list[i].id, (key)))            \
				return &(p)->list[i];                          \
		}                                                              \
		return NULL;                                                   \
	} while (0)

const struct pack_office *
pack_office(const struct pack *p, struct slice id)
{
	FIND(p, offices, id);
}

const struct pack_control *
pack_control(const struct pack *p, struct slice id)
{
	FIND(p, controls, id);
}

const struct pack_purpose *
pack_purpose(const struct pack *p, struct slice id)
{
	FIND(p, purposes, id);
}

const struct pack_ground *
pack_ground(const struct pack *p, struct slice id)
{
	FIND(p, grounds, id);
}

const struct pack_sensitivity *
pack_sensitivity(const struct pack *p, struct slice id)
{
	FIND(p, sensitivity, id);
}

const struct pack_parameter *
pack_parameter_row(const struct pack *p, struct slice id)
{
	FIND(p, parameters, id);
}

const struct pack_register *
pack_register(const struct pack *p, struct slice id)
{
	FIND(p, registers, id);
}

size_t
pack_register_field(const struct pack_register *r, struct slice id)
{
	size_t i = 0;
	while (i < r->n_fields && !slice_is_equal(r->fields[i].id, id))
		i++;
	return i;
}

const struct pack_procedure *
pack_procedure(const struct pack *p, struct slice id)
{
	FIND(p, procedures, id);
}

size_t
pack_procedure_field(const struct pack_procedure *p, struct slice id)
{
	size_t i = 0;
	while (i < p->n_fields && !slice_is_equal(p->fields[i].id, id))
		i++;
	return i;
}

size_t
pack_procedure_step(const struct pack_procedure *p, struct slice id)
{
	size_t i = 0;
	while (i < p->n_steps && !slice_is_equal(p->steps[i].id, id))
		i++;
	return i;
}

size_t
pack_procedure_owner(const struct pack_procedure *p, size_t field)
{
	for (size_t i = 0; i < p->n_steps; i++)
		for (size_t j = 0; j < p->steps[i].n_fields; j++)
			if (slice_is_equal(p->steps[i].fields[j].id,
			    p->fields[field].id))
				return i;
	return 0;
}

const struct pack_field_choice *
pack_field_choice(const struct pack_field *f, struct slice id)
{
	FIND(f, choices, id);
}

size_t
pack_field_max_bytes(const struct pack_field *f)
{
	static const uint16_t most[PACK_FIELD_TYPES] = {
	    [PACK_FIELD_TEXT] = 300, [PACK_FIELD_PROSE] = PACK_FIELD_MAX_BYTES,
	    [PACK_FIELD_KANA] = 300, [PACK_FIELD_NUMBER] = 20,
	    [PACK_FIELD_MONEY] = 20, [PACK_FIELD_DATE] = 40,
	    [PACK_FIELD_CHOICE] = 64, [PACK_FIELD_FLAG] = 64,
	    [PACK_FIELD_PERSON] = 16, [PACK_FIELD_SECTION] = 16,
	    [PACK_FIELD_HOLDING] = 16, [PACK_FIELD_TERMINAL] = 16,
	    [PACK_FIELD_ROW] = 16, [PACK_FIELD_OFFICE] = 64,
	    [PACK_FIELD_RECORD] = 16, [PACK_FIELD_ACTS] = 200,
	    [PACK_FIELD_ITEMS] = 2000,
	    [PACK_FIELD_PROVISION] = PACK_REF_MAX_BYTES,
	};
	bool is_text = f->type == PACK_FIELD_TEXT ||
	    f->type == PACK_FIELD_PROSE || f->type == PACK_FIELD_KANA;
	return is_text && f->max > 0 ? (size_t)f->max : most[f->type];
}

const struct pack_chapter *
pack_chapter(const struct pack *p, struct slice id)
{
	FIND(p, chapters, id);
}

static const struct pack_provision *
own_provision(const struct pack *p, struct slice ref)
{
	FIND(p, provisions, ref);
}

/* Itself or one below; NULL when there is no such pack. */
static const struct pack *
pack_called(const struct pack *p, struct slice id)
{
	if (slice_is_equal(p->id, id))
		return p;
	for (size_t i = 0; i < p->n_below; i++) {
		if (slice_is_equal(p->below[i]->id, id))
			return p->below[i];
	}
	return NULL;
}

const struct pack_provision *
pack_provision(const struct pack *p, struct slice ref)
{
	size_t colon = slice_find(ref, ':');
	if (colon == ref.n)
		return own_provision(p, ref);
	p = pack_called(p, (struct slice){ref.p, colon});
	return p == NULL ? NULL : own_provision(p, slice_from(ref, colon + 1));
}

bool
pack_parameter(const struct pack *p, struct slice id, uint64_t *ret)
{
	const struct pack_parameter *x = pack_parameter_row(p, id);
	if (x != NULL)
		*ret = x->value;
	return x != NULL;
}

const struct pack_article *
pack_decision(const struct pack *p, enum pack_decision key)
{
	if (key >= PACK_DECISIONS_END || p->decisions[key].provision == NULL)
		return NULL;
	return &p->decisions[key];
}

static bool
names(const struct pack_office *o, struct slice id)
{
	for (size_t i = 0; o != NULL && i < o->n_may_hold_also; i++) {
		if (slice_is_equal(o->may_hold_also[i].id, id))
			return true;
	}
	return false;
}

bool
pack_may_hold_both(const struct pack *p, struct slice a, struct slice b)
{
	return names(pack_office(p, a), b) || names(pack_office(p, b), a);
}

bool
pack_is_handler(const struct pack *p, struct slice office)
{
	for (size_t i = 0; i < p->n_handlers; i++) {
		if (slice_is_equal(p->handlers[i].id, office))
			return true;
	}
	return false;
}

const struct pack_form *
pack_form(const struct pack *p, struct slice id)
{
	FIND(p, forms, id);
}

const struct pack_field *
pack_form_fields(const struct pack *p, const struct pack_form *f,
    size_t *ret_n)
{
	const struct pack_procedure *x = pack_procedure(p, f->name.id);
	const struct pack_register *r = pack_register(p, f->name.id);
	*ret_n = 0;
	if (f->of == PACK_FORM_MATTERS || f->of == PACK_FORM_MATTER) {
		*ret_n = x == NULL ? 0 : x->n_fields;
		return x == NULL ? NULL : x->fields;
	}
	*ret_n = r == NULL ? 0 : r->n_fields;
	return r == NULL ? NULL : r->fields;
}
