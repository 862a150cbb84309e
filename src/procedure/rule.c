#include "procedure/rule.h"

#include "base/must.h"
#include "regulation/duty.h"

static const char *const deeds[DEEDS] = {"ask", "tick", "approve", "refuse",
    "do", "send_back", "withdraw", "read_after"};

static const char *const states[MATTER_STATES] = {"open", "done", "refused",
    "withdrawn"};

static const char *const flaws[FLAWS] = {"none", "closed", "moved", "no_turn",
    "own", "same_person", "twice", "kind", "checklist", "fields", "no_step",
    "no_note", "no_deputy", "others_field", "too_long", "effect"};

const char *
deed_name(enum deed deed)
{
	must((unsigned)deed < DEEDS);
	return deeds[deed];
}

bool
deed_read(struct slice s, enum deed *ret)
{
	for (unsigned i = 0; i < DEEDS; i++) {
		if (!slice_is(s, deeds[i]))
			continue;
		*ret = (enum deed)i;
		return true;
	}
	return false;
}

const char *
matter_state_name(enum matter_state state)
{
	must((unsigned)state < MATTER_STATES);
	return states[state];
}

const char *
flaw_name(enum flaw flaw)
{
	must((unsigned)flaw < FLAWS);
	return flaws[flaw];
}

bool
procedure_holds(const struct pack_procedure *p,
    const struct pack_condition *x, const struct slice *values)
{
	return pack_condition_holds(p->fields, p->n_fields, x, values);
}

/* ---- what was done ---- */

static bool
is_named(const struct pack_name *list, size_t n, struct slice id)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is_equal(list[i].id, id))
			return true;
	return false;
}

static bool
is_decision(enum deed deed)
{
	return deed == DEED_APPROVE || deed == DEED_DO;
}

/* Since the matter came to the step where it stands. */
static bool
is_of_this_visit(const struct matter *m, const struct done *d)
{
	return d->number > m->entered && d->step == m->step;
}

static bool
has_acted(const struct matter *m, struct slice office)
{
	for (size_t i = 0; i < m->n_done; i++)
		if (is_of_this_visit(m, &m->done[i]) &&
		    is_decision(m->done[i].deed) &&
		    slice_is_equal(m->done[i].as, office))
			return true;
	return false;
}

static bool
has_decided(const struct matter *m, uint64_t person)
{
	for (size_t i = 0; i < m->n_done; i++)
		if (is_of_this_visit(m, &m->done[i]) &&
		    is_decision(m->done[i].deed) &&
		    m->done[i].person == person)
			return true;
	return false;
}

static bool
has_asked(const struct matter *m, uint64_t person)
{
	if (m->asker == person)
		return true;
	for (size_t i = 0; i < m->n_done; i++)
		if (m->done[i].deed == DEED_ASK && m->done[i].person == person)
			return true;
	return false;
}

/* Took one of the steps that the present one must not be taken by too. */
static bool
is_kept_away(const struct matter *m, uint64_t person)
{
	const struct pack_procedure *p = m->procedure;
	const struct pack_step *s = &p->steps[m->step];
	for (size_t i = 0; i < m->n_done; i++) {
		const struct done *d = &m->done[i];
		if (d->person == person && d->step < p->n_steps &&
		    is_named(s->not_same_as, s->n_not_same_as,
		        p->steps[d->step].id))
			return true;
	}
	return is_named(s->not_same_as, s->n_not_same_as, p->steps[0].id) &&
	    m->asker == person;
}

bool
procedure_is_awaited(const struct matter *m, struct slice office)
{
	const struct pack_step *s = &m->procedure->steps[m->step];
	return m->state == MATTER_OPEN &&
	    is_named(s->by, s->n_by, office) && !has_acted(m, office);
}

bool
procedure_is_unread(const struct matter *m, struct slice office)
{
	bool is_unread = false;
	for (size_t i = 0; i < m->n_done; i++) {
		const struct done *d = &m->done[i];
		if (!slice_is_equal(d->as, office))
			continue;
		if (d->deed == DEED_READ_AFTER)
			is_unread = false;
		else if (!slice_is_equal(d->office, d->as))
			is_unread = true;
	}
	return is_unread;
}

const struct done *
procedure_tick(const struct matter *m, struct slice check)
{
	for (size_t i = 0; i < m->n_done; i++)
		if (is_of_this_visit(m, &m->done[i]) &&
		    m->done[i].deed == DEED_TICK &&
		    slice_is_equal(m->done[i].item, check))
			return &m->done[i];
	return NULL;
}

/* ---- effects ---- */

/* Where the matter stood once this deed was done. */
static uint32_t
step_behind(const struct matter *m, size_t deed)
{
	return deed + 1 < m->n_done ? m->done[deed + 1].step : m->step;
}

