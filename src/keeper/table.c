#include "keeper/table.h"

#include "base/mem.h"
#include "base/must.h"
#include "crypto/random.h"

struct seat {
	struct table_key key;
	void *value; /* NULL: free */
};

/* Open addressing, at most three quarters full; size is a power of two. */
struct table {
	struct seat *seats;
	size_t size;
	size_t n;
	uint64_t seed[3];
};

enum { FIRST_SIZE = 64 };

struct table *
table_open(void)
{
	struct table *t = mem_alloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	t->seats = mem_alloc(FIRST_SIZE, sizeof(*t->seats));
	if (t->seats == NULL) {
		mem_free(t);
		return NULL;
	}
	t->size = FIRST_SIZE;
	random_fill(t->seed, sizeof(t->seed));
	return t;
}

void
table_close(struct table *t)
{
	if (t == NULL)
		return;
	mem_wipe(t->seats, t->size * sizeof(*t->seats));
	mem_free(t->seats);
	mem_free(t);
}

static uint64_t
mix(uint64_t v)
{
	v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
	return v ^ v >> 31;
}

static size_t
home(const struct table *t, struct table_key k)
{
	uint64_t h = mix(k.a ^ t->seed[0]);
	h = mix(h + (k.b ^ t->seed[1]));
	h = mix(h + (k.c ^ t->seed[2]));
	return (size_t)h & (t->size - 1);
}

static bool
is_same(struct table_key x, struct table_key y)
{
	return x.a == y.a && x.b == y.b && x.c == y.c;
}

/* Where the key is, or the free seat where it would be. */
static size_t
locate(const struct table *t, struct table_key key)
{
	size_t i = home(t, key);
	while (t->seats[i].value != NULL && !is_same(t->seats[i].key, key))
		i = (i + 1) & (t->size - 1);
	return i;
}

void *
table_find(const struct table *t, struct table_key key)
{
	return t->seats[locate(t, key)].value;
}

static bool
grow(struct table *t)
{
	struct table old = *t;
	struct seat *seats = mem_alloc(old.size * 2, sizeof(*seats));
	if (seats == NULL)
		return false;
	t->seats = seats;
	t->size = old.size * 2;
	for (size_t i = 0; i < old.size; i++)
		if (old.seats[i].value != NULL)
			seats[locate(t, old.seats[i].key)] = old.seats[i];
	mem_wipe(old.seats, old.size * sizeof(*old.seats));
	mem_free(old.seats);
	return true;
}

bool
table_put(struct table *t, struct table_key key, void *value)
{
	must(value != NULL);
	size_t i = locate(t, key);
	if (t->seats[i].value == NULL) {
		if (t->n >= t->size / 4 * 3) {
			if (!grow(t))
				return false;
			i = locate(t, key);
		}
		t->n++;
	}
	t->seats[i] = (struct seat){key, value};
	return true;
}

/* Later seats of the same run move up, so that no search stops early. */
void *
table_remove(struct table *t, struct table_key key)
{
	size_t mask = t->size - 1;
	size_t hole = locate(t, key);
	void *was = t->seats[hole].value;
	if (was == NULL)
		return NULL;
	for (size_t i = (hole + 1) & mask; t->seats[i].value != NULL;
	     i = (i + 1) & mask) {
		size_t from_home = (i - home(t, t->seats[i].key)) & mask;
		if (from_home >= ((i - hole) & mask)) {
			t->seats[hole] = t->seats[i];
			hole = i;
		}
	}
	t->seats[hole] = (struct seat){0};
	t->n--;
	return was;
}

size_t
table_count(const struct table *t)
{
	return t->n;
}

void *
table_next(const struct table *t, size_t *at)
{
	while (*at < t->size) {
		void *value = t->seats[(*at)++].value;
		if (value != NULL)
			return value;
	}
	return NULL;
}
