/*
 * Bodies of forms: whatever comes is fields of valid UTF-8 within their limit,
 * which lie in the body or are copies, or is refused with a status. The first
 * byte chooses urlencoded, multipart, or multipart with a boundary of its own.
 */
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/text.h"
#include "http/request.h"
#include "target.h"

enum { ARENA_BYTES = 16 * 1024 * 1024 };

static struct slice
type_of(uint8_t choice)
{
	static const struct slice types[] = {
	    {"application/x-www-form-urlencoded; charset=utf-8", 48},
	    {"multipart/form-data; boundary=m", 31},
	    {"Multipart/Form-Data; charset=utf-8; boundary=\"a b\"", 50},
	    {"multipart/form-data; boundary=", 30}};
	return types[choice % (sizeof(types) / sizeof(types[0]))];
}

static void
check_fields(const struct http_request *r)
{
	struct http_field f;
	must(http_field_count(r) <= HTTP_FIELDS_MAX);
	for (size_t i = 0; http_field_at(r, i, &f); i++) {
		must(text_is_utf8(f.name) && text_is_utf8(f.file_name));
		must(f.is_file || text_is_utf8(f.value));
		must(f.value.n <= r->body.n);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct http_request *r = mem_alloc(1, sizeof(*r));
	must(r != NULL);
	r->arena = arena_open(ARENA_BYTES);
	must(r->arena != NULL);
	r->content_type = type_of(data[0]);
	r->body = buf_of(size);
	buf_add_bytes(&r->body, data + 1, size - 1);
	if (request_read_fields(r))
		check_fields(r);
	else
		must(r->refused == 400 || r->refused == 413);
	buf_close(&r->body);
	arena_close(r->arena);
	mem_free(r);
	return 0;
}
