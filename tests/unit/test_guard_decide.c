/*
 * Goal of this test: a decision is what an obvious reading of the rows gives,
 * and no sequence of appointments, grants, transfers and times ever allows
 * what no grant allows.
 *
 * Worlds are small, so that rows meet; the generator is seeded, so that a
 * failure comes again. GUARD_SEED and GUARD_ROUNDS widen the search.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/mem.h"
#include "guard/decide.h"
#include "guard/snapshot.h"

enum {
	ROWS_MAX = 160,
	BODIES = 2,
	PERSONS = 4,
	SECTIONS = 3,
	CAPACITIES = 8,
	HOLDINGS = 4,
	TERMINALS = 3,
	ITEMS = 6
};

static const char *const offices[] = {"staff", "manager", "operator"};
static const char *const labels[] = {"", "north", "south"};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* 2026-10-02T00:00:00Z, a Friday; times are hours from here. */
static const instant epoch = INT64_C(1790899200) * SECOND_US;

struct world {
	uint64_t seed;
	size_t n;
	struct authority_row rows[ROWS_MAX];
};

static uint64_t
roll(struct world *w, uint64_t below)
{
	w->seed ^= w->seed << 13;
	w->seed ^= w->seed >> 7;
	w->seed ^= w->seed << 17;
	return (w->seed * UINT64_C(0x2545f4914f6cdd1d) >> 33) % below;
}

static bool
chance(struct world *w, unsigned percent)
{
	return roll(w, 100) < percent;
}

static instant
some_time(struct world *w)
{
	return epoch + (instant)roll(w, 96) * HOUR_US;
}

/* ---- making rows ---- */

static void
put(struct world *w, const struct authority_row *row)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->rows[i].head.kind == row->head.kind &&
		    w->rows[i].head.body == row->head.body &&
		    w->rows[i].head.id == row->head.id) {
			w->rows[i] = *row;
			return;
		}
	if (w->n < ROWS_MAX)
		w->rows[w->n++] = *row;
}

static struct authority_row
row_of(struct world *w, enum authority_kind kind, uint64_t id)
{
	struct authority_row r = {.head = {.kind = kind,
				      .body = chance(w, 90) ? 1 : BODIES,
				      .id = id,
				      .version = 1}};
	r.head.from = chance(w, 75) ? 0 : some_time(w);
	r.head.until = chance(w, 75) ? INT64_MAX : some_time(w);
	if (r.head.until < r.head.from)
		r.head.until = r.head.from;
	if (chance(w, 5))
		r.head.flags = AUTHORITY_PENDING;
	return r;
}

static void
set_text(struct authority_text *t, const char *s)
{
	assert_true(authority_text_set(t, slice_of(s)));
}

static void
put_appointment(struct world *w)
{
	struct authority_row r =
	    row_of(w, AUTHORITY_APPOINTMENT, 1 + roll(w, CAPACITIES));
	size_t office = roll(w, COUNT(offices));
	r.appointment.person = 1 + roll(w, PERSONS);
	r.appointment.section = roll(w, SECTIONS + 1);
	r.appointment.organ = 1 + chance(w, 8);
	set_text(&r.appointment.office, offices[office]);
	if (office == 1)
		r.appointment.rights = RIGHT_BIT(RIGHT_GRANT);
	if (office == 2)
		r.appointment.rights = RIGHT_BIT(RIGHT_OPERATE);
	put(w, &r);
}

