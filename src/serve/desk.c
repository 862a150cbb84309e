#include "serve/desk.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "api/api.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/num.h"
#include "crypto/hash.h"
#include "guard/door_access.h"
#include "web/web.h"

struct desk {
	struct desks *shared;
	struct http_loop *loop;
	struct door *door;
	struct fiber_pool *fibers;
	bool is_follower;  /* this desk feeds the index of accesses */
	bool is_following; /* a fiber does so now */
};

_Static_assert((int)HASH_BYTES == (int)DOOR_SOURCE_BYTES &&
	(int)HTTP_TERMINAL_BYTES == (int)DOOR_SOURCE_BYTES,
    "a source is a hash, of the certificate or of the address");
_Static_assert(sizeof(struct door_work) == sizeof(struct http_work),
    "work of a door is work of a loop");

static void
post_work(void *ctx, struct door_work *work)
{
	http_loop_post(ctx, (struct http_work *)(void *)work);
}

static void
give_up(struct desks *shared, const char *why)
{
	atomic_store(&shared->lost, why);
	must(kill(getpid(), SIGUSR1) == 0);
}

static void
poll_door(void *arg)
{
	struct desk *d = arg;
	struct err err = ERR_INIT;
	if (!door_poll(d->door, &err))
		give_up(d->shared, "the keeper ended");
}

/* ---- the index of accesses ---- */

static void
follow(struct fiber *self, void *arg)
{
	struct desk *d = arg;
	struct err err = ERR_INIT;
	bool more, is_taken;
	if (door_stay(d->door, self, &is_taken, &err) && is_taken)
		give_up(d->shared,
		    "another server is on this database now");
	/* once: what is left comes with the next tick, beside the readers */
	if (!door_follow(d->door, self, &more, &err))
		more = false; /* the next tick tries again */
	d->is_following = false;
}

static void
tick(void *arg)
{
	struct desk *d = arg;
	if (!d->is_follower || d->is_following)
		return;
	d->is_following = true;
	if (!fiber_start(d->fibers, follow, d, NULL))
		d->is_following = false;
}

/* ---- opening ---- */

void *
desk_open(void *ctx, struct http_loop *loop)
{
	struct desks *shared = ctx;
	struct err err = ERR_INIT;
	unsigned number = atomic_fetch_add(&shared->taken, 1);
	struct desk *d = mem_alloc(1, sizeof(*d));
	must(d != NULL);
	d->shared = shared;
	d->loop = loop;
	d->is_follower = number == 0;
	d->fibers = fiber_pool_open(DESK_REQUESTS_MAX);
	must(d->fibers != NULL);
	struct door_config config = {.guard = shared->guard,
	    .channel = shared->channels[number], .post = post_work,
	    .ctx = loop};
	if (!door_open(&config, &d->door, &err) ||
	    !http_loop_watch(loop, door_fd(d->door), poll_door, d, &err))
		fprintf(stderr, "fumikura: %s\n", err.text);
	http_loop_tick(loop, tick, d);
	return d;
}

void
desk_close(void *desk)
{
	struct desk *d = desk;
	door_close(d->door);
	if (fiber_pool_alive(d->fibers) == 0)
		fiber_pool_close(d->fibers);
	mem_free(d);
}

size_t
desk_body_max(void *ctx, enum http_method method, struct slice path)
{
	struct action_match match;
	bool known;
	(void)ctx;
	if (method != HTTP_POST)
		return 0;
	if (slice_has_prefix(path, SLICE(API_PREFIX "/")))
		path = slice_from(path, sizeof(API_PREFIX) - 1);
	if (!action_match(true, path, &match, &known))
		return 0;
	for (const struct field *f = match.action->input; f->name != NULL; f++)
		if (f->type == FIELD_FILE)
			return f->max + DESK_FORM_OF_FILE_MAX_BYTES;
	return DESK_FORM_MAX_BYTES;
}

void
desk_round(void *desk)
{
	struct desk *d = desk;
	struct err err = ERR_INIT;
	if (d->door != NULL && !door_round(d->door, &err))
		give_up(d->shared, "the keeper ended");
}

/* ---- a request ---- */

struct turn {
	struct desk *desk;
	struct http_request *req;
};

/* Where from: the terminal's certificate, else the address. */
static void
find_source(struct call *call, struct http_request *req)
{
	uint8_t *bytes = arena_alloc(call->arena, HTTP_TERMINAL_BYTES);
	if (bytes == NULL)
		return;
	if (http_terminal(req, bytes)) {
		call->terminal = slice_bytes(bytes, HTTP_TERMINAL_BYTES);
		call->source = call->terminal;
		return;
	}
	struct http_address from;
	http_source(req, &from);
	hash_bytes(from.p, sizeof(from.p), bytes);
	call->source = slice_bytes(bytes, DOOR_SOURCE_BYTES);
}

