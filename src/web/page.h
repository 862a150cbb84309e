/*
 * Pages: steps compiled by tools/pages.py from the files in pages/, filled
 * from an action's output. Every value is escaped for the place where it
 * stands; the compiler has seen to it that no slot stands where that would
 * not be enough.
 */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "action/action.h"
#include "base/buf.h"

enum page_op {
	PAGE_END,
	PAGE_HTML, /* as it stands */
	PAGE_TEXT, /* a value, escaped */
	PAGE_URL,  /* a value within a path or query: percent-encoded */
	PAGE_PLAIN, /* a number for machines: digits alone */
	PAGE_ARG,  /* a value for the next word */
	PAGE_WORD,
	PAGE_EACH, /* jump: behind the loop */
	PAGE_NEXT, /* jump: its EACH */
	PAGE_IF,   /* jump: behind it, or behind its ELSE */
	PAGE_IS,   /* path NUL text */
	PAGE_ELSE, /* jump: behind it */
	PAGE_BODY  /* in the layout: the page */
};

struct page_step {
	enum page_op op;
	uint16_t jump;
	enum word word;
	struct slice text;
};

struct page {
	const char *name;
	const struct page_step *steps;
};

extern const struct page pages[];
extern const size_t page_count;

const struct page *page_by_name(struct slice name);

/* Writes the page within `layout` (NULL: bare). Values are taken from `out`,
 * then from `frame` by the name "frame". */
void page_write(const struct page *layout, const struct page *page,
    const struct out *out, const struct out *frame, enum lang lang,
    struct buf *to);

/* Text escaped for HTML text and double-quoted attributes. */
void page_escape(struct slice s, struct buf *to);

/* Percent-encoded for a part of a path or a query value. */
void page_escape_url(struct slice s, struct buf *to);

#endif
