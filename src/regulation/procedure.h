/*
 * Procedures (手続) that a pack declares: fields, and steps one after another
 * with who may act. docs/pack-format.md, `procedures:`.
 */
#ifndef REGULATION_PROCEDURE_H
#define REGULATION_PROCEDURE_H

#include "regulation/effect.h"
#include "regulation/register.h"

enum {
	PACK_PROCEDURES_MAX = 100,
	PACK_STEPS_MAX = 20, /* of a procedure */
	PACK_CHECKS_MAX = 30, /* of a step's checklist */
	PACK_CONDITIONS_MAX = 20 /* side by side */
};

/*
 * A closed form over fields: all, any, none, or one comparison. An empty one
 * holds. A comparison with a field that has no value holds only as
 * `set: false`.
 */
struct pack_condition {
	struct pack_place place;
	const struct pack_condition *all;
	size_t n_all;
	const struct pack_condition *any;
	size_t n_any;
	const struct pack_condition *none;
	size_t n_none;
	struct pack_name field; /* empty: no comparison */
	const struct slice *is; /* one of these values, as stored */
	size_t n_is;
	uint64_t at_least, at_most; /* numbers, money */
	bool has_at_least, has_at_most;
	bool is_set;
	bool has_set;
};

enum pack_step_kind {
	PACK_STEP_ASK,    /* 申請: the first; what was sent back comes here */
	PACK_STEP_DECIDE, /* 決裁: approves, refuses or sends back */
	PACK_STEP_DO      /* 実施, 確認: done, or sent back */
};

/* In which section an office is looked for. */
enum pack_step_where {
	PACK_STEP_SECTION, /* that of the matter */
	PACK_STEP_HOLDING, /* that which owns the matter's holding */
	PACK_STEP_BODY     /* offices of the whole body, or of any section */
};

struct pack_check {
	struct pack_place place;
	struct slice id;
	struct pack_words label;
};

struct pack_due {
	struct pack_place place;
	uint64_t days;
	bool is_open; /* open days (開庁日), else calendar days */
};

struct pack_step {
	struct pack_place place;
	struct slice id;
	struct pack_words title;
	enum pack_step_kind kind;
	const struct pack_name *by; /* offices; empty: whoever asked */
	size_t n_by;
	bool needs_all; /* each of them (合議), not one */
	enum pack_step_where where;
	const struct pack_name *not_same_as; /* earlier steps */
	size_t n_not_same_as;
	const struct pack_name *fields; /* filled here, and nowhere later */
	size_t n_fields;
	const struct pack_check *checklist; /* each ticked before it ends */
	size_t n_checklist;
	struct pack_condition when; /* else it is passed over */
	bool has_when;
	struct pack_due due;
	bool has_due;
	const struct pack_effect *effects; /* what taking it brings about */
	size_t n_effects;
	const struct pack_article *articles;
	size_t n_articles;
};

struct pack_procedure {
	struct pack_place place;
	struct slice id;
	struct pack_words title;
	struct pack_words help;
	const struct pack_name *controls;
	size_t n_controls;
	const struct pack_name *begun_by; /* offices; empty: anybody */
	size_t n_begun_by;
	struct pack_name name;    /* the field that names a matter */
	struct pack_name holding; /* of type holding; may be empty */
	const struct pack_field *fields;
	size_t n_fields;
	const struct pack_step *steps; /* [0] is the only PACK_STEP_ASK */
	size_t n_steps;
};

/* NULL when there is none of that id. */
const struct pack_procedure *pack_procedure(
    const struct pack *p, struct slice id);

/* The position of a field or step of that id; n_fields, n_steps: none. */
size_t pack_procedure_field(const struct pack_procedure *p, struct slice id);
size_t pack_procedure_step(const struct pack_procedure *p, struct slice id);

/* The step in which a field is filled; the first where no step names it. */
size_t pack_procedure_owner(const struct pack_procedure *p, size_t field);

/* "decide" */
const char *pack_step_kind_name(enum pack_step_kind kind);

#endif
