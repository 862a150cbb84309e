/*
 * Goal of this test: what a taken-over server cannot do with documents. A
 * document is opened, made and erased as what it is and of the record that it
 * is of; its entries say so; and it is 秘匿 where its record is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/canon.h"
#include "keeper_case.h"

enum { RECORD = 1, OTHER_RECORD = 2, DOCUMENT = 100 };

/* False with the code in r->code. */
static bool
make(struct rig *r, const struct create_item *items, size_t n, enum act act,
    uint8_t key[RECORD_KEY_BYTES], struct message_record *ret)
{
	static struct create_made made[2];
	struct create_ask ask = {
	    .intent = rig_intent(r, RIG_CLERK, RIG_HOLDING, act),
	    .n = n,
	    .items = (struct create_item *)items};
	struct create_answer to = {.made = made};
	if (!rig_call(r, MESSAGE_CREATE, &ask, &to))
		return false;
	memcpy(key, made[0].key, RECORD_KEY_BYTES);
	*ret = (struct message_record){.id = items[0].id,
	    .version = items[0].version,
	    .class = items[0].class,
	    .of = items[0].of};
	memcpy(ret->wrap, made[0].wrap, WRAP_BYTES);
	return true;
}

static const struct create_item document = {
    .id = DOCUMENT, .version = 1, .class = RECORD_DOCUMENT, .of = RECORD};

static bool
act_on(struct rig *r, enum message type, enum act act,
    const struct message_record *records, size_t n,
    struct open_answer *ret)
{
	static struct open_ask ask;
	static struct erase_ask erase;
	struct entry_answer entry;
	ask.intent = erase.intent =
	    rig_intent(r, RIG_CLERK, RIG_HOLDING, act);
	ask.n = erase.n = n;
	memcpy(ask.records, records, n * sizeof(records[0]));
	memcpy(erase.records, records, n * sizeof(records[0]));
	return type == MESSAGE_OPEN ? rig_call(r, type, &ask, ret)
				    : rig_call(r, type, &erase, &entry);
}

/* The newest entry says `verb`, of RECORD where it is a document's. */
static void
assert_entered(struct rig *r, const char *verb, bool is_of)
{
	static struct feed_answer to;
	struct feed_ask feed = {.from = rig_entries(r) - 1, .max = 1};
	struct slice v;
	uint64_t of = 0;
	assert_true(rig_call(r, MESSAGE_FEED, &feed, &to));
	assert_int_equal(to.n, 1);
	assert_true(canon_is_object(to.rows[0].readable));
	assert_true(canon_get(to.rows[0].readable, "verb", &v));
	assert_true(slice_is(v, verb));
	assert_int_equal(canon_get_hex(to.rows[0].readable, "of", &of), is_of);
	assert_int_equal(of, is_of ? RECORD : 0);
}

static void
test_entries_say_what_it_is(void **state)
{
	struct rig *r = *state;
	static struct open_answer opened;
	uint8_t key[32], record_key[32];
	struct message_record both[2];
	assert_true(rig_create(
	    r, RIG_CLERK, RIG_HOLDING, RECORD, record_key, &both[1]));
	assert_entered(r, "record.create", false);
	assert_true(make(r, &document, 1, ACT_CREATE, key, &both[0]));
	assert_entered(r, "document.create", true);
	assert_true(act_on(r, MESSAGE_OPEN, ACT_VIEW, both, 2, &opened));
	assert_entered(r, "document.open", true);
	assert_int_equal(opened.n, 2);
	assert_memory_equal(opened.keys[0], key, 32);
	assert_memory_equal(opened.keys[1], record_key, 32);
	assert_true(act_on(r, MESSAGE_ERASE, ACT_ERASE, both, 1, NULL));
	assert_entered(r, "document.erase", true);
	assert_false(act_on(r, MESSAGE_OPEN, ACT_VIEW, both, 2, &opened));
	assert_int_equal(r->code, ANSWER_ERASED);
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &both[1], key));
}

static void
test_it_passes_for_nothing_else(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record rec, doc, t;
	assert_true(
	    rig_create(r, RIG_CLERK, RIG_HOLDING, RECORD, key, &rec));
	assert_true(make(r, &document, 1, ACT_CREATE, key, &doc));
	t = doc; /* a record */
	t.class = RECORD_ORDINARY;
	assert_false(rig_view(r, RIG_CLERK, RIG_HOLDING, &t, key));
	assert_int_equal(r->code, ANSWER_FORGED);
	t = doc; /* of another record */
	t.of = OTHER_RECORD;
	assert_false(rig_view(r, RIG_CLERK, RIG_HOLDING, &t, key));
	assert_int_equal(r->code, ANSWER_FORGED);
	t = rec; /* a record as its own document */
	t.class = RECORD_DOCUMENT;
	t.of = RECORD;
	assert_false(rig_view(r, RIG_CLERK, RIG_HOLDING, &t, key));
	assert_int_equal(r->code, ANSWER_FORGED);
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &doc, key));
}

