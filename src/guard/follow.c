/*
 * The index of accesses, fed from the ledger. It can be thrown away and is
 * made again: the ledger is what counts.
 */
#include <string.h>

#include "base/calendar.h"
#include "base/json.h"
#include "base/num.h"
#include "guard.sql.h"
#include "guard/inside.h"

enum {
	FOLLOW_AT_ONCE = 64, /* entries; each may name 512 records */
	FOLLOW_FEEDS = 16,   /* of one commit: each costs readers their maps */
	FOLLOW_ENTRY_MAX_BYTES = MESSAGE_ENTRY_MAX_BYTES,
	FOLLOW_ARENA_BYTES = 16 * 1024 * 1024
};

/* One entry as the index keeps it; texts are in the arena. */
struct indexed {
	uint64_t body, entry, account, person, capacity, holding;
	instant at;
	struct slice act, purpose, reference, result;
	size_t n; /* records; none: one row with record 0 */
	uint64_t *records;
};

struct part {
	size_t n;
	struct indexed *entries;
};

struct batch {
	struct guard *guard;
	uint64_t next;
	size_t n;
	struct part parts[FOLLOW_FEEDS];
};

/* ---- reading entries ---- */

static uint64_t
id_of(const struct json *entry, const char *key)
{
	struct slice s;
	uint64_t id;
	return json_as_string(json_member(entry, key), &s) &&
		       num_read_hex(s, &id)
		   ? id
		   : 0;
}

static struct slice
text_of(const struct json *entry, const char *key, struct arena *a)
{
	struct slice s;
	return json_as_string(json_member(entry, key), &s) && s.n > 0
		   ? arena_copy(a, s)
		   : SLICE("");
}

/* 2026-10-02T00:00:00.000000Z */
static bool
read_moment(struct slice s, instant *ret)
{
	static const struct {
		uint8_t at, n;
		instant unit;
	} parts[] = {{11, 2, HOUR_US}, {14, 2, MINUTE_US}, {17, 2, SECOND_US},
	    {20, 6, 1}};
	struct date day;
	instant at = 0;
	if (s.n != 27 || !date_read((struct slice){s.p, 10}, &day, NULL))
		return false;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		uint64_t v;
		if (!num_read_u64((struct slice){s.p + parts[i].at, parts[i].n},
			999999, &v))
			return false;
		at += (instant)v * parts[i].unit;
	}
	*ret = (instant)date_number(day) * DAY_US + at;
	return true;
}

static bool
read_ids(
    const struct json *list, struct arena *a, size_t *ret_n, uint64_t **ret)
{
	size_t n = json_count(list);
	uint64_t *ids = arena_array(a, n, sizeof(*ids));
	*ret_n = 0;
	*ret = ids;
	for (size_t i = 0; ids != NULL && i < n; i++) {
		struct slice s;
		if (json_as_string(json_item(list, i), &s) &&
		    num_read_hex(s, &ids[*ret_n]))
			++*ret_n;
	}
	return ids != NULL;
}

/* "guard.refused.view.no_grant": act and reason; subjects say of what. */
static void
read_refusal(struct slice verb, const struct json *entry, struct arena *a,
    struct indexed *to)
{
	struct slice rest = slice_from(verb, SLICE("guard.refused.").n);
	struct slice act;
	size_t n;
	uint64_t *subjects;
	if (!slice_split(&rest, '.', &act))
		return;
	to->act = arena_copy(a, act);
	to->result = arena_copy(a, rest);
	if (!read_ids(json_member(entry, "subjects"), a, &n, &subjects))
		return;
	if (n > 0)
		to->holding = subjects[0];
	to->n = n > 1 ? 1 : 0;
	to->records = subjects + 1;
}

/* Storing tokens goes with a record's making, which has an entry. */
static bool
is_passed_over(struct slice verb)
{
	return slice_is(verb, "token.store") ||
	       slice_has_prefix(verb, SLICE("keeper."));
}

