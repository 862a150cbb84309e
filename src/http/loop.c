#include "loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "source.h"

/* What an epoll event stands for: the two below, or a watch's number. */
enum { EVENT_HTTP = 1000, EVENT_WAKE = 1001 };

/* How long the loop sleeps at most while a request waits for its reply. */
enum { HELD_TICK_MS = 50 };

static void
connection_notify(void *cls, struct MHD_Connection *c, void **context,
    enum MHD_ConnectionNotificationCode what)
{
	struct http_loop *loop = cls;
	struct connection *conn = *context;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (conn == NULL)
			return;
		if (conn->prev != NULL)
			conn->prev->next = conn->next;
		else
			loop->connections = conn->next;
		if (conn->next != NULL)
			conn->next->prev = conn->prev;
		mem_free(conn);
		*context = NULL;
		return;
	}
	conn = mem_alloc(1, sizeof(*conn));
	*context = conn;
	if (conn == NULL)
		return; /* the handler answers 503 */
	conn->loop = loop;
	conn->fd = MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	address_of(MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr, &conn->peer);
	conn->since = clock_monotonic();
	conn->next = loop->connections;
	if (conn->next != NULL)
		conn->next->prev = conn;
	loop->connections = conn;
}

/*
 * libmicrohttpd's own limit is of inactivity: who drips bytes would stay for
 * ever. These are absolute. The socket is shut down, its library sees the end.
 */
static void
end_slow_connections(struct http_loop *loop)
{
	instant now = clock_monotonic();
	for (struct connection *c = loop->connections; c != NULL; c = c->next) {
		instant most = 0;
		switch (c->doing) {
		case CONNECTION_IDLE:
			most = HTTP_IDLE_SECONDS + HTTP_HEADER_SECONDS;
			break;
		case CONNECTION_HEADER:
			most = HTTP_HEADER_SECONDS;
			break;
		case CONNECTION_BODY:
		case CONNECTION_REPLY:
			most = HTTP_BODY_SECONDS;
			break;
		}
		if (now - c->since > most * SECOND_US)
			(void)shutdown(c->fd, SHUT_RDWR);
	}
}

static void
run_posted(struct http_loop *loop)
{
	uint64_t count;
	while (read(loop->wake, &count, sizeof(count)) > 0)
		continue;
	must(pthread_mutex_lock(&loop->lock) == 0);
	struct http_work *work = loop->posted, *in_order = NULL;
	loop->posted = NULL;
	must(pthread_mutex_unlock(&loop->lock) == 0);
	while (work != NULL) { /* posted last first: turn it round */
		struct http_work *next = work->next;
		work->next = in_order;
		in_order = work;
		work = next;
	}
	while (in_order != NULL) {
		struct http_work *next = in_order->next;
		in_order->fn(in_order); /* may free it */
		in_order = next;
	}
}

static void
run_events(struct http_loop *loop, int wait_ms)
{
	struct epoll_event got[LOOP_WATCHES_MAX + 2];
	int n = epoll_wait(loop->epoll, got, LOOP_WATCHES_MAX + 2, wait_ms);
	for (int i = 0; i < n; i++) {
		uint32_t what = got[i].data.u32;
		if (what == EVENT_WAKE)
			run_posted(loop);
		else if (what != EVENT_HTTP)
			loop->watches[what].fn(loop->watches[what].arg);
	}
}

/* Asked to stop, it lets nobody in from then on, and ends what it has. */
static bool
is_finished(struct http_loop *loop)
{
	if (!atomic_load(&loop->is_stopping))
		return false;
	if (!loop->is_quiet) {
		loop->is_quiet = true;
		int fd = MHD_quiesce_daemon(loop->daemon);
		if (fd >= 0)
			(void)close(fd);
	}
	return loop->requests == 0 ||
	    clock_monotonic() >= atomic_load(&loop->stop_by);
}

static void
run_ticks(struct http_loop *loop, instant *last)
{
	instant now = clock_monotonic();
	if (now - *last < SECOND_US)
		return;
	*last = now;
	end_slow_connections(loop);
	for (size_t i = 0; i < loop->tick_count; i++)
		loop->ticks[i].fn(loop->ticks[i].arg);
}

static void *
loop_run(void *arg)
{
	struct http_loop *loop = arg;
	instant last_tick = clock_monotonic();
	loop->state = loop->config.thread_start(loop->config.ctx, loop);
	while (!is_finished(loop)) {
		MHD_UNSIGNED_LONG_LONG ms = 500;
		/* with a held request it says 0: the loop would spin */
		if (loop->held > 0)
			ms = HELD_TICK_MS;
		else if (MHD_get_timeout(loop->daemon, &ms) != MHD_YES ||
		    ms > 500)
			ms = 500;
		run_events(loop, loop->has_replies ? 0 : (int)ms);
		loop->has_replies = false;
		(void)MHD_run(loop->daemon);
		loop->config.round(loop->state);
		run_ticks(loop, &last_tick);
	}
	if (loop->state != NULL)
		loop->config.thread_end(loop->state);
	return NULL;
}

static const char priorities[] = "SECURE128:-VERS-ALL:+VERS-TLS1.3:"
    "+VERS-TLS1.2:%SERVER_PRECEDENCE";

