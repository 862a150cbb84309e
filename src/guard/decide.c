#include "guard/decide.h"

#include "guard/compiled.h"

/* How far a grant came before it did not fit; the furthest gives the reason. */
enum reach {
	REACH_NOTHING,
	REACH_GRANT,    /* to this subject, in force; not for this act */
	REACH_ACT,      /* not at this hour or day */
	REACH_TIME,     /* not this record */
	REACH_ROW,      /* not from here */
	REACH_TERMINAL, /* not 秘匿 */
	REACH_SECRET,   /* none of these items */
	REACH_ALL,
	REACHES
};

static const enum pack_decision reach_keys[] = {
    [REACH_NOTHING] = PACK_DECISION_NO_GRANT,
    [REACH_GRANT] = PACK_DECISION_BEYOND_GRANT,
    [REACH_ACT] = PACK_DECISION_BEYOND_GRANT,
    [REACH_TIME] = PACK_DECISION_BEYOND_GRANT,
    [REACH_ROW] = PACK_DECISION_TERMINAL,
    [REACH_TERMINAL] = PACK_DECISION_SECRET,
    [REACH_SECRET] = PACK_DECISION_BEYOND_GRANT,
    [REACH_ALL] = PACK_DECISION_BEYOND_GRANT,
};
_Static_assert(sizeof(reach_keys) / sizeof(reach_keys[0]) == REACHES,
    "each reach has its key");

/* What a refusal offers, by key. */
static const struct way {
	const char *procedure; /* NULL: nothing to ask for */
	bool asks;             /* the office that makes grants */
	bool has_emergency;
} ways[] = {
    [PACK_DECISION_NO_GRANT] = {"grant.request", true, true},
    [PACK_DECISION_BEYOND_GRANT] = {"grant.request", true, true},
    [PACK_DECISION_PURPOSE] = {NULL, false, false},
    [PACK_DECISION_SECOND_FACTOR] = {"session.step_up", false, false},
    [PACK_DECISION_TERMINAL] = {NULL, true, false},
    [PACK_DECISION_BULK] = {"permit.request", true, false},
    [PACK_DECISION_SECRET] = {"grant.request", true, false},
    [PACK_DECISION_ERASED] = {NULL, false, false},
    [PACK_DECISION_OPERATOR] = {NULL, false, false},
    [PACK_DECISION_MY_NUMBER] = {"grant.request", true, false},
    [PACK_DECISION_AUDIT_SELF] = {NULL, false, false},
    /* refused once the rest is allowed: guard/matter.c */
    [PACK_DECISION_INSTRUCTION] = {"correction", true, false},
    [PACK_DECISION_DISPOSAL] = {"disposal", true, false},
    [PACK_DECISION_HOLD] = {NULL, true, false},
};
_Static_assert(sizeof(ways) / sizeof(ways[0]) == PACK_DECISIONS_END,
    "each key has its way");

struct asking {
	const struct snapshot *s;
	const struct question *q;
	const struct capacity *capacity;
	const struct kept *holding;
	bool is_other_organ; /* the capacity's is not the holding's */
	enum reach reach;
	uint64_t items;
	uint64_t grant;
};

static bool
is_label(const struct authority_grant *g, struct slice label)
{
	if ((g->rows_kind & ~(ROWS_KINDS - 1)) != 0)
		return false; /* made by a newer program */
	if ((g->rows_kind & ROWS_LABEL) == 0)
		return true;
	return label.n > 0 &&
	       slice_is_equal(authority_text_slice(&g->rows), label);
}

static bool
is_here(const struct authority_grant *g, uint64_t terminal)
{
	for (size_t i = 0; i < g->n_terminals; i++)
		if (terminal != 0 && g->terminals[i] == terminal)
			return true;
	return g->n_terminals == 0;
}

static enum reach
reach_of(const struct asking *a, const struct leaf *l)
{
	const struct question *q = a->q;
	if (q->now < l->from || q->now >= l->until ||
	    (l->capacity != 0 && l->capacity != q->capacity) ||
	    (a->is_other_organ && !l->crosses))
		return REACH_NOTHING;
	if ((l->acts & ACT_BIT(q->act)) == 0)
		return REACH_GRANT;
	if (l->is_limited) {
		const struct authority_grant *g = &a->s->rows[l->row].grant;
		if (!authority_grant_is_open_at(g, q->now))
			return REACH_ACT;
		if (!is_label(g, q->label))
			return REACH_TIME;
		if (!is_here(g, q->terminal))
			return REACH_ROW;
	}
	if (q->is_secret && (l->acts & ACT_BIT(ACT_SECRET)) == 0)
		return REACH_TERMINAL;
	if (q->items != 0 && (l->items & q->items) == 0)
		return REACH_SECRET;
	return REACH_ALL;
}

/* The grants to one subject: where they are to be found. */
struct subject {
	uint64_t who, section;
	uint32_t hash;
};

static struct subject
subject_of(const struct asking *a, uint64_t who, uint64_t section)
{
	struct subject s = {who, section,
	    compiled_group_hash(a->q->body, a->q->holding, who, section)};
	index_fetch(&a->s->group_index, s.hash);
	return s;
}

