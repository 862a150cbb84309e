/*
 * What comes over a channel: any bytes are safe to read, and whatever is
 * read as a message, a row or canonical JSON is written back byte for byte.
 * The first byte chooses what it is taken for.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/must.h"
#include "keeper/canon.h"
#include "keeper/message.h"
#include "keeper/share.h"

#include "target.h"

static struct create_item items[MESSAGE_CREATE_MAX];
static struct create_made made[MESSAGE_CREATE_MAX];
static struct token_term terms[MESSAGE_TOKENS_MAX];
static struct token tokens[MESSAGE_TOKENS_MAX];
static struct authority_stored rows[MESSAGE_ROWS_MAX];

static void
same(const struct buf *b, struct slice s)
{
	must(!b->failed);
	must(slice_is_equal((struct slice){b->p, b->n}, s));
}

/* Arrays are the reader's to give room for. */
static struct create_ask room_create_ask = {.items = items};
static struct create_answer room_create_answer = {.made = made};
static struct tokens_ask room_tokens_ask = {.terms = terms};
static struct tokens_answer room_tokens_answer = {.tokens = tokens};
static struct authority_rows room_authority_rows = {.rows = rows};
static struct ready_answer room_ready_answer = {.unstored.rows = rows};

#define TRY(name, ...)                                                         \
	static void try_##name(struct slice s, struct buf *b)                  \
	{                                                                      \
		static struct name v;                                          \
		__VA_ARGS__;                                                   \
		if (!name##_read(s, &v))                                       \
			return;                                                \
		name##_write(b, &v);                                           \
		same(b, s);                                                    \
	}

TRY(status_ask)
TRY(status_answer)
TRY(logon_ask)
TRY(session_answer)
TRY(step_up_ask)
TRY(touch_ask)
TRY(open_ask)
TRY(open_answer)
TRY(erase_ask)
TRY(entry_answer)
TRY(create_ask, v = room_create_ask)
TRY(create_answer, v = room_create_answer)
TRY(tokens_ask, v = room_tokens_ask)
TRY(tokens_answer, v = room_tokens_answer)
TRY(append_ask)
TRY(authority_rows, v = room_authority_rows)
TRY(load_answer)
TRY(ready_ask)
TRY(ready_answer, v = room_ready_answer)
TRY(put_ask)
TRY(put_answer)
TRY(ack_ask)
TRY(none_answer)
TRY(entry_ask)
TRY(proof_answer)
TRY(feed_ask)
TRY(feed_answer)
TRY(checkpoint_ask)
TRY(checkpoint_answer)
TRY(retire_ask)
TRY(clock_ask)
TRY(export_ask)
TRY(export_answer)
TRY(export_part_ask)
TRY(export_part_answer)

static void
try_row(struct slice s, struct buf *b)
{
	static struct authority_row row;
	if (!authority_row_read(s, &row))
		return;
	authority_row_write(b, &row);
	same(b, s);
	(void)authority_is_in_force(&row, 0);
	if (row.head.kind == AUTHORITY_GRANT)
		(void)authority_grant_is_open_at(&row.grant, row.head.from);
}

/* Members put together again are the object. */
static void
try_canon(struct slice s, struct buf *b)
{
	struct slice rest = s, key, value;
	if (!canon_is_object(s))
		return;
	buf_add_byte(b, '{');
	while (canon_next(&rest, &key, &value)) {
		if (b->n > 1)
			buf_add_byte(b, ',');
		buf_add_byte(b, '"');
		buf_add(b, key);
		buf_add_str(b, "\":");
		buf_add(b, value);
	}
	buf_add_byte(b, '}');
	same(b, s);
}

static void
try_share(struct slice s, struct buf *b)
{
	struct share share, again;
	if (!share_read(s, &share, NULL))
		return;
	share_write(&share, b);
	must(share_read((struct slice){b->p, b->n}, &again, NULL));
	must(memcmp(&share, &again, sizeof(share)) == 0);
}

static void (*const tries[])(struct slice s, struct buf *b) = {
    try_status_ask, try_status_answer, try_logon_ask, try_session_answer,
    try_step_up_ask, try_touch_ask, try_open_ask, try_open_answer,
    try_erase_ask, try_entry_answer, try_create_ask, try_create_answer,
    try_tokens_ask, try_tokens_answer, try_append_ask, try_authority_rows,
    try_load_answer, try_ready_ask, try_ready_answer, try_put_ask,
    try_put_answer, try_ack_ask, try_none_answer, try_entry_ask,
    try_proof_answer, try_feed_ask, try_feed_answer, try_checkpoint_ask,
    try_checkpoint_answer, try_retire_ask, try_clock_ask,
    try_export_ask, try_export_answer, try_export_part_ask,
    try_export_part_answer, try_row, try_canon,
    try_share};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size - 1 > MESSAGE_MAX_BYTES)
		return 0;
	struct buf b = buf_of(MESSAGE_MAX_BYTES + 1);
	tries[data[0] % (sizeof(tries) / sizeof(tries[0]))](
	    slice_bytes(data + 1, size - 1), &b);
	buf_close(&b);
	return 0;
}
