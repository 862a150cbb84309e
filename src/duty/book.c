#include "duty/book.h"

#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/num.h"
#include "duty/view.h"
#include "procedure/procedure.h"
#include "register/register.h"

enum {
	VIEWS_MAX = 16,
	SOURCES_MAX = 64, /* of registers and procedures of all bodies */
	VIEW_ARENA_BYTES = 256 * 1024 * 1024,
	EXEMPT_DAYS_MAX = 366
};

/* What one register or procedure says now; read again when it has changed. */
struct source {
	uint64_t body;
	const struct pack *pack;
	struct slice of_register, of_procedure; /* one of them; the pack's */
	uint64_t changes;
	uint64_t used;
	struct proofs proofs;
	struct arena *arena; /* NULL: a free seat */
};

struct book {
	pthread_mutex_t lock; /* over all of it; never held across a wait */
	struct view *views[VIEWS_MAX];
	struct source sources[SOURCES_MAX];
	uint64_t clock; /* of use */
};

struct book *
book_open(void)
{
	struct book *b = mem_alloc(1, sizeof(*b));
	if (b == NULL)
		return NULL;
	*b = (struct book){.clock = 0};
	must(pthread_mutex_init(&b->lock, NULL) == 0);
	return b;
}

static void
drop(struct view *v)
{
	if (v != NULL && --v->owners == 0)
		arena_close(v->arena); /* holds the view itself */
}

void
book_close(struct book *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < VIEWS_MAX; i++)
		drop(b->views[i]);
	for (size_t i = 0; i < SOURCES_MAX; i++)
		arena_close(b->sources[i].arena);
	must(pthread_mutex_destroy(&b->lock) == 0);
	mem_free(b);
}

void
book_drop(struct book *b, const struct view *v)
{
	must(pthread_mutex_lock(&b->lock) == 0);
	drop((struct view *)v);
	must(pthread_mutex_unlock(&b->lock) == 0);
}

/* ---- what has changed ---- */

struct changes {
	struct register_changes *registers;
	size_t n_registers;
	struct procedure_changes *procedures;
	size_t n_procedures;
	uint64_t sum; /* each only grows, so the sum says whether any did */
};

static bool
read_changes(const struct book_ask *ask, struct arena *a, struct changes *ret,
    struct err *err)
{
	const struct procedure_source from = {
	    .reader = door_reader(ask->door), .arena = a, .body = ask->body,
	    .pack = ask->pack};
	if (!register_changes(from.reader, ask->body, a, &ret->registers,
	    &ret->n_registers, err) ||
	    !procedure_changes(&from, &ret->procedures, &ret->n_procedures,
	    err))
		return false;
	ret->sum = door_changes(ask->door);
	for (size_t i = 0; i < ret->n_registers; i++)
		ret->sum += ret->registers[i].n;
	for (size_t i = 0; i < ret->n_procedures; i++)
		ret->sum += ret->procedures[i].n;
	return true;
}

static uint64_t
changes_of(const struct changes *c, struct slice of_register,
    struct slice of_procedure)
{
	for (size_t i = 0; i < c->n_registers; i++)
		if (slice_is_equal(c->registers[i].register_id, of_register))
			return c->registers[i].n;
	for (size_t i = 0; i < c->n_procedures; i++)
		if (slice_is_equal(c->procedures[i].procedure, of_procedure))
			return c->procedures[i].n;
	return 0;
}

/* ---- sources ---- */

static bool
read_source(const struct evidence_ask *ask, struct slice of_register,
    struct slice of_procedure, struct arena *a, struct proofs *ret,
    struct err *err)
{
	const struct pack_register *r = pack_register(ask->pack, of_register);
	const struct pack_procedure *p =
	    pack_procedure(ask->pack, of_procedure);
	must(r != NULL || p != NULL);
	return r != NULL ? evidence_of_register(ask, r, a, ret, err)
	                 : evidence_of_procedure(ask, p, a, ret, err);
}

