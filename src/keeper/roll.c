/* Long because: a row, its frame and the set change together or not at all. */
#include "keeper/roll.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/num.h"
#include "crypto/aead.h"
#include "keeper/table.h"

enum {
	FRAME_HEAD_BYTES = 4,
	PLAIN_HEAD_BYTES = 1 + 8,
	PLAIN_MAX_BYTES = PLAIN_HEAD_BYTES +
	    CHANGE_ROWS_MAX * (2 + AUTHORITY_ROW_MAX_BYTES),
	SEALED_MIN_BYTES = PLAIN_HEAD_BYTES + AEAD_OVERHEAD,
	SEALED_MAX_BYTES = PLAIN_MAX_BYTES + AEAD_OVERHEAD,
	FILE_MAX_BYTES = 1 << 30,
	DEAD_FRAMES_MAX = 4096, /* before the file is written anew */

	FRAME_ROW = 1,
	FRAME_ACK = 2,
	FRAME_ROWS = 3
};

static const char magic[8] = {'F', 'K', 'R', 'O', 'L', 'L', '1', '\n'};

struct roll {
	struct files *files;
	char path[FILE_PATH_MAX];
	int fd;
	uint64_t end; /* of the frames */
	uint64_t frames;
	struct aead *aead;
	struct mac *row_mac;
	struct mac *set_mac;
	uint8_t file_key[KEY_BYTES];
	struct table *nodes;
	struct table *by_entry;
	struct table *grants;
	struct table *permits;
	uint8_t digest[HASH_BYTES];
	uint64_t count;
	bool is_behind;
	struct buf row; /* an encoding, reused */
	/* between stage and accept */
	struct roll_row *staged[CHANGE_ROWS_MAX];
	size_t n_staged;
	uint64_t staged_bytes;
	/* room for one frame */
	uint8_t plain[PLAIN_MAX_BYTES];
	uint8_t frame[FRAME_HEAD_BYTES + SEALED_MAX_BYTES + FRAME_HEAD_BYTES];
};

static struct slice
encode(struct roll *r, const struct authority_row *row)
{
	struct slice s;
	buf_reset(&r->row);
	authority_row_write(&r->row, row);
	must(buf_finish(&r->row, &s, NULL));
	return s;
}

static void
mac_row(const struct mac *m, struct slice row, uint64_t entry,
    uint8_t ret[HASH_BYTES])
{
	uint8_t be[8];
	num_put_be64(be, entry);
	struct slice parts[] = {row, slice_bytes(be, sizeof(be))};
	mac_parts(m, parts, 2, ret);
}

/* a += b or a -= b, modulo 2^256, big endian. */
static void
sum(uint8_t a[HASH_BYTES], const uint8_t b[HASH_BYTES], bool is_minus)
{
	int carry = 0;
	for (int i = HASH_BYTES - 1; i >= 0; i--) {
		int v = is_minus ? a[i] - b[i] - carry : a[i] + b[i] + carry;
		carry = is_minus ? v < 0 : v > 255;
		a[i] = (uint8_t)v;
	}
}

static void
count_in(struct roll *r, const struct roll_row *row, bool is_minus,
    uint8_t digest[HASH_BYTES], uint64_t *count)
{
	uint8_t term[HASH_BYTES];
	if (row == NULL)
		return;
	mac_row(r->set_mac, encode(r, &row->row), row->entry, term);
	sum(digest, term, is_minus);
	*count += is_minus ? UINT64_MAX : 1;
}

static struct table_key
key_of(enum authority_kind kind, uint64_t body, uint64_t id)
{
	return (struct table_key){kind, body, id};
}

static struct table_key
entry_key(uint64_t entry)
{
	return (struct table_key){entry, 0, 0};
}

const struct roll_node *
roll_node(const struct roll *r, enum authority_kind kind, uint64_t body,
    uint64_t id)
{
	return table_find(r->nodes, key_of(kind, body, id));
}

const struct authority_row *
roll_find(const struct roll *r, enum authority_kind kind, uint64_t body,
    uint64_t id)
{
	const struct roll_node *n = roll_node(r, kind, body, id);
	return n == NULL || n->now == NULL ? NULL : &n->now->row;
}

