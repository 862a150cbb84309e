/*
 * Goal of this test: whoever writes SQL, or sets the database or the
 * keeper's files back, gains nothing; and what needs two persons cannot be
 * done by one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper_case.h"

static enum answer
load_one(struct rig *r, struct slice row, uint64_t entry, const uint8_t *mac)
{
	struct authority_stored s = {.row = row, .entry = entry};
	struct authority_rows ask = {.n = 1, .rows = &s};
	static struct load_answer to;
	memcpy(s.mac, mac, sizeof(s.mac));
	assert_true(rig_call(r, MESSAGE_AUTHORITY_LOAD, &ask, &to));
	return to.verdicts[0];
}

/* The stored row of a kind and id. */
static struct rig_row *
stored(struct rig *r, enum authority_kind kind, uint64_t id)
{
	struct authority_row row;
	for (size_t i = 0; i < r->n_rows; i++) {
		assert_true(authority_row_read(
		    (struct slice){r->rows[i].bytes, r->rows[i].n}, &row));
		if (row.head.kind == kind && row.head.id == id)
			return &r->rows[i];
	}
	fail();
	return NULL;
}

/* Grant, password, appointment, permit: made of nothing, or altered. */
static void
test_row_written_by_sql_is_refused(void **state)
{
	struct rig *r = *state;
	static const uint8_t no_mac[AUTHORITY_MAC_BYTES];
	struct authority_row rows[4] = {
	    rig_grant(r, 0x7000, RIG_CLERK, RIG_HIGH_HOLDING,
		ACT_BIT(ACT_VIEW)),
	    rig_row(r, AUTHORITY_CREDENTIAL, 0x7001),
	    rig_row(r, AUTHORITY_APPOINTMENT, 0x7002),
	    rig_row(r, AUTHORITY_PERMIT, 0x7003),
	};
	rows[1].credential.account = 0x7001;
	rows[1].credential.person = RIG_CLERK;
	rows[2].appointment.person = RIG_CLERK;
	rows[2].appointment.rights = RIGHT_BIT(RIGHT_APPOINT);
	assert_true(
	    authority_text_set(&rows[2].appointment.office, SLICE("head")));
	rows[3].permit.account = rig_account(RIG_CLERK);
	rows[3].permit.count = 1000000;
	rig_stop(r);
	assert_true(rig_start(r));
	for (size_t i = 0; i < 4; i++) {
		struct buf b = buf_of(AUTHORITY_ROW_MAX_BYTES);
		struct slice s;
		authority_row_write(&b, &rows[i]);
		assert_true(buf_finish(&b, &s, NULL));
		assert_int_equal(load_one(r, s, 1, no_mac), ANSWER_FORGED);
		/* with a mac of another row */
		assert_int_equal(
		    load_one(r, s, r->rows[0].entry, r->rows[0].mac),
		    ANSWER_FORGED);
		buf_close(&b);
	}
	/* one bit of a true one */
	for (size_t i = 0; i < r->n_rows; i++) {
		struct rig_row t = r->rows[i];
		t.bytes[t.n - 1] ^= 1;
		assert_int_equal(load_one(r, (struct slice){t.bytes, t.n},
				     t.entry, t.mac),
		    ANSWER_FORGED);
		t = r->rows[i];
		assert_int_equal(load_one(r, (struct slice){t.bytes, t.n},
				     t.entry + 1, t.mac),
		    ANSWER_FORGED);
	}
	/* what does not verify does not exist; the rest serves */
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	assert_true(rig_logon(r, RIG_CLERK));
	struct append_ask ask = {.session = *rig_session(r, RIG_CLERK),
	    .capacity = 0x7002, .verb = SLICE("test")};
	struct entry_answer to;
	assert_false(rig_call(r, MESSAGE_APPEND, &ask, &to));
	assert_int_equal(r->code, ANSWER_NO_CAPACITY);
}

