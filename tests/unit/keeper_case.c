#include "keeper_case.h"

int
rig_setup(void **state)
{
	*state = rig_open();
	return 0;
}

int
rig_teardown(void **state)
{
	rig_close(*state);
	return 0;
}

void
assert_refused(struct rig *r, const struct message_record *rec,
    uint64_t holding, enum answer code)
{
	uint8_t key[RECORD_KEY_BYTES];
	assert_false(rig_view(r, RIG_CLERK, holding, rec, key));
	assert_int_equal(r->code, code);
}
