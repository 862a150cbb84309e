/* Long because: what is entered, made and stored keeps one order here. */
/*
 * Changes: store jobs that a fiber waits for, rows that the keeper makes, and
 * the outbox of entries.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "guard.sql.h"
#include "guard/inside.h"
#include "people/authority.h"

/* ---- jobs ---- */

struct waited {
	struct store_job job;
	struct door_work work;
	struct door_config to; /* a copy: at a stop the door may go first */
	struct fiber *fiber;
	bool is_done;
	bool is_waiting;
};

/* On the door's thread again. */
static void
resume(struct door_work *work)
{
	struct waited *w =
	    (struct waited *)(void *)((char *)work -
				      offsetof(struct waited, work));
	w->is_done = true;
	if (w->is_waiting)
		fiber_wake(w->fiber);
}

/* In the writer's thread. */
static void
hand_back(struct store_job *job)
{
	struct waited *w =
	    (struct waited *)(void *)((char *)job -
				      offsetof(struct waited, job));
	w->to.post(w->to.ctx, &w->work);
}

static void
wait_until_done(struct waited *w)
{
	while (!w->is_done) {
		w->is_waiting = true;
		fiber_wait(w->fiber);
	}
}

void
door_pause(struct door *d, struct fiber *fiber)
{
	if (fiber == NULL || d->config.post == NULL)
		return;
	struct waited w = {.to = d->config, .fiber = fiber};
	w.work.fn = resume;
	d->config.post(d->config.ctx, &w.work);
	wait_until_done(&w);
}

bool
door_change(struct door *d, struct fiber *fiber,
    bool (*run)(struct store_tx *tx, void *arg, struct err *err), void *arg,
    struct err *err)
{
	if (fiber == NULL || d->config.post == NULL) {
		store_reader_settle(d->reader);
		return store_write_now(d->guard->config.store, run, arg, err);
	}
	struct waited w = {.to = d->config, .fiber = fiber};
	w.job.run = run;
	w.job.done = hand_back;
	w.job.arg = arg;
	w.work.fn = resume;
	if (!store_submit(d->guard->config.store, &w.job, err))
		return false;
	wait_until_done(&w);
	/* Others of this round may have read before: see what was written. */
	store_reader_settle(d->reader);
	if (w.job.err.code == ERR_NONE)
		return true;
	if (err != NULL)
		*err = w.job.err;
	return false;
}

/* ---- the outbox ---- */

struct boxed {
	const struct change *change;
	struct guard *guard;
	uint64_t body;
	uint64_t seq;
	struct slice entry;
};

static bool
run_boxed(struct store_tx *tx, void *arg, struct err *err)
{
	const struct boxed *b = arg;
	const struct store_value p[] = {STORE_INT((int64_t)b->body),
	    STORE_INT((int64_t)b->guard->config.node),
	    STORE_INT((int64_t)b->seq), STORE_BLOB(b->entry)};
	return b->change->run(tx, b->change->arg, err) &&
	       store_run(tx, GUARD_OUTBOX_PUT, p, STORE_COUNT(p), NULL, err);
}

static bool
drop_boxed(struct store_tx *tx, void *arg, struct err *err)
{
	const struct boxed *b = arg;
	const struct store_value p[] = {STORE_INT((int64_t)b->body),
	    STORE_INT((int64_t)b->guard->config.node),
	    STORE_INT((int64_t)b->seq)};
	return store_run(tx, GUARD_OUTBOX_DROP, p, STORE_COUNT(p), NULL, err);
}

/* Who did it stands in the detail: after a crash the session is gone. */
static struct append_ask
entry_of(const struct visitor *v, const struct change *c, uint64_t body,
    uint64_t seq, struct slice detail)
{
	return (struct append_ask){.body = body,
	    .outbox = seq,
	    .verb = slice_of(c->verb),
	    .n_subjects = c->subject != 0,
	    .subjects = {c->subject},
	    .detail = detail};
}

/* A change with its entry, on its way into the outbox. */
struct entering {
	struct boxed box;
	struct append_ask ask;
	struct buf coded;
	char detail[160];
};

