/*
 * The table of everything that can be done. A row says all there is to say of
 * an action; pages, API, command line, manual and OpenAPI text are made from
 * it. action_table_check() refuses an incomplete row at start.
 */
#ifndef ACTION_ACTION_H
#define ACTION_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action/out.h"
#include "words.h"
#include "base/arena.h"
#include "base/calendar.h"
#include "base/err.h"
#include "base/slice.h"
#include "guard/door.h"
#include "guard/door_access.h"
#include "guard/door_authority.h"
#include "guard/door_document.h"
#include "guard/door_people.h"
#include "guard/door_secret.h"
#include "regulation/pack.h"

struct call;
struct house;
struct raw_field;

enum field_type {
	FIELD_TEXT,   /* one line of UTF-8, no control characters */
	FIELD_PROSE,  /* several lines */
	FIELD_ID,     /* 16 hexadecimal digits; on forms chosen from a list
	               * NAME_options where prepare gives one */
	FIELD_PERSON, /* a person of the body: id, name, reading or log-on
	               * name; on forms a list where prepare gives one */
	FIELD_ACCOUNT, /* the same, of one who logs on: the account's id */
	FIELD_NUMBER, /* decimal digits; max is the largest value */
	FIELD_DATE,   /* 令和8年10月2日, R8.10.2, 2026-10-02, 20261002 */
	FIELD_FLAG,   /* 1 or absent */
	FIELD_CHOICE, /* one of `choices` */
	FIELD_KANA,   /* hiragana is taken and made katakana */
	FIELD_KEY,    /* a key of a pack: [a-z0-9._-] */
	FIELD_CASE,   /* case reference: [0-9A-Za-z/.-] */
	FIELD_SECRET, /* password or code: never shown again, never logged */
	FIELD_FILE,   /* an uploaded file; max in bytes */
	FIELD_VALUES, /* v.ITEM=...: values of a holding's items, or of the
	               * fields of a register; given empty: cleared */
	FIELD_TYPES
};

/* One input. A row's list ends with a field whose name is NULL. */
struct field {
	const char *name;
	enum field_type type;
	uint64_t max;        /* bytes; FIELD_NUMBER: largest value */
	bool required;
	bool many;           /* may stand several times; dates, persons and
	                      * accounts also in one text, by lines or commas */
	unsigned most;       /* with many: how many; 0: FIELD_MOST */
	bool is_offered;     /* stands on a form only where prepare() gives it
	                      * choices */
	enum word label;
	const char *const *choices; /* FIELD_CHOICE; ends with NULL */
};

enum { FIELD_MOST = 64 };

/* How many values of the field may come. */
static inline unsigned
field_most(const struct field *f)
{
	return !f->many ? 1 : f->most != 0 ? f->most : FIELD_MOST;
}

/* One output: the dotted path of a value, "records.name", after that of the
 * object or list that it stands in; ends with NULL. */
struct result {
	const char *path;
	enum out_kind kind;
};

/* Who may call it; the guard decides further what they get. */
enum who {
	WHO_ANYONE,   /* before log-on */
	WHO_SESSION,  /* whoever is logged on */
	WHO_RIGHT,    /* an office with one of `rights` */
	WHO_GRANT,    /* the guard asks for a grant on the holding */
	WHO_MACHINE   /* only on the machine itself: command line */
};

struct action {
	const char *name;      /* "record.view"; also the API's operation id */
	bool is_change;        /* POST; otherwise GET */
	const char *path;      /* "/holdings/{holding}/records/{record}" */
	const struct field *input;
	const struct result *output;
	enum who who;
	uint32_t rights;       /* WHO_RIGHT: any of these bits */
	bool needs_purpose;    /* input has purpose and case */
	const char *ledger_verb; /* what stands in the ledger; "" only for reads
	                          * that show no personal information */
	enum word title;
	enum word help;
	bool gives_file;       /* its answer is call->content, no output */
	const char *page;      /* template; a change's is its form ("form"
	                        * makes one from the inputs); NULL: no page */
	const char *after;     /* after a change: path of the page to go to,
	                        * with {names} of inputs and outputs */
	/* What a change's form shows before anything is sent: choices as
	 * lists "NAME_options" of {value, label}, facts to read, and what
	 * stands now as "NAME_now", for inputs not typed yet. May be NULL.
	 * The inputs of the path are bound. */
	bool (*prepare)(struct call *call, struct err *err);
	bool (*run)(struct call *call, struct err *err);
};

/* All rows, in the order in which manuals list them. */
extern const struct action *const actions[];
extern const size_t action_count;

/* Every row complete, paths and names unique, slots bound, outputs in order:
 * or what is wrong. */
bool action_table_check(const struct action *const *rows, size_t n,
    struct err *err) MUST_CHECK;

const struct action *action_by_name(struct slice name);

/*
 * The row for a path: what is sent (is_post) is a change; what is asked for is
 * a view, or a change whose form is wanted. Parts in {braces} become inputs;
 * values are slices of path. NULL when none fits; *ret_path_known says that
 * the path has rows of the other kind.
 */
enum { ACTION_PARTS_MAX = 6 };

