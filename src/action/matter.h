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

/* Which matters are asked for; the scope is checked. */
extern const char *const matter_scopes[];
extern const char *const matter_states[];
#define FIELDS_MATTER_ASKED                                                    \
    {.name = "scope", .type = FIELD_CHOICE, .max = 10,                         \
        .choices = matter_scopes, .label = WORD_FIELD_MATTER_SCOPE},           \
    {.name = "procedure", .type = FIELD_KEY, .max = 64,                        \
        .label = WORD_FIELD_PROCEDURE},                                        \
    {.name = "state", .type = FIELD_CHOICE, .max = 10,                         \
        .choices = matter_states, .label = WORD_FIELD_MATTER_STATE}
bool matter_read_ask(struct call *call, struct matter_ask *ask,
    struct err *err) MUST_CHECK;

struct procedure_source matter_source_of(const struct call *call);

/* The pack's word for a step; its id where the pack no longer has it. */
struct slice matter_step_title(const struct call *call,
    struct slice procedure, struct slice step);

/* What a deed was about: a check's label, the step that it was sent back to. */
struct slice matter_item_text(struct call *call, const struct matter *m,
    const struct done *d);

struct slice matter_office_title(const struct call *call, struct slice office);

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
