/*
 * One description of a layout serves both ways: a struct wire either writes
 * what the pointers point at, or reads into it. Big endian. It keeps its
 * failure: call without looking, ask once with wire_is_done().
 *
 * Reading never goes past the input, and refuses what is longer than its
 * named maximum; texts read are slices of the input.
 */
#ifndef KEEPER_WIRE_H
#define KEEPER_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

struct wire {
	struct buf *out; /* NULL while reading */
	struct slice in;
	bool is_bad;
};

static inline struct wire
wire_writer(struct buf *out)
{
	return (struct wire){.out = out};
}

static inline struct wire
wire_reader(struct slice in)
{
	return (struct wire){.in = in};
}

static inline bool
wire_is_reading(const struct wire *w)
{
	return w->out == NULL;
}

void wire_u8(struct wire *w, uint8_t *v);
void wire_u16(struct wire *w, uint16_t *v);
void wire_u32(struct wire *w, uint32_t *v);
void wire_u64(struct wire *w, uint64_t *v);
void wire_i64(struct wire *w, int64_t *v);
void wire_bool(struct wire *w, bool *v); /* one byte, 0 or 1 */
void wire_bytes(struct wire *w, void *p, size_t n);

/* u16 length, bytes. */
void wire_text(struct wire *w, struct slice *s, size_t max);

/* u16; a count of at most max, which is given back (0 once failed). */
size_t wire_count(struct wire *w, size_t *n, size_t max);

/* Nothing failed; when reading, nothing is left over. */
bool wire_is_done(const struct wire *w) MUST_CHECK;

/* An enum as u16, 0..end-1; a macro, since its size is the compiler's. */
#define WIRE_ENUM(w, v, end)                                                   \
	do {                                                                   \
		uint16_t wire_enum = wire_is_reading(w) ? 0 : (uint16_t)*(v);  \
		wire_u16((w), &wire_enum);                                     \
		if (wire_enum >= (end))                                        \
			(w)->is_bad = true;                                    \
		else if (wire_is_reading(w))                                   \
			*(v) = wire_enum;                                      \
	} while (0)

#endif
