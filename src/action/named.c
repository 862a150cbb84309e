/*
 * Persons and accounts as people name them in a form: by name, reading or
 * log-on name; chosen from a list where the body has few.
 */
#include "action/named.h"

#include "base/fold.h"
#include "base/num.h"
#include "people/people.h"
#include "rows.h"

enum {
	LISTED_MAX = 100,    /* persons that a form lists; past it one types */
	CANDIDATES_MAX = NAMED_MAX, /* offered for one text */
	FOLDED_MAX_BYTES = 1024,
	PAGE_PERSONS = 500,
	PAGE_MAX_BYTES = 1024 * 1024
};

/* ---- labels and lists ---- */

static struct people_page
page_of(struct call *call, size_t max)
{
	return (struct people_page){.reader = door_reader(call->door),
	    .arena = call->arena, .body = call->visitor->body, .max = max};
}

struct slice
post_name(const struct call *call, const struct shown_capacity *c)
{
	return arena_printf(call->arena, "%.*s%s%.*s", SLICE_FMT(c->path),
	    c->path.n > 0 ? " " : "", SLICE_FMT(c->title));
}

struct slice
person_posts(struct call *call, uint64_t person)
{
	struct shown_capacity *list;
	size_t n;
	struct buf to = buf_of(4096);
	if (!door_appointments(call->door, call->visitor, person, 0, &list,
	    &n, NULL))
		n = 0;
	for (size_t i = 0; i < n; i++) {
		if (list[i].from > call->now || list[i].until <= call->now)
			continue;
		if (to.n > 0)
			buf_add_str(&to, "、");
		buf_add(&to, post_name(call, &list[i]));
	}
	struct slice s = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return s;
}

/* Name, and what tells two of one name apart: posts, log-on name. */
static struct slice
label_of(struct call *call, const struct people_person *p, struct slice logon)
{
	struct slice posts = person_posts(call, p->id);
	struct slice more = arena_printf(call->arena, "%.*s%s%.*s",
	    SLICE_FMT(posts), posts.n > 0 && logon.n > 0 ? "、" : "",
	    SLICE_FMT(logon));
	return more.n == 0 ? p->name
	    : call_word(call, WORD_PERSON_LABEL, p->name, more);
}

static struct slice
person_label(struct call *call, const struct people_person *p)
{
	struct people_page page = page_of(call, 1);
	struct people_account *first;
	size_t n;
	return label_of(call, p, people_accounts_of(&page, p->id, &first, &n,
	    NULL) && n > 0 ? first->logon : SLICE(""));
}

static struct slice
account_label(struct call *call, const struct people_account *account)
{
	struct people_person p;
	return people_person_get(door_reader(call->door), call->visitor->body,
	    account->person, call->arena, &p, NULL)
	    ? label_of(call, &p, account->logon) : account->logon;
}

bool
put_person_options(struct call *call, struct err *err)
{
	struct people_page page = page_of(call, LISTED_MAX + 1);
	struct people_person *list;
	size_t n;
	if (!people_persons(&page, &list, &n, err))
		return false;
	if (n > LISTED_MAX)
		return true;
	struct out *out = out_list(call->arena, call->out, "person_options");
	for (size_t i = 0; i < n; i++)
		put_choice(call, out, list[i].id,
		    person_label(call, &list[i]));
	return true;
}

bool
put_account_options(struct call *call, struct err *err)
{
	struct people_page page = page_of(call, LISTED_MAX + 1);
	struct people_account *list;
	size_t n;
	if (!people_accounts(&page, &list, &n, err))
		return false;
	if (n > LISTED_MAX)
		return true;
	struct out *out = out_list(call->arena, call->out, "account_options");
	for (size_t i = 0; i < n; i++)
		if (list[i].state != PEOPLE_ENDED)
			put_choice(call, out, list[i].id,
			    account_label(call, &list[i]));
	return true;
}

/* ---- what is meant ---- */

/* One text that is no id, and whom it fits. */
struct sought {
	struct value *value;
	struct slice name, kana; /* folded */
	bool is_exact;           /* of those found; others fit its beginning */
	bool has_more;
	size_t n;
	uint64_t ids[CANDIDATES_MAX];
};

