#include "base/clock.h"

#include <time.h>

#include "base/must.h"

static instant
read_clock(clockid_t id)
{
	struct timespec ts;
	must(clock_gettime(id, &ts) == 0);
	return (instant)ts.tv_sec * SECOND_US + ts.tv_nsec / 1000;
}

void
clock_init_system(struct clock *c)
{
	atomic_init(&c->last, 0);
	atomic_init(&c->script, 0);
}

void
clock_init_script(struct clock *c, instant at)
{
	must(at > 0);
	atomic_init(&c->last, 0);
	atomic_init(&c->script, at);
}

void
clock_set(struct clock *c, instant at)
{
	must(atomic_load(&c->script) != 0 && at > 0);
	atomic_store(&c->script, at);
}

instant
clock_now(struct clock *c)
{
	instant now = atomic_load(&c->script);
	if (now == 0)
		now = read_clock(CLOCK_REALTIME);
	instant last = atomic_load(&c->last);
	while (now > last)
		if (atomic_compare_exchange_weak(&c->last, &last, now))
			return now;
	return last;
}

instant
clock_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}