/* The documents that went with a record come after it. */
static void
read_erasure(const struct json *entry, struct indexed *to)
{
	uint64_t documents = 0;
	if (json_as_u64(json_member(entry, "count"), &documents) &&
	    documents < to->n)
		to->n -= documents;
}

/* What is done with a document stands under its record. */
static void
read_document(struct slice verb, const struct json *entry, struct arena *a,
    struct indexed *to)
{
	uint64_t of = id_of(entry, "of");
	to->act = arena_copy(a, verb);
	if (of == 0 || to->n == 0)
		return;
	to->records[0] = of;
	to->n = 1;
}

static bool
read_entry(const struct json *entry, uint64_t index, struct arena *a,
    struct indexed *to)
{
	struct slice verb, at, reason;
	bool is_over = false;
	if (!json_as_string(json_member(entry, "verb"), &verb) ||
	    !json_as_string(json_member(entry, "at"), &at) ||
	    is_passed_over(verb))
		return false;
	*to = (struct indexed){.body = id_of(entry, "body"),
	    .entry = index,
	    .account = id_of(entry, "account"),
	    .person = id_of(entry, "person"),
	    .capacity = id_of(entry, "capacity"),
	    .holding = id_of(entry, "holding"),
	    .act = text_of(entry, "act", a),
	    .purpose = text_of(entry, "purpose", a),
	    .reference = text_of(entry, "case", a),
	    .result = SLICE("done")};
	if (to->body == 0 || !read_moment(at, &to->at) ||
	    !read_ids(json_member(entry, "records"), a, &to->n, &to->records))
		return false;
	if (to->act.n == 0)
		to->act = arena_copy(a, verb);
	if (json_as_bool(json_member(entry, "over"), &is_over) && is_over)
		to->result = SLICE("over");
	if (slice_has_prefix(verb, SLICE("guard.refused.")))
		read_refusal(verb, entry, a, to);
	else if (slice_has_prefix(verb, SLICE("document.")))
		read_document(verb, entry, a, to);
	else if (slice_is(verb, "record.erase"))
		read_erasure(entry, to);
	else if (slice_is(verb, "refused"))
		to->result =
		    json_as_string(json_member(entry, "reason"), &reason)
			? arena_copy(a, reason)
			: SLICE("refused");
	return true;
}

static bool
read_feed(const struct feed_answer *feed, struct arena *a, struct batch *b,
    struct err *err)
{
	struct part *p = &b->parts[b->n++];
	p->entries = arena_array(a, feed->n, sizeof(*p->entries));
	for (size_t i = 0; p->entries != NULL && i < feed->n; i++) {
		if (feed->rows[i].readable.n == 0)
			continue; /* its key is gone */
		struct json *entry = json_open(
		    feed->rows[i].readable, FOLLOW_ENTRY_MAX_BYTES, err);
		if (entry == NULL)
			return err_wrap(err, "an entry of the ledger");
		if (read_entry(
			entry, feed->rows[i].index, a, &p->entries[p->n]))
			p->n++;
		json_close(entry);
	}
	return !arena_is_failed(a) ||
	       ERR(err, ERR_LIMIT, "no memory for the index of accesses");
}

/* ---- writing ---- */

static bool
put_access(struct store_tx *tx, const struct batch *b, const struct indexed *e,
    uint64_t record, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)e->body),
	    STORE_INT(e->at), STORE_INT((int64_t)b->guard->config.node),
	    STORE_INT((int64_t)e->entry), STORE_INT((int64_t)record),
	    STORE_INT((int64_t)e->account), STORE_INT((int64_t)e->person),
	    STORE_INT((int64_t)e->capacity), STORE_INT((int64_t)e->holding),
	    STORE_TEXT(e->act), STORE_TEXT(e->purpose),
	    STORE_TEXT(e->reference), STORE_TEXT(e->result)};
	return store_run_bulk(tx, GUARD_ACCESS_PUT, p, STORE_COUNT(p), err);
}

