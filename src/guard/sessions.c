#include "guard/sessions.h"

#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"

struct seat {
	struct seat *next;
	struct remembered r;
};

enum { BUCKETS = 4096 };

struct sessions {
	pthread_mutex_t lock;
	size_t n;
	struct seat *buckets[BUCKETS];
};

/* Session ids are random: any of their bits will do. */
static struct seat **
bucket(struct sessions *s, const struct session_id *id)
{
	unsigned i = (unsigned)id->p[0] << 8 | id->p[1];
	return &s->buckets[i % BUCKETS];
}

/* The link that points to the seat, or to the NULL behind the last. */
static struct seat **
find(struct sessions *s, const struct session_id *id)
{
	struct seat **at = bucket(s, id);
	while (*at != NULL &&
	       memcmp((*at)->r.answer.session.p, id->p, sizeof(id->p)) != 0)
		at = &(*at)->next;
	return at;
}

static void
drop(struct sessions *s, struct seat **at)
{
	struct seat *seat = *at;
	*at = seat->next;
	mem_wipe(seat, sizeof(*seat));
	mem_free(seat);
	s->n--;
}

static bool
has_ended(const struct remembered *r, instant now)
{
	return now >= r->answer.idle_until || now >= r->answer.ends_at;
}

static void
sweep(struct sessions *s, instant now)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct seat **at = &s->buckets[i]; *at != NULL;) {
			if (has_ended(&(*at)->r, now))
				drop(s, at);
			else
				at = &(*at)->next;
		}
}

struct sessions *
guard_sessions_open(void)
{
	struct sessions *s = mem_alloc(1, sizeof(*s));
	if (s != NULL)
		must(pthread_mutex_init(&s->lock, NULL) == 0);
	return s;
}

void
guard_sessions_close(struct sessions *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (s->buckets[i] != NULL)
			drop(s, &s->buckets[i]);
	(void)pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

bool
sessions_put(struct sessions *s, const struct remembered *r, instant now)
{
	bool ok = true;
	must(pthread_mutex_lock(&s->lock) == 0);
	struct seat *seat = *find(s, &r->answer.session);
	if (seat == NULL) {
		if (s->n >= SESSIONS_MAX)
			sweep(s, now);
		seat =
		    s->n >= SESSIONS_MAX ? NULL : mem_alloc(1, sizeof(*seat));
		if (seat != NULL) {
			struct seat **at = bucket(s, &r->answer.session);
			seat->next = *at;
			*at = seat;
			s->n++;
		}
	}
	if (seat != NULL)
		seat->r = *r;
	else
		ok = false;
	must(pthread_mutex_unlock(&s->lock) == 0);
	return ok;
}

bool
sessions_get(struct sessions *s, const struct session_id *id, instant now,
    struct remembered *ret)
{
	must(pthread_mutex_lock(&s->lock) == 0);
	struct seat **at = find(s, id);
	bool ok = *at != NULL && !has_ended(&(*at)->r, now);
	if (ok)
		*ret = (*at)->r;
	else if (*at != NULL)
		drop(s, at);
	must(pthread_mutex_unlock(&s->lock) == 0);
	return ok;
}

void
sessions_touch(
    struct sessions *s, const struct session_answer *answer, instant now)
{
	must(pthread_mutex_lock(&s->lock) == 0);
	struct seat *seat = *find(s, &answer->session);
	if (seat != NULL) {
		seat->r.answer = *answer;
		seat->r.touched_at = now;
	}
	must(pthread_mutex_unlock(&s->lock) == 0);
}

void
sessions_take(
    struct sessions *s, const struct session_id *id, uint64_t capacity)
{
	must(pthread_mutex_lock(&s->lock) == 0);
	struct seat *seat = *find(s, id);
	if (seat != NULL)
		seat->r.capacity = capacity;
	must(pthread_mutex_unlock(&s->lock) == 0);
}

void
sessions_drop(struct sessions *s, const struct session_id *id)
{
	must(pthread_mutex_lock(&s->lock) == 0);
	struct seat **at = find(s, id);
	if (*at != NULL)
		drop(s, at);
	must(pthread_mutex_unlock(&s->lock) == 0);
}

void
sessions_doubt(
    struct sessions *s, uint64_t body, uint64_t account, uint64_t terminal)
{
	must(pthread_mutex_lock(&s->lock) == 0);
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct seat *x = s->buckets[i]; x != NULL; x = x->next) {
			const struct session_answer *a = &x->r.answer;
			if (a->body == body &&
			    ((account != 0 && a->account == account) ||
				(terminal != 0 && a->terminal == terminal)))
				x->r.touched_at = 0;
		}
	must(pthread_mutex_unlock(&s->lock) == 0);
}

bool
sessions_may_refuse(
    struct sessions *s, const struct session_id *id, instant now)
{
	bool may = true;
	must(pthread_mutex_lock(&s->lock) == 0);
	struct seat *seat = *find(s, id);
	if (seat != NULL) {
		may = seat->r.refused_at == 0 ||
		      now - seat->r.refused_at >= SECOND_US;
		if (may)
			seat->r.refused_at = now;
	}
	must(pthread_mutex_unlock(&s->lock) == 0);
	return may;
}
