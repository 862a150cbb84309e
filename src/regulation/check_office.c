#include "regulation/check.h"

static void
check_filling(struct check *c, const struct pack_office *o)
{
	bool is_named = o->filled == PACK_FILLED_NAMED;
	if (is_named && o->named_by.id.n == 0)
		(void)pack_fault_add(c->faults, o->place.file, o->place.line,
		    "nobody names the office '%.*s'; add 'named_by'",
		    SLICE_FMT(o->id));
	if (is_named && o->n_posts > 0)
		(void)pack_fault_add(c->faults, o->place.file, o->place.line,
		    "the office '%.*s' is filled by naming and has posts; "
		    "keep one of the two", SLICE_FMT(o->id));
	if (!is_named && o->n_posts == 0)
		(void)pack_fault_add(c->faults, o->place.file, o->place.line,
		    "no post fills the office '%.*s'; add 'posts'",
		    SLICE_FMT(o->id));
	if (!is_named && o->named_by.id.n > 0)
		(void)pack_fault_add(c->faults, o->named_by.file,
		    o->named_by.line, "the office '%.*s' is filled by a post "
		    "and has 'named_by'; keep one of the two",
		    SLICE_FMT(o->id));
	if (o->number.has_max && o->number.max > 0 &&
	    o->number.min > o->number.max)
		(void)pack_fault_add(c->faults, o->number.place.file,
		    o->number.place.line, "the office '%.*s' has min over "
		    "max; correct 'number'", SLICE_FMT(o->id));
	if (o->scope == PACK_SCOPE_ORGAN &&
	    (o->rights & ~PACK_RIGHT_BIT(PACK_RIGHT_BOARD)) != 0)
		(void)pack_fault_add(c->faults, o->place.file, o->place.line,
		    "the office '%.*s' is of an organ and has rights over "
		    "sections; leave 'rights' empty or write board alone",
		    SLICE_FMT(o->id));
	if (o->is_compulsory && o->number.place.file != NULL &&
	    o->number.min == 0)
		(void)pack_fault_add(c->faults, o->place.file, o->place.line,
		    "the office '%.*s' is compulsory with min 0; write min 1 "
		    "or compulsory false", SLICE_FMT(o->id));
}

static void
refuse_itself(struct check *c, const struct pack_office *o, const char *key,
    const struct pack_name *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (o->id.n > 0 && slice_is_equal(list[i].id, o->id))
			(void)pack_fault_add(c->faults, list[i].file,
			    list[i].line, "the office '%.*s' stands in its "
			    "own '%s'; remove it", SLICE_FMT(o->id), key);
	}
}

void
check_offices_own(struct check *c)
{
	const struct pack *p = c->pack;
	check_unique(c, "office", p->offices, p->n_offices,
	    sizeof(*p->offices));
	for (size_t i = 0; i < p->n_offices; i++) {
		const struct pack_office *o = &p->offices[i];
		check_filling(c, o);
		refuse_itself(c, o, "deputies", o->deputies, o->n_deputies);
		refuse_itself(c, o, "may_hold_also", o->may_hold_also,
		    o->n_may_hold_also);
	}
}

/* Following named_by leads to an office that a post fills. */
static bool
is_reachable(const struct pack *p, const struct pack_office *o)
{
	for (size_t steps = 0; o != NULL && steps <= p->n_offices; steps++) {
		if (o->filled == PACK_FILLED_POST)
			return true;
		if (o->named_by.id.n == 0)
			return true; /* told already */
		o = pack_office(p, o->named_by.id);
		if (o == NULL)
			return true; /* told already */
	}
	return false;
}

static void
check_rights(struct check *c)
{
	const struct pack *p = c->pack;
	for (unsigned r = 0; r < PACK_RIGHTS_END; r++) {
		size_t i = 0;
		while (i < p->n_offices &&
		    (p->offices[i].rights & PACK_RIGHT_BIT(r)) == 0)
			i++;
		if (i == p->n_offices)
			(void)pack_fault_add(c->faults, p->place.file,
			    p->place.line, "no office has the right '%s'; "
			    "give it to one", pack_right_name(r));
	}
}

void
check_offices_whole(struct check *c)
{
	const struct pack *p = c->pack;
	for (size_t i = 0; i < p->n_offices; i++) {
		const struct pack_office *o = &p->offices[i];
		check_names(c, "office", &o->named_by, 1, check_is_office);
		check_names(c, "office", o->deputies, o->n_deputies,
		    check_is_office);
		check_names(c, "office", o->may_hold_also,
		    o->n_may_hold_also, check_is_office);
		if (!is_reachable(p, o))
			(void)pack_fault_add(c->faults, o->named_by.file,
			    o->named_by.line, "the office '%.*s' can never be "
			    "filled: 'named_by' leads in a circle; let an "
			    "office with a post begin it", SLICE_FMT(o->id));
	}
	check_names(c, "office", p->handlers, p->n_handlers, check_is_office);
	if (p->kind == PACK_KIND_BODY)
		check_rights(c);
}