static bool
enter_begin(struct door *d, const struct visitor *v, const struct change *c,
    struct entering *e, struct err *err)
{
	struct guard *g = d->guard;
	int n = snprintf(e->detail, sizeof(e->detail),
	    "{\"account\":\"%016" PRIx64 "\",\"capacity\":\"%016" PRIx64
	    "\",\"person\":\"%016" PRIx64 "\"}",
	    v->account, v->capacity, v->person);
	e->box = (struct boxed){.change = c,
	    .guard = g,
	    .body = c->body != 0 ? c->body : v->body,
	    .seq = atomic_fetch_add(&g->outbox, 1) + 1};
	e->ask = entry_of(v, c, e->box.body, e->box.seq,
	    slice_bytes(e->detail, (size_t)n));
	e->coded = buf_of(MESSAGE_MAX_BYTES);
	append_ask_write(&e->coded, &e->ask);
	return buf_finish(&e->coded, &e->box.entry, err);
}

/* What was stored is entered, and leaves the outbox. */
static bool
enter_end(struct door *d, const struct visitor *v, struct entering *e,
    struct err *err)
{
	struct entry_answer answer;
	e->ask.session = v->session;
	e->ask.capacity = session_id_is_none(&v->session) ? 0 : v->capacity;
	const struct keeper_asking a = {.channel = d->channel,
	    .fiber = v->fiber,
	    .type = MESSAGE_APPEND,
	    .ask = &e->ask,
	    .answer = &answer};
	bool ok = guard_ask(&a, NULL, err) &&
		  door_change(d, v->fiber, drop_boxed, &e->box, err);
	if (!ok)
		atomic_store(&d->guard->is_behind, true);
	return ok;
}

bool
door_change_entered(struct door *d, const struct visitor *v,
    const struct change *c, struct err *err)
{
	struct entering e;
	bool ok = enter_begin(d, v, c, &e, err) &&
		  door_change(d, v->fiber, run_boxed, &e.box, err);
	buf_close(&e.coded);
	if (ok)
		return enter_end(d, v, &e, err);
	/* The answer to a COMMIT may be what was lost. */
	if (err != NULL && err->code == ERR_LOST)
		atomic_store(&d->guard->is_behind, true);
	return false;
}

enum { DRAIN_AT_ONCE = 64 };

/* One row of the outbox; its bytes are in the arena. */
static bool
drain_one(struct guard *g, struct channel *channel, struct fiber *fiber,
    struct door *d, struct boxed *b, struct err *err)
{
	struct append_ask ask;
	struct entry_answer answer;
	const struct keeper_asking a = {.channel = channel,
	    .fiber = fiber,
	    .type = MESSAGE_APPEND,
	    .ask = &ask,
	    .answer = &answer};
	if (!append_ask_read(b->entry, &ask))
		return ERR(
		    err, ERR_CORRUPT, "a row of the outbox cannot be read");
	return guard_ask(&a, NULL, err) &&
	       (d != NULL ? door_change(d, fiber, drop_boxed, b, err)
			  : store_write_now(
				g->config.store, drop_boxed, b, err));
}

static bool
list_boxed(struct guard *g, struct store_reader *r, struct arena *arena,
    struct boxed *ret, size_t *ret_n, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)g->config.node),
	    STORE_INT(0), STORE_INT(DRAIN_AT_ONCE)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	size_t n = 0;
	if (!store_query(r, GUARD_OUTBOX_LIST, p, STORE_COUNT(p), &rows, err))
		return false;
	while (n < DRAIN_AT_ONCE && store_next(&rows))
		ret[n++] = (struct boxed){.guard = g,
		    .body = (uint64_t)store_int(&rows, GUARD_OUTBOX_LIST__BODY),
		    .seq = (uint64_t)store_int(&rows, GUARD_OUTBOX_LIST__SEQ),
		    .entry = arena_copy(
			arena, store_blob(&rows, GUARD_OUTBOX_LIST__ENTRY))};
	*ret_n = n;
	return store_finish(&rows, err);
}

bool
guard_drain(struct guard *g, struct channel *channel, struct fiber *fiber,
    struct door *d, struct err *err)
{
	struct boxed list[DRAIN_AT_ONCE];
	struct store_reader *own = NULL;
	size_t n = 1;
	if (d == NULL && !store_reader_open(g->config.store, &own, err))
		return false;
	struct store_reader *r = d != NULL ? d->reader : own;
	bool ok = true;
	while (ok && n > 0) {
		SCOPED(arena_close_scoped)
		struct arena *arena = arena_open(MESSAGE_MAX_BYTES * 4);
		ok = arena != NULL || ERR(err, ERR_BUSY, "no memory");
		ok = ok && list_boxed(g, r, arena, list, &n, err);
		for (size_t i = 0; ok && i < n; i++)
			ok = drain_one(g, channel, fiber, d, &list[i], err);
	}
	store_reader_close(own);
	return ok;
}

