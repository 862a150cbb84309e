/* Long because: what two processes say to each other is read in one place. */
/*
 * The messages between server and keeper: one table says each one's number,
 * name, size and the states in which it is allowed (keeper/message.c).
 * Anything else ends the keeper's service of that channel.
 *
 * A frame on the channel (a stream socket pair, one for each server thread):
 *
 *	u32 size of what follows the header   (<= MESSAGE_MAX_BYTES)
 *	u16 type                              (enum message)
 *	u16 code of the answer                (enum answer; 0 in a request)
 *	u64 number chosen by the server       (the answer carries it back)
 *
 * All numbers are big endian. Answers may come in another order than the
 * requests (log-ons are slow and do not hold up the rest).
 * Layouts are read and written only by keeper/message.c.
 */
#ifndef KEEPER_MESSAGE_H
#define KEEPER_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"
#include "keeper/authority.h"

enum {
	MESSAGE_HEADER_BYTES = 16,
	MESSAGE_MAX_BYTES = 256 * 1024,
	MESSAGE_RECORDS_MAX = 64,    /* records that one message may open */
	MESSAGE_CREATE_MAX = 512,    /* records that one message may create */
	MESSAGE_TOKENS_MAX = 8192,   /* search tokens of one message */
	MESSAGE_TERM_MAX_BYTES = 512,
	MESSAGE_DETAIL_MAX_BYTES = 4096,
	MESSAGE_CASE_MAX_BYTES = 32, /* case reference: [0-9A-Za-z/.-] */
	MESSAGE_PURPOSE_MAX_BYTES = 64,
	MESSAGE_VERB_MAX_BYTES = 48,
	MESSAGE_SUBJECTS_MAX = 16,
	MESSAGE_PASSWORD_MAX_BYTES = 256,
	MESSAGE_CODE_BYTES = 6,      /* digits of a one-time code */
	MESSAGE_ROWS_MAX = 512,      /* authority rows of one message */
	CHANGE_ROWS_MAX = 128,       /* rows of one part of a change */
	CHANGE_PARTS_MAX = 64,       /* parts of a change */
	MESSAGE_FEED_MAX = 256,      /* entries of one FEED */
	MESSAGE_ENTRY_MAX_BYTES = 16 * 1024, /* a readable entry */
	MESSAGE_PROOF_MAX = 64,      /* hashes of an inclusion proof */
	MESSAGE_NOTE_MAX_BYTES = 8 * 1024,   /* a signed checkpoint */
	SESSION_BYTES = 16,
	WRAP_BYTES = 8 + 12 + 32 + 16, /* slot, nonce, sealed key, tag */
	RECORD_KEY_BYTES = 32,
	TOKEN_BYTES = 16
};

enum message {
	MESSAGE_STATUS = 1,
	MESSAGE_LOGON,
	MESSAGE_STEP_UP,
	MESSAGE_TOUCH,
	MESSAGE_LOGOFF,
	MESSAGE_OPEN,
	MESSAGE_CREATE,
	MESSAGE_TOKENS,
	MESSAGE_ERASE,
	MESSAGE_APPEND,
	MESSAGE_AUTHORITY_LOAD,
	MESSAGE_AUTHORITY_READY,
	MESSAGE_AUTHORITY_PUT,
	MESSAGE_AUTHORITY_ACK,
	MESSAGE_ENTRY,
	MESSAGE_FEED,
	MESSAGE_CHECKPOINT,
	MESSAGE_RETIRE,
	MESSAGE_CLOCK,
	MESSAGE_AUTHORITY_CHANGE,
	MESSAGE_EXPORT,
	MESSAGE_EXPORT_PART,
	MESSAGES_END
};

