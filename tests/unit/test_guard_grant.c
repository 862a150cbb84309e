/*
 * Goal of this test: the door with a real keeper and a real database. What a
 * grant gives is seen, after its entry; all else is refused, with an entry
 * too, and says why and whom to ask.
 */
#include <string.h>

#include "base/calendar.h"
#include "guard/door_authority.h"
#include "guard/door_secret.h"
#include "guard_case.h"
#include "people/authority.h"

static void
a_record_is_seen_under_a_grant(void **state)
{
	uint64_t record;
	uint64_t holding = furnish_holding(LOOKS, &record);
	struct visitor v = town_visit(town, TOWN_CLERK);
	struct shown_record shown;
	struct decision refusal;
	uint64_t before = town_entries(town);
	assert_true(view_record(&v, holding, record, &shown, &refusal));
	assert_int_equal(town_entries(town), before + 1);
	assert_int_equal(shown.entry, before);
	assert_int_equal(shown.n, TOWN_ITEMS);
	assert_int_equal(shown.decision.verdict, VERDICT_ALLOW);
	assert_true(
	    slice_is(shown.values[ITEM_ADDRESS].text, "沖縄市仲宗根町26番1号"));
	assert_true(slice_is(v.post, "市民部 市民課 職員"));
	assert_true(slice_is(v.person_name, "比嘉 窓子"));
}

static void
items_outside_the_grant_are_masked(void **state)
{
	uint64_t record;
	uint64_t holding = furnish_holding(0, &record);
	struct door_grant g =
	    town_grant(town, holding, "staff", town->sections[1], LOOKS);
	struct visitor v = town_visit(town, TOWN_CLERK);
	struct shown_record shown;
	struct decision refusal;
	g.items = ITEM_BIT(ITEM_NAME) | ITEM_BIT(ITEM_BIRTH);
	(void)town_put_grant(town, &g);
	assert_true(view_record(&v, holding, record, &shown, &refusal));
	assert_int_equal(shown.decision.verdict, VERDICT_MASK);
	for (size_t i = 0; i < TOWN_ITEMS; i++) {
		assert_int_equal(
		    shown.values[i].is_masked, (g.items & ITEM_BIT(i)) == 0);
		assert_int_equal(
		    shown.values[i].text.n == 0, (g.items & ITEM_BIT(i)) == 0);
	}
}

static void
without_a_grant_it_is_refused_and_entered(void **state)
{
	uint64_t record;
	uint64_t holding = furnish_holding(LOOKS, &record);
	struct visitor v = town_visit(town, TOWN_CLERK_2);
	struct shown_record shown;
	struct decision refusal;
	uint64_t before = town_entries(town);
	assert_false(view_record(&v, holding, record, &shown, &refusal));
	assert_int_equal(town_entries(town), before + 1);
	assert_int_equal(refusal.key, PACK_DECISION_NO_GRANT);
	assert_string_equal(refusal.procedure, "grant.request");
	assert_int_equal(refusal.n_persons, 1);
	assert_int_equal(refusal.persons[0], town->persons[TOWN_MANAGER]);
	assert_int_equal(refusal.ask_section, town->sections[1]);
	assert_true(
	    slice_is(pack_decision(town->pack, refusal.key)->ref, "art9.2"));
	/* The same again at once: refused, but entered once a second. */
	assert_false(view_record(&v, holding, record, &shown, &refusal));
	assert_int_equal(town_entries(town), before + 1);
	/* Another act than the grant's. */
	v = town_visit(town, TOWN_CLERK);
	const struct door_view print = {
	    .intent = town_intent(holding), .record = record, .act = ACT_PRINT};
	assert_false(door_view(town->door, &v, &print, &shown, &refusal, NULL));
	assert_int_equal(refusal.key, PACK_DECISION_BEYOND_GRANT);
	/* A purpose that the holding does not have. */
	struct door_view other = {
	    .intent = town_intent(holding), .record = record};
	other.intent.purpose = SLICE("curiosity");
	assert_false(door_view(town->door, &v, &other, &shown, &refusal, NULL));
	assert_int_equal(refusal.key, PACK_DECISION_PURPOSE);
}

