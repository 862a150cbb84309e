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
	MESSAGES_END
};

/* What the keeper answers; each maps to one enum err_code. */
enum answer {
	ANSWER_OK = 0,
	ANSWER_NO_SESSION,     /* unknown, ended or idle too long: log on */
	ANSWER_BAD_PROOF,      /* wrong password or code */
	ANSWER_SLOW_DOWN,      /* too many failures from here: wait */
	ANSWER_NEEDS_FACTOR,   /* a second factor is demanded */
	ANSWER_NO_GRANT,       /* no authenticated grant */
	ANSWER_BEYOND_GRANT,   /* a grant, but not for this act or time */
	ANSWER_NO_CAPACITY,    /* the appointment is not this person's today */
	ANSWER_NO_RIGHT,       /* the office has not that right */
	ANSWER_SAME_PERSON,    /* a second person is needed */
	ANSWER_LIMIT,          /* past the account's limit; ask for a permit */
	ANSWER_ERASED,         /* the record's key no longer exists */
	ANSWER_FORGED,         /* wrap, row or MAC does not verify */
	ANSWER_STALE,          /* an older version of an authority row or set */
	ANSWER_BAD_MESSAGE,    /* malformed, or not allowed in this state */
	ANSWER_LOCKED,         /* keys are not unlocked, or rows not loaded */
	ANSWER_REFUSING,       /* the ledger does not verify: nothing is given */
	ANSWER_FULL,           /* no space: nothing was entered or given */
	ANSWER_BUSY,
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

/* An act's name in entries and packs: "view". */
const char *act_name(enum act act);
bool act_read(struct slice name, enum act *ret) MUST_CHECK;

enum record_class { RECORD_ORDINARY = 0, RECORD_SECRET = 1 };

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

#endif
