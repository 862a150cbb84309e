/*
 * Goal of this test: kill -9 the keeper at random moments under load, and
 * find afterwards that
 *
 *	- every acknowledged entry is there at its index and says what it said;
 *	- a key was released only with its entry; a record that was created
 *	  can be opened;
 *	- an outbox row that is sent again after a crash stands there once;
 *	- a row that was put is there or healed, never lost or made twice;
 *	- what was erased stays erased;
 *	- the tree verifies.
 *
 *	keeper_crash [rounds [seed]]
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/num.h"
#include "keeper/canon.h"
#include "keeper_rig.h"
#include "ledger/verify.h"

enum {
	CALLS = 48,
	ENTRIES_MAX = 1 << 20,
	RECORDS_MAX = 1 << 16,
	FIRST_OUTBOX = 0x100000,
	FIRST_RECORD = 0x10000
};

enum what { APPEND, VIEW, CREATE, ERASE, PUT, WHATS };

struct record {
	struct message_record stored;
	uint8_t key[RECORD_KEY_BYTES];
	enum { NONE, CREATED, MAYBE_ERASED, ERASED } state;
};

struct work {
	struct keeper_call call;
	struct crash *crash;
	enum what what;
	uint64_t id; /* outbox row, or record */
	bool is_busy;
};

struct crash {
	struct rig *rig;
	uint64_t random;
	struct work work[CALLS];
	bool is_killed;
	/* what was acknowledged, by index: id and what it was */
	uint64_t *acked_id;
	uint8_t *acked_what; /* enum what + 1 */
	/* outbox rows: 1 sent, 2 acknowledged, and seen in the ledger */
	uint8_t *outbox_state, *outbox_seen;
	uint64_t n_outbox;
	struct record *records;
	uint64_t n_records;
	uint32_t grant_version;
	bool is_putting;
	uint64_t checked; /* entries compared so far */
	unsigned long acked, given;
};

static uint64_t
draw(struct crash *c, uint64_t n)
{
	c->random ^= c->random << 13;
	c->random ^= c->random >> 7;
	c->random ^= c->random << 17;
	return c->random % n;
}

static void
note(struct crash *c, uint64_t entry, enum what what, uint64_t id)
{
	must(entry < ENTRIES_MAX);
	/* an outbox row that was there already keeps its entry */
	if (c->acked_what[entry] == 0) {
		c->acked_id[entry] = id;
		c->acked_what[entry] = (uint8_t)(what + 1);
	}
	must(c->acked_id[entry] == id && c->acked_what[entry] == what + 1);
	c->acked++;
}

static void
create_done(struct crash *c, struct record *r, uint64_t id, struct slice s)
{
	struct create_made made;
	struct create_answer to = {.made = &made};
	must(create_answer_read(s, &to) && to.n == 1);
	r->stored = (struct message_record){.id = id, .version = 1};
	memcpy(r->stored.wrap, made.wrap, WRAP_BYTES);
	memcpy(r->key, made.key, RECORD_KEY_BYTES);
	r->state = CREATED;
	note(c, to.entry, CREATE, id);
}

static void
done(struct keeper_call *call, enum answer code, struct slice s)
{
	struct work *w = call->arg;
	struct crash *c = w->crash;
	struct record *r = w->id >= FIRST_RECORD && w->id < FIRST_OUTBOX
	    ? &c->records[w->id - FIRST_RECORD]
	    : NULL;
	static struct open_answer open;
	struct entry_answer entry;
	struct put_answer put;
	w->is_busy = false;
	if (w->what == PUT)
		c->is_putting = false;
	if (code == ANSWER_LOST) {
		must(c->is_killed);
		return;
	}
	if (w->what == VIEW && code == ANSWER_ERASED) {
		must(r->state == MAYBE_ERASED || r->state == ERASED);
		return;
	}
	if (w->what == ERASE && code == ANSWER_ERASED)
		return;
	must(code == ANSWER_OK);
	switch (w->what) {
	case APPEND:
		must(entry_answer_read(s, &entry));
		c->outbox_state[w->id - FIRST_OUTBOX] = 2;
		note(c, entry.entry, APPEND, w->id);
		return;
	case VIEW:
		must(open_answer_read(s, &open) && open.n == 1);
		must(memcmp(open.keys[0], r->key, RECORD_KEY_BYTES) == 0);
		must(r->state != ERASED);
		note(c, open.entry, VIEW, w->id);
		c->given++;
		return;
	case CREATE:
		create_done(c, r, w->id, s);
		return;
	case ERASE:
		must(entry_answer_read(s, &entry));
		r->state = ERASED;
		note(c, entry.entry, ERASE, w->id);
		return;
	case PUT:
		must(put_answer_read(s, &put));
		note(c, put.stored.entry, PUT, w->id);
		return;
	case WHATS:
		break;
	}
	must(false);
}

