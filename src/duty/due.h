/*
 * When a duty falls due: pure functions of the pack's words, a calendar and
 * two days, the one since when it is owed and the one on which it was last
 * done.
 */
#ifndef DUTY_DUE_H
#define DUTY_DUE_H

#include "base/calendar.h"
#include "regulation/duty.h"

struct due_ask {
	const struct pack_duty *duty;
	uint64_t months; /* pack_duty_months() */
	const struct calendar *calendar;
	struct date begun;
	struct date last; /* none: never; a row's own day where it has one */
};

/*
 * The last day on which it is in time; none: nothing is owed any more.
 *
 * A period is counted from 1 April; several years together from the fiscal
 * year 2000. What was done within a period, late or not, counts for it, and
 * the next one is owed. What begins to be owed with less than `lead` days left
 * of a period is owed from the next one on.
 */
struct date duty_due(const struct due_ask *ask) MUST_CHECK;

/* First and last day of the period that holds a day. */
struct date duty_period_begin(uint64_t months, struct date day) MUST_CHECK;
struct date duty_period_end(uint64_t months, struct date day) MUST_CHECK;

enum duty_state {
	DUTY_MET,  /* done, or not near yet */
	DUTY_SOON, /* due within `lead` days, or never done yet */
	DUTY_LATE
};

/*
 * What was never done is proven by nothing, so it is near from the first day;
 * but a row is there by itself.
 */
enum duty_state duty_state_of(const struct due_ask *ask, struct date due,
    struct date today) MUST_CHECK;

/*
 * How many offices up the chain it has reached: one after `escalate` days past
 * the day, two after twice as many.
 */
unsigned duty_steps_up(const struct pack_duty *duty, struct date due,
    struct date today) MUST_CHECK;

#endif