const struct roll_node *
roll_grants(const struct roll *r, uint64_t body, uint64_t holding,
    uint64_t person)
{
	return table_find(r->grants,
	    (struct table_key){body, holding, person});
}

const struct roll_node *
roll_permits(const struct roll *r, uint64_t body, uint64_t account)
{
	return table_find(r->permits, (struct table_key){body, account, 0});
}

/* They stand beside the permits: those have 0 as third part of the key. */
const struct roll_node *
roll_releases(const struct roll *r, uint64_t body, uint64_t person)
{
	return table_find(r->permits,
	    (struct table_key){body, person, AUTHORITY_RELEASE});
}

const struct roll_node *
roll_next(const struct roll *r, size_t *at)
{
	return table_next(r->nodes, at);
}

/* Puts a new node where look-ups by subject find it. */
static bool
join_group(struct roll *r, struct roll_node *n,
    const struct authority_row *row)
{
	struct table *t;
	struct table_key key;
	switch (row->head.kind) {
	case AUTHORITY_GRANT:
	case AUTHORITY_EMERGENCY:
		t = r->grants;
		key = (struct table_key){row->head.body, row->grant.holding,
		    row->grant.person};
		break;
	case AUTHORITY_PERMIT:
		t = r->permits;
		key = (struct table_key){row->head.body, row->permit.account,
		    0};
		break;
	case AUTHORITY_RELEASE:
		t = r->permits;
		key = (struct table_key){row->head.body, row->release.person,
		    AUTHORITY_RELEASE};
		break;
	case AUTHORITY_BODY:
	case AUTHORITY_HOLDING:
	case AUTHORITY_APPOINTMENT:
	case AUTHORITY_CREDENTIAL:
	case AUTHORITY_TERMINAL:
	case AUTHORITY_SECRET:
	case AUTHORITY_REVIEW:
	case AUTHORITY_CHANGE:
	case AUTHORITY_KINDS_END:
	default:
		return true;
	}
	n->next = table_find(t, key);
	return table_put(t, key, n);
}

static struct roll_node *
node_for(struct roll *r, const struct authority_row *row)
{
	struct table_key key = key_of(row->head.kind, row->head.body,
	    row->head.id);
	struct roll_node *n = table_find(r->nodes, key);
	if (n != NULL)
		return n;
	n = mem_alloc(1, sizeof(*n));
	if (n == NULL)
		return NULL;
	if (!table_put(r->nodes, key, n)) {
		mem_free(n);
		return NULL;
	}
	if (join_group(r, n, row))
		return n;
	(void)table_remove(r->nodes, key);
	mem_free(n);
	return NULL;
}

static void
forget(struct roll *r, struct roll_row **row)
{
	if (*row == NULL)
		return;
	count_in(r, *row, true, r->digest, &r->count);
	(void)table_remove(r->by_entry, entry_key((*row)->entry));
	mem_wipe(*row, sizeof(**row));
	mem_free(*row);
	*row = NULL;
}

/* Takes row over. A row in effect replaces both; a waiting one its like. */
static bool
apply(struct roll *r, struct roll_row *row)
{
	struct roll_node *n = node_for(r, &row->row);
	if (n == NULL ||
	    !table_put(r->by_entry, entry_key(row->entry), row))
		return false;
	count_in(r, row, false, r->digest, &r->count);
	forget(r, &n->pending);
	if ((row->row.head.flags & AUTHORITY_PENDING) != 0) {
		n->pending = row;
	} else {
		forget(r, &n->now);
		n->now = row;
	}
	return true;
}

/* r->plain holds n bytes behind its head. At r->end, which does not move. */
static bool
write_plain(struct roll *r, uint8_t type, uint64_t entry, size_t n,
    uint64_t *ret_bytes, struct err *err)
{
	n += PLAIN_HEAD_BYTES;
	r->plain[0] = type;
	num_put_be64(r->plain + 1, entry);
	num_put_be32(r->frame, (uint32_t)(n + AEAD_OVERHEAD));
	aead_seal(r->aead, r->file_key, slice_bytes(magic, sizeof(magic)),
	    slice_bytes(r->plain, n), r->frame + FRAME_HEAD_BYTES);
	*ret_bytes = FRAME_HEAD_BYTES + n + AEAD_OVERHEAD;
	/* the zero length behind it ends the file */
	num_put_be32(r->frame + *ret_bytes, 0);
	return file_write_at(r->files, r->fd, r->frame,
	    *ret_bytes + FRAME_HEAD_BYTES, r->end, err);
}

