#include "vault/record.h"

#include <assert.h>

#include "base/must.h"
#include "base/num.h"
#include "vault.sql.h"
#include "vault/term.h"

enum { NAME_BYTES = 28, HEAD_BYTES = 6 };

/* What the seal binds: body, holding, record, version. */
static struct slice
name_bytes(const struct record_name *name, uint8_t ret[NAME_BYTES])
{
	num_put_be64(ret, name->body);
	num_put_be64(ret + 8, name->holding);
	num_put_be64(ret + 16, name->id);
	num_put_be32(ret + 24, name->version);
	return slice_bytes(ret, NAME_BYTES);
}

void
record_seal(struct aead *aead, const uint8_t key[AEAD_KEY_BYTES],
    const struct record_name *name, const struct slice *values, size_t n,
    struct buf *to)
{
	uint8_t ad[NAME_BYTES];
	struct buf plain = buf_of(RECORD_SEALED_MAX_BYTES - AEAD_OVERHEAD);
	for (size_t i = 0; i < n; i++) {
		if (values[i].p == NULL)
			continue;
		buf_add_u16(&plain, (uint16_t)i);
		buf_add_u32(&plain, (uint32_t)values[i].n);
		buf_add(&plain, values[i]);
	}
	uint8_t *room =
	    plain.failed ? NULL : buf_grow(to, plain.n + AEAD_OVERHEAD);
	if (room != NULL)
		aead_seal(aead, key, name_bytes(name, ad),
		    slice_bytes(plain.p, plain.n), room);
	else
		to->failed = true;
	buf_close(&plain);
}

static bool
read_values(struct slice plain, struct slice *ret, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ret[i] = SLICE_NONE;
	while (plain.n > 0) {
		if (plain.n < HEAD_BYTES)
			return false;
		size_t at = num_be16(plain.p), length = num_be32(plain.p + 2);
		plain = slice_from(plain, HEAD_BYTES);
		if (length > plain.n)
			return false;
		/* an item that the holding no longer has is passed over */
		if (at < n)
			ret[at] = slice_bytes(plain.p, length);
		plain = slice_from(plain, length);
	}
	return true;
}

bool
record_unseal(struct aead *aead, const uint8_t key[AEAD_KEY_BYTES],
    const struct record_name *name, struct slice sealed, struct arena *a,
    struct slice *ret_values, size_t n, struct err *err)
{
	uint8_t ad[NAME_BYTES];
	if (sealed.n < AEAD_OVERHEAD || sealed.n > RECORD_SEALED_MAX_BYTES)
		return ERR(err, ERR_CORRUPT, "a record of impossible size");
	size_t plain_n = sealed.n - AEAD_OVERHEAD;
	char *plain = arena_alloc(a, plain_n + 1);
	if (plain == NULL)
		return ERR(err, ERR_LIMIT, "too many records at once");
	if (!aead_unseal(
		aead, key, name_bytes(name, ad), sealed, (uint8_t *)plain, err))
		return false;
	if (!read_values(slice_bytes(plain, plain_n), ret_values, n))
		return ERR(err, ERR_CORRUPT, "a record of unknown form");
	return true;
}

/* ---- reading ---- */

static bool
take_wrap(struct slice wrap, uint8_t ret[RECORD_WRAP_BYTES], struct err *err)
{
	if (wrap.n != RECORD_WRAP_BYTES)
		return ERR(err, ERR_CORRUPT,
		    "a record's key of impossible "
		    "size");
	memcpy(ret, wrap.p, RECORD_WRAP_BYTES);
	return true;
}

/* Columns of record_get and record_page; `first` is where version stands. */
static bool
read_row(struct store_rows *rows, unsigned first, struct arena *a,
    struct record_row *ret, struct err *err)
{
	ret->name.version = (uint32_t)store_int(rows, first);
	ret->class = (uint8_t)store_int(rows, first + 1);
	ret->secret_until = store_int(rows, first + 2);
	ret->secret_renew_by = store_int(rows, first + 3);
	ret->changed_at = store_int(rows, first + 6);
	ret->is_erased = !store_is_null(rows, first + 7);
	ret->sealed = SLICE_NONE;
	if (ret->is_erased)
		return true;
	ret->sealed = arena_copy(a, store_blob(rows, first + 5));
	if (ret->sealed.p == NULL)
		return ERR(err, ERR_LIMIT, "too many records at once");
	return take_wrap(store_blob(rows, first + 4), ret->wrap, err);
}

static_assert(
    VAULT_RECORD_GET__ERASED_AT == 7 && VAULT_RECORD_PAGE__ERASED_AT == 8,
    "read_row() knows the columns");

