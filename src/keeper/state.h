/*
 * The keeper's insides, shared by its handlers. Only the keeper's own .c
 * files include this. One thread.
 */
#ifndef KEEPER_STATE_H
#define KEEPER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "crypto/aead.h"
#include "crypto/sign.h"
#include "keeper/entry.h"
#include "keeper/keys.h"
#include "keeper/launch.h"
#include "keeper/limit.h"
#include "keeper/logs.h"
#include "keeper/message.h"
#include "keeper/roll.h"
#include "keeper/session.h"
#include "keeper/slots.h"
#include "keeper/worker.h"
#include "ledger/ledger.h"

enum {
	KEEPER_DOOMED_MAX = 4096, /* slots to overwrite after one commit */
	KEEPER_OUTBOX_MAX = 16384, /* outbox rows remembered */
	KEEPER_RELEASE_MAX_HOURS = 24 /* longest confirmation of an output */
};

/* Leave to fetch the ledger; zeroed: nobody has it. */
struct export_leave {
	uint64_t body, asker, confirmer;
	instant until;
	uint64_t size; /* signed when it was confirmed */
	size_t note_n;
	char note[MESSAGE_NOTE_MAX_BYTES];
};

/* Outbox rows entered lately, so that none is entered twice. */
struct outbox;

struct keeper {
	struct files files;
	struct clock clock;
	bool is_scripted;
	bool is_maintenance;
	enum keeper_state state;
	struct err reason;    /* why it refuses */
	struct keys *keys;
	struct slots *slots;
	struct roll *roll;
	struct sessions *sessions;
	struct limits *limits;
	struct logs *logs;
	struct ledger *ledger; /* the present one of them */
	struct entry_writer *entries;
	struct signer *signer;
	struct aead *aead;
	struct worker *worker;
	struct outbox *outbox;
	uint8_t credential_key[KEY_BYTES];
	char dummy_hash[PASSWORD_HASH_BYTES];
	char log_key[LOGS_KEY_BYTES];
	bool is_full;
	size_t wal_bytes;

	/* of the round */
	instant now;
	bool has_put;         /* an authority row's entry waits */
	bool has_lost;        /* a batch was dropped: give nothing out */
	size_t n_doomed;
	uint64_t doomed[KEEPER_DOOMED_MAX];

	/* times of what is done now and then */
	instant checkpoint_at, sweep_at, heartbeat_at, refused_at;

	/* room for what is too big for the stack */
	struct open_ask open;
	struct open_answer opened;
	struct create_item create[MESSAGE_CREATE_MAX];
	struct create_made made[MESSAGE_CREATE_MAX];
	struct token_term terms[MESSAGE_TOKENS_MAX];
	struct token tokens[MESSAGE_TOKENS_MAX];
	struct authority_stored rows[MESSAGE_ROWS_MAX];
	struct change_ask change;
	struct authority_row change_rows[CHANGE_ROWS_MAX];
	struct roll_set change_sets[CHANGE_ROWS_MAX];
	uint64_t slot_list[MESSAGE_CREATE_MAX];
	uint8_t row_bytes[MESSAGE_ROWS_MAX * AUTHORITY_ROW_MAX_BYTES];
	struct buf scratch; /* an encoded row, a readable entry */

	struct export_leave leave;
	struct buf leaf_bytes; /* a file that is being fetched */
};

/* A request as a handler sees it. */
struct request {
	unsigned channel;
	uint32_t generation;
	unsigned type;
	uint64_t number;
	struct slice content;
	const struct job *job; /* the second half, after the worker */
};

/* Besides the answers: the worker has it now. */
enum { ANSWER_LATER = ANSWERS_END };

/*
 * Handlers write the content of an ANSWER_OK to out. ANSWER_BAD_MESSAGE ends
 * the channel. Nothing goes out before the round's entries are durable.
 */
typedef unsigned keeper_handler(struct keeper *k, const struct request *rq,
    struct buf *out);

keeper_handler keeper_open, keeper_create, keeper_tokens, keeper_erase;
keeper_handler keeper_logon, keeper_step_up, keeper_touch, keeper_logoff;
keeper_handler keeper_load, keeper_ready, keeper_put, keeper_ack,
    keeper_change;
keeper_handler keeper_status, keeper_append, keeper_entry, keeper_feed,
    keeper_checkpoint, keeper_retire, keeper_clock;
keeper_handler keeper_export, keeper_export_part;

/* The body's row, or the strictest values where it has none. */
const struct authority_body *keeper_body(const struct keeper *k,
    uint64_t body);

