#include "request.h"

#include <strings.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/text.h"

enum { SPARES_MAX = 64, ARENA_MAX_BYTES = 4 * 1024 * 1024 };

static const char html_text[] = "text/html; charset=utf-8";

static struct http_request *
request_take(struct http_loop *loop)
{
	struct http_request *r = loop->spare;
	if (r != NULL) {
		loop->spare = r->next;
		loop->spare_count--;
		return r;
	}
	r = mem_alloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->arena = arena_open(ARENA_MAX_BYTES);
	if (r->arena == NULL) {
		mem_free(r);
		return NULL;
	}
	return r;
}

static void
request_free(struct http_request *r)
{
	buf_close(&r->body);
	arena_close(r->arena);
	mem_free(r);
}

static void
request_put(struct http_request *r)
{
	struct http_loop *loop = r->loop;
	struct arena *arena = r->arena;
	loop->requests--;
	if (r->response != NULL)
		MHD_destroy_response(r->response);
	buf_close(&r->body);
	if (loop->spare_count == SPARES_MAX) {
		request_free(r);
		return;
	}
	arena_reset(arena);
	size_t used = r->field_count;
	memset(r->fields, 0, used * sizeof(r->fields[0]));
	r->response = NULL;
	r->path = r->content_type = SLICE_NONE;
	r->field_count = 0;
	r->header_count = 0;
	r->data = NULL;
	r->status = r->refused = 0;
	r->is_json = r->is_handled = r->is_in_handler = false;
	r->is_held = r->is_gone = false;
	r->mhd = NULL;
	r->conn = NULL;
	r->next = loop->spare;
	loop->spare = r;
	loop->spare_count++;
}

static void
free_all(struct http_request *r)
{
	while (r != NULL) {
		struct http_request *next = r->next;
		request_free(r);
		r = next;
	}
}

void
request_free_left(struct http_loop *loop)
{
	free_all(loop->spare);
	free_all(loop->gone);
}

void *
request_begun(void *cls, const char *uri, struct MHD_Connection *c)
{
	(void)cls;
	(void)uri;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct connection *conn = info == NULL ? NULL : info->socket_context;
	if (conn != NULL) {
		conn->doing = CONNECTION_HEADER;
		conn->since = clock_monotonic();
	}
	return NULL;
}

/* What the parser of the library lets through and we do not. */
struct header_check {
	unsigned lengths;
	unsigned encodings;
	size_t bytes; /* of all, as lines */
	bool is_bad;
};

static enum MHD_Result
check_header(void *cls, enum MHD_ValueKind kind, const char *name,
    size_t name_n, const char *value, size_t value_n)
{
	(void)kind;
	struct header_check *check = cls;
	check->bytes += name_n + value_n + sizeof(": \r\n") - 1;
	for (size_t i = 0; i < name_n; i++)
		if ((unsigned char)name[i] <= ' ' || name[i] == 127)
			check->is_bad = true;
	for (size_t i = 0; i < value_n; i++)
		if (value[i] == '\r' || value[i] == '\n' || value[i] == '\0')
			check->is_bad = true;
	if (name_n == 14 && strncasecmp(name, "Content-Length", 14) == 0)
		check->lengths++;
	if (name_n == 17 && strncasecmp(name, "Transfer-Encoding", 17) == 0)
		check->encodings++;
	return MHD_YES;
}

static unsigned
check_headers(struct http_request *r)
{
	struct header_check check = {0};
	(void)MHD_get_connection_values_n(r->mhd, MHD_HEADER_KIND,
	    check_header, &check);
	if (check.is_bad || check.lengths > 1 || check.encodings > 1 ||
	    (check.lengths == 1 && check.encodings == 1))
		return 400;
	return check.bytes > HTTP_HEADER_MAX_BYTES ? 431 : 0;
}

static bool
method_read(const char *s, enum http_method *ret)
{
	if (strcmp(s, "GET") == 0)
		*ret = HTTP_GET;
	else if (strcmp(s, "HEAD") == 0)
		*ret = HTTP_HEAD;
	else if (strcmp(s, "POST") == 0)
		*ret = HTTP_POST;
	else
		return false;
	return true;
}

