#include "ledger/file_record.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"

enum { SECTOR = 512 };

/* One change of a file's bytes that no sync covers yet. */
struct change {
	bool is_cut; /* the file was emptied */
	uint64_t at;
	size_t n;
	uint8_t *bytes;
};

struct file {
	bool is_dir;
	uint8_t *live;
	size_t n;
	uint8_t *safe;
	size_t safe_n;
	struct change *change;
	size_t changes;
};

/* One name in a folder. */
struct name {
	char path[FILE_PATH_MAX];
	unsigned file;
};

/* One change of names that no sync of the folder covers yet. */
struct move {
	char from[FILE_PATH_MAX]; /* goes away; empty: none */
	char to[FILE_PATH_MAX];   /* names `file`; empty: none */
	unsigned file;
};

struct file_record {
	struct file_layer layer;
	struct file *file;
	unsigned files;
	struct name *live;
	unsigned lives;
	struct name *safe;
	unsigned safes;
	struct move *move;
	unsigned moves;
	unsigned long cut_at;
	unsigned long calls;
	bool is_cut;
};

/* splitmix64 */
static uint64_t
chance(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Grows an array by one zeroed element; NULL without memory. */
static void *
more(void *array, unsigned n, size_t size)
{
	/* Sizes go in powers of two. */
	if (n != 0 && (n & (n - 1)) != 0)
		return array;
	return mem_resize(array, (n == 0 ? 1 : 2 * (size_t)n) * size);
}

static bool
is_going(struct file_record *r)
{
	if (r->is_cut)
		return false;
	r->calls++;
	r->is_cut = r->cut_at != 0 && r->calls >= r->cut_at;
	return !r->is_cut;
}

static struct name *
find(struct name *names, unsigned n, const char *path)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(names[i].path, path) == 0)
			return &names[i];
	return NULL;
}

/* Makes `path` name `file`; false without memory. */
static bool
bind(struct name **names, unsigned *n, const char *path, unsigned file)
{
	struct name *old = find(*names, *n, path);
	if (old != NULL) {
		old->file = file;
		return true;
	}
	struct name *grown = more(*names, *n, sizeof(**names));
	if (grown == NULL)
		return false;
	*names = grown;
	(void)snprintf(
	    grown[*n].path, sizeof(grown[*n].path), "%s", path);
	grown[*n].file = file;
	++*n;
	return true;
}

static void
unbind(struct name *names, unsigned *n, const char *path)
{
	struct name *old = find(names, *n, path);
	if (old != NULL)
		*old = names[--*n];
}

static bool
has_parent(struct name *names, unsigned n, const char *path)
{
	char dir[FILE_PATH_MAX];
	file_parent(path, dir);
	return strcmp(dir, ".") == 0 || strcmp(dir, "/") == 0 ||
	    find(names, n, dir) != NULL;
}

static bool
remember(struct file_record *r, const char *from, const char *to,
    unsigned file)
{
	struct move *grown = more(r->move, r->moves, sizeof(*grown));
	if (grown == NULL)
		return false;
	r->move = grown;
	struct move *m = &grown[r->moves++];
	(void)snprintf(m->from, sizeof(m->from), "%s", from);
	(void)snprintf(m->to, sizeof(m->to), "%s", to);
	m->file = file;
	return true;
}

static bool
change(struct file *f, bool is_cut, uint64_t at, const void *p, size_t n)
{
	struct change *grown =
	    more(f->change, (unsigned)f->changes, sizeof(*grown));
	if (grown == NULL)
		return false;
	f->change = grown;
	struct change *c = &grown[f->changes];
	*c = (struct change){.is_cut = is_cut, .at = at, .n = n};
	if (n > 0) {
		c->bytes = mem_alloc(1, n);
		if (c->bytes == NULL)
			return false;
		memcpy(c->bytes, p, n);
	}
	f->changes++;
	return true;
}

static void
forget_changes(struct file *f)
{
	for (size_t i = 0; i < f->changes; i++)
		mem_free(f->change[i].bytes);
	mem_free(f->change);
	f->change = NULL;
	f->changes = 0;
}

