/*
 * A growing byte builder with a maximum. It keeps its failure: add without
 * looking, ask once with buf_finish().
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct buf {
	char *p;
	size_t n;    /* bytes held */
	size_t size; /* bytes allocated */
	size_t max;  /* never more than this */
	bool failed;
};

/* Usable at once; allocates on the first byte. max > 0. */
static inline struct buf
buf_of(size_t max)
{
	return (struct buf){.max = max};
}

/* Wipes and frees. A zeroed struct is fine. */
void buf_close(struct buf *b);

/* Forgets the bytes (wiped), keeps the memory and clears the failure. */
void buf_reset(struct buf *b);

void buf_add(struct buf *b, struct slice s);
void buf_add_str(struct buf *b, const char *s);
void buf_add_byte(struct buf *b, uint8_t byte);
void buf_add_bytes(struct buf *b, const void *p, size_t n);
void buf_add_u16(struct buf *b, uint16_t v); /* big endian */
void buf_add_u32(struct buf *b, uint32_t v); /* big endian */
void buf_add_u64(struct buf *b, uint64_t v); /* big endian */
void buf_add_uint(struct buf *b, uint64_t v); /* decimal digits */
void buf_add_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* n bytes to fill in, not set; NULL once failed. */
void *buf_grow(struct buf *b, size_t n);

/*
 * The bytes, owned by the builder until reset or closed; ERR_LIMIT when the
 * maximum was passed (or memory ran out).
 */
bool buf_finish(struct buf *b, struct slice *ret, struct err *err) MUST_CHECK;

#endif
