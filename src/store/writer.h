/*
 * Inside the store: the one thread that writes. It takes all waiting jobs as
 * a group: BEGIN, each job in a SAVEPOINT, COMMIT, then their done().
 */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "store/link.h"

struct writer;

/* Takes the link over, also when it fails. */
bool writer_open(
    struct store_link *link, struct writer **ret, struct err *err) MUST_CHECK;

/* Runs what waits, ends the thread, closes the link. NULL is fine. */
void writer_close(struct writer *w);

bool writer_submit(
    struct writer *w, struct store_job *job, struct err *err) MUST_CHECK;

bool writer_now(struct writer *w,
    bool (*run)(struct store_tx *tx, void *arg, struct err *err), void *arg,
    struct err *err) MUST_CHECK;

void writer_figures(struct writer *w, struct store_figures *ret);

/* The link behind a transaction, for store_writer_check(). */
struct store_link *writer_link(struct store_tx *tx);

#endif
