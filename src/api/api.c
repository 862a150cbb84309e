#include "api/api.h"

#include "base/json.h"

enum { RAW_MAX = 512, REPLY_MAX_BYTES = 16 * 1024 * 1024 };

static const char json_type[] = "application/json";

/* What each kind of failure is over HTTP, and its name for programs. */
static const struct {
	unsigned status;
	const char *code;
} codes[ERR_CODES] = {
    [ERR_NONE] = {500, "internal"},
    [ERR_INPUT] = {422, "input"},
    [ERR_DENIED] = {403, "denied"},
    [ERR_LOGON] = {401, "logon"},
    [ERR_NOT_FOUND] = {404, "not_found"},
    [ERR_CONFLICT] = {409, "conflict"},
    [ERR_LIMIT] = {429, "limit"},
    [ERR_BUSY] = {503, "busy"},
    [ERR_LOST] = {503, "lost"},
    [ERR_FULL] = {507, "full"},
    [ERR_CORRUPT] = {500, "corrupt"},
    [ERR_SYSTEM] = {500, "internal"},
};

static void
reply(struct http_request *req, unsigned status, struct json_writer *w,
    struct buf *to)
{
	struct slice text;
	if (!json_finish(w, &text, NULL)) {
		buf_close(to);
		http_reply_static(req, 500, json_type, SLICE(
		    "{\"error\":{\"code\":\"internal\"}}"));
		return;
	}
	http_reply(req, status, json_type, to);
}

/* Whom an input fits, where it fits several: the id of one settles it. */
static void
put_offers(const struct call *call, struct json_writer *w)
{
	json_put_key(w, "offers");
	json_begin_array(w);
	for (size_t i = 0; i < call->offer_count; i++) {
		const struct offer *o = &call->offers[i];
		json_begin_object(w);
		json_add_str(w, "field", o->field->name);
		json_add_string(w, "id", arena_printf(call->arena, "%016llx",
		    (unsigned long long)o->id));
		json_add_string(w, "label", o->label);
		json_end_object(w);
	}
	json_end_array(w);
}

static void
refuse(struct call *call, struct http_request *req, unsigned status,
    const char *code, struct slice message, struct slice detail)
{
	struct buf to = buf_of(64 * 1024);
	struct json_writer w = json_writer_of(&to);
	json_begin_object(&w);
	json_put_key(&w, "error");
	json_begin_object(&w);
	json_add_str(&w, "code", code);
	json_add_string(&w, "message", message);
	if (detail.n > 0)
		json_add_string(&w, "detail", detail);
	if (call != NULL && call->has_refusal)
		call_put_refusal(call, &w);
	if (call != NULL && call->mistake_count > 0) {
		json_put_key(&w, "mistakes");
		json_begin_array(&w);
		for (size_t i = 0; i < call->mistake_count; i++) {
			json_begin_object(&w);
			json_add_str(&w, "field", call->mistakes[i].field);
			if (call->mistakes[i].item.n > 0)
				json_add_string(&w, "item",
				    call->mistakes[i].item);
			json_add_string(&w, "message", call->mistakes[i].text);
			json_end_object(&w);
		}
		json_end_array(&w);
	}
	if (call != NULL && call->offer_count > 0)
		put_offers(call, &w);
	json_end_object(&w);
	json_end_object(&w);
	reply(req, status, &w, &to);
}

void
api_refuse(struct call *call, struct http_request *req, unsigned status,
    const char *code, struct slice message)
{
	refuse(call, req, status, code, message, SLICE(""));
}

static bool
add_raw(struct raw_field *raw, size_t *n, struct slice name,
    struct slice value)
{
	if (*n == RAW_MAX)
		return false;
	raw[(*n)++] = (struct raw_field){.name = name, .value = value};
	return true;
}

