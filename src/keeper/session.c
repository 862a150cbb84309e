#include "keeper/session.h"

#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/num.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "keeper/table.h"

enum { FAILURE_SETS = 16384, FAILURE_WAYS = 4 };

struct failure {
	uint64_t account, source;
	uint32_t count;
	instant last_at;
};

struct code {
	uint64_t account, step;
};

struct sessions {
	struct table *by_id;
	struct table *codes; /* account -> struct code */
	struct failure (*failures)[FAILURE_WAYS];
	uint64_t seed;
};

static struct table_key
key_of(const struct session_id *id)
{
	return (struct table_key){num_be64(id->p), num_be64(id->p + 8), 0};
}

struct sessions *
sessions_open(void)
{
	struct sessions *s = mem_alloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->by_id = table_open();
	s->codes = table_open();
	s->failures = mem_alloc(FAILURE_SETS, sizeof(*s->failures));
	random_fill(&s->seed, sizeof(s->seed));
	if (s->by_id != NULL && s->codes != NULL && s->failures != NULL)
		return s;
	sessions_close(s);
	return NULL;
}

static void
free_all(struct table *t, size_t bytes)
{
	void *p;
	for (size_t at = 0; t != NULL && (p = table_next(t, &at)) != NULL;) {
		mem_wipe(p, bytes);
		mem_free(p);
	}
	table_close(t);
}

void
sessions_close(struct sessions *s)
{
	if (s == NULL)
		return;
	free_all(s->by_id, sizeof(struct session));
	free_all(s->codes, sizeof(struct code));
	mem_free(s->failures);
	mem_free(s);
}

void
session_end(struct sessions *s, struct session *session)
{
	must(table_remove(s->by_id, key_of(&session->id)) == session);
	mem_wipe(session, sizeof(*session));
	mem_free(session);
}

/* Makes room: an account keeps its newest sessions. */
static void
trim_account(struct sessions *s, uint64_t body, uint64_t account)
{
	for (;;) {
		struct session *oldest = NULL, *i;
		size_t n = 0;
		for (size_t at = 0; (i = table_next(s->by_id, &at)) != NULL;) {
			if (i->body != body || i->account != account)
				continue;
			n++;
			if (oldest == NULL || i->seen_at < oldest->seen_at)
				oldest = i;
		}
		if (n < SESSIONS_OF_ACCOUNT_MAX)
			return;
		session_end(s, oldest);
	}
}

struct session *
session_begin(struct sessions *s, const struct session *like, instant now)
{
	uint8_t hash[HASH_BYTES];
	trim_account(s, like->body, like->account);
	if (table_count(s->by_id) >= SESSIONS_MAX)
		return NULL;
	struct session *n = mem_alloc(1, sizeof(*n));
	if (n == NULL)
		return NULL;
	*n = *like;
	random_fill(n->id.p, sizeof(n->id.p));
	hash_bytes(n->id.p, sizeof(n->id.p), hash);
	memcpy(n->tag, hash, sizeof(n->tag));
	n->seen_at = now;
	n->refused_at = 0;
	if (table_put(s->by_id, key_of(&n->id), n))
		return n;
	mem_free(n);
	return NULL;
}

struct session *
session_find(struct sessions *s, const struct session_id *id, instant now,
    instant idle)
{
	struct session *f = table_find(s->by_id, key_of(id));
	if (f == NULL)
		return NULL;
	if (now < f->ends_at && now - f->seen_at < idle)
		return f;
	session_end(s, f);
	return NULL;
}

/* The table must not change under the walk: one at a time. */
void
session_end_account(struct sessions *s, uint64_t body, uint64_t account,
    const struct session *except)
{
	struct session *i;
	for (size_t at = 0; (i = table_next(s->by_id, &at)) != NULL;) {
		if (i->body != body || i->account != account || i == except)
			continue;
		session_end(s, i);
		at = 0;
	}
}

void
session_end_terminal(struct sessions *s, uint64_t body, uint64_t terminal)
{
	struct session *i;
	for (size_t at = 0; (i = table_next(s->by_id, &at)) != NULL;) {
		if (i->body != body || i->terminal != terminal)
			continue;
		session_end(s, i);
		at = 0;
	}
}

void
sessions_sweep(struct sessions *s, instant now, instant idle)
{
	struct session *dead[256];
	size_t n;
	do {
		struct session *i;
		n = 0;
		for (size_t at = 0; n < 256 &&
		     (i = table_next(s->by_id, &at)) != NULL;)
			if (now >= i->ends_at || now - i->seen_at >= idle)
				dead[n++] = i;
		for (size_t d = 0; d < n; d++)
			session_end(s, dead[d]);
	} while (n == 256);
}

size_t
sessions_count(const struct sessions *s)
{
	return table_count(s->by_id);
}

static struct failure *
set_of(const struct sessions *s, uint64_t account, uint64_t source)
{
	uint64_t h = (account ^ s->seed) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 31 ^ source) * UINT64_C(0x94d049bb133111eb);
	return s->failures[(h >> 32) % FAILURE_SETS];
}

static struct failure *
failure_find(const struct sessions *s, uint64_t account, uint64_t source)
{
	struct failure *set = set_of(s, account, source);
	for (size_t i = 0; i < FAILURE_WAYS; i++)
		if (set[i].count > 0 && set[i].account == account &&
		    set[i].source == source)
			return &set[i];
	return NULL;
}

bool
failures_must_wait(const struct sessions *s, uint64_t account,
    uint64_t source, instant now, uint32_t allowed, instant delay)
{
	const struct failure *f = failure_find(s, account, source);
	return f != NULL && f->count >= allowed && now - f->last_at < delay;
}

void
failures_charge(struct sessions *s, uint64_t account, uint64_t source,
    instant now)
{
	struct failure *f = failure_find(s, account, source);
	if (f == NULL) {
		f = set_of(s, account, source);
		for (size_t i = 1; i < FAILURE_WAYS; i++) {
			struct failure *other =
			    set_of(s, account, source) + i;
			if (other->last_at < f->last_at)
				f = other;
		}
		*f = (struct failure){.account = account, .source = source};
	}
	if (f->count < UINT32_MAX)
		f->count++;
	if (now > f->last_at)
		f->last_at = now;
}

void
failures_clear(struct sessions *s, uint64_t account, uint64_t source)
{
	struct failure *f = failure_find(s, account, source);
	if (f != NULL)
		*f = (struct failure){0};
}

bool
code_is_fresh(const struct sessions *s, uint64_t account, uint64_t step)
{
	const struct code *c =
	    table_find(s->codes, (struct table_key){account, 0, 0});
	return c == NULL || step > c->step;
}

bool
code_use(struct sessions *s, uint64_t account, uint64_t step)
{
	struct table_key key = {account, 0, 0};
	struct code *c = table_find(s->codes, key);
	if (c == NULL) {
		c = mem_alloc(1, sizeof(*c));
		if (c == NULL)
			return false;
		c->account = account;
		if (!table_put(s->codes, key, c)) {
			mem_free(c);
			return false;
		}
	}
	if (step > c->step)
		c->step = step;
	return true;
}
