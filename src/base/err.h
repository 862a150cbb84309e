/*
 * Errors: a fallible function returns false (or NULL) and fills the caller's
 * struct err. Nothing is allocated; nothing is logged by lower layers.
 *
 * A text names what happened and, where it helps, what to do. It never holds
 * a value from a person's record.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

#include "base/attr.h"

/* What the caller may do about it. */
enum err_code {
	ERR_NONE,      /* nothing went wrong */
	ERR_INPUT,     /* the input is wrong: mend it and call again */
	ERR_DENIED,    /* not allowed: ask whoever may allow it */
	ERR_LOGON,     /* log on (again, or more strongly) first */
	ERR_NOT_FOUND, /* there is no such thing, or not for this caller */
	ERR_CONFLICT,  /* somebody changed it first: read again */
	ERR_LIMIT,     /* past a named limit */
	ERR_BUSY,      /* too much at once: try again soon */
	ERR_LOST,      /* a server this depends on went away: try later */
	ERR_FULL,      /* no space left */
	ERR_CORRUPT,   /* stored data does not verify: stop and tell */
	ERR_SYSTEM,    /* the operating system refused */
	ERR_CODES
};

struct err {
	enum err_code code;
	char text[240];
	const char *file; /* where it was first seen */
	int line;
};

#define ERR_INIT {.code = ERR_NONE}

/* Says in the caller's file that a call gives false, for the analysers. */
#define IS_FALSE(call)                                                         \
	__extension__({                                                        \
		(void)(call);                                                  \
		false;                                                         \
	})

/*
 * Fills *err (which may be NULL) and returns false, so that a function can
 * end with `return ERR(err, ERR_INPUT, "...")`.
 */
#define ERR(err, code, ...)                                                    \
	IS_FALSE(err_set_at((err), (code), __FILE__, __LINE__, __VA_ARGS__))

bool err_set_at(struct err *err, enum err_code code, const char *file,
    int line, const char *fmt, ...) PRINTF_LIKE(5, 6);

/* The same, with ": " and the text of errno's value appended. */
#define ERR_ERRNO(err, num, ...)                                               \
	IS_FALSE(err_errno_at((err), (num), __FILE__, __LINE__, __VA_ARGS__))

bool err_errno_at(struct err *err, int num, const char *file, int line,
    const char *fmt, ...) PRINTF_LIKE(5, 6);

/* Puts "prefix: " before the text; use only where it adds something. */
bool err_wrap(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

void err_clear(struct err *err);

#endif
