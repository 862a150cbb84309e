/*
 * The bytes of a pack's folder: plain files of one level, each with a cap.
 */
#ifndef REGULATION_SOURCE_H
#define REGULATION_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct source {
	int fd;            /* of the folder */
	const char *shown; /* its path as faults give it */
	struct slice id;   /* the folder's own name */
};

/*
 * `dir` is shown as it is; its name is what it is really called. ERR_INPUT
 * where there is no such folder. Text lives in the arena.
 */
bool source_open(const char *dir, struct arena *arena, struct source *ret,
    struct err *err) MUST_CHECK;

void source_close(struct source *s);

/* The path of the folder `id` beside this one. p is NULL without memory. */
struct slice source_beside(const struct source *s, struct slice id,
    struct arena *arena) MUST_CHECK;

/*
 * A regular file of at most max_bytes: ERR_LIMIT when it has more, ERR_INPUT
 * when there is none or it is something else. Links are not followed.
 */
bool source_read(const struct source *s, const char *name, size_t max_bytes,
    struct arena *arena, struct slice *ret, struct err *err) MUST_CHECK;

#endif
