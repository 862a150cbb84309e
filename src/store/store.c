#include "store/store.h"

#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "store/checkpoint.h"
#include "store/link.h"
#include "store/migrate.h"
#include "store/writer.h"

struct store {
	const struct engine *engine;
	const struct store_set *set;
	struct writer *writer;
	struct checkpoint *checkpoint; /* NULL where the engine has none */
	struct link_faults faults;
	atomic_ullong connects;
	atomic_uint readers;
	char *spec; /* with its NUL; wiped at the end */
};

struct store_reader {
	struct store_link *link;
	struct store *store;
};

static bool
check_schema(struct store *s, struct store_link *link, struct err *err)
{
	size_t have = 0;
	if (!migrate_compare(link, s->set, &have, err))
		return err_wrap(err, "what was migrated");
	size_t lacks = s->set->migration_count - have;
	return lacks == 0 ||
	       ERR(err, ERR_INPUT,
		   "the database lacks %zu migrations: migrate it first",
		   lacks);
}

static bool
open_parts(struct store *s, struct err *err)
{
	struct store_link *link;
	if (!link_open(s->spec, LINK_WRITER, s->set, &s->faults, &s->connects,
		&link, err))
		return false;
	bool ok = check_schema(s, link, err);
	if (ok && s->engine->checkpoint_open != NULL) {
		ok = s->engine->checkpoint_open(s->spec, &s->checkpoint, err);
		if (ok)
			s->engine->watch(link, s->checkpoint);
	}
	if (!ok) {
		link_close(link);
		return false;
	}
	return writer_open(link, &s->writer, err);
}

bool
store_open(const char *spec, const struct store_set *set, struct store **ret,
    struct err *err)
{
	must(spec != NULL);
	struct slice from = slice_of(spec);
	const struct engine *engine;
	if (!link_engine_of(spec, &engine, err))
		return false;
	struct store *s = mem_alloc(1, sizeof(*s));
	char *copy = mem_alloc(from.n + 1, 1);
	if (s == NULL || copy == NULL) {
		mem_free(s);
		mem_free(copy);
		return ERR(err, ERR_SYSTEM, "no memory");
	}
	memcpy(copy, from.p, from.n);
	s->spec = copy;
	s->set = set;
	s->engine = engine;
	if (!open_parts(s, err)) {
		store_close(s);
		return false;
	}
	*ret = s;
	return true;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	must(atomic_load(&s->readers) == 0);
	writer_close(s->writer);
	checkpoint_close(s->checkpoint);
	mem_wipe(s->spec, strlen(s->spec));
	mem_free(s->spec);
	mem_free(s);
}

enum store_engine
store_engine_of(const struct store *s)
{
	return s->engine->dialect;
}

/* ---- readers ---- */

bool
store_reader_open(struct store *s, struct store_reader **ret, struct err *err)
{
	struct store_reader *r = mem_alloc(1, sizeof(*r));
	if (r == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	r->store = s;
	if (!link_open(s->spec, LINK_READER, s->set, &s->faults, &s->connects,
		&r->link, err)) {
		mem_free(r);
		return false;
	}
	atomic_fetch_add(&s->readers, 1);
	*ret = r;
	return true;
}

void
store_reader_close(struct store_reader *r)
{
	if (r == NULL)
		return;
	store_reader_settle(r);
	must(!r->link->is_in_batch);
	link_close(r->link);
	atomic_fetch_sub(&r->store->readers, 1);
	mem_free(r);
}

bool
store_query(struct store_reader *r, store_id id,
    const struct store_value *params, size_t n, struct store_rows *ret,
    struct err *err)
{
	return link_query(r->link, id, params, n, ret, err);
}

bool
store_query_one(struct store_reader *r, store_id id,
    const struct store_value *params, size_t n, struct store_rows *ret,
    struct err *err)
{
	return link_query_one(r->link, id, params, n, ret, err);
}

void
store_reader_gather(struct store_reader *r)
{
	/* For PostgreSQL a transaction is two messages more. */
	r->link->is_gathering = r->store->engine->dialect == STORE_SQLITE;
}

void
store_reader_settle(struct store_reader *r)
{
	if (!r->link->is_gathered)
		return;
	r->link->is_gathered = r->link->is_in_batch = false;
	link_undo(r->link, LINK_END_READ);
}

bool
store_reader_begin(struct store_reader *r, struct err *err)
{
	store_reader_settle(r);
	must(!r->link->is_in_batch);
	if (!r->link->engine->revive(r->link, err) ||
	    !link_control(r->link, LINK_BEGIN_READ, err))
		return false;
	r->link->is_in_batch = true;
	return true;
}

void
store_reader_end(struct store_reader *r)
{
	must(r->link->is_in_batch);
	r->link->is_in_batch = false;
	link_undo(r->link, LINK_END_READ);
}

bool
store_reader_check(struct store_reader *r, struct err *err)
{
	return link_check(r->link, false, err);
}

/* ---- the writer ---- */

bool
store_submit(struct store *s, struct store_job *job, struct err *err)
{
	return writer_submit(s->writer, job, err);
}

bool
store_write_now(struct store *s,
    bool (*run)(struct store_tx *tx, void *arg, struct err *err), void *arg,
    struct err *err)
{
	return writer_now(s->writer, run, arg, err);
}

static bool
check_all(struct store_tx *tx, void *arg, struct err *err)
{
	(void)arg;
	return link_check(writer_link(tx), true, err);
}

bool
store_writer_check(struct store *s, struct err *err)
{
	return writer_now(s->writer, check_all, NULL, err);
}

/* ---- faults and figures ---- */

unsigned long
store_fail_at(struct store *s, unsigned long nth)
{
	unsigned long made = atomic_exchange(&s->faults.made, 0);
	atomic_store(&s->faults.nth, nth);
	return made;
}

void
store_figures_get(struct store *s, struct store_figures *ret)
{
	writer_figures(s->writer, ret);
	ret->connects = atomic_load(&s->connects);
	ret->wal_pages =
	    s->checkpoint == NULL ? 0 : checkpoint_pages(s->checkpoint);
}
