#include "keeper/client.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"

enum {
	IN_BYTES = MESSAGE_HEADER_BYTES + MESSAGE_MAX_BYTES,
	OUT_MAX_BYTES = 64 * 1024 * 1024,
	SEAT_BITS = 12
};
_Static_assert(CHANNEL_CALLS_MAX == 1 << SEAT_BITS, "a seat fits its bits");

struct seat {
	struct keeper_call *call;
	uint64_t number; /* of the message; its low bits are the seat */
	unsigned next;   /* free seats; CHANNEL_CALLS_MAX: the last */
};

struct channel {
	int fd;
	bool is_lost;
	uint64_t count;
	size_t pending;
	unsigned free;
	struct seat *seats;
	struct buf out;
	size_t out_done; /* bytes of out that are written */
	uint8_t *in;
	size_t in_n;
	struct buf now; /* the answer of channel_call_now() */
};

struct channel *
channel_open(int fd, struct err *err)
{
	struct channel *ch = mem_alloc(1, sizeof(*ch));
	if (ch != NULL) {
		ch->fd = fd;
		ch->out = buf_of(OUT_MAX_BYTES);
		ch->now = buf_of(MESSAGE_MAX_BYTES);
		ch->seats = mem_alloc(CHANNEL_CALLS_MAX, sizeof(*ch->seats));
		ch->in = mem_alloc(1, IN_BYTES);
		if (ch->seats != NULL && ch->in != NULL) {
			for (unsigned i = 0; i < CHANNEL_CALLS_MAX; i++)
				ch->seats[i].next = i + 1;
			return ch;
		}
		ch->fd = -1;
		channel_close(ch);
	}
	(void)close(fd);
	(void)ERR(err, ERR_LIMIT, "no memory for a channel");
	return NULL;
}

static void
give_up(struct channel *ch)
{
	ch->is_lost = true;
	for (unsigned i = 0; ch->pending > 0 && i < CHANNEL_CALLS_MAX; i++) {
		struct keeper_call *call = ch->seats[i].call;
		if (call == NULL)
			continue;
		ch->seats[i].call = NULL;
		ch->pending--;
		call->done(call, ANSWER_LOST, SLICE_NONE);
	}
}

void
channel_close(struct channel *ch)
{
	if (ch == NULL)
		return;
	if (ch->seats != NULL)
		give_up(ch);
	if (ch->fd >= 0)
		(void)close(ch->fd);
	buf_close(&ch->out);
	buf_close(&ch->now);
	mem_wipe(ch->in, ch->in == NULL ? 0 : IN_BYTES);
	mem_free(ch->in);
	mem_free(ch->seats);
	mem_free(ch);
}

int
channel_fd(const struct channel *ch)
{
	return ch->fd;
}

size_t
channel_pending(const struct channel *ch)
{
	return ch->pending;
}

bool
channel_wants_write(const struct channel *ch)
{
	return ch->out.n > ch->out_done;
}

static bool
lost(struct err *err)
{
	return answer_err(ANSWER_LOST, err);
}

bool
channel_send(struct channel *ch, struct keeper_call *call, enum message type,
    const void *ask, struct err *err)
{
	const struct message_rule *rule = message_rule(type);
	must(rule != NULL && call->done != NULL);
	if (ch->is_lost)
		return lost(err);
	if (ch->free == CHANNEL_CALLS_MAX)
		return ERR(err, ERR_BUSY,
		    "too many requests wait for the keeper");
	size_t at = ch->out.n;
	if (buf_grow(&ch->out, MESSAGE_HEADER_BYTES) != NULL)
		rule->ask_write(&ch->out, ask);
	size_t n = ch->out.n - at - MESSAGE_HEADER_BYTES;
	if (ch->out.failed || n < rule->min_bytes || n > rule->max_bytes) {
		ch->out.failed = false;
		mem_wipe(ch->out.p + at, ch->out.n - at);
		ch->out.n = at;
		return ERR(err, ERR_INPUT,
		    "a field of the message %s is out of range", rule->name);
	}
	struct seat *seat = &ch->seats[ch->free];
	call->seat = ch->free;
	call->type = type;
	ch->free = seat->next;
	ch->pending++;
	seat->call = call;
	seat->number = ++ch->count << SEAT_BITS | call->seat;
	struct message_head head = {
	    .size = (uint32_t)n,
	    .type = (uint16_t)type,
	    .number = seat->number,
	};
	message_head_put((uint8_t *)ch->out.p + at, &head);
	return true;
}

