/*
 * Goal of this test: what a taken-over server cannot have from the keeper:
 * a key without its entry, another record than the one entered, a holding
 * without a grant, more than the limit, an erased record.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/must.h"
#include "crypto/totp.h"
#include "keeper_rig.h"
#include "ledger/file_fail.h"

static const uint8_t code_secret[TOTP_SECRET_BYTES] = "a secret of 20 byte";

static int
setup(void **state)
{
	*state = rig_open();
	return 0;
}

static int
teardown(void **state)
{
	rig_close(*state);
	return 0;
}

static void
assert_refused(struct rig *r, const struct message_record *rec,
    uint64_t holding, enum answer code)
{
	uint8_t key[32];
	assert_false(rig_view(r, RIG_CLERK, holding, rec, key));
	assert_int_equal(r->code, code);
}

static void
test_same_key_comes_back(void **state)
{
	struct rig *r = *state;
	uint8_t made[32], got[32];
	struct message_record rec;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, made, &rec));
	uint64_t before = rig_entries(r);
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &rec, got));
	assert_memory_equal(made, got, 32);
	assert_int_equal(rig_entries(r), before + 1);
	rig_restart(r);
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &rec, got));
	assert_memory_equal(made, got, 32);
}

/* Swapped wraps, versions, classes, holdings and single bits open nothing. */
static void
test_entry_for_one_opens_no_other(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record one, two, other, t;
	struct authority_row row = rig_row(r, AUTHORITY_HOLDING, 0x3002);
	row.holding.section = RIG_SECTION;
	assert_true(rig_put(r, RIG_MANAGER, &row));
	row = rig_grant(r, 0x4002, RIG_CLERK, 0x3002,
	    ACT_BIT(ACT_VIEW) | ACT_BIT(ACT_CREATE));
	assert_true(rig_put(r, RIG_MANAGER, &row));
	row = rig_grant(r, 0x4003, RIG_CLERK, RIG_HOLDING,
	    ACT_BIT(ACT_VIEW) | ACT_BIT(ACT_SECRET));
	assert_true(rig_put(r, RIG_MANAGER, &row));
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &one));
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 2, key, &two));
	assert_true(rig_create(r, RIG_CLERK, 0x3002, 3, key, &other));

	t = one;
	memcpy(t.wrap, two.wrap, WRAP_BYTES);
	assert_refused(r, &t, RIG_HOLDING, ANSWER_FORGED);
	t = one;
	memcpy(t.wrap, two.wrap, 8); /* only the slot */
	assert_refused(r, &t, RIG_HOLDING, ANSWER_FORGED);
	t = one;
	t.version = 2;
	assert_refused(r, &t, RIG_HOLDING, ANSWER_FORGED);
	t = one;
	t.class = RECORD_SECRET;
	assert_refused(r, &t, RIG_HOLDING, ANSWER_FORGED);
	t = other;
	assert_refused(r, &t, RIG_HOLDING, ANSWER_FORGED);
	t = one;
	assert_refused(r, &t, 0x3002, ANSWER_FORGED);
	memset(t.wrap, 0xff, 8); /* a slot that never was */
	assert_refused(r, &t, RIG_HOLDING, ANSWER_FORGED);
	for (size_t i = 8; i < WRAP_BYTES; i += 7) {
		t = one;
		t.wrap[i] ^= 1;
		assert_refused(r, &t, RIG_HOLDING, ANSWER_FORGED);
	}
	/* one bad among good ones refuses all */
	static struct open_ask ask;
	static struct open_answer to;
	ask.intent = rig_intent(r, RIG_CLERK, RIG_HOLDING, ACT_VIEW);
	ask.n = 2;
	ask.records[0] = one;
	ask.records[1] = t;
	assert_false(rig_call(r, MESSAGE_OPEN, &ask, &to));
	assert_int_equal(r->code, ANSWER_FORGED);
}

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
	struct authority_row row = rig_grant(r, 0x4000, RIG_CLERK,
	    RIG_HOLDING, ACT_BIT(ACT_VIEW));
	row.head.version = 2;
	row.head.until = r->now;
	assert_true(rig_put(r, RIG_MANAGER, &row));
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_NO_GRANT);
}

