#include "keeper_rig.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"

static const struct {
	const char *office;
	uint32_t rights;
	uint64_t section;
} people[] = {
    {"registrar", RIGHT_BIT(RIGHT_APPOINT) | RIGHT_BIT(RIGHT_ACCOUNT), 0},
    {"chief", RIGHT_BIT(RIGHT_ACCOUNT) | RIGHT_BIT(RIGHT_PERMIT), 0},
    {"manager",
	RIGHT_BIT(RIGHT_GRANT) | RIGHT_BIT(RIGHT_HOLDING) |
	    RIGHT_BIT(RIGHT_PERMIT),
	RIG_SECTION},
    {"staff", 0, RIG_SECTION},
    {"auditor", RIGHT_BIT(RIGHT_AUDIT), 0},
    {"operator", RIGHT_BIT(RIGHT_OPERATE), 0},
    {"manager",
	RIGHT_BIT(RIGHT_GRANT) | RIGHT_BIT(RIGHT_HOLDING) |
	    RIGHT_BIT(RIGHT_PERMIT),
	RIG_OTHER_SECTION},
};

uint64_t
rig_account(enum rig_person p)
{
	return (uint64_t)p + 0x100;
}

uint64_t
rig_capacity(enum rig_person p)
{
	return (uint64_t)p + 0x200;
}

struct session_id *
rig_session(struct rig *r, enum rig_person p)
{
	return &r->sessions[p - RIG_REGISTRAR];
}

struct slice
rig_password(enum rig_person p)
{
	static char text[RIG_PERSONS][32];
	char *to = text[p - RIG_REGISTRAR];
	int n = snprintf(to, 32, "a password of person %u", (unsigned)p);
	return (struct slice){to, (size_t)n};
}

bool
rig_call(struct rig *r, enum message type, const void *ask, void *answer)
{
	struct err err;
	bool ok = channel_call_now(r->ch, type, ask, answer, &r->code, &err);
	if (getenv("RIG_VERBOSE") != NULL && !ok)
		fprintf(stderr, "%s: %s\n", message_rule(type)->name,
		    err.text);
	return ok;
}

void
rig_wait(struct rig *r, instant us)
{
	struct none_answer none;
	r->now += us;
	must(rig_call(r, MESSAGE_CLOCK, &(struct clock_ask){.at = r->now},
	    &none));
}

/* As one table with (kind, body, id) as its key. */
void
rig_store(struct rig *r, const struct authority_stored *s)
{
	struct rig_row n = {.n = s->row.n, .entry = s->entry};
	memcpy(n.bytes, s->row.p, s->row.n);
	memcpy(n.mac, s->mac, sizeof(n.mac));
	size_t i = 0;
	while (i < r->n_rows && memcmp(r->rows[i].bytes, n.bytes, 18) != 0)
		i++;
	must(i < RIG_ROWS_MAX);
	r->rows[i] = n;
	if (i == r->n_rows)
		r->n_rows++;
}

static void
acknowledge(struct rig *r, uint64_t entry)
{
	static struct ack_ask ask;
	struct none_answer none;
	ask.n = 1;
	ask.entries[0] = entry;
	must(rig_call(r, MESSAGE_AUTHORITY_ACK, &ask, &none));
}

bool
rig_put_ask(struct rig *r, struct put_ask *ask,
    const struct authority_row *row, bool is_stored)
{
	struct buf b = buf_of(AUTHORITY_ROW_MAX_BYTES);
	struct put_answer to;
	authority_row_write(&b, row);
	must(buf_finish(&b, &ask->row, NULL));
	bool ok = rig_call(r, MESSAGE_AUTHORITY_PUT, ask, &to);
	if (ok && is_stored) {
		rig_store(r, &to.stored);
		acknowledge(r, to.stored.entry);
	}
	buf_close(&b);
	return ok;
}

bool
rig_put(struct rig *r, enum rig_person by, struct authority_row *row)
{
	struct put_ask ask = {
	    .session = *rig_session(r, by),
	    .capacity = rig_capacity(by),
	};
	return rig_put_ask(r, &ask, row, true);
}

struct authority_row
rig_row(struct rig *r, enum authority_kind kind, uint64_t id)
{
	return (struct authority_row){
	    .head = {.kind = kind,
		.body = RIG_BODY,
		.id = id,
		.version = 1,
		.from = r->now - DAY_US,
		.until = r->now + 365 * DAY_US},
	};
}

struct authority_row
rig_grant(struct rig *r, uint64_t id, enum rig_person to, uint64_t holding,
    uint32_t acts)
{
	struct authority_row row = rig_row(r, AUTHORITY_GRANT, id);
	row.grant.person = to;
	row.grant.capacity = to == 0 ? 0 : rig_capacity(to);
	row.grant.holding = holding;
	row.grant.acts = acts;
	row.grant.items = UINT64_MAX;
	if ((acts & ACT_BIT(ACT_SECRET)) != 0)
		row.grant.flags = GRANT_SECRET;
	return row;
}

