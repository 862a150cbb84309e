#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "base/mem.h"

enum { FIRST_BLOCK_BYTES = 16 * 1024, ALIGN = 16 };

struct block {
	struct block *next;
	size_t size;
	size_t used;
	_Alignas(ALIGN) unsigned char bytes[];
};

struct arena {
	struct block *now; /* newest first; the oldest is kept by a reset */
	size_t cap;
	size_t used;
	bool failed;
};

static struct block *
block_open(size_t size)
{
	struct block *b = mem_alloc(1, sizeof(*b) + size);
	if (b != NULL)
		b->size = size;
	return b;
}

struct arena *
arena_open(size_t cap)
{
	struct arena *a = mem_alloc(1, sizeof(*a));
	if (a == NULL)
		return NULL;
	a->cap = cap;
	a->now = block_open(FIRST_BLOCK_BYTES);
	if (a->now == NULL) {
		mem_free(a);
		return NULL;
	}
	return a;
}

void
arena_reset(struct arena *a)
{
	while (a->now->next != NULL) {
		struct block *b = a->now;
		a->now = b->next;
		mem_wipe(b->bytes, b->used);
		mem_free(b);
	}
	mem_wipe(a->now->bytes, a->now->used);
	a->now->used = 0;
	a->used = 0;
	a->failed = false;
}

void
arena_close(struct arena *a)
{
	if (a == NULL)
		return;
	arena_reset(a);
	mem_free(a->now);
	mem_free(a);
}

void *
arena_alloc(struct arena *a, size_t bytes)
{
	if (bytes > a->cap - a->used || a->failed) {
		a->failed = true;
		return NULL;
	}
	size_t take = (bytes + ALIGN - 1) / ALIGN * ALIGN;
	if (take == 0)
		take = ALIGN;
	if (take > a->now->size - a->now->used) {
		size_t size = a->now->size * 2;
		if (size > 1024 * 1024)
			size = 1024 * 1024;
		if (size < take)
			size = take;
		struct block *b = block_open(size);
		if (b == NULL) {
			a->failed = true;
			return NULL;
		}
		b->next = a->now;
		a->now = b;
	}
	void *p = a->now->bytes + a->now->used;
	a->now->used += take;
	a->used += bytes;
	return p;
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size) {
		a->failed = true;
		return NULL;
	}
	return arena_alloc(a, n * size);
}

struct slice
arena_copy(struct arena *a, struct slice s)
{
	char *p = arena_alloc(a, s.n + 1);
	if (p == NULL)
		return SLICE_NONE;
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return (struct slice){p, s.n};
}

struct slice
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	char *p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
	if (p != NULL)
		(void)vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p == NULL ? SLICE_NONE : (struct slice){p, (size_t)n};
}

bool
arena_is_failed(const struct arena *a)
{
	return a->failed;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}
