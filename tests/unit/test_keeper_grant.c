/*
 * Goal of this test: a taken-over server gets a key only as a grant says: its
 * holding, acts, hours, terminals and office, in the appointment that it was
 * given to, and with a code where the holding demands one.
 */
#include <string.h>

#include "crypto/totp.h"
#include "keeper_case.h"

static const uint8_t code_secret[TOTP_SECRET_BYTES] = "a secret of 20 byte";

static void
test_no_holding_without_grant(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	static struct open_ask ask;
	static struct open_answer to;
	struct message_record rec;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	assert_false(rig_view(r, RIG_MANAGER, RIG_HOLDING, &rec, key));
	assert_int_equal(r->code, ANSWER_NO_GRANT);
	assert_refused(r, &rec, 0x9999, ANSWER_NO_GRANT);

	ask.n = 1;
	ask.records[0] = rec;
	ask.intent = rig_intent(r, RIG_CLERK, RIG_HOLDING, ACT_PRINT);
	assert_false(rig_call(r, MESSAGE_OPEN, &ask, &to));
	assert_int_equal(r->code, ANSWER_BEYOND_GRANT);
	ask.intent = rig_intent(r, RIG_CLERK, RIG_HOLDING, ACT_VIEW);
	ask.intent.capacity = rig_capacity(RIG_MANAGER);
	assert_false(rig_call(r, MESSAGE_OPEN, &ask, &to));
	assert_int_equal(r->code, ANSWER_NO_CAPACITY);
	ask.intent = rig_intent(r, RIG_CLERK, RIG_HOLDING, ACT_VIEW);
	ask.intent.session.p[3] ^= 1;
	assert_false(rig_call(r, MESSAGE_OPEN, &ask, &to));
	assert_int_equal(r->code, ANSWER_NO_SESSION);

	/* the grant ends: from that moment on nothing */
	struct authority_row row =
	    rig_grant(r, 0x4000, RIG_CLERK, RIG_HOLDING, ACT_BIT(ACT_VIEW));
	row.head.version = 2;
	row.head.until = r->now;
	assert_true(rig_put(r, RIG_MANAGER, &row));
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_NO_GRANT);
}

/* Goal of this test: to another organ nothing passes but as a provision. */
static void
test_provision_to_another_organ(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	/* the manager's organ is 0: a holding of another one is not theirs */
	struct authority_row row = rig_row(r, AUTHORITY_HOLDING, 0x3009);
	row.holding.section = RIG_SECTION;
	row.holding.organ = 0x77;
	assert_false(rig_put(r, RIG_MANAGER, &row));
	assert_int_equal(r->code, ANSWER_BAD_ROW);

	/* somebody of another organ */
	row = rig_row(r, AUTHORITY_APPOINTMENT, 0x5009);
	row.appointment.person = RIG_CLERK;
	row.appointment.section = RIG_OTHER_SECTION;
	row.appointment.organ = 0x77;
	assert_true(authority_text_set(&row.appointment.office,
	    SLICE("staff")));
	assert_true(rig_put(r, RIG_REGISTRAR, &row));
	struct authority_row grant = rig_grant(r, 0x4010, RIG_CLERK,
	    RIG_HOLDING, ACT_BIT(ACT_VIEW));
	grant.grant.capacity = 0x5009;
	assert_false(rig_put(r, RIG_MANAGER, &grant));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	/* by office it may stand, and opens nothing over there */
	struct authority_row office =
	    rig_grant(r, 0x4011, 0, RIG_HOLDING, ACT_BIT(ACT_VIEW));
	assert_true(authority_text_set(&office.grant.office, SLICE("staff")));
	assert_true(rig_put(r, RIG_MANAGER, &office));
	static struct open_ask ask;
	static struct open_answer to;
	ask.n = 1;
	ask.records[0] = rec;
	ask.intent = rig_intent(r, RIG_CLERK, RIG_HOLDING, ACT_VIEW);
	ask.intent.capacity = 0x5009;
	assert_false(rig_call(r, MESSAGE_OPEN, &ask, &to));
	assert_int_equal(r->code, ANSWER_NO_GRANT);
	/* a ground without a paper, one that is no key; then a provision */
	grant.grant.flags = GRANT_PROVISION;
	assert_true(authority_text_set(&grant.grant.ground, SLICE("law")));
	assert_false(rig_put(r, RIG_MANAGER, &grant));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	struct put_ask put = {.capacity = rig_capacity(RIG_MANAGER),
	    .session = *rig_session(r, RIG_MANAGER),
	    .reference = SLICE("R8-0001")};
	assert_true(authority_text_set(&grant.grant.ground, SLICE("\"x")));
	assert_false(rig_put_ask(r, &put, &grant, true));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	assert_true(authority_text_set(&grant.grant.ground, SLICE("law")));
	assert_true(rig_put_ask(r, &put, &grant, true));
	assert_true(rig_call(r, MESSAGE_OPEN, &ask, &to));
	/* its ground stays what it was; it may be ended without a paper */
	grant.head.version = 2;
	assert_true(authority_text_set(&grant.grant.ground, SLICE("consent")));
	assert_false(rig_put_ask(r, &put, &grant, true));
	assert_true(authority_text_set(&grant.grant.ground, SLICE("law")));
	grant.head.until = r->now;
	assert_true(rig_put(r, RIG_MANAGER, &grant));
	assert_false(rig_call(r, MESSAGE_OPEN, &ask, &to));
}

