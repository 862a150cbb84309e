#include "keeper/wire.h"

#include <string.h>

#include "base/num.h"

/* The next n bytes of the input, or NULL once anything failed. */
static const void *
take(struct wire *w, size_t n)
{
	if (w->is_bad || n > w->in.n) {
		w->is_bad = true;
		return NULL;
	}
	const char *p = w->in.p;
	w->in = slice_from(w->in, n);
	return p;
}

void
wire_bytes(struct wire *w, void *p, size_t n)
{
	if (!wire_is_reading(w)) {
		buf_add_bytes(w->out, p, n);
		return;
	}
	const void *from = take(w, n);
	if (from != NULL && n > 0)
		memcpy(p, from, n);
}

void
wire_u8(struct wire *w, uint8_t *v)
{
	wire_bytes(w, v, 1);
}

/* A const struct may be written: then nothing is assigned. */
void
wire_u16(struct wire *w, uint16_t *v)
{
	uint8_t b[2];
	num_put_be16(b, *v);
	wire_bytes(w, b, sizeof(b));
	if (wire_is_reading(w))
		*v = num_be16(b);
}

void
wire_u32(struct wire *w, uint32_t *v)
{
	uint8_t b[4];
	num_put_be32(b, *v);
	wire_bytes(w, b, sizeof(b));
	if (wire_is_reading(w))
		*v = num_be32(b);
}

void
wire_u64(struct wire *w, uint64_t *v)
{
	uint8_t b[8];
	num_put_be64(b, *v);
	wire_bytes(w, b, sizeof(b));
	if (wire_is_reading(w))
		*v = num_be64(b);
}

void
wire_i64(struct wire *w, int64_t *v)
{
	uint64_t u = (uint64_t)*v;
	wire_u64(w, &u);
	if (wire_is_reading(w))
		*v = (int64_t)u;
}

void
wire_bool(struct wire *w, bool *v)
{
	uint8_t b = wire_is_reading(w) || !*v ? 0 : 1;
	wire_u8(w, &b);
	if (b > 1)
		w->is_bad = true;
	if (wire_is_reading(w))
		*v = b == 1;
}

void
wire_text(struct wire *w, struct slice *s, size_t max)
{
	if (!wire_is_reading(w)) {
		uint16_t n = (uint16_t)s->n;
		if (s->n > max || s->n > UINT16_MAX) {
			w->is_bad = true;
			return;
		}
		wire_u16(w, &n);
		buf_add(w->out, *s);
		return;
	}
	uint16_t n = 0;
	*s = SLICE_NONE;
	wire_u16(w, &n);
	if (n > max)
		w->is_bad = true;
	const void *p = take(w, n);
	if (p != NULL)
		*s = slice_bytes(p, n);
}

size_t
wire_count(struct wire *w, size_t *n, size_t max)
{
	uint16_t count = wire_is_reading(w) ? 0 : (uint16_t)*n;
	if (!wire_is_reading(w) && *n > max)
		w->is_bad = true;
	wire_u16(w, &count);
	if (count > max)
		w->is_bad = true;
	if (wire_is_reading(w))
		*n = w->is_bad ? 0 : count;
	return w->is_bad ? 0 : count;
}

bool
wire_is_done(const struct wire *w)
{
	if (w->is_bad)
		return false;
	return wire_is_reading(w) ? w->in.n == 0 : !w->out->failed;
}
