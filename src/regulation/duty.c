#include "regulation/duty.h"

#include "base/num.h"

const struct pack_duty *
pack_duty(const struct pack *p, struct slice id)
{
	for (size_t i = 0; i < p->n_duties; i++)
		if (slice_is_equal(p->duties[i].id, id))
			return &p->duties[i];
	return NULL;
}

static bool
is_named(const struct pack_name *list, size_t n, struct slice id)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is_equal(list[i].id, id))
			return true;
	return false;
}

bool
pack_duty_is_of(const struct pack_duty *d, const struct pack_provision *p)
{
	for (size_t i = 0; i < p->n_controls; i++)
		if (is_named(d->controls, d->n_controls, p->controls[i].id))
			return true;
	return false;
}

bool
pack_duty_is_demanded(const struct pack *p, const struct pack_duty *d)
{
	for (size_t i = 0; i < p->n_provisions; i++)
		if (pack_duty_is_of(d, &p->provisions[i]))
			return true;
	return false;
}

/* What has no section of its own is owed by an office of the whole body. */
static bool
is_without_section(const struct pack *p, const struct pack_duty *d)
{
	const struct pack_register *r = d->each == PACK_EACH_ROW
	    ? pack_register(p, d->of.id) : NULL;
	return d->each == PACK_EACH_BODY ||
	    (r != NULL && r->scope == PACK_REGISTER_BODY);
}

const struct pack_office *
pack_duty_owner(const struct pack *p, const struct pack_duty *d)
{
	bool needs_body = is_without_section(p, d);
	for (size_t i = 0; i < d->n_owner; i++) {
		const struct pack_office *o = pack_office(p, d->owner[i].id);
		if (o != NULL && (!needs_body || o->scope == PACK_SCOPE_BODY))
			return o;
	}
	return NULL;
}

uint64_t
pack_duty_months(const struct pack *p, const struct pack_duty *d)
{
	uint64_t months = d->months;
	return d->parameter.id.n > 0 &&
	        pack_parameter(p, d->parameter.id, &months) ? months
	    : d->months;
}

const struct pack_office *
pack_chain_above(const struct pack *p, struct slice office)
{
	size_t from = 0;
	for (size_t i = 0; i < p->n_chain; i++)
		if (slice_is_equal(p->chain[i].id, office))
			from = i + 1;
	for (size_t i = from; i < p->n_chain; i++) {
		const struct pack_office *o = pack_office(p, p->chain[i].id);
		if (o != NULL && !slice_is_equal(o->id, office))
			return o;
	}
	return NULL;
}

/* ---- conditions ---- */

static bool
compares(const struct pack_field *fields, size_t n,
    const struct pack_condition *x, const struct slice *values)
{
	size_t i = 0;
	uint64_t v;
	while (i < n && !slice_is_equal(fields[i].id, x->field.id))
		i++;
	bool has = i < n && values[i].n > 0;
	if (x->has_set)
		return has == x->is_set;
	if (!has)
		return false;
	for (size_t j = 0; j < x->n_is; j++)
		if (slice_is_equal(values[i], x->is[j]))
			return true;
	return (x->has_at_least || x->has_at_most) &&
	    num_read_u64(values[i], UINT64_MAX, &v) &&
	    (!x->has_at_least || v >= x->at_least) &&
	    (!x->has_at_most || v <= x->at_most);
}

bool
pack_condition_holds(const struct pack_field *fields, size_t n,
    const struct pack_condition *x, const struct slice *values)
{
	bool is_any = x->n_any == 0;
	for (size_t i = 0; i < x->n_all; i++)
		if (!pack_condition_holds(fields, n, &x->all[i], values))
			return false;
	for (size_t i = 0; i < x->n_none; i++)
		if (pack_condition_holds(fields, n, &x->none[i], values))
			return false;
	for (size_t i = 0; i < x->n_any; i++)
		is_any = is_any ||
		    pack_condition_holds(fields, n, &x->any[i], values);
	return is_any &&
	    (x->field.id.n == 0 || compares(fields, n, x, values));
}
