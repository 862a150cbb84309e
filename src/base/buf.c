#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

void
buf_close(struct buf *b)
{
	mem_wipe(b->p, b->n);
	mem_free(b->p);
	*b = (struct buf){.max = b->max};
}

void
buf_reset(struct buf *b)
{
	mem_wipe(b->p, b->n);
	b->n = 0;
	b->failed = false;
}

/* A bigger block by hand, because realloc would leave a copy unwiped. */
static bool
reserve(struct buf *b, size_t n)
{
	if (b->failed || n > b->max - b->n) {
		b->failed = true;
		return false;
	}
	if (n <= b->size - b->n)
		return true;
	size_t size = b->size == 0 ? 256 : b->size;
	while (size - b->n < n)
		size *= 2;
	if (size > b->max)
		size = b->max;
	char *p = mem_alloc(1, size);
	if (p == NULL) {
		b->failed = true;
		return false;
	}
	if (b->n > 0)
		memcpy(p, b->p, b->n);
	mem_wipe(b->p, b->n);
	mem_free(b->p);
	b->p = p;
	b->size = size;
	return true;
}

void *
buf_grow(struct buf *b, size_t n)
{
	if (!reserve(b, n))
		return NULL;
	void *p = b->p + b->n;
	b->n += n;
	return p;
}

void
buf_add_bytes(struct buf *b, const void *p, size_t n)
{
	if (n == 0 || !reserve(b, n))
		return;
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

void
buf_add(struct buf *b, struct slice s)
{
	buf_add_bytes(b, s.p, s.n);
}

void
buf_add_str(struct buf *b, const char *s)
{
	buf_add_bytes(b, s, strlen(s));
}

void
buf_add_byte(struct buf *b, uint8_t byte)
{
	buf_add_bytes(b, &byte, 1);
}

void
buf_add_u16(struct buf *b, uint16_t v)
{
	uint8_t be[2] = {(uint8_t)(v >> 8), (uint8_t)v};
	buf_add_bytes(b, be, sizeof(be));
}

void
buf_add_u32(struct buf *b, uint32_t v)
{
	buf_add_u16(b, (uint16_t)(v >> 16));
	buf_add_u16(b, (uint16_t)v);
}

void
buf_add_u64(struct buf *b, uint64_t v)
{
	buf_add_u32(b, (uint32_t)(v >> 32));
	buf_add_u32(b, (uint32_t)v);
}

void
buf_add_uint(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);
	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	buf_add_bytes(b, digits + at, sizeof(digits) - at);
}

void
buf_add_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	/* one byte more for the NUL, taken back at once */
	if (n >= 0 && reserve(b, (size_t)n + 1)) {
		(void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	} else if (n < 0) {
		b->failed = true;
	}
	va_end(again);
}

bool
buf_finish(struct buf *b, struct slice *ret, struct err *err)
{
	if (b->failed)
		return ERR(err, ERR_LIMIT, "more than %zu bytes", b->max);
	*ret = (struct slice){b->p, b->n};
	return true;
}
