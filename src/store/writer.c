#include "store/writer.h"

#include <pthread.h>

#include "base/mem.h"
#include "base/must.h"

struct writer {
	struct store_link *link; /* the thread's alone */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work; /* a job waits, or the end */
	pthread_cond_t room; /* the queue was taken */
	pthread_cond_t done; /* some writer_now() has its result */
	/* under the lock */
	struct store_job *first;
	struct store_job **last;
	unsigned waiting;
	bool is_ending;
	/* figures, any thread */
	atomic_ullong groups;
	atomic_ullong jobs;
	atomic_ullong failed;
};

struct store_tx {
	struct store_link *link;
	bool has_later; /* answers of store_run_bulk() are outstanding */
	bool has_failed;
	struct err err; /* of the first step that failed */
};

/* ---- steps of a job ---- */

static bool
note(struct store_tx *tx, bool ok, const struct err *err)
{
	if (!ok && !tx->has_failed) {
		tx->has_failed = true;
		tx->err = *err;
	}
	return ok;
}

/* PostgreSQL takes no more steps once one failed; neither do we on SQLite. */
static bool
may_step(struct store_tx *tx, struct err *err)
{
	if (tx->has_failed)
		*err = tx->err;
	return !tx->has_failed;
}

bool
store_run(struct store_tx *tx, store_id id, const struct store_value *params,
    size_t n, int64_t *ret_changed, struct err *err)
{
	struct err own;
	if (err == NULL)
		err = &own;
	return may_step(tx, err) &&
	       note(tx,
		   link_run(tx->link, id, params, n, false, ret_changed, err),
		   err);
}

bool
store_run_bulk(struct store_tx *tx, store_id id,
    const struct store_value *params, size_t n, struct err *err)
{
	struct err own;
	if (err == NULL)
		err = &own;
	tx->has_later = true;
	return may_step(tx, err) &&
	       note(
		   tx, link_run(tx->link, id, params, n, true, NULL, err), err);
}

bool
store_tx_query(struct store_tx *tx, store_id id,
    const struct store_value *params, size_t n, struct store_rows *ret,
    struct err *err)
{
	struct err own;
	if (err == NULL)
		err = &own;
	ret->link = NULL;
	return may_step(tx, err) &&
	       note(tx, link_query(tx->link, id, params, n, ret, err), err);
}

bool
store_tx_query_one(struct store_tx *tx, store_id id,
    const struct store_value *params, size_t n, struct store_rows *ret,
    struct err *err)
{
	struct err own;
	if (err == NULL)
		err = &own;
	ret->link = NULL;
	if (!may_step(tx, err))
		return false;
	if (link_query_one(tx->link, id, params, n, ret, err))
		return true;
	/* That a row is not there is an answer, not a failure. */
	return err->code == ERR_NOT_FOUND ? false : note(tx, false, err);
}

struct store_link *
writer_link(struct store_tx *tx)
{
	return tx->link;
}

/* ---- the group ---- */

static void
fail(struct store_job *job, const struct err *err)
{
	if (job->has_failed)
		return;
	job->has_failed = true;
	job->err = *err;
}

/*
 * A connection that went away since the last group is made again: nothing of
 * this group was sent yet.
 */
static bool
begin(struct store_link *link, struct err *err)
{
	for (int try = 0;; try++) {
		if (!link->engine->revive(link, err))
			return false;
		if (link_control(link, LINK_BEGIN, err))
			return true;
		if (try > 0 || !link->engine->is_lost(link))
			return false;
	}
}

static bool
run_in_savepoint(
    struct store_link *link, struct store_job *job, struct err *err)
{
	struct store_tx tx = {.link = link};
	struct err said = ERR_INIT;
	bool ok = job->run(&tx, job->arg, &said);
	if (ok && !tx.has_failed)
		return link_control(
		    link, tx.has_later ? LINK_RELEASE_NOW : LINK_RELEASE, err);
	/* The job's own words explain more, but a lost link is a lost link. */
	*err = said;
	if (ok || said.code == ERR_NONE ||
	    (tx.has_failed && tx.err.code == ERR_LOST))
		*err = tx.err;
	if (err->code == ERR_NONE)
		ERR(err, ERR_SYSTEM, "the job failed without a word");
	return false;
}

/* False when the group's transaction is gone, *err says why. */
static bool
run_job(struct store_link *link, struct store_job *job, struct err *err)
{
	struct err why = ERR_INIT;
	if (!link_control(link, LINK_SAVEPOINT, &why)) {
		fail(job, &why);
		*err = why;
		return link->engine->has_transaction(link);
	}
	if (run_in_savepoint(link, job, &why))
		return true;
	fail(job, &why);
	*err = why;
	return link->engine->has_transaction(link) &&
	       link_control(link, LINK_ROLLBACK_TO, err);
}

