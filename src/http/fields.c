/* Fields of the query, of urlencoded forms; multipart is in multipart.c. */
#include <strings.h>

#include "base/text.h"
#include "request.h"

bool
request_add_field(struct http_request *req, struct http_pair pair)
{
	if (req->field_count == HTTP_FIELDS_MAX) {
		req->refused = 413;
		return false;
	}
	if (!text_is_utf8(pair.name) || !text_is_utf8(pair.file_name) ||
	    (!pair.is_file && !text_is_utf8(pair.value))) {
		req->refused = 400;
		return false;
	}
	req->fields[req->field_count++] = pair;
	return true;
}

static enum MHD_Result
add_query(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n,
    const char *value, size_t value_n)
{
	(void)kind;
	struct http_request *req = cls;
	/* copies: the connection may end before the request is answered */
	struct http_pair pair = {
	    .name = arena_copy(req->arena, slice_bytes(name, name_n)),
	    .value = arena_copy(req->arena, slice_bytes(
	        value != NULL ? value : "", value != NULL ? value_n : 0))};
	return request_add_field(req, pair) ? MHD_YES : MHD_NO;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* '+' is a space, %XX a byte; p is NULL when it is neither whole nor clean. */
static struct slice
url_decode(struct arena *a, struct slice s)
{
	char *to = arena_alloc(a, s.n + 1);
	size_t n = 0;
	if (to == NULL)
		return SLICE_NONE;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '+') {
			to[n++] = ' ';
		} else if (s.p[i] != '%') {
			to[n++] = s.p[i];
		} else {
			int high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
			int low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
			if (high < 0 || low < 0)
				return SLICE_NONE;
			to[n++] = (char)(high << 4 | low);
			i += 2;
		}
	}
	return slice_bytes(to, n);
}

static bool
read_urlencoded(struct http_request *req)
{
	struct slice rest = slice_bytes(req->body.p, req->body.n), part;
	while (slice_split(&rest, '&', &part)) {
		if (part.n == 0)
			continue;
		size_t at = slice_find(part, '=');
		struct http_pair pair = {
		    .name = url_decode(req->arena, slice_bytes(part.p, at)),
		    .value = url_decode(req->arena, slice_from(part, at + 1)),
		};
		if (pair.name.p == NULL || pair.value.p == NULL) {
			req->refused = 400;
			return false;
		}
		if (!request_add_field(req, pair))
			return false;
	}
	return true;
}

static bool
is_type(struct slice content_type, const char *type)
{
	size_t n = strlen(type);
	return content_type.n >= n &&
	    strncasecmp(content_type.p, type, n) == 0 &&
	    (content_type.n == n || content_type.p[n] == ';' ||
	        content_type.p[n] == ' ');
}

static struct slice
boundary_of(struct slice content_type)
{
	static const char key[] = "boundary=";
	for (size_t i = 0; i + sizeof(key) - 1 < content_type.n; i++) {
		if (strncasecmp(content_type.p + i, key, sizeof(key) - 1) != 0)
			continue;
		struct slice b = slice_from(content_type, i + sizeof(key) - 1);
		b.n = slice_find(b, ';');
		if (b.n >= 2 && b.p[0] == '"' && b.p[b.n - 1] == '"')
			b = slice_bytes(b.p + 1, b.n - 2);
		return b.n <= 70 ? b : SLICE_NONE; /* RFC 2046 */
	}
	return SLICE_NONE;
}

bool
request_read_fields(struct http_request *req)
{
	(void)MHD_get_connection_values_n(req->mhd, MHD_GET_ARGUMENT_KIND,
	    add_query, req);
	if (req->refused != 0)
		return false;
	if (req->body.n == 0)
		return true;
	if (is_type(req->content_type, "application/x-www-form-urlencoded"))
		return read_urlencoded(req);
	if (is_type(req->content_type, "multipart/form-data"))
		return request_read_multipart(req,
		    boundary_of(req->content_type));
	if (is_type(req->content_type, "application/json")) {
		req->is_json = true;
		return true;
	}
	req->refused = 415;
	return false;
}
