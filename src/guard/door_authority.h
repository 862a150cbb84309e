/*
 * Who may: grants, appointments, terminals, credentials, permits. Each is a
 * row that the keeper makes, and some wait for a second person.
 */
#ifndef GUARD_DOOR_AUTHORITY_H
#define GUARD_DOOR_AUTHORITY_H

#include "guard/door.h"

struct door_grant {
	uint64_t id;       /* 0: new */
	uint64_t person;   /* to a person; or */
	uint64_t capacity; /* to a person in this appointment (of person); or */
	struct slice office; /* to whoever holds this office */
	uint64_t section;    /* with office; 0: in any section */
	uint64_t holding;
	uint32_t acts;      /* ACT_BIT(); ACT_SECRET opens 秘匿 */
	uint64_t items;     /* ITEMS_ALL or ITEM_BIT()s */
	struct slice label; /* only records with this label; empty: all */
	size_t n_terminals;
	uint64_t terminals[AUTHORITY_TERMINALS_MAX];
	uint8_t weekdays;
	uint16_t from_minute, to_minute;
	instant from, until;
	struct slice article; /* empty: of the pack's no_grant */
	struct slice ground;  /* of a provision to another organ (提供), with a
	                       * reference; empty: within the holding's organ */
	size_t n_days;        /* surge: only on these days in Japan */
	int32_t days[AUTHORITY_DAYS_MAX];
	struct slice reference;
};

/* ERR_DENIED: to another organ than the holding's, without a ground. */
bool door_put_grant(struct door *d, struct visitor *v,
    const struct door_grant *ask, struct put *ret, struct err *err) MUST_CHECK;

/*
 * The appointment of a person that a grant on the holding hangs on where none
 * is named: the one in the section that owns the holding; else the only one.
 * ERR_NOT_FOUND: none at `from`, or no such holding. ERR_CONFLICT: several.
 */
bool door_post_for(struct door *d, struct visitor *v, uint64_t holding,
    uint64_t person, instant from, uint64_t *ret, struct err *err) MUST_CHECK;

struct surge_person {
	uint64_t person;
	uint64_t capacity; /* 0: as door_post_for() finds it */
};

/* What came of a list; the rest is of those who have it now. */
struct surge {
	size_t made;
	size_t were_there;
};

/*
 * The same grant for each of 1 .. DOOR_SURGE_MAX persons, on days that it
 * names. All are looked at before the first is made, so a list with a fault
 * makes none. What can still fail is the keeper or the disk: then *ret says how
 * many there are, and the same list again makes the others, since whoever has
 * the very same grant is passed over.
 */
bool door_put_surge(struct door *d, struct visitor *v,
    const struct door_grant *ask, const struct surge_person *persons, size_t n,
    struct surge *ret, struct err *err) MUST_CHECK;

struct shown_grant {
	struct door_grant grant;
	uint32_t version;
	bool is_emergency;
	bool is_surge;
	bool is_in_force; /* now */
	uint64_t made_by;
	struct slice made_by_name;
	struct slice person_name;
	struct slice office_title;
	struct slice section_path;
};

/*
 * On one holding, or (0) on any, by id: all where the visitor has the right
 * grant or oversee over the owning section, or audit; else one's own grants.
 */
bool
door_grants(struct door *d, struct visitor *v, uint64_t holding, uint64_t after,
    struct shown_grant **ret, size_t *ret_n, struct err *err) MUST_CHECK;

/* One of those, emergencies too; ERR_NOT_FOUND. */
bool door_grant(struct door *d, struct visitor *v, uint64_t id,
    struct shown_grant *ret, struct err *err) MUST_CHECK;

struct door_appointment {
	uint64_t id; /* 0: new */
	uint64_t person;
	struct slice office;
	uint64_t section;
	uint64_t organ;
	uint32_t rights; /* 0: those of the office in the pack */
	instant from, until;
	struct slice reference;
};

bool door_put_appointment(struct door *d, struct visitor *v,
    const struct door_appointment *ask, struct put *ret,
    struct err *err) MUST_CHECK;

/* One, whether in force or not; ERR_NOT_FOUND. */
bool door_appointment(struct door *d, struct visitor *v, uint64_t id,
    struct shown_capacity *ret, struct err *err) MUST_CHECK;

