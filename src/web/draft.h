/*
 * A form that was being filled in when the session ended, or when a code was
 * asked for: its address and fields, sealed for whoever had filled it in. It
 * goes through the log-on page as one hidden field; the page cannot be read
 * for what was typed, and somebody else who logs on there does not get it.
 */
#ifndef WEB_DRAFT_H
#define WEB_DRAFT_H

#include "action/action.h"

/* The hidden field of the log-on page and of the code's. */
#define DRAFT_FIELD "draft"

/* What the script names fields, and where they go, at an automatic log-off. */
#define DRAFT_PREFIX "draft."
#define DRAFT_TO "draft.to"

/*
 * Sealed; empty when there is nothing to keep. `token` is what the form
 * carried; passwords, codes and files are never kept.
 */
struct slice draft_seal(struct call *call, struct slice token,
    struct slice path, const struct raw_field *raw, size_t n);

/* What came back; false: nothing, or another person's. */
bool draft_open(struct call *call, struct slice sealed, struct slice *ret_path,
    struct raw_field **ret, size_t *ret_n) MUST_CHECK;

/* The token of a form: the session's, and whose form it is. */
struct slice draft_token(struct call *call);

#endif
