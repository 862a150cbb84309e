/*
 * What a control may be answered by: facts of the program, and registers,
 * procedures and duties of the pack.
 */
#include "regulation/duty.h"

static const char *const facts[] = {"grant.make", "guard.beyond_grant",
    "guard.my_number", "guard.no_grant", "guard.operator", "guard.purpose",
    "guard.second_factor", "guard.secret", "guard.terminal", "keeper.ledger",
    "keeper.limit", "keeper.logon", "pack.provision", "people.appointment",
    "record.correct", "record.erase", "session.idle", "terminal.register",
    "vault.document", "vault.holding", "vault.seal"};

static struct slice
behind(struct slice s, struct slice prefix)
{
	return slice_has_prefix(s, prefix) ? slice_from(s, prefix.n)
	                                   : SLICE("");
}

const struct pack_words *
pack_answer_title(const struct pack *p, struct slice answer)
{
	const struct pack_register *r =
	    pack_register(p, behind(answer, SLICE("register.")));
	const struct pack_procedure *x =
	    pack_procedure(p, behind(answer, SLICE("procedure.")));
	const struct pack_duty *d =
	    pack_duty(p, behind(answer, SLICE("duty.")));
	return r != NULL ? &r->title : x != NULL ? &x->title
	    : d != NULL ? &d->title : NULL;
}

bool
pack_answer_is_known(const struct pack *p, struct slice answer)
{
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (slice_is(answer, facts[i]))
			return true;
	return pack_answer_title(p, answer) != NULL;
}
