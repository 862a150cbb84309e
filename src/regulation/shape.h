/*
 * What a mapping of a pack may hold, declared field by field; the reader
 * fills a struct from it and tells every fault on the way.
 */
#ifndef REGULATION_SHAPE_H
#define REGULATION_SHAPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "regulation/fault.h"
#include "regulation/node.h"

enum shape_type {
	SHAPE_ID,       /* struct slice */
	SHAPE_REF,      /* struct slice */
	SHAPE_TEXT,     /* struct slice */
	SHAPE_CODE,     /* struct slice: municipality code, check digit right */
	SHAPE_KATAKANA, /* struct slice */
	SHAPE_WORDS,    /* struct pack_words */
	SHAPE_DATE,     /* struct pack_date */
	SHAPE_NUMBER,   /* uint64_t within least..most */
	SHAPE_FLAG,     /* bool */
	SHAPE_CHOICE,   /* an enum: position in `words` */
	SHAPE_BITS,     /* uint32_t: a list of `words`, one bit each */
	SHAPE_NAME,     /* struct pack_name, an id */
	SHAPE_TEXT_NAME,/* struct pack_name, any text or ref */
	SHAPE_NAMES,    /* list of struct pack_name, ids */
	SHAPE_FILES,    /* list of struct pack_name, file names */
	SHAPE_TEXTS,    /* list of struct slice */
	SHAPE_ARTICLE,  /* struct pack_article; only once in a pack */
	SHAPE_ARTICLES, /* list of struct pack_article */
	SHAPE_ENTRY,    /* a struct in place, of shape `of` */
	SHAPE_ENTRIES,  /* list of structs of shape `of` */
};

struct shape;

struct shape_field {
	const char *key;
	enum shape_type type;
	bool is_required;
	size_t at;       /* where the value goes */
	size_t n_at;     /* lists: where their length goes */
	size_t given_at; /* a bool that says it was there; 0: none */
	uint64_t least;  /* of a number, or of a list's length */
	uint64_t most;   /* the same; 0: no bound of its own */
	const char *const *words; /* NULL behind the last */
	const struct shape *of;
};

struct shape {
	const char *what; /* "office": what faults call it */
	size_t size;
	const struct shape_field *fields;
	size_t n_fields;
};

struct shape_reader {
	struct arena *arena;
	struct pack_faults *faults;
};

/*
 * Fills *to (zeroed, `shape->size` bytes, beginning with struct pack_place)
 * from a mapping. Faults are added; what is wrong or missing stays zero.
 */
void shape_fill(struct shape_reader *r, const struct shape *shape,
    const struct node *map, void *to);

/* The same of one value, for a field whose struct is `to`. */
void shape_fill_field(struct shape_reader *r, const struct shape_field *field,
    const struct node *value, void *to);

/* [a-z][a-z0-9_.-]{0,63} */
bool shape_is_id(struct slice s);

#endif
