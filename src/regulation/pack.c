#include "regulation/pack.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "crypto/hash.h"
#include "regulation/check.h"
#include "regulation/duty.h"
#include "regulation/layout.h"
#include "regulation/form.h"
#include "regulation/procedure.h"
#include "regulation/source.h"

_Static_assert((int)PACK_HASH_BYTES == (int)HASH_BYTES, "one hash");

enum { ARENA_BYTES = 128 * 1024 * 1024, PACKS_MAX = 16 };

/* One pack_open(): the packs read so far, each once. */
struct loader {
	struct arena *arena;
	struct pack_faults *faults;
	struct pack *done[PACKS_MAX];
	size_t n_done;
	struct slice chain[PACK_DEPTH_MAX + 1]; /* being read, outer first */
	size_t depth;
	bool is_broken; /* something could not be read: cross-checks would
			 * only repeat it */
};

/* A file as it is being read. */
struct reading {
	struct loader *loader;
	const struct source *source;
	struct pack *pack;
	struct hash *hash;
	size_t bytes;
};

static void
hash_piece(struct hash *h, struct slice s)
{
	uint8_t n[4];
	num_put_be32(n, (uint32_t)s.n);
	hash_add(h, n, sizeof(n));
	hash_add(h, s.p, s.n);
}

/* Reads one file into the pack; place says where it was asked for. */
static bool
read_file(struct reading *r, const char *name, struct pack_place place,
    const struct shape *shape)
{
	struct loader *l = r->loader;
	struct err err = ERR_INIT;
	struct slice bytes;
	struct node *root;
	struct slice shown = arena_printf(l->arena, "%s/%s", r->source->shown,
	    name);
	if (shown.p == NULL)
		return false;
	if (!source_read(r->source, name, NODE_FILE_MAX_BYTES, l->arena,
	    &bytes, &err))
		return pack_fault_add(l->faults, place.file, place.line,
		    "%s; put it there or correct the name", err.text);
	r->bytes += bytes.n;
	if (r->bytes > PACK_MAX_BYTES)
		return pack_fault_add(l->faults, place.file, place.line,
		    "the pack has more than %d bytes; divide it",
		    PACK_MAX_BYTES);
	hash_piece(r->hash, slice_of(name));
	hash_piece(r->hash, bytes);
	if (!node_read(shown.p, bytes, l->arena, &root, l->faults))
		return false;
	struct shape_reader reader = {l->arena, l->faults};
	shape_fill(&reader, shape, root, r->pack);
	if (shape == &layout_manifest)
		r->pack->place = (struct pack_place){root->file, root->line};
	return true;
}

static void
read_files(struct reading *r)
{
	const struct pack *p = r->pack;
	for (size_t i = 0; i < p->n_files; i++) {
		const struct pack_name *f = &p->files[i];
		struct pack_place place = {f->file, f->line};
		bool is_twice = slice_is(f->id, "pack.yaml");
		for (size_t j = 0; j < i; j++)
			is_twice |= slice_is_equal(f->id, p->files[j].id);
		if (is_twice)
			(void)pack_fault_add(r->loader->faults, f->file,
			    f->line, "the file '%.*s' is named twice; keep "
			    "one", SLICE_FMT(f->id));
		else if (!read_file(r, f->id.p, place, &layout_file))
			r->loader->is_broken = true;
	}
}

static struct pack *load(struct loader *l, const char *dir,
    struct pack_place place);

static bool
may_extend(enum pack_kind kind, enum pack_kind below)
{
	switch (kind) {
	case PACK_KIND_LAW:
		return false;
	case PACK_KIND_BASE:
		return below == PACK_KIND_LAW;
	case PACK_KIND_BODY:
		return below != PACK_KIND_BODY;
	}
	return false;
}

static struct pack *
find_done(const struct loader *l, struct slice id)
{
	for (size_t i = 0; i < l->n_done; i++) {
		if (slice_is_equal(l->done[i]->id, id))
			return l->done[i];
	}
	return NULL;
}

static bool
is_in_chain(const struct loader *l, struct slice id)
{
	for (size_t i = 0; i < l->depth; i++) {
		if (slice_is_equal(l->chain[i], id))
			return true;
	}
	return false;
}

static const struct pack *
load_below(struct reading *r, const struct pack_name *name)
{
	struct loader *l = r->loader;
	struct pack_place place = {name->file, name->line};
	struct pack *p = find_done(l, name->id);
	if (p == NULL && is_in_chain(l, name->id)) {
		(void)pack_fault_add(l->faults, place.file, place.line,
		    "'extends' leads in a circle over '%.*s'; remove it",
		    SLICE_FMT(name->id));
		return NULL;
	}
	if (p == NULL) {
		struct slice dir = source_beside(r->source, name->id,
		    l->arena);
		p = dir.p == NULL ? NULL : load(l, dir.p, place);
	}
	if (p != NULL && !may_extend(r->pack->kind, p->kind))
		(void)pack_fault_add(l->faults, place.file, place.line,
		    "a pack of this kind cannot rest on '%.*s'; a body rests "
		    "on base and law, base on law, law on nothing",
		    SLICE_FMT(name->id));
	return p;
}

