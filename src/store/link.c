#include "store/link.h"

#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/text.h"
#include "store.sql.h"

bool
link_engine_of(const char *spec, const struct engine **ret, struct err *err)
{
	struct slice s = slice_of(spec);
	if (slice_has_prefix(s, SLICE("sqlite:")) && s.n > 7)
		*ret = &engine_sqlite;
	else if (slice_has_prefix(s, SLICE("postgresql:")) ||
		 slice_has_prefix(s, SLICE("postgres://")))
		*ret = &engine_postgresql;
	else
		*ret = NULL;
	if (*ret == NULL)
		ERR(err, ERR_INPUT,
		    "the store's address: write "
		    "sqlite:/path/file.db or postgresql://...");
	return *ret != NULL;
}

static bool
register_module(
    struct store_link *link, const struct store_module *m, struct err *err)
{
	must(m->number < LINK_MODULES_MAX && m->count > 0);
	struct link_slot *slot = &link->slots[m->number];
	must(slot->module == NULL); /* registered twice */
	slot->prepared = mem_alloc(m->count, sizeof(struct store_prepared *));
	if (slot->prepared == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	slot->module = m;
	for (unsigned i = 0; i < m->count; i++) {
		must(m->statements[i].params <= LINK_VALUES_MAX);
		must(m->statements[i].columns <= LINK_VALUES_MAX);
	}
	return true;
}

bool
link_open(const char *spec, enum link_role role, const struct store_set *set,
    struct link_faults *faults, atomic_ullong *connects,
    struct store_link **ret, struct err *err)
{
	const struct engine *engine;
	struct store_link *link;
	if (!link_engine_of(spec, &engine, err) ||
	    !engine->open(spec, role, &link, err))
		return false;
	link->faults = faults;
	link->connects = connects;
	if (connects != NULL)
		atomic_fetch_add(connects, 1);
	bool ok = register_module(link, &store_sql, err);
	for (size_t i = 0; ok && i < set->module_count; i++)
		ok = register_module(link, set->modules[i], err);
	if (!ok) {
		link_close(link);
		return false;
	}
	*ret = link;
	return true;
}

void
link_forget(struct store_link *link)
{
	for (unsigned m = 0; m < LINK_MODULES_MAX; m++) {
		struct link_slot *slot = &link->slots[m];
		for (unsigned i = 0;
		     slot->module != NULL && i < slot->module->count; i++) {
			if (slot->prepared[i] == NULL)
				continue;
			must(!slot->prepared[i]->is_open);
			link->engine->drop(slot->prepared[i]);
			slot->prepared[i] = NULL;
		}
	}
}

void
link_close(struct store_link *link)
{
	if (link == NULL)
		return;
	link_forget(link);
	for (unsigned m = 0; m < LINK_MODULES_MAX; m++)
		mem_free(link->slots[m].prepared);
	link->engine->close(link);
}

bool
link_is_failing(struct store_link *link, struct err *err)
{
	if (link->faults == NULL)
		return false;
	unsigned long nth =
	    atomic_load_explicit(&link->faults->nth, memory_order_relaxed);
	if (nth == 0 || atomic_fetch_add(&link->faults->made, 1) + 1 != nth)
		return false;
	ERR(err, ERR_SYSTEM, "step %lu was made to fail", nth);
	return true;
}

bool
link_control(struct store_link *link, enum link_control what, struct err *err)
{
	/* What puts things right again is not made to fail. */
	if (what != LINK_ROLLBACK && what != LINK_ROLLBACK_TO &&
	    what != LINK_END_READ && link_is_failing(link, err))
		return false;
	return link->engine->control(link, what, err);
}

void
link_undo(struct store_link *link, enum link_control what)
{
	struct err ignored;
	if (link->engine->has_transaction(link) &&
	    !link->engine->control(link, what, &ignored))
		return;
}

/* The statement, prepared and not in use; NULL on error. */
static struct store_prepared *
find(struct store_link *link, store_id id, size_t n, bool is_write,
    struct err *err)
{
	unsigned m = id >> 8;
	unsigned i = id & 0xff;
	must(m < LINK_MODULES_MAX);
	struct link_slot *slot = &link->slots[m];
	must(slot->module != NULL); /* not in the store's set */
	must(i < slot->module->count);
	const struct store_statement *st = &slot->module->statements[i];
	must(n == st->params);
	must(!st->is_write || is_write);
	if (slot->prepared[i] == NULL) {
		struct store_prepared *p;
		if (!link->engine->prepare(link, id, st, &p, err)) {
			(void)err_wrap(
			    err, "%s.%s", slot->module->name, st->name);
			return NULL;
		}
		p->statement = st;
		p->module = slot->module->name;
		slot->prepared[i] = p;
	}
	must(!slot->prepared[i]->is_open);
	return slot->prepared[i];
}

bool
link_values_check(const struct store_prepared *p,
    const struct store_value *params, struct err *err)
{
	for (unsigned i = 0; i < p->statement->params; i++) {
		const struct store_value *v = &params[i];
		if (v->type != STORE_TYPE_TEXT && v->type != STORE_TYPE_BLOB)
			continue;
		if (v->s.n > INT32_MAX / 2)
			return ERR(
			    err, ERR_LIMIT, "parameter %u is too long", i + 1);
		if (v->type == STORE_TYPE_BLOB || v->s.n == 0)
			continue;
		if (memchr(v->s.p, '\0', v->s.n) != NULL || !text_is_utf8(v->s))
			return ERR(err, ERR_INPUT,
			    "parameter %u is not UTF-8 without NUL", i + 1);
	}
	return true;
}

static bool
named(const struct store_prepared *p, struct err *err)
{
	return err_wrap(err, "%s.%s", p->module, p->statement->name);
}

static bool
query_once(struct store_link *link, store_id id,
    const struct store_value *params, size_t n, struct store_rows *ret,
    struct err *err)
{
	struct store_prepared *p =
	    find(link, id, n, link->role != LINK_READER, err);
	if (p == NULL)
		return false;
	must(p->statement->columns > 0);
	/* Not all of it is cleared: err only counts with its code. */
	ret->link = link;
	ret->prepared = p;
	ret->result = NULL;
	ret->at = -1;
	ret->count = 0;
	ret->is_on_row = false;
	ret->is_stepped = false;
	ret->err.code = ERR_NONE;
	if (link_is_failing(link, err) || !link_values_check(p, params, err) ||
	    !link->engine->query(link, p, params, ret, err)) {
		ret->link = NULL;
		return named(p, err);
	}
	p->is_open = true;
	return true;
}

bool
link_query(struct store_link *link, store_id id,
    const struct store_value *params, size_t n, struct store_rows *ret,
    struct err *err)
{
	struct err own;
	if (err == NULL)
		err = &own;
	ret->link = NULL;
	if (link->is_gathering && !link->is_in_batch) {
		if (!link_control(link, LINK_BEGIN_READ, err))
			return false;
		link->is_in_batch = link->is_gathered = true;
	}
	/* Outside a transaction a lost connection is noticed only by using
	 * it; reading again does no harm. */
	bool may_retry = link->role == LINK_READER && !link->is_in_batch;
	for (;;) {
		if (may_retry && !link->engine->revive(link, err))
			return false;
		if (query_once(link, id, params, n, ret, err))
			return true;
		if (!may_retry || err->code != ERR_LOST ||
		    !link->engine->is_lost(link))
			return false;
		may_retry = false;
		if (!link->engine->revive(link, err))
			return false;
	}
}

bool
link_query_one(struct store_link *link, store_id id,
    const struct store_value *params, size_t n, struct store_rows *ret,
    struct err *err)
{
	if (!link_query(link, id, params, n, ret, err))
		return false;
	if (store_next(ret))
		return true;
	struct store_prepared *p = ret->prepared;
	if (store_finish(ret, err)) {
		ERR(err, ERR_NOT_FOUND, "no such row");
		return named(p, err);
	}
	return false;
}

bool
link_run(struct store_link *link, store_id id, const struct store_value *params,
    size_t n, bool is_later, int64_t *ret_changed, struct err *err)
{
	struct store_prepared *p = find(link, id, n, true, err);
	if (p == NULL)
		return false;
	must(p->statement->columns == 0);
	if (link_is_failing(link, err) || !link_values_check(p, params, err) ||
	    !link->engine->run(link, p, params, is_later, ret_changed, err))
		return named(p, err);
	return true;
}

bool
link_check(struct store_link *link, bool with_writes, struct err *err)
{
	for (unsigned m = 0; m < LINK_MODULES_MAX; m++) {
		const struct store_module *module = link->slots[m].module;
		for (unsigned i = 0; module != NULL && i < module->count; i++) {
			const struct store_statement *st =
			    &module->statements[i];
			if (st->is_write && !with_writes)
				continue;
			if (find(link, m << 8 | i, st->params, with_writes,
				err) == NULL)
				return false;
		}
	}
	return true;
}

/* ---- rows ---- */

bool
link_rows_fail(struct store_rows *rows, const struct err *from)
{
	if (rows->err.code == ERR_NONE)
		rows->err = *from;
	rows->is_on_row = false;
	return false;
}

bool
store_next(struct store_rows *rows)
{
	if (rows->link == NULL || rows->err.code != ERR_NONE)
		return false;
	rows->is_on_row = rows->link->engine->next(rows);
	return rows->is_on_row;
}

bool
store_finish(struct store_rows *rows, struct err *err)
{
	if (rows->link == NULL)
		return true;
	rows->link->engine->finish(rows);
	rows->prepared->is_open = false;
	rows->link = NULL;
	if (rows->err.code == ERR_NONE)
		return true;
	if (err != NULL) {
		*err = rows->err;
		return named(rows->prepared, err);
	}
	return false;
}

static struct store_value
value(struct store_rows *rows, unsigned column, enum store_type type)
{
	struct store_value v = STORE_NULL;
	if (rows->link == NULL || rows->err.code != ERR_NONE)
		return v;
	must(rows->is_on_row);
	must(column < rows->prepared->statement->columns);
	struct err err = ERR_INIT;
	if (!rows->link->engine->value(rows, column, &v)) {
		ERR(&err, ERR_SYSTEM,
		    "column %u: no memory, or no type of ours", column);
		link_rows_fail(rows, &err);
		return STORE_NULL;
	}
	if (v.type != type && v.type != STORE_TYPE_NULL) {
		ERR(&err, ERR_CORRUPT, "column %u holds another type", column);
		link_rows_fail(rows, &err);
		return STORE_NULL;
	}
	return v;
}

int64_t
store_int(struct store_rows *rows, unsigned column)
{
	return value(rows, column, STORE_TYPE_INT).i;
}

struct slice
store_text(struct store_rows *rows, unsigned column)
{
	return value(rows, column, STORE_TYPE_TEXT).s;
}

struct slice
store_blob(struct store_rows *rows, unsigned column)
{
	return value(rows, column, STORE_TYPE_BLOB).s;
}

bool
store_is_null(struct store_rows *rows, unsigned column)
{
	struct store_value v = STORE_NULL;
	if (rows->link == NULL || rows->err.code != ERR_NONE)
		return true;
	must(rows->is_on_row);
	must(column < rows->prepared->statement->columns);
	return !rows->link->engine->value(rows, column, &v) ||
	       v.type == STORE_TYPE_NULL;
}