static void
test_grant_hours_office_terminal(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	struct authority_row row = rig_grant(r, 0x4000, RIG_CLERK,
	    RIG_HOLDING, ACT_BIT(ACT_VIEW));
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
	assert_int_equal(view_in(r, rig_capacity(RIG_MANAGER_2), &rec),
	    ANSWER_NO_CAPACITY);
	assert_int_equal(view_in(r, 0, &rec), ANSWER_NO_CAPACITY);
	end_appointment(r, &row);
	assert_int_equal(view_in(r, besides, &rec), ANSWER_NO_CAPACITY);
}

/* Sets up one-time codes for the clerk, by the clerk. */
static void
set_code(struct rig *r)
{
	char code[TOTP_DIGITS + 1];
	struct authority_row row = rig_row(r, AUTHORITY_CREDENTIAL,
	    rig_account(RIG_CLERK));
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
	assert_false(
	    rig_create(r, RIG_CLERK, RIG_HIGH_HOLDING, 1, key, &rec));
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

static void
test_secret_class(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec;
	struct create_made made;
	struct create_item item = {.id = 9, .version = 1,
	    .class = RECORD_SECRET};
	struct create_ask ask = {
	    .intent = rig_intent(r, RIG_CLERK, RIG_HOLDING, ACT_CREATE),
	    .n = 1, .items = &item};
	struct create_answer to = {.made = &made};
	assert_false(rig_call(r, MESSAGE_CREATE, &ask, &to));
	assert_int_equal(r->code, ANSWER_BEYOND_GRANT);
	struct authority_row row = rig_grant(r, 0x4003, RIG_CLERK,
	    RIG_HOLDING,
	    ACT_BIT(ACT_VIEW) | ACT_BIT(ACT_CREATE) | ACT_BIT(ACT_SECRET));
	assert_true(rig_put(r, RIG_MANAGER, &row));
	assert_true(rig_call(r, MESSAGE_CREATE, &ask, &to));
	rec = (struct message_record){.id = 9, .version = 1,
	    .class = RECORD_SECRET};
	memcpy(rec.wrap, made.wrap, WRAP_BYTES);
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &rec, key));
	row.head.version = 2;
	row.head.until = r->now;
	assert_true(rig_put(r, RIG_MANAGER, &row));
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_BEYOND_GRANT);
	/* nor by calling it ordinary */
	rec.class = RECORD_ORDINARY;
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_FORGED);
}

static void
test_correct_keeps_the_slot(void **state)
{
	struct rig *r = *state;
	uint8_t key[32], got[32];
	struct message_record rec, next;
	struct create_made made;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	struct create_item item = {.id = 1, .version = 2, .old = rec};
	struct create_ask ask = {
	    .intent = rig_intent(r, RIG_CLERK, RIG_HOLDING, ACT_CORRECT),
	    .n = 1, .items = &item};
	struct create_answer to = {.made = &made};
	assert_true(rig_call(r, MESSAGE_CREATE, &ask, &to));
	next = (struct message_record){.id = 1, .version = 2};
	memcpy(next.wrap, made.wrap, WRAP_BYTES);
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &next, got));
	assert_memory_equal(got, made.key, 32);
	assert_memory_not_equal(got, key, 32);
	/* of another record, or not newer: refused */
	item.id = 2;
	assert_false(rig_call(r, MESSAGE_CREATE, &ask, &to));
	assert_int_equal(r->code, ANSWER_FORGED);
	item = (struct create_item){.id = 1, .version = 1, .old = rec};
	assert_false(rig_call(r, MESSAGE_CREATE, &ask, &to));
	assert_int_equal(r->code, ANSWER_FORGED);

	/* erasing the newest ends every version */
	static struct erase_ask erase;
	struct entry_answer entry;
	erase.intent = rig_intent(r, RIG_CLERK, RIG_HOLDING, ACT_ERASE);
	erase.n = 1;
	erase.records[0] = next;
	assert_true(rig_call(r, MESSAGE_ERASE, &erase, &entry));
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_ERASED);
	assert_refused(r, &next, RIG_HOLDING, ANSWER_ERASED);
}

