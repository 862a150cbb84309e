/*
 * A regulation as data (規程パック), read, checked and made fast to ask.
 * docs/pack-format.md is the format; this is what it becomes.
 *
 * A struct pack never changes once it is open: any thread may read it. All
 * text and all arrays in it live until pack_close().
 */
#ifndef REGULATION_PACK_H
#define REGULATION_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/calendar.h"
#include "base/err.h"
#include "base/slice.h"
#include "regulation/fault.h"

enum {
	PACK_FILES_MAX = 32,
	PACK_MAX_BYTES = 4 * 1024 * 1024,
	PACK_PROVISIONS_MAX = 2000,
	PACK_OFFICES_MAX = 100,
	PACK_EXTENDS_MAX = 8,
	PACK_DEPTH_MAX = 4,          /* of packs that rest on packs */
	PACK_TEXT_MAX_BYTES = 1000,
	PACK_REF_MAX_BYTES = 32,
	PACK_SUMMARY_MIN_CHARACTERS = 15,
	PACK_SUMMARY_MAX_CHARACTERS = 70,
	PACK_NUMBER_MAX = 1000000000,
	PACK_HASH_BYTES = 32,
};

struct pack;
struct pack_form;
struct pack_register;
struct pack_procedure;
struct pack_duty;

/* Where a thing is written. Every struct of a list begins with it. */
struct pack_place {
	const char *file;
	int line;
};

struct pack_words {
	struct slice ja, en;
};

/* An id that stands for something else, and where it is written. */
struct pack_name {
	struct slice id;
	const char *file;
	int line;
};

/* An article that is cited: "art9.2", or "law:66.1" of another pack. */
struct pack_article {
	struct slice ref; /* as written */
	const char *file;
	int line;
	struct slice full; /* "okinawa:art9.2": the same from everywhere */
	const struct pack_provision *provision; /* never NULL once open */
};

struct pack_date {
	unsigned year, month, day;
};

/* style article: 第9条第2項 is made of the reference; item: as printed. */
enum pack_style { PACK_STYLE_ARTICLE, PACK_STYLE_ITEM };

struct pack_numbering {
	struct pack_place place;
	enum pack_style style;
	struct slice label; /* with "{n}" where the number goes */
};

struct pack_chapter {
	struct pack_place place;
	struct slice id;
	struct slice title;
	struct slice label;
	struct pack_numbering numbering; /* the manifest's when left out */
	bool has_numbering;
};

struct pack_force_date {
	struct pack_place place;
	struct pack_date from;
	struct slice note;
};

enum pack_role { PACK_ROLE_MUNICIPALITY, PACK_ROLE_CONTRACTOR };

struct pack_municipality {
	struct pack_place place;
	struct slice code; /* 全国地方公共団体コード, six digits */
	struct slice name;
	struct slice kana;
	struct slice head; /* title of the head: 市長 */
	enum pack_role role;
};

/* Whose pack it is: the municipality, or the contractor under its terms. */
struct pack_body {
	struct pack_place place;
	struct slice name;
	struct slice kana;
	struct slice head;
};

/* Rights of an office; the same order as enum right of keeper/message.h. */
enum pack_right {
	PACK_RIGHT_GRANT,
	PACK_RIGHT_HOLDING,
	PACK_RIGHT_OVERSEE,
	PACK_RIGHT_APPOINT,
	PACK_RIGHT_ACCOUNT,
	PACK_RIGHT_PERMIT,
	PACK_RIGHT_AUDIT,
	PACK_RIGHT_OPERATE,
	PACK_RIGHT_BOARD,
	PACK_RIGHT_EMERGENCY,
	PACK_RIGHTS_END
};

#define PACK_RIGHT_BIT(right) (UINT32_C(1) << (right))

enum pack_filled { PACK_FILLED_POST, PACK_FILLED_NAMED };
enum pack_scope {
	PACK_SCOPE_BODY,
	PACK_SCOPE_DIVISION,
	PACK_SCOPE_SECTION,
	PACK_SCOPE_ORGAN /* no right but board: it is over no section */
};
enum pack_where { PACK_WHERE_ALL, PACK_WHERE_HAS_HOLDING };

struct pack_number {
	struct pack_place place;
	uint64_t min;
	uint64_t max; /* meaningful only with has_max */
	bool has_max;
};

