#include "regulation/node.h"

#include <yaml.h>

#include "base/text.h"

struct reader {
	yaml_parser_t parser;
	const char *file;
	struct arena *arena;
	struct pack_faults *faults;
	struct node *open[NODE_DEPTH_MAX]; /* from the root to where we are */
	struct node *last[NODE_DEPTH_MAX]; /* newest child of each */
	size_t depth;
	struct slice key; /* read, its value is next; p is NULL without one */
	int key_line;
	size_t nodes;
	int lines; /* of the file */
	struct node *root;
	bool has_ended;
};

/* What ends at the end of a file is told at its last line. */
static int
line_at(const struct reader *r, const yaml_mark_t *mark)
{
	return mark->line >= (size_t)r->lines ? r->lines : (int)mark->line + 1;
}

static int
line_of(const struct reader *r, const yaml_event_t *ev)
{
	return line_at(r, &ev->start_mark);
}

const char *
node_kind_name(enum node_kind kind)
{
	switch (kind) {
	case NODE_TEXT:
		return "text";
	case NODE_LIST:
		return "list";
	case NODE_MAP:
		return "mapping";
	}
	return "node";
}

struct node *
node_child(const struct node *map, const char *key)
{
	for (struct node *c = map->first; c != NULL; c = c->next) {
		if (slice_is(c->key, key))
			return c;
	}
	return NULL;
}

/* U+0085, U+2028, U+2029: lines for libyaml and for no editor. */
static bool
is_odd_break(struct slice s)
{
	return slice_has_prefix(s, SLICE("\xC2\x85")) ||
	    slice_has_prefix(s, SLICE("\xE2\x80\xA8")) ||
	    slice_has_prefix(s, SLICE("\xE2\x80\xA9"));
}

/* What a byte at `at` is refused for, or NULL. */
static const char *
refusal(struct slice bytes, size_t at, bool is_indent)
{
	char c = bytes.p[at];
	if (c == '\t' && is_indent)
		return "a tab stands in the indentation; use spaces";
	if (c == '\0')
		return "there is a NUL byte; remove it";
	if (c == '\r' && (at + 1 == bytes.n || bytes.p[at + 1] != '\n'))
		return "a line ends in CR alone; end it in LF";
	if (is_odd_break(slice_from(bytes, at)))
		return "there is a line break that is not LF; use LF";
	return NULL;
}

/* What libyaml would let pass or tell badly: looked at before it starts. */
static bool
look_over(struct reader *r, struct slice bytes)
{
	size_t valid = text_valid_to(bytes);
	bool is_indent = true;
	if (bytes.n > NODE_FILE_MAX_BYTES)
		return pack_fault_add(r->faults, r->file, 1,
		    "the file has more than %d bytes; divide it",
		    NODE_FILE_MAX_BYTES);
	r->lines = 1;
	for (size_t i = 0; i < valid; i++) {
		const char *why = refusal(bytes, i, is_indent);
		if (why != NULL)
			return pack_fault_add(r->faults, r->file, r->lines,
			    "%s", why);
		if (bytes.p[i] == '\n' && i + 1 < bytes.n)
			r->lines++;
		is_indent = bytes.p[i] == '\n' ||
		    (is_indent && bytes.p[i] == ' ');
	}
	if (valid < bytes.n)
		return pack_fault_add(r->faults, r->file, r->lines,
		    "this is not UTF-8; save the file as UTF-8");
	return true;
}

static struct node *
node_new(struct reader *r, enum node_kind kind, int line)
{
	if (++r->nodes > NODE_FILE_MAX) {
		(void)pack_fault_add(r->faults, r->file, line,
		    "the file has more than %d values; divide it",
		    NODE_FILE_MAX);
		return NULL;
	}
	struct node *n = arena_alloc(r->arena, sizeof(*n));
	if (n == NULL) {
		(void)pack_fault_add(r->faults, r->file, line,
		    "there is no memory left for the pack; divide the file");
		return NULL;
	}
	*n = (struct node){.kind = kind, .line = line, .file = r->file};
	return n;
}

/* Hangs a new node where the reader stands. */
static bool
hang(struct reader *r, struct node *n)
{
	if (r->depth == 0) {
		r->root = n;
		return true;
	}
	struct node *parent = r->open[r->depth - 1];
	if (parent->kind == NODE_MAP) {
		n->key = r->key;
		n->key_line = r->key_line;
		r->key = SLICE_NONE;
	}
	struct node **last = &r->last[r->depth - 1];
	if (*last == NULL)
		parent->first = n;
	else
		(*last)->next = n;
	*last = n;
	parent->n++;
	return true;
}

/* A mapping is open and waits for a key. */
static bool
is_key_due(const struct reader *r)
{
	return r->depth > 0 && r->open[r->depth - 1]->kind == NODE_MAP &&
	    r->key.p == NULL;
}

static bool
take_key(struct reader *r, struct slice key, int line)
{
	struct node *map = r->open[r->depth - 1];
	for (const struct node *c = map->first; c != NULL; c = c->next) {
		if (slice_is_equal(c->key, key))
			return pack_fault_add(r->faults, r->file, line,
			    "the key '%.*s' stands twice in one mapping; keep "
			    "one of them", SLICE_FMT(text_cut(key, 64)));
	}
	if (map->n >= NODE_KEYS_MAX)
		return pack_fault_add(r->faults, r->file, line,
		    "the mapping has more than %d keys; remove some",
		    NODE_KEYS_MAX);
	r->key = key;
	r->key_line = line;
	return true;
}

