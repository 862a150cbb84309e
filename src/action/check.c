/*
 * Start-up refuses an incomplete row: a page without help, a change without a
 * ledger verb, a field without label or limit cannot exist.
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
	return check_path(a, err);
}

bool
action_table_check(struct err *err)
{
	for (size_t i = 0; i < action_count; i++) {
		if (!check_row(actions[i], err))
			return false;
		for (size_t j = 0; j < i; j++) {
			if (strcmp(actions[i]->name, actions[j]->name) == 0)
				return ERR(err, ERR_INPUT, "%s twice",
				    actions[i]->name);
			if (actions[i]->is_change == actions[j]->is_change &&
			    strcmp(actions[i]->path, actions[j]->path) == 0)
				return ERR(err, ERR_INPUT,
				    "%s and %s: one path", actions[i]->name,
				    actions[j]->name);
		}
	}
	return true;
}
