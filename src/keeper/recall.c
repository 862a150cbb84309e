/*
 * What a keeper remembers after a restart, read from the end of its ledger:
 * the windows of limits, used permits, failed log-ons, used codes, outbox
 * rows, and erasures that a crash or a restored slot file left undone. And
 * whether the set of authority rows is the one last entered.
 */
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "keeper/canon.h"
#include "keeper/state.h"
#include "keeper/table.h"

/* How far back to go. */
struct reach {
	instant since;      /* windows and permits */
	uint64_t outbox;    /* entries at least */
	uint64_t seen;      /* erasures before this one are done */
	bool has_set;
	instant newest;     /* of all entries read */
	/* pairs that logged on later: what failed before is forgotten */
	struct table *cleared;
};

static bool
read_moment(struct slice text, instant *ret)
{
	/* 2026-10-02T00:00:00.000000Z, written by entry.c */
	static const uint8_t at[] = {0, 5, 8, 11, 14, 17, 20};
	static const uint8_t n[] = {4, 2, 2, 2, 2, 2, 6};
	uint64_t v[7];
	if (text.n != 27)
		return false;
	for (size_t i = 0; i < 7; i++)
		if (!num_read_u64((struct slice){text.p + at[i], n[i]},
			999999, &v[i]))
			return false;
	/* days from the civil date (Howard Hinnant's algorithm) */
	int64_t y = (int64_t)v[0] - (v[1] <= 2);
	int64_t era = y / 400, yoe = y - era * 400;
	int64_t doy = (153 * ((int64_t)v[1] + (v[1] > 2 ? -3 : 9)) + 2) / 5 +
	    (int64_t)v[2] - 1;
	int64_t day = era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy -
	    719468;
	*ret = day * DAY_US + (instant)v[3] * HOUR_US +
	    (instant)v[4] * MINUTE_US + (instant)v[5] * SECOND_US +
	    (instant)v[6];
	return true;
}

static uint64_t
hex_of(struct slice entry, const char *key)
{
	uint64_t v = 0;
	return canon_get_hex(entry, key, &v) ? v : 0;
}

static uint64_t
number_of(struct slice entry, const char *key)
{
	uint64_t v = 0;
	return canon_get_number(entry, key, &v) ? v : 0;
}

/* Items of an array of ids: each takes 18 bytes and a comma. */
static size_t
count_ids(struct slice entry, const char *key)
{
	struct slice v;
	return canon_get(entry, key, &v) && v.n > 2 ? (v.n - 1) / 19 : 0;
}

static void
redo_erasure(struct keeper *k, struct slice entry)
{
	struct slice v;
	uint64_t slot;
	if (!canon_get(entry, "slots", &v))
		return;
	for (size_t at = 2; at + 16 < v.n; at += 19)
		if (num_read_hex((struct slice){v.p + at, 16}, &slot))
			slots_erase(k->slots, slot);
}

static bool
recall_counts(struct keeper *k, struct slice entry, struct slice verb,
    instant at)
{
	enum limit_what what;
	uint64_t n = count_ids(entry, "records");
	if (slice_is(verb, "record.open") || slice_is(verb, "document.open"))
		what = LIMIT_OPENED;
	else if (slice_is(verb, "record.create") ||
	    slice_is(verb, "record.correct") ||
	    slice_is(verb, "document.create"))
		what = LIMIT_WRITTEN;
	else if (slice_is(verb, "token.find"))
		what = LIMIT_LOOKUPS;
	else if (slice_is(verb, "token.store"))
		what = LIMIT_STORED;
	else
		return true;
	if (what == LIMIT_LOOKUPS || what == LIMIT_STORED)
		n = number_of(entry, "count");
	uint64_t body = hex_of(entry, "body");
	uint64_t permit = hex_of(entry, "permit");
	uint64_t release = hex_of(entry, "release");
	return limit_add(k->limits, body, hex_of(entry, "person"), what, at,
		   (instant)keeper_body(k, body)->bulk_window_min * MINUTE_US,
		   n) &&
	    (permit == 0 ||
		permit_use(k->limits, body, permit,
		    number_of(entry, "beyond"))) &&
	    (release == 0 || permit_use(k->limits, body, release, 1));
}