static void
try_group(struct asking *a, const struct subject *s)
{
	const struct group *g = compiled_group(
	    a->s, s->hash, a->q->body, a->q->holding, s->who, s->section);
	if (g == NULL)
		return;
	for (uint32_t i = 0; i < g->n; i++) {
		const struct leaf *l = &a->s->leaves[g->first + i];
		enum reach r = reach_of(a, l);
		if (r > a->reach)
			a->reach = r;
		if (r != REACH_ALL)
			continue;
		a->items |= l->items & a->q->items;
		if (a->grant == 0)
			a->grant = l->id;
	}
}

/* Appointments of the list that are in force; the first one's office. */
static void
put_persons(
    const struct asking *a, uint32_t first, uint32_t n, struct decision *d)
{
	for (uint32_t i = 0; i < n && d->n_persons < DECISION_PERSONS_MAX;
	     i++) {
		const struct capacity *c =
		    &a->s->capacities[a->s->granters[first + i]];
		if (a->q->now < c->from || a->q->now >= c->until)
			continue;
		if (d->n_persons == 0) {
			d->ask_office = a->s->offices[c->office - 1];
			d->ask_section = c->section;
		}
		d->persons[d->n_persons++] = c->person;
	}
}

static struct decision
refuse(const struct asking *a, enum pack_decision key)
{
	const struct way *way = &ways[key];
	const struct question *q = a->q;
	struct decision d = {.key = key,
	    .procedure = way->procedure,
	    .verdict = way->procedure != NULL ? VERDICT_ASK : VERDICT_DENY};
	const struct body_facts *b = compiled_body(a->s, q->body);
	if (way->asks && a->holding != NULL)
		put_persons(
		    a, a->holding->granters, a->holding->n_granters, &d);
	if (way->asks && d.n_persons == 0 && b != NULL)
		put_persons(a, b->granters, b->n_granters, &d);
	if (way->has_emergency && b != NULL && b->has_emergency &&
	    a->holding != NULL && a->capacity != NULL && !q->is_secret &&
	    (q->act == ACT_SEARCH || q->act == ACT_LIST || q->act == ACT_VIEW))
		d.besides = "emergency.open";
	return d;
}

/* A registered terminal of the section that owns the holding, or one's own. */
static bool
is_terminal_of(const struct asking *a)
{
	const struct authority_row *r =
	    a->q->terminal == 0 ? NULL
				: snapshot_row(a->s, AUTHORITY_TERMINAL,
				      a->q->body, a->q->terminal);
	return r != NULL && authority_is_in_force(r, a->q->now) &&
	       (r->terminal.section == a->holding->section ||
		   r->terminal.section == a->capacity->section);
}

/* What is asked of whoever has a grant that fits. */
static bool
is_kept_back(const struct asking *a, enum pack_decision *ret_key)
{
	const struct question *q = a->q;
	uint16_t flags = a->holding->flags;
	if ((flags & HOLDING_MY_NUMBER) != 0 && !q->is_handler)
		*ret_key = PACK_DECISION_MY_NUMBER;
	else if (q->is_erased)
		*ret_key = PACK_DECISION_ERASED;
	else if ((flags & HOLDING_TERMINALS_ONLY) != 0 && !is_terminal_of(a))
		*ret_key = PACK_DECISION_TERMINAL;
	else if ((flags & (HOLDING_SECOND_FACTOR | HOLDING_MY_NUMBER)) != 0 &&
		 q->level < 2)
		*ret_key = PACK_DECISION_SECOND_FACTOR;
	else if (!q->has_purpose)
		*ret_key = PACK_DECISION_PURPOSE;
	else
		return false;
	return true;
}

struct decision
guard_decide(const struct snapshot *s, const struct question *q)
{
	struct asking a = {.s = s, .q = q};
	enum pack_decision key;
	index_fetch(&s->capacity_index, compiled_hash(q->body, q->capacity));
	index_fetch(&s->holding_index, compiled_hash(q->body, q->holding));
	const struct subject person = subject_of(&a, q->person, 0);
	const struct capacity *c = compiled_capacity(s, q->body, q->capacity);
	const struct kept *h = compiled_holding(s, q->body, q->holding);
	if (h != NULL && h->from <= q->now && q->now < h->until)
		a.holding = h;
	if (c == NULL || c->person != q->person || q->now < c->from ||
	    q->now >= c->until || (unsigned)q->act >= ACTS_END)
		return refuse(&a, PACK_DECISION_NO_GRANT);
	a.capacity = c;
	if ((c->rights & RIGHT_BIT(RIGHT_OPERATE)) != 0)
		return refuse(&a, PACK_DECISION_OPERATOR);
	if (a.holding == NULL)
		return refuse(&a, PACK_DECISION_NO_GRANT);
	a.is_other_organ = c->organ != h->organ;
	const uint64_t office = OFFICE_BIT | c->office;
	const struct subject anywhere = subject_of(&a, office, 0);
	const struct subject here = subject_of(&a, office, c->section);
	try_group(&a, &person);
	try_group(&a, &anywhere);
	if (c->section != 0)
		try_group(&a, &here);
	if (a.reach != REACH_ALL) {
		key = reach_keys[a.reach];
		if (a.reach == REACH_NOTHING &&
		    (h->flags & HOLDING_MY_NUMBER) != 0)
			key = PACK_DECISION_MY_NUMBER;
		return refuse(&a, key);
	}
	if (is_kept_back(&a, &key))
		return refuse(&a, key);
	return (struct decision){
	    .verdict = a.items == q->items ? VERDICT_ALLOW : VERDICT_MASK,
	    .items = a.items,
	    .grant = a.grant,
	    .key = PACK_DECISION_BEYOND_GRANT};
}
