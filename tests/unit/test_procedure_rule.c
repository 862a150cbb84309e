/*
 * Goal of this test: no path through any procedure of any pack reaches its end
 * without what the procedure demands. Matters are walked at random, by persons
 * who hold offices at random and try whatever there is; what was let through
 * is read again from the deeds alone by a slow, plain checker.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "procedure/rule.h"
#include "regulation/fault.h"

enum { PERSONS = 6, WALKS = 300, TRIES = 400, DEEDS_OF_A_WALK = 120 };

static const char *const bodies[] = {"nagaokakyo", "nakadomari", "koriyama",
    "sapporo", "okinawa"};

/* A small generator, so that a failing walk can be walked again. */
static uint64_t seed;

static uint32_t
chance(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

struct walk {
	const struct pack *pack;
	const struct pack_procedure *p;
	struct matter m;
	struct done done[DEEDS_OF_A_WALK];
	struct slice values[PACK_FIELDS_MAX];
	struct slice office[PERSONS]; /* now; it changes on the way */
	struct slice deed_values[DEEDS_OF_A_WALK][PACK_FIELDS_MAX];
	bool was_heir[DEEDS_OF_A_WALK];
	struct actor actor;
	unsigned effects[PACK_STEPS_MAX]; /* times that a step's came about */
};

static struct slice
some_office(const struct walk *w)
{
	return w->pack->offices[chance((uint32_t)w->pack->n_offices)].id;
}

static bool
is_held(void *ctx, struct slice office, enum pack_step_where at,
    bool by_actor)
{
	const struct walk *w = ctx;
	for (size_t i = 0; i < PERSONS; i++)
		if (slice_is_equal(w->office[i], office))
			return true;
	return false;
}

static struct slice
some_value(const struct pack_field *f)
{
	static const char *const texts[] = {"1", "2", "7"};
	if (chance(3) == 0)
		return SLICE_NONE;
	if (f->n_choices > 0)
		return f->choices[chance((uint32_t)f->n_choices)].id;
	return slice_of(texts[chance(3)]);
}

/* Mostly one's own step's fields; now and then somebody else's. */
static void
fill(struct walk *w, struct slice *values)
{
	memcpy(values, w->values, sizeof(w->values));
	for (size_t i = 0; i < w->p->n_fields; i++)
		if (pack_procedure_owner(w->p, i) == w->m.step ||
		    chance(60) == 0)
			values[i] = some_value(&w->p->fields[i]);
}

static struct wish
some_wish(const struct walk *w, const struct slice *values)
{
	const struct pack_step *s = &w->p->steps[w->m.step];
	struct wish wish = {.deed = (enum deed)chance(DEEDS),
	    .step = chance(30) == 0 ? 0 : w->m.step,
	    .values = values,
	    .note = chance(2) == 0 ? SLICE("理由") : SLICE("")};
	if (chance(5) == 0)
		wish.as = some_office(w);
	if (wish.deed == DEED_TICK && s->n_checklist > 0)
		wish.item =
		    s->checklist[chance((uint32_t)s->n_checklist)].id;
	if (wish.deed == DEED_SEND_BACK) /* rare, or nothing ends */
		wish.item = w->p->steps[chance((uint32_t)w->p->n_steps)].id;
	if ((wish.deed == DEED_SEND_BACK || wish.deed == DEED_REFUSE ||
	    wish.deed == DEED_WITHDRAW) && chance(4) != 0)
		wish.deed = DEED_APPROVE;
	return wish;
}

static bool
has_final(const struct pack_step *s)
{
	for (size_t i = 0; i < s->n_effects; i++)
		if (pack_effect_is_final(s->effects[i].kind))
			return true;
	return false;
}

/*
 * A step's effects come about with the deed that ends it and with no other:
 * what stays comes once, and nothing undoes the steps up to it.
 */
static void
must_bring_about(struct walk *w, const struct wish *wish,
    const struct outcome *after)
{
	size_t n;
	bool goes_on = after->state == MATTER_DONE ||
	    (after->state == MATTER_OPEN && after->step > w->m.step);
	(void)procedure_effects(&w->m, wish, after, &n);
	assert_int_equal(n, goes_on && wish->deed != DEED_ASK
	    ? w->p->steps[w->m.step].n_effects : 0);
	if (n > 0 && has_final(&w->p->steps[w->m.step]))
		assert_int_equal(++w->effects[w->m.step], 1);
	for (size_t i = 0; i < w->p->n_steps; i++)
		if (w->effects[i] > 0)
			assert_true(after->state == MATTER_DONE ||
			    (after->state == MATTER_OPEN && after->step > i));
}

static void
try_deed(struct walk *w)
{
	struct slice values[PACK_FIELDS_MAX];
	struct outcome after;
	size_t who = chance(PERSONS);
	fill(w, values);
	struct wish wish = some_wish(w, values);
	w->actor = (struct actor){.person = who + 1, .capacity = who + 100,
	    .office = w->office[who], .is_of_body = chance(3) == 0,
	    .is_in_section = chance(2) == 0,
	    .is_in_holding_section = chance(2) == 0,
	    .is_heir = chance(8) == 0, .pack = w->pack,
	    .is_held = is_held, .ctx = w};
	if (procedure_judge(&w->m, &w->actor, &wish, &after) != FLAW_NONE)
		return;
	must_bring_about(w, &wish, &after);
	size_t n = w->m.n_done;
	w->done[n] = (struct done){.number = (uint32_t)n + 1,
	    .step = w->m.step, .deed = wish.deed, .person = who + 1,
	    .office = w->office[who], .as = after.as, .item = wish.item,
	    .note = wish.note};
	w->was_heir[n] = w->actor.is_heir;
	if (wish.deed == DEED_ASK || wish.deed == DEED_APPROVE ||
	    wish.deed == DEED_DO)
		memcpy(w->values, values, sizeof(values));
	memcpy(w->deed_values[n], w->values, sizeof(w->values));
	w->m.n_done++;
	w->m.state = after.state;
	w->m.step = after.step;
	if (after.has_moved)
		w->m.entered = (uint32_t)n + 1;
}

/* ---- the plain checker ---- */

static bool
is_finish(const struct done *d)
{
	return d->deed == DEED_ASK || d->deed == DEED_APPROVE ||
	    d->deed == DEED_DO;
}

/* The last deed that sent the matter back to `step` or before it. */
static size_t
last_back(const struct walk *w, size_t step)
{
	size_t at = 0;
	for (size_t i = 0; i < w->m.n_done; i++)
		if (w->done[i].deed == DEED_SEND_BACK &&
		    pack_procedure_step(w->p, w->done[i].item) <= step)
			at = i + 1;
	return at;
}

static void
must_have_ticks(const struct walk *w, size_t step, size_t from)
{
	const struct pack_step *s = &w->p->steps[step];
	for (size_t c = 0; c < s->n_checklist; c++) {
		bool is_there = false;
		for (size_t i = from; i < w->m.n_done; i++)
			is_there |= w->done[i].step == step &&
			    w->done[i].deed == DEED_TICK &&
			    slice_is_equal(w->done[i].item,
			        s->checklist[c].id);
		assert_true(is_there);
	}
}

static bool
is_by(const struct pack_step *s, struct slice office)
{
	for (size_t i = 0; i < s->n_by; i++)
		if (slice_is_equal(s->by[i].id, office))
			return true;
	return s->n_by == 0;
}

/* 代決: with a reason, by an office that the pack names. */
static void
must_be_deputy(const struct walk *w, const struct done *d)
{
	const struct pack_office *o = pack_office(w->pack, d->as);
	bool is_named = false;
	assert_true(d->note.n > 0);
	assert_non_null(o);
	for (size_t i = 0; i < o->n_deputies; i++)
		is_named |= slice_is_equal(o->deputies[i].id, d->office);
	assert_true(is_named);
}

/* Each finishing deed of the step since it last began anew. */
static void
must_be_fit(const struct walk *w, size_t step, const struct done *d)
{
	const struct pack_step *s = &w->p->steps[step];
	assert_true(is_by(s, d->as));
	if (s->kind == PACK_STEP_DECIDE)
		assert_true(d->person != w->m.asker);
	if (s->n_by == 0)
		assert_true(d->person == w->m.asker ||
		    w->was_heir[d->number - 1]);
	if (s->n_by > 0 && !slice_is_equal(d->as, d->office))
		must_be_deputy(w, d);
	for (size_t k = 0; k < s->n_not_same_as; k++)
		for (size_t i = 0; i + 1 < d->number; i++)
			assert_false(w->done[i].person == d->person &&
			    slice_is_equal(w->p->steps[w->done[i].step].id,
			        s->not_same_as[k].id));
}

static void
must_be_taken(const struct walk *w, size_t step)
{
	const struct pack_step *s = &w->p->steps[step];
	size_t from = last_back(w, step), n = 0;
	uint64_t seen[DEEDS_OF_A_WALK];
	for (size_t i = from; i < w->m.n_done; i++) {
		const struct done *d = &w->done[i];
		if (d->step != step || !is_finish(d))
			continue;
		must_be_fit(w, step, d);
		for (size_t j = 0; j < n; j++)
			assert_true(seen[j] != d->person);
		seen[n++] = d->person;
	}
	assert_int_equal(n, s->needs_all ? s->n_by : 1);
	must_have_ticks(w, step, from);
	for (size_t i = 0; i < w->p->n_fields; i++)
		if (w->p->fields[i].is_required &&
		    pack_procedure_owner(w->p, i) == step)
			assert_true(w->values[i].n > 0);
}

/* What was decided upon stands in the matter as it was then. */
static void
must_be_unchanged(const struct walk *w)
{
	for (size_t i = 0; i < w->m.n_done; i++) {
		const struct done *d = &w->done[i];
		if (d->deed != DEED_APPROVE || last_back(w, d->step) > i)
			continue;
		for (size_t f = 0; f < w->p->n_fields; f++)
			if (pack_procedure_owner(w->p, f) <= d->step)
				assert_true(slice_is_equal(
				    w->deed_values[i][f], w->values[f]));
	}
}

static void
check_done(const struct walk *w)
{
	for (size_t i = 0; i < w->p->n_steps; i++) {
		const struct pack_step *s = &w->p->steps[i];
		bool is_passed = s->has_when &&
		    !procedure_holds(w->p, &s->when, w->values);
		if (!is_passed)
			must_be_taken(w, i);
		if (has_final(s))
			assert_int_equal(w->effects[i], !is_passed);
	}
	must_be_unchanged(w);
}

static bool
walk_once(struct walk *w, const struct pack *pack,
    const struct pack_procedure *p)
{
	*w = (struct walk){.pack = pack, .p = p};
	w->m = (struct matter){.procedure = p, .asker = 1, .values = w->values,
	    .done = w->done};
	for (size_t i = 0; i < PERSONS; i++)
		w->office[i] = some_office(w);
	for (size_t i = 0; i < TRIES * 20 && w->m.state == MATTER_OPEN &&
	    w->m.n_done < DEEDS_OF_A_WALK; i++) {
		if (chance(8) == 0)
			w->office[chance(PERSONS)] = chance(2) == 0
			    ? some_office(w) : SLICE("manager");
		if (chance(20) == 0 && p->steps[w->m.step].n_by > 0)
			w->office[chance(PERSONS)] = p->steps[w->m.step].by[
			    chance((uint32_t)p->steps[w->m.step].n_by)].id;
		try_deed(w);
	}
	if (w->m.state == MATTER_DONE)
		check_done(w);
	return w->m.state == MATTER_DONE;
}

static struct pack *
open_pack(const char *name)
{
	struct err err = ERR_INIT;
	struct pack *pack = NULL;
	char path[1024];
	struct pack_faults *faults = pack_faults_open();
	(void)snprintf(path, sizeof(path), "%s/packs/%s",
	    getenv("SOURCE_ROOT"), name);
	if (!pack_open(path, &pack, faults, &err))
		fail_msg("%s: %s", name, err.text);
	pack_faults_close(faults);
	return pack;
}

/* The same procedure where each step of several offices needs all of them, as
 * far as the body has them: no pack has to be of that kind to be walked. */
static struct pack_procedure
with_all(const struct pack *pack, const struct pack_procedure *p,
    struct pack_step *steps, struct pack_name *names)
{
	struct pack_procedure all = *p;
	memcpy(steps, p->steps, p->n_steps * sizeof(*steps));
	for (size_t i = 0; i < p->n_steps; i++) {
		struct pack_step *s = &steps[i];
		struct pack_name *by = names + i * PACK_OFFICES_MAX;
		size_t n = 0;
		for (size_t j = 0; j < s->n_by; j++)
			if (pack_office(pack, s->by[j].id) != NULL)
				by[n++] = s->by[j];
		s->by = by;
		s->n_by = n;
		s->needs_all = n >= 2;
	}
	all.steps = steps;
	return all;
}

static size_t
walk_often(struct walk *w, const struct pack *pack,
    const struct pack_procedure *p)
{
	size_t ended = 0;
	for (size_t k = 0; k < WALKS; k++)
		ended += walk_once(w, pack, p);
	return ended;
}

static void
nothing_ends_without_what_is_demanded(void **state)
{
	static struct pack_step steps[PACK_STEPS_MAX];
	static struct pack_name names[PACK_STEPS_MAX * PACK_OFFICES_MAX];
	struct walk *w = mem_alloc(1, sizeof(*w));
	assert_non_null(w);
	for (size_t b = 0; b < sizeof(bodies) / sizeof(bodies[0]); b++) {
		struct pack *pack = open_pack(bodies[b]);
		assert_true(pack->n_procedures > 0);
		for (size_t i = 0; i < pack->n_procedures; i++) {
			const struct pack_procedure *p = &pack->procedures[i];
			struct pack_procedure all =
			    with_all(pack, p, steps, names);
			seed = b * 1000 + i;
			/* every state can be left: some walks get through */
			if (walk_often(w, pack, p) == 0 ||
			    walk_often(w, pack, &all) == 0)
				fail_msg("%s: %.*s never ends", bodies[b],
				    SLICE_FMT(p->id));
		}
		pack_close(pack);
	}
	mem_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_ends_without_what_is_demanded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
