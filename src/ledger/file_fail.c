#include "ledger/file_fail.h"

#include <unistd.h>

static bool
is_failing(struct file_fail *f, enum file_call call)
{
	if ((f->calls & (unsigned)call) == 0)
		return false;
	f->made++;
	bool fails = f->nth != 0 &&
	    (f->made == f->nth || (f->is_lasting && f->made > f->nth));
	if (fails && f->is_fatal)
		_exit(FILE_FAIL_EXIT);
	return fails;
}

#define PASS(call, ...)                                                        \
	struct file_fail *f = ctx;                                             \
	const struct file_layer *in = f->inner;                                \
	return is_failing(f, call) ? -f->error : __VA_ARGS__

static int
fail_open(void *ctx, const char *path, enum file_mode mode)
{
	PASS(FILE_CALL_OPEN, in->open(in->ctx, path, mode));
}

static int
fail_close(void *ctx, int fd)
{
	const struct file_fail *f = ctx;
	return f->inner->close(f->inner->ctx, fd);
}

static ssize_t
fail_pread(void *ctx, int fd, void *p, size_t n, uint64_t at)
{
	PASS(FILE_CALL_READ, in->pread(in->ctx, fd, p, n, at));
}

/* A failing write may have written a part. */
static ssize_t
fail_pwrite(void *ctx, int fd, const void *p, size_t n, uint64_t at)
{
	struct file_fail *f = ctx;
	const struct file_layer *in = f->inner;
	if (!is_failing(f, FILE_CALL_WRITE))
		return in->pwrite(in->ctx, fd, p, n, at);
	if (n > 1)
		(void)in->pwrite(in->ctx, fd, p, n / 2, at);
	return -f->error;
}

static int
fail_allocate(void *ctx, int fd, uint64_t bytes)
{
	PASS(FILE_CALL_ALLOCATE, in->allocate(in->ctx, fd, bytes));
}

static int
fail_size(void *ctx, int fd, uint64_t *ret)
{
	PASS(FILE_CALL_READ, in->size(in->ctx, fd, ret));
}

static int
fail_sync_data(void *ctx, int fd)
{
	PASS(FILE_CALL_SYNC, in->sync_data(in->ctx, fd));
}

static int
fail_sync_dir(void *ctx, const char *path)
{
	PASS(FILE_CALL_SYNC, in->sync_dir(in->ctx, path));
}

static int
fail_rename(void *ctx, const char *from, const char *to)
{
	PASS(FILE_CALL_RENAME, in->rename(in->ctx, from, to));
}

static int
fail_unlink(void *ctx, const char *path)
{
	PASS(FILE_CALL_RENAME, in->unlink(in->ctx, path));
}

static int
fail_mkdir(void *ctx, const char *path)
{
	PASS(FILE_CALL_MKDIR, in->mkdir(in->ctx, path));
}

static int
fail_list(void *ctx, const char *path, file_visit *visit, void *arg)
{
	PASS(FILE_CALL_LIST, in->list(in->ctx, path, visit, arg));
}

void
file_fail_init(struct file_fail *f, const struct file_layer *inner)
{
	*f = (struct file_fail){
	    .inner = inner,
	    .layer =
		{
		    .ctx = f,
		    .open = fail_open,
		    .close = fail_close,
		    .pread = fail_pread,
		    .pwrite = fail_pwrite,
		    .allocate = fail_allocate,
		    .size = fail_size,
		    .sync_data = fail_sync_data,
		    .sync_dir = fail_sync_dir,
		    .rename = fail_rename,
		    .unlink = fail_unlink,
		    .mkdir = fail_mkdir,
		    .list = fail_list,
		},
	};
}
