/*
 * Goal of this test: 秘匿 records and emergency openings through the door. No
 * older version, no search for an address, no row of the database that was
 * set back, no date that passed and no output opens what was marked; every
 * emergency is reviewed by somebody else, in time or the head hears of it.
 */
#include <string.h>

#include "base/calendar.h"
#include "guard/door_authority.h"
#include "guard/door_people.h"
#include "guard/door_secret.h"
#include "guard/inside.h"
#include "guard_case.h"

static const char *const hanako[TOWN_ITEMS] = {"山田 花子", "ヤマダ ハナコ",
    "平成2年3月4日", "沖縄市仲宗根町26番1号", ""};
static const char *const saburo[TOWN_ITEMS] = {"山田 三郎", "ヤマダ サブロウ",
    "平成30年3月4日", "沖縄市仲宗根町26番1号", ""};

/* A holding: clerks look, write and print, the manager may do all. */
static uint64_t
furnish(void)
{
	uint64_t holding = town_holding(town, "middle", false);
	struct door_grant g =
	    town_grant(town, holding, "staff", town->sections[1],
		LOOKS | WRITES | ACT_BIT(ACT_PRINT));
	(void)town_put_grant(town, &g);
	g = town_grant(town, holding, "manager", town->sections[1],
	    LOOKS | WRITES | ACT_BIT(ACT_SECRET) | ACT_BIT(ACT_PRINT));
	(void)town_put_grant(town, &g);
	return holding;
}

static bool
mark(uint64_t holding, uint64_t record, instant until)
{
	struct visitor manager = town_visit(town, TOWN_MANAGER);
	const struct door_secret ask = {.intent = town_intent(holding),
	    .record = record,
	    .is_secret = until != 0,
	    .until = until};
	struct written w;
	struct decision refusal;
	return door_secret(town->door, &manager, &ask, &w, &refusal, NULL);
}

static bool
view(enum town_person who, uint64_t holding, uint64_t record, enum act act,
    uint32_t version, struct shown_record *ret, struct decision *refusal)
{
	struct visitor v = town_visit(town, who);
	const struct door_view ask = {.intent = town_intent(holding),
	    .record = record,
	    .act = act,
	    .version = version};
	*refusal = (struct decision){0};
	return door_view(town->door, &v, &ask, ret, refusal, NULL);
}

static void
assert_closed(uint64_t holding, uint64_t record, uint32_t version)
{
	struct shown_record shown;
	struct decision refusal;
	assert_false(view(TOWN_CLERK, holding, record, ACT_VIEW, version,
	    &shown, &refusal));
	assert_string_equal(pack_decision_name(refusal.key),
	    pack_decision_name(PACK_DECISION_SECRET));
	assert_null(shown.values);
	assert_true(refusal.n_persons > 0); /* whom to ask */
	assert_null(refusal.besides);       /* no emergency for these */
}

static size_t
found_by(enum town_person who, uint64_t holding, enum town_item item,
    const char *text, struct shown_list *ret)
{
	struct visitor v = town_visit(town, who);
	const struct door_list ask = {.intent = town_intent(holding),
	    .n = 1,
	    .terms = {{.item = item, .text = slice_of(text)}}};
	struct decision refusal;
	CHECK(door_look_up(town->door, &v, &ask, ret, &refusal, &err));
	return ret->n;
}

static void
correct(uint64_t holding, uint64_t record, uint32_t version,
    const char *address)
{
	struct visitor v = town_visit(town, TOWN_CLERK);
	const struct slice values[TOWN_ITEMS] = {
	    [ITEM_ADDRESS] = slice_of(address)};
	const struct door_write ask = {.intent = town_intent(holding),
	    .record = record,
	    .version = version,
	    .n = TOWN_ITEMS,
	    .values = values,
	    .items = ITEM_BIT(ITEM_ADDRESS)};
	struct written w;
	struct decision refusal;
	town_instruct(town, &v, holding, record);
	CHECK(door_correct(town->door, &v, &ask, &w, &refusal, &err));
}

