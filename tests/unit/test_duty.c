/*
 * When duties fall due, and what proves them: with a script's day, without a
 * database.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "duty/judge.h"

static struct date
day(int year, unsigned month, unsigned of_month)
{
	return (struct date){.year = (int16_t)year, .month = (uint8_t)month,
	    .day = (uint8_t)of_month};
}

#define CHECK_DAY(got, year, month, of_month)                                  \
	assert_int_equal(date_number(got),                                     \
	    date_number(day(year, month, of_month)))

static const struct calendar open_always;

static struct date
due(const struct pack_duty *d, struct date begun, struct date last)
{
	const struct calendar c = calendar_of_government();
	const struct due_ask ask = {.duty = d, .months = d->months,
	    .calendar = &c, .begun = begun, .last = last};
	return duty_due(&ask);
}

/* Goal of this test: periods begin on 1 April, of any length. */
static void
periods(void **state)
{
	CHECK_DAY(duty_period_begin(12, day(2026, 3, 31)), 2025, 4, 1);
	CHECK_DAY(duty_period_end(12, day(2026, 3, 31)), 2026, 3, 31);
	CHECK_DAY(duty_period_begin(12, day(2026, 4, 1)), 2026, 4, 1);
	CHECK_DAY(duty_period_begin(6, day(2026, 10, 1)), 2026, 10, 1);
	CHECK_DAY(duty_period_end(6, day(2026, 9, 30)), 2026, 9, 30);
	CHECK_DAY(duty_period_end(3, day(2027, 1, 5)), 2027, 3, 31);
	CHECK_DAY(duty_period_end(1, day(2028, 2, 1)), 2028, 2, 29);
	CHECK_DAY(duty_period_begin(24, day(2027, 5, 1)), 2026, 4, 1);
	CHECK_DAY(duty_period_end(24, day(2026, 4, 1)), 2028, 3, 31);
	CHECK_DAY(duty_period_end(36, day(2000, 4, 1)), 2003, 3, 31);
	for (int32_t n = date_number(day(1999, 1, 1));
	    n < date_number(day(2032, 1, 1)); n++) {
		static const uint64_t months[] = {1, 2, 3, 4, 6, 12, 24, 36,
		    60};
		for (size_t i = 0; i < 9; i++) {
			struct date d = date_of_number(n);
			struct date from = duty_period_begin(months[i], d);
			struct date to = duty_period_end(months[i], d);
			assert_true(date_compare(from, d) <= 0);
			assert_true(date_compare(d, to) <= 0);
			struct date next = duty_period_begin(months[i],
			    date_add_days(to, 1));
			assert_int_equal(date_number(next),
			    date_number(to) + 1);
		}
	}
}

/* Goal of this test: once a fiscal year, also for what began mid-year. */
static void
yearly(void **state)
{
	const struct pack_duty d = {.months = 12, .lead = 30};
	struct date none = {0};
	CHECK_DAY(due(&d, day(2026, 11, 25), none), 2027, 3, 31);
	/* less than the lead is left: the next year */
	CHECK_DAY(due(&d, day(2027, 3, 10), none), 2028, 3, 31);
	CHECK_DAY(due(&d, day(2027, 3, 1), none), 2027, 3, 31);
	/* done in this year: the next one is owed */
	CHECK_DAY(due(&d, day(2020, 4, 1), day(2026, 4, 1)), 2028, 3, 31);
	CHECK_DAY(due(&d, day(2020, 4, 1), day(2027, 3, 31)), 2028, 3, 31);
	/* done last year: this one */
	CHECK_DAY(due(&d, day(2020, 4, 1), day(2026, 3, 31)), 2027, 3, 31);
	/* done before it began to be owed does no harm */
	CHECK_DAY(due(&d, day(2026, 11, 25), day(2019, 5, 1)), 2027, 3, 31);
}

