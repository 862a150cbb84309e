/*
 * Inside of action: the rows, one declaration for each file, and what their
 * run functions share.
 */
#ifndef ACTION_ROWS_H
#define ACTION_ROWS_H

#include "action/action.h"
#include "action/house.h"

/* The keeper's own limit; it refuses longer ones. */
enum { ACTION_PASSWORD_MAX_BYTES = 256 };

/* Ends a list of fields or results. */
#define FIELDS_END {.name = NULL}
#define RESULTS_END {.path = NULL}

/* Purpose and case reference: the same two inputs everywhere. */
#define FIELD_PURPOSE                                                          \
	{                                                                      \
		.name = "purpose", .type = FIELD_KEY,                          \
		.max = MESSAGE_PURPOSE_MAX_BYTES, .required = true,            \
		.label = WORD_FIELD_PURPOSE                                    \
	}
#define FIELD_CASE_REFERENCE                                                   \
	{                                                                      \
		.name = "case", .type = FIELD_CASE,                            \
		.max = MESSAGE_CASE_MAX_BYTES, .label = WORD_FIELD_CASE        \
	}

#define FIELD_HOLDING                                                          \
	{                                                                      \
		.name = "holding", .type = FIELD_ID, .required = true,         \
		.label = WORD_FIELD_HOLDING                                    \
	}
#define FIELD_RECORD                                                           \
	{                                                                      \
		.name = "record", .type = FIELD_ID, .required = true,          \
		.label = WORD_FIELD_RECORD                                     \
	}
#define FIELD_ITEM_VALUES                                                      \
	{                                                                      \
		.name = "v", .type = FIELD_VALUES, .max = 4096, .many = true,  \
		.label = WORD_FIELD_VALUES                                     \
	}

/* A record as its page shows it: put_record(). */
#define RESULTS_OF_RECORD                                                      \
	{"id", OUT_ID}, {"title", OUT_TEXT}, {"holding", OUT_OBJECT},          \
	    {"holding.id", OUT_ID}, {"holding.name", OUT_TEXT},                \
	    {"holding.section", OUT_TEXT}, {"version", OUT_NUMBER},            \
	    {"changed_at", OUT_TIME}, {"secret", OUT_FLAG},                    \
	    {"secret_until", OUT_UNTIL}, {"renew_by", OUT_UNTIL},              \
	    {"renewal_overdue", OUT_FLAG}, {"entry", OUT_NUMBER},              \
	    {"over", OUT_FLAG}, {"query", OUT_TEXT},                           \
	    {"purpose", OUT_TEXT}, {"may_correct", OUT_FLAG},                  \
	    {"may_erase", OUT_FLAG}, {"may_secret", OUT_FLAG},                 \
	    {"may_output", OUT_FLAG},                                          \
	    {"values", OUT_LIST}, {"values.id", OUT_TEXT},                     \
	    {"values.label", OUT_TEXT}, {"values.text", OUT_TEXT},             \
	    {"values.masked", OUT_FLAG},                                       \
	    {"values.special_care", OUT_FLAG}, {"documents", OUT_LIST},        \
	    {"documents.item", OUT_TEXT}, {"documents.label", OUT_TEXT},       \
	    {"documents.masked", OUT_FLAG},                                    \
	    {"documents.special_care", OUT_FLAG}, {"documents.id", OUT_ID},    \
	    {"documents.name", OUT_TEXT}, {"documents.type", OUT_TEXT},        \
	    {"documents.kind", OUT_TEXT}, {"documents.bytes", OUT_NUMBER},     \
	    {"documents.size", OUT_TEXT}, {"documents.erased", OUT_FLAG},      \
	    {"may_attach", OUT_FLAG}

extern const struct action row_home_show;
extern const struct action row_session_logon, row_session_step_up,
    row_session_logoff, row_session_renew, row_session_show, row_capacity_list,
    row_capacity_take, row_password_change, row_code_set;
extern const struct action row_holding_list, row_holding_show, row_holding_make,
    row_holding_change, row_holding_move, row_holding_close,
    row_holding_history;
extern const struct action row_record_search, row_record_view, row_record_trail,
    row_record_create, row_record_correct, row_record_erase, row_record_secret,
    row_record_import, row_record_template, row_record_version,
    row_record_output,
    row_record_release, row_record_renew, row_secret_list;