/* What stands in the database for a version. */
static struct record_row
stored(uint64_t holding, uint64_t record, uint32_t version)
{
	struct record_row row;
	CHECK(version == 0
		  ? record_fetch(door_reader(town->door), town->body, holding,
			record, town->arena, &row, &err)
		  : record_fetch_version(door_reader(town->door), town->body,
			holding, record, version, town->arena, &row, &err));
	return row;
}

/* As a taken-over server would ask, with the clerk's session. */
static enum answer
ask_keeper(uint64_t holding, const struct record_row *row)
{
	struct visitor v = town_visit(town, TOWN_CLERK);
	const struct door_intent intent = town_intent(holding);
	static struct open_ask ask;
	static struct open_answer to;
	enum answer code;
	ask.intent = door_message(&v, &intent, ACT_VIEW);
	ask.n = 1;
	ask.records[0] = (struct message_record){.id = row->name.id,
	    .version = row->name.version,
	    .class = row->class == RECORD_CLASS_SECRET ? RECORD_SECRET
						       : RECORD_ORDINARY};
	memcpy(ask.records[0].wrap, row->wrap, sizeof(row->wrap));
	const struct keeper_asking a = {.channel = town->door->channel,
	    .type = MESSAGE_OPEN,
	    .ask = &ask,
	    .answer = &to};
	(void)!guard_ask(&a, &code, NULL);
	return code;
}

static bool
run_reseal(struct store_tx *tx, void *arg, struct err *err)
{
	return record_reseal(tx, arg, err);
}

static void
older_versions_are_as_closed_as_the_newest(void **state)
{
	uint64_t holding = furnish();
	struct visitor clerk = town_visit(town, TOWN_CLERK);
	uint64_t record = town_record(town, &clerk, holding, hanako);
	correct(holding, record, 1, "沖縄市胡屋1丁目2番3号");
	correct(holding, record, 2, "沖縄市胡屋1丁目2番4号");
	struct record_row before[] = {stored(holding, record, 1),
	    stored(holding, record, 2), stored(holding, record, 0)};
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(ask_keeper(holding, &before[i]), ANSWER_OK);
	assert_true(mark(holding, record, town_now(town) + 300 * DAY_US));

	for (uint32_t version = 0; version <= 3; version++) {
		struct record_row now = stored(holding, record, version);
		assert_int_equal(now.class, RECORD_CLASS_SECRET);
		assert_closed(holding, record, version);
		assert_int_equal(
		    ask_keeper(holding, &now), ANSWER_BEYOND_GRANT);
	}
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(
		    ask_keeper(holding, &before[i]), ANSWER_BEYOND_GRANT);
	/* whoever may sees each with what stood in it */
	struct shown_record shown;
	struct decision refusal;
	assert_true(view(TOWN_MANAGER, holding, record, ACT_VIEW, 2, &shown,
	    &refusal));
	assert_true(shown.is_secret);
	assert_true(
	    slice_is(shown.values[ITEM_ADDRESS].text, "沖縄市胡屋1丁目2番3号"));
	/* the row of before, put back by SQL, opens nothing */
	CHECK(store_write_now(town->store, run_reseal, &before[0], &err));
	assert_int_equal(stored(holding, record, 1).class,
	    RECORD_CLASS_ORDINARY);
	assert_closed(holding, record, 1);
	/* and what was 秘匿 stays so when the mark is taken off */
	assert_true(mark(holding, record, 0));
	assert_true(
	    view(TOWN_CLERK, holding, record, ACT_VIEW, 0, &shown, &refusal));
	assert_closed(holding, record, 3);
}

