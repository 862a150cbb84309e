/*
 * Goal of this test: what was done stands in the ledger once, an auditor can
 * prove it with nothing but hashes, and nobody else reads it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "keeper/canon.h"
#include "keeper_case.h"
#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include "ledger/tree.h"

static bool
append(struct rig *r, struct append_ask ask, uint64_t *ret)
{
	struct entry_answer to = {0};
	bool ok = rig_call(r, MESSAGE_APPEND, &ask, &to);
	*ret = to.entry;
	return ok;
}

static bool
show(struct rig *r, enum rig_person p, uint64_t index,
    struct proof_answer *to)
{
	struct entry_ask ask = {
	    .session = *rig_session(r, p),
	    .capacity = rig_capacity(p),
	    .index = index,
	    .reference = SLICE("audit-1"),
	};
	return rig_call(r, MESSAGE_ENTRY, &ask, to);
}

static void
assert_member(struct slice readable, const char *key, const char *value)
{
	struct slice v;
	assert_true(canon_get(readable, key, &v));
	assert_true(slice_is(v, value));
}

/* Everything an auditor needs is in the answer; nothing of ours is trusted. */
static void
test_entry_proves_itself(void **state)
{
	struct rig *r = *state;
	static struct proof_answer to;
	struct tree_proof proof;
	uint8_t key[32], leaf[HASH_BYTES], hash[HASH_BYTES];
	uint8_t plain[4096], ad[52];
	struct message_record rec;
	struct err err;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 0x77, key, &rec));
	assert_true(rig_view(r, RIG_CLERK, RIG_HOLDING, &rec, key));
	uint64_t index = rig_entries(r) - 1;
	/* the log's key, as anybody may have it */
	struct status_answer status;
	struct note_key log_key;
	struct checkpoint_keys keys;
	assert_true(rig_call(r, MESSAGE_STATUS, &(struct status_ask){0},
	    &status));
	assert_true(note_key_read(status.key, &log_key, &err));
	assert_true(checkpoint_keys_of(slice_of(log_key.name), log_key.pub,
	    &keys, &err));
	assert_true(show(r, RIG_AUDITOR, index, &to));
	assert_true(canon_is_object(to.readable));
	assert_member(to.readable, "verb", "record.open");
	assert_member(to.readable, "act", "view");
	assert_member(to.readable, "account", "0000000000000113");
	assert_member(to.readable, "person", "0000000000000013");
	assert_member(to.readable, "capacity", "0000000000000213");
	assert_member(to.readable, "holding", "0000000000003000");
	assert_member(to.readable, "grant", "0000000000004000");
	assert_member(to.readable, "case", "R8-0147");
	assert_member(to.readable, "purpose", "resident.certificate");
	assert_member(to.readable, "records", "[\"0000000000000077\"]");
	assert_member(to.readable, "at", "2026-10-02T01:00:00.000000Z");
	assert_member(to.readable, "over", "false");
	/* in the tree */
	struct checkpoint c;
	assert_true(checkpoint_read(to.checkpoint, &keys, &c, &err));
	assert_int_equal(c.size, to.size);
	proof.n = to.n;
	memcpy(proof.hash, to.proof, to.n * HASH_BYTES);
	tree_hash_leaf(to.leaf, leaf);
	assert_true(tree_is_included(leaf, index, to.size, c.root, &proof));
	/* the commitment, and what the seal holds */
	struct slice parts[] = {to.salt, to.readable};
	hash_parts(parts, 2, hash);
	assert_memory_equal(hash, to.leaf.p + 12, HASH_BYTES);
	struct aead *a = aead_open();
	memcpy(ad, to.leaf.p, 44);
	num_put_be64(ad + 44, index);
	assert_true(aead_unseal(a, (const uint8_t *)to.key.p,
	    slice_bytes(ad, sizeof(ad)), slice_from(to.leaf, 44), plain,
	    &err));
	assert_memory_equal(plain + 16, to.readable.p, to.readable.n);
	/* its key opens no other entry */
	uint8_t entry_key[32];
	memcpy(entry_key, to.key.p, 32);
	assert_true(show(r, RIG_AUDITOR, index - 1, &to));
	memcpy(ad, to.leaf.p, 44);
	num_put_be64(ad + 44, index - 1);
	assert_false(aead_unseal(a, entry_key, slice_bytes(ad, sizeof(ad)),
	    slice_from(to.leaf, 44), plain, &err));
	aead_close(a);
	/* that it was shown is entered */
	assert_true(show(r, RIG_AUDITOR, to.entry, &to));
	assert_member(to.readable, "verb", "entry.show");
	char shown[32];
	(void)snprintf(shown, sizeof(shown), "%u", (unsigned)index);
	assert_member(to.readable, "shown", shown);
}