extern const struct action row_document_attach, row_document_open,
    row_document_erase;
extern const struct action row_grant_list, row_grant_make, row_grant_surge,
    row_grant_end, row_permit_make, row_pending_list, row_pending_confirm;
extern const struct action row_emergency_take, row_emergency_list,
    row_emergency_show, row_emergency_review;
extern const struct action row_organisation_show, row_person_list,
    row_person_make, row_person_transfer, row_appointment_make,
    row_appointment_end, row_section_make, row_terminal_list,
    row_terminal_make, row_terminal_end;
extern const struct action row_account_make, row_account_password,
    row_account_show, row_account_lock, row_account_unlock, row_account_end;
extern const struct action row_person_change, row_organ_make,
    row_organ_change;
extern const struct action row_personnel_list, row_personnel_make,
    row_personnel_template, row_personnel_show, row_personnel_csv,
    row_personnel_apply, row_personnel_withdraw;
extern const struct action row_permit_rules, row_permit_compare;
extern const struct action row_access_list, row_ledger_state, row_entry_bundle;
/* In ledger_export.c: where leave to fetch the ledger stands. */
#define RESULTS_OF_EXPORT                                                      \
	{"may_export", OUT_FLAG}, {"export_asked", OUT_FLAG},                  \
	    {"export_confirmed", OUT_FLAG}, {"export_own", OUT_FLAG},          \
	    {"export_asker", OUT_TEXT}, {"export_confirmer", OUT_TEXT},        \
	    {"export_until", OUT_TIME}, {"export_entries", OUT_NUMBER},        \
	    {"export_parts", OUT_LIST}, {"export_parts.number", OUT_NUMBER}
bool put_export(struct call *call, struct err *err) MUST_CHECK;
extern const struct action row_ledger_ask, row_ledger_confirm, row_ledger_end,
    row_ledger_part;
extern const struct action row_matter_list, row_procedure_list,
    row_matter_make, row_matter_show, row_matter_act;
extern const struct action row_register_list, row_register_show,
    row_register_row, row_register_make,
    row_register_change, row_register_end;
extern const struct action row_register_paper, row_register_row_paper,
    row_register_template, row_register_import, row_matter_paper,
    row_matter_list_paper, row_holding_paper, row_holding_list_paper,
    row_access_paper, row_record_paper;
extern const struct action row_duty_list;
extern const struct action row_board_show, row_board_article, row_rule_list;

/* ---- shared ---- */

/* The holding named by the input "holding"; ERR_NOT_FOUND with a sentence. */
bool find_holding(struct call *call, struct door_holding *ret,
    struct err *err) MUST_CHECK;
/* The same without the number of persons. */
bool find_holding_form(struct call *call, struct door_holding *ret,
    struct err *err) MUST_CHECK;

/*
 * The intent of a call on that holding. A purpose that the holding does not
 * have is refused by the guard, with its article.
 */
struct door_intent intent_of(struct call *call, const struct door_holding *h);

/* What the guard says no to becomes a refusal; the rest passes through. */
bool pass_refusal(
    struct call *call, struct err *err, const struct decision *refusal);

/* The same as the first, where it is not closed. */
bool find_kept_holding(struct call *call, struct door_holding *ret,
    struct err *err) MUST_CHECK;
/* The same, where records can be made in it: it is not on paper. */
bool find_writable(struct call *call, struct door_holding *ret,
    struct err *err) MUST_CHECK;

/* Values given as v.ITEM, by position; p NULL where none was given. */
bool read_values(struct call *call, const struct door_holding *h,
    struct slice *ret, struct err *err) MUST_CHECK;

/* Purpose and case go on to the record's page in its address. */
struct slice onward_query(const struct call *call);

/* For forms that ask for nothing but a purpose besides. */
extern const struct result purposes_output[];
bool prepare_purposes(struct call *call, struct err *err) MUST_CHECK;

/* A holding's facts into an output object. */
void put_holding(struct call *call, struct out *in,
    const struct door_holding *h);

/* Its purposes as choices for the input "purpose". */
void put_purposes(struct call *call, struct out *in,
    const struct door_holding *h);

/* A record's values as "values": {id, label, text, masked}; no files. */
void put_values(struct call *call, struct out *in,
    const struct door_holding *h, const struct shown_record *r);

