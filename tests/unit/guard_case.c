#include "guard_case.h"

#include "guard/door_authority.h"

struct town *town;

static const struct store_module *module;

static int
begin_sqlite(void **state)
{
	town = town_open_with(STORE_SQLITE, module);
	return 0;
}

static int
begin_postgresql(void **state)
{
	town = town_open_with(STORE_POSTGRESQL, module);
	return 0;
}

static int
end(void **state)
{
	town_close(town);
	return 0;
}

/* The function below cmocka's macro, which wants an array and not a pointer. */
int
run_in_towns(
    const struct CMUnitTest *tests, size_t n, const struct store_module *more)
{
	module = more;
	return _cmocka_run_group_tests("SQLite", tests, n, begin_sqlite, end) +
	       _cmocka_run_group_tests(
		   "PostgreSQL", tests, n, begin_postgresql, end);
}

uint64_t
furnish_holding(uint32_t acts, uint64_t *ret_record)
{
	uint64_t holding = town_holding(town, "middle", false);
	struct door_grant g = town_grant(
	    town, holding, "staff", town->sections[1], acts | WRITES);
	(void)town_put_grant(town, &g);
	struct visitor v = town_visit(town, TOWN_CLERK);
	*ret_record = town_record(town, &v, holding, NULL);
	return holding;
}

bool
view_record(struct visitor *v, uint64_t holding, uint64_t record,
    struct shown_record *ret, struct decision *refusal)
{
	struct err err;
	const struct door_view ask = {
	    .intent = town_intent(holding), .record = record};
	*refusal = (struct decision){0};
	return door_view(town->door, v, &ask, ret, refusal, &err);
}

void
assert_view_refused(struct visitor *v, uint64_t holding, uint64_t record,
    enum pack_decision key)
{
	struct shown_record shown;
	struct decision refusal;
	assert_false(view_record(v, holding, record, &shown, &refusal));
	assert_string_equal(
	    pack_decision_name(refusal.key), pack_decision_name(key));
	assert_null(shown.values);
}

void
assert_seen(struct visitor *v, uint64_t holding, uint64_t record)
{
	struct shown_record shown;
	struct decision refusal;
	assert_true(view_record(v, holding, record, &shown, &refusal));
	assert_true(slice_is(shown.values[ITEM_NAME].text, "山田 花子"));
}
