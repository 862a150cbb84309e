#include "web/frame.h"

#include <stdio.h>

#include "base/must.h"
#include "web/asset.h"
#include "web/draft.h"

/* The menu's order, the same for everybody; what one may not do is absent. */
static const struct {
	enum word group;
	const char *action;
	enum word label;
} menu[] = {
    {WORD_MENU_WORK, "home.show", WORD_MENU_HOME},
    {WORD_MENU_WORK, "matter.list", WORD_MENU_MATTERS},
    {WORD_MENU_WORK, "procedure.list", WORD_MENU_PROCEDURES},
    {WORD_MENU_WORK, "pending.list", WORD_MENU_PENDING},
    {WORD_MENU_WORK, "emergency.list", WORD_MENU_EMERGENCIES},
    {WORD_MENU_WORK, "board.show", WORD_MENU_BOARD},
    {WORD_MENU_LOOK, "holding.list", WORD_MENU_HOLDINGS},
    {WORD_MENU_LOOK, "register.list", WORD_MENU_REGISTERS},
    {WORD_MENU_LOOK, "access.list", WORD_MENU_ACCESSES},
    {WORD_MENU_LOOK, "grant.list", WORD_MENU_GRANTS},
    {WORD_MENU_PLAN, "organisation.show", WORD_MENU_ORGANISATION},
    {WORD_MENU_PLAN, "rule.list", WORD_MENU_RULES},
    {WORD_MENU_PLAN, "ledger.state", WORD_MENU_LEDGER},
};

static void
put_menu(struct call *call, struct out *frame, struct slice path)
{
	struct arena *a = call->arena;
	struct out *groups = out_list(a, frame, "menu"), *items = NULL;
	enum word group = WORD_NONE;
	for (size_t i = 0; i < sizeof(menu) / sizeof(menu[0]); i++) {
		const struct action *action =
		    action_by_name(slice_of(menu[i].action));
		must(action != NULL);
		if (!call_may(call, action))
			continue;
		if (menu[i].group != group) {
			group = menu[i].group;
			struct out *g = out_item(a, groups);
			out_str(a, g, "title", word_text(group, call->lang));
			items = out_list(a, g, "items");
		}
		struct out *item = out_item(a, items);
		struct slice to = slice_of(action->path);
		out_text(a, item, "path", to);
		out_str(a, item, "label", word_text(menu[i].label, call->lang));
		bool is_here = slice_has_prefix(path, to) &&
		    (path.n == to.n || path.p[to.n] == '/');
		out_flag(a, item, "current", is_here);
	}
}

static void
put_who(struct call *call, struct out *frame)
{
	struct arena *a = call->arena;
	const struct visitor *v = call->visitor;
	if (v == NULL)
		return;
	struct out *who = out_object(a, frame, "who");
	out_text(a, who, "name", v->person_name);
	out_text(a, who, "post", v->post);
	out_flag(a, who, "more", v->capacity_count > 1);
	out_flag(a, who, "audits", (v->rights & RIGHT_BIT(RIGHT_AUDIT)) != 0);
	out_flag(a, who, "oversees", (v->rights &
	    (RIGHT_BIT(RIGHT_OVERSEE) | RIGHT_BIT(RIGHT_AUDIT))) != 0);
	out_text(a, frame, "body", v->body_name);
	out_text(a, frame, "token", draft_token(call));
	out_number(a, frame, "idle", v->idle_s);
	out_number(a, frame, "warn", v->warn_s);
}

struct out *
frame_make(struct call *call, struct slice path)
{
	struct arena *a = call->arena;
	struct out *frame = out_root(a);
	out_str(a, frame, "lang", call->lang == LANG_JA ? "ja" : "en");
	out_flag(a, frame, "ja", call->lang == LANG_JA);
	out_text(a, frame, "path", path);
	out_str(a, frame, "tokens_css", asset_hashed("tokens.css"));
	out_str(a, frame, "app_css", asset_hashed("app.css"));
	out_str(a, frame, "app_js", asset_hashed("app.js"));
	out_str(a, frame, "icon", asset_hashed("icon.svg"));
	out_time(a, frame, "now", call->now);
	if (call->action != NULL)
		out_str(a, frame, "title",
		    word_text(call->action->title, call->lang));
	put_who(call, frame);
	put_menu(call, frame, path);
	return frame;
}

/* A form of ours was sent, so what it lacks was left empty. */
static bool
was_sent(const struct raw_field *raw, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is(raw[i].name, "token"))
			return true;
	return false;
}

/* What stands now, for inputs that were not typed yet; NULL: nothing. */
static const struct out *
standing(const struct call *call, const struct field *f,
    const struct raw_field *raw, size_t n)
{
	char name[80];
	(void)snprintf(name, sizeof(name), "%s_now", f->name);
	return was_sent(raw, n) ? NULL : out_member(call->out, name);
}

