#include "keeper/keys.h"

#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/num.h"
#include "crypto/aead.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "keeper/table.h"

enum {
	ITEM_AD_BYTES = 1 + 8 + 8,
	ITEM_BYTES = ITEM_AD_BYTES + KEY_BYTES + AEAD_OVERHEAD,
	HEAD_BYTES = 8 + 4,
	ITEMS_MAX = 1 << 20,
	FILE_MAX_BYTES = HEAD_BYTES + ITEMS_MAX * ITEM_BYTES + HASH_BYTES,
	CHUNK_KEYS = 256 /* in one piece of locked memory */
};

static const char magic[8] = {'F', 'K', 'K', 'E', 'Y', 'S', '1', '\n'};

enum kind {
	KIND_ROOT = 1,
	KIND_LOG_SEED,
	KIND_BODY,
	KIND_HOLDING, /* id: the holding */
	KIND_EPOCH,   /* id: retention << 16 | month */
	KINDS_END
};

struct item {
	enum kind kind;
	uint64_t body, id;
	uint8_t stored[ITEM_BYTES]; /* as in the file */
	uint8_t *key;
	struct holding_keys holding;
	struct mac *epoch;
};

struct chunk {
	struct chunk *next;
	uint8_t (*keys)[KEY_BYTES];
	unsigned used;
};

struct keys {
	struct files *files;
	char path[FILE_PATH_MAX];
	struct aead *aead;
	struct table *items;
	struct chunk *chunks;
	const uint8_t *root;
	const uint8_t *log_seed;
	struct buf file;
};

static struct table_key
key_of(enum kind kind, uint64_t body, uint64_t id)
{
	return (struct table_key){kind, body, id};
}

static struct item *
find(const struct keys *k, enum kind kind, uint64_t body, uint64_t id)
{
	return table_find(k->items, key_of(kind, body, id));
}

static uint8_t *
take_room(struct keys *k, struct err *err)
{
	struct chunk *c = k->chunks;
	if (c == NULL || c->used == CHUNK_KEYS) {
		c = mem_alloc(1, sizeof(*c));
		if (c == NULL) {
			(void)ERR(err, ERR_LIMIT, "no memory for keys");
			return NULL;
		}
		c->keys = secret_open((size_t)CHUNK_KEYS * KEY_BYTES, err);
		if (c->keys == NULL) {
			mem_free(c);
			return NULL;
		}
		c->next = k->chunks;
		k->chunks = c;
	}
	return c->keys[c->used++];
}

static void
item_close(struct item *i)
{
	if (i == NULL)
		return;
	mac_close(i->holding.wrap);
	mac_close(i->holding.token);
	mac_close(i->epoch);
	mem_wipe(i->key, i->key == NULL ? 0 : KEY_BYTES);
	mem_wipe(i, sizeof(*i));
	mem_free(i);
}

static void
derive(const uint8_t key[KEY_BYTES], const char *use, uint8_t ret[KEY_BYTES])
{
	struct buf info = buf_of(128);
	buf_add_str(&info, "fumikura keeper ");
	buf_add_str(&info, use);
	struct slice s;
	must(buf_finish(&info, &s, NULL));
	kdf_expand(key, s, ret, KEY_BYTES);
	buf_close(&info);
}

static struct mac *
derive_mac(const uint8_t key[KEY_BYTES], const char *use)
{
	uint8_t sub[KEY_BYTES];
	derive(key, use, sub);
	struct mac *m = mac_open(sub, sizeof(sub));
	mem_wipe(sub, sizeof(sub));
	return m;
}

/* What is computed from the clear key. */
static bool
prepare(struct item *i, struct err *err)
{
	if (i->kind == KIND_HOLDING) {
		i->holding.wrap = derive_mac(i->key, "wrap");
		i->holding.token = derive_mac(i->key, "token");
		if (i->holding.wrap == NULL || i->holding.token == NULL)
			return ERR(err, ERR_LIMIT, "no memory for keys");
	} else if (i->kind == KIND_EPOCH) {
		i->epoch = mac_open(i->key, KEY_BYTES);
		if (i->epoch == NULL)
			return ERR(err, ERR_LIMIT, "no memory for keys");
	}
	return true;
}