static unsigned
check_length(struct http_request *r)
{
	const char *s = MHD_lookup_connection_value(r->mhd, MHD_HEADER_KIND,
	    "Content-Length");
	if (s == NULL)
		return 0;
	size_t n = strlen(s);
	unsigned long long length = 0;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9' || i > 15)
			return 400;
		length = length * 10 + (unsigned long long)(s[i] - '0');
	}
	return length > r->body_max ? 413 : 0;
}

/* Headers are there, the body is not yet. */
static unsigned
request_begin(struct http_request *r, const char *url, const char *method)
{
	size_t n = strlen(url);
	if (!method_read(method, &r->method))
		return 405;
	if (n > HTTP_PATH_MAX_BYTES)
		return 414;
	r->path = arena_copy(r->arena, slice_bytes(url, n));
	if (r->path.p == NULL || n == 0 || url[0] != '/' ||
	    !text_is_clean(r->path, false))
		return 400;
	unsigned bad = check_headers(r);
	if (bad != 0)
		return bad;
	r->body_max = r->loop->config.body_max(r->loop->config.ctx, r->method,
	    r->path);
	r->body = buf_of(r->body_max + 1);
	const char *type = MHD_lookup_connection_value(r->mhd,
	    MHD_HEADER_KIND, "Content-Type");
	if (type != NULL)
		r->content_type = arena_copy(r->arena, slice_of(type));
	return check_length(r);
}

static enum MHD_Result
queue(struct http_request *r)
{
	if (r->conn != NULL) {
		r->conn->doing = CONNECTION_REPLY;
		r->conn->since = clock_monotonic();
	}
	return MHD_queue_response(r->mhd, r->status, r->response);
}

/*
 * For people whose request no desk has seen: no language is known yet, so it
 * is said in both, and the way on is given.
 */
#define REFUSAL_PAGE(ja, en) \
	"<!doctype html>\n<html lang=\"ja\"><head><meta charset=\"utf-8\">" \
	"<title>ふみくら</title></head><body><main><h1>" ja "</h1>" \
	"<p lang=\"en\">" en "</p><p><a href=\"/home\">ホーム・Home</a></p>" \
	"</main></body></html>\n"

static struct slice
refusal_page(unsigned status)
{
	static const char large[] = REFUSAL_PAGE(
	    "送られたものが大きすぎるため、受け付けていません。"
	    "分けるか短くして、もう一度送ってください。",
	    "What was sent is too large and was not taken. "
	    "Send less at a time.");
	static const char unreadable[] = REFUSAL_PAGE(
	    "送られた文字を読み取れないため、受け付けていません。"
	    "前の画面に戻り、入力し直してください。",
	    "What was sent cannot be read and was not taken. "
	    "Go back and type it again.");
	if (status == 413 || status == 431)
		return slice_bytes(large, sizeof(large) - 1);
	return slice_bytes(unreadable, sizeof(unreadable) - 1);
}

static enum MHD_Result
refuse(struct http_request *r, unsigned status)
{
	r->refused = status;
	r->is_in_handler = true; /* reply is queued below, nothing to resume */
	http_reply_header(r, "Connection", SLICE("close"));
	http_reply_static(r, status, html_text, refusal_page(status));
	return queue(r);
}

static void
hand_over(struct http_request *r)
{
	r->is_handled = true;
	r->is_in_handler = true;
	r->loop->config.handle(r->loop->state, r);
}

