/*
 * What tests of the keeper share: each test gets a rig of its own, in *state.
 */
#ifndef TESTS_KEEPER_CASE_H
#define TESTS_KEEPER_CASE_H

/* cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keeper_rig.h"

#define RIG_TEST(name)                                                         \
	cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
int rig_setup(void **state);
int rig_teardown(void **state);

/* The clerk does not view the record, for this reason. */
void assert_refused(struct rig *r, const struct message_record *rec,
    uint64_t holding, enum answer code);

#endif
