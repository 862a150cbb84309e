/* Long because: writing, replaying and recycling agree on one layout. */
#include "ledger/wal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/num.h"
#include "ledger/crc.h"

/* Where things stand in a frame's header. */
enum {
	AT_MAGIC = 0,
	AT_FIRST = 8,
	AT_COUNT = 16,
	AT_BYTES = 20,
	AT_ROOT = 24,
	AT_HEADER_CRC = 56, /* of bytes 0..55 */
	AT_FRAME_CRC = 60   /* of bytes 0..59, entries, padding */
};

static const char magic[8] = {'F', 'M', 'K', 'R', 'W', 'A', 'L', '1'};

struct segment {
	uint64_t number;
	int fd;
	size_t size;
	size_t used;  /* bytes of frames */
	size_t dirty; /* bytes that may differ from the mirror, from `used` */
	uint64_t end; /* index after its last entry; 0: no frame */
	uint8_t *bytes;
};

struct wal {
	struct files *files;
	const char *dir;
	size_t bytes; /* of a new segment */
	struct segment seg[WAL_SEGMENTS_MAX];
	unsigned n;       /* in use; seg[current + 1 .. n - 1] are empty */
	unsigned current; /* where the next frame goes */
	size_t batch;     /* bytes of entries collected there */
	struct segment spare[WAL_SEGMENTS_MAX];
	unsigned spares;
	uint64_t next_number;
};

static size_t
frame_bytes(size_t entries)
{
	size_t n = WAL_HEADER_BYTES + entries;
	return (n + WAL_ALIGN_BYTES - 1) / WAL_ALIGN_BYTES * WAL_ALIGN_BYTES;
}

static bool
is_zero(const char *p, size_t n)
{
	return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

/* A whole valid frame stands at `at`; *ret_n is its length. */
static bool
frame_read(struct slice segment, size_t at, struct wal_frame *ret,
    size_t *ret_n)
{
	const uint8_t *h = (const uint8_t *)segment.p + at;
	if (segment.n - at < WAL_HEADER_BYTES ||
	    memcmp(h + AT_MAGIC, magic, sizeof(magic)) != 0 ||
	    num_be32(h + AT_HEADER_CRC) != crc32c(0, h, AT_HEADER_CRC))
		return false;
	struct wal_frame f = {
	    .first = num_be64(h + AT_FIRST),
	    .count = num_be32(h + AT_COUNT),
	    .entries = {(const char *)h + WAL_HEADER_BYTES,
		num_be32(h + AT_BYTES)},
	};
	size_t n = frame_bytes(f.entries.n);
	if (f.count == 0 || n > segment.n - at)
		return false;
	uint32_t crc = crc32c(0, h, AT_FRAME_CRC);
	crc = crc32c(crc, h + WAL_HEADER_BYTES, n - WAL_HEADER_BYTES);
	if (num_be32(h + AT_FRAME_CRC) != crc)
		return false;
	memcpy(f.root, h + AT_ROOT, HASH_BYTES);
	*ret = f;
	*ret_n = n;
	return true;
}

bool
wal_walk(struct slice segment, wal_visit *visit, void *ctx, size_t *ret_end,
    bool *ret_is_torn, struct err *err)
{
	struct wal_frame f;
	size_t n = 0;
	size_t at = 0;
	while (at < segment.n && frame_read(segment, at, &f, &n)) {
		if (!visit(ctx, &f, err))
			return false;
		at += n;
	}
	bool is_torn = !is_zero(segment.p + at, segment.n - at);
	if (is_torn)
		for (size_t i = at + WAL_ALIGN_BYTES; i < segment.n;
		     i += WAL_ALIGN_BYTES)
			if (frame_read(segment, i, &f, &n))
				return ERR(err, ERR_CORRUPT,
				    "an invalid frame before a valid one in "
				    "the write-ahead file");
	*ret_end = at;
	*ret_is_torn = is_torn;
	return true;
}

bool
wal_path(char ret[FILE_PATH_MAX], const char *dir, uint64_t number,
    const char *ending, struct err *err)
{
	char name[WAL_ASIDE_NAME_MAX];
	(void)snprintf(name, sizeof(name), "wal/%020llu.%s",
	    (unsigned long long)number, ending);
	return file_join(ret, dir, name, err);
}

static bool
note_name(void *arg, const char *name)
{
	struct wal_names *w = arg;
	uint64_t number = 0;
	if (strlen(name) < 21 || name[20] != '.' ||
	    !num_read_u64((struct slice){name, 20}, UINT64_MAX >> 1, &number))
		return true;
	if (strcmp(name + 21, "log") == 0) {
		if (w->n < WAL_SEGMENTS_MAX)
			w->number[w->n] = number;
		w->n++;
	} else if (strcmp(name + 21, "used") == 0) {
		if (w->used_n < WAL_SEGMENTS_MAX)
			w->used[w->used_n] = number;
		w->used_n++;
	}
	return true;
}

static void
sort(uint64_t *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && v[k - 1] > v[k]; k--) {
			uint64_t swap = v[k];
			v[k] = v[k - 1];
			v[k - 1] = swap;
		}
}

