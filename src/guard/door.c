/*
 * A door: opening and closing it, waiting for the keeper, the pin.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "guard/inside.h"

/* ---- waiting for the keeper ---- */

struct waiting {
	struct keeper_call call;
	const struct keeper_asking *asking;
	enum answer code;
	bool is_done;
	bool is_waiting; /* its fiber gave up the thread */
	bool is_bad;     /* the answer could not be read or kept */
};

static void
answered(struct keeper_call *call, enum answer code, struct slice content)
{
	struct waiting *w = call->arg;
	const struct keeper_asking *a = w->asking;
	w->code = code;
	if (code == ANSWER_OK && a->keep != NULL) {
		content = arena_copy(a->keep, content);
		w->is_bad = content.p == NULL;
	}
	if (code == ANSWER_OK && !w->is_bad)
		w->is_bad =
		    !message_rule(a->type)->answer_read(content, a->answer);
	w->is_done = true;
	if (w->is_waiting)
		fiber_wake(a->fiber);
}

/* Other calls' answers are served meanwhile. */
static bool
block(struct channel *ch, const struct waiting *w, struct err *err)
{
	while (!w->is_done) {
		struct pollfd p = {.fd = channel_fd(ch), .events = POLLIN};
		if (!channel_flush(ch, err))
			return false;
		if (channel_wants_write(ch))
			p.events |= POLLOUT;
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return ERR_ERRNO(err, errno, "waiting for the keeper");
		if (!channel_poll(ch, err))
			return false;
	}
	return true;
}

bool
guard_ask(const struct keeper_asking *a, enum answer *ret_code, struct err *err)
{
	struct waiting w = {.asking = a};
	w.call.done = answered;
	w.call.arg = &w;
	if (ret_code != NULL)
		*ret_code = ANSWER_LOST;
	if (!channel_send(a->channel, &w.call, a->type, a->ask, err))
		return false;
	if (a->fiber == NULL) {
		/* Lost: the call was done with ANSWER_LOST. */
		if (!block(a->channel, &w, err))
			return false;
	}
	while (!w.is_done) {
		w.is_waiting = true;
		fiber_wait(a->fiber);
	}
	if (ret_code != NULL)
		*ret_code = w.code;
	if (w.code != ANSWER_OK)
		return answer_err(w.code, err);
	if (w.is_bad)
		return ERR(err, ERR_CORRUPT,
		    "the keeper's answer to %s is "
		    "malformed or too large",
		    message_rule(a->type)->name);
	return true;
}

/* ---- the pin ---- */

void
door_renew(struct door *d)
{
	struct guard *g = d->guard;
	uint64_t changes = atomic_load(&g->changes);
	if (changes == d->pinned && d->snapshot != NULL)
		return;
	must(pthread_mutex_lock(&g->lock) == 0);
	changes = atomic_load(&g->changes);
	if (g->compiled != changes) {
		struct snapshot *made;
		size_t n;
		const struct authority_row *const *rows = rows_all(g->rows, &n);
		/* Without memory nothing may be allowed that has ended. */
		must(snapshot_make(rows, n, &made, NULL));
		snapshot_drop(g->current);
		g->current = made;
		g->compiled = changes;
	}
	struct snapshot *s = snapshot_keep(g->current);
	must(pthread_mutex_unlock(&g->lock) == 0);
	snapshot_drop(d->snapshot);
	d->snapshot = s;
	d->pinned = changes;
}

/* ---- the door ---- */

bool
door_open(const struct door_config *config, struct door **ret, struct err *err)
{
	struct door *d = mem_alloc(1, sizeof(*d));
	if (d == NULL) {
		channel_close(config->channel);
		return ERR(err, ERR_BUSY, "no memory for a door");
	}
	d->config = *config;
	d->guard = config->guard;
	d->channel = config->channel;
	d->aead = aead_open();
	if (d->aead == NULL) {
		door_close(d);
		return ERR(err, ERR_BUSY, "no memory for a door");
	}
	if (!store_reader_open(d->guard->config.store, &d->reader, err)) {
		door_close(d);
		return false;
	}
	/* A door without a loop has no rounds. */
	if (d->config.post != NULL)
		store_reader_gather(d->reader);
	door_renew(d);
	*ret = d;
	return true;
}

void
door_close(struct door *d)
{
	if (d == NULL)
		return;
	channel_close(d->channel);
	if (d->reader != NULL)
		store_reader_close(d->reader);
	aead_close(d->aead);
	snapshot_drop(d->snapshot);
	mem_free(d);
}

int
door_fd(const struct door *d)
{
	return channel_fd(d->channel);
}

bool
door_poll(struct door *d, struct err *err)
{
	return channel_poll(d->channel, err);
}

bool
door_round(struct door *d, struct err *err)
{
	store_reader_settle(d->reader);
	door_renew(d);
	return channel_flush(d->channel, err);
}

struct store_reader *
door_reader(struct door *d)
{
	return d->reader;
}
