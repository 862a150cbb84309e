#include "pack_bench.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const bodies[BODIES] = {
    "nagaokakyo", "nakadomari", "koriyama", "sapporo", "okinawa"};

/* meson sets it: the tree with packs/ and tests/golden/. */
const char *
source_root(void)
{
	const char *r = getenv("SOURCE_ROOT");
	assert_non_null(r);
	return r;
}

void
put_path(char *to, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(to, PATH_BYTES, fmt, ap);
	va_end(ap);
	assert_in_range(n, 1, PATH_BYTES - 1);
}

void
read_path(const char *path, struct buf *to)
{
	char piece[4096];
	size_t n;
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add_bytes(to, piece, n);
	(void)fclose(f);
	buf_add_byte(to, '\0');
	assert_false(to->failed);
}

static void
write_path(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void
copy_path(const char *from, const char *to)
{
	SCOPED(buf_close) struct buf b = buf_of(FILE_BYTES_MAX);
	read_path(from, &b);
	write_path(to, b.p, b.n - 1);
}

/* Every .yaml of a folder into another. */
void
copy_folder(const char *from, const char *to)
{
	char a[PATH_BYTES], b[PATH_BYTES];
	DIR *d = opendir(from);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		size_t n = strlen(e->d_name);
		if (n < 5 || strcmp(e->d_name + n - 5, ".yaml") != 0)
			continue;
		put_path(a, "%s/%s", from, e->d_name);
		put_path(b, "%s/%s", to, e->d_name);
		copy_path(a, b);
	}
	(void)closedir(d);
}

static void
link_real(const struct bench *b, const char *name)
{
	char from[PATH_BYTES], to[PATH_BYTES];
	put_path(from, "%s/packs/%s", source_root(), name);
	put_path(to, "%s/%s", b->dir, name);
	assert_int_equal(symlink(from, to), 0);
}

void
bench_open(struct bench *b)
{
	char sound[PATH_BYTES];
	(void)snprintf(b->dir, sizeof(b->dir), "/tmp/test_pack.XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	put_path(b->pack, "%s/sound", b->dir);
	assert_int_equal(mkdir(b->pack, 0700), 0);
	link_real(b, "law");
	link_real(b, "base");
	put_path(sound, "%s/tests/golden/packs/sound", source_root());
	copy_folder(sound, b->pack);
}

void
bench_close(struct bench *b)
{
	char path[PATH_BYTES];
	DIR *d = opendir(b->pack);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.')
			continue;
		put_path(path, "%s/%s", b->pack, e->d_name);
		assert_int_equal(unlink(path), 0);
	}
	(void)closedir(d);
	assert_int_equal(rmdir(b->pack), 0);
	put_path(path, "%s/law", b->dir);
	assert_int_equal(unlink(path), 0);
	put_path(path, "%s/base", b->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(b->dir), 0);
}

void
bench_write(const struct bench *b, const char *name, struct slice text)
{
	char path[PATH_BYTES];
	put_path(path, "%s/%s", b->pack, name);
	write_path(path, text.p, text.n);
}

struct pack *
open_real(const char *name)
{
	char path[PATH_BYTES];
	struct err err = ERR_INIT;
	struct pack *p = NULL;
	struct pack_faults *faults = pack_faults_open();
	assert_non_null(faults);
	put_path(path, "%s/packs/%s", source_root(), name);
	if (!pack_open(path, &p, faults, &err))
		fail_msg("%s", err.text);
	assert_int_equal(pack_faults_count(faults), 0);
	pack_faults_close(faults);
	return p;
}

/* The sound pack as it stands on the bench. */
bool
open_bench(const struct bench *b, struct pack **ret, struct pack_faults *faults)
{
	struct err err = ERR_INIT;
	return pack_open(b->pack, ret, faults, &err);
}

bool
has_fault(const struct pack_faults *faults, const char *part)
{
	for (size_t i = 0; i < pack_faults_count(faults); i++) {
		if (strstr(pack_fault_at(faults, i)->text, part) != NULL)
			return true;
	}
	return false;
}