static void
test_only_auditors_read(void **state)
{
	struct rig *r = *state;
	static struct proof_answer to;
	assert_false(show(r, RIG_CLERK, 1, &to));
	assert_int_equal(r->code, ANSWER_NO_RIGHT);
	assert_false(show(r, RIG_OPERATOR, 1, &to));
	assert_int_equal(r->code, ANSWER_NO_RIGHT);
	assert_false(show(r, RIG_AUDITOR, 1000000, &to));
	assert_int_equal(r->code, ANSWER_NOT_FOUND);
}

static void
test_append(void **state)
{
	struct rig *r = *state;
	static struct proof_answer to;
	uint64_t first, again;
	struct append_ask ask = {
	    .session = *rig_session(r, RIG_CLERK),
	    .capacity = rig_capacity(RIG_CLERK),
	    .verb = SLICE("matter.step"),
	    .reference = SLICE("R8-1"),
	    .outbox = 0x1234,
	    .n_subjects = 1,
	    .subjects = {0x42},
	    .detail = SLICE("{\"a\":1,\"b\":[true,\"\\n\xe5\xad\x97\"]}"),
	};
	assert_true(append(r, ask, &first));
	/* the outbox is drained again, also after a crash: entered once */
	assert_true(append(r, ask, &again));
	assert_int_equal(first, again);
	rig_kill(r);
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	for (unsigned p = RIG_REGISTRAR; p < RIG_PERSONS_END; p++)
		assert_true(rig_logon(r, p));
	ask.session = *rig_session(r, RIG_CLERK);
	assert_true(append(r, ask, &again));
	assert_int_equal(first, again);
	assert_true(show(r, RIG_AUDITOR, first, &to));
	assert_member(to.readable, "detail",
	    "{\"a\":1,\"b\":[true,\"\\n\xe5\xad\x97\"]}");
	assert_member(to.readable, "subjects", "[\"0000000000000042\"]");
	ask.outbox = 0x1235;
	ask.capacity = rig_capacity(RIG_MANAGER);
	assert_false(append(r, ask, &again));
	assert_int_equal(r->code, ANSWER_NO_CAPACITY);
	/* the system's own, without a session */
	struct append_ask system = {
	    .body = RIG_BODY, .verb = SLICE("duty.due")};
	assert_true(append(r, system, &again));
	system.body = 0x9999;
	assert_false(append(r, system, &again));
	assert_int_equal(r->code, ANSWER_NOT_FOUND);
}

/* A server may not write what only the keeper knows. Each costs a channel. */
static void
test_append_refuses_own_verbs_and_bad_detail(void **state)
{
	struct rig *r = *state;
	static const char *const verbs[] = {"record.open", "refused",
	    "session.start", "authority.put", "entry.show", "keeper.start",
	    "token.find", "Matter", "", "a b", "a\"b"};
	static const char *const details[] = {"[]", "{", "{}x", "{\"a\":1.5}",
	    "{\"b\":1,\"a\":2}", "{\"a\":1,\"a\":2}", "{ }", "{\"a\":01}",
	    "{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\\u0041\"}",
	    "{\"a\":\"\\/\"}", "{\"a\":-0}",
	    "{\"a\":[[[[[[[[[[1]]]]]]]]]]}"};
	uint64_t entry;
	uint64_t entries = 0;
	for (size_t i = 0; i < 11 + 14; i++) {
		struct append_ask ask = {
		    .verb = i < 11 ? slice_of(verbs[i]) : SLICE("ok"),
		    .detail = i < 11 ? SLICE_NONE : slice_of(details[i - 11]),
		};
		rig_stop(r);
		assert_true(rig_start(r));
		assert_int_equal(rig_load(r), KEEPER_OPEN);
		entries = rig_entries(r);
		assert_false(append(r, ask, &entry));
		assert_int_equal(r->code, ANSWER_BAD_MESSAGE);
		assert_false(append(r, ask, &entry));
		assert_int_equal(r->code, ANSWER_LOST);
	}
	rig_stop(r);
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	assert_int_equal(rig_entries(r), entries + 1); /* keeper.start */
}