/* Of a person (0: all of the body). */
bool door_appointments(struct door *d, struct visitor *v, uint64_t person,
    uint64_t after, struct shown_capacity **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

/*
 * Appointment, grant, emergency, permit, credential or terminal: ends at `at`.
 * The sessions of a credential, or begun at a terminal, end at once.
 */
struct door_end {
	enum authority_kind kind;
	uint64_t id;
	instant at; /* 0: now */
	struct slice reference;
};

bool door_end(struct door *d, struct visitor *v, const struct door_end *ask,
    struct put *ret, struct err *err) MUST_CHECK;

/*
 * Transfer: ends the person's appointments at `from` and, where to.office is
 * given, makes the new one from then on. Grants end with what they hang on.
 */
struct door_transfer {
	uint64_t person;
	instant from;
	struct door_appointment to;
};

bool door_transfer(struct door *d, struct visitor *v,
    const struct door_transfer *ask, struct put *ret,
    struct err *err) MUST_CHECK;

struct door_permit {
	uint64_t account;
	uint64_t holding; /* 0: any */
	uint32_t count;   /* records more than the limit */
	instant from, until;
	struct slice reference;
};

bool door_put_permit(struct door *d, struct visitor *v,
    const struct door_permit *ask, struct put *ret, struct err *err) MUST_CHECK;

struct door_terminal {
	uint64_t id; /* 0: new */
	struct slice name;
	uint8_t fingerprint[32];
	uint64_t section;
	instant from, until;
	struct slice reference;
};

bool door_put_terminal(struct door *d, struct visitor *v,
    const struct door_terminal *ask, struct put *ret,
    struct err *err) MUST_CHECK;

struct shown_terminal {
	uint64_t id;
	struct slice name;
	uint8_t fingerprint[32];
	uint64_t section;
	struct slice path; /* of the section */
	instant from, until;
	bool is_in_force; /* now */
};

/* All of the body, by id, ended ones too; at most DOOR_PAGE_MAX. */
bool door_terminals(struct door *d, struct visitor *v, uint64_t after,
    struct shown_terminal **ret, size_t *ret_n, struct err *err) MUST_CHECK;

/* One of those; ERR_NOT_FOUND. */
bool door_terminal(struct door *d, struct visitor *v, uint64_t id,
    struct shown_terminal *ret, struct err *err) MUST_CHECK;

/* Maintenance: the body's limits, from its pack. Needed before all else. */
bool door_put_body(struct door *d, struct visitor *v, instant until,
    struct put *ret, struct err *err) MUST_CHECK;

/*
 * Passwords. One's own: old_password. Another's: right account, then a second
 * person confirms; it must be changed at the next log-on. In maintenance:
 * neither. code_secret and code set up one-time codes (one's own only).
 */
struct door_credential {
	uint64_t account;
	struct slice old_password;
	struct slice password;
	struct slice code_secret; /* 20 bytes or empty */
	struct slice code;
	bool must_change; /* maintenance: good for one's own only */
	instant until;    /* 0: as before, or for ever */
	struct slice reference;
};

bool door_put_credential(struct door *d, struct visitor *v,
    const struct door_credential *ask, struct put *ret,
    struct err *err) MUST_CHECK;

/* A new secret for one-time codes; random. */
void door_new_code_secret(uint8_t ret[20]);

/* A password to hand out, to be changed at once: 80 random bits, readable. */
enum { DOOR_PASSWORD_BYTES = 20 };
void door_new_password(char ret[DOOR_PASSWORD_BYTES]);

struct shown_pending {
	enum authority_kind kind;
	uint64_t id;
	uint32_t version;
	uint64_t made_by;
	struct slice made_by_name;
	uint64_t account; /* CREDENTIAL, PERMIT */
	uint32_t count;   /* PERMIT */
	uint64_t holding; /* RELEASE: and what follows */
	uint64_t record;
	enum act act;
	struct slice purpose;
	instant from, until;
};

/* Rows that wait for a second person such as the visitor. */
bool door_pending(struct door *d, struct visitor *v, struct shown_pending **ret,
    size_t *ret_n, struct err *err) MUST_CHECK;
bool door_confirm(struct door *d, struct visitor *v, enum authority_kind kind,
    uint64_t id, struct put *ret, struct err *err) MUST_CHECK;

#endif
