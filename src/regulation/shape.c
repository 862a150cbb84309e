#include "regulation/shape.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "regulation/pack.h"

enum { ID_MAX_BYTES = 64, LIST_MAX = 20000, SHOWN_CHARACTERS = 40 };

/* A piece of the pack for a fault, not too long. */
#define SHOWN(s) SLICE_FMT(text_cut((s), SHOWN_CHARACTERS))

static void *
place_at(void *to, size_t at)
{
	return (char *)to + at;
}

bool
shape_is_id(struct slice s)
{
	if (s.n == 0 || s.n > ID_MAX_BYTES || s.p[0] < 'a' || s.p[0] > 'z')
		return false;
	for (size_t i = 1; i < s.n; i++) {
		char c = s.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '_' && c != '.' && c != '-')
			return false;
	}
	return true;
}

static bool
is_file_name(struct slice s)
{
	return shape_is_id(s) && s.n > 5 &&
	    slice_is(slice_from(s, s.n - 5), ".yaml");
}

/* The text of a scalar, if it is one and not empty. */
static bool
read_scalar(struct shape_reader *r, const char *key, const struct node *v,
    size_t max_bytes, struct slice *ret)
{
	if (v->kind != NODE_TEXT)
		return pack_fault_add(r->faults, v->file, v->line,
		    "'%s' is a %s; it must be text", key,
		    node_kind_name(v->kind));
	if (v->text.n == 0)
		return pack_fault_add(r->faults, v->file, v->line,
		    "'%s' is empty; write a value or remove the key", key);
	if (v->text.n > max_bytes)
		return pack_fault_add(r->faults, v->file, v->line,
		    "'%s' has %zu bytes; at most %zu are allowed", key,
		    v->text.n, max_bytes);
	if (!text_is_clean(v->text, false))
		return pack_fault_add(r->faults, v->file, v->line,
		    "'%s' is not one line of plain text; remove line breaks "
		    "and control characters", key);
	*ret = v->text;
	return true;
}

static bool
read_id(struct shape_reader *r, const char *key, const struct node *v,
    struct slice *ret)
{
	struct slice s;
	if (!read_scalar(r, key, v, PACK_TEXT_MAX_BYTES, &s))
		return false;
	if (!shape_is_id(s))
		return pack_fault_add(r->faults, v->file, v->line,
		    "'%.*s' is no id for '%s'; use a-z, then a-z 0-9 _ . - , "
		    "at most %d", SHOWN(s), key, ID_MAX_BYTES);
	*ret = s;
	return true;
}

/* 全国地方公共団体コード: weights 6 5 4 3 2, JIS X 0401 and 0402. */
static bool
is_code(struct slice s)
{
	unsigned sum = 0;
	if (s.n != 6)
		return false;
	for (size_t i = 0; i < 6; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (i < 5)
			sum += (unsigned)(s.p[i] - '0') * (6 - (unsigned)i);
	}
	unsigned prefecture = (unsigned)(s.p[0] - '0') * 10 +
	    (unsigned)(s.p[1] - '0');
	unsigned check = (11 - sum % 11) % 10;
	return prefecture >= 1 && prefecture <= 47 &&
	    (unsigned)(s.p[5] - '0') == check;
}

static void
read_code(struct shape_reader *r, const char *key, const struct node *v,
    struct slice *ret)
{
	struct slice s;
	if (!read_scalar(r, key, v, PACK_TEXT_MAX_BYTES, &s))
		return;
	if (!is_code(s))
		(void)pack_fault_add(r->faults, v->file, v->line,
		    "'%.*s' is no municipality code; write its six digits "
		    "with the right check digit", SHOWN(s));
	else
		*ret = s;
}

static void
read_katakana(struct shape_reader *r, const char *key, const struct node *v,
    struct slice *ret)
{
	struct slice s;
	if (!read_scalar(r, key, v, PACK_TEXT_MAX_BYTES, &s))
		return;
	if (!text_is_katakana(s))
		(void)pack_fault_add(r->faults, v->file, v->line,
		    "'%s' is not in full-width katakana; write it so", key);
	else
		*ret = s;
}

