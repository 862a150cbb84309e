/*
 * Inside of http: the address of a connection's other side, and what proxies
 * say of who is behind them.
 */
#ifndef HTTP_SOURCE_H
#define HTTP_SOURCE_H

#include <sys/socket.h>

#include "http/http.h"

/* All zeros where it has none. */
void address_of(const struct sockaddr *addr, struct http_address *ret);

bool address_is_proxy(
    const struct http_config *c, const struct http_address *a);

/* What one kind of header tells, all its lines together. */
struct trail {
	const struct http_config *config;
	const char *header; /* "X-Forwarded-For", "Forwarded" */
	bool is_there;
	bool is_known; /* the last that is no proxy of ours is an address */
	struct http_address last;
};

/* One line of it, the first first. */
void trail_follow(struct trail *t, struct slice line);

#endif
