/*
 * Goal of this test: 秘匿 records and emergencies against a taken-over
 * server. A record that was marked opens by no wrap the server may have kept;
 * no output of it without another person; nobody reviews their own opening;
 * reasons are read by who judges them.
 */
#include <stdio.h>
#include <string.h>

#include "keeper_case.h"

enum { RECORD = 7, MANAGERS_GRANT = 0x4100, CLERKS_GRANT = 0x4101 };

static int
setup(void **state)
{
	struct rig *r = rig_open();
	struct authority_row row = rig_grant(r, MANAGERS_GRANT, RIG_MANAGER,
	    RIG_HOLDING,
	    ACT_BIT(ACT_VIEW) | ACT_BIT(ACT_CORRECT) | ACT_BIT(ACT_PRINT) |
		ACT_BIT(ACT_COPY) | ACT_BIT(ACT_SECRET));
	assert_true(rig_put(r, RIG_MANAGER, &row));
	*state = r;
	return 0;
}

static bool
open_for(struct rig *r, enum rig_person who, enum act act,
    const struct message_record *rec, size_t n)
{
	static struct open_ask ask;
	static struct open_answer to;
	ask.intent = rig_intent(r, who, RIG_HOLDING, act);
	ask.n = n;
	for (size_t i = 0; i < n; i++)
		ask.records[i] = rec[i];
	return rig_call(r, MESSAGE_OPEN, &ask, &to);
}

static void
assert_opens(struct rig *r, enum rig_person who,
    const struct message_record *rec)
{
	assert_true(open_for(r, who, ACT_VIEW, rec, 1));
}

static void
assert_stays_closed(struct rig *r, enum rig_person who, enum act act,
    const struct message_record *rec, enum answer code)
{
	assert_false(open_for(r, who, act, rec, 1));
	assert_int_equal(r->code, code);
}

/* Version n + 1, or the same version as 秘匿. */
static bool
make_next(struct rig *r, enum rig_person who, const struct message_record *old,
    uint32_t version, enum record_class class, struct message_record *ret)
{
	struct create_made made;
	struct create_item item = {.id = old->id, .version = version,
	    .class = class, .old = *old};
	struct create_ask ask = {
	    .intent = rig_intent(r, who, RIG_HOLDING, ACT_CORRECT),
	    .n = 1, .items = &item};
	struct create_answer to = {.made = &made};
	if (!rig_call(r, MESSAGE_CREATE, &ask, &to))
		return false;
	*ret = (struct message_record){.id = old->id, .version = version,
	    .class = class};
	memcpy(ret->wrap, made.wrap, WRAP_BYTES);
	return true;
}

static struct authority_row
marking(struct rig *r, uint32_t version, instant until)
{
	struct authority_row row = rig_row(r, AUTHORITY_SECRET, RECORD);
	row.head.version = version;
	row.secret.holding = RIG_HOLDING;
	row.secret.is_secret = until != 0;
	row.secret.until = row.secret.renew_by = until;
	return row;
}

static void
mark(struct rig *r)
{
	struct authority_row row = marking(r, 1, r->now + 300 * DAY_US);
	assert_true(rig_put(r, RIG_MANAGER, &row));
}