/* The key above; root's is the master key. */
static const uint8_t *
parent(const struct keys *k, enum kind kind, uint64_t body,
    const uint8_t *master)
{
	if (kind == KIND_ROOT)
		return master;
	if (kind == KIND_LOG_SEED || kind == KIND_BODY || body == 0)
		return k->root;
	struct item *above = find(k, KIND_BODY, body, 0);
	return above == NULL ? NULL : above->key;
}

static bool
keep(struct keys *k, struct item *i, struct err *err)
{
	if (!prepare(i, err))
		return false;
	if (!table_put(k->items, key_of(i->kind, i->body, i->id), i))
		return ERR(err, ERR_LIMIT, "no memory for keys");
	if (i->kind == KIND_ROOT)
		k->root = i->key;
	if (i->kind == KIND_LOG_SEED)
		k->log_seed = i->key;
	return true;
}

/* A new random key, in memory only. */
static struct item *
make(struct keys *k, enum kind kind, uint64_t body, uint64_t id,
    const uint8_t *above, struct err *err)
{
	struct item *i = mem_alloc(1, sizeof(*i));
	if (i == NULL) {
		(void)ERR(err, ERR_LIMIT, "no memory for keys");
		return NULL;
	}
	i->kind = kind;
	i->body = body;
	i->id = id;
	i->key = take_room(k, err);
	if (i->key == NULL) {
		item_close(i);
		return NULL;
	}
	random_fill(i->key, KEY_BYTES);
	i->stored[0] = (uint8_t)kind;
	num_put_be64(i->stored + 1, body);
	num_put_be64(i->stored + 9, id);
	aead_seal(k->aead, above, slice_bytes(i->stored, ITEM_AD_BYTES),
	    slice_bytes(i->key, KEY_BYTES), i->stored + ITEM_AD_BYTES);
	if (!keep(k, i, err)) {
		(void)table_remove(k->items, key_of(kind, body, id));
		item_close(i);
		return NULL;
	}
	return i;
}

static bool
file_mac(const struct keys *k, struct slice s, uint8_t ret[HASH_BYTES],
    struct err *err)
{
	struct mac *m = derive_mac(k->root, "key file");
	if (m == NULL)
		return ERR(err, ERR_LIMIT, "no memory for keys");
	mac_parts(m, &s, 1, ret);
	mac_close(m);
	return true;
}

/* Parents before children: kinds in order. *ret lives in k->file. */
static bool
compose_file(struct keys *k, struct slice *ret, struct err *err)
{
	struct slice s;
	buf_reset(&k->file);
	buf_add_bytes(&k->file, magic, sizeof(magic));
	buf_add_u32(&k->file, (uint32_t)table_count(k->items));
	for (enum kind kind = KIND_ROOT; kind < KINDS_END; kind++) {
		struct item *i;
		for (size_t at = 0;
		     (i = table_next(k->items, &at)) != NULL;)
			if (i->kind == kind)
				buf_add_bytes(&k->file, i->stored,
				    sizeof(i->stored));
	}
	uint8_t mac[HASH_BYTES];
	if (!buf_finish(&k->file, &s, err) || !file_mac(k, s, mac, err))
		return false;
	buf_add_bytes(&k->file, mac, sizeof(mac));
	return buf_finish(&k->file, ret, err);
}

static bool
write_file(struct keys *k, struct err *err)
{
	struct slice s;
	return compose_file(k, &s, err) &&
	    file_replace(k->files, k->path, s, err);
}

