/*
 * Load on the door: so many views at once through one door, as an event
 * thread has them, with a real keeper and SQLite.
 *
 *	view_load [seconds [at once]]
 *
 * Prints views a second, and the CPU time of the door's thread for each: all
 * that happens outside of the keeper, the store's share included.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/fiber.h"
#include "base/mem.h"
#include "base/must.h"
#include "guard/door_authority.h"
#include "guard_town.h"

struct load {
	struct door *door;
	struct visitor visitor;
	uint64_t holding, record;
	instant end;
	unsigned long done;
	unsigned alive;
};

static void
keep_viewing(struct fiber *self, void *arg)
{
	struct load *l = arg;
	struct arena *arena = arena_open(256 * 1024);
	struct visitor v = l->visitor;
	must(arena != NULL);
	while (clock_monotonic() < l->end) {
		struct err err;
		struct shown_record shown;
		struct decision refusal;
		v.arena = arena;
		v.fiber = self;
		must(door_visit(
		    l->door, slice_of(l->visitor.token), SLICE_NONE, &v, &err));
		const struct door_view ask = {
		    .intent = town_intent(l->holding), .record = l->record};
		if (!door_view(l->door, &v, &ask, &shown, &refusal, &err)) {
			fprintf(stderr, "%s\n", err.text);
			abort();
		}
		l->done++;
		arena_reset(arena);
	}
	arena_close(arena);
	l->alive--;
}

static instant
spent(void)
{
	struct timespec t;
	must(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0);
	return (instant)t.tv_sec * SECOND_US + t.tv_nsec / 1000;
}

int
main(int argc, char **argv)
{
	unsigned long seconds = argc > 1 ? strtoul(argv[1], NULL, 10) : 3;
	unsigned long n = argc > 2 ? strtoul(argv[2], NULL, 10) : 64;
	struct town *town = town_open(STORE_SQLITE);
	struct load l = {
	    .door = town->door, .holding = town_holding(town, "middle", false)};
	struct door_grant g = town_grant(town, l.holding, "staff",
	    town->sections[1], ACT_BIT(ACT_VIEW) | ACT_BIT(ACT_CREATE));
	struct err err;
	(void)town_put_grant(town, &g);
	l.visitor = town_visit(town, TOWN_CLERK);
	l.record = town_record(town, &l.visitor, l.holding, NULL);
	struct fiber_pool *pool = fiber_pool_open(n);
	instant begin = clock_monotonic(), cpu = spent();
	l.end = begin + (instant)seconds * SECOND_US;
	for (unsigned long i = 0; i < n; i++) {
		l.alive++;
		must(fiber_start(pool, keep_viewing, &l, &err));
	}
	while (l.alive > 0) {
		struct pollfd p = {.fd = door_fd(l.door), .events = POLLIN};
		must(door_round(l.door, &err));
		must(poll(&p, 1, 10000) > 0);
		must(door_poll(l.door, &err));
	}
	printf("view %.0f a second at %lu; %.2f us CPU each in the door\n",
	    (double)l.done * SECOND_US / (double)(clock_monotonic() - begin), n,
	    (double)(spent() - cpu) / (double)l.done);
	fiber_pool_close(pool);
	town_close(town);
	return 0;
}