/* Body, offices and passwords, by whoever unlocked it. */
static void
furnish(struct rig *r)
{
	struct authority_row row = rig_row(r, AUTHORITY_BODY, RIG_BODY);
	struct put_ask ask = {.capacity = 0};
	row.body = (struct authority_body){
	    .bulk_records = RIG_LIMIT,
	    .bulk_window_min = 60,
	    .bulk_stop = true,
	    .permits_needed = 2,
	    .idle_min = 30,
	    .idle_high_min = 10,
	    .session_max_hours = 10,
	    .logon_failures = 3,
	    .logon_delay_min = 15,
	    .emergency_hours = 24,
	    .password_min = 12,
	    .appointers_needed = 1,
	    .password_max_days = RIG_PASSWORD_DAYS,
	    .password_reuse = 2,
	};
	must(rig_put_ask(r, &ask, &row, true));
	for (unsigned p = RIG_REGISTRAR; p < RIG_PERSONS_END; p++) {
		unsigned i = p - RIG_REGISTRAR;
		row = rig_row(r, AUTHORITY_APPOINTMENT, rig_capacity(p));
		row.appointment.person = p;
		row.appointment.section = people[i].section;
		row.appointment.rights = people[i].rights;
		must(authority_text_set(&row.appointment.office,
		    slice_of(people[i].office)));
		must(rig_put_ask(r, &ask, &row, true));
		row = rig_row(r, AUTHORITY_CREDENTIAL, rig_account(p));
		row.credential.account = rig_account(p);
		row.credential.person = p;
		ask.password = rig_password(p);
		must(rig_put_ask(r, &ask, &row, true));
		ask.password = SLICE_NONE;
	}
}

bool
rig_start(struct rig *r)
{
	struct err err;
	r->options.script = r->now;
	if (!keeper_launch(&r->options, &r->process, &err)) {
		fprintf(stderr, "launch: %s\n", err.text);
		return false;
	}
	r->ch = channel_open(r->process.fds[0], &err);
	r->process.fds[0] = -1;
	return r->ch != NULL;
}

void
rig_stop(struct rig *r)
{
	channel_close(r->ch);
	r->ch = NULL;
	keeper_stop(&r->process);
}

void
rig_kill(struct rig *r)
{
	must(kill(r->process.pid, SIGKILL) == 0);
	rig_stop(r);
}

enum keeper_state
rig_load(struct rig *r)
{
	static struct authority_stored rows[MESSAGE_ROWS_MAX];
	static struct load_answer verdicts;
	struct ready_answer ready = {.unstored.rows = rows};
	struct ready_ask ask = {0};
	for (size_t at = 0; at < r->n_rows;) {
		struct authority_rows load = {.rows = rows};
		while (load.n < 200 && at < r->n_rows) {
			struct rig_row *from = &r->rows[at++];
			struct authority_stored *to = &rows[load.n++];
			to->row = (struct slice){from->bytes, from->n};
			to->entry = from->entry;
			memcpy(to->mac, from->mac, sizeof(to->mac));
		}
		must(rig_call(r, MESSAGE_AUTHORITY_LOAD, &load, &verdicts));
	}
	do {
		must(rig_call(r, MESSAGE_AUTHORITY_READY, &ask, &ready));
		uint64_t entries[MESSAGE_ROWS_MAX];
		size_t n = ready.unstored.n;
		for (size_t i = 0; i < n; i++) {
			rig_store(r, &rows[i]);
			entries[i] = rows[i].entry;
		}
		for (size_t i = 0; i < n; i++)
			acknowledge(r, entries[i]);
	} while (ready.unstored.has_more);
	return ready.state;
}

bool
rig_logon(struct rig *r, enum rig_person p)
{
	struct logon_ask ask = {
	    .body = RIG_BODY,
	    .account = rig_account(p),
	    .source = 0x77,
	    .password = rig_password(p),
	};
	struct session_answer to;
	if (!rig_call(r, MESSAGE_LOGON, &ask, &to))
		return false;
	*rig_session(r, p) = to.session;
	return true;
}

void
rig_restart(struct rig *r)
{
	rig_stop(r);
	must(rig_start(r));
	must(rig_load(r) == KEEPER_OPEN);
	for (unsigned p = RIG_REGISTRAR; p < RIG_PERSONS_END; p++)
		must(rig_logon(r, p));
}

struct rig *
rig_open(void)
{
	return rig_open_channels(1);
}