static void
test_grant_hours_office_terminal(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	struct authority_row row =
	    rig_grant(r, 0x4000, RIG_CLERK, RIG_HOLDING, ACT_BIT(ACT_VIEW));
	row.head.version = 2;
	row.grant.weekdays = 0x3e; /* Monday to Friday */
	row.grant.from_minute = 8 * 60 + 30;
	row.grant.to_minute = 10 * 60 + 10;
	assert_true(rig_put(r, RIG_MANAGER, &row));
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &rec, key));
	rig_wait(r, 10 * MINUTE_US - 1);
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &rec, key));
	rig_wait(r, 1);
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_BEYOND_GRANT);
	/* only on another day */
	row.head.version = 3;
	row.grant.weekdays = 0;
	row.grant.from_minute = row.grant.to_minute = 0;
	row.grant.flags = GRANT_SURGE;
	row.grant.n_days = 1;
	row.grant.days[0] = (int32_t)((r->now + 9 * HOUR_US) / DAY_US) + 1;
	assert_true(rig_put(r, RIG_MANAGER, &row));
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_BEYOND_GRANT);
	row.head.version = 4;
	row.grant.days[0]--;
	row.grant.n_terminals = 1;
	row.grant.terminals[0] = 0x55;
	assert_true(rig_put(r, RIG_MANAGER, &row));
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_BEYOND_GRANT);
	/* by office: anybody who holds it, in that section */
	row = rig_grant(r, 0x4009, 0, RIG_HOLDING, ACT_BIT(ACT_VIEW));
	assert_true(authority_text_set(&row.grant.office, SLICE("staff")));
	row.grant.section = RIG_OTHER_SECTION;
	assert_true(rig_put(r, RIG_MANAGER, &row));
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_BEYOND_GRANT);
	row.head.id = 0x400a;
	row.grant.section = RIG_SECTION;
	assert_true(rig_put(r, RIG_MANAGER, &row));
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &rec, key));
}

/* The clerk logs on as the server says from which terminal. */
static void
log_on_at(struct rig *r, uint64_t terminal)
{
	const struct logon_ask ask = {
	    .body = RIG_BODY,
	    .account = rig_account(RIG_CLERK),
	    .source = 0x77,
	    .terminal = terminal,
	    .password = rig_password(RIG_CLERK),
	};
	struct session_answer to;
	assert_true(rig_call(r, MESSAGE_LOGON, &ask, &to));
	*rig_session(r, RIG_CLERK) = to.session;
}

