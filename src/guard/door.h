/*
 * The one door to personal information. Whatever opens, makes, changes or
 * ends a record, and whatever changes who may, goes through here:
 *
 *	decide -> the keeper enters it (durable) -> unseal -> mask -> answer.
 *
 * A struct door belongs to one thread: it has that thread's channel to the
 * keeper, its store reader and its pin on the current snapshot. Functions
 * that wait give the thread away while visitor->fiber is set, and block when
 * it is NULL (command line, import, tests).
 *
 * What is returned lives in visitor->arena. A refusal gives ERR_DENIED (or
 * ERR_LOGON for a missing second factor, ERR_LIMIT past the limit,
 * ERR_NOT_FOUND for an erased record), is entered in the ledger, and fills
 * *refusal, whose article the pack names.
 *
 *	struct visitor v = {.fiber = self, .arena = arena};
 *	struct decision refusal = {0};
 *	if (!door_visit(door, cookie, terminal, &v, err))
 *		return false;
 *	struct door_view ask = {.intent = {holding, purpose, reference},
 *	    .record = id};
 *	struct shown_record shown;
 *	if (!door_view(door, &v, &ask, &shown, &refusal, err))
 *		...
 *
 * Here are who comes, holdings and records. The rest has headers of its own:
 * door_secret.h, door_document.h, door_authority.h, door_people.h,
 * door_access.h.
 */
#ifndef GUARD_DOOR_H
#define GUARD_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fiber.h"
#include "base/slice.h"
#include "guard/decide.h"
#include "keeper/authority.h"
#include "keeper/client.h"
#include "keeper/message.h"
#include "regulation/pack.h"
#include "store/store.h"

enum {
	DOOR_LIST_MAX = 50,     /* records opened for one list */
	DOOR_PAGE_MAX = 50,     /* rows of any other list */
	DOOR_TERMS_MAX = 8,     /* of one search */
	DOOR_ITEMS_MAX = 63,    /* of a holding */
	DOOR_PURPOSES_MAX = 32, /* of a holding */
	DOOR_CHOICES_MAX = 64,  /* of an item */
	DOOR_VALUE_MAX_BYTES = 64 * 1024,
	DOOR_DOCUMENT_MAX_BYTES = 32 * 1024 * 1024,
	DOOR_DOCUMENTS_MAX = 63, /* of a record, replaced ones too */
	DOOR_SURGE_MAX = 200,  /* persons of one surge list */
	DOOR_TOKEN_BYTES = 32, /* session token: hexadecimal digits */
	DOOR_SOURCE_BYTES = 32,
	DOOR_MARK_DIGITS = 48 /* of whose form it is */
};

/* ---- one for the process ---- */

struct guard;
struct door;

struct guard_config {
	struct store *store;
	struct clock *clock;
	/* The pack in force of a body, or NULL; called from any thread. */
	const struct pack *(*pack)(void *ctx, uint64_t body);
	void *ctx;
	uint64_t node; /* number of this keeper's log */
	/* Which folder on which machine; 0: nobody else has the database. */
	uint64_t seat;
};

/*
 * Loads and verifies all authority rows through `channel` (which stays the
 * caller's), stores what a crash left unstored, says READY, drains the
 * outbox. ERR_CORRUPT when the keeper refuses (rollback). Blocks.
 * *ret_forged (may be NULL): rows in the database that did not verify and
 * therefore do not exist; tell somebody.
 */
bool guard_open(const struct guard_config *config, struct channel *channel,
    struct guard **ret, size_t *ret_forged, struct err *err) MUST_CHECK;

/* All doors must be closed. NULL is fine. */
void guard_close(struct guard *g);

/* ---- one for each thread ---- */

/* Work for the door's own thread; the same shape as struct http_work. */
struct door_work {
	void (*fn)(struct door_work *work);
	struct door_work *next;
};

struct door_config {
	struct guard *guard;
	struct channel *channel; /* taken over */
	/* Runs work->fn on the door's thread, from any thread. NULL: this door
	 * always blocks. */
	void (*post)(void *ctx, struct door_work *work);
	void *ctx;
};

bool door_open(const struct door_config *config, struct door **ret,
    struct err *err) MUST_CHECK;
void door_close(struct door *d); /* NULL is fine */

int door_fd(const struct door *d); /* readable: call door_poll() */