/* The household is found by its address, the one who is 秘匿 is not. */
static void
an_address_finds_no_secret_record(void **state)
{
	uint64_t holding = furnish();
	struct visitor clerk = town_visit(town, TOWN_CLERK);
	uint64_t her = town_record(town, &clerk, holding, hanako);
	uint64_t him = town_record(town, &clerk, holding, saburo);
	struct shown_list list;
	assert_int_equal(found_by(TOWN_CLERK, holding, ITEM_ADDRESS,
			     "沖縄市仲宗根町", &list),
	    2);
	assert_true(mark(holding, her, town_now(town) + 300 * DAY_US));
	for (int who = 0; who < 2; who++) {
		assert_int_equal(
		    found_by(who == 0 ? TOWN_CLERK : TOWN_MANAGER, holding,
			ITEM_ADDRESS, "沖縄市仲宗根町", &list),
		    1);
		assert_int_equal(list.records[0].id, him);
	}
	/* by name: only for who may open it */
	assert_int_equal(
	    found_by(TOWN_CLERK, holding, ITEM_KANA, "ヤマダ", &list), 1);
	assert_int_equal(
	    found_by(TOWN_MANAGER, holding, ITEM_KANA, "ヤマダ", &list), 2);
	assert_true(mark(holding, her, 0));
	assert_int_equal(found_by(TOWN_CLERK, holding, ITEM_ADDRESS,
			     "沖縄市仲宗根町", &list),
	    2);
}

static struct shown_renewal
only_renewal(enum town_person who, uint64_t holding)
{
	struct visitor v = town_visit(town, who);
	struct shown_renewal *list;
	size_t n, found = 0;
	struct shown_renewal one = {0};
	CHECK(door_renewals(town->door, &v, town_now(town) + 30 * DAY_US, NULL,
	    &list, &n, &err));
	for (size_t i = 0; i < n; i++)
		if (list[i].holding == holding) {
			one = list[i];
			found++;
		}
	assert_true(found <= 1);
	return one;
}

static bool
renew(enum town_person who, uint64_t holding, uint64_t record, instant until)
{
	struct visitor v = town_visit(town, who);
	const struct door_renewal ask = {.intent = town_intent(holding),
	    .record = record,
	    .until = until,
	    .reason = SLICE("支援措置の延長の申出を確認した")};
	struct put put;
	struct decision refusal;
	return door_renew_secret(
	    town->door, &v, &ask, &put, &refusal, NULL);
}

static void
no_date_opens_it(void **state)
{
	uint64_t holding = furnish();
	struct visitor clerk = town_visit(town, TOWN_CLERK);
	uint64_t record = town_record(town, &clerk, holding, hanako);
	assert_true(mark(holding, record, town_now(town) + 20 * DAY_US));
	struct shown_renewal r = only_renewal(TOWN_MANAGER, holding);
	assert_int_equal(r.record, record);
	assert_true(r.may_renew && !r.is_overdue);
	assert_int_equal(only_renewal(TOWN_CLERK, holding).record, 0);
	assert_int_equal(only_renewal(TOWN_MANAGER_2, holding).record, 0);
	town_wait(town, 21 * DAY_US);
	assert_true(only_renewal(TOWN_MANAGER, holding).is_overdue);
	assert_closed(holding, record, 0);
	/* not by who may not, not into the past */
	assert_false(renew(
	    TOWN_CLERK, holding, record, town_now(town) + 100 * DAY_US));
	assert_false(renew(TOWN_MANAGER, holding, record, town_now(town)));
	assert_true(renew(
	    TOWN_MANAGER, holding, record, town_now(town) + 50 * DAY_US));
	assert_int_equal(only_renewal(TOWN_MANAGER, holding).record, 0);
	assert_closed(holding, record, 0);
	struct shown_record shown;
	struct decision refusal;
	assert_true(view(TOWN_MANAGER, holding, record, ACT_VIEW, 0, &shown,
	    &refusal));
	assert_int_equal(
	    shown.secret_until, town_now(town) + 50 * DAY_US);
}

