/*
 * The server's end of a channel to the keeper. One channel belongs to one
 * thread. Requests gather in a buffer, go out with one write, and come back
 * in any order; each call's `done` runs inside channel_poll().
 *
 *	struct view { struct keeper_call call; ... };	(the caller's own)
 *	v->call.done = view_opened;
 *	channel_send(ch, &v->call, MESSAGE_OPEN, &ask, err);
 *	channel_flush(ch, err);
 *	... when channel_fd(ch) is readable: channel_poll(ch, err);
 */
#ifndef KEEPER_CLIENT_H
#define KEEPER_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "keeper/message.h"

struct channel;

/*
 * One request under way; memory is the caller's and stays until `done` ran.
 * In `done`, `content` is the answer's (empty unless code is ANSWER_OK): read
 * it with X_answer_read(), and take copies: it is wiped when `done` returns.
 * `done` may send further calls.
 */
struct keeper_call {
	void (*done)(struct keeper_call *call, enum answer code,
	    struct slice content);
	void *arg;       /* the caller's own */
	unsigned seat;   /* the channel's */
	enum message type;
};

enum { CHANNEL_CALLS_MAX = 4096 }; /* under way at once */

/* Takes over fd (a stream socket). NULL on error; fd is closed then. */
struct channel *channel_open(int fd, struct err *err) MUST_CHECK;

/* Calls under way are done with ANSWER_LOST. NULL is fine. */
void channel_close(struct channel *ch);

static inline void
channel_close_scoped(struct channel **ch)
{
	channel_close(*ch);
}

int channel_fd(const struct channel *ch);

/* Calls under way, and whether bytes wait for room in the socket. */
size_t channel_pending(const struct channel *ch);
bool channel_wants_write(const struct channel *ch);

/*
 * Queues a request; ask is the message's struct X_ask. ERR_INPUT when a field
 * is out of range, ERR_BUSY with CHANNEL_CALLS_MAX under way, ERR_LOST when
 * the keeper is gone; `done` does not run then.
 */
bool channel_send(struct channel *ch, struct keeper_call *call,
    enum message type, const void *ask, struct err *err) MUST_CHECK;

/*
 * One write of what is queued; what does not fit stays queued, so call again
 * when the socket is writable. ERR_LOST when the keeper is gone.
 */
bool channel_flush(struct channel *ch, struct err *err) MUST_CHECK;

/*
 * Reads what is there and runs `done` for each answer; never waits. ERR_LOST
 * when the keeper is gone: every call under way was done with ANSWER_LOST.
 */
bool channel_poll(struct channel *ch, struct err *err) MUST_CHECK;

/*
 * Sends, waits and reads the answer into the message's struct X_answer, for
 * the command line and tests. Other calls' answers are served meanwhile.
 * What the answer points to lives until the next call on this channel.
 * False with the refusal in err; *ret_code (may be NULL) tells it exactly.
 */
bool channel_call_now(struct channel *ch, enum message type, const void *ask,
    void *answer, enum answer *ret_code, struct err *err) MUST_CHECK;

#endif