/* Whatever the server kept: older versions, wraps from before the marking. */
static void
test_marking_closes_every_wrap(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record one, two, one_resealed, two_resealed, t;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, RECORD, key, &one));
	assert_true(make_next(r, RIG_CLERK, &one, 2, RECORD_ORDINARY, &two));
	assert_opens(r, RIG_CLERK, &one);
	assert_opens(r, RIG_CLERK, &two);
	/* the clerk's grant is for ordinary records: no marking with it */
	struct authority_row row = marking(r, 1, r->now + 300 * DAY_US);
	assert_false(rig_put(r, RIG_CLERK, &row));
	assert_int_equal(r->code, ANSWER_BEYOND_GRANT);
	mark(r);
	assert_stays_closed(r, RIG_CLERK, ACT_VIEW, &one, ANSWER_BEYOND_GRANT);
	assert_stays_closed(r, RIG_CLERK, ACT_VIEW, &two, ANSWER_BEYOND_GRANT);
	assert_false(make_next(r, RIG_CLERK, &two, 3, RECORD_ORDINARY, &t));
	assert_int_equal(r->code, ANSWER_BEYOND_GRANT);
	assert_opens(r, RIG_MANAGER, &one);

	/* every version again under the other class, the slot as it was */
	assert_true(
	    make_next(r, RIG_MANAGER, &one, 1, RECORD_SECRET, &one_resealed));
	assert_true(
	    make_next(r, RIG_MANAGER, &two, 2, RECORD_SECRET, &two_resealed));
	assert_opens(r, RIG_MANAGER, &one_resealed);
	assert_opens(r, RIG_MANAGER, &two_resealed);
	assert_false(make_next(
	    r, RIG_MANAGER, &two_resealed, 2, RECORD_ORDINARY, &t));
	assert_int_equal(r->code, ANSWER_FORGED);
	assert_false(make_next(r, RIG_MANAGER, &two, 1, RECORD_SECRET, &t));
	assert_int_equal(r->code, ANSWER_FORGED);

	rig_restart(r);
	const struct message_record *const all[] = {&one, &two, &one_resealed,
	    &two_resealed};
	for (size_t i = 0; i < 4; i++)
		assert_stays_closed(
		    r, RIG_CLERK, ACT_VIEW, all[i], ANSWER_BEYOND_GRANT);
}

/* The end of the period opens nothing: a person decides. */
static void
test_period_never_opens_by_itself(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, RECORD, key, &rec));
	mark(r);
	rig_wait(r, 310 * DAY_US);
	assert_true(rig_logon(r, RIG_CLERK));
	assert_true(rig_logon(r, RIG_MANAGER));
	assert_stays_closed(r, RIG_CLERK, ACT_VIEW, &rec, ANSWER_BEYOND_GRANT);
	/* neither into the past, nor into another holding */
	struct authority_row row = marking(r, 2, r->now);
	assert_false(rig_put(r, RIG_MANAGER, &row));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	row = marking(r, 2, 0);
	row.secret.holding = RIG_HIGH_HOLDING;
	assert_false(rig_put(r, RIG_MANAGER, &row));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	row = marking(r, 2, r->now + 50 * DAY_US);
	assert_true(rig_put(r, RIG_MANAGER, &row));
	assert_stays_closed(r, RIG_CLERK, ACT_VIEW, &rec, ANSWER_BEYOND_GRANT);
	row = marking(r, 3, 0);
	assert_false(rig_put(r, RIG_CLERK, &row));
	assert_true(rig_put(r, RIG_MANAGER, &row));
	assert_opens(r, RIG_CLERK, &rec);
}

static struct authority_row
release_of(struct rig *r, uint64_t id, enum rig_person who,
    const struct message_record *rec, enum act act)
{
	struct authority_row row = rig_row(r, AUTHORITY_RELEASE, id);
	row.head.from = r->now;
	row.head.until = r->now + 8 * HOUR_US;
	row.release = (struct authority_release){.person = who,
	    .holding = RIG_HOLDING,
	    .record = rec->id,
	    .version = rec->version,
	    .act = (uint8_t)act};
	assert_true(authority_text_set(&row.release.purpose,
	    rig_intent(r, who, RIG_HOLDING, act).purpose));
	return row;
}

/* The row as the keeper made it, for the second person. */
static struct authority_row
stored_row(struct rig *r)
{
	struct authority_row row;
	struct rig_row *s = &r->rows[r->n_rows - 1];
	assert_true(authority_row_read((struct slice){s->bytes, s->n}, &row));
	assert_true(row.head.flags & AUTHORITY_PENDING);
	return row;
}

static bool
confirm(struct rig *r, enum rig_person by, const struct authority_row *row)
{
	struct put_ask ask = {.session = *rig_session(r, by),
	    .capacity = rig_capacity(by),
	    .is_confirming = true};
	return rig_put_ask(r, &ask, row, true);
}

