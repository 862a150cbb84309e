/*
 * One database has one server. A row names the log whose keeper made what is
 * in it, and the seat (a keeper's folder on a machine) that serves from it and
 * says so every few seconds: two keepers would make two histories of it.
 */
#include <poll.h>

#include "guard.sql.h"
#include "guard/inside.h"

enum { RENEW_SECONDS = 5, LEAVE_SECONDS = 30, WAIT_SECONDS = 45 };

struct taking {
	const struct guard *guard;
	struct slice key; /* the log's */
	bool is_new;      /* the row is not there yet */
	bool is_followed; /* it names the log that a restore ended */
	instant now;
	bool is_taken; /* it is ours */
};

static bool
run_take(struct store_tx *tx, void *arg, struct err *err)
{
	struct taking *t = arg;
	const struct guard_config *c = &t->guard->config;
	const struct store_value made[] = {STORE_INT(0),
	    STORE_INT((int64_t)c->node), STORE_TEXT(t->key),
	    STORE_INT((int64_t)c->seat), STORE_INT(t->now)};
	const struct store_value p[] = {STORE_INT(0),
	    STORE_INT((int64_t)c->node), STORE_INT((int64_t)c->seat),
	    STORE_INT(t->now),
	    STORE_INT(t->now - (instant)LEAVE_SECONDS * SECOND_US)};
	const struct store_value followed[] = {STORE_INT(0),
	    STORE_INT((int64_t)c->node), STORE_TEXT(t->key)};
	int64_t changed = 1;
	bool ok = t->is_new
		      ? store_run(tx, GUARD_LOG_PUT, made, STORE_COUNT(made),
			    NULL, err)
		      : store_run(tx, GUARD_LOG_TAKE, p, STORE_COUNT(p),
			    &changed, err);
	t->is_taken = ok && changed == 1;
	return ok &&
	       (!t->is_taken || !t->is_followed ||
		   store_run(tx, GUARD_LOG_FOLLOW, followed,
		       STORE_COUNT(followed), NULL, err));
}

static bool
run_leave(struct store_tx *tx, void *arg, struct err *err)
{
	const struct guard_config *c = &((const struct guard *)arg)->config;
	const struct store_value p[] = {STORE_INT(0),
	    STORE_INT((int64_t)c->node), STORE_INT((int64_t)c->seat)};
	return store_run(
	    tx, GUARD_LOG_LEAVE, p, STORE_COUNT(p), NULL, err);
}

/*
 * Compares the log. A database that was restored with the keeper's folder
 * names the log that the restore ended, and follows it to the new one.
 */
static bool
check_log(struct guard *g, struct store_reader *r,
    const struct status_answer *s, struct taking *t, struct err *err)
{
	const struct store_value p[] = {
	    STORE_INT(0), STORE_INT((int64_t)g->config.node)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_query(r, GUARD_LOG_GET, p, STORE_COUNT(p), &rows, err))
		return false;
	t->key = s->key;
	t->is_new = !store_next(&rows);
	struct slice named = t->is_new
				 ? s->key
				 : store_text(&rows, GUARD_LOG_GET__KEY);
	t->is_followed = s->key_before.n > 0 &&
			 slice_is_equal(named, s->key_before);
	bool is_known = t->is_followed || slice_is_equal(named, s->key);
	return store_finish(&rows, err) &&
	       (is_known ||
		   ERR(err, ERR_CORRUPT,
		       "the database belongs to another log than this "
		       "keeper's: one database has one server"));
}

bool
guard_sit_down(struct guard *g, struct channel *channel,
    struct store_reader *r, struct err *err)
{
	const struct status_ask ask = {0};
	struct status_answer s;
	SCOPED(arena_close_scoped)
	struct arena *arena = arena_open(MESSAGE_MAX_BYTES);
	const struct keeper_asking a = {.channel = channel,
	    .keep = arena,
	    .type = MESSAGE_STATUS,
	    .ask = &ask,
	    .answer = &s};
	struct taking t = {.guard = g};
	if (arena == NULL)
		return ERR(err, ERR_BUSY, "no memory");
	if (!guard_ask(&a, NULL, err) ||
	    !check_log(g, r, &s, &t, err))
		return false;
	/* One that was killed has left after a while. */
	t.is_taken = !t.is_new && !t.is_followed && g->config.seat == 0;
	for (unsigned i = 0; i < WAIT_SECONDS && !t.is_taken; i++) {
		if (i > 0)
			(void)poll(NULL, 0, 1000);
		t.now = clock_now(g->config.clock);
		if (!store_write_now(g->config.store, run_take, &t, err))
			return false;
	}
	g->is_seated = t.is_taken && g->config.seat != 0;
	g->seen_at = t.now;
	return t.is_taken ||
	       ERR(err, ERR_BUSY,
		   "another server is on this database: one database has "
		   "one server");
}

void
guard_stand_up(struct guard *g)
{
	struct err none;
	if (g->is_seated)
		(void)!store_write_now(g->config.store, run_leave, g, &none);
}

bool
door_stay(
    struct door *d, struct fiber *fiber, bool *ret_is_taken, struct err *err)
{
	struct guard *g = d->guard;
	struct taking t = {.guard = g, .now = door_now(d)};
	*ret_is_taken = false;
	if (!g->is_seated ||
	    t.now - g->seen_at < (instant)RENEW_SECONDS * SECOND_US)
		return true;
	if (!door_change(d, fiber, run_take, &t, err))
		return false;
	*ret_is_taken = !t.is_taken;
	g->seen_at = t.now;
	return true;
}