/* Answers of the keeper; wakes fibers. False: the keeper is gone. */
bool door_poll(struct door *d, struct err *err) MUST_CHECK;

/* Once a loop round, before it sleeps: sends what gathered, pins anew. */
bool door_round(struct door *d, struct err *err) MUST_CHECK;

/* ---- who ---- */

struct visitor {
	/* Set by the caller before any call: */
	struct fiber *fiber; /* NULL: block */
	struct arena *arena;
	bool is_english; /* language of post titles */

	/* Filled by door_logon(), door_visit(), door_step_up(): */
	char token[DOOR_TOKEN_BYTES + 1];      /* for the cookie */
	char form_token[DOOR_TOKEN_BYTES + 1]; /* in each form of the session */
	struct session_id session;
	uint64_t body;
	uint64_t account;
	uint64_t person;
	uint64_t capacity; /* 0: none taken, or it has ended */
	struct authority_text office;
	uint64_t section; /* 0: the whole body */
	uint64_t organ;
	uint32_t rights;   /* of the capacity; RIGHT_BIT() */
	uint64_t terminal; /* registered terminal, 0: none */
	uint8_t level;
	bool has_code;    /* could step up */
	bool must_change; /* may only set a new password */
	size_t capacity_count;
	instant idle_until;
	instant ends_at;
	uint64_t idle_s; /* until log-off if nothing is done */
	uint64_t warn_s; /* warned so long before */
	struct slice person_name;
	struct slice body_name;
	struct slice post; /* "市民部 市民課 保護管理者" */
};

struct door_logon {
	uint64_t body;
	struct slice logon; /* account's name */
	struct slice password;
	struct slice code;     /* may be empty */
	struct slice source;   /* DOOR_SOURCE_BYTES: where from, hashed */
	struct slice terminal; /* 32 bytes of certificate hash, or empty */
};

/* ERR_LOGON: wrong name, password or code (never which). ERR_BUSY: wait. */
bool door_logon(struct door *d, const struct door_logon *ask, struct visitor *v,
    struct err *err) MUST_CHECK;

/*
 * The session of a token; touches it. ERR_LOGON when it has ended, or comes
 * from another terminal than it was begun at.
 */
bool door_visit(struct door *d, struct slice token, struct slice terminal,
    struct visitor *v, struct err *err) MUST_CHECK;

bool door_step_up(struct door *d, struct visitor *v, struct slice code,
    struct err *err) MUST_CHECK;
bool door_logoff(struct door *d, struct visitor *v, struct err *err) MUST_CHECK;

/* Commands of the operator on the machine, with a keeper for maintenance. */
void door_maintain(struct door *d, uint64_t body, struct visitor *v);

/*
 * What is being typed when the session ends. The mark goes with each form of
 * the visitor; with it, and without a session, what was typed is sealed for
 * that account (appended as hexadecimal digits). Opening gives it to no other
 * account, and not after a working day; false: there is nothing to give.
 */
void door_draft_mark(const struct door *d, const struct visitor *v,
    char ret[DOOR_MARK_DIGITS + 1]);
bool door_draft_seal(struct door *d, struct slice mark, struct slice plain,
    struct buf *to) MUST_CHECK;
bool door_draft_open(struct door *d, const struct visitor *v,
    struct slice sealed, struct slice *ret) MUST_CHECK;

struct shown_capacity {
	uint64_t id;
	uint64_t person;
	uint64_t section;
	uint64_t organ;
	struct slice office; /* key */
	struct slice title;  /* in the visitor's language */
	struct slice path;   /* "市民部 市民課" */
	uint32_t rights;
	uint32_t version;
	instant from, until;
	struct slice person_name;
};

/* The visitor's own, in force now. */
bool door_capacities(struct door *d, struct visitor *v,
    struct shown_capacity **ret, size_t *ret_n, struct err *err) MUST_CHECK;
bool door_take_capacity(struct door *d, struct visitor *v, uint64_t capacity,
    struct err *err) MUST_CHECK;

/* ---- holdings ---- */

struct door_item {
	unsigned number; /* 0 .. DOOR_ITEMS_MAX - 1, for ever */
	struct slice id;
	struct slice name;
	enum pack_item_type type;
	enum pack_search search;
	bool is_special_care;
	bool is_retired;
	size_t n_choices;
	const struct slice *choices;
};