static void
assert_refusing(struct rig *r)
{
	struct status_answer to;
	assert_true(
	    rig_call(r, MESSAGE_STATUS, &(struct status_ask){0}, &to));
	assert_int_equal(to.state, KEEPER_REFUSING);
	assert_true(to.reason.n > 0);
	/* nobody can even log on; the channel stays for STATUS */
	assert_false(rig_logon(r, RIG_CLERK));
	assert_int_equal(r->code, ANSWER_REFUSING);
	assert_true(
	    rig_call(r, MESSAGE_STATUS, &(struct status_ask){0}, &to));
}

static void
test_missing_row_is_a_rollback(void **state)
{
	struct rig *r = *state;
	rig_stop(r);
	r->n_rows--;
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_REFUSING);
	assert_refusing(r);
}

/* A grant was ended; the database from before that comes back. */
static void
test_older_set_is_refused(void **state)
{
	struct rig *r = *state;
	struct rig_row before = *stored(r, AUTHORITY_GRANT, 0x4000);
	struct authority_row row = rig_grant(r, 0x4000, RIG_CLERK,
	    RIG_HOLDING, ACT_BIT(ACT_VIEW));
	row.head.version = 2;
	row.head.until = r->now;
	assert_true(rig_put(r, RIG_MANAGER, &row));
	*stored(r, AUTHORITY_GRANT, 0x4000) = before;
	rig_stop(r);
	assert_true(rig_start(r));
	assert_int_equal(load_one(r, (struct slice){before.bytes, before.n},
			     before.entry, before.mac),
	    ANSWER_STALE);
	assert_int_equal(rig_load(r), KEEPER_REFUSING);
	assert_refusing(r);
}

/* The keeper's own file comes back from before: the ledger knows better. */
static void
test_older_authority_file_is_refused(void **state)
{
	struct rig *r = *state;
	char command[512];
	(void)snprintf(command, sizeof(command),
	    "cp %s/authority %s/authority.old", r->keeper, r->dir);
	assert_int_equal(system(command), 0);
	struct authority_row row = rig_grant(r, 0x4000, RIG_CLERK,
	    RIG_HOLDING, ACT_BIT(ACT_VIEW));
	row.head.version = 2;
	row.head.until = r->now;
	assert_true(rig_put(r, RIG_MANAGER, &row));
	rig_stop(r);
	(void)snprintf(command, sizeof(command),
	    "cp %s/authority.old %s/authority", r->dir, r->keeper);
	assert_int_equal(system(command), 0);
	assert_true(rig_start(r));
	assert_refusing(r);
}

/* The whole keeper comes back from before: the database knows better. */
static void
test_older_keeper_is_refused(void **state)
{
	struct rig *r = *state;
	char command[512];
	rig_stop(r);
	(void)snprintf(command, sizeof(command), "cp -r %s %s/old", r->keeper,
	    r->dir);
	assert_int_equal(system(command), 0);
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	assert_true(rig_logon(r, RIG_MANAGER));
	struct authority_row row = rig_grant(r, 0x4000, RIG_CLERK,
	    RIG_HOLDING, ACT_BIT(ACT_VIEW));
	row.head.version = 2;
	assert_true(rig_put(r, RIG_MANAGER, &row));
	rig_stop(r);
	(void)snprintf(command, sizeof(command), "rm -r %s && cp -r %s/old %s",
	    r->keeper, r->dir, r->keeper);
	assert_int_equal(system(command), 0);
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_REFUSING);
	assert_refusing(r);
}

/* The answer was sent, the database's commit never came. */
static void
test_unacknowledged_row_is_healed(void **state)
{
	struct rig *r = *state;
	size_t before = r->n_rows;
	struct authority_row row = rig_grant(r, 0x4010, RIG_MANAGER,
	    RIG_HOLDING, ACT_BIT(ACT_VIEW));
	struct put_ask ask = {
	    .session = *rig_session(r, RIG_MANAGER),
	    .capacity = rig_capacity(RIG_MANAGER),
	};
	assert_true(rig_put_ask(r, &ask, &row, false));
	assert_int_equal(r->n_rows, before);
	rig_kill(r);
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	assert_int_equal(r->n_rows, before + 1);
	assert_true(rig_logon(r, RIG_MANAGER));
	/* acknowledged now: it may not be missing again */
	rig_stop(r);
	r->n_rows = before;
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_REFUSING);
}

