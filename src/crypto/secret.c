#include "crypto/secret.h"

#include <errno.h>
#include <sodium.h>
#include <stdint.h>

#include "base/must.h"

void *
secret_open(size_t bytes, struct err *err)
{
	must(bytes > 0 && bytes < SIZE_MAX / 2);
	if (sodium_init() < 0) {
		(void)ERR(err, ERR_SYSTEM, "libsodium does not start");
		return NULL;
	}
	/* A whole number of 16 bytes: the end touches the guard page. */
	size_t size = (bytes + 15) / 16 * 16;
	void *p = sodium_malloc(size);
	if (p == NULL) {
		(void)ERR(err, ERR_LIMIT, "no memory for a secret");
		return NULL;
	}
	/* sodium_malloc goes on when it could not lock: ask again. */
	if (sodium_mlock(p, size) != 0) {
		(void)ERR(err, ERR_LIMIT,
		    "cannot lock memory for a secret; raise the limit on "
		    "locked memory (LimitMEMLOCK, ulimit -l)");
		sodium_free(p);
		return NULL;
	}
	sodium_memzero(p, size);
	return p;
}

void
secret_close(void *p)
{
	sodium_free(p);
}
