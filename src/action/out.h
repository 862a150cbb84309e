/*
 * What an action gives: a tree of named values in the call's arena. The API
 * writes it as JSON, a page's template fills its slots from it, the command
 * line prints it. Which names an action may give stands in its row's `output`;
 * putting another is a programming error.
 */
#ifndef ACTION_OUT_H
#define ACTION_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/slice.h"

enum out_kind {
	OUT_TEXT, /* escaped wherever it is shown */
	OUT_NUMBER,
	OUT_FLAG,
	OUT_ID,   /* 63-bit id: 16 hexadecimal digits everywhere */
	OUT_TIME, /* instant: RFC 3339 in JSON, 和暦 in pages */
	OUT_UNTIL, /* instant that is no longer part of a period: the same in
	            * JSON; in pages the last day, where it is midnight */
	OUT_DATE, /* civil date YYYYMMDD: ISO in JSON, 和暦 in pages */
	OUT_OBJECT,
	OUT_LIST /* of objects */
};

struct out {
	const char *name;
	enum out_kind kind;
	struct out *next;  /* the next value of the same object, or list item */
	struct out *first; /* object, list */
	struct out *last;
	union {
		struct slice text;
		int64_t number;
		uint64_t id;
	};
};

/* Names are literals or live as long as the arena. NULL arena results are
 * remembered by the arena (arena_is_failed). `in` may be NULL then. */
struct out *out_root(struct arena *a);
struct out *out_object(struct arena *a, struct out *in, const char *name);
struct out *out_list(struct arena *a, struct out *in, const char *name);
struct out *out_item(struct arena *a, struct out *list);
void out_text(struct arena *a, struct out *in, const char *name,
    struct slice text); /* not copied */
void out_str(struct arena *a, struct out *in, const char *name,
    const char *text); /* not copied */
void out_number(struct arena *a, struct out *in, const char *name, int64_t v);
void out_flag(struct arena *a, struct out *in, const char *name, bool v);
void out_id(struct arena *a, struct out *in, const char *name, uint64_t id);
void out_time(struct arena *a, struct out *in, const char *name, instant at);
void out_until(struct arena *a, struct out *in, const char *name, instant at);
void out_date(struct arena *a, struct out *in, const char *name,
    struct date d); /* no date: nothing is put */

/*
 * A moment as people read it: midnight is the beginning of a day, or, where a
 * period ends with it, the day before.
 */
void moment_write(instant at, bool is_end, enum date_style style,
    struct buf *to);

/* The civil date of an OUT_DATE. */
struct date out_date_of(const struct out *o);

/* A member, or NULL. */
const struct out *out_member(const struct out *object, const char *name);

/* The whole tree as one JSON value. */
void out_json(const struct out *o, struct json_writer *w);

#endif
