/*
 * What the ledger asks of a file system, as a table of functions, so that
 * tests can fail the Nth call (file_fail.h) or cut the power (file_record.h).
 *
 * Every function returns what the system call would, but a negative errno
 * value instead of -1. Paths are relative to the working directory or
 * absolute; they are short (FILE_PATH_MAX with the NUL).
 */
#ifndef LEDGER_FILE_H
#define LEDGER_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum { FILE_PATH_MAX = 512 };

enum file_mode {
	FILE_READ,  /* must exist */
	FILE_WRITE, /* read and write; must exist */
	FILE_NEW    /* read and write; made, or emptied when it exists */
};

/* Called for each name in a folder but "." and ".."; false ends the walk. */
typedef bool file_visit(void *arg, const char *name);

struct file_layer {
	void *ctx;
	int (*open)(void *ctx, const char *path, enum file_mode mode);
	int (*close)(void *ctx, int fd);
	ssize_t (*pread)(void *ctx, int fd, void *p, size_t n, uint64_t at);
	ssize_t (*pwrite)(void *ctx, int fd, const void *p, size_t n,
	    uint64_t at);
	int (*allocate)(void *ctx, int fd, uint64_t bytes);
	int (*size)(void *ctx, int fd, uint64_t *ret);
	int (*sync_data)(void *ctx, int fd); /* fdatasync: bytes and length */
	int (*sync_dir)(void *ctx, const char *path);
	int (*rename)(void *ctx, const char *from, const char *to);
	int (*unlink)(void *ctx, const char *path);
	int (*mkdir)(void *ctx, const char *path); /* -EEXIST is not a fault */
	int (*list)(void *ctx, const char *path, file_visit *visit, void *arg);
};

/* The operating system's. Static; never closed. */
const struct file_layer *file_layer_system(void);

/*
 * A layer, and what happens when a sync fails: nobody knows then what is on
 * the disk, so on_sync_error (NULL: abort) ends the process. If it returns,
 * is_broken stays set and every helper that writes refuses.
 */
struct files {
	const struct file_layer *layer;
	void (*on_sync_error)(void *ctx);
	void *ctx;
	bool is_broken;
};

/*
 * The helpers below turn faults into errors: ERR_NOT_FOUND, ERR_FULL,
 * ERR_SYSTEM. Texts name the path's last part.
 */

/* A descriptor, or -1. */
int file_open(struct files *f, const char *path,
    enum file_mode mode, struct err *err) MUST_CHECK;

/* fd < 0 is fine. */
void file_close(struct files *f, int fd);

/* Exactly n bytes; ERR_CORRUPT when the file is shorter. */
bool file_read_at(struct files *f, int fd, void *p, size_t n,
    uint64_t at, struct err *err) MUST_CHECK;
bool file_write_at(struct files *f, int fd, const void *p,
    size_t n, uint64_t at, struct err *err) MUST_CHECK;

bool file_size(struct files *f, int fd, uint64_t *ret,
    struct err *err) MUST_CHECK;
bool file_sync(struct files *f, int fd, struct err *err) MUST_CHECK;
bool file_sync_dir(struct files *f, const char *path,
    struct err *err) MUST_CHECK;
bool file_rename(struct files *f, const char *from, const char *to,
    struct err *err) MUST_CHECK;

/* Zero bytes from the start of the file, written and synced. */
bool file_write_zeros(struct files *f, int fd, uint64_t bytes,
    struct err *err) MUST_CHECK;

/* The whole file into b, which is reset first; ERR_LIMIT past b's maximum. */
bool file_read(struct files *f, const char *path, struct buf *b,
    struct err *err) MUST_CHECK;

/* New file with these bytes, synced; the folder is not. */
bool file_write_new(struct files *f, const char *path,
    struct slice s, struct err *err) MUST_CHECK;

/* PATH.new written and synced, renamed to PATH, its folder synced. */
bool file_replace(struct files *f, const char *path,
    struct slice s, struct err *err) MUST_CHECK;

/* Makes the folder that holds `path`, and those above it down from `root`. */
bool file_make_parents(struct files *f, const char *root,
    const char *path, struct err *err) MUST_CHECK;

/* "a/b/c" -> "a/b" in ret; "." when there is no slash. */
void file_parent(const char *path, char ret[FILE_PATH_MAX]);

/* dir "/" name; false when it is too long. */
bool file_join(char ret[FILE_PATH_MAX], const char *dir, const char *name,
    struct err *err) MUST_CHECK;

#endif
