/*
 * The ledger written out while the keeper runs: one person asks, another
 * confirms, and for an hour the two may fetch the present log as it was
 * signed at that moment. Nothing of it outlives the keeper. EXPORT and
 * EXPORT_PART.
 *
 * The files of a plain tree (docs/ledger-format.md) are given in parts of so
 * many bundles, each with its tile; the last part has the tiles above, vkey
 * and checkpoint.
 */
#include <string.h>

#include "base/must.h"
#include "keeper/state.h"
#include "ledger/tile.h"

enum {
	LEAVE_MINUTES = 60,
	PART_BUNDLES = 64,
	PIECE_MAX_BYTES = 60000 /* of a file, in one answer */
};

static uint64_t
pieces(uint64_t n, uint64_t size)
{
	return n / size + (n % size != 0);
}

static uint64_t
bundles(const struct keeper *k)
{
	return pieces(k->leave.size, TILE_WIDTH);
}

static uint64_t
parts(const struct keeper *k)
{
	uint64_t n = pieces(bundles(k), PART_BUNDLES);
	return n == 0 ? 1 : n;
}

static void
end_leave(struct keeper *k)
{
	k->leave = (struct export_leave){0};
}

/* The session, if its office may; *ret_answer says why not. */
static struct session *
whoever_may(struct keeper *k, const struct session_id *id, uint64_t capacity,
    enum answer *ret_answer)
{
	const uint32_t either =
	    RIGHT_BIT(RIGHT_OPERATE) | RIGHT_BIT(RIGHT_AUDIT);
	struct session *s = keeper_session(k, id);
	if (k->leave.until <= k->now)
		end_leave(k);
	if (s == NULL) {
		*ret_answer = ANSWER_NO_SESSION;
		return NULL;
	}
	const struct authority_appointment *c =
	    keeper_capacity(k, s, capacity);
	*ret_answer = s->must_change              ? ANSWER_MUST_CHANGE
	    : c == NULL                           ? ANSWER_NO_CAPACITY
	    : c->section != 0                     ? ANSWER_NO_RIGHT
	    : (c->rights & either) == 0           ? ANSWER_NO_RIGHT
						  : ANSWER_OK;
	return s;
}

/* Whether the step may be taken now. */
static enum answer
check_step(const struct keeper *k, const struct session *s,
    enum export_step step)
{
	const struct export_leave *l = &k->leave;
	bool is_ours = l->asker != 0 && l->body == s->body;
	switch (step) {
	case EXPORT_ASK:
		return l->asker == 0 ? ANSWER_OK : ANSWER_STALE;
	case EXPORT_CONFIRM:
		return !is_ours || l->confirmer != 0 ? ANSWER_NOT_FOUND
		    : l->asker == s->person          ? ANSWER_SAME_PERSON
						     : ANSWER_OK;
	case EXPORT_END:
		return is_ours ? ANSWER_OK : ANSWER_NOT_FOUND;
	case EXPORT_LOOK:
	case EXPORT_STEPS_END:
		break;
	}
	return ANSWER_OK;
}

static enum answer
take_step(struct keeper *k, struct session *s, const struct export_ask *ask,
    uint64_t *ret_entry)
{
	static const struct slice verbs[] = {
	    [EXPORT_ASK] = {"entry.export.ask", 16},
	    [EXPORT_CONFIRM] = {"entry.export.confirm", 20},
	    [EXPORT_END] = {"entry.export.end", 16}};
	struct ledger_state state;
	struct entry e = {
	    .body = s->body,
	    .at = k->now,
	    .verb = verbs[ask->step],
	    .session = s,
	    .capacity = ask->capacity,
	    .reference = ask->reference,
	};
	/* what is confirmed is what is signed at this moment */
	if (ask->step == EXPORT_CONFIRM && !keeper_sign(k))
		return ANSWER_FULL;
	ledger_state(k->ledger, &state);
	struct slice note = ledger_signed(k->ledger);
	if (note.n > sizeof(k->leave.note))
		return ANSWER_LIMIT;
	enum answer a = keeper_enter(k, &e, ret_entry);
	if (a != ANSWER_OK)
		return a;
	if (ask->step == EXPORT_END) {
		end_leave(k);
		return a;
	}
	k->leave.until = k->now + LEAVE_MINUTES * MINUTE_US;
	if (ask->step == EXPORT_ASK) {
		k->leave.body = s->body;
		k->leave.asker = s->person;
	} else {
		k->leave.confirmer = s->person;
		k->leave.size = state.signed_size;
		k->leave.note_n = note.n;
		memcpy(k->leave.note, note.p, note.n);
	}
	return a;
}