static void
test_erased_is_gone(void **state)
{
	struct rig *r = *state;
	uint8_t key[32], kept_key[32];
	struct message_record rec, kept;
	static struct erase_ask ask;
	struct entry_answer to;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 2, kept_key, &kept));
	ask.n = 1;
	ask.records[0] = rec;
	/* not by whoever has no grant for it */
	ask.intent = rig_intent(r, RIG_MANAGER, RIG_HOLDING, ACT_ERASE);
	assert_false(rig_call(r, MESSAGE_ERASE, &ask, &to));
	assert_int_equal(r->code, ANSWER_NO_GRANT);
	/* not by a wrap of another record */
	ask.intent = rig_intent(r, RIG_CLERK, RIG_HOLDING, ACT_ERASE);
	memcpy(ask.records[0].wrap, kept.wrap, WRAP_BYTES);
	assert_false(rig_call(r, MESSAGE_ERASE, &ask, &to));
	assert_int_equal(r->code, ANSWER_FORGED);
	ask.records[0] = rec;
	assert_true(rig_call(r, MESSAGE_ERASE, &ask, &to));
	/* the copy of the database still has the wrap: it opens nothing */
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_ERASED);
	rig_restart(r);
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_ERASED);
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &kept, key));
	assert_memory_equal(key, kept_key, 32);
}

/* An older slot file comes back: the ledger erases again. */
static void
test_restored_slots_are_erased_again(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec;
	static struct erase_ask ask;
	struct entry_answer to;
	char command[512];
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	(void)snprintf(command, sizeof(command),
	    "cp %s/slots %s/slots.old", r->keeper, r->dir);
	assert_int_equal(system(command), 0);
	ask.n = 1;
	ask.records[0] = rec;
	ask.intent = rig_intent(r, RIG_CLERK, RIG_HOLDING, ACT_ERASE);
	assert_true(rig_call(r, MESSAGE_ERASE, &ask, &to));
	rig_restart(r);
	rig_stop(r);
	(void)snprintf(command, sizeof(command),
	    "cp %s/slots.old %s/slots", r->dir, r->keeper);
	assert_int_equal(system(command), 0);
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	assert_true(rig_logon(r, RIG_CLERK));
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_ERASED);
}

/* Opens n of one record in one message. */
static bool
open_many(struct rig *r, const struct message_record *rec, size_t n,
    uint64_t holding)
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
	assert_true(authority_row_read(
	    (struct slice){stored->bytes, stored->n}, &row));
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

static bool
ask_tokens(struct rig *r, enum act act, uint64_t holding, size_t n,
    struct token *ret)
{
	static struct token_term terms[MESSAGE_TOKENS_MAX];
	struct tokens_ask ask = {
	    .intent = rig_intent(r, RIG_CLERK, holding, act),
	    .n = n, .terms = terms};
	struct tokens_answer to = {.tokens = ret};
	for (size_t i = 0; i < n; i++)
		terms[i] = (struct token_term){(uint16_t)(i % 2),
		    SLICE("yamada")};
	return rig_call(r, MESSAGE_TOKENS, &ask, &to);
}

