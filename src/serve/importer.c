#include "serve/importer.h"

#include <pthread.h>

#include "action/action.h"
#include "base/mem.h"
#include "base/must.h"
#include "guard/door_document.h"

/* One import, on the stack of the fiber that waits for it. */
struct errand {
	struct door_work work; /* first: handed back to the desk */
	struct call *call;
	const struct door_import *ask;
	struct imported *ret;
	struct decision *refusal;
	struct err *err;
	bool worked;
	bool is_done;
};

struct importer {
	struct door *door;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct errand *errand;
	bool is_closing;
};

static void
come_back(struct door_work *work)
{
	struct errand *e = (struct errand *)(void *)work;
	e->is_done = true;
	fiber_wake(e->call->fiber);
}

static void
do_errand(struct importer *in, struct errand *e)
{
	struct visitor v = *e->call->visitor;
	v.fiber = NULL; /* this thread may block */
	e->worked = door_import(in->door, &v, e->ask, e->ret, e->refusal,
	    e->err);
}

static void *
run(void *arg)
{
	struct importer *in = arg;
	must(pthread_mutex_lock(&in->lock) == 0);
	for (;;) {
		while (in->errand == NULL && !in->is_closing)
			must(pthread_cond_wait(&in->changed, &in->lock) == 0);
		if (in->errand == NULL)
			break;
		struct errand *e = in->errand;
		must(pthread_mutex_unlock(&in->lock) == 0);
		do_errand(in, e);
		must(pthread_mutex_lock(&in->lock) == 0);
		in->errand = NULL;
		if (e->call->fiber != NULL)
			e->call->post(e->call->post_ctx, &e->work);
		else
			e->is_done = true;
		must(pthread_cond_broadcast(&in->changed) == 0);
	}
	must(pthread_mutex_unlock(&in->lock) == 0);
	return NULL;
}

bool
importer_open(struct guard *guard, struct channel *channel,
    struct importer **ret, struct err *err)
{
	struct door_config config = {.guard = guard, .channel = channel};
	struct importer *in = mem_alloc(1, sizeof(*in));
	if (in == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	if (!door_open(&config, &in->door, err)) {
		mem_free(in);
		return false;
	}
	must(pthread_mutex_init(&in->lock, NULL) == 0);
	must(pthread_cond_init(&in->changed, NULL) == 0);
	int num = pthread_create(&in->thread, NULL, run, in);
	if (num != 0) {
		door_close(in->door);
		mem_free(in);
		return ERR_ERRNO(err, num, "thread");
	}
	*ret = in;
	return true;
}

void
importer_close(struct importer *in)
{
	if (in == NULL)
		return;
	must(pthread_mutex_lock(&in->lock) == 0);
	in->is_closing = true;
	must(pthread_cond_broadcast(&in->changed) == 0);
	must(pthread_mutex_unlock(&in->lock) == 0);
	must(pthread_join(in->thread, NULL) == 0);
	door_close(in->door);
	(void)pthread_cond_destroy(&in->changed);
	(void)pthread_mutex_destroy(&in->lock);
	mem_free(in);
}

bool
importer_import(void *ctx, struct call *call, const struct door_import *ask,
    struct imported *ret, struct decision *refusal, struct err *err)
{
	struct importer *in = ctx;
	struct errand e = {.work = {.fn = come_back}, .call = call,
	    .ask = ask, .ret = ret, .refusal = refusal, .err = err};
	must(pthread_mutex_lock(&in->lock) == 0);
	bool is_free = in->errand == NULL && !in->is_closing;
	if (is_free) {
		in->errand = &e;
		must(pthread_cond_broadcast(&in->changed) == 0);
	}
	must(pthread_mutex_unlock(&in->lock) == 0);
	if (!is_free)
		return ERR(err, ERR_BUSY, "another import is running");
	if (call->fiber != NULL) {
		fiber_wait(call->fiber);
		return e.worked;
	}
	must(pthread_mutex_lock(&in->lock) == 0);
	while (!e.is_done)
		must(pthread_cond_wait(&in->changed, &in->lock) == 0);
	must(pthread_mutex_unlock(&in->lock) == 0);
	return e.worked;
}