static void
an_operator_sees_nothing(void **state)
{
	uint64_t record;
	uint64_t holding = furnish_holding(LOOKS, &record);
	struct door_grant g = town_grant(town, holding, "operator", 0, LOOKS);
	(void)town_put_grant(town, &g);
	struct visitor v = town_visit(town, TOWN_OPERATOR);
	assert_view_refused(&v, holding, record, PACK_DECISION_OPERATOR);
	const struct door_emergency e = {.holding = holding,
	    .until = town_now(town) + HOUR_US,
	    .reference = SLICE("R8-9"),
	    .reason = SLICE("curiosity")};
	struct put put;
	assert_false(door_emergency(town->door, &v, &e, &put, NULL));
}

/* Puts the clerk of 税務課 into 市民課 besides, and takes it away again. */
static uint64_t
appoint_besides(void)
{
	struct put put;
	struct visitor v = town_visit(town, TOWN_REGISTRAR);
	const struct door_appointment ask = {
	    .person = town->persons[TOWN_CLERK_2],
	    .office = SLICE("staff"),
	    .section = town->sections[1],
	    .organ = town->organ,
	    .from = town_now(town),
	    .until = INT64_MAX};
	CHECK(door_put_appointment(town->door, &v, &ask, &put, &err));
	return put.id;
}

static void
dismiss(uint64_t capacity)
{
	struct put put;
	struct visitor v = town_visit(town, TOWN_REGISTRAR);
	const struct door_end ask = {
	    .kind = AUTHORITY_APPOINTMENT, .id = capacity};
	CHECK(door_end(town->door, &v, &ask, &put, &err));
}

static void
capacities_are_not_united(void **state)
{
	uint64_t record, besides = appoint_besides();
	uint64_t holding = furnish_holding(LOOKS, &record);
	struct visitor v = town_visit(town, TOWN_CLERK_2);
	struct shown_capacity *list;
	size_t n;
	assert_int_equal(v.capacity_count, 2);
	assert_int_equal(v.capacity, 0);
	assert_view_refused(&v, holding, record, PACK_DECISION_NO_GRANT);
	CHECK(door_capacities(town->door, &v, &list, &n, &err));
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++) {
		CHECK(door_take_capacity(town->door, &v, list[i].id, &err));
		assert_int_equal(v.section, list[i].section);
		if (list[i].id == besides)
			assert_seen(&v, holding, record);
		else
			assert_view_refused(
			    &v, holding, record, PACK_DECISION_NO_GRANT);
	}
	/* Nobody takes another's. */
	struct visitor own = town_visit(town, TOWN_CLERK);
	assert_false(door_take_capacity(town->door, &own, besides, NULL));
	dismiss(besides);
	assert_view_refused(&v, holding, record, PACK_DECISION_NO_GRANT);
}

static void
a_transfer_ends_what_was_granted(void **state)
{
	uint64_t record;
	uint64_t holding = furnish_holding(LOOKS, &record);
	/* One grant to the office, one to the person: in this appointment. */
	uint64_t other = town_holding(town, "middle", false);
	struct door_grant g = town_grant(town, other, "", 0, LOOKS | WRITES);
	uint64_t besides = appoint_besides();
	struct visitor v = town_visit(town, TOWN_CLERK_2);
	g.person = town->persons[TOWN_CLERK_2];
	(void)town_put_grant(town, &g);
	CHECK(door_take_capacity(town->door, &v, besides, &err));
	uint64_t another = town_record(town, &v, other, NULL);
	assert_seen(&v, holding, record);
	assert_seen(&v, other, another);

	struct visitor registrar = town_visit(town, TOWN_REGISTRAR);
	const struct door_transfer move = {
	    .person = town->persons[TOWN_CLERK_2],
	    .to = {.office = SLICE("staff"),
		.section = town->sections[2],
		.organ = town->organ,
		.until = INT64_MAX}};
	struct put put;
	CHECK(door_transfer(town->door, &registrar, &move, &put, &err));
	assert_view_refused(&v, holding, record, PACK_DECISION_NO_GRANT);
	v = town_visit(town, TOWN_CLERK_2);
	assert_int_equal(v.capacity, put.id);
	assert_view_refused(&v, holding, record, PACK_DECISION_NO_GRANT);
	assert_view_refused(&v, other, another, PACK_DECISION_NO_GRANT);
}