/* The seat of a source, or the one that was not used for longest. */
static struct source *
seat_of(struct book *b, const struct source *want)
{
	struct source *oldest = &b->sources[0];
	for (size_t i = 0; i < SOURCES_MAX; i++) {
		struct source *s = &b->sources[i];
		if (s->arena != NULL && s->body == want->body &&
		    s->pack == want->pack &&
		    slice_is_equal(s->of_register, want->of_register) &&
		    slice_is_equal(s->of_procedure, want->of_procedure))
			return s;
		if (s->used < oldest->used)
			oldest = s;
	}
	return oldest;
}

/* One computing of a view. */
struct making {
	struct book *book;
	const struct book_ask *ask;
	struct changes changes;
	struct evidence_ask evidence;
	struct view *view;
	/* What this view was made from. */
	struct {
		struct slice of_register, of_procedure;
		struct proofs proofs;
	} used[SOURCES_MAX];
	size_t n_used;
};

static bool
keep_now(struct making *m, const struct source *want, struct proofs *ret,
    struct err *err)
{
	struct source *s = seat_of(m->book, want);
	bool is_there = s->arena != NULL && s->body == want->body &&
	    s->pack == want->pack &&
	    slice_is_equal(s->of_register, want->of_register) &&
	    slice_is_equal(s->of_procedure, want->of_procedure);
	if (!is_there || s->changes != want->changes) {
		arena_close(s->arena);
		*s = *want;
		s->arena = arena_open(VIEW_ARENA_BYTES);
		if (s->arena == NULL)
			return ERR(err, ERR_BUSY, "no memory");
		if (!read_source(&m->evidence, s->of_register,
		    s->of_procedure, s->arena, &s->proofs, err)) {
			arena_close(s->arena);
			*s = (struct source){.arena = NULL};
			return false;
		}
	}
	s->used = ++m->book->clock;
	*ret = s->proofs;
	return true;
}

static bool
use(struct making *m, struct slice of_register, struct slice of_procedure,
    struct err *err)
{
	if (of_register.n == 0 && of_procedure.n == 0)
		return true;
	for (size_t i = 0; i < m->n_used; i++)
		if (slice_is_equal(m->used[i].of_register, of_register) &&
		    slice_is_equal(m->used[i].of_procedure, of_procedure))
			return true;
	if (m->n_used == SOURCES_MAX)
		return ERR(err, ERR_LIMIT, "duties look at too many "
		    "registers and procedures");
	struct proofs proofs;
	const struct source want = {.body = m->ask->body,
	    .pack = m->ask->pack, .of_register = of_register,
	    .of_procedure = of_procedure,
	    .changes = changes_of(&m->changes, of_register, of_procedure)};
	if (!(m->view->is_past
	        ? read_source(&m->evidence, of_register, of_procedure,
	              m->view->arena, &proofs, err)
	        : keep_now(m, &want, &proofs, err)))
		return false;
	m->used[m->n_used].of_register = of_register;
	m->used[m->n_used].of_procedure = of_procedure;
	m->used[m->n_used++].proofs = proofs;
	return true;
}

static const struct proofs *
find(void *ctx, struct slice of_register, struct slice of_procedure)
{
	const struct making *m = ctx;
	for (size_t i = 0; i < m->n_used; i++)
		if (slice_is_equal(m->used[i].of_register, of_register) &&
		    slice_is_equal(m->used[i].of_procedure, of_procedure))
			return &m->used[i].proofs;
	return NULL;
}

/* ---- a view ---- */

static bool
judge_duty(struct making *m, const struct pack_duty *d,
    const struct judge_ask *judge, struct duty_item **ret, size_t *ret_n,
    struct err *err)
{
	*ret_n = 0;
	if (!pack_duty_is_demanded(m->ask->pack, d))
		return true;
	return use(m, d->of.id, SLICE(""), err) &&
	    use(m, d->proof.of_register.id, d->proof.of_procedure.id, err) &&
	    duty_judge(judge, d, m->view->arena, ret, ret_n, err);
}

