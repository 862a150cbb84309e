/*
 * A slice is bytes that somebody else owns: pointer and length, no NUL.
 * The header of whatever returns one says how long the bytes live.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *p;
	size_t n;
};

#define SLICE_NONE ((struct slice){NULL, 0})

/* A slice over a string literal. */
#define SLICE(lit) ((struct slice){"" lit, sizeof(lit) - 1})

/* For printf("%.*s", SLICE_FMT(s)). */
#define SLICE_FMT(s) (int)(s).n, (s).p != NULL ? (s).p : ""

static inline struct slice
slice_of(const char *str)
{
	return str == NULL ? SLICE_NONE : (struct slice){str, strlen(str)};
}

static inline struct slice
slice_bytes(const void *p, size_t n)
{
	return (struct slice){(const char *)p, n};
}

static inline bool
slice_is_equal(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool
slice_is(struct slice a, const char *str)
{
	return slice_is_equal(a, slice_of(str));
}

static inline bool
slice_has_prefix(struct slice a, struct slice prefix)
{
	return a.n >= prefix.n &&
	    (prefix.n == 0 || memcmp(a.p, prefix.p, prefix.n) == 0);
}

/* The part from byte `from` on; empty when `from` is past the end. */
static inline struct slice
slice_from(struct slice a, size_t from)
{
	if (from >= a.n)
		return (struct slice){a.n == 0 ? a.p : a.p + a.n, 0};
	return (struct slice){a.p + from, a.n - from};
}

/* Position of a byte, or a.n when it is not there. */
static inline size_t
slice_find(struct slice a, char c)
{
	const char *q = a.n == 0 ? NULL : memchr(a.p, c, a.n);
	return q == NULL ? a.n : (size_t)(q - a.p);
}

/* Bytewise order, for sorting. */
int slice_compare(struct slice a, struct slice b);

/* Without ASCII white space at both ends. */
struct slice slice_trim(struct slice a);

/*
 * Takes the part before `sep` off the front of *rest, which moves past it.
 * Returns false when *rest is exhausted (p == NULL).
 */
bool slice_split(struct slice *rest, char sep, struct slice *ret_part);

#endif
