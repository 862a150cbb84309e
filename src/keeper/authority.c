#include "keeper/authority.h"

#include <string.h>

#include "base/must.h"
#include "keeper/message.h"
#include "keeper/wire.h"

static const char *const kind_names[] = {
    [AUTHORITY_BODY] = "body",
    [AUTHORITY_HOLDING] = "holding",
    [AUTHORITY_APPOINTMENT] = "appointment",
    [AUTHORITY_GRANT] = "grant",
    [AUTHORITY_EMERGENCY] = "emergency",
    [AUTHORITY_CREDENTIAL] = "credential",
    [AUTHORITY_PERMIT] = "permit",
    [AUTHORITY_TERMINAL] = "terminal",
    [AUTHORITY_SECRET] = "secret",
    [AUTHORITY_RELEASE] = "release",
    [AUTHORITY_REVIEW] = "review",
    [AUTHORITY_CHANGE] = "change",
};
_Static_assert(sizeof(kind_names) / sizeof(kind_names[0]) ==
	AUTHORITY_KINDS_END,
    "each kind has its name");

const char *
authority_kind_name(enum authority_kind kind)
{
	return (unsigned)kind < AUTHORITY_KINDS_END ? kind_names[kind] : NULL;
}

bool
authority_text_set(struct authority_text *t, struct slice s)
{
	if (s.n > sizeof(t->p))
		return false;
	*t = (struct authority_text){.n = (uint8_t)s.n};
	if (s.n > 0)
		memcpy(t->p, s.p, s.n);
	return true;
}

/* One byte of length, printable bytes. */
static void
text(struct wire *w, struct authority_text *t, size_t max)
{
	wire_u8(w, &t->n);
	if (t->n > max || t->n > sizeof(t->p)) {
		w->is_bad = true;
		return;
	}
	wire_bytes(w, t->p, t->n);
	for (size_t i = 0; !w->is_bad && i < t->n; i++)
		if ((unsigned char)t->p[i] < 0x20 || t->p[i] == 0x7f)
			w->is_bad = true;
}

static void
need(struct wire *w, bool is_so)
{
	if (!is_so)
		w->is_bad = true;
}

static void
head(struct wire *w, struct authority_head *h)
{
	WIRE_ENUM(w, &h->kind, AUTHORITY_KINDS_END);
	wire_u64(w, &h->body);
	wire_u64(w, &h->id);
	wire_u32(w, &h->version);
	wire_i64(w, &h->from);
	wire_i64(w, &h->until);
	wire_u64(w, &h->made_by);
	wire_u64(w, &h->made_in);
	wire_u64(w, &h->confirmed_by);
	wire_u64(w, &h->confirmed_in);
	wire_u16(w, &h->flags);
	need(w, h->kind != 0 && h->body != 0 && h->id != 0 && h->version != 0);
	need(w, h->from >= 0 && h->from <= h->until);
	need(w, (h->flags & ~(AUTHORITY_PENDING | AUTHORITY_MAINTENANCE)) == 0);
}

static void
body(struct wire *w, struct authority_body *b)
{
	wire_u32(w, &b->bulk_records);
	wire_u32(w, &b->bulk_window_min);
	wire_bool(w, &b->bulk_stop);
	wire_u8(w, &b->permits_needed);
	wire_u32(w, &b->idle_min);
	wire_u32(w, &b->idle_high_min);
	wire_u32(w, &b->session_max_hours);
	wire_u32(w, &b->logon_failures);
	wire_u32(w, &b->logon_delay_min);
	wire_u32(w, &b->emergency_hours);
	wire_u8(w, &b->password_min);
	wire_u8(w, &b->appointers_needed);
	wire_u16(w, &b->password_max_days);
	wire_u8(w, &b->password_reuse);
	need(w, b->bulk_window_min >= 1 && b->bulk_window_min <= 7 * 24 * 60);
	need(w, b->permits_needed == 1 || b->permits_needed == 2);
	need(w, b->idle_min >= 1 && b->idle_min <= 24 * 60);
	need(w, b->idle_high_min >= 1 && b->idle_high_min <= 24 * 60);
	need(w, b->session_max_hours >= 1 && b->session_max_hours <= 7 * 24);
	need(w, b->logon_failures >= 1 && b->logon_failures <= 100);
	need(w, b->logon_delay_min >= 1 && b->logon_delay_min <= 24 * 60);
	need(w, b->emergency_hours <= 31 * 24);
	need(w, b->password_min >= 8 && b->password_min <= 64);
	need(w, b->appointers_needed == 1 || b->appointers_needed == 2);
	need(w, b->password_reuse <= CREDENTIAL_PAST_MAX);
}