struct action_match {
	const struct action *action;
	struct {
		struct slice name;
		struct slice value;
	} parts[ACTION_PARTS_MAX];
	size_t part_count;
};

bool action_match(bool is_post, struct slice path, struct action_match *ret,
    bool *ret_path_known);

/* ---- a running action ---- */

enum lang { LANG_JA, LANG_EN, LANGS };

/* What an input came as. */
struct value {
	const struct field *field;
	struct slice text;  /* as given, checked against the type */
	struct slice bytes; /* FIELD_FILE */
	uint64_t number;    /* FIELD_ID, FIELD_NUMBER, FIELD_DATE (YYYYMMDD);
	                     * FIELD_PERSON, FIELD_ACCOUNT: the id, 0 as long
	                     * as nobody or several fit */
	struct slice name;  /* FIELD_VALUES: the item; FIELD_FILE: file name */
};

enum { CALL_VALUES_MAX = 512, CALL_OFFERS_MAX = 64 };

/* Somebody whom an input fits, where it fits several. */
struct offer {
	const struct field *field;
	uint64_t id;
	struct slice label;
};

/* One thing that is wrong with the input, shown beside its field. */
struct mistake {
	const char *field;
	struct slice item; /* FIELD_VALUES: which; empty: the field itself */
	struct slice text;
};

struct call {
	struct house *house;
	struct door *door;
	struct arena *arena;
	struct fiber *fiber;          /* NULL: wait by blocking */
	/* Hands work back to the call's thread; NULL without a loop. */
	void (*post)(void *ctx, struct door_work *work);
	void *post_ctx;
	struct visitor *visitor;      /* NULL before log-on */
	const struct pack *pack;      /* of the visitor's body; NULL before */
	const struct action *action;
	enum lang lang;
	instant now;
	struct slice source; /* 32 bytes: hash of terminal or address */
	struct slice purpose;         /* last chosen, to offer it again */
	struct slice terminal;        /* 32 bytes or empty */
	struct value *values;         /* at most CALL_VALUES_MAX */
	size_t value_count;
	const struct raw_field *raw;  /* as it came, wrong ones too */
	size_t raw_count;
	struct out *out;
	struct mistake mistakes[64];
	size_t mistake_count;
	struct offer offers[CALL_OFFERS_MAX];
	size_t offer_count;
	bool is_named;                /* persons were looked for (named.h) */
	struct slice message;         /* what went wrong, for people */
	struct decision refusal;      /* when the error is ERR_DENIED */
	bool has_refusal;
	struct slice set_session;     /* new session cookie; empty to end it */
	bool has_set_session;
	bool shows_result;            /* a change shows its page, not `after` */
	struct slice go;              /* overrides action->after */
	struct slice attachment; /* file name of what is handed out, and */
	struct buf content;      /* its bytes: the face takes them over */
	const char *content_type;
};

/* Checked access: the field must stand in the row (must()). */
struct slice call_text(const struct call *call, const char *name);
uint64_t call_id(const struct call *call, const char *name); /* 0: absent */
uint64_t call_number(const struct call *call, const char *name,
    uint64_t otherwise);
bool call_has(const struct call *call, const char *name);
/* What was typed for an item, wrong or not; SLICE_NONE: nothing was. */
struct slice call_typed(const struct call *call, const char *name,
    struct slice item);
const struct value *call_nth(const struct call *call, const char *name,
    size_t nth);

/* A word in the caller's language; {0} {1} filled with the arguments. */
struct slice call_word(const struct call *call, enum word word, ...);

/* Adds a mistake and fails with ERR_INPUT: `return call_mistake(...)`. */
bool call_mistake(struct call *call, struct err *err, const char *field,
    enum word word, ...);

/* Fails with a sentence for people. */
bool call_fail(struct call *call, struct err *err, enum err_code code,
    enum word word, ...);

/* Refused by a decision of the guard: the face explains it. */
bool call_refuse(struct call *call, struct err *err, enum err_code code,
    const struct decision *refusal);

/*
 * One input as it came from a face. Raw fields are checked here against the
 * row: all mistakes are collected, then ERR_INPUT.
 */
struct raw_field {
	struct slice name;
	struct slice value;
	struct slice file_name; /* of an upload */
	bool is_file;
};

bool call_bind(struct call *call, const struct raw_field *raw, size_t n,
    struct err *err) MUST_CHECK;

/*
 * A sentence for people about *err: the action's own, or one for its code.
 */
struct slice call_explain(const struct call *call, const struct err *err);

/* "article", "ask" and "procedure" of the refusal, as JSON members, or put
 * into an output object for a page. */
void call_put_refusal(const struct call *call, struct json_writer *w);
void call_out_refusal(const struct call *call, struct out *in);

/* Who may, then run. call->visitor is set by the face before. */
bool call_run(struct call *call, struct err *err) MUST_CHECK;

/* Who may, then prepare a change's form. */
bool call_prepare(struct call *call, struct err *err) MUST_CHECK;

/* Whether this visitor would be let in at all: what menus show. */
bool call_may(const struct call *call, const struct action *action);

#endif
