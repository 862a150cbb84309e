/* multipart/form-data (RFC 7578) out of a body that is whole in memory. */
#include <string.h>
#include <strings.h>

#include "request.h"

static struct slice
find(struct slice in, struct slice what)
{
	char *at = what.n == 0 || in.n < what.n
	    ? NULL : memmem(in.p, in.n, what.p, what.n);
	return at == NULL ? SLICE_NONE
	                  : slice_from(in, (size_t)(at - in.p));
}

/* The value of `key="..."` in a header line; p is NULL when absent. */
static struct slice
parameter(struct slice line, const char *key)
{
	size_t key_n = strlen(key);
	for (size_t i = 0; i + key_n + 2 < line.n; i++) {
		bool is_start = i > 0 && (line.p[i - 1] == ' ' ||
		    line.p[i - 1] == ';');
		if (!is_start || strncasecmp(line.p + i, key, key_n) != 0 ||
		    line.p[i + key_n] != '=' || line.p[i + key_n + 1] != '"')
			continue;
		struct slice v = slice_from(line, i + key_n + 2);
		v.n = slice_find(v, '"');
		return v;
	}
	return SLICE_NONE;
}

static bool
read_part(struct http_request *req, struct slice head, struct slice value)
{
	struct http_pair pair = {.value = value};
	struct slice line;
	while (slice_split(&head, '\n', &line)) {
		static const char name[] = "Content-Disposition:";
		if (line.n < sizeof(name) - 1 ||
		    strncasecmp(line.p, name, sizeof(name) - 1) != 0)
			continue;
		pair.name = parameter(line, "name");
		pair.file_name = parameter(line, "filename");
		pair.is_file = pair.file_name.p != NULL;
	}
	if (pair.name.p == NULL) {
		req->refused = 400;
		return false;
	}
	if (pair.is_file && pair.file_name.n == 0 && value.n == 0)
		return true; /* a file input that was left empty */
	return request_add_field(req, pair);
}

bool
request_read_multipart(struct http_request *req, struct slice boundary)
{
	struct slice rest = slice_bytes(req->body.p, req->body.n);
	struct slice mark = arena_printf(req->arena, "\r\n--%.*s",
	    SLICE_FMT(boundary));
	req->refused = 400;
	if (boundary.n == 0 || mark.p == NULL)
		return false;
	/* the first one has no line end before it */
	struct slice first = slice_from(mark, 2);
	if (!slice_has_prefix(rest, first))
		return false;
	rest = slice_from(rest, first.n);
	for (;;) {
		if (slice_has_prefix(rest, SLICE("--")))
			break;
		if (!slice_has_prefix(rest, SLICE("\r\n")))
			return false;
		rest = slice_from(rest, 2);
		struct slice blank = find(rest, SLICE("\r\n\r\n"));
		if (blank.p == NULL)
			return false;
		struct slice head = slice_bytes(rest.p,
		    (size_t)(blank.p - rest.p));
		rest = slice_from(blank, 4);
		struct slice end = find(rest, mark);
		if (end.p == NULL)
			return false;
		if (!read_part(req, head, slice_bytes(rest.p,
		    (size_t)(end.p - rest.p))))
			return false;
		rest = slice_from(end, mark.n);
	}
	req->refused = 0;
	return true;
}