static unsigned
days_of_month(unsigned year, unsigned month)
{
	static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30,
	    31, 30, 31};
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

static bool
date_from(struct slice s, struct pack_date *ret)
{
	uint64_t y, m, d;
	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' ||
	    !num_read_u64((struct slice){s.p, 4}, 9999, &y) ||
	    !num_read_u64((struct slice){s.p + 5, 2}, 12, &m) ||
	    !num_read_u64((struct slice){s.p + 8, 2}, 31, &d))
		return false;
	if (y < 1868 || m == 0 || d == 0 ||
	    d > days_of_month((unsigned)y, (unsigned)m))
		return false;
	*ret = (struct pack_date){(unsigned)y, (unsigned)m, (unsigned)d};
	return true;
}

static void
read_date(struct shape_reader *r, const char *key, const struct node *v,
    struct pack_date *ret)
{
	struct slice s;
	if (read_scalar(r, key, v, PACK_TEXT_MAX_BYTES, &s) &&
	    !date_from(s, ret))
		(void)pack_fault_add(r->faults, v->file, v->line,
		    "'%.*s' is no date for '%s'; write YYYY-MM-DD", SHOWN(s),
		    key);
}

static void
read_number(struct shape_reader *r, const struct shape_field *f,
    const struct node *v, uint64_t *ret)
{
	struct slice s;
	uint64_t most = f->most == 0 ? PACK_NUMBER_MAX : f->most;
	if (!read_scalar(r, f->key, v, PACK_TEXT_MAX_BYTES, &s))
		return;
	uint64_t n;
	if (!num_read_u64(s, UINT64_MAX, &n) || n < f->least || n > most)
		(void)pack_fault_add(r->faults, v->file, v->line,
		    "'%.*s' is no number for '%s'; write one from %llu to "
		    "%llu", SHOWN(s), f->key, (unsigned long long)f->least,
		    (unsigned long long)most);
	else
		*ret = n;
}

static bool
read_flag(struct shape_reader *r, const char *key, const struct node *v,
    bool *ret)
{
	struct slice s;
	if (!read_scalar(r, key, v, PACK_TEXT_MAX_BYTES, &s))
		return false;
	if (!slice_is(s, "true") && !slice_is(s, "false"))
		return pack_fault_add(r->faults, v->file, v->line,
		    "'%.*s' stands for '%s'; write true or false", SHOWN(s),
		    key);
	*ret = slice_is(s, "true");
	return true;
}

/* "a, b, c" of the words or keys that would have been right. */
struct listing {
	char text[400];
	size_t n;
};

static void
list_add(struct listing *l, const char *word)
{
	if (l->n >= sizeof(l->text) - 1)
		return;
	int n = snprintf(l->text + l->n, sizeof(l->text) - l->n, "%s%s",
	    l->n == 0 ? "" : ", ", word);
	if (n > 0)
		l->n += (size_t)n;
}

static bool
read_choice(struct shape_reader *r, const struct shape_field *f,
    const struct node *v, unsigned *ret)
{
	struct slice s;
	struct listing known = {.n = 0};
	if (!read_scalar(r, f->key, v, PACK_TEXT_MAX_BYTES, &s))
		return false;
	for (unsigned i = 0; f->words[i] != NULL; i++) {
		if (slice_is(s, f->words[i])) {
			*ret = i;
			return true;
		}
		list_add(&known, f->words[i]);
	}
	return pack_fault_add(r->faults, v->file, v->line,
	    "'%.*s' is unknown for '%s'; write one of %s", SHOWN(s), f->key,
	    known.text);
}

static bool
read_name(struct shape_reader *r, const struct shape_field *f,
    const struct node *v, struct pack_name *ret)
{
	struct slice s;
	if (f->type == SHAPE_TEXT_NAME) {
		if (!read_scalar(r, f->key, v, PACK_TEXT_MAX_BYTES, &s))
			return false;
	} else if (!read_id(r, f->key, v, &s)) {
		return false;
	}
	if (f->type == SHAPE_FILES && !is_file_name(s))
		return pack_fault_add(r->faults, v->file, v->line,
		    "'%.*s' is no name of a pack's file; it must end in "
		    ".yaml and stand in the pack's folder", SHOWN(s));
	*ret = (struct pack_name){s, v->file, v->line};
	return true;
}

