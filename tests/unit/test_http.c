/*
 * Goal of this test: requests arrive whole or are refused with a status,
 * replies may come later, and nothing that the library's parser lets through
 * and we refuse reaches the handler. Spoken to over real sockets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "http/http.h"

enum { BODY_MAX = 4096 };

/* One thread's state: the loop, and a request that waits. */
struct desk {
	struct http_work work;
	struct http_loop *loop;
	struct http_request *waiting;
};

static void *
desk_open(void *ctx, struct http_loop *loop)
{
	struct desk *d = mem_alloc(1, sizeof(*d));
	d->loop = loop;
	return d;
}

static void
desk_close(void *thread)
{
	mem_free(thread);
}

static size_t
body_max(void *ctx, enum http_method method, struct slice path)
{
	return method == HTTP_POST ? BODY_MAX : 0;
}

static void
round_end(void *thread)
{
}

static void
later(struct http_work *work)
{
	struct desk *d = (struct desk *)(void *)work;
	http_reply_static(d->waiting, 200, "text/plain", SLICE("later"));
}

static void *
post_later(void *arg)
{
	struct desk *d = arg;
	http_loop_post(d->loop, &d->work);
	return NULL;
}

static void
handle(void *thread, struct http_request *req)
{
	struct desk *d = thread;
	if (slice_is(http_path(req), "/later")) {
		pthread_t t;
		d->work.fn = later;
		d->waiting = req;
		assert_int_equal(pthread_create(&t, NULL, post_later, d), 0);
		assert_int_equal(pthread_detach(t), 0);
		return;
	}
	struct buf out = buf_of(64 * 1024);
	struct http_field f;
	buf_add(&out, http_path(req));
	for (size_t i = 0; http_field_at(req, i, &f); i++)
		buf_add_printf(&out, " %.*s=%.*s[%.*s]", SLICE_FMT(f.name),
		    SLICE_FMT(f.value), SLICE_FMT(f.file_name));
	buf_add_printf(&out, " cookie=%.*s json=%.*s from=",
	    SLICE_FMT(http_cookie(req, "s")), SLICE_FMT(http_body(req)));
	struct http_address from;
	http_source(req, &from);
	for (size_t i = 0; i < sizeof(from.p); i++)
		buf_add_printf(&out, "%02x", from.p[i]);
	buf_add(&out, SLICE("\n"));
	http_reply(req, 200, "text/plain", &out);
}

static struct http_server *server;

/* 127.0.0.1 and 192.0.2.9 are proxies; 127.0.0.2 is not. */
static int
setup(void **state)
{
	struct http_config c = {.address = "127.0.0.1", .threads = 1,
	    .proxy_count = 2,
	    .thread_start = desk_open, .thread_end = desk_close,
	    .body_max = body_max, .handle = handle, .round = round_end};
	struct err err = ERR_INIT;
	if (!http_address_read(SLICE("127.0.0.1"), &c.proxies[0]) ||
	    !http_address_read(SLICE("192.0.2.9"), &c.proxies[1]))
		return -1;
	return http_server_open(&c, &server, &err) ? 0 : -1;
}

static int
teardown(void **state)
{
	http_server_stop(server, 1);
	http_server_close(server);
	return 0;
}

static in_addr_t here = INADDR_LOOPBACK; /* where a request comes from */

/* Sends text, reads until the server has nothing more to say. */
static void
talk(const char *text, char *ret, size_t n)
{
	struct sockaddr_in own = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(here)};
	struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_port = htons(http_server_port(server)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t got = 0;
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
	    strlen(text));
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	for (;;) {
		ssize_t r = recv(fd, ret + got, n - 1 - got, 0);
		if (r <= 0)
			break;
		got += (size_t)r;
	}
	ret[got] = '\0';
	close(fd);
}

static void
expect(const char *request, const char *status, const char *part)
{
	char reply[16384];
	talk(request, reply, sizeof(reply));
	if (strstr(reply, status) == NULL ||
	    (part != NULL && strstr(reply, part) == NULL))
		fail_msg("to:\n%s\nexpected %s and %s, got:\n%s", request,
		    status, part, reply);
}

#define HOST "Host: localhost\r\n"
#define END "Connection: close\r\n\r\n"

static void
reads_query_and_cookie(void **state)
{
	expect("GET /a/b?x=1&y=%E5%B8%82+c HTTP/1.1\r\n" HOST
	    "Cookie: s=abc\r\n" END,
	    "200 OK", "/a/b x=1[] y=\xe5\xb8\x82 c[] cookie=abc");
}

static void
adds_security_headers(void **state)
{
	expect("GET / HTTP/1.1\r\n" HOST END, "200 OK",
	    "Content-Security-Policy: default-src 'none'");
	expect("GET / HTTP/1.1\r\n" HOST END, "200 OK",
	    "Cache-Control: no-store");
}