/* What the keeper answers; each maps to one enum err_code. */
enum answer {
	ANSWER_OK = 0,
	ANSWER_NO_SESSION,   /* unknown, ended or idle too long: log on */
	ANSWER_BAD_PROOF,    /* wrong password or code */
	ANSWER_SLOW_DOWN,    /* too many failures from here: wait */
	ANSWER_NEEDS_FACTOR, /* a second factor is demanded */
	ANSWER_NO_GRANT,     /* no authenticated grant */
	ANSWER_BEYOND_GRANT, /* a grant, but not for this act or time */
	ANSWER_NO_CAPACITY,  /* the appointment is not this person's today */
	ANSWER_NO_RIGHT,     /* the office has not that right */
	ANSWER_SAME_PERSON,  /* a second person is needed */
	ANSWER_LIMIT,        /* past the account's limit; ask for a permit */
	ANSWER_ERASED,       /* the record's key no longer exists */
	ANSWER_FORGED,       /* wrap, row or MAC does not verify */
	ANSWER_STALE,        /* an older version of an authority row or set */
	ANSWER_BAD_MESSAGE,  /* malformed, or not allowed in this state */
	ANSWER_LOCKED,       /* keys are not unlocked, or rows not loaded */
	ANSWER_REFUSING,     /* something does not verify: nothing is given */
	ANSWER_FULL,         /* no space: nothing was entered or given */
	ANSWER_BUSY,
	ANSWER_NOT_FOUND,   /* no such row, entry or slot */
	ANSWER_MUST_CHANGE, /* a password that was handed out: set your own */
	ANSWER_BAD_ROW,     /* an authority row breaks its kind's rule */
	ANSWER_REUSED,      /* a password that was one's own before */
	ANSWER_LOST,        /* never sent: the keeper went away */
	ANSWERS_END
};

enum keeper_state {
	KEEPER_LOCKED,   /* waiting for the master key from the helper */
	KEEPER_LOADING,  /* unlocked; authority rows are being loaded */
	KEEPER_OPEN,     /* serving */
	KEEPER_REFUSING  /* rollback or change found: serves only STATUS */
};

/* What may be done with a record; bits of a grant's mask of acts. */
enum act {
	ACT_SEARCH,
	ACT_LIST,
	ACT_VIEW,
	ACT_CREATE,
	ACT_CORRECT,
	ACT_ERASE,
	ACT_PRINT,
	ACT_COPY,
	ACT_SEND,
	ACT_POST,
	ACT_CARRY,
	ACT_PROVIDE,
	ACT_SECRET, /* open 秘匿 records; mark and unmark them */
	ACTS_END
};

#define ACT_BIT(act) (UINT32_C(1) << (act))

/* Whether what is opened for it leaves the screen: print, copy, send ... */
bool act_is_output(enum act act);

/* An act's name in entries and packs: "view". */
const char *act_name(enum act act);
bool act_read(struct slice name, enum act *ret) MUST_CHECK;

/*
 * A document (文書) is a file of a record, with an id, a slot and a key of its
 * own. Its wrap is bound to what it is and to the record that it is of, so
 * that its entries say both truly. Whether it is 秘匿 the record says.
 */
enum record_class {
	RECORD_ORDINARY = 0,
	RECORD_SECRET = 1,
	RECORD_DOCUMENT = 2,
	RECORD_CLASSES
};

/* Rights of an office, bits in an appointment row (docs/pack-format.md). */
enum right {
	RIGHT_GRANT,
	RIGHT_HOLDING,
	RIGHT_OVERSEE,
	RIGHT_APPOINT,
	RIGHT_ACCOUNT,
	RIGHT_PERMIT,
	RIGHT_AUDIT,
	RIGHT_OPERATE,
	RIGHT_BOARD,
	RIGHT_EMERGENCY,
	RIGHTS_END
};

#define RIGHT_BIT(right) (UINT32_C(1) << (right))

const char *right_name(enum right right);
bool right_read(struct slice name, enum right *ret) MUST_CHECK;

/* A session's secret; whoever has it acts as its account. */
struct session_id {
	uint8_t p[SESSION_BYTES];
};

/* The empty one: acts of the system itself. */
bool session_id_is_none(const struct session_id *id);

/*
 * What every message about a holding names; all of it is entered.
 */
struct message_intent {
	struct session_id session;
	uint64_t capacity;      /* appointment row */
	uint64_t holding;
	enum act act;
	struct slice purpose;   /* [a-z0-9_.-], not empty */
	struct slice reference; /* case reference; may be empty */
};

/* One version of a record, and the wrap that the server stored with it. */
struct message_record {
	uint64_t id;
	uint32_t version;
	enum record_class class;
	uint64_t of; /* DOCUMENT: the record that it is of */
	uint8_t wrap[WRAP_BYTES];
};

/* STATUS */

struct status_ask {
	uint8_t none;
};

struct status_answer {
	enum keeper_state state;
	bool is_maintenance;
	bool is_full;         /* the last commit found no space */
	instant now;          /* the keeper's clock */
	uint64_t entries;     /* in the ledger */
	uint64_t rows;        /* authority rows in the set */
	uint64_t records;     /* slots ever taken */
	uint32_t sessions;
	struct slice key;     /* the log's verifier key (signed-note) */
	struct slice key_before; /* of the log that a restore ended; empty */
	struct slice reason;  /* why it refuses; empty otherwise */
};

