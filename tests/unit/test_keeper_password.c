/*
 * Goal of this test: a password that is too old serves only to set another,
 * and that is none of the account's last ones; whatever the server says.
 */
#include "keeper_case.h"

static bool
logon(struct rig *r, struct slice password, struct session_answer *to)
{
	struct logon_ask ask = {
	    .body = RIG_BODY,
	    .account = rig_account(RIG_CLERK),
	    .source = 0x79,
	    .password = password,
	};
	return rig_call(r, MESSAGE_LOGON, &ask, to);
}

/* The clerk's own, from one to another. */
static bool
change(struct rig *r, const struct session_id *session, uint32_t version,
    struct slice from, struct slice to)
{
	struct authority_row row =
	    rig_row(r, AUTHORITY_CREDENTIAL, rig_account(RIG_CLERK));
	struct put_ask ask = {
	    .session = *session,
	    .old_password = from,
	    .password = to,
	};
	/* what the server says of its age is not looked at */
	row.credential.set_at = r->now + 1000 * DAY_US;
	row.credential.account = rig_account(RIG_CLERK);
	row.credential.person = RIG_CLERK;
	row.head.version = version;
	row.head.from = INT64_C(1790902800) * SECOND_US - DAY_US;
	row.head.until = row.head.from + 366 * DAY_US;
	return rig_put_ask(r, &ask, &row, true);
}

static void
test_last_passwords_are_refused(void **state)
{
	struct rig *r = *state;
	const struct session_id *s = rig_session(r, RIG_CLERK);
	const struct slice first = rig_password(RIG_CLERK);
	const struct slice second = SLICE("the second password");
	const struct slice third = SLICE("the third password");
	assert_false(change(r, s, 2, first, first));
	assert_int_equal(r->code, ANSWER_REUSED);
	assert_true(change(r, s, 2, first, second));
	assert_false(change(r, s, 3, second, first));
	assert_int_equal(r->code, ANSWER_REUSED);
	assert_true(change(r, s, 3, second, third));
	assert_false(change(r, s, 4, third, first));
	assert_int_equal(r->code, ANSWER_REUSED);
	/* the row remembers it, not the process */
	rig_kill(r);
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	struct session_answer to;
	assert_true(logon(r, third, &to));
	assert_false(change(r, &to.session, 4, third, second));
	assert_int_equal(r->code, ANSWER_REUSED);
	assert_true(change(r, &to.session, 4, third, SLICE("yet another one")));
	/* two before the present one, no more */
	assert_true(change(r, &to.session, 5, SLICE("yet another one"), first));
	assert_true(logon(r, first, &to));
}

static void
test_an_old_password_serves_to_set_another(void **state)
{
	struct rig *r = *state;
	struct session_answer to;
	static struct open_ask ask;
	static struct open_answer opened;
	uint8_t key[32];
	const struct slice first = rig_password(RIG_CLERK);
	const struct slice second = SLICE("the second password");
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key,
	    &ask.records[0]));
	ask.n = 1;
	ask.intent = rig_intent(r, RIG_CLERK, RIG_HOLDING, ACT_VIEW);
	rig_wait(r, RIG_PASSWORD_DAYS * DAY_US - HOUR_US);
	assert_true(logon(r, first, &to));
	assert_false(to.must_change);
	rig_wait(r, HOUR_US);
	assert_true(logon(r, first, &to));
	assert_true(to.must_change);
	ask.intent.session = to.session;
	assert_false(rig_call(r, MESSAGE_OPEN, &ask, &opened));
	assert_int_equal(r->code, ANSWER_MUST_CHANGE);
	assert_false(change(r, &to.session, 2, first, first));
	assert_int_equal(r->code, ANSWER_REUSED);
	assert_true(change(r, &to.session, 2, first, second));
	assert_true(rig_call(r, MESSAGE_OPEN, &ask, &opened));
	assert_true(logon(r, second, &to));
	assert_false(to.must_change);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RIG_TEST(test_last_passwords_are_refused),
	    RIG_TEST(test_an_old_password_serves_to_set_another),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