struct pack_office {
	struct pack_place place;
	struct slice id;
	struct pack_words title;
	enum pack_filled filled;
	const struct slice *posts; /* filled by a post: the posts */
	size_t n_posts;
	struct pack_name named_by; /* filled by naming: who names */
	enum pack_scope scope;
	enum pack_where where; /* in which units of the scope it exists */
	struct pack_number number;
	bool is_compulsory;
	const struct pack_name *deputies;
	size_t n_deputies;
	const struct pack_name *may_hold_also;
	size_t n_may_hold_also;
	uint32_t rights; /* PACK_RIGHT_BIT of each */
	const struct pack_article *articles;
	size_t n_articles;
	struct slice note;
};

enum pack_force {
	PACK_FORCE_MUST_NOT,
	PACK_FORCE_MUST,
	PACK_FORCE_MAY,
	PACK_FORCE_EFFORT,
	PACK_FORCE_DEFINES
};

struct pack_provision {
	struct pack_place place;
	struct slice id; /* the reference: "art9.2" */
	struct pack_name chapter_id;
	struct slice caption;
	struct slice actor; /* as the text has it */
	struct pack_name office; /* who answers for it; may be empty */
	const struct pack_name *offices; /* who answers besides */
	size_t n_offices;
	enum pack_force force;
	const struct pack_name *controls;
	size_t n_controls;
	struct slice summary;
	const struct pack *pack;
	const struct pack_chapter *chapter;
};

/* What the guard decides, each with the article that it names. */
enum pack_decision {
	PACK_DECISION_NO_GRANT,
	PACK_DECISION_BEYOND_GRANT,
	PACK_DECISION_PURPOSE,
	PACK_DECISION_SECOND_FACTOR,
	PACK_DECISION_TERMINAL,
	PACK_DECISION_BULK,
	PACK_DECISION_SECRET,
	PACK_DECISION_ERASED,
	PACK_DECISION_OPERATOR,
	PACK_DECISION_MY_NUMBER,
	/* These may be left out: */
	PACK_DECISION_AUDIT_SELF,
	PACK_DECISION_INSTRUCTION, /* else a correction needs no matter */
	PACK_DECISION_DISPOSAL,    /* else an erasure needs none */
	PACK_DECISION_HOLD,
	PACK_DECISIONS_END
};

enum pack_unit {
	PACK_UNIT_RECORDS,
	PACK_UNIT_DAYS,
	PACK_UNIT_MINUTES,
	PACK_UNIT_HOURS,
	PACK_UNIT_MONTHS,
	PACK_UNIT_YEARS,
	PACK_UNIT_COUNT,
	PACK_UNIT_PERCENT
};

/* The regulation sets it, or the body chose it. */
enum pack_source { PACK_SOURCE_TEXT, PACK_SOURCE_CHOICE };

struct pack_parameter {
	struct pack_place place;
	struct slice id;
	uint64_t value;
	enum pack_unit unit;
	enum pack_source source;
	const struct pack_article *articles;
	size_t n_articles;
	struct slice note;
};

/* 秘匿性等 */
struct pack_sensitivity {
	struct pack_place place;
	struct slice id;
	struct pack_words label;
	uint64_t rank;
	bool needs_second_factor;
	const struct pack_article *articles;
	size_t n_articles;
};

struct pack_purpose {
	struct pack_place place;
	struct slice id;
	struct pack_words title;
	struct slice basis;
};

enum pack_kind_of_control {
	PACK_CONTROL_ENFORCE,
	PACK_CONTROL_WATCH,
	PACK_CONTROL_PROCEDURE,
	PACK_CONTROL_REGISTER,
	PACK_CONTROL_DUTY,
	PACK_CONTROL_DOCUMENT
};

struct pack_control {
	struct pack_place place;
	struct slice id;
	struct pack_words name;
	uint32_t kinds; /* 1 << enum pack_kind_of_control */
	uint64_t chapter;
	const struct pack_name *answered_by;
	size_t n_answered_by;
};

/* What data may pass from one organ to another on (提供の根拠). */
struct pack_ground {
	struct pack_place place;
	struct slice id;
	struct pack_words title;
	const struct pack_article *articles;
	size_t n_articles;
	bool is_my_number; /* good for My Number, and for nothing else */
};