static struct MHD_Daemon *
daemon_start(struct http_loop *loop, int listen_fd)
{
	const struct http_config *c = &loop->config;
	unsigned flags = MHD_USE_EPOLL | MHD_USE_TURBO;
	enum { OPTIONS_MAX = 16 };
	struct MHD_OptionItem o[OPTIONS_MAX];
	size_t n = 0;
#define OPTION(opt, num, ptr)                                                  \
	(must(n < OPTIONS_MAX),                                                \
	    o[n++] = (struct MHD_OptionItem){(opt), (intptr_t)(num), (ptr)})
	OPTION(MHD_OPTION_LISTEN_SOCKET, listen_fd, NULL);
	OPTION(MHD_OPTION_CONNECTION_LIMIT, HTTP_CONNECTIONS_MAX, NULL);
	OPTION(MHD_OPTION_CONNECTION_TIMEOUT, HTTP_IDLE_SECONDS, NULL);
	OPTION(MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    HTTP_HEADER_MAX_BYTES + 16 * 1024, NULL);
	OPTION(MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL);
	OPTION(MHD_OPTION_NOTIFY_COMPLETED, request_completed, loop);
	OPTION(MHD_OPTION_NOTIFY_CONNECTION, connection_notify, loop);
	OPTION(MHD_OPTION_URI_LOG_CALLBACK, request_begun, loop);
	if (c->tls_cert.n > 0) {
		flags |= MHD_USE_TLS;
		OPTION(MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)c->tls_cert.p);
		OPTION(MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)c->tls_key.p);
		OPTION(MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)priorities);
		if (c->terminal_ca.n > 0)
			OPTION(MHD_OPTION_HTTPS_MEM_TRUST, 0,
			    (void *)c->terminal_ca.p);
	}
	OPTION(MHD_OPTION_END, 0, NULL);
#undef OPTION
	return MHD_start_daemon(flags, 0, NULL, NULL, request_handle, loop,
	    MHD_OPTION_ARRAY, o, MHD_OPTION_END);
}

static bool
watch_fd(struct http_loop *loop, int fd, uint32_t what)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = what};
	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &ev) == 0;
}

void
loop_free(struct http_loop *loop)
{
	if (loop->daemon != NULL)
		MHD_stop_daemon(loop->daemon);
	request_free_left(loop);
	if (loop->epoll >= 0)
		(void)close(loop->epoll);
	if (loop->wake >= 0)
		(void)close(loop->wake);
	(void)pthread_mutex_destroy(&loop->lock);
	mem_free(loop);
}

bool
loop_open(const struct http_config *config, int listen_fd,
    struct http_loop **ret, struct err *err)
{
	struct http_loop *loop = mem_alloc(1, sizeof(*loop));
	if (loop == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	loop->config = *config;
	must(pthread_mutex_init(&loop->lock, NULL) == 0);
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (loop->epoll < 0 || loop->wake < 0) {
		int num = errno;
		loop_free(loop);
		return ERR_ERRNO(err, num, "epoll");
	}
	loop->daemon = daemon_start(loop, listen_fd);
	if (loop->daemon == NULL) {
		loop_free(loop);
		return ERR(err, ERR_INPUT, "HTTP does not start: look at the "
		    "certificate and its key");
	}
	int http = MHD_get_daemon_info(loop->daemon,
	    MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	if (!watch_fd(loop, http, EVENT_HTTP) ||
	    !watch_fd(loop, loop->wake, EVENT_WAKE)) {
		int num = errno;
		loop_free(loop);
		return ERR_ERRNO(err, num, "epoll");
	}
	int num = pthread_create(&loop->thread, NULL, loop_run, loop);
	if (num != 0) {
		loop_free(loop);
		return ERR_ERRNO(err, num, "thread");
	}
	*ret = loop;
	return true;
}

void
loop_stop(struct http_loop *loop, instant by)
{
	atomic_store(&loop->stop_by, by);
	atomic_store(&loop->is_stopping, true);
	uint64_t one = 1;
	(void)!write(loop->wake, &one, sizeof(one));
}

void
loop_end(struct http_loop *loop)
{
	must(pthread_join(loop->thread, NULL) == 0);
	MHD_stop_daemon(loop->daemon);
	loop->daemon = NULL;
}

bool
http_loop_watch(struct http_loop *loop, int fd, void (*fn)(void *arg),
    void *arg, struct err *err)
{
	if (loop->watch_count == LOOP_WATCHES_MAX)
		return ERR(err, ERR_LIMIT, "more than %d watches",
		    LOOP_WATCHES_MAX);
	uint32_t n = (uint32_t)loop->watch_count;
	loop->watches[n].fd = fd;
	loop->watches[n].fn = fn;
	loop->watches[n].arg = arg;
	loop->watch_count++;
	if (!watch_fd(loop, fd, n))
		return ERR_ERRNO(err, errno, "epoll");
	return true;
}

void
http_loop_post(struct http_loop *loop, struct http_work *work)
{
	must(pthread_mutex_lock(&loop->lock) == 0);
	bool was_empty = loop->posted == NULL;
	work->next = loop->posted;
	loop->posted = work;
	must(pthread_mutex_unlock(&loop->lock) == 0);
	uint64_t one = 1;
	if (was_empty)
		(void)!write(loop->wake, &one, sizeof(one));
}

void
http_loop_tick(struct http_loop *loop, void (*fn)(void *arg), void *arg)
{
	must(loop->tick_count < LOOP_TICKS_MAX);
	loop->ticks[loop->tick_count].fn = fn;
	loop->ticks[loop->tick_count++].arg = arg;
}
