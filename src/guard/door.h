/*
 * The one door to personal information: decide, enter, open.
 *
 * Each event thread has a door: its channel to the keeper, its reader of the
 * database and the snapshot of grants. Functions that wait (for the keeper,
 * for a commit) give the thread away when visitor->fiber is set, and block
 * when it is NULL (command line, tests).
 *
 * What a function returns in slices and arrays lives in the arena given.
 * ERR_DENIED comes with *ret_decision filled in wherever one is taken.
 */
#ifndef GUARD_DOOR_H
#define GUARD_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/err.h"
#include "base/fiber.h"
#include "base/slice.h"
#include "guard/decide.h"
#include "keeper/authority.h"
#include "regulation/pack.h"

enum {
	DOOR_LIST_MAX = 50,       /* records of one list */
	DOOR_TERMS_MAX = 4,       /* of one search */
	DOOR_CAPACITIES_MAX = 16,
	DOOR_ACCESSES_MAX = 200,
	DOOR_ROWS_MAX = 200
};

struct guard; /* of the process; any thread */
struct door;  /* of one thread */

/* ---- opening ---- */

/* Work handed back to a door's thread; memory is the door's. */
struct door_work {
	void (*fn)(struct door_work *work);
	struct door_work *next;
};

struct guard_config {
	const char *store;         /* "sqlite:..." or "postgresql://..." */
	const char *packs;         /* folder of the packs */
	const int *channels;       /* keeper's descriptors, taken over */
	size_t channel_count;      /* one for each door, one for the guard */
	struct clock *clock;
};

/*
 * Opens the store, the packs of its bodies, loads and verifies the authority
 * rows with the keeper, drains the outbox and compiles the first snapshot.
 * ERR_CORRUPT when the keeper refuses.
 */
bool guard_open(const struct guard_config *config, struct guard **ret,
    struct err *err) MUST_CHECK;
void guard_close(struct guard *g); /* all doors are closed before */

/* `post` runs work->fn on the door's thread, soon; NULL: there is no loop. */
bool door_open(struct guard *g, void (*post)(void *ctx, struct door_work *w),
    void *ctx, struct door **ret, struct err *err) MUST_CHECK;
void door_close(struct door *d);

/* For the loop: watch this descriptor, call these. */
int door_fd(const struct door *d);
void door_poll(struct door *d);  /* when the descriptor is readable */
void door_flush(struct door *d); /* after each round: one write of all */
void door_tick(struct door *d);  /* about once a second */

/* What the keeper says of itself; false when it is gone. */
struct keeper_health {
	bool is_there;
	bool is_full;
	enum keeper_state state;
	struct slice reason;
};
void door_health(struct door *d, struct arena *a, struct keeper_health *ret);

/* ---- bodies and visitors ---- */

struct body_row {
	uint64_t id;
	struct slice name;
	struct slice pack; /* id */
};

/* All bodies of the installation, for the log-on page; at most 100. */
bool door_bodies(struct door *d, struct arena *a, struct body_row **ret,
    size_t *ret_n, struct err *err) MUST_CHECK;

/* The pack of a body, as long as the guard is open; NULL: no such body. */
const struct pack *door_pack(struct door *d, uint64_t body);

/* One appointment in which somebody may act. */
struct capacity {
	uint64_t id;
	uint64_t section;      /* 0: the whole body */
	struct slice office;   /* the pack's key */
	struct slice post;     /* as shown: 市民課　保護管理者 */
	uint32_t rights;
};

/* Who is asking, in one capacity. Lives in the request's arena. */
struct visitor {
	struct fiber *fiber;
	struct session_id session;
	uint64_t body;
	uint64_t account;
	uint64_t person;
	uint64_t capacity;     /* 0: no appointment in force */
	uint64_t section;
	uint64_t terminal;     /* terminal row; 0: not registered */
	uint32_t rights;       /* of this capacity alone */
	uint8_t level;
	bool has_code;         /* can step up */
	bool must_change;      /* may only change the password */
	struct slice office;
	struct slice post;
	struct slice person_name;
	struct slice body_name;
	size_t capacity_count;
	char form_token[33];   /* hexadecimal; bound to the session */
	uint32_t idle_s;       /* until automatic log-off */
	uint32_t warn_s;       /* before it, when the page warns */
};

struct logon_request {
	uint64_t body;
	struct slice logon;
	struct slice password;
	struct slice code;                /* may be empty */
	uint8_t source[32];               /* hash of terminal or address */
	const uint8_t *terminal;          /* 32 bytes of certificate, or NULL */
};