/*
 * Whose record the inputs name: what one searches by. Opening it has its
 * entry, so it wants a purpose, which the record's page hands on, and the
 * right to view; ret->n is 0 without.
 */
bool put_subject(struct call *call, const struct door_holding *h,
    struct out *facts, struct shown_record *ret, struct err *err) MUST_CHECK;

/* Its items of type file as "documents", and whether one may be attached. */
void put_documents(struct call *call, const struct door_holding *h,
    const struct shown_record *r);

/* A record's page, with purpose and case in its address. */
struct slice record_place(const struct call *call, uint64_t holding,
    uint64_t record);

/* RESULTS_OF_RECORD. */
void put_record(struct call *call, const struct door_holding *h,
    const struct shown_record *r);

/* What ends, or has to be renewed, is told so long before. */
enum { NEAR_DAYS = 30 };

/* Who did what, newest first, into the output. */
extern const struct result accesses_output[];
bool put_accesses(struct call *call, const struct door_accesses *ask,
    struct err *err) MUST_CHECK;

/* Names for ids; empty when unknown. */
struct slice holding_name(const struct call *call, uint64_t id);
struct slice section_path(const struct call *call, uint64_t section);
struct slice person_name(const struct call *call, uint64_t person);

/* "市民部 市民課 職員" */
struct slice post_name(const struct call *call,
    const struct shown_capacity *c);

/* The posts that somebody holds now, joined. */
struct slice person_posts(struct call *call, uint64_t person);

/* The words of a pack in the caller's language. */
struct slice pack_word(const struct call *call, const struct pack_words *w);

/* A parameter of the visitor's pack. */
uint64_t parameter_of(const struct call *call, const char *id,
    uint64_t otherwise);

/* Label of an article of the visitor's pack: 第9条第2項. */
struct slice article_label(const struct call *call, struct slice ref);

/* The word "PREFIX.KEY" of the catalogue, or the key itself. */
struct slice keyed_word(const struct call *call, const char *prefix,
    struct slice key);

/* What is wrong with the value of an item (empty: with a row or a file). */
struct slice fault_text(const struct call *call, struct slice item,
    const char *fault);

/* Acts of a mask as words, joined by commas. */
struct slice acts_text(const struct call *call, uint32_t acts);

/* "令和8年4月1日から　令和9年3月31日まで" */
struct slice period_text(const struct call *call, instant from, instant until);

/* What a form acts on, in words, before anything is sent. */
#define RESULTS_OF_FACTS                                                       \
	{"facts", OUT_LIST}, {"facts.label", OUT_TEXT}, {"facts.text", OUT_TEXT}

/* One {label, text} of a list of facts. */
void put_fact(struct call *call, struct out *list, enum word label,
    struct slice text);

/* One {value, label} of a list of choices. */
void put_choice(struct call *call, struct out *list, uint64_t id,
    struct slice label);

/*
 * Lists of choices for forms: "person_options" and so on. Persons and accounts
 * are listed where there are few; past that a form has a text to type.
 */
bool put_person_options(struct call *call, struct err *err) MUST_CHECK;
bool put_account_options(struct call *call, struct err *err) MUST_CHECK;
/* Holdings that the visitor's section owns. */
bool put_own_holdings(struct call *call, struct err *err) MUST_CHECK;
/* Terminals in force: single ones, and those of a section by its id. */
bool put_terminal_options(struct call *call, struct err *err) MUST_CHECK;
/* What was chosen of those, as the terminals that they are now. */
bool read_terminals(struct call *call, struct door_grant *ask,
    struct err *err) MUST_CHECK;
bool put_section_options(struct call *call, struct err *err) MUST_CHECK;
void put_office_options(struct call *call);

/* By the house, on a thread of its own. */
bool house_import(struct call *call, const struct door_import *ask,
    struct imported *ret, struct decision *refusal, struct err *err) MUST_CHECK;

/* All appointments of the body in force now; at most HELD_MAX. */
enum { HELD_MAX = 2000 };

struct held {
	struct shown_capacity *list;
	size_t n;
};
bool read_held(struct call *call, struct held *ret, struct err *err) MUST_CHECK;

/* The date that an input of type date, or a row, holds; 0: no date. */
struct date date_of_digits(uint64_t yyyymmdd);

/* An instant's day in Japan as an input of type date gave it. */
instant day_begin(uint64_t yyyymmdd);
instant day_end(uint64_t yyyymmdd);

#endif
