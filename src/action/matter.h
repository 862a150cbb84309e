/* Inside of action: what the rows of matters share. */
#ifndef ACTION_MATTER_H
#define ACTION_MATTER_H

#include "procedure/procedure.h"
#include "rows.h"

/* R8-0147, by the fiscal year. */
struct slice matter_number(
    const struct call *call, uint32_t year, uint32_t sequence);

/* The matter of the path, if the visitor may see it. */
bool matter_find(struct call *call, struct matter *ret,
    struct err *err) MUST_CHECK;

/* The visitor in the capacity taken; `ctx` stays the caller's. */
struct acting {
	struct call *call;
	const struct matter *m;
	struct held held; /* who is in which office now */
	struct actor actor;
};
bool matter_acting(struct call *call, const struct matter *m,
    struct acting *ret, struct err *err) MUST_CHECK;

/* All of a matter's page, with the forms of what the visitor may do. */
extern const struct result matter_output[];
bool matter_put(struct call *call, struct err *err) MUST_CHECK;

/* A matter that is not there yet, in its first step; values NULL: no memory. */
struct matter matter_new(const struct call *call,
    const struct pack_procedure *p);

/* What lists call it. */
struct slice matter_name(struct call *call, const struct pack_procedure *p,
    const struct slice *values);

/* The holding that the matter is about, and who owns it. */
bool matter_take_holding(struct call *call, struct matter *m,
    const struct slice *values, struct err *err) MUST_CHECK;

/* Which fields the present step does not fill. */
void matter_fixed(const struct matter *m, bool ret[PACK_FIELDS_MAX]);

/* Lines into a list of the output. */
void matter_put_lines(struct call *call, struct out *list,
    const struct matter_line *lines, size_t n);

/* Where it is the visitor's turn, into the list "turns". */
#define RESULTS_LINES(list)                                                    \
    {list, OUT_LIST}, {list ".id", OUT_ID}, {list ".number", OUT_TEXT},        \
    {list ".procedure", OUT_TEXT}, {list ".name", OUT_TEXT},                   \
    {list ".step", OUT_TEXT}, {list ".asker", OUT_TEXT},                       \
    {list ".section", OUT_TEXT}, {list ".state", OUT_TEXT},                    \
    {list ".state_word", OUT_TEXT}, {list ".opened_at", OUT_TIME},             \
    {list ".due", OUT_UNTIL}, {list ".late", OUT_FLAG},                        \
    {list ".after", OUT_FLAG}
bool matter_put_turns(struct call *call, struct err *err) MUST_CHECK;

#endif