struct door_holding {
	uint64_t id;      /* 0 in a new one */
	uint32_t version; /* of the authority row */
	uint64_t section;
	struct slice section_path;
	struct slice name;
	struct slice basis;
	struct slice sensitivity; /* the pack's key */
	uint8_t rank;             /* its rank; filled in */
	bool is_my_number;
	bool needs_second_factor;
	bool needs_terminal;
	bool has_files;
	uint64_t organ;
	uint32_t retention_years;
	struct slice place;      /* where kept */
	uint64_t persons_stated; /* number of persons, as registered */
	uint64_t persons;        /* records that are there; filled in */
	uint32_t form_version;   /* of what is here; filled in */
	/* What the file register says besides; may be empty. */
	struct slice scope, collected, given_to, requests_at, other_law;
	struct slice unlisted_why; /* empty: listed */
	/* is_manual: on paper (簿冊): no records are here. */
	bool is_manual, has_manual_part, has_ordinance_care, takes_proposals;
	struct slice lock;   /* of paper: how it is locked away */
	uint32_t dispose_on; /* YYYYMMDD, planned; 0: not said */
	size_t n_purposes;
	const struct slice *purposes; /* the pack's ids */
	size_t n_items;
	const struct door_item *items; /* items[i].number == i */
	uint32_t acts; /* what the visitor may do with it; filled in */
	instant closed_at; /* 0: it is kept; filled in */
};

/* All of the body, by id; the list tells what exists, not who is in it. */
bool door_holdings(struct door *d, struct visitor *v, uint64_t after,
    struct door_holding **ret, size_t *ret_n, struct err *err) MUST_CHECK;
bool door_holding(struct door *d, struct visitor *v, uint64_t id,
    struct door_holding *ret, struct err *err) MUST_CHECK;

/* Without the number of persons: what opening a record needs, from memory. */
bool door_holding_form(struct door *d, struct visitor *v, uint64_t id,
    struct door_holding *ret, struct err *err) MUST_CHECK;

/*
 * Right holding. A new one when h->id is 0 (then set); else form_version is
 * the one that was read. My Number holdings always demand a second factor.
 * One that is closed is not changed: ERR_CONFLICT.
 */
bool door_put_holding(struct door *d, struct visitor *v, struct door_holding *h,
    struct err *err) MUST_CHECK;

/*
 * To another section (所管換え), by whoever may for both, or has rights holding
 * and grant over the one that gives. Unless keeps_grants, what was granted on
 * it ends first: whoever has it now grants anew. Not to another organ. A
 * failure on the way leaves it where it was, with some grants ended; the same
 * again does the rest.
 */
struct door_move {
	uint64_t holding;
	uint64_t section; /* which takes it */
	uint32_t form_version;
	bool keeps_grants;
	struct slice reference;
};

bool door_move_holding(struct door *d, struct visitor *v,
    const struct door_move *ask, struct err *err) MUST_CHECK;

/*
 * It is not kept any more: nothing is opened or made in it, and its grants
 * end. It stays to be seen. ERR_CONFLICT: it has records, which are disposed
 * of before; or it is closed.
 */
bool door_close_holding(struct door *d, struct visitor *v, uint64_t holding,
    struct slice reference, struct err *err) MUST_CHECK;

/* What a holding was from one change to the next. */
struct shown_form {
	struct door_holding holding; /* acts, persons, version: not filled in */
	instant at;                  /* when it was made so */
	struct slice person_name;    /* by whom; may be empty */
	struct slice post;
};

/* The present form first, at most DOOR_PAGE_MAX below version `below`
 * (0: from the present one on). */
