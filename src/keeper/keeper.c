/*
 * The keeper's loop. Each round drains what the channels hold, handles it,
 * makes all its entries durable with one commit, and only then writes the
 * answers.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "keeper/state.h"

enum {
	IN_BYTES = MESSAGE_HEADER_BYTES + MESSAGE_MAX_BYTES,
	OUT_MAX_BYTES = 8 * 1024 * 1024,
	/* with more than this unread, a channel's requests wait */
	OUT_ENOUGH_BYTES = OUT_MAX_BYTES - 2 * IN_BYTES,
	READS_A_ROUND = 16,
	SEGMENTS_ENOUGH = 8,  /* of write-ahead, before tiles may not wait */
	BUNDLES_A_ROUND = 2,
	IDLE_MS = 60 * 1000
};

struct channel_end {
	int fd; /* -1: closed */
	uint32_t generation;
	bool is_ending;  /* nothing more is read; ends when all is written */
	bool is_waiting; /* for room in the socket */
	uint8_t *in;
	size_t in_n;
	struct buf out;
	size_t mark; /* where this round's answers begin */
};

struct loop {
	struct keeper *k;
	int epoll;
	unsigned n;
	struct channel_end channels[KEEPER_CHANNELS_MAX];
};

static keeper_handler *const handlers[] = {
    [MESSAGE_STATUS] = keeper_status,
    [MESSAGE_LOGON] = keeper_logon,
    [MESSAGE_STEP_UP] = keeper_step_up,
    [MESSAGE_TOUCH] = keeper_touch,
    [MESSAGE_LOGOFF] = keeper_logoff,
    [MESSAGE_OPEN] = keeper_open,
    [MESSAGE_CREATE] = keeper_create,
    [MESSAGE_TOKENS] = keeper_tokens,
    [MESSAGE_ERASE] = keeper_erase,
    [MESSAGE_APPEND] = keeper_append,
    [MESSAGE_AUTHORITY_LOAD] = keeper_load,
    [MESSAGE_AUTHORITY_READY] = keeper_ready,
    [MESSAGE_AUTHORITY_PUT] = keeper_put,
    [MESSAGE_AUTHORITY_ACK] = keeper_ack,
    [MESSAGE_ENTRY] = keeper_entry,
    [MESSAGE_FEED] = keeper_feed,
    [MESSAGE_CHECKPOINT] = keeper_checkpoint,
    [MESSAGE_RETIRE] = keeper_retire,
    [MESSAGE_CLOCK] = keeper_clock,
    [MESSAGE_EXPORT] = keeper_export,
    [MESSAGE_EXPORT_PART] = keeper_export_part,
    [MESSAGE_AUTHORITY_CHANGE] = keeper_change,
};
_Static_assert(sizeof(handlers) / sizeof(handlers[0]) == MESSAGES_END,
    "each message has its handler");

/* The table's row is asked before any handler runs. */
static unsigned
dispatch(struct keeper *k, const struct request *rq, unsigned code,
    struct buf *out)
{
	const struct message_rule *rule = message_rule(rq->type);
	if (rule == NULL || code != 0 || rq->content.n < rule->min_bytes ||
	    rq->content.n > rule->max_bytes)
		return ANSWER_BAD_MESSAGE;
	if (k->state == KEEPER_REFUSING &&
	    (rule->states & 1u << KEEPER_REFUSING) == 0)
		return ANSWER_REFUSING;
	if ((rule->states & 1u << k->state) == 0 ||
	    (k->is_maintenance && !rule->in_maintenance))
		return ANSWER_BAD_MESSAGE;
	return handlers[rq->type](k, rq, out);
}