bool
channel_flush(struct channel *ch, struct err *err)
{
	if (ch->is_lost)
		return lost(err);
	if (!channel_wants_write(ch))
		return true;
	ssize_t n = send(ch->fd, ch->out.p + ch->out_done,
	    ch->out.n - ch->out_done, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		/* what was answered before it went is still to be read */
		return ch->pending > 0 && errno == EPIPE ? true : lost(err);
	}
	if (n > 0)
		ch->out_done += (size_t)n;
	if (ch->out_done == ch->out.n) {
		buf_reset(&ch->out);
		ch->out_done = 0;
	}
	return true;
}

/* The keeper is not believed blindly: a number it was not asked is dropped. */
static bool
serve(struct channel *ch, const struct message_head *head,
    struct slice content)
{
	struct seat *seat = &ch->seats[head->number & (CHANNEL_CALLS_MAX - 1)];
	struct keeper_call *call = seat->call;
	if (call == NULL || seat->number != head->number ||
	    head->type != call->type || head->code >= ANSWER_LOST)
		return false;
	seat->call = NULL;
	seat->next = ch->free;
	ch->free = call->seat;
	ch->pending--;
	call->done(call, (enum answer)head->code, content);
	return true;
}

static bool
serve_all(struct channel *ch)
{
	size_t at = 0;
	bool ok = true;
	while (ok && ch->in_n - at >= MESSAGE_HEADER_BYTES) {
		struct message_head head = message_head_get(ch->in + at);
		if (head.size > MESSAGE_MAX_BYTES)
			return false;
		if (ch->in_n - at - MESSAGE_HEADER_BYTES < head.size)
			break;
		at += MESSAGE_HEADER_BYTES;
		ok = serve(ch, &head, slice_bytes(ch->in + at, head.size));
		at += head.size;
	}
	/* What moves up leaves nothing behind: these are keys. */
	memmove(ch->in, ch->in + at, ch->in_n - at);
	mem_wipe(ch->in + ch->in_n - at, at);
	ch->in_n -= at;
	return ok;
}

bool
channel_poll(struct channel *ch, struct err *err)
{
	if (ch->is_lost)
		return lost(err);
	for (;;) {
		ssize_t n = recv(ch->fd, ch->in + ch->in_n,
		    IN_BYTES - ch->in_n, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n > 0)
			ch->in_n += (size_t)n;
		if (n <= 0 || !serve_all(ch)) {
			give_up(ch);
			return lost(err);
		}
		if (ch->in_n < MESSAGE_HEADER_BYTES)
			return true;
	}
}

/* A call that somebody stands and waits for. */
struct waiting {
	struct keeper_call call;
	struct channel *ch;
	bool is_done;
	enum answer code;
};

static void
arrived(struct keeper_call *call, enum answer code, struct slice content)
{
	struct waiting *w = call->arg;
	w->is_done = true;
	w->code = code;
	buf_add(&w->ch->now, content);
}

bool
channel_call_now(struct channel *ch, enum message type, const void *ask,
    void *answer, enum answer *ret_code, struct err *err)
{
	struct waiting w = {.ch = ch};
	w.call.done = arrived;
	w.call.arg = &w;
	buf_reset(&ch->now);
	if (ret_code != NULL)
		*ret_code = ANSWER_LOST;
	if (!channel_send(ch, &w.call, type, ask, err))
		return false;
	while (!w.is_done) {
		if (!channel_flush(ch, err)) {
			give_up(ch);
			break;
		}
		struct pollfd p = {
		    .fd = ch->fd,
		    .events = (short)(channel_wants_write(ch)
			    ? POLLIN | POLLOUT
			    : POLLIN),
		};
		if (poll(&p, 1, -1) < 0)
			must(errno == EINTR);
		(void)!channel_poll(ch, err);
	}
	if (ret_code != NULL)
		*ret_code = w.code;
	if (w.code != ANSWER_OK)
		return answer_err(w.code, err);
	struct slice s;
	return buf_finish(&ch->now, &s, err) &&
	    (message_rule(type)->answer_read(s, answer) ||
		ERR(err, ERR_CORRUPT, "the keeper's answer is malformed"));
}
