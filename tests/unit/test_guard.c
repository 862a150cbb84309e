/*
 * Goal of this test: the door with a real keeper and a real database. What a
 * grant gives is seen, after its entry; all else is refused, with an entry
 * too, and says why and whom to ask.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/fiber.h"
#include "guard_town.h"
#include "people/authority.h"

#define LOOKS (ACT_BIT(ACT_SEARCH) | ACT_BIT(ACT_LIST) | ACT_BIT(ACT_VIEW))
#define WRITES (ACT_BIT(ACT_CREATE) | ACT_BIT(ACT_CORRECT))
#define CHECK(call)                                                            \
	do {                                                                   \
		struct err err = ERR_INIT;                                     \
		if (!(call))                                                   \
			fail_msg("%s: %s", #call, err.text);                   \
	} while (0)

static struct town *town;

static uint64_t
entries(void)
{
	struct visitor v = {.arena = town->arena};
	struct shown_ledger s;
	CHECK(door_ledger_state(town->door, &v, &s, &err));
	return s.entries;
}

/* A view; false with the refusal. */
static bool
view(struct visitor *v, uint64_t holding, uint64_t record,
    struct shown_record *ret, struct decision *refusal)
{
	struct err err;
	const struct door_view ask = {
	    .intent = town_intent(holding), .record = record};
	*refusal = (struct decision){0};
	return door_view(town->door, v, &ask, ret, refusal, &err);
}

static void
assert_refused(struct visitor *v, uint64_t holding, uint64_t record,
    enum pack_decision key)
{
	struct shown_record shown;
	struct decision refusal;
	assert_false(view(v, holding, record, &shown, &refusal));
	assert_string_equal(
	    pack_decision_name(refusal.key), pack_decision_name(key));
	assert_null(shown.values);
}

static void
assert_seen(struct visitor *v, uint64_t holding, uint64_t record)
{
	struct shown_record shown;
	struct decision refusal;
	assert_true(view(v, holding, record, &shown, &refusal));
	assert_true(slice_is(shown.values[ITEM_NAME].text, "山田 花子"));
}

/* A holding with one record; the clerk of 市民課 may do `acts`. */
static uint64_t
furnish(uint32_t acts, uint64_t *ret_record)
{
	uint64_t holding = town_holding(town, "middle", false);
	struct door_grant g = town_grant(
	    town, holding, "staff", town->sections[1], acts | WRITES);
	(void)town_put_grant(town, &g);
	struct visitor v = town_visit(town, TOWN_CLERK);
	*ret_record = town_record(town, &v, holding, NULL);
	return holding;
}