static void
handle(struct loop *l, const struct request *rq, unsigned code)
{
	struct channel_end *c = &l->channels[rq->channel];
	size_t at = c->out.n;
	if (buf_grow(&c->out, MESSAGE_HEADER_BYTES) == NULL) {
		c->is_ending = true;
		return;
	}
	unsigned a = dispatch(l->k, rq, code, &c->out);
	if (c->out.failed) {
		/* no memory: the answer cannot be given, so nothing is */
		c->out.failed = false;
		a = ANSWER_BUSY;
	}
	if (a != ANSWER_OK) {
		size_t keep = a == ANSWER_LATER ? at
						: at + MESSAGE_HEADER_BYTES;
		mem_wipe(c->out.p + keep, c->out.n - keep);
		c->out.n = keep;
	}
	if (a == ANSWER_BAD_MESSAGE)
		c->is_ending = true;
	if (a == ANSWER_LATER)
		return;
	struct message_head head = {
	    .size = (uint32_t)(c->out.n - at - MESSAGE_HEADER_BYTES),
	    .type = (uint16_t)rq->type,
	    .code = (uint16_t)a,
	    .number = rq->number,
	};
	message_head_put((uint8_t *)c->out.p + at, &head);
}

/* Every whole frame that was read. */
static void
handle_frames(struct loop *l, unsigned channel)
{
	struct channel_end *c = &l->channels[channel];
	size_t at = 0;
	while (!c->is_ending && c->out.n < OUT_ENOUGH_BYTES &&
	    c->in_n - at >= MESSAGE_HEADER_BYTES) {
		struct message_head head = message_head_get(c->in + at);
		if (head.size > MESSAGE_MAX_BYTES) {
			c->is_ending = true;
			break;
		}
		if (c->in_n - at - MESSAGE_HEADER_BYTES < head.size)
			break;
		struct request rq = {
		    .channel = channel,
		    .generation = c->generation,
		    .type = head.type,
		    .number = head.number,
		    .content = slice_bytes(
			c->in + at + MESSAGE_HEADER_BYTES, head.size),
		};
		handle(l, &rq, head.code);
		at += MESSAGE_HEADER_BYTES + head.size;
	}
	if (at == 0)
		return;
	/* What moves up leaves nothing behind. */
	memmove(c->in, c->in + at, c->in_n - at);
	mem_wipe(c->in + c->in_n - at, at);
	c->in_n -= at;
}

static void
read_channel(struct loop *l, unsigned channel)
{
	struct channel_end *c = &l->channels[channel];
	for (unsigned i = 0; i < READS_A_ROUND && !c->is_ending; i++) {
		handle_frames(l, channel);
		if (c->in_n == IN_BYTES || c->out.n >= OUT_ENOUGH_BYTES)
			return;
		ssize_t n = recv(c->fd, c->in + c->in_n, IN_BYTES - c->in_n,
		    MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			c->is_ending = true;
			c->out.n = c->mark; /* nobody reads them */
			return;
		}
		c->in_n += (size_t)n;
		handle_frames(l, channel);
		if (c->in_n < MESSAGE_HEADER_BYTES)
			return; /* epoll tells of more */
	}
}

static void
close_channel(struct loop *l, struct channel_end *c)
{
	(void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, c->fd, NULL);
	(void)close(c->fd);
	c->fd = -1;
	c->generation++;
	mem_wipe(c->in, c->in_n);
	mem_free(c->in);
	c->in = NULL;
	buf_close(&c->out);
}

static void
watch(struct loop *l, unsigned channel, bool is_waiting)
{
	struct channel_end *c = &l->channels[channel];
	struct epoll_event e = {
	    .events = is_waiting ? EPOLLOUT : EPOLLIN,
	    .data.u32 = channel,
	};
	if (c->is_waiting == is_waiting)
		return;
	must(epoll_ctl(l->epoll, EPOLL_CTL_MOD, c->fd, &e) == 0);
	c->is_waiting = is_waiting;
}

