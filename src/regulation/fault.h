/*
 * Faults found in a pack: file, line, what is wrong and what to do about it.
 * A reader of a pack goes on after a fault, so that its writer sees them all.
 * One thread at a time.
 */
#ifndef REGULATION_FAULT_H
#define REGULATION_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

enum { PACK_FAULTS_MAX = 1000 };

struct pack_fault {
	const char *file; /* as a path that the reader was given leads to it */
	int line;         /* counted from 1 */
	const char *text; /* "what is wrong; what to do" */
};

struct pack_faults;

/* An empty list, or NULL without memory. */
struct pack_faults *pack_faults_open(void) MUST_CHECK;

/* NULL is fine. */
void pack_faults_close(struct pack_faults *f);

static inline void
pack_faults_close_scoped(struct pack_faults **f)
{
	pack_faults_close(*f);
}

/*
 * Adds one. A second one like it is dropped; past PACK_FAULTS_MAX it is only
 * counted. Returns false, so that a reader can end with it.
 */
bool pack_fault_add(struct pack_faults *f, const char *file, int line,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* How many are kept, and how many were left out for want of room. */
size_t pack_faults_count(const struct pack_faults *f);
size_t pack_faults_left_out(const struct pack_faults *f);

/* i < count; lives as long as the list. */
const struct pack_fault *pack_fault_at(const struct pack_faults *f, size_t i);

/* Orders those from `from` on: files as first met, then lines. */
void pack_faults_sort(struct pack_faults *f, size_t from);

#endif
