#include "web/web.h"

#include <string.h>

#include "action/house.h"
#include "base/must.h"
#include "web/asset.h"
#include "web/draft.h"
#include "web/frame.h"
#include "web/page.h"

enum { PAGE_MAX_BYTES = 8 * 1024 * 1024 };

#define COOKIE_DONE "done"

static const char html_type[] = "text/html; charset=utf-8";

static const unsigned statuses[ERR_CODES] = {
    [ERR_NONE] = 404,    [ERR_INPUT] = 422,   [ERR_DENIED] = 403,
    [ERR_LOGON] = 401,   [ERR_NOT_FOUND] = 404, [ERR_CONFLICT] = 409,
    [ERR_LIMIT] = 429,   [ERR_BUSY] = 503,    [ERR_LOST] = 503,
    [ERR_FULL] = 507,    [ERR_CORRUPT] = 500, [ERR_SYSTEM] = 500,
};

/* A request on its way through this face. */
struct answer_page {
	struct call *call;
	struct http_request *req;
	struct slice path;
	struct raw_field *raw;
	size_t n;
};

enum lang
web_lang(const struct http_request *req)
{
	struct slice asked = http_field(req, "lang", 0);
	if (asked.p == NULL)
		asked = http_cookie(req, WEB_COOKIE_LANG);
	if (slice_is(asked, "en"))
		return LANG_EN;
	if (slice_is(asked, "ja"))
		return LANG_JA;
	return slice_has_prefix(http_header(req, "Accept-Language"),
	    SLICE("en")) ? LANG_EN : LANG_JA;
}

bool
web_asset(struct http_request *req)
{
	struct slice path = http_path(req);
	if (!slice_has_prefix(path, SLICE(ASSET_PREFIX)))
		return false;
	const struct asset *a = asset_by_hashed(
	    slice_from(path, sizeof(ASSET_PREFIX) - 1));
	if (a == NULL)
		return false;
	http_reply_header(req, "Cache-Control",
	    SLICE("public, max-age=31536000, immutable"));
	http_reply_static(req, 200, a->type, a->bytes);
	return true;
}

/*
 * After a change, the page that is gone to says what was done, once. The
 * cookie names the action, and nothing else.
 */
static void
put_done(struct answer_page *p, struct out *frame)
{
	struct arena *a = p->call->arena;
	struct slice name = http_cookie(p->req, COOKIE_DONE);
	enum word word = name.n == 0 || name.n > 64 ? WORD_NONE
	    : word_by_key(arena_printf(a, "done.%.*s", SLICE_FMT(name)));
	if (word == WORD_NONE)
		return;
	out_str(a, frame, "done", word_text(word, p->call->lang));
	http_reply_header(p->req, "Set-Cookie", SLICE(COOKIE_DONE
	    "=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"));
}

static void
reply_page(struct answer_page *p, unsigned status, const char *page_name,
    struct out *frame)
{
	const struct page *layout = page_by_name(SLICE("layout"));
	const struct page *page = page_by_name(slice_of(page_name));
	must(layout != NULL && page != NULL);
	struct buf to = buf_of(PAGE_MAX_BYTES);
	if (status == 200)
		put_done(p, frame);
	page_write(layout, page, p->call->out, frame, p->call->lang, &to);
	struct slice asked = http_field(p->req, "lang", 0);
	if (slice_is(asked, "ja") || slice_is(asked, "en"))
		http_reply_header(p->req, "Set-Cookie", arena_printf(
		    p->call->arena, WEB_COOKIE_LANG "=%.*s; Path=/; "
		    "Max-Age=31536000; SameSite=Lax", SLICE_FMT(asked)));
	if (to.failed) {
		buf_close(&to);
		http_reply_static(p->req, 500, html_type,
		    SLICE("<!doctype html><p>500"));
		return;
	}
	http_reply(p->req, status, html_type, &to);
}

/* ---- errors ---- */

/*
 * The address that was asked for, to go back to: with its query, for what was
 * only asked for.
 */