bool
wal_list(struct files *f, const char *dir, struct wal_names *ret,
    struct err *err)
{
	char path[FILE_PATH_MAX];
	memset(ret, 0, sizeof(*ret));
	if (!file_join(path, dir, "wal", err))
		return false;
	int rc = f->layer->list(f->layer->ctx, path, note_name, ret);
	if (rc == -ENOENT)
		return ERR(err, ERR_NOT_FOUND, "no write-ahead file");
	if (rc < 0)
		return ERR_ERRNO(err, -rc, "list the write-ahead files");
	if (ret->used_n > WAL_SEGMENTS_MAX)
		ret->used_n = WAL_SEGMENTS_MAX;
	if (ret->n > WAL_SEGMENTS_MAX)
		return ERR(err, ERR_CORRUPT, "too many write-ahead files");
	sort(ret->number, ret->n);
	sort(ret->used, ret->used_n);
	for (size_t i = 1; i < ret->n; i++)
		if (ret->number[i] != ret->number[i - 1] + 1)
			return ERR(err, ERR_CORRUPT,
			    "a write-ahead file is missing");
	return true;
}

static void
segment_close(struct wal *w, struct segment *s)
{
	file_close(w->files, s->fd);
	mem_free(s->bytes);
	*s = (struct segment){.fd = -1};
}

/* Opens and maps into memory; zeroed in memory, not read. */
static bool
segment_open(struct wal *w, uint64_t number, const char *ending,
    struct segment *ret, struct err *err)
{
	char path[FILE_PATH_MAX];
	uint64_t size = 0;
	struct segment s = {.number = number, .fd = -1};
	if (!wal_path(path, w->dir, number, ending, err))
		return false;
	s.fd = file_open(w->files, path, FILE_WRITE, err);
	if (s.fd < 0)
		return false;
	bool is_open = file_size(w->files, s.fd, &size, err);
	if (is_open && (size > WAL_SEGMENT_MAX_BYTES ||
			   size < WAL_ALIGN_BYTES ||
			   size % WAL_ALIGN_BYTES != 0))
		is_open = ERR(err, ERR_CORRUPT,
		    "a write-ahead file has an impossible length");
	s.size = (size_t)size;
	if (is_open) {
		s.bytes = mem_alloc(1, s.size);
		if (s.bytes == NULL)
			is_open = ERR(err, ERR_LIMIT, "no memory");
	}
	if (!is_open) {
		segment_close(w, &s);
		return false;
	}
	*ret = s;
	return true;
}

/* A new file, zeroed and synced, among the spares. */
static bool
spare_make(struct wal *w, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct segment s = {.number = w->next_number, .size = w->bytes};
	const struct file_layer *layer = w->files->layer;
	if (w->spares == WAL_SEGMENTS_MAX)
		return ERR(err, ERR_FULL, "too many write-ahead files");
	if (!wal_path(path, w->dir, s.number, "used", err))
		return false;
	s.fd = file_open(w->files, path, FILE_NEW, err);
	if (s.fd < 0)
		return false;
	s.bytes = mem_alloc(1, s.size);
	bool is_made = s.bytes != NULL || ERR(err, ERR_LIMIT, "no memory");
	if (is_made) {
		int rc = layer->allocate(layer->ctx, s.fd, s.size);
		is_made = rc >= 0 ||
		    ERR_ERRNO(err, -rc, "reserve a write-ahead file");
	}
	is_made = is_made && file_write_zeros(w->files, s.fd, s.size, err);
	if (!is_made) {
		segment_close(w, &s);
		(void)layer->unlink(layer->ctx, path);
		return false;
	}
	w->next_number++;
	w->spare[w->spares++] = s;
	return true;
}

