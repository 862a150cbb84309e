/*
 * Goal of this test: what a taken-over server cannot have from the keeper: a
 * key without its entry, another record than the one entered, an erased
 * record, more words to search by than were written; nor does a disk that is
 * full or fails give anything.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/must.h"
#include "keeper_case.h"
#include "ledger/file_fail.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RIG_TEST(test_same_key_comes_back),
	    RIG_TEST(test_entry_for_one_opens_no_other),
	    RIG_TEST(test_secret_class),
	    RIG_TEST(test_correct_keeps_the_slot),
	    RIG_TEST(test_erased_is_gone),
	    RIG_TEST(test_restored_slots_are_erased_again),
	    RIG_TEST(test_tokens),
	    RIG_TEST(test_full_disk_gives_nothing),
	    RIG_TEST(test_failed_sync_ends_the_keeper),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