static struct slice
asked_address(const struct answer_page *p)
{
	struct buf to = buf_of(4096);
	struct http_field f;
	char mark = '?';
	page_escape_url(p->path, &to);
	for (size_t i = 0; http_method(p->req) == HTTP_GET &&
	    http_field_at(p->req, i, &f); i++) {
		if (slice_is(f.name, "lang"))
			continue;
		buf_add_byte(&to, (uint8_t)mark);
		page_escape_url(f.name, &to);
		buf_add_byte(&to, '=');
		page_escape_url(f.value, &to);
		mark = '&';
	}
	struct slice s = to.failed ? p->path
	    : arena_copy(p->call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return s;
}

/*
 * What was being typed, sealed into the log-on page or the code's, and where
 * it was. At an automatic log-off the script sends it by other names.
 */
static void
put_draft(struct answer_page *p, struct out *frame)
{
	struct call *call = p->call;
	struct arena *a = call->arena;
	struct slice to = http_field(p->req, DRAFT_TO, 0);
	struct slice sealed = SLICE("");
	struct raw_field *raw = p->raw;
	size_t n = p->n;
	if (to.p == NULL) {
		out_text(a, frame, "back", asked_address(p));
		to = p->path;
	} else {
		out_text(a, frame, "back", to);
		raw = p->raw == NULL ? NULL
		    : arena_array(a, p->n, sizeof(*raw));
		n = 0;
		for (size_t i = 0; raw != NULL && i < p->n; i++) {
			struct raw_field f = p->raw[i];
			if (!slice_has_prefix(f.name, SLICE(DRAFT_PREFIX)))
				continue;
			f.name = slice_from(f.name, sizeof(DRAFT_PREFIX) - 1);
			raw[n++] = f;
		}
	}
	if (http_method(p->req) == HTTP_POST && raw != NULL)
		sealed = draft_seal(call, http_field(p->req, "token", 0), to,
		    raw, n);
	out_text(a, frame, DRAFT_FIELD, sealed);
}

/* The log-on page, with a sentence of what made it necessary. */
static void
answer_logon(struct answer_page *p, unsigned status, struct slice message)
{
	struct call *call = p->call;
	const struct action *logon = action_by_name(SLICE("session.logon"));
	struct err ignored = ERR_INIT; /* its choices would be absent */
	call->out = out_root(call->arena);
	(void)!logon->prepare(call, &ignored);
	struct out *frame = frame_make(call, p->path);
	out_str(call->arena, frame, "title",
	    word_text(logon->title, call->lang));
	out_text(call->arena, call->out, "message", message);
	put_draft(p, frame);
	frame_put_form(call, frame, logon, SLICE("/logon"), NULL, 0);
	reply_page(p, status, "logon", frame);
}

/*
 * A code is asked for first: here and now, with the way back and what was
 * typed.
 */
static void
answer_code(struct answer_page *p, unsigned status, struct slice message)
{
	struct call *call = p->call;
	const struct action *code = action_by_name(SLICE("session.step_up"));
	call->out = out_root(call->arena);
	call_out_refusal(call, call->out);
	call->action = code;
	struct out *frame = frame_make(call, p->path);
	out_text(call->arena, call->out, "message", message);
	put_draft(p, frame);
	frame_put_form(call, frame, code, SLICE("/session/code"), NULL, 0);
	reply_page(p, status, code->page, frame);
}

static void
answer_error(struct answer_page *p, unsigned status, const struct err *err)
{
	struct call *call = p->call;
	struct arena *a = call->arena;
	struct slice text = err == NULL
	    ? slice_of(word_text(WORD_ERROR_NOT_FOUND, call->lang))
	    : call_explain(call, err);
	if (err != NULL && err->code == ERR_LOGON) {
		answer_logon(p, status, text);
		return;
	}
	if (call->has_refusal && call->visitor->has_code &&
	    call->refusal.key == PACK_DECISION_SECOND_FACTOR) {
		answer_code(p, status, text);
		return;
	}
	call->out = out_root(a);
	struct out *frame = frame_make(call, p->path);
	out_text(a, call->out, "message", text);
	out_number(a, call->out, "status", status);
	if (call->has_refusal)
		call_out_refusal(call, call->out);
	reply_page(p, status, "error", frame);
}

void
web_refuse(struct call *call, struct http_request *req, unsigned status,
    const struct err *err)
{
	struct answer_page p = {.call = call, .req = req,
	    .path = http_path(req)};
	answer_error(&p, status, err);
}

/* ---- inputs ---- */

static void
read_raw(struct answer_page *p, const struct action_match *match)
{
	struct http_field f;
	p->raw = arena_array(p->call->arena,
	    match->part_count + http_field_count(p->req), sizeof(*p->raw));
	if (p->raw == NULL)
		return;
	for (size_t i = 0; i < match->part_count; i++)
		p->raw[p->n++] = (struct raw_field){
		    .name = match->parts[i].name,
		    .value = match->parts[i].value};
	for (size_t i = 0; http_field_at(p->req, i, &f); i++)
		p->raw[p->n++] = (struct raw_field){.name = f.name,
		    .value = f.value, .file_name = f.file_name,
		    .is_file = f.is_file};
}

/*
 * A change comes from a page of ours: the browser says so, and the form
 * carries the session's token.
 */
static bool
is_own_form(const struct answer_page *p)
{
	struct slice site = http_header(p->req, "Sec-Fetch-Site");
	if (site.p != NULL && !slice_is(site, "same-origin") &&
	    !slice_is(site, "none"))
		return false;
	if (p->call->visitor == NULL)
		return true;
	struct slice token = http_field(p->req, "token", 0);
	return slice_is(slice_bytes(token.p, slice_find(token, '.')),
	    p->call->visitor->form_token);
}

/* ---- a form ---- */

/* What comes between somebody and a form, and goes on to it afterwards. */
static bool
is_between(const struct action *action)
{
	return strcmp(action->name, "session.logon") == 0 ||
	    strcmp(action->name, "session.step_up") == 0;
}

static void
answer_form(struct answer_page *p, unsigned status)
{
	struct call *call = p->call;
	struct err err = ERR_INIT;
	size_t mistakes = call->mistake_count;
	if (!call_prepare(call, &err)) {
		answer_error(p, statuses[err.code], &err);
		return;
	}
	call->mistake_count = mistakes;
	struct out *frame = frame_make(call, p->path);
	if (call->message.p != NULL && status != 200)
		out_text(call->arena, frame, "message", call->message);
	frame_put_form(call, frame, call->action, p->path, p->raw, p->n);
	if (is_between(call->action)) {
		/* it hands on what it was given to keep */
		out_text(call->arena, frame, "back",
		    http_field(p->req, "back", 0));
		out_text(call->arena, frame, DRAFT_FIELD,
		    http_field(p->req, DRAFT_FIELD, 0));
	}
	reply_page(p, status, call->action->page, frame);
}

/* ---- the three ways through ---- */

static void
set_session(struct answer_page *p)
{
	struct call *call = p->call;
	if (!call->has_set_session)
		return;
	const char *secure = http_is_tls(p->req) ? "; Secure" : "";
	http_reply_header(p->req, "Set-Cookie", call->set_session.n == 0
	    ? arena_printf(call->arena, WEB_COOKIE "=; Path=/; Max-Age=0; "
	        "HttpOnly; SameSite=Lax%s", secure)
	    : arena_printf(call->arena, WEB_COOKIE "=%.*s; Path=/; "
	        "HttpOnly; SameSite=Lax%s", SLICE_FMT(call->set_session),
	        secure));
}

/* The value of {name}: an output first, then an input. */
static struct slice
name_value(const struct answer_page *p, struct slice name)
{
	struct arena *a = p->call->arena;
	for (const struct out *o = p->call->out->first; o != NULL; o = o->next)
		if (slice_is(name, o->name)) {
			if (o->kind == OUT_ID)
				return arena_printf(a, "%016llx",
				    (unsigned long long)o->id);
			if (o->kind == OUT_TEXT)
				return o->text;
			return arena_printf(a, "%lld", (long long)o->number);
		}
	for (size_t i = 0; i < p->n; i++)
		if (slice_is_equal(p->raw[i].name, name))
			return p->raw[i].value;
	return SLICE("");
}

static struct slice
place_after(const struct answer_page *p)
{
	struct slice left = slice_of(p->call->action->after), part;
	struct buf to = buf_of(2048);
	while (left.n > 0) {
		size_t open = slice_find(left, '{');
		buf_add(&to, slice_bytes(left.p, open));
		left = slice_from(left, open + 1);
		if (left.n == 0)
			break;
		part = slice_bytes(left.p, slice_find(left, '}'));
		page_escape_url(name_value(p, part), &to);
		left = slice_from(left, part.n + 1);
	}
	struct slice copy = arena_copy(p->call->arena,
	    slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

static void
answer_redirect(struct answer_page *p)
{
	struct slice to = p->call->go.n > 0 ? p->call->go : place_after(p);
	set_session(p);
	if (p->call->action->is_change)
		http_reply_header(p->req, "Set-Cookie", arena_printf(
		    p->call->arena, COOKIE_DONE "=%s; Path=/; Max-Age=30; "
		    "HttpOnly; SameSite=Strict", p->call->action->name));
	http_reply_header(p->req, "Location", to);
	http_reply_static(p->req, 303, html_type, SLICE(""));
}

/*
 * After a log-on or a code: the form that it came between, filled as it was.
 * Nothing is done yet; the person sends it. False: there is none.
 */
static bool
answer_draft(struct answer_page *p)
{
	struct call *call = p->call;
	struct answer_page form = {.call = call, .req = p->req};
	struct action_match match;
	struct err err = ERR_INIT;
	struct raw_field *raw;
	size_t n;
	bool known;
	struct slice sealed = http_field(p->req, DRAFT_FIELD, 0);
	if (sealed.n == 0 || call->visitor->must_change)
		return false;
	if (!draft_open(call, sealed, &form.path, &raw, &n)) {
		call->go = SLICE("/home"); /* where another person was */
		return false;
	}
	const struct house_body *body =
	    house_body(call->house, call->visitor->body);
	if (body == NULL ||
	    !action_match(true, form.path, &match, &known))
		return false;
	form.raw = arena_array(call->arena, match.part_count + n,
	    sizeof(*form.raw));
	if (form.raw == NULL)
		return false;
	for (size_t i = 0; i < match.part_count; i++)
		form.raw[form.n++] = (struct raw_field){
		    .name = match.parts[i].name,
		    .value = match.parts[i].value};
	for (size_t i = 0; i < n; i++)
		form.raw[form.n++] = raw[i];
	set_session(p);
	call->pack = body->pack;
	call->action = match.action;
	/* mistakes are told when it is sent */
	if (!call_bind(call, form.raw, form.n, &err))
		call->mistake_count = 0;
	answer_form(&form, 200);
	return true;
}

static void
answer_change(struct answer_page *p)
{
	struct call *call = p->call;
	struct err err = ERR_INIT;
	if (!is_own_form(p)) {
		err.code = ERR_DENIED;
		call->message = slice_of(word_text(WORD_ERROR_FOREIGN_FORM,
		    call->lang));
		answer_error(p, 403, &err);
		return;
	}
	if (call_bind(call, p->raw, p->n, &err) && call_run(call, &err)) {
		if (http_field(p->req, DRAFT_TO, 0).p != NULL &&
		    call->set_session.n == 0 && call->has_set_session) {
			set_session(p);
			call->visitor = NULL;
			answer_logon(p, 200, slice_of(word_text(
			    WORD_ERROR_LOGON, call->lang)));
			return;
		}
		if (call->shows_result) {
			struct out *frame = frame_make(call, p->path);
			frame_put_form(call, frame, call->action, p->path,
			    p->raw, p->n);
			reply_page(p, 200, call->action->page, frame);
			return;
		}
		if (!is_between(call->action) || !answer_draft(p))
			answer_redirect(p);
		return;
	}
	bool shows_form = call->action->page != NULL &&
	    (err.code == ERR_INPUT || err.code == ERR_CONFLICT ||
	        (err.code == ERR_LOGON &&
	            call->action->who == WHO_ANYONE));
	if (shows_form)
		answer_form(p, statuses[err.code]);
	else
		answer_error(p, statuses[err.code], &err);
}

static void
answer_view(struct answer_page *p)
{
	struct call *call = p->call;
	struct err err = ERR_INIT;
	bool worked = call_bind(call, p->raw, p->n, &err) &&
	    call_run(call, &err);
	if (!worked && err.code == ERR_INPUT && call->action->page != NULL &&
	    call->visitor != NULL && call->out != NULL) {
		struct out *frame = frame_make(call, p->path);
		if (call->message.p != NULL)
			out_text(call->arena, frame, "message", call->message);
		frame_put_form(call, frame, call->action, p->path, p->raw,
		    p->n);
		reply_page(p, 422, call->action->page, frame);
		return;
	}
	if (!worked) {
		answer_error(p, statuses[err.code], &err);
		return;
	}
	if (call->action->gives_file) {
		http_reply_file(p->req, call->attachment, call->content_type,
		    &call->content);
		return;
	}
	if (call->go.n > 0) {
		answer_redirect(p);
		return;
	}
	if (call->action->page == NULL) {
		answer_error(p, 404, NULL);
		return;
	}
	struct out *frame = frame_make(call, p->path);
	frame_put_form(call, frame, call->action, p->path, p->raw, p->n);
	reply_page(p, 200, call->action->page, frame);
}

void
web_answer(struct call *call, const struct action_match *match,
    struct http_request *req)
{
	struct answer_page p = {.call = call, .req = req,
	    .path = http_path(req)};
	struct err err = ERR_INIT;
	call->action = match->action;
	call->out = out_root(call->arena);
	read_raw(&p, match);
	if (p.raw == NULL) {
		(void)ERR(&err, ERR_LIMIT, "request too large");
		answer_error(&p, 413, &err);
	} else if (!match->action->is_change) {
		answer_view(&p);
	} else if (http_method(req) == HTTP_POST) {
		answer_change(&p);
	} else if (match->action->page == NULL) {
		answer_error(&p, 404, NULL);
	} else {
		/* the path's own inputs must be right; the rest is typed */
		if (!call_bind(call, p.raw, p.n, &err))
			call->mistake_count = 0;
		answer_form(&p, 200);
	}
}