static void
my_number_needs_a_handler_and_a_second_factor(void **state)
{
	static const char *const values[TOWN_ITEMS] = {
	    "山田 花子", "ヤマダ ハナコ", "", "", ""};
	uint64_t holding = town_holding(town, "my_number", true);
	struct door_grant g = town_grant(
	    town, holding, "handler", town->sections[1], LOOKS | WRITES);
	struct visitor clerk = town_visit(town, TOWN_CLERK);
	(void)town_put_grant(town, &g);
	g.office = SLICE("staff");
	(void)town_put_grant(town, &g);
	struct visitor v = town_visit_with_code(town, TOWN_HANDLER);
	uint64_t record = town_record(town, &v, holding, values);
	assert_seen(&v, holding, record);
	struct visitor weak = town_visit(town, TOWN_HANDLER);
	struct shown_record shown;
	struct decision refusal;
	assert_false(view_record(&weak, holding, record, &shown, &refusal));
	assert_int_equal(refusal.key, PACK_DECISION_SECOND_FACTOR);
	assert_string_equal(refusal.procedure, "session.step_up");
	/* A grant alone makes no designated handler. */
	assert_view_refused(&clerk, holding, record, PACK_DECISION_MY_NUMBER);
}

static struct visitor
visit_from(enum town_person who, const uint8_t *fingerprint)
{
	static const uint8_t source[DOOR_SOURCE_BYTES] = {2};
	struct visitor v = {.arena = town->arena};
	assert_int_equal(who, TOWN_CLERK);
	const struct door_logon ask = {.body = town->body,
	    .logon = SLICE("clerk"),
	    .password = SLICE("a long enough password"),
	    .source = slice_bytes(source, sizeof(source)),
	    .terminal = fingerprint == NULL ? SLICE_NONE
					    : slice_bytes(fingerprint, 32)};
	CHECK(door_logon(town->door, &ask, &v, &err));
	return v;
}

static void
a_terminal_is_demanded(void **state)
{
	static const uint8_t here[32] = {1, 2, 3};
	static const uint8_t elsewhere[32] = {3, 2, 1};
	uint64_t record;
	uint64_t holding = furnish_holding(0, &record);
	struct visitor operator= town_visit(town, TOWN_OPERATOR);
	struct door_terminal ask = {.name = SLICE("窓口1"),
	    .section = town->sections[1],
	    .from = town_now(town),
	    .until = INT64_MAX};
	struct put put;
	memcpy(ask.fingerprint, here, sizeof(here));
	CHECK(door_put_terminal(town->door, &operator, & ask, &put, &err));
	struct door_grant g =
	    town_grant(town, holding, "staff", town->sections[1], LOOKS);
	g.n_terminals = 1;
	g.terminals[0] = put.id;
	(void)town_put_grant(town, &g);
	struct visitor v = visit_from(TOWN_CLERK, here);
	assert_int_equal(v.terminal, put.id);
	assert_seen(&v, holding, record);
	/* A session stays at its terminal. */
	struct visitor again = {.arena = town->arena};
	CHECK(door_visit(town->door, slice_of(v.token), slice_bytes(here, 32),
	    &again, &err));
	assert_false(door_visit(town->door, slice_of(v.token),
	    slice_bytes(elsewhere, 32), &again, NULL));
	assert_false(door_visit(
	    town->door, slice_of(v.token), SLICE_NONE, &again, NULL));
	v = visit_from(TOWN_CLERK, elsewhere);
	assert_view_refused(&v, holding, record, PACK_DECISION_TERMINAL);
	v = visit_from(TOWN_CLERK, NULL);
	assert_view_refused(&v, holding, record, PACK_DECISION_TERMINAL);
	/* A stolen one stops at once, and whoever sits there is out. */
	v = visit_from(TOWN_CLERK, here);
	struct shown_terminal t;
	CHECK(door_terminal(town->door, &v, put.id, &t, &err));
	assert_memory_equal(t.fingerprint, here, 32);
	assert_true(t.is_in_force);
	const struct door_end end = {.kind = AUTHORITY_TERMINAL, .id = put.id};
	CHECK(door_end(town->door, &operator, & end, &put, &err));
	assert_false(door_visit(town->door, slice_of(v.token),
	    slice_bytes(here, 32), &again, NULL));
	v = visit_from(TOWN_CLERK, here);
	assert_int_equal(v.terminal, 0);
	assert_view_refused(&v, holding, record, PACK_DECISION_TERMINAL);
	CHECK(door_terminal(town->door, &v, t.id, &t, &err));
	assert_false(t.is_in_force);
	assert_false(door_terminal(town->door, &v, t.id + 1, &t, NULL));
}

