#include "vault/document.h"

#include <assert.h>

#include "base/must.h"
#include "base/num.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "vault.sql.h"

enum {
	CHUNK_AD_BYTES = 4 + 8 + 8 + 8 + 4 + 1,
	ID_DIGITS = 16,
	KEY_DIGITS = DOCUMENT_KEY_BYTES * 2
};

/* ---- what the record says of it ---- */

static bool
is_plain_text(struct slice s, size_t max)
{
	return s.n > 0 && s.n <= max && text_is_clean(s, false);
}

/* "type/subtype", printable, no spaces: so a space can end it. */
static bool
is_type(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.n > 0 && s.n <= DOCUMENT_TYPE_MAX_BYTES;
}

void
document_write(struct buf *to, const struct document *d)
{
	if (!is_type(d->type) ||
	    !is_plain_text(d->name, DOCUMENT_NAME_MAX_BYTES)) {
		to->failed = true;
		return;
	}
	buf_add_printf(
	    to, "%016jx %ju ", (uintmax_t)d->id, (uintmax_t)d->bytes);
	for (size_t i = 0; i < DOCUMENT_KEY_BYTES; i++)
		buf_add_printf(to, "%02x", d->key[i]);
	buf_add_byte(to, ' ');
	buf_add(to, d->type);
	buf_add_byte(to, ' ');
	buf_add(to, d->name);
}

static bool
read_key(struct slice digits, uint8_t ret[DOCUMENT_KEY_BYTES])
{
	uint64_t byte;
	if (digits.n != KEY_DIGITS)
		return false;
	for (size_t i = 0; i < DOCUMENT_KEY_BYTES; i++) {
		if (!num_read_hex(slice_bytes(digits.p + i * 2, 2), &byte))
			return false;
		ret[i] = (uint8_t)byte;
	}
	return true;
}

bool
document_read(struct slice value, struct document *ret, struct err *err)
{
	struct slice rest = value, id, bytes, key, type;
	struct document d;
	if (value.n > DOCUMENT_VALUE_MAX_BYTES ||
	    !slice_split(&rest, ' ', &id) || id.n != ID_DIGITS ||
	    !num_read_hex(id, &d.id) || !slice_split(&rest, ' ', &bytes) ||
	    !num_read_u64(bytes, INT64_MAX, &d.bytes) ||
	    (bytes.n > 1 && bytes.p[0] == '0') ||
	    !slice_split(&rest, ' ', &key) || !read_key(key, d.key) ||
	    !slice_split(&rest, ' ', &type) || !is_type(type) ||
	    !is_plain_text(rest, DOCUMENT_NAME_MAX_BYTES))
		return ERR(err, ERR_CORRUPT, "no reference of a document");
	d.type = type;
	d.name = rest;
	*ret = d;
	return true;
}

/* Marks and isolates of the direction of writing. */
static bool
turns_round(struct slice s)
{
	size_t at = 0;
	uint32_t point;
	while (text_next(s, &at, &point))
		if (point == 0x061c || point == 0x200e || point == 0x200f ||
		    (point >= 0x202a && point <= 0x202e) ||
		    (point >= 0x2066 && point <= 0x2069))
			return true;
	return false;
}

bool
document_name(struct slice given, struct slice *ret, struct err *err)
{
	struct slice name = given;
	for (size_t i = 0; i < given.n; i++)
		if (given.p[i] == '/' || given.p[i] == '\\')
			name = slice_from(given, i + 1);
	while (name.n > 0 && name.p[0] == ' ')
		name = slice_from(name, 1);
	while (name.n > 0 && name.p[name.n - 1] == ' ')
		name.n--;
	if (!is_plain_text(name, DOCUMENT_NAME_MAX_BYTES) ||
	    turns_round(name) || slice_is(name, ".") || slice_is(name, ".."))
		return ERR(err, ERR_INPUT, "a file needs a plain name");
	*ret = name;
	return true;
}

