#include "guard/rows.h"

#include "base/mem.h"

struct rows {
	struct authority_row **list;
	size_t n, room;
	uint32_t *seats; /* position + 1; 0: free */
	size_t size;     /* of seats: a power of two, twice the list's room */
};

enum { FIRST_ROOM = 64 };

static size_t
home(const struct rows *r, enum authority_kind kind, uint64_t body, uint64_t id)
{
	uint64_t h = (id ^ body * UINT64_C(0x9e3779b97f4a7c15)) + kind;
	h = (h ^ h >> 31) * UINT64_C(0xbf58476d1ce4e5b9);
	return (size_t)(h ^ h >> 29) & (r->size - 1);
}

static size_t
locate(
    const struct rows *r, enum authority_kind kind, uint64_t body, uint64_t id)
{
	size_t i = home(r, kind, body, id);
	for (; r->seats[i] != 0; i = (i + 1) & (r->size - 1)) {
		const struct authority_head *h =
		    &r->list[r->seats[i] - 1]->head;
		if (h->id == id && h->body == body && h->kind == kind)
			break;
	}
	return i;
}

static bool
make_room(struct rows *r, size_t room)
{
	struct authority_row **list =
	    mem_resize(r->list, room * sizeof(struct authority_row *));
	if (list == NULL)
		return false;
	r->list = list;
	uint32_t *seats = mem_alloc(room * 2, sizeof(*seats));
	if (seats == NULL)
		return false;
	mem_free(r->seats);
	r->seats = seats;
	r->size = room * 2;
	r->room = room;
	for (size_t i = 0; i < r->n; i++) {
		const struct authority_head *h = &r->list[i]->head;
		r->seats[locate(r, h->kind, h->body, h->id)] = (uint32_t)i + 1;
	}
	return true;
}

struct rows *
rows_open(void)
{
	struct rows *r = mem_alloc(1, sizeof(*r));
	if (r == NULL || make_room(r, FIRST_ROOM))
		return r;
	guard_rows_close(r);
	return NULL;
}

void
guard_rows_close(struct rows *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->n; i++) {
		mem_wipe(r->list[i], sizeof(*r->list[i]));
		mem_free(r->list[i]);
	}
	mem_free(r->list);
	mem_free(r->seats);
	mem_free(r);
}

bool
rows_put(struct rows *r, const struct authority_row *row)
{
	const struct authority_head *h = &row->head;
	size_t i = locate(r, h->kind, h->body, h->id);
	if (r->seats[i] != 0) {
		*r->list[r->seats[i] - 1] = *row;
		return true;
	}
	if (r->n == r->room) {
		if (!make_room(r, r->room * 2))
			return false;
		i = locate(r, h->kind, h->body, h->id);
	}
	struct authority_row *copy = mem_alloc(1, sizeof(*copy));
	if (copy == NULL)
		return false;
	*copy = *row;
	r->list[r->n++] = copy;
	r->seats[i] = (uint32_t)r->n;
	return true;
}

const struct authority_row *
rows_find(
    const struct rows *r, enum authority_kind kind, uint64_t body, uint64_t id)
{
	size_t i = locate(r, kind, body, id);
	return r->seats[i] == 0 ? NULL : r->list[r->seats[i] - 1];
}

const struct authority_row *const *
rows_all(const struct rows *r, size_t *ret_n)
{
	*ret_n = r->n;
	return (const struct authority_row *const *)r->list;
}
