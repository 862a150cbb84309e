/*
 * Inside the store: SQLite's write-ahead log is copied back by a thread of its
 * own, so that no reader or writer stalls for it.
 */
#ifndef STORE_CHECKPOINT_H
#define STORE_CHECKPOINT_H

#include "store/store.h"

struct checkpoint;

/*
 * Starts the thread. pass(arg) copies what it can; drop(arg) ends the
 * connection. Both are called in the thread alone.
 */
bool checkpoint_open(void (*pass)(void *arg), void (*drop)(void *arg),
    void *arg, struct checkpoint **ret, struct err *err) MUST_CHECK;

/* Ends the thread. NULL is fine. */
void checkpoint_close(struct checkpoint *c);

/* Any thread: the log holds so many pages now. */
void checkpoint_tell(struct checkpoint *c, unsigned pages);

unsigned checkpoint_pages(struct checkpoint *c);

#endif