static struct slice
session_of(struct http_request *req, bool is_api)
{
	static const char bearer[] = "Bearer ";
	struct slice header = http_header(req, "Authorization");
	if (!is_api)
		return http_cookie(req, WEB_COOKIE);
	return slice_has_prefix(header, slice_of(bearer))
	    ? slice_from(header, sizeof(bearer) - 1) : SLICE_NONE;
}

/*
 * Sets call->visitor when the session stands. False only for what is no
 * matter of the session: a keeper that is gone.
 */
static bool
find_visitor(struct call *call, struct slice session, struct err *err)
{
	struct err inner = ERR_INIT;
	struct visitor *v;
	if (session.n == 0)
		return true;
	v = arena_alloc(call->arena, sizeof(*v));
	if (v == NULL)
		return ERR(err, ERR_LIMIT, "no room");
	v->fiber = call->fiber;
	v->arena = call->arena;
	v->is_english = call->lang == LANG_EN;
	if (!door_visit(call->door, session, call->terminal, v, &inner)) {
		if (inner.code == ERR_LOGON || inner.code == ERR_INPUT)
			return true;
		if (err != NULL)
			*err = inner;
		return false;
	}
	const struct house_body *body = house_body(call->house, v->body);
	if (body == NULL)
		return ERR(err, ERR_NOT_FOUND, "no such body");
	call->visitor = v;
	call->pack = body->pack;
	return true;
}

static void
redirect(struct http_request *req, const char *to)
{
	http_reply_header(req, "Location", slice_of(to));
	http_reply_static(req, 303, "text/plain; charset=utf-8", SLICE(""));
}

/* A handed-out password opens nothing but the page that replaces it. */
static bool
is_let_in(const struct call *call, const struct action *action)
{
	return call->visitor == NULL || !call->visitor->must_change ||
	    strcmp(action->name, "password.change") == 0 ||
	    strcmp(action->name, "session.logoff") == 0;
}

static void
answer_api(struct call *call, struct http_request *req, struct slice path)
{
	struct action_match match;
	bool known;
	struct err err = ERR_INIT;
	if (slice_is(path, "/openapi.json")) {
		struct buf text = buf_of(4 * 1024 * 1024);
		api_openapi(&text);
		http_reply(req, 200, "application/json", &text);
		return;
	}
	bool is_post = http_method(req) == HTTP_POST;
	if (!action_match(is_post, path, &match, &known) ||
	    match.action->is_change != is_post) { /* no forms here */
		api_refuse(call, req, known ? 405 : 404, "not_found",
		    slice_of(word_text(WORD_ERROR_NOT_FOUND, call->lang)));
		return;
	}
	if (!find_visitor(call, session_of(req, true), &err)) {
		api_refuse(call, req, 503, "lost", call_explain(call, &err));
		return;
	}
	if (!is_let_in(call, match.action)) {
		api_refuse(call, req, 403, "must_change", slice_of(
		    word_text(WORD_ERROR_MUST_CHANGE, call->lang)));
		return;
	}
	api_answer(call, &match, req);
}

static void
answer_page(struct call *call, struct http_request *req, struct slice path)
{
	struct action_match match;
	bool known;
	struct err err = ERR_INIT;
	bool is_post = http_method(req) == HTTP_POST;
	if (!find_visitor(call, session_of(req, false), &err)) {
		web_refuse(call, req, 503, &err);
		return;
	}
	if (slice_is(path, "/")) {
		redirect(req, call->visitor == NULL ? "/logon" : "/home");
		return;
	}
	if (!action_match(is_post, path, &match, &known)) {
		web_refuse(call, req, known ? 405 : 404, NULL);
		return;
	}
	if (!is_let_in(call, match.action)) {
		redirect(req, "/password");
		return;
	}
	web_answer(call, &match, req);
}

static void
take_turn(struct fiber *self, void *arg)
{
	struct turn turn = *(struct turn *)arg;
	struct http_request *req = turn.req;
	struct desk *d = turn.desk;
	struct slice path = http_path(req);
	struct call *call = arena_alloc(http_arena(req), sizeof(*call));
	must(call != NULL);
	call->house = d->shared->house;
	call->door = d->door;
	call->arena = http_arena(req);
	call->fiber = self;
	call->post = post_work;
	call->post_ctx = d->loop;
	call->now = clock_now(call->house->clock);
	call->lang = web_lang(req);
	find_source(call, req);
	if (slice_has_prefix(path, SLICE(API_PREFIX "/")))
		answer_api(call, req, slice_from(path,
		    sizeof(API_PREFIX) - 1));
	else if (!web_asset(req))
		answer_page(call, req, path);
}

void
desk_handle(void *desk, struct http_request *req)
{
	struct turn turn = {.desk = desk, .req = req};
	if (!fiber_start(turn.desk->fibers, take_turn, &turn, NULL))
		http_reply_static(req, 503, "text/plain; charset=utf-8",
		    SLICE("busy\n"));
}