struct rig *
rig_open_channels(unsigned channels)
{
	struct err err;
	struct rig *r = mem_alloc(1, sizeof(*r));
	must(r != NULL);
	r->rows = mem_alloc(RIG_ROWS_MAX, sizeof(*r->rows));
	must(r->rows != NULL);
	r->now = INT64_C(1790902800) * SECOND_US; /* 2026-10-02T01:00:00Z */
	const char *tmp = getenv("TMPDIR");
	(void)snprintf(r->dir, sizeof(r->dir), "%s/keeper-rig-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	must(mkdtemp(r->dir) != NULL);
	(void)snprintf(r->keeper, sizeof(r->keeper), "%s/keeper", r->dir);
	(void)snprintf(r->key_file, sizeof(r->key_file), "%s/key", r->dir);
	int fd = open(r->key_file, O_WRONLY | O_CREAT, 0600);
	must(
	    fd >= 0 && write(fd, "0123456789abcdef0123456789abcdef", 32) == 32);
	(void)close(fd);
	r->options = (struct keeper_options){
	    .dir = r->keeper,
	    .unlock = {.way = UNLOCK_KEY_FILE, .key_file = r->key_file},
	    .channels = channels,
	    .is_maintenance = true,
	    .has_no_sandbox = getenv("RIG_NO_SANDBOX") != NULL,
	    .cost = PASSWORD_COST_TEST,
	};
	if (!keeper_init(r->keeper, "test.example/log/scripted",
		&r->options.unlock, PASSWORD_COST_TEST, NULL, &err)) {
		fprintf(stderr, "init: %s\n", err.text);
		abort();
	}
	must(rig_start(r));
	must(rig_load(r) == KEEPER_OPEN);
	furnish(r);
	r->options.is_maintenance = false;
	rig_restart(r);

	struct authority_row row = rig_row(r, AUTHORITY_HOLDING, RIG_HOLDING);
	row.holding.section = RIG_SECTION;
	must(rig_put(r, RIG_MANAGER, &row));
	row.head.id = RIG_HIGH_HOLDING;
	row.holding.flags = HOLDING_SECOND_FACTOR;
	must(rig_put(r, RIG_MANAGER, &row));
	row = rig_grant(r, 0x4000, RIG_CLERK, RIG_HOLDING,
	    ACT_BIT(ACT_SEARCH) | ACT_BIT(ACT_VIEW) | ACT_BIT(ACT_CREATE) |
		ACT_BIT(ACT_CORRECT) | ACT_BIT(ACT_ERASE));
	must(rig_put(r, RIG_MANAGER, &row));
	row = rig_grant(r, 0x4001, RIG_CLERK, RIG_HIGH_HOLDING,
	    ACT_BIT(ACT_VIEW) | ACT_BIT(ACT_CREATE));
	must(rig_put(r, RIG_MANAGER, &row));
	return r;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

void
rig_close(struct rig *r)
{
	rig_stop(r);
	(void)nftw(r->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	mem_free(r->rows);
	mem_free(r);
}

struct message_intent
rig_intent(struct rig *r, enum rig_person p, uint64_t holding, enum act act)
{
	return (struct message_intent){
	    .session = *rig_session(r, p),
	    .capacity = rig_capacity(p),
	    .holding = holding,
	    .act = act,
	    .purpose = SLICE("resident.certificate"),
	    .reference = SLICE("R8-0147"),
	};
}

bool
rig_create(struct rig *r, enum rig_person p, uint64_t holding,
    uint64_t record, uint8_t key[RECORD_KEY_BYTES],
    struct message_record *ret)
{
	struct create_item item = {.id = record, .version = 1};
	struct create_made made;
	struct create_ask ask = {
	    .intent = rig_intent(r, p, holding, ACT_CREATE),
	    .n = 1,
	    .items = &item,
	};
	struct create_answer to = {.made = &made};
	if (!rig_call(r, MESSAGE_CREATE, &ask, &to))
		return false;
	memcpy(key, made.key, RECORD_KEY_BYTES);
	*ret = (struct message_record){.id = record, .version = 1};
	memcpy(ret->wrap, made.wrap, WRAP_BYTES);
	return true;
}

bool
rig_view(struct rig *r, enum rig_person p, uint64_t holding,
    const struct message_record *record, uint8_t key[RECORD_KEY_BYTES])
{
	static struct open_answer to;
	struct open_ask ask = {
	    .intent = rig_intent(r, p, holding, ACT_VIEW),
	    .n = 1,
	};
	ask.records[0] = *record;
	if (!rig_call(r, MESSAGE_OPEN, &ask, &to))
		return false;
	must(to.n == 1);
	memcpy(key, to.keys[0], RECORD_KEY_BYTES);
	return true;
}

uint64_t
rig_entries(struct rig *r)
{
	struct status_answer to;
	must(rig_call(r, MESSAGE_STATUS, &(struct status_ask){0}, &to));
	return to.entries;
}
