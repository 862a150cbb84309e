/*
 * What every fuzz target exports, for libFuzzer or for fuzz/replay.c.
 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Stops the process when something does not hold; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