static void
put_grant(struct world *w)
{
	struct authority_row r =
	    row_of(w, chance(w, 85) ? AUTHORITY_GRANT : AUTHORITY_EMERGENCY,
		1 + roll(w, 60));
	struct authority_grant *g = &r.grant;
	if (chance(w, 50)) {
		const struct authority_row *c =
		    w->n == 0 ? NULL : &w->rows[roll(w, w->n)];
		bool is_own =
		    c != NULL && c->head.kind == AUTHORITY_APPOINTMENT;
		g->person =
		    is_own ? c->appointment.person : 1 + roll(w, PERSONS);
		g->capacity = is_own ? c->head.id : 1 + roll(w, CAPACITIES);
	} else {
		set_text(&g->office, offices[roll(w, COUNT(offices))]);
		g->section = roll(w, SECTIONS + 1);
	}
	if (chance(w, 15)) {
		g->rows_kind = ROWS_LABEL;
		set_text(&g->rows, labels[1 + roll(w, 2)]);
	}
	if (chance(w, 25)) {
		g->flags |= GRANT_PROVISION;
		set_text(&g->ground, "law");
	}
	g->holding = 1 + roll(w, HOLDINGS);
	g->acts = (uint32_t)roll(w, ACT_BIT(ACTS_END));
	if (chance(w, 80))
		g->acts &= ~ACT_BIT(ACT_SECRET);
	if ((g->acts & ACT_BIT(ACT_SECRET)) != 0)
		g->flags |= GRANT_SECRET;
	g->items = chance(w, 40) ? ITEMS_ALL : roll(w, 1 << ITEMS);
	if (chance(w, 20)) {
		g->n_terminals = 1 + roll(w, 2);
		for (size_t i = 0; i < g->n_terminals; i++)
			g->terminals[i] = 1 + roll(w, TERMINALS);
	}
	if (chance(w, 20))
		g->weekdays = (uint8_t)roll(w, 0x80);
	if (chance(w, 20)) {
		g->from_minute = (uint16_t)roll(w, 720);
		g->to_minute = (uint16_t)(g->from_minute + roll(w, 720));
	}
	if (chance(w, 15)) {
		g->flags |= GRANT_SURGE;
		g->n_days = roll(w, 3);
		for (size_t i = 0; i < g->n_days; i++)
			g->days[i] = date_number(date_of_instant(some_time(w)));
	}
	put(w, &r);
}

static void
put_other(struct world *w)
{
	struct authority_row r;
	if (chance(w, 50)) {
		r = row_of(w, AUTHORITY_HOLDING, 1 + roll(w, HOLDINGS));
		r.holding.section = 1 + roll(w, SECTIONS);
		r.holding.organ = 1 + chance(w, 8);
		if (chance(w, 60))
			r.holding.flags = 0;
		else
			r.holding.flags = (uint16_t)roll(w, 8);
	} else if (chance(w, 70)) {
		r = row_of(w, AUTHORITY_TERMINAL, 1 + roll(w, TERMINALS));
		r.terminal.section = 1 + roll(w, SECTIONS);
	} else {
		r = row_of(w, AUTHORITY_BODY, 0);
		r.head.id = r.head.body;
		r.body.emergency_hours = (uint32_t)roll(w, 2);
	}
	put(w, &r);
}

/* A transfer: whatever the person holds ends, something else begins. */
static void
transfer(struct world *w)
{
	uint64_t person = 1 + roll(w, PERSONS);
	instant at = some_time(w);
	for (size_t i = 0; i < w->n; i++) {
		struct authority_row *r = &w->rows[i];
		if (r->head.kind == AUTHORITY_APPOINTMENT &&
		    r->appointment.person == person && r->head.until > at)
			r->head.until = at > r->head.from ? at : r->head.from;
	}
	put_appointment(w);
}

static void
step(struct world *w)
{
	uint64_t what = roll(w, 10);
	if (what < 2)
		put_appointment(w);
	else if (what < 7)
		put_grant(w);
	else if (what < 9)
		put_other(w);
	else
		transfer(w);
}

static const struct authority_row *find(const struct world *w,
    enum authority_kind kind, uint64_t body, uint64_t id);

static struct question
some_question(struct world *w)
{
	struct question q = {.body = chance(w, 95) ? 1 : BODIES,
	    .person = 1 + roll(w, PERSONS),
	    .capacity = 1 + roll(w, CAPACITIES),
	    .holding = 1 + roll(w, HOLDINGS),
	    .terminal = roll(w, TERMINALS + 1),
	    .items = chance(w, 50) ? (1 << ITEMS) - 1 : roll(w, 1 << ITEMS),
	    .now = some_time(w),
	    .label = slice_of(labels[roll(w, 3)]),
	    .act = (enum act)roll(w, ACTS_END),
	    .level = (uint8_t)(1 + roll(w, 2)),
	    .is_secret = chance(w, 15),
	    .is_erased = chance(w, 5),
	    .has_purpose = chance(w, 90),
	    .is_handler = chance(w, 70)};
	const struct authority_row *c =
	    find(w, AUTHORITY_APPOINTMENT, q.body, q.capacity);
	if (c != NULL && chance(w, 90))
		q.person = c->appointment.person;
	return q;
}

