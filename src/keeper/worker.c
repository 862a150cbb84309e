#include "keeper/worker.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/slice.h"
#include "crypto/secret.h"

/* A ring of job numbers. */
struct ring {
	unsigned at, n;
	unsigned jobs[WORKER_JOBS_MAX];
};

struct worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	int fd;
	enum password_cost cost;
	bool is_started;
	bool is_ending;
	struct job *jobs; /* locked memory */
	struct ring spare, waiting, done;
};

static void
push(struct ring *r, unsigned job)
{
	must(r->n < WORKER_JOBS_MAX);
	r->jobs[(r->at + r->n++) % WORKER_JOBS_MAX] = job;
}

static bool
pop(struct ring *r, unsigned *ret)
{
	if (r->n == 0)
		return false;
	*ret = r->jobs[r->at];
	r->at = (r->at + 1) % WORKER_JOBS_MAX;
	r->n--;
	return true;
}

static void
work(struct job *j, enum password_cost cost)
{
	struct err err;
	const char *content = (const char *)j->content;
	if (j->has_check)
		j->is_right = password_is_valid(
		    (struct slice){content + j->check_at, j->check_n},
		    j->check_hash);
	if (!j->has_make || (j->has_check && !j->is_right))
		return;
	const struct slice wanted = {content + j->make_at, j->make_n};
	for (size_t i = 0; i < j->n_past && !j->is_reused; i++)
		j->is_reused = password_is_valid(wanted, j->past[i]);
	if (!j->is_reused)
		j->is_made = password_hash(wanted, cost, j->made, &err);
}

static void *
run(void *arg)
{
	struct worker *w = arg;
	const uint64_t one = 1;
	unsigned i;
	must(pthread_mutex_lock(&w->lock) == 0);
	for (;;) {
		if (w->is_ending)
			break;
		if (!pop(&w->waiting, &i)) {
			must(pthread_cond_wait(&w->wake, &w->lock) == 0);
			continue;
		}
		must(pthread_mutex_unlock(&w->lock) == 0);
		work(&w->jobs[i], w->cost);
		must(pthread_mutex_lock(&w->lock) == 0);
		push(&w->done, i);
		must(write(w->fd, &one, sizeof(one)) == sizeof(one));
	}
	must(pthread_mutex_unlock(&w->lock) == 0);
	return NULL;
}

struct worker *
worker_open(enum password_cost cost, struct err *err)
{
	struct worker *w = mem_alloc(1, sizeof(*w));
	if (w == NULL) {
		(void)ERR(err, ERR_LIMIT, "no memory for log-ons");
		return NULL;
	}
	must(pthread_mutex_init(&w->lock, NULL) == 0);
	must(pthread_cond_init(&w->wake, NULL) == 0);
	w->cost = cost;
	w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->jobs = secret_open(WORKER_JOBS_MAX * sizeof(*w->jobs), err);
	for (unsigned i = 0; i < WORKER_JOBS_MAX; i++)
		push(&w->spare, i);
	if (w->jobs != NULL && w->fd < 0)
		(void)ERR(err, ERR_SYSTEM, "no event descriptor");
	else if (w->jobs != NULL &&
	    pthread_create(&w->thread, NULL, run, w) != 0)
		(void)ERR(err, ERR_SYSTEM, "no thread for log-ons");
	else if (w->jobs != NULL)
		w->is_started = true;
	if (w->is_started)
		return w;
	worker_close(w);
	return NULL;
}

void
worker_close(struct worker *w)
{
	if (w == NULL)
		return;
	if (w->is_started) {
		must(pthread_mutex_lock(&w->lock) == 0);
		w->is_ending = true;
		must(pthread_cond_signal(&w->wake) == 0);
		must(pthread_mutex_unlock(&w->lock) == 0);
		must(pthread_join(w->thread, NULL) == 0);
	}
	if (w->fd >= 0)
		(void)close(w->fd);
	secret_close(w->jobs);
	must(pthread_cond_destroy(&w->wake) == 0);
	must(pthread_mutex_destroy(&w->lock) == 0);
	mem_free(w);
}

int
worker_fd(const struct worker *w)
{
	return w->fd;
}

/* spare is the loop's alone; waiting and done are shared. */
struct job *
worker_take(struct worker *w)
{
	unsigned i;
	return pop(&w->spare, &i) ? &w->jobs[i] : NULL;
}

void
worker_submit(struct worker *w, struct job *j)
{
	must(pthread_mutex_lock(&w->lock) == 0);
	push(&w->waiting, (unsigned)(j - w->jobs));
	must(pthread_cond_signal(&w->wake) == 0);
	must(pthread_mutex_unlock(&w->lock) == 0);
}

struct job *
worker_result(struct worker *w)
{
	uint64_t count;
	unsigned i = 0;
	must(pthread_mutex_lock(&w->lock) == 0);
	bool is_there = pop(&w->done, &i);
	if (!is_there)
		(void)!read(w->fd, &count, sizeof(count));
	must(pthread_mutex_unlock(&w->lock) == 0);
	return is_there ? &w->jobs[i] : NULL;
}

void
worker_give_back(struct worker *w, struct job *j)
{
	mem_wipe(j, sizeof(*j));
	push(&w->spare, (unsigned)(j - w->jobs));
}
