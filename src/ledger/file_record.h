/*
 * A file system in memory that remembers what a completed sync covers. Cut
 * its power at any call, and take images of what a disk may then hold: all
 * that was synced, and of the rest any part, torn anywhere.
 *
 * What it believes of a disk: a file's sync covers its bytes and length, not
 * its name; a folder's sync covers the names in it; a rename is whole or not
 * at all; bytes not covered survive or not, each 512 on their own.
 */
#ifndef LEDGER_FILE_RECORD_H
#define LEDGER_FILE_RECORD_H

#include <stdint.h>

#include "base/attr.h"
#include "ledger/file.h"

struct file_record;

/* Empty; NULL without memory. */
struct file_record *file_record_open(void) MUST_CHECK;
void file_record_close(struct file_record *r);

/* The layer on it; lives as long as r. */
const struct file_layer *file_record_layer(struct file_record *r);

/*
 * The nth call from now that changes anything (1: the next) fails with EIO
 * and has no or half an effect, and so does every call after it. 0: never.
 */
void file_record_cut_at(struct file_record *r, unsigned long nth);

/* Calls that changed something since the last file_record_cut_at(). */
unsigned long file_record_calls(const struct file_record *r);

/*
 * What the disk holds after the power went: a new file system. seed 0: only
 * what is covered; 1: everything; others: by chance. NULL without memory.
 */
struct file_record *file_record_image(const struct file_record *r,
    uint64_t seed) MUST_CHECK;

/* The bytes of a file for a test to look at and to change, or NULL. */
uint8_t *file_record_bytes(struct file_record *r, const char *path,
    size_t *ret_n);

/* The i-th file's path (not folders), or NULL past the last. */
const char *file_record_path(const struct file_record *r, unsigned i);

#endif
