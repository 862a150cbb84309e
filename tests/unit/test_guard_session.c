/*
 * Goal of this test: a session ends when it should and its token opens no
 * other; many fibers share one door, and none gets what another asked for.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "base/fiber.h"
#include "guard_case.h"

static void
a_session_ends(void **state)
{
	struct visitor v = town_visit(town, TOWN_CLERK);
	struct visitor again = {.arena = town->arena};
	struct slice token = slice_of(v.token);
	CHECK(door_visit(town->door, token, SLICE_NONE, &again, &err));
	assert_int_equal(again.person, v.person);
	assert_string_equal(again.form_token, v.form_token);
	assert_string_not_equal(again.form_token, v.token);
	assert_false(door_visit(
	    town->door, SLICE("nonsense"), SLICE_NONE, &again, NULL));
	CHECK(door_logoff(town->door, &v, &err));
	assert_false(door_visit(town->door, token, SLICE_NONE, &again, NULL));
	v = town_visit(town, TOWN_CLERK);
	town_wait(town, 24 * HOUR_US);
	assert_false(door_visit(
	    town->door, slice_of(v.token), SLICE_NONE, &again, NULL));
	/* A wrong name and a wrong password are told alike. */
	static const uint8_t source[DOOR_SOURCE_BYTES] = {3};
	struct err a = ERR_INIT, b = ERR_INIT;
	struct door_logon ask = {.body = town->body,
	    .logon = SLICE("clerk"),
	    .password = SLICE("wrong"),
	    .source = slice_bytes(source, sizeof(source))};
	assert_false(door_logon(town->door, &ask, &again, &a));
	ask.logon = SLICE("nobody");
	assert_false(door_logon(town->door, &ask, &again, &b));
	assert_int_equal(a.code, ERR_LOGON);
	assert_string_equal(a.text, b.text);
}

/* ---- fibers: a loop as main has it ---- */

struct loop {
	int pipe[2];
	pthread_mutex_t lock;
	struct door_work *first;
	unsigned running;
};

static void
post(void *ctx, struct door_work *work)
{
	struct loop *l = ctx;
	pthread_mutex_lock(&l->lock);
	work->next = l->first;
	l->first = work;
	pthread_mutex_unlock(&l->lock);
	assert_int_equal(write(l->pipe[1], "x", 1), 1);
}

static void
run_posted(struct loop *l)
{
	char drain[64];
	if (read(l->pipe[0], drain, sizeof(drain)) <= 0)
		return;
	pthread_mutex_lock(&l->lock);
	struct door_work *w = l->first;
	l->first = NULL;
	pthread_mutex_unlock(&l->lock);
	while (w != NULL) {
		struct door_work *next = w->next;
		w->fn(w);
		w = next;
	}
}

struct errand {
	struct loop *loop;
	struct door *door;
	struct visitor visitor;
	uint64_t holding, record;
	bool is_writing;
	bool worked;
};

static void
run_errand(struct fiber *self, void *arg)
{
	struct errand *e = arg;
	struct err err = ERR_INIT;
	struct decision refusal;
	e->visitor.fiber = self;
	if (e->is_writing) {
		struct slice values[TOWN_ITEMS] = {
		    [ITEM_NAME] = SLICE("新 人")};
		struct written w;
		const struct door_write ask = {
		    .intent = town_intent(e->holding),
		    .n = TOWN_ITEMS,
		    .values = values};
		e->worked =
		    door_create(e->door, &e->visitor, &ask, &w, &refusal, &err);
	} else {
		struct shown_record shown;
		const struct door_view ask = {
		    .intent = town_intent(e->holding), .record = e->record};
		e->worked = door_view(e->door, &e->visitor, &ask, &shown,
				&refusal, &err) &&
			    slice_is(shown.values[ITEM_NAME].text, "山田 花子");
	}
	if (!e->worked)
		print_error("errand: %s\n", err.text);
	e->loop->running--;
}

static void
many_fibers_share_one_door(void **state)
{
	enum { ERRANDS = 60 };
	static struct errand errands[ERRANDS];
	struct loop l = {.lock = PTHREAD_MUTEX_INITIALIZER};
	uint64_t record;
	uint64_t holding = furnish_holding(LOOKS, &record);
	struct visitor v = town_visit(town, TOWN_CLERK);
	struct fiber_pool *pool = fiber_pool_open(ERRANDS);
	struct door_config config = {
	    .guard = town->guard, .post = post, .ctx = &l};
	struct door *door;
	assert_int_equal(pipe2(l.pipe, O_NONBLOCK), 0);
	assert_true(town->process.fds[2] >= 0);
	config.channel = channel_open(town->process.fds[2], NULL);
	town->process.fds[2] = -1;
	CHECK(door_open(&config, &door, &err));
	uint64_t before = town_entries(town);
	for (size_t i = 0; i < ERRANDS; i++) {
		errands[i] = (struct errand){.loop = &l,
		    .door = door,
		    .visitor = v,
		    .holding = holding,
		    .record = record,
		    .is_writing = i % 4 == 3};
		l.running++;
		CHECK(fiber_start(pool, run_errand, &errands[i], &err));
	}
	/* All of them wait: nothing was released without its entry. */
	assert_int_equal(l.running, ERRANDS);
	while (l.running > 0) {
		struct pollfd p[] = {{.fd = door_fd(door), .events = POLLIN},
		    {.fd = l.pipe[0], .events = POLLIN}};
		CHECK(door_round(door, &err));
		assert_true(poll(p, 2, 10000) > 0);
		if (p[0].revents != 0)
			CHECK(door_poll(door, &err));
		if (p[1].revents != 0)
			run_posted(&l);
	}
	for (size_t i = 0; i < ERRANDS; i++)
		assert_true(errands[i].worked);
	assert_true(town_entries(town) >= before + ERRANDS);
	door_close(door);
	fiber_pool_close(pool);
	(void)close(l.pipe[0]);
	(void)close(l.pipe[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_session_ends),
	    cmocka_unit_test(many_fibers_share_one_door),
	};
	return RUN_IN_TOWNS(tests, NULL);
}