unsigned
keeper_export(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct export_ask ask;
	struct export_answer to = {0};
	enum answer a;
	if (!export_ask_read(rq->content, &ask) ||
	    !keeper_is_reference(ask.reference))
		return ANSWER_BAD_MESSAGE;
	struct session *s = whoever_may(k, &ask.session, ask.capacity, &a);
	if (s != NULL && a == ANSWER_OK)
		a = check_step(k, s, ask.step);
	if (a == ANSWER_OK && ask.step != EXPORT_LOOK)
		a = take_step(k, s, &ask, &to.entry);
	if (a != ANSWER_OK)
		return keeper_refuse(k, s, NULL, ask.capacity, a);
	if (k->leave.body == s->body) {
		to.asker = k->leave.asker;
		to.confirmer = k->leave.confirmer;
		to.until = k->leave.until;
		to.entries = k->leave.size;
		to.parts = k->leave.confirmer == 0 ? 0 : parts(k);
	}
	export_answer_write(out, &to);
	return ANSWER_OK;
}

/* ---- the files ---- */

/* One file of the tree: what, and which. */
struct piece {
	enum { PIECE_NONE, PIECE_BUNDLE, PIECE_TILE, PIECE_VKEY,
		PIECE_CHECKPOINT } what;
	unsigned row;
	uint64_t n;
};

/* The item-th file of a part. */
static struct piece
find_piece(const struct keeper *k, uint64_t part, uint64_t item)
{
	uint64_t first = part * PART_BUNDLES, n = bundles(k) - first;
	bool is_last = n <= PART_BUNDLES;
	if (n > PART_BUNDLES)
		n = PART_BUNDLES;
	if (item < n * 2)
		return (struct piece){
		    .what = item % 2 == 0 ? PIECE_BUNDLE : PIECE_TILE,
		    .n = first + item / 2};
	item -= n * 2;
	for (unsigned row = 1; is_last && row < TILE_ROWS; row++) {
		uint64_t tiles =
		    pieces(tile_row_hashes(row, k->leave.size), TILE_WIDTH);
		if (item < tiles)
			return (struct piece){.what = PIECE_TILE, .row = row,
			    .n = item};
		item -= tiles;
	}
	if (is_last && item < 2)
		return (struct piece){
		    .what = item == 0 ? PIECE_VKEY : PIECE_CHECKPOINT};
	return (struct piece){.what = PIECE_NONE};
}

static bool
write_bundle(struct keeper *k, uint64_t n, struct err *err)
{
	uint64_t from = n * TILE_WIDTH, to = from + TILE_WIDTH;
	if (to > k->leave.size)
		to = k->leave.size;
	for (uint64_t i = from; i < to; i++) {
		struct slice entry;
		if (!ledger_read(k->ledger, i, &entry, err))
			return false;
		buf_add_byte(&k->leaf_bytes, (uint8_t)(entry.n >> 8));
		buf_add_byte(&k->leaf_bytes, (uint8_t)entry.n);
		buf_add(&k->leaf_bytes, entry);
	}
	return true;
}

static bool
write_tile(struct keeper *k, unsigned row, uint64_t n, struct err *err)
{
	uint64_t from = n * TILE_WIDTH, to = from + TILE_WIDTH;
	uint64_t end = tile_row_hashes(row, k->leave.size);
	uint8_t hash[HASH_BYTES];
	for (uint64_t i = from; i < to && i < end; i++) {
		if (!ledger_subtree(k->ledger, row, i, hash, err))
			return false;
		buf_add_bytes(&k->leaf_bytes, hash, sizeof(hash));
	}
	return true;
}