/* ---- the obvious reading ---- */

static const struct authority_row *
find(
    const struct world *w, enum authority_kind kind, uint64_t body, uint64_t id)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->rows[i].head.kind == kind &&
		    w->rows[i].head.body == body && w->rows[i].head.id == id)
			return &w->rows[i];
	return NULL;
}

static bool
is_standing(const struct authority_row *r, instant now)
{
	return r != NULL && r->head.flags == 0 && now >= r->head.from &&
	       now < r->head.until;
}

static bool
is_subject(const struct authority_grant *g, const struct question *q,
    const struct authority_appointment *a)
{
	struct slice office = authority_text_slice(&g->office);
	if (g->person != 0)
		return g->person == q->person && g->capacity == q->capacity;
	return slice_is_equal(office, authority_text_slice(&a->office)) &&
	       (g->section == 0 || g->section == a->section);
}

/* Within one organ, in an emergency, or as a provision with its ground. */
static bool
is_passed(const struct authority_row *grant, const struct authority_row *c,
    const struct authority_row *h)
{
	return c->appointment.organ == h->holding.organ ||
	       grant->head.kind == AUTHORITY_EMERGENCY ||
	       grant->grant.ground.n > 0;
}

static bool
is_hour(const struct authority_grant *g, instant now)
{
	struct date day = date_of_instant(now);
	struct time_of_day t = time_of_instant(now);
	unsigned minute = t.hour * 60u + t.minute;
	bool is_day = (g->flags & GRANT_SURGE) == 0;
	for (size_t i = 0; i < g->n_days; i++)
		is_day = is_day || g->days[i] == date_number(day);
	return is_day &&
	       (g->weekdays == 0 || (g->weekdays >> date_weekday(day) & 1)) &&
	       (g->to_minute == 0 ||
		   (minute >= g->from_minute && minute < g->to_minute));
}

static bool
is_row(const struct authority_grant *g, struct slice label)
{
	return (g->rows_kind & ROWS_LABEL) == 0 ||
	       (label.n > 0 &&
		   slice_is_equal(authority_text_slice(&g->rows), label));
}

static bool
is_place(const struct authority_grant *g, uint64_t terminal)
{
	bool is_listed = g->n_terminals == 0;
	for (size_t i = 0; i < g->n_terminals; i++)
		is_listed =
		    is_listed || (terminal != 0 && g->terminals[i] == terminal);
	return is_listed;
}

/* What is wrong with a grant, the first that is; 0: nothing. */
static int
fault_of(const struct authority_grant *g, const struct question *q)
{
	if ((g->acts & ACT_BIT(q->act)) == 0)
		return 6;
	if (!is_hour(g, q->now))
		return 5;
	if (!is_row(g, q->label))
		return 4;
	if (!is_place(g, q->terminal))
		return 3;
	if (q->is_secret && (g->acts & ACT_BIT(ACT_SECRET)) == 0)
		return 2;
	if (q->items != 0 && (g->items & q->items) == 0)
		return 1;
	return 0;
}

struct answer_of {
	bool is_allowed;
	uint64_t items;
	enum pack_decision key;
};

static struct answer_of
no(enum pack_decision key)
{
	return (struct answer_of){.key = key};
}

static bool
is_terminal(const struct world *w, const struct question *q, uint64_t owner,
    uint64_t own)
{
	const struct authority_row *t =
	    find(w, AUTHORITY_TERMINAL, q->body, q->terminal);
	return is_standing(t, q->now) &&
	       (t->terminal.section == owner || t->terminal.section == own);
}

