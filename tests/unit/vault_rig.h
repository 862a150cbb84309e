/*
 * A vault on both engines, with a keyring of its own in place of the keeper:
 * keys are derived from the record's id, tokens from a fixed key.
 *
 * PostgreSQL is started by tools/pg-for-tests.sh when a test first asks, and
 * stopped by vault_rig_end(). The environment's SOURCE_ROOT says where the
 * tools are.
 */
#ifndef TESTS_VAULT_RIG_H
#define TESTS_VAULT_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "crypto/aead.h"
#include "store/store.h"
#include "vault/import.h"

enum { RIG_BODY = 0x1000, RIG_HOLDING = 0x3000, RIG_OTHER = 0x3001 };

#define RIG_NOW INT64_C(1790000000000000) /* 2026-09-21 */

struct vault_rig {
	enum store_engine engine;
	char dir[64];
	char spec[256];
	struct store *store;
	struct store_reader *reader;
	struct aead *aead;
	struct arena *arena;
	struct keyring keyring;
	unsigned creates, tokens; /* calls of the keyring */
	unsigned fail_at;         /* the create() that fails; 0: none */
	struct err err;
};

/* The residents of packs/: 8 items, searched by kana, birth, address ... */
extern const struct holding rig_residents;

/* An empty database with the two holdings in it. */
void vault_rig_open(struct vault_rig *rig, enum store_engine engine);
void vault_rig_close(struct vault_rig *rig);

/* At the end of the program. */
void vault_rig_end(void);

/* Closes the database, and opens it again; between them a child may use it. */
void vault_rig_shut(struct vault_rig *rig);
void vault_rig_reopen(struct vault_rig *rig);

void rig_key(uint64_t id, uint32_t version, uint8_t ret[AEAD_KEY_BYTES]);
void rig_wrap(uint64_t id, uint32_t version, uint8_t ret[RECORD_WRAP_BYTES]);
void rig_token(const struct term *term, uint8_t ret[TERM_TOKEN_BYTES]);

/* Runs the job and wants it to succeed. */
void rig_write(struct vault_rig *rig,
    bool (*run)(struct store_tx *tx, void *arg, struct err *err), void *arg);

/* A record with its tokens, sealed and stored. */
void rig_put(struct vault_rig *rig, uint64_t id, const char *const *values);

/* Two residents' values, for rig_put. */
enum { RIG_VALUES = 9 };
extern const char *const rig_hanako[RIG_VALUES];
extern const char *const rig_taro[RIG_VALUES];

/* A job that erases the record of this id. */
bool rig_erase(struct store_tx *tx, void *arg, struct err *err);

/* Its values, opened; false when there is none. */
bool rig_open_record(struct vault_rig *rig, uint64_t id,
    struct slice *ret_values, struct record_row *ret_row);

/* Records found by text in one item. */
size_t rig_find(struct vault_rig *rig, const char *item, const char *text,
    uint64_t ret[TERM_FOUND_MAX]);

/* Wants `ok`; prints the error otherwise. */
#define assert_ok(rig, ok)                                                     \
	do {                                                                   \
		if (!(ok))                                                     \
			fail_msg("%s", (rig)->err.text);                       \
	} while (0)

/* A test for each engine. */
#define BOTH(fn)                                                               \
	{#fn ", SQLite", fn##_sqlite, NULL, NULL, NULL},                       \
	{                                                                      \
#fn ", PostgreSQL", fn##_postgresql, NULL, NULL, NULL          \
	}

#define ON_BOTH(fn)                                                            \
	static void fn##_sqlite(void **state)                                  \
	{                                                                      \
		struct vault_rig rig;                                          \
		(void)state;                                                   \
		vault_rig_open(&rig, STORE_SQLITE);                            \
		fn(&rig);                                                      \
		vault_rig_close(&rig);                                         \
	}                                                                      \
	static void fn##_postgresql(void **state)                              \
	{                                                                      \
		struct vault_rig rig;                                          \
		(void)state;                                                   \
		vault_rig_open(&rig, STORE_POSTGRESQL);                        \
		fn(&rig);                                                      \
		vault_rig_close(&rig);                                         \
	}

#endif