/* The whole file into k->leaf_bytes, and its name in the tree. */
static bool
write_piece(struct keeper *k, const struct piece *p, char name[TILE_NAME_MAX],
    struct err *err)
{
	unsigned row = p->what == PIECE_BUNDLE ? 0 : p->row;
	uint64_t left = tile_row_hashes(row, k->leave.size);
	left -= p->n * TILE_WIDTH;
	unsigned width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
	bool ok = true;
	buf_reset(&k->leaf_bytes);
	switch (p->what) {
	case PIECE_BUNDLE:
		tile_name(TILE_ROW_ENTRIES, p->n, width, name);
		ok = write_bundle(k, p->n, err);
		break;
	case PIECE_TILE:
		tile_name(p->row, p->n, width, name);
		ok = write_tile(k, p->row, p->n, err);
		break;
	case PIECE_VKEY:
		memcpy(name, "vkey", sizeof("vkey"));
		buf_add_str(&k->leaf_bytes, k->log_key);
		buf_add_byte(&k->leaf_bytes, '\n');
		break;
	case PIECE_CHECKPOINT:
		memcpy(name, "checkpoint", sizeof("checkpoint"));
		buf_add_bytes(&k->leaf_bytes, k->leave.note,
		    k->leave.note_n);
		break;
	case PIECE_NONE:
		break;
	}
	return ok && (!k->leaf_bytes.failed ||
		ERR(err, ERR_LIMIT, "a bundle is too large"));
}

unsigned
keeper_export_part(struct keeper *k, const struct request *rq,
    struct buf *out)
{
	struct export_part_ask ask;
	struct export_part_answer to = {0};
	char name[TILE_NAME_MAX];
	uint64_t number;
	struct err err;
	enum answer a;
	if (!export_part_ask_read(rq->content, &ask) ||
	    !keeper_is_reference(ask.reference))
		return ANSWER_BAD_MESSAGE;
	struct session *s = whoever_may(k, &ask.session, ask.capacity, &a);
	if (s != NULL && a == ANSWER_OK &&
	    (k->leave.confirmer == 0 || k->leave.body != s->body ||
		(s->person != k->leave.asker &&
		    s->person != k->leave.confirmer)))
		a = ANSWER_NOT_FOUND;
	if (a != ANSWER_OK)
		return keeper_refuse(k, s, NULL, ask.capacity, a);
	if (ask.part >= parts(k))
		return ANSWER_NOT_FOUND;
	const struct piece p = find_piece(k, ask.part, ask.item);
	if (p.what == PIECE_NONE)
		return ANSWER_NOT_FOUND;
	if (!write_piece(k, &p, name, &err))
		return err.code == ERR_CORRUPT ? ANSWER_FORGED : ANSWER_BUSY;
	if (ask.offset > k->leaf_bytes.n)
		return ANSWER_NOT_FOUND;
	if (ask.item == 0 && ask.offset == 0) {
		struct entry e = {
		    .body = s->body,
		    .at = k->now,
		    .verb = SLICE("entry.export"),
		    .session = s,
		    .capacity = ask.capacity,
		    .reference = ask.reference,
		    .count = ask.part + 1,
		};
		a = keeper_enter(k, &e, &number);
		if (a != ANSWER_OK)
			return a;
	}
	size_t left = k->leaf_bytes.n - ask.offset;
	to.name = slice_of(name);
	to.is_whole = left <= PIECE_MAX_BYTES;
	to.bytes = slice_bytes(k->leaf_bytes.p + ask.offset,
	    to.is_whole ? left : PIECE_MAX_BYTES);
	to.has_more = !to.is_whole ||
	    find_piece(k, ask.part, ask.item + 1).what != PIECE_NONE;
	export_part_answer_write(out, &to);
	return ANSWER_OK;
}
