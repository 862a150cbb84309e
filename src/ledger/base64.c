#include "ledger/base64.h"

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_write(struct buf *b, struct slice bytes)
{
	const uint8_t *p = (const uint8_t *)bytes.p;
	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t n = bytes.n - i < 3 ? bytes.n - i : 3;
		uint32_t v = (uint32_t)p[i] << 16;
		v |= n > 1 ? (uint32_t)p[i + 1] << 8 : 0;
		v |= n > 2 ? p[i + 2] : 0;
		char four[4] = {digits[v >> 18], digits[v >> 12 & 63],
		    n > 1 ? digits[v >> 6 & 63] : '=',
		    n > 2 ? digits[v & 63] : '='};
		buf_add_bytes(b, four, sizeof(four));
	}
}

static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
base64_read(struct slice text, uint8_t *ret, size_t max, size_t *ret_n)
{
	size_t done = 0;
	size_t pad = 0;
	if (text.n % 4 != 0)
		return false;
	while (pad < 2 && pad < text.n && text.p[text.n - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < text.n; i += 4) {
		size_t digits_here = i + 4 == text.n ? 4 - pad : 4;
		uint32_t v = 0;
		for (size_t k = 0; k < 4; k++) {
			int d = k < digits_here ? value_of(text.p[i + k]) : 0;
			if (d < 0)
				return false;
			v = v << 6 | (uint32_t)d;
		}
		size_t n = digits_here - 1;
		/* Bits that no byte takes must be zero. */
		if ((v & ((UINT32_C(1) << (8 * (3 - n))) - 1)) != 0 ||
		    done + n > max)
			return false;
		for (size_t k = 0; k < n; k++)
			ret[done++] = (uint8_t)(v >> (16 - 8 * k));
	}
	*ret_n = done;
	return true;
}

bool
base64_read_exact(struct slice text, uint8_t *ret, size_t n)
{
	size_t got = 0;
	return base64_read(text, ret, n, &got) && got == n;
}