/* On to the next day at this hour in Japan. */
static void
wait_until(unsigned hour, unsigned minute)
{
	struct date day = date_of_instant(town_now(town));
	instant at = date_at(day, hour, minute);
	if (at <= town_now(town))
		at = date_at(date_add_days(day, 1), hour, minute);
	town_wait(town, at - town_now(town));
}

static size_t
count_grants(struct visitor *v, uint64_t holding)
{
	struct shown_grant *list;
	size_t n;
	CHECK(door_grants(town->door, v, holding, 0, &list, &n, &err));
	return n;
}

static void
hours_and_surge_days_hold(void **state)
{
	uint64_t record, surge_record;
	uint64_t holding = furnish_holding(0, &record);
	uint64_t surge = furnish_holding(0, &surge_record);
	wait_until(8, 0);
	struct door_grant g =
	    town_grant(town, holding, "staff", town->sections[1], LOOKS);
	g.from_minute = 8 * 60 + 30;
	g.to_minute = 17 * 60 + 15;
	(void)town_put_grant(town, &g);
	/* Tomorrow is election day; the list ends by itself. */
	struct door_grant s = town_grant(town, surge, "", 0, LOOKS);
	struct surge made;
	const struct surge_person list[] = {{town->persons[TOWN_CLERK], 0},
	    {town->persons[TOWN_CLERK_2], 0}, {town->persons[TOWN_CLERK], 0},
	    {4711, 0}};
	struct visitor manager = town_visit(town, TOWN_MANAGER);
	s.n_days = 1;
	s.days[0] = date_number(date_of_instant(town_now(town))) + 1;
	s.until = town_now(town) + 5 * DAY_US;
	/* A list with a fault makes none, one that is sent again no other. */
	size_t before = count_grants(&manager, surge);
	assert_false(
	    door_put_surge(town->door, &manager, &s, list, 4, &made, NULL));
	assert_int_equal(count_grants(&manager, surge), before);
	CHECK(door_put_surge(town->door, &manager, &s, list, 1, &made, &err));
	assert_int_equal(made.made, 1);
	CHECK(door_put_surge(town->door, &manager, &s, list, 3, &made, &err));
	assert_int_equal(made.made, 1);
	assert_int_equal(made.were_there, 2);
	assert_int_equal(count_grants(&manager, surge), before + 2);
	static const struct surge_person many[DOOR_SURGE_MAX + 1];
	assert_false(door_put_surge(
	    town->door, &manager, &s, many, DOOR_SURGE_MAX + 1, &made, NULL));

	struct visitor v = town_visit(town, TOWN_CLERK);
	assert_view_refused(&v, holding, record, PACK_DECISION_BEYOND_GRANT);
	wait_until(8, 30);
	v = town_visit(town, TOWN_CLERK);
	assert_seen(&v, holding, record);
	assert_view_refused(
	    &v, surge, surge_record, PACK_DECISION_BEYOND_GRANT);
	wait_until(17, 15);
	v = town_visit(town, TOWN_CLERK);
	assert_view_refused(&v, holding, record, PACK_DECISION_BEYOND_GRANT);
	wait_until(0, 0);
	v = town_visit(town, TOWN_CLERK);
	assert_seen(&v, surge, surge_record);
	wait_until(0, 0);
	v = town_visit(town, TOWN_CLERK);
	assert_view_refused(
	    &v, surge, surge_record, PACK_DECISION_BEYOND_GRANT);
}