/*
 * ERR_LOGON: name, password or code is wrong (never which); ERR_BUSY: too
 * many failures from here, or too many log-ons at once. The session's text is
 * 32 hexadecimal digits. ret's fiber must be set by the caller before.
 */
bool door_logon(struct door *d, const struct logon_request *request,
    struct arena *a, struct visitor *ret, char ret_session[33],
    struct err *err) MUST_CHECK;

/*
 * Who a session's text is; in `capacity` if it is one of theirs, else in
 * their first. ERR_LOGON when the session has ended. ret->fiber is kept.
 */
bool door_visit(struct door *d, struct slice session, uint64_t capacity,
    const uint8_t *terminal, struct arena *a, struct visitor *ret,
    struct err *err) MUST_CHECK;

bool door_step_up(struct door *d, struct visitor *v, struct slice code,
    struct err *err) MUST_CHECK;
bool door_logoff(struct door *d, struct visitor *v,
    struct err *err) MUST_CHECK;

/* The visitor's appointments in force. */
bool door_capacities(struct door *d, const struct visitor *v,
    struct arena *a, struct capacity **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

/* Changes the capacity of the session from now on. */
bool door_take_capacity(struct door *d, struct visitor *v, uint64_t capacity,
    struct err *err) MUST_CHECK;

/* Whom to ask about a section's holdings: "山本 恵子" of office "manager". */
struct person_name {
	uint64_t person;
	struct slice name;
	struct slice office;
	struct slice section; /* its name */
};
bool door_whom_to_ask(struct door *d, const struct visitor *v,
    uint64_t section, struct arena *a, struct person_name **ret,
    size_t *ret_n, struct err *err) MUST_CHECK;

/* ---- holdings ---- */

struct holding_item {
	struct slice id;
	struct slice name;
	enum pack_item_type type;
	enum pack_search search;
	bool is_special_care;
};

struct holding_view {
	uint64_t id;
	uint64_t section;
	struct slice section_name;
	struct slice name;
	struct slice sensitivity;   /* the pack's id */
	struct slice basis;         /* legal basis */
	struct slice place;         /* where it is kept */
	bool is_my_number;
	bool needs_second_factor;
	bool is_terminals_only;
	uint32_t retention_years;
	int64_t persons;            /* records not erased */
	const struct slice *purposes; /* the pack's ids */
	size_t n_purposes;
	const struct holding_item *items;
	size_t n_items;
	uint32_t acts;              /* that the visitor may do now: ACT_BIT */
};

/* All holdings of the body (個人情報ファイル簿): no personal information. */
bool door_holdings(struct door *d, const struct visitor *v, struct arena *a,
    struct holding_view **ret, size_t *ret_n, struct err *err) MUST_CHECK;
bool door_holding(struct door *d, const struct visitor *v, uint64_t holding,
    struct arena *a, struct holding_view *ret, struct err *err) MUST_CHECK;

/* What a new holding is; right `holding`, in the visitor's own section. */
struct holding_request {
	struct slice name;
	struct slice sensitivity;
	struct slice basis;
	struct slice place;
	bool is_my_number;
	bool is_terminals_only;
	uint32_t retention_years;
	uint64_t section;
	const struct slice *purposes;
	size_t n_purposes;
	const struct holding_item *items;
	size_t n_items;
};
bool door_make_holding(struct door *d, const struct visitor *v,
    const struct holding_request *request, uint64_t *ret_id,
    struct err *err) MUST_CHECK;

/* ---- records ---- */

/* Why it is done: in every call that opens something. */
struct intent {
	uint64_t holding;
	struct slice purpose; /* one of the holding's */
	struct slice reference; /* case reference; may be empty */
};

/* One record as the visitor may see it. */
struct record_view {
	uint64_t id;
	uint32_t version;
	bool is_secret;             /* 秘匿 */
	instant secret_until;       /* 0 */
	instant changed_at;
	uint64_t shown;             /* mask of items that are not masked */
	size_t n_values;            /* the holding's items, in order */
	const struct slice *values; /* p NULL: masked or absent */
	uint64_t entry;             /* in the ledger */
	bool is_over;               /* past the limit: warn */
};

struct search_term {
	size_t item;       /* position in the holding */
	struct slice text; /* as typed */
};

/*
 * Records that fit all terms, at most DOOR_LIST_MAX; *ret_more says that
 * there are more. 秘匿 records are left out unless the grant holds ACT_SECRET.
 * The look-up and the list are entries.
 */
bool door_search(struct door *d, const struct visitor *v,
    const struct intent *intent, const struct search_term *terms, size_t n,
    struct arena *a, struct record_view **ret, size_t *ret_n, bool *ret_more,
    struct decision *ret_decision, struct err *err) MUST_CHECK;

/* One record. act: ACT_VIEW, ACT_PRINT, ACT_COPY ... */
bool door_view(struct door *d, const struct visitor *v,
    const struct intent *intent, uint64_t record, enum act act,
    struct arena *a, struct record_view *ret,
    struct decision *ret_decision, struct err *err) MUST_CHECK;

/* Values by item position; p NULL leaves an item as it is (correct). */
bool door_create(struct door *d, const struct visitor *v,
    const struct intent *intent, const struct slice *values, size_t n,
    struct arena *a, uint64_t *ret_id, struct decision *ret_decision,
    struct err *err) MUST_CHECK;

/* ERR_CONFLICT when `version` is not the newest. The old version is kept. */
bool door_correct(struct door *d, const struct visitor *v,
    const struct intent *intent, uint64_t record, uint32_t version,
    const struct slice *values, size_t n, struct arena *a,
    struct decision *ret_decision, struct err *err) MUST_CHECK;

/* An older version, after a view's rules. */
bool door_view_version(struct door *d, const struct visitor *v,
    const struct intent *intent, uint64_t record, uint32_t version,
    struct arena *a, struct record_view *ret, struct decision *ret_decision,
    struct err *err) MUST_CHECK;

/* Destroys the key: no tool and no backup opens it again. */
bool door_erase(struct door *d, const struct visitor *v,
    const struct intent *intent, uint64_t record,
    struct decision *ret_decision, struct err *err) MUST_CHECK;

/* 秘匿 until then (0: ends it); a demand of ACT_SECRET. */
bool door_set_secret(struct door *d, const struct visitor *v,
    const struct intent *intent, uint64_t record, instant until,
    struct arena *a, struct decision *ret_decision,
    struct err *err) MUST_CHECK;

/* ---- import ---- */

struct import_problem {
	uint32_t row; /* from 1, the header is row 1 */
	uint32_t column; /* from 1; 0: the whole row */
	struct slice text; /* what is wrong, no value */
};

struct import_result {
	uint32_t rows;
	size_t n_problems;
	const struct import_problem *problems; /* at most 1,000 */
	uint64_t entry;
};

/*
 * CSV (UTF-8 or CP932) into a holding: all rows or none. is_dry: only looks.
 * `progress` is read by other threads; may be NULL. Blocks: never call it on
 * an event thread (door_import_start does the same on a thread of its own).
 */
bool door_import(struct door *d, const struct visitor *v,
    const struct intent *intent, struct slice csv, bool is_dry,
    struct arena *a, struct import_result *ret,
    struct decision *ret_decision, struct err *err) MUST_CHECK;

/* ---- documents ---- */

struct document_view {
	uint64_t record;
	struct slice name;
	struct slice type;
	struct slice bytes;
};
bool door_put_document(struct door *d, const struct visitor *v,
    const struct intent *intent, struct slice title, struct slice file_name,
    struct slice bytes, struct arena *a, uint64_t *ret_id,
    struct decision *ret_decision, struct err *err) MUST_CHECK;
bool door_document(struct door *d, const struct visitor *v,
    const struct intent *intent, uint64_t record, struct arena *a,
    struct document_view *ret, struct decision *ret_decision,
    struct err *err) MUST_CHECK;

/* ---- authority ---- */

/*
 * Puts a row: the keeper makes it, the store keeps it, the snapshot is
 * compiled anew. head.kind, body, from, until and the content are the
 * caller's; a new row has id 0 and version 0. *ret_pending: a second person
 * must confirm it before it has effect.
 */
bool door_put(struct door *d, const struct visitor *v,
    const struct authority_row *row, struct slice reference, uint64_t *ret_id,
    bool *ret_pending, struct err *err) MUST_CHECK;

/* Confirms a pending row as the second person. */
bool door_confirm(struct door *d, const struct visitor *v, uint64_t row,
    struct err *err) MUST_CHECK;

/* Ends a row now (grant, appointment, permit). */
bool door_end(struct door *d, const struct visitor *v, uint64_t row,
    struct slice reference, struct err *err) MUST_CHECK;

/*
 * Rows of a kind of the body, newest first, those ended too when is_all.
 * holding or person narrow it when not 0.
 */
bool door_rows(struct door *d, const struct visitor *v,
    enum authority_kind kind, uint64_t holding, uint64_t person, bool is_all,
    struct arena *a, struct authority_row **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

/* The own password (old one as proof), or another's (two persons). */
struct credential_request {
	uint64_t account;
	struct slice old_password;
	struct slice password;
	const uint8_t *code_secret; /* 20 bytes, or NULL: as before */
	struct slice code;          /* proves code_secret */
};
bool door_put_credential(struct door *d, const struct visitor *v,
    const struct credential_request *request, bool *ret_pending,
    struct err *err) MUST_CHECK;

/* ---- organisation ---- */

struct section_row {
	uint64_t id;
	uint64_t parent; /* 0 at the top of its organ */
	uint64_t organ;
	struct slice organ_name;
	struct slice name;
	struct slice path; /* 市民部　市民課 */
	struct slice unit;
	bool counts;
	unsigned depth;
};
bool door_sections(struct door *d, const struct visitor *v, struct arena *a,
    struct section_row **ret, size_t *ret_n, struct err *err) MUST_CHECK;

struct person_row {
	uint64_t id;
	struct slice name;
	struct slice kana;
	struct slice kind; /* staff, dispatched, contractor */
	uint64_t account;  /* 0: none */
	struct slice logon;
};
/* By kana, from `after` on (empty: the first). */
bool door_persons(struct door *d, const struct visitor *v, struct slice after,
    struct arena *a, struct person_row **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

/* Right `appoint`. The account's first password is handed out (two persons
 * where docs/keeper.md says so). */
struct person_request {
	struct slice name;
	struct slice kana;
	struct slice kind;
	struct slice email;
	struct slice logon; /* empty: no account */
	struct slice password;
};
bool door_make_person(struct door *d, const struct visitor *v,
    const struct person_request *request, uint64_t *ret_person,
    uint64_t *ret_account, struct err *err) MUST_CHECK;

bool door_make_section(struct door *d, const struct visitor *v,
    uint64_t organ, uint64_t parent, struct slice name, struct slice unit,
    bool counts, uint64_t *ret_id, struct err *err) MUST_CHECK;

/* Ends every appointment of a person (transfer, leaving). */
bool door_transfer(struct door *d, const struct visitor *v, uint64_t person,
    struct slice reference, size_t *ret_ended, struct err *err) MUST_CHECK;

/* A name for an id, for pages; empty when unknown. */
struct slice door_person_name(struct door *d, const struct visitor *v,
    uint64_t person, struct arena *a);
struct slice door_section_name(struct door *d, const struct visitor *v,
    uint64_t section, struct arena *a);

/* ---- what was done ---- */

struct access_row {
	instant at;
	uint64_t entry;
	uint64_t person;
	struct slice person_name;
	struct slice post;
	uint64_t holding;
	struct slice holding_name;
	uint64_t record;
	struct slice act;
	struct slice purpose;
	struct slice reference;
	struct slice result; /* "ok", or the reason of the refusal */
	size_t records;      /* that the entry names */
};

struct access_filter {
	uint64_t holding; /* 0: all that the visitor may oversee */
	uint64_t record;
	uint64_t person;
	instant from;     /* 0 */
	instant until;    /* 0: now */
	instant before;   /* cursor: rows before this; 0 */
};

/*
 * Who opened what and why, newest first. Right `oversee`: holdings of the own
 * section; `audit`: the whole body. With a grant on the record: its trail.
 * *ret_indexed: the index holds everything up to here.
 */
bool door_accesses(struct door *d, const struct visitor *v,
    const struct access_filter *filter, struct arena *a,
    struct access_row **ret, size_t *ret_n, instant *ret_indexed,
    struct err *err) MUST_CHECK;

struct ledger_view {
	uint64_t entries;
	struct slice origin;
	struct slice key;         /* verifier key */
	struct slice checkpoint;  /* signed note */
	instant now;
	enum keeper_state state;
	struct slice reason;
};
bool door_ledger(struct door *d, const struct visitor *v, struct arena *a,
    struct ledger_view *ret, struct err *err) MUST_CHECK;

/* One entry in the clear with its proof; right `audit`, itself an entry. */
struct entry_bundle {
	uint64_t index;
	struct slice readable;   /* canonical JSON */
	struct slice leaf;       /* bytes as in the ledger */
	struct slice key;        /* of this entry alone, 32 bytes */
	struct slice salt;
	struct slice proof;      /* c2sp.org/tlog-proof text */
	struct slice checkpoint;
};
bool door_entry(struct door *d, const struct visitor *v, uint64_t index,
    struct slice reference, struct arena *a, struct entry_bundle *ret,
    struct err *err) MUST_CHECK;

#endif