static bool
read_item(struct keys *k, const uint8_t *p, const uint8_t *master,
    struct err *err)
{
	struct item *i = mem_alloc(1, sizeof(*i));
	if (i == NULL)
		return ERR(err, ERR_LIMIT, "no memory for keys");
	memcpy(i->stored, p, ITEM_BYTES);
	i->kind = p[0];
	i->body = num_be64(p + 1);
	i->id = num_be64(p + 9);
	const uint8_t *above = i->kind != KIND_ROOT && k->root == NULL
	    ? NULL
	    : parent(k, i->kind, i->body, master);
	bool ok = i->kind >= KIND_ROOT && i->kind < KINDS_END &&
	    above != NULL && find(k, i->kind, i->body, i->id) == NULL;
	if (!ok) {
		(void)ERR(err, ERR_CORRUPT, "the key file is out of order");
	} else {
		i->key = take_room(k, err);
		ok = i->key != NULL &&
		    aead_unseal(k->aead, above,
			slice_bytes(i->stored, ITEM_AD_BYTES),
			slice_bytes(i->stored + ITEM_AD_BYTES,
			    KEY_BYTES + AEAD_OVERHEAD),
			i->key, err) &&
		    keep(k, i, err);
	}
	if (!ok)
		item_close(i);
	return ok;
}

static bool
read_file(struct keys *k, const uint8_t *master, struct err *err)
{
	if (!file_read(k->files, k->path, &k->file, err))
		return false;
	const uint8_t *p = (const uint8_t *)k->file.p;
	size_t n = k->file.n;
	uint8_t mac[HASH_BYTES];
	if (n < HEAD_BYTES + ITEM_BYTES + HASH_BYTES ||
	    memcmp(p, magic, sizeof(magic)) != 0 ||
	    num_be32(p + 8) > ITEMS_MAX ||
	    n != HEAD_BYTES + (size_t)num_be32(p + 8) * ITEM_BYTES +
		    HASH_BYTES)
		return ERR(err, ERR_CORRUPT, "the key file is malformed");
	if (!read_item(k, p + HEAD_BYTES, master, err))
		return err != NULL && err->code == ERR_CORRUPT
		    ? ERR(err, ERR_DENIED,
			  "the master key does not open the key file")
		    : false;
	if (k->root == NULL || !file_mac(k, slice_bytes(p, n - HASH_BYTES),
				   mac, err))
		return ERR(err, ERR_CORRUPT, "the key file is malformed");
	if (!hash_is_equal(mac, p + n - HASH_BYTES, HASH_BYTES))
		return ERR(err, ERR_CORRUPT, "the key file was changed");
	for (size_t at = HEAD_BYTES + ITEM_BYTES; at < n - HASH_BYTES;
	     at += ITEM_BYTES)
		if (!read_item(k, p + at, master, err))
			return false;
	if (k->log_seed == NULL)
		return ERR(err, ERR_CORRUPT,
		    "the key file lacks the log's key");
	return true;
}

static struct keys *
start(struct files *files, const char *dir, struct err *err)
{
	struct keys *k = mem_alloc(1, sizeof(*k));
	if (k == NULL) {
		(void)ERR(err, ERR_LIMIT, "no memory for keys");
		return NULL;
	}
	k->files = files;
	k->file = buf_of(FILE_MAX_BYTES);
	k->aead = aead_open();
	k->items = table_open();
	if (k->aead == NULL || k->items == NULL) {
		(void)ERR(err, ERR_LIMIT, "no memory for keys");
	} else if (file_join(k->path, dir, "keys", err)) {
		return k;
	}
	keys_close(k);
	return NULL;
}

bool
keys_create(struct files *files, const char *dir,
    const uint8_t master[KEY_BYTES], struct err *err)
{
	struct keys *k = start(files, dir, err);
	if (k == NULL)
		return false;
	bool ok = make(k, KIND_ROOT, 0, 0, master, err) != NULL &&
	    make(k, KIND_LOG_SEED, 0, 0, k->root, err) != NULL &&
	    write_file(k, err);
	keys_close(k);
	return ok;
}

