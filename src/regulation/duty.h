/*
 * Duties (義務) that a pack declares: what is owed for each of what, by whom,
 * by when, and what proves it. docs/pack-format.md, `duties:`.
 */
#ifndef REGULATION_DUTY_H
#define REGULATION_DUTY_H

#include "regulation/procedure.h"

enum {
	PACK_DUTIES_MAX = 200,
	PACK_DUTY_DAYS_MAX = 3660,
	PACK_CHAIN_MAX = 10
};

/* For each of what it is owed. */
enum pack_duty_each {
	PACK_EACH_BODY,
	PACK_EACH_SECTION,    /* 課等 */
	PACK_EACH_HOLDING,
	PACK_EACH_MY_NUMBER,  /* holdings with My Number */
	PACK_EACH_PERSON,     /* who holds an office */
	PACK_EACH_APPOINTMENT,
	PACK_EACH_ROW         /* of the register `of` */
};

/* A day on which the body is closed. */
enum pack_duty_closed {
	PACK_CLOSED_SAME,   /* counts as it is */
	PACK_CLOSED_BEFORE, /* the last open day before */
	PACK_CLOSED_AFTER   /* the next open day */
};

/* Rows of a register, or matters of a procedure that were carried out. */
struct pack_proof {
	struct pack_place place;
	struct pack_name of_register; /* one of the two */
	struct pack_name of_procedure;
	struct pack_condition when;   /* over its fields */
	bool has_when;
	struct pack_name key;  /* the field that says for what; see check */
	struct pack_name date; /* register: the day; left out: its fact */
};

struct pack_duty {
	struct pack_place place;
	struct slice id;
	struct pack_words title;
	struct pack_words help;
	const struct pack_name *controls;
	size_t n_controls;
	enum pack_duty_each each;
	enum pack_where where; /* sections: all, or those with a holding */
	struct pack_name of;   /* row: the register */
	struct pack_condition when; /* row: for which rows */
	bool has_when;
	/* person, appointment: whose; empty: of any office */
	const struct pack_name *offices;
	size_t n_offices;
	const struct pack_name *owner; /* the first that the body has */
	size_t n_owner;
	/* One of the four: */
	uint64_t months;      /* a period, counted from 1 April */
	uint64_t days;        /* so many days after the last time */
	uint64_t once;        /* so many days after it began to be owed */
	struct pack_name date; /* row: the field with the day */
	struct pack_name parameter; /* its value replaces months */
	uint64_t until_month; /* months 12: by the end of this one; 0: March */
	enum pack_duty_closed closed;
	struct pack_proof proof;
	bool has_proof;
	uint64_t lead;     /* days before the day from which it is near */
	uint64_t remind;   /* days between two reminders */
	uint64_t escalate; /* days past the day until the next office hears */
	enum pack_source source;
	const struct pack_article *articles;
	size_t n_articles;
	struct slice note;
};

/* NULL when there is none of that id. */
const struct pack_duty *pack_duty(const struct pack *p, struct slice id);

/* Some provision of the body's pack demands one of its controls. */
bool pack_duty_is_demanded(const struct pack *p, const struct pack_duty *d);

/* One of its controls is one of the provision's. */
bool pack_duty_is_of(
    const struct pack_duty *d, const struct pack_provision *p);

/*
 * Who owes it: the first office of `owner` that the pack has and that
 * reaches it. NULL: nobody; in a checked pack of a body only where no
 * provision demands it.
 */
const struct pack_office *pack_duty_owner(
    const struct pack *p, const struct pack_duty *d);

/* months, or the parameter's value where the pack has it; 0: no period. */
uint64_t pack_duty_months(const struct pack *p, const struct pack_duty *d);

/* The office above in the pack's chain; NULL: none is left. */
const struct pack_office *pack_chain_above(
    const struct pack *p, struct slice office);

/*
 * What a control is answered by: a fact of the program (a fixed list), or
 * "register.ID", "procedure.ID", "duty.ID" of the pack. Title: NULL for facts.
 */
bool pack_answer_is_known(const struct pack *p, struct slice answer);
const struct pack_words *pack_answer_title(
    const struct pack *p, struct slice answer);

/*
 * The condition holds for values of these fields. A comparison with a field
 * that is not there, or has no value, holds only as `set: false`.
 */
bool pack_condition_holds(const struct pack_field *fields, size_t n,
    const struct pack_condition *x, const struct slice *values);

#endif