/* Of its own section or the owner's, and only while the terminal's row is. */
static void
test_terminals_only(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	struct authority_row h = rig_row(r, AUTHORITY_HOLDING, RIG_HOLDING);
	h.head.version = 2;
	h.holding.section = RIG_SECTION;
	h.holding.flags = HOLDING_TERMINALS_ONLY;
	assert_true(rig_put(r, RIG_MANAGER, &h));
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_BEYOND_GRANT);
	struct authority_row t = rig_row(r, AUTHORITY_TERMINAL, 0x55);
	t.terminal.section = RIG_OTHER_SECTION;
	assert_true(rig_put(r, RIG_OPERATOR, &t));
	log_on_at(r, 0x55);
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_BEYOND_GRANT);
	t.head.id = 0x56;
	t.terminal.section = RIG_SECTION;
	assert_true(rig_put(r, RIG_OPERATOR, &t));
	log_on_at(r, 0x56);
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &rec, key));
	/* its period runs out under a session that goes on */
	t.head.version = 2;
	t.head.until = r->now + MINUTE_US;
	assert_true(rig_put(r, RIG_OPERATOR, &t));
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_NO_SESSION);
	log_on_at(r, 0x56);
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &rec, key));
	rig_wait(r, MINUTE_US);
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_BEYOND_GRANT);
}

/* The clerk's view in any capacity that a taken-over server names. */
static enum answer
view_in(struct rig *r, uint64_t capacity, const struct message_record *rec)
{
	static struct open_answer to;
	struct open_ask ask = {
	    .intent = rig_intent(r, RIG_CLERK, RIG_HOLDING, ACT_VIEW),
	    .n = 1,
	};
	ask.intent.capacity = capacity;
	ask.records[0] = *rec;
	(void)!rig_call(r, MESSAGE_OPEN, &ask, &to);
	return r->code;
}

/* An appointment of the clerk, as staff of the other section. */
static struct authority_row
appoint_besides(struct rig *r, uint64_t id)
{
	struct authority_row row = rig_row(r, AUTHORITY_APPOINTMENT, id);
	row.appointment.person = RIG_CLERK;
	row.appointment.section = RIG_OTHER_SECTION;
	assert_true(
	    authority_text_set(&row.appointment.office, SLICE("staff")));
	assert_true(rig_put(r, RIG_REGISTRAR, &row));
	return row;
}

/* The next version, which ends now. */
static void
end_appointment(struct rig *r, struct authority_row *row)
{
	row->head.version++;
	row->head.until = r->now;
	assert_true(rig_put(r, RIG_REGISTRAR, row));
}

/* Nobody asks the guard here: the keeper alone binds grant and appointment. */
static void
test_grant_to_person_ends_with_the_appointment(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec;
	const uint64_t own = rig_capacity(RIG_CLERK), besides = 0x5001;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	(void)appoint_besides(r, besides);
	assert_int_equal(view_in(r, own, &rec), ANSWER_OK);
	assert_int_equal(view_in(r, besides, &rec), ANSWER_NO_GRANT);

	/* the transfer: the grant still stands, its appointment does not */
	struct authority_row row = rig_row(r, AUTHORITY_APPOINTMENT, own);
	row.appointment.person = RIG_CLERK;
	row.appointment.section = RIG_SECTION;
	assert_true(
	    authority_text_set(&row.appointment.office, SLICE("staff")));
	end_appointment(r, &row);
	assert_int_equal(view_in(r, own, &rec), ANSWER_NO_CAPACITY);
	assert_int_equal(view_in(r, besides, &rec), ANSWER_NO_GRANT);
	rig_restart(r);
	assert_int_equal(view_in(r, own, &rec), ANSWER_NO_CAPACITY);
	assert_int_equal(view_in(r, besides, &rec), ANSWER_NO_GRANT);
}

