/*
 * What duties are judged by, read from registers, matters and the
 * organisation as it was known at an instant. Rows of registers carry two
 * times: the day of the fact, and the instant at which the row came to say so;
 * what was written down later is not seen from an earlier day.
 */
#ifndef DUTY_EVIDENCE_H
#define DUTY_EVIDENCE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/door_people.h"
#include "people/people.h"
#include "regulation/duty.h"

/* A row that stood, or a matter that was done. */
struct proof_row {
	uint64_t id;
	uint64_t section; /* 0: the body's */
	uint64_t holding; /* matters */
	struct slice name;
	const struct slice *values; /* of the fields */
	struct date fact; /* the register's day of the fact, the matter's end */
	struct date made; /* on which it was written, or begun */
};

/* Of one register or procedure. */
struct proofs {
	const struct pack_field *fields;
	size_t n_fields;
	size_t n;
	const struct proof_row *rows;
};

struct evidence_ask {
	struct door *door;
	uint64_t body;
	const struct pack *pack;
	instant at; /* 0: now */
};

/* At most EVIDENCE_ROWS_MAX rows; ERR_LIMIT. */
enum { EVIDENCE_ROWS_MAX = 500000 };

bool evidence_of_register(const struct evidence_ask *ask,
    const struct pack_register *r, struct arena *a, struct proofs *ret,
    struct err *err) MUST_CHECK;
bool evidence_of_procedure(const struct evidence_ask *ask,
    const struct pack_procedure *p, struct arena *a, struct proofs *ret,
    struct err *err) MUST_CHECK;

/* The organisation: sections in ascending order of id. */
struct organisation {
	struct door_standing standing;
	size_t n_sections;
	struct people_section *sections;
	/*
	 * Of each section: its first appointment or holding, or the day when
	 * its organ adopted the regulation. Before, nobody owed anything.
	 * INT64_MAX: not yet, or an organ outside the Act.
	 */
	instant *begun;
	struct date founded; /* when the body came to be kept here */
};

bool evidence_of_people(const struct evidence_ask *ask, struct arena *a,
    struct organisation *ret, struct err *err) MUST_CHECK;

/* NULL: none. */
const struct people_section *organisation_section(
    const struct organisation *o, uint64_t id);

/* Fills in `begun` by appointments and holdings. False without memory. */
bool organisation_date(struct organisation *o, struct arena *a) MUST_CHECK;

/* The section is there by then and the regulation binds it; 0: the body. */
bool organisation_is_bound(
    const struct organisation *o, uint64_t section, instant at);

/* The section is `above`, or lies under it in the tree. */
bool organisation_is_within(
    const struct organisation *o, uint64_t section, uint64_t above);

/* The field of that id, or n_fields. */
size_t proofs_field(const struct proofs *p, struct slice id);

/* The date that is stored in a field: none where there is none. */
struct date proofs_date(struct slice stored);

#endif