static void
test_output_needs_another_person(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec[2], other;
	struct authority_row row = rig_grant(r, CLERKS_GRANT, RIG_CLERK,
	    RIG_HOLDING,
	    ACT_BIT(ACT_VIEW) | ACT_BIT(ACT_PRINT) | ACT_BIT(ACT_COPY) |
		ACT_BIT(ACT_SECRET));
	assert_true(rig_put(r, RIG_MANAGER, &row));
	assert_true(
	    rig_create(r, RIG_CLERK, RIG_HOLDING, RECORD, key, &rec[0]));
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 8, key, &other));
	assert_true(open_for(r, RIG_CLERK, ACT_PRINT, rec, 1));
	mark(r);
	assert_opens(r, RIG_CLERK, &rec[0]); /* on the screen, as before */
	assert_stays_closed(
	    r, RIG_CLERK, ACT_PRINT, &rec[0], ANSWER_SAME_PERSON);

	/* for oneself only, for hours only */
	row = release_of(r, 0x6000, RIG_CLERK, &rec[0], ACT_PRINT);
	assert_false(rig_put(r, RIG_MANAGER, &row));
	assert_int_equal(r->code, ANSWER_NO_RIGHT);
	row.head.until = r->now + 25 * HOUR_US;
	assert_false(rig_put(r, RIG_CLERK, &row));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	row.head.until = r->now + 8 * HOUR_US;
	assert_true(rig_put(r, RIG_CLERK, &row));
	assert_stays_closed(
	    r, RIG_CLERK, ACT_PRINT, &rec[0], ANSWER_SAME_PERSON);
	row = stored_row(r);
	/* not by the same person, nor by one without the oversight */
	assert_false(confirm(r, RIG_CLERK, &row));
	assert_false(confirm(r, RIG_MANAGER_2, &row));
	assert_int_equal(r->code, ANSWER_NO_RIGHT);
	/* nor for something else than was asked for */
	struct authority_row changed = row;
	changed.release.record = 8;
	assert_false(confirm(r, RIG_MANAGER, &changed));
	assert_int_equal(r->code, ANSWER_STALE);
	assert_true(confirm(r, RIG_MANAGER, &row));

	/* that act, that version, that person, alone, once */
	assert_stays_closed(
	    r, RIG_CLERK, ACT_COPY, &rec[0], ANSWER_SAME_PERSON);
	assert_stays_closed(
	    r, RIG_MANAGER, ACT_PRINT, &rec[0], ANSWER_SAME_PERSON);
	rec[1] = other;
	assert_false(open_for(r, RIG_CLERK, ACT_PRINT, rec, 2));
	assert_int_equal(r->code, ANSWER_SAME_PERSON);
	assert_true(open_for(r, RIG_CLERK, ACT_PRINT, rec, 1));
	assert_stays_closed(
	    r, RIG_CLERK, ACT_PRINT, &rec[0], ANSWER_SAME_PERSON);
	rig_restart(r);
	assert_stays_closed(
	    r, RIG_CLERK, ACT_PRINT, &rec[0], ANSWER_SAME_PERSON);
	/* ordinary records go out as the grant says */
	assert_true(open_for(r, RIG_CLERK, ACT_PRINT, &other, 1));
}

