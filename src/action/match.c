#include "action/action.h"
#include "base/must.h"

const struct action *
action_by_name(struct slice name)
{
	for (size_t i = 0; i < action_count; i++)
		if (slice_is(name, actions[i]->name))
			return actions[i];
	return NULL;
}

/* One row's path against a path: {part}s match one part, never empty. */
static bool
match_path(const char *pattern, struct slice path, struct action_match *m)
{
	struct slice left = slice_of(pattern), want, have;
	m->part_count = 0;
	while (slice_split(&left, '/', &want)) {
		if (!slice_split(&path, '/', &have))
			return false;
		if (want.n == 0 || want.p[0] != '{') {
			if (!slice_is_equal(want, have))
				return false;
			continue;
		}
		if (have.n == 0)
			return false;
		must(m->part_count < ACTION_PARTS_MAX);
		m->parts[m->part_count].name =
		    slice_bytes(want.p + 1, want.n - 2);
		m->parts[m->part_count++].value = have;
	}
	return !slice_split(&path, '/', &have);
}

bool
action_match(bool is_post, struct slice path, struct action_match *ret,
    bool *ret_path_known)
{
	*ret_path_known = false;
	ret->action = NULL;
	for (size_t i = 0; i < action_count; i++) {
		const struct action *a = actions[i];
		struct action_match m;
		if (a->who == WHO_MACHINE || !match_path(a->path, path, &m))
			continue;
		*ret_path_known = true;
		if (is_post && !a->is_change)
			continue;
		/*
		 * A literal part wins over a {part}: fewer parts fit better.
		 * Then a view wins over the form of a change at its path.
		 */
		if (ret->action == NULL || m.part_count < ret->part_count ||
		    (m.part_count == ret->part_count &&
		        ret->action->is_change && !a->is_change)) {
			*ret = m;
			ret->action = a;
		}
	}
	return ret->action != NULL;
}
