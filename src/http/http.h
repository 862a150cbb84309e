/*
 * One seam over libmicrohttpd: threads that each run an event loop, requests
 * within limits, replies now or later. Nobody else includes microhttpd.h or
 * GnuTLS.
 *
 * A request lives on the thread of its loop: the handler is called there, and
 * http_reply() is called there, at once or after other events of that loop.
 * What is refused here (413, 431, 400 for two different lengths ...) never
 * reaches the handler.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum {
	HTTP_PATH_MAX_BYTES = 1024,
	HTTP_HEADER_MAX_BYTES = 16 * 1024, /* all headers together */
	HTTP_FIELDS_MAX = 256,             /* query and form fields */
	HTTP_CONNECTIONS_MAX = 512,        /* of one thread */
	HTTP_HEADER_SECONDS = 10, /* from the first byte to the last header */
	HTTP_BODY_SECONDS = 300,  /* the whole body */
	HTTP_IDLE_SECONDS = 60,   /* between two requests */
	HTTP_REPLY_HEADERS_MAX = 8,
	HTTP_PROXIES_MAX = 16,
	HTTP_TERMINAL_BYTES = 32
};

struct http_server;
struct http_loop;
struct http_request;

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_METHODS };

/* An IPv6 address; one of IPv4 in its place there, ::ffff:a.b.c.d. */
struct http_address {
	uint8_t p[16];
};

/* "192.0.2.1" or "2001:db8::1"; false for anything else. */
bool http_address_read(struct slice text,
    struct http_address *ret) MUST_CHECK;

struct http_config {
	const char *address;     /* "127.0.0.1" or "::1" */
	uint16_t port;           /* 0: any; see http_server_port() */
	unsigned threads;        /* loops */
	struct slice tls_cert;   /* PEM; empty: plain HTTP */
	struct slice tls_key;    /* PEM */
	struct slice terminal_ca; /* PEM of who signs terminals; may be empty */
	/* Whose X-Forwarded-For or Forwarded is believed. */
	struct http_address proxies[HTTP_PROXIES_MAX];
	size_t proxy_count;

	void *ctx; /* handed to the four functions below */

	/* Called on the new thread; returns that thread's own state. */
	void *(*thread_start)(void *ctx, struct http_loop *loop);
	void (*thread_end)(void *thread);

	/* The largest body this path takes; 0 takes none. Before the body. */
	size_t (*body_max)(void *ctx, enum http_method method,
	    struct slice path);

	/* A complete request. Must lead to exactly one http_reply(). */
	void (*handle)(void *thread, struct http_request *req);

	/* After each round of events, before the loop sleeps. */
	void (*round)(void *thread);
};

/*
 * Starts listening. ERR_INPUT: certificate or key is not usable; ERR_SYSTEM:
 * the address is in use. *config is copied, what it points to is not.
 */
bool http_server_open(const struct http_config *config,
    struct http_server **ret, struct err *err) MUST_CHECK;

uint16_t http_server_port(const struct http_server *server);

/*
 * No new connections. What is under way, from a request's headers to the last
 * byte of its reply, ends, but for no more than `seconds`; then every
 * connection is closed and no thread of the server's runs any more.
 */
void http_server_stop(struct http_server *server, unsigned seconds);

/*
 * After http_server_stop(), and after the end of whoever may still call
 * http_loop_post(): what is posted in between is never run. NULL is fine.
 */
void http_server_close(struct http_server *server);

/*
 * A certificate for the demonstration: self-signed, for localhost, ECDSA
 * P-256, valid for a year. Both PEM, into the builders.
 */
bool http_certificate_make(const char *name, struct buf *ret_cert,
    struct buf *ret_key, struct err *err) MUST_CHECK;

/* ---- the loop, for those who wait on something else than HTTP ---- */

/* Calls fn(arg) on the loop's thread whenever fd can be read. */
bool http_loop_watch(struct http_loop *loop, int fd, void (*fn)(void *arg),
    void *arg, struct err *err) MUST_CHECK;

/* One piece of work for the loop's thread; memory is the caller's. */
struct http_work {
	void (*fn)(struct http_work *work);
	struct http_work *next;
};

/* From any thread: runs work->fn on the loop's thread, soon. */
void http_loop_post(struct http_loop *loop, struct http_work *work);

/*
 * Calls fn(arg) on the loop's thread about once a second, for time limits.
 */
void http_loop_tick(struct http_loop *loop, void (*fn)(void *arg), void *arg);

/* ---- a request ---- */

enum http_method http_method(const struct http_request *req);

/* Decoded path, always beginning with '/', valid UTF-8, no NUL. */
struct slice http_path(const struct http_request *req);

/*
 * The nth value (from 0) of a query or form field; p is NULL when there is
 * none. Percent-decoded, valid UTF-8. Lives as long as the request.
 */
struct slice http_field(const struct http_request *req, const char *name,
    size_t nth);

struct http_field {
	struct slice name;
	struct slice value;     /* a file's bytes, not looked at */
	struct slice file_name; /* of a file */
	bool is_file;
};

/* The nth field of all, files too, in order; false past the last one. */
bool http_field_at(const struct http_request *req, size_t nth,
    struct http_field *ret);

/* How many there are. */
size_t http_field_count(const struct http_request *req);

struct slice http_cookie(const struct http_request *req, const char *name);
struct slice http_header(const struct http_request *req, const char *name);

/* The body as sent (JSON); empty for forms, whose fields are read above. */
struct slice http_body(const struct http_request *req);

/*
 * Identity of the terminal: SHA-256 of its verified client certificate, read
 * once per connection. False when it has none that verifies.
 */
bool http_terminal(const struct http_request *req,
    uint8_t ret[HTTP_TERMINAL_BYTES]);

/*
 * Where it came from: the other side's address; and if that is one of the
 * proxies, the last one that they name and that is none of them. The proxy's
 * own where they name none that can be read. While the handler runs.
 */
void http_source(const struct http_request *req, struct http_address *ret);

bool http_is_tls(const struct http_request *req);

/* Memory that lives until the reply is sent; wiped then. */
struct arena *http_arena(struct http_request *req);

/* The handler's own pointer, kept with the request. */
void http_set_data(struct http_request *req, void *data);
void *http_data(const struct http_request *req);

/* ---- the reply ---- */

/*
 * Adds a header; name and value are copied. Values with CR, LF or NUL are a
 * programming error. The security headers are always added.
 */
void http_reply_header(struct http_request *req, const char *name,
    struct slice value);

/*
 * Ends the request. The bytes of *body are taken over (and wiped after they
 * were sent); *body is left empty. After it req must not be used.
 */
void http_reply(struct http_request *req, unsigned status,
    const char *content_type, struct buf *body);

/*
 * A file to be kept, under its name (RFC 6266; any UTF-8): never shown in
 * place, whatever it says it is, and with no right to do anything.
 */
void http_reply_file(struct http_request *req, struct slice name,
    const char *content_type, struct buf *body);

/* The same with bytes that live for ever (embedded files). */
void http_reply_static(struct http_request *req, unsigned status,
    const char *content_type, struct slice body);

#endif
