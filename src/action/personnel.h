/* Inside of action: personnel changes (人事異動), read and shown. */
#ifndef ACTION_PERSONNEL_H
#define ACTION_PERSONNEL_H

#include "guard/door_personnel.h"
#include "people/change.h"
#include "sheet.h"

/* The columns of the table that is uploaded. */
extern const struct sheet_column personnel_columns[];
extern const size_t personnel_column_count;

/*
 * What the table asks for, as appointments of personnel_pack(): `at` is when
 * it takes effect, `until` the end of an appointment that names none.
 * ERR_INPUT where the sheet has problems then.
 */
bool personnel_read(struct sheet *s, instant at, instant until,
    struct door_appointment **ret, size_t *ret_n, struct err *err) MUST_CHECK;

/* What it comes to: the rehearsal, at most so many of each list. */
enum { PERSONNEL_SHOWN_MAX = 200 };

#define RESULTS_OF_EFFECT                                                      \
	{"effect_at", OUT_TIME}, {"line_count", OUT_NUMBER},                   \
	    {"begin_count", OUT_NUMBER}, {"end_count", OUT_NUMBER},            \
	    {"lengthen_count", OUT_NUMBER}, {"lines", OUT_LIST},               \
	    {"lines.kind", OUT_TEXT}, {"lines.kind_word", OUT_TEXT},           \
	    {"lines.person", OUT_TEXT}, {"lines.post", OUT_TEXT},              \
	    {"lines.from", OUT_TIME}, {"lines.until", OUT_UNTIL},              \
	    {"vacancy_count", OUT_NUMBER}, {"vacancies", OUT_LIST},            \
	    {"vacancies.post", OUT_TEXT},                                      \
	    {"vacancies.compulsory", OUT_FLAG},                                \
	    {"vacancies.article", OUT_TEXT}, {"grant_count", OUT_NUMBER},      \
	    {"grants", OUT_LIST}, {"grants.person", OUT_TEXT},                 \
	    {"grants.holding", OUT_TEXT}, {"grants.own_end", OUT_FLAG},        \
	    {"matter_count", OUT_NUMBER}, {"matters", OUT_LIST},               \
	    {"matters.id", OUT_ID}, {"matters.number", OUT_TEXT},              \
	    {"matters.name", OUT_TEXT}, {"matters.person", OUT_TEXT},          \
	    {"matters.section", OUT_TEXT}
bool personnel_put_effect(struct call *call, const struct people_change *c,
    struct err *err) MUST_CHECK;

/* All of it as CSV into call->content. */
bool personnel_write_csv(struct call *call, const struct people_change *c,
    struct err *err) MUST_CHECK;

#endif