static struct record *
some_record(struct crash *c, uint64_t *ret_id)
{
	for (unsigned i = 0; i < 8 && c->n_records > 0; i++) {
		uint64_t n = draw(c, c->n_records);
		if (c->records[n].state == CREATED) {
			*ret_id = FIRST_RECORD + n;
			return &c->records[n];
		}
	}
	return NULL;
}

static bool
send_append(struct crash *c, struct work *w)
{
	struct err err;
	struct append_ask ask = {
	    .session = *rig_session(c->rig, RIG_CLERK),
	    .verb = SLICE("matter.step"),
	    .n_subjects = 1,
	};
	/* first what a crash left open */
	w->id = 0;
	for (uint64_t i = c->n_outbox > 200 ? c->n_outbox - 200 : 0;
	     i < c->n_outbox; i++)
		if (c->outbox_state[i] == 1 && c->outbox_seen[i] != 2)
			w->id = FIRST_OUTBOX + i;
	if (w->id == 0)
		w->id = FIRST_OUTBOX + c->n_outbox++;
	must(w->id - FIRST_OUTBOX < ENTRIES_MAX);
	c->outbox_state[w->id - FIRST_OUTBOX] = 3; /* under way */
	ask.outbox = ask.subjects[0] = w->id;
	return channel_send(c->rig->ch, &w->call, MESSAGE_APPEND, &ask, &err);
}

static bool
send_create(struct crash *c, struct work *w)
{
	struct err err;
	must(c->n_records < RECORDS_MAX);
	w->id = FIRST_RECORD + c->n_records++;
	struct create_item item = {.id = w->id, .version = 1};
	struct create_ask ask = {
	    .intent =
		rig_intent(c->rig, RIG_CLERK, RIG_HOLDING, ACT_CREATE),
	    .n = 1,
	    .items = &item,
	};
	return channel_send(c->rig->ch, &w->call, MESSAGE_CREATE, &ask, &err);
}

/* The next version of one grant: one at a time. */
static bool
send_put(struct crash *c, struct work *w)
{
	struct err err;
	struct buf b = buf_of(AUTHORITY_ROW_MAX_BYTES);
	struct authority_row row = rig_grant(c->rig, 0x4fff, RIG_CLERK,
	    RIG_HOLDING, ACT_BIT(ACT_VIEW));
	struct put_ask ask = {
	    .session = *rig_session(c->rig, RIG_MANAGER),
	    .capacity = rig_capacity(RIG_MANAGER),
	};
	row.head.version = ++c->grant_version;
	w->id = 0x4fff;
	c->is_putting = true;
	authority_row_write(&b, &row);
	must(buf_finish(&b, &ask.row, NULL));
	bool ok = channel_send(c->rig->ch, &w->call, MESSAGE_AUTHORITY_PUT,
	    &ask, &err);
	buf_close(&b);
	return ok;
}

static bool
send_some(struct crash *c, struct work *w)
{
	struct err err;
	static struct open_ask open;
	static struct erase_ask erase;
	uint64_t dice = draw(c, 100);
	w->call = (struct keeper_call){.done = done, .arg = w};
	w->crash = c;
	w->is_busy = true;
	struct record *r = some_record(c, &w->id);
	if (dice < 2 && !c->is_putting) {
		w->what = PUT;
		return send_put(c, w);
	}
	if (dice < 40 || r == NULL) {
		w->what = dice % 2 == 0 ? CREATE : APPEND;
		return w->what == CREATE ? send_create(c, w)
					 : send_append(c, w);
	}
	if (dice < 45) {
		w->what = ERASE;
		erase.intent = rig_intent(c->rig, RIG_CLERK, RIG_HOLDING,
		    ACT_ERASE);
		erase.n = 1;
		erase.records[0] = r->stored;
		r->state = MAYBE_ERASED;
		return channel_send(c->rig->ch, &w->call, MESSAGE_ERASE,
		    &erase, &err);
	}
	w->what = VIEW;
	open.intent = rig_intent(c->rig, RIG_CLERK, RIG_HOLDING, ACT_VIEW);
	open.n = 1;
	open.records[0] = r->stored;
	return channel_send(c->rig->ch, &w->call, MESSAGE_OPEN, &open, &err);
}

