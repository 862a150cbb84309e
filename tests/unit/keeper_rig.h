/*
 * A real keeper in a temporary folder, a body with people in it, and a
 * pretended database: what the server would do, so that tests can do what a
 * taken-over server would do.
 *
 * The clock is scripted: it begins on Friday 2026-10-02, 10:00 in Japan.
 */
#ifndef TESTS_KEEPER_RIG_H
#define TESTS_KEEPER_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keeper/client.h"
#include "keeper/launch.h"

enum {
	RIG_BODY = 0x1000,
	RIG_SECTION = 0x2000,
	RIG_OTHER_SECTION = 0x2001,
	RIG_HOLDING = 0x3000,      /* ordinary */
	RIG_HIGH_HOLDING = 0x3001, /* demands a second factor */
	RIG_ROWS_MAX = 4096,
	RIG_PASSWORD_DAYS = 320,
	RIG_LIMIT = 100            /* records in 60 minutes, then stop */
};

/* Persons; account = person + 0x100, capacity = person + 0x200. */
enum rig_person {
	RIG_REGISTRAR = 0x10, /* appoint, account; whole body */
	RIG_CHIEF,            /* account, permit; whole body */
	RIG_MANAGER,          /* grant, holding, permit; RIG_SECTION */
	RIG_CLERK,            /* no right; RIG_SECTION */
	RIG_AUDITOR,          /* audit */
	RIG_OPERATOR,         /* operate */
	RIG_MANAGER_2,        /* the other section's: grant, holding, permit */
	RIG_PERSONS_END
};
enum { RIG_PERSONS = RIG_PERSONS_END - RIG_REGISTRAR };

struct rig_row {
	char bytes[AUTHORITY_ROW_MAX_BYTES];
	size_t n;
	uint64_t entry;
	uint8_t mac[AUTHORITY_MAC_BYTES];
};

struct rig {
	char dir[64];     /* the keeper's folder is below it */
	char keeper[96];
	char key_file[96];
	struct keeper_options options;
	struct keeper_process process;
	struct channel *ch;
	instant now;
	struct session_id sessions[RIG_PERSONS];
	/* the database */
	size_t n_rows;
	struct rig_row *rows;
	enum answer code; /* of the last call */
};

/* Installed, started, everybody logged on, holdings and a grant put. */
struct rig *rig_open(void);
struct rig *rig_open_channels(unsigned channels); /* r->ch is the first */
void rig_close(struct rig *r);

/* Stops (or kills) and starts again, rows loaded unless told otherwise. */
void rig_stop(struct rig *r);
void rig_kill(struct rig *r);
bool rig_start(struct rig *r);
enum keeper_state rig_load(struct rig *r);
void rig_restart(struct rig *r); /* and everybody logs on */

uint64_t rig_account(enum rig_person p);
uint64_t rig_capacity(enum rig_person p);
struct session_id *rig_session(struct rig *r, enum rig_person p);
bool rig_logon(struct rig *r, enum rig_person p);
struct slice rig_password(enum rig_person p);

/* Moves the scripted clock. */
void rig_wait(struct rig *r, instant us);

/* A call that need not succeed; the code is in r->code. */
bool rig_call(struct rig *r, enum message type, const void *ask,
    void *answer);

/* PUT, stored and acknowledged as a server would. */
bool rig_put(struct rig *r, enum rig_person by, struct authority_row *row);
bool rig_put_ask(struct rig *r, struct put_ask *ask,
    const struct authority_row *row, bool is_stored);
void rig_store(struct rig *r, const struct authority_stored *s);
struct authority_row rig_row(struct rig *r, enum authority_kind kind,
    uint64_t id);
struct authority_row rig_grant(struct rig *r, uint64_t id,
    enum rig_person to, uint64_t holding, uint32_t acts);

/* Records. */
struct message_intent rig_intent(struct rig *r, enum rig_person p,
    uint64_t holding, enum act act);
bool rig_create(struct rig *r, enum rig_person p, uint64_t holding,
    uint64_t record, uint8_t key[RECORD_KEY_BYTES],
    struct message_record *ret);
bool rig_view(struct rig *r, enum rig_person p, uint64_t holding,
    const struct message_record *record, uint8_t key[RECORD_KEY_BYTES]);

uint64_t rig_entries(struct rig *r);

#endif