bool door_holding_forms(struct door *d, struct visitor *v, uint64_t holding,
    uint32_t below, struct shown_form **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

/* ---- records ---- */

/*
 * A row that says who may, or what a record is, as the keeper made it. A kind
 * that needs two persons comes back with is_pending: door_confirm() by the
 * second.
 */
struct put {
	uint64_t id;
	uint32_t version;
	uint64_t entry;
	bool is_pending;
};

/* What every act with records names; all of it is entered. */
struct door_intent {
	uint64_t holding;
	struct slice purpose;   /* the pack's id, one of the holding's */
	struct slice reference; /* case reference; may be empty */
};

/* The decision alone, with no entry: what a page offers. */
struct decision door_may(
    struct door *d, const struct visitor *v, uint64_t holding, enum act act);

struct door_term {
	unsigned item;     /* its number */
	struct slice text; /* as typed; folded here */
};

struct shown_document {
	uint64_t id;
	uint64_t bytes;
	struct slice type; /* application/pdf */
	struct slice name;
	bool is_erased; /* what it was called is left */
};

struct shown_value {
	bool is_masked;
	struct slice text; /* empty when masked; a document's name */
	struct shown_document *document; /* of an item of type file */
};

struct shown_record {
	uint64_t id;
	uint32_t version;
	bool is_secret; /* 秘匿 */
	instant secret_until;
	instant secret_renew_by;
	instant changed_at;
	uint64_t entry; /* of the ledger, that let it be seen */
	bool is_over;   /* past a limit that only marks */
	size_t n;       /* values; as many as the holding's items */
	struct shown_value *values;
	struct decision decision; /* VERDICT_ALLOW or VERDICT_MASK */
};

struct door_list {
	struct door_intent intent;
	size_t n; /* terms, all must fit; >= 1 */
	struct door_term terms[DOOR_TERMS_MAX];
	uint64_t after; /* cursor: the last id shown */
};

struct shown_list {
	size_t n;
	struct shown_record *records; /* <= DOOR_LIST_MAX; none is 秘匿 */
	bool has_more;
	uint64_t next; /* cursor */
};

/* Looks up by search tokens and opens what it found for a list. */
bool door_list(struct door *d, struct visitor *v, const struct door_list *ask,
    struct shown_list *ret, struct decision *refusal,
    struct err *err) MUST_CHECK;

/* Only the ids; nothing is opened. At most DOOR_LIST_MAX. */
bool door_look_up(struct door *d, struct visitor *v,
    const struct door_list *ask, struct shown_list *ret,
    struct decision *refusal, struct err *err) MUST_CHECK;

struct door_view {
	struct door_intent intent;
	uint64_t record;
	enum act act;     /* 0 (ACT_SEARCH) is ACT_VIEW; or PRINT, COPY ... */
	uint32_t version; /* 0: the present one; an older one of a correction */
};

bool door_view(struct door *d, struct visitor *v, const struct door_view *ask,
    struct shown_record *ret, struct decision *refusal,
    struct err *err) MUST_CHECK;

struct shown_version {
	uint32_t version;
	instant made_at;  /* 0: not known */
	instant ended_at; /* 0: stands */
	uint64_t entry;   /* that made it; 0: not known, nor what follows */
	struct slice person_name;
	struct slice post;
	struct slice act;
	struct slice reference; /* of the case; may be empty */
};

/* The versions there are and who made them, newest first; opens nothing. */
bool door_versions(struct door *d, struct visitor *v, uint64_t holding,
    uint64_t record, struct shown_version **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

/* Values in the order of the holding's items; SLICE_NONE or empty: none. */
struct door_write {
	struct door_intent intent;
	uint64_t record;  /* CORRECT: which */
	uint32_t version; /* CORRECT: the one that was seen */
	size_t n;
	const struct slice *values;
	uint64_t items; /* CORRECT: ITEM_BIT() of those that are given; an empty
	                 * value clears */
};

struct written {
	uint64_t record;
	uint32_t version;
	uint64_t entry;
	/* With ERR_INPUT: what is wrong with which values; 0: there are none,
	 * or none that changes anything. */
	size_t n_faults;
	struct {
		unsigned item;     /* its number */
		const char *fault; /* "no_date": the key of the face's words */
	} faults[DOOR_ITEMS_MAX];
};

bool
door_create(struct door *d, struct visitor *v, const struct door_write *ask,
    struct written *ret, struct decision *refusal, struct err *err) MUST_CHECK;

/* The version before is kept. ERR_CONFLICT: corrected by another meanwhile. */
bool
door_correct(struct door *d, struct visitor *v, const struct door_write *ask,
    struct written *ret, struct decision *refusal, struct err *err) MUST_CHECK;

struct door_erase {
	struct door_intent intent;
	uint64_t record;
};

/* Ends its key and its documents': nothing opens them, nor any backup. */
bool door_erase(struct door *d, struct visitor *v, const struct door_erase *ask,
    struct written *ret, struct decision *refusal, struct err *err) MUST_CHECK;

#endif