/* The live session, seen now; NULL. */
struct session *keeper_session(struct keeper *k, const struct session_id *id);

/* The appointment if it is the session's person's own and in force; NULL. */
const struct authority_appointment *keeper_capacity(const struct keeper *k,
    const struct session *s, uint64_t capacity);

/* Session, capacity, holding and grant of an act on records, as OPEN asks. */
enum answer keeper_may(struct keeper *k, const struct message_intent *in,
    bool is_secret);

/* [0-9A-Za-z/.-]*; [a-z0-9_.-]+; [a-z][a-z0-9_.]* */
bool keeper_is_reference(struct slice s);
bool keeper_is_purpose(struct slice s);
bool keeper_is_verb(struct slice s);

/* Collects an entry; ANSWER_OK, _FULL, or _BUSY. */
enum answer keeper_enter(struct keeper *k, const struct entry *e,
    uint64_t *ret_index);

/*
 * Makes what was collected durable, then overwrites the slots that it ends.
 * False: it was dropped, and the round's answers must not go out.
 */
bool keeper_settle(struct keeper *k);

/* The key in a wrap: ANSWER_ERASED, ANSWER_FORGED. (keeper/wrap.c) */
enum answer keeper_unwrap(struct keeper *k, const struct holding_keys *keys,
    uint64_t body, uint64_t holding, const struct message_record *r,
    uint8_t ret[RECORD_KEY_BYTES]);

/* Wraps ret->key, which is there, with a slot that is live. */
void keeper_wrap(struct keeper *k, const struct holding_keys *keys,
    uint64_t body, uint64_t holding, const struct create_item *c,
    uint64_t slot, struct create_made *ret);

/* Enters a refusal, at most one a second for each session; gives `a` back. */
enum answer keeper_refuse(struct keeper *k, struct session *s,
    const struct message_intent *intent, uint64_t capacity, enum answer a);

/* The hashes and the code's secret in a credential row. */
struct credential_secret {
	char hash[PASSWORD_HASH_BYTES];
	bool has_code;
	uint8_t code[20];
	uint8_t n_past; /* earlier passwords, the newest first */
	char past[CREDENTIAL_PAST_MAX][PASSWORD_HASH_BYTES];
};
void credential_seal(struct keeper *k, const struct credential_secret *c,
    uint64_t body, struct authority_credential *row);
bool credential_unseal(struct keeper *k,
    const struct authority_credential *row, uint64_t body,
    struct credential_secret *ret) MUST_CHECK;

/* The entry of an outbox row, if it was entered lately. */
struct outbox *outbox_open(void) MUST_CHECK;
void outbox_close(struct outbox *o);
bool outbox_find(const struct outbox *o, uint64_t body, uint64_t row,
    uint64_t *ret_entry);
bool outbox_add(struct outbox *o, uint64_t body, uint64_t row,
    uint64_t entry) MUST_CHECK;
/* One older than all that are there, while the ledger is read backwards. */
bool outbox_recall(struct outbox *o, uint64_t body, uint64_t row,
    uint64_t entry) MUST_CHECK;
/* Entries from `size` on were dropped. */
void outbox_drop(struct outbox *o, uint64_t size);

/* Reads the end of the ledger: limits, failures, codes, outbox, erasures. */
bool keeper_recall(struct keeper *k, struct err *err) MUST_CHECK;

/* Signs a checkpoint when there is something new; false: no space. */
bool keeper_sign(struct keeper *k);

/* The system's entry that names the state of the set: start, heartbeat. */
bool keeper_note_set(struct keeper *k, const char *verb);

/* No file outside dir; then no system call that serving does not need. */
bool sandbox_files(const char *dir, struct err *err) MUST_CHECK;
bool sandbox_calls(struct err *err) MUST_CHECK;

/* The loop, until every channel is closed. */
void keeper_serve(struct keeper *k, const int *fds, unsigned n);

/*
 * Opens everything in o->dir, which the caller has locked; the state is
 * LOADING, or REFUSING with the reason. NULL: not even that.
 */
struct keeper *keeper_begin(const struct keeper_options *o,
    const uint8_t master[KEY_BYTES], struct err *err) MUST_CHECK;
void keeper_end(struct keeper *k); /* NULL is fine */

/* The keeper's process: never returns. ready_fd tells launch how it went. */
_Noreturn void keeper_main(const struct keeper_options *options,
    const int *fds, int master_fd, int ready_fd);

#endif
