/*
 * A file of a pack: the node reader, then every field as the format declares
 * it. A tree keeps the limits, reading twice gives the same, and whatever is
 * refused is told with a line that the file has.
 */
#include "base/must.h"
#include "regulation/layout.h"
#include "regulation/node.h"
#include "regulation/pack.h"
#include "target.h"

enum { ARENA_BYTES = 64 * 1024 * 1024 };

/* Counts the nodes below, looking at each. */
static size_t
walk(const struct node *n, size_t depth)
{
	size_t children = 0, all = 1;
	must(n->line >= 1);
	must(n->kind == NODE_TEXT || depth < NODE_DEPTH_MAX);
	must(n->kind != NODE_TEXT || n->first == NULL);
	for (const struct node *c = n->first; c != NULL; c = c->next) {
		must((c->key.p != NULL) == (n->kind == NODE_MAP));
		all += walk(c, depth + 1);
		children++;
	}
	must(children == n->n);
	return all;
}

static bool
is_same(const struct node *a, const struct node *b)
{
	if (a->kind != b->kind || a->line != b->line || a->n != b->n ||
	    !slice_is_equal(a->key, b->key) ||
	    !slice_is_equal(a->text, b->text))
		return false;
	for (a = a->first, b = b->first; a != NULL; a = a->next, b = b->next) {
		if (!is_same(a, b))
			return false;
	}
	return true;
}

static int
lines_of(struct slice text)
{
	int lines = 1;
	for (size_t i = 0; i + 1 < text.n; i++)
		lines += text.p[i] == '\n';
	return lines;
}

static void
look_at_faults(const struct pack_faults *faults, struct slice text)
{
	int lines = lines_of(text);
	for (size_t i = 0; i < pack_faults_count(faults); i++) {
		const struct pack_fault *f = pack_fault_at(faults, i);
		must(f->line >= 1 && f->text[0] != '\0');
		must(f->line <= lines);
	}
}

static void
fill(const struct node *root, struct arena *a, struct pack_faults *faults)
{
	struct shape_reader r = {a, faults};
	struct pack *p = arena_alloc(a, sizeof(*p));
	if (p != NULL)
		shape_fill(&r, &layout_manifest, root, p);
	if (p != NULL)
		shape_fill(&r, &layout_file, root, p);
	for (size_t i = 0; p != NULL && i < p->n_provisions; i++) {
		struct slice label = pack_article_label(p,
		    p->provisions[i].id, a);
		must(label.p != NULL || arena_is_failed(a));
		must(p->provisions[i].id.n <= PACK_REF_MAX_BYTES);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_bytes(data, size);
	struct arena *a SCOPED(arena_close_scoped) = arena_open(ARENA_BYTES);
	struct pack_faults *faults SCOPED(pack_faults_close_scoped) =
	    pack_faults_open();
	struct node *root = NULL, *again = NULL;
	must(a != NULL && faults != NULL);
	bool is_read = node_read("f", text, a, &root, faults);
	must(is_read == (pack_faults_count(faults) == 0));
	must(node_read("f", text, a, &again, faults) == is_read);
	if (is_read) {
		must(walk(root, 0) <= NODE_FILE_MAX);
		must(is_same(root, again));
		fill(root, a, faults);
	}
	look_at_faults(faults, text);
	return 0;
}
