#include "serve/aside.h"

#include <pthread.h>

#include "action/action.h"
#include "base/mem.h"
#include "base/must.h"

/* One piece of work, on the stack of the fiber that waits for it. */
struct errand {
	struct door_work work; /* first: handed back to the desk */
	struct call *call;
	house_work run;
	void *arg;
	struct err *err;
	bool worked;
	bool is_done;
	struct errand *next;
};

struct aside {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct errand *first; /* the one under way, or to be taken next */
	unsigned n;
	bool is_closing;
};

static void
come_back(struct door_work *work)
{
	struct errand *e = (struct errand *)(void *)work;
	fiber_wake(e->call->fiber);
}

static void *
run(void *arg)
{
	struct aside *a = arg;
	must(pthread_mutex_lock(&a->lock) == 0);
	for (;;) {
		while (a->first == NULL && !a->is_closing)
			must(pthread_cond_wait(&a->changed, &a->lock) == 0);
		struct errand *e = a->first;
		if (e == NULL)
			break;
		must(pthread_mutex_unlock(&a->lock) == 0);
		e->worked = e->run(e->arg, e->err);
		must(pthread_mutex_lock(&a->lock) == 0);
		a->first = e->next;
		a->n--;
		/* from here on the errand may be gone */
		if (e->call->fiber != NULL)
			e->call->post(e->call->post_ctx, &e->work);
		else
			e->is_done = true;
		must(pthread_cond_broadcast(&a->changed) == 0);
	}
	must(pthread_mutex_unlock(&a->lock) == 0);
	return NULL;
}

bool
aside_open(struct aside **ret, struct err *err)
{
	struct aside *a = mem_alloc(1, sizeof(*a));
	if (a == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	must(pthread_mutex_init(&a->lock, NULL) == 0);
	must(pthread_cond_init(&a->changed, NULL) == 0);
	int num = pthread_create(&a->thread, NULL, run, a);
	if (num != 0) {
		mem_free(a);
		return ERR_ERRNO(err, num, "thread");
	}
	*ret = a;
	return true;
}

void
aside_close(struct aside *a)
{
	if (a == NULL)
		return;
	must(pthread_mutex_lock(&a->lock) == 0);
	a->is_closing = true;
	must(pthread_cond_broadcast(&a->changed) == 0);
	must(pthread_mutex_unlock(&a->lock) == 0);
	must(pthread_join(a->thread, NULL) == 0);
	(void)pthread_cond_destroy(&a->changed);
	(void)pthread_mutex_destroy(&a->lock);
	mem_free(a);
}

/* Behind the others; false when too many wait. */
static bool
stand_in_line(struct aside *a, struct errand *e)
{
	must(pthread_mutex_lock(&a->lock) == 0);
	bool has_room = a->n < ASIDE_WAITING_MAX && !a->is_closing;
	if (has_room) {
		struct errand **at = &a->first;
		while (*at != NULL)
			at = &(*at)->next;
		*at = e;
		a->n++;
		must(pthread_cond_broadcast(&a->changed) == 0);
	}
	must(pthread_mutex_unlock(&a->lock) == 0);
	return has_room;
}

bool
aside_run(void *ctx, struct call *call, house_work work, void *arg,
    struct err *err)
{
	struct aside *a = ctx;
	struct errand e = {.work = {.fn = come_back}, .call = call,
	    .run = work, .arg = arg, .err = err};
	if (!stand_in_line(a, &e))
		return ERR(err, ERR_BUSY, "too many papers are being made");
	if (call->fiber != NULL) {
		fiber_wait(call->fiber);
		return e.worked;
	}
	must(pthread_mutex_lock(&a->lock) == 0);
	while (!e.is_done)
		must(pthread_cond_wait(&a->changed, &a->lock) == 0);
	must(pthread_mutex_unlock(&a->lock) == 0);
	return e.worked;
}
