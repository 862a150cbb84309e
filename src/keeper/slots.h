/*
 * The slot file: one random 32-byte value for each record ever made, at a
 * fixed place. All zero: never taken. All ones: erased. 4096 bytes of head,
 * then the slots; the file grows in chunks of zeros.
 *
 * Taking and erasing are durable after slots_sync(). A sync that fails ends
 * the process: nobody knows then what is on the disk. One thread.
 */
#ifndef KEEPER_SLOTS_H
#define KEEPER_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "ledger/file.h"

enum { SLOT_BYTES = 32 };

struct slots;

bool slots_create(struct files *files, const char *dir,
    struct err *err) MUST_CHECK;
struct slots *slots_open(struct files *files, const char *dir,
    struct err *err) MUST_CHECK;
void slots_close(struct slots *s);

/* Takes n new slots, one after the other. ERR_FULL: none taken. */
bool slots_take(struct slots *s, size_t n, uint64_t *ret_first,
    struct err *err) MUST_CHECK;

enum slot_state { SLOT_LIVE, SLOT_ERASED, SLOT_NONE };

/* *ret points into the file's map until the next call; only when LIVE. */
enum slot_state slots_find(const struct slots *s, uint64_t slot,
    const uint8_t **ret);

/* Overwrites; nothing happens to one that is not live. */
void slots_erase(struct slots *s, uint64_t slot);

bool slots_is_dirty(const struct slots *s);
void slots_sync(struct slots *s);

/* Slots ever taken. */
uint64_t slots_count(const struct slots *s);

/*
 * Erasures of entries below this index have been done; a restored copy of
 * the file says an older one, and the ledger tells what to do again.
 */
uint64_t slots_seen(const struct slots *s);
void slots_set_seen(struct slots *s, uint64_t entry);

#endif
