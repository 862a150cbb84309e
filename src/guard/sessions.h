/*
 * What the server remembers of sessions between requests, so that not every
 * page asks the keeper; the keeper stays the judge. Any thread.
 */
#ifndef GUARD_SESSIONS_H
#define GUARD_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "keeper/message.h"

enum {
	SESSIONS_MAX = 20000,
	SESSION_NAME_BYTES = 200,
	SESSION_POST_BYTES = 400,
	SESSION_FORM_BYTES = 32
};

struct remembered {
	struct session_answer answer; /* its newest */
	instant touched_at;
	instant refused_at; /* when a refusal was entered last */
	uint64_t capacity;  /* taken; 0: none */
	bool has_terminal;
	uint8_t terminal[32]; /* the certificate that it began with */
	char form_token[SESSION_FORM_BYTES + 1];
	char person_name[SESSION_NAME_BYTES];
	char body_name[SESSION_NAME_BYTES];
	uint64_t post_of;                 /* capacity that the posts are of */
	char post[2][SESSION_POST_BYTES]; /* Japanese, English */
};

struct sessions;

struct sessions *guard_sessions_open(void) MUST_CHECK;
void guard_sessions_close(struct sessions *s); /* wipes; NULL is fine */

/* Adds or replaces. False when there are SESSIONS_MAX that have not ended. */
bool sessions_put(
    struct sessions *s, const struct remembered *r, instant now) MUST_CHECK;

/* A copy; false: none, or it has ended. */
bool sessions_get(struct sessions *s, const struct session_id *id, instant now,
    struct remembered *ret) MUST_CHECK;

/* Only what the keeper said, or only the capacity; nothing if it is gone. */
void sessions_touch(
    struct sessions *s, const struct session_answer *answer, instant now);
void sessions_take(
    struct sessions *s, const struct session_id *id, uint64_t capacity);

void sessions_drop(struct sessions *s, const struct session_id *id);

/*
 * A credential's or a terminal's row changed, with which the keeper ends the
 * sessions of that account or terminal: it is asked before they go on.
 */
void sessions_doubt(
    struct sessions *s, uint64_t body, uint64_t account, uint64_t terminal);

/* True once a second for each session: whether to enter a refusal. */
bool sessions_may_refuse(
    struct sessions *s, const struct session_id *id, instant now);

#endif
