/*
 * The REST face: JSON in, JSON out, one operation for each row of the action
 * table; its OpenAPI 3.1 text is made from the table.
 *
 * Paths are the table's below API_PREFIX. A session stands in the header
 * "Authorization: Bearer SESSION" (what session.logon gave). A refusal is
 * {"error":{"code":...,"message":...}}, with "detail" for programmers,
 * "article" and "ask" where the guard refused, and "mistakes" where inputs
 * are wrong.
 */
#ifndef API_API_H
#define API_API_H

#include "action/action.h"
#include "base/buf.h"
#include "http/http.h"

#define API_PREFIX "/api/v1"

enum { API_BODY_MAX_BYTES = 1024 * 1024 };

/* Runs the action and replies. Runs in the request's fiber. */
void api_answer(struct call *call, const struct action_match *match,
    struct http_request *req);

/* Replies with an error that happened before an action was found. */
void api_refuse(struct call *call, struct http_request *req, unsigned status,
    const char *code, struct slice message);

/* The OpenAPI 3.1 text of all rows. */
void api_openapi(struct buf *to);

#endif