/* LOGON, STEP_UP, TOUCH, LOGOFF */

struct logon_ask {
	uint64_t body;
	uint64_t account;
	uint64_t source;   /* where from; failures count for both together */
	uint64_t terminal; /* terminal row, 0: none */
	struct slice password;
	struct slice code; /* empty when there is none */
};

/* Of LOGON, STEP_UP and TOUCH. */
struct session_answer {
	struct session_id session;
	uint64_t body;
	uint64_t account;
	uint64_t person;
	uint64_t terminal;
	uint8_t level;      /* 1: password, 2: and a code not long ago */
	bool has_code;      /* the account can step up */
	bool must_change;   /* only its own credential may be put */
	instant idle_until; /* ends then unless touched */
	instant ends_at;
};

struct step_up_ask {
	struct session_id session;
	struct slice code;
};

/* Of TOUCH and LOGOFF. */
struct touch_ask {
	struct session_id session;
};

/*
 * OPEN, ERASE. act: ERASE demands ACT_ERASE; OPEN any but CREATE, ERASE. The
 * first one gives the entry's verb: record.open, document.erase ...
 * A 秘匿 record is opened for an output (act_is_output()) alone, and with a
 * RELEASE row that another person confirmed; ANSWER_SAME_PERSON without.
 */

struct open_ask {
	struct message_intent intent;
	size_t n; /* 1..MESSAGE_RECORDS_MAX */
	struct message_record records[MESSAGE_RECORDS_MAX];
};

struct open_answer {
	uint64_t entry;
	bool is_over; /* past the limit of a body that only marks */
	size_t n;
	uint8_t keys[MESSAGE_RECORDS_MAX][RECORD_KEY_BYTES];
};

struct erase_ask {
	struct message_intent intent;
	size_t n;
	struct message_record records[MESSAGE_RECORDS_MAX];
};

/* Of ERASE, APPEND and RETIRE. */
struct entry_answer {
	uint64_t entry;
};

/*
 * CREATE: a new record (act ACT_CREATE; takes a slot), or a new version of
 * one (ACT_CORRECT; the old wrap must open and its slot is kept). A version
 * stays the same one only where its class becomes RECORD_SECRET. Documents
 * have one version only, and stand in no message with records.
 */
struct create_item {
	struct message_record old; /* ACT_CORRECT: as stored; id is the same */
	uint64_t id;
	uint32_t version;
	enum record_class class;
	uint64_t of; /* DOCUMENT */
};

struct create_ask {
	struct message_intent intent;
	size_t n; /* 1..MESSAGE_CREATE_MAX */
	struct create_item *items; /* room for so many, by whoever reads */
};

struct create_made {
	uint8_t key[RECORD_KEY_BYTES];
	uint8_t wrap[WRAP_BYTES];
};

struct create_answer {
	uint64_t entry;
	size_t n;
	struct create_made *made; /* room for so many, by whoever reads */
};

/*
 * TOKENS: act ACT_SEARCH to look up, ACT_CREATE or ACT_CORRECT to store.
 * Texts are folded already (base/fold.h).
 */
struct token_term {
	uint16_t item;
	struct slice text; /* <= MESSAGE_TERM_MAX_BYTES */
};

struct tokens_ask {
	struct message_intent intent;
	size_t n; /* 1..MESSAGE_TOKENS_MAX */
	struct token_term *terms; /* room for so many, by whoever reads */
};

struct token {
	uint8_t p[TOKEN_BYTES];
};

struct tokens_answer {
	uint64_t entry;
	bool is_over;
	size_t n;
	struct token *tokens; /* room for so many, by whoever reads */
};

/* APPEND */

struct append_ask {
	struct session_id session; /* none: the system itself, in `body` */
	uint64_t body;             /* with a session: its own, or 0 */
	uint64_t capacity;         /* 0: none */
	uint64_t outbox;           /* the outbox row; 0: none. Entered once */
	struct slice verb; /* [a-z][a-z0-9_.]*, none of the keeper's own */
	struct slice reference;
	uint8_t retention;         /* retention class, 0..15 */
	size_t n_subjects;
	uint64_t subjects[MESSAGE_SUBJECTS_MAX];
	struct slice detail;       /* canonical JSON object, or empty */
};

/* AUTHORITY_LOAD, _READY, _PUT, _ACK */