static bool
write_frame(struct roll *r, uint8_t type, uint64_t entry, struct slice row,
    uint64_t *ret_bytes, struct err *err)
{
	must(row.n <= AUTHORITY_ROW_MAX_BYTES);
	if (row.n > 0)
		memcpy(r->plain + PLAIN_HEAD_BYTES, row.p, row.n);
	return write_plain(r, type, entry, row.n, ret_bytes, err);
}

bool
roll_create(struct files *files, const char *dir, struct err *err)
{
	char path[FILE_PATH_MAX];
	char first[sizeof(magic) + FRAME_HEAD_BYTES] = {0};
	memcpy(first, magic, sizeof(magic));
	return file_join(path, dir, "authority", err) &&
	    file_write_new(files, path, slice_bytes(first, sizeof(first)),
		err);
}

static bool
read_row(struct roll *r, struct slice row, uint64_t entry, struct err *err)
{
	struct roll_row *n = mem_alloc(1, sizeof(*n));
	if (n == NULL)
		return ERR(err, ERR_LIMIT, "no memory for authority rows");
	n->entry = entry;
	mac_row(r->row_mac, row, entry, n->mac);
	if (!authority_row_read(row, &n->row)) {
		mem_free(n);
		return ERR(err, ERR_CORRUPT,
		    "the authority file holds a malformed row");
	}
	if (apply(r, n))
		return true;
	return ERR(err, ERR_LIMIT, "no memory for authority rows");
}

/* The rows of one change; their entries became durable together. */
static bool
read_rows(struct roll *r, struct slice rows, uint64_t entry, uint64_t entries,
    struct err *err)
{
	for (; rows.n > 0; entry++) {
		size_t n = rows.n < 2 ? 0 : num_be16(rows.p);
		if (n == 0 || n > rows.n - 2 || entry >= entries)
			return ERR(err, ERR_CORRUPT,
			    "the authority file holds a malformed row");
		if (!read_row(r, slice_bytes(rows.p + 2, n), entry, err))
			return false;
		rows = slice_from(rows, 2 + n);
	}
	return true;
}

/*
 * One frame at r->end; *ret_is_end at the end, and at a last frame that was
 * cut short or whose entry never became durable.
 */
static bool
read_frame(struct roll *r, struct slice file, uint64_t entries,
    bool *ret_is_end, struct err *err)
{
	uint8_t *plain = r->plain;
	struct slice s = slice_from(file, r->end);
	*ret_is_end = true;
	if (s.n < FRAME_HEAD_BYTES || num_be32(s.p) == 0)
		return true;
	size_t n = num_be32(s.p);
	if (n < SEALED_MIN_BYTES || n > SEALED_MAX_BYTES)
		return ERR(err, ERR_CORRUPT,
		    "the authority file was changed");
	if (n > s.n - FRAME_HEAD_BYTES)
		return true;
	if (!aead_unseal(r->aead, r->file_key,
		slice_bytes(magic, sizeof(magic)),
		(struct slice){s.p + FRAME_HEAD_BYTES, n}, plain, err))
		return s.n - FRAME_HEAD_BYTES - n <= FRAME_HEAD_BYTES
		    ? true
		    : ERR(err, ERR_CORRUPT, "the authority file was changed");
	uint64_t entry = num_be64(plain + 1);
	if (entry >= entries)
		return true;
	*ret_is_end = false;
	r->end += FRAME_HEAD_BYTES + n;
	r->frames++;
	if (plain[0] == FRAME_ACK) {
		struct roll_row *row = table_find(r->by_entry,
		    entry_key(entry));
		if (row != NULL)
			row->is_acked = true;
		return true;
	}
	struct slice content = slice_bytes(plain + PLAIN_HEAD_BYTES,
	    n - AEAD_OVERHEAD - PLAIN_HEAD_BYTES);
	return plain[0] == FRAME_ROWS
	    ? read_rows(r, content, entry, entries, err)
	    : read_row(r, content, entry, err);
}

