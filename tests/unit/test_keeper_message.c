/*
 * Goal of this test: a message that is malformed, or not allowed now, ends
 * its channel and nothing else; layouts read back what they wrote.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/must.h"
#include "keeper_rig.h"

static void
test_table_is_whole(void **state)
{
	(void)state;
	assert_null(message_rule(0));
	assert_null(message_rule(MESSAGES_END));
	assert_null(message_rule(0xffff));
	for (unsigned i = MESSAGE_STATUS; i < MESSAGES_END; i++) {
		const struct message_rule *r = message_rule(i);
		assert_non_null(r);
		assert_non_null(r->ask_write);
		assert_non_null(r->answer_read);
		assert_true(r->min_bytes <= r->max_bytes);
		assert_true(r->max_bytes <= MESSAGE_MAX_BYTES);
		assert_int_not_equal(r->states, 0);
		/* nothing serves while locked; refusing serves little */
		assert_int_equal(r->states & 1 << KEEPER_LOCKED, 0);
	}
	for (unsigned i = 0; i < ANSWERS_END; i++) {
		struct err err = ERR_INIT;
		assert_non_null(answer_name(i));
		if (i == ANSWER_OK)
			continue;
		assert_false(answer_err(i, &err));
		assert_int_not_equal(err.code, ERR_NONE);
		assert_true(err.text[0] != '\0');
	}
	for (unsigned i = 0; i < ACTS_END; i++) {
		enum act act;
		assert_true(act_read(slice_of(act_name(i)), &act));
		assert_int_equal(act, i);
	}
	for (unsigned i = 0; i < RIGHTS_END; i++) {
		enum right right;
		assert_true(right_read(slice_of(right_name(i)), &right));
		assert_int_equal(right, i);
	}
	enum act none;
	assert_false(act_read(SLICE("open"), &none));
}

/* Cut anywhere, or with a byte more, it is refused. */
static void
test_layout_refuses_other_lengths(void **state)
{
	(void)state;
	static struct open_ask ask, got;
	struct buf b = buf_of(MESSAGE_MAX_BYTES);
	struct slice s;
	ask.intent.purpose = SLICE("a.purpose");
	ask.intent.reference = SLICE("R8");
	ask.intent.act = ACT_VIEW;
	ask.n = 2;
	ask.records[1].id = 7;
	open_ask_write(&b, &ask);
	assert_true(buf_finish(&b, &s, NULL));
	assert_true(open_ask_read(s, &got));
	assert_int_equal(got.n, 2);
	assert_int_equal(got.records[1].id, 7);
	assert_true(slice_is(got.intent.purpose, "a.purpose"));
	for (size_t n = 0; n < s.n; n++)
		assert_false(open_ask_read((struct slice){s.p, n}, &got));
	buf_add_byte(&b, 0);
	assert_true(buf_finish(&b, &s, NULL));
	assert_false(open_ask_read(s, &got));
	buf_close(&b);
}

/* Named caps, at the cap and one past it. */
static void
test_caps(void **state)
{
	(void)state;
	static char text[MESSAGE_DETAIL_MAX_BYTES + 1];
	static struct open_ask open;
	struct append_ask append = {.verb = SLICE("v"),
	    .detail = {text, MESSAGE_DETAIL_MAX_BYTES}};
	struct buf b = buf_of(MESSAGE_MAX_BYTES);
	memset(text, 'x', sizeof(text));
	append_ask_write(&b, &append);
	assert_false(b.failed);
	buf_reset(&b);
	append.detail.n++;
	append_ask_write(&b, &append);
	assert_true(b.failed);
	buf_reset(&b);
	open.n = MESSAGE_RECORDS_MAX;
	open_ask_write(&b, &open);
	assert_false(b.failed);
	buf_reset(&b);
	open.n++;
	open_ask_write(&b, &open);
	assert_true(b.failed);
	buf_reset(&b);
	open.n = 0;
	open_ask_write(&b, &open);
	assert_true(b.failed);
	buf_close(&b);
}