/* Goal of this test: a yearly duty may be owed by the end of a month. */
static void
until_month(void **state)
{
	const struct pack_duty d = {.months = 12, .until_month = 6,
	    .lead = 30};
	struct date none = {0};
	CHECK_DAY(due(&d, day(2026, 4, 1), none), 2026, 6, 30);
	CHECK_DAY(due(&d, day(2026, 6, 10), none), 2027, 6, 30);
	CHECK_DAY(due(&d, day(2026, 11, 1), none), 2027, 6, 30);
	CHECK_DAY(due(&d, day(2020, 4, 1), day(2026, 8, 1)), 2027, 6, 30);
	const struct pack_duty march = {.months = 12, .until_month = 3,
	    .lead = 30};
	CHECK_DAY(due(&march, day(2026, 4, 1), none), 2027, 3, 31);
}

/* Goal of this test: closing days move the day as the pack says. */
static void
closing(void **state)
{
	/* 30 June 2029 is a Saturday */
	struct pack_duty d = {.months = 12, .until_month = 6, .lead = 30};
	struct date none = {0}, begun = day(2029, 4, 1);
	CHECK_DAY(due(&d, begun, none), 2029, 6, 30);
	d.closed = PACK_CLOSED_BEFORE;
	CHECK_DAY(due(&d, begun, none), 2029, 6, 29);
	d.closed = PACK_CLOSED_AFTER;
	CHECK_DAY(due(&d, begun, none), 2029, 7, 2);
	const struct pack_duty once = {.once = 10,
	    .closed = PACK_CLOSED_AFTER};
	/* 31 December is closed, and so are the days to 3 January 2027, a
	 * Sunday */
	CHECK_DAY(due(&once, day(2026, 12, 21), none), 2027, 1, 4);
}

/* Goal of this test: once, every so many days, and by a row's own day. */
static void
others(void **state)
{
	struct date none = {0};
	const struct pack_duty once = {.once = 60};
	CHECK_DAY(due(&once, day(2026, 11, 25), none), 2027, 1, 24);
	assert_true(date_is_none(due(&once, day(2026, 11, 25),
	    day(2026, 12, 1))));
	const struct pack_duty days = {.days = 90};
	CHECK_DAY(due(&days, day(2026, 11, 25), none), 2027, 2, 23);
	CHECK_DAY(due(&days, day(2026, 11, 25), day(2027, 1, 1)), 2027, 4, 1);
	const struct pack_duty row = {.date = {.id = SLICE("review_by")}};
	CHECK_DAY(due(&row, day(2026, 1, 1), day(2027, 5, 5)), 2027, 5, 5);
}

/* Goal of this test: near, late, and how far up it has come. */
static void
states(void **state)
{
	const struct pack_duty d = {.months = 12, .lead = 30, .escalate = 14,
	    .each = PACK_EACH_SECTION};
	struct due_ask ask = {.duty = &d, .months = 12,
	    .calendar = &open_always, .last = day(2025, 5, 1)};
	struct date on = day(2027, 3, 31);
	assert_int_equal(duty_state_of(&ask, on, day(2027, 2, 28)), DUTY_MET);
	assert_int_equal(duty_state_of(&ask, on, day(2027, 3, 1)), DUTY_SOON);
	assert_int_equal(duty_state_of(&ask, on, on), DUTY_SOON);
	assert_int_equal(duty_state_of(&ask, on, day(2027, 4, 1)), DUTY_LATE);
	assert_int_equal(duty_state_of(&ask, (struct date){0}, on), DUTY_MET);
	/* never done: nothing proves it */
	ask.last = (struct date){0};
	assert_int_equal(duty_state_of(&ask, on, day(2026, 6, 1)), DUTY_SOON);
	assert_int_equal(duty_steps_up(&d, on, on), 0);
	assert_int_equal(duty_steps_up(&d, on, day(2027, 4, 13)), 0);
	assert_int_equal(duty_steps_up(&d, on, day(2027, 4, 14)), 1);
	assert_int_equal(duty_steps_up(&d, on, day(2027, 4, 28)), 2);
}

/* ---- judging a small town ---- */

static const struct pack_field fields[] = {
    {.id = {"kind", 4}, .type = PACK_FIELD_CHOICE},
    {.id = {"person", 6}, .type = PACK_FIELD_PERSON},
    {.id = {"until", 5}, .type = PACK_FIELD_DATE}};

