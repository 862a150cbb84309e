/*
 * Inside of action: papers as answers. An action begins one, fills it with
 * texts, and gives it; its format is the caller's to choose.
 *
 * A paper holds more than a request's arena takes, so while it is filled
 * call->arena and the visitor's are one of its own. Whatever refuses comes
 * before: a message made in between would not outlive it.
 */
#ifndef ACTION_PAPER_H
#define ACTION_PAPER_H

#include "report/paper.h"
#include "rows.h"

enum paper_format { PAPER_PDF, PAPER_XLSX, PAPER_CSV };

extern const char *const paper_formats[]; /* pdf, xlsx */
extern const char *const list_formats[];  /* pdf, xlsx, csv */

#define FIELD_PAPER_FORMAT(list)                                               \
	{                                                                      \
		.name = "format", .type = FIELD_CHOICE, .max = 8,              \
		.required = true, .choices = (list),                           \
		.label = WORD_FIELD_PAPER_FORMAT                               \
	}

struct papering {
	struct call *call;
	struct arena *was; /* the request's */
	enum paper_format format;
	bool is_full; /* more rows than PAPER_ROWS_MAX, or no memory */
	struct paper paper;
	struct paper_block blocks[PAPER_BLOCKS_MAX];
};

/* By the input "format". */
struct papering *paper_begin(struct call *call, struct slice title,
    struct err *err);

/* Puts call->arena back. NULL is fine. */
void paper_end(struct papering *p);

/* The next block; the last one again when there are too many. */
struct paper_block *paper_block(struct papering *p, enum paper_kind kind);

/* A table that is filled by rows. */
struct paper_table {
	struct paper_block *block;
	struct slice *cells;
	size_t size, n;
};

bool paper_table(struct papering *p, const struct paper_column *columns,
    size_t n, struct paper_table *ret, struct err *err) MUST_CHECK;
/* One whose columns have these heads and are as broad as what they hold. */
bool paper_headed(struct papering *p, const enum word *heads, size_t n,
    struct paper_table *ret, struct err *err) MUST_CHECK;
void paper_cell(struct papering *p, struct paper_table *t, struct slice text);

/* Facts grow the same way: a label and a text. */
bool paper_facts(struct papering *p, struct paper_table *ret,
    struct err *err) MUST_CHECK;
void paper_fact(struct papering *p, struct paper_table *t, struct slice label,
    struct slice text);

/*
 * Written aside into call->content as NAME.pdf, .xlsx or .csv; then ended.
 * ERR_LIMIT with a sentence: too many rows.
 */
bool paper_give(struct papering *p, struct slice name,
    struct err *err) MUST_CHECK;

/* "令和8年11月25日" of the call's day, and of an instant; with the time. */
struct slice paper_day(const struct call *call, instant at);
struct slice paper_time(const struct call *call, instant at);

/* The same for a file that is written elsewhere than on a desk. */
bool house_aside(struct call *call, house_work work, void *arg,
    struct err *err) MUST_CHECK;

#define TYPE_XLSX                                                              \
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#endif