static void
test_tokens(void **state)
{
	struct rig *r = *state;
	static struct token a[MESSAGE_TOKENS_MAX], b[MESSAGE_TOKENS_MAX];
	uint8_t key[32];
	struct message_record rec;
	assert_true(ask_tokens(r, ACT_SEARCH, RIG_HOLDING, 2, a));
	assert_memory_not_equal(&a[0], &a[1], TOKEN_BYTES); /* the item */
	/* to store only as many as what was written may have */
	assert_false(ask_tokens(r, ACT_CREATE, RIG_HOLDING, 2, b));
	assert_int_equal(r->code, ANSWER_LIMIT);
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	assert_true(ask_tokens(r, ACT_CREATE, RIG_HOLDING, 64, b));
	assert_memory_equal(a, b, 2 * TOKEN_BYTES);
	assert_false(ask_tokens(r, ACT_CREATE, RIG_HOLDING, 1, b));
	assert_false(ask_tokens(r, ACT_SEARCH, RIG_HOLDING,
	    MESSAGE_TOKENS_MAX, b));
	assert_int_equal(r->code, ANSWER_LIMIT);
	/* an item outside the grant */
	struct authority_row row = rig_grant(r, 0x4000, RIG_CLERK,
	    RIG_HOLDING, ACT_BIT(ACT_SEARCH));
	row.head.version = 2;
	row.grant.items = 1;
	assert_true(rig_put(r, RIG_MANAGER, &row));
	assert_true(ask_tokens(r, ACT_SEARCH, RIG_HOLDING, 1, b));
	assert_false(ask_tokens(r, ACT_SEARCH, RIG_HOLDING, 2, b));
	assert_int_equal(r->code, ANSWER_BEYOND_GRANT);
}

/* A disk that is full, or fails: nothing is given, nothing is lost. */
static struct file_fail *
failing_rig(struct rig *r)
{
	struct file_fail *f = mmap(NULL, sizeof(*f), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(f != MAP_FAILED);
	file_fail_init(f, file_layer_system());
	f->calls = 0;
	r->options.files = &f->layer;
	rig_restart(r);
	return f;
}

static void
test_full_disk_gives_nothing(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec, second;
	struct file_fail *f = failing_rig(r);
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	f->error = ENOSPC;
	f->is_lasting = true;
	f->nth = 1;
	f->made = 0;
	f->calls = FILE_CALL_WRITE | FILE_CALL_ALLOCATE;
	memset(key, 0, sizeof(key));
	for (unsigned i = 0; i < 3; i++)
		assert_refused(r, &rec, RIG_HOLDING, ANSWER_FULL);
	assert_false(rig_create(r, RIG_CLERK, RIG_HOLDING, 2, key, &second));
	f->calls = 0;
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &rec, key));
	uint64_t entries = rig_entries(r);
	rig_restart(r);
	assert_true(rig_entries(r) > entries);
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &rec, key));
}

static void
test_failed_sync_ends_the_keeper(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec;
	struct file_fail *f = failing_rig(r);
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	f->error = EIO;
	f->is_lasting = true;
	f->nth = 1;
	f->made = 0;
	f->calls = FILE_CALL_SYNC;
	assert_refused(r, &rec, RIG_HOLDING, ANSWER_LOST);
	int status = 0;
	assert_int_equal(waitpid(r->process.pid, &status, 0), r->process.pid);
	assert_true(WIFSIGNALED(status));
	r->process.pid = 0;
	r->options.files = NULL;
	channel_close(r->ch);
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	assert_true(rig_logon(r, RIG_CLERK));
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &rec, key));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_same_key_comes_back),
	    TEST(test_entry_for_one_opens_no_other),
	    TEST(test_no_holding_without_grant),
	    TEST(test_grant_hours_office_terminal),
	    TEST(test_terminals_only),
	    TEST(test_grant_to_person_ends_with_the_appointment),
	    TEST(test_grant_to_office_ends_with_the_appointment),
	    TEST(test_second_factor),
	    TEST(test_code_is_used_once),
	    TEST(test_secret_class),
	    TEST(test_correct_keeps_the_slot),
	    TEST(test_erased_is_gone),
	    TEST(test_restored_slots_are_erased_again),
	    TEST(test_no_way_past_the_limit),
	    TEST(test_permit_raises_the_limit),
	    TEST(test_tokens),
	    TEST(test_full_disk_gives_nothing),
	    TEST(test_failed_sync_ends_the_keeper),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
