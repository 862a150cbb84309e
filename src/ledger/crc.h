/*
 * CRC-32C (Castagnoli), as in iSCSI and ext4: finds torn and rotten bytes
 * cheaply; the tree's SHA-256 is what is believed.
 */
#ifndef LEDGER_CRC_H
#define LEDGER_CRC_H

#include <stddef.h>
#include <stdint.h>

/* Goes on from `crc` (0 at first) over n more bytes. */
uint32_t crc32c(uint32_t crc, const void *p, size_t n);

/* The table form that runs where the processor has no instruction for it. */
uint32_t crc32c_plain(uint32_t crc, const void *p, size_t n);

#endif