static struct answer_of
obvious(const struct world *w, const struct question *q)
{
	const struct authority_row *c =
	    find(w, AUTHORITY_APPOINTMENT, q->body, q->capacity);
	const struct authority_row *h =
	    find(w, AUTHORITY_HOLDING, q->body, q->holding);
	int best = 7;
	uint64_t items = 0;
	if (!is_standing(c, q->now) || c->appointment.person != q->person)
		return no(PACK_DECISION_NO_GRANT);
	if ((c->appointment.rights & RIGHT_BIT(RIGHT_OPERATE)) != 0)
		return no(PACK_DECISION_OPERATOR);
	if (!is_standing(h, q->now))
		return no(PACK_DECISION_NO_GRANT);
	for (size_t i = 0; i < w->n; i++) {
		const struct authority_row *r = &w->rows[i];
		if ((r->head.kind != AUTHORITY_GRANT &&
			r->head.kind != AUTHORITY_EMERGENCY) ||
		    r->head.body != q->body || r->grant.holding != q->holding ||
		    !is_standing(r, q->now) ||
		    !is_subject(&r->grant, q, &c->appointment) ||
		    !is_passed(r, c, h))
			continue;
		int fault = fault_of(&r->grant, q);
		if (fault < best)
			best = fault;
		if (fault == 0)
			items |= r->grant.items & q->items;
	}
	uint16_t flags = h->holding.flags;
	if (best == 7)
		return no((flags & HOLDING_MY_NUMBER) != 0
			      ? PACK_DECISION_MY_NUMBER
			      : PACK_DECISION_NO_GRANT);
	if (best == 3)
		return no(PACK_DECISION_TERMINAL);
	if (best == 2)
		return no(PACK_DECISION_SECRET);
	if (best != 0)
		return no(PACK_DECISION_BEYOND_GRANT);
	if ((flags & HOLDING_MY_NUMBER) != 0 && !q->is_handler)
		return no(PACK_DECISION_MY_NUMBER);
	if (q->is_erased)
		return no(PACK_DECISION_ERASED);
	if ((flags & HOLDING_TERMINALS_ONLY) != 0 &&
	    !is_terminal(w, q, h->holding.section, c->appointment.section))
		return no(PACK_DECISION_TERMINAL);
	if ((flags & (HOLDING_SECOND_FACTOR | HOLDING_MY_NUMBER)) != 0 &&
	    q->level < 2)
		return no(PACK_DECISION_SECOND_FACTOR);
	if (!q->has_purpose)
		return no(PACK_DECISION_PURPOSE);
	return (struct answer_of){.is_allowed = true, .items = items};
}

/* ---- the tests ---- */

static struct snapshot *
compile(const struct world *w)
{
	const struct authority_row *list[ROWS_MAX];
	struct snapshot *s = NULL;
	for (size_t i = 0; i < w->n; i++)
		list[i] = &w->rows[i];
	assert_true(snapshot_make(list, w->n, &s, NULL));
	return s;
}

static uint64_t
number_of(const char *name, uint64_t otherwise)
{
	const char *s = getenv(name);
	return s == NULL ? otherwise : strtoull(s, NULL, 10);
}

/* Each item shown has one grant that stands and gives it; nothing else. */
static void
assert_witnessed(
    const struct world *w, const struct question *q, const struct decision *d)
{
	const struct authority_row *c =
	    find(w, AUTHORITY_APPOINTMENT, q->body, q->capacity);
	const struct authority_row *h =
	    find(w, AUTHORITY_HOLDING, q->body, q->holding);
	assert_true(is_standing(c, q->now));
	assert_int_equal(c->appointment.person, q->person);
	assert_int_equal(d->items & ~q->items, 0);
	for (unsigned item = 0; item < ITEMS; item++) {
		bool has = false;
		if ((d->items & ITEM_BIT(item)) == 0)
			continue;
		for (size_t i = 0; i < w->n && !has; i++) {
			const struct authority_row *r = &w->rows[i];
			has = (r->head.kind == AUTHORITY_GRANT ||
				  r->head.kind == AUTHORITY_EMERGENCY) &&
			      r->head.body == q->body &&
			      r->grant.holding == q->holding &&
			      is_standing(r, q->now) &&
			      (r->grant.acts & ACT_BIT(q->act)) != 0 &&
			      (r->grant.items & ITEM_BIT(item)) != 0 &&
			      is_subject(&r->grant, q, &c->appointment) &&
			      is_passed(r, c, h);
		}
		assert_true(has);
	}
}

