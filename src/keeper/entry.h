/*
 * Entries: their canonical JSON, how it is sealed into a ledger entry, and
 * how it is read again.
 *
 * A ledger entry (a leaf of the log):
 *
 *	u8  1
 *	u64 body, u8 retention class, u16 month	which key
 *	32  SHA-256(salt || JSON)		the commitment
 *	12  nonce, sealed (16 salt || JSON), 16 tag
 *
 * The key is HMAC(epoch key, "entry" || u64 number || 1), which is
 * HKDF-Expand with that info: showing one opens no other. Associated data:
 * all before the nonce, and the number: the index in the log, and in a log
 * that follows another the number of its first entry more.
 */
#ifndef KEEPER_ENTRY_H
#define KEEPER_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"
#include "keeper/keys.h"
#include "keeper/logs.h"
#include "keeper/message.h"
#include "keeper/session.h"

enum {
	ENTRY_SALT_BYTES = 16,
	ENTRY_OPEN_BYTES = 1 + 8 + 1 + 2 + 32, /* before the nonce */
	ENTRY_OVERHEAD = ENTRY_OPEN_BYTES + 12 + ENTRY_SALT_BYTES + 16
};

/* The system's own entries stand under body 0. */
struct entry {
	uint64_t body;
	uint8_t retention;
	instant at;
	struct slice verb;
	const struct session *session; /* NULL: the system */
	/* For a session that is not (log-on): */
	uint64_t account;

	/* Left out of the text where zero or empty: */
	const struct message_intent *intent; /* capacity .. reference */
	uint64_t capacity;                   /* where there is no intent */
	struct slice reference;
	bool has_over;
	bool is_over;
	uint64_t grant;
	struct slice ground; /* of a provision to another organ (提供) */
	uint64_t permit;  /* used for `beyond` records */
	uint64_t beyond;
	uint64_t release; /* the confirmation that was used up */
	uint64_t source;
	uint64_t step;    /* of the one-time code that was used */
	uint64_t outbox;
	uint64_t count;   /* of tokens; of documents erased with a record */
	struct slice reason; /* of a refusal; a word of ours */
	struct slice detail; /* canonical JSON object */
	/* ids stand in an array of structs: how far they are apart */
	size_t n_records;
	const uint64_t *records;
	size_t records_stride; /* bytes */
	uint64_t of; /* record of the document that comes first */
	size_t n_subjects;
	const uint64_t *subjects;
	size_t n_slots;
	const uint64_t *slots;
	/* an authority row */
	const char *kind;
	uint64_t row_id;
	uint64_t row_version;
	struct slice row;      /* encoded */
	const uint8_t *set;    /* digest of the set after it */
	uint64_t set_count;
	bool is_maintenance;
	bool is_pending;
	uint64_t shown;        /* entry.show: index + 1 */
	uint64_t month;        /* entry.retire: month + 1 */
	uint64_t bytes;        /* of what was put aside */
};

struct entry_writer;

/* Keys and logs stay the caller's; logs is NULL where none is written. */
struct entry_writer *entry_writer_open(struct keys *keys,
    struct logs *logs) MUST_CHECK;
void entry_writer_close(struct entry_writer *w);

/*
 * Composes, seals and collects it: durable after ledger_commit(). ERR_FULL,
 * ERR_BUSY as ledger_add(); ERR_LIMIT when it is too long.
 */
bool entry_add(struct entry_writer *w, const struct entry *e,
    uint64_t *ret_number, struct err *err) MUST_CHECK;

/* An entry opened. Slices live until the next call on the writer or logs. */
struct entry_read {
	struct slice leaf;
	uint64_t body;
	uint8_t retention;
	uint16_t month;
	uint8_t key[32];
	struct slice salt;
	struct slice readable;
};

/* ERR_NOT_FOUND: no such entry, or its key was destroyed. */
bool entry_read(struct entry_writer *w, uint64_t number,
    struct entry_read *ret, struct err *err) MUST_CHECK;

/* The same of a leaf that was read elsewhere. */
bool entry_unseal(struct entry_writer *w, uint64_t number, struct slice leaf,
    struct entry_read *ret, struct err *err) MUST_CHECK;

/* (year - 1970) * 12 + month - 1, UTC. */
uint16_t entry_month(instant at);

#endif
