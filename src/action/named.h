/*
 * Inputs of type person and account: whom the text that was typed means.
 */
#ifndef ACTION_NAMED_H
#define ACTION_NAMED_H

#include "action/action.h"

/*
 * Sets the number of each such value: the id of whoever has that id, log-on
 * name, or, spaces and kana aside, that name or reading; else whose name or
 * reading begins so. Where several fit, they are put into call->offers and
 * ERR_INPUT tells it; the id of one of them, given beside the text, settles
 * it. Doubles are dropped. Only the first call of a request does this.
 */
bool call_find_named(struct call *call, struct err *err) MUST_CHECK;

/* Whom one text fits, by the same rules: at most NAMED_MAX, and more. */
enum { NAMED_MAX = 12 };

struct named {
	size_t n;
	uint64_t ids[NAMED_MAX];
	struct slice labels[NAMED_MAX]; /* filled in where there are several */
	bool has_more;
};

bool call_named_person(struct call *call, struct slice text,
    struct named *ret, struct err *err) MUST_CHECK;

/* So many persons that a form has a text to type in place of a list. */
bool call_types_persons(struct call *call);

#endif
