#include "ledger/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
result(int rc)
{
	return rc < 0 ? -errno : rc;
}

static int
system_open(void *ctx, const char *path, enum file_mode mode)
{
	(void)ctx;
	static const int flags[] = {
	    [FILE_READ] = O_RDONLY,
	    [FILE_WRITE] = O_RDWR,
	    [FILE_NEW] = O_RDWR | O_CREAT | O_TRUNC,
	};
	return result(
	    open(path, flags[mode] | O_CLOEXEC | O_NOFOLLOW, 0600));
}

static int
system_close(void *ctx, int fd)
{
	(void)ctx;
	return result(close(fd));
}

static ssize_t
system_pread(void *ctx, int fd, void *p, size_t n, uint64_t at)
{
	(void)ctx;
	ssize_t got = pread(fd, p, n, (off_t)at);
	return got < 0 ? -errno : got;
}

static ssize_t
system_pwrite(void *ctx, int fd, const void *p, size_t n, uint64_t at)
{
	(void)ctx;
	ssize_t put = pwrite(fd, p, n, (off_t)at);
	return put < 0 ? -errno : put;
}

static int
system_allocate(void *ctx, int fd, uint64_t bytes)
{
	(void)ctx;
	return -posix_fallocate(fd, 0, (off_t)bytes);
}

static int
system_size(void *ctx, int fd, uint64_t *ret)
{
	(void)ctx;
	struct stat st;
	if (fstat(fd, &st) != 0)
		return -errno;
	*ret = (uint64_t)st.st_size;
	return 0;
}

static int
system_sync_data(void *ctx, int fd)
{
	(void)ctx;
	return result(fdatasync(fd));
}

static int
system_sync_dir(void *ctx, const char *path)
{
	(void)ctx;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int rc = result(fsync(fd));
	(void)close(fd);
	return rc;
}

static int
system_rename(void *ctx, const char *from, const char *to)
{
	(void)ctx;
	return result(rename(from, to));
}

static int
system_unlink(void *ctx, const char *path)
{
	(void)ctx;
	return result(unlink(path));
}

static int
system_mkdir(void *ctx, const char *path)
{
	(void)ctx;
	return result(mkdir(path, 0700));
}

static int
system_list(void *ctx, const char *path, file_visit *visit, void *arg)
{
	(void)ctx;
	DIR *d = opendir(path);
	if (d == NULL)
		return -errno;
	int rc = 0;
	for (;;) {
		errno = 0;
		const struct dirent *e = readdir(d);
		if (e == NULL) {
			rc = -errno;
			break;
		}
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0)
			continue;
		if (!visit(arg, e->d_name))
			break;
	}
	(void)closedir(d);
	return rc;
}

const struct file_layer *
file_layer_system(void)
{
	static const struct file_layer layer = {
	    .open = system_open,
	    .close = system_close,
	    .pread = system_pread,
	    .pwrite = system_pwrite,
	    .allocate = system_allocate,
	    .size = system_size,
	    .sync_data = system_sync_data,
	    .sync_dir = system_sync_dir,
	    .rename = system_rename,
	    .unlink = system_unlink,
	    .mkdir = system_mkdir,
	    .list = system_list,
	};
	return &layer;
}

static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash == NULL ? path : slash + 1;
}

static bool
fault(struct err *err, int num, const char *did, const char *path)
{
	if (num == ENOENT || num == ENOTDIR)
		return ERR(err, ERR_NOT_FOUND, "no file %s", last_part(path));
	return ERR_ERRNO(err, num, "%s %s", did, last_part(path));
}

static bool
refuse(struct err *err)
{
	return ERR(err, ERR_SYSTEM,
	    "a sync failed before: nothing more is written");
}

static bool
sync_result(struct files *f, int rc, struct err *err)
{
	if (rc >= 0)
		return true;
	f->is_broken = true;
	if (f->on_sync_error == NULL)
		abort();
	f->on_sync_error(f->ctx);
	return ERR(err, ERR_SYSTEM, "a sync failed: %s",
	    strerrordesc_np(-rc));
}

int
file_open(struct files *f, const char *path, enum file_mode mode,
    struct err *err)
{
	int fd = f->layer->open(f->layer->ctx, path, mode);
	if (fd >= 0)
		return fd;
	(void)fault(err, -fd, "open", path);
	return -1;
}

void
file_close(struct files *f, int fd)
{
	if (fd >= 0)
		(void)f->layer->close(f->layer->ctx, fd);
}

bool
file_read_at(struct files *f, int fd, void *p, size_t n,
    uint64_t at, struct err *err)
{
	char *to = p;
	while (n > 0) {
		ssize_t got = f->layer->pread(f->layer->ctx, fd, to, n, at);
		if (got == -EINTR)
			continue;
		if (got < 0)
			return ERR_ERRNO(err, (int)-got, "read");
		if (got == 0)
			return ERR(err, ERR_CORRUPT, "a file ends early");
		to += got;
		n -= (size_t)got;
		at += (uint64_t)got;
	}
	return true;
}

