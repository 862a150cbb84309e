/*
 * Goal of this test: what a pack says is answered, is answered by a story that
 * passed, or it is not called so.
 */
#include <string.h>

#include "pack_bench.h"
#include "regulation/coverage.h"

static enum coverage_state
state_of(const struct coverage *c, const char *ref)
{
	const struct pack_provision *v = pack_provision(c->pack, slice_of(ref));
	assert_non_null(v);
	return c->states[v - c->pack->provisions];
}

/* Goal of this test: nothing is called answered that no story has shown. */
static void
coverage_needs_proof(void **state)
{
	struct pack *p = open_real("okinawa");
	struct arena *a = arena_open(1024 * 1024);
	struct coverage c;
	struct err err = ERR_INIT;
	assert_true(coverage_make(p, p, SLICE_NONE, "", a, &c, &err));
	assert_int_equal(c.counts[COVERAGE_ANSWERED], 0);
	assert_int_equal(
	    c.counts[COVERAGE_PLANNED] + c.counts[COVERAGE_UNPROVEN],
	    p->n_provisions);
	/* access.deny is answered by the guard, missend.check by nothing */
	assert_int_equal(state_of(&c, "art9.2"), COVERAGE_UNPROVEN);
	struct slice stories =
	    SLICE("story\tprovisions\tresult\n"
		  "0001\tokinawa:art9.2,law:66.1\tpassed\r\n"
		  "0002\tokinawa:art9.3\tfailed\n"
		  "0003\tkoriyama:art1, okinawa:art13\tpassed\n");
	assert_true(coverage_make(p, p, stories, "s", a, &c, &err));
	assert_int_equal(state_of(&c, "art9.2"), COVERAGE_ANSWERED);
	assert_int_equal(state_of(&c, "art9.3"), COVERAGE_UNPROVEN);
	assert_int_equal(c.counts[COVERAGE_ANSWERED], 1);
	arena_close(a);
	pack_close(p);
}

static void
stories_are_read_strictly(void **state)
{
	static const char *const bad[] = {"a\n", "a\tokinawa:art1\n",
	    "a\tokinawa:art1\tpassed\tx\n", "a\tart1\tpassed\n",
	    "a\tokinawa:\tpassed\n", "a\tokinawa:art999\tpassed\n",
	    "\tokinawa:art1\tpassed\n", "a\tokinawa:art1,,\tpassed\n"};
	struct pack *p = open_real("okinawa");
	struct arena *a = arena_open(1024 * 1024);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct coverage c;
		struct err err = ERR_INIT;
		if (coverage_make(p, p, slice_of(bad[i]), "s", a, &c, &err))
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(err.code, ERR_INPUT);
		assert_memory_equal(err.text, "s:1: ", 5);
	}
	arena_close(a);
	pack_close(p);
}

static void
coverage_is_a_table(void **state)
{
	struct bench b;
	struct pack *p = NULL;
	struct pack_faults *faults = pack_faults_open();
	struct arena *a = arena_open(65536);
	struct buf text = buf_of(65536);
	struct coverage c;
	struct err err = ERR_INIT;
	bench_open(&b);
	assert_true(open_bench(&b, &p, faults));
	assert_true(coverage_make(p, p,
	    SLICE("x\tsound:art2-3.1(4),sound:std5(6)\tpassed"), "s", a, &c,
	    &err));
	coverage_write(&c, &text);
	buf_add_byte(&text, '\0');
	assert_string_equal(text.p,
	    "art1\t保護管理者\taccess.grant,access.deny\tgrant.make,"
	    "guard.beyond_grant,procedure.access_request,"
	    "duty.grants.review,guard.no_grant,guard.secret,guard.my_number\t"
	    "unproven\n"
	    "art2-3.1(4)\t職員\t\t\tplanned\n"
	    "std5(6)\t記録\tlog.record\tkeeper.ledger\tanswered\n");
	buf_close(&text);
	arena_close(a);
	pack_close(p);
	pack_faults_close(faults);
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(coverage_needs_proof),
	    cmocka_unit_test(stories_are_read_strictly),
	    cmocka_unit_test(coverage_is_a_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
