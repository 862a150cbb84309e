#include "vault/clear.h"

#include "vault.sql.h"
#include "vault/term.h"

enum { PAGE = 500 }; /* rows of one import_records */

struct page {
	const struct cleared *what;
	uint64_t records[PAGE];
	size_t n;
};

static bool
delete_page(struct store_tx *tx, void *arg, struct err *err)
{
	const struct page *p = arg;
	const struct cleared *c = p->what;
	for (size_t i = 0; i < p->n; i++) {
		struct store_value key[] = {STORE_INT((int64_t)c->body),
		    STORE_INT((int64_t)c->holding),
		    STORE_INT((int64_t)p->records[i]),
		    STORE_INT((int64_t)c->id)};
		if (!token_delete(
			tx, c->body, c->holding, p->records[i], err) ||
		    !store_run_bulk(tx, VAULT_IMPORT_RECORD_DELETE, key,
			STORE_COUNT(key), err))
			return false;
	}
	return true;
}

static bool
delete_import(struct store_tx *tx, void *arg, struct err *err)
{
	const struct cleared *c = arg;
	struct store_value key[] = {
	    STORE_INT((int64_t)c->body), STORE_INT((int64_t)c->id)};
	return store_run(
	    tx, VAULT_IMPORT_DELETE, key, STORE_COUNT(key), NULL, err);
}

static bool
read_page(
    struct store_reader *r, struct page *p, uint64_t from, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	const struct cleared *c = p->what;
	struct store_value v[] = {STORE_INT((int64_t)c->body),
	    STORE_INT((int64_t)c->holding), STORE_INT((int64_t)c->id),
	    STORE_INT((int64_t)from),
	    STORE_INT((int64_t)(c->first + CLEAR_SPAN))};
	p->n = 0;
	if (!store_query(
		r, VAULT_IMPORT_RECORDS, v, STORE_COUNT(v), &rows, err))
		return false;
	while (p->n < PAGE && store_next(&rows))
		p->records[p->n++] = (uint64_t)store_int(&rows, 0);
	return store_finish(&rows, err);
}

/* Whether it is still to be taken away: done ones are not touched. */
static bool
is_running(struct store_reader *r, const struct cleared *what, bool *ret,
    struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct store_value v[] = {
	    STORE_INT((int64_t)what->body), STORE_INT((int64_t)what->id)};
	struct err none = ERR_INIT;
	*ret = store_query_one(
	    r, VAULT_IMPORT_GET, v, STORE_COUNT(v), &rows, &none);
	if (*ret) {
		*ret = store_int(&rows, VAULT_IMPORT_GET__DONE) == 0;
		return store_finish(&rows, err);
	}
	if (none.code == ERR_NOT_FOUND)
		return true;
	if (err != NULL)
		*err = none;
	return false;
}

bool
clear_import(struct store *store, struct store_reader *r,
    const struct cleared *what, struct err *err)
{
	struct page p = {.what = what, .n = PAGE};
	struct cleared last = *what;
	uint64_t from = what->first;
	bool runs;
	if (!is_running(r, what, &runs, err))
		return false;
	if (!runs)
		return true;
	while (p.n == PAGE) {
		if (!read_page(r, &p, from, err))
			return false;
		if (p.n == 0)
			break;
		if (!store_write_now(store, delete_page, &p, err))
			return false;
		from = p.records[p.n - 1] + 1;
	}
	return store_write_now(store, delete_import, &last, err);
}