static void
holding(struct wire *w, struct authority_holding *h)
{
	wire_u64(w, &h->section);
	wire_u64(w, &h->organ);
	wire_u8(w, &h->sensitivity);
	wire_u16(w, &h->flags);
	need(w, h->section != 0);
	need(w, (h->flags & ~(HOLDING_SECOND_FACTOR | HOLDING_MY_NUMBER |
			    HOLDING_TERMINALS_ONLY)) == 0);
}

static void
appointment(struct wire *w, struct authority_appointment *a)
{
	wire_u64(w, &a->person);
	wire_u64(w, &a->section);
	wire_u64(w, &a->organ);
	text(w, &a->office, AUTHORITY_OFFICE_MAX_BYTES);
	wire_u32(w, &a->rights);
	need(w, a->person != 0 && a->office.n > 0);
	need(w, a->rights < RIGHT_BIT(RIGHTS_END));
}

static void
grant(struct wire *w, struct authority_grant *g)
{
	uint8_t n = (uint8_t)g->n_terminals;
	wire_u64(w, &g->person);
	wire_u64(w, &g->capacity);
	text(w, &g->office, AUTHORITY_OFFICE_MAX_BYTES);
	wire_u64(w, &g->section);
	wire_u64(w, &g->holding);
	wire_u32(w, &g->acts);
	wire_u64(w, &g->items);
	wire_u8(w, &g->rows_kind);
	text(w, &g->rows, AUTHORITY_ROWS_TEXT_MAX_BYTES);
	need(w, g->n_terminals <= AUTHORITY_TERMINALS_MAX ||
		wire_is_reading(w));
	wire_u8(w, &n);
	need(w, n <= AUTHORITY_TERMINALS_MAX);
	for (size_t i = 0; !w->is_bad && i < n; i++)
		wire_u64(w, &g->terminals[i]);
	if (wire_is_reading(w))
		g->n_terminals = n;
	wire_u8(w, &g->weekdays);
	wire_u16(w, &g->from_minute);
	wire_u16(w, &g->to_minute);
	wire_u16(w, &g->flags);
	text(w, &g->article, AUTHORITY_ARTICLE_MAX_BYTES);
	text(w, &g->ground, AUTHORITY_OFFICE_MAX_BYTES);
	need(w, g->n_days <= AUTHORITY_DAYS_MAX || wire_is_reading(w));
	n = (uint8_t)g->n_days;
	wire_u8(w, &n);
	need(w, n <= AUTHORITY_DAYS_MAX);
	for (size_t i = 0; !w->is_bad && i < n; i++) {
		uint32_t day = (uint32_t)g->days[i];
		wire_u32(w, &day);
		if (wire_is_reading(w))
			g->days[i] = (int32_t)day;
	}
	if (wire_is_reading(w))
		g->n_days = n;
	need(w, (g->person != 0) != (g->office.n > 0));
	need(w, (g->person != 0) == (g->capacity != 0));
	need(w, g->office.n > 0 || g->section == 0);
	need(w, g->holding != 0 && g->acts < ACT_BIT(ACTS_END));
	need(w, g->weekdays < 0x80 && g->from_minute <= g->to_minute &&
		g->to_minute <= 24 * 60);
	need(w, (g->flags & ~(GRANT_SECRET | GRANT_SURGE | GRANT_PROVISION)) ==
		0);
	need(w, ((g->flags & GRANT_PROVISION) != 0) == (g->ground.n > 0));
	need(w, ((g->flags & GRANT_SECRET) != 0) ==
		((g->acts & ACT_BIT(ACT_SECRET)) != 0));
	need(w, (g->flags & GRANT_SURGE) != 0 || g->n_days == 0);
}

static void
credential(struct wire *w, struct authority_credential *c)
{
	wire_u64(w, &c->account);
	wire_u64(w, &c->person);
	wire_u16(w, &c->flags);
	wire_i64(w, &c->set_at);
	wire_bytes(w, c->sealed, sizeof(c->sealed));
	need(w, c->account != 0 && c->person != 0);
	need(w, (c->flags & ~(CREDENTIAL_HAS_CODE | CREDENTIAL_MUST_CHANGE)) ==
		0);
}

static void
permit(struct wire *w, struct authority_permit *p)
{
	wire_u64(w, &p->account);
	wire_u64(w, &p->holding);
	wire_u32(w, &p->count);
	need(w, p->account != 0);
}

static void
terminal(struct wire *w, struct authority_terminal *t)
{
	wire_bytes(w, t->fingerprint, sizeof(t->fingerprint));
	wire_u64(w, &t->section);
}