/* What is malformed ends the channel: each has a keeper of its own. */
static void
assert_bad(void **state, const struct create_item *items, size_t n,
    enum act act)
{
	uint8_t key[32];
	struct message_record doc;
	assert_false(make(*state, items, n, act, key, &doc));
	assert_int_equal(((struct rig *)*state)->code, ANSWER_BAD_MESSAGE);
}

static void
test_it_is_made_alone(void **state)
{
	const struct create_item two[2] = {document,
	    {.id = OTHER_RECORD, .version = 1}};
	assert_bad(state, two, 2, ACT_CREATE);
}

static void
test_it_has_a_record(void **state)
{
	struct create_item item = document;
	item.of = 0;
	assert_bad(state, &item, 1, ACT_CREATE);
}

static void
test_it_has_one_version(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record doc;
	assert_true(make(r, &document, 1, ACT_CREATE, key, &doc));
	struct create_item item = {.id = DOCUMENT, .version = 2, .old = doc};
	assert_bad(state, &item, 1, ACT_CORRECT);
}

/* Erased with its record, and again where old slots came back. */
static void
test_it_goes_with_its_record(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	char command[512];
	struct message_record both[2];
	assert_true(
	    rig_create(r, RIG_CLERK, RIG_HOLDING, RECORD, key, &both[0]));
	assert_true(make(r, &document, 1, ACT_CREATE, key, &both[1]));
	(void)snprintf(command, sizeof(command), "cp %s/slots %s/slots.old",
	    r->keeper, r->dir);
	assert_int_equal(system(command), 0);
	assert_true(act_on(r, MESSAGE_ERASE, ACT_ERASE, both + 1, 1, NULL));
	assert_true(act_on(r, MESSAGE_ERASE, ACT_ERASE, both, 1, NULL));
	assert_entered(r, "record.erase", false);
	rig_restart(r);
	rig_stop(r);
	(void)snprintf(command, sizeof(command), "cp %s/slots.old %s/slots",
	    r->dir, r->keeper);
	assert_int_equal(system(command), 0);
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	assert_true(rig_logon(r, RIG_CLERK));
	for (size_t i = 0; i < 2; i++) {
		assert_false(
		    rig_view(r, RIG_CLERK, RIG_HOLDING, &both[i], key));
		assert_int_equal(r->code, ANSWER_ERASED);
	}
}

/* The row that makes the record 秘匿 closes its documents, made before too. */
static void
test_it_is_secret_where_its_record_is(void **state)
{
	struct rig *r = *state;
	uint8_t key[32];
	struct message_record doc;
	assert_true(make(r, &document, 1, ACT_CREATE, key, &doc));
	struct authority_row row = rig_grant(r, 0x4003, RIG_MANAGER,
	    RIG_HOLDING, ACT_BIT(ACT_VIEW) | ACT_BIT(ACT_CORRECT) |
	    ACT_BIT(ACT_SECRET));
	assert_true(rig_put(r, RIG_MANAGER, &row));
	row = rig_row(r, AUTHORITY_SECRET, RECORD);
	row.secret.holding = RIG_HOLDING;
	row.secret.is_secret = true;
	row.secret.until = row.secret.renew_by = r->now + 300 * DAY_US;
	assert_true(rig_put(r, RIG_MANAGER, &row));
	assert_false(rig_view(r, RIG_CLERK, RIG_HOLDING, &doc, key));
	assert_int_equal(r->code, ANSWER_BEYOND_GRANT);
	const struct create_item another = {.id = DOCUMENT + 1, .version = 1,
	    .class = RECORD_DOCUMENT, .of = RECORD};
	struct message_record made;
	assert_false(make(r, &another, 1, ACT_CREATE, key, &made));
	assert_int_equal(r->code, ANSWER_BEYOND_GRANT);
	assert_true(rig_view(r, RIG_MANAGER, RIG_HOLDING, &doc, key));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RIG_TEST(test_entries_say_what_it_is),
	    RIG_TEST(test_it_passes_for_nothing_else),
	    RIG_TEST(test_it_is_made_alone),
	    RIG_TEST(test_it_has_a_record),
	    RIG_TEST(test_it_has_one_version),
	    RIG_TEST(test_it_goes_with_its_record),
	    RIG_TEST(test_it_is_secret_where_its_record_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