struct town {
	struct arena *arena;
	struct organisation people;
	struct proofs proofs;
	struct proof_row rows[8];
	struct pack pack;
	struct judge_ask ask;
};

static const struct proofs *
find(void *ctx, struct slice of_register, struct slice of_procedure)
{
	return &((struct town *)ctx)->proofs;
}

static instant
at(int year, unsigned month, unsigned of_month)
{
	return date_begin(day(year, month, of_month));
}

/* Two sections, one that began mid-year; a manager each. */
static void
found(struct town *t, struct date today)
{
	static struct people_section sections[] = {
	    {.id = 10, .counts = true}, {.id = 20, .counts = true},
	    {.id = 30, .counts = false}};
	static struct standing_post posts[3];
	static struct standing_holding holdings[1];
	posts[0] = (struct standing_post){.id = 1, .person = 101,
	    .section = 10, .office = SLICE("manager"),
	    .from = at(2024, 4, 1), .until = INT64_MAX};
	posts[1] = (struct standing_post){.id = 2, .person = 102,
	    .section = 20, .office = SLICE("manager"),
	    .from = at(2026, 10, 1), .until = INT64_MAX};
	posts[2] = (struct standing_post){.id = 3, .person = 101,
	    .section = 10, .office = SLICE("staff"),
	    .from = at(2024, 4, 1), .until = at(2026, 4, 1)};
	holdings[0] = (struct standing_holding){.id = 7, .section = 10,
	    .from = at(2024, 5, 1), .until = INT64_MAX};
	*t = (struct town){.arena = arena_open(1024 * 1024),
	    .people = {.standing = {.n_posts = 3, .posts = posts,
	        .n_holdings = 1, .holdings = holdings}, .n_sections = 3,
	        .sections = sections, .founded = day(2024, 4, 1)},
	    .proofs = {.fields = fields, .n_fields = 3}};
	assert_non_null(t->arena);
	assert_true(organisation_date(&t->people, t->arena));
	t->proofs.rows = t->rows;
	t->ask = (struct judge_ask){.pack = &t->pack, .people = &t->people,
	    .calendar = &open_always, .at = date_end(today), .today = today,
	    .find = find, .ctx = t};
}

static void
add_row(struct town *t, uint64_t section, const struct slice *values,
    struct date fact)
{
	t->rows[t->proofs.n] = (struct proof_row){.id = t->proofs.n + 1,
	    .section = section, .values = values, .fact = fact, .made = fact};
	t->proofs.n++;
}

static const struct duty_item *
judge(struct town *t, const struct pack_duty *d, size_t n)
{
	struct duty_item *items;
	size_t got;
	struct err err = ERR_INIT;
	assert_true(duty_judge(&t->ask, d, t->arena, &items, &got, &err));
	assert_int_equal(got, n);
	return items;
}

static const struct slice is_grants[] = {{"grants", 6}};

/* Goal of this test: each section by itself, by rows of the right kind. */
static void
sections(void **state)
{
	struct town t;
	const struct slice right[] = {SLICE("grants"), SLICE_NONE, SLICE_NONE};
	const struct slice wrong[] = {SLICE("log"), SLICE_NONE, SLICE_NONE};
	const struct pack_duty d = {.each = PACK_EACH_SECTION, .months = 12,
	    .lead = 30, .has_proof = true, .proof = {
	    .of_register = {.id = SLICE("reviews")}, .has_when = true,
	    .when = {.field = {.id = SLICE("kind")}, .is = is_grants,
	        .n_is = 1}}};
	found(&t, day(2026, 11, 25));
	add_row(&t, 10, right, day(2026, 5, 1));
	add_row(&t, 10, right, day(2025, 5, 1));
	add_row(&t, 20, wrong, day(2026, 11, 1));
	const struct duty_item *i = judge(&t, &d, 2);
	assert_int_equal(i[0].subject, 10);
	CHECK_DAY(i[0].last, 2026, 5, 1);
	CHECK_DAY(i[0].due, 2028, 3, 31);
	assert_int_equal(i[0].state, DUTY_MET);
	assert_int_equal(i[1].subject, 20);
	assert_true(date_is_none(i[1].last));
	CHECK_DAY(i[1].due, 2027, 3, 31);
	assert_int_equal(i[1].state, DUTY_SOON);
	/* the section that began in October owes nothing in September */
	t.ask.today = day(2026, 9, 30);
	t.ask.at = date_end(t.ask.today);
	assert_int_equal(judge(&t, &d, 1)[0].subject, 10);
	/* only where there is a holding */
	t.ask.today = day(2026, 11, 25);
	t.ask.at = date_end(t.ask.today);
	struct pack_duty where = d;
	where.where = PACK_WHERE_HAS_HOLDING;
	assert_int_equal(judge(&t, &where, 1)[0].subject, 10);
	/* a year later both are late where nothing was done */
	t.ask.today = day(2028, 4, 1);
	t.ask.at = date_end(t.ask.today);
	i = judge(&t, &d, 2);
	assert_int_equal(i[0].state, DUTY_LATE);
	assert_int_equal(i[1].state, DUTY_LATE);
	arena_close(t.arena);
}