/* The newest entry that names the set decides. */
static void
recall_set(struct keeper *k, struct slice entry, struct reach *r)
{
	struct slice v;
	uint8_t digest[HASH_BYTES];
	char hex[HASH_BYTES * 2 + 1];
	static const char digits[] = "0123456789abcdef";
	if (r->has_set || !canon_get(entry, "set", &v))
		return;
	r->has_set = true;
	roll_digest(k->roll, digest);
	for (size_t i = 0; i < HASH_BYTES; i++) {
		hex[i * 2] = digits[digest[i] >> 4];
		hex[i * 2 + 1] = digits[digest[i] & 15];
	}
	if (slice_is_equal(v, (struct slice){hex, HASH_BYTES * 2}) &&
	    number_of(entry, "set_count") == roll_count(k->roll))
		return;
	k->state = KEEPER_REFUSING;
	(void)ERR(&k->reason, ERR_CORRUPT,
	    "the authority file is not the one that the ledger names last");
}

static bool
recall_entry(struct keeper *k, struct slice entry, uint64_t index,
    struct reach *r, instant *ret_at)
{
	struct slice verb, text;
	if (!canon_get(entry, "verb", &verb) ||
	    !canon_get(entry, "at", &text) || !read_moment(text, ret_at))
		return false;
	bool ok = recall_counts(k, entry, verb, *ret_at);
	uint64_t step = number_of(entry, "step");
	uint64_t account = hex_of(entry, "account");
	uint64_t outbox = hex_of(entry, "outbox");
	if (step != 0)
		ok = ok && code_use(k->sessions, account, step);
	if (outbox != 0)
		ok = ok &&
		    outbox_recall(k->outbox, hex_of(entry, "body"), outbox,
			index);
	struct table_key pair = {account, hex_of(entry, "source"), 0};
	if (slice_is(verb, "session.start") ||
	    slice_is(verb, "session.step_up"))
		ok = ok && table_put(r->cleared, pair, k);
	if (slice_is(verb, "session.refused") &&
	    k->now - *ret_at < DAY_US &&
	    table_find(r->cleared, pair) == NULL)
		failures_charge(k->sessions, account, pair.b, *ret_at);
	if ((slice_is(verb, "record.erase") ||
		slice_is(verb, "document.erase")) &&
	    index >= r->seen)
		redo_erasure(k, entry);
	recall_set(k, entry, r);
	return ok;
}

/* Windows of all bodies, and permits that may still be used. */
static instant
reach_back(const struct keeper *k)
{
	const struct roll_node *n;
	instant since = k->now;
	for (size_t at = 0; (n = roll_next(k->roll, &at)) != NULL;) {
		if (n->now == NULL)
			continue;
		const struct authority_row *row = &n->now->row;
		instant from = k->now;
		if (row->head.kind == AUTHORITY_BODY)
			from = k->now - (instant)row->body.bulk_window_min *
				MINUTE_US * (LIMIT_PARTS + 1) / LIMIT_PARTS;
		else if ((row->head.kind == AUTHORITY_PERMIT ||
			     row->head.kind == AUTHORITY_RELEASE) &&
		    row->head.until > k->now)
			from = row->head.from;
		if (from < since)
			since = from;
	}
	return since;
}

static bool
walk(struct keeper *k, struct reach *r, uint64_t size, struct err *err)
{
	instant at = k->now;
	for (uint64_t i = size; (i = logs_back(k->logs, i)) > 0; i--) {
		struct entry_read e;
		if (i <= r->outbox && i <= r->seen && r->has_set &&
		    at < r->since)
			break;
		if (!entry_read(k->entries, i - 1, &e, err)) {
			/* a retired month is older than all of these */
			if (err->code == ERR_NOT_FOUND)
				continue;
			return false;
		}
		if (!recall_entry(k, e.readable, i - 1, r, &at))
			return ERR(err, ERR_CORRUPT,
			    "an entry of the ledger is not readable");
		if (at > r->newest)
			r->newest = at;
	}
	return true;
}

bool
keeper_recall(struct keeper *k, struct err *err)
{
	uint64_t size = logs_end(k->logs);
	struct reach r = {
	    .since = reach_back(k),
	    .seen = slots_seen(k->slots),
	    .outbox = size > KEEPER_OUTBOX_MAX ? size - KEEPER_OUTBOX_MAX
					       : 0,
	};
	r.cleared = table_open();
	if (r.cleared == NULL)
		return ERR(err, ERR_LIMIT, "no memory to read the ledger");
	bool ok = walk(k, &r, size, err);
	table_close(r.cleared);
	if (!ok)
		return false;
	/* Setting the machine's clock back makes no grant live longer. */
	if (r.newest > k->now) {
		atomic_store(&k->clock.last, r.newest);
		k->now = clock_now(&k->clock);
	}
	if (!r.has_set && roll_count(k->roll) > 0) {
		k->state = KEEPER_REFUSING;
		(void)ERR(&k->reason, ERR_CORRUPT,
		    "no entry of the ledger names the authority rows");
	}
	slots_set_seen(k->slots, size);
	slots_sync(k->slots);
	return true;
}
