/* Organs, as actions show and ask for them. */
#ifndef ACTION_ORGAN_H
#define ACTION_ORGAN_H

#include "people/people.h"
#include "rows.h"

/* An instant's day in Japan, YYYYMMDD. */
uint32_t digits_of_day(instant at);

/* Of the visitor's body, in their order. */
bool read_organs(struct call *call, struct people_organ **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

/* The organ of a section; false: none. */
bool organ_of(const struct call *call, uint64_t section,
    struct people_organ *ret) MUST_CHECK;

/*
 * The ordinance that a holding is under where its organ is outside the Act;
 * empty where the regulation is the rule.
 */
struct slice outside_of(const struct call *call, uint64_t holding);

/* "organ_options" */
bool put_organ_options(struct call *call, struct err *err) MUST_CHECK;

#define RESULTS_OF_ORGAN(p)                                                    \
	{p "id", OUT_ID}, {p "name", OUT_TEXT}, {p "head", OUT_TEXT},          \
	    {p "adopted_on", OUT_DATE}, {p "ordinance", OUT_TEXT},             \
	    {p "bound", OUT_FLAG}

void put_organ(struct call *call, struct out *o,
    const struct people_organ *organ);

/* "unbound": organs that the regulation does not bind today, and why. */
bool put_unbound(struct call *call, struct err *err) MUST_CHECK;

#endif