static bool
read_file(struct roll *r, uint64_t entries, uint64_t *ret_bytes,
    struct err *err)
{
	struct buf b = buf_of(FILE_MAX_BYTES);
	bool is_end = false;
	bool ok = file_read(r->files, r->path, &b, err);
	if (ok && (b.n < sizeof(magic) ||
		      memcmp(b.p, magic, sizeof(magic)) != 0))
		ok = ERR(err, ERR_CORRUPT, "the authority file is malformed");
	r->end = sizeof(magic);
	while (ok && !is_end)
		ok = read_frame(r, (struct slice){b.p, b.n}, entries,
		    &is_end, err);
	*ret_bytes = b.n;
	buf_close(&b);
	return ok;
}

/* Only what stands or waits. The old file goes on being used if it fails. */
static bool
compact(struct roll *r, struct err *err)
{
	static const uint8_t end[FRAME_HEAD_BYTES];
	char fresh[FILE_PATH_MAX], dir[FILE_PATH_MAX];
	struct roll_node *n;
	int old_fd = r->fd;
	if (!file_join(fresh, r->path, "", err))
		return false;
	size_t at_end = strlen(fresh) - 1; /* the slash */
	if (at_end + sizeof(".new") > sizeof(fresh))
		return ERR(err, ERR_INPUT, "a path is too long");
	memcpy(fresh + at_end, ".new", sizeof(".new"));
	r->fd = file_open(r->files, fresh, FILE_NEW, err);
	if (r->fd < 0) {
		r->fd = old_fd;
		return false;
	}
	uint64_t bytes;
	r->end = sizeof(magic);
	r->frames = 0;
	bool ok = file_write_at(r->files, r->fd, magic, sizeof(magic), 0, err);
	for (size_t at = 0; ok && (n = table_next(r->nodes, &at)) != NULL;) {
		struct roll_row *rows[] = {n->now, n->pending};
		for (size_t i = 0; ok && i < 2; i++) {
			if (rows[i] == NULL)
				continue;
			ok = write_frame(r, FRAME_ROW, rows[i]->entry,
			    encode(r, &rows[i]->row), &bytes, err);
			r->end += bytes;
			if (ok && rows[i]->is_acked) {
				ok = write_frame(r, FRAME_ACK, rows[i]->entry,
				    SLICE_NONE, &bytes, err);
				r->end += bytes;
			}
			r->frames += 2;
		}
	}
	file_parent(r->path, dir);
	ok = ok &&
	    file_write_at(r->files, r->fd, end, sizeof(end), r->end, err) &&
	    file_sync(r->files, r->fd, err) &&
	    file_rename(r->files, fresh, r->path, err) &&
	    file_sync_dir(r->files, dir, err);
	file_close(r->files, old_fd);
	return ok;
}

struct roll *
roll_open(struct files *files, const char *dir, const struct keys *keys,
    uint64_t entries, struct err *err)
{
	uint8_t key[KEY_BYTES];
	uint64_t bytes = 0;
	struct roll *r = mem_alloc(1, sizeof(*r));
	if (r == NULL) {
		(void)ERR(err, ERR_LIMIT, "no memory for authority rows");
		return NULL;
	}
	r->files = files;
	r->fd = -1;
	r->row = buf_of(AUTHORITY_ROW_MAX_BYTES);
	r->aead = aead_open();
	r->nodes = table_open();
	r->by_entry = table_open();
	r->grants = table_open();
	r->permits = table_open();
	keys_derive(keys, "authority row", key);
	r->row_mac = mac_open(key, sizeof(key));
	keys_derive(keys, "authority set", key);
	r->set_mac = mac_open(key, sizeof(key));
	mem_wipe(key, sizeof(key));
	keys_derive(keys, "authority file", r->file_key);
	bool ok = r->aead != NULL && r->nodes != NULL && r->by_entry != NULL &&
	    r->grants != NULL && r->permits != NULL && r->row_mac != NULL &&
	    r->set_mac != NULL;
	if (!ok)
		(void)ERR(err, ERR_LIMIT, "no memory for authority rows");
	ok = ok && file_join(r->path, dir, "authority", err) &&
	    read_file(r, entries, &bytes, err);
	if (ok) {
		r->fd = file_open(files, r->path, FILE_WRITE, err);
		ok = r->fd >= 0;
	}
	/* Bytes past the end are what was dropped: nothing may hide there. */
	if (ok && (r->frames > DEAD_FRAMES_MAX + 4 * r->count ||
		      bytes > r->end + FRAME_HEAD_BYTES))
		ok = compact(r, err);
	if (ok)
		return r;
	roll_close(r);
	return NULL;
}