static void
test_grant_to_office_ends_with_the_appointment(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec;
	const uint64_t besides = 0x5001;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	struct authority_row row = appoint_besides(r, besides);
	struct authority_row grant =
	    rig_grant(r, 0x4009, 0, RIG_HOLDING, ACT_BIT(ACT_VIEW));
	assert_true(authority_text_set(&grant.grant.office, SLICE("manager")));
	assert_true(rig_put(r, RIG_MANAGER, &grant));
	assert_int_equal(view_in(r, besides, &rec), ANSWER_NO_GRANT);
	grant.head.id = 0x400a;
	assert_true(authority_text_set(&grant.grant.office, SLICE("staff")));
	grant.grant.section = RIG_SECTION; /* not of this appointment */
	assert_true(rig_put(r, RIG_MANAGER, &grant));
	assert_int_equal(view_in(r, besides, &rec), ANSWER_NO_GRANT);
	grant.head.id = 0x400b;
	grant.grant.section = RIG_OTHER_SECTION;
	assert_true(rig_put(r, RIG_MANAGER, &grant));
	assert_int_equal(view_in(r, besides, &rec), ANSWER_OK);
	/* another's appointment of that office, or none, opens nothing */
	assert_int_equal(
	    view_in(r, rig_capacity(RIG_MANAGER_2), &rec), ANSWER_NO_CAPACITY);
	assert_int_equal(view_in(r, 0, &rec), ANSWER_NO_CAPACITY);
	end_appointment(r, &row);
	assert_int_equal(view_in(r, besides, &rec), ANSWER_NO_CAPACITY);
}

/* Sets up one-time codes for the clerk, by the clerk. */
static void
set_code(struct rig *r)
{
	char code[TOTP_DIGITS + 1];
	struct authority_row row =
	    rig_row(r, AUTHORITY_CREDENTIAL, rig_account(RIG_CLERK));
	totp_code(code_secret, r->now, code);
	row.head.version = 2;
	row.credential.account = rig_account(RIG_CLERK);
	row.credential.person = RIG_CLERK;
	struct put_ask ask = {
	    .session = *rig_session(r, RIG_CLERK),
	    .old_password = rig_password(RIG_CLERK),
	    .code_secret = slice_bytes(code_secret, sizeof(code_secret)),
	    .code = {code, TOTP_DIGITS},
	};
	assert_true(rig_put_ask(r, &ask, &row, true));
}

static bool
step_up(struct rig *r, instant at)
{
	char code[TOTP_DIGITS + 1];
	struct session_answer to;
	totp_code(code_secret, at, code);
	struct step_up_ask ask = {
	    .session = *rig_session(r, RIG_CLERK),
	    .code = {code, TOTP_DIGITS},
	};
	return rig_call(r, MESSAGE_STEP_UP, &ask, &to);
}

static void
test_second_factor(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec;
	assert_false(rig_create(r, RIG_CLERK, RIG_HIGH_HOLDING, 1, key, &rec));
	assert_int_equal(r->code, ANSWER_NEEDS_FACTOR);
	assert_false(step_up(r, r->now)); /* none is set up */
	assert_int_equal(r->code, ANSWER_BAD_PROOF);
	set_code(r);
	assert_true(step_up(r, r->now));
	assert_true(rig_create(r, RIG_CLERK, RIG_HIGH_HOLDING, 1, key, &rec));
	assert_true(rig_view(r, RIG_CLERK, RIG_HIGH_HOLDING, &rec, key));

	/* after the shorter idle time the code no longer counts */
	rig_wait(r, 10 * MINUTE_US);
	assert_refused(r, &rec, RIG_HIGH_HOLDING, ANSWER_NEEDS_FACTOR);
	assert_true(step_up(r, r->now));
	assert_true(rig_view(r, RIG_CLERK, RIG_HIGH_HOLDING, &rec, key));
}

static void
test_code_is_used_once(void **state)
{
	struct rig *r = *state;
	set_code(r);
	instant used = r->now;
	assert_true(step_up(r, used));
	assert_false(step_up(r, used)); /* the same again */
	assert_int_equal(r->code, ANSWER_BAD_PROOF);
	/* and neither after a restart */
	rig_kill(r);
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	assert_true(rig_logon(r, RIG_CLERK));
	assert_false(step_up(r, used));
	assert_int_equal(r->code, ANSWER_BAD_PROOF);
	rig_wait(r, 30 * SECOND_US);
	assert_true(step_up(r, r->now));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RIG_TEST(test_no_holding_without_grant),
	    RIG_TEST(test_provision_to_another_organ),
	    RIG_TEST(test_grant_hours_office_terminal),
	    RIG_TEST(test_terminals_only),
	    RIG_TEST(test_grant_to_person_ends_with_the_appointment),
	    RIG_TEST(test_grant_to_office_ends_with_the_appointment),
	    RIG_TEST(test_second_factor),
	    RIG_TEST(test_code_is_used_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
