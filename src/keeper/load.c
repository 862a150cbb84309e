/*
 * Authority rows at start: LOAD, READY; and ACK.
 */
#include <string.h>

#include "base/must.h"
#include "keeper/state.h"

unsigned
keeper_load(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct authority_rows ask = {.rows = k->rows};
	struct load_answer to;
	if (!authority_rows_read(rq->content, &ask))
		return ANSWER_BAD_MESSAGE;
	to.n = ask.n;
	for (size_t i = 0; i < ask.n; i++)
		to.verdicts[i] =
		    (uint8_t)roll_compare(k->roll, &ask.rows[i]);
	load_answer_write(out, &to);
	return ANSWER_OK;
}

static void
refuse_all(struct keeper *k, const char *why)
{
	k->state = KEEPER_REFUSING;
	(void)ERR(&k->reason, ERR_CORRUPT, "%s", why);
}

/* As many as fit one message. */
static void
collect_unstored(struct keeper *k, struct authority_rows *to)
{
	const struct roll_row *row;
	size_t bytes = 0;
	to->rows = k->rows;
	to->n = 0;
	to->has_more = false;
	for (size_t at = 0;
	     (row = roll_next_unstored(k->roll, &at)) != NULL;) {
		struct slice s;
		buf_reset(&k->scratch);
		authority_row_write(&k->scratch, &row->row);
		must(buf_finish(&k->scratch, &s, NULL));
		if (to->n == MESSAGE_ROWS_MAX ||
		    bytes + s.n + 64 > MESSAGE_MAX_BYTES - 64) {
			to->has_more = true;
			return;
		}
		uint8_t *p = k->row_bytes + to->n * AUTHORITY_ROW_MAX_BYTES;
		memcpy(p, s.p, s.n);
		struct authority_stored *stored = &to->rows[to->n++];
		stored->row = slice_bytes(p, s.n);
		stored->entry = row->entry;
		memcpy(stored->mac, row->mac, sizeof(stored->mac));
		bytes += s.n + 64;
	}
}

unsigned
keeper_ready(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct ready_ask ask;
	struct ready_answer to = {0};
	if (!ready_ask_read(rq->content, &ask))
		return ANSWER_BAD_MESSAGE;
	if (k->state == KEEPER_LOADING) {
		if (roll_is_behind(k->roll))
			refuse_all(k, "the database holds authority rows that "
				      "this keeper never made: its own files "
				      "are older");
		else if (roll_is_incomplete(k->roll))
			refuse_all(k, "the database lacks authority rows, or "
				      "holds older ones: it was set back");
		else
			k->state = KEEPER_OPEN;
	}
	to.state = k->state;
	if (k->state == KEEPER_OPEN) {
		collect_unstored(k, &to.unstored);
		if (!to.unstored.has_more)
			roll_ack_loaded(k->roll);
	} else {
		to.unstored.rows = k->rows;
	}
	ready_answer_write(out, &to);
	return ANSWER_OK;
}

unsigned
keeper_ack(struct keeper *k, const struct request *rq, struct buf *out)
{
	static const struct none_answer to;
	struct ack_ask ask;
	if (!ack_ask_read(rq->content, &ask))
		return ANSWER_BAD_MESSAGE;
	for (size_t i = 0; i < ask.n; i++)
		roll_ack(k->roll, ask.entries[i]);
	none_answer_write(out, &to);
	return ANSWER_OK;
}
