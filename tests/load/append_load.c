/*
 * Load on a keeper: so many writers at once, over four channels, each with
 * one request under way.
 *
 *	append_load [seconds [writers [append|open]]]
 *
 * Prints requests a second and the keeper's CPU time for each. Every answer
 * is durable when it comes.
 */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/must.h"
#include "keeper_rig.h"

enum { CHANNELS = 4, WRITERS_MAX = 4096 };

struct load {
	struct rig *rig;
	struct channel *ch;
	pthread_t thread;
	unsigned writers;
	bool is_open;
	instant until;
	struct append_ask append;
	struct open_ask open;
	struct keeper_call *calls;
	unsigned long done, failed;
};

static void
send_one(struct load *l, struct keeper_call *call)
{
	struct err err;
	const void *ask = l->is_open ? (void *)&l->open : (void *)&l->append;
	must(channel_send(l->ch, call,
	    l->is_open ? MESSAGE_OPEN : MESSAGE_APPEND, ask, &err));
}

static void
answered(struct keeper_call *call, enum answer code, struct slice content)
{
	struct load *l = call->arg;
	(void)content;
	if (code == ANSWER_OK)
		l->done++;
	else
		l->failed++;
	if (code != ANSWER_LOST && clock_monotonic() < l->until)
		send_one(l, call);
}

static void *
run(void *arg)
{
	struct load *l = arg;
	struct err err;
	for (unsigned i = 0; i < l->writers; i++) {
		l->calls[i] = (struct keeper_call){.done = answered, .arg = l};
		send_one(l, &l->calls[i]);
	}
	while (channel_pending(l->ch) > 0) {
		must(channel_flush(l->ch, &err));
		struct pollfd p = {channel_fd(l->ch),
		    (short)(channel_wants_write(l->ch) ? POLLIN | POLLOUT
						       : POLLIN), 0};
		(void)poll(&p, 1, -1);
		if (!channel_poll(l->ch, &err))
			break;
	}
	return NULL;
}

/* User and system time of a process, in clock ticks. */
static unsigned long
cpu_ticks(pid_t pid)
{
	char path[64], text[1024];
	unsigned long user = 0, system = 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "r");
	must(f != NULL && fgets(text, sizeof(text), f) != NULL);
	(void)fclose(f);
	const char *p = strrchr(text, ')');
	must(p != NULL && sscanf(p + 2,
		"%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
		&system) == 2);
	return user * 1000000 + system;
}

int
main(int argc, char **argv)
{
	static struct load loads[CHANNELS];
	static struct keeper_call calls[CHANNELS][WRITERS_MAX];
	long seconds = argc > 1 ? strtol(argv[1], NULL, 10) : 3;
	long writers = argc > 2 ? strtol(argv[2], NULL, 10) : 64;
	bool is_open = argc > 3 && strcmp(argv[3], "open") == 0;
	struct err err;
	uint8_t key[32];
	struct message_record rec;
	must(seconds > 0 && writers >= CHANNELS && writers <= WRITERS_MAX);
	struct rig *r = rig_open_channels(CHANNELS);
	struct authority_row row = rig_row(r, AUTHORITY_BODY, RIG_BODY);
	must(rig_create(r, RIG_CLERK, RIG_HOLDING, 7, key, &rec));
	/* without a limit, so that the same record can be opened for ever */
	r->options.is_maintenance = true;
	rig_restart(r);
	row.head.version = 2;
	row.body = (struct authority_body){.bulk_window_min = 60,
	    .permits_needed = 1, .idle_min = 60, .idle_high_min = 60,
	    .session_max_hours = 10, .logon_failures = 5,
	    .logon_delay_min = 5, .password_min = 12,
	    .appointers_needed = 1};
	must(rig_put_ask(r, &(struct put_ask){0}, &row, true));
	r->options.is_maintenance = false;
	rig_restart(r);

	instant begin = clock_monotonic();
	unsigned long ticks = cpu_ticks(r->process.pid);
	for (unsigned i = 0; i < CHANNELS; i++) {
		struct load *l = &loads[i];
		l->rig = r;
		l->ch = i == 0 ? r->ch
			       : channel_open(r->process.fds[i], &err);
		r->process.fds[i] = -1;
		must(l->ch != NULL);
		l->writers = (unsigned)writers / CHANNELS;
		l->is_open = is_open;
		l->until = begin + seconds * SECOND_US;
		l->calls = calls[i];
		l->append = (struct append_ask){
		    .session = *rig_session(r, RIG_CLERK),
		    .verb = SLICE("matter.step"),
		    .reference = SLICE("R8-0147"),
		    .n_subjects = 2,
		    .subjects = {1, 2},
		    .detail = SLICE("{\"step\":\"approve\"}"),
		};
		l->open.intent =
		    rig_intent(r, RIG_CLERK, RIG_HOLDING, ACT_VIEW);
		l->open.n = 1;
		l->open.records[0] = rec;
		must(pthread_create(&l->thread, NULL, run, l) == 0);
	}
	unsigned long done = 0, failed = 0;
	for (unsigned i = 0; i < CHANNELS; i++) {
		must(pthread_join(loads[i].thread, NULL) == 0);
		done += loads[i].done;
		failed += loads[i].failed;
	}
	double s = (double)(clock_monotonic() - begin) / 1e6;
	ticks = cpu_ticks(r->process.pid) - ticks;
	double user = (double)(ticks / 1000000) / (double)sysconf(_SC_CLK_TCK);
	double sys = (double)(ticks % 1000000) / (double)sysconf(_SC_CLK_TCK);
	printf("%s: %ld writers, %.0f/s, %lu refused; keeper CPU a request: "
	       "%.2f us user, %.2f us system\n", is_open ? "open" : "append",
	    writers, (double)done / s, failed, user * 1e6 / (double)done,
	    sys * 1e6 / (double)done);
	for (unsigned i = 1; i < CHANNELS; i++)
		channel_close(loads[i].ch);
	rig_close(r);
	return failed == 0 ? 0 : 1;
}
