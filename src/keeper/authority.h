/*
 * Authority rows: what the keeper believes about bodies, holdings, offices,
 * grants, passwords, permits and terminals. The server stores them; the
 * keeper alone can make one that verifies.
 *
 * A row is plain data here and a fixed binary encoding outside: the head,
 * then the content of its kind; integers big endian, a text as one byte of
 * length and its bytes. MAC = HMAC-SHA-256(authority key, row || u64 index of
 * the entry that made it).
 */
#ifndef KEEPER_AUTHORITY_H
#define KEEPER_AUTHORITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"

enum {
	AUTHORITY_ROW_MAX_BYTES = 1024,
	AUTHORITY_MAC_BYTES = 32,
	AUTHORITY_OFFICE_MAX_BYTES = 64,
	AUTHORITY_ROWS_TEXT_MAX_BYTES = 64,
	AUTHORITY_ARTICLE_MAX_BYTES = 32,
	AUTHORITY_TERMINALS_MAX = 8,
	AUTHORITY_DAYS_MAX = 16,
	AUTHORITY_DIGEST_BYTES = 32,
	/* earlier passwords that a credential remembers, to refuse them */
	CREDENTIAL_PAST_MAX = 4,
	CREDENTIAL_SEALED_BYTES =
	    12 + 128 + 1 + 20 + 1 + 128 * CREDENTIAL_PAST_MAX + 16
};

enum authority_kind {
	AUTHORITY_BODY = 1,    /* id: the body's own */
	AUTHORITY_HOLDING,     /* id: the holding's */
	AUTHORITY_APPOINTMENT, /* id: the capacity that acts name */
	AUTHORITY_GRANT,
	AUTHORITY_EMERGENCY,   /* a grant to oneself, with its own rule */
	AUTHORITY_CREDENTIAL,  /* id: the account's */
	AUTHORITY_PERMIT,
	AUTHORITY_TERMINAL,
	AUTHORITY_SECRET,      /* id: the record's; that it is 秘匿 */
	AUTHORITY_RELEASE,     /* one output of one 秘匿 record */
	AUTHORITY_REVIEW,      /* id: the emergency row's that was reviewed */
	AUTHORITY_CHANGE,      /* many rows at once, decided as one */
	AUTHORITY_KINDS_END
};

/* A short text by value: a key, never a person's data. */
struct authority_text {
	uint8_t n;
	char p[AUTHORITY_OFFICE_MAX_BYTES];
};

static inline struct slice
authority_text_slice(const struct authority_text *t)
{
	return slice_bytes(t->p, t->n);
}

/* False, nothing set, when it is longer than a text may be. */
bool authority_text_set(struct authority_text *t, struct slice s) MUST_CHECK;

/*
 * in force: from <= now < until, and confirmed where its kind needs two.
 * To end a row, put its next version with an earlier `until`.
 */
struct authority_head {
	enum authority_kind kind;
	uint64_t body;
	uint64_t id;
	uint32_t version; /* 1, 2, ...: the one before it plus one */
	instant from;
	instant until;
	/* Filled in by the keeper, whatever the request holds: */
	uint64_t made_by;      /* person; 0: made in maintenance */
	uint64_t made_in;      /* capacity */
	uint64_t confirmed_by; /* person; 0: nobody (yet) */
	uint64_t confirmed_in;
	uint16_t flags;        /* enum authority_flag */
};

enum authority_flag {
	AUTHORITY_PENDING = 1, /* waits for a second person: no effect */
	AUTHORITY_MAINTENANCE = 2
};

struct authority_body {
	uint32_t bulk_records;      /* records in a window; 0: no limit */
	uint32_t bulk_window_min;
	bool bulk_stop;             /* stop; else only mark */
	uint8_t permits_needed;     /* persons for a permit, 1 or 2 */
	uint32_t idle_min;
	uint32_t idle_high_min;     /* a second factor counts so long */
	uint32_t session_max_hours;
	uint32_t logon_failures;    /* before a pair has to wait */
	uint32_t logon_delay_min;
	uint32_t emergency_hours;   /* the longest emergency grant; 0: none */
	uint8_t password_min;       /* characters */
	uint8_t appointers_needed;  /* persons for an appointment, 1 or 2 */
	uint16_t password_max_days; /* then it serves to set another; 0: ever */
	uint8_t password_reuse;     /* earlier ones that are refused */
};

enum holding_flag {
	HOLDING_SECOND_FACTOR = 1,
	HOLDING_MY_NUMBER = 2,
	HOLDING_TERMINALS_ONLY = 4
};

struct authority_holding {
	uint64_t section; /* that owns it */
	uint64_t organ;   /* of the section */
	uint8_t sensitivity;
	uint16_t flags;   /* enum holding_flag */
};

struct authority_appointment {
	uint64_t person;
	uint64_t section; /* 0: the whole body */
	uint64_t organ;
	struct authority_text office; /* the pack's key */
	uint32_t rights; /* RIGHT_BIT() */
};