/* A day on which the body is closed (開庁日でない日), beyond the usual ones. */
struct pack_closed_day {
	struct pack_place place;
	struct pack_date on; /* one day */
	bool has_on;
	uint64_t every; /* else each year: month * 100 + day */
	bool has_every;
	struct slice note;
};

enum pack_item_type {
	PACK_ITEM_NAME,
	PACK_ITEM_KANA,
	PACK_ITEM_DATE,
	PACK_ITEM_ADDRESS,
	PACK_ITEM_NUMBER,
	PACK_ITEM_TEXT,
	PACK_ITEM_PHONE,
	PACK_ITEM_MY_NUMBER,
	PACK_ITEM_CHOICE,
	PACK_ITEM_FILE
};

enum pack_search { PACK_SEARCH_NONE, PACK_SEARCH_EXACT, PACK_SEARCH_PREFIX };

struct pack_item {
	struct pack_place place;
	struct slice id;
	struct slice name;
	enum pack_item_type type;
	enum pack_search search;
	const struct slice *choices; /* PACK_ITEM_CHOICE */
	size_t n_choices;
	bool is_special_care; /* 要配慮個人情報 */
};

/* For the demonstration. */
struct pack_holding {
	struct pack_place place;
	struct slice id;
	struct slice name;
	struct pack_name section; /* its name in Japanese, found in organs */
	struct pack_name sensitivity;
	struct slice basis;
	const struct pack_name *purposes;
	size_t n_purposes;
	uint64_t retention_years;
	bool is_my_number;
	const struct pack_item *items;
	size_t n_items;
};

enum pack_node_unit {
	PACK_NODE_DIVISION,
	PACK_NODE_SECTION,
	PACK_NODE_TEAM,
	PACK_NODE_OFFICE,
	PACK_NODE_FACILITY
};

/* A node of the organisation tree, for the demonstration. */
struct pack_node {
	struct pack_place place;
	struct slice id;
	struct slice name;
	enum pack_node_unit unit;
	bool counts; /* a 課等 in the regulation's sense */
	bool has_counts;
	const struct pack_node *sections;
	size_t n_sections;
};

/* An organ that the Act does not count (議会): what it follows instead. */
struct pack_outside {
	struct pack_place place;
	struct slice ordinance; /* 長岡京市議会の個人情報の保護に関する条例 */
};

struct pack_organ {
	struct pack_place place;
	struct slice id;
	struct slice name;
	struct slice head;         /* title of its head */
	struct pack_date adopted;  /* day of adopting the regulation */
	bool has_adopted;          /* else the regulation's own first day */
	struct pack_outside outside;
	bool is_outside;
	const struct slice *posts; /* posts that head no node: 副市長 */
	size_t n_posts;
	const struct pack_node *sections;
	size_t n_sections;
};

enum pack_kind { PACK_KIND_LAW, PACK_KIND_BASE, PACK_KIND_BODY };

struct pack {
	struct pack_place place; /* of the manifest */
	struct slice id;
	enum pack_kind kind;
	const struct pack_name *extends;
	size_t n_extends;
	struct pack_words title;
	struct slice instrument; /* empty when left out */
	struct pack_municipality municipality; /* PACK_KIND_BODY */
	struct pack_body body;   /* PACK_KIND_BODY; filled in when left out */
	const struct pack_force_date *in_force;
	size_t n_in_force;
	struct pack_numbering numbering;
	const struct pack_chapter *chapters;
	size_t n_chapters;
	const struct pack_name *files;
	size_t n_files;

	/* Its own alone. */
	const struct pack_provision *provisions; /* in the text's order */
	size_t n_provisions;
	struct pack_article decisions[PACK_DECISIONS_END];
	const struct pack_holding *holdings;
	size_t n_holdings;
	const struct pack_organ *organs;
	size_t n_organs;
	const struct pack_closed_day *closed_days;
	size_t n_closed_days;