/* `had` entries came from other files of the pack. */
static bool
check_length(struct shape_reader *r, const struct shape_field *f,
    const struct node *v, size_t had)
{
	uint64_t most = f->most == 0 ? LIST_MAX : f->most;
	if (v->kind != NODE_LIST)
		return pack_fault_add(r->faults, v->file, v->line,
		    "'%s' is a %s; it must be a list", f->key,
		    node_kind_name(v->kind));
	if (v->n < f->least)
		return pack_fault_add(r->faults, v->file, v->line,
		    "'%s' has %zu entries; at least %llu are needed", f->key,
		    v->n, (unsigned long long)f->least);
	if (had + v->n > most)
		return pack_fault_add(r->faults, v->file, v->line,
		    "'%s' has %zu entries; at most %llu are allowed", f->key,
		    had + v->n, (unsigned long long)most);
	return true;
}

static size_t
size_of_entry(const struct shape_field *f)
{
	if (f->type == SHAPE_TEXTS)
		return sizeof(struct slice);
	if (f->type == SHAPE_ARTICLES)
		return sizeof(struct pack_article);
	if (f->type == SHAPE_ENTRIES)
		return f->of->size;
	return sizeof(struct pack_name);
}

static bool
read_article(struct shape_reader *r, const char *key, const struct node *v,
    struct pack_article *ret)
{
	struct slice s;
	if (!read_scalar(r, key, v, ID_MAX_BYTES + 1 + PACK_REF_MAX_BYTES, &s))
		return false;
	if (ret->ref.n > 0)
		return pack_fault_add(r->faults, v->file, v->line,
		    "'%s' stands twice in the pack; keep one", key);
	ret->ref = s;
	ret->line = v->line;
	ret->file = v->file;
	return true;
}

/* One value of a list; false leaves it out. */
static bool
read_entry(struct shape_reader *r, const struct shape_field *f,
    const struct node *v, void *to)
{
	if (f->type == SHAPE_ENTRIES) {
		shape_fill(r, f->of, v, to);
		return true;
	}
	if (f->type == SHAPE_TEXTS)
		return read_scalar(r, f->key, v, PACK_TEXT_MAX_BYTES, to);
	if (f->type == SHAPE_ARTICLES)
		return read_article(r, f->key, v, to);
	return read_name(r, f, v, to);
}

static void
read_list(struct shape_reader *r, const struct shape_field *f,
    const struct node *v, void *to)
{
	size_t size = size_of_entry(f);
	size_t *n = place_at(to, f->n_at);
	const void **list = place_at(to, f->at);
	if (!check_length(r, f, v, *n))
		return;
	/* A list in several files of the pack is one list. */
	char *all = arena_array(r->arena, *n + v->n, size);
	if (all == NULL) {
		(void)pack_fault_add(r->faults, v->file, v->line,
		    "there is no memory left for the pack; divide it");
		return;
	}
	if (*n > 0)
		memcpy(all, *list, *n * size);
	size_t kept = *n;
	for (const struct node *c = v->first; c != NULL; c = c->next) {
		if (read_entry(r, f, c, all + kept * size))
			kept++;
		else
			memset(all + kept * size, 0, size);
	}
	*list = all;
	*n = kept;
}

static void
read_bits(struct shape_reader *r, const struct shape_field *f,
    const struct node *v, uint32_t *ret)
{
	if (!check_length(r, f, v, 0))
		return;
	for (const struct node *c = v->first; c != NULL; c = c->next) {
		unsigned bit = 0;
		if (!read_choice(r, f, c, &bit))
			continue;
		if ((*ret & UINT32_C(1) << bit) != 0)
			(void)pack_fault_add(r->faults, c->file, c->line,
			    "'%s' stands twice in '%s'; keep one",
			    f->words[bit], f->key);
		*ret |= UINT32_C(1) << bit;
	}
}