bool
file_write_at(struct files *f, int fd, const void *p, size_t n,
    uint64_t at, struct err *err)
{
	const char *from = p;
	if (f->is_broken)
		return refuse(err);
	while (n > 0) {
		ssize_t put = f->layer->pwrite(f->layer->ctx, fd, from, n, at);
		if (put == -EINTR)
			continue;
		if (put <= 0)
			return ERR_ERRNO(err, put == 0 ? EIO : (int)-put,
			    "write");
		from += put;
		n -= (size_t)put;
		at += (uint64_t)put;
	}
	return true;
}

bool
file_size(struct files *f, int fd, uint64_t *ret, struct err *err)
{
	int rc = f->layer->size(f->layer->ctx, fd, ret);
	return rc >= 0 || ERR_ERRNO(err, -rc, "size of a file");
}

bool
file_sync(struct files *f, int fd, struct err *err)
{
	if (f->is_broken)
		return refuse(err);
	return sync_result(f, f->layer->sync_data(f->layer->ctx, fd), err);
}

bool
file_sync_dir(struct files *f, const char *path, struct err *err)
{
	if (f->is_broken)
		return refuse(err);
	return sync_result(f, f->layer->sync_dir(f->layer->ctx, path), err);
}

bool
file_rename(struct files *f, const char *from, const char *to,
    struct err *err)
{
	if (f->is_broken)
		return refuse(err);
	int rc = f->layer->rename(f->layer->ctx, from, to);
	return rc >= 0 || fault(err, -rc, "rename", from);
}

bool
file_write_zeros(struct files *f, int fd, uint64_t bytes, struct err *err)
{
	static const char zeros[64 * 1024];
	for (uint64_t at = 0; at < bytes; at += sizeof(zeros)) {
		uint64_t n = bytes - at;
		if (n > sizeof(zeros))
			n = sizeof(zeros);
		if (!file_write_at(f, fd, zeros, (size_t)n, at, err))
			return false;
	}
	return file_sync(f, fd, err);
}

bool
file_read(struct files *f, const char *path, struct buf *b,
    struct err *err)
{
	uint64_t size = 0;
	buf_reset(b);
	int fd = file_open(f, path, FILE_READ, err);
	if (fd < 0)
		return false;
	bool is_done = file_size(f, fd, &size, err);
	if (is_done && size > b->max)
		is_done = ERR(err, ERR_LIMIT, "%s is too long",
		    last_part(path));
	if (is_done && size > 0) {
		void *to = buf_grow(b, (size_t)size);
		is_done = to == NULL
		    ? ERR(err, ERR_LIMIT, "no memory")
		    : file_read_at(f, fd, to, (size_t)size, 0, err);
	}
	file_close(f, fd);
	return is_done;
}

bool
file_write_new(struct files *f, const char *path, struct slice s,
    struct err *err)
{
	int fd = file_open(f, path, FILE_NEW, err);
	if (fd < 0)
		return false;
	bool is_done = file_write_at(f, fd, s.p, s.n, 0, err) &&
	    file_sync(f, fd, err);
	file_close(f, fd);
	return is_done;
}

bool
file_replace(struct files *f, const char *path, struct slice s,
    struct err *err)
{
	char fresh[FILE_PATH_MAX];
	char dir[FILE_PATH_MAX];
	int n = snprintf(fresh, sizeof(fresh), "%s.new", path);
	if (n < 0 || (size_t)n >= sizeof(fresh))
		return ERR(err, ERR_INPUT, "a path is too long");
	if (!file_write_new(f, fresh, s, err))
		return false;
	file_parent(path, dir);
	return file_rename(f, fresh, path, err) && file_sync_dir(f, dir, err);
}

bool
file_make_parents(struct files *f, const char *root,
    const char *path, struct err *err)
{
	char dir[FILE_PATH_MAX];
	char above[FILE_PATH_MAX];
	size_t from = strlen(root);
	size_t n = strlen(path);
	if (n >= sizeof(dir) || from >= n)
		return ERR(err, ERR_INPUT, "a path is too long");
	for (size_t i = from + 1; i < n; i++) {
		if (path[i] != '/')
			continue;
		memcpy(dir, path, i);
		dir[i] = '\0';
		int rc = f->layer->mkdir(f->layer->ctx, dir);
		if (rc == -EEXIST)
			continue;
		if (rc < 0)
			return fault(err, -rc, "make", dir);
		file_parent(dir, above);
		if (!file_sync_dir(f, above, err))
			return false;
	}
	return true;
}

void
file_parent(const char *path, char ret[FILE_PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);
	if (n == 0 || n >= FILE_PATH_MAX) {
		memcpy(ret, slash == path ? "/" : ".", 2);
		return;
	}
	memcpy(ret, path, n);
	ret[n] = '\0';
}

bool
file_join(char ret[FILE_PATH_MAX], const char *dir, const char *name,
    struct err *err)
{
	int n = snprintf(ret, FILE_PATH_MAX, "%s/%s", dir, name);
	if (n < 0 || n >= FILE_PATH_MAX)
		return ERR(err, ERR_INPUT, "a path is too long");
	return true;
}