/* A JSON scalar as the text that the row's type reads. */
static bool
scalar_text(struct arena *a, const struct json *node, struct slice *ret)
{
	uint64_t number;
	bool flag;
	if (json_as_string(node, ret))
		return true;
	if (json_as_u64(node, &number)) {
		*ret = arena_printf(a, "%llu", (unsigned long long)number);
		return ret->p != NULL;
	}
	if (json_as_bool(node, &flag)) {
		*ret = flag ? SLICE("1") : SLICE("");
		return true;
	}
	*ret = SLICE("");
	return json_kind(node) == JSON_KIND_NULL;
}

/* {"v":{"name":"..."}} are the values v.name of a holding's items. */
static bool
add_member(struct arena *a, struct slice key, const struct json *value,
    struct raw_field *raw, size_t *n)
{
	struct slice text, item;
	const struct json *member;
	if (json_kind(value) == JSON_KIND_ARRAY) {
		for (size_t i = 0; i < json_count(value); i++)
			if (!scalar_text(a, json_item(value, i), &text) ||
			    !add_raw(raw, n, key, text))
				return false;
		return true;
	}
	if (json_kind(value) == JSON_KIND_OBJECT) {
		for (void *at = NULL; json_each(value, &at, &item, &member);) {
			struct slice name = arena_printf(a, "%.*s.%.*s",
			    SLICE_FMT(key), SLICE_FMT(item));
			if (!scalar_text(a, member, &text) ||
			    !add_raw(raw, n, name, text))
				return false;
		}
		return true;
	}
	return scalar_text(a, value, &text) && add_raw(raw, n, key, text);
}

static bool
read_inputs(struct call *call, const struct action_match *match,
    struct http_request *req, struct json *body, struct err *err)
{
	struct raw_field *raw = arena_array(call->arena, body == NULL
	    ? match->part_count + http_field_count(req) : RAW_MAX,
	    sizeof(*raw));
	size_t n = 0;
	struct http_field f;
	struct slice key;
	const struct json *value;
	bool fits = raw != NULL;
	for (size_t i = 0; fits && i < match->part_count; i++)
		fits = add_raw(raw, &n, match->parts[i].name,
		    match->parts[i].value);
	for (size_t i = 0; fits && http_field_at(req, i, &f); i++) {
		fits = add_raw(raw, &n, f.name, f.value);
		if (fits) {
			raw[n - 1].file_name = f.file_name;
			raw[n - 1].is_file = f.is_file;
		}
	}
	for (void *at = NULL; fits && json_each(body, &at, &key, &value);)
		fits = add_member(call->arena, key, value, raw, &n);
	if (!fits)
		return ERR(err, ERR_INPUT, "inputs: at most %d, each a text, "
		    "number, flag, list or object of these", RAW_MAX);
	return call_bind(call, raw, n, err);
}

static bool
run(struct call *call, const struct action_match *match,
    struct http_request *req, struct err *err)
{
	struct slice text = http_body(req);
	struct json *body SCOPED(json_close_scoped) = NULL;
	if (text.n > 0) {
		body = json_open(text, API_BODY_MAX_BYTES, err);
		if (body == NULL)
			return false;
		if (json_kind(body) != JSON_KIND_OBJECT)
			return ERR(err, ERR_INPUT, "the body is no object");
	}
	return read_inputs(call, match, req, body, err) && call_run(call, err);
}

void
api_answer(struct call *call, const struct action_match *match,
    struct http_request *req)
{
	struct err err = ERR_INIT;
	call->action = match->action;
	if (!run(call, match, req, &err)) {
		struct slice message = call_explain(call, &err);
		/* for programmers; error texts never hold a person's data */
		struct slice detail = err.code == ERR_INPUT ||
		    err.code == ERR_LIMIT ? slice_of(err.text) : SLICE("");
		refuse(call, req, codes[err.code].status,
		    codes[err.code].code, message, detail);
		return;
	}
	if (call->action->gives_file) {
		http_reply_file(req, call->attachment, call->content_type,
		    &call->content);
		return;
	}
	struct buf to = buf_of(REPLY_MAX_BYTES);
	struct json_writer w = json_writer_of(&to);
	out_json(call->out, &w);
	reply(req, 200, &w, &to);
}