struct keys *
keys_open(struct files *files, const char *dir,
    const uint8_t master[KEY_BYTES], struct err *err)
{
	struct keys *k = start(files, dir, err);
	if (k != NULL && !read_file(k, master, err)) {
		keys_close(k);
		k = NULL;
	}
	return k;
}

void
keys_close(struct keys *k)
{
	if (k == NULL)
		return;
	if (k->items != NULL) {
		struct item *i;
		for (size_t at = 0; (i = table_next(k->items, &at)) != NULL;)
			item_close(i);
	}
	table_close(k->items);
	while (k->chunks != NULL) {
		struct chunk *c = k->chunks;
		k->chunks = c->next;
		secret_close(c->keys);
		mem_free(c);
	}
	aead_close(k->aead);
	buf_close(&k->file);
	mem_free(k);
}

void
keys_derive(const struct keys *k, const char *use, uint8_t ret[KEY_BYTES])
{
	derive(k->root, use, ret);
}

const uint8_t *
keys_log_seed(const struct keys *k)
{
	return k->log_seed;
}

bool
keys_has_body(const struct keys *k, uint64_t body)
{
	return find(k, KIND_BODY, body, 0) != NULL;
}

/* On a failure to write, the key is taken back: it was never used. */
static struct item *
add(struct keys *k, enum kind kind, uint64_t body, uint64_t id,
    struct err *err)
{
	struct item *i = find(k, kind, body, id);
	if (i != NULL)
		return i;
	if (table_count(k->items) >= ITEMS_MAX) {
		(void)ERR(err, ERR_LIMIT, "more than %d keys", ITEMS_MAX);
		return NULL;
	}
	const uint8_t *above = parent(k, kind, body, NULL);
	if (above == NULL) {
		(void)ERR(err, ERR_NOT_FOUND, "there is no such body");
		return NULL;
	}
	i = make(k, kind, body, id, above, err);
	if (i == NULL || write_file(k, err))
		return i;
	(void)table_remove(k->items, key_of(kind, body, id));
	item_close(i);
	return NULL;
}

bool
keys_make_body(struct keys *k, uint64_t body, struct err *err)
{
	must(body != 0);
	return add(k, KIND_BODY, body, 0, err) != NULL;
}

bool
keys_make_holding(struct keys *k, uint64_t body, uint64_t holding,
    struct err *err)
{
	must(body != 0);
	return add(k, KIND_HOLDING, body, holding, err) != NULL;
}

const struct holding_keys *
keys_holding(const struct keys *k, uint64_t body, uint64_t holding)
{
	struct item *i = find(k, KIND_HOLDING, body, holding);
	return i == NULL ? NULL : &i->holding;
}

static uint64_t
epoch_id(uint8_t retention, uint16_t month)
{
	return (uint64_t)retention << 16 | month;
}

/* Those that are missing from month to last; all of them, or none. */
static bool
make_epochs(struct keys *k, uint64_t body, uint8_t retention, uint16_t month,
    uint16_t last, struct err *err)
{
	struct item *made[KEYS_MONTHS_AHEAD + 1];
	size_t n = 0;
	const uint8_t *above = parent(k, KIND_EPOCH, body, NULL);
	bool ok = above != NULL ||
	    ERR(err, ERR_NOT_FOUND, "there is no such body");
	if (table_count(k->items) + KEYS_MONTHS_AHEAD >= ITEMS_MAX)
		ok = ERR(err, ERR_LIMIT, "more than %d keys", ITEMS_MAX);
	for (uint16_t m = month; ok && m <= last; m++) {
		uint64_t id = epoch_id(retention, m);
		if (find(k, KIND_EPOCH, body, id) != NULL)
			continue;
		made[n] = make(k, KIND_EPOCH, body, id, above, err);
		ok = made[n] != NULL;
		n += ok;
	}
	ok = ok && write_file(k, err);
	while (!ok && n > 0) {
		struct item *i = made[--n];
		(void)table_remove(k->items, key_of(i->kind, i->body, i->id));
		item_close(i);
	}
	return ok;
}