/* Whoever may grant on a holding may give it away; then it is not theirs. */
static void
test_a_holding_moves(void **state)
{
	struct rig *r = *state;
	struct authority_row row = rig_row(r, AUTHORITY_HOLDING, RIG_HOLDING);
	row.head.version = 2;
	row.holding.section = RIG_OTHER_SECTION;
	assert_false(rig_put(r, RIG_CLERK, &row));
	assert_int_equal(r->code, ANSWER_NO_RIGHT);
	assert_true(rig_put(r, RIG_MANAGER, &row));
	row = rig_grant(r, 0x4020, RIG_CLERK, RIG_HOLDING, ACT_BIT(ACT_VIEW));
	assert_false(rig_put(r, RIG_MANAGER, &row));
	assert_int_equal(r->code, ANSWER_NO_RIGHT);
	assert_true(rig_put(r, RIG_MANAGER_2, &row));
}

static void
test_who_may_put_what(void **state)
{
	struct rig *r = *state;
	struct authority_row row;
	/* the holding's own section only */
	row = rig_grant(r, 0x4020, RIG_CLERK, RIG_HOLDING, ACT_BIT(ACT_VIEW));
	assert_false(rig_put(r, RIG_MANAGER_2, &row));
	assert_int_equal(r->code, ANSWER_NO_RIGHT);
	assert_false(rig_put(r, RIG_CLERK, &row));
	assert_int_equal(r->code, ANSWER_NO_RIGHT);
	assert_false(rig_put(r, RIG_REGISTRAR, &row));
	assert_int_equal(r->code, ANSWER_NO_RIGHT);
	/* a holding cannot be pulled over by another section */
	row = rig_row(r, AUTHORITY_HOLDING, RIG_HOLDING);
	row.head.version = 2;
	row.holding.section = RIG_OTHER_SECTION;
	assert_false(rig_put(r, RIG_MANAGER_2, &row));
	assert_int_equal(r->code, ANSWER_NO_RIGHT);
	/* never one's own appointment */
	row = rig_row(r, AUTHORITY_APPOINTMENT, 0x4021);
	row.appointment.person = RIG_REGISTRAR;
	assert_true(
	    authority_text_set(&row.appointment.office, SLICE("head")));
	assert_false(rig_put(r, RIG_REGISTRAR, &row));
	assert_int_equal(r->code, ANSWER_SAME_PERSON);
	row.appointment.person = RIG_CLERK;
	assert_true(rig_put(r, RIG_REGISTRAR, &row));
	/* and then it stays that person's */
	row.head.version = 2;
	row.appointment.person = RIG_CHIEF;
	assert_false(rig_put(r, RIG_REGISTRAR, &row));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	/* and of that section and office: grants hang on it */
	row.appointment.person = RIG_CLERK;
	row.appointment.section = RIG_SECTION;
	assert_false(rig_put(r, RIG_REGISTRAR, &row));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	row.appointment.section = 0;
	assert_true(
	    authority_text_set(&row.appointment.office, SLICE("manager")));
	assert_false(rig_put(r, RIG_REGISTRAR, &row));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	/* the body only in maintenance */
	row = rig_row(r, AUTHORITY_BODY, RIG_BODY);
	row.head.version = 2;
	row.body = (struct authority_body){.bulk_window_min = 60,
	    .permits_needed = 1, .idle_min = 60, .idle_high_min = 60,
	    .session_max_hours = 10, .logon_failures = 5,
	    .logon_delay_min = 5, .password_min = 12,
	    .appointers_needed = 1};
	assert_false(rig_put(r, RIG_REGISTRAR, &row));
	assert_int_equal(r->code, ANSWER_NO_RIGHT);
	struct put_ask none = {.capacity = 0};
	assert_false(rig_put_ask(r, &none, &row, true));
	assert_int_equal(r->code, ANSWER_NO_SESSION);
	/* versions one after the other */
	row = rig_grant(r, 0x4000, RIG_CLERK, RIG_HOLDING, ACT_BIT(ACT_VIEW));
	assert_false(rig_put(r, RIG_MANAGER, &row));
	assert_int_equal(r->code, ANSWER_STALE);
	row.head.version = 3;
	assert_false(rig_put(r, RIG_MANAGER, &row));
	assert_int_equal(r->code, ANSWER_STALE);
	row.head.version = 2;
	row.grant.person = RIG_CHIEF; /* another subject is another row */
	row.grant.capacity = rig_capacity(RIG_CHIEF);
	assert_false(rig_put(r, RIG_MANAGER, &row));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	row.grant.person = RIG_CLERK;
	row.grant.capacity = 0x4021; /* the clerk's too */
	assert_false(rig_put(r, RIG_MANAGER, &row));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	/* terminals by the operator */
	row = rig_row(r, AUTHORITY_TERMINAL, 0x55);
	assert_false(rig_put(r, RIG_CLERK, &row));
	assert_true(rig_put(r, RIG_OPERATOR, &row));
}

