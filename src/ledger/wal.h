/*
 * The write-ahead file: fixed segments, zeroed before use and recycled, each
 * mirrored in memory. A batch of entries is one frame, one write, one sync.
 * docs/ledger-format.md has the bytes.
 *
 * A segment is wal/NUMBER.log while in use and wal/NUMBER.used while it waits
 * to be zeroed and used again.
 */
#ifndef LEDGER_WAL_H
#define LEDGER_WAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/hash.h"
#include "ledger/file.h"

enum {
	WAL_HEADER_BYTES = 64,
	WAL_ALIGN_BYTES = 64,
	WAL_SEGMENTS_MAX = 64,
	WAL_SEGMENT_MAX_BYTES = 64 * 1024 * 1024,
	WAL_ASIDE_NAME_MAX = 64
};

struct wal_frame {
	uint64_t first;           /* index of its first entry */
	uint32_t count;           /* of entries, at least 1 */
	struct slice entries;     /* each behind its length as u16 */
	uint8_t root[HASH_BYTES]; /* of the tree after this frame */
};

/* false ends the walk with the visitor's error. */
typedef bool wal_visit(void *ctx, const struct wal_frame *f, struct err *err);

/*
 * Walks the frames of one segment's bytes. *ret_end: where the next frame
 * would begin. *ret_is_torn: what stands there is neither nothing nor a
 * frame, and no frame follows. ERR_CORRUPT: an invalid frame before a valid
 * one.
 */
bool wal_walk(struct slice segment, wal_visit *visit, void *ctx,
    size_t *ret_end, bool *ret_is_torn, struct err *err) MUST_CHECK;

struct wal;

/* The names of segments in dir/wal, in order; for readers. */
struct wal_names {
	size_t n;
	uint64_t number[WAL_SEGMENTS_MAX];
	size_t used_n;
	uint64_t used[WAL_SEGMENTS_MAX];
};
bool wal_list(struct files *f, const char *dir, struct wal_names *ret,
    struct err *err) MUST_CHECK;

/* "wal/NUMBER.log" below dir. */
bool wal_path(char ret[FILE_PATH_MAX], const char *dir, uint64_t number,
    const char *ending, struct err *err) MUST_CHECK;

/* Makes dir/wal with its first segment. files and dir outlive it. */
struct wal *wal_create(struct files *f, const char *dir, size_t bytes,
    struct err *err) MUST_CHECK;

/* Reads every segment; nothing is believed yet. */
struct wal *wal_open(struct files *f, const char *dir, size_t bytes,
    struct err *err) MUST_CHECK;
void wal_close(struct wal *w);

/* What wal_replay() put aside. */
struct wal_torn {
	char name[WAL_ASIDE_NAME_MAX]; /* "aside/..."; empty: nothing */
	uint64_t bytes;
};

/*
 * Walks all frames in order. A torn end is only described (bytes > 0 in
 * *ret); wal_put_aside() then keeps it and clears its place, once the caller
 * has compared the state with what was signed.
 */
bool wal_replay(struct wal *w, wal_visit *visit, void *ctx,
    struct wal_torn *ret, struct err *err) MUST_CHECK;
bool wal_put_aside(struct wal *w, struct wal_torn *torn,
    struct err *err) MUST_CHECK;

/* What wal_add() found. */
enum wal_room {
	WAL_ADDED,
	WAL_NO_SEGMENT, /* wal_extend() first */
	WAL_BATCH_FULL  /* commit first */
};

/* Puts one more entry into the batch. Moves it to the next segment. */
enum wal_room wal_add(struct wal *w, struct slice entry);

/* The batch's entries, in memory that stays until the segment is recycled. */
struct slice wal_batch(const struct wal *w);

/*
 * Writes and syncs the batch as one frame. On an error that is not a failed
 * sync the batch is dropped and the log is as before.
 */
bool wal_commit(struct wal *w, uint64_t first, uint32_t count,
    const uint8_t root[HASH_BYTES], struct err *err) MUST_CHECK;
void wal_drop(struct wal *w);

/* An empty segment stands ready after the current one. */
bool wal_is_ready(const struct wal *w);

/* Makes one ready: a spare one, or a new one. ERR_FULL: no space, or
 * WAL_SEGMENTS_MAX. */
bool wal_extend(struct wal *w, struct err *err) MUST_CHECK;

/*
 * Takes out of use the segments before the current one that hold only
 * entries below `index`, and zeroes them for later use.
 */
bool wal_recycle(struct wal *w, uint64_t index, struct err *err) MUST_CHECK;

/* Segments in use, and spare. */
unsigned wal_segments(const struct wal *w);
unsigned wal_spares(const struct wal *w);

#endif
