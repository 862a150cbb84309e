/*
 * Inside of the keeper: one PUT of an authority row, and the rule of its kind.
 */
#ifndef KEEPER_PUT_H
#define KEEPER_PUT_H

#include "keeper/state.h"

/* One PUT under way. */
struct put {
	const struct put_ask *ask;
	const struct job *job;        /* what the worker found; may be NULL */
	struct authority_row row;     /* as asked, then as it will stand */
	struct session *session;      /* NULL: maintenance */
	const struct authority_appointment *capacity; /* NULL: none named */
	const struct roll_node *node; /* of the row's id; NULL: new */
	const struct authority_row *now;     /* that stands; NULL */
	const struct authority_row *pending; /* that waits; NULL */
	bool needs_second;
	const struct authority_row *change; /* that it is a part of; NULL */
};

/*
 * Who may put which row. `check` looks at the right and the row, and says
 * whether a second person is needed.
 */
struct put_rule {
	enum answer (*check)(struct keeper *k, struct put *p);
	bool in_maintenance; /* also without a session, then */
};

extern const struct put_rule put_rules[AUTHORITY_KINDS_END];

/* The row's node, and what stands and waits there. */
void put_find_node(const struct keeper *k, struct put *p);

/* The entry of a row that was staged, without session and verb. */
struct entry put_entry(struct keeper *k, const struct authority_row *row,
    struct slice encoded, const struct roll_set *set);

/* One's own password or code: no capacity is named. */
bool put_is_own_credential(const struct put *p);

#endif
