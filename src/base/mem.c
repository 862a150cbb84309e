#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Test hook; the counters are atomic, so any thread may allocate. */
static atomic_ulong fail_at;
static atomic_ulong made;

static int
is_failing(void)
{
	unsigned long nth =
	    atomic_load_explicit(&fail_at, memory_order_relaxed);
	if (nth == 0)
		return 0;
	unsigned long now = atomic_fetch_add(&made, 1) + 1;
	return now == nth;
}

void *
mem_alloc(size_t n, size_t size)
{
	return is_failing() ? NULL : calloc(n, size);
}

void *
mem_resize(void *p, size_t bytes)
{
	return is_failing() ? NULL : realloc(p, bytes);
}

void
mem_free(void *p)
{
	free(p);
}

void
mem_wipe(void *p, size_t bytes)
{
	if (p != NULL && bytes > 0)
		explicit_bzero(p, bytes);
}

unsigned long
mem_fail_at(unsigned long nth)
{
	unsigned long was = atomic_exchange(&made, 0);
	atomic_store(&fail_at, nth);
	return was;
}
