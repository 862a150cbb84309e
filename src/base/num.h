/*
 * Numbers from outside: read whole, checked, never guessed.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"

/* Decimal digits only, no sign, no space; false when empty or past max. */
bool num_read_u64(struct slice s, uint64_t max, uint64_t *ret) MUST_CHECK;

/* An id in hexadecimal, 1 to 16 lower-case digits. */
bool num_read_hex(struct slice s, uint64_t *ret) MUST_CHECK;

static inline bool
num_add(uint64_t a, uint64_t b, uint64_t *ret)
{
	return !__builtin_add_overflow(a, b, ret);
}

static inline bool
num_mul(uint64_t a, uint64_t b, uint64_t *ret)
{
	return !__builtin_mul_overflow(a, b, ret);
}

/* Big-endian reads; the caller has checked the length. */
static inline uint16_t
num_be16(const void *p)
{
	const uint8_t *b = p;
	return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t
num_be32(const void *p)
{
	const uint8_t *b = p;
	return (uint32_t)num_be16(b) << 16 | num_be16(b + 2);
}

static inline uint64_t
num_be64(const void *p)
{
	const uint8_t *b = p;
	return (uint64_t)num_be32(b) << 32 | num_be32(b + 4);
}

static inline void
num_put_be16(void *p, uint16_t v)
{
	uint8_t *b = p;
	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

static inline void
num_put_be32(void *p, uint32_t v)
{
	uint8_t *b = p;
	num_put_be16(b, (uint16_t)(v >> 16));
	num_put_be16(b + 2, (uint16_t)v);
}

static inline void
num_put_be64(void *p, uint64_t v)
{
	uint8_t *b = p;
	num_put_be32(b, (uint32_t)(v >> 32));
	num_put_be32(b + 4, (uint32_t)v);
}

#endif
