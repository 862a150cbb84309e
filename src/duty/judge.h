/*
 * Duties as they fall due: a pure function of the pack, the evidence and a
 * day. Nobody can set what comes out.
 */
#ifndef DUTY_JUDGE_H
#define DUTY_JUDGE_H

#include "duty/due.h"
#include "duty/evidence.h"

/* One duty owed for one of what it is owed for. */
struct duty_item {
	const struct pack_duty *duty;
	uint64_t subject; /* section, holding, person or row; 0: the body */
	uint64_t section; /* whose it is; 0: the body's */
	struct slice name; /* of a row; empty otherwise */
	struct date due;   /* none: nothing is owed any more */
	struct date last;  /* when it was last done; none: never */
	enum duty_state state;
};

struct judge_ask {
	const struct pack *pack;
	const struct organisation *people;
	const struct calendar *calendar;
	instant at;
	struct date today;
	/* Of a register or procedure that a duty names. */
	const struct proofs *(*find)(
	    void *ctx, struct slice of_register, struct slice of_procedure);
	void *ctx;
};

/*
 * All items of one duty that the pack demands, into the arena. ERR_LIMIT when
 * it is spent.
 */
bool duty_judge(const struct judge_ask *ask, const struct pack_duty *duty,
    struct arena *a, struct duty_item **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

#endif