const struct mac *
keys_epoch(struct keys *k, uint64_t body, uint8_t retention, uint16_t month,
    bool is_reading, struct err *err)
{
	struct item *i = find(k, KIND_EPOCH, body, epoch_id(retention, month));
	if (is_reading) {
		if (i == NULL)
			(void)ERR(err, ERR_NOT_FOUND,
			    "the key of this month is gone");
		return i == NULL ? NULL : i->epoch;
	}
	struct err why = ERR_INIT;
	uint16_t last = (uint16_t)(month + KEYS_MONTHS_AHEAD);
	if (find(k, KIND_EPOCH, body, epoch_id(retention, last)) == NULL &&
	    make_epochs(k, body, retention, month, last, &why))
		i = find(k, KIND_EPOCH, body, epoch_id(retention, month));
	/* the months ahead can wait for space */
	if (i == NULL && err != NULL)
		*err = why;
	return i == NULL ? NULL : i->epoch;
}

/* Zeros over a file that no name leads to any more. */
static bool
overwrite(struct files *files, int fd, uint64_t size,
    struct err *err)
{
	static const uint8_t zeros[4096];
	for (uint64_t at = 0; at < size; at += sizeof(zeros)) {
		size_t n = size - at < sizeof(zeros) ? (size_t)(size - at)
						     : sizeof(zeros);
		if (!file_write_at(files, fd, zeros, n, at, err))
			return false;
	}
	return file_sync(files, fd, err);
}

bool
keys_forget_epoch(struct keys *k, uint64_t body, uint8_t retention,
    uint16_t month, struct err *err)
{
	uint64_t id = epoch_id(retention, month), size = 0;
	struct item *i = find(k, KIND_EPOCH, body, id);
	if (i == NULL)
		return ERR(err, ERR_NOT_FOUND, "there is no such key");
	int fd = file_open(k->files, k->path, FILE_WRITE, err);
	if (fd < 0)
		return false;
	(void)table_remove(k->items, key_of(KIND_EPOCH, body, id));
	bool ok = file_size(k->files, fd, &size, err) && write_file(k, err);
	if (ok) {
		item_close(i);
		ok = overwrite(k->files, fd, size, err);
	} else {
		must(table_put(k->items, key_of(KIND_EPOCH, body, id), i));
	}
	file_close(k->files, fd);
	return ok;
}

bool
keys_reseal(struct keys *k, const uint8_t master[KEY_BYTES], struct err *err)
{
	struct item *root = find(k, KIND_ROOT, 0, 0);
	uint8_t was[ITEM_BYTES], hash[HASH_BYTES];
	char dir[FILE_PATH_MAX], path[FILE_PATH_MAX];
	struct slice s;
	uint64_t size = 0;
	file_parent(k->path, dir);
	if (!file_join(path, dir, "rotation", err))
		return false;
	int fd = file_open(k->files, k->path, FILE_WRITE, err);
	if (fd < 0)
		return false;
	memcpy(was, root->stored, sizeof(was));
	aead_seal(k->aead, master, slice_bytes(root->stored, ITEM_AD_BYTES),
	    slice_bytes(root->key, KEY_BYTES), root->stored + ITEM_AD_BYTES);
	bool ok = file_size(k->files, fd, &size, err) &&
	    compose_file(k, &s, err);
	if (ok) {
		hash_bytes(s.p, s.n, hash);
		ok = file_replace(k->files, path,
			 slice_bytes(hash, sizeof(hash)), err) &&
		    file_replace(k->files, k->path, s, err);
	}
	if (ok)
		ok = overwrite(k->files, fd, size, err);
	else
		memcpy(root->stored, was, sizeof(was));
	file_close(k->files, fd);
	return ok;
}
