/* A table of a personnel change, row by row into appointments. */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/must.h"
#include "organ.h"
#include "personnel.h"

enum column {
	C_LOGON, C_NAME, C_KIND, C_SECTION, C_OFFICE, C_UNTIL, C_OLD_SECTION,
	C_OLD_OFFICE, COLUMNS
};

const struct sheet_column personnel_columns[] = {
    [C_LOGON] = {"logon", WORD_FIELD_LOGON, true},
    [C_NAME] = {"name", WORD_FIELD_NAME, false},
    [C_KIND] = {"kind", WORD_PERSONNEL_KIND, true},
    [C_SECTION] = {"section", WORD_PERSONNEL_SECTION, false},
    [C_OFFICE] = {"office", WORD_FIELD_OFFICE, false},
    [C_UNTIL] = {"until", WORD_PERSONNEL_UNTIL, false},
    [C_OLD_SECTION] = {"old_section", WORD_PERSONNEL_OLD_SECTION, false},
    [C_OLD_OFFICE] = {"old_office", WORD_PERSONNEL_OLD_OFFICE, false},
};
const size_t personnel_column_count = COLUMNS;

/* 異動, 兼務, 解任, 退職, 採用, 再任 */
enum kind { TRANSFER, ADD, REMOVE, LEAVE, ENTER, RENEW, KINDS };

static const struct {
	const char *id;
	enum word word;
	bool ends, begins, lengthens;
} kinds[KINDS] = {
    [TRANSFER] = {"transfer", WORD_PERSONNEL_KIND_TRANSFER, true, true, false},
    [ADD] = {"add", WORD_PERSONNEL_KIND_ADD, false, true, false},
    [REMOVE] = {"remove", WORD_PERSONNEL_KIND_REMOVE, true, false, false},
    [LEAVE] = {"leave", WORD_PERSONNEL_KIND_LEAVE, true, false, false},
    [ENTER] = {"enter", WORD_PERSONNEL_KIND_ENTER, false, true, false},
    [RENEW] = {"renew", WORD_PERSONNEL_KIND_RENEW, false, false, true},
};

struct place {
	struct people_section section;
	struct slice path;
};

struct reading {
	struct sheet *s;
	struct call *call;
	instant at, until;
	struct place *places;
	size_t n_places;
	struct people_organ *organs; /* at least one */
	size_t n_organs;
	struct door_appointment *list;
	size_t n, room;
};

/* One row, as far as it was understood. */
struct line {
	size_t row;
	enum kind kind;
	uint64_t person;
	const struct pack_office *office;
	const struct place *place; /* NULL: of the whole body or organ */
	uint64_t organ;
	instant until;
	size_t n_posts;
	const struct shown_capacity *posts;
};

static bool
fault(struct reading *r, const struct line *l, enum column c, const char *why)
{
	sheet_fault(r->s, l->row, c, why);
	return false;
}

static struct slice
cell(const struct reading *r, const struct line *l, enum column c)
{
	return sheet_cell(r->s, l->row, c);
}

/* ---- names ---- */

static bool
read_places(struct reading *r, struct err *err)
{
	struct people_page page = {.reader = door_reader(r->call->door),
	    .arena = r->call->arena, .body = r->call->visitor->body,
	    .max = PEOPLE_PAGE_MAX};
	struct people_section *list;
	size_t n, room = 0;
	do {
		if (!people_sections(&page, &list, &n, err))
			return false;
		struct place *more = arena_array(r->call->arena, room + n,
		    sizeof(*more));
		if (more == NULL)
			return ERR(err, ERR_LIMIT, "no memory for this table");
		if (room > 0)
			memcpy(more, r->places, room * sizeof(*more));
		for (size_t i = 0; i < n; i++)
			more[room + i] = (struct place){list[i],
			    section_path(r->call, list[i].id)};
		r->places = more;
		room += n;
		page.after = n > 0 ? list[n - 1].id : 0;
	} while (n == PEOPLE_PAGE_MAX);
	r->n_places = room;
	return true;
}

/* By its path, or by its name where no other has it. */
static bool
find_place(struct reading *r, const struct line *l, enum column c,
    const struct place **ret)
{
	struct slice name = cell(r, l, c);
	const struct place *found = NULL;
	size_t n = 0;
	*ret = NULL;
	for (size_t i = 0; i < r->n_places; i++) {
		const struct place *p = &r->places[i];
		if (slice_is_equal(p->path, name)) {
			*ret = p;
			return true;
		}
		if (slice_is_equal(p->section.name, name)) {
			found = p;
			n++;
		}
	}
	*ret = found;
	return n == 1 || fault(r, l, c, n == 0 ? "no_section"
	                                       : "many_sections");
}

