/*
 * The pages: an action's output in its template within the layout; a change's
 * form made from its inputs; POST, then redirect, then GET.
 *
 * A form that comes back wrong is shown again with everything typed (but
 * secrets and files) and what is wrong beside each field. A form sent after
 * the session ended is kept through the log-on page and shown again.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "action/action.h"
#include "http/http.h"

#define WEB_COOKIE "fumikura"
#define WEB_COOKIE_LANG "lang"

/* The caller's language: ?lang=, the cookie, Accept-Language, Japanese. */
enum lang web_lang(const struct http_request *req);

/* Runs the action (or shows its form) and replies. In the request's fiber. */
void web_answer(struct call *call, const struct action_match *match,
    struct http_request *req);

/* A page that says what went wrong; err may be NULL with status 404. */
void web_refuse(struct call *call, struct http_request *req, unsigned status,
    const struct err *err);

/* An embedded file; false when there is none by that path. */
bool web_asset(struct http_request *req);

#endif