static void
secret(struct wire *w, struct authority_secret *s)
{
	wire_u64(w, &s->holding);
	wire_bool(w, &s->is_secret);
	wire_i64(w, &s->until);
	wire_i64(w, &s->renew_by);
	need(w, s->holding != 0 && s->renew_by >= 0 && s->renew_by <= s->until);
	need(w, s->is_secret == (s->renew_by > 0));
}

static void
release(struct wire *w, struct authority_release *r)
{
	wire_u64(w, &r->person);
	wire_u64(w, &r->holding);
	wire_u64(w, &r->record);
	wire_u32(w, &r->version);
	wire_u8(w, &r->act);
	text(w, &r->purpose, AUTHORITY_OFFICE_MAX_BYTES);
	need(w, r->person != 0 && r->holding != 0 && r->record != 0 &&
		r->version != 0 && r->purpose.n > 0);
	need(w, r->act < ACTS_END && act_is_output((enum act)r->act));
}

static void
review(struct wire *w, struct authority_review *r)
{
	wire_u64(w, &r->holding);
	wire_u8(w, &r->verdict);
	need(w, r->holding != 0 && r->verdict > 0 &&
		r->verdict < REVIEW_VERDICTS_END);
}

static void
change(struct wire *w, struct authority_change *c)
{
	wire_bytes(w, c->digest, sizeof(c->digest));
	wire_u32(w, &c->rows);
	need(w, c->rows > 0);
}

static void
layout(struct wire *w, struct authority_row *row)
{
	head(w, &row->head);
	if (w->is_bad)
		return;
	switch (row->head.kind) {
	case AUTHORITY_BODY:
		body(w, &row->body);
		need(w, row->head.id == row->head.body);
		return;
	case AUTHORITY_HOLDING:
		holding(w, &row->holding);
		return;
	case AUTHORITY_APPOINTMENT:
		appointment(w, &row->appointment);
		return;
	case AUTHORITY_GRANT:
	case AUTHORITY_EMERGENCY:
		grant(w, &row->grant);
		return;
	case AUTHORITY_CREDENTIAL:
		credential(w, &row->credential);
		need(w, row->head.id == row->credential.account);
		return;
	case AUTHORITY_PERMIT:
		permit(w, &row->permit);
		return;
	case AUTHORITY_TERMINAL:
		terminal(w, &row->terminal);
		return;
	case AUTHORITY_SECRET:
		secret(w, &row->secret);
		return;
	case AUTHORITY_RELEASE:
		release(w, &row->release);
		return;
	case AUTHORITY_REVIEW:
		review(w, &row->review);
		return;
	case AUTHORITY_CHANGE:
		change(w, &row->change);
		return;
	case AUTHORITY_KINDS_END:
		break;
	}
	w->is_bad = true;
}

void
authority_row_write(struct buf *to, const struct authority_row *row)
{
	struct wire w = wire_writer(to);
	layout(&w, (struct authority_row *)(uintptr_t)row);
	if (w.is_bad)
		to->failed = true;
}

bool
authority_row_read(struct slice s, struct authority_row *ret)
{
	struct wire w = wire_reader(s);
	if (s.n > AUTHORITY_ROW_MAX_BYTES)
		return false;
	*ret = (struct authority_row){0};
	layout(&w, ret);
	return wire_is_done(&w);
}

bool
authority_is_in_force(const struct authority_row *row, instant now)
{
	return (row->head.flags & AUTHORITY_PENDING) == 0 &&
	    row->head.from <= now && now < row->head.until;
}

/* In an emergency who opens answers for it; it is reviewed. */
bool
authority_grant_crosses(const struct authority_row *row)
{
	return row->head.kind == AUTHORITY_EMERGENCY ||
	    (row->grant.flags & GRANT_PROVISION) != 0;
}

/* Japan Standard Time is UTC+9 all year. */
bool
authority_grant_is_open_at(const struct authority_grant *g, instant now)
{
	instant local = now + 9 * HOUR_US;
	int32_t day = (int32_t)(local / DAY_US);
	unsigned minute = (unsigned)(local % DAY_US / MINUTE_US);
	unsigned weekday = (unsigned)((day + 4) % 7); /* 1970-01-01: Thursday */

	if (g->weekdays != 0 && (g->weekdays >> weekday & 1) == 0)
		return false;
	if (g->to_minute != 0 &&
	    (minute < g->from_minute || minute >= g->to_minute))
		return false;
	if ((g->flags & GRANT_SURGE) == 0)
		return true;
	for (size_t i = 0; i < g->n_days; i++)
		if (g->days[i] == day)
			return true;
	return false;
}