/* A step from `from` on was ended that brought about what stays. */
static bool
has_final(const struct matter *m, size_t from)
{
	const struct pack_procedure *p = m->procedure;
	for (size_t i = 0; i < m->n_done; i++) {
		const struct done *d = &m->done[i];
		if (d->step < from || d->step >= p->n_steps ||
		    !is_decision(d->deed) || step_behind(m, i) <= d->step)
			continue;
		const struct pack_step *s = &p->steps[d->step];
		for (size_t j = 0; j < s->n_effects; j++)
			if (pack_effect_is_final(s->effects[j].kind))
				return true;
	}
	return false;
}

const struct pack_effect *
procedure_effects(const struct matter *m, const struct wish *w,
    const struct outcome *after, size_t *ret_n)
{
	const struct pack_step *s = &m->procedure->steps[m->step];
	*ret_n = after->has_moved && is_decision(w->deed) ? s->n_effects : 0;
	return s->effects;
}

/* ---- whose turn ---- */

static bool
is_there(const struct actor *a, enum pack_step_where where)
{
	switch (where) {
	case PACK_STEP_SECTION:
		return a->is_of_body || a->is_in_section;
	case PACK_STEP_HOLDING:
		return a->is_of_body || a->is_in_holding_section;
	case PACK_STEP_BODY:
		return true;
	}
	return false;
}

/* 代決: the holder is away or nobody is, and the pack names the actor. */
static bool
is_deputy(const struct actor *a, const struct pack_step *s, struct slice of)
{
	const struct pack_office *o = pack_office(a->pack, of);
	return o != NULL && is_named(s->by, s->n_by, of) &&
	    is_named(o->deputies, o->n_deputies, a->office) &&
	    !a->is_held(a->ctx, of, s->where, true);
}

/* For which office of the step they act; its turn, and not yet acted. */
static enum flaw
find_office(const struct matter *m, const struct actor *a,
    const struct wish *w, struct slice *ret)
{
	const struct pack_step *s = &m->procedure->steps[m->step];
	*ret = a->office;
	if (s->n_by == 0)
		return m->asker == a->person || a->is_heir ? FLAW_NONE
		                                           : FLAW_NO_TURN;
	if (!is_there(a, s->where))
		return FLAW_NO_TURN;
	if (w->as.n > 0) {
		if (!is_deputy(a, s, w->as))
			return FLAW_NO_DEPUTY;
		if (w->note.n == 0)
			return FLAW_NO_NOTE;
		*ret = w->as;
	}
	if (!is_named(s->by, s->n_by, *ret))
		return FLAW_NO_TURN;
	return has_acted(m, *ret) ? FLAW_TWICE : FLAW_NONE;
}

/* ---- the deeds ---- */

static bool
is_all_ticked(const struct matter *m)
{
	const struct pack_step *s = &m->procedure->steps[m->step];
	for (size_t i = 0; i < s->n_checklist; i++)
		if (procedure_tick(m, s->checklist[i].id) == NULL)
			return false;
	return true;
}

static bool
is_filled(const struct matter *m, const struct slice *values)
{
	const struct pack_procedure *p = m->procedure;
	for (size_t i = 0; i < p->n_fields; i++)
		if (p->fields[i].is_required && values[i].n == 0 &&
		    pack_procedure_owner(p, i) == m->step)
			return false;
	return true;
}

/* Only the fields of the present step are filled in it. */
static bool
keeps_to_own(const struct matter *m, const struct slice *values)
{
	const struct pack_procedure *p = m->procedure;
	for (size_t i = 0; i < p->n_fields; i++)
		if (pack_procedure_owner(p, i) != m->step &&
		    !slice_is_equal(values[i], m->values[i]))
			return false;
	return true;
}

/* The next step whose condition holds; n_steps: there is none. */
static uint32_t
step_after(const struct matter *m, const struct slice *values)
{
	const struct pack_procedure *p = m->procedure;
	uint32_t i = m->step + 1;
	while (i < p->n_steps && p->steps[i].has_when &&
	    !procedure_holds(p, &p->steps[i].when, values))
		i++;
	return i;
}

static bool
is_last_of_all(const struct matter *m, struct slice as)
{
	const struct pack_step *s = &m->procedure->steps[m->step];
	for (size_t i = 0; s->needs_all && i < s->n_by; i++)
		if (!slice_is_equal(s->by[i].id, as) &&
		    !has_acted(m, s->by[i].id))
			return false;
	return true;
}

static void
move_on(const struct matter *m, const struct slice *values,
    struct outcome *ret)
{
	uint32_t next = step_after(m, values);
	ret->has_moved = true;
	if (next == m->procedure->n_steps)
		ret->state = MATTER_DONE;
	else
		ret->step = next;
}

