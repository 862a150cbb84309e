/*
 * Goal of this test: a taken-over server opens no more records for a person
 * than the limit, by no other holding, account, session or restart; a permit
 * raises it by what two persons of different offices said, and no further.
 */
#include "keeper_case.h"

/* Opens n of one record in one message. */
static bool
open_many(
    struct rig *r, const struct message_record *rec, size_t n, uint64_t holding)
{
	static struct open_ask ask;
	static struct open_answer to;
	ask.intent = rig_intent(r, RIG_CLERK, holding, ACT_VIEW);
	ask.n = n;
	for (size_t i = 0; i < n; i++)
		ask.records[i] = *rec;
	return rig_call(r, MESSAGE_OPEN, &ask, &to);
}

static void
test_no_way_past_the_limit(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec, other;
	struct authority_row row = rig_row(r, AUTHORITY_HOLDING, 0x3002);
	row.holding.section = RIG_SECTION;
	assert_true(rig_put(r, RIG_MANAGER, &row));
	row = rig_grant(r, 0x4002, RIG_CLERK, 0x3002,
	    ACT_BIT(ACT_VIEW) | ACT_BIT(ACT_CREATE));
	assert_true(rig_put(r, RIG_MANAGER, &row));
	/* a second account of the same person, by two others */
	row = rig_row(r, AUTHORITY_CREDENTIAL, 0x999);
	row.credential.account = 0x999;
	row.credential.person = RIG_CLERK;
	struct put_ask put = {
	    .session = *rig_session(r, RIG_REGISTRAR),
	    .capacity = rig_capacity(RIG_REGISTRAR),
	    .password = SLICE("another password"),
	};
	assert_true(rig_put_ask(r, &put, &row, true));

	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	assert_true(rig_create(r, RIG_CLERK, 0x3002, 2, key, &other));
	assert_true(open_many(r, &rec, 64, RIG_HOLDING));
	assert_false(open_many(r, &rec, 37, RIG_HOLDING));
	assert_int_equal(r->code, ANSWER_LIMIT);
	assert_true(open_many(r, &rec, 36, RIG_HOLDING));
	assert_false(open_many(r, &rec, 1, RIG_HOLDING));
	assert_int_equal(r->code, ANSWER_LIMIT);
	/* another holding, another session, another keeper process */
	assert_false(open_many(r, &other, 1, 0x3002));
	assert_int_equal(r->code, ANSWER_LIMIT);
	assert_true(rig_logon(r, RIG_CLERK));
	assert_false(open_many(r, &rec, 1, RIG_HOLDING));
	rig_kill(r);
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	assert_true(rig_logon(r, RIG_CLERK));
	assert_false(open_many(r, &rec, 1, RIG_HOLDING));
	assert_int_equal(r->code, ANSWER_LIMIT);
	/* within the window it does not come back, after it it does */
	for (unsigned i = 0; i < 3; i++) {
		rig_wait(r, 20 * MINUTE_US - 1);
		assert_false(open_many(r, &rec, 1, RIG_HOLDING));
	}
	rig_wait(r, 4 * MINUTE_US);
	assert_true(open_many(r, &rec, 64, RIG_HOLDING));
}

static void
test_permit_raises_the_limit(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	assert_true(open_many(r, &rec, 64, RIG_HOLDING));
	assert_true(open_many(r, &rec, 36, RIG_HOLDING));
	struct authority_row row = rig_row(r, AUTHORITY_PERMIT, 0x5000);
	row.permit.account = rig_account(RIG_CLERK);
	row.permit.count = 10;
	struct put_ask ask = {
	    .session = *rig_session(r, RIG_MANAGER),
	    .capacity = rig_capacity(RIG_MANAGER),
	};
	assert_true(rig_put_ask(r, &ask, &row, true));
	/* one person is not enough */
	assert_false(open_many(r, &rec, 1, RIG_HOLDING));
	struct rig_row *stored = &r->rows[r->n_rows - 1];
	assert_true(
	    authority_row_read((struct slice){stored->bytes, stored->n}, &row));
	assert_true(row.head.flags & AUTHORITY_PENDING);
	/* the same office is not another */
	ask.is_confirming = true;
	ask.session = *rig_session(r, RIG_MANAGER_2);
	ask.capacity = rig_capacity(RIG_MANAGER_2);
	assert_false(rig_put_ask(r, &ask, &row, true));
	assert_int_equal(r->code, ANSWER_SAME_PERSON);
	ask.session = *rig_session(r, RIG_CHIEF);
	ask.capacity = rig_capacity(RIG_CHIEF);
	row.permit.count = 1000; /* something else than was put first */
	assert_false(rig_put_ask(r, &ask, &row, true));
	assert_int_equal(r->code, ANSWER_STALE);
	row.permit.count = 10;
	assert_true(rig_put_ask(r, &ask, &row, true));
	assert_true(open_many(r, &rec, 6, RIG_HOLDING));
	/* what was used stays used, whatever restarts */
	rig_restart(r);
	assert_false(open_many(r, &rec, 5, RIG_HOLDING));
	assert_true(open_many(r, &rec, 4, RIG_HOLDING));
	assert_false(open_many(r, &rec, 1, RIG_HOLDING));
	assert_int_equal(r->code, ANSWER_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RIG_TEST(test_no_way_past_the_limit),
	    RIG_TEST(test_permit_raises_the_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
