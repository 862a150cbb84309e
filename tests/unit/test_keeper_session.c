/*
 * Goal of this test: log-ons cannot be guessed, sessions end when they must,
 * and nobody can lock out another from elsewhere.
 */
#include <poll.h>
#include <string.h>

#include "base/must.h"
#include "keeper_case.h"

static bool
logon(struct rig *r, uint64_t account, uint64_t source, struct slice password)
{
	struct logon_ask ask = {
	    .body = RIG_BODY,
	    .account = account,
	    .source = source,
	    .password = password,
	};
	struct session_answer to;
	return rig_call(r, MESSAGE_LOGON, &ask, &to);
}

static bool
touch(struct rig *r, enum rig_person p)
{
	struct session_answer to;
	return rig_call(r, MESSAGE_TOUCH,
	    &(struct touch_ask){*rig_session(r, p)}, &to);
}

static void
test_failures_wait_by_source(void **state)
{
	struct rig *r = *state;
	uint64_t account = rig_account(RIG_CLERK);
	for (unsigned i = 0; i < 3; i++) {
		assert_false(logon(r, account, 1, SLICE("wrong")));
		assert_int_equal(r->code, ANSWER_BAD_PROOF);
	}
	/* not even with the right one */
	assert_false(logon(r, account, 1, rig_password(RIG_CLERK)));
	assert_int_equal(r->code, ANSWER_SLOW_DOWN);
	assert_true(logon(r, account, 2, rig_password(RIG_CLERK)));
	/* a restart does not wipe it out */
	rig_kill(r);
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	assert_false(logon(r, account, 1, rig_password(RIG_CLERK)));
	assert_int_equal(r->code, ANSWER_SLOW_DOWN);
	rig_wait(r, 15 * MINUTE_US);
	assert_true(logon(r, account, 1, rig_password(RIG_CLERK)));
	/* forgiven: three more are free again */
	for (unsigned i = 0; i < 3; i++) {
		assert_false(logon(r, account, 1, SLICE("wrong")));
		assert_int_equal(r->code, ANSWER_BAD_PROOF);
	}
	assert_false(logon(r, 0xdead, 1, SLICE("nobody")));
	assert_int_equal(r->code, ANSWER_BAD_PROOF);
}

static unsigned burst_codes[ANSWERS_END];

static void
count_code(struct keeper_call *call, enum answer code, struct slice content)
{
	(void)call;
	(void)content;
	burst_codes[code]++;
}

/* Fifty guesses at once: three are looked at. */
static void
test_burst_is_charged_first(void **state)
{
	struct rig *r = *state;
	static struct keeper_call calls[50];
	struct err err;
	struct logon_ask ask = {
	    .body = RIG_BODY,
	    .account = rig_account(RIG_CLERK),
	    .source = 9,
	    .password = SLICE("guess"),
	};
	memset(burst_codes, 0, sizeof(burst_codes));
	for (size_t i = 0; i < 50; i++) {
		calls[i] = (struct keeper_call){.done = count_code};
		assert_true(channel_send(r->ch, &calls[i], MESSAGE_LOGON, &ask,
		    &err));
	}
	while (channel_pending(r->ch) > 0) {
		struct pollfd p = {channel_fd(r->ch), POLLIN, 0};
		assert_true(channel_flush(r->ch, &err));
		(void)poll(&p, 1, -1);
		assert_true(channel_poll(r->ch, &err));
	}
	assert_int_equal(burst_codes[ANSWER_BAD_PROOF], 3);
	assert_int_equal(burst_codes[ANSWER_SLOW_DOWN], 47);
}

static void
test_idle_and_longest_time(void **state)
{
	struct rig *r = *state;
	rig_wait(r, 30 * MINUTE_US - 1);
	assert_true(touch(r, RIG_CLERK));
	rig_wait(r, 30 * MINUTE_US - 1);
	assert_true(touch(r, RIG_CLERK));
	assert_false(touch(r, RIG_MANAGER)); /* not seen for an hour */
	assert_int_equal(r->code, ANSWER_NO_SESSION);
	for (unsigned i = 0; i < 36; i++) {
		rig_wait(r, 15 * MINUTE_US);
		assert_true(touch(r, RIG_CLERK));
	}
	rig_wait(r, 2);
	assert_false(touch(r, RIG_CLERK)); /* ten hours */
	assert_int_equal(r->code, ANSWER_NO_SESSION);
}

static void
test_logoff(void **state)
{
	struct rig *r = *state;
	struct none_answer none;
	struct touch_ask ask = {*rig_session(r, RIG_CLERK)};
	assert_true(rig_call(r, MESSAGE_LOGOFF, &ask, &none));
	assert_false(touch(r, RIG_CLERK));
	assert_false(rig_call(r, MESSAGE_LOGOFF, &ask, &none));
	assert_int_equal(r->code, ANSWER_NO_SESSION);
}

/* An account keeps its sixteen newest sessions. */
static void
test_sessions_of_an_account(void **state)
{
	struct rig *r = *state;
	struct session_id first = *rig_session(r, RIG_CLERK);
	for (unsigned i = 0; i < 15; i++) {
		rig_wait(r, 1);
		assert_true(rig_logon(r, RIG_CLERK));
	}
	assert_true(touch(r, RIG_CLERK));
	struct session_id last = *rig_session(r, RIG_CLERK);
	*rig_session(r, RIG_CLERK) = first;
	rig_wait(r, 1);
	assert_true(touch(r, RIG_CLERK));
	for (unsigned i = 0; i < 16; i++) {
		rig_wait(r, 1);
		assert_true(rig_logon(r, RIG_CLERK));
	}
	*rig_session(r, RIG_CLERK) = first;
	assert_false(touch(r, RIG_CLERK));
	*rig_session(r, RIG_CLERK) = last;
	assert_false(touch(r, RIG_CLERK));
}

/* The clock never goes back, whatever the script says. */
static void
test_clock_goes_on_only(void **state)
{
	struct rig *r = *state;
	struct none_answer none;
	struct status_answer to;
	rig_wait(r, HOUR_US);
	assert_true(rig_call(r, MESSAGE_CLOCK,
	    &(struct clock_ask){r->now - DAY_US}, &none));
	assert_true(
	    rig_call(r, MESSAGE_STATUS, &(struct status_ask){0}, &to));
	assert_int_equal(to.now, r->now);
	/* nor by setting the machine's clock back before a start */
	instant last = r->now;
	assert_true(rig_logon(r, RIG_CLERK));
	rig_stop(r);
	r->now -= 30 * DAY_US;
	assert_true(rig_start(r));
	assert_true(
	    rig_call(r, MESSAGE_STATUS, &(struct status_ask){0}, &to));
	assert_int_equal(to.now, last);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RIG_TEST(test_failures_wait_by_source),
	    RIG_TEST(test_burst_is_charged_first),
	    RIG_TEST(test_idle_and_longest_time),
	    RIG_TEST(test_logoff),
	    RIG_TEST(test_sessions_of_an_account),
	    RIG_TEST(test_clock_goes_on_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
