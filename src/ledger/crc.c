#include "ledger/crc.h"

#include <string.h>

/* Four bits at a time; the reflected polynomial is 0x82f63b78. */
static const uint32_t quarter[16] = {0x00000000, 0x105ec76f, 0x20bd8ede,
    0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d, 0x82f63b78,
    0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a,
    0xf36e6f75};

uint32_t
crc32c_plain(uint32_t crc, const void *p, size_t n)
{
	const uint8_t *b = p;
	crc = ~crc;
	for (size_t i = 0; i < n; i++) {
		crc ^= b[i];
		crc = crc >> 4 ^ quarter[crc & 15];
		crc = crc >> 4 ^ quarter[crc & 15];
	}
	return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t
crc32c_fast(uint32_t crc, const void *p, size_t n)
{
	const uint8_t *b = p;
	uint64_t c = ~crc;
	for (; n >= 8; b += 8, n -= 8) {
		uint64_t v;
		memcpy(&v, b, sizeof(v));
		c = __builtin_ia32_crc32di(c, v);
	}
	for (; n > 0; b++, n--)
		c = __builtin_ia32_crc32qi((uint32_t)c, *b);
	return ~(uint32_t)c;
}
#endif

uint32_t
crc32c(uint32_t crc, const void *p, size_t n)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("sse4.2"))
		return crc32c_fast(crc, p, n);
#endif
	return crc32c_plain(crc, p, n);
}
