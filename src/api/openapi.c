/*
 * The OpenAPI 3.1 text, from the table alone. Beside what the standard knows,
 * x-who tells who may call an operation, and x-rights which rights of an office
 * let in, any one of them.
 */
#include "api/api.h"
#include "base/json.h"

static const char *
type_of(enum field_type t)
{
	return t == FIELD_NUMBER ? "integer" : t == FIELD_FLAG ? "boolean"
	    : t == FIELD_VALUES ? "object" : "string";
}

static void
put_schema(struct json_writer *w, const struct field *f)
{
	json_begin_object(w);
	json_add_str(w, "type", type_of(f->type));
	json_add_str(w, "description", word_text(f->label, LANG_EN));
	switch (f->type) {
	case FIELD_NUMBER:
		json_add_u64(w, "minimum", 0);
		json_add_u64(w, "maximum", f->max);
		break;
	case FIELD_ID:
		json_add_str(w, "pattern", "^[0-9a-f]{16}$");
		break;
	case FIELD_DATE:
		json_add_str(w, "format", "date");
		break;
	case FIELD_CASE:
		json_add_str(w, "pattern", "^[0-9A-Za-z/.-]*$");
		json_add_u64(w, "maxLength", f->max);
		break;
	case FIELD_KEY:
		json_add_str(w, "pattern", "^[a-z0-9._-]*$");
		json_add_u64(w, "maxLength", f->max);
		break;
	case FIELD_CHOICE:
		json_put_key(w, "enum");
		json_begin_array(w);
		for (const char *const *c = f->choices; *c != NULL; c++)
			json_put_str(w, *c);
		json_end_array(w);
		break;
	case FIELD_SECRET:
		json_add_str(w, "format", "password");
		json_add_u64(w, "maxLength", f->max);
		break;
	case FIELD_FILE:
		json_add_str(w, "contentMediaType", "application/octet-stream");
		break;
	case FIELD_VALUES:
		json_put_key(w, "additionalProperties");
		json_begin_object(w);
		json_add_str(w, "type", "string");
		json_add_u64(w, "maxLength", f->max);
		json_end_object(w);
		break;
	case FIELD_TEXT:
	case FIELD_PROSE:
	case FIELD_KANA:
	case FIELD_PERSON:
	case FIELD_ACCOUNT:
		json_add_u64(w, "maxLength", f->max);
		break;
	case FIELD_FLAG:
	case FIELD_TYPES:
		break;
	}
	json_end_object(w);
}

static void
put_field_schema(struct json_writer *w, const struct field *f)
{
	if (!f->many) {
		put_schema(w, f);
		return;
	}
	json_begin_object(w);
	json_add_str(w, "type", "array");
	json_add_u64(w, "maxItems", field_most(f));
	json_put_key(w, "items");
	put_schema(w, f);
	json_end_object(w);
}

static bool
is_in_path(const struct action *a, const struct field *f)
{
	struct slice left = slice_of(a->path), part;
	while (slice_split(&left, '/', &part))
		if (part.n > 2 && part.p[0] == '{' &&
		    slice_is(slice_bytes(part.p + 1, part.n - 2), f->name))
			return true;
	return false;
}

static void
put_parameters(struct json_writer *w, const struct action *a)
{
	json_put_key(w, "parameters");
	json_begin_array(w);
	for (const struct field *f = a->input; f->name != NULL; f++) {
		bool in_path = is_in_path(a, f);
		if (!in_path && a->is_change)
			continue;
		json_begin_object(w);
		json_add_str(w, "name", f->name);
		json_add_str(w, "in", in_path ? "path" : "query");
		json_add_bool(w, "required", in_path || f->required);
		json_put_key(w, "schema");
		put_field_schema(w, f);
		json_end_object(w);
	}
	json_end_array(w);
}

