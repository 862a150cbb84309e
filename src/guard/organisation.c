/*
 * Organs, sections, persons, accounts and posts: plain rows, each change with
 * its entry.
 */
#include "guard/inside.h"
#include "people/people.h"

struct plain {
	uint64_t body;
	const void *row;
};

/* The right, and a change of one row. */
struct plain_change {
	enum right right;
	uint64_t *id; /* of the row: set when 0 */
	const void *row;
	const char *verb;
	bool (*run)(struct store_tx *tx, void *arg, struct err *err);
};

static bool
put_plain(struct door *d, struct visitor *v, const struct plain_change *c,
    struct err *err)
{
	const uint64_t was = *c->id;
	if ((v->rights & RIGHT_BIT(c->right)) == 0)
		return ERR(err, ERR_DENIED, "this needs the right %s",
		    right_name(c->right));
	if (was == 0)
		*c->id = people_new_id();
	struct plain p = {.body = v->body, .row = c->row};
	const struct change change = {.run = c->run,
	    .arg = &p,
	    .verb = c->verb,
	    .subject = *c->id,
	    .body = v->body != 0 ? v->body : *c->id};
	if (door_change_entered(d, v, &change, err)) {
		atomic_fetch_add(&d->guard->namings, 1);
		return true;
	}
	*c->id = was;
	return false;
}

static bool
run_organ(struct store_tx *tx, void *arg, struct err *err)
{
	const struct plain *p = arg;
	return people_put_organ(tx, p->body, p->row, err);
}

static bool
run_section(struct store_tx *tx, void *arg, struct err *err)
{
	const struct plain *p = arg;
	return people_put_section(tx, p->body, p->row, err);
}

static bool
run_person(struct store_tx *tx, void *arg, struct err *err)
{
	const struct plain *p = arg;
	return people_put_person(tx, p->body, p->row, err);
}

static bool
run_account(struct store_tx *tx, void *arg, struct err *err)
{
	const struct plain *p = arg;
	return people_put_account(tx, p->body, p->row, err);
}

static bool
run_office(struct store_tx *tx, void *arg, struct err *err)
{
	const struct plain *p = arg;
	return people_put_office(tx, p->body, p->row, err);
}

static bool
run_body(struct store_tx *tx, void *arg, struct err *err)
{
	const struct plain *p = arg;
	return people_put_body(tx, p->row, err);
}

/*
 * The keeper has no key for a body that has no row yet, so there is no entry:
 * the body's own authority row, which comes next, is one.
 */
bool
door_put_people_body(
    struct door *d, struct visitor *v, struct people_body *row, struct err *err)
{
	if (!session_id_is_none(&v->session))
		return ERR(err, ERR_DENIED, "bodies are made in maintenance");
	if (row->id == 0)
		row->id = people_new_id();
	row->created = door_now(d);
	struct plain p = {.body = row->id, .row = row};
	return door_change(d, v->fiber, run_body, &p, err);
}

bool
door_put_organ(struct door *d, struct visitor *v, struct people_organ *row,
    struct err *err)
{
	return put_plain(d, v,
	    &(struct plain_change){.right = RIGHT_APPOINT,
		.id = &row->id,
		.row = row,
		.verb = "people.organ",
		.run = run_organ},
	    err);
}

bool
door_put_section(struct door *d, struct visitor *v, struct people_section *row,
    struct err *err)
{
	return put_plain(d, v,
	    &(struct plain_change){.right = RIGHT_APPOINT,
		.id = &row->id,
		.row = row,
		.verb = "people.section",
		.run = run_section},
	    err);
}

bool
door_put_person(struct door *d, struct visitor *v, struct people_person *row,
    struct err *err)
{
	return put_plain(d, v,
	    &(struct plain_change){.right = RIGHT_APPOINT,
		.id = &row->id,
		.row = row,
		.verb = "people.person",
		.run = run_person},
	    err);
}

bool
door_put_account(struct door *d, struct visitor *v, struct people_account *row,
    struct err *err)
{
	return put_plain(d, v,
	    &(struct plain_change){.right = RIGHT_ACCOUNT,
		.id = &row->id,
		.row = row,
		.verb = "people.account",
		.run = run_account},
	    err);
}

bool
door_put_office(struct door *d, struct visitor *v, struct people_office *row,
    struct err *err)
{
	return put_plain(d, v,
	    &(struct plain_change){.right = RIGHT_APPOINT,
		.id = &row->id,
		.row = row,
		.verb = "people.office",
		.run = run_office},
	    err);
}

bool
door_commit(struct door *d, struct visitor *v, const struct door_commit *c,
    struct err *err)
{
	const struct change change = {.run = c->run,
	    .arg = c->arg,
	    .verb = c->verb,
	    .subject = c->subject};
	return door_change_entered(d, v, &change, err);
}
