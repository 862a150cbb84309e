/*
 * Effects (効果): what a step of a procedure brings about when it is taken.
 * They are a fixed list: docs/pack-format.md, `effects:`.
 */
#ifndef REGULATION_EFFECT_H
#define REGULATION_EFFECT_H

#include "regulation/register.h"

enum {
	PACK_EFFECTS_MAX = 5, /* of a step */
	PACK_EFFECT_SETS_MAX = 40
};

enum pack_effect_kind {
	PACK_EFFECT_GRANT_MAKE,  /* the matter's grant, by whoever decides */
	PACK_EFFECT_GRANT_END,   /* the grant that the matter made */
	PACK_EFFECT_ROW_ADD,     /* a row of the register `of` */
	PACK_EFFECT_ROW_CHANGE,  /* another version of the row in `row` */
	PACK_EFFECT_ROW_END,     /* that row stands no longer */
	PACK_EFFECT_MATTER_OPEN, /* a matter of the procedure `of` */
	/* Records may be corrected, erased, while the next step stands: */
	PACK_EFFECT_INSTRUCT_CORRECT,
	PACK_EFFECT_INSTRUCT_ERASE,
	PACK_EFFECT_KINDS
};

/* Where a value comes from that no field holds. */
enum pack_effect_own {
	PACK_OWN_NUMBER, /* R8-0147 */
	PACK_OWN_TODAY,
	PACK_OWN_ASKER,
	PACK_OWN_ACTOR,
	PACK_OWN_SECTION, /* the matter's */
	PACK_OWN_END
};

/* One value: from a field, or as it is written, or of the matter itself. */
struct pack_effect_set {
	struct pack_place place;
	struct pack_name to;
	struct pack_name from; /* a field of the procedure */
	struct slice is;
	enum pack_effect_own own;
	bool has_own;
};

struct pack_effect {
	struct pack_place place;
	enum pack_effect_kind kind;
	struct pack_name of;  /* register or procedure */
	struct pack_name row; /* the field that holds the row */
	const struct pack_effect_set *sets;
	size_t n_sets;
};

/* "grant.make" */
const char *pack_effect_name(enum pack_effect_kind kind);

/* What it brought about stays: the matter cannot go back behind it. */
bool pack_effect_is_final(enum pack_effect_kind kind);

/* The value for `to`, or NULL. */
const struct pack_effect_set *pack_effect_set(
    const struct pack_effect *e, struct slice to);

/* The only targets of an effect that names no register or procedure. */
struct pack_effect_target {
	const char *to;
	enum pack_field_type type; /* of a field that it comes from */
	bool is_required;
};

/* NULL: the fields of a register, or of a procedure's first step. Ends with
 * to == NULL. */
const struct pack_effect_target *pack_effect_targets(
    enum pack_effect_kind kind);

#endif