void
document_key(const uint8_t keeper[AEAD_KEY_BYTES],
    const uint8_t record[DOCUMENT_KEY_BYTES], uint8_t ret[AEAD_KEY_BYTES])
{
	const struct slice parts[] = {
	    SLICE("document"), slice_bytes(record, DOCUMENT_KEY_BYTES)};
	static_assert((int)AEAD_KEY_BYTES == (int)HASH_BYTES, "a whole hash");
	mac_once(slice_bytes(keeper, AEAD_KEY_BYTES), parts, 2, ret);
}

/* ---- one chunk ---- */

static struct slice
chunk_ad(const struct document_chunk *c, uint8_t ret[CHUNK_AD_BYTES])
{
	memcpy(ret, "file", 4); /* no record's ad is as long */
	num_put_be64(ret + 4, c->body);
	num_put_be64(ret + 12, c->holding);
	num_put_be64(ret + 20, c->document);
	num_put_be32(ret + 28, c->number);
	ret[32] = c->is_last;
	return slice_bytes(ret, CHUNK_AD_BYTES);
}

void
document_seal(struct aead *aead, const uint8_t key[AEAD_KEY_BYTES],
    const struct document_chunk *chunk, struct slice plain, struct buf *to)
{
	uint8_t ad[CHUNK_AD_BYTES];
	must(plain.n <= DOCUMENT_CHUNK_BYTES);
	uint8_t *room = buf_grow(to, plain.n + AEAD_OVERHEAD);
	if (room != NULL)
		aead_seal(aead, key, chunk_ad(chunk, ad), plain, room);
}

bool
document_unseal(struct aead *aead, const uint8_t key[AEAD_KEY_BYTES],
    const struct document_chunk *chunk, struct slice sealed, struct buf *to,
    struct err *err)
{
	uint8_t ad[CHUNK_AD_BYTES];
	if (sealed.n < AEAD_OVERHEAD ||
	    sealed.n > DOCUMENT_CHUNK_BYTES + AEAD_OVERHEAD)
		return ERR(err, ERR_CORRUPT, "a chunk of impossible size");
	size_t n = sealed.n - AEAD_OVERHEAD;
	uint8_t nothing = 0;
	uint8_t *room = n > 0 ? buf_grow(to, n) : &nothing;
	if (room == NULL)
		return ERR(err, ERR_LIMIT, "no room for a chunk");
	if (aead_unseal(aead, key, chunk_ad(chunk, ad), sealed, room, err))
		return true;
	to->n -= n;
	return false;
}

/* ---- inside a store job ---- */

bool
document_insert(
    struct store_tx *tx, const struct document_row *row, struct err *err)
{
	struct store_value v[] = {STORE_INT((int64_t)row->name.body),
	    STORE_INT((int64_t)row->name.holding),
	    STORE_INT((int64_t)row->name.id), STORE_INT((int64_t)row->record),
	    STORE_INT(row->item),
	    STORE_BLOB(slice_bytes(row->wrap, RECORD_WRAP_BYTES)),
	    STORE_INT(row->made_at)};
	return store_run(
	    tx, VAULT_DOCUMENT_INSERT, v, STORE_COUNT(v), NULL, err);
}

bool
document_put(struct store_tx *tx, const struct document_chunk *chunk,
    struct slice sealed, struct err *err)
{
	struct store_value v[] = {STORE_INT((int64_t)chunk->body),
	    STORE_INT((int64_t)chunk->holding),
	    STORE_INT((int64_t)chunk->document), STORE_INT(chunk->number),
	    STORE_BLOB(sealed)};
	return store_run(tx, VAULT_FILE_PUT, v, STORE_COUNT(v), NULL, err);
}

bool
document_end(struct store_tx *tx, const struct record_name *name,
    uint64_t bytes, uint32_t chunks, struct err *err)
{
	int64_t changed = 0;
	struct store_value v[] = {STORE_INT((int64_t)name->body),
	    STORE_INT((int64_t)name->holding), STORE_INT((int64_t)name->id),
	    STORE_INT((int64_t)bytes), STORE_INT(chunks)};
	if (!store_run(
		tx, VAULT_DOCUMENT_END, v, STORE_COUNT(v), &changed, err))
		return false;
	return changed == 1 ||
	       ERR(err, ERR_CONFLICT, "the document is not under way");
}