static void
tell(struct writer *w, struct store_job *first)
{
	atomic_fetch_add(&w->groups, 1);
	for (struct store_job *j = first; j != NULL;) {
		struct store_job *next = j->next; /* done() may free j */
		atomic_fetch_add(&w->jobs, 1);
		if (j->has_failed)
			atomic_fetch_add(&w->failed, 1);
		j->done(j);
		j = next;
	}
}

static void
run_group(struct writer *w, struct store_job *first)
{
	struct err err = ERR_INIT;
	bool ok = begin(w->link, &err);
	for (struct store_job *j = first; ok && j != NULL; j = j->next)
		ok = run_job(w->link, j, &err);
	if (ok)
		ok = link_control(w->link, LINK_COMMIT, &err);
	if (!ok) {
		link_undo(w->link, LINK_ROLLBACK);
		for (struct store_job *j = first; j != NULL; j = j->next)
			fail(j, &err);
	}
	tell(w, first);
}

static void *
work(void *arg)
{
	struct writer *w = arg;
	pthread_mutex_lock(&w->lock);
	for (;;) {
		struct store_job *first = w->first;
		if (first == NULL && w->is_ending)
			break;
		if (first == NULL) {
			pthread_cond_wait(&w->work, &w->lock);
			continue;
		}
		w->first = NULL;
		w->last = &w->first;
		w->waiting = 0;
		pthread_cond_broadcast(&w->room);
		pthread_mutex_unlock(&w->lock);
		run_group(w, first);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* ---- the queue ---- */

static void
drop(struct writer *w)
{
	link_close(w->link);
	pthread_cond_destroy(&w->work);
	pthread_cond_destroy(&w->room);
	pthread_cond_destroy(&w->done);
	pthread_mutex_destroy(&w->lock);
	mem_free(w);
}

bool
writer_open(struct store_link *link, struct writer **ret, struct err *err)
{
	struct writer *w = mem_alloc(1, sizeof(*w));
	if (w == NULL) {
		link_close(link);
		return ERR(err, ERR_SYSTEM, "no memory");
	}
	w->link = link;
	w->last = &w->first;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	pthread_cond_init(&w->room, NULL);
	pthread_cond_init(&w->done, NULL);
	int rc = pthread_create(&w->thread, NULL, work, w);
	if (rc != 0) {
		drop(w);
		return ERR_ERRNO(err, rc, "the writer thread");
	}
	*ret = w;
	return true;
}

void
writer_close(struct writer *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->is_ending = true;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	drop(w);
}

/* Under the lock, with room. */
static void
enqueue(struct writer *w, struct store_job *job)
{
	job->next = NULL;
	job->has_failed = false;
	job->err = (struct err)ERR_INIT;
	*w->last = job;
	w->last = &job->next;
	if (w->waiting++ == 0)
		pthread_cond_signal(&w->work);
}

bool
writer_submit(struct writer *w, struct store_job *job, struct err *err)
{
	pthread_mutex_lock(&w->lock);
	bool has_room = w->waiting < STORE_QUEUE_MAX;
	if (has_room)
		enqueue(w, job);
	pthread_mutex_unlock(&w->lock);
	return has_room || ERR(err, ERR_BUSY, "%d changes are waiting already",
			       STORE_QUEUE_MAX);
}

struct waiter {
	struct store_job job;
	struct writer *writer;
	bool is_done; /* under the writer's lock */
};

static void
waiter_done(struct store_job *job)
{
	/* The job is the waiter's first member. */
	struct waiter *me = (struct waiter *)job;
	struct writer *w = me->writer;
	pthread_mutex_lock(&w->lock);
	me->is_done = true;
	pthread_cond_broadcast(&w->done);
	pthread_mutex_unlock(&w->lock);
}

bool
writer_now(struct writer *w,
    bool (*run)(struct store_tx *tx, void *arg, struct err *err), void *arg,
    struct err *err)
{
	must(!pthread_equal(pthread_self(), w->thread));
	struct waiter me = {
	    .writer = w, .job = {.run = run, .done = waiter_done, .arg = arg}};
	pthread_mutex_lock(&w->lock);
	while (w->waiting >= STORE_QUEUE_MAX)
		pthread_cond_wait(&w->room, &w->lock);
	enqueue(w, &me.job);
	while (!me.is_done)
		pthread_cond_wait(&w->done, &w->lock);
	pthread_mutex_unlock(&w->lock);
	if (me.job.err.code == ERR_NONE)
		return true;
	if (err != NULL)
		*err = me.job.err;
	return false;
}

void
writer_figures(struct writer *w, struct store_figures *ret)
{
	ret->groups = atomic_load(&w->groups);
	ret->jobs = atomic_load(&w->jobs);
	ret->failed = atomic_load(&w->failed);
	pthread_mutex_lock(&w->lock);
	ret->waiting = w->waiting;
	pthread_mutex_unlock(&w->lock);
}