void
roll_close(struct roll *r)
{
	struct roll_node *n;
	if (r == NULL)
		return;
	for (size_t at = 0;
	     r->nodes != NULL && (n = table_next(r->nodes, &at)) != NULL;) {
		mem_free(n->now);
		mem_free(n->pending);
		mem_free(n);
	}
	table_close(r->nodes);
	table_close(r->by_entry);
	table_close(r->grants);
	table_close(r->permits);
	mac_close(r->row_mac);
	mac_close(r->set_mac);
	aead_close(r->aead);
	buf_close(&r->row);
	for (size_t i = 0; i < r->n_staged; i++)
		mem_free(r->staged[i]);
	file_close(r->files, r->fd);
	mem_wipe(r, sizeof(*r));
	mem_free(r);
}

void
roll_digest(const struct roll *r, uint8_t ret[HASH_BYTES])
{
	memcpy(ret, r->digest, HASH_BYTES);
}

uint64_t
roll_count(const struct roll *r)
{
	return r->count;
}

/* The set after the row, on top of what *set holds. */
static void
count_row(struct roll *r, const struct roll_row *n, struct roll_set *set)
{
	const struct authority_head *h = &n->row.head;
	const struct roll_node *node = roll_node(r, h->kind, h->body, h->id);
	count_in(r, n, false, set->digest, &set->count);
	if (node == NULL)
		return;
	count_in(r, node->pending, true, set->digest, &set->count);
	if ((h->flags & AUTHORITY_PENDING) == 0)
		count_in(r, node->now, true, set->digest, &set->count);
}

/* Their frame is written: makes it durable, and the rows ready. */
static bool
stage(struct roll *r, const struct authority_row *rows, size_t n,
    uint64_t entry, struct roll_set *ret, struct err *err)
{
	struct roll_set set = {.count = r->count};
	if (!file_sync(r->files, r->fd, err))
		abort();
	roll_digest(r, set.digest);
	for (size_t i = 0; i < n; i++) {
		struct roll_row *row = mem_alloc(1, sizeof(*row));
		if (row == NULL) {
			roll_reject(r);
			return ERR(err, ERR_LIMIT,
			    "no memory for authority rows");
		}
		row->row = rows[i];
		row->entry = entry + i;
		mac_row(r->row_mac, encode(r, &rows[i]), row->entry, row->mac);
		r->staged[r->n_staged++] = row;
		count_row(r, row, &set);
		ret[i] = set;
	}
	return true;
}

bool
roll_stage(struct roll *r, const struct authority_row *row, uint64_t entry,
    uint8_t ret_digest[HASH_BYTES], uint64_t *ret_count, struct err *err)
{
	struct roll_set set;
	must(r->n_staged == 0);
	if (!write_frame(r, FRAME_ROW, entry, encode(r, row), &r->staged_bytes,
		err) ||
	    !stage(r, row, 1, entry, &set, err))
		return false;
	memcpy(ret_digest, set.digest, HASH_BYTES);
	*ret_count = set.count;
	return true;
}

