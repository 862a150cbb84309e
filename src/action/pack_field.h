/* Inside of action: fields that a pack declares, of registers and matters. */
#ifndef ACTION_PACK_FIELD_H
#define ACTION_PACK_FIELD_H

#include "register/value.h"
#include "regulation/register.h"
#include "rows.h"

/* v.FIELD=...: the values of such fields. */
#define FIELD_PACK_VALUES                                                      \
	{                                                                      \
		.name = "v", .type = FIELD_VALUES,                             \
		.max = PACK_FIELD_MAX_BYTES, .many = true,                     \
		.label = WORD_FIELD_VALUES                                     \
	}

/* The results that fields_put() gives. */
#define RESULTS_PACK_FIELDS                                                    \
    {"fields", OUT_LIST}, {"fields.name", OUT_TEXT},                           \
    {"fields.kind", OUT_TEXT}, {"fields.label", OUT_TEXT},                     \
    {"fields.required", OUT_FLAG}, {"fields.value", OUT_TEXT},                 \
    {"fields.hint", OUT_TEXT}, {"fields.mistake", OUT_TEXT},                   \
    {"fields.options", OUT_LIST}, {"fields.options.value", OUT_TEXT},          \
    {"fields.options.label", OUT_TEXT}, {"fields.options.selected", OUT_FLAG}

struct fields_asked {
	const struct pack_field *fields;
	size_t n;
	const struct slice *there; /* what stands, as stored; NULL: nothing */
	const bool *is_fixed;      /* not asked for, stays; NULL: all are */
	bool may_lack;             /* required ones may be empty for now */
	struct slice fact;         /* the field that is the day of the fact */
};

/* All values as stored; ERR_INPUT with a mistake for each that is wrong. */
bool fields_read(struct call *call, const struct fields_asked *ask,
    const struct slice **ret, struct err *err) MUST_CHECK;

/* The list "fields", with what was typed, or else what stands. */
bool fields_put(struct call *call, const struct fields_asked *ask,
    struct err *err) MUST_CHECK;

/* A mistake beside the field, which is no field of the table. */
void fields_mistake(struct call *call, const struct pack_field *f,
    enum word word, struct slice more);

/* What is wrong with a value, for people. */
struct slice field_flaw_text(struct call *call, const struct pack_field *f,
    enum value_flaw flaw);

/* The field is the day of the fact, and that day has not come. */
bool field_is_ahead(const struct call *call, struct slice fact,
    const struct pack_field *f, struct slice stored);

/* A stored value as people read it; empty for none. */
struct slice field_shown(struct call *call, const struct pack_field *f,
    struct slice stored);

/* 氏名、住所 or name,address: its parts, at most max. */
size_t items_split(struct slice text, struct slice *ret, size_t max);

/* What may be chosen for a field, into the list "options" of `item`. */
bool field_put_options(struct call *call, struct out *item,
    const struct pack_field *f, struct slice chosen,
    struct err *err) MUST_CHECK;

/* Articles of the body's regulation with one of these: 第9条第2項、... */
struct slice articles_of_controls(struct call *call,
    const struct pack_name *controls, size_t n);

#endif
