/*
 * What machines report, compared with the registers of what is permitted:
 * devices that terminals saw (CSV), and the rules that a firewall has loaded
 * (`nft list ruleset`). What differs is told; that it was compared, and how
 * many differences there were, is entered.
 */
#include "base/num.h"
#include "permit_file.h"
#include "sheet.h"

enum {
	DIFFERENCES_SHOWN_MAX = 500,
	ITEMS_MAX = 64,         /* of one set in a rule: { a, b } */
	RULESET_MAX_BYTES = 1024 * 1024,
	LINES_MAX = 20000
};

static const char *const registers[] = {"devices", "listeners", NULL};

static const struct field compare_input[] = {
    {.name = "register", .type = FIELD_CHOICE, .max = 16, .required = true,
        .label = WORD_FIELD_REGISTER, .choices = registers},
    {.name = "file", .type = FIELD_FILE, .max = RULESET_MAX_BYTES,
        .required = true, .label = WORD_PERMIT_REPORT},
    {.name = "system", .type = FIELD_ID, .label = WORD_PERMIT_SYSTEM},
    FIELDS_END,
};

static const struct result compare_output[] = {
    {"register", OUT_TEXT}, {"compared", OUT_NUMBER},
    {"entry", OUT_NUMBER},
    {"difference_count", OUT_NUMBER}, {"differences", OUT_LIST},
    {"differences.kind", OUT_TEXT}, {"differences.text", OUT_TEXT},
    {"differences.what", OUT_TEXT}, {"differences.row", OUT_ID},
    RESULTS_OF_PROBLEMS, RESULTS_END,
};

struct comparing {
	struct call *call;
	struct out *list;
	int64_t n, compared;
};

/* kind: the word permit.diff.KIND; row 0: none of the register. */
static void
differ(struct comparing *c, const char *kind, struct slice what, uint64_t row)
{
	struct arena *a = c->call->arena;
	if (c->n++ >= DIFFERENCES_SHOWN_MAX)
		return;
	struct out *o = out_item(a, c->list);
	out_str(a, o, "kind", kind);
	out_text(a, o, "text", keyed_word(c->call, "permit.diff",
	    slice_of(kind)));
	out_text(a, o, "what", arena_copy(a, what));
	if (row != 0)
		out_id(a, o, "row", row);
}

/* ---- devices ---- */

enum column { C_TERMINAL, C_VENDOR, C_PRODUCT, C_SERIAL, COLUMNS };

static const struct sheet_column columns[] = {
    [C_TERMINAL] = {"terminal", WORD_PERMIT_TERMINAL, false},
    [C_VENDOR] = {"vendor_id", WORD_PERMIT_VENDOR, true},
    [C_PRODUCT] = {"product_id", WORD_PERMIT_PRODUCT, true},
    [C_SERIAL] = {"serial", WORD_PERMIT_SERIAL, true},
};

static bool
is_at(struct comparing *c, const struct permitted_device *d,
    struct slice terminal)
{
	struct shown_terminal t;
	return d->terminal == 0 || (door_terminal(c->call->door,
	    c->call->visitor, d->terminal, &t, NULL) &&
	    slice_is_equal(t.name, terminal));
}

static void
compare_device(struct comparing *c, const struct sheet *s, size_t row,
    const struct permitted_device *list, size_t n)
{
	struct arena *a = c->call->arena;
	struct slice vendor, product, serial = sheet_cell(s, row, C_SERIAL);
	struct slice terminal = sheet_cell(s, row, C_TERMINAL);
	const struct permitted_device *elsewhere = NULL;
	struct slice what = arena_printf(a, "%.*s %.*s:%.*s %.*s",
	    SLICE_FMT(terminal), SLICE_FMT(sheet_cell(s, row, C_VENDOR)),
	    SLICE_FMT(sheet_cell(s, row, C_PRODUCT)), SLICE_FMT(serial));
	c->compared++;
	bool is_read = permit_read_id(sheet_cell(s, row, C_VENDOR), a,
	        &vendor) &&
	    permit_read_id(sheet_cell(s, row, C_PRODUCT), a, &product);
	for (size_t i = 0; is_read && i < n; i++) {
		if (!list[i].is_usable ||
		    !slice_is_equal(list[i].serial, serial) ||
		    !slice_is_equal(list[i].vendor, vendor) ||
		    !slice_is_equal(list[i].product, product))
			continue;
		if (is_at(c, &list[i], terminal))
			return;
		elsewhere = &list[i];
	}
	differ(c, elsewhere != NULL ? "other_terminal" : "not_permitted",
	    slice_trim(what), elsewhere != NULL ? elsewhere->row : 0);
}

static bool
compare_devices(struct comparing *c, struct slice file, struct err *err)
{
	struct permitted_device *list;
	struct sheet s;
	size_t n;
	if (!permitted_devices(c->call, 0, &list, &n, err))
		return false;
	bool worked = sheet_read(c->call, file, columns, COLUMNS, &s, err);
	if (s.n_problems > 0)
		sheet_put_problems(&s);
	if (!worked)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!list[i].is_usable)
			differ(c, "no_rule", list[i].model, list[i].row);
	for (size_t i = 0; i < s.n_rows; i++)
		compare_device(c, &s, i, list, n);
	return true;
}

/* ---- what a firewall has loaded ---- */

struct loaded {
	struct comparing *c;
	const struct permitted_source *list;
	size_t n;
	bool *was_seen;
	bool drops; /* a chain of input that drops what no rule accepts */
};

/* Behind `word`; false where the line has it not. */
static bool
find_after(struct slice line, struct slice word, struct slice *ret)
{
	for (size_t i = 0; i + word.n <= line.n; i++)
		if (slice_has_prefix(slice_from(line, i), word)) {
			*ret = slice_from(line, i + word.n);
			return true;
		}
	return false;
}

