#include "keeper/entry.h"

#include <string.h>

#include "base/calendar.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/num.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/random.h"

enum { RANDOM_BYTES = ENTRY_SALT_BYTES + AEAD_NONCE_BYTES, POOL = 64 };

struct entry_writer {
	struct keys *keys;
	struct logs *logs;
	struct aead *aead;
	/* the text's day, written once a day */
	int64_t day;
	char date[16]; /* "2026-10-02T" */
	uint16_t month;
	/* the key of the last entry's epoch */
	uint64_t body;
	uint8_t retention;
	uint16_t key_month;
	const struct mac *epoch;
	/* salts and nonces, fetched from the kernel in one call */
	uint8_t pool[POOL][RANDOM_BYTES];
	unsigned pool_used;
	/* salt, then the text; what is read again */
	uint8_t plain[ENTRY_SALT_BYTES + MESSAGE_ENTRY_MAX_BYTES];
	uint8_t sealed[ENTRY_OVERHEAD + MESSAGE_ENTRY_MAX_BYTES];
	uint8_t shown[ENTRY_SALT_BYTES + MESSAGE_ENTRY_MAX_BYTES];
};

struct entry_writer *
entry_writer_open(struct keys *keys, struct logs *logs)
{
	struct entry_writer *w = mem_alloc(1, sizeof(*w));
	if (w == NULL)
		return NULL;
	w->keys = keys;
	w->logs = logs;
	w->day = INT64_MIN;
	w->pool_used = POOL;
	w->aead = aead_open();
	if (w->aead != NULL)
		return w;
	entry_writer_close(w);
	return NULL;
}

void
entry_writer_close(struct entry_writer *w)
{
	if (w == NULL)
		return;
	aead_close(w->aead);
	mem_wipe(w, sizeof(*w));
	mem_free(w);
}

/*
 * The pen writes into a fixed place and remembers when it was too small.
 */
struct pen {
	char *p;
	char *end;
	bool is_full;
};

static void
put(struct pen *pen, const char *p, size_t n)
{
	if (n > (size_t)(pen->end - pen->p)) {
		pen->is_full = true;
		return;
	}
	if (n > 0)
		memcpy(pen->p, p, n);
	pen->p += n;
}

static void
put_text(struct pen *pen, const char *text)
{
	put(pen, text, strlen(text));
}

static void
put_bytes_hex(struct pen *pen, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	if (n * 2 > (size_t)(pen->end - pen->p)) {
		pen->is_full = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		*pen->p++ = digits[p[i] >> 4];
		*pen->p++ = digits[p[i] & 15];
	}
}

static void
put_hex(struct pen *pen, uint64_t v)
{
	uint8_t b[8];
	num_put_be64(b, v);
	put_bytes_hex(pen, b, sizeof(b));
}

static void
put_number(struct pen *pen, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);
	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	put(pen, digits + at, sizeof(digits) - at);
}

/* Keys are put in ascending order, so the first one alone has no comma. */
static void
key(struct pen *pen, const char *name)
{
	put(pen, pen->p[-1] == '{' ? "\"" : ",\"",
	    pen->p[-1] == '{' ? 1 : 2);
	put_text(pen, name);
	put(pen, "\":", 2);
}

static void
id(struct pen *pen, const char *name, uint64_t v)
{
	if (v == 0)
		return;
	key(pen, name);
	put(pen, "\"", 1);
	put_hex(pen, v);
	put(pen, "\"", 1);
}

static void
number(struct pen *pen, const char *name, uint64_t v)
{
	if (v == 0)
		return;
	key(pen, name);
	put_number(pen, v);
}

static void
truth(struct pen *pen, const char *name, bool v)
{
	key(pen, name);
	put_text(pen, v ? "true" : "false");
}

/* Words of ours or of a checked alphabet: nothing to escape. */
static void
word(struct pen *pen, const char *name, struct slice v)
{
	if (v.n == 0)
		return;
	key(pen, name);
	put(pen, "\"", 1);
	put(pen, v.p, v.n);
	put(pen, "\"", 1);
}

static void
hex(struct pen *pen, const char *name, const uint8_t *p, size_t n)
{
	if (p == NULL || n == 0)
		return;
	key(pen, name);
	put(pen, "\"", 1);
	put_bytes_hex(pen, p, n);
	put(pen, "\"", 1);
}

static void
ids(struct pen *pen, const char *name, const uint64_t *v, size_t n,
    size_t stride)
{
	if (n == 0)
		return;
	key(pen, name);
	for (size_t i = 0; i < n; i++) {
		const void *at = (const char *)v + i * stride;
		put(pen, i == 0 ? "[\"" : ",\"", 2);
		put_hex(pen, *(const uint64_t *)at);
		put(pen, "\"", 1);
	}
	put(pen, "]", 1);
}