static enum flaw
judge_finish(const struct matter *m, const struct actor *a,
    const struct wish *w, struct outcome *ret)
{
	const struct pack_step *s = &m->procedure->steps[m->step];
	static const enum deed fit[] = {[PACK_STEP_ASK] = DEED_ASK,
	    [PACK_STEP_DECIDE] = DEED_APPROVE, [PACK_STEP_DO] = DEED_DO};
	if (w->deed != fit[s->kind])
		return FLAW_KIND;
	if (has_decided(m, a->person))
		return FLAW_TWICE;
	if (!keeps_to_own(m, w->values))
		return FLAW_OTHERS_FIELD;
	if (!is_filled(m, w->values))
		return FLAW_FIELDS;
	if (!is_all_ticked(m))
		return FLAW_CHECKLIST;
	if (is_last_of_all(m, ret->as))
		move_on(m, w->values, ret);
	return FLAW_NONE;
}

static enum flaw
judge_back(const struct matter *m, const struct wish *w, struct outcome *ret)
{
	size_t to = pack_procedure_step(m->procedure, w->item);
	if (m->procedure->steps[m->step].kind == PACK_STEP_ASK)
		return FLAW_KIND;
	if (to >= m->step)
		return FLAW_NO_STEP;
	if (has_final(m, to))
		return FLAW_EFFECT;
	ret->step = (uint32_t)to;
	ret->has_moved = true;
	return w->note.n > 0 ? FLAW_NONE : FLAW_NO_NOTE;
}

static enum flaw
judge_refuse(const struct matter *m, const struct wish *w,
    struct outcome *ret)
{
	if (m->procedure->steps[m->step].kind != PACK_STEP_DECIDE)
		return FLAW_KIND;
	if (has_final(m, 0))
		return FLAW_EFFECT;
	ret->state = MATTER_REFUSED;
	ret->has_moved = true;
	return w->note.n > 0 ? FLAW_NONE : FLAW_NO_NOTE;
}

static enum flaw
judge_tick(const struct matter *m, const struct wish *w)
{
	const struct pack_step *s = &m->procedure->steps[m->step];
	for (size_t i = 0; i < s->n_checklist; i++)
		if (slice_is_equal(s->checklist[i].id, w->item))
			return procedure_tick(m, w->item) == NULL ? FLAW_NONE
			                                         : FLAW_TWICE;
	return FLAW_KIND;
}

static enum flaw
judge_withdraw(const struct matter *m, const struct actor *a,
    const struct wish *w, struct outcome *ret)
{
	if (m->asker != a->person && !a->is_heir)
		return FLAW_NO_TURN;
	if (has_final(m, 0))
		return FLAW_EFFECT;
	ret->state = MATTER_WITHDRAWN;
	ret->has_moved = true;
	return w->note.n > 0 ? FLAW_NONE : FLAW_NO_NOTE;
}

/* The holder of the office, also once the matter has ended. */
static enum flaw
judge_read_after(const struct matter *m, const struct actor *a,
    struct outcome *ret)
{
	ret->as = a->office;
	if (!procedure_is_unread(m, a->office))
		return FLAW_KIND;
	for (size_t i = 0; i < m->n_done; i++) {
		const struct done *d = &m->done[i];
		if (slice_is_equal(d->as, a->office) &&
		    !is_there(a, m->procedure->steps[d->step].where))
			return FLAW_NO_TURN;
		if (slice_is_equal(d->as, a->office) &&
		    d->person == a->person && is_decision(d->deed))
			return FLAW_SAME_PERSON;
	}
	return FLAW_NONE;
}

enum flaw
procedure_judge(const struct matter *m, const struct actor *a,
    const struct wish *w, struct outcome *ret)
{
	*ret = (struct outcome){.state = m->state, .step = m->step};
	must(m->step < m->procedure->n_steps);
	if (m->n_done >= PROCEDURE_DEEDS_MAX)
		return FLAW_TOO_LONG;
	if (w->deed == DEED_READ_AFTER)
		return judge_read_after(m, a, ret);
	if (m->state != MATTER_OPEN)
		return FLAW_CLOSED;
	if (w->deed == DEED_WITHDRAW)
		return judge_withdraw(m, a, w, ret);
	if (w->step != m->step)
		return FLAW_MOVED;
	enum flaw flaw = find_office(m, a, w, &ret->as);
	if (flaw != FLAW_NONE)
		return flaw;
	if (m->procedure->steps[m->step].kind == PACK_STEP_DECIDE &&
	    has_asked(m, a->person))
		return FLAW_OWN;
	if (is_kept_away(m, a->person))
		return FLAW_SAME_PERSON;
	switch (w->deed) {
	case DEED_ASK:
	case DEED_APPROVE:
	case DEED_DO:
		return judge_finish(m, a, w, ret);
	case DEED_TICK:
		return judge_tick(m, w);
	case DEED_REFUSE:
		return judge_refuse(m, w, ret);
	case DEED_SEND_BACK:
		return judge_back(m, w, ret);
	case DEED_WITHDRAW:
	case DEED_READ_AFTER:
	case DEEDS:
		break;
	}
	return FLAW_KIND;
}

bool
procedure_may_begin(const struct pack_procedure *p, struct slice office)
{
	return p->n_begun_by == 0 ||
	    is_named(p->begun_by, p->n_begun_by, office);
}