static void
test_confirmation_ends_soon(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec, next;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, RECORD, key, &rec));
	mark(r);
	struct authority_row row = rig_grant(r, CLERKS_GRANT, RIG_MANAGER_2,
	    RIG_HOLDING,
	    ACT_BIT(ACT_VIEW) | ACT_BIT(ACT_COPY) | ACT_BIT(ACT_SECRET));
	assert_true(rig_put(r, RIG_MANAGER, &row));
	row = release_of(r, 0x6000, RIG_MANAGER_2, &rec, ACT_COPY);
	assert_true(rig_put(r, RIG_MANAGER_2, &row));
	row = stored_row(r);
	assert_true(confirm(r, RIG_MANAGER, &row));
	/* another content than the one confirmed */
	assert_true(
	    make_next(r, RIG_MANAGER, &rec, 2, RECORD_SECRET, &next));
	assert_stays_closed(
	    r, RIG_MANAGER_2, ACT_COPY, &next, ANSWER_SAME_PERSON);
	rig_wait(r, 8 * HOUR_US);
	assert_true(rig_logon(r, RIG_MANAGER_2));
	assert_true(rig_logon(r, RIG_MANAGER));
	assert_stays_closed(
	    r, RIG_MANAGER_2, ACT_COPY, &rec, ANSWER_SAME_PERSON);
	/* what nobody confirmed in time is confirmed no more */
	row = release_of(r, 0x6001, RIG_MANAGER_2, &rec, ACT_COPY);
	assert_true(rig_put(r, RIG_MANAGER_2, &row));
	row = stored_row(r);
	rig_wait(r, 8 * HOUR_US);
	assert_true(rig_logon(r, RIG_MANAGER));
	assert_false(confirm(r, RIG_MANAGER, &row));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
}

/* A file of the record is as the record, in front of it. */
static void
test_document_goes_out_with_its_record(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct create_made made;
	struct message_record rec, other;
	struct create_item item = {
	    .id = 70, .version = 1, .class = RECORD_DOCUMENT, .of = RECORD};
	struct create_ask ask = {
	    .intent = rig_intent(r, RIG_CLERK, RIG_HOLDING, ACT_CREATE),
	    .n = 1, .items = &item};
	struct create_answer to = {.made = &made};
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, RECORD, key, &rec));
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 8, key, &other));
	assert_true(rig_call(r, MESSAGE_CREATE, &ask, &to));
	struct message_record pair[2] = {
	    {.id = 70, .version = 1, .class = RECORD_DOCUMENT, .of = RECORD},
	    rec};
	memcpy(pair[0].wrap, made.wrap, WRAP_BYTES);
	assert_true(open_for(r, RIG_CLERK, ACT_VIEW, pair, 2));
	mark(r);
	assert_false(open_for(r, RIG_CLERK, ACT_VIEW, pair, 2));
	assert_int_equal(r->code, ANSWER_BEYOND_GRANT);
	assert_false(open_for(r, RIG_MANAGER, ACT_COPY, pair, 2));
	assert_int_equal(r->code, ANSWER_SAME_PERSON);
	struct authority_row row = rig_grant(r, CLERKS_GRANT, RIG_CLERK,
	    RIG_HOLDING,
	    ACT_BIT(ACT_VIEW) | ACT_BIT(ACT_COPY) | ACT_BIT(ACT_SECRET));
	assert_true(rig_put(r, RIG_MANAGER, &row));
	row = release_of(r, 0x6000, RIG_CLERK, &rec, ACT_COPY);
	assert_true(rig_put(r, RIG_CLERK, &row));
	row = stored_row(r);
	assert_true(confirm(r, RIG_MANAGER, &row));
	/* neither alone, nor in front of another record */
	assert_stays_closed(
	    r, RIG_CLERK, ACT_COPY, &pair[0], ANSWER_SAME_PERSON);
	pair[1] = other;
	assert_false(open_for(r, RIG_CLERK, ACT_COPY, pair, 2));
	assert_int_equal(r->code, ANSWER_SAME_PERSON);
	pair[1] = rec;
	assert_true(open_for(r, RIG_CLERK, ACT_COPY, pair, 2));
	assert_false(open_for(r, RIG_CLERK, ACT_COPY, pair, 2));
	assert_int_equal(r->code, ANSWER_SAME_PERSON);
}

static bool
review(struct rig *r, enum rig_person by, uint64_t opening, uint32_t version)
{
	struct authority_row row = rig_row(r, AUTHORITY_REVIEW, opening);
	row.head.version = version;
	row.review = (struct authority_review){.holding = RIG_HOLDING,
	    .verdict = REVIEW_UNREASONABLE};
	return rig_put(r, by, &row);
}

