#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "request.h"

/* Sent with every reply. Source: design/UI.md section 2.2. */
static const struct {
	const char *name;
	const char *value;
} security[] = {
    {"Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"},
    {"Referrer-Policy", "same-origin"},
    {"X-Content-Type-Options", "nosniff"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), microphone=(), geolocation=(), "
        "payment=(), usb=(), display-capture=(), clipboard-read=()"},
};

static bool
is_header_value(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
			return false;
	return s.p != NULL || s.n == 0;
}

void
http_reply_header(struct http_request *req, const char *name,
    struct slice value)
{
	must(is_header_value(value) &&
	    req->header_count < HTTP_REPLY_HEADERS_MAX);
	struct slice copy = arena_copy(req->arena, value);
	must(copy.p != NULL);
	req->headers[req->header_count].name = name;
	req->headers[req->header_count++].value = copy.p;
}

static void
finish(struct http_request *req, unsigned status, const char *content_type,
    struct MHD_Response *response)
{
	must(response != NULL && req->response == NULL);
	bool is_cached = false;
	(void)MHD_add_response_header(response, "Content-Type", content_type);
	for (size_t i = 0; i < sizeof(security) / sizeof(security[0]); i++)
		(void)MHD_add_response_header(response, security[i].name,
		    security[i].value);
	for (size_t i = 0; i < req->header_count; i++) {
		is_cached |= strcmp(req->headers[i].name, "Cache-Control") == 0;
		(void)MHD_add_response_header(response, req->headers[i].name,
		    req->headers[i].value);
	}
	if (!is_cached)
		(void)MHD_add_response_header(response, "Cache-Control",
		    "no-store");
	if (http_is_tls(req))
		(void)MHD_add_response_header(response,
		    "Strict-Transport-Security", "max-age=31536000");
	if (atomic_load(&req->loop->is_stopping))
		(void)MHD_add_response_header(response, "Connection", "close");
	req->response = response;
	req->status = status;
	if (req->is_in_handler)
		return;
	must(req->is_held);
	req->is_held = false;
	req->loop->held--;
	req->loop->has_replies = true;
	if (req->is_gone)
		request_drop(req);
}

/* The reply's bytes with their length in front, so that they can be wiped. */
struct reply_bytes {
	size_t n;
	char p[];
};

static void
free_bytes(void *p)
{
	struct reply_bytes *b =
	    (void *)((char *)p - offsetof(struct reply_bytes, p));
	mem_wipe(b->p, b->n);
	mem_free(b);
}

void
http_reply(struct http_request *req, unsigned status,
    const char *content_type, struct buf *body)
{
	if (body->n == 0 || body->failed) {
		must(!body->failed);
		http_reply_static(req, status, content_type, SLICE(""));
		return;
	}
	struct reply_bytes *b = mem_alloc(1, sizeof(*b) + body->n);
	must(b != NULL);
	b->n = body->n;
	memcpy(b->p, body->p, body->n);
	struct MHD_Response *response =
	    MHD_create_response_from_buffer_with_free_callback(b->n, b->p,
	        free_bytes);
	buf_close(body);
	finish(req, status, content_type, response);
}

/* What may stand in filename* as it is (RFC 8187 attr-char). */
static bool
is_attr_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (c != '\0' &&
	        strchr("!#$&+-.^_`|~", c) != NULL);
}

/* For old programs a name in ASCII, for the others the true one. */
static void
put_disposition(struct slice name, struct buf *to)
{
	buf_add_str(to, "attachment; filename=\"");
	for (size_t i = 0; i < name.n; i++)
		buf_add_byte(to, is_attr_char(name.p[i]) ? (uint8_t)name.p[i]
		    : '_');
	buf_add_str(to, "\"; filename*=UTF-8''");
	for (size_t i = 0; i < name.n; i++) {
		if (is_attr_char(name.p[i]))
			buf_add_byte(to, (uint8_t)name.p[i]);
		else
			buf_add_printf(to, "%%%02X", (uint8_t)name.p[i]);
	}
}

void
http_reply_file(struct http_request *req, struct slice name,
    const char *content_type, struct buf *body)
{
	struct buf to = buf_of(HTTP_HEADER_MAX_BYTES);
	put_disposition(name, &to);
	must(!to.failed);
	http_reply_header(req, "Content-Disposition", slice_bytes(to.p, to.n));
	http_reply_header(req, "Content-Security-Policy", SLICE("sandbox"));
	http_reply_header(req, "Cross-Origin-Resource-Policy",
	    SLICE("same-origin"));
	http_reply(req, 200, content_type, body);
	buf_close(&to);
}

void
http_reply_static(struct http_request *req, unsigned status,
    const char *content_type, struct slice body)
{
	finish(req, status, content_type, MHD_create_response_from_buffer(
	    body.n, (void *)body.p, MHD_RESPMEM_PERSISTENT));
}