static void
put_body(struct json_writer *w, const struct action *a)
{
	bool has_file = false;
	for (const struct field *f = a->input; f->name != NULL; f++)
		has_file |= f->type == FIELD_FILE;
	json_put_key(w, "requestBody");
	json_begin_object(w);
	json_put_key(w, "content");
	json_begin_object(w);
	json_put_key(w, has_file ? "multipart/form-data" : "application/json");
	json_begin_object(w);
	json_put_key(w, "schema");
	json_begin_object(w);
	json_add_str(w, "type", "object");
	json_put_key(w, "properties");
	json_begin_object(w);
	for (const struct field *f = a->input; f->name != NULL; f++) {
		if (is_in_path(a, f))
			continue;
		json_put_key(w, f->name);
		put_field_schema(w, f);
	}
	json_end_object(w);
	json_put_key(w, "required");
	json_begin_array(w);
	for (const struct field *f = a->input; f->name != NULL; f++)
		if (f->required && !is_in_path(a, f))
			json_put_str(w, f->name);
	json_end_array(w);
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
}

/* How a value of an answer stands in its JSON: out_json(). */
static const struct {
	const char *type, *format, *pattern;
} shown_as[] = {
    [OUT_TEXT] = {.type = "string"},
    [OUT_NUMBER] = {.type = "integer"},
    [OUT_FLAG] = {.type = "boolean"},
    [OUT_ID] = {.type = "string", .pattern = "^[0-9a-f]{16}$"},
    [OUT_TIME] = {.type = "string", .format = "date-time"},
    [OUT_UNTIL] = {.type = "string", .format = "date-time"},
    [OUT_DATE] = {.type = "string", .format = "date"},
    [OUT_OBJECT] = {.type = "object"},
    [OUT_LIST] = {.type = "array"},
};

static void put_members(struct json_writer *w, const struct result *all,
    struct slice in);

static void
put_result(struct json_writer *w, const struct result *all,
    const struct result *r)
{
	json_begin_object(w);
	json_add_str(w, "type", shown_as[r->kind].type);
	if (shown_as[r->kind].format != NULL)
		json_add_str(w, "format", shown_as[r->kind].format);
	if (shown_as[r->kind].pattern != NULL)
		json_add_str(w, "pattern", shown_as[r->kind].pattern);
	if (r->kind == OUT_LIST) {
		json_put_key(w, "items");
		json_begin_object(w);
		json_add_str(w, "type", "object");
	}
	if (r->kind == OUT_LIST || r->kind == OUT_OBJECT)
		put_members(w, all, slice_of(r->path));
	if (r->kind == OUT_LIST)
		json_end_object(w);
	json_end_object(w);
}

/* What stands directly in an object, by its path; "": in the answer. */
static void
put_members(struct json_writer *w, const struct result *all, struct slice in)
{
	json_put_key(w, "properties");
	json_begin_object(w);
	for (const struct result *r = all; r->path != NULL; r++) {
		struct slice name = slice_of(r->path);
		if (in.n > 0) {
			if (!slice_has_prefix(name, in) || name.n <= in.n ||
			    name.p[in.n] != '.')
				continue;
			name = slice_from(name, in.n + 1);
		}
		if (slice_find(name, '.') < name.n)
			continue;
		json_put_key(w, name.p);
		put_result(w, all, r);
	}
	json_end_object(w);
	json_add_bool(w, "additionalProperties", false);
}

static void
put_who(struct json_writer *w, const struct action *a)
{
	static const char *const names[] = {
	    [WHO_ANYONE] = "anyone", [WHO_SESSION] = "session",
	    [WHO_RIGHT] = "right", [WHO_GRANT] = "grant",
	    [WHO_MACHINE] = "machine"};
	json_add_str(w, "x-who", names[a->who]);
	json_put_key(w, "x-rights");
	json_begin_array(w);
	for (unsigned right = 0; right < RIGHTS_END; right++)
		if ((a->rights & RIGHT_BIT(right)) != 0)
			json_put_str(w, right_name(right));
	json_end_array(w);
}

static void
put_response(struct json_writer *w, const char *status, const char *text,
    const char *type, const char *schema, const struct result *output)
{
	json_put_key(w, status);
	json_begin_object(w);
	json_add_str(w, "description", text);
	json_put_key(w, "content");
	json_begin_object(w);
	json_put_key(w, type);
	json_begin_object(w);
	json_put_key(w, "schema");
	json_begin_object(w);
	if (schema != NULL) {
		json_add_str(w, "$ref", schema);
	} else if (output != NULL) {
		json_add_str(w, "type", "object");
		put_members(w, output, SLICE(""));
	}
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
}