static void
an_output_waits_for_another_person(void **state)
{
	uint64_t holding = furnish();
	struct visitor clerk = town_visit(town, TOWN_CLERK);
	uint64_t record = town_record(town, &clerk, holding, hanako);
	struct shown_record shown;
	struct decision refusal;
	struct put put;
	assert_true(view(
	    TOWN_CLERK, holding, record, ACT_PRINT, 0, &shown, &refusal));
	assert_true(mark(holding, record, town_now(town) + 300 * DAY_US));
	assert_true(view(TOWN_MANAGER, holding, record, ACT_VIEW, 0, &shown,
	    &refusal));
	assert_false(view(TOWN_MANAGER, holding, record, ACT_PRINT, 0, &shown,
	    &refusal));
	assert_int_equal(refusal.key, PACK_DECISION_SECRET);
	assert_string_equal(refusal.procedure, "release.request");
	struct door_release ask = {.intent = town_intent(holding),
	    .record = record,
	    .act = ACT_PRINT,
	    .reason = SLICE("裁判所からの照会に対する回答")};
	/* the clerk has no grant for such records */
	clerk = town_visit(town, TOWN_CLERK);
	struct visitor manager = town_visit(town, TOWN_MANAGER);
	assert_false(door_put_release(
	    town->door, &clerk, &ask, &put, &refusal, NULL));
	CHECK(door_put_release(
	    town->door, &manager, &ask, &put, &refusal, &err));
	assert_true(put.is_pending);
	/* neither the manager, nor one without oversight, nor a clerk */
	struct shown_pending *list;
	size_t n;
	CHECK(door_pending(town->door, &manager, &list, &n, &err));
	assert_int_equal(n, 0);
	struct put done;
	const enum town_person others[] = {TOWN_MANAGER, TOWN_MANAGER_2,
	    TOWN_CLERK};
	for (size_t i = 0; i < 3; i++) {
		struct visitor v = town_visit(town, others[i]);
		assert_false(door_confirm(town->door, &v, AUTHORITY_RELEASE,
		    put.id, &done, NULL));
	}
	assert_false(view(TOWN_MANAGER, holding, record, ACT_PRINT, 0, &shown,
	    &refusal));
	/* 総括保護管理者 oversees the body; reads the reason first */
	struct visitor chief = town_visit(town, TOWN_CHIEF);
	CHECK(door_pending(town->door, &chief, &list, &n, &err));
	assert_int_equal(n, 1);
	assert_int_equal(list[0].record, record);
	assert_int_equal(list[0].act, ACT_PRINT);
	struct shown_reason why;
	CHECK(door_reason(
	    town->door, &chief, AUTHORITY_RELEASE, put.id, &why, &err));
	assert_true(slice_is(why.text, "裁判所からの照会に対する回答"));
	clerk = town_visit(town, TOWN_CLERK);
	assert_false(door_reason(
	    town->door, &clerk, AUTHORITY_RELEASE, put.id, &why, NULL));
	CHECK(door_confirm(
	    town->door, &chief, AUTHORITY_RELEASE, put.id, &done, &err));
	struct shown_release *mine;
	manager = town_visit(town, TOWN_MANAGER);
	CHECK(door_releases(
	    town->door, &manager, holding, record, &mine, &n, &err));
	assert_true(n == 1 && !mine[0].is_pending);
	assert_true(view(TOWN_MANAGER, holding, record, ACT_PRINT, 0, &shown,
	    &refusal));
	assert_true(
	    slice_is(shown.values[ITEM_ADDRESS].text, "沖縄市仲宗根町26番1号"));
	assert_false(view(TOWN_MANAGER, holding, record, ACT_PRINT, 0, &shown,
	    &refusal));
}

static uint64_t
take_emergency(enum town_person who, uint64_t holding)
{
	struct visitor v = town_visit(town, who);
	const struct door_emergency e = {.holding = holding,
	    .until = town_now(town) + HOUR_US,
	    .reference = SLICE("R8-119"),
	    .reason = SLICE("急病人の家族への連絡")};
	struct put put;
	CHECK(door_emergency(town->door, &v, &e, &put, &err));
	return put.id;
}

static struct openings_waiting
waiting(enum town_person who)
{
	struct visitor v = town_visit(town, who);
	return door_openings_waiting(town->door, &v);
}