static const struct shape_field words_fields[] = {
	{.key = "ja", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_words, ja)},
	{.key = "en", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_words, en)},
};

static const struct shape words_shape = {"words", 0, words_fields, 2};

void
shape_fill_field(struct shape_reader *r, const struct shape_field *f,
    const struct node *v, void *to)
{
	void *at = place_at(to, f->at);
	if (f->given_at != 0)
		*(bool *)place_at(to, f->given_at) = true;
	switch (f->type) {
	case SHAPE_ID:
		(void)read_id(r, f->key, v, at);
		break;
	case SHAPE_REF:
		(void)read_scalar(r, f->key, v, PACK_REF_MAX_BYTES, at);
		break;
	case SHAPE_TEXT:
		(void)read_scalar(r, f->key, v, PACK_TEXT_MAX_BYTES, at);
		break;
	case SHAPE_CODE:
		read_code(r, f->key, v, at);
		break;
	case SHAPE_KATAKANA:
		read_katakana(r, f->key, v, at);
		break;
	case SHAPE_WORDS:
		shape_fill(r, &words_shape, v, at);
		break;
	case SHAPE_DATE:
		read_date(r, f->key, v, at);
		break;
	case SHAPE_NUMBER:
		read_number(r, f, v, at);
		break;
	case SHAPE_FLAG:
		(void)read_flag(r, f->key, v, at);
		break;
	case SHAPE_CHOICE:
		(void)read_choice(r, f, v, at);
		break;
	case SHAPE_BITS:
		read_bits(r, f, v, at);
		break;
	case SHAPE_NAME:
	case SHAPE_TEXT_NAME:
		(void)read_name(r, f, v, at);
		break;
	case SHAPE_ARTICLE:
		(void)read_article(r, f->key, v, at);
		break;
	case SHAPE_ENTRY:
		shape_fill(r, f->of, v, at);
		break;
	case SHAPE_NAMES:
	case SHAPE_FILES:
	case SHAPE_TEXTS:
	case SHAPE_ARTICLES:
	case SHAPE_ENTRIES:
		read_list(r, f, v, to);
		break;
	}
}

static void
tell_unknown(struct shape_reader *r, const struct shape *shape,
    const struct node *c)
{
	struct listing known = {.n = 0};
	/* clang takes a field's address for one that may be NULL. */
	for (size_t i = 0; i < shape->n_fields; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
		list_add(&known, shape->fields[i].key);
	(void)pack_fault_add(r->faults, c->file, c->key_line,
	    "the key '%.*s' is unknown for '%s'; the keys are %s",
	    SHOWN(c->key), shape->what, known.text);
}

static const struct shape_field *
field_of(const struct shape *shape, struct slice key)
{
	for (size_t i = 0; i < shape->n_fields; i++) {
		if (slice_is(key, shape->fields[i].key))
			return &shape->fields[i];
	}
	return NULL;
}

void
shape_fill(struct shape_reader *r, const struct shape *shape,
    const struct node *map, void *to)
{
	if (shape->size != 0)
		*(struct pack_place *)to =
		    (struct pack_place){map->file, map->line};
	if (map->kind != NODE_MAP) {
		(void)pack_fault_add(r->faults, map->file, map->line,
		    "'%s' is a %s; it must be a mapping", shape->what,
		    node_kind_name(map->kind));
		return;
	}
	for (const struct node *c = map->first; c != NULL; c = c->next) {
		const struct shape_field *f = field_of(shape, c->key);
		if (f == NULL)
			tell_unknown(r, shape, c);
		else
			shape_fill_field(r, f, c, to);
	}
	for (size_t i = 0; i < shape->n_fields; i++) {
		const struct shape_field *f = &shape->fields[i];
		if (f->is_required && node_child(map, f->key) == NULL)
			(void)pack_fault_add(r->faults, map->file, map->line,
			    "'%s' has no '%s'; add it", shape->what, f->key);
	}
}
