/*
 * The inside of guard and door, for the files of this folder.
 */
#ifndef GUARD_INSIDE_H
#define GUARD_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "crypto/aead.h"
#include "guard/door.h"
#include "guard/door_access.h"
#include "guard/door_authority.h"
#include "guard/door_document.h"
#include "guard/door_people.h"
#include "guard/door_secret.h"
#include "guard/rows.h"
#include "guard/sessions.h"
#include "guard/snapshot.h"
#include "vault/holding.h"
#include "vault/record.h"
#include "vault/shelf.h"

struct guard {
	struct guard_config config;
	pthread_mutex_t lock; /* over rows and current */
	struct rows *rows;    /* every verified row, newest version */
	struct snapshot *current;
	_Atomic(uint64_t) changes; /* raised by every change of rows */
	uint64_t compiled;         /* changes that `current` holds */
	struct sessions *sessions; /* has a lock of its own */
	struct shelf_rack *rack;
	_Atomic(uint64_t) outbox; /* the last number given out */
	/* Rows made but not stored, or changes stored but not entered. */
	atomic_bool is_behind;
	bool is_seated;           /* on a database that others may reach */
	instant seen_at;          /* of door_stay() alone */
	uint64_t feed_next;       /* of door_follow() alone */
	bool has_feed;
	_Atomic(uint64_t) namings; /* raised when a section or organ changes */
	uint8_t stranger_key[32];  /* random; of names that are no account's */
	uint8_t draft_key[AEAD_KEY_BYTES]; /* of this process */
};

enum { PATHS_MAX = 64, PATH_MAX_BYTES = 256 };

/* A section's path as it was read; for PATH_SECONDS at most. */
struct path_seat {
	uint64_t body;
	uint64_t section;
	uint64_t namings;
	instant at;
	size_t n;
	char text[PATH_MAX_BYTES];
};

struct door {
	struct door_config config;
	struct guard *guard;
	struct channel *channel;
	struct store_reader *reader;
	struct aead *aead;
	struct snapshot *snapshot; /* pinned */
	uint64_t pinned;           /* changes that it holds */
	struct path_seat paths[PATHS_MAX]; /* by the section's low bits */
};

/*
 * The pinned snapshot. It lives until the next door_renew() of this door,
 * which any fiber may call: never hold it, or a row of it, across a wait.
 */
static inline const struct snapshot *
door_pin(const struct door *d)
{
	return d->snapshot;
}

/* Pins the newest. Only where no row of the old one is held. */
void door_renew(struct door *d);

static inline instant
door_now(const struct door *d)
{
	return clock_now(d->guard->config.clock);
}

/*
 * One call of the keeper. `answer` is the message's struct; what it points to
 * is copied into `keep`, which may be NULL where it points to nothing.
 * False with the refusal in err; *ret_code (may be NULL) says which.
 */
struct keeper_asking {
	struct channel *channel;
	struct fiber *fiber; /* NULL: block */
	struct arena *keep;
	enum message type;
	const void *ask;
	void *answer;
};

bool guard_ask(const struct keeper_asking *a, enum answer *ret_code,
    struct err *err) MUST_CHECK;

/* A store job, waited for. run() is called in the writer's thread. */
bool door_change(struct door *d, struct fiber *fiber,
    bool (*run)(struct store_tx *tx, void *arg, struct err *err), void *arg,
    struct err *err) MUST_CHECK;

/* Lets other requests of the door's thread run; nothing where it blocks. */
void door_pause(struct door *d, struct fiber *fiber);

/*
 * The same with an entry: one transaction writes both change and outbox row;
 * returns when the entry is durable.
 */
struct change {
	bool (*run)(struct store_tx *tx, void *arg, struct err *err);
	void *arg;
	const char *verb;
	uint64_t subject;
	uint64_t body; /* 0: the visitor's */
};

bool door_change_entered(struct door *d, const struct visitor *v,
    const struct change *c, struct err *err) MUST_CHECK;

/*
 * Enters what a crash, or a database that went away, left in the outbox. At
 * start fiber and door are NULL.
 */
bool guard_drain(struct guard *g, struct channel *channel, struct fiber *fiber,
    struct door *d, struct err *err) MUST_CHECK;

/*
 * Makes the database this keeper's, and this server the one on it. Waits a
 * while for one that left without a word. ERR_CORRUPT: another log's;
 * ERR_BUSY: another server stays.
 */
bool guard_sit_down(struct guard *g, struct channel *channel,
    struct store_reader *r, struct err *err) MUST_CHECK;
void guard_stand_up(struct guard *g);

/* READY: stores rows that the keeper made and the database lacks. */
bool guard_catch_up(struct guard *g, struct channel *channel,
    struct fiber *fiber, struct door *d, struct err *err) MUST_CHECK;