	/* Its own, then those of the packs below that it does not replace. */
	const struct pack_office *offices;
	size_t n_offices;
	const struct pack_parameter *parameters;
	size_t n_parameters;
	const struct pack_sensitivity *sensitivity;
	size_t n_sensitivity;
	const struct pack_purpose *purposes;
	size_t n_purposes;
	const struct pack_ground *grounds;
	size_t n_grounds;
	const struct pack_control *controls;
	size_t n_controls;
	const struct pack_register *registers; /* regulation/register.h */
	size_t n_registers;
	const struct pack_procedure *procedures; /* regulation/procedure.h */
	size_t n_procedures;
	const struct pack_duty *duties; /* regulation/duty.h */
	size_t n_duties;
	const struct pack_form *forms; /* regulation/form.h */
	size_t n_forms;

	/* Offices whose holders may handle My Number (事務取扱担当者). */
	const struct pack_name *handlers;
	size_t n_handlers;
	/* Whom a late duty reaches, one after another (報告の系統). */
	const struct pack_name *chain;
	size_t n_chain;

	/* Every pack below, each once: the nearest first. */
	const struct pack *const *below;
	size_t n_below;

	/*
	 * SHA-256 of what the pack says: for each file, the manifest first,
	 * its name and bytes, each behind its length (u32 big endian); then
	 * the hash of each pack named under `extends`, in that order.
	 */
	uint8_t hash[PACK_HASH_BYTES];
	struct arena *arena; /* pack.c's own */
};

/*
 * Reads and checks the pack in a folder and the packs it rests on, which
 * stand beside it. ERR_INPUT when there is any fault, with the first in the
 * text: all are in `faults`, which the caller opened. ERR_BUSY without memory.
 */
bool pack_open(const char *dir, struct pack **ret, struct pack_faults *faults,
    struct err *err) MUST_CHECK;

/* NULL is fine. */
void pack_close(struct pack *p);

static inline void
pack_close_scoped(struct pack **p)
{
	pack_close(*p);
}

/* NULL when there is none of that id. */
const struct pack_office *pack_office(const struct pack *p, struct slice id);
const struct pack_control *pack_control(const struct pack *p, struct slice id);
const struct pack_purpose *pack_purpose(const struct pack *p, struct slice id);
const struct pack_ground *pack_ground(const struct pack *p, struct slice id);
const struct pack_sensitivity *pack_sensitivity(const struct pack *p,
    struct slice id);
const struct pack_parameter *pack_parameter_row(const struct pack *p,
    struct slice id);
const struct pack_chapter *pack_chapter(const struct pack *p, struct slice id);

/* "art9.2" of this pack, or "law:66.1" of this or one below. */
const struct pack_provision *pack_provision(const struct pack *p,
    struct slice ref);

/*
 * The value of a parameter. Those required (docs/pack-format.md) are there in
 * every pack of a body; false, *ret untouched, for others that it leaves out.
 */
bool pack_parameter(const struct pack *p, struct slice id,
    uint64_t *ret) MUST_CHECK;

/*
 * The days on which the body is closed: those of the national government, and
 * its own. NULL: no pack.
 */
struct calendar pack_calendar(const struct pack *p);

/*
 * The day from which the regulation binds an organ, YYYYMMDD: its own, else
 * the regulation's first. 0: from the beginning, and for organs outside.
 */
uint32_t pack_organ_adopted(const struct pack *p,
    const struct pack_organ *organ);

/*
 * The article of a decision: its reference, and its provision with the
 * caption. NULL only for those that may be left out, and in packs of no body.
 */
const struct pack_article *pack_decision(const struct pack *p,
    enum pack_decision key);

/* "no_grant" */
const char *pack_decision_name(enum pack_decision key);

/* "grant" */
const char *pack_right_name(enum pack_right right);

/* "must-not" */
const char *pack_force_name(enum pack_force force);

/* One person may hold both: it is enough that either names the other. */
bool pack_may_hold_both(const struct pack *p, struct slice a, struct slice b);

/* Holders of this office are designated handlers of My Number. */
bool pack_is_handler(const struct pack *p, struct slice office);

/*
 * A reference as an official reads it: 第9条第2項, 4(2), 基準5(6),
 * 法第66条第1項. Made for any text of that form, also where the pack has no
 * such provision. p is NULL only when the arena is spent.
 */
struct slice pack_article_label(const struct pack *p, struct slice ref,
    struct arena *a) MUST_CHECK;

/*
 * The format knows a parameter of that id.
 */
bool pack_parameter_is_known(struct slice id);

#endif
