/*
 * References as an official reads them: "art4-2.1(3)" becomes
 * 第4条の2第1項第3号 where articles are numbered, "4(2)①" stays as printed
 * in an item list. The words around the number come from the pack.
 */
#include "base/buf.h"
#include "regulation/pack.h"

enum { LABEL_MAX_BYTES = 1200 };

struct marker {
	const char *mark; /* what stands behind the dot, before a number */
	const char *alone, *before, *after;
};

/* Marks that the reference adds to the number of a provision. */
static const struct marker markers[] = {
	{"s", "", "（その", "）"}, /* a further demand of the same unit */
	{"but", "ただし書", "ただし書", ""},
	{"note", "注", "注", ""},
	{"ex", "例", "例", ""},
};

static bool
is_digit(struct slice s)
{
	return s.n > 0 && s.p[0] >= '0' && s.p[0] <= '9';
}

/* Takes the digits at the front off *s. */
static struct slice
take_digits(struct slice *s)
{
	struct slice digits = {s->p, 0};
	while (digits.n < s->n && s->p[digits.n] >= '0' &&
	    s->p[digits.n] <= '9')
		digits.n++;
	*s = slice_from(*s, digits.n);
	return digits;
}

/* ".s2", ".but", ".note1": *s stands behind the dot. */
static bool
add_marker(struct buf *b, struct slice *s)
{
	for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++) {
		const struct marker *m = &markers[i];
		if (!slice_has_prefix(*s, slice_of(m->mark)))
			continue;
		struct slice rest = slice_from(*s, strlen(m->mark));
		struct slice digits = take_digits(&rest);
		if (rest.n > 0 && rest.p[0] != '.')
			continue;
		buf_add_str(b, digits.n > 0 ? m->before : m->alone);
		buf_add(b, digits);
		buf_add_str(b, digits.n > 0 ? m->after : "");
		*s = rest;
		return true;
	}
	return false;
}

/* "(3)" as 第3号. */
static bool
add_paren(struct buf *b, struct slice *s)
{
	struct slice rest = slice_from(*s, 1);
	struct slice digits = take_digits(&rest);
	if (digits.n == 0 || rest.n == 0 || rest.p[0] != ')')
		return false;
	buf_add_str(b, "第");
	buf_add(b, digits);
	buf_add_str(b, "号");
	*s = slice_from(rest, 1);
	return true;
}

/* What follows the first number, piece by piece. */
static void
add_rest(struct buf *b, enum pack_style style, struct slice s)
{
	while (s.n > 0) {
		struct slice behind = slice_from(s, 1);
		if (s.p[0] == '.' && add_marker(b, &behind)) {
			s = behind;
			continue;
		}
		if (s.p[0] == '.' && style == PACK_STYLE_ARTICLE &&
		    is_digit(behind)) {
			buf_add_str(b, "第");
			buf_add(b, take_digits(&behind));
			buf_add_str(b, "項");
			s = behind;
			continue;
		}
		if (s.p[0] == '(' && style == PACK_STYLE_ARTICLE &&
		    add_paren(b, &s))
			continue;
		buf_add_byte(b, (uint8_t)s.p[0]);
		s = behind;
	}
}

/* The label with the number in it: 第4条, then の2 of "4-2". */
static void
add_number(struct buf *b, const struct pack_numbering *n, struct slice *s)
{
	struct slice label = n->label;
	struct slice digits = take_digits(s);
	for (size_t i = 0; i < label.n; i++) {
		if (label.n - i >= 3 && memcmp(label.p + i, "{n}", 3) == 0) {
			buf_add(b, digits);
			i += 2;
		} else {
			buf_add_byte(b, (uint8_t)label.p[i]);
		}
	}
	while (n->style == PACK_STYLE_ARTICLE && s->n > 1 && s->p[0] == '-' &&
	    is_digit(slice_from(*s, 1))) {
		*s = slice_from(*s, 1);
		buf_add_str(b, "の");
		buf_add(b, take_digits(s));
	}
}

/* The provision, or one below it: "std3" may stand for "std3(1)" and so on. */
static const struct pack_chapter *
chapter_of(const struct pack *p, struct slice ref)
{
	const struct pack_provision *v = pack_provision(p, ref);
	for (size_t i = 0; v == NULL && i < p->n_provisions; i++) {
		struct slice id = p->provisions[i].id;
		if (id.n > ref.n && slice_has_prefix(id, ref) &&
		    !is_digit(slice_from(id, ref.n)))
			v = &p->provisions[i];
	}
	return v == NULL ? NULL : v->chapter;
}

static void
add_label(struct buf *b, const struct pack *p, struct slice ref)
{
	const struct pack_provision *v = pack_provision(p, ref);
	const struct pack_numbering *n = &p->numbering;
	struct slice s = slice_from(ref, 0);
	size_t colon = slice_find(s, ':');
	if (colon < s.n)
		s = slice_from(s, colon + 1);
	const struct pack_chapter *chapter = chapter_of(p, ref);
	if (chapter != NULL)
		n = &chapter->numbering;
	while (s.n > 0 && s.p[0] >= 'a' && s.p[0] <= 'z')
		s = slice_from(s, 1);
	if (n->label.n > 0 && is_digit(s)) {
		add_number(b, n, &s);
		add_rest(b, n->style, s);
	} else {
		buf_add(b, v != NULL ? v->caption : ref);
	}
}

struct slice
pack_article_label(const struct pack *p, struct slice ref, struct arena *a)
{
	struct buf b = buf_of(LABEL_MAX_BYTES);
	struct slice made;
	add_label(&b, p, ref);
	if (!buf_finish(&b, &made, NULL))
		made = ref;
	made = arena_copy(a, made);
	buf_close(&b);
	return made;
}