static bool
take_emergency(struct rig *r, enum rig_person who, uint64_t id)
{
	struct authority_row row = rig_grant(r, id, who, RIG_HOLDING,
	    ACT_BIT(ACT_SEARCH) | ACT_BIT(ACT_VIEW));
	row.head.kind = AUTHORITY_EMERGENCY;
	row.head.from = r->now;
	row.head.until = r->now + HOUR_US;
	struct put_ask ask = {.session = *rig_session(r, who),
	    .capacity = rig_capacity(who),
	    .reference = SLICE("R8-119")};
	return rig_put_ask(r, &ask, &row, true);
}

static void
test_nobody_reviews_their_own_opening(void **state)
{
	struct rig *r = *state;
	assert_true(take_emergency(r, RIG_MANAGER_2, 0x8000));
	assert_true(take_emergency(r, RIG_MANAGER, 0x8001));
	assert_false(review(r, RIG_MANAGER, 0x8001, 1));
	assert_int_equal(r->code, ANSWER_SAME_PERSON);
	assert_false(review(r, RIG_CLERK, 0x8000, 1));
	assert_int_equal(r->code, ANSWER_NO_RIGHT);
	assert_false(review(r, RIG_MANAGER, 0x8002, 1)); /* no such opening */
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	assert_true(review(r, RIG_MANAGER, 0x8000, 1));
	/* once, and it stands */
	assert_false(review(r, RIG_MANAGER, 0x8000, 2));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
}

static uint64_t
append(struct rig *r, enum rig_person who, struct slice verb,
    uint64_t holding)
{
	struct append_ask ask = {.session = *rig_session(r, who),
	    .capacity = rig_capacity(who),
	    .verb = verb,
	    .n_subjects = 2,
	    .subjects = {holding, 0x8000},
	    .detail = SLICE("{\"reason\":\"a fire\"}")};
	struct entry_answer to;
	assert_true(rig_call(r, MESSAGE_APPEND, &ask, &to));
	return to.entry;
}

static bool
show(struct rig *r, enum rig_person who, uint64_t index)
{
	static struct proof_answer to;
	struct entry_ask ask = {.session = *rig_session(r, who),
	    .capacity = rig_capacity(who),
	    .index = index};
	return rig_call(r, MESSAGE_ENTRY, &ask, &to);
}

/* The manager reads the reason of an opening, and no other entry. */
static void
test_reasons_are_for_who_judges(void **state)
{
	struct rig *r = *state;
	uint64_t reason =
	    append(r, RIG_CLERK, SLICE("emergency.reason"), RIG_HOLDING);
	uint64_t output =
	    append(r, RIG_CLERK, SLICE("release.reason"), RIG_HOLDING);
	uint64_t else_where =
	    append(r, RIG_CLERK, SLICE("emergency.reason"), 0x9999);
	uint64_t other = append(r, RIG_CLERK, SLICE("test"), RIG_HOLDING);
	uint64_t before = rig_entries(r);
	assert_true(show(r, RIG_MANAGER, reason));
	assert_int_equal(rig_entries(r), before + 1);
	assert_true(show(r, RIG_MANAGER, output));
	assert_true(show(r, RIG_AUDITOR, other));
	const struct {
		enum rig_person who;
		uint64_t index;
	} refused[] = {{RIG_MANAGER, other}, {RIG_MANAGER, else_where},
	    {RIG_MANAGER, 0}, {RIG_MANAGER, 1 << 20}, {RIG_MANAGER_2, reason},
	    {RIG_CLERK, reason}, {RIG_OPERATOR, output}};
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_false(show(r, refused[i].who, refused[i].index));
		assert_int_equal(r->code, ANSWER_NO_RIGHT);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_marking_closes_every_wrap),
	    TEST(test_period_never_opens_by_itself),
	    TEST(test_output_needs_another_person),
	    TEST(test_confirmation_ends_soon),
	    TEST(test_document_goes_out_with_its_record),
	    TEST(test_nobody_reviews_their_own_opening),
	    TEST(test_reasons_are_for_who_judges),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