/* A row as the server stores it. */
struct authority_stored {
	struct slice row; /* encoded */
	uint64_t entry;
	uint8_t mac[AUTHORITY_MAC_BYTES];
};

/* Of LOAD (ask) and READY (answer). */
struct authority_rows {
	bool has_more; /* READY: ACK these and ask again */
	size_t n;
	struct authority_stored *rows; /* room for MESSAGE_ROWS_MAX */
};

struct load_answer {
	size_t n;
	uint8_t verdicts[MESSAGE_ROWS_MAX]; /* ANSWER_OK, _FORGED, _STALE */
};

struct ready_ask {
	uint8_t none;
};

struct ready_answer {
	enum keeper_state state;
	struct authority_rows unstored; /* store these, then ACK */
};

struct put_ask {
	struct session_id session; /* none: maintenance */
	uint64_t capacity;         /* 0: one's own credential, maintenance */
	bool is_confirming;        /* the row is the pending one, unchanged */
	struct slice row;
	struct slice reference;    /* EMERGENCY: required */
	/* CREDENTIAL only; sealed is the keeper's to fill in. */
	struct slice old_password; /* one's own account's */
	struct slice password;
	struct slice code_secret;  /* 20 bytes, or empty: as before */
	struct slice code;         /* proves code_secret */
};

struct put_answer {
	struct authority_stored stored; /* what to store; then ACK its entry */
	bool is_pending;                /* has no effect until confirmed */
};

struct ack_ask {
	size_t n; /* <= MESSAGE_ROWS_MAX */
	uint64_t entries[MESSAGE_ROWS_MAX];
};

struct none_answer {
	uint8_t none;
};

/*
 * AUTHORITY_CHANGE: one part of a CHANGE row that stands, whole or not at all.
 * A part's digest is SHA-256 over its rows, each behind its length as two
 * bytes; the row's is SHA-256 over the parts' digests. Rows are appointments,
 * each id once. Heads are filled in: made and confirmed by whoever made and
 * confirmed the change.
 */
struct change_ask {
	struct session_id session;
	uint64_t capacity;
	uint64_t change; /* the CHANGE row's id */
	size_t n_parts;  /* 1..CHANGE_PARTS_MAX */
	uint8_t parts[CHANGE_PARTS_MAX][AUTHORITY_DIGEST_BYTES];
	uint16_t part;   /* which of them this is */
	struct slice reference;
	size_t n;        /* 1..CHANGE_ROWS_MAX */
	struct slice rows[CHANGE_ROWS_MAX];
};

/* ENTRY, FEED, CHECKPOINT */

struct entry_ask {
	struct session_id session;
	uint64_t capacity;
	uint64_t index;
	struct slice reference;
};

struct proof_answer {
	uint64_t entry;          /* that this was shown */
	uint64_t index;          /* in its log */
	uint64_t size;           /* of the tree that the proof is for */
	struct slice leaf;       /* as in the ledger */
	struct slice key;        /* of this entry alone */
	struct slice salt;
	struct slice readable;   /* canonical JSON */
	size_t n;
	uint8_t proof[MESSAGE_PROOF_MAX][32];
	struct slice checkpoint; /* signed note of that size */
	struct slice log_key;    /* its log's verifier key */
};

struct feed_ask {
	uint64_t from;
	uint16_t max; /* 1..MESSAGE_FEED_MAX */
};

/* The entry without detail; empty: its key is gone. */
struct feed_row {
	uint64_t index;
	struct slice readable;
};

struct feed_answer {
	uint64_t next; /* ask from here on */
	size_t n;
	struct feed_row rows[MESSAGE_FEED_MAX];
};

struct checkpoint_ask {
	uint8_t none;
};

struct checkpoint_answer {
	struct slice note;
};

/*
 * RETIRE ends the retention of a (body, class, month): the key of its
 * entries is destroyed. Right `operate` with the whole body as section.
 */
struct retire_ask {
	struct session_id session;
	uint64_t capacity;
	uint8_t retention;
	uint16_t month; /* (year - 1970) * 12 + month - 1, UTC; past */
	struct slice reference;
};

/*
 * EXPORT: leave to fetch the present log as a plain tree. One person asks,
 * another confirms; then both may for an hour, unless one of the body's ends
 * it. Right `operate` or `audit` over the whole body. EXPORT_PART: a piece of
 * a part's item-th file.
 */