bool
record_fetch(struct store_reader *r, uint64_t body, uint64_t holding,
    uint64_t id, struct arena *a, struct record_row *ret, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct store_value v[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)holding), STORE_INT((int64_t)id)};
	if (!store_query_one(
		r, VAULT_RECORD_GET, v, STORE_COUNT(v), &rows, err))
		return false;
	*ret = (struct record_row){
	    .name = {.body = body, .holding = holding, .id = id},
	    .entry = (uint64_t)store_int(&rows, VAULT_RECORD_GET__ENTRY)};
	return read_row(&rows, 0, a, ret, err) && store_finish(&rows, err);
}

bool
record_page(struct store_reader *r, uint64_t body, uint64_t holding,
    uint64_t after, bool with_secret, size_t max, struct arena *a,
    struct record_row *ret, size_t *ret_n, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct store_value v[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)holding), STORE_INT((int64_t)after),
	    STORE_INT(
		with_secret ? RECORD_CLASS_SECRET : RECORD_CLASS_ORDINARY),
	    STORE_INT((int64_t)max)};
	size_t n = 0;
	must(max <= RECORD_PAGE_MAX);
	if (!store_query(r, VAULT_RECORD_PAGE, v, STORE_COUNT(v), &rows, err))
		return false;
	while (n < max && store_next(&rows)) {
		ret[n] = (struct record_row){
		    .name = {.body = body,
			.holding = holding,
			.id = (uint64_t)store_int(&rows, 0)}};
		if (!read_row(&rows, 1, a, &ret[n++], err))
			return false;
	}
	*ret_n = n;
	return store_finish(&rows, err);
}

bool
record_renewals(struct store_reader *r, uint64_t body, instant by,
    const struct record_renewal *after,
    struct record_renewal ret[RECORD_RENEWALS_MAX], size_t *ret_n,
    struct err *err)
{
	static const struct record_renewal start = {.renew_by = INT64_MIN};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (after == NULL)
		after = &start;
	struct store_value v[] = {STORE_INT((int64_t)body),
	    STORE_INT(after->renew_by), STORE_INT(by),
	    STORE_INT((int64_t)after->holding), STORE_INT((int64_t)after->id)};
	size_t n = 0;
	if (!store_query(
		r, VAULT_RECORD_RENEWALS, v, STORE_COUNT(v), &rows, err))
		return false;
	while (n < RECORD_RENEWALS_MAX && store_next(&rows))
		ret[n++] =
		    (struct record_renewal){.renew_by = store_int(&rows, 0),
			.holding = (uint64_t)store_int(&rows, 1),
			.id = (uint64_t)store_int(&rows, 2),
			.until = store_int(&rows, 3)};
	*ret_n = n;
	return store_finish(&rows, err);
}

bool
record_fetch_version(struct store_reader *r, uint64_t body, uint64_t holding,
    uint64_t id, uint32_t version, struct arena *a, struct record_row *ret,
    struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct store_value v[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)holding), STORE_INT((int64_t)id),
	    STORE_INT(version)};
	if (!store_query_one(
		r, VAULT_VERSION_GET, v, STORE_COUNT(v), &rows, err))
		return false;
	*ret = (struct record_row){
	    .name = {.body = body,
		.holding = holding,
		.id = id,
		.version = version},
	    .class = (uint8_t)store_int(&rows, 0),
	    .sealed = arena_copy(a, store_blob(&rows, 2)),
	    .changed_at = store_int(&rows, 3),
	};
	if (ret->sealed.p == NULL)
		return ERR(err, ERR_LIMIT, "too many records at once");
	return take_wrap(store_blob(&rows, 1), ret->wrap, err) &&
	       store_finish(&rows, err);
}

bool
record_versions(struct store_reader *r, uint64_t body, uint64_t holding,
    uint64_t id, struct arena *a, struct record_version **ret, size_t *ret_n,
    struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct store_value v[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)holding), STORE_INT((int64_t)id)};
	struct record_version *list =
	    arena_array(a, RECORD_VERSIONS_MAX + 1, sizeof(*list));
	struct record_row now;
	size_t n = 0;
	if (list == NULL)
		return ERR(err, ERR_LIMIT, "too many versions");
	if (!store_query(r, VAULT_VERSION_LIST, v, STORE_COUNT(v), &rows, err))
		return false;
	while (n < RECORD_VERSIONS_MAX && store_next(&rows))
		list[n++] = (struct record_version){
		    .version = (uint32_t)store_int(&rows, 0),
		    .ended_at = store_int(&rows, 1),
		    .entry = (uint64_t)store_int(&rows, 2)};
	if (!store_finish(&rows, err) ||
	    !record_fetch(r, body, holding, id, a, &now, err))
		return false;
	list[n++] = (struct record_version){
	    .version = now.name.version, .entry = now.entry};
	*ret = list;
	*ret_n = n;
	return true;
}

/* ---- writing ---- */

