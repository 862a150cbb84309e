#include "vault/document.h"

#include <assert.h>

#include "base/must.h"
#include "base/num.h"
#include "base/text.h"
#include "vault.sql.h"

enum { CHUNK_AD_BYTES = 4 + 8 + 8 + 8 + 4 + 1, ID_DIGITS = 16 };

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
	buf_add(to, d->type);
	buf_add_byte(to, ' ');
	buf_add(to, d->name);
}

bool
document_read(struct slice value, struct document *ret, struct err *err)
{
	struct slice rest = value, id, bytes, type;
	struct document d;
	if (value.n > DOCUMENT_VALUE_MAX_BYTES ||
	    !slice_split(&rest, ' ', &id) || id.n != ID_DIGITS ||
	    !num_read_hex(id, &d.id) || !slice_split(&rest, ' ', &bytes) ||
	    !num_read_u64(bytes, INT64_MAX, &d.bytes) ||
	    (bytes.n > 1 && bytes.p[0] == '0') ||
	    !slice_split(&rest, ' ', &type) || !is_type(type) ||
	    !is_plain_text(rest, DOCUMENT_NAME_MAX_BYTES))
		return ERR(err, ERR_CORRUPT, "no reference of a document");
	d.type = type;
	d.name = rest;
	*ret = d;
	return true;
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
	    STORE_INT(row->class),
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
	    .class = (uint8_t)store_int(rows, VAULT_DOCUMENT_GET__CLASS),
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
	struct store *store;
	struct aead *aead;
	const uint8_t *key;
	const struct document_row *row;
	struct buf plain; /* at most one chunk */
	struct buf sealed;
	struct document_chunk chunk; /* the next */
	uint64_t bytes;
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
	if (!document_put(
		tx, &s->chunk, slice_bytes(s->sealed.p, s->sealed.n), err))
		return false;
	return !s->chunk.is_last || document_end(tx, &s->row->name, s->bytes,
					s->chunk.number + 1, err);
}

static bool
take_away(struct store_tx *tx, void *arg, struct err *err)
{
	const struct storing *s = arg;
	return document_delete(tx, &s->row->name, err);
}

static bool
flush_chunk(struct storing *s, bool is_last, struct err *err)
{
	if (s->chunk.number >= DOCUMENT_CHUNKS_MAX)
		return ERR(err, ERR_LIMIT, "a document of more than %d MiB",
		    DOCUMENT_CHUNKS_MAX / 4);
	s->chunk.is_last = is_last;
	s->bytes += s->plain.n;
	document_seal(s->aead, s->key, &s->chunk,
	    s->plain.n == 0 ? SLICE("") : slice_bytes(s->plain.p, s->plain.n),
	    &s->sealed);
	struct slice sealed;
	if (!buf_finish(&s->sealed, &sealed, err) ||
	    !store_write_now(s->store, put_chunk, s, err))
		return false;
	buf_reset(&s->sealed);
	buf_reset(&s->plain);
	s->chunk.number++;
	return true;
}

/* A full chunk is written once more bytes follow it: the last one says so. */
static bool
take_piece(struct storing *s, struct slice piece, struct err *err)
{
	while (piece.n > 0) {
		if (s->plain.n == DOCUMENT_CHUNK_BYTES &&
		    !flush_chunk(s, false, err))
			return false;
		size_t room = DOCUMENT_CHUNK_BYTES - s->plain.n;
		size_t n = piece.n < room ? piece.n : room;
		buf_add_bytes(&s->plain, piece.p, n);
		if (s->plain.failed)
			return ERR(err, ERR_SYSTEM, "no memory");
		piece = slice_from(piece, n);
	}
	return true;
}

static bool
take_all(
    struct storing *s, const struct document_source *source, struct err *err)
{
	for (;;) {
		struct slice piece = SLICE_NONE;
		if (!source->next(source->ctx, &piece, err))
			return false;
		if (piece.n == 0)
			return flush_chunk(s, true, err);
		if (!take_piece(s, piece, err))
			return false;
	}
}

bool
document_store(struct store *store, struct aead *aead,
    const uint8_t key[AEAD_KEY_BYTES], const struct document_row *row,
    const struct document_source *source, uint64_t *ret_bytes, struct err *err)
{
	struct storing s = {.store = store,
	    .aead = aead,
	    .key = key,
	    .row = row,
	    .plain = buf_of(DOCUMENT_CHUNK_BYTES),
	    .sealed = buf_of(DOCUMENT_CHUNK_BYTES + AEAD_OVERHEAD),
	    .chunk = {.body = row->name.body,
		.holding = row->name.holding,
		.document = row->name.id}};
	bool is_begun = store_write_now(store, begin, &s, err);
	bool worked = is_begun && take_all(&s, source, err);
	if (is_begun && !worked) {
		struct err none = ERR_INIT;
		worked = store_write_now(store, take_away, &s, &none);
		worked = false; /* what stays is never complete, so not seen */
	}
	buf_close(&s.plain);
	buf_close(&s.sealed);
	if (worked)
		*ret_bytes = s.bytes;
	return worked;
}
