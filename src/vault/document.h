/*
 * Documents (文書): files of a record, of any kind. A document has an id of
 * its own among the records' ids: the keeper makes, opens and erases its key
 * as it does a record's, so that it is granted and entered alike.
 *
 * Its bytes are sealed in chunks of DOCUMENT_CHUNK_BYTES, each with body,
 * holding, document, number of the chunk and whether it is the last as
 * associated data: none can be left out, moved, or cut off at the end. What
 * it is called, how long it is and of what type stands in the record, sealed,
 * as the value of an item of type file (document_write()).
 *
 * There, too, stands the other half of what opens it: chunks are sealed under
 * a key made of the keeper's and of the record's (document_key()). So a
 * document opens for nobody to whom its record does not open: it is 秘匿 as
 * the record is, and gone with it.
 */
#ifndef VAULT_DOCUMENT_H
#define VAULT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/aead.h"
#include "store/store.h"
#include "vault/record.h"

enum {
	DOCUMENT_CHUNK_BYTES = 256 * 1024,
	DOCUMENT_CHUNKS_MAX = 4096, /* 1 GiB */
	DOCUMENT_NAME_MAX_BYTES = 255,
	DOCUMENT_TYPE_MAX_BYTES = 100,
	DOCUMENT_VALUE_MAX_BYTES = 512, /* of document_write() */
	DOCUMENT_KEY_BYTES = 32,
	DOCUMENT_PAGE_MAX = 64
};

/* What the record says of it; `key` is never shown. */
struct document {
	uint64_t id;
	uint64_t bytes;
	uint8_t key[DOCUMENT_KEY_BYTES]; /* the record's half */
	struct slice type; /* application/pdf */
	struct slice name; /* as it came; no path */
};

/* The item's value; fails the buf where a text is too long or no text. */
void document_write(struct buf *to, const struct document *d);

/* Slices of `value`. ERR_CORRUPT. */
bool document_read(
    struct slice value, struct document *ret, struct err *err) MUST_CHECK;

/*
 * The file name that a sender gave, without the folders before it. ERR_INPUT:
 * empty, too long, no clean text, or with characters that turn the direction
 * of writing round (which hide what kind of file it is).
 */
bool document_name(
    struct slice given, struct slice *ret, struct err *err) MUST_CHECK;

/* What its chunks are sealed under, of both halves. */
void document_key(const uint8_t keeper[AEAD_KEY_BYTES],
    const uint8_t record[DOCUMENT_KEY_BYTES], uint8_t ret[AEAD_KEY_BYTES]);

/* The row. `name.version` is 1. */
struct document_row {
	struct record_name name; /* its own id */
	uint64_t record;         /* to which it belongs */
	uint32_t item;           /* whose value it is, or was */
	uint8_t wrap[RECORD_WRAP_BYTES];
	uint64_t bytes;
	uint32_t chunks; /* 0: not all of it is there */
	instant made_at;
};

/* ---- one chunk ---- */

struct document_chunk {
	uint64_t body;
	uint64_t holding;
	uint64_t document;
	uint32_t number; /* from 0 */
	bool is_last;
};

/* Appends; plain.n is DOCUMENT_CHUNK_BYTES, or less in the last one. */
void document_seal(struct aead *aead, const uint8_t key[AEAD_KEY_BYTES],
    const struct document_chunk *chunk, struct slice plain, struct buf *to);

/* Appends the plain bytes. ERR_CORRUPT. */
bool document_unseal(struct aead *aead, const uint8_t key[AEAD_KEY_BYTES],
    const struct document_chunk *chunk, struct slice sealed, struct buf *to,
    struct err *err) MUST_CHECK;

/* ---- inside a store job ---- */

/* Chunks come after it, in jobs of their own; then document_end(). */
bool document_insert(struct store_tx *tx, const struct document_row *row,
    struct err *err) MUST_CHECK;
bool document_put(struct store_tx *tx, const struct document_chunk *chunk,
    struct slice sealed, struct err *err) MUST_CHECK;

/* All chunks are there. ERR_CONFLICT: said before, or unknown. */
bool document_end(struct store_tx *tx, const struct record_name *name,
    uint64_t bytes, uint32_t chunks, struct err *err) MUST_CHECK;

/* Its chunks and its row; erase its key with the keeper before. */
bool document_delete(struct store_tx *tx, const struct record_name *name,
    struct err *err) MUST_CHECK;

/* ---- reading ---- */

/* ERR_NOT_FOUND; also while chunks are missing. */
bool document_fetch(struct store_reader *r, uint64_t body, uint64_t holding,
    uint64_t id, struct document_row *ret, struct err *err) MUST_CHECK;

/* Of a record, complete or not, by id, at most DOCUMENT_PAGE_MAX. */
bool document_list(struct store_reader *r, uint64_t body, uint64_t holding,
    uint64_t record, uint64_t after, struct document_row ret[DOCUMENT_PAGE_MAX],
    size_t *ret_n, struct err *err) MUST_CHECK;

/* Chunk `number` of a document, opened, appended to `to`. */
bool document_chunk_open(struct store_reader *r, struct aead *aead,
    const uint8_t key[AEAD_KEY_BYTES], const struct document_row *row,
    uint32_t number, struct buf *to, struct err *err) MUST_CHECK;

/* ---- whole ---- */

/*
 * Inserts the row and puts the chunks, each by a call of writer->run, which
 * runs a store job and waits. document_end() is the caller's, together with
 * the record's new version. *ret_chunks: how many. ERR_LIMIT past
 * DOCUMENT_CHUNKS_MAX; what was written is deleted when it fails.
 */
struct document_writer {
	void *ctx;
	bool (*run)(void *ctx,
	    bool (*job)(struct store_tx *tx, void *arg, struct err *err),
	    void *arg, struct err *err);
};
bool document_store(const struct document_writer *writer, struct aead *aead,
    const uint8_t key[AEAD_KEY_BYTES], const struct document_row *row,
    struct slice bytes, uint32_t *ret_chunks, struct err *err) MUST_CHECK;

/* At the start of the program: takes away what a crash cut off. */
bool document_clear(
    struct store *store, struct store_reader *r, struct err *err) MUST_CHECK;

#endif