static struct wal *
wal_new(struct files *f, const char *dir, size_t bytes, struct err *err)
{
	must(bytes % WAL_ALIGN_BYTES == 0 && bytes <= WAL_SEGMENT_MAX_BYTES);
	struct wal *w = mem_alloc(1, sizeof(*w));
	if (w == NULL) {
		(void)ERR(err, ERR_LIMIT, "no memory");
		return NULL;
	}
	w->files = f;
	w->dir = dir;
	w->bytes = bytes;
	w->next_number = 1;
	return w;
}

struct wal *
wal_create(struct files *f, const char *dir, size_t bytes, struct err *err)
{
	struct wal *w = wal_new(f, dir, bytes, err);
	if (w != NULL && !wal_extend(w, err)) {
		wal_close(w);
		return NULL;
	}
	return w;
}

/* A spare one as found: zeroed again unless it is. */
static bool
spare_open(struct wal *w, uint64_t number, struct err *err)
{
	struct segment s;
	struct err why = ERR_INIT;
	char path[FILE_PATH_MAX];
	bool is_open = segment_open(w, number, "used", &s, &why);
	if (!is_open && why.code != ERR_CORRUPT) {
		if (err != NULL)
			*err = why;
		return false;
	}
	if (!is_open || s.size < w->bytes) {
		/* Cut off while it was being made, or of an older size. */
		if (is_open)
			segment_close(w, &s);
		if (!wal_path(path, w->dir, number, "used", err))
			return false;
		(void)w->files->layer->unlink(w->files->layer->ctx, path);
		return true;
	}
	if (file_read_at(w->files, s.fd, s.bytes, s.size, 0, err) &&
	    (is_zero((const char *)s.bytes, s.size) ||
		file_write_zeros(w->files, s.fd, s.size, err))) {
		memset(s.bytes, 0, s.size);
		w->spare[w->spares++] = s;
		return true;
	}
	segment_close(w, &s);
	return false;
}

static bool
load(struct wal *w, struct err *err)
{
	struct wal_names names;
	if (!wal_list(w->files, w->dir, &names, err))
		return false;
	if (names.n == 0)
		return ERR(err, ERR_CORRUPT, "no write-ahead file is left");
	w->next_number = names.number[names.n - 1] + 1;
	if (names.used_n > 0 && names.used[names.used_n - 1] >= w->next_number)
		w->next_number = names.used[names.used_n - 1] + 1;
	for (size_t i = 0; i < names.n; i++) {
		struct segment *s = &w->seg[w->n];
		if (!segment_open(w, names.number[i], "log", s, err))
			return false;
		w->n++;
		if (!file_read_at(w->files, s->fd, s->bytes, s->size, 0, err))
			return false;
	}
	for (size_t i = 0; i < names.used_n; i++)
		if (!spare_open(w, names.used[i], err))
			return false;
	return true;
}

struct wal *
wal_open(struct files *f, const char *dir, size_t bytes, struct err *err)
{
	struct wal *w = wal_new(f, dir, bytes, err);
	if (w != NULL && !load(w, err)) {
		wal_close(w);
		return NULL;
	}
	return w;
}

void
wal_close(struct wal *w)
{
	if (w == NULL)
		return;
	for (unsigned i = 0; i < w->n; i++)
		segment_close(w, &w->seg[i]);
	for (unsigned i = 0; i < w->spares; i++)
		segment_close(w, &w->spare[i]);
	mem_free(w);
}

/* Passes frames on, and sees where they end. */
struct replay {
	wal_visit *visit;
	void *ctx;
	struct segment *seg;
};

static bool
replay_frame(void *ctx, const struct wal_frame *f, struct err *err)
{
	struct replay *r = ctx;
	r->seg->end = f->first + f->count;
	return r->visit(r->ctx, f, err);
}

bool
wal_replay(struct wal *w, wal_visit *visit, void *ctx, struct wal_torn *ret,
    struct err *err)
{
	struct wal_torn torn = {.bytes = 0};
	for (unsigned i = 0; i < w->n; i++) {
		struct segment *s = &w->seg[i];
		struct replay r = {visit, ctx, s};
		bool is_torn = false;
		struct slice bytes = slice_bytes(s->bytes, s->size);
		if (torn.bytes > 0 && !is_zero(bytes.p, bytes.n))
			return ERR(err, ERR_CORRUPT,
			    "an invalid frame is not in the last write-ahead "
			    "file");
		if (!wal_walk(bytes, replay_frame, &r, &s->used, &is_torn,
			err))
			return false;
		if (s->used > 0 || is_torn)
			w->current = i;
		size_t last = s->size;
		while (is_torn && bytes.p[last - 1] == 0)
			last--;
		if (is_torn)
			torn.bytes = last - s->used;
	}
	*ret = torn;
	return true;
}