static void
write_channel(struct loop *l, unsigned channel)
{
	struct channel_end *c = &l->channels[channel];
	size_t done = 0;
	while (done < c->out.n) {
		ssize_t n = send(c->fd, c->out.p + done, c->out.n - done,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			close_channel(l, c);
			return;
		}
		done += (size_t)n;
	}
	if (done == c->out.n) {
		buf_reset(&c->out);
	} else if (done > 0) {
		memmove(c->out.p, c->out.p + done, c->out.n - done);
		mem_wipe(c->out.p + c->out.n - done, done);
		c->out.n -= done;
	}
	if (c->is_ending && c->out.n == 0)
		close_channel(l, c);
	else
		watch(l, channel, c->out.n > 0);
}

/*
 * The round's entries are not in the ledger: its answers shrink to their
 * heads, and whatever said OK says FULL.
 */
static void
take_back(struct channel_end *c)
{
	size_t from = c->mark, to = c->mark;
	while (from < c->out.n) {
		uint8_t *p = (uint8_t *)c->out.p + from;
		struct message_head head = message_head_get(p);
		from += MESSAGE_HEADER_BYTES + head.size;
		head.size = 0;
		if (head.code == ANSWER_OK)
			head.code = ANSWER_FULL;
		message_head_put((uint8_t *)c->out.p + to, &head);
		to += MESSAGE_HEADER_BYTES;
	}
	mem_wipe(c->out.p + to, c->out.n - to);
	c->out.n = to;
}

static void
handle_results(struct loop *l)
{
	struct job *j;
	while ((j = worker_result(l->k->worker)) != NULL) {
		struct channel_end *c = &l->channels[j->channel];
		struct request rq = {
		    .channel = j->channel,
		    .generation = j->generation,
		    .type = j->type,
		    .number = j->number,
		    .content = slice_bytes(j->content, j->content_n),
		    .job = j,
		};
		if (c->fd >= 0 && c->generation == j->generation)
			handle(l, &rq, 0);
		worker_give_back(l->k->worker, j);
	}
}

static void
finish_round(struct loop *l)
{
	struct keeper *k = l->k;
	struct ledger_state state;
	if (k->ledger != NULL) {
		ledger_state(k->ledger, &state);
		if (state.added > 0 ||
		    (k->slots != NULL && slots_is_dirty(k->slots)))
			(void)keeper_settle(k);
	}
	for (unsigned i = 0; i < l->n; i++) {
		struct channel_end *c = &l->channels[i];
		if (c->fd < 0)
			continue;
		if (k->has_lost)
			take_back(c);
		if (c->out.n > 0 || c->is_ending)
			write_channel(l, i);
	}
	k->has_lost = false;
}

static bool
is_unsigned(const struct keeper *k)
{
	struct ledger_state s;
	ledger_state(k->ledger, &s);
	return !s.is_signed || s.signed_size < s.size;
}

/* What is done now and then; elapsed time, not the scripted clock's. */
static void
keep_house(struct keeper *k)
{
	instant elapsed = clock_monotonic();
	if (k->ledger == NULL || k->state == KEEPER_REFUSING)
		return;
	if (is_unsigned(k) && elapsed >= k->checkpoint_at) {
		(void)keeper_sign(k);
		k->checkpoint_at = elapsed + SECOND_US;
	}
	if (elapsed >= k->sweep_at) {
		sessions_sweep(k->sessions, k->now, DAY_US);
		k->sweep_at = elapsed + MINUTE_US;
	}
	if (k->now >= k->heartbeat_at) {
		(void)keeper_note_set(k, "keeper.heartbeat");
		(void)keeper_settle(k);
		slots_set_seen(k->slots, logs_end(k->logs));
		slots_sync(k->slots);
		k->has_lost = false;
		k->heartbeat_at = k->now + HOUR_US;
	}
}