static void
an_emergency_opens_for_a_while(void **state)
{
	uint64_t record;
	uint64_t holding = furnish_holding(LOOKS, &record);
	struct visitor v = town_visit(town, TOWN_CLERK_2);
	struct door_emergency e = {.holding = holding,
	    .until = town_now(town) + 20 * MINUTE_US,
	    .reason = SLICE("急病人の家族への連絡")};
	struct put put;
	assert_false(door_emergency(town->door, &v, &e, &put, NULL));
	e.reference = SLICE("R8-119");
	CHECK(door_emergency(town->door, &v, &e, &put, &err));
	assert_seen(&v, holding, record);
	const struct door_view print = {
	    .intent = town_intent(holding), .record = record, .act = ACT_PRINT};
	struct shown_record shown;
	struct decision refusal;
	assert_false(door_view(town->door, &v, &print, &shown, &refusal, NULL));
	town_wait(town, 21 * MINUTE_US);
	v = town_visit(town, TOWN_CLERK_2);
	assert_view_refused(&v, holding, record, PACK_DECISION_NO_GRANT);
	/* Longer than the body's hours is no emergency. */
	e.until = town_now(town) + 400 * DAY_US;
	assert_false(door_emergency(town->door, &v, &e, &put, NULL));
}

/* A row by SQL alone, with a MAC that is none of the keeper's. */
static bool
forge(struct store_tx *tx, void *arg, struct err *err)
{
	struct people_authority row = {.body = town->body,
	    .kind = AUTHORITY_GRANT,
	    .id = 77,
	    .version = 1,
	    .content = *(struct slice *)arg,
	    .entry = 1};
	return people_authority_put(tx, &row, err);
}

static void
a_row_by_sql_alone_does_not_exist(void **state)
{
	uint64_t record;
	uint64_t holding = furnish_holding(LOOKS, &record);
	struct authority_row row = {.head = {.kind = AUTHORITY_GRANT,
					.body = town->body,
					.id = 77,
					.version = 1,
					.until = INT64_MAX},
	    .grant = {.holding = holding, .acts = LOOKS, .items = ITEMS_ALL}};
	struct buf b = buf_of(AUTHORITY_ROW_MAX_BYTES);
	struct slice content;
	assert_true(authority_text_set(&row.grant.office, SLICE("staff")));
	authority_row_write(&b, &row);
	assert_true(buf_finish(&b, &content, NULL));
	assert_int_equal(town->forged, 0);
	CHECK(store_write_now(town->store, forge, &content, &err));
	buf_close(&b);
	town_stop(town);
	CHECK(town_start(town, false, &err));
	assert_int_equal(town->forged, 1);
	struct visitor v = town_visit(town, TOWN_CLERK_2);
	assert_view_refused(&v, holding, record, PACK_DECISION_NO_GRANT);
	v = town_visit(town, TOWN_CLERK);
	assert_seen(&v, holding, record);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_record_is_seen_under_a_grant),
	    cmocka_unit_test(items_outside_the_grant_are_masked),
	    cmocka_unit_test(without_a_grant_it_is_refused_and_entered),
	    cmocka_unit_test(an_operator_sees_nothing),
	    cmocka_unit_test(capacities_are_not_united),
	    cmocka_unit_test(a_transfer_ends_what_was_granted),
	    cmocka_unit_test(my_number_needs_a_handler_and_a_second_factor),
	    cmocka_unit_test(a_terminal_is_demanded),
	    cmocka_unit_test(an_emergency_opens_for_a_while),
	    cmocka_unit_test(hours_and_surge_days_hold),
	    cmocka_unit_test(a_row_by_sql_alone_does_not_exist),
	};
	return RUN_IN_TOWNS(tests, NULL);
}