bool
document_delete(
    struct store_tx *tx, const struct record_name *name, struct err *err)
{
	struct store_value v[] = {STORE_INT((int64_t)name->body),
	    STORE_INT((int64_t)name->holding), STORE_INT((int64_t)name->id)};
	return store_run(tx, VAULT_FILE_DELETE, v, STORE_COUNT(v), NULL, err) &&
	       store_run(
		   tx, VAULT_DOCUMENT_DELETE, v, STORE_COUNT(v), NULL, err);
}

/* ---- reading ---- */

static_assert(
    (int)VAULT_DOCUMENT_GET__MADE_AT == (int)VAULT_DOCUMENT_PAGE__MADE_AT,
    "one order of columns");

static bool
read_row(struct store_rows *rows, uint64_t body, uint64_t holding,
    struct document_row *ret, struct err *err)
{
	struct slice wrap = store_blob(rows, VAULT_DOCUMENT_GET__WRAP);
	*ret = (struct document_row){
	    .name = {.body = body,
		.holding = holding,
		.id = (uint64_t)store_int(rows, VAULT_DOCUMENT_GET__ID),
		.version = 1},
	    .record = (uint64_t)store_int(rows, VAULT_DOCUMENT_GET__RECORD),
	    .item = (uint32_t)store_int(rows, VAULT_DOCUMENT_GET__ITEM),
	    .bytes = (uint64_t)store_int(rows, VAULT_DOCUMENT_GET__BYTES),
	    .chunks = (uint32_t)store_int(rows, VAULT_DOCUMENT_GET__CHUNKS),
	    .made_at = store_int(rows, VAULT_DOCUMENT_GET__MADE_AT)};
	if (wrap.n != RECORD_WRAP_BYTES)
		return ERR(err, ERR_CORRUPT,
		    "a document's key of impossible "
		    "size");
	memcpy(ret->wrap, wrap.p, RECORD_WRAP_BYTES);
	return true;
}

bool
document_fetch(struct store_reader *r, uint64_t body, uint64_t holding,
    uint64_t id, struct document_row *ret, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct store_value v[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)holding), STORE_INT((int64_t)id)};
	if (!store_query_one(
		r, VAULT_DOCUMENT_GET, v, STORE_COUNT(v), &rows, err) ||
	    !read_row(&rows, body, holding, ret, err) ||
	    !store_finish(&rows, err))
		return false;
	return ret->chunks > 0 ||
	       ERR(err, ERR_NOT_FOUND, "the document is not all there");
}

bool
document_list(struct store_reader *r, uint64_t body, uint64_t holding,
    uint64_t record, uint64_t after, struct document_row ret[DOCUMENT_PAGE_MAX],
    size_t *ret_n, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct store_value v[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)holding), STORE_INT((int64_t)record),
	    STORE_INT((int64_t)after)};
	size_t n = 0;
	if (!store_query(r, VAULT_DOCUMENT_PAGE, v, STORE_COUNT(v), &rows, err))
		return false;
	while (n < DOCUMENT_PAGE_MAX && store_next(&rows))
		if (!read_row(&rows, body, holding, &ret[n++], err))
			return false;
	*ret_n = n;
	return store_finish(&rows, err);
}

bool
document_chunk_open(struct store_reader *r, struct aead *aead,
    const uint8_t key[AEAD_KEY_BYTES], const struct document_row *row,
    uint32_t number, struct buf *to, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct document_chunk chunk = {.body = row->name.body,
	    .holding = row->name.holding,
	    .document = row->name.id,
	    .number = number,
	    .is_last = number + 1 == row->chunks};
	struct store_value v[] = {STORE_INT((int64_t)chunk.body),
	    STORE_INT((int64_t)chunk.holding),
	    STORE_INT((int64_t)chunk.document), STORE_INT(number)};
	if (number >= row->chunks)
		return ERR(err, ERR_NOT_FOUND, "no such chunk");
	if (!store_query_one(
		r, VAULT_FILE_GET, v, STORE_COUNT(v), &rows, err)) {
		if (err != NULL && err->code == ERR_NOT_FOUND)
			err->code = ERR_CORRUPT; /* the row says it is there */
		return false;
	}
	return document_unseal(
		   aead, key, &chunk, store_blob(&rows, 0), to, err) &&
	       store_finish(&rows, err);
}