static bool
add_persons(struct store_tx *tx, uint64_t body, uint64_t holding, int64_t n,
    struct err *err)
{
	struct store_value v[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)holding), STORE_INT(n)};
	return store_run(
	    tx, VAULT_HOLDING_ADD_PERSONS, v, STORE_COUNT(v), NULL, err);
}

bool
record_insert(
    struct store_tx *tx, const struct record_row *row, struct err *err)
{
	struct store_value v[] = {STORE_INT((int64_t)row->name.body),
	    STORE_INT((int64_t)row->name.holding),
	    STORE_INT((int64_t)row->name.id), STORE_INT(row->name.version),
	    STORE_INT(row->class), STORE_INT(row->secret_until),
	    STORE_INT(row->secret_renew_by), STORE_INT(0),
	    STORE_BLOB(slice_bytes(row->wrap, RECORD_WRAP_BYTES)),
	    STORE_BLOB(row->sealed), STORE_INT(row->changed_at),
	    STORE_INT((int64_t)row->entry)};
	return store_run(
		   tx, VAULT_RECORD_INSERT, v, STORE_COUNT(v), NULL, err) &&
	       add_persons(tx, row->name.body, row->name.holding, 1, err);
}

bool
record_replace(
    struct store_tx *tx, const struct record_row *row, struct err *err)
{
	const struct record_name *n = &row->name;
	int64_t old = (int64_t)n->version - 1, changed = 0;
	struct store_value keep[] = {STORE_INT((int64_t)n->body),
	    STORE_INT((int64_t)n->holding), STORE_INT((int64_t)n->id),
	    STORE_INT(old), STORE_INT(row->changed_at)};
	struct store_value v[] = {STORE_INT((int64_t)n->body),
	    STORE_INT((int64_t)n->holding), STORE_INT((int64_t)n->id),
	    STORE_INT(n->version), STORE_INT(row->class),
	    STORE_INT(row->secret_until), STORE_INT(row->secret_renew_by),
	    STORE_BLOB(slice_bytes(row->wrap, RECORD_WRAP_BYTES)),
	    STORE_BLOB(row->sealed), STORE_INT(row->changed_at),
	    STORE_INT((int64_t)row->entry), STORE_INT(old)};
	if (!store_run(
		tx, VAULT_VERSION_KEEP, keep, STORE_COUNT(keep), &changed, err))
		return false;
	if (changed != 1)
		return ERR(err, ERR_CONFLICT,
		    "the record was changed by "
		    "somebody else");
	return store_run(
	    tx, VAULT_RECORD_REPLACE, v, STORE_COUNT(v), NULL, err);
}

bool
record_reseal(
    struct store_tx *tx, const struct record_row *row, struct err *err)
{
	const struct record_name *n = &row->name;
	int64_t changed = 0;
	struct store_value v[] = {STORE_INT((int64_t)n->body),
	    STORE_INT((int64_t)n->holding), STORE_INT((int64_t)n->id),
	    STORE_INT(n->version), STORE_INT(row->class),
	    STORE_BLOB(slice_bytes(row->wrap, RECORD_WRAP_BYTES)),
	    STORE_BLOB(row->sealed)};
	if (!store_run(
		tx, VAULT_VERSION_RESEAL, v, STORE_COUNT(v), &changed, err))
		return false;
	return changed == 1 ||
	       ERR(err, ERR_CONFLICT, "there is no such version");
}

bool
record_renew(struct store_tx *tx, const struct record_name *name, instant until,
    instant renew_by, struct err *err)
{
	int64_t changed = 0;
	struct store_value v[] = {STORE_INT((int64_t)name->body),
	    STORE_INT((int64_t)name->holding), STORE_INT((int64_t)name->id),
	    STORE_INT(until), STORE_INT(renew_by)};
	if (!store_run(
		tx, VAULT_RECORD_RENEW, v, STORE_COUNT(v), &changed, err))
		return false;
	return changed == 1 || ERR(err, ERR_CONFLICT, "the record is not 秘匿");
}

bool
record_erase(struct store_tx *tx, uint64_t body, uint64_t holding, uint64_t id,
    instant now, struct err *err)
{
	int64_t changed = 0;
	struct store_value key[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)holding), STORE_INT((int64_t)id),
	    STORE_INT(now)};
	if (!store_run(tx, VAULT_RECORD_ERASE, key, 4, &changed, err))
		return false;
	if (changed != 1)
		return ERR(err, ERR_CONFLICT,
		    "the record is erased, or was "
		    "never there");
	return store_run(tx, VAULT_VERSION_DELETE, key, 3, NULL, err) &&
	       store_run(tx, VAULT_FILE_DELETE_OF_RECORD, key, 3, NULL, err) &&
	       store_run(
		   tx, VAULT_DOCUMENT_DELETE_OF_RECORD, key, 3, NULL, err) &&
	       token_delete(tx, body, holding, id, err) &&
	       add_persons(tx, body, holding, -1, err);
}