static void
add_below(const struct pack **list, size_t *n, const struct pack *p)
{
	for (size_t i = 0; i < *n; i++) {
		if (list[i] == p)
			return;
	}
	if (*n < PACKS_MAX)
		list[(*n)++] = p;
}

static bool
rests_on(const struct pack *p, enum pack_kind kind)
{
	for (size_t i = 0; i < p->n_below; i++) {
		if (p->below[i]->kind == kind)
			return true;
	}
	return false;
}

/* Without these nothing that a pack names can be found. */
static void
check_extends(struct loader *l, const struct pack *p)
{
	bool is_fine = p->kind == PACK_KIND_LAW ||
	    (rests_on(p, PACK_KIND_LAW) &&
	    (p->kind == PACK_KIND_BASE || rests_on(p, PACK_KIND_BASE)));
	if (is_fine || l->is_broken)
		return;
	(void)pack_fault_add(l->faults, p->place.file, p->place.line,
	    "the pack does not rest on law, or on base; add them to "
	    "'extends'");
	l->is_broken = true;
}

/* The last named is the nearest, then what that rests on. */
static void
read_below(struct reading *r)
{
	struct loader *l = r->loader;
	struct pack *p = r->pack;
	const struct pack *named[PACK_EXTENDS_MAX] = {NULL};
	const struct pack **list = arena_array(l->arena, PACKS_MAX,
	    sizeof(struct pack *));
	if (list == NULL)
		return;
	for (size_t i = 0; i < p->n_extends; i++) {
		named[i] = load_below(r, &p->extends[i]);
		if (named[i] == NULL)
			l->is_broken = true;
		else
			hash_add(r->hash, named[i]->hash, HASH_BYTES);
	}
	for (size_t i = p->n_extends; i-- > 0;) {
		if (named[i] == NULL)
			continue;
		add_below(list, &p->n_below, named[i]);
		for (size_t j = 0; j < named[i]->n_below; j++)
			add_below(list, &p->n_below, named[i]->below[j]);
	}
	p->below = list;
}

/* One of the lists that packs below lend. */
struct lent {
	size_t at, n_at, size;
};