/* As typed, else as it stands. */
static struct slice
typed(const struct call *call, const struct field *f,
    const struct raw_field *raw, size_t n)
{
	if (f->type == FIELD_SECRET || f->type == FIELD_FILE)
		return SLICE("");
	for (size_t i = 0; i < n; i++)
		if (!raw[i].is_file && slice_is(raw[i].name, f->name))
			return raw[i].value;
	const struct out *now = standing(call, f, raw, n);
	return now == NULL || now->kind != OUT_TEXT ? SLICE("") : now->text;
}

static const char *const kinds[FIELD_TYPES] = {
    [FIELD_TEXT] = "text", [FIELD_PROSE] = "prose", [FIELD_ID] = "text",
    [FIELD_PERSON] = "person", [FIELD_ACCOUNT] = "person",
    [FIELD_NUMBER] = "number", [FIELD_DATE] = "date", [FIELD_FLAG] = "flag",
    [FIELD_CHOICE] = "choice", [FIELD_KANA] = "text", [FIELD_KEY] = "text",
    [FIELD_CASE] = "text", [FIELD_SECRET] = "secret", [FIELD_FILE] = "file",
    [FIELD_VALUES] = "values",
};

static bool
was_given(const struct field *f, const struct raw_field *raw, size_t n,
    struct slice text)
{
	for (size_t i = 0; i < n; i++)
		if (!raw[i].is_file && slice_is(raw[i].name, f->name) &&
		    slice_is_equal(raw[i].value, text))
			return true;
	return false;
}

/* Typed, else among what stands. */
static bool
is_chosen(const struct call *call, const struct field *f,
    const struct raw_field *raw, size_t n, struct slice text)
{
	const struct out *now = standing(call, f, raw, n);
	if (was_given(f, raw, n, text))
		return true;
	if (now == NULL)
		return false;
	if (now->kind == OUT_TEXT)
		return slice_is_equal(now->text, text);
	for (const struct out *o = now->first; o != NULL; o = o->next) {
		const struct out *v = out_member(o, "value");
		if (v != NULL && slice_is_equal(v->text, text))
			return true;
	}
	return false;
}

static struct slice
id_text(struct call *call, uint64_t id)
{
	return arena_printf(call->arena, "%016llx", (unsigned long long)id);
}

/* The choices that prepare() listed, with the typed one marked. */
static bool
put_options(struct call *call, struct out *item, const struct field *f,
    const struct raw_field *raw, size_t n)
{
	struct arena *a = call->arena;
	char name[80];
	(void)snprintf(name, sizeof(name), "%s_options", f->name);
	const struct out *given = out_member(call->out, name);
	struct out *list = NULL;
	if (given == NULL && f->choices == NULL)
		return false;
	list = out_list(a, item, "options");
	for (const char *const *c = f->choices; c != NULL && *c != NULL; c++) {
		struct out *o = out_item(a, list);
		struct slice key = arena_printf(a, "choice.%s.%s", f->name, *c);
		enum word w = word_by_key(key);
		out_str(a, o, "value", *c);
		out_str(a, o, "label",
		    w == WORD_NONE ? *c : word_text(w, call->lang));
		out_flag(a, o, "selected",
		    is_chosen(call, f, raw, n, slice_of(*c)));
	}
	for (const struct out *g = given == NULL ? NULL : given->first;
	    g != NULL; g = g->next) {
		const struct out *v = out_member(g, "value");
		const struct out *l = out_member(g, "label");
		if (v == NULL || l == NULL)
			continue;
		struct slice text = v->kind == OUT_ID
		    ? id_text(call, v->id) : v->text;
		struct out *o = out_item(a, list);
		out_text(a, o, "value", text);
		out_text(a, o, "label", l->text);
		out_flag(a, o, "selected",
		    is_chosen(call, f, raw, n, text));
	}
	return true;
}

/* Whom the text that was typed fits, to choose from beside it. */
static void
put_offers(struct call *call, struct out *item, const struct field *f,
    const struct raw_field *raw, size_t n)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, item, "offers");
	for (size_t i = 0; i < call->offer_count; i++) {
		const struct offer *offer = &call->offers[i];
		if (offer->field != f)
			continue;
		struct slice text = id_text(call, offer->id);
		struct out *o = out_item(a, list);
		out_text(a, o, "value", text);
		out_text(a, o, "label", offer->label);
		out_flag(a, o, "selected", was_given(f, raw, n, text));
	}
}

/* All that was typed but not chosen from offers, a line each. */
static struct slice
typed_lines(struct call *call, const struct field *f,
    const struct raw_field *raw, size_t n)
{
	struct buf to = buf_of(64 * 1024);
	for (size_t i = 0; i < n; i++) {
		bool is_offer = raw[i].is_file ||
		    !slice_is(raw[i].name, f->name) || raw[i].value.n == 0;
		for (size_t j = 0; j < call->offer_count && !is_offer; j++)
			is_offer = call->offers[j].field == f &&
			    slice_is_equal(raw[i].value,
			        id_text(call, call->offers[j].id));
		if (is_offer)
			continue;
		if (to.n > 0)
			buf_add_byte(&to, '\n');
		buf_add(&to, raw[i].value);
	}
	struct slice s = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return s;
}