/* ---- rows that the keeper makes ---- */

struct storing {
	size_t n;
	const struct authority_stored *made;
	const struct authority_row *rows; /* the same, decoded */
	bool (*also)(struct store_tx *tx, void *arg, struct err *err);
	void *arg;
};

static bool
run_storing(struct store_tx *tx, void *arg, struct err *err)
{
	const struct storing *s = arg;
	/* What refers to the row's id (a body's own rows) comes first. */
	if (s->also != NULL && !s->also(tx, s->arg, err))
		return false;
	for (size_t i = 0; i < s->n; i++) {
		struct people_authority to = {.body = s->rows[i].head.body,
		    .kind = (int)s->rows[i].head.kind,
		    .id = s->rows[i].head.id,
		    .version = s->rows[i].head.version,
		    .content = s->made[i].row,
		    .entry = s->made[i].entry};
		memcpy(to.mac, s->made[i].mac, sizeof(to.mac));
		if (!people_authority_put(tx, &to, err))
			return false;
	}
	return true;
}

/* One that counts only together with a change that was not stored. */
static bool
apply_caught(struct guard *g, struct door *d, struct authority_row *row,
    struct err *err)
{
	struct store_reader *own = NULL;
	bool is_intended = false;
	if (d == NULL && !store_reader_open(g->config.store, &own, err))
		return false;
	bool ok = guard_is_intended(d != NULL ? d->reader : own, row,
	    &is_intended, err);
	store_reader_close(own);
	if (is_intended)
		row->head.until = row->head.from;
	return ok && guard_apply(g, row, err);
}

bool
guard_catch_up(struct guard *g, struct channel *channel, struct fiber *fiber,
    struct door *d, struct err *err)
{
	bool has_more = true;
	while (has_more) {
		SCOPED(arena_close_scoped)
		struct arena *arena = arena_open(4 * 1024 * 1024);
		struct ready_ask ready = {0};
		struct ready_answer answer = {0};
		struct ack_ask *ack = arena_alloc(arena, sizeof(*ack));
		struct authority_row *rows =
		    arena_array(arena, MESSAGE_ROWS_MAX, sizeof(*rows));
		answer.unstored.rows = arena_array(
		    arena, MESSAGE_ROWS_MAX, sizeof(*answer.unstored.rows));
		if (arena_is_failed(arena))
			return ERR(err, ERR_BUSY, "no memory");
		const struct keeper_asking a = {.channel = channel,
		    .fiber = fiber,
		    .keep = arena,
		    .type = MESSAGE_AUTHORITY_READY,
		    .ask = &ready,
		    .answer = &answer};
		if (!guard_ask(&a, NULL, err))
			return false;
		if (answer.state != KEEPER_OPEN)
			return ERR(err, ERR_CORRUPT,
			    "the keeper refuses: the "
			    "authority rows differ from those it made");
		struct storing s = {.n = answer.unstored.n,
		    .made = answer.unstored.rows,
		    .rows = rows};
		ack->n = s.n;
		for (size_t i = 0; i < s.n; i++) {
			ack->entries[i] = s.made[i].entry;
			if (!authority_row_read(s.made[i].row, &rows[i]))
				return ERR(err, ERR_CORRUPT,
				    "a row of the keeper cannot be read");
		}
		if (s.n == 0)
			return true;
		if (d != NULL ? !door_change(d, fiber, run_storing, &s, err)
			      : !store_write_now(
				    g->config.store, run_storing, &s, err))
			return false;
		for (size_t i = 0; i < s.n; i++)
			if (!apply_caught(g, d, &rows[i], err))
				return false;
		struct none_answer none;
		const struct keeper_asking b = {.channel = channel,
		    .fiber = fiber,
		    .type = MESSAGE_AUTHORITY_ACK,
		    .ask = ack,
		    .answer = &none};
		if (!guard_ask(&b, NULL, err))
			return false;
		has_more = answer.unstored.has_more;
	}
	return true;
}

static uint32_t
next_version(struct guard *g, const struct authority_head *h)
{
	struct authority_row now;
	if (!guard_row(g, h->kind, h->body, h->id, &now))
		return 1;
	/* A pending one has not taken its version yet. */
	return (now.head.flags & AUTHORITY_PENDING) != 0 ? now.head.version
							 : now.head.version + 1;
}