/* Tiles, when nothing else is to do or they may not wait. *ret_more. */
static bool
build(struct keeper *k, bool is_idle)
{
	struct ledger_state s;
	struct err err;
	bool more = false;
	if (k->ledger == NULL || k->state == KEEPER_REFUSING)
		return false;
	ledger_state(k->ledger, &s);
	if (!is_idle && s.segments < SEGMENTS_ENOUGH)
		return false;
	if (!ledger_build(k->ledger, BUNDLES_A_ROUND, &more, &err))
		return false;
	return more;
}

/* A whole request waits in memory: epoll will not tell of it. */
static bool
has_frame(const struct channel_end *c)
{
	return c->fd >= 0 && !c->is_ending && !c->is_waiting &&
	    c->in_n >= MESSAGE_HEADER_BYTES &&
	    c->in_n - MESSAGE_HEADER_BYTES >= message_head_get(c->in).size;
}

static bool
has_channels(const struct loop *l)
{
	for (unsigned i = 0; i < l->n; i++)
		if (l->channels[i].fd >= 0)
			return true;
	return false;
}

static int
wait_ms(const struct keeper *k, bool has_more)
{
	if (has_more)
		return 0;
	if (k->ledger != NULL && k->state != KEEPER_REFUSING &&
	    is_unsigned(k)) {
		instant left = k->checkpoint_at - clock_monotonic();
		return left <= 0 ? 0 : (int)(left / 1000) + 1;
	}
	return IDLE_MS;
}

static void
open_channels(struct loop *l, const int *fds)
{
	struct epoll_event e = {.events = EPOLLIN};
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	must(l->epoll >= 0);
	for (unsigned i = 0; i < l->n; i++) {
		struct channel_end *c = &l->channels[i];
		c->fd = fds[i];
		c->in = mem_alloc(1, IN_BYTES);
		must(c->in != NULL);
		c->out = buf_of(OUT_MAX_BYTES);
		e.data.u32 = i;
		must(epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &e) == 0);
	}
	e.data.u32 = KEEPER_CHANNELS_MAX;
	must(epoll_ctl(l->epoll, EPOLL_CTL_ADD, worker_fd(l->k->worker),
		 &e) == 0);
}

static void
serve(struct loop *l)
{
	struct keeper *k = l->k;
	struct epoll_event events[KEEPER_CHANNELS_MAX + 1];
	bool has_more = false, is_behind = false;
	instant until = k->is_maintenance
	    ? clock_monotonic() + MAINTENANCE_MINUTES * MINUTE_US
	    : INT64_MAX;
	while (has_channels(l) && clock_monotonic() < until) {
		int n = epoll_wait(l->epoll, events, KEEPER_CHANNELS_MAX + 1,
		    wait_ms(k, has_more || is_behind));
		if (n < 0) {
			must(errno == EINTR);
			continue;
		}
		k->now = clock_now(&k->clock);
		for (unsigned i = 0; i < l->n; i++)
			l->channels[i].mark = l->channels[i].out.n;
		for (int i = 0; i < n; i++) {
			unsigned channel = events[i].data.u32;
			if (channel == KEEPER_CHANNELS_MAX)
				handle_results(l);
			else if (l->channels[channel].fd < 0)
				continue;
			/* EPOLLOUT: finish_round() writes, after the commit */
			else if ((events[i].events & EPOLLOUT) == 0)
				read_channel(l, channel);
		}
		for (unsigned i = 0; is_behind && i < l->n; i++)
			if (has_frame(&l->channels[i]))
				handle_frames(l, i);
		finish_round(l);
		keep_house(k);
		has_more = build(k, n == 0);
		is_behind = false;
		for (unsigned i = 0; i < l->n; i++)
			is_behind = is_behind || has_frame(&l->channels[i]);
	}
}

void
keeper_serve(struct keeper *k, const int *fds, unsigned n)
{
	struct loop *l = mem_alloc(1, sizeof(*l));
	must(l != NULL);
	l->k = k;
	l->n = n;
	open_channels(l, fds);
	serve(l);
	(void)close(l->epoll);
	mem_free(l);
}