/* A verified row becomes part of the next snapshot. */
bool guard_apply(struct guard *g, const struct authority_row *row,
    struct err *err) MUST_CHECK;

/* The newest version of a row, pending ones too; false: none. */
bool guard_row(struct guard *g, enum authority_kind kind, uint64_t body,
    uint64_t id, struct authority_row *ret);

/* Sends a row to the keeper, stores what it makes, compiles it. */
struct row_put {
	struct authority_row row; /* head.version is set here */
	struct put_ask ask;       /* row, session and capacity are set here */
	/* Further rows of the same transaction; may be NULL. */
	bool (*also)(struct store_tx *tx, void *arg, struct err *err);
	void *arg;
};

bool door_put_row(struct door *d, struct visitor *v, struct row_put *p,
    struct put *ret, struct err *err) MUST_CHECK;

/*
 * One part of a change: the keeper makes all its rows or none; they are
 * stored in one transaction, with `also`.
 */
bool door_put_rows(struct door *d, struct visitor *v,
    const struct change_ask *ask,
    bool (*also)(struct store_tx *tx, void *arg, struct err *err), void *arg,
    struct err *err) MUST_CHECK;

/* The rights of the office as the pack has them; never more. */
bool door_rights_of(struct door *d, const struct visitor *v,
    const struct door_appointment *ask, uint32_t *ret,
    struct err *err) MUST_CHECK;

/*
 * The same together with a change and its entry: the row counts once the
 * change is stored with it. Who comes between gets ERR_CONFLICT, and what a
 * crash leaves behind of it is never in force.
 */
bool door_put_entered(struct door *d, struct visitor *v, struct row_put *p,
    const struct change *c, struct put *ret, struct err *err) MUST_CHECK;

/* Made for a change that was not stored. */
bool guard_is_intended(struct store_reader *r,
    const struct authority_row *row, bool *ret, struct err *err) MUST_CHECK;

/* At start: such rows are not in force. */
bool guard_withhold(struct guard *g, struct store_reader *r,
    struct err *err) MUST_CHECK;
bool guard_silence(struct guard *g, enum authority_kind kind, uint64_t body,
    uint64_t id, struct err *err) MUST_CHECK;

/*
 * The same with a reason, which is entered before under `verb`, sealed there,
 * with holding and row as its subjects. An empty reason is none.
 */
struct reasoned {
	const char *verb; /* "emergency.reason" */
	uint64_t holding;
	struct slice text;
};

bool door_put_reasoned(struct door *d, struct visitor *v, struct row_put *p,
    const struct reasoned *why, struct put *ret, struct err *err) MUST_CHECK;

/* NULL: none, as in tests that need no regulation. */
const struct pack *door_pack(const struct door *d, uint64_t body);

/* A parameter of the body's pack. */
uint64_t door_parameter(
    const struct door *d, uint64_t body, const char *id, uint64_t otherwise);

/* Right grant or oversee over the section that owns the holding. */
bool door_oversees(
    const struct door *d, const struct visitor *v, uint64_t holding);

/* What the row says of a record that is 秘匿; NULL: it is not. Pinned. */
const struct authority_secret *door_mark(const struct door *d, uint64_t body,
    uint64_t holding, uint64_t record);

/* ---- what is shown ---- */

/* A person's name; empty when there is none. */
struct slice
door_name(struct door *d, struct arena *a, uint64_t body, uint64_t person);

/* "市民部 市民課", and with the office's title behind it. */
struct slice
door_path(struct door *d, struct arena *a, uint64_t body, uint64_t section);
struct slice
door_post(struct door *d, struct visitor *v, uint64_t capacity);
struct slice
door_title(struct door *d, uint64_t body, struct slice office, bool is_english);

/* ---- deciding ---- */

/* The holding, or ERR_NOT_FOUND; give the shelf back. */
bool door_shelf(struct door *d, uint64_t body, uint64_t holding,
    struct shelf **ret_shelf, const struct holding **ret,
    struct err *err) MUST_CHECK;

/* The question of an act; is_secret, is_erased, label are the record's. */
struct question door_question(struct door *d, const struct visitor *v,
    const struct holding *h, const struct door_intent *intent, enum act act);

/*
 * Enters the refusal (at most one a second for each session), fills err.
 * Always false.
 */
bool door_refuse(struct door *d, struct visitor *v, const struct question *q,
    uint64_t record, struct slice reference, const struct decision *decision,
    struct decision *ret, struct err *err);

/* What the keeper refused, as a decision; err is filled already. */
void door_keeper_refused(struct door *d, const struct question *q,
    enum answer code, struct decision *ret);

struct message_intent door_message(
    const struct visitor *v, const struct door_intent *intent, enum act act);

#endif