static bool
put_part(struct store_tx *tx, const struct batch *b, const struct part *p,
    struct err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct indexed *e = &p->entries[i];
		if (e->n == 0 && !put_access(tx, b, e, 0, err))
			return false;
		for (size_t r = 0; r < e->n; r++)
			if (!put_access(tx, b, e, e->records[r], err))
				return false;
	}
	return true;
}

static bool
run_batch(struct store_tx *tx, void *arg, struct err *err)
{
	const struct batch *b = arg;
	const struct store_value feed[] = {STORE_INT(0),
	    STORE_INT((int64_t)b->guard->config.node),
	    STORE_INT((int64_t)b->next)};
	for (size_t i = 0; i < b->n; i++)
		if (!put_part(tx, b, &b->parts[i], err))
			return false;
	return store_run(
	    tx, GUARD_FEED_PUT, feed, STORE_COUNT(feed), NULL, err);
}

/* Where the index stands; 0 when it was never fed. */
static bool
find_next(struct door *d, struct err *err)
{
	struct guard *g = d->guard;
	const struct store_value p[] = {
	    STORE_INT(0), STORE_INT((int64_t)g->config.node)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (g->has_feed)
		return true;
	if (!store_query(
		d->reader, GUARD_FEED_GET, p, STORE_COUNT(p), &rows, err))
		return false;
	g->feed_next = store_next(&rows)
			   ? (uint64_t)store_int(&rows, GUARD_FEED_GET__NEXT)
			   : 0;
	g->has_feed = store_finish(&rows, err);
	return g->has_feed;
}

/* Feeds until there is no more, or enough for one commit. */
static bool
gather(struct door *d, struct fiber *fiber, struct arena *a, struct batch *b,
    bool *ret_more, struct err *err)
{
	*ret_more = true;
	while (*ret_more && b->n < FOLLOW_FEEDS &&
	       arena_used(a) < FOLLOW_ARENA_BYTES / 4) {
		struct feed_answer *feed = arena_alloc(a, sizeof(*feed));
		if (feed == NULL)
			return ERR(err, ERR_BUSY, "no memory");
		const struct feed_ask ask = {
		    .from = b->next, .max = FOLLOW_AT_ONCE};
		const struct keeper_asking asking = {.channel = d->channel,
		    .fiber = fiber,
		    .keep = a,
		    .type = MESSAGE_FEED,
		    .ask = &ask,
		    .answer = feed};
		if (!guard_ask(&asking, NULL, err))
			return false;
		*ret_more = feed->n == FOLLOW_AT_ONCE;
		if (feed->n > 0 && !read_feed(feed, a, b, err))
			return false;
		if (feed->n > 0)
			b->next = feed->next;
	}
	return true;
}

bool
door_follow(
    struct door *d, struct fiber *fiber, bool *ret_more, struct err *err)
{
	struct guard *g = d->guard;
	*ret_more = false;
	if (atomic_exchange(&g->is_behind, false) &&
	    (!guard_catch_up(g, d->channel, fiber, d, err) ||
		!guard_drain(g, d->channel, fiber, d, err))) {
		atomic_store(&g->is_behind, true);
		return false;
	}
	if (!find_next(d, err))
		return false;
	SCOPED(arena_close_scoped)
	struct arena *a = arena_open(FOLLOW_ARENA_BYTES);
	bool more;
	struct batch b = {.guard = g, .next = g->feed_next};
	if (a == NULL)
		return ERR(err, ERR_BUSY, "no memory");
	if (!gather(d, fiber, a, &b, &more, err))
		return false;
	if (b.n > 0 && !door_change(d, fiber, run_batch, &b, err))
		return false;
	g->feed_next = b.next;
	*ret_more = more;
	return true;
}