static bool
judge_duties(struct making *m, struct err *err)
{
	struct view *v = m->view;
	const struct pack *pack = v->pack;
	const struct judge_ask judge = {.pack = pack, .people = v->people,
	    .calendar = m->ask->calendar, .at = v->at, .today = v->day,
	    .find = find, .ctx = m};
	struct duty_item *lists[PACK_DUTIES_MAX];
	must(pack->n_duties <= PACK_DUTIES_MAX);
	v->ranges = arena_array(v->arena, pack->n_duties, sizeof(*v->ranges));
	for (size_t i = 0; i < pack->n_duties && v->ranges != NULL; i++) {
		v->ranges[i].first = v->n_items;
		if (!judge_duty(m, &pack->duties[i], &judge, &lists[i],
		    &v->ranges[i].n, err))
			return false;
		v->n_items += v->ranges[i].n;
	}
	v->items = arena_array(v->arena, v->n_items, sizeof(*v->items));
	if (v->ranges == NULL || v->items == NULL)
		return ERR(err, ERR_LIMIT, "no room for all duties");
	for (size_t i = 0; i < pack->n_duties; i++)
		if (v->ranges[i].n > 0)
			memcpy(v->items + v->ranges[i].first, lists[i],
			    v->ranges[i].n * sizeof(*v->items));
	return true;
}

/* Names of rows outlive the source that they were read into. */
static void
copy_names(struct view *v)
{
	for (size_t i = 0; i < v->n_items && !v->is_past; i++)
		if (v->items[i].name.n > 0)
			v->items[i].name =
			    arena_copy(v->arena, v->items[i].name);
}

static struct slice
value_of(const struct proofs *p, const struct proof_row *row, const char *id)
{
	size_t at = proofs_field(p, slice_of(id));
	return at < p->n_fields ? row->values[at] : SLICE_NONE;
}

/* A decided matter takes a provision out, for a year at most. */
static void
take_exemption(struct view *v, const struct proofs *p,
    const struct proof_row *row)
{
	uint64_t section = 0;
	struct slice s = value_of(p, row, "section");
	struct date until = proofs_date(value_of(p, row, "until"));
	struct date most = date_add_days(row->fact, EXEMPT_DAYS_MAX);
	const struct pack_provision *provision =
	    pack_provision(v->pack, value_of(p, row, "provision"));
	if (date_is_none(until) || date_compare(until, most) > 0)
		until = most;
	if (provision == NULL || date_compare(until, v->day) < 0 ||
	    (s.n > 0 && !num_read_hex(s, &section)))
		return;
	v->exemptions[v->n_exemptions++] = (struct exemption){
	    .matter = row->id, .provision = provision, .section = section,
	    .until = until};
}

static bool
read_exemptions(struct making *m, struct err *err)
{
	struct view *v = m->view;
	const struct pack_procedure *p =
	    pack_procedure(v->pack, SLICE("exemption"));
	if (p == NULL)
		return true;
	if (!use(m, SLICE(""), p->id, err))
		return false;
	const struct proofs *proofs = find(m, SLICE(""), p->id);
	v->exemptions = arena_array(v->arena, proofs->n,
	    sizeof(*v->exemptions));
	if (v->exemptions == NULL)
		return ERR(err, ERR_LIMIT, "no room for all exemptions");
	for (size_t i = 0; i < proofs->n; i++)
		take_exemption(v, proofs, &proofs->rows[i]);
	return true;
}