bool
roll_stage_all(struct roll *r, const struct authority_row *rows, size_t n,
    uint64_t entry, struct roll_set *ret, struct err *err)
{
	uint8_t *p = r->plain + PLAIN_HEAD_BYTES;
	must(r->n_staged == 0 && n > 0 && n <= CHANGE_ROWS_MAX);
	for (size_t i = 0; i < n; i++) {
		struct slice text = encode(r, &rows[i]);
		num_put_be16(p, (uint16_t)text.n);
		memcpy(p + 2, text.p, text.n);
		p += 2 + text.n;
	}
	return write_plain(r, FRAME_ROWS, entry,
		   (size_t)(p - r->plain) - PLAIN_HEAD_BYTES,
		   &r->staged_bytes, err) &&
	    stage(r, rows, n, entry, ret, err);
}

/* The entries are added: what cannot be kept now ends the process. */
const struct roll_row *const *
roll_accept_all(struct roll *r)
{
	must(r->n_staged > 0);
	r->end += r->staged_bytes;
	r->frames++;
	for (size_t i = 0; i < r->n_staged; i++)
		must(apply(r, r->staged[i]));
	r->n_staged = 0;
	return (const struct roll_row *const *)r->staged;
}

const struct roll_row *
roll_accept(struct roll *r)
{
	return *roll_accept_all(r);
}

void
roll_reject(struct roll *r)
{
	static const uint8_t zero[FRAME_HEAD_BYTES];
	struct err err;
	for (size_t i = 0; i < r->n_staged; i++)
		mem_free(r->staged[i]);
	r->n_staged = 0;
	if (!file_write_at(r->files, r->fd, zero, sizeof(zero), r->end,
		&err) ||
	    !file_sync(r->files, r->fd, &err))
		abort();
}

enum answer
roll_compare(struct roll *r, const struct authority_stored *s)
{
	struct authority_row row;
	uint8_t mac[HASH_BYTES];
	mac_row(r->row_mac, s->row, s->entry, mac);
	if (!hash_is_equal(mac, s->mac, sizeof(mac)) ||
	    !authority_row_read(s->row, &row))
		return ANSWER_FORGED;
	const struct roll_node *n = roll_node(r, row.head.kind, row.head.body,
	    row.head.id);
	struct roll_row *newest = n == NULL ? NULL
	    : n->pending != NULL            ? n->pending
					    : n->now;
	if (newest == NULL || s->entry > newest->entry) {
		r->is_behind = true;
		return ANSWER_STALE;
	}
	if (s->entry < newest->entry)
		return ANSWER_STALE;
	newest->is_loaded = true;
	return ANSWER_OK;
}

bool
roll_is_behind(const struct roll *r)
{
	return r->is_behind;
}

static struct roll_row *
newest_of(const struct roll_node *n)
{
	return n->pending != NULL ? n->pending : n->now;
}

bool
roll_is_incomplete(const struct roll *r)
{
	const struct roll_node *n;
	for (size_t at = 0; (n = table_next(r->nodes, &at)) != NULL;)
		if (newest_of(n)->is_acked && !newest_of(n)->is_loaded)
			return true;
	return false;
}

const struct roll_row *
roll_next_unstored(const struct roll *r, size_t *at)
{
	const struct roll_node *n;
	while ((n = table_next(r->nodes, at)) != NULL)
		if (!newest_of(n)->is_acked && !newest_of(n)->is_loaded)
			return newest_of(n);
	return NULL;
}

static void
acknowledge(struct roll *r, struct roll_row *row)
{
	uint64_t bytes;
	struct err err;
	if (row->is_acked)
		return;
	row->is_acked = true;
	/* Without it the row is shown once more: no harm. */
	if (write_frame(r, FRAME_ACK, row->entry, SLICE_NONE, &bytes, &err)) {
		r->end += bytes;
		r->frames++;
	}
}

void
roll_ack(struct roll *r, uint64_t entry)
{
	struct roll_row *row = table_find(r->by_entry,
	    entry_key(entry));
	if (row != NULL)
		acknowledge(r, row);
}

void
roll_ack_loaded(struct roll *r)
{
	struct roll_node *n;
	for (size_t at = 0; (n = table_next(r->nodes, &at)) != NULL;)
		if (newest_of(n)->is_loaded)
			acknowledge(r, newest_of(n));
}
