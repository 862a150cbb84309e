/*
 * A desk: one thread of the server. It takes requests from its loop, finds
 * out who is asking, and hands them to a page or to the API, each in a fiber
 * of its own that waits at the door.
 */
#ifndef SERVE_DESK_H
#define SERVE_DESK_H

#include <stdatomic.h>

#include "action/house.h"
#include "http/http.h"

enum {
	DESK_REQUESTS_MAX = 512, /* at once, of one thread */
	DESK_FORM_MAX_BYTES = 256 * 1024,
	DESK_FORM_OF_FILE_MAX_BYTES = 64 * 1024 /* besides the file */
};

/* What all desks share. */
struct desks {
	struct house *house;
	struct guard *guard;
	struct channel *channels[16]; /* one for each desk, taken over */
	atomic_uint taken;
	/* Why there is no going on; a desk sets it and sends SIGUSR1. */
	_Atomic(const char *) lost;
};

/* For struct http_config; ctx is a struct desks. */
void *desk_open(void *ctx, struct http_loop *loop);
void desk_close(void *desk);
size_t desk_body_max(void *ctx, enum http_method method, struct slice path);
void desk_handle(void *desk, struct http_request *req);
void desk_round(void *desk);

#endif