static void
a_record_is_seen_under_a_grant(void **state)
{
	uint64_t record;
	uint64_t holding = furnish(LOOKS, &record);
	struct visitor v = town_visit(town, TOWN_CLERK);
	struct shown_record shown;
	struct decision refusal;
	uint64_t before = entries();
	assert_true(view(&v, holding, record, &shown, &refusal));
	assert_int_equal(entries(), before + 1);
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
	uint64_t holding = furnish(0, &record);
	struct door_grant g =
	    town_grant(town, holding, "staff", town->sections[1], LOOKS);
	struct visitor v = town_visit(town, TOWN_CLERK);
	struct shown_record shown;
	struct decision refusal;
	g.items = ITEM_BIT(ITEM_NAME) | ITEM_BIT(ITEM_BIRTH);
	(void)town_put_grant(town, &g);
	assert_true(view(&v, holding, record, &shown, &refusal));
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
	uint64_t holding = furnish(LOOKS, &record);
	struct visitor v = town_visit(town, TOWN_CLERK_2);
	struct shown_record shown;
	struct decision refusal;
	uint64_t before = entries();
	assert_false(view(&v, holding, record, &shown, &refusal));
	assert_int_equal(entries(), before + 1);
	assert_int_equal(refusal.key, PACK_DECISION_NO_GRANT);
	assert_string_equal(refusal.procedure, "grant.request");
	assert_int_equal(refusal.n_persons, 1);
	assert_int_equal(refusal.persons[0], town->persons[TOWN_MANAGER]);
	assert_int_equal(refusal.ask_section, town->sections[1]);
	assert_true(
	    slice_is(pack_decision(town->pack, refusal.key)->ref, "art9.2"));
	/* The same again at once: refused, but entered once a second. */
	assert_false(view(&v, holding, record, &shown, &refusal));
	assert_int_equal(entries(), before + 1);
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
	uint64_t holding = furnish(LOOKS, &record);
	struct door_grant g = town_grant(town, holding, "operator", 0, LOOKS);
	(void)town_put_grant(town, &g);
	struct visitor v = town_visit(town, TOWN_OPERATOR);
	assert_refused(&v, holding, record, PACK_DECISION_OPERATOR);
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
	uint64_t holding = furnish(LOOKS, &record);
	struct visitor v = town_visit(town, TOWN_CLERK_2);
	struct shown_capacity *list;
	size_t n;
	assert_int_equal(v.capacity_count, 2);
	assert_int_equal(v.capacity, 0);
	assert_refused(&v, holding, record, PACK_DECISION_NO_GRANT);
	CHECK(door_capacities(town->door, &v, &list, &n, &err));
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++) {
		CHECK(door_take_capacity(town->door, &v, list[i].id, &err));
		assert_int_equal(v.section, list[i].section);
		if (list[i].id == besides)
			assert_seen(&v, holding, record);
		else
			assert_refused(
			    &v, holding, record, PACK_DECISION_NO_GRANT);
	}
	/* Nobody takes another's. */
	struct visitor own = town_visit(town, TOWN_CLERK);
	assert_false(door_take_capacity(town->door, &own, besides, NULL));
	dismiss(besides);
	assert_refused(&v, holding, record, PACK_DECISION_NO_GRANT);
}