enum export_step {
	EXPORT_LOOK,
	EXPORT_ASK,     /* ANSWER_STALE: asked already */
	EXPORT_CONFIRM, /* ANSWER_SAME_PERSON; _NOT_FOUND: nothing waits */
	EXPORT_END,
	EXPORT_STEPS_END
};

struct export_ask {
	struct session_id session;
	uint64_t capacity;
	enum export_step step;
	struct slice reference;
};

struct export_answer {
	uint64_t entry;     /* of the step */
	uint64_t asker;     /* persons; 0: nobody asked */
	uint64_t confirmer; /* 0: it waits */
	instant until;
	uint64_t entries;   /* that were signed when it was confirmed */
	uint64_t parts;     /* 0: it waits */
};

struct export_part_ask {
	struct session_id session;
	uint64_t capacity;
	uint64_t part, item, offset; /* from 0 */
	struct slice reference;
};

struct export_part_answer {
	struct slice name; /* in the tree */
	struct slice bytes;
	bool is_whole;     /* the file ends with them */
	bool has_more;     /* of this file, or files of this part */
};

/* CLOCK: only a keeper started with a scripted clock. Never back. */
struct clock_ask {
	instant at;
};

/*
 * For each layout X: X_write() appends its encoding (the buf fails when a
 * field is out of range), X_read() reads all of a message's content and
 * refuses what is malformed. What is read points into the content.
 */
#define MESSAGE_LAYOUT(name)                                                   \
	void name##_write(struct buf *to, const struct name *a);               \
	bool name##_read(struct slice s, struct name *ret) MUST_CHECK

MESSAGE_LAYOUT(status_ask);
MESSAGE_LAYOUT(status_answer);
MESSAGE_LAYOUT(logon_ask);
MESSAGE_LAYOUT(session_answer);
MESSAGE_LAYOUT(step_up_ask);
MESSAGE_LAYOUT(touch_ask);
MESSAGE_LAYOUT(open_ask);
MESSAGE_LAYOUT(open_answer);
MESSAGE_LAYOUT(erase_ask);
MESSAGE_LAYOUT(entry_answer);
MESSAGE_LAYOUT(create_ask);
MESSAGE_LAYOUT(create_answer);
MESSAGE_LAYOUT(tokens_ask);
MESSAGE_LAYOUT(tokens_answer);
MESSAGE_LAYOUT(append_ask);
MESSAGE_LAYOUT(authority_rows);
MESSAGE_LAYOUT(load_answer);
MESSAGE_LAYOUT(ready_ask);
MESSAGE_LAYOUT(ready_answer);
MESSAGE_LAYOUT(put_ask);
MESSAGE_LAYOUT(put_answer);
MESSAGE_LAYOUT(ack_ask);
MESSAGE_LAYOUT(change_ask);
MESSAGE_LAYOUT(none_answer);
MESSAGE_LAYOUT(entry_ask);
MESSAGE_LAYOUT(proof_answer);
MESSAGE_LAYOUT(feed_ask);
MESSAGE_LAYOUT(feed_answer);
MESSAGE_LAYOUT(checkpoint_ask);
MESSAGE_LAYOUT(checkpoint_answer);
MESSAGE_LAYOUT(retire_ask);
MESSAGE_LAYOUT(clock_ask);
MESSAGE_LAYOUT(export_ask);
MESSAGE_LAYOUT(export_answer);
MESSAGE_LAYOUT(export_part_ask);
MESSAGE_LAYOUT(export_part_answer);

/* One row of the table in message.c. */
struct message_rule {
	const char *name;
	uint32_t min_bytes, max_bytes; /* of a request's content */
	uint8_t states;       /* bit (1 << enum keeper_state) */
	bool in_maintenance;  /* allowed while started for maintenance */
	/* Takes struct X_ask / X_answer; the client's two ways. */
	void (*ask_write)(struct buf *to, const void *ask);
	bool (*answer_read)(struct slice s, void *answer);
};

/* NULL for a number that is no message. */
const struct message_rule *message_rule(unsigned type);

struct message_head {
	uint32_t size; /* of the content */
	uint16_t type;
	uint16_t code;
	uint64_t number;
};

void message_head_put(uint8_t to[MESSAGE_HEADER_BYTES],
    const struct message_head *head);
struct message_head message_head_get(const uint8_t from[MESSAGE_HEADER_BYTES]);

const char *answer_name(enum answer a);

/* Fills err with the code's meaning in clear words; returns false. */
bool answer_err(enum answer a, struct err *err);

#endif
