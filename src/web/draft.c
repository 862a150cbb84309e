#include "web/draft.h"

#include <string.h>

enum { DRAFT_FIELDS_MAX = 256 };

struct slice
draft_token(struct call *call)
{
	char mark[DOOR_MARK_DIGITS + 1];
	door_draft_mark(call->door, call->visitor, mark);
	return arena_printf(call->arena, "%s.%s", call->visitor->form_token,
	    mark);
}

/* ---- sealing ---- */

static void
put_part(struct slice s, struct buf *to)
{
	uint32_t n = (uint32_t)s.n;
	buf_add_bytes(to, (const char *)&n, sizeof(n));
	buf_add(to, s);
}

static bool
is_secret(const struct action *action, struct slice name)
{
	for (const struct field *f = action->input; f->name != NULL; f++)
		if (slice_is(name, f->name))
			return f->type == FIELD_SECRET ||
			    f->type == FIELD_FILE;
	return false;
}

struct slice
draft_seal(struct call *call, struct slice token, struct slice path,
    const struct raw_field *raw, size_t n)
{
	struct action_match match;
	bool known;
	size_t cut = slice_find(token, '.');
	if (cut == token.n || !action_match(true, path, &match, &known) ||
	    match.action->page == NULL || match.action->who == WHO_ANYONE)
		return SLICE("");
	struct buf plain = buf_of(512 * 1024), hex = buf_of(1024 * 1024);
	put_part(path, &plain);
	for (size_t i = 0; i < n; i++) {
		if (raw[i].is_file || slice_is(raw[i].name, "token") ||
		    is_secret(match.action, raw[i].name))
			continue;
		put_part(raw[i].name, &plain);
		put_part(raw[i].value, &plain);
	}
	bool worked = !plain.failed && door_draft_seal(call->door,
	    slice_from(token, cut + 1), slice_bytes(plain.p, plain.n), &hex) &&
	    !hex.failed;
	struct slice sealed = worked
	    ? arena_copy(call->arena, slice_bytes(hex.p, hex.n)) : SLICE("");
	buf_close(&plain);
	buf_close(&hex);
	return sealed;
}

/* ---- opening ---- */

static bool
take_part(struct slice *left, struct slice *ret)
{
	uint32_t n;
	if (left->n < sizeof(n))
		return false;
	memcpy(&n, left->p, sizeof(n));
	if (left->n - sizeof(n) < n)
		return false;
	*ret = slice_bytes(left->p + sizeof(n), n);
	*left = slice_from(*left, sizeof(n) + n);
	return true;
}

bool
draft_open(struct call *call, struct slice sealed, struct slice *ret_path,
    struct raw_field **ret, size_t *ret_n)
{
	struct slice left;
	*ret_n = 0;
	if (call->visitor == NULL || sealed.n == 0 ||
	    !door_draft_open(call->door, call->visitor, sealed, &left) ||
	    !take_part(&left, ret_path))
		return false;
	*ret = arena_array(call->arena, DRAFT_FIELDS_MAX, sizeof(**ret));
	while (*ret != NULL && *ret_n < DRAFT_FIELDS_MAX && left.n > 0) {
		struct raw_field *f = &(*ret)[(*ret_n)++];
		if (!take_part(&left, &f->name) ||
		    !take_part(&left, &f->value))
			return false;
	}
	return *ret != NULL && left.n == 0;
}