static bool
make(struct making *m, struct err *err)
{
	struct view *v = m->view;
	struct organisation *people = arena_alloc(v->arena, sizeof(*people));
	v->people = people;
	v->findings = arena_array(v->arena, v->pack->n_provisions,
	    sizeof(*v->findings));
	if (people == NULL || v->findings == NULL)
		return ERR(err, ERR_LIMIT, "no room for the board");
	if (!evidence_of_people(&m->evidence, v->arena, people, err) ||
	    !judge_duties(m, err) || !read_exemptions(m, err))
		return false;
	copy_names(v);
	view_judge(v);
	return !arena_is_failed(v->arena) ||
	    ERR(err, ERR_LIMIT, "no room for the board");
}

static struct view *
open_view(const struct book_ask *ask, uint64_t changes, bool is_past)
{
	struct arena *a = arena_open(VIEW_ARENA_BYTES);
	struct view *v = a == NULL ? NULL : arena_alloc(a, sizeof(*v));
	if (v == NULL) {
		arena_close(a);
		return NULL;
	}
	*v = (struct view){.owners = 1, .arena = a, .body = ask->body,
	    .pack = ask->pack, .day = ask->day, .is_past = is_past,
	    .changes = changes,
	    .at = is_past ? date_end(ask->day) : ask->now};
	return v;
}

/* Where it stands, or the place of the one that was not used for longest. */
static struct view **
place_of(struct book *b, const struct book_ask *ask, bool is_past)
{
	struct view **oldest = &b->views[0];
	for (size_t i = 0; i < VIEWS_MAX; i++) {
		struct view *v = b->views[i];
		if (v != NULL && v->body == ask->body &&
		    v->pack == ask->pack && v->is_past == is_past &&
		    (!is_past || date_compare(v->day, ask->day) == 0))
			return &b->views[i];
		if (v == NULL ||
		    (*oldest != NULL && v->used < (*oldest)->used))
			oldest = &b->views[i];
	}
	return oldest;
}

static bool
get(struct book *b, const struct book_ask *ask, struct arena *a,
    const struct view **ret, struct err *err)
{
	bool is_past = date_compare(ask->day, date_of_instant(ask->now)) < 0;
	struct view **place = place_of(b, ask, is_past);
	struct making m = {.book = b, .ask = ask,
	    .evidence = {.door = ask->door, .body = ask->body,
	        .pack = ask->pack}};
	if (!read_changes(ask, a, &m.changes, err))
		return false;
	bool is_there = *place != NULL && (*place)->body == ask->body &&
	    (*place)->pack == ask->pack && (*place)->is_past == is_past &&
	    date_compare((*place)->day, ask->day) == 0 &&
	    (*place)->changes == m.changes.sum;
	if (!is_there) {
		m.view = open_view(ask, m.changes.sum, is_past);
		if (m.view == NULL)
			return ERR(err, ERR_BUSY, "no memory");
		m.evidence.at = is_past ? m.view->at : 0;
		if (!make(&m, err)) {
			drop(m.view);
			return false;
		}
		drop(*place);
		*place = m.view;
	}
	(*place)->owners++;
	(*place)->used = ++b->clock;
	*ret = *place;
	return true;
}

bool
book_get(struct book *b, const struct book_ask *ask, const struct view **ret,
    struct err *err)
{
	if (date_compare(ask->day, date_of_instant(ask->now)) > 0)
		return ERR(err, ERR_INPUT, "that day is still to come");
	SCOPED(arena_close_scoped)
	struct arena *a = arena_open(1024 * 1024);
	if (a == NULL)
		return ERR(err, ERR_BUSY, "no memory");
	must(pthread_mutex_lock(&b->lock) == 0);
	bool is_fine = get(b, ask, a, ret, err);
	must(pthread_mutex_unlock(&b->lock) == 0);
	return is_fine;
}

/* ---- asking ---- */

struct date
view_day(const struct view *v)
{
	return v->day;
}

const struct organisation *
view_people(const struct view *v)
{
	return v->people;
}

const struct duty_item *
view_items(const struct view *v, size_t *ret_n)
{
	*ret_n = v->n_items;
	return v->items;
}
