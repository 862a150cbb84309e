/*
 * Inputs from outside against the row: type, limit, presence. All mistakes
 * are collected, so that a person mends them in one go.
 */
#include <string.h>

#include "action/action.h"
#include "base/fold.h"
#include "base/must.h"
#include "base/num.h"
#include "base/text.h"

static const struct field *
field_for(const struct action *a, struct slice name, struct slice *ret_item)
{
	for (const struct field *f = a->input; f->name != NULL; f++) {
		if (f->type == FIELD_VALUES) {
			struct slice head = slice_of(f->name);
			if (name.n > head.n + 1 && name.p[head.n] == '.' &&
			    slice_has_prefix(name, head)) {
				*ret_item = slice_from(name, head.n + 1);
				return f;
			}
		} else if (slice_is(name, f->name)) {
			return f;
		}
	}
	return NULL;
}

static bool
is_of(struct slice s, const char *allowed)
{
	for (size_t i = 0; i < s.n; i++)
		if (memchr(allowed, s.p[i], strlen(allowed)) == NULL)
			return false;
	return true;
}

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool
is_choice(const struct field *f, struct slice s)
{
	for (const char *const *c = f->choices; *c != NULL; c++)
		if (slice_is(s, *c))
			return true;
	return false;
}

/* Digits that people type full width are read as what they mean. */
static struct slice
plain_digits(struct call *call, struct slice s)
{
	struct buf to = buf_of(1024);
	fold_digits(s, &to);
	struct slice copy = arena_copy(call->arena, (struct slice){to.p, to.n});
	buf_close(&to);
	return copy;
}

static bool
read_date(struct slice s, uint64_t *ret)
{
	struct date d;
	if (!date_read(s, &d, NULL))
		return false;
	*ret = (uint64_t)d.year * 10000 + d.month * 100u + d.day;
	return true;
}

/* WORD_NONE when the value is fine; else what is wrong with it. */
static enum word
check_value(struct call *call, const struct field *f, struct value *v)
{
	if (f->type != FIELD_FILE && f->type != FIELD_NUMBER && f->max > 0 &&
	    v->text.n > f->max)
		return WORD_MISTAKE_TOO_LONG;
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_SECRET:
	case FIELD_PERSON:
	case FIELD_ACCOUNT:
		return text_is_clean(v->text, false) ? WORD_NONE
		                                     : WORD_MISTAKE_TEXT;
	case FIELD_PROSE:
	case FIELD_VALUES: /* whose own type says more */
		return text_is_clean(v->text, true) ? WORD_NONE
		                                    : WORD_MISTAKE_TEXT;
	case FIELD_KANA:
		return text_is_clean(v->text, false) ? WORD_NONE
		                                     : WORD_MISTAKE_KANA;
	case FIELD_ID:
		return num_read_hex(v->text, &v->number) && v->number != 0 &&
		    v->number >> 63 == 0 ? WORD_NONE : WORD_MISTAKE_ID;
	case FIELD_NUMBER:
		v->text = plain_digits(call, v->text);
		return num_read_u64(v->text, f->max, &v->number)
		    ? WORD_NONE : WORD_MISTAKE_NUMBER;
	case FIELD_DATE:
		return v->text.n <= DATE_TEXT_BYTES_MAX &&
		    read_date(v->text, &v->number) ? WORD_NONE
		                                   : WORD_MISTAKE_DATE;
	case FIELD_FLAG:
		v->number = 1;
		return slice_is(v->text, "1") ? WORD_NONE : WORD_MISTAKE_CHOICE;
	case FIELD_CHOICE:
		return is_choice(f, v->text) ? WORD_NONE : WORD_MISTAKE_CHOICE;
	case FIELD_KEY:
		return is_of(v->text, LOWER DIGITS "._-") ? WORD_NONE
		                                          : WORD_MISTAKE_KEY;
	case FIELD_CASE:
		return is_of(v->text, LOWER UPPER DIGITS "/.-")
		    ? WORD_NONE : WORD_MISTAKE_CASE;
	case FIELD_FILE:
		return v->bytes.n <= f->max ? WORD_NONE
		                            : WORD_MISTAKE_TOO_LARGE;
	case FIELD_TYPES:
		break;
	}
	must(false);
	return WORD_NONE;
}

/* `what` is wrong: the field, or one of the texts of a list. */
static void
add_mistake(struct call *call, enum word word, const struct field *f,
    struct slice what)
{
	if (call->mistake_count == sizeof(call->mistakes) /
	    sizeof(call->mistakes[0]))
		return;
	struct slice limit = arena_printf(call->arena, "%llu",
	    word == WORD_MISTAKE_TOO_MANY ? field_most(f)
	        : (unsigned long long)f->max);
	call->mistakes[call->mistake_count++] = (struct mistake){
	    .field = f->name,
	    .text = call_word(call, word, what, limit),
	};
}

static struct slice
label_of(const struct call *call, const struct field *f)
{
	return slice_of(word_text(f->label, call->lang));
}

/* Whom a text fits may be settled by an id beside it (action/named.h). */
static bool
is_person(const struct field *f)
{
	return f->type == FIELD_PERSON || f->type == FIELD_ACCOUNT;
}

/* Dates and persons: one a line, or with commas between them. */
static bool
is_list(const struct field *f)
{
	return f->many && (f->type == FIELD_DATE || is_person(f));
}