/* A grant row with everything in it, there and back. */
static void
test_rows_read_back(void **state)
{
	(void)state;
	struct authority_row row = {
	    .head = {.kind = AUTHORITY_GRANT, .body = 1, .id = 2,
		.version = 3, .from = 4, .until = 5, .made_by = 6,
		.made_in = 7, .confirmed_by = 8, .confirmed_in = 9},
	    .grant = {.person = 10, .capacity = 13, .holding = 11,
		.acts = ACT_BIT(ACT_VIEW) | ACT_BIT(ACT_SECRET), .items = 12,
		.rows_kind = 1, .n_terminals = 8, .weekdays = 0x7f,
		.from_minute = 1, .to_minute = 1440,
		.flags = GRANT_SECRET | GRANT_SURGE, .n_days = 16,
		.terminals = {1, 2, 3, 4, 5, 6, 7, 8}, .days = {20000, -1}},
	};
	struct authority_row got;
	struct buf b = buf_of(AUTHORITY_ROW_MAX_BYTES);
	struct slice s;
	assert_true(authority_text_set(&row.grant.rows, SLICE("123")));
	assert_true(authority_text_set(&row.grant.article, SLICE("art9.1")));
	authority_row_write(&b, &row);
	assert_true(buf_finish(&b, &s, NULL));
	assert_true(authority_row_read(s, &got));
	assert_int_equal(got.grant.n_days, 16);
	assert_int_equal(got.grant.days[1], -1);
	assert_int_equal(got.grant.terminals[7], 8);
	assert_true(slice_is(authority_text_slice(&got.grant.article),
	    "art9.1"));
	for (size_t n = 0; n < s.n; n++)
		assert_false(authority_row_read((struct slice){s.p, n}, &got));
	/* out of range */
	struct authority_row bad = row;
	buf_reset(&b);
	bad.grant.flags = GRANT_SURGE; /* secret act without its flag */
	authority_row_write(&b, &bad);
	assert_true(b.failed);
	buf_reset(&b);
	bad = row;
	bad.head.until = 3;
	authority_row_write(&b, &bad);
	assert_true(b.failed);
	buf_reset(&b);
	bad = row;
	bad.grant.capacity = 0; /* a person, in no appointment */
	authority_row_write(&b, &bad);
	assert_true(b.failed);
	buf_reset(&b);
	bad = row;
	bad.grant.n_days = 17;
	authority_row_write(&b, &bad);
	assert_true(b.failed);
	buf_close(&b);
}

static void
test_grant_hours(void **state)
{
	(void)state;
	/* 2026-10-02 is a Friday; 00:00 in Japan */
	const instant friday = INT64_C(1790866800) * SECOND_US;
	struct authority_grant g = {.weekdays = 1 << 5};
	assert_true(authority_grant_is_open_at(&g, friday));
	assert_false(authority_grant_is_open_at(&g, friday - 1));
	assert_true(authority_grant_is_open_at(&g, friday + DAY_US - 1));
	assert_false(authority_grant_is_open_at(&g, friday + DAY_US));
	g = (struct authority_grant){.from_minute = 0, .to_minute = 1};
	assert_true(authority_grant_is_open_at(&g, friday));
	assert_false(authority_grant_is_open_at(&g, friday + MINUTE_US));
	g = (struct authority_grant){.flags = GRANT_SURGE};
	assert_false(authority_grant_is_open_at(&g, friday));
}

/* Raw bytes on a channel of a running keeper; true when it closed it. */
static bool
is_closed_by(struct rig *r, unsigned type, unsigned code, uint32_t claimed,
    const void *content, size_t n, unsigned *ret_code)
{
	uint8_t head[MESSAGE_HEADER_BYTES];
	struct err err;
	int fd = dup(channel_fd(r->ch));
	struct message_head h = {.size = claimed, .type = (uint16_t)type,
	    .code = (uint16_t)code, .number = 5};
	(void)err;
	message_head_put(head, &h);
	must(fd >= 0);
	/* in one piece: a bad head may close the channel before the rest */
	struct iovec parts[] = {{head, sizeof(head)},
	    {(void *)(uintptr_t)content, n}};
	struct msghdr m = {.msg_iov = parts, .msg_iovlen = n > 0 ? 2 : 1};
	must(sendmsg(fd, &m, MSG_NOSIGNAL) == (ssize_t)(sizeof(head) + n));
	*ret_code = UINT32_MAX;
	struct pollfd p = {fd, POLLIN, 0};
	bool is_closed = false;
	while (!is_closed && poll(&p, 1, 5000) == 1) {
		ssize_t got = recv(fd, head, sizeof(head), 0);
		if (got == (ssize_t)sizeof(head)) {
			h = message_head_get(head);
			*ret_code = h.code;
			if (h.code == ANSWER_OK)
				break;
		} else {
			is_closed = got <= 0;
		}
		if (h.code != ANSWER_BAD_MESSAGE && !is_closed)
			break;
	}
	(void)close(fd);
	return is_closed;
}

static void
again(struct rig *r, bool is_loaded)
{
	rig_stop(r);
	assert_true(rig_start(r));
	if (is_loaded)
		assert_int_equal(rig_load(r), KEEPER_OPEN);
}

