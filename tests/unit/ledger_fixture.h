/*
 * A small ledger for tests: its key, its configuration, and entries that can
 * be told from their index alone.
 */
#ifndef TESTS_LEDGER_FIXTURE_H
#define TESTS_LEDGER_FIXTURE_H

#include <stdint.h>
#include <string.h>

#include "crypto/sign.h"
#include "ledger/ledger.h"

#define FIXTURE_ORIGIN "fumikura.example/test"
#define FIXTURE_NOW (INT64_C(1790000000) * SECOND_US)

static inline struct signer *
fixture_signer(void)
{
	static const uint8_t seed[SIGN_SEED_BYTES] = "a seed for tests only";
	return signer_open(seed);
}

static inline struct ledger_config
fixture_config(const struct file_layer *files, const struct signer *s)
{
	struct ledger_config c = {
	    .files = files,
	    .dir = "log",
	    .origin = FIXTURE_ORIGIN,
	    .wal_bytes = LEDGER_WAL_MIN_BYTES,
	};
	signer_public(s, c.public_key);
	return c;
}

/* Entry `index`: 8 to 71 bytes that its index tells. */
static inline struct slice
fixture_entry(uint64_t index, uint8_t buf[128])
{
	size_t n = 8 + (size_t)(index * 37 % 64);
	for (size_t i = 0; i < n; i++)
		buf[i] = (uint8_t)(index >> (i % 8 * 8)) ^ (uint8_t)i;
	return slice_bytes(buf, n);
}

#endif