/* By its key, its title, or a post that fills it. */
static bool
is_office(const struct pack_office *o, struct slice name)
{
	bool is_so = slice_is_equal(o->id, name) ||
	    slice_is_equal(o->title.ja, name) ||
	    slice_is_equal(o->title.en, name);
	for (size_t i = 0; i < o->n_posts; i++)
		is_so = is_so || slice_is_equal(o->posts[i], name);
	return is_so;
}

static bool
find_office(struct reading *r, const struct line *l, enum column c,
    const struct pack_office **ret)
{
	const struct pack *pack = r->call->pack;
	for (size_t i = 0; i < pack->n_offices; i++)
		if (is_office(&pack->offices[i], cell(r, l, c))) {
			*ret = &pack->offices[i];
			return true;
		}
	return fault(r, l, c, "no_office");
}

static bool
find_person(struct reading *r, struct line *l)
{
	struct store_reader *reader = door_reader(r->call->door);
	struct arena *a = r->call->arena;
	struct people_account account;
	struct people_person p;
	struct slice logon = cell(r, l, C_LOGON), name = cell(r, l, C_NAME);
	uint64_t body = r->call->visitor->body;
	if (logon.n > PEOPLE_LOGON_MAX_BYTES ||
	    !people_account_by_logon(reader, body, logon, a, &account, NULL) ||
	    !people_person_get(reader, body, account.person, a, &p, NULL))
		return fault(r, l, C_LOGON, "no_person");
	l->person = p.id;
	if (name.n > 0 && !slice_is_equal(name, p.name))
		return fault(r, l, C_NAME, "other_name");
	if (p.id == r->call->visitor->person)
		return fault(r, l, C_LOGON, "own_post");
	return true;
}

static bool
find_kind(struct reading *r, struct line *l)
{
	struct slice s = cell(r, l, C_KIND);
	for (l->kind = 0; l->kind < KINDS; l->kind++)
		if (slice_is(s, kinds[l->kind].id) ||
		    slice_is(s, word_text(kinds[l->kind].word, LANG_JA)) ||
		    slice_is(s, word_text(kinds[l->kind].word, LANG_EN)))
			return true;
	return fault(r, l, C_KIND, "no_kind");
}

static bool
find_until(struct reading *r, struct line *l)
{
	struct slice s = cell(r, l, C_UNTIL);
	struct date day;
	l->until = r->until;
	if (s.n > 0) {
		if (!date_read(s, &day, NULL))
			return fault(r, l, C_UNTIL, "no_date");
		l->until = date_end(day) + 1;
	}
	return l->until > r->at || fault(r, l, C_UNTIL, "ends_before");
}

/* ---- posts ---- */

/* An office of an organ names it; one of the whole body is in the first. */
static bool
find_organ(struct reading *r, struct line *l)
{
	struct slice name = cell(r, l, C_SECTION);
	bool is_named = l->office->scope == PACK_SCOPE_ORGAN;
	if (!is_named && name.n > 0)
		return fault(r, l, C_SECTION, "not_of_section");
	for (size_t i = 0; i < r->n_organs; i++)
		if (!is_named || slice_is_equal(r->organs[i].name, name)) {
			l->organ = r->organs[i].id;
			return true;
		}
	return fault(r, l, C_SECTION, name.n == 0 ? "empty" : "no_organ");
}

/* Where it goes; both columns belong together. */
static bool
find_post(struct reading *r, struct line *l)
{
	if (cell(r, l, C_OFFICE).n == 0)
		return fault(r, l, C_OFFICE, "empty");
	if (!find_office(r, l, C_OFFICE, &l->office))
		return false;
	if (l->office->scope == PACK_SCOPE_BODY ||
	    l->office->scope == PACK_SCOPE_ORGAN)
		return find_organ(r, l);
	if (cell(r, l, C_SECTION).n == 0)
		return fault(r, l, C_SECTION, "empty");
	if (!find_place(r, l, C_SECTION, &l->place))
		return false;
	l->organ = l->place->section.organ;
	return true;
}

/* Whether the table ends this appointment already. */
static bool
is_taken(const struct reading *r, uint64_t id)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->list[i].id == id)
			return true;
	return false;
}

static bool
add(struct reading *r, const struct door_appointment *a)
{
	if (r->n == r->room)
		return false;
	r->list[r->n++] = *a;
	return true;
}

/* Of the posts that stand then, those that the row means. */
static bool
is_meant(const struct shown_capacity *c, const struct place *old,
    const struct pack_office *office)
{
	return (old == NULL || c->section == old->section.id) &&
	    (office == NULL || slice_is_equal(c->office, office->id));
}

/*
 * The posts that end or go on: those named, else all. A transfer that names
 * none is of all of them.
 */