static void
a_transfer_ends_what_was_granted(void **state)
{
	uint64_t record;
	uint64_t holding = furnish(LOOKS, &record);
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
	assert_refused(&v, holding, record, PACK_DECISION_NO_GRANT);
	v = town_visit(town, TOWN_CLERK_2);
	assert_int_equal(v.capacity, put.id);
	assert_refused(&v, holding, record, PACK_DECISION_NO_GRANT);
	assert_refused(&v, other, another, PACK_DECISION_NO_GRANT);
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
	assert_false(view(&weak, holding, record, &shown, &refusal));
	assert_int_equal(refusal.key, PACK_DECISION_SECOND_FACTOR);
	assert_string_equal(refusal.procedure, "session.step_up");
	/* A grant alone makes no designated handler. */
	assert_refused(&clerk, holding, record, PACK_DECISION_MY_NUMBER);
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
	uint64_t holding = furnish(0, &record);
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
	assert_refused(&v, holding, record, PACK_DECISION_TERMINAL);
	v = visit_from(TOWN_CLERK, NULL);
	assert_refused(&v, holding, record, PACK_DECISION_TERMINAL);
	/* A stolen one stops at once, and whoever sits there is out. */
	v = visit_from(TOWN_CLERK, here);
	struct shown_terminal t;
	CHECK(door_terminal(town->door, &v, put.id, &t, &err));
	assert_memory_equal(t.fingerprint, here, 32);
	assert_true(t.is_in_force);
	const struct door_end end = {
	    .kind = AUTHORITY_TERMINAL, .id = put.id};
	CHECK(door_end(town->door, &operator, & end, &put, &err));
	assert_false(door_visit(town->door, slice_of(v.token),
	    slice_bytes(here, 32), &again, NULL));
	v = visit_from(TOWN_CLERK, here);
	assert_int_equal(v.terminal, 0);
	assert_refused(&v, holding, record, PACK_DECISION_TERMINAL);
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
	uint64_t holding = furnish(0, &record);
	uint64_t surge = furnish(0, &surge_record);
	wait_until(8, 0);
	struct door_grant g =
	    town_grant(town, holding, "staff", town->sections[1], LOOKS);
	g.from_minute = 8 * 60 + 30;
	g.to_minute = 17 * 60 + 15;
	(void)town_put_grant(town, &g);
	/* Tomorrow is election day; the list ends by itself. */
	struct door_grant s = town_grant(town, surge, "", 0, LOOKS);
	struct surge made;
	const struct surge_person list[] = {
	    {town->persons[TOWN_CLERK], 0}, {town->persons[TOWN_CLERK_2], 0},
	    {town->persons[TOWN_CLERK], 0}, {4711, 0}};
	struct visitor manager = town_visit(town, TOWN_MANAGER);
	s.n_days = 1;
	s.days[0] = date_number(date_of_instant(town_now(town))) + 1;
	s.until = town_now(town) + 5 * DAY_US;
	/* A list with a fault makes none, one that is sent again no other. */
	size_t before = count_grants(&manager, surge);
	assert_false(door_put_surge(
	    town->door, &manager, &s, list, 4, &made, NULL));
	assert_int_equal(count_grants(&manager, surge), before);
	CHECK(door_put_surge(town->door, &manager, &s, list, 1, &made, &err));
	assert_int_equal(made.made, 1);
	CHECK(door_put_surge(town->door, &manager, &s, list, 3, &made, &err));
	assert_int_equal(made.made, 1);
	assert_int_equal(made.were_there, 2);
	assert_int_equal(count_grants(&manager, surge), before + 2);
	static const struct surge_person many[DOOR_SURGE_MAX + 1];
	assert_false(door_put_surge(town->door, &manager, &s, many,
	    DOOR_SURGE_MAX + 1, &made, NULL));

	struct visitor v = town_visit(town, TOWN_CLERK);
	assert_refused(&v, holding, record, PACK_DECISION_BEYOND_GRANT);
	wait_until(8, 30);
	v = town_visit(town, TOWN_CLERK);
	assert_seen(&v, holding, record);
	assert_refused(&v, surge, surge_record, PACK_DECISION_BEYOND_GRANT);
	wait_until(17, 15);
	v = town_visit(town, TOWN_CLERK);
	assert_refused(&v, holding, record, PACK_DECISION_BEYOND_GRANT);
	wait_until(0, 0);
	v = town_visit(town, TOWN_CLERK);
	assert_seen(&v, surge, surge_record);
	wait_until(0, 0);
	v = town_visit(town, TOWN_CLERK);
	assert_refused(&v, surge, surge_record, PACK_DECISION_BEYOND_GRANT);
}

static void
an_emergency_opens_for_a_while(void **state)
{
	uint64_t record;
	uint64_t holding = furnish(LOOKS, &record);
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
	assert_refused(&v, holding, record, PACK_DECISION_NO_GRANT);
	/* Longer than the body's hours is no emergency. */
	e.until = town_now(town) + 400 * DAY_US;
	assert_false(door_emergency(town->door, &v, &e, &put, NULL));
}

static struct door_list
search(uint64_t holding, const char *kana)
{
	return (struct door_list){.intent = town_intent(holding),
	    .n = 1,
	    .terms = {{.item = ITEM_KANA, .text = slice_of(kana)}}};
}

