#include "keeper/canon.h"

#include "base/num.h"
#include "base/text.h"

static bool value(struct slice *s, unsigned depth);

static bool
eat(struct slice *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = slice_from(*s, 1);
	return true;
}

static bool
eat_word(struct slice *s, struct slice word)
{
	if (!slice_has_prefix(*s, word))
		return false;
	*s = slice_from(*s, word.n);
	return true;
}

/* What follows a backslash: the short escapes, else \u00xx below U+0020. */
static bool
escape(struct slice *s)
{
	if (s->n == 0)
		return false;
	char c = s->p[0];
	*s = slice_from(*s, 1);
	if (c == '"' || c == '\\' || c == 'b' || c == 't' || c == 'n' ||
	    c == 'f' || c == 'r')
		return true;
	if (c != 'u' || s->n < 4)
		return false;
	uint64_t point = 0;
	if (!num_read_hex((struct slice){s->p, 4}, &point) || point >= 0x20 ||
	    (point >= 8 && point <= 13 && point != 11))
		return false;
	*s = slice_from(*s, 4);
	return true;
}

static bool
string(struct slice *s)
{
	if (!eat(s, '"'))
		return false;
	while (s->n > 0) {
		unsigned char c = (unsigned char)s->p[0];
		*s = slice_from(*s, 1);
		if (c == '"')
			return true;
		if (c < 0x20 || (c == '\\' && !escape(s)))
			return false;
	}
	return false;
}

static bool
number(struct slice *s)
{
	bool is_negative = eat(s, '-');
	size_t n = 0;
	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	if (n == 0 || n > 19 || (s->p[0] == '0' && (n > 1 || is_negative)))
		return false;
	*s = slice_from(*s, n);
	return true;
}

static bool
key(struct slice *s, struct slice *ret)
{
	if (!eat(s, '"'))
		return false;
	size_t n = slice_find(*s, '"');
	if (n == s->n)
		return false;
	*ret = (struct slice){s->p, n};
	for (size_t i = 0; i < n; i++)
		if (s->p[i] < 0x20 || s->p[i] > 0x7e || s->p[i] == '\\')
			return false;
	*s = slice_from(*s, n + 1);
	return eat(s, ':');
}

static bool
object(struct slice *s, unsigned depth)
{
	struct slice last = SLICE_NONE;
	if (!eat(s, '{'))
		return false;
	if (eat(s, '}'))
		return true;
	do {
		struct slice now;
		if (!key(s, &now) ||
		    (last.p != NULL && slice_compare(last, now) >= 0) ||
		    !value(s, depth))
			return false;
		last = now;
	} while (eat(s, ','));
	return eat(s, '}');
}

static bool
array(struct slice *s, unsigned depth)
{
	if (!eat(s, '['))
		return false;
	if (eat(s, ']'))
		return true;
	do {
		if (!value(s, depth))
			return false;
	} while (eat(s, ','));
	return eat(s, ']');
}

static bool
value(struct slice *s, unsigned depth)
{
	if (s->n == 0 || depth == 0)
		return false;
	switch (s->p[0]) {
	case '{':
		return object(s, depth - 1);
	case '[':
		return array(s, depth - 1);
	case '"':
		return string(s);
	case 't':
		return eat_word(s, SLICE("true"));
	case 'f':
		return eat_word(s, SLICE("false"));
	case 'n':
		return eat_word(s, SLICE("null"));
	default:
		return number(s);
	}
}

bool
canon_is_object(struct slice s)
{
	struct slice rest = s;
	return s.n > 0 && s.p[0] == '{' && value(&rest, CANON_DEPTH_MAX) &&
	    rest.n == 0 && text_is_utf8(s);
}

bool
canon_next(struct slice *rest, struct slice *ret_key, struct slice *ret_value)
{
	struct slice s = *rest;
	if (!eat(&s, '{') && !eat(&s, ','))
		return false;
	if (!key(&s, ret_key))
		return false;
	ret_value->p = s.p;
	if (!value(&s, CANON_DEPTH_MAX))
		return false;
	ret_value->n = (size_t)(s.p - ret_value->p);
	*rest = s;
	return true;
}

bool
canon_get(struct slice o, const char *name, struct slice *ret)
{
	struct slice k, v;
	while (canon_next(&o, &k, &v)) {
		if (!slice_is(k, name))
			continue;
		if (v.n >= 2 && v.p[0] == '"')
			v = (struct slice){v.p + 1, v.n - 2};
		*ret = v;
		return true;
	}
	return false;
}

bool
canon_get_hex(struct slice o, const char *name, uint64_t *ret)
{
	struct slice v;
	return canon_get(o, name, &v) && num_read_hex(v, ret);
}

bool
canon_get_number(struct slice o, const char *name, uint64_t *ret)
{
	struct slice v;
	return canon_get(o, name, &v) && num_read_u64(v, UINT64_MAX, ret);
}
