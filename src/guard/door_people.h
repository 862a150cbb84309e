/*
 * The organisation, and the rows of the folders above: plain rows, each change
 * entered in the ledger. Right appoint, where nothing else is said.
 */
#ifndef GUARD_DOOR_PEOPLE_H
#define GUARD_DOOR_PEOPLE_H

#include "guard/door.h"

struct people_organ;
struct people_section;
struct people_person;
struct people_account;
struct people_office;
struct people_body;

/* id 0: new, then set. Reading: people/people.h with door_reader(). */
bool door_put_people_body(struct door *d, struct visitor *v,
    struct people_body *row, struct err *err) MUST_CHECK; /* maintenance */
bool door_put_organ(struct door *d, struct visitor *v, struct people_organ *row,
    struct err *err) MUST_CHECK;
bool door_put_section(struct door *d, struct visitor *v,
    struct people_section *row, struct err *err) MUST_CHECK;
bool door_put_person(struct door *d, struct visitor *v,
    struct people_person *row, struct err *err) MUST_CHECK;
bool door_put_account(struct door *d, struct visitor *v,
    struct people_account *row, struct err *err) MUST_CHECK; /* right account */
/*
 * The account as given, locked or ended: its credential ends, which the keeper
 * sees to, so its sessions do; then the row. Log-on again needs a password
 * that two persons hand out. Right account.
 */
bool door_close_account(struct door *d, struct visitor *v,
    const struct people_account *account, struct slice reference,
    struct err *err) MUST_CHECK;
bool door_put_office(struct door *d, struct visitor *v,
    struct people_office *row, struct err *err) MUST_CHECK;

/*
 * Every appointment and holding of a body that the keeper verified, ended ones
 * and those to come too, in no order; texts in the arena.
 */
struct standing_post {
	uint64_t id; /* the capacity */
	uint64_t person;
	uint64_t section; /* 0: the whole body */
	struct slice office;
	instant from, until;
};

struct standing_holding {
	uint64_t id;
	uint64_t section; /* that owns it */
	instant from, until;
	bool is_my_number;
};

struct door_standing {
	size_t n_posts;
	struct standing_post *posts;
	size_t n_holdings;
	struct standing_holding *holdings;
};

bool door_standing(struct door *d, uint64_t body, struct arena *a,
    struct door_standing *ret, struct err *err) MUST_CHECK;

/* Raised whenever an authority row, a section, a person or an organ of any
 * body changes. */
uint64_t door_changes(const struct door *d);

/*
 * A change of the plain rows of a folder above this one, in one transaction
 * with its entry; returns when the entry is durable. Who may is the caller's
 * to decide before. `run` is in the writer's thread and must not wait.
 */
struct door_commit {
	bool (*run)(struct store_tx *tx, void *arg, struct err *err);
	void *arg;
	const char *verb; /* "register.put" */
	uint64_t subject; /* the row's id */
};

bool door_commit(struct door *d, struct visitor *v,
    const struct door_commit *c, struct err *err) MUST_CHECK;

/* The door's reader, for people/people.h. Not across a wait. */
struct store_reader *door_reader(struct door *d);

#endif