static void
a_secret_record_needs_a_special_grant(void **state)
{
	uint64_t record;
	uint64_t holding = furnish(LOOKS, &record);
	struct visitor clerk = town_visit(town, TOWN_CLERK);
	struct door_grant g = town_grant(town, holding, "manager",
	    town->sections[1], LOOKS | WRITES | ACT_BIT(ACT_SECRET));
	struct door_secret mark = {.intent = town_intent(holding),
	    .record = record,
	    .is_secret = true,
	    .until = town_now(town) + 300 * DAY_US};
	struct door_list ask = search(holding, "ﾔﾏﾀﾞ");
	struct written w;
	struct shown_list list;
	struct decision refusal;
	(void)town_put_grant(town, &g);
	CHECK(door_list(town->door, &clerk, &ask, &list, &refusal, &err));
	assert_int_equal(list.n, 1);
	/* The clerk may correct, but not mark. */
	assert_false(
	    door_secret(town->door, &clerk, &mark, &w, &refusal, NULL));
	assert_int_equal(refusal.key, PACK_DECISION_SECRET);
	struct visitor manager = town_visit(town, TOWN_MANAGER);
	CHECK(door_secret(town->door, &manager, &mark, &w, &refusal, &err));
	assert_int_equal(w.version, 2);
	CHECK(door_list(town->door, &clerk, &ask, &list, &refusal, &err));
	assert_int_equal(list.n, 0);
	CHECK(door_look_up(town->door, &clerk, &ask, &list, &refusal, &err));
	assert_int_equal(list.n, 0);
	assert_refused(&clerk, holding, record, PACK_DECISION_SECRET);
	/* Nor by its older version, which was not secret then. */
	struct shown_record shown;
	const struct door_view old = {
	    .intent = town_intent(holding), .record = record, .version = 1};
	assert_false(
	    door_view(town->door, &clerk, &old, &shown, &refusal, NULL));
	assert_int_equal(refusal.key, PACK_DECISION_SECRET);
	CHECK(door_look_up(town->door, &manager, &ask, &list, &refusal, &err));
	assert_int_equal(list.n, 1);
	assert_true(list.records[0].is_secret);
	assert_true(view(&manager, holding, record, &shown, &refusal));
	assert_true(shown.is_secret && shown.secret_until == mark.until);
	mark.is_secret = false;
	CHECK(door_secret(town->door, &manager, &mark, &w, &refusal, &err));
	assert_seen(&clerk, holding, record);
}

static void
a_search_opens_a_list(void **state)
{
	static const char *const taro[TOWN_ITEMS] = {"山田 太郎",
	    "ヤマダ タロウ", "昭和40年5月6日", "沖縄市胡屋1丁目2番3号", ""};
	static const char *const goro[TOWN_ITEMS] = {
	    "島袋 五郎", "シマブクロ ゴロウ", "昭和40年5月6日", "", ""};
	uint64_t record;
	uint64_t holding = furnish(LOOKS, &record);
	struct visitor v = town_visit(town, TOWN_CLERK);
	struct shown_list list;
	struct decision refusal;
	(void)town_record(town, &v, holding, taro);
	uint64_t third = town_record(town, &v, holding, goro);
	struct door_list ask = search(holding, "やまだ");
	uint64_t before = entries();
	CHECK(door_list(town->door, &v, &ask, &list, &refusal, &err));
	assert_int_equal(entries(), before + 2); /* search, list */
	assert_int_equal(list.n, 2);
	assert_false(list.has_more);
	ask.n = 2;
	ask.terms[1] =
	    (struct door_term){.item = ITEM_BIRTH, .text = SLICE("S40.5.6")};
	CHECK(door_list(town->door, &v, &ask, &list, &refusal, &err));
	assert_int_equal(list.n, 1);
	assert_true(
	    slice_is(list.records[0].values[ITEM_NAME].text, "山田 太郎"));
	ask = search(holding, "シマ");
	CHECK(door_list(town->door, &v, &ask, &list, &refusal, &err));
	assert_int_equal(list.records[0].id, third);
	/* An item that is not searched, and no term at all. */
	ask.terms[0].item = ITEM_NAME;
	assert_false(door_list(town->door, &v, &ask, &list, &refusal, NULL));
	ask.terms[0].item = TOWN_ITEMS;
	assert_false(door_list(town->door, &v, &ask, &list, &refusal, NULL));
	ask.n = 0;
	assert_false(door_list(town->door, &v, &ask, &list, &refusal, NULL));
	v = town_visit(town, TOWN_CLERK_2);
	ask = search(holding, "シマ");
	assert_false(door_list(town->door, &v, &ask, &list, &refusal, NULL));
	assert_int_equal(refusal.key, PACK_DECISION_NO_GRANT);
}

