/* Inside of action: duties and the board, as the rows see them. */
#ifndef ACTION_DUTY_H
#define ACTION_DUTY_H

#include "duty/book.h"
#include "rows.h"

/* The visitor's body on a day; give it back with duty_close(). */
bool duty_open(struct call *call, struct date day, const struct view **ret,
    struct err *err) MUST_CHECK;
void duty_close(struct call *call, const struct view *v);

/* Today, or the past day that the input "at" names. */
bool duty_day(struct call *call, struct date *ret, struct err *err) MUST_CHECK;

/* How a late or near duty comes to the visitor. */
enum duty_reach {
	DUTY_ELSEWHERE,
	DUTY_OWN,      /* the visitor's office owes it */
	DUTY_ESCALATED /* it is so late that it has come up the chain */
};

enum duty_reach duty_reach_of(
    const struct call *call, const struct view *v, const struct duty_item *i);

/* 市民課, 住民基本台帳, or the name of the row; of persons only the section. */
struct slice duty_subject(struct call *call, const struct duty_item *i);

/* What is lacking, and who answers for it, in words. */
struct slice finding_missing(struct call *call, const struct view *v,
    const struct finding *f);
struct slice finding_office(struct call *call, const struct pack_provision *p,
    const struct finding *f);

/* Items side by side that one office sees as one line. */
#define RESULTS_DUTIES(list)                                                   \
    {list, OUT_LIST}, {list ".id", OUT_TEXT}, {list ".title", OUT_TEXT},       \
    {list ".subject", OUT_TEXT}, {list ".count", OUT_NUMBER},                  \
    {list ".section", OUT_TEXT}, {list ".office", OUT_TEXT},                   \
    {list ".due", OUT_DATE}, {list ".last", OUT_DATE},                         \
    {list ".days", OUT_NUMBER}, {list ".state", OUT_TEXT},                     \
    {list ".state_word", OUT_TEXT}, {list ".articles", OUT_TEXT},              \
    {list ".escalated", OUT_FLAG}, {list ".many", OUT_FLAG},                   \
    {list ".link", OUT_TEXT}, {list ".asks", OUT_LIST},                        \
    {list ".asks.name", OUT_TEXT}, {list ".asks.value", OUT_TEXT}

struct duty_filter {
	bool is_mine;         /* only what reaches the visitor */
	bool with_met;        /* also what is not near yet */
	struct slice state;   /* of the board; empty: any */
	struct slice duty;    /* id, each item in a line; empty: any */
	const struct pack_duty *of; /* NULL: any */
	uint64_t section;     /* 0: any */
	size_t max;
};

/* Late ones first, then by day. *ret_more: there are more than max. */
bool duty_put(struct call *call, const struct view *v,
    const struct duty_filter *filter, struct out *list, bool *ret_more,
    struct err *err) MUST_CHECK;

#endif