static void
put_operation(struct json_writer *w, const struct action *a)
{
	static const char error[] = "#/components/schemas/Error";
	static const char json_type[] = "application/json";
	json_put_key(w, a->is_change ? "post" : "get");
	json_begin_object(w);
	json_add_str(w, "operationId", a->name);
	json_add_str(w, "summary", word_text(a->title, LANG_EN));
	json_add_str(w, "description", word_text(a->help, LANG_EN));
	put_who(w, a);
	put_parameters(w, a);
	if (a->is_change)
		put_body(w, a);
	if (a->who == WHO_ANYONE) {
		json_put_key(w, "security");
		json_begin_array(w);
		json_end_array(w);
	}
	json_put_key(w, "responses");
	json_begin_object(w);
	put_response(w, "200", "Done", a->gives_file
	    ? "application/octet-stream" : json_type, NULL,
	    a->gives_file ? NULL : a->output);
	put_response(w, "401", "Log on first", json_type, error, NULL);
	put_response(w, "403", "Refused, with the article", json_type, error,
	    NULL);
	put_response(w, "422", "Inputs are wrong", json_type, error, NULL);
	json_end_object(w);
	json_end_object(w);
}

static void
put_error_schema(struct json_writer *w)
{
	static const char *const names[] = {"code", "message", "article",
	    "ask"};
	json_put_key(w, "Error");
	json_begin_object(w);
	json_add_str(w, "type", "object");
	json_put_key(w, "properties");
	json_begin_object(w);
	json_put_key(w, "error");
	json_begin_object(w);
	json_add_str(w, "type", "object");
	json_put_key(w, "properties");
	json_begin_object(w);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		json_put_key(w, names[i]);
		json_begin_object(w);
		json_add_str(w, "type", "string");
		json_end_object(w);
	}
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
}

static void
put_paths(struct json_writer *w)
{
	json_put_key(w, "paths");
	json_begin_object(w);
	for (size_t i = 0; i < action_count; i++) {
		const struct action *a = actions[i];
		bool is_first = a->who != WHO_MACHINE;
		for (size_t j = 0; j < i && is_first; j++)
			is_first = strcmp(actions[j]->path, a->path) != 0;
		if (!is_first)
			continue;
		json_put_key(w, a->path);
		json_begin_object(w);
		for (size_t j = i; j < action_count; j++)
			if (strcmp(actions[j]->path, a->path) == 0)
				put_operation(w, actions[j]);
		json_end_object(w);
	}
	json_end_object(w);
}

void
api_openapi(struct buf *to)
{
	struct json_writer w = json_writer_of(to);
	struct slice text;
	json_begin_object(&w);
	json_add_str(&w, "openapi", "3.1.0");
	json_put_key(&w, "info");
	json_begin_object(&w);
	json_add_str(&w, "title", "Fumikura");
	json_add_str(&w, "version", "1");
	json_end_object(&w);
	json_put_key(&w, "servers");
	json_begin_array(&w);
	json_begin_object(&w);
	json_add_str(&w, "url", API_PREFIX);
	json_end_object(&w);
	json_end_array(&w);
	json_put_key(&w, "security");
	json_begin_array(&w);
	json_begin_object(&w);
	json_put_key(&w, "session");
	json_begin_array(&w);
	json_end_array(&w);
	json_end_object(&w);
	json_end_array(&w);
	put_paths(&w);
	json_put_key(&w, "components");
	json_begin_object(&w);
	json_put_key(&w, "securitySchemes");
	json_begin_object(&w);
	json_put_key(&w, "session");
	json_begin_object(&w);
	json_add_str(&w, "type", "http");
	json_add_str(&w, "scheme", "bearer");
	json_end_object(&w);
	json_end_object(&w);
	json_put_key(&w, "schemas");
	json_begin_object(&w);
	put_error_schema(&w);
	json_end_object(&w);
	json_end_object(&w);
	json_end_object(&w);
	if (!json_finish(&w, &text, NULL))
		to->failed = true;
}