static bool
take_text(struct reader *r, const yaml_event_t *ev)
{
	struct slice text = arena_copy(r->arena,
	    slice_bytes(ev->data.scalar.value, ev->data.scalar.length));
	if (text.p == NULL)
		return pack_fault_add(r->faults, r->file, line_of(r, ev),
		    "there is no memory left for the pack; divide the file");
	if (is_key_due(r))
		return take_key(r, text, line_of(r, ev));
	struct node *n = node_new(r, NODE_TEXT, line_of(r, ev));
	if (n == NULL)
		return false;
	n->text = text;
	return hang(r, n);
}

static bool
take_opening(struct reader *r, enum node_kind kind, const yaml_event_t *ev)
{
	if (is_key_due(r))
		return pack_fault_add(r->faults, r->file, line_of(r, ev),
		    "a key is a %s; a key must be text", node_kind_name(kind));
	if (r->depth == NODE_DEPTH_MAX)
		return pack_fault_add(r->faults, r->file, line_of(r, ev),
		    "lists and mappings are nested more than %d deep; make it "
		    "flatter", NODE_DEPTH_MAX);
	struct node *n = node_new(r, kind, line_of(r, ev));
	if (n == NULL || !hang(r, n))
		return false;
	r->open[r->depth] = n;
	r->last[r->depth] = NULL;
	r->depth++;
	return true;
}

static bool
refuse_marks(struct reader *r, const yaml_event_t *ev, const void *anchor,
    const void *tag)
{
	if (anchor != NULL)
		return pack_fault_add(r->faults, r->file, line_of(r, ev),
		    "anchors are not accepted; write the value out");
	if (tag != NULL)
		return pack_fault_add(r->faults, r->file, line_of(r, ev),
		    "tags are not accepted; remove the '!'");
	return true;
}

static bool
take_document(struct reader *r, const yaml_event_t *ev)
{
	if (ev->data.document_start.version_directive != NULL ||
	    ev->data.document_start.tag_directives.start !=
	    ev->data.document_start.tag_directives.end)
		return pack_fault_add(r->faults, r->file, line_of(r, ev),
		    "directives are not accepted; remove the '%%' line");
	if (r->root != NULL)
		return pack_fault_add(r->faults, r->file, line_of(r, ev),
		    "a second document begins; keep one in a file");
	return true;
}

static bool
take_event(struct reader *r, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
	case YAML_NO_EVENT:
		return true;
	case YAML_STREAM_END_EVENT:
		r->has_ended = true;
		return true;
	case YAML_DOCUMENT_START_EVENT:
		return take_document(r, ev);
	case YAML_ALIAS_EVENT:
		return pack_fault_add(r->faults, r->file, line_of(r, ev),
		    "aliases are not accepted; write the value out");
	case YAML_SCALAR_EVENT:
		return refuse_marks(r, ev, ev->data.scalar.anchor,
		    ev->data.scalar.tag) && take_text(r, ev);
	case YAML_SEQUENCE_START_EVENT:
		return refuse_marks(r, ev, ev->data.sequence_start.anchor,
		    ev->data.sequence_start.tag) &&
		    take_opening(r, NODE_LIST, ev);
	case YAML_MAPPING_START_EVENT:
		return refuse_marks(r, ev, ev->data.mapping_start.anchor,
		    ev->data.mapping_start.tag) &&
		    take_opening(r, NODE_MAP, ev);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		r->depth--;
		return true;
	}
	return true;
}

static bool
tell_parser(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const yaml_mark_t *mark = &p->problem_mark;
	if (mark->line == 0 && p->context_mark.line > 0)
		mark = &p->context_mark;
	int line = line_at(r, mark);
	const char *problem = p->problem == NULL ? "it cannot be read" :
	    p->problem;
	if (p->context != NULL)
		return pack_fault_add(r->faults, r->file, line,
		    "not YAML: %s, %s; mend the indentation or the quotes",
		    p->context, problem);
	return pack_fault_add(r->faults, r->file, line,
	    "not YAML: %s; mend the indentation or the quotes", problem);
}

static bool
read_events(struct reader *r)
{
	while (!r->has_ended) {
		yaml_event_t ev;
		if (!yaml_parser_parse(&r->parser, &ev))
			return tell_parser(r);
		bool is_fine = take_event(r, &ev);
		yaml_event_delete(&ev);
		if (!is_fine)
			return false;
	}
	if (r->root == NULL)
		return pack_fault_add(r->faults, r->file, 1,
		    "the file is empty; write something or take it off "
		    "`files:`");
	return true;
}

bool
node_read(const char *file, struct slice bytes, struct arena *arena,
    struct node **ret, struct pack_faults *faults)
{
	struct reader r = {.arena = arena, .faults = faults, .file = file};
	struct slice own_file = arena_copy(arena, slice_of(file));
	if (own_file.p == NULL)
		return pack_fault_add(faults, file, 1,
		    "there is no memory left for the pack; divide it");
	r.file = own_file.p;
	if (!look_over(&r, bytes))
		return false;
	if (slice_has_prefix(bytes, SLICE("\xEF\xBB\xBF")))
		bytes = slice_from(bytes, 3);
	if (!yaml_parser_initialize(&r.parser))
		return pack_fault_add(faults, file, 1,
		    "there is no memory left for the parser; try again");
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser,
	    (const unsigned char *)(bytes.n == 0 ? "" : bytes.p), bytes.n);
	bool is_fine = read_events(&r);
	yaml_parser_delete(&r.parser);
	if (is_fine)
		*ret = r.root;
	return is_fine;
}
