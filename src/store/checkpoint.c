#include "store/checkpoint.h"

#include <pthread.h>

#include "base/mem.h"

/* Copying starts when so many pages are in the log. */
enum { CHECKPOINT_PAGES = 1000 };

struct checkpoint {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	void (*pass)(void *arg);
	void (*drop)(void *arg);
	void *arg;
	unsigned pages; /* under the lock */
	bool is_due;
	bool is_ending;
};

static void *
work(void *arg)
{
	struct checkpoint *c = arg;
	pthread_mutex_lock(&c->lock);
	while (!c->is_ending) {
		if (!c->is_due) {
			pthread_cond_wait(&c->wake, &c->lock);
			continue;
		}
		c->is_due = false;
		pthread_mutex_unlock(&c->lock);
		c->pass(c->arg);
		pthread_mutex_lock(&c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	c->drop(c->arg);
	return NULL;
}

bool
checkpoint_open(void (*pass)(void *arg), void (*drop)(void *arg), void *arg,
    struct checkpoint **ret, struct err *err)
{
	struct checkpoint *c = mem_alloc(1, sizeof(*c));
	if (c == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	c->pass = pass;
	c->drop = drop;
	c->arg = arg;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wake, NULL);
	int rc = pthread_create(&c->thread, NULL, work, c);
	if (rc != 0) {
		pthread_cond_destroy(&c->wake);
		pthread_mutex_destroy(&c->lock);
		mem_free(c);
		return ERR_ERRNO(err, rc, "the checkpoint thread");
	}
	*ret = c;
	return true;
}

void
checkpoint_close(struct checkpoint *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->is_ending = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	mem_free(c);
}

void
checkpoint_tell(struct checkpoint *c, unsigned pages)
{
	pthread_mutex_lock(&c->lock);
	c->pages = pages;
	if (pages >= CHECKPOINT_PAGES && !c->is_due) {
		c->is_due = true;
		pthread_cond_signal(&c->wake);
	}
	pthread_mutex_unlock(&c->lock);
}

unsigned
checkpoint_pages(struct checkpoint *c)
{
	pthread_mutex_lock(&c->lock);
	unsigned pages = c->pages;
	pthread_mutex_unlock(&c->lock);
	return pages;
}