/* ---- whole ---- */

struct storing {
	const struct document_row *row;
	struct document_chunk chunk; /* the next */
	struct slice sealed;
};

static bool
begin(struct store_tx *tx, void *arg, struct err *err)
{
	const struct storing *s = arg;
	return document_insert(tx, s->row, err);
}

static bool
put_chunk(struct store_tx *tx, void *arg, struct err *err)
{
	const struct storing *s = arg;
	return document_put(tx, &s->chunk, s->sealed, err);
}

static bool
take_away(struct store_tx *tx, void *arg, struct err *err)
{
	const struct record_name *name = arg;
	return document_delete(tx, name, err);
}

bool
document_store(const struct document_writer *writer, struct aead *aead,
    const uint8_t key[AEAD_KEY_BYTES], const struct document_row *row,
    struct slice bytes, uint32_t *ret_chunks, struct err *err)
{
	struct buf sealed = buf_of(DOCUMENT_CHUNK_BYTES + AEAD_OVERHEAD);
	struct storing s = {.row = row,
	    .chunk = {.body = row->name.body,
		.holding = row->name.holding,
		.document = row->name.id}};
	if (bytes.n > (size_t)DOCUMENT_CHUNKS_MAX * DOCUMENT_CHUNK_BYTES)
		return ERR(err, ERR_LIMIT, "a document of more than %d MiB",
		    DOCUMENT_CHUNKS_MAX / 4);
	if (!writer->run(writer->ctx, begin, &s, err))
		return false;
	bool worked = true;
	while (worked && !s.chunk.is_last) {
		struct slice plain = bytes;
		if (plain.n > DOCUMENT_CHUNK_BYTES)
			plain.n = DOCUMENT_CHUNK_BYTES;
		bytes = slice_from(bytes, plain.n);
		s.chunk.is_last = bytes.n == 0;
		buf_reset(&sealed);
		document_seal(aead, key, &s.chunk, plain, &sealed);
		worked = buf_finish(&sealed, &s.sealed, err) &&
			 writer->run(writer->ctx, put_chunk, &s, err);
		s.chunk.number++;
	}
	buf_close(&sealed);
	if (!worked) {
		struct record_name name = row->name;
		struct err none = ERR_INIT;
		/* what stays is never complete, so not seen */
		(void)!writer->run(writer->ctx, take_away, &name, &none);
	}
	*ret_chunks = s.chunk.number;
	return worked;
}

/* ---- after a crash ---- */

static bool
read_unfinished(struct store_reader *r, struct record_name *ret,
    bool *ret_is_there, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_query(r, VAULT_DOCUMENT_UNFINISHED, NULL, 0, &rows, err))
		return false;
	*ret_is_there = store_next(&rows);
	if (*ret_is_there)
		*ret = (struct record_name){
		    .body = (uint64_t)store_int(
			&rows, VAULT_DOCUMENT_UNFINISHED__BODY),
		    .holding = (uint64_t)store_int(
			&rows, VAULT_DOCUMENT_UNFINISHED__HOLDING),
		    .id = (uint64_t)store_int(
			&rows, VAULT_DOCUMENT_UNFINISHED__ID)};
	return store_finish(&rows, err);
}

bool
document_clear(struct store *store, struct store_reader *r, struct err *err)
{
	struct record_name name;
	bool is_there;
	for (;;) {
		if (!read_unfinished(r, &name, &is_there, err))
			return false;
		if (!is_there)
			return true;
		if (!store_write_now(store, take_away, &name, err))
			return false;
	}
}
