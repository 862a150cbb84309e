/*
 * Randomness from the kernel (getrandom). Nobody else calls it.
 */
#ifndef CRYPTO_RANDOM_H
#define CRYPTO_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void random_fill(void *p, size_t n);

/* A random id of 63 bits, never 0. */
uint64_t random_id(void);

#endif