static void
a_correction_keeps_what_was_before(void **state)
{
	uint64_t record;
	uint64_t holding = furnish(LOOKS, &record);
	struct visitor v = town_visit(town, TOWN_CLERK);
	struct slice values[TOWN_ITEMS] = {
	    [ITEM_KANA] = SLICE("オオシロ ハナ")};
	struct door_write ask = {.intent = town_intent(holding),
	    .record = record,
	    .version = 1,
	    .n = TOWN_ITEMS,
	    .values = values,
	    .items = ITEM_BIT(ITEM_KANA)};
	struct written w;
	struct decision refusal;
	struct shown_record shown;
	struct shown_version *versions;
	struct shown_list list;
	size_t n;
	CHECK(door_correct(town->door, &v, &ask, &w, &refusal, &err));
	assert_int_equal(w.version, 2);
	struct err stale = ERR_INIT;
	assert_false(door_correct(town->door, &v, &ask, &w, &refusal, &stale));
	assert_int_equal(stale.code, ERR_CONFLICT);
	assert_true(view(&v, holding, record, &shown, &refusal));
	assert_true(slice_is(shown.values[ITEM_KANA].text, "オオシロ ハナ"));
	assert_true(slice_is(shown.values[ITEM_NAME].text, "山田 花子"));
	CHECK(door_versions(
	    town->door, &v, holding, record, &versions, &n, &err));
	assert_int_equal(n, 2);
	const struct door_view old = {
	    .intent = town_intent(holding), .record = record, .version = 1};
	CHECK(door_view(town->door, &v, &old, &shown, &refusal, &err));
	assert_true(slice_is(shown.values[ITEM_KANA].text, "ヤマダ ハナコ"));
	struct door_list find = search(holding, "ヤマダ");
	CHECK(door_list(town->door, &v, &find, &list, &refusal, &err));
	assert_int_equal(list.n, 0);
	find = search(holding, "オオシロ");
	CHECK(door_list(town->door, &v, &find, &list, &refusal, &err));
	assert_int_equal(list.n, 1);
}

static void
an_erased_record_is_gone(void **state)
{
	uint64_t record;
	uint64_t holding = furnish(LOOKS | ACT_BIT(ACT_ERASE), &record);
	struct visitor v = town_visit(town, TOWN_CLERK);
	const struct door_erase ask = {
	    .intent = town_intent(holding), .record = record};
	struct door_list find = search(holding, "ヤマダ");
	struct written w;
	struct decision refusal;
	struct shown_list list;
	CHECK(door_erase(town->door, &v, &ask, &w, &refusal, &err));
	assert_refused(&v, holding, record, PACK_DECISION_ERASED);
	CHECK(door_list(town->door, &v, &find, &list, &refusal, &err));
	assert_int_equal(list.n, 0);
	assert_false(door_erase(town->door, &v, &ask, &w, &refusal, NULL));
}

static void
follow(void)
{
	bool has_more = true;
	while (has_more)
		CHECK(door_follow(town->door, NULL, &has_more, &err));
}