static void
test_feed_has_no_detail(void **state)
{
	struct rig *r = *state;
	static struct feed_answer to;
	uint64_t entry, seen = 0;
	size_t cases = 0;
	struct append_ask ask = {.session = *rig_session(r, RIG_CLERK),
	    .verb = SLICE("matter.step"), .reference = SLICE("R8-0147"),
	    .detail = SLICE("{\"note\":\"hidden\"}")};
	assert_true(append(r, ask, &entry));
	struct feed_ask feed = {.max = 10};
	do {
		assert_true(rig_call(r, MESSAGE_FEED, &feed, &to));
		for (size_t i = 0; i < to.n; i++) {
			struct slice s = to.rows[i].readable;
			assert_int_equal(to.rows[i].index, seen++);
			assert_true(canon_is_object(s));
			cases += memmem(s.p, s.n, "R8-0147", 7) != NULL;
			assert_null(memmem(s.p, s.n, "hidden", 6));
		}
		feed.from = to.next;
	} while (to.n > 0);
	assert_int_equal(seen, rig_entries(r));
	assert_int_equal(cases, 1);
}

static void
test_retired_month_is_unreadable(void **state)
{
	struct rig *r = *state;
	static struct proof_answer proof;
	static struct feed_answer feed;
	struct entry_answer to;
	uint64_t entry;
	struct append_ask ask = {.session = *rig_session(r, RIG_CLERK),
	    .verb = SLICE("matter.step"), .retention = 3};
	assert_true(append(r, ask, &entry));
	struct authority_row row = rig_row(r, AUTHORITY_APPOINTMENT, 0x6000);
	row.appointment.person = RIG_CLERK;
	row.appointment.rights = RIGHT_BIT(RIGHT_OPERATE);
	assert_true(authority_text_set(&row.appointment.office, SLICE("x")));
	assert_true(rig_put(r, RIG_REGISTRAR, &row));
	rig_wait(r, 31 * DAY_US);
	assert_true(rig_logon(r, RIG_OPERATOR));
	assert_true(rig_logon(r, RIG_AUDITOR));
	struct retire_ask retire = {
	    .session = *rig_session(r, RIG_OPERATOR),
	    .capacity = rig_capacity(RIG_OPERATOR),
	    .retention = 3,
	    .month = (2026 - 1970) * 12 + 9,
	};
	assert_true(rig_call(r, MESSAGE_RETIRE, &retire, &to));
	assert_false(show(r, RIG_AUDITOR, entry, &proof));
	assert_int_equal(r->code, ANSWER_NOT_FOUND);
	assert_false(rig_call(r, MESSAGE_RETIRE, &retire, &to));
	assert_int_equal(r->code, ANSWER_NOT_FOUND);
	struct feed_ask f = {.from = entry, .max = 1};
	assert_true(rig_call(r, MESSAGE_FEED, &f, &feed));
	assert_int_equal(feed.n, 1);
	assert_int_equal(feed.rows[0].readable.n, 0);
	rig_stop(r);
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	assert_true(rig_logon(r, RIG_AUDITOR));
	assert_false(show(r, RIG_AUDITOR, entry, &proof));
	assert_true(show(r, RIG_AUDITOR, entry + 1, &proof));
}

/* The log was cut at its end, behind what was signed: nothing is given. */
static void
test_shorter_log_is_refused(void **state)
{
	struct rig *r = *state;
	struct status_answer to;
	struct checkpoint_answer note;
	char command[512];
	rig_stop(r);
	(void)snprintf(command, sizeof(command), "cp -r %s/ledger %s/old",
	    r->keeper, r->dir);
	assert_int_equal(system(command), 0);
	rig_start(r);
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	assert_true(rig_call(r, MESSAGE_CHECKPOINT, &(struct checkpoint_ask){0},
	    &note));
	rig_stop(r);
	(void)snprintf(command, sizeof(command),
	    "cp %s/ledger/checkpoint %s/old/ && rm -r %s/ledger && "
	    "mv %s/old %s/ledger",
	    r->keeper, r->dir, r->keeper, r->dir, r->keeper);
	assert_int_equal(system(command), 0);
	assert_true(rig_start(r));
	assert_true(
	    rig_call(r, MESSAGE_STATUS, &(struct status_ask){0}, &to));
	assert_int_equal(to.state, KEEPER_REFUSING);
	assert_false(rig_logon(r, RIG_CLERK));
	assert_int_equal(r->code, ANSWER_REFUSING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RIG_TEST(test_entry_proves_itself),
	    RIG_TEST(test_only_auditors_read),
	    RIG_TEST(test_append),
	    RIG_TEST(test_append_refuses_own_verbs_and_bad_detail),
	    RIG_TEST(test_feed_has_no_detail),
	    RIG_TEST(test_retired_month_is_unreadable),
	    RIG_TEST(test_shorter_log_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
