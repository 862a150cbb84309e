/*
 * Registers (台帳) that a pack declares, and the typed fields that registers
 * share with all else that is filled in: docs/pack-format.md, `registers:`.
 */
#ifndef REGULATION_REGISTER_H
#define REGULATION_REGISTER_H

#include "regulation/pack.h"

enum {
	PACK_REGISTERS_MAX = 100,
	PACK_FIELDS_MAX = 40, /* of a register */
	PACK_FIELD_MAX_BYTES = 4000,
	PACK_FIELD_CHOICES_MAX = 50,
	PACK_KEY_FIELDS_MAX = 4,
};

enum pack_field_type {
	PACK_FIELD_TEXT,
	PACK_FIELD_PROSE, /* several lines */
	PACK_FIELD_KANA,
	PACK_FIELD_NUMBER,
	PACK_FIELD_MONEY, /* yen */
	PACK_FIELD_DATE,
	PACK_FIELD_CHOICE,
	PACK_FIELD_FLAG,
	/* These refer to what the product holds, by id: */
	PACK_FIELD_PERSON,
	PACK_FIELD_SECTION,
	PACK_FIELD_HOLDING,
	PACK_FIELD_TERMINAL,
	PACK_FIELD_ROW,    /* of the register `of` */
	PACK_FIELD_OFFICE, /* the pack's key */
	PACK_FIELD_RECORD, /* of some holding, by id; not what it says */
	PACK_FIELD_ACTS,   /* of a grant: "view,search" */
	PACK_FIELD_ITEMS,  /* of a holding, by id: "name,birth" */
	PACK_FIELD_PROVISION, /* a reference of the pack: art9.2 */
	PACK_FIELD_TYPES
};

struct pack_field_choice {
	struct pack_place place;
	struct slice id;
	struct pack_words label;
};

struct pack_field {
	struct pack_place place;
	struct slice id;
	struct pack_words label;
	struct pack_words hint; /* empty when left out */
	enum pack_field_type type;
	bool is_required;
	uint64_t max; /* bytes; number, money: largest value; 0: the type's */
	const struct pack_field_choice *choices;
	size_t n_choices;
	struct pack_name of; /* PACK_FIELD_ROW */
};

/* Whose the rows are. */
enum pack_register_scope { PACK_REGISTER_BODY, PACK_REGISTER_SECTION };

/* Fields of a row that keeps records from being erased (廃棄停止). */
struct pack_hold {
	struct pack_place place;
	struct pack_name holding;
	struct pack_name record; /* empty, or an empty value: all of them */
};

struct pack_register {
	struct pack_place place;
	struct slice id;
	struct pack_words title;
	struct pack_words help;
	enum pack_register_scope scope;
	const struct pack_name *controls; /* that it answers */
	size_t n_controls;
	/* Offices that keep it; of a section's rows, those of that section. */
	const struct pack_name *kept_by;
	size_t n_kept_by;
	const struct pack_name *read_by; /* besides those who keep it */
	size_t n_read_by;
	bool is_open; /* whoever is logged on reads it */
	/* No two rows that stand have the same in all of these. */
	const struct pack_name *key;
	size_t n_key;
	struct pack_name name; /* the field that names a row */
	struct pack_name sort; /* order of lists; left out: the name's */
	struct pack_name fact; /* the day of the fact; may be empty */
	struct pack_hold hold; /* nothing is erased that a row names */
	bool has_hold;
	const struct pack_field *fields;
	size_t n_fields;
};

/* NULL when there is none of that id. */
const struct pack_register *pack_register(
    const struct pack *p, struct slice id);

/* The position of a field of that id, or n_fields. */
size_t pack_register_field(const struct pack_register *r, struct slice id);

const struct pack_field_choice *pack_field_choice(
    const struct pack_field *f, struct slice id);

/* "date" */
const char *pack_field_type_name(enum pack_field_type type);

/* What a text of this field may have at most, in bytes. */
size_t pack_field_max_bytes(const struct pack_field *f);

#endif