static void
accesses_are_seen_by_who_oversees(void **state)
{
	uint64_t record;
	uint64_t holding = furnish(LOOKS, &record);
	struct visitor clerk = town_visit(town, TOWN_CLERK);
	struct visitor other = town_visit(town, TOWN_CLERK_2);
	struct visitor manager = town_visit(town, TOWN_MANAGER);
	struct visitor manager_2 = town_visit(town, TOWN_MANAGER_2);
	struct visitor auditor = town_visit(town, TOWN_AUDITOR);
	struct door_accesses ask = {.holding = holding, .record = record};
	struct shown_access *list;
	size_t n;
	assert_seen(&clerk, holding, record);
	assert_refused(&other, holding, record, PACK_DECISION_NO_GRANT);
	follow();
	CHECK(door_accesses(town->door, &manager, &ask, &list, &n, &err));
	assert_int_equal(n, 3);
	assert_true(slice_is(list[0].result, "no_grant"));
	assert_true(slice_is(list[0].act, "view"));
	assert_int_equal(list[0].person, town->persons[TOWN_CLERK_2]);
	assert_true(slice_is(list[1].result, "done"));
	assert_true(slice_is(list[1].person_name, "比嘉 窓子"));
	assert_true(slice_is(list[1].purpose, "resident.certificate"));
	assert_true(slice_is(list[1].post, "市民部 市民課 職員"));
	assert_true(slice_is(list[2].act, "create"));
	CHECK(door_accesses(town->door, &auditor, &ask, &list, &n, &err));
	assert_int_equal(n, 3);
	assert_false(door_accesses(town->door, &clerk, &ask, &list, &n, NULL));
	assert_false(
	    door_accesses(town->door, &manager_2, &ask, &list, &n, NULL));
	/* One's own is everybody's to see. */
	ask = (struct door_accesses){.person = clerk.person};
	CHECK(door_accesses(town->door, &clerk, &ask, &list, &n, &err));
	assert_true(n > 0);
	ask = (struct door_accesses){0};
	CHECK(door_accesses(town->door, &manager, &ask, &list, &n, &err));
	assert_true(n > 0);
	for (size_t i = 0; i + 1 < n; i++)
		assert_true(list[i].at >= list[i + 1].at);
	/* Page by page nothing is lost and nothing comes twice. */
	ask = (struct door_accesses){0};
	uint64_t seen = 0, last = UINT64_MAX;
	do {
		CHECK(
		    door_accesses(town->door, &auditor, &ask, &list, &n, &err));
		for (size_t i = 0; i < n; i++, seen++) {
			assert_true(list[i].entry <= last);
			last = list[i].entry;
		}
		if (n > 0)
			ask = (struct door_accesses){.before = list[n - 1].at,
			    .before_entry = list[n - 1].entry,
			    .before_record = list[n - 1].record};
	} while (n == DOOR_PAGE_MAX);
	assert_true(seen > DOOR_PAGE_MAX);
}

static void
an_auditor_takes_an_entry_away(void **state)
{
	uint64_t record;
	uint64_t holding = furnish(LOOKS, &record);
	struct visitor clerk = town_visit(town, TOWN_CLERK);
	struct visitor auditor = town_visit(town, TOWN_AUDITOR);
	struct shown_record shown;
	struct decision refusal;
	struct buf tar = buf_of(1024 * 1024);
	assert_true(view(&clerk, holding, record, &shown, &refusal));
	assert_false(door_entry_bundle(
	    town->door, &clerk, shown.entry, SLICE("R8-3"), &tar, NULL));
	CHECK(door_entry_bundle(
	    town->door, &auditor, shown.entry, SLICE("R8-3"), &tar, &err));
	assert_int_equal(tar.n % 512, 0);
	assert_memory_equal(tar.p, "README", 6);
	assert_memory_equal(tar.p + 257, "ustar", 5);
	assert_non_null(
	    memmem(tar.p, tar.n, "c2sp.org/tlog-proof@v1\nindex ", 29));
	assert_non_null(memmem(tar.p, tar.n, "\"verb\":\"record.open\"", 20));
	assert_null(memmem(tar.p, tar.n, "山田", 6));
	buf_close(&tar);
}

