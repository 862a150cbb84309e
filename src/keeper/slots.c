#include "keeper/slots.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/num.h"
#include "crypto/random.h"

enum {
	HEAD_BYTES = 4096,
	SEEN_AT = 16,
	CHUNK_SLOTS = 32 * 1024,
	CHUNK_BYTES = CHUNK_SLOTS * SLOT_BYTES
};

static const char magic[8] = {'F', 'K', 'S', 'L', 'O', 'T', '1', '\n'};

struct slots {
	struct files *files;
	int fd;
	const uint8_t *map;
	uint64_t bytes; /* mapped, the file's size */
	uint64_t taken;
	uint64_t seen;
	bool is_dirty;
};

static uint64_t
place(uint64_t slot)
{
	return HEAD_BYTES + slot * SLOT_BYTES;
}

bool
slots_create(struct files *files, const char *dir, struct err *err)
{
	char path[FILE_PATH_MAX];
	uint8_t *first = mem_alloc(1, HEAD_BYTES + CHUNK_BYTES);
	if (first == NULL)
		return ERR(err, ERR_LIMIT, "no memory for the slot file");
	memcpy(first, magic, sizeof(magic));
	bool ok = file_join(path, dir, "slots", err) &&
	    file_write_new(files, path,
		slice_bytes(first, HEAD_BYTES + CHUNK_BYTES), err);
	mem_free(first);
	return ok;
}

static bool
is_all(const uint8_t *p, uint8_t byte)
{
	for (size_t i = 0; i < SLOT_BYTES; i++)
		if (p[i] != byte)
			return false;
	return true;
}

static bool
map(struct slots *s, uint64_t bytes, struct err *err)
{
	void *p = s->map == NULL
	    ? mmap(NULL, bytes, PROT_READ, MAP_SHARED, s->fd, 0)
	    : mremap((void *)(uintptr_t)s->map, s->bytes, bytes,
		  MREMAP_MAYMOVE);
	if (p == MAP_FAILED)
		return ERR(err, ERR_SYSTEM, "cannot map the slot file");
	s->map = p;
	s->bytes = bytes;
	return true;
}

static uint64_t
room(const struct slots *s)
{
	return (s->bytes - HEAD_BYTES) / SLOT_BYTES;
}

struct slots *
slots_open(struct files *files, const char *dir, struct err *err)
{
	char path[FILE_PATH_MAX];
	uint64_t size = 0;
	struct slots *s = mem_alloc(1, sizeof(*s));
	if (s == NULL) {
		(void)ERR(err, ERR_LIMIT, "no memory for the slot file");
		return NULL;
	}
	s->files = files;
	s->fd = -1;
	if (!file_join(path, dir, "slots", err))
		goto out;
	s->fd = file_open(files, path, FILE_WRITE, err);
	if (s->fd < 0)
		goto out;
	if (!file_size(files, s->fd, &size, err))
		goto out;
	if (size < HEAD_BYTES + SLOT_BYTES) {
		(void)ERR(err, ERR_CORRUPT, "the slot file is too short");
		goto out;
	}
	/* A growth that was cut short leaves part of a slot: not counted. */
	size -= (size - HEAD_BYTES) % SLOT_BYTES;
	if (!map(s, size, err))
		goto out;
	if (memcmp(s->map, magic, sizeof(magic)) != 0) {
		(void)ERR(err, ERR_CORRUPT, "the slot file is malformed");
		goto out;
	}
	s->seen = num_be64(s->map + SEEN_AT);
	s->taken = room(s);
	while (s->taken > 0 && is_all(s->map + place(s->taken - 1), 0))
		s->taken--;
	return s;
out:
	slots_close(s);
	return NULL;
}

void
slots_close(struct slots *s)
{
	if (s == NULL)
		return;
	if (s->map != NULL)
		(void)munmap((void *)(uintptr_t)s->map, s->bytes);
	file_close(s->files, s->fd);
	mem_free(s);
}

static bool
grow(struct slots *s, struct err *err)
{
	static const uint8_t zeros[64 * 1024];
	uint64_t bytes = s->bytes + CHUNK_BYTES;
	for (uint64_t at = s->bytes; at < bytes; at += sizeof(zeros))
		if (!file_write_at(s->files, s->fd, zeros, sizeof(zeros), at,
			err))
			return false;
	return map(s, bytes, err);
}

bool
slots_take(struct slots *s, size_t n, uint64_t *ret_first, struct err *err)
{
	uint8_t values[64][SLOT_BYTES];
	uint64_t first = s->taken;
	while (room(s) - s->taken < n)
		if (!grow(s, err))
			return false;
	for (size_t done = 0; done < n;) {
		size_t now = n - done < 64 ? n - done : 64;
		random_fill(values, now * SLOT_BYTES);
		if (!file_write_at(s->files, s->fd, values, now * SLOT_BYTES,
			place(first + done), err))
			return false;
		done += now;
	}
	mem_wipe(values, sizeof(values));
	s->taken += n;
	s->is_dirty = true;
	*ret_first = first;
	return true;
}

enum slot_state
slots_find(const struct slots *s, uint64_t slot, const uint8_t **ret)
{
	if (slot >= s->taken)
		return SLOT_NONE;
	const uint8_t *p = s->map + place(slot);
	if (is_all(p, 0))
		return SLOT_NONE;
	if (is_all(p, 0xff))
		return SLOT_ERASED;
	*ret = p;
	return SLOT_LIVE;
}

/* After the entry there is no way back: it is done, or the process ends. */
void
slots_erase(struct slots *s, uint64_t slot)
{
	const uint8_t *p;
	uint8_t ones[SLOT_BYTES];
	struct err err;
	if (slots_find(s, slot, &p) != SLOT_LIVE)
		return;
	memset(ones, 0xff, sizeof(ones));
	if (!file_write_at(s->files, s->fd, ones, sizeof(ones), place(slot),
		&err))
		abort();
	s->is_dirty = true;
}

bool
slots_is_dirty(const struct slots *s)
{
	return s->is_dirty;
}

void
slots_sync(struct slots *s)
{
	struct err err;
	if (!s->is_dirty)
		return;
	if (!file_sync(s->files, s->fd, &err))
		abort();
	s->is_dirty = false;
}

uint64_t
slots_count(const struct slots *s)
{
	return s->taken;
}

uint64_t
slots_seen(const struct slots *s)
{
	return s->seen;
}

void
slots_set_seen(struct slots *s, uint64_t entry)
{
	uint8_t b[8];
	struct err err;
	num_put_be64(b, entry);
	if (!file_write_at(s->files, s->fd, b, sizeof(b), SEEN_AT, &err))
		abort();
	s->seen = entry;
	s->is_dirty = true;
}