/* The answer's rows are stored, compiled and acknowledged. */
static bool
take_in(struct door *d, const struct visitor *v, struct arena *arena,
    struct storing *s, struct authority_row *rows, struct err *err)
{
	struct ack_ask *ack = arena_alloc(arena, sizeof(*ack));
	struct none_answer none;
	if (ack == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	ack->n = s->n;
	for (size_t i = 0; i < s->n; i++) {
		ack->entries[i] = s->made[i].entry;
		if (!authority_row_read(s->made[i].row, &rows[i]))
			return ERR(err, ERR_CORRUPT,
			    "a row of the keeper cannot be read");
	}
	s->rows = rows;
	if (!door_change(d, v->fiber, run_storing, s, err)) {
		/* They were made: door_follow() asks for them again. */
		atomic_store(&d->guard->is_behind, true);
		return false;
	}
	for (size_t i = 0; i < s->n; i++)
		if (!guard_apply(d->guard, &rows[i], err))
			return false;
	const struct keeper_asking a = {.channel = d->channel,
	    .fiber = v->fiber,
	    .type = MESSAGE_AUTHORITY_ACK,
	    .ask = ack,
	    .answer = &none};
	return guard_ask(&a, NULL, err);
}

bool
door_put_rows(struct door *d, struct visitor *v, const struct change_ask *ask,
    bool (*also)(struct store_tx *tx, void *arg, struct err *err), void *arg,
    struct err *err)
{
	SCOPED(arena_close_scoped)
	struct arena *arena = arena_open(1024 * 1024);
	struct authority_stored *made =
	    arena_array(arena, MESSAGE_ROWS_MAX, sizeof(*made));
	struct authority_row *rows = arena_array(arena, ask->n, sizeof(*rows));
	if (made == NULL || rows == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	struct authority_rows answer = {.rows = made};
	const struct keeper_asking a = {.channel = d->channel,
	    .fiber = v->fiber,
	    .keep = arena,
	    .type = MESSAGE_AUTHORITY_CHANGE,
	    .ask = ask,
	    .answer = &answer};
	if (!guard_ask(&a, NULL, err))
		return false;
	if (answer.n != ask->n)
		return ERR(err, ERR_CORRUPT, "the keeper made %zu of %zu rows",
		    answer.n, ask->n);
	struct storing s = {
	    .n = answer.n, .made = made, .also = also, .arg = arg};
	return take_in(d, v, arena, &s, rows, err);
}

bool
door_put_row(struct door *d, struct visitor *v, struct row_put *p,
    struct put *ret, struct err *err)
{
	struct put_answer made;
	struct buf coded = buf_of(AUTHORITY_ROW_MAX_BYTES);
	p->row.head.body = v->body;
	if (!p->ask.is_confirming)
		p->row.head.version = next_version(d->guard, &p->row.head);
	p->ask.session = v->session;
	if (session_id_is_none(&v->session))
		p->ask.capacity = 0;
	authority_row_write(&coded, &p->row);
	if (coded.failed) {
		buf_close(&coded);
		return ERR(err, ERR_INPUT,
		    "a %s with these values is not "
		    "possible",
		    authority_kind_name(p->row.head.kind));
	}
	bool ok = buf_finish(&coded, &p->ask.row, err);
	const struct keeper_asking a = {.channel = d->channel,
	    .fiber = v->fiber,
	    .keep = v->arena,
	    .type = MESSAGE_AUTHORITY_PUT,
	    .ask = &p->ask,
	    .answer = &made};
	struct storing s = {.n = 1,
	    .made = &made.stored,
	    .also = p->also,
	    .arg = p->arg};
	ok = ok && guard_ask(&a, NULL, err) &&
	     take_in(d, v, v->arena, &s, &p->row, err);
	if (ok)
		*ret = (struct put){.id = p->row.head.id,
		    .version = p->row.head.version,
		    .entry = made.stored.entry,
		    .is_pending = made.is_pending};
	buf_close(&coded);
	return ok;
}

/* ---- rows that count together with a change ---- */

/* So long another's attempt is waited for; then it has failed. */
enum { INTENT_SECONDS = 60 };

struct intended {
	const struct change *change;
	const struct authority_head *head;
	uint64_t body;
	instant now;
	struct entering *entering;
};

static bool
run_intent(struct store_tx *tx, void *arg, struct err *err)
{
	const struct intended *x = arg;
	const struct store_value p[] = {STORE_INT((int64_t)x->body),
	    STORE_INT((int64_t)x->head->kind), STORE_INT((int64_t)x->head->id),
	    STORE_INT(x->now),
	    STORE_INT(x->now - INTENT_SECONDS * SECOND_US)};
	int64_t changed = 0;
	return store_run(tx, GUARD_INTENT_TAKE, p, STORE_COUNT(p), &changed,
		   err) &&
	       (changed == 1 || ERR(err, ERR_CONFLICT,
				    "somebody else is deciding this now"));
}

static bool
run_intent_drop(struct store_tx *tx, void *arg, struct err *err)
{
	const struct intended *x = arg;
	const struct store_value p[] = {STORE_INT((int64_t)x->body),
	    STORE_INT((int64_t)x->head->kind),
	    STORE_INT((int64_t)x->head->id)};
	return store_run(tx, GUARD_INTENT_DROP, p, STORE_COUNT(p), NULL, err);
}

static bool
run_intended(struct store_tx *tx, void *arg, struct err *err)
{
	const struct intended *x = arg;
	return run_boxed(tx, &x->entering->box, err) &&
	       run_intent_drop(tx, arg, err);
}

/* The keeper refused, or nothing was stored: another may try at once. */
static bool
run_intent_over(struct store_tx *tx, void *arg, struct err *err)
{
	const struct intended *x = arg;
	const struct store_value p[] = {STORE_INT((int64_t)x->body),
	    STORE_INT((int64_t)x->head->kind), STORE_INT((int64_t)x->head->id),
	    STORE_INT(0), STORE_INT(INT64_MAX)};
	return store_run(tx, GUARD_INTENT_TAKE, p, STORE_COUNT(p), NULL, err);
}

bool
door_put_entered(struct door *d, struct visitor *v, struct row_put *p,
    const struct change *c, struct put *ret, struct err *err)
{
	struct entering e;
	struct err ignored = ERR_INIT;
	struct intended x = {.change = c,
	    .head = &p->row.head,
	    .body = v->body,
	    .now = door_now(d),
	    .entering = &e};
	p->also = run_intended;
	p->arg = &x;
	struct authority_row was;
	bool was_there = guard_row(
	    d->guard, p->row.head.kind, v->body, p->row.head.id, &was);
	bool ok = enter_begin(d, v, c, &e, err) &&
		  door_change(d, v->fiber, run_intent, &x, err);
	bool is_put = ok && door_put_row(d, v, p, ret, err);
	buf_close(&e.coded);
	/* What ends may have ended; what begins must not. */
	if (ok && !is_put)
		(void)!door_change(d, v->fiber,
		    was_there ? run_intent_drop : run_intent_over, &x,
		    &ignored);
	return is_put && enter_end(d, v, &e, err);
}

bool
guard_is_intended(struct store_reader *r, const struct authority_row *row,
    bool *ret, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)row->head.body),
	    STORE_INT((int64_t)row->head.kind),
	    STORE_INT((int64_t)row->head.id)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_query(r, GUARD_INTENT_GET, p, STORE_COUNT(p), &rows, err))
		return false;
	*ret = store_next(&rows);
	return store_finish(&rows, err);
}

bool
guard_withhold(struct guard *g, struct store_reader *r, struct err *err)
{
	enum { AT_ONCE = 100 };
	int64_t body = 0, kind = 0, id = 0;
	size_t n;
	do {
		const struct store_value p[] = {STORE_INT(body),
		    STORE_INT(kind), STORE_INT(id), STORE_INT(AT_ONCE)};
		SCOPED(store_rows_drop)
		struct store_rows rows = STORE_ROWS_INIT;
		n = 0;
		if (!store_query(r, GUARD_INTENT_LIST, p, STORE_COUNT(p),
			&rows, err))
			return false;
		for (; store_next(&rows); n++) {
			body = store_int(&rows, GUARD_INTENT_LIST__BODY);
			kind = store_int(&rows, GUARD_INTENT_LIST__KIND);
			id = store_int(&rows, GUARD_INTENT_LIST__ID);
			if (!guard_silence(g, (enum authority_kind)kind,
				(uint64_t)body, (uint64_t)id, err))
				return false;
		}
		if (!store_finish(&rows, err))
			return false;
	} while (n == AT_ONCE);
	return true;
}
