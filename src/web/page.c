#include "web/page.h"

#include "base/calendar.h"
#include "base/must.h"

enum { DEPTH_MAX = 8, ARGS_MAX = 4 };

/* Where a page is filled from: the scopes of the loops around. */
struct filler {
	const struct page_step *steps;
	const struct out *scopes[DEPTH_MAX]; /* 0: the root; then items */
	const struct out *frame;
	const struct page *body;
	enum lang lang;
	struct buf *to;
	struct buf args[ARGS_MAX];
	size_t arg_count;
};

const struct page *
page_by_name(struct slice name)
{
	for (size_t i = 0; i < page_count; i++)
		if (slice_is(name, pages[i].name))
			return &pages[i];
	return NULL;
}

void
page_escape(struct slice s, struct buf *to)
{
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		const char *as = NULL;
		switch (s.p[i]) {
		case '&':
			as = "&amp;";
			break;
		case '<':
			as = "&lt;";
			break;
		case '>':
			as = "&gt;";
			break;
		case '"':
			as = "&quot;";
			break;
		case '\'':
			as = "&#39;";
			break;
		default:
			continue;
		}
		buf_add_bytes(to, s.p + from, i - from);
		buf_add_str(to, as);
		from = i + 1;
	}
	if (s.n > from)
		buf_add_bytes(to, s.p + from, s.n - from);
}

void
page_escape_url(struct slice s, struct buf *to)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool is_plain = (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '-' || c == '.' || c == '_' || c == '/';
		if (is_plain)
			buf_add_byte(to, c);
		else
			buf_add_printf(to, "%%%02X", c);
	}
}

/* One level of the path "a.b.c" in an object; NULL where there is none. */
static const struct out *
walk(const struct out *from, struct slice path)
{
	struct slice part;
	while (from != NULL && slice_split(&path, '.', &part)) {
		if (from->kind != OUT_OBJECT)
			return NULL;
		const struct out *m = from->first;
		while (m != NULL && !slice_is(part, m->name))
			m = m->next;
		from = m;
	}
	return from;
}

static const struct out *
find(const struct filler *f, size_t depth, struct slice path)
{
	static const struct slice outside = {"..", 2};
	while (slice_has_prefix(path, outside)) {
		path = slice_from(path, 2);
		if (depth > 0)
			depth--;
	}
	if (slice_has_prefix(path, SLICE("frame.")))
		return walk(f->frame, slice_from(path, 6));
	return walk(f->scopes[depth], path);
}

static bool
is_there(const struct out *o)
{
	if (o == NULL)
		return false;
	switch (o->kind) {
	case OUT_TEXT:
		return o->text.n > 0;
	case OUT_NUMBER:
	case OUT_FLAG:
	case OUT_TIME:
	case OUT_UNTIL:
	case OUT_DATE:
		return o->number != 0;
	case OUT_ID:
		return o->id != 0;
	case OUT_OBJECT:
	case OUT_LIST:
		return o->first != NULL;
	}
	return false;
}

static void
add_number(int64_t v, struct buf *to)
{
	char digits[24];
	size_t n = 0;
	uint64_t left = v < 0 ? (uint64_t)-(v + 1) + 1 : (uint64_t)v;
	do {
		if (n % 4 == 3)
			digits[n++] = ',';
		digits[n++] = (char)('0' + left % 10);
		left /= 10;
	} while (left != 0);
	if (v < 0)
		buf_add_byte(to, '-');
	while (n > 0)
		buf_add_byte(to, (uint8_t)digits[--n]);
}

/* The rest of an address: the slash before it stands in the template. */
static struct slice
without_slash(struct slice s)
{
	while (s.n > 0 && s.p[0] == '/')
		s = slice_from(s, 1);
	return s;
}

/* A value as people read it, not escaped. */
static void
add_value(const struct out *o, enum lang lang, struct buf *to)
{
	if (o == NULL)
		return;
	enum date_style style = lang == LANG_JA ? DATE_ERA : DATE_ENGLISH;
	switch (o->kind) {
	case OUT_TEXT:
		buf_add(to, o->text);
		break;
	case OUT_NUMBER:
		add_number(o->number, to);
		break;
	case OUT_FLAG:
		buf_add_byte(to, o->number ? '1' : '0');
		break;
	case OUT_ID:
		buf_add_printf(to, "%016llx", (unsigned long long)o->id);
		break;
	case OUT_TIME:
	case OUT_UNTIL:
		moment_write(o->number, o->kind == OUT_UNTIL, style, to);
		break;
	case OUT_DATE:
		date_format(out_date_of(o), style, to);
		break;
	case OUT_OBJECT:
	case OUT_LIST:
		break;
	}
}

