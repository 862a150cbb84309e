/*
 * Forms (様式) that a pack declares: how rows of a register or matters of a
 * procedure are printed. docs/pack-format.md, `forms:`.
 */
#ifndef REGULATION_FORM_H
#define REGULATION_FORM_H

#include "regulation/procedure.h"
#include "regulation/register.h"

enum {
	PACK_FORMS_MAX = 100,
	PACK_FORM_COLUMNS_MAX = 20,
	PACK_FORM_ROWS_MAX = 100 /* least_rows */
};

/* What a form is of. */
enum pack_form_of {
	PACK_FORM_ROWS,    /* rows of a register, a table */
	PACK_FORM_ROW,     /* one row: label and text below one another */
	PACK_FORM_MATTERS, /* matters of a procedure, a table */
	PACK_FORM_MATTER   /* one matter */
};

/* What a column shows. */
enum pack_form_show {
	PACK_SHOW_FIELD,    /* the field named */
	PACK_SHOW_NUMBER,   /* 1, 2, 3; of a matter: R8-0147 */
	PACK_SHOW_DIVISION, /* 部: the units above the section */
	PACK_SHOW_SECTION,  /* 課 */
	PACK_SHOW_POST,     /* the post of the person in the field named */
	PACK_SHOW_ASKER,    /* matters: who asked */
	PACK_SHOW_DAY,      /* the day of the row or matter */
	PACK_SHOW_STATE,    /* matters */
	PACK_SHOW_BLANK     /* to be filled in by hand */
};

struct pack_form_column {
	struct pack_place place;
	struct pack_words label; /* left out: the field's */
	enum pack_form_show show;
	struct pack_name field;
	uint64_t width; /* half-width characters; 0: by what it holds */
};

struct pack_form {
	struct pack_place place;
	struct slice id;
	struct pack_words title;  /* {year}: 令和8年度 */
	struct pack_words number; /* 様式第1号（第8条関係） */
	struct pack_words text;   /* above */
	struct pack_words note;   /* below */
	enum pack_form_of of;
	struct pack_name name; /* the register or procedure */
	bool is_landscape;
	bool has_day;     /* the day on which it is printed */
	bool has_from;    /* the section of whoever prints it */
	bool has_stamps;  /* 決裁欄; PACK_FORM_MATTER */
	bool is_final;    /* only of a matter that is done; PACK_FORM_MATTER */
	bool is_distinct; /* rows that read the same stand once */
	bool is_sorted;   /* by what stands in the cells, from the left */
	uint64_t least_rows;
	const struct pack_form_column *columns;
	size_t n_columns;
};

/* NULL when there is none of that id. */
const struct pack_form *pack_form(const struct pack *p, struct slice id);

/* The fields of the register or procedure that a form is of. */
const struct pack_field *pack_form_fields(const struct pack *p,
    const struct pack_form *f, size_t *ret_n);

#endif
