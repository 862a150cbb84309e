/*
 * What tests of the door share: one town for a whole program, on SQLite and
 * again on PostgreSQL; a holding with a record in it, and who sees that.
 */
#ifndef TESTS_GUARD_CASE_H
#define TESTS_GUARD_CASE_H

/* cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard_town.h"

#define LOOKS (ACT_BIT(ACT_SEARCH) | ACT_BIT(ACT_LIST) | ACT_BIT(ACT_VIEW))
#define WRITES (ACT_BIT(ACT_CREATE) | ACT_BIT(ACT_CORRECT))

/* Wants the call to succeed; the call hands on `err`, which is in here. */
#define CHECK(call)                                                            \
	do {                                                                   \
		struct err err = ERR_INIT;                                     \
		if (!(call))                                                   \
			fail_msg("%s: %s", #call, err.text);                   \
	} while (0)

extern struct town *town;

/* Runs the tests in a town of each engine; returns how many failed. `more`:
 * see town_open_with. */
#define RUN_IN_TOWNS(tests, more)                                              \
	run_in_towns(tests, sizeof(tests) / sizeof((tests)[0]), more)
int run_in_towns(
    const struct CMUnitTest *tests, size_t n, const struct store_module *more);

/* A holding with one record; clerks of 市民課 may do `acts`, and write. */
uint64_t furnish_holding(uint32_t acts, uint64_t *ret_record);

/* Of the newest version; false with the refusal. */
bool view_record(struct visitor *v, uint64_t holding, uint64_t record,
    struct shown_record *ret, struct decision *refusal);
void assert_view_refused(struct visitor *v, uint64_t holding, uint64_t record,
    enum pack_decision key);
void assert_seen(struct visitor *v, uint64_t holding, uint64_t record);

#endif
