/*
 * Goal of this test: a server that is asked to stop takes nothing new, ends
 * what is under way, a long reply to its last byte and an upload to its
 * answer, and is gone in its time whatever a client or a handler does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/http.h"

enum { LARGE = 8 * 1024 * 1024, THREADS = 3, PATIENCE_SECONDS = 60 };

static struct http_server *server;
static uint16_t port;
static struct http_loop *_Atomic waiting; /* for a reply that never comes */

static void *
desk_open(void *ctx, struct http_loop *loop)
{
	return loop;
}

static void
desk_close(void *thread)
{
}

static size_t
body_max(void *ctx, enum http_method method, struct slice path)
{
	return 64;
}

static void
round_end(void *thread)
{
}

static void
handle(void *thread, struct http_request *req)
{
	static const char zeros[4096];
	if (slice_is(http_path(req), "/never")) {
		atomic_store(&waiting, thread);
		return;
	}
	struct buf out = buf_of(LARGE);
	while (slice_is(http_path(req), "/large") && out.n < LARGE)
		buf_add_bytes(&out, zeros, sizeof(zeros));
	buf_add_str(&out, out.n == 0 ? "taken" : "");
	http_reply(req, 200, "text/plain", &out);
}

static int
teardown(void **state)
{
	http_server_close(server);
	return 0;
}

static int
setup(void **state)
{
	const struct http_config c = {.address = "127.0.0.1",
	    .threads = THREADS,
	    .thread_start = desk_open,
	    .thread_end = desk_close,
	    .body_max = body_max,
	    .handle = handle,
	    .round = round_end};
	struct err err = ERR_INIT;
	if (!http_server_open(&c, &server, &err))
		return -1;
	port = http_server_port(server);
	return 0;
}

/* A connection with a small window, or the error's number, negative. */
static int
dial(void)
{
	const int little = 4096;
	const struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof(little));
	if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	int num = errno;
	(void)close(fd);
	return -num;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(
	    send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Reads until the part has come; all of it is in ret, as text. */
static void
read_until(int fd, const char *part, char *ret, size_t n)
{
	size_t got = 0;
	ret[0] = '\0';
	while (strstr(ret, part) == NULL) {
		ssize_t r = recv(fd, ret + got, n - 1 - got, 0);
		if (r <= 0)
			fail_msg("no %s in: %s", part, ret);
		got += (size_t)r;
		ret[got] = '\0';
	}
}

static void *
stop(void *arg)
{
	http_server_stop(server, *(const unsigned *)arg);
	return NULL;
}

/* Begins to stop; returns when nobody is let in any more. */
static void
begin_to_stop(pthread_t *ret, const unsigned *seconds)
{
	instant end = clock_monotonic() + PATIENCE_SECONDS * SECOND_US;
	int fd;
	assert_int_equal(pthread_create(ret, NULL, stop, (void *)seconds), 0);
	while ((fd = dial()) >= 0) {
		(void)close(fd);
		assert_true(clock_monotonic() < end);
	}
	assert_true(fd == -ECONNREFUSED || fd == -ECONNRESET);
}

static const unsigned long_time = PATIENCE_SECONDS, short_time = 1;

static void
a_long_reply_is_sent_to_its_end(void **state)
{
	static char reply[65536];
	size_t got = 0;
	pthread_t stopping;
	int fd = dial();
	say(fd, "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
	assert_int_equal(recv(fd, reply, 1, 0), 1);
	begin_to_stop(&stopping, &long_time);
	for (ssize_t r; (r = recv(fd, reply, sizeof(reply), 0)) > 0;)
		got += (size_t)r;
	assert_true(got > LARGE);
	(void)close(fd);
	assert_int_equal(pthread_join(stopping, NULL), 0);
}

static void
an_upload_is_answered(void **state)
{
	char reply[4096];
	pthread_t stopping;
	int fd = dial();
	say(fd, "POST /form HTTP/1.1\r\nHost: localhost\r\n"
		"Content-Type: application/json\r\nContent-Length: 4\r\n"
		"Expect: 100-continue\r\n\r\n");
	read_until(fd, "100 Continue\r\n\r\n", reply, sizeof(reply));
	begin_to_stop(&stopping, &long_time);
	say(fd, "true");
	read_until(fd, "taken", reply, sizeof(reply));
	assert_non_null(strstr(reply, "HTTP/1.1 200"));
	assert_non_null(strstr(reply, "Connection: close"));
	assert_int_equal(recv(fd, reply, sizeof(reply), 0), 0);
	(void)close(fd);
	assert_int_equal(pthread_join(stopping, NULL), 0);
}

static void
who_asks_nothing_is_not_waited_for(void **state)
{
	char reply[4096];
	int fd = dial(), silent = dial();
	instant before = clock_monotonic();
	say(fd, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
	read_until(fd, "taken", reply, sizeof(reply));
	http_server_stop(server, long_time);
	assert_true(
	    clock_monotonic() - before < PATIENCE_SECONDS / 2 * SECOND_US);
	(void)close(fd);
	(void)close(silent);
}

static void
who_does_not_read_is_cut_off_in_time(void **state)
{
	char byte;
	int fd = dial();
	say(fd, "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
	assert_int_equal(recv(fd, &byte, 1, 0), 1);
	instant before = clock_monotonic();
	http_server_stop(server, short_time);
	instant took = clock_monotonic() - before;
	assert_true(took >= short_time * SECOND_US);
	assert_true(took < PATIENCE_SECONDS / 2 * SECOND_US);
	(void)close(fd);
}

static void
run_too_late(struct http_work *work)
{
	fail_msg("run on a loop that has ended");
}

/* As an import does that takes longer than the stop waits. */
static void
what_is_posted_after_the_stop_is_not_run(void **state)
{
	static struct http_work work = {.fn = run_too_late};
	int fd = dial();
	say(fd, "GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n");
	while (atomic_load(&waiting) == NULL)
		(void)sched_yield();
	http_server_stop(server, short_time);
	http_loop_post(atomic_load(&waiting), &work);
	(void)close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_long_reply_is_sent_to_its_end),
	    TEST(an_upload_is_answered),
	    TEST(who_asks_nothing_is_not_waited_for),
	    TEST(who_does_not_read_is_cut_off_in_time),
	    TEST(what_is_posted_after_the_stop_is_not_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