static void
test_malformed_closes_the_channel(void **state)
{
	struct rig *r = rig_open();
	unsigned code;
	static uint8_t zeros[4096];
	(void)state;
	/* a type that is none, a code in a request, a size past every cap */
	assert_true(is_closed_by(r, 0, 0, 0, NULL, 0, &code));
	again(r, true);
	assert_true(is_closed_by(r, MESSAGES_END, 0, 0, NULL, 0, &code));
	assert_int_equal(code, ANSWER_BAD_MESSAGE);
	again(r, true);
	assert_true(is_closed_by(r, 0xffff, 0, 0, NULL, 0, &code));
	again(r, true);
	assert_true(is_closed_by(r, MESSAGE_STATUS, 1, 1, zeros, 1, &code));
	again(r, true);
	assert_true(is_closed_by(r, MESSAGE_OPEN, 0, MESSAGE_MAX_BYTES + 1,
	    zeros, 1, &code));
	again(r, true);
	assert_true(
	    is_closed_by(r, MESSAGE_OPEN, 0, UINT32_MAX, NULL, 0, &code));
	again(r, true);
	/* each message with nothing, and with zeros of its smallest size */
	for (unsigned type = MESSAGE_STATUS; type < MESSAGES_END; type++) {
		uint32_t n = message_rule(type)->min_bytes;
		assert_true(is_closed_by(r, type, 0, n - 1, zeros, n - 1,
		    &code));
		assert_int_equal(code, ANSWER_BAD_MESSAGE);
		again(r, true);
		n = message_rule(type)->max_bytes + 1;
		if (n <= sizeof(zeros)) {
			assert_true(
			    is_closed_by(r, type, 0, n, zeros, n, &code));
			assert_int_equal(code, ANSWER_BAD_MESSAGE);
			again(r, true);
		}
	}
	rig_close(r);
}

/* While rows are loaded nothing else is served; after it, no more rows. */
static void
test_out_of_state_closes_the_channel(void **state)
{
	struct rig *r = rig_open();
	static uint8_t zeros[4096];
	unsigned code;
	(void)state;
	for (unsigned type = MESSAGE_STATUS; type < MESSAGES_END; type++) {
		const struct message_rule *rule = message_rule(type);
		if ((rule->states & 1 << KEEPER_LOADING) != 0)
			continue;
		again(r, false);
		assert_true(is_closed_by(r, type, 0, rule->min_bytes, zeros,
		    rule->min_bytes, &code));
		assert_int_equal(code, ANSWER_BAD_MESSAGE);
	}
	again(r, true);
	assert_true(is_closed_by(r, MESSAGE_AUTHORITY_LOAD, 0, 3, zeros, 3,
	    &code));
	assert_int_equal(code, ANSWER_BAD_MESSAGE);
	rig_close(r);
}

/* One channel's end is not another's. */
static void
test_other_channels_live_on(void **state)
{
	struct rig *r = rig_open_channels(2);
	struct err err;
	unsigned code;
	uint8_t key[32];
	struct message_record rec;
	(void)state;
	struct channel *other = channel_open(r->process.fds[1], &err);
	r->process.fds[1] = -1;
	assert_true(is_closed_by(r, 0, 0, 0, NULL, 0, &code));
	channel_close(r->ch);
	r->ch = other;
	assert_true(rig_create(r, RIG_CLERK, RIG_HOLDING, 1, key, &rec));
	rig_close(r);
}

/* In pieces of a byte it is the same message. */
static void
test_message_in_pieces(void **state)
{
	struct rig *r = rig_open();
	uint8_t frame[MESSAGE_HEADER_BYTES + 1] = {0};
	struct message_head h = {.size = 1, .type = MESSAGE_STATUS,
	    .number = 0xabcdef};
	(void)state;
	message_head_put(frame, &h);
	for (size_t i = 0; i < sizeof(frame); i++)
		must(send(channel_fd(r->ch), frame + i, 1, 0) == 1);
	must(recv(channel_fd(r->ch), frame, sizeof(frame), MSG_WAITALL) ==
	    sizeof(frame));
	h = message_head_get(frame);
	assert_int_equal(h.code, ANSWER_OK);
	assert_int_equal(h.number, 0xabcdef);
	assert_int_equal(h.type, MESSAGE_STATUS);
	rig_close(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table_is_whole),
	    cmocka_unit_test(test_layout_refuses_other_lengths),
	    cmocka_unit_test(test_caps),
	    cmocka_unit_test(test_rows_read_back),
	    cmocka_unit_test(test_grant_hours),
	    cmocka_unit_test(test_malformed_closes_the_channel),
	    cmocka_unit_test(test_out_of_state_closes_the_channel),
	    cmocka_unit_test(test_other_channels_live_on),
	    cmocka_unit_test(test_message_in_pieces),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