/* A new file under `path`; its number, or a negative errno. */
static int
make(struct file_record *r, const char *path, bool is_dir)
{
	if (!has_parent(r->live, r->lives, path))
		return -ENOENT;
	struct file *grown = more(r->file, r->files, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	r->file = grown;
	grown[r->files] = (struct file){.is_dir = is_dir};
	if (!remember(r, "", path, r->files) ||
	    !bind(&r->live, &r->lives, path, r->files))
		return -ENOMEM;
	return (int)r->files++;
}

static int
record_open(void *ctx, const char *path, enum file_mode mode)
{
	struct file_record *r = ctx;
	struct name *name = find(r->live, r->lives, path);
	if (mode != FILE_NEW)
		return name == NULL ? -ENOENT : (int)name->file;
	if (!is_going(r))
		return -EIO;
	if (name == NULL)
		return make(r, path, false);
	struct file *f = &r->file[name->file];
	if (!change(f, true, 0, NULL, 0))
		return -ENOMEM;
	f->n = 0;
	return (int)name->file;
}

static int
record_close(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	return 0;
}

static ssize_t
record_pread(void *ctx, int fd, void *p, size_t n, uint64_t at)
{
	struct file_record *r = ctx;
	const struct file *f = &r->file[fd];
	if (at >= f->n)
		return 0;
	if (n > f->n - at)
		n = f->n - at;
	memcpy(p, f->live + at, n);
	return (ssize_t)n;
}

static bool
grow(uint8_t **p, size_t *n, size_t to)
{
	if (to <= *n)
		return true;
	uint8_t *grown = mem_resize(*p, to);
	if (grown == NULL)
		return false;
	memset(grown + *n, 0, to - *n);
	*p = grown;
	*n = to;
	return true;
}

static ssize_t
record_pwrite(void *ctx, int fd, const void *p, size_t n, uint64_t at)
{
	struct file_record *r = ctx;
	struct file *f = &r->file[fd];
	bool was_cut = r->is_cut;
	bool is_whole = is_going(r);
	if (was_cut)
		return -EIO;
	if (!change(f, false, at, p, n) || !grow(&f->live, &f->n, at + n))
		return -ENOMEM;
	memcpy(f->live + at, p, n);
	return is_whole ? (ssize_t)n : -EIO;
}

static int
record_allocate(void *ctx, int fd, uint64_t bytes)
{
	struct file_record *r = ctx;
	struct file *f = &r->file[fd];
	if (!is_going(r))
		return -EIO;
	/* A change of no bytes at the new end says the length. */
	if (bytes <= f->n)
		return 0;
	return change(f, false, bytes, NULL, 0) &&
		grow(&f->live, &f->n, bytes)
	    ? 0
	    : -ENOMEM;
}

static int
record_size(void *ctx, int fd, uint64_t *ret)
{
	struct file_record *r = ctx;
	*ret = r->file[fd].n;
	return 0;
}

static int
record_sync_data(void *ctx, int fd)
{
	struct file_record *r = ctx;
	struct file *f = &r->file[fd];
	if (!is_going(r))
		return -EIO;
	uint8_t *safe = mem_alloc(1, f->n + 1);
	if (safe == NULL)
		return -ENOMEM;
	if (f->n > 0)
		memcpy(safe, f->live, f->n);
	mem_free(f->safe);
	f->safe = safe;
	f->safe_n = f->n;
	forget_changes(f);
	return 0;
}

static bool
is_in(const char *path, const char *dir)
{
	char parent[FILE_PATH_MAX];
	file_parent(path, parent);
	return path[0] != '\0' && strcmp(parent, dir) == 0;
}

static bool
apply(struct file_record *r, const struct move *m)
{
	if (m->from[0] != '\0')
		unbind(r->safe, &r->safes, m->from);
	return m->to[0] == '\0' || bind(&r->safe, &r->safes, m->to, m->file);
}

static int
record_sync_dir(void *ctx, const char *path)
{
	struct file_record *r = ctx;
	unsigned kept = 0;
	if (!is_going(r))
		return -EIO;
	for (unsigned i = 0; i < r->moves; i++) {
		const struct move *m = &r->move[i];
		if (is_in(m->from, path) || is_in(m->to, path)) {
			if (!apply(r, m))
				return -ENOMEM;
		} else
			r->move[kept++] = *m;
	}
	/* The array's size goes by powers of two of the count. */
	struct move *rest = NULL;
	unsigned n = 0;
	for (; n < kept; n++) {
		struct move *grown = more(rest, n, sizeof(*rest));
		if (grown == NULL) {
			mem_free(rest);
			return -ENOMEM;
		}
		rest = grown;
		rest[n] = r->move[n];
	}
	mem_free(r->move);
	r->move = rest;
	r->moves = kept;
	return 0;
}

static int
record_rename(void *ctx, const char *from, const char *to)
{
	struct file_record *r = ctx;
	struct name *name = find(r->live, r->lives, from);
	if (!is_going(r))
		return -EIO;
	if (name == NULL || !has_parent(r->live, r->lives, to))
		return -ENOENT;
	unsigned file = name->file;
	if (!remember(r, from, to, file))
		return -ENOMEM;
	unbind(r->live, &r->lives, from);
	return bind(&r->live, &r->lives, to, file) ? 0 : -ENOMEM;
}

static int
record_unlink(void *ctx, const char *path)
{
	struct file_record *r = ctx;
	if (!is_going(r))
		return -EIO;
	if (find(r->live, r->lives, path) == NULL)
		return -ENOENT;
	if (!remember(r, path, "", 0))
		return -ENOMEM;
	unbind(r->live, &r->lives, path);
	return 0;
}

static int
record_mkdir(void *ctx, const char *path)
{
	struct file_record *r = ctx;
	if (find(r->live, r->lives, path) != NULL)
		return -EEXIST;
	if (!is_going(r))
		return -EIO;
	int rc = make(r, path, true);
	return rc < 0 ? rc : 0;
}

static int
record_list(void *ctx, const char *path, file_visit *visit, void *arg)
{
	struct file_record *r = ctx;
	if (find(r->live, r->lives, path) == NULL)
		return -ENOENT;
	for (unsigned i = 0; i < r->lives; i++)
		if (is_in(r->live[i].path, path) &&
		    !visit(arg, strrchr(r->live[i].path, '/') + 1))
			break;
	return 0;
}

struct file_record *
file_record_open(void)
{
	struct file_record *r = mem_alloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->layer = (struct file_layer){
	    .ctx = r,
	    .open = record_open,
	    .close = record_close,
	    .pread = record_pread,
	    .pwrite = record_pwrite,
	    .allocate = record_allocate,
	    .size = record_size,
	    .sync_data = record_sync_data,
	    .sync_dir = record_sync_dir,
	    .rename = record_rename,
	    .unlink = record_unlink,
	    .mkdir = record_mkdir,
	    .list = record_list,
	};
	return r;
}

void
file_record_close(struct file_record *r)
{
	if (r == NULL)
		return;
	for (unsigned i = 0; i < r->files; i++) {
		forget_changes(&r->file[i]);
		mem_free(r->file[i].live);
		mem_free(r->file[i].safe);
	}
	mem_free(r->file);
	mem_free(r->live);
	mem_free(r->safe);
	mem_free(r->move);
	mem_free(r);
}

const struct file_layer *
file_record_layer(struct file_record *r)
{
	return &r->layer;
}

void
file_record_cut_at(struct file_record *r, unsigned long nth)
{
	r->cut_at = nth;
	r->calls = 0;
	r->is_cut = false;
}

unsigned long
file_record_calls(const struct file_record *r)
{
	return r->calls;
}

/* What survives of one write: each sector whole, not at all, or torn. */
static bool
survive(struct file *f, const struct change *c, uint64_t *seed)
{
	uint64_t shape = *seed < 2 ? 0 : chance(seed) % 4;
	if (c->is_cut) {
		if (shape != 1)
			f->n = 0;
		return true;
	}
	if (c->n == 0) /* a new length */
		return shape == 1 || grow(&f->live, &f->n, c->at);
	for (size_t from = 0; from < c->n;) {
		size_t n = SECTOR - (c->at + from) % SECTOR;
		size_t keep;
		if (n > c->n - from)
			n = c->n - from;
		keep = n;
		if (shape == 1 || (shape == 2 && chance(seed) % 2 == 0))
			keep = 0;
		if (shape == 3 && chance(seed) % 4 == 0)
			keep = (size_t)(chance(seed) % (n + 1));
		if (keep > 0) {
			if (!grow(&f->live, &f->n, c->at + from + keep))
				return false;
			must(f->live != NULL);
			memcpy(f->live + c->at + from, c->bytes + from, keep);
		}
		from += n;
	}
	return true;
}

static bool
copy_file(const struct file *from, struct file *to, uint64_t *seed)
{
	*to = (struct file){.is_dir = from->is_dir};
	if (!grow(&to->live, &to->n, from->safe_n))
		return false;
	if (from->safe_n > 0)
		memcpy(to->live, from->safe, from->safe_n);
	for (size_t i = 0; *seed != 0 && i < from->changes; i++)
		if (!survive(to, &from->change[i], seed))
			return false;
	to->safe = mem_alloc(1, to->n + 1);
	if (to->safe == NULL)
		return false;
	if (to->n > 0)
		memcpy(to->safe, to->live, to->n);
	to->safe_n = to->n;
	return true;
}

static bool
copy_names(const struct file_record *r, struct file_record *to,
    uint64_t *seed)
{
	uint64_t shape = *seed < 2 ? *seed : chance(seed) % 4;
	unsigned last = r->moves == 0 ? 0
	    : (unsigned)(chance(&(uint64_t){*seed}) % (r->moves + 1));
	for (unsigned i = 0; i < r->safes; i++)
		if (!bind(&to->safe, &to->safes, r->safe[i].path,
			r->safe[i].file))
			return false;
	for (unsigned i = 0; i < r->moves; i++) {
		bool is_kept = shape == 1 || (shape == 2 && i < last) ||
		    (shape == 3 && chance(seed) % 2 == 0);
		if (is_kept && !apply(to, &r->move[i]))
			return false;
	}
	/* A name whose folder is gone is gone. */
	for (bool again = true; again;) {
		again = false;
		for (unsigned i = 0; i < to->safes; i++)
			if (!has_parent(to->safe, to->safes,
				to->safe[i].path)) {
				to->safe[i] = to->safe[--to->safes];
				again = true;
				i--;
			}
	}
	for (unsigned i = 0; i < to->safes; i++)
		if (!bind(&to->live, &to->lives, to->safe[i].path,
			to->safe[i].file))
			return false;
	return true;
}

struct file_record *
file_record_image(const struct file_record *r, uint64_t seed)
{
	struct file_record *to = file_record_open();
	if (to == NULL)
		return NULL;
	bool is_done = copy_names(r, to, &seed);
	for (unsigned i = 0; is_done && i < r->files; i++) {
		struct file *grown = more(to->file, i, sizeof(*grown));
		if (grown != NULL) {
			to->file = grown;
			to->files = i + 1;
		}
		is_done = grown != NULL &&
		    copy_file(&r->file[i], &grown[i], &seed);
	}
	if (is_done)
		return to;
	file_record_close(to);
	return NULL;
}

uint8_t *
file_record_bytes(struct file_record *r, const char *path, size_t *ret_n)
{
	struct name *name = find(r->live, r->lives, path);
	if (name == NULL)
		return NULL;
	*ret_n = r->file[name->file].n;
	return r->file[name->file].live;
}

const char *
file_record_path(const struct file_record *r, unsigned i)
{
	for (unsigned k = 0; k < r->lives; k++)
		if (!r->file[r->live[k].file].is_dir && i-- == 0)
			return r->live[k].path;
	return NULL;
}