/* A value as machines read it: no separators between digits. */
static void
add_plain(const struct out *o, struct buf *to)
{
	if (o != NULL && o->kind == OUT_NUMBER)
		buf_add_printf(to, "%lld", (long long)o->number);
	else
		add_value(o, LANG_EN, to);
}

static void
put_value(struct filler *f, const struct out *o, enum page_op op)
{
	if (o != NULL && o->kind == OUT_TEXT) {
		if (op == PAGE_URL)
			page_escape_url(without_slash(o->text), f->to);
		else
			page_escape(o->text, f->to);
		return;
	}
	struct buf text = buf_of(256);
	if (op == PAGE_TEXT)
		add_value(o, f->lang, &text);
	else
		add_plain(o, &text);
	(op == PAGE_URL ? page_escape_url : page_escape)(
	    slice_bytes(text.p, text.n), f->to);
	buf_close(&text);
}

/* The catalogue's text with its arguments; all of it escaped. */
static void
put_word(struct filler *f, enum word word)
{
	struct slice text = slice_of(word_text(word, f->lang));
	for (size_t i = 0; i < text.n; i++) {
		size_t arg = text.n - i > 2 && text.p[i] == '{' &&
		    text.p[i + 2] == '}' ? (size_t)(text.p[i + 1] - '0') : 99;
		if (arg < f->arg_count) {
			page_escape(slice_bytes(f->args[arg].p,
			    f->args[arg].n), f->to);
			i += 2;
		} else {
			page_escape(slice_bytes(text.p + i, 1), f->to);
		}
	}
	for (size_t i = 0; i < f->arg_count; i++)
		buf_close(&f->args[i]);
	f->arg_count = 0;
}

static bool
is_text(const struct filler *f, const struct out *o, struct slice want)
{
	struct buf text = buf_of(256);
	add_value(o, f->lang, &text);
	bool is = slice_is_equal(slice_bytes(text.p, text.n), want);
	buf_close(&text);
	return is;
}

static void run(struct filler *f, const struct page_step *steps);

static size_t
step_branch(struct filler *f, const struct page_step *s, size_t at,
    size_t depth)
{
	bool holds;
	if (s->op == PAGE_IF) {
		holds = is_there(find(f, depth, s->text));
	} else {
		size_t nul = slice_find(s->text, '\0');
		holds = is_text(f, find(f, depth, slice_bytes(s->text.p, nul)),
		    slice_from(s->text, nul + 1));
	}
	return holds ? at + 1 : s->jump;
}

static void
run(struct filler *f, const struct page_step *steps)
{
	size_t at = 0, depth = 0;
	for (;;) {
		const struct page_step *s = &steps[at++];
		switch (s->op) {
		case PAGE_END:
			return;
		case PAGE_HTML:
			buf_add(f->to, s->text);
			break;
		case PAGE_TEXT:
		case PAGE_URL:
		case PAGE_PLAIN:
			put_value(f, find(f, depth, s->text), s->op);
			break;
		case PAGE_ARG:
			must(f->arg_count < ARGS_MAX);
			f->args[f->arg_count] = buf_of(4096);
			add_value(find(f, depth, s->text), f->lang,
			    &f->args[f->arg_count++]);
			break;
		case PAGE_WORD:
			put_word(f, s->word);
			break;
		case PAGE_EACH: {
			const struct out *list = find(f, depth, s->text);
			if (list == NULL || list->kind != OUT_LIST ||
			    list->first == NULL) {
				at = s->jump;
				break;
			}
			must(depth + 1 < DEPTH_MAX);
			f->scopes[++depth] = list->first;
			break;
		}
		case PAGE_NEXT:
			must(f->scopes[depth] != NULL);
			f->scopes[depth] = f->scopes[depth]->next;
			if (f->scopes[depth] != NULL)
				at = s->jump + 1u;
			else
				depth--;
			break;
		case PAGE_IF:
		case PAGE_IS:
			at = step_branch(f, s, at - 1, depth);
			break;
		case PAGE_ELSE:
			at = s->jump;
			break;
		case PAGE_BODY:
			if (f->body != NULL)
				run(f, f->body->steps);
			break;
		}
	}
}

void
page_write(const struct page *layout, const struct page *page,
    const struct out *out, const struct out *frame, enum lang lang,
    struct buf *to)
{
	struct filler f = {
	    .frame = frame, .body = page, .lang = lang, .to = to};
	f.scopes[0] = out;
	run(&f, layout != NULL ? layout->steps : page->steps);
}