/* Goal of this test: a mid-year appointment; a proof before it counts not. */
static void
appointments(void **state)
{
	struct town t;
	const struct slice of_102[] = {SLICE("x"),
	    SLICE("0000000000000066"), SLICE_NONE};
	const struct pack_duty d = {.each = PACK_EACH_APPOINTMENT, .once = 60,
	    .lead = 30, .has_proof = true, .proof = {
	    .of_register = {.id = SLICE("attendance")},
	    .key = {.id = SLICE("person")}}};
	found(&t, day(2026, 11, 25));
	add_row(&t, 20, of_102, day(2026, 9, 30));
	const struct duty_item *i = judge(&t, &d, 2);
	assert_int_equal(i[0].subject, 101);
	assert_int_equal(i[0].state, DUTY_LATE);
	assert_int_equal(i[1].subject, 102);
	CHECK_DAY(i[1].due, 2026, 11, 30);
	assert_int_equal(i[1].state, DUTY_SOON);
	add_row(&t, 20, of_102, day(2026, 10, 1));
	assert_int_equal(judge(&t, &d, 2)[1].state, DUTY_MET);
	/* what lies ahead proves nothing */
	t.rows[1].fact = day(2026, 11, 26);
	assert_int_equal(judge(&t, &d, 2)[1].state, DUTY_SOON);
	/* a person with two offices owes once */
	struct pack_duty person = d;
	person.each = PACK_EACH_PERSON;
	t.ask.today = day(2025, 1, 1);
	t.ask.at = date_end(t.ask.today);
	(void)judge(&t, &person, 1);
	arena_close(t.arena);
}

/* Goal of this test: a row's own day, for rows that the pack means. */
static void
rows(void **state)
{
	struct town t;
	const struct slice with[] = {SLICE("grants"), SLICE_NONE,
	    SLICE("2026-11-24")};
	const struct slice without[] = {SLICE("grants"), SLICE_NONE,
	    SLICE_NONE};
	const struct slice other[] = {SLICE("log"), SLICE_NONE,
	    SLICE("2026-11-01")};
	const struct pack_duty d = {.each = PACK_EACH_ROW,
	    .of = {.id = SLICE("media")}, .date = {.id = SLICE("until")},
	    .lead = 30, .has_when = true, .when = {
	    .field = {.id = SLICE("kind")}, .is = is_grants, .n_is = 1}};
	found(&t, day(2026, 11, 25));
	add_row(&t, 10, with, day(2025, 1, 1));
	add_row(&t, 10, without, day(2025, 1, 1));
	add_row(&t, 10, other, day(2025, 1, 1));
	const struct duty_item *i = judge(&t, &d, 1);
	assert_int_equal(i[0].subject, 1);
	assert_int_equal(i[0].state, DUTY_LATE);
	arena_close(t.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(periods), cmocka_unit_test(yearly),
	    cmocka_unit_test(until_month), cmocka_unit_test(closing),
	    cmocka_unit_test(others), cmocka_unit_test(states),
	    cmocka_unit_test(sections), cmocka_unit_test(appointments),
	    cmocka_unit_test(rows)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
