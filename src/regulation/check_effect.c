#include "regulation/check.h"
#include "regulation/procedure.h"

/* Adds a fault at the place of a name or entry. */
#define FAULT(c, at, ...)                                                      \
	(void)pack_fault_add((c)->faults, (at)->file, (at)->line, __VA_ARGS__)

static bool
is_of_grant(enum pack_effect_kind kind)
{
	return kind == PACK_EFFECT_GRANT_MAKE ||
	    kind == PACK_EFFECT_GRANT_END;
}

static bool
needs_of(enum pack_effect_kind kind)
{
	return kind == PACK_EFFECT_ROW_ADD ||
	    kind == PACK_EFFECT_MATTER_OPEN;
}

static bool
needs_row(enum pack_effect_kind kind)
{
	return kind == PACK_EFFECT_ROW_CHANGE || kind == PACK_EFFECT_ROW_END;
}

static void
check_source(struct check *c, const struct pack_procedure *p, size_t step,
    const struct pack_effect_set *s)
{
	size_t i = pack_procedure_field(p, s->from.id);
	if ((s->from.id.n > 0) + (s->is.n > 0) + s->has_own != 1)
		FAULT(c, &s->place, "the value for '%.*s' comes from one of "
		    "from, is, own; write one", SLICE_FMT(s->to.id));
	if (s->from.id.n == 0)
		return;
	if (i == p->n_fields)
		FAULT(c, &s->from, "the procedure '%.*s' has no field '%.*s'; "
		    "add it or correct the name", SLICE_FMT(p->id),
		    SLICE_FMT(s->from.id));
	else if (pack_procedure_owner(p, i) > step)
		FAULT(c, &s->from, "'%.*s' has no value yet in the step "
		    "'%.*s'; name a field of this or an earlier step",
		    SLICE_FMT(s->from.id), SLICE_FMT(p->steps[step].id));
}

/* A text takes any text; whatever refers to something must be of one kind. */
static bool
fits(enum pack_field_type from, enum pack_field_type to)
{
	bool is_text = from == PACK_FIELD_TEXT || from == PACK_FIELD_PROSE;
	return from == to || ((to == PACK_FIELD_TEXT ||
	    to == PACK_FIELD_PROSE) && is_text);
}

static enum pack_field_type
type_of_own(enum pack_effect_own own)
{
	static const enum pack_field_type types[PACK_OWN_END] = {
	    [PACK_OWN_NUMBER] = PACK_FIELD_TEXT,
	    [PACK_OWN_TODAY] = PACK_FIELD_DATE,
	    [PACK_OWN_ASKER] = PACK_FIELD_PERSON,
	    [PACK_OWN_ACTOR] = PACK_FIELD_PERSON,
	    [PACK_OWN_SECTION] = PACK_FIELD_SECTION};
	return types[own];
}

static void
check_type(struct check *c, const struct pack_procedure *p,
    const struct pack_effect_set *s, enum pack_field_type to)
{
	size_t i = pack_procedure_field(p, s->from.id);
	enum pack_field_type from = s->has_own ? type_of_own(s->own)
	    : i < p->n_fields ? p->fields[i].type : to;
	if (!fits(from, to))
		FAULT(c, &s->place, "'%.*s' takes a value of type %s and is "
		    "given one of type %s; name another field",
		    SLICE_FMT(s->to.id), pack_field_type_name(to),
		    pack_field_type_name(from));
}

static void
check_targets(struct check *c, const struct pack_procedure *p,
    const struct pack_effect *e)
{
	const struct pack_effect_target *list = pack_effect_targets(e->kind);
	for (size_t i = 0; i < e->n_sets; i++) {
		const struct pack_effect_target *t = list;
		while (t->to != NULL && !slice_is(e->sets[i].to.id, t->to))
			t++;
		if (t->to == NULL)
			FAULT(c, &e->sets[i].to, "%s takes no '%.*s'; remove "
			    "it", pack_effect_name(e->kind),
			    SLICE_FMT(e->sets[i].to.id));
		else
			check_type(c, p, &e->sets[i], t->type);
	}
	for (const struct pack_effect_target *t = list; t->to != NULL; t++)
		if (t->is_required &&
		    pack_effect_set(e, slice_of(t->to)) == NULL)
			FAULT(c, &e->place, "%s needs '%s'; add it under "
			    "'set'", pack_effect_name(e->kind), t->to);
}

static void
check_effect_own(struct check *c, const struct pack_procedure *p, size_t step,
    const struct pack_effect *e)
{
	size_t row = pack_procedure_field(p, e->row.id);
	if (needs_of(e->kind) != (e->of.id.n > 0))
		FAULT(c, &e->place, needs_of(e->kind)
		    ? "%s needs 'of'; name the register or the procedure"
		    : "%s has no 'of'; remove it", pack_effect_name(e->kind));
	if (needs_row(e->kind) != (e->row.id.n > 0))
		FAULT(c, &e->place, needs_row(e->kind)
		    ? "%s needs 'row'; name the field that holds it"
		    : "%s has no 'row'; remove it", pack_effect_name(e->kind));
	else if (needs_row(e->kind) && (row == p->n_fields ||
	    p->fields[row].type != PACK_FIELD_ROW ||
	    pack_procedure_owner(p, row) > step))
		FAULT(c, &e->row, "'%.*s' is no field of type row that is "
		    "filled by then; name one", SLICE_FMT(e->row.id));
	for (size_t i = 0; i < e->n_sets; i++) {
		check_source(c, p, step, &e->sets[i]);
		for (size_t j = 0; j < i; j++)
			if (slice_is_equal(e->sets[i].to.id,
			    e->sets[j].to.id))
				FAULT(c, &e->sets[i].to, "'%.*s' is set "
				    "twice; keep one",
				    SLICE_FMT(e->sets[i].to.id));
	}
	if (pack_effect_targets(e->kind) != NULL)
		check_targets(c, p, e);
}