static void
reads_a_form(void **state)
{
	expect("POST /f HTTP/1.1\r\n" HOST
	    "Content-Type: application/x-www-form-urlencoded\r\n"
	    "Content-Length: 13\r\n" END "n=%41+b&m=2&n", "200 OK",
	    "/f n=A b[] m=2[] n=[]");
}

static void
reads_a_multipart_form_with_a_file(void **state)
{
	expect("POST /f HTTP/1.1\r\n" HOST
	    "Content-Type: multipart/form-data; boundary=XX\r\n"
	    "Content-Length: 134\r\n" END
	    "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
	    "--XX\r\nContent-Disposition: form-data; name=\"f\"; "
	    "filename=\"x.csv\"\r\n\r\nk,v\r\n--XX--\r\n", "200 OK",
	    "/f a=1[] f=k,v[x.csv]");
}

static void
hands_on_json_as_it_came(void **state)
{
	expect("POST /j HTTP/1.1\r\n" HOST
	    "Content-Type: application/json\r\nContent-Length: 7\r\n" END
	    "{\"a\":1}", "200 OK", "json={\"a\":1}");
}

static void
replies_later_from_another_thread(void **state)
{
	expect("GET /later HTTP/1.1\r\n" HOST END, "200 OK", "later");
}

static void
keeps_the_connection(void **state)
{
	expect("GET /1 HTTP/1.1\r\n" HOST "\r\nGET /later HTTP/1.1\r\n" HOST
	    "\r\nGET /3 HTTP/1.1\r\n" HOST END, "200 OK", "/3 cookie=");
}

static void
takes_a_body_at_the_cap_and_refuses_one_past_it(void **state)
{
	char text[BODY_MAX + 512];
	for (int more = 0; more < 2; more++) {
		int n = snprintf(text, sizeof(text), "POST /j HTTP/1.1\r\n" HOST
		    "Content-Type: application/json\r\nContent-Length: %d\r\n"
		    END, BODY_MAX + more);
		memset(text + n, 'x', BODY_MAX + (size_t)more);
		text[n + BODY_MAX + more] = '\0';
		expect(text, more ? "413" : "200 OK", NULL);
	}
}

static void
refuses_a_chunked_body_past_the_cap(void **state)
{
	char text[BODY_MAX + 512];
	int n = snprintf(text, sizeof(text), "POST /j HTTP/1.1\r\n" HOST
	    "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
	    END "%x\r\n", BODY_MAX + 1);
	memset(text + n, 'x', BODY_MAX + 1);
	(void)snprintf(text + n + BODY_MAX + 1, 64, "\r\n0\r\n\r\n");
	expect(text, "413", NULL);
}

static void
takes_headers_at_the_cap_and_refuses_one_past_them(void **state)
{
	for (size_t past = 0; past < 2; past++) {
		struct buf b = buf_of(HTTP_HEADER_MAX_BYTES + 128);
		buf_add_str(&b, "GET /a HTTP/1.1\r\n");
		size_t line = b.n;
		buf_add_str(&b, HOST "Connection: close\r\nX-Fill: ");
		while (b.n - line + 2 < HTTP_HEADER_MAX_BYTES + past)
			buf_add_byte(&b, 'x');
		buf_add_bytes(&b, "\r\n\r\n", sizeof("\r\n\r\n"));
		assert_false(b.failed);
		expect(b.p, past == 0 ? "HTTP/1.1 200" : "HTTP/1.1 431", NULL);
		buf_close(&b);
	}
}

static void
refuses_what_smuggles(void **state)
{
	expect("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n"
	    "Content-Length: 2\r\n" END "ab", "400", NULL);
	expect("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n"
	    "Transfer-Encoding: chunked\r\n" END "0\r\n\r\n", "400", NULL);
	expect("GET / HTTP/1.1\r\n" HOST "X-A : 1\r\n" END, "400", NULL);
}

static void
refuses_other_methods_and_bad_text(void **state)
{
	expect("DELETE / HTTP/1.1\r\n" HOST END, "405", NULL);
	expect("GET /%FF HTTP/1.1\r\n" HOST END, "400", NULL);
	expect("GET /?a=%FF HTTP/1.1\r\n" HOST END, "400", NULL);
	expect("POST /f HTTP/1.1\r\n" HOST "Content-Length: 1\r\n" END "a",
	    "415", NULL);
	expect("POST /f HTTP/1.1\r\n" HOST
	    "Content-Type: application/x-www-form-urlencoded\r\n"
	    "Content-Length: 5\r\n" END "n=%4z", "400", NULL);
}

#define V4 "00000000000000000000ffff"

static void
expect_source(const char *headers, const char *source)
{
	char text[1024], part[64];
	(void)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n" HOST "%s" END,
	    headers);
	(void)snprintf(part, sizeof(part), "from=%s\n", source);
	expect(text, "200 OK", part);
}

