/* Long because: there is one door, and its contract is read as one. */
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
	bool is_manual, has_manual_part, has_ordinance_care, takes_proposals;
	size_t n_purposes;
	const struct slice *purposes; /* the pack's ids */
	size_t n_items;
	const struct door_item *items; /* items[i].number == i */
	uint32_t acts; /* what the visitor may do with it; filled in */
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
 */
bool door_put_holding(struct door *d, struct visitor *v, struct door_holding *h,
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
	instant ended_at; /* 0: stands */
};

/* The versions there are, newest first; opens nothing. */
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

/*
 * 秘匿. Marking closes the record with a row of the keeper's before anything
 * else, then seals every version again; neither its wraps nor its dates open
 * it any more. The end of its period, or a renewal that was missed, changes
 * nothing: somebody renews it or takes the mark off. Versions that were 秘匿
 * stay so when the mark is taken off.
 */
struct door_secret {
	struct door_intent intent;
	uint64_t record;
	bool is_secret; /* mark, or unmark */
	instant until;  /* end of the period; when marking */
};

bool
door_secret(struct door *d, struct visitor *v, const struct door_secret *ask,
    struct written *ret, struct decision *refusal, struct err *err) MUST_CHECK;

struct door_renewal {
	struct door_intent intent;
	uint64_t record;
	instant until;
	struct slice reason; /* sealed in the ledger */
};

bool
door_renew_secret(struct door *d, struct visitor *v,
    const struct door_renewal *ask, struct put *ret, struct decision *refusal,
    struct err *err) MUST_CHECK;

struct shown_renewal {
	uint64_t holding;
	uint64_t record;
	instant renew_by;
	instant until;
	bool is_overdue; /* renew_by has passed; the record stays closed */
	bool may_renew;
};

/*
 * Marks to be renewed by `by`, the earliest first, of holdings that the
 * visitor oversees or may mark in; at most DOOR_PAGE_MAX after `after`, the
 * last one seen (NULL: from the first).
 */
bool door_renewals(struct door *d, struct visitor *v, instant by,
    const struct shown_renewal *after, struct shown_renewal **ret,
    size_t *ret_n, struct err *err) MUST_CHECK;

/*
 * An output of a 秘匿 record waits for another person: asked for by who will
 * put it out, confirmed (door_confirm()) by who oversees the holding, good
 * for this version, this act and this purpose, once, for the pack's hours.
 */
struct door_release {
	struct door_intent intent; /* with a case reference */
	uint64_t record;
	enum act act;
	struct slice reason; /* to whom, what for; sealed in the ledger */
};

bool door_put_release(struct door *d, struct visitor *v,
    const struct door_release *ask, struct put *ret, struct decision *refusal,
    struct err *err) MUST_CHECK;

struct shown_release {
	uint64_t id;
	enum act act;
	bool is_pending;
	instant until;
};