static bool
has(struct slice line, struct slice word)
{
	struct slice rest;
	return find_after(line, word, &rest);
}

/* "443 accept", "{ 22, 443 } accept" */
static size_t
read_items(struct slice text, struct slice items[ITEMS_MAX])
{
	struct slice one;
	size_t n = 0;
	if (text.n > 0 && text.p[0] == '{') {
		text = slice_from(text, 1);
		text.n = slice_find(text, '}');
		while (n < ITEMS_MAX && slice_split(&text, ',', &one))
			items[n++] = slice_trim(one);
		return n;
	}
	text.n = slice_find(text, ' ');
	items[0] = text;
	return 1;
}

static bool
is_in_register(struct loaded *l, struct slice source, struct slice port)
{
	struct slice shown;
	bool is_v6, is_so = false;
	uint64_t number;
	if (!permit_read_source(source, l->c->call->arena, &shown, &is_v6) ||
	    !num_read_u64(port, 65535, &number))
		return false;
	for (size_t i = 0; i < l->n; i++)
		if (l->list[i].is_usable && l->list[i].port == number &&
		    slice_is_equal(l->list[i].source, shown)) {
			l->was_seen[i] = true;
			is_so = true;
		}
	return is_so;
}

/* What every such chain has: answers, the machine itself, ICMP. */
static bool
is_ordinary(struct slice line)
{
	return has(line, SLICE("ct state")) || has(line, SLICE("icmp")) ||
	    has(line, SLICE("iif \"lo\"")) ||
	    has(line, SLICE("iifname \"lo\""));
}

static void
compare_line(struct loaded *l, struct slice line)
{
	struct slice sources[ITEMS_MAX], ports[ITEMS_MAX], source, port;
	if (has(line, SLICE("hook input")) && has(line, SLICE("policy drop")))
		l->drops = true;
	if (!has(line, SLICE("accept")) || has(line, SLICE("policy")) ||
	    is_ordinary(line))
		return;
	l->c->compared++;
	if (!find_after(line, SLICE("dport "), &port) ||
	    !find_after(line, SLICE("saddr "), &source)) {
		differ(l->c, "too_wide", line, 0);
		return;
	}
	size_t n = read_items(source, sources), m = read_items(port, ports);
	bool is_known = true;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < m; j++)
			is_known = is_in_register(l, sources[i], ports[j]) &&
			    is_known;
	if (!is_known)
		differ(l->c, "not_in_register", line, 0);
}

static bool
compare_ruleset(struct comparing *c, struct slice text, struct err *err)
{
	struct permitted_source *list;
	struct slice line;
	struct loaded l = {.c = c};
	size_t lines = 0;
	if (!permitted_sources(c->call, call_id(c->call, "system"), &list,
	    &l.n, err))
		return false;
	l.list = list;
	l.was_seen = arena_array(c->call->arena, l.n, sizeof(*l.was_seen));
	if (l.was_seen == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	while (slice_split(&text, '\n', &line)) {
		if (lines++ == LINES_MAX)
			return ERR(err, ERR_LIMIT, "too many lines");
		compare_line(&l, slice_trim(line));
	}
	if (!l.drops)
		differ(c, "no_drop", SLICE(""), 0);
	for (size_t i = 0; i < l.n; i++)
		if (!list[i].is_usable || !l.was_seen[i])
			differ(c, list[i].is_usable ? "not_loaded" : "no_rule",
			    list[i].written, list[i].row);
	return true;
}

/* That it was compared, and with how many differences. */
static bool
enter(struct call *call, const struct comparing *c, struct err *err)
{
	uint64_t entry;
	const struct door_note note = {.verb = SLICE("permit.compare"),
	    .detail = arena_printf(call->arena,
	        "{\"compared\":%lld,\"differences\":%lld,"
	        "\"register\":\"%.*s\"}", (long long)c->compared,
	        (long long)c->n, SLICE_FMT(call_text(call, "register")))};
	if (!door_enter(call->door, call->visitor, &note, &entry, err))
		return false;
	out_number(call->arena, call->out, "entry", (int64_t)entry);
	return true;
}

static bool
run_compare(struct call *call, struct err *err)
{
	struct slice file = call_nth(call, "file", 0)->bytes;
	struct comparing c = {.call = call,
	    .list = out_list(call->arena, call->out, "differences")};
	struct err inner = ERR_INIT;
	bool is_devices = slice_is(call_text(call, "register"), "devices");
	bool worked = is_devices ? compare_devices(&c, file, &inner)
	                         : compare_ruleset(&c, file, &inner);
	if (worked && !enter(call, &c, &inner))
		worked = false;
	/* what is wrong with the file is what the page shows */
	if (!worked && (inner.code != ERR_INPUT || call->message.n > 0)) {
		if (err != NULL)
			*err = inner;
		return false;
	}
	out_text(call->arena, call->out, "register",
	    call_text(call, "register"));
	out_number(call->arena, call->out, "compared", c.compared);
	out_number(call->arena, call->out, "difference_count", c.n);
	call->shows_result = true;
	return true;
}

static bool
prepare_compare(struct call *call, struct err *err)
{
	(void)err;
	out_text(call->arena, call->out, "register",
	    call_text(call, "register"));
	return true;
}

const struct action row_permit_compare = {
    .name = "permit.compare", .is_change = true,
    .path = "/permitted/{register}/compare", .input = compare_input,
    .output = compare_output, .who = WHO_SESSION,
    .ledger_verb = "permit.compare", .title = WORD_PERMIT_COMPARE_TITLE,
    .help = WORD_PERMIT_COMPARE_HELP,
    .page = "permit_compare", .prepare = prepare_compare,
    .run = run_compare,
};
