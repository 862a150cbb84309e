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

static void
add_mistake(struct call *call, const char *field, enum word word,
    const struct field *f)
{
	if (call->mistake_count == sizeof(call->mistakes) /
	    sizeof(call->mistakes[0]))
		return;
	struct slice limit = arena_printf(call->arena, "%llu",
	    f == NULL ? 0 : (unsigned long long)f->max);
	call->mistakes[call->mistake_count++] = (struct mistake){
	    .field = field,
	    .text = call_word(call, word,
	        f == NULL ? SLICE("") : slice_of(word_text(f->label,
	            call->lang)), limit),
	};
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
		add_mistake(call, f->name, WORD_MISTAKE_TEXT, f);
		return;
	}
	if (raw->is_file) {
		v.bytes = raw->value;
		v.text = raw->file_name;
	}
	v.field = f;
	v.name = raw->is_file ? raw->file_name : item;
	if (!f->many && f->type != FIELD_VALUES && call_has(call, f->name)) {
		add_mistake(call, f->name, WORD_MISTAKE_TWICE, f);
		return;
	}
	enum word wrong = check_value(call, f, &v);
	size_t before = call->mistake_count;
	if (wrong != WORD_NONE)
		add_mistake(call, f->name, wrong, f);
	if (call->mistake_count > before)
		call->mistakes[before].item = item;
	if (wrong == WORD_NONE)
		call->values[call->value_count++] = v;
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
	call->values = arena_array(call->arena, n, sizeof(*call->values));
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
			add_mistake(call, f->name, missing_word(f), f);
	}
	if (call->mistake_count > 0)
		return ERR(err, ERR_INPUT, "%s: %zu inputs are wrong",
		    call->action->name, call->mistake_count);
	if (arena_is_failed(call->arena))
		return ERR(err, ERR_LIMIT, "request too large");
	return true;
}