static void
test_grant_is_to_an_own_appointment(void **state)
{
	struct rig *r = *state;
	struct authority_row row = rig_grant(r, 0x4022, RIG_CLERK,
	    RIG_HOLDING, ACT_BIT(ACT_VIEW));
	row.grant.capacity = rig_capacity(RIG_CHIEF);
	assert_false(rig_put(r, RIG_MANAGER, &row));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	row.grant.capacity = 0x9999; /* nobody's */
	assert_false(rig_put(r, RIG_MANAGER, &row));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	row.grant.capacity = rig_capacity(RIG_CLERK);
	assert_true(rig_put(r, RIG_MANAGER, &row));
}

/* Whatever the request says of who made it, the keeper knows better. */
static void
test_makers_are_the_keepers_to_fill_in(void **state)
{
	struct rig *r = *state;
	struct authority_row row = rig_grant(r, 0x4030, RIG_CLERK,
	    RIG_HOLDING, ACT_BIT(ACT_VIEW));
	row.head.made_by = RIG_CHIEF;
	row.head.confirmed_by = RIG_CHIEF;
	row.head.flags = AUTHORITY_MAINTENANCE;
	assert_true(rig_put(r, RIG_MANAGER, &row));
	struct rig_row *s = stored(r, AUTHORITY_GRANT, 0x4030);
	assert_true(
	    authority_row_read((struct slice){s->bytes, s->n}, &row));
	assert_int_equal(row.head.made_by, RIG_MANAGER);
	assert_int_equal(row.head.made_in, rig_capacity(RIG_MANAGER));
	assert_int_equal(row.head.confirmed_by, 0);
	assert_int_equal(row.head.flags, 0);
}

static void
test_emergency_is_for_oneself_and_short(void **state)
{
	struct rig *r = *state;
	struct authority_row row = rig_row(r, AUTHORITY_EMERGENCY, 0x4040);
	struct put_ask ask = {
	    .session = *rig_session(r, RIG_AUDITOR),
	    .capacity = rig_capacity(RIG_AUDITOR),
	    .reference = SLICE("R8-9"),
	};
	row.head.from = r->now;
	row.head.until = r->now + 24 * HOUR_US;
	row.grant.person = RIG_AUDITOR;
	row.grant.capacity = rig_capacity(RIG_AUDITOR);
	row.grant.holding = RIG_HOLDING;
	row.grant.acts = ACT_BIT(ACT_VIEW);
	struct authority_row t = row;
	t.grant.person = RIG_CLERK;
	assert_false(rig_put_ask(r, &ask, &t, true));
	assert_int_equal(r->code, ANSWER_NO_RIGHT);
	t = row;
	t.grant.capacity = rig_capacity(RIG_CLERK); /* acts in another */
	assert_false(rig_put_ask(r, &ask, &t, true));
	assert_int_equal(r->code, ANSWER_NO_RIGHT);
	t = row;
	t.grant.acts |= ACT_BIT(ACT_PRINT);
	assert_false(rig_put_ask(r, &ask, &t, true));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	t = row;
	t.head.until++;
	assert_false(rig_put_ask(r, &ask, &t, true));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	ask.reference = SLICE_NONE;
	assert_false(rig_put_ask(r, &ask, &row, true));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	ask.reference = SLICE("R8-9");
	assert_true(rig_put_ask(r, &ask, &row, true));
	uint8_t key[32];
	struct message_record rec;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	assert_true(rig_view(r, RIG_AUDITOR, RIG_HOLDING, &rec, key));
	rig_wait(r, 20 * MINUTE_US); /* and it is over when it is over */
	rig_wait(r, 24 * HOUR_US);
	assert_true(rig_logon(r, RIG_AUDITOR));
	assert_false(rig_view(r, RIG_AUDITOR, RIG_HOLDING, &rec, key));
	assert_int_equal(r->code, ANSWER_NO_GRANT);
}

