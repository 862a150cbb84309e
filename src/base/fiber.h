/*
 * Fibers: a request's code is written straight down, and where it has to wait
 * (for the ledger, for a commit) it gives its thread to other requests.
 *
 * A fiber belongs to the thread of its pool: start, wait and wake are called
 * on that thread only. fiber_wait() is called inside the fiber itself.
 */
#ifndef BASE_FIBER_H
#define BASE_FIBER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct fiber;
struct fiber_pool;

/* The stack of one fiber; touched pages only are memory. */
enum { FIBER_STACK_BYTES = 256 * 1024 };

/* At most `max` fibers at once. NULL without memory. */
struct fiber_pool *fiber_pool_open(size_t max) MUST_CHECK;

/* No fiber may be alive. NULL is fine. */
void fiber_pool_close(struct fiber_pool *pool);

/*
 * Runs fn(self, arg) on a stack of its own until it waits or returns.
 * ERR_BUSY when `max` are alive already: nothing was run.
 */
bool fiber_start(struct fiber_pool *pool,
    void (*fn)(struct fiber *self, void *arg), void *arg,
    struct err *err) MUST_CHECK;

/* Gives up the thread until somebody wakes this fiber. */
void fiber_wait(struct fiber *self);

/* Runs the fiber on until its next wait or its end. It must be waiting. */
void fiber_wake(struct fiber *f);

size_t fiber_pool_alive(const struct fiber_pool *pool);

#endif