static bool
review(enum town_person who, uint64_t id)
{
	struct visitor v = town_visit(town, who);
	const struct door_review ask = {.id = id,
	    .verdict = REVIEW_UNREASONABLE,
	    .remarks = SLICE("急を要しなかった")};
	struct put put;
	return door_review(town->door, &v, &ask, &put, NULL);
}

/*
 * It shows at once; the last day is the next open one, over a weekend; then
 * the head of protection has it too.
 */
static void
an_emergency_is_reviewed_by_somebody_else(void **state)
{
	uint64_t holding = furnish();
	struct date day = date_of_instant(town_now(town));
	while (((date_number(day) + 4) % 7) != 5) { /* a Friday */
		town_wait(town, DAY_US);
		day = date_of_instant(town_now(town));
	}
	size_t before = waiting(TOWN_MANAGER).n;
	size_t head_before = waiting(TOWN_CHIEF).n;
	uint64_t id = take_emergency(TOWN_CLERK_2, holding);
	assert_int_equal(waiting(TOWN_MANAGER).n, before + 1);
	assert_int_equal(waiting(TOWN_MANAGER_2).n, 0);
	struct visitor manager = town_visit(town, TOWN_MANAGER);
	struct shown_opening o;
	CHECK(door_opening(town->door, &manager, id, &o, &err));
	assert_true(o.may_review && !o.is_overdue && !o.is_reviewed);
	const struct calendar closed = calendar_of_government();
	assert_int_equal(date_number(date_of_instant(o.due - 1)),
	    date_number(calendar_next_open(&closed, date_add_days(day, 1))));
	assert_true(date_number(date_of_instant(o.due - 1)) >=
	    date_number(day) + 3);
	struct visitor other = town_visit(town, TOWN_CLERK);
	assert_false(door_opening(town->door, &other, id, &o, NULL));
	struct shown_reason why;
	CHECK(door_reason(
	    town->door, &manager, AUTHORITY_EMERGENCY, id, &why, &err));
	assert_true(slice_is(why.text, "急病人の家族への連絡"));
	assert_true(slice_is(why.reference, "R8-119"));
	assert_false(review(TOWN_CLERK_2, id));
	assert_false(review(TOWN_MANAGER_2, id));
	town_wait(town, o.due - 1 - town_now(town));
	assert_int_equal(waiting(TOWN_MANAGER).n_overdue, 0);
	town_wait(town, 1);
	assert_int_equal(waiting(TOWN_MANAGER).n_overdue, before + 1);
	assert_int_equal(waiting(TOWN_CHIEF).n_overdue, head_before + 1);
	assert_true(review(TOWN_MANAGER, id));
	assert_false(review(TOWN_CHIEF, id)); /* once, and it stands */
	assert_int_equal(waiting(TOWN_MANAGER).n, before);
	assert_int_equal(waiting(TOWN_CHIEF).n, head_before);
	struct visitor chief = town_visit(town, TOWN_CHIEF);
	CHECK(door_opening(town->door, &chief, id, &o, &err));
	assert_true(o.is_reviewed && o.verdict == REVIEW_UNREASONABLE);
	assert_true(o.reviewed_by.n > 0 && !o.may_review);
	CHECK(door_reason(
	    town->door, &chief, AUTHORITY_REVIEW, id, &why, &err));
	assert_true(slice_is(why.text, "急を要しなかった"));

	/* the manager's own goes to the head at once */
	id = take_emergency(TOWN_MANAGER, holding);
	assert_int_equal(waiting(TOWN_MANAGER).n, before);
	assert_int_equal(waiting(TOWN_CHIEF).n, head_before + 1);
	assert_false(review(TOWN_MANAGER, id));
	assert_true(review(TOWN_CHIEF, id));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(older_versions_are_as_closed_as_the_newest),
	    cmocka_unit_test(an_address_finds_no_secret_record),
	    cmocka_unit_test(an_output_waits_for_another_person),
	    cmocka_unit_test(an_emergency_is_reviewed_by_somebody_else),
	    cmocka_unit_test(no_date_opens_it),
	};
	return RUN_IN_TOWNS(tests, NULL);
}
