#include "keeper/share.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/hash.h"
#include "crypto/random.h"

enum {
	CHECK_BYTES = 4,
	HEX_DIGITS = 2 * (SHARE_SET_BYTES + SHARE_KEY_BYTES + CHECK_BYTES)
};

/* x^8 + x^4 + x^3 + x + 1; no table, no branch on the values. */
static uint8_t
multiply(uint8_t a, uint8_t b)
{
	unsigned product = 0, x = a;
	for (unsigned i = 0; i < 8; i++) {
		product ^= x & (0u - (b >> i & 1u));
		x = x << 1 ^ (0x11bu & (0u - (x >> 7 & 1u)));
	}
	return (uint8_t)product;
}

/* a^254 = 1/a */
static uint8_t
invert(uint8_t a)
{
	uint8_t power = a, result = 1;
	for (unsigned i = 1; i < 8; i++) {
		power = multiply(power, power);
		result = multiply(result, power);
	}
	return result;
}

void
shares_make(const uint8_t key[SHARE_KEY_BYTES], struct share ret[SHARES])
{
	uint8_t slope[SHARE_KEY_BYTES];
	uint8_t set[SHARE_SET_BYTES];
	random_fill(slope, sizeof(slope));
	random_fill(set, sizeof(set));
	for (unsigned n = 1; n <= SHARES; n++) {
		struct share *s = &ret[n - 1];
		s->number = (uint8_t)n;
		memcpy(s->set, set, sizeof(set));
		for (size_t i = 0; i < SHARE_KEY_BYTES; i++)
			s->value[i] =
			    (uint8_t)(key[i] ^ multiply(slope[i], s->number));
	}
	mem_wipe(slope, sizeof(slope));
}

/* The line through both points, at 0. */
bool
shares_join(const struct share *a, const struct share *b,
    uint8_t ret[SHARE_KEY_BYTES], struct err *err)
{
	if (memcmp(a->set, b->set, sizeof(a->set)) != 0)
		return ERR(err, ERR_INPUT, "the shares are of different sets");
	if (a->number == b->number)
		return ERR(err, ERR_INPUT, "both are the same share");
	uint8_t gap = invert((uint8_t)(a->number ^ b->number));
	for (size_t i = 0; i < SHARE_KEY_BYTES; i++)
		ret[i] = multiply(gap,
		    (uint8_t)(multiply(a->value[i], b->number) ^
			multiply(b->value[i], a->number)));
	return true;
}

static void
checksum(const struct share *s, uint8_t ret[HASH_BYTES])
{
	struct slice parts[] = {SLICE("fumikura share"),
	    slice_bytes(&s->number, 1), slice_bytes(s->set, sizeof(s->set)),
	    slice_bytes(s->value, sizeof(s->value))};
	hash_parts(parts, 4, ret);
}

static void
write_hex(struct buf *to, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i % 4 == 0)
			buf_add_byte(to, '-');
		buf_add_byte(to, (uint8_t)"0123456789abcdef"[p[i] >> 4]);
		buf_add_byte(to, (uint8_t)"0123456789abcdef"[p[i] & 15]);
	}
}

void
share_write(const struct share *s, struct buf *to)
{
	uint8_t check[HASH_BYTES];
	checksum(s, check);
	buf_add_str(to, "fk1-");
	buf_add_uint(to, s->number);
	write_hex(to, s->set, sizeof(s->set));
	write_hex(to, s->value, sizeof(s->value));
	write_hex(to, check, CHECK_BYTES);
}

/* The next letter or digit in lower case, 0 at the end. */
static char
next(struct slice *s)
{
	while (s->n > 0) {
		char c = s->p[0];
		*s = slice_from(*s, 1);
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c != '-' && c != ' ' && c != '\t' && c != '\r')
			return c;
	}
	return 0;
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
share_read(struct slice text, struct share *ret, struct err *err)
{
	uint8_t raw[HEX_DIGITS / 2], check[HASH_BYTES];
	struct share s;
	bool ok = next(&text) == 'f' && next(&text) == 'k' &&
	    next(&text) == '1';
	int n = digit(next(&text));
	ok = ok && n >= 1 && n <= SHARES;
	for (size_t i = 0; ok && i < sizeof(raw); i++) {
		int high = digit(next(&text)), low = digit(next(&text));
		ok = high >= 0 && low >= 0;
		if (ok)
			raw[i] = (uint8_t)(high << 4 | low);
	}
	if (!ok || next(&text) != 0)
		return ERR(err, ERR_INPUT,
		    "not a recovery share: it begins with fk1- and has %d "
		    "digits after its number", HEX_DIGITS);
	s.number = (uint8_t)n;
	memcpy(s.set, raw, sizeof(s.set));
	memcpy(s.value, raw + sizeof(s.set), sizeof(s.value));
	checksum(&s, check);
	ok = memcmp(check, raw + sizeof(raw) - CHECK_BYTES, CHECK_BYTES) == 0;
	if (ok)
		*ret = s;
	mem_wipe(raw, sizeof(raw));
	mem_wipe(&s, sizeof(s));
	return ok || ERR(err, ERR_INPUT,
			 "the share's checksum is wrong: a typing error");
}