/* A matter has one grant, which bears its id. */
static void
check_grants(struct check *c, const struct pack_procedure *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n_steps; i++)
		for (size_t j = 0; j < p->steps[i].n_effects; j++)
			n += p->steps[i].effects[j].kind ==
			    PACK_EFFECT_GRANT_MAKE;
	if (n > 1)
		FAULT(c, &p->place, "a matter makes one grant and '%.*s' "
		    "makes %zu; divide it", SLICE_FMT(p->id), n);
}

void
check_effects_own(struct check *c, const struct pack_procedure *p,
    size_t step)
{
	const struct pack_step *s = &p->steps[step];
	size_t grants = 0;
	if (step == 0)
		check_grants(c, p);
	if (s->kind == PACK_STEP_ASK && s->n_effects > 0)
		FAULT(c, &s->place, "asking brings nothing about; move "
		    "'effects' of '%.*s' to a later step", SLICE_FMT(s->id));
	for (size_t i = 0; i < s->n_effects; i++) {
		grants += is_of_grant(s->effects[i].kind);
		check_effect_own(c, p, step, &s->effects[i]);
	}
	if (grants > 1)
		FAULT(c, &s->place, "a step makes or ends one grant, '%.*s' "
		    "has %zu; divide it", SLICE_FMT(s->id), grants);
}

/* ---- with the packs below ---- */

struct target {
	const struct pack_field *fields;
	size_t n;
	/* A new one: all that is required must be set. */
	bool is_new;
	const struct pack_procedure *first; /* only fields of its first step */
};

static bool
find_target(const struct pack *pack, const struct pack_procedure *p,
    const struct pack_effect *e, struct target *ret)
{
	struct slice of = e->of.id;
	size_t row = pack_procedure_field(p, e->row.id);
	*ret = (struct target){.is_new = needs_of(e->kind)};
	if (e->kind == PACK_EFFECT_MATTER_OPEN) {
		ret->first = pack_procedure(pack, of);
		if (ret->first != NULL) {
			ret->fields = ret->first->fields;
			ret->n = ret->first->n_fields;
		}
		return ret->first != NULL;
	}
	if (e->kind == PACK_EFFECT_ROW_CHANGE && row < p->n_fields)
		of = p->fields[row].of.id;
	const struct pack_register *r = pack_register(pack, of);
	if (r != NULL) {
		ret->fields = r->fields;
		ret->n = r->n_fields;
	}
	return r != NULL;
}

static const struct pack_field *
target_field(const struct target *t, struct slice id)
{
	for (size_t i = 0; i < t->n; i++)
		if (slice_is_equal(t->fields[i].id, id) && (t->first == NULL ||
		    pack_procedure_owner(t->first, i) == 0))
			return &t->fields[i];
	return NULL;
}

static void
check_set_whole(struct check *c, const struct pack_procedure *p,
    const struct pack_effect_set *s, const struct target *t)
{
	const struct pack_field *to = target_field(t, s->to.id);
	if (to == NULL) {
		FAULT(c, &s->to, "there is no field '%.*s' to set; correct "
		    "the name", SLICE_FMT(s->to.id));
		return;
	}
	check_type(c, p, s, to->type);
	if (s->is.n > 0 && to->type == PACK_FIELD_CHOICE &&
	    pack_field_choice(to, s->is) == NULL)
		FAULT(c, &s->place, "'%.*s' is no choice of '%.*s'; correct "
		    "it", SLICE_FMT(s->is), SLICE_FMT(to->id));
}

/* Always has a value when the step is taken. */
static bool
is_given(const struct pack_procedure *p, const struct pack_effect_set *s)
{
	size_t i = pack_procedure_field(p, s->from.id);
	return s->from.id.n == 0 || i == p->n_fields ||
	    p->fields[i].is_required;
}

static void
check_effect_whole(struct check *c, const struct pack_procedure *p,
    const struct pack_effect *e)
{
	struct target t;
	if (!find_target(c->pack, p, e, &t)) {
		FAULT(c, &e->of, "there is no %s '%.*s'; add it or correct "
		    "the name", e->kind == PACK_EFFECT_MATTER_OPEN
		    ? "procedure" : "register", SLICE_FMT(e->of.id));
		return;
	}
	for (size_t i = 0; i < e->n_sets; i++)
		check_set_whole(c, p, &e->sets[i], &t);
	for (size_t i = 0; t.is_new && i < t.n; i++) {
		const struct pack_effect_set *s =
		    pack_effect_set(e, t.fields[i].id);
		if (t.fields[i].is_required &&
		    target_field(&t, t.fields[i].id) != NULL &&
		    (s == NULL || !is_given(p, s)))
			FAULT(c, &e->place, "'%.*s' is required there and "
			    "would be empty; set it from a required field",
			    SLICE_FMT(t.fields[i].id));
	}
}

void
check_effects_whole(struct check *c, const struct pack_procedure *p,
    size_t step)
{
	const struct pack_step *s = &p->steps[step];
	for (size_t i = 0; i < s->n_effects; i++)
		if (needs_of(s->effects[i].kind) ||
		    s->effects[i].kind == PACK_EFFECT_ROW_CHANGE)
			check_effect_whole(c, p, &s->effects[i]);
}