static void
a_file_is_taken_in_whole_or_not(void **state)
{
	uint64_t record;
	uint64_t holding = furnish(LOOKS, &record);
	struct visitor v = town_visit(town, TOWN_CLERK);
	struct door_import ask = {.intent = town_intent(holding),
	    .csv = SLICE("name,kana,birth\n新垣 一,アラカキ ハジメ,S50.1.1\n"
			 "新垣 二,アラカキ フタツ,nonsense\n")};
	struct imported in;
	struct decision refusal;
	struct shown_list list;
	struct door_list find = search(holding, "アラカキ");
	assert_false(door_import(town->door, &v, &ask, &in, &refusal, NULL));
	assert_int_equal(in.n_problems, 1);
	assert_int_equal(in.problems[0].row, 3);
	assert_int_equal(in.problems[0].column, 3);
	CHECK(door_list(town->door, &v, &find, &list, &refusal, &err));
	assert_int_equal(list.n, 0);
	ask.csv = SLICE("name,kana,birth\n新垣 一,アラカキ ハジメ,S50.1.1\n"
			"新垣 二,アラカキ フタツ,S51.1.1\n");
	ask.is_dry = true;
	CHECK(door_import(town->door, &v, &ask, &in, &refusal, &err));
	ask.is_dry = false;
	CHECK(door_import(town->door, &v, &ask, &in, &refusal, &err));
	assert_int_equal(in.rows, 2);
	CHECK(door_list(town->door, &v, &find, &list, &refusal, &err));
	assert_int_equal(list.n, 2);
	v = town_visit(town, TOWN_CLERK_2);
	assert_false(door_import(town->door, &v, &ask, &in, &refusal, NULL));
	assert_int_equal(refusal.key, PACK_DECISION_NO_GRANT);
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
	uint64_t holding = furnish(LOOKS, &record);
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
	assert_refused(&v, holding, record, PACK_DECISION_NO_GRANT);
	v = town_visit(town, TOWN_CLERK);
	assert_seen(&v, holding, record);
}

static void
a_session_ends(void **state)
{
	struct visitor v = town_visit(town, TOWN_CLERK);
	struct visitor again = {.arena = town->arena};
	struct slice token = slice_of(v.token);
	CHECK(door_visit(town->door, token, SLICE_NONE, &again, &err));
	assert_int_equal(again.person, v.person);
	assert_string_equal(again.form_token, v.form_token);
	assert_string_not_equal(again.form_token, v.token);
	assert_false(door_visit(
	    town->door, SLICE("nonsense"), SLICE_NONE, &again, NULL));
	CHECK(door_logoff(town->door, &v, &err));
	assert_false(door_visit(town->door, token, SLICE_NONE, &again, NULL));
	v = town_visit(town, TOWN_CLERK);
	town_wait(town, 24 * HOUR_US);
	assert_false(door_visit(
	    town->door, slice_of(v.token), SLICE_NONE, &again, NULL));
	/* A wrong name and a wrong password are told alike. */
	static const uint8_t source[DOOR_SOURCE_BYTES] = {3};
	struct err a = ERR_INIT, b = ERR_INIT;
	struct door_logon ask = {.body = town->body,
	    .logon = SLICE("clerk"),
	    .password = SLICE("wrong"),
	    .source = slice_bytes(source, sizeof(source))};
	assert_false(door_logon(town->door, &ask, &again, &a));
	ask.logon = SLICE("nobody");
	assert_false(door_logon(town->door, &ask, &again, &b));
	assert_int_equal(a.code, ERR_LOGON);
	assert_string_equal(a.text, b.text);
}

/* ---- fibers: a loop as main has it ---- */

struct loop {
	int pipe[2];
	pthread_mutex_t lock;
	struct door_work *first;
	unsigned running;
};

static void
post(void *ctx, struct door_work *work)
{
	struct loop *l = ctx;
	pthread_mutex_lock(&l->lock);
	work->next = l->first;
	l->first = work;
	pthread_mutex_unlock(&l->lock);
	assert_int_equal(write(l->pipe[1], "x", 1), 1);
}

static void
run_posted(struct loop *l)
{
	char drain[64];
	if (read(l->pipe[0], drain, sizeof(drain)) <= 0)
		return;
	pthread_mutex_lock(&l->lock);
	struct door_work *w = l->first;
	l->first = NULL;
	pthread_mutex_unlock(&l->lock);
	while (w != NULL) {
		struct door_work *next = w->next;
		w->fn(w);
		w = next;
	}
}

struct errand {
	struct loop *loop;
	struct door *door;
	struct visitor visitor;
	uint64_t holding, record;
	bool is_writing;
	bool worked;
};