#define LENT(list, type)                                                       \
	{offsetof(struct pack, list), offsetof(struct pack, n_##list),         \
	    sizeof(struct type)}

static const struct lent lent[] = {
	LENT(offices, pack_office),
	LENT(parameters, pack_parameter),
	LENT(sensitivity, pack_sensitivity),
	LENT(purposes, pack_purpose),
	LENT(grounds, pack_ground),
	LENT(controls, pack_control),
	LENT(registers, pack_register),
	LENT(procedures, pack_procedure),
	LENT(duties, pack_duty),
	LENT(forms, pack_form),
};

struct lent_head {
	struct pack_place place;
	struct slice id;
};

static const char *
list_of(const struct pack *p, const struct lent *t, size_t *ret_n)
{
	*ret_n = *(const size_t *)((const char *)p + t->n_at);
	return *(const char *const *)((const char *)p + t->at);
}

static bool
has_id(const char *list, size_t n, size_t size, struct slice id)
{
	for (size_t i = 0; i < n; i++) {
		const struct lent_head *h =
		    (const struct lent_head *)(list + i * size);
		if (slice_is_equal(h->id, id))
			return true;
	}
	return false;
}

/* Own entries, then those below whose id is not there yet. */
static void
borrow(struct pack *p, const struct lent *t, struct arena *a)
{
	size_t n, most;
	const char *own = list_of(p, t, &n);
	most = n;
	for (size_t i = 0; i < p->n_below; i++) {
		size_t more;
		(void)list_of(p->below[i], t, &more);
		most += more;
	}
	char *all = arena_array(a, most, t->size);
	if (all == NULL)
		return;
	if (n > 0)
		memcpy(all, own, n * t->size);
	for (size_t i = 0; i < p->n_below; i++) {
		size_t more;
		const char *list = list_of(p->below[i], t, &more);
		for (size_t j = 0; j < more; j++) {
			const char *x = list + j * t->size;
			const struct lent_head *h =
			    (const struct lent_head *)x;
			if (!has_id(all, n, t->size, h->id))
				memcpy(all + n++ * t->size, x, t->size);
		}
	}
	*(const char **)((char *)p + t->at) = all;
	*(size_t *)((char *)p + t->n_at) = n;
}

/*
 * Chain and handlers: its own list, else the nearest below; handlers else the
 * office called handler.
 */
static void
settle_lists(struct pack *p, struct arena *a)
{
	for (size_t i = 0; i < p->n_below && p->n_chain == 0; i++) {
		p->chain = p->below[i]->chain;
		p->n_chain = p->below[i]->n_chain;
	}
	for (size_t i = 0; i < p->n_below && p->n_handlers == 0; i++) {
		p->handlers = p->below[i]->handlers;
		p->n_handlers = p->below[i]->n_handlers;
	}
	const struct pack_office *o = pack_office(p, SLICE("handler"));
	if (p->n_handlers > 0 || o == NULL)
		return;
	struct pack_name *only = arena_alloc(a, sizeof(*only));
	if (only == NULL)
		return;
	*only = (struct pack_name){o->id, o->place.file, o->place.line};
	p->handlers = only;
	p->n_handlers = 1;
}

static void
settle(struct loader *l, struct pack *p)
{
	for (size_t i = 0; i < sizeof(lent) / sizeof(lent[0]); i++)
		borrow(p, &lent[i], l->arena);
	settle_lists(p, l->arena);
	for (size_t i = 0; i < p->n_chapters; i++) {
		struct pack_chapter *ch =
		    (struct pack_chapter *)&p->chapters[i];
		if (!ch->has_numbering)
			ch->numbering = p->numbering;
	}
	if (p->kind == PACK_KIND_BODY && p->body.place.file == NULL)
		p->body = (struct pack_body){p->municipality.place,
		    p->municipality.name, p->municipality.kana,
		    p->municipality.head};
}

static bool
read_pack(struct reading *r, struct pack_place place)
{
	struct loader *l = r->loader;
	struct pack *p = r->pack;
	if (!read_file(r, "pack.yaml", place, &layout_manifest)) {
		l->is_broken = true;
		return false;
	}
	if (p->id.n > 0 && !slice_is_equal(p->id, r->source->id))
		(void)pack_fault_add(l->faults, p->place.file, p->place.line,
		    "the pack is called '%.*s' in a folder called '%.*s'; "
		    "give both one name", SLICE_FMT(p->id),
		    SLICE_FMT(r->source->id));
	p->id = r->source->id;
	read_files(r);
	read_below(r);
	check_extends(l, p);
	hash_end(r->hash, p->hash);
	struct check c = {p, l->faults, l->arena};
	if (!l->is_broken && !arena_is_failed(l->arena))
		check_own(&c);
	settle(l, p);
	if (!l->is_broken && !arena_is_failed(l->arena))
		check_whole(&c);
	return true;
}

static struct pack *
load_source(struct loader *l, const struct source *s, struct pack_place place)
{
	struct hash *hash = hash_open();
	struct pack *p = arena_alloc(l->arena, sizeof(*p));
	struct reading r = {l, s, p, hash, 0};
	bool is_fine = hash != NULL && p != NULL && read_pack(&r, place);
	hash_close(hash);
	if (!is_fine || l->n_done == PACKS_MAX)
		return NULL;
	l->done[l->n_done++] = p;
	return p;
}

static struct pack *
load(struct loader *l, const char *dir, struct pack_place place)
{
	struct err err = ERR_INIT;
	struct source source;
	if (l->depth > PACK_DEPTH_MAX) {
		(void)pack_fault_add(l->faults, place.file, place.line,
		    "packs rest on packs more than %d deep; make it flatter",
		    PACK_DEPTH_MAX);
		return NULL;
	}
	if (!source_open(dir, l->arena, &source, &err)) {
		(void)pack_fault_add(l->faults, place.file, place.line,
		    "%s; correct the path", err.text);
		return NULL;
	}
	l->chain[l->depth++] = source.id;
	struct pack *p = load_source(l, &source, place);
	l->depth--;
	source_close(&source);
	return p;
}

static bool
finish(struct loader *l, struct pack *p, size_t had, struct err *err)
{
	if (arena_is_failed(l->arena))
		return ERR(err, ERR_BUSY, "no memory left for the pack");
	pack_faults_sort(l->faults, had);
	size_t n = pack_faults_count(l->faults);
	if (n > had) {
		const struct pack_fault *f = pack_fault_at(l->faults, had);
		return ERR(err, ERR_INPUT, "%s:%d: %s", f->file, f->line,
		    f->text);
	}
	if (p == NULL || pack_faults_left_out(l->faults) > 0)
		return ERR(err, ERR_INPUT, "the pack cannot be read");
	p->arena = l->arena;
	return true;
}

bool
pack_open(const char *dir, struct pack **ret, struct pack_faults *faults,
    struct err *err)
{
	size_t had = pack_faults_count(faults);
	struct arena *arena = arena_open(ARENA_BYTES);
	if (arena == NULL)
		return ERR(err, ERR_BUSY, "no memory left for the pack");
	struct loader *l = arena_alloc(arena, sizeof(*l));
	struct slice manifest = arena_printf(arena, "%s/pack.yaml", dir);
	bool is_fine = false;
	struct pack *p = NULL;
	if (l == NULL || manifest.p == NULL) {
		(void)ERR(err, ERR_BUSY, "no memory left for the pack");
	} else {
		*l = (struct loader){.arena = arena, .faults = faults};
		p = load(l, dir, (struct pack_place){manifest.p, 1});
		is_fine = finish(l, p, had, err);
	}
	if (!is_fine)
		arena_close(arena);
	else
		*ret = p;
	return is_fine;
}

void
pack_close(struct pack *p)
{
	if (p != NULL)
		arena_close(p->arena);
}
