/* Inside of action: papers laid out by a form (様式) of the pack. */
#ifndef ACTION_FORM_PAPER_H
#define ACTION_FORM_PAPER_H

#include "paper.h"
#include "regulation/form.h"

#define FIELD_FORM                                                             \
	{                                                                      \
		.name = "form", .type = FIELD_KEY, .max = 64,                  \
		.label = WORD_FIELD_FORM                                       \
	}

/* The forms that there are, for links; is_done: final ones too. */
#define RESULTS_FORMS                                                          \
	{"forms", OUT_LIST}, {"forms.id", OUT_TEXT}, {"forms.title", OUT_TEXT}
void put_forms(struct call *call, enum pack_form_of of, struct slice name,
    bool is_done);

/* That of the input "form", NULL for none; ERR_NOT_FOUND. */
bool form_find(struct call *call, enum pack_form_of of, struct slice name,
    const struct pack_form **ret, struct err *err) MUST_CHECK;

/* Title, number, day, and the text above. */
void form_begin(struct papering *p, const struct pack_form *f);

/* What a line of a form is made of. */
struct form_line {
	const struct pack_field *fields; /* of its own pack */
	size_t n_fields;
	const struct slice *values; /* of these fields, as stored */
	uint64_t section;
	uint64_t asker;
	struct slice number; /* of a matter; empty: counted */
	struct slice state;
	instant day;
};

/* A table with the form's columns, or facts, then its lines. */
bool form_table(struct papering *p, const struct pack_form *f,
    struct paper_table *ret, struct err *err) MUST_CHECK;
void form_put(struct papering *p, const struct pack_form *f,
    struct paper_table *t, const struct form_line *line);

/* The order of the lines, and the note below. */
void form_end(struct papering *p, const struct pack_form *f,
    struct paper_table *t);

#endif