static void
decides_as_an_obvious_reading(void **state)
{
	uint64_t rounds = number_of("GUARD_ROUNDS", 400);
	size_t allowed = 0, refused = 0;
	struct world *w = mem_alloc(1, sizeof(*w));
	assert_non_null(w);
	for (uint64_t round = 0; round < rounds; round++) {
		uint64_t seed = number_of("GUARD_SEED", 7) + round;
		w->n = 0;
		w->seed = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
		for (int i = 0; i < 60; i++)
			step(w);
		for (int era = 0; era < 4; era++) {
			struct snapshot *s = compile(w);
			for (int i = 0; i < 250; i++) {
				struct question q = some_question(w);
				struct answer_of want = obvious(w, &q);
				struct decision d = guard_decide(s, &q);
				bool is = d.verdict == VERDICT_ALLOW ||
					  d.verdict == VERDICT_MASK;
				if (is != want.is_allowed ||
				    d.items != want.items ||
				    (!is && d.key != want.key))
					fail_msg("seed %llu: %d %d, %d %d",
					    (unsigned long long)seed, is,
					    want.is_allowed, (int)d.key,
					    (int)want.key);
				if (is)
					assert_witnessed(w, &q, &d);
				if (is)
					assert_int_equal(
					    d.verdict == VERDICT_ALLOW,
					    d.items == q.items);
				else
					assert_int_equal(d.items, 0);
				allowed += is;
				refused += !is;
			}
			snapshot_drop(s);
			for (int i = 0; i < 12; i++)
				step(w);
		}
	}
	mem_free(w);
	/* A generator that never allows would prove nothing. */
	assert_true(allowed > refused / 200);
	printf("%zu allowed, %zu refused\n", allowed, refused);
}

/* Two appointments of one person; each has a grant of its own. */
static void
capacities_are_not_united(void **state)
{
	struct world w = {.seed = 3};
	struct authority_row r = {.head = {.kind = AUTHORITY_APPOINTMENT,
				      .body = 1,
				      .id = 1,
				      .version = 1,
				      .until = INT64_MAX},
	    .appointment = {.person = 1, .section = 1}};
	set_text(&r.appointment.office, "staff");
	put(&w, &r);
	r.head.id = 2;
	r.appointment.section = 2;
	put(&w, &r);
	for (uint64_t i = 1; i <= 2; i++) {
		r = (struct authority_row){.head = {.kind = AUTHORITY_HOLDING,
					       .body = 1,
					       .id = i,
					       .version = 1,
					       .until = INT64_MAX},
		    .holding = {.section = i}};
		put(&w, &r);
		r = (struct authority_row){.head = {.kind = AUTHORITY_GRANT,
					       .body = 1,
					       .id = i,
					       .version = 1,
					       .until = INT64_MAX},
		    .grant = {.section = i,
			.holding = i,
			.items = ITEMS_ALL,
			.acts = ACT_BIT(ACT_VIEW)}};
		set_text(&r.grant.office, "staff");
		put(&w, &r);
	}
	struct snapshot *s = compile(&w);
	for (uint64_t capacity = 1; capacity <= 2; capacity++)
		for (uint64_t holding = 1; holding <= 2; holding++) {
			struct question q = {.body = 1,
			    .person = 1,
			    .capacity = capacity,
			    .holding = holding,
			    .items = 3,
			    .now = epoch,
			    .act = ACT_VIEW,
			    .level = 1,
			    .has_purpose = true};
			struct decision d = guard_decide(s, &q);
			assert_int_equal(d.verdict,
			    capacity == holding ? VERDICT_ALLOW : VERDICT_ASK);
		}
	snapshot_drop(s);
}