/* The first free name for what is put aside. */
static bool
aside_name(struct wal *w, char path[FILE_PATH_MAX],
    char name[WAL_ASIDE_NAME_MAX], struct err *err)
{
	const struct segment *s = &w->seg[w->current];
	for (unsigned i = 0; i < 1000; i++) {
		struct err why = ERR_INIT;
		(void)snprintf(name, WAL_ASIDE_NAME_MAX,
		    "aside/%llu-%zu.%u", (unsigned long long)s->number,
		    s->used, i);
		if (!file_join(path, w->dir, name, err))
			return false;
		int fd = file_open(w->files, path, FILE_READ, &why);
		file_close(w->files, fd);
		if (fd < 0 && why.code == ERR_NOT_FOUND)
			return true;
	}
	return ERR(err, ERR_LIMIT, "too much was put aside; look at aside/");
}

bool
wal_put_aside(struct wal *w, struct wal_torn *torn, struct err *err)
{
	struct segment *s = &w->seg[w->current];
	char path[FILE_PATH_MAX];
	char name[WAL_ASIDE_NAME_MAX];
	must(torn->bytes > 0 && torn->bytes <= s->size - s->used);
	uint8_t *bytes = s->bytes + s->used;
	if (!aside_name(w, path, name, err) ||
	    !file_make_parents(w->files, w->dir, path, err) ||
	    !file_replace(w->files, path, slice_bytes(bytes, torn->bytes),
		err))
		return false;
	memset(bytes, 0, torn->bytes);
	if (!file_write_at(w->files, s->fd, bytes, torn->bytes, s->used, err))
		return false;
	memcpy(torn->name, name, sizeof(name));
	return file_sync(w->files, s->fd, err);
}

/* The batch and `more` bytes fit behind the frames of s. */
static bool
is_room(const struct segment *s, size_t batch, size_t more)
{
	size_t room = s->size - s->used;
	return frame_bytes(batch + more) <= room;
}

static uint8_t *
batch_begin(const struct wal *w)
{
	const struct segment *s = &w->seg[w->current];
	return s->bytes + s->used + WAL_HEADER_BYTES;
}

/* Moves the collected batch to the next segment, which is empty. */
static void
move_on(struct wal *w)
{
	uint8_t *from = batch_begin(w);
	w->current++;
	if (w->batch > 0) {
		memcpy(batch_begin(w), from, w->batch);
		memset(from, 0, w->batch);
	}
}

enum wal_room
wal_add(struct wal *w, struct slice entry)
{
	size_t more = 2 + entry.n;
	must(entry.n <= UINT16_MAX);
	if (!is_room(&w->seg[w->current], w->batch, more)) {
		/* An uncleared write must be cleared where it stands. */
		if (w->seg[w->current].dirty > 0)
			return w->batch > 0 ? WAL_BATCH_FULL : WAL_NO_SEGMENT;
		if (w->current + 1 >= w->n)
			return w->seg[w->current].used == 0 && w->batch > 0
			    ? WAL_BATCH_FULL
			    : WAL_NO_SEGMENT;
		if (!is_room(&w->seg[w->current + 1], w->batch, more))
			return WAL_BATCH_FULL;
		move_on(w);
	}
	uint8_t *to = batch_begin(w) + w->batch;
	num_put_be16(to, (uint16_t)entry.n);
	if (entry.n > 0)
		memcpy(to + 2, entry.p, entry.n);
	w->batch += more;
	return WAL_ADDED;
}

struct slice
wal_batch(const struct wal *w)
{
	return slice_bytes(batch_begin(w), w->batch);
}

void
wal_drop(struct wal *w)
{
	memset(batch_begin(w) - WAL_HEADER_BYTES, 0,
	    w->batch == 0 ? 0 : frame_bytes(w->batch));
	w->batch = 0;
}