enum grant_flag {
	GRANT_SECRET = 1, /* set exactly when acts hold ACT_SECRET */
	GRANT_SURGE = 2,  /* only on the days listed */
	GRANT_PROVISION = 4 /* set exactly with a ground */
};

/*
 * Of GRANT and EMERGENCY. Subject: a person in one appointment of theirs, with
 * which it ends; or whoever holds an office. A grant reaches appointments of
 * the holding's own organ; those of another one only as a provision (提供),
 * with its ground.
 */
struct authority_grant {
	uint64_t person;   /* 0: by office */
	uint64_t capacity; /* the person's appointment; 0 just when by office */
	struct authority_text office;
	uint64_t section; /* with office; 0: in any section */
	uint64_t holding;
	uint32_t acts;    /* ACT_BIT() */
	uint64_t items;   /* item numbers 0..62; all ones: all */
	uint8_t rows_kind; /* 0 all; others are the guard's matter */
	struct authority_text rows;
	size_t n_terminals; /* 0: any */
	uint64_t terminals[AUTHORITY_TERMINALS_MAX];
	uint8_t weekdays;   /* bit 0 Sunday; 0: every day */
	uint16_t from_minute; /* of the day in Japan; both 0: all day */
	uint16_t to_minute;   /* exclusive, <= 1440 */
	uint16_t flags;     /* enum grant_flag */
	struct authority_text article; /* <= AUTHORITY_ARTICLE_MAX_BYTES */
	struct authority_text ground;  /* the pack's key */
	size_t n_days;
	int32_t days[AUTHORITY_DAYS_MAX]; /* days since 1970-01-01, in Japan */
};

enum credential_flag {
	CREDENTIAL_HAS_CODE = 1,   /* one-time codes are set up */
	CREDENTIAL_MUST_CHANGE = 2 /* handed out: usable only to replace it */
};

/*
 * The password's hash, those before it and the code's secret, under the
 * keeper's own key.
 */
struct authority_credential {
	uint64_t account;
	uint64_t person;
	uint16_t flags; /* enum credential_flag */
	instant set_at; /* when the password was made; the keeper's */
	uint8_t sealed[CREDENTIAL_SEALED_BYTES];
};

struct authority_permit {
	uint64_t account;
	uint64_t holding; /* 0: any */
	uint32_t count;   /* records more than the limit, while in force */
};

struct authority_terminal {
	uint8_t fingerprint[32]; /* SHA-256 of its client certificate */
	uint64_t section;
};

/*
 * A record is 秘匿 (支援措置) from the first row on that says so until one
 * that does not, whatever its wraps, and whatever the dates: they say when a
 * person has to decide again. The head's period is without meaning here.
 */
struct authority_secret {
	uint64_t holding;
	bool is_secret;
	instant until;    /* end of the period; 0 when it is not 秘匿 */
	instant renew_by; /* the yearly renewal, not after until */
};

/* Made by who puts it out, for themselves; confirmed by another; used once. */
struct authority_release {
	uint64_t person;
	uint64_t holding;
	uint64_t record;
	uint32_t version; /* the record's: another content is another row */
	uint8_t act;      /* enum act, one of the outputs */
	struct authority_text purpose; /* as the OPEN will name it */
};

enum review_verdict {
	REVIEW_REASONABLE = 1,
	REVIEW_UNREASONABLE,
	REVIEW_VERDICTS_END
};

struct authority_review {
	uint64_t holding;
	uint8_t verdict; /* enum review_verdict */
};

/*
 * A change of many appointments (人事異動): the digest of all its rows, so
 * that whoever confirms it decides on these and no others. They are put with
 * it, a part at a time (struct change_ask), while it is in force.
 */
struct authority_change {
	uint8_t digest[AUTHORITY_DIGEST_BYTES];
	uint32_t rows;
};

struct authority_row {
	struct authority_head head;
	union {
		struct authority_body body;
		struct authority_holding holding;
		struct authority_appointment appointment;
		struct authority_grant grant;
		struct authority_credential credential;
		struct authority_permit permit;
		struct authority_terminal terminal;
		struct authority_secret secret;
		struct authority_release release;
		struct authority_review review;
		struct authority_change change;
	};
};

/* "grant"; NULL outside the kinds. */
const char *authority_kind_name(enum authority_kind kind);

/* Appends the row's encoding; fails the buf where a field is out of range. */
void authority_row_write(struct buf *to, const struct authority_row *row);

/* Reads all of s; false when malformed or out of range. */
bool authority_row_read(struct slice s, struct authority_row *ret) MUST_CHECK;

/* In force at `now`, and not waiting for a second person. */
bool authority_is_in_force(const struct authority_row *row, instant now);

/* Whether the grant passes over to an organ that is not the holding's. */
bool authority_grant_crosses(const struct authority_row *row);

/*
 * Whether the grant's hours, weekdays and surge days allow `now`; its period
 * is authority_is_in_force()'s matter. The guard asks the same function.
 */
bool authority_grant_is_open_at(const struct authority_grant *g, instant now);

#endif