static void
run_errand(struct fiber *self, void *arg)
{
	struct errand *e = arg;
	struct err err = ERR_INIT;
	struct decision refusal;
	e->visitor.fiber = self;
	if (e->is_writing) {
		struct slice values[TOWN_ITEMS] = {
		    [ITEM_NAME] = SLICE("新 人")};
		struct written w;
		const struct door_write ask = {
		    .intent = town_intent(e->holding),
		    .n = TOWN_ITEMS,
		    .values = values};
		e->worked =
		    door_create(e->door, &e->visitor, &ask, &w, &refusal, &err);
	} else {
		struct shown_record shown;
		const struct door_view ask = {
		    .intent = town_intent(e->holding), .record = e->record};
		e->worked = door_view(e->door, &e->visitor, &ask, &shown,
				&refusal, &err) &&
			    slice_is(shown.values[ITEM_NAME].text, "山田 花子");
	}
	if (!e->worked)
		print_error("errand: %s\n", err.text);
	e->loop->running--;
}

static void
many_fibers_share_one_door(void **state)
{
	enum { ERRANDS = 60 };
	static struct errand errands[ERRANDS];
	struct loop l = {.lock = PTHREAD_MUTEX_INITIALIZER};
	uint64_t record;
	uint64_t holding = furnish(LOOKS, &record);
	struct visitor v = town_visit(town, TOWN_CLERK);
	struct fiber_pool *pool = fiber_pool_open(ERRANDS);
	struct door_config config = {
	    .guard = town->guard, .post = post, .ctx = &l};
	struct door *door;
	assert_int_equal(pipe2(l.pipe, O_NONBLOCK), 0);
	assert_true(town->process.fds[2] >= 0);
	config.channel = channel_open(town->process.fds[2], NULL);
	town->process.fds[2] = -1;
	CHECK(door_open(&config, &door, &err));
	uint64_t before = entries();
	for (size_t i = 0; i < ERRANDS; i++) {
		errands[i] = (struct errand){.loop = &l,
		    .door = door,
		    .visitor = v,
		    .holding = holding,
		    .record = record,
		    .is_writing = i % 4 == 3};
		l.running++;
		CHECK(fiber_start(pool, run_errand, &errands[i], &err));
	}
	/* All of them wait: nothing was released without its entry. */
	assert_int_equal(l.running, ERRANDS);
	while (l.running > 0) {
		struct pollfd p[] = {{.fd = door_fd(door), .events = POLLIN},
		    {.fd = l.pipe[0], .events = POLLIN}};
		CHECK(door_round(door, &err));
		assert_true(poll(p, 2, 10000) > 0);
		if (p[0].revents != 0)
			CHECK(door_poll(door, &err));
		if (p[1].revents != 0)
			run_posted(&l);
	}
	for (size_t i = 0; i < ERRANDS; i++)
		assert_true(errands[i].worked);
	assert_true(entries() >= before + ERRANDS);
	door_close(door);
	fiber_pool_close(pool);
	(void)close(l.pipe[0]);
	(void)close(l.pipe[1]);
}

static int
begin_sqlite(void **state)
{
	town = town_open(STORE_SQLITE);
	return 0;
}

static int
begin_postgresql(void **state)
{
	town = town_open(STORE_POSTGRESQL);
	return 0;
}

static int
end(void **state)
{
	town_close(town);
	return 0;
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
	    cmocka_unit_test(a_secret_record_needs_a_special_grant),
	    cmocka_unit_test(a_search_opens_a_list),
	    cmocka_unit_test(a_correction_keeps_what_was_before),
	    cmocka_unit_test(an_erased_record_is_gone),
	    cmocka_unit_test(accesses_are_seen_by_who_oversees),
	    cmocka_unit_test(an_auditor_takes_an_entry_away),
	    cmocka_unit_test(a_file_is_taken_in_whole_or_not),
	    cmocka_unit_test(many_fibers_share_one_door),
	    cmocka_unit_test(a_session_ends),
	    cmocka_unit_test(hours_and_surge_days_hold),
	    cmocka_unit_test(a_row_by_sql_alone_does_not_exist),
	};
	int failed =
	    cmocka_run_group_tests_name("SQLite", tests, begin_sqlite, end);
	return failed + cmocka_run_group_tests_name(
			    "PostgreSQL", tests, begin_postgresql, end);
}
