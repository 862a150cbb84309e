/*
 * Memory of one request: many small pieces, freed at once, wiped when freed.
 * An arena has a cap; past it every call returns NULL, and stays so, so that
 * builders can check once at the end with arena_is_failed().
 * One thread at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/slice.h"

struct arena;

/* An arena that hands out at most `cap` bytes, or NULL without memory. */
struct arena *arena_open(size_t cap) MUST_CHECK;

/* Wipes and frees all of it. NULL is fine. */
void arena_close(struct arena *a);

static inline void
arena_close_scoped(struct arena **a)
{
	arena_close(*a);
}

/* Zeroed and aligned for any type. NULL past the cap. n may be 0. */
void *arena_alloc(struct arena *a, size_t bytes) MUST_CHECK;

/* n elements; NULL also where n * size overflows. */
void *arena_array(struct arena *a, size_t n, size_t size) MUST_CHECK;

/* A copy with a NUL behind it (not counted). p is NULL past the cap. */
struct slice arena_copy(struct arena *a, struct slice s) MUST_CHECK;

/* A formatted string as slice, NUL behind it. p is NULL past the cap. */
struct slice arena_printf(struct arena *a, const char *fmt, ...)
    PRINTF_LIKE(2, 3) MUST_CHECK;

/* Some allocation failed since it was opened or reset. */
bool arena_is_failed(const struct arena *a);

/* Bytes handed out. */
size_t arena_used(const struct arena *a);

/* Wipes everything and starts again, keeping the first block. */
void arena_reset(struct arena *a);

#endif
