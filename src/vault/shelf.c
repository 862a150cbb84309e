#include "vault/shelf.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/must.h"
#include "vault.sql.h"

enum { PAGE = 200 }; /* rows of one holding_every */

struct shelf {
	_Atomic(unsigned) owners;
	struct arena *arena;
	struct holding *holdings; /* by body and id */
	size_t n;
	size_t room;
};

struct shelf_rack {
	pthread_mutex_t lock;
	struct shelf *newest;
};

static struct shelf *
shelf_open(void)
{
	struct shelf *s = mem_alloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->owners = 1;
	s->arena = arena_open(SHELF_MAX_BYTES);
	if (s->arena != NULL)
		return s;
	mem_free(s);
	return NULL;
}

void
shelf_drop(struct shelf *s)
{
	if (s == NULL || atomic_fetch_sub(&s->owners, 1) > 1)
		return;
	arena_close(s->arena);
	mem_free(s->holdings);
	mem_free(s);
}

struct shelf_rack *
shelf_rack_open(void)
{
	struct shelf_rack *rack = mem_alloc(1, sizeof(*rack));
	if (rack == NULL)
		return NULL;
	rack->newest = shelf_open();
	if (rack->newest == NULL) {
		mem_free(rack);
		return NULL;
	}
	must(pthread_mutex_init(&rack->lock, NULL) == 0);
	return rack;
}

void
shelf_rack_close(struct shelf_rack *rack)
{
	if (rack == NULL)
		return;
	shelf_drop(rack->newest);
	must(pthread_mutex_destroy(&rack->lock) == 0);
	mem_free(rack);
}

/* ---- reading ---- */

static bool
make_room(struct shelf *s, struct err *err)
{
	if (s->n < s->room)
		return true;
	size_t room = s->room == 0 ? 64 : 2 * s->room;
	struct holding *more =
	    mem_resize(s->holdings, room * sizeof(*s->holdings));
	if (more == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	s->holdings = more;
	s->room = room;
	return true;
}

/* The next page behind the last holding there is. */
static bool
read_page(
    struct shelf *s, struct store_reader *r, size_t *ret_n, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	const struct holding *last = s->n == 0 ? NULL : &s->holdings[s->n - 1];
	struct store_value v[] = {
	    STORE_INT(last == NULL ? 0 : (int64_t)last->body),
	    STORE_INT(last == NULL ? 0 : (int64_t)last->id)};
	size_t n = 0;
	if (!store_query(r, VAULT_HOLDING_EVERY, v, STORE_COUNT(v), &rows, err))
		return false;
	for (; store_next(&rows); n++) {
		uint64_t body =
		    (uint64_t)store_int(&rows, VAULT_HOLDING_EVERY__BODY);
		if (!make_room(s, err) ||
		    !holding_read_row(
			&rows, body, s->arena, &s->holdings[s->n], err))
			return false;
		s->n++;
	}
	*ret_n = n;
	return store_finish(&rows, err);
}

bool
shelf_rack_load(
    struct shelf_rack *rack, struct store_reader *r, struct err *err)
{
	struct shelf *s = shelf_open();
	size_t n = PAGE;
	if (s == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	while (n == PAGE)
		if (!read_page(s, r, &n, err)) {
			shelf_drop(s);
			return false;
		}
	must(pthread_mutex_lock(&rack->lock) == 0);
	struct shelf *before = rack->newest;
	rack->newest = s;
	must(pthread_mutex_unlock(&rack->lock) == 0);
	shelf_drop(before);
	return true;
}

/* ---- taking ---- */

struct shelf *
shelf_take(struct shelf_rack *rack)
{
	must(pthread_mutex_lock(&rack->lock) == 0);
	struct shelf *s = rack->newest;
	atomic_fetch_add(&s->owners, 1);
	must(pthread_mutex_unlock(&rack->lock) == 0);
	return s;
}

/* Position of the first holding not before (body, id). */
static size_t
position(const struct shelf *s, uint64_t body, uint64_t id)
{
	size_t low = 0, high = s->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct holding *h = &s->holdings[middle];
		if (h->body < body || (h->body == body && h->id < id))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct holding *
shelf_find(const struct shelf *s, uint64_t body, uint64_t id)
{
	size_t at = position(s, body, id);
	if (at == s->n || s->holdings[at].body != body ||
	    s->holdings[at].id != id)
		return NULL;
	return &s->holdings[at];
}

const struct holding *
shelf_of_body(const struct shelf *s, uint64_t body, size_t *ret_n)
{
	size_t at = position(s, body, 0), end = at;
	while (end < s->n && s->holdings[end].body == body)
		end++;
	*ret_n = end - at;
	return end == at ? NULL : &s->holdings[at];
}