/* Until the keeper is killed, and then until its channel has run dry. */
static void
run_load(struct crash *c, instant until)
{
	struct err err;
	bool is_gone = false;
	c->is_killed = false;
	while (!is_gone) {
		for (size_t i = 0; !c->is_killed && i < CALLS; i++)
			if (!c->work[i].is_busy)
				must(send_some(c, &c->work[i]));
		(void)!channel_flush(c->rig->ch, &err);
		if (!c->is_killed && clock_monotonic() >= until) {
			must(kill(c->rig->process.pid, SIGKILL) == 0);
			c->is_killed = true;
		}
		struct pollfd p = {channel_fd(c->rig->ch), POLLIN, 0};
		(void)poll(&p, 1, 1);
		is_gone = !channel_poll(c->rig->ch, &err);
	}
	rig_stop(c->rig);
}

static uint64_t
first_id(struct slice readable, const char *key)
{
	struct slice v;
	uint64_t id = 0;
	if (!canon_get(readable, key, &v) || v.n < 18)
		return 0;
	must(num_read_hex((struct slice){v.p + 2, 16}, &id));
	return id;
}

/* One entry against what was acknowledged at its index. */
static void
check_entry(struct crash *c, uint64_t index, struct slice s)
{
	static const char *const verbs[] = {"matter.step", "record.open",
	    "record.create", "record.erase", "authority.put"};
	struct slice verb;
	uint64_t id;
	must(canon_is_object(s) && canon_get(s, "verb", &verb));
	if (slice_is(verb, "matter.step")) {
		id = first_id(s, "subjects");
		must(id >= FIRST_OUTBOX && id < FIRST_OUTBOX + c->n_outbox);
		must(c->outbox_seen[id - FIRST_OUTBOX]++ == 0);
	}
	if (index >= ENTRIES_MAX || c->acked_what[index] == 0)
		return;
	enum what what = (enum what)(c->acked_what[index] - 1);
	must(slice_is(verb, verbs[what]));
	if (what == PUT)
		must(canon_get_hex(s, "row_id", &id));
	else
		id = first_id(s, what == APPEND ? "subjects" : "records");
	must(id == c->acked_id[index]);
	c->acked_what[index] = UINT8_MAX; /* found */
}

static void
check_ledger(struct crash *c)
{
	static struct feed_answer to;
	struct feed_ask ask = {.from = c->checked, .max = MESSAGE_FEED_MAX};
	do {
		must(rig_call(c->rig, MESSAGE_FEED, &ask, &to));
		for (size_t i = 0; i < to.n; i++)
			check_entry(c, to.rows[i].index, to.rows[i].readable);
		ask.from = to.next;
	} while (to.n > 0);
	for (uint64_t i = c->checked; i < ENTRIES_MAX; i++)
		must(c->acked_what[i] == 0 || c->acked_what[i] == UINT8_MAX);
	c->checked = to.next;
	for (uint64_t i = 0; i < c->n_outbox; i++) {
		if (c->outbox_state[i] == 2)
			must(c->outbox_seen[i] == 1);
		if (c->outbox_state[i] == 3)
			c->outbox_state[i] = 1;
	}
}

/* Some records: what was made opens, what was erased does not. */
static void
check_records(struct crash *c)
{
	uint8_t key[RECORD_KEY_BYTES];
	for (unsigned i = 0; i < 10 && c->n_records > 0; i++) {
		struct record *r = &c->records[draw(c, c->n_records)];
		if (r->state == NONE)
			continue;
		bool ok = rig_view(c->rig, RIG_CLERK, RIG_HOLDING, &r->stored,
		    key);
		must(ok || c->rig->code == ANSWER_ERASED);
		must(r->state != ERASED || !ok);
		must(r->state != CREATED || ok);
		must(!ok || memcmp(key, r->key, sizeof(key)) == 0);
	}
}