static void
set_day(struct entry_writer *w, instant at)
{
	int64_t day = at / DAY_US;
	if (day == w->day)
		return;
	struct date d = date_of_number((int32_t)day);
	struct buf b = buf_of(64);
	buf_add_printf(&b, "%04d-%02u-%02uT", d.year, d.month, d.day);
	must(!b.failed && b.n == 11);
	memcpy(w->date, b.p, b.n);
	buf_close(&b);
	w->month = (uint16_t)((d.year - 1970) * 12 + d.month - 1);
	w->day = day;
}

uint16_t
entry_month(instant at)
{
	struct date d = date_of_number((int32_t)(at / DAY_US));
	return (uint16_t)((d.year - 1970) * 12 + d.month - 1);
}

static void
moment(struct entry_writer *w, struct pen *pen, instant at)
{
	char t[17] = "00:00:00.000000Z";
	uint64_t us = (uint64_t)(at % DAY_US);
	uint64_t s = us / SECOND_US, f = us % SECOND_US;
	unsigned parts[] = {(unsigned)(s / 3600), (unsigned)(s / 60 % 60),
	    (unsigned)(s % 60)};
	for (size_t i = 0; i < 3; i++) {
		t[i * 3] = (char)('0' + parts[i] / 10);
		t[i * 3 + 1] = (char)('0' + parts[i] % 10);
	}
	for (size_t i = 14; i >= 9; i--, f /= 10)
		t[i] = (char)('0' + f % 10);
	key(pen, "at");
	put(pen, "\"", 1);
	put(pen, w->date, 11);
	put(pen, t, 16);
	put(pen, "\"", 1);
}

static unsigned
level(const struct session *s)
{
	return s->stepped_at != 0 ? 2 : 1;
}

/* The whole text, every key in its place. */
static void
compose(struct entry_writer *w, struct pen *pen, const struct entry *e)
{
	const struct session *s = e->session;
	const struct message_intent *in = e->intent;
	put(pen, "{", 1);
	id(pen, "account", s != NULL ? s->account : e->account);
	if (in != NULL)
		word(pen, "act", slice_of(act_name(in->act)));
	moment(w, pen, e->at);
	number(pen, "beyond", e->beyond);
	id(pen, "body", e->body);
	number(pen, "bytes", e->bytes);
	id(pen, "capacity", in != NULL ? in->capacity : e->capacity);
	word(pen, "case", in != NULL ? in->reference : e->reference);
	number(pen, "count", e->count);
	if (e->detail.n > 0) {
		key(pen, "detail");
		put(pen, e->detail.p, e->detail.n);
	}
	id(pen, "grant", e->grant);
	word(pen, "ground", e->ground);
	if (in != NULL)
		id(pen, "holding", in->holding);
	word(pen, "kind", slice_of(e->kind));
	if (s != NULL)
		number(pen, "level", level(s));
	if (e->is_maintenance)
		truth(pen, "maintenance", true);
	number(pen, "month", e->month);
	id(pen, "of", e->of);
	id(pen, "outbox", e->outbox);
	if (e->has_over)
		truth(pen, "over", e->is_over);
	if (e->is_pending)
		truth(pen, "pending", true);
	id(pen, "permit", e->permit);
	if (s != NULL)
		id(pen, "person", s->person);
	if (in != NULL)
		word(pen, "purpose", in->purpose);
	word(pen, "reason", e->reason);
	ids(pen, "records", e->records, e->n_records, e->records_stride);
	id(pen, "release", e->release);
	hex(pen, "row", (const uint8_t *)e->row.p, e->row.n);
	id(pen, "row_id", e->row_id);
	number(pen, "row_version", e->row_version);
	if (s != NULL)
		hex(pen, "session", s->tag, sizeof(s->tag));
	hex(pen, "set", e->set, HASH_BYTES);
	if (e->set != NULL) {
		key(pen, "set_count");
		put_number(pen, e->set_count);
	}
	number(pen, "shown", e->shown);
	ids(pen, "slots", e->slots, e->n_slots, sizeof(uint64_t));
	id(pen, "source", e->source);
	number(pen, "step", e->step);
	ids(pen, "subjects", e->subjects, e->n_subjects, sizeof(uint64_t));
	if (s != NULL)
		id(pen, "terminal", s->terminal);
	number(pen, "v", 1);
	word(pen, "verb", e->verb);
	put(pen, "}", 1);
}

static void
entry_key(const struct mac *epoch, uint64_t index, uint8_t ret[32])
{
	uint8_t info[5 + 8 + 1] = {'e', 'n', 't', 'r', 'y'};
	num_put_be64(info + 5, index);
	info[13] = 1;
	struct slice part = slice_bytes(info, sizeof(info));
	mac_parts(epoch, &part, 1, ret);
}