static void
believes_a_trusted_proxy(void **state)
{
	static const char client[] = V4 "c6336407"; /* 198.51.100.7 */
	expect_source("", V4 "7f000001");
	expect_source("X-Forwarded-For: 198.51.100.7\r\n", client);
	expect_source("X-Forwarded-For: 198.51.100.7:4711\r\n", client);
	expect_source("x-forwarded-for: 2001:db8::1\r\n",
	    "20010db8000000000000000000000001");
	expect_source("Forwarded: For=198.51.100.7;proto=https\r\n", client);
	expect_source("Forwarded: by=x;for=\"[2001:db8::1]:80\"\r\n",
	    "20010db8000000000000000000000001");
	/* what stands before it was told by the client */
	expect_source("X-Forwarded-For: 203.0.113.1, 198.51.100.7\r\n",
	    client);
	expect_source("X-Forwarded-For: 203.0.113.1\r\n"
	    "X-Forwarded-For: 198.51.100.7\r\n", client);
	expect_source("Forwarded: for=203.0.113.1, for=198.51.100.7\r\n",
	    client);
	/* a second proxy of ours behind it */
	expect_source("X-Forwarded-For: 198.51.100.7, 192.0.2.9\r\n", client);
	/* both alike */
	expect_source("X-Forwarded-For: 198.51.100.7\r\n"
	    "Forwarded: for=198.51.100.7\r\n", client);
}

/* Then it counts as the proxy's own: nobody chooses where they come from. */
static void
believes_nothing_unclear_of_a_proxy(void **state)
{
	static const char proxy[] = V4 "7f000001";
	static const char *const headers[] = {
	    "X-Forwarded-For: \r\n",
	    "X-Forwarded-For: unknown\r\n",
	    "X-Forwarded-For: 198.51.100.7, unknown\r\n",
	    "X-Forwarded-For: 198.51.100.7,\r\n",
	    "X-Forwarded-For: 192.0.2.9\r\n",
	    "X-Forwarded-For: 198.51.100.256\r\n",
	    "X-Forwarded-For: [2001:db8::1\r\n",
	    "X-Forwarded-For: [2001:db8::1]x\r\n",
	    "X-Forwarded-For: 2001:db8::1%eth0\r\n",
	    ("X-Forwarded-For: 1111:2222:3333:4444:5555:6666:123.123.123.1234"
	     "\r\n"),
	    "Forwarded: for=_hidden\r\n",
	    "Forwarded: proto=https\r\n",
	    "Forwarded: for=198.51.100.7, by=203.0.113.43\r\n",
	    "X-Forwarded-For: 198.51.100.7\r\nForwarded: for=203.0.113.1\r\n",
	    "X-Forwarded-For: 198.51.100.7\r\nForwarded: for=unknown\r\n",
	    "X-Forwarded-For: unknown\r\nForwarded: for=198.51.100.7\r\n",
	};
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		expect_source(headers[i], proxy);
}

static void
believes_nobody_else(void **state)
{
	static const char own[] = V4 "7f000002";
	here = INADDR_LOOPBACK + 1;
	expect_source("", own);
	expect_source("X-Forwarded-For: 198.51.100.7\r\n", own);
	expect_source("Forwarded: for=198.51.100.7\r\n", own);
	expect_source("X-Forwarded-For: 198.51.100.7, 127.0.0.1\r\n", own);
	here = INADDR_LOOPBACK;
}

static void
makes_a_certificate(void **state)
{
	struct buf cert = buf_of(8192), key = buf_of(8192);
	struct err err = ERR_INIT;
	assert_true(http_certificate_make("localhost", &cert, &key, &err));
	assert_true(slice_has_prefix(slice_bytes(cert.p, cert.n),
	    SLICE("-----BEGIN CERTIFICATE")));
	buf_close(&cert);
	buf_close(&key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_query_and_cookie),
	    cmocka_unit_test(adds_security_headers),
	    cmocka_unit_test(reads_a_form),
	    cmocka_unit_test(reads_a_multipart_form_with_a_file),
	    cmocka_unit_test(hands_on_json_as_it_came),
	    cmocka_unit_test(replies_later_from_another_thread),
	    cmocka_unit_test(keeps_the_connection),
	    cmocka_unit_test(takes_a_body_at_the_cap_and_refuses_one_past_it),
	    cmocka_unit_test(refuses_a_chunked_body_past_the_cap),
	    cmocka_unit_test(
		takes_headers_at_the_cap_and_refuses_one_past_them),
	    cmocka_unit_test(refuses_what_smuggles),
	    cmocka_unit_test(refuses_other_methods_and_bad_text),
	    cmocka_unit_test(believes_a_trusted_proxy),
	    cmocka_unit_test(believes_nothing_unclear_of_a_proxy),
	    cmocka_unit_test(believes_nobody_else),
	    cmocka_unit_test(makes_a_certificate),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