static bool
logon_with(struct rig *r, uint64_t account, struct slice password,
    struct session_answer *to)
{
	struct logon_ask ask = {
	    .body = RIG_BODY,
	    .account = account,
	    .source = 0x78,
	    .password = password,
	};
	return rig_call(r, MESSAGE_LOGON, &ask, to);
}

/* The registrar has two accounts: still one person. */
static void
test_two_accounts_are_one_person(void **state)
{
	struct rig *r = *state;
	struct session_answer second, clerk;
	struct authority_row row = rig_row(r, AUTHORITY_CREDENTIAL, 0x8000);
	struct put_ask first = {
	    .session = *rig_session(r, RIG_REGISTRAR),
	    .capacity = rig_capacity(RIG_REGISTRAR),
	    .password = SLICE("a second account"),
	};
	row.credential.account = 0x8000;
	row.credential.person = RIG_REGISTRAR;
	assert_true(rig_put_ask(r, &first, &row, true));
	/* not by one alone: the account does not exist yet */
	assert_false(logon_with(r, 0x8000, first.password, &second));
	struct rig_row *s = stored(r, AUTHORITY_CREDENTIAL, 0x8000);
	assert_true(
	    authority_row_read((struct slice){s->bytes, s->n}, &row));
	struct put_ask confirm = {
	    .session = *rig_session(r, RIG_REGISTRAR),
	    .capacity = rig_capacity(RIG_REGISTRAR),
	    .is_confirming = true,
	};
	assert_false(rig_put_ask(r, &confirm, &row, true));
	assert_int_equal(r->code, ANSWER_SAME_PERSON);
	confirm.session = *rig_session(r, RIG_CHIEF);
	confirm.capacity = rig_capacity(RIG_CHIEF);
	assert_true(rig_put_ask(r, &confirm, &row, true));
	assert_true(logon_with(r, 0x8000, first.password, &second));
	assert_true(second.must_change);
	/* a password that was handed out is good for nothing else */
	struct authority_row grant = rig_row(r, AUTHORITY_CREDENTIAL,
	    rig_account(RIG_CLERK));
	grant.head.version = 2;
	grant.credential.account = rig_account(RIG_CLERK);
	grant.credential.person = RIG_CLERK;
	struct put_ask reset = {
	    .session = second.session,
	    .capacity = rig_capacity(RIG_REGISTRAR),
	    .password = SLICE("reset by one alone"),
	};
	assert_false(rig_put_ask(r, &reset, &grant, true));
	assert_int_equal(r->code, ANSWER_MUST_CHANGE);
	struct put_ask own = {
	    .session = second.session,
	    .old_password = SLICE("a second account"),
	    .password = SLICE("short"),
	};
	row.head.version = 2;
	assert_false(rig_put_ask(r, &own, &row, true));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	own.password = SLICE("long enough this time");
	assert_true(rig_put_ask(r, &own, &row, true));

	/* the clerk's password: put by one account, confirmed by the other */
	assert_true(rig_put_ask(r, &first, &grant, true));
	assert_true(logon_with(r, rig_account(RIG_CLERK),
	    rig_password(RIG_CLERK), &clerk)); /* still the old one */
	s = stored(r, AUTHORITY_CREDENTIAL, rig_account(RIG_CLERK));
	assert_true(
	    authority_row_read((struct slice){s->bytes, s->n}, &grant));
	confirm.session = second.session;
	confirm.capacity = rig_capacity(RIG_REGISTRAR);
	assert_false(rig_put_ask(r, &confirm, &grant, true));
	assert_int_equal(r->code, ANSWER_SAME_PERSON);
	/* it still waits after a restart, and nobody lost anything */
	rig_restart(r);
	confirm.session = *rig_session(r, RIG_CHIEF);
	confirm.capacity = rig_capacity(RIG_CHIEF);
	assert_true(rig_put_ask(r, &confirm, &grant, true));
	assert_false(logon_with(r, rig_account(RIG_CLERK),
	    rig_password(RIG_CLERK), &clerk));
	/* the clerk's sessions ended with the old password */
	struct session_answer to;
	assert_false(rig_call(r, MESSAGE_TOUCH,
	    &(struct touch_ask){*rig_session(r, RIG_CLERK)}, &to));
	assert_int_equal(r->code, ANSWER_NO_SESSION);
}

