/*
 * The packs of the tree, and a bench: a folder in which a copy of the sound
 * pack of tests/golden can be spoilt.
 */
#ifndef TESTS_PACK_BENCH_H
#define TESTS_PACK_BENCH_H

/* cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "regulation/pack.h"

enum { PATH_BYTES = 1024, FILE_BYTES_MAX = 8 * 1024 * 1024, BODIES = 5 };

extern const char *const bodies[BODIES];

/* The tree with packs/ and tests/golden/: SOURCE_ROOT, which meson sets. */
const char *source_root(void);

void put_path(char *to, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The whole file, and a NUL. */
void read_path(const char *path, struct buf *to);

/* Every .yaml of a folder into another. */
void copy_folder(const char *from, const char *to);

/* One of packs/, which must be without a fault. */
struct pack *open_real(const char *name);

/* A folder with law and base in it, and a copy of the sound pack. */
struct bench {
	char dir[64];
	char pack[PATH_BYTES];
};

void bench_open(struct bench *b);
void bench_close(struct bench *b);
void bench_write(const struct bench *b, const char *name, struct slice text);

/* The pack as it stands on the bench. */
bool open_bench(
    const struct bench *b, struct pack **ret, struct pack_faults *faults);

bool has_fault(const struct pack_faults *faults, const char *part);

#endif