static void
put_field(struct call *call, struct out *list, const struct field *f,
    const struct raw_field *raw, size_t n)
{
	struct arena *a = call->arena;
	char options[80];
	(void)snprintf(options, sizeof(options), "%s_options", f->name);
	/* several keys or ids are chosen from a list, or not at all */
	if (((f->type == FIELD_KEY || f->type == FIELD_ID) && f->many) ||
	    f->is_offered)
		if (out_member(call->out, options) == NULL)
			return;
	struct out *item = out_item(a, list);
	bool is_person = f->type == FIELD_PERSON || f->type == FIELD_ACCOUNT;
	bool is_list = f->many && (is_person || f->type == FIELD_DATE);
	out_str(a, item, "name", f->name);
	out_str(a, item, "label", word_text(f->label, call->lang));
	out_text(a, item, "value", is_list || is_person
	    ? typed_lines(call, f, raw, n) : typed(call, f, raw, n));
	out_flag(a, item, "required", f->required);
	out_flag(a, item, "many", f->many);
	bool has_options = put_options(call, item, f, raw, n);
	out_str(a, item, "kind", has_options
	    ? (f->many ? "checks" : "select")
	    : is_list ? "prose" : kinds[f->type]);
	if (is_person && !has_options)
		put_offers(call, item, f, raw, n);
	struct slice key = arena_printf(a, "hint.%s.%s", call->action->name,
	    f->name);
	enum word hint = word_by_key(key);
	if (hint == WORD_NONE)
		hint = word_by_key(arena_printf(a, "hint.%s", f->name));
	const char *how = !is_person || has_options ? ""
	    : word_text(f->many ? WORD_FORM_PERSONS_HINT
	        : WORD_FORM_PERSON_HINT, call->lang);
	const char *when = hint == WORD_NONE ? ""
	    : word_text(hint, call->lang);
	out_text(a, item, "hint", arena_printf(a, "%s%s%s", when,
	    *when != 0 && *how != 0 ? call->lang == LANG_JA ? "。" : ". " : "",
	    how));
	for (size_t i = 0; i < call->mistake_count; i++)
		if (call->mistakes[i].item.n == 0 &&
		    strcmp(call->mistakes[i].field, f->name) == 0)
			out_text(a, item, "mistake", call->mistakes[i].text);
}

static bool
is_path_part(const struct action *action, const char *name)
{
	char part[80];
	(void)snprintf(part, sizeof(part), "{%s}", name);
	return strstr(action->path, part) != NULL;
}

/* Where one goes who does not go through with a form. */
static struct slice
page_above(const struct action *action, struct slice path)
{
	struct action_match match;
	bool known;
	size_t cut = path.n;
	while (cut > 0 && path.p[cut - 1] != '/')
		cut--;
	struct slice above = slice_bytes(path.p, cut > 0 ? cut - 1 : 0);
	if (above.n > 0 && action_match(false, above, &match, &known) &&
	    !match.action->is_change && match.action->page != NULL)
		return above;
	return action->after != NULL && strchr(action->after, '{') == NULL
	    ? slice_of(action->after) : SLICE("/home");
}

void
frame_put_form(struct call *call, struct out *frame,
    const struct action *action, struct slice path,
    const struct raw_field *raw, size_t n)
{
	struct arena *a = call->arena;
	struct out *form = out_object(a, frame, "form");
	bool has_file = false;
	out_text(a, form, "path", path);
	if (action->is_change)
		out_text(a, form, "above", page_above(action, path));
	out_str(a, form, "title", word_text(action->title, call->lang));
	out_str(a, form, "help", word_text(action->help, call->lang));
	enum word button = word_by_key(arena_printf(a, "button.%s",
	    action->name));
	if (button != WORD_NONE)
		out_str(a, form, "button", word_text(button, call->lang));
	struct out *list = out_list(a, form, "fields");
	for (const struct field *f = action->input; f->name != NULL; f++) {
		has_file |= f->type == FIELD_FILE;
		if (!is_path_part(action, f->name))
			put_field(call, list, f, raw, n);
	}
	out_flag(a, form, "has_file", has_file);
	out_number(a, form, "mistake_count", (int64_t)call->mistake_count);
	struct out *wrong = out_list(a, form, "mistakes");
	for (size_t i = 0; i < call->mistake_count; i++) {
		const struct mistake *m = &call->mistakes[i];
		struct out *item = out_item(a, wrong);
		out_text(a, item, "at", m->item.n > 0
		    ? arena_printf(a, "%s-%.*s", m->field, SLICE_FMT(m->item))
		    : arena_printf(a, "f-%s", m->field));
		out_text(a, item, "text", m->text);
	}
}
