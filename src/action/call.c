#include <stdarg.h>

#include "action/action.h"
#include "action/named.h"
#include "base/must.h"

static const struct field *
field_of(const struct call *call, const char *name)
{
	for (const struct field *f = call->action->input; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	must_fail("the row has this input", call->action->name, 0);
}

const struct value *
call_nth(const struct call *call, const char *name, size_t nth)
{
	const struct field *f = field_of(call, name);
	for (size_t i = 0; i < call->value_count; i++)
		if (call->values[i].field == f && nth-- == 0)
			return &call->values[i];
	return NULL;
}

bool
call_has(const struct call *call, const char *name)
{
	return call_nth(call, name, 0) != NULL;
}

struct slice
call_text(const struct call *call, const char *name)
{
	const struct value *v = call_nth(call, name, 0);
	return v == NULL ? SLICE("") : v->text;
}

uint64_t
call_id(const struct call *call, const char *name)
{
	const struct value *v = call_nth(call, name, 0);
	return v == NULL ? 0 : v->number;
}

uint64_t
call_number(const struct call *call, const char *name, uint64_t otherwise)
{
	const struct value *v = call_nth(call, name, 0);
	return v == NULL ? otherwise : v->number;
}

struct slice
call_typed(const struct call *call, const char *name, struct slice item)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < call->raw_count; i++) {
		struct slice given = call->raw[i].name;
		if (given.n > n && given.p[n] == '.' &&
		    slice_has_prefix(given, slice_of(name)) &&
		    slice_is_equal(slice_from(given, n + 1), item))
			return call->raw[i].value.n > 0 ? call->raw[i].value
			    : SLICE("");
	}
	return SLICE_NONE;
}

/* {0} to {3} of a word's text, filled. */
static struct slice
fill(struct arena *a, enum word word, enum lang lang, va_list ap)
{
	struct slice args[4], text = slice_of(word_text(word, lang));
	size_t n_args = 0, n = 0;
	for (size_t i = 0; i + 2 < text.n; i++)
		if (text.p[i] == '{' && text.p[i + 2] == '}' &&
		    (size_t)(text.p[i + 1] - '0') < 4 &&
		    (size_t)(text.p[i + 1] - '0') >= n_args)
			n_args = (size_t)(text.p[i + 1] - '0') + 1;
	for (size_t i = 0; i < n_args; i++)
		args[i] = va_arg(ap, struct slice);
	for (int pass = 0; pass < 2; pass++) {
		char *to = NULL;
		if (pass == 1 && (to = arena_alloc(a, n + 1)) == NULL)
			return SLICE_NONE;
		n = 0;
		for (size_t i = 0; i < text.n; i++) {
			struct slice part = {text.p + i, 1};
			if (i + 2 < text.n && text.p[i] == '{' &&
			    text.p[i + 2] == '}' &&
			    (size_t)(text.p[i + 1] - '0') < n_args) {
				part = args[text.p[i + 1] - '0'];
				i += 2;
			}
			if (to != NULL && part.n > 0)
				memcpy(to + n, part.p, part.n);
			n += part.n;
		}
		if (to != NULL)
			return slice_bytes(to, n);
	}
	return SLICE_NONE;
}

struct slice
call_word(const struct call *call, enum word word, ...)
{
	va_list ap;
	va_start(ap, word);
	struct slice s = fill(call->arena, word, call->lang, ap);
	va_end(ap);
	return s;
}

bool
call_mistake(struct call *call, struct err *err, const char *field,
    enum word word, ...)
{
	va_list ap;
	va_start(ap, word);
	struct slice s = fill(call->arena, word, call->lang, ap);
	va_end(ap);
	if (call->mistake_count < sizeof(call->mistakes) /
	    sizeof(call->mistakes[0]))
		call->mistakes[call->mistake_count++] =
		    (struct mistake){.field = field_of(call, field)->name,
		        .text = s};
	return ERR(err, ERR_INPUT, "%s: %s is wrong", call->action->name,
	    field);
}

bool
call_fail(struct call *call, struct err *err, enum err_code code,
    enum word word, ...)
{
	va_list ap;
	va_start(ap, word);
	call->message = fill(call->arena, word, call->lang, ap);
	va_end(ap);
	return ERR(err, code, "%s: %.*s", call->action->name,
	    SLICE_FMT(call->message));
}

bool
call_refuse(struct call *call, struct err *err, enum err_code code,
    const struct decision *refusal)
{
	call->refusal = *refusal;
	call->has_refusal = true;
	/* a missing second factor is no missing session, a purpose that the
	 * holding does not have is no slip of the pen */
	bool is_plain = code == ERR_LOGON || code == ERR_INPUT;
	return ERR(err, is_plain ? ERR_DENIED : code, "%s: refused",
	    call->action->name);
}

/* Before the guard's finer questions: log-on, and the office's rights. */
static bool
check_who(struct call *call, struct err *err)
{
	const struct action *a = call->action;
	switch (a->who) {
	case WHO_ANYONE:
	case WHO_MACHINE:
		return true;
	case WHO_SESSION:
	case WHO_GRANT:
	case WHO_RIGHT:
		break;
	}
	if (call->visitor == NULL)
		return call_fail(call, err, ERR_LOGON, WORD_ERROR_LOGON);
	if (a->who == WHO_RIGHT && (call->visitor->rights & a->rights) == 0)
		return call_fail(call, err, ERR_DENIED, WORD_ERROR_NO_RIGHT);
	return true;
}

bool
call_may(const struct call *call, const struct action *action)
{
	if (action->who == WHO_ANYONE)
		return true;
	if (call->visitor == NULL || action->who == WHO_MACHINE)
		return false;
	return action->who != WHO_RIGHT ||
	    (call->visitor->rights & action->rights) != 0;
}

static bool
check_answer(struct call *call, bool worked, struct err *err)
{
	if (!worked)
		return false;
	if (arena_is_failed(call->arena))
		return ERR(err, ERR_LIMIT, "%s: the answer is too large",
		    call->action->name);
	return true;
}

bool
call_run(struct call *call, struct err *err)
{
	call->out = out_root(call->arena);
	return check_who(call, err) && call_find_named(call, err) &&
	    check_answer(call, call->action->run(call, err), err);
}

bool
call_prepare(struct call *call, struct err *err)
{
	call->out = out_root(call->arena);
	struct err ignored = ERR_INIT; /* nothing was sent yet, or it is told */
	if (!check_who(call, err))
		return false;
	(void)!call_find_named(call, &ignored);
	return call->action->prepare == NULL ||
	    check_answer(call, call->action->prepare(call, err), err);
}
