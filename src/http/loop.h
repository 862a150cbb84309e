/*
 * Inside of http: one thread's loop over libmicrohttpd's epoll descriptor,
 * watched descriptors and posted work. See docs/decisions/0001.
 */
#ifndef HTTP_LOOP_H
#define HTTP_LOOP_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "http/http.h"

enum { LOOP_WATCHES_MAX = 8, LOOP_TICKS_MAX = 4 };

/* A connection, from accept to close; on its loop's list. */
struct connection {
	struct connection *next, *prev;
	struct http_loop *loop;
	int fd;
	instant since;         /* of what it does now; monotonic */
	enum {
		CONNECTION_IDLE,   /* nothing of a request yet */
		CONNECTION_HEADER, /* the request line is there */
		CONNECTION_BODY,
		CONNECTION_REPLY
	} doing;
	bool terminal_is_read;
	bool has_terminal;
	uint8_t terminal[HTTP_TERMINAL_BYTES];
	struct http_address peer;
};

struct http_loop {
	struct http_config config;
	struct MHD_Daemon *daemon;
	pthread_t thread;
	void *state; /* what thread_start gave */
	int epoll;
	int wake; /* eventfd */

	pthread_mutex_t lock; /* of posted */
	struct http_work *posted;

	struct {
		int fd;
		void (*fn)(void *arg);
		void *arg;
	} watches[LOOP_WATCHES_MAX];
	size_t watch_count;
	struct {
		void (*fn)(void *arg);
		void *arg;
	} ticks[LOOP_TICKS_MAX];
	size_t tick_count;

	struct connection *connections;
	struct http_request *spare; /* kept for reuse */
	size_t spare_count;
	struct http_request *gone; /* held, and their connections have ended */
	size_t requests;  /* from their headers to the last byte of the reply */
	size_t held;      /* of them, those whose reply is waited for */
	bool has_replies; /* to held ones, since the last MHD_run */
	bool is_quiet; /* it no longer listens */
	atomic_bool is_stopping;
	atomic_llong stop_by; /* monotonic */
};

bool loop_open(const struct http_config *config, int listen_fd,
    struct http_loop **ret, struct err *err) MUST_CHECK;

/*
 * Asks it to end: nothing new is taken, what is under way has until then
 * (monotonic). Returns at once.
 */
void loop_stop(struct http_loop *loop, instant by);

/* Waits for the end that loop_stop() asked for; closes its connections. */
void loop_end(struct http_loop *loop);

void loop_free(struct http_loop *loop);

/* In request.c: libmicrohttpd's three calls, and freeing what is left. */
enum MHD_Result request_handle(void *cls, struct MHD_Connection *c,
    const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_size, void **request);
void request_completed(void *cls, struct MHD_Connection *c, void **request,
    enum MHD_RequestTerminationCode why);
void *request_begun(void *cls, const char *uri, struct MHD_Connection *c);
void request_free_left(struct http_loop *loop);

/* In terminal.c: reads the client certificate once per connection. */
void connection_read_terminal(struct connection *conn,
    struct MHD_Connection *c);

#endif