static void
test_own_password_needs_the_old_one(void **state)
{
	struct rig *r = *state;
	struct session_answer to;
	struct authority_row row = rig_row(r, AUTHORITY_CREDENTIAL,
	    rig_account(RIG_CLERK));
	struct put_ask ask = {
	    .session = *rig_session(r, RIG_CLERK),
	    .password = SLICE("my new password"),
	};
	row.head.version = 2;
	row.credential.account = rig_account(RIG_CLERK);
	row.credential.person = RIG_CLERK;
	assert_false(rig_put_ask(r, &ask, &row, true));
	assert_int_equal(r->code, ANSWER_BAD_PROOF);
	ask.old_password = SLICE("not the old password");
	assert_false(rig_put_ask(r, &ask, &row, true));
	assert_int_equal(r->code, ANSWER_BAD_PROOF);
	/* another's account neither */
	ask.old_password = rig_password(RIG_CHIEF);
	struct authority_row other = row;
	other.head.id = rig_account(RIG_CHIEF);
	other.credential.account = rig_account(RIG_CHIEF);
	other.credential.person = RIG_CHIEF;
	assert_false(rig_put_ask(r, &ask, &other, true));
	assert_int_equal(r->code, ANSWER_NO_RIGHT);
	ask.old_password = rig_password(RIG_CLERK);
	rig_wait(r, 16 * MINUTE_US); /* three failures have to wait */
	assert_true(rig_put_ask(r, &ask, &row, true));
	assert_true(logon_with(r, rig_account(RIG_CLERK), ask.password, &to));
	assert_false(to.must_change);
	assert_false(logon_with(r, rig_account(RIG_CLERK), ask.old_password,
	    &to));
}

/* In maintenance nothing is opened. */
static void
test_maintenance_opens_nothing(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	r->options.is_maintenance = true;
	rig_restart(r);
	assert_false(rig_view(r, RIG_CLERK, RIG_HOLDING, &rec, key));
	assert_int_equal(r->code, ANSWER_BAD_MESSAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RIG_TEST(test_row_written_by_sql_is_refused),
	    RIG_TEST(test_missing_row_is_a_rollback),
	    RIG_TEST(test_older_set_is_refused),
	    RIG_TEST(test_older_authority_file_is_refused),
	    RIG_TEST(test_older_keeper_is_refused),
	    RIG_TEST(test_unacknowledged_row_is_healed),
	    RIG_TEST(test_a_holding_moves),
	    RIG_TEST(test_who_may_put_what),
	    RIG_TEST(test_grant_is_to_an_own_appointment),
	    RIG_TEST(test_makers_are_the_keepers_to_fill_in),
	    RIG_TEST(test_emergency_is_for_oneself_and_short),
	    RIG_TEST(test_two_accounts_are_one_person),
	    RIG_TEST(test_own_password_needs_the_old_one),
	    RIG_TEST(test_maintenance_opens_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