/* The open part and, behind it, the index: what the seal binds. */
struct bound {
	uint8_t p[ENTRY_OPEN_BYTES + 8];
};

static const struct mac *
epoch_for(struct entry_writer *w, const struct entry *e, struct err *err)
{
	if (w->epoch != NULL && w->body == e->body &&
	    w->retention == e->retention && w->key_month == w->month)
		return w->epoch;
	w->epoch = keys_epoch(w->keys, e->body, e->retention, w->month, false,
	    err);
	w->body = e->body;
	w->retention = e->retention;
	w->key_month = w->month;
	return w->epoch;
}

static const uint8_t *
fresh_random(struct entry_writer *w)
{
	if (w->pool_used == POOL) {
		random_fill(w->pool, sizeof(w->pool));
		w->pool_used = 0;
	}
	return w->pool[w->pool_used++];
}

bool
entry_add(struct entry_writer *w, const struct entry *e,
    uint64_t *ret_number, struct err *err)
{
	struct bound ad;
	uint8_t seal_key[32];
	struct pen pen = {
	    .p = (char *)w->plain + ENTRY_SALT_BYTES,
	    .end = (char *)w->plain + sizeof(w->plain),
	};
	set_day(w, e->at);
	compose(w, &pen, e);
	if (pen.is_full)
		return ERR(err, ERR_LIMIT, "an entry is too long");
	const struct mac *epoch = epoch_for(w, e, err);
	if (epoch == NULL)
		return false;
	const uint8_t *fresh = fresh_random(w);
	memcpy(w->plain, fresh, ENTRY_SALT_BYTES);
	struct slice plain = slice_bytes(w->plain,
	    (size_t)((uint8_t *)pen.p - w->plain));
	uint64_t first = logs_first(w->logs), index;
	uint64_t number = logs_next(w->logs);

	ad.p[0] = 1;
	num_put_be64(ad.p + 1, e->body);
	ad.p[9] = e->retention;
	num_put_be16(ad.p + 10, w->month);
	hash_bytes(plain.p, plain.n, ad.p + 12);
	num_put_be64(ad.p + ENTRY_OPEN_BYTES, number);
	memcpy(w->sealed, ad.p, ENTRY_OPEN_BYTES);
	entry_key(epoch, number, seal_key);
	aead_seal_at(w->aead, seal_key, fresh + ENTRY_SALT_BYTES,
	    slice_bytes(ad.p, sizeof(ad.p)), plain,
	    w->sealed + ENTRY_OPEN_BYTES);
	mem_wipe(seal_key, sizeof(seal_key));
	if (!ledger_add(logs_present(w->logs),
		slice_bytes(w->sealed,
		    ENTRY_OPEN_BYTES + plain.n + AEAD_OVERHEAD),
		&index, err))
		return false;
	*ret_number = first + index;
	return true;
}

bool
entry_read(struct entry_writer *w, uint64_t number, struct entry_read *ret,
    struct err *err)
{
	struct slice leaf;
	return logs_read(w->logs, number, &leaf, err) &&
	    entry_unseal(w, number, leaf, ret, err);
}

bool
entry_unseal(struct entry_writer *w, uint64_t number, struct slice leaf,
    struct entry_read *ret, struct err *err)
{
	struct bound ad;
	uint8_t commitment[HASH_BYTES];
	ret->leaf = leaf;
	const uint8_t *p = (const uint8_t *)ret->leaf.p;
	size_t n = ret->leaf.n;
	if (n < ENTRY_OVERHEAD || n > sizeof(w->sealed) || p[0] != 1)
		return ERR(err, ERR_CORRUPT, "an entry is malformed");
	memcpy(ad.p, p, ENTRY_OPEN_BYTES);
	num_put_be64(ad.p + ENTRY_OPEN_BYTES, number);
	ret->body = num_be64(p + 1);
	ret->retention = p[9];
	ret->month = num_be16(p + 10);
	const struct mac *epoch = keys_epoch(w->keys, ret->body,
	    ret->retention, ret->month, true, err);
	if (epoch == NULL)
		return false;
	entry_key(epoch, number, ret->key);
	if (!aead_unseal(w->aead, ret->key, slice_bytes(ad.p, sizeof(ad.p)),
		slice_from(ret->leaf, ENTRY_OPEN_BYTES), w->shown, err))
		return false;
	n -= ENTRY_OPEN_BYTES + AEAD_OVERHEAD;
	hash_bytes(w->shown, n, commitment);
	if (!hash_is_equal(commitment, p + 12, sizeof(commitment)))
		return ERR(err, ERR_CORRUPT,
		    "an entry does not match its commitment");
	ret->salt = slice_bytes(w->shown, ENTRY_SALT_BYTES);
	ret->readable = slice_bytes(w->shown + ENTRY_SALT_BYTES,
	    n - ENTRY_SALT_BYTES);
	return true;
}
