/*
 * Goal of this test: records through the door are found, corrected with what
 * was before, marked 秘匿, erased and taken in from files; each access is seen
 * by whoever oversees it, and can be taken away with its proof.
 */
#include <string.h>

#include "guard/door_access.h"
#include "guard/door_authority.h"
#include "guard/door_document.h"
#include "guard/door_matter.h"
#include "guard/door_secret.h"
#include "guard_case.h"

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
	uint64_t holding = furnish_holding(LOOKS, &record);
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
	assert_view_refused(&clerk, holding, record, PACK_DECISION_SECRET);
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
	assert_true(view_record(&manager, holding, record, &shown, &refusal));
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
	uint64_t holding = furnish_holding(LOOKS, &record);
	struct visitor v = town_visit(town, TOWN_CLERK);
	struct shown_list list;
	struct decision refusal;
	(void)town_record(town, &v, holding, taro);
	uint64_t third = town_record(town, &v, holding, goro);
	struct door_list ask = search(holding, "やまだ");
	uint64_t before = town_entries(town);
	CHECK(door_list(town->door, &v, &ask, &list, &refusal, &err));
	assert_int_equal(town_entries(town), before + 2); /* search, list */
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
	uint64_t holding = furnish_holding(LOOKS, &record);
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
	/* nobody instructed it, or another record, or another person */
	assert_false(door_correct(town->door, &v, &ask, &w, &refusal, NULL));
	assert_int_equal(refusal.key, PACK_DECISION_INSTRUCTION);
	assert_string_equal(refusal.procedure, "correction");
	assert_int_equal(refusal.persons[0], town->persons[TOWN_MANAGER]);
	town_instruct(town, &v, holding, record + 1);
	assert_false(door_correct(town->door, &v, &ask, &w, &refusal, NULL));
	struct visitor other = town_visit(town, TOWN_MANAGER);
	other.person++;
	town_instruct(town, &other, holding, record);
	assert_false(door_correct(town->door, &v, &ask, &w, &refusal, NULL));
	town_instruct(town, &v, holding, record);
	CHECK(door_correct(town->door, &v, &ask, &w, &refusal, &err));
	assert_int_equal(w.version, 2);
	struct err stale = ERR_INIT;
	assert_false(door_correct(town->door, &v, &ask, &w, &refusal, &stale));
	assert_int_equal(stale.code, ERR_CONFLICT);
	assert_true(view_record(&v, holding, record, &shown, &refusal));
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

static bool
run_hold(struct store_tx *tx, void *arg, struct err *e)
{
	return door_hold_put(tx, arg, e);
}

static bool
run_hold_end(struct store_tx *tx, void *arg, struct err *e)
{
	const struct door_hold *h = arg;
	return door_hold_end(tx, h->body, h->id, e);
}

static void
what_is_held_is_not_erased(void **state)
{
	uint64_t record;
	uint64_t holding = furnish_holding(LOOKS | ACT_BIT(ACT_ERASE), &record);
	struct visitor v = town_visit(town, TOWN_CLERK);
	const struct door_erase ask = {
	    .intent = town_intent(holding), .record = record};
	struct door_hold hold = {.body = town->body,
	    .id = 77,
	    .reg = SLICE("holds"),
	    .holding = holding,
	    .record = record + 1,
	    .set_by = town->persons[TOWN_MANAGER]};
	struct written w;
	struct decision refusal;
	CHECK(store_write_now(town->store, run_hold, &hold, &err));
	hold.id = 78;
	hold.record = 0;
	CHECK(store_write_now(town->store, run_hold, &hold, &err));
	store_reader_settle(door_reader(town->door));
	uint64_t before = town_entries(town);
	assert_false(door_erase(town->door, &v, &ask, &w, &refusal, NULL));
	assert_int_equal(refusal.key, PACK_DECISION_HOLD);
	assert_int_equal(town_entries(town), before + 1);
	CHECK(store_write_now(town->store, run_hold_end, &hold, &err));
	store_reader_settle(door_reader(town->door));
	/* another record is held still */
	CHECK(door_erase(town->door, &v, &ask, &w, &refusal, &err));
}

static void
an_erased_record_is_gone(void **state)
{
	uint64_t record;
	uint64_t holding = furnish_holding(LOOKS | ACT_BIT(ACT_ERASE), &record);
	struct visitor v = town_visit(town, TOWN_CLERK);
	const struct door_erase ask = {
	    .intent = town_intent(holding), .record = record};
	struct door_list find = search(holding, "ヤマダ");
	struct written w;
	struct decision refusal;
	struct shown_list list;
	CHECK(door_erase(town->door, &v, &ask, &w, &refusal, &err));
	assert_view_refused(&v, holding, record, PACK_DECISION_ERASED);
	CHECK(door_list(town->door, &v, &find, &list, &refusal, &err));
	assert_int_equal(list.n, 0);
	assert_false(door_erase(town->door, &v, &ask, &w, &refusal, NULL));
}

static void
accesses_are_seen_by_who_oversees(void **state)
{
	uint64_t record;
	uint64_t holding = furnish_holding(LOOKS, &record);
	struct visitor clerk = town_visit(town, TOWN_CLERK);
	struct visitor other = town_visit(town, TOWN_CLERK_2);
	struct visitor manager = town_visit(town, TOWN_MANAGER);
	struct visitor manager_2 = town_visit(town, TOWN_MANAGER_2);
	struct visitor auditor = town_visit(town, TOWN_AUDITOR);
	struct door_accesses ask = {.holding = holding, .record = record};
	struct shown_access *list;
	size_t n;
	assert_seen(&clerk, holding, record);
	assert_view_refused(&other, holding, record, PACK_DECISION_NO_GRANT);
	town_follow(town);
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
	uint64_t holding = furnish_holding(LOOKS, &record);
	struct visitor clerk = town_visit(town, TOWN_CLERK);
	struct visitor auditor = town_visit(town, TOWN_AUDITOR);
	struct shown_record shown;
	struct decision refusal;
	struct buf tar = buf_of(1024 * 1024);
	assert_true(view_record(&clerk, holding, record, &shown, &refusal));
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
	uint64_t holding = furnish_holding(LOOKS, &record);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_secret_record_needs_a_special_grant),
	    cmocka_unit_test(a_search_opens_a_list),
	    cmocka_unit_test(a_correction_keeps_what_was_before),
	    cmocka_unit_test(what_is_held_is_not_erased),
	    cmocka_unit_test(an_erased_record_is_gone),
	    cmocka_unit_test(accesses_are_seen_by_who_oversees),
	    cmocka_unit_test(an_auditor_takes_an_entry_away),
	    cmocka_unit_test(a_file_is_taken_in_whole_or_not),
	};
	return RUN_IN_TOWNS(tests, NULL);
}
