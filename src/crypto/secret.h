/*
 * Memory for keys: locked, never in a core dump, between guard pages, wiped
 * when closed (libsodium). Has no printer.
 */
#ifndef CRYPTO_SECRET_H
#define CRYPTO_SECRET_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

/*
 * Zeroed, bytes > 0. ERR_LIMIT when the system's limit on locked memory is
 * reached.
 */
void *secret_open(size_t bytes, struct err *err) MUST_CHECK;

/* Wipes. NULL is fine. */
void secret_close(void *p);

#endif