static bool
take_posts(struct reading *r, struct line *l)
{
	const struct pack_office *office = NULL;
	const struct place *old = NULL;
	enum column named = cell(r, l, C_OLD_OFFICE).n > 0 ? C_OLD_OFFICE
	                                                  : C_LOGON;
	size_t n = 0;
	if ((cell(r, l, C_OLD_SECTION).n > 0 &&
	        !find_place(r, l, C_OLD_SECTION, &old)) ||
	    (cell(r, l, C_OLD_OFFICE).n > 0 &&
	        !find_office(r, l, C_OLD_OFFICE, &office)))
		return false;
	for (size_t i = 0; i < l->n_posts; i++) {
		const struct shown_capacity *c = &l->posts[i];
		struct door_appointment a = {.id = c->id, .person = c->person,
		    .from = c->from, .until = l->until};
		bool is_standing = kinds[l->kind].lengthens
		    ? c->until >= r->at : c->until > r->at;
		if (!is_standing || !is_meant(c, old, office))
			continue;
		if (is_taken(r, c->id))
			return fault(r, l, named, "post_taken");
		n++;
		if (kinds[l->kind].ends)
			a.until = c->from > r->at ? c->from : r->at;
		else if (c->until >= l->until)
			return fault(r, l, C_UNTIL, "not_longer");
		if (!add(r, &a))
			return fault(r, l, COLUMNS, "too_many_rows");
	}
	return n > 0 || (l->kind == TRANSFER && old == NULL &&
	    office == NULL) || fault(r, l, named, "no_post");
}

/* Held by the same person then, or given twice. */
static bool
is_held_then(const struct reading *r, const struct line *l,
    const struct door_appointment *a)
{
	for (size_t i = 0; i < l->n_posts; i++) {
		const struct shown_capacity *c = &l->posts[i];
		if (c->until > r->at && c->section == a->section &&
		    c->organ == a->organ &&
		    slice_is_equal(c->office, a->office))
			return true;
	}
	for (size_t i = 0; i < r->n; i++)
		if (r->list[i].id == 0 && r->list[i].person == a->person &&
		    r->list[i].section == a->section &&
		    r->list[i].organ == a->organ &&
		    slice_is_equal(r->list[i].office, a->office))
			return true;
	return false;
}

static bool
give_post(struct reading *r, const struct line *l)
{
	struct door_appointment a = {.person = l->person,
	    .office = l->office->id,
	    .section = l->place == NULL ? 0 : l->place->section.id,
	    .organ = l->organ,
	    .from = r->at, .until = l->until};
	if (is_held_then(r, l, &a))
		return fault(r, l, C_OFFICE, "post_held");
	return add(r, &a) || fault(r, l, COLUMNS, "too_many_rows");
}

static bool
has_post_then(const struct reading *r, const struct line *l)
{
	for (size_t i = 0; i < l->n_posts; i++)
		if (l->posts[i].until > r->at)
			return true;
	return false;
}

static bool
read_line(struct reading *r, size_t row, struct err *err)
{
	struct line l = {.row = row};
	struct shown_capacity *posts;
	bool is_known = find_person(r, &l);
	is_known = find_kind(r, &l) && is_known;
	if (l.kind < KINDS && (kinds[l.kind].begins || kinds[l.kind].lengthens))
		is_known = find_until(r, &l) && is_known;
	if (l.kind < KINDS && kinds[l.kind].begins)
		is_known = find_post(r, &l) && is_known;
	if (!is_known)
		return true;
	if (!door_appointments(r->call->door, r->call->visitor, l.person, 0,
	    &posts, &l.n_posts, err))
		return false;
	l.posts = posts;
	bool takes = kinds[l.kind].ends || kinds[l.kind].lengthens;
	if (l.kind == ENTER && has_post_then(r, &l))
		(void)fault(r, &l, C_KIND, "post_there");
	else if ((!takes || take_posts(r, &l)) && kinds[l.kind].begins)
		(void)give_post(r, &l);
	return true;
}

bool
personnel_read(struct sheet *s, instant at, instant until,
    struct door_appointment **ret, size_t *ret_n, struct err *err)
{
	struct reading r = {.s = s, .call = s->call, .at = at, .until = until,
	    .room = PERSONNEL_ROWS_MAX};
	r.list = arena_array(s->call->arena, r.room, sizeof(*r.list));
	if (r.list == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this table");
	if (!read_places(&r, err) ||
	    !read_organs(s->call, &r.organs, &r.n_organs, err))
		return false;
	for (size_t i = 0; i < s->n_rows; i++)
		if (!read_line(&r, i, err))
			return false;
	if (arena_is_failed(s->call->arena))
		return ERR(err, ERR_LIMIT, "no memory for this table");
	*ret = r.list;
	*ret_n = r.n;
	return s->n_problems == 0 ||
	    ERR(err, ERR_INPUT, "the table has problems");
}