/* The version that stands is the last acknowledged, or one put behind it. */
static void
find_grant(struct crash *c)
{
	struct authority_row row;
	c->is_putting = false;
	for (size_t i = 0; i < c->rig->n_rows; i++) {
		struct rig_row *r = &c->rig->rows[i];
		must(authority_row_read((struct slice){r->bytes, r->n}, &row));
		if (row.head.kind != AUTHORITY_GRANT ||
		    row.head.id != 0x4fff)
			continue;
		must(row.head.version <= c->grant_version);
		c->grant_version = row.head.version;
		return;
	}
	c->grant_version = 0;
}

/* The start too is a moment like any other. */
static void
kill_a_start(struct crash *c)
{
	pid_t pid = fork();
	must(pid >= 0);
	if (pid == 0) {
		struct err err;
		struct keeper_process p;
		struct keeper_options o = c->rig->options;
		(void)setpgid(0, 0);
		o.script = c->rig->now;
		(void)!keeper_launch(&o, &p, &err);
		(void)pause();
		_exit(0);
	}
	(void)setpgid(pid, pid);
	/* the moment of the kill is what is random here */
	(void)poll(NULL, 0, (int)draw(c, 40));
	(void)kill(-pid, SIGKILL);
	/* the orphans are ours (main), so their end can be waited for */
	while (waitpid(-pid, NULL, 0) > 0)
		;
}

/* Without any key: bundles, tiles, frames, signature. */
static void
verify_tree(const struct crash *c)
{
	char dir[FILE_PATH_MAX];
	struct verified v;
	struct err err;
	must(file_join(dir, c->rig->keeper, "ledger", &err));
	if (!verify_log(file_layer_system(), dir, NULL, &v, &err)) {
		fprintf(stderr, "the log does not verify: %s\n", err.text);
		abort();
	}
	must(v.entries >= c->checked && v.is_signed);
}

int
main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 200;
	static struct crash c;
	c.random = argc > 2 ? strtoull(argv[2], NULL, 10) : 88172645463325252u;
	c.acked_id = mem_alloc(ENTRIES_MAX, sizeof(*c.acked_id));
	c.acked_what = mem_alloc(ENTRIES_MAX, 1);
	c.outbox_state = mem_alloc(ENTRIES_MAX, 1);
	c.outbox_seen = mem_alloc(ENTRIES_MAX, 1);
	c.records = mem_alloc(RECORDS_MAX, sizeof(*c.records));
	must(c.acked_id != NULL && c.acked_what != NULL &&
	    c.outbox_state != NULL && c.outbox_seen != NULL &&
	    c.records != NULL);
	must(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	c.rig = rig_open();

	/* no limit: the load is no clerk */
	struct authority_row row = rig_row(c.rig, AUTHORITY_BODY, RIG_BODY);
	c.rig->options.is_maintenance = true;
	/* segments that are short fill and are recycled while it is killed */
	c.rig->options.wal_bytes = 256 * 1024;
	rig_restart(c.rig);
	row.head.version = 2;
	row.body = (struct authority_body){.bulk_window_min = 60,
	    .permits_needed = 1, .idle_min = 60, .idle_high_min = 60,
	    .session_max_hours = 10, .logon_failures = 5,
	    .logon_delay_min = 5, .password_min = 12,
	    .appointers_needed = 1};
	must(rig_put_ask(c.rig, &(struct put_ask){0}, &row, true));
	c.rig->options.is_maintenance = false;
	rig_restart(c.rig);
	c.checked = rig_entries(c.rig);

	for (unsigned long i = 0; i < rounds; i++) {
		run_load(&c, clock_monotonic() + 2000 +
			(instant)draw(&c, 60000));
		/* the windows that the start reads again stay short */
		c.rig->now += 2 * HOUR_US;
		if (i % 8 == 0)
			kill_a_start(&c);
		if (i % 10 == 0)
			verify_tree(&c);
		must(rig_start(c.rig));
		must(rig_load(c.rig) == KEEPER_OPEN);
		find_grant(&c);
		must(rig_logon(c.rig, RIG_CLERK));
		must(rig_logon(c.rig, RIG_MANAGER));
		check_ledger(&c);
		check_records(&c);
	}
	rig_stop(c.rig);
	verify_tree(&c);
	must(rig_start(c.rig));
	printf("%lu kills, %lu acknowledged entries, all found; %lu keys "
	       "given, each with its entry; %llu records\n", rounds, c.acked,
	    c.given, (unsigned long long)c.n_records);
	rig_close(c.rig);
	return 0;
}
