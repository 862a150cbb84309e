/*
 * Start-up refuses an incomplete row: a page without help, a change without a
 * ledger verb, a field without label or limit, an output that nothing holds
 * cannot exist.
 */
#include "action/action.h"

static bool
is_named(struct slice s, bool dots)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '_' && !(dots && c == '.'))
			return false;
	}
	return s.n > 0 && s.n < 64;
}

static bool
check_field(const struct action *a, const struct field *f, struct err *err)
{
	if (!is_named(slice_of(f->name), false))
		return ERR(err, ERR_INPUT, "%s: field %s: bad name", a->name,
		    f->name);
	if (f->max == 0 && f->type != FIELD_FLAG && f->type != FIELD_ID &&
	    f->type != FIELD_DATE)
		return ERR(err, ERR_INPUT, "%s: field %s: no limit", a->name,
		    f->name);
	if (f->label == WORD_NONE)
		return ERR(err, ERR_INPUT, "%s: field %s: no label", a->name,
		    f->name);
	if ((f->type == FIELD_CHOICE) != (f->choices != NULL))
		return ERR(err, ERR_INPUT, "%s: field %s: choices", a->name,
		    f->name);
	for (const struct field *g = a->input; g != f; g++)
		if (strcmp(g->name, f->name) == 0)
			return ERR(err, ERR_INPUT, "%s: field %s twice",
			    a->name, f->name);
	return true;
}

static const struct field *
field_named(const struct action *a, struct slice name)
{
	for (const struct field *f = a->input; f->name != NULL; f++)
		if (slice_is(name, f->name))
			return f;
	return NULL;
}

/* Each {part} of the path is a required input. */
static bool
check_path(const struct action *a, struct err *err)
{
	struct slice left = slice_of(a->path), part;
	if (a->path[0] != '/')
		return ERR(err, ERR_INPUT, "%s: path", a->name);
	while (slice_split(&left, '/', &part)) {
		if (part.n == 0 || part.p[0] != '{')
			continue;
		const struct field *f =
		    field_named(a, slice_bytes(part.p + 1, part.n - 2));
		if (f == NULL || !f->required)
			return ERR(err, ERR_INPUT,
			    "%s: path names an input it does not demand",
			    a->name);
	}
	return true;
}

static const struct result *
result_named(const struct action *a, const struct result *end,
    struct slice path)
{
	for (const struct result *r = a->output; r != end && r->path != NULL;
	     r++)
		if (slice_is(path, r->path))
			return r;
	return NULL;
}

/* Each name once, in an object or list that stands before it. */
static bool
check_result(const struct action *a, const struct result *r, struct err *err)
{
	struct slice path = slice_of(r->path), holder = path;
	if (!is_named(path, true) || path.p[path.n - 1] == '.')
		return ERR(err, ERR_INPUT, "%s: output %s: bad name", a->name,
		    r->path);
	if (result_named(a, r, path) != NULL)
		return ERR(err, ERR_INPUT, "%s: output %s twice", a->name,
		    r->path);
	while (holder.n > 0 && holder.p[holder.n - 1] != '.')
		holder.n--;
	if (holder.n == 0)
		return true;
	holder.n--;
	const struct result *in = result_named(a, r, holder);
	return (in != NULL &&
	    (in->kind == OUT_OBJECT || in->kind == OUT_LIST)) ||
	    ERR(err, ERR_INPUT, "%s: output %s: nothing before holds it",
	    a->name, r->path);
}

static bool
check_results(const struct action *a, struct err *err)
{
	if (a->gives_file && a->output->path != NULL)
		return ERR(err, ERR_INPUT, "%s: gives a file and outputs",
		    a->name);
	for (const struct result *r = a->output; r->path != NULL; r++)
		if (!check_result(a, r, err))
			return false;
	return true;
}

/* Each {part} of the page to go to is an input or an output. */
static bool
check_after(const struct action *a, struct err *err)
{
	struct slice left = slice_of(a->after == NULL ? "" : a->after);
	while (left.n > 0) {
		left = slice_from(left, slice_find(left, '{') + 1);
		struct slice part = slice_bytes(left.p, slice_find(left, '}'));
		if (left.n > 0 && field_named(a, part) == NULL &&
		    result_named(a, NULL, part) == NULL)
			return ERR(err, ERR_INPUT,
			    "%s: the page after it names no input or output",
			    a->name);
	}
	return true;
}

static bool
check_row(const struct action *a, struct err *err)
{
	if (a->name == NULL || !is_named(slice_of(a->name), true))
		return ERR(err, ERR_INPUT, "an action without a name");
	if (a->path == NULL || a->input == NULL || a->output == NULL ||
	    a->ledger_verb == NULL || a->run == NULL)
		return ERR(err, ERR_INPUT, "%s: incomplete row", a->name);
	if (a->title == WORD_NONE || a->help == WORD_NONE)
		return ERR(err, ERR_INPUT, "%s: no title or no help",
		    a->name);
	if (a->is_change && a->ledger_verb[0] == '\0')
		return ERR(err, ERR_INPUT, "%s: a change without an entry",
		    a->name);
	if (a->who == WHO_GRANT && a->ledger_verb[0] == '\0')
		return ERR(err, ERR_INPUT,
		    "%s: personal information without an entry", a->name);
	if ((a->who == WHO_RIGHT) != (a->rights != 0))
		return ERR(err, ERR_INPUT, "%s: rights", a->name);
	for (const struct field *f = a->input; f->name != NULL; f++)
		if (!check_field(a, f, err))
			return false;
	if (a->needs_purpose && (field_named(a, SLICE("purpose")) == NULL ||
	    field_named(a, SLICE("case")) == NULL))
		return ERR(err, ERR_INPUT, "%s: no purpose or case among the "
		    "inputs", a->name);
	return check_path(a, err) && check_results(a, err) &&
	    check_after(a, err);
}

bool
action_table_check(const struct action *const *rows, size_t n,
    struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct action *a = rows[i];
		if (!check_row(a, err))
			return false;
		for (size_t j = 0; j < i; j++) {
			if (strcmp(a->name, rows[j]->name) == 0)
				return ERR(err, ERR_INPUT, "%s twice",
				    a->name);
			if (a->is_change == rows[j]->is_change &&
			    strcmp(a->path, rows[j]->path) == 0)
				return ERR(err, ERR_INPUT,
				    "%s and %s: one path", a->name,
				    rows[j]->name);
		}
	}
	return true;
}
