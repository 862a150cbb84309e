/*
 * Inside the store: one connection to PostgreSQL and its pipeline.
 *
 * Commands that answer nothing of interest (SAVEPOINT, RELEASE, rows of an
 * import) are sent and their answers read together with the next one that
 * matters; the first error among them is what the caller gets.
 */
#ifndef STORE_PG_LINK_H
#define STORE_PG_LINK_H

#include <libpq-fe.h>

#include "base/clock.h"
#include "store/link.h"

struct pg_link {
	struct store_link link;
	PGconn *conn;
	unsigned pending; /* commands sent whose answers were not read */
	bool is_synced;   /* a sync was sent behind them */
	bool is_lost;
	instant refused_at; /* of the clock for figures; 0: not */
	char spec[];
};

/* Makes the connection; one that was there must have been finished. */
bool pg_connect(struct pg_link *l, struct err *err) MUST_CHECK;

/* Fills *err with ERR_LOST, remembers it, returns false. */
bool pg_lost(struct pg_link *l, struct err *err);

/* The same for an answer that is an error; returns false. */
bool pg_refused(struct pg_link *l, const PGresult *r, struct err *err);

bool pg_is_good(const PGresult *r);

/* Before sending: answers that nobody waited for are read. */
bool pg_make_room(struct pg_link *l, struct err *err) MUST_CHECK;

bool
pg_send_text(struct pg_link *l, const char *text, struct err *err) MUST_CHECK;

/*
 * Sends a sync if none is out, reads all answers. The last one goes to *ret
 * (may be NULL) if all were good; the first error is told.
 */
bool pg_settle(struct pg_link *l, PGresult **ret, struct err *err);

#endif