/* A refusal says whom to ask: the manager of the owning section, else above. */
static void
a_refusal_says_whom_to_ask(void **state)
{
	struct world w = {.seed = 3};
	struct authority_row r = {.head = {.kind = AUTHORITY_BODY,
				      .body = 1,
				      .id = 1,
				      .version = 1,
				      .until = INT64_MAX},
	    .body = {.emergency_hours = 4}};
	put(&w, &r);
	for (uint64_t i = 1; i <= 3; i++) {
		r = (struct authority_row){
		    .head = {.kind = AUTHORITY_APPOINTMENT,
			.body = 1,
			.id = i,
			.version = 1,
			.until = i == 1 ? epoch + HOUR_US : INT64_MAX},
		    .appointment = {.person = 10 + i,
			.section = i == 2 ? 0 : 5,
			.rights = i == 3 ? 0 : RIGHT_BIT(RIGHT_GRANT)}};
		set_text(&r.appointment.office, i == 1   ? "manager"
						: i == 2 ? "chief"
							 : "staff");
		put(&w, &r);
	}
	r = (struct authority_row){.head = {.kind = AUTHORITY_HOLDING,
				       .body = 1,
				       .id = 1,
				       .version = 1,
				       .until = INT64_MAX},
	    .holding = {.section = 5}};
	put(&w, &r);
	struct snapshot *s = compile(&w);
	struct question q = {.body = 1,
	    .person = 13,
	    .capacity = 3,
	    .holding = 1,
	    .items = 1,
	    .now = epoch,
	    .act = ACT_VIEW,
	    .level = 1,
	    .has_purpose = true};
	struct decision d = guard_decide(s, &q);
	assert_int_equal(d.verdict, VERDICT_ASK);
	assert_int_equal(d.key, PACK_DECISION_NO_GRANT);
	assert_string_equal(d.procedure, "grant.request");
	assert_string_equal(d.besides, "emergency.open");
	assert_true(slice_is(authority_text_slice(&d.ask_office), "manager"));
	assert_int_equal(d.ask_section, 5);
	assert_int_equal(d.n_persons, 1);
	assert_int_equal(d.persons[0], 11);
	/* The manager's appointment has ended: the chief is asked. */
	q.now = epoch + 2 * HOUR_US;
	q.act = ACT_PRINT;
	d = guard_decide(s, &q);
	assert_true(slice_is(authority_text_slice(&d.ask_office), "chief"));
	assert_int_equal(d.ask_section, 0);
	assert_int_equal(d.persons[0], 12);
	assert_null(d.besides);
	snapshot_drop(s);
}

/* Nothing at all: every question has an answer, and it is no. */
static void
an_empty_snapshot_refuses(void **state)
{
	struct world w = {.seed = 9};
	struct snapshot *s = compile(&w);
	for (int i = 0; i < 1000; i++) {
		struct question q = some_question(&w);
		struct decision d = guard_decide(s, &q);
		assert_int_equal(d.key, PACK_DECISION_NO_GRANT);
		assert_int_equal(d.items, 0);
	}
	assert_int_equal(snapshot_count(s), 0);
	snapshot_drop(s);
	snapshot_drop(NULL);
}

/* Lists go by id, in order, each row once, whatever the page. */
static void
lists_are_whole(void **state)
{
	struct world w = {.seed = 11};
	const struct authority_row *page[3];
	for (int i = 0; i < 200; i++)
		step(&w);
	struct snapshot *s = compile(&w);
	for (int kind = AUTHORITY_BODY; kind < AUTHORITY_KINDS_END; kind++) {
		size_t found = 0, want = 0, n;
		uint64_t after = 0;
		for (size_t i = 0; i < w.n; i++)
			want +=
			    w.rows[i].head.kind == (enum authority_kind)kind &&
			    w.rows[i].head.body == 1 &&
			    w.rows[i].head.flags == 0;
		while ((n = snapshot_list(s, (enum authority_kind)kind, 1,
			    after, page, 3)) > 0)
			for (size_t i = 0; i < n; i++, found++) {
				assert_true(page[i]->head.id > after);
				after = page[i]->head.id;
				assert_ptr_equal(page[i],
				    snapshot_row(s, (enum authority_kind)kind,
					1, after));
			}
		assert_int_equal(found, want);
	}
	snapshot_drop(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decides_as_an_obvious_reading),
	    cmocka_unit_test(capacities_are_not_united),
	    cmocka_unit_test(a_refusal_says_whom_to_ask),
	    cmocka_unit_test(an_empty_snapshot_refuses),
	    cmocka_unit_test(lists_are_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