bool
wal_commit(struct wal *w, uint64_t first, uint32_t count,
    const uint8_t root[HASH_BYTES], struct err *err)
{
	struct segment *s = &w->seg[w->current];
	uint8_t *h = s->bytes + s->used;
	size_t n = frame_bytes(w->batch);
	must(w->batch > 0 && count > 0);
	memcpy(h + AT_MAGIC, magic, sizeof(magic));
	num_put_be64(h + AT_FIRST, first);
	num_put_be32(h + AT_COUNT, count);
	num_put_be32(h + AT_BYTES, (uint32_t)w->batch);
	memcpy(h + AT_ROOT, root, HASH_BYTES);
	num_put_be32(h + AT_HEADER_CRC, crc32c(0, h, AT_HEADER_CRC));
	uint32_t crc = crc32c(0, h, AT_FRAME_CRC);
	crc = crc32c(crc, h + WAL_HEADER_BYTES, n - WAL_HEADER_BYTES);
	num_put_be32(h + AT_FRAME_CRC, crc);

	size_t write = n > s->dirty ? n : s->dirty;
	if (!file_write_at(w->files, s->fd, h, write, s->used, err)) {
		/* Perhaps some of it stands there: write over it later. */
		s->dirty = write;
		wal_drop(w);
		return false;
	}
	if (!file_sync(w->files, s->fd, err)) {
		s->dirty = write;
		wal_drop(w);
		return false;
	}
	s->dirty = 0;
	s->used += n;
	s->end = first + count;
	w->batch = 0;
	return true;
}

bool
wal_is_ready(const struct wal *w)
{
	return w->current + 1 < w->n;
}

/* Clears what a failed write may have left behind the last frame. */
static bool
clean(struct wal *w, struct err *err)
{
	struct segment *s = &w->seg[w->current];
	if (s->dirty == 0 || w->batch > 0)
		return true;
	if (!file_write_at(w->files, s->fd, s->bytes + s->used, s->dirty,
		s->used, err) ||
	    !file_sync(w->files, s->fd, err))
		return false;
	s->dirty = 0;
	return true;
}

bool
wal_extend(struct wal *w, struct err *err)
{
	char from[FILE_PATH_MAX];
	char to[FILE_PATH_MAX];
	char dir[FILE_PATH_MAX];
	if (w->n > 0 && !clean(w, err))
		return false;
	if (w->n == WAL_SEGMENTS_MAX)
		return ERR(err, ERR_FULL, "the write-ahead file is full");
	if (w->spares == 0 && !spare_make(w, err))
		return false;
	struct segment *s = &w->spare[w->spares - 1];
	uint64_t number = w->n == 0 ? s->number : w->seg[w->n - 1].number + 1;
	if (!wal_path(from, w->dir, s->number, "used", err) ||
	    !wal_path(to, w->dir, number, "log", err))
		return false;
	file_parent(to, dir);
	if (!file_rename(w->files, from, to, err))
		return false;
	s->number = number;
	if (number >= w->next_number)
		w->next_number = number + 1;
	w->seg[w->n++] = *s;
	w->spares--;
	return file_sync_dir(w->files, dir, err);
}

/* The oldest segment leaves its place and is zeroed. */
static bool
recycle_first(struct wal *w, struct err *err)
{
	char from[FILE_PATH_MAX];
	char to[FILE_PATH_MAX];
	char dir[FILE_PATH_MAX];
	struct segment s = w->seg[0];
	if (!wal_path(from, w->dir, s.number, "log", err) ||
	    !wal_path(to, w->dir, w->next_number, "used", err))
		return false;
	file_parent(to, dir);
	if (!file_rename(w->files, from, to, err))
		return false;
	s.number = w->next_number++;
	memmove(w->seg, w->seg + 1, (w->n - 1) * sizeof(w->seg[0]));
	w->n--;
	w->current--;
	size_t used = s.used + s.dirty;
	s.used = s.dirty = 0;
	s.end = 0;
	/* Its old name must be gone before its bytes are. */
	if (!file_sync_dir(w->files, dir, err) ||
	    !file_write_zeros(w->files, s.fd, used, err)) {
		segment_close(w, &s);
		return false;
	}
	memset(s.bytes, 0, used);
	w->spare[w->spares++] = s;
	return true;
}

bool
wal_recycle(struct wal *w, uint64_t index, struct err *err)
{
	/* The current one must hold a frame: it says how long the log is. */
	while (w->current > 0 && w->seg[w->current].used > 0 &&
	    w->seg[0].end <= index && w->spares < WAL_SEGMENTS_MAX)
		if (!recycle_first(w, err))
			return false;
	return true;
}

unsigned
wal_segments(const struct wal *w)
{
	return w->n;
}

unsigned
wal_spares(const struct wal *w)
{
	return w->spares;
}
