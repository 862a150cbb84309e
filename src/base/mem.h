/*
 * The only caller of malloc and free. mem_fail_at() makes the Nth allocation
 * fail, for the fault tests.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

#include "base/attr.h"

/* Zeroed memory for n > 0 elements of size bytes, or NULL. */
void *mem_alloc(size_t n, size_t size) MUST_CHECK;

/* Grows or shrinks; new bytes are not set. NULL leaves the old block. */
void *mem_resize(void *p, size_t bytes) MUST_CHECK;

/* NULL is fine. */
void mem_free(void *p);

/* Overwrites bytes in a way the compiler does not remove. */
void mem_wipe(void *p, size_t bytes);

/*
 * Fault tests: the nth allocation from now (1 is the next) fails once.
 * 0 turns it off. Returns how many allocations were made since the last call.
 */
unsigned long mem_fail_at(unsigned long nth);

#endif