/* The visitor's own of a record that may still be used or confirmed. */
bool door_releases(struct door *d, struct visitor *v, uint64_t holding,
    uint64_t record, struct shown_release **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

/* ---- documents: files of a record, each the value of an item ---- */

/*
 * Takes both acts CREATE and CORRECT: it makes a document and a new version
 * of the record, whose versions before keep theirs. Nothing of it shows until
 * all of it is there. ERR_INPUT: no item of type file, or no plain name.
 * ERR_LIMIT, with no refusal: the record has DOOR_DOCUMENTS_MAX already.
 */
struct door_attach {
	struct door_intent intent;
	uint64_t record;
	unsigned item;      /* its number */
	struct slice name;  /* as sent; folders before it are left out */
	struct slice type;  /* application/pdf */
	struct slice bytes; /* 1 .. DOOR_DOCUMENT_MAX_BYTES */
};

struct attached {
	uint64_t document;
	uint32_t version; /* of the record */
	uint64_t entry;
};

bool
door_attach(struct door *d, struct visitor *v, const struct door_attach *ask,
    struct attached *ret, struct decision *refusal, struct err *err) MUST_CHECK;

struct door_document {
	struct door_intent intent;
	uint64_t record;
	uint64_t document;
	uint32_t version; /* of the record that holds it; 0: the present one */
};

struct opened_document {
	struct shown_document document;
	uint64_t entry;
	bool is_over;
};

/*
 * Act VIEW; of a 秘匿 record COPY, which another person confirms. Its bytes
 * are appended to `to`.
 */
bool door_open_document(struct door *d, struct visitor *v,
    const struct door_document *ask, struct opened_document *ret,
    struct buf *to, struct decision *refusal, struct err *err) MUST_CHECK;

/* Ends its key, as door_erase() does a record's; the record stays. */
bool door_erase_document(struct door *d, struct visitor *v,
    const struct door_document *ask, struct written *ret,
    struct decision *refusal, struct err *err) MUST_CHECK;

/*
 * A whole CSV (UTF-8 or CP932), all rows or none; a dry run only checks. It
 * takes seconds: call it with a door of its own on a thread of its own, and
 * visitor->fiber NULL. ERR_INPUT with problems, by row and column.
 */
struct door_import {
	struct door_intent intent;
	struct slice csv;
	bool is_dry;
	_Atomic(unsigned) *progress; /* rows done; may be NULL */
};

struct shown_problem {
	uint32_t row, column; /* from 1; column 0: the whole row */
	struct slice item;    /* its name; empty: none */
	const char *fault;    /* "no_date": the key of the face's words */
};

struct imported {
	uint32_t rows;
	size_t n_problems;
	bool has_more; /* problems than those */
	struct shown_problem *problems;
};

bool
door_import(struct door *d, struct visitor *v, const struct door_import *ask,
    struct imported *ret, struct decision *refusal, struct err *err) MUST_CHECK;

/* ---- who may: grants, appointments, credentials, permits ---- */

struct door_grant {
	uint64_t id;       /* 0: new */
	uint64_t person;   /* to a person; or */
	uint64_t capacity; /* to a person in this appointment (of person); or */
	struct slice office; /* to whoever holds this office */
	uint64_t section;    /* with office; 0: in any section */
	uint64_t holding;
	uint32_t acts;      /* ACT_BIT(); ACT_SECRET opens 秘匿 */
	uint64_t items;     /* ITEMS_ALL or ITEM_BIT()s */
	struct slice label; /* only records with this label; empty: all */
	size_t n_terminals;
	uint64_t terminals[AUTHORITY_TERMINALS_MAX];
	uint8_t weekdays;
	uint16_t from_minute, to_minute;
	instant from, until;
	struct slice article; /* empty: of the pack's no_grant */
	size_t n_days;        /* surge: only on these days in Japan */
	int32_t days[AUTHORITY_DAYS_MAX];
	struct slice reference;
};

bool door_put_grant(struct door *d, struct visitor *v,
    const struct door_grant *ask, struct put *ret, struct err *err) MUST_CHECK;

/*
 * The appointment of a person that a grant on the holding hangs on where none
 * is named: the one in the section that owns the holding; else the only one.
 * ERR_NOT_FOUND: none at `from`, or no such holding. ERR_CONFLICT: several.
 */
bool door_post_for(struct door *d, struct visitor *v, uint64_t holding,
    uint64_t person, instant from, uint64_t *ret, struct err *err) MUST_CHECK;

struct surge_person {
	uint64_t person;
	uint64_t capacity; /* 0: as door_post_for() finds it */
};

/* What came of a list; the rest is of those who have it now. */
struct surge {
	size_t made;
	size_t were_there;
};

/*
 * The same grant for each of 1 .. DOOR_SURGE_MAX persons, on days that it
 * names. All are looked at before the first is made, so a list with a fault
 * makes none. What can still fail is the keeper or the disk: then *ret says how
 * many there are, and the same list again makes the others, since whoever has
 * the very same grant is passed over.
 */
bool door_put_surge(struct door *d, struct visitor *v,
    const struct door_grant *ask, const struct surge_person *persons, size_t n,
    struct surge *ret, struct err *err) MUST_CHECK;

struct shown_grant {
	struct door_grant grant;
	uint32_t version;
	bool is_emergency;
	bool is_surge;
	bool is_in_force; /* now */
	uint64_t made_by;
	struct slice made_by_name;
	struct slice person_name;
	struct slice office_title;
	struct slice section_path;
};

/*
 * On one holding, or (0) on any, by id: all where the visitor has the right
 * grant or oversee over the owning section, or audit; else one's own grants.
 */
bool
door_grants(struct door *d, struct visitor *v, uint64_t holding, uint64_t after,
    struct shown_grant **ret, size_t *ret_n, struct err *err) MUST_CHECK;

/* One of those, emergencies too; ERR_NOT_FOUND. */
bool door_grant(struct door *d, struct visitor *v, uint64_t id,
    struct shown_grant *ret, struct err *err) MUST_CHECK;

struct door_emergency {
	uint64_t holding;
	instant until;          /* at most the body's emergency hours */
	struct slice reference; /* the case; required */
	struct slice reason;    /* sealed in the ledger */
};

/* A grant to oneself, to look only; to be reviewed: door_openings(). */
bool door_emergency(struct door *d, struct visitor *v,
    const struct door_emergency *ask, struct put *ret,
    struct err *err) MUST_CHECK;

struct shown_reason {
	struct slice text;
	struct slice reference; /* the case; may be empty */
};

/*
 * The reason of an EMERGENCY or RELEASE row, the remarks of a REVIEW: for who
 * judges it, against an entry. ERR_NOT_FOUND: none was given.
 */
bool door_reason(struct door *d, struct visitor *v, enum authority_kind kind,
    uint64_t id, struct shown_reason *ret, struct err *err) MUST_CHECK;

struct shown_opening {
	uint64_t id;
	uint64_t holding;
	uint64_t person;
	struct slice person_name;
	struct slice post;
	instant from, until;
	instant due; /* to be reviewed by then */
	bool is_overdue;
	bool may_review;
	bool is_reviewed;
	enum review_verdict verdict;
	struct slice reviewed_by;
	instant reviewed_at;
};

/*
 * Emergency openings that began before `before` (0: all), the newest first,
 * at most DOOR_PAGE_MAX: of holdings that the visitor oversees; all of the
 * body for rights emergency and audit.
 */
bool door_openings(struct door *d, struct visitor *v, instant before,
    struct shown_opening **ret, size_t *ret_n, struct err *err) MUST_CHECK;

/* One of them; ERR_NOT_FOUND. */
bool door_opening(struct door *d, struct visitor *v, uint64_t id,
    struct shown_opening *ret, struct err *err) MUST_CHECK;

/*
 * Openings that wait for this visitor's review. The head of protection
 * (right emergency over the whole body) has those that are overdue, and those
 * by who would have to review them in the section.
 */
struct openings_waiting {
	size_t n;
	size_t n_overdue;
};

struct openings_waiting
door_openings_waiting(struct door *d, const struct visitor *v);

struct door_review {
	uint64_t id; /* the opening's */
	enum review_verdict verdict;
	struct slice remarks; /* sealed in the ledger; may be empty */
};

/* Once, and it stands: ERR_CONFLICT. Never one's own: ERR_DENIED. */
bool door_review(struct door *d, struct visitor *v,
    const struct door_review *ask, struct put *ret, struct err *err) MUST_CHECK;

struct door_appointment {
	uint64_t id; /* 0: new */
	uint64_t person;
	struct slice office;
	uint64_t section;
	uint64_t organ;
	uint32_t rights; /* 0: those of the office in the pack */
	instant from, until;
	struct slice reference;
};

bool door_put_appointment(struct door *d, struct visitor *v,
    const struct door_appointment *ask, struct put *ret,
    struct err *err) MUST_CHECK;

/* One, whether in force or not; ERR_NOT_FOUND. */
bool door_appointment(struct door *d, struct visitor *v, uint64_t id,
    struct shown_capacity *ret, struct err *err) MUST_CHECK;

/* Of a person (0: all of the body). */
bool door_appointments(struct door *d, struct visitor *v, uint64_t person,
    uint64_t after, struct shown_capacity **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

/*
 * Appointment, grant, emergency, permit, credential or terminal: ends at `at`.
 * The sessions of a credential, or begun at a terminal, end at once.
 */
struct door_end {
	enum authority_kind kind;
	uint64_t id;
	instant at; /* 0: now */
	struct slice reference;
};

bool door_end(struct door *d, struct visitor *v, const struct door_end *ask,
    struct put *ret, struct err *err) MUST_CHECK;

/*
 * Transfer: ends the person's appointments at `from` and, where to.office is
 * given, makes the new one from then on. Grants end with what they hang on.
 */
struct door_transfer {
	uint64_t person;
	instant from;
	struct door_appointment to;
};

bool door_transfer(struct door *d, struct visitor *v,
    const struct door_transfer *ask, struct put *ret,
    struct err *err) MUST_CHECK;

struct door_permit {
	uint64_t account;
	uint64_t holding; /* 0: any */
	uint32_t count;   /* records more than the limit */
	instant from, until;
	struct slice reference;
};

bool door_put_permit(struct door *d, struct visitor *v,
    const struct door_permit *ask, struct put *ret, struct err *err) MUST_CHECK;

struct door_terminal {
	uint64_t id; /* 0: new */
	struct slice name;
	uint8_t fingerprint[32];
	uint64_t section;
	instant from, until;
	struct slice reference;
};

bool door_put_terminal(struct door *d, struct visitor *v,
    const struct door_terminal *ask, struct put *ret,
    struct err *err) MUST_CHECK;

struct shown_terminal {
	uint64_t id;
	struct slice name;
	uint8_t fingerprint[32];
	uint64_t section;
	struct slice path; /* of the section */
	instant from, until;
	bool is_in_force; /* now */
};

/* All of the body, by id, ended ones too; at most DOOR_PAGE_MAX. */
bool door_terminals(struct door *d, struct visitor *v, uint64_t after,
    struct shown_terminal **ret, size_t *ret_n, struct err *err) MUST_CHECK;

/* One of those; ERR_NOT_FOUND. */
bool door_terminal(struct door *d, struct visitor *v, uint64_t id,
    struct shown_terminal *ret, struct err *err) MUST_CHECK;

/* Maintenance: the body's limits, from its pack. Needed before all else. */
bool door_put_body(struct door *d, struct visitor *v, instant until,
    struct put *ret, struct err *err) MUST_CHECK;

/*
 * Passwords. One's own: old_password. Another's: right account, then a second
 * person confirms; it must be changed at the next log-on. In maintenance:
 * neither. code_secret and code set up one-time codes (one's own only).
 */
struct door_credential {
	uint64_t account;
	struct slice old_password;
	struct slice password;
	struct slice code_secret; /* 20 bytes or empty */
	struct slice code;
	bool must_change; /* maintenance: good for one's own only */
	instant until;    /* 0: as before, or for ever */
	struct slice reference;
};

bool door_put_credential(struct door *d, struct visitor *v,
    const struct door_credential *ask, struct put *ret,
    struct err *err) MUST_CHECK;

/* A new secret for one-time codes; random. */
void door_new_code_secret(uint8_t ret[20]);

/* A password to hand out, to be changed at once: 80 random bits, readable. */
enum { DOOR_PASSWORD_BYTES = 20 };
void door_new_password(char ret[DOOR_PASSWORD_BYTES]);

struct shown_pending {
	enum authority_kind kind;
	uint64_t id;
	uint32_t version;
	uint64_t made_by;
	struct slice made_by_name;
	uint64_t account; /* CREDENTIAL, PERMIT */
	uint32_t count;   /* PERMIT */
	uint64_t holding; /* RELEASE: and what follows */
	uint64_t record;
	enum act act;
	struct slice purpose;
	instant from, until;
};

/* Rows that wait for a second person such as the visitor. */
bool door_pending(struct door *d, struct visitor *v, struct shown_pending **ret,
    size_t *ret_n, struct err *err) MUST_CHECK;
bool door_confirm(struct door *d, struct visitor *v, enum authority_kind kind,
    uint64_t id, struct put *ret, struct err *err) MUST_CHECK;

/* ---- organisation: plain rows, each change entered. Right appoint ---- */

struct people_organ;
struct people_section;
struct people_person;
struct people_account;
struct people_office;
struct people_body;

/* id 0: new, then set. Reading: people/people.h with door_reader(). */
bool door_put_people_body(struct door *d, struct visitor *v,
    struct people_body *row, struct err *err) MUST_CHECK; /* maintenance */
bool door_put_organ(struct door *d, struct visitor *v, struct people_organ *row,
    struct err *err) MUST_CHECK;
bool door_put_section(struct door *d, struct visitor *v,
    struct people_section *row, struct err *err) MUST_CHECK;
bool door_put_person(struct door *d, struct visitor *v,
    struct people_person *row, struct err *err) MUST_CHECK;
bool door_put_account(struct door *d, struct visitor *v,
    struct people_account *row, struct err *err) MUST_CHECK; /* right account */
/*
 * The account as given, locked or ended: its credential ends, which the keeper
 * sees to, so its sessions do; then the row. Log-on again needs a password
 * that two persons hand out. Right account.
 */
bool door_close_account(struct door *d, struct visitor *v,
    const struct people_account *account, struct slice reference,
    struct err *err) MUST_CHECK;
bool door_put_office(struct door *d, struct visitor *v,
    struct people_office *row, struct err *err) MUST_CHECK;

/*
 * A change of the plain rows of a folder above this one, in one transaction
 * with its entry; returns when the entry is durable. Who may is the caller's
 * to decide before. `run` is in the writer's thread and must not wait.
 */
struct door_commit {
	bool (*run)(struct store_tx *tx, void *arg, struct err *err);
	void *arg;
	const char *verb; /* "register.put" */
	uint64_t subject; /* the row's id */
};

bool door_commit(struct door *d, struct visitor *v,
    const struct door_commit *c, struct err *err) MUST_CHECK;

/* The door's reader, for people/people.h. Not across a wait. */
struct store_reader *door_reader(struct door *d);

/* ---- what happened ---- */

struct door_accesses {
	uint64_t holding;      /* 0: any that the visitor may oversee */
	uint64_t record;       /* with holding; 0: any */
	uint64_t person;       /* who did it; 0: anybody */
	instant before;        /* cursor: time, 0: now */
	uint64_t before_entry; /* and entry and record of the last one seen */
	uint64_t before_record;
};

struct shown_access {
	instant at;
	uint64_t entry;
	uint64_t record;
	uint64_t holding;
	uint64_t person;
	struct slice person_name;
	uint64_t capacity;
	struct slice post; /* "市民課 職員" */
	struct slice act;
	struct slice purpose;
	struct slice reference; /* of the case; may be empty */
	struct slice result;    /* "done", "over", "refused", or the reason */
};

/*
 * Who opened what and why, newest first, at most DOOR_PAGE_MAX. Right oversee:
 * holdings of one's own section; right audit: all. One's own: everybody.
 */
bool door_accesses(struct door *d, struct visitor *v,
    const struct door_accesses *ask, struct shown_access **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

/*
 * Says every few seconds that this server is on the database: call about once
 * a second on one thread. *ret_is_taken: another is, since this one was not
 * seen for too long; nothing may be given out any more.
 */
bool door_stay(struct door *d, struct fiber *fiber, bool *ret_is_taken,
    struct err *err) MUST_CHECK;

/*
 * Feeds the index that door_accesses() reads from the ledger: call about once
 * a second on one thread. *ret_more: call again soon.
 */
bool door_follow(struct door *d, struct fiber *fiber, bool *ret_more,
    struct err *err) MUST_CHECK;

struct shown_ledger {
	enum keeper_state state;
	bool is_maintenance;
	bool is_full;
	instant now;
	uint64_t entries;
	uint64_t records;
	uint64_t rows;
	uint32_t sessions;
	struct slice key;    /* the log's verifier key */
	struct slice reason; /* why it refuses */
	struct slice note;   /* the newest signed checkpoint; may be empty */
};

bool door_ledger_state(struct door *d, struct visitor *v,
    struct shown_ledger *ret, struct err *err) MUST_CHECK;

/*
 * One entry for outsiders: a tar of the leaf, its readable form, what opens
 * it, the proof (c2sp.org/tlog-proof), the log's key and a README with the
 * commands that verify it. Right audit; showing it is an entry too.
 */
bool door_entry_bundle(struct door *d, struct visitor *v, uint64_t index,
    struct slice reference, struct buf *to, struct err *err) MUST_CHECK;

/* Enters an act of the server that opens nothing: "report.print" ... */
struct door_note {
	struct slice verb;
	struct slice reference;
	size_t n_subjects;
	uint64_t subjects[MESSAGE_SUBJECTS_MAX];
	struct slice detail; /* canonical JSON object, or empty */
};

bool door_enter(struct door *d, struct visitor *v, const struct door_note *note,
    uint64_t *ret_entry, struct err *err) MUST_CHECK;

#endif