static size_t
count_of(const struct call *call, const struct field *f)
{
	size_t n = 0;
	for (size_t i = 0; i < call->value_count; i++)
		n += call->values[i].field == f;
	return n;
}

/* One more value of the field; false: there are too many already. */
static bool
bind_value(struct call *call, struct value *v, struct slice item)
{
	const struct field *f = v->field;
	size_t most = field_most(f) + (is_person(f) && !f->many);
	size_t before = call->mistake_count;
	if (f->type != FIELD_VALUES && count_of(call, f) >= most) {
		for (size_t i = 0; i < before; i++)
			if (call->mistakes[i].field == f->name)
				return false;
		add_mistake(call, f->many ? WORD_MISTAKE_TOO_MANY
		    : WORD_MISTAKE_TWICE, f, label_of(call, f));
		return false;
	}
	enum word wrong = check_value(call, f, v);
	if (wrong != WORD_NONE)
		add_mistake(call, wrong, f, is_list(f) &&
		    text_is_clean(v->text, false) ? v->text
		    : label_of(call, f));
	if (call->mistake_count > before)
		call->mistakes[before].item = item;
	if (wrong == WORD_NONE)
		call->values[call->value_count++] = *v;
	return true;
}

/* Bytes of the mark that s begins with; 0: none. */
static size_t
mark_of(struct slice s)
{
	static const char *const marks[] = {"\n", ",", "、", "，"};
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (slice_has_prefix(s, slice_of(marks[i])))
			return strlen(marks[i]);
	return 0;
}

static bool
take_part(struct slice *left, struct slice *ret)
{
	size_t end = 0;
	if (left->n == 0)
		return false;
	while (end < left->n && mark_of(slice_from(*left, end)) == 0)
		end++;
	*ret = slice_trim(slice_bytes(left->p, end));
	*left = slice_from(*left, end + mark_of(slice_from(*left, end)));
	return true;
}

static void
bind_list(struct call *call, const struct field *f, struct slice left)
{
	struct slice part;
	bool has_room = true;
	while (has_room && take_part(&left, &part)) {
		struct value v = {.field = f, .text = part};
		if (v.text.n > 0)
			has_room = bind_value(call, &v, SLICE_NONE);
	}
}

static void
bind_one(struct call *call, const struct raw_field *raw)
{
	struct value v = {.text = raw->value};
	struct slice item = SLICE_NONE;
	const struct field *f = field_for(call->action, raw->name, &item);
	/* unknown names are a face's own (csrf, lang ...); an item's value
	 * that is given empty clears it */
	if (f == NULL || (raw->value.n == 0 && f->type != FIELD_VALUES))
		return;
	if (raw->is_file != (f->type == FIELD_FILE)) {
		add_mistake(call, WORD_MISTAKE_TEXT, f, label_of(call, f));
		return;
	}
	if (raw->is_file) {
		v.bytes = raw->value;
		v.text = raw->file_name;
	}
	v.field = f;
	v.name = raw->is_file ? raw->file_name : item;
	if (is_list(f))
		bind_list(call, f, raw->value);
	else
		(void)bind_value(call, &v, item);
}

/* Lists and boxes are chosen from, not typed in. */
static enum word
missing_word(const struct field *f)
{
	bool is_chosen = f->type == FIELD_ID || f->type == FIELD_KEY ||
	    f->type == FIELD_CHOICE || f->type == FIELD_FILE;
	return f->type == FIELD_FLAG ? WORD_MISTAKE_UNTICKED
	    : is_chosen ? WORD_MISTAKE_UNCHOSEN : WORD_MISTAKE_MISSING;
}

/* A list is one input and several values; as many as the field takes. */
static size_t
room_for(const struct call *call, const struct raw_field *raw, size_t n)
{
	struct slice item;
	size_t room = n;
	for (size_t i = 0; i < n; i++) {
		const struct field *f =
		    field_for(call->action, raw[i].name, &item);
		if (f != NULL && is_list(f))
			room += field_most(f);
	}
	return room;
}

bool
call_bind(struct call *call, const struct raw_field *raw, size_t n,
    struct err *err)
{
	call->value_count = 0;
	call->mistake_count = 0;
	call->raw = raw;
	call->raw_count = n;
	if (n > CALL_VALUES_MAX)
		return ERR(err, ERR_LIMIT, "more than %d inputs",
		    CALL_VALUES_MAX);
	call->values = arena_array(call->arena, room_for(call, raw, n),
	    sizeof(*call->values));
	if (call->values == NULL)
		return ERR(err, ERR_LIMIT, "request too large");
	for (size_t i = 0; i < n; i++)
		bind_one(call, &raw[i]);
	size_t wrong = call->mistake_count;
	for (const struct field *f = call->action->input; f->name != NULL;
	     f++) {
		bool is_there = call_has(call, f->name);
		for (size_t i = 0; i < wrong && !is_there; i++)
			is_there = call->mistakes[i].field == f->name;
		if (f->required && !is_there)
			add_mistake(call, missing_word(f), f,
			    label_of(call, f));
	}
	if (call->mistake_count > 0)
		return ERR(err, ERR_INPUT, "%s: %zu inputs are wrong",
		    call->action->name, call->mistake_count);
	if (arena_is_failed(call->arena))
		return ERR(err, ERR_LIMIT, "request too large");
	return true;
}
