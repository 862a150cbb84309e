/*
 * Personnel changes (人事異動): many appointments ended, made and lengthened
 * as one. Whoever has right appoint proposes rows; the keeper's CHANGE row
 * holds their digest, and waits for a second person where the body wants two;
 * then they are applied, part by part. Rows may lie ahead: they take effect
 * by themselves at 0:00 of their day.
 *
 * Nobody proposes, confirms or applies a change of their own appointments.
 */
#ifndef GUARD_DOOR_PERSONNEL_H
#define GUARD_DOOR_PERSONNEL_H

#include "guard/door_authority.h"

enum {
	PERSONNEL_ROWS_MAX = CHANGE_PARTS_MAX * CHANGE_ROWS_MAX,
	PERSONNEL_DAYS_MAX = 60 /* after its day, in which it may be applied */
};

/*
 * Encodes rows as people_change stores them: with id, a change of that
 * appointment's from and until alone; without, a new one. The pack gives the
 * office its rights. ERR_NOT_FOUND: no such appointment.
 */
bool personnel_pack(struct door *d, const struct visitor *v,
    const struct door_appointment *list, size_t n, struct buf *to,
    struct err *err) MUST_CHECK;

/*
 * The next row of what personnel_pack() made, and its text; moves *rest.
 * False at the end, where rest->n is 0, or where there is no row.
 */
bool personnel_next_row(struct slice *rest, struct slice *ret,
    struct authority_row *row) MUST_CHECK;

struct people_change;

/* Right appoint. Makes c->id, stores c. *ret: whether it waits for another. */
bool personnel_propose(struct door *d, struct visitor *v,
    struct people_change *c, struct slice reference, struct put *ret,
    struct err *err) MUST_CHECK;

enum personnel_state {
	PERSONNEL_WAITING,  /* for a second person */
	PERSONNEL_STANDING, /* may be applied */
	PERSONNEL_APPLIED,
	PERSONNEL_OVER,     /* taken back, or its time has run out */
	PERSONNEL_STATES
};

const char *personnel_state_name(enum personnel_state state);

struct shown_personnel {
	enum personnel_state state;
	bool is_whole; /* the rows are those that were proposed */
	bool may_confirm, may_apply, may_withdraw; /* this visitor */
	uint64_t made_by, confirmed_by; /* persons; 0: nobody */
	instant until; /* in which it may be applied */
};

/* c->rows may be empty where is_whole is not asked. */
bool personnel_show(struct door *d, struct visitor *v,
    const struct people_change *c, struct shown_personnel *ret,
    struct err *err) MUST_CHECK;

/*
 * Confirms it where it waits for this visitor, then makes all rows that are
 * not there yet. ERR_CONFLICT: appointments were changed since it was
 * proposed, and nothing of the part where that showed was made.
 */
bool personnel_apply(struct door *d, struct visitor *v,
    const struct people_change *c, struct slice reference,
    struct err *err) MUST_CHECK;

bool personnel_withdraw(struct door *d, struct visitor *v, uint64_t id,
    struct slice reference, struct err *err) MUST_CHECK;

/* ---- what it comes to ---- */

enum personnel_kind { PERSONNEL_END, PERSONNEL_BEGIN, PERSONNEL_LENGTHEN };

struct personnel_line {
	enum personnel_kind kind;
	uint64_t id, person, section, organ;
	struct slice office; /* the pack's key */
	instant from, until;
};

/* A post that somebody holds the moment before, and nobody from then on. */
struct personnel_vacancy {
	struct slice office;
	uint64_t section, organ;
};

/*
 * A grant that is good the moment before and no longer: it ends with its
 * appointment, or (is_own_end) of a lengthened one it has its own earlier end.
 */
struct personnel_grant {
	uint64_t id, person, holding;
	bool is_own_end;
};

struct personnel_effect {
	size_t n_lines, n_vacancies, n_grants;
	struct personnel_line *lines;
	struct personnel_vacancy *vacancies;
	struct personnel_grant *grants;
};

/* At the beginning of its day. What was proposed, whether applied or not. */
bool personnel_effect(struct door *d, struct visitor *v,
    const struct people_change *c, struct personnel_effect *ret,
    struct err *err) MUST_CHECK;

#endif