enum MHD_Result
request_handle(void *cls, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **request)
{
	struct http_loop *loop = cls;
	struct http_request *r = *request;
	(void)version;
	if (r == NULL) {
		r = request_take(loop);
		if (r == NULL)
			return MHD_NO;
		*request = r;
		loop->requests++;
		r->loop = loop;
		r->mhd = c;
		r->conn = MHD_get_connection_info(c,
		    MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
		if (r->conn == NULL)
			return MHD_NO;
		r->conn->doing = CONNECTION_BODY;
		r->conn->since = clock_monotonic();
		unsigned bad = request_begin(r, url, method);
		return bad != 0 ? refuse(r, bad) : MHD_YES;
	}
	if (*upload_size > 0) {
		buf_add_bytes(&r->body, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	if (r->response != NULL)
		return queue(r);
	if (r->is_handled)
		return MHD_YES;
	if (r->body.failed || r->body.n > r->body_max)
		return refuse(r, 413);
	if (!request_read_fields(r))
		return refuse(r, r->refused);
	hand_over(r);
	r->is_in_handler = false;
	if (r->response != NULL)
		return queue(r);
	/*
	 * Held, not suspended: the library asks again at its next round, which
	 * costs nothing, where suspend and resume cost three system calls
	 * (docs/decisions/0001). loop.c asks for no time limit meanwhile.
	 */
	r->is_held = true;
	loop->held++;
	return MHD_YES;
}

void
request_completed(void *cls, struct MHD_Connection *c, void **request,
    enum MHD_RequestTerminationCode why)
{
	(void)cls;
	(void)c;
	(void)why;
	struct http_request *r = *request;
	if (r == NULL)
		return;
	*request = NULL;
	if (r->conn != NULL) {
		r->conn->doing = CONNECTION_IDLE;
		r->conn->since = clock_monotonic();
	}
	if (r->is_held) {
		/* the client left before its reply: the handler goes on */
		r->is_gone = true;
		r->mhd = NULL;
		r->conn = NULL;
		r->next = r->loop->gone;
		r->loop->gone = r;
		return;
	}
	request_put(r);
}

void
request_drop(struct http_request *r)
{
	struct http_request **at = &r->loop->gone;
	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	request_put(r);
}

/* ---- what the handler asks ---- */

enum http_method
http_method(const struct http_request *req)
{
	return req->method;
}

struct slice
http_path(const struct http_request *req)
{
	return req->path;
}

struct slice
http_field(const struct http_request *req, const char *name, size_t nth)
{
	for (size_t i = 0; i < req->field_count; i++)
		if (!req->fields[i].is_file &&
		    slice_is(req->fields[i].name, name) && nth-- == 0)
			return req->fields[i].value;
	return SLICE_NONE;
}

bool
http_field_at(const struct http_request *req, size_t nth,
    struct http_field *ret)
{
	if (nth >= req->field_count)
		return false;
	const struct http_pair *p = &req->fields[nth];
	*ret = (struct http_field){.name = p->name, .value = p->value,
	    .file_name = p->file_name, .is_file = p->is_file};
	return true;
}

size_t
http_field_count(const struct http_request *req)
{
	return req->field_count;
}

struct slice
http_cookie(const struct http_request *req, const char *name)
{
	return req->is_gone ? SLICE_NONE : slice_of(
	    MHD_lookup_connection_value(req->mhd, MHD_COOKIE_KIND, name));
}

struct slice
http_header(const struct http_request *req, const char *name)
{
	return req->is_gone ? SLICE_NONE : slice_of(
	    MHD_lookup_connection_value(req->mhd, MHD_HEADER_KIND, name));
}

struct slice
http_body(const struct http_request *req)
{
	return req->is_json ? slice_bytes(req->body.p, req->body.n)
	                    : SLICE_NONE;
}

bool
http_terminal(const struct http_request *req, uint8_t ret[HTTP_TERMINAL_BYTES])
{
	if (req->is_gone)
		return false;
	if (!req->conn->terminal_is_read)
		connection_read_terminal(req->conn, req->mhd);
	if (req->conn->has_terminal)
		memcpy(ret, req->conn->terminal, HTTP_TERMINAL_BYTES);
	return req->conn->has_terminal;
}

bool
http_is_tls(const struct http_request *req)
{
	return req->loop->config.tls_cert.n > 0;
}

struct arena *
http_arena(struct http_request *req)
{
	return req->arena;
}

void
http_set_data(struct http_request *req, void *data)
{
	req->data = data;
}

void *
http_data(const struct http_request *req)
{
	return req->data;
}