static struct slice
folded(struct call *call, struct slice s,
    void (*fold)(struct slice s, struct buf *to))
{
	struct buf to = buf_of(FOLDED_MAX_BYTES);
	fold(s, &to);
	struct slice copy = to.failed ? SLICE("")
	    : arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

static void
add_candidate(struct sought *s, uint64_t id)
{
	if (s->n == CANDIDATES_MAX)
		s->has_more = true;
	else
		s->ids[s->n++] = id;
}

/* Whole names before beginnings of names. */
static void
compare(struct sought *s, uint64_t id, struct slice name, struct slice kana)
{
	bool is_exact = (s->name.n > 0 && slice_is_equal(s->name, name)) ||
	    (s->kana.n > 0 && slice_is_equal(s->kana, kana));
	bool is_begun = (s->name.n > 0 && slice_has_prefix(name, s->name)) ||
	    (s->kana.n > 0 && slice_has_prefix(kana, s->kana));
	if (is_exact && !s->is_exact) {
		s->is_exact = true;
		s->has_more = false;
		s->n = 0;
	}
	if (s->is_exact ? is_exact : is_begun)
		add_candidate(s, id);
}

/* All persons of the body once, whatever the number of texts. */
static bool
compare_all(struct call *call, struct sought *sought, size_t n,
    struct err *err)
{
	struct people_page page = page_of(call, PAGE_PERSONS);
	struct people_person *list;
	size_t n_list;
	struct buf name = buf_of(FOLDED_MAX_BYTES);
	struct buf kana = buf_of(FOLDED_MAX_BYTES);
	bool worked = true;
	do {
		struct arena *a SCOPED(arena_close_scoped) =
		    arena_open(PAGE_MAX_BYTES);
		n_list = 0;
		page.arena = a;
		worked = a != NULL
		    ? people_persons(&page, &list, &n_list, err)
		    : ERR(err, ERR_BUSY, "no memory for this request");
		for (size_t i = 0; worked && i < n_list; i++) {
			buf_reset(&name);
			buf_reset(&kana);
			fold_name(list[i].name, &name);
			fold_kana(list[i].kana, &kana);
			for (size_t j = 0; j < n; j++)
				compare(&sought[j], list[i].id,
				    slice_bytes(name.p, name.n),
				    slice_bytes(kana.p, kana.n));
		}
		if (n_list == PAGE_PERSONS) {
			page.after = list[n_list - 1].id;
			page.after_kana = arena_copy(call->arena,
			    list[n_list - 1].kana);
		}
	} while (worked && n_list == PAGE_PERSONS);
	buf_close(&name);
	buf_close(&kana);
	return worked;
}

/* Persons by their accounts, where accounts are asked for. */
static bool
take_accounts(struct call *call, struct sought *s, struct err *err)
{
	struct people_page page = page_of(call, CANDIDATES_MAX);
	struct sought accounts = {.has_more = s->has_more};
	for (size_t i = 0; i < s->n; i++) {
		struct people_account *list;
		size_t n;
		if (!people_accounts_of(&page, s->ids[i], &list, &n, err))
			return false;
		for (size_t j = 0; j < n; j++)
			if (list[j].state != PEOPLE_ENDED)
				add_candidate(&accounts, list[j].id);
	}
	s->n = accounts.n;
	s->has_more = accounts.has_more;
	memcpy(s->ids, accounts.ids, sizeof(s->ids));
	return true;
}

static bool
is_there(struct call *call, const struct field *f, uint64_t id)
{
	struct store_reader *r = door_reader(call->door);
	struct people_person person;
	struct people_account account;
	return f->type == FIELD_PERSON
	    ? people_person_get(r, call->visitor->body, id, call->arena,
	        &person, NULL)
	    : people_account_get(r, call->visitor->body, id, call->arena,
	        &account, NULL);
}

/* By id, or by the log-on name, which is one person's alone. */
static bool
find_exactly(struct call *call, struct value *v)
{
	struct people_account account;
	uint64_t id;
	if (v->text.n == 16 && num_read_hex(v->text, &id) && id >> 63 == 0 &&
	    is_there(call, v->field, id)) {
		v->number = id;
		return true;
	}
	if (v->text.n > PEOPLE_LOGON_MAX_BYTES ||
	    !people_account_by_logon(door_reader(call->door),
	        call->visitor->body, v->text, call->arena, &account, NULL))
		return false;
	v->number = v->field->type == FIELD_PERSON ? account.person
	    : account.id;
	return true;
}

static void
offer(struct call *call, const struct sought *s)
{
	const size_t most = sizeof(call->offers) / sizeof(call->offers[0]);
	struct store_reader *r = door_reader(call->door);
	struct people_person person;
	struct people_account account;
	for (size_t i = 0; i < s->n && call->offer_count < most; i++) {
		struct offer *o = &call->offers[call->offer_count];
		*o = (struct offer){.field = s->value->field, .id = s->ids[i]};
		if (s->value->field->type == FIELD_PERSON
		    ? people_person_get(r, call->visitor->body, o->id,
		        call->arena, &person, NULL)
		    : people_account_get(r, call->visitor->body, o->id,
		        call->arena, &account, NULL)) {
			o->label = s->value->field->type == FIELD_PERSON
			    ? person_label(call, &person)
			    : account_label(call, &account);
			call->offer_count++;
		}
	}
}

/* One of those whom the text fits was chosen beside it. */
static uint64_t
chosen_among(const struct call *call, const struct sought *s)
{
	for (size_t i = 0; i < call->value_count; i++)
		for (size_t j = 0; j < s->n; j++)
			if (&call->values[i] != s->value &&
			    call->values[i].field == s->value->field &&
			    call->values[i].number == s->ids[j])
				return s->ids[j];
	return 0;
}

static void
settle(struct call *call, struct sought *s)
{
	const char *name = s->value->field->name;
	struct err ignored = ERR_INIT; /* the mistake says it */
	if (s->n == 1 && !s->has_more) {
		s->value->number = s->ids[0];
		return;
	}
	if (s->n > 0) {
		offer(call, s);
		s->value->number = chosen_among(call, s);
	}
	if (s->value->number != 0)
		return;
	(void)!call_mistake(call, &ignored, name, s->n == 0
	    ? WORD_MISTAKE_NOBODY : s->has_more ? WORD_MISTAKE_MANY_FIT
	    : WORD_MISTAKE_SEVERAL_FIT, s->value->text,
	    arena_printf(call->arena, "%zu", s->n));
}

/* The same one twice is one; a field for one takes no two. */
static void
drop_doubles(struct call *call)
{
	struct err ignored = ERR_INIT; /* the mistake says it */
	size_t kept = 0;
	for (size_t i = 0; i < call->value_count; i++) {
		struct value *v = &call->values[i];
		const struct value *first = NULL;
		bool is_named = v->field->type == FIELD_PERSON ||
		    v->field->type == FIELD_ACCOUNT;
		for (size_t j = 0; is_named && j < kept; j++)
			if (call->values[j].field == v->field &&
			    (!v->field->many ||
			        call->values[j].number == v->number))
				first = &call->values[j];
		if (first != NULL && first->number != v->number &&
		    first->number != 0 && v->number != 0)
			(void)!call_mistake(call, &ignored, v->field->name,
			    WORD_MISTAKE_TWICE, slice_of(word_text(
			        v->field->label, call->lang)), SLICE(""));
		if (first == NULL || v->number == 0)
			call->values[kept++] = *v;
	}
	call->value_count = kept;
}

bool
call_find_named(struct call *call, struct err *err)
{
	size_t n = 0, before = call->mistake_count;
	if (call->visitor == NULL || call->is_named)
		return true;
	call->is_named = true;
	struct sought *sought = arena_array(call->arena, call->value_count,
	    sizeof(*sought));
	for (size_t i = 0; sought != NULL && i < call->value_count; i++) {
		struct value *v = &call->values[i];
		if ((v->field->type == FIELD_PERSON ||
		        v->field->type == FIELD_ACCOUNT) &&
		    !find_exactly(call, v))
			sought[n++] = (struct sought){.value = v,
			    .name = folded(call, v->text, fold_name),
			    .kana = folded(call, v->text, fold_kana)};
	}
	if (n > 0 && !compare_all(call, sought, n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (sought[i].value->field->type == FIELD_ACCOUNT &&
		    !take_accounts(call, &sought[i], err))
			return false;
	for (size_t i = 0; i < n; i++)
		settle(call, &sought[i]);
	drop_doubles(call);
	if (arena_is_failed(call->arena))
		return ERR(err, ERR_LIMIT, "no memory for this request");
	return call->mistake_count == before ||
	    ERR(err, ERR_INPUT, "%s: %zu persons are not clear",
	        call->action->name, call->mistake_count - before);
}

bool
call_named_person(struct call *call, struct slice text, struct named *ret,
    struct err *err)
{
	static const struct field any = {.name = "person",
	    .type = FIELD_PERSON};
	struct value v = {.field = &any, .text = text};
	struct sought s = {.value = &v, .name = folded(call, text, fold_name),
	    .kana = folded(call, text, fold_kana)};
	struct people_person person;
	*ret = (struct named){.n = 0};
	if (find_exactly(call, &v)) {
		ret->ids[ret->n++] = v.number;
		return true;
	}
	if (!compare_all(call, &s, 1, err))
		return false;
	ret->n = s.n;
	ret->has_more = s.has_more;
	memcpy(ret->ids, s.ids, sizeof(ret->ids));
	for (size_t i = 0; s.n > 1 && i < s.n; i++)
		ret->labels[i] = people_person_get(door_reader(call->door),
		    call->visitor->body, s.ids[i], call->arena, &person, NULL)
		    ? person_label(call, &person) : SLICE("");
	return true;
}

bool
call_types_persons(struct call *call)
{
	struct people_page page = page_of(call, LISTED_MAX + 1);
	struct people_person *list;
	size_t n;
	return people_persons(&page, &list, &n, NULL) && n > LISTED_MAX;
}
