/* Log-on, second factor, capacity, password. */
#include "rows.h"

#include <string.h>

#include "base/text.h"

static const struct result nothing[] = {RESULTS_END};
static const struct field no_input[] = {FIELDS_END};

/* The page to go to afterwards. */
#define FIELD_OF_BACK                                                          \
	{                                                                      \
		.name = "back", .type = FIELD_TEXT, .max = 1024,               \
		.label = WORD_FIELD_BACK                                       \
	}

/* ---- log-on ---- */

static const struct field logon_input[] = {
    {.name = "body", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_BODY},
    {.name = "logon", .type = FIELD_TEXT, .max = 64, .required = true,
        .label = WORD_FIELD_LOGON},
    {.name = "password", .type = FIELD_SECRET, .max = ACTION_PASSWORD_MAX_BYTES,
        .required = true, .label = WORD_FIELD_PASSWORD},
    {.name = "code", .type = FIELD_SECRET, .max = 8,
        .label = WORD_FIELD_CODE},
    FIELD_OF_BACK, FIELDS_END,
};

static const struct result logon_output[] = {
    {"session", OUT_TEXT},
    {"level", OUT_NUMBER},
    RESULTS_END,
};

static bool
prepare_logon(struct call *call, struct err *err)
{
	(void)err;
	struct out *list = out_list(call->arena, call->out, "body_options");
	for (size_t i = 0; i < call->house->n_bodies; i++)
		put_choice(call, list, call->house->bodies[i].id,
		    call->house->bodies[i].name);
	return true;
}

/* A path of our own, to go back to after the log-on. */
static bool
is_own_path(struct slice s)
{
	return s.n > 1 && s.p[0] == '/' && s.p[1] != '/' && s.p[1] != '\\' &&
	    !slice_is(s, "/logon") && !slice_is(s, "/logoff");
}

static bool
run_logon(struct call *call, struct err *err)
{
	struct visitor *v = arena_alloc(call->arena, sizeof(*v));
	struct door_logon ask = {.body = call_id(call, "body"),
	    .logon = call_text(call, "logon"),
	    .password = call_text(call, "password"),
	    .code = call_text(call, "code"), .source = call->source,
	    .terminal = call->terminal};
	if (v == NULL)
		return ERR(err, ERR_LIMIT, "no room");
	*v = (struct visitor){.fiber = call->fiber, .arena = call->arena,
	    .is_english = call->lang == LANG_EN};
	if (!door_logon(call->door, &ask, v, err)) {
		if (err->code == ERR_LOGON || err->code == ERR_NOT_FOUND)
			return call_fail(call, err, ERR_LOGON,
			    WORD_ERROR_WRONG_PROOF);
		if (err->code == ERR_BUSY)
			return call_fail(call, err, ERR_BUSY,
			    WORD_ERROR_SLOW_DOWN);
		return false;
	}
	call->visitor = v;
	call->set_session = slice_of(v->token);
	call->has_set_session = true;
	out_str(call->arena, call->out, "session", v->token);
	out_number(call->arena, call->out, "level", v->level);
	struct slice back = call_text(call, "back");
	if (v->must_change)
		call->go = SLICE("/password");
	else if (is_own_path(back))
		call->go = back;
	return true;
}

const struct action row_session_logon = {
    .name = "session.logon", .is_change = true, .path = "/logon",
    .input = logon_input, .output = logon_output, .who = WHO_ANYONE,
    .ledger_verb = "session.logon", .title = WORD_SESSION_LOGON_TITLE,
    .help = WORD_SESSION_LOGON_HELP, .page = "logon", .after = "/home",
    .prepare = prepare_logon, .run = run_logon,
};

/* ---- second factor ---- */

static const struct field step_up_input[] = {
    {.name = "code", .type = FIELD_SECRET, .max = 8, .required = true,
        .label = WORD_FIELD_CODE},
    FIELD_OF_BACK, FIELDS_END,
};

static bool
run_step_up(struct call *call, struct err *err)
{
	if (door_step_up(call->door, call->visitor, call_text(call, "code"),
	    err)) {
		if (is_own_path(call_text(call, "back")))
			call->go = call_text(call, "back");
		return true;
	}
	if (err->code == ERR_LOGON || err->code == ERR_DENIED)
		return call_mistake(call, err, "code", WORD_MISTAKE_CODE);
	return false;
}

const struct action row_session_step_up = {
    .name = "session.step_up", .is_change = true, .path = "/session/code",
    .input = step_up_input, .output = nothing, .who = WHO_SESSION,
    .ledger_verb = "session.step_up", .title = WORD_SESSION_STEP_UP_TITLE,
    .help = WORD_SESSION_STEP_UP_HELP, .page = "step_up",
    .after = "/home",
    .run = run_step_up,
};

/* ---- renew, log off ---- */

static bool
run_renew(struct call *call, struct err *err)
{
	/* whoever is here was looked up: the keeper's clock has started anew */
	(void)call;
	(void)err;
	return true;
}

const struct action row_session_renew = {
    .name = "session.renew", .is_change = true, .path = "/session/renew",
    .input = no_input, .output = nothing, .who = WHO_SESSION,
    .ledger_verb = "none", .title = WORD_SESSION_RENEW_TITLE,
    .help = WORD_SESSION_RENEW_HELP, .after = "/home", .run = run_renew,
};

static bool
run_logoff(struct call *call, struct err *err)
{
	call->set_session = SLICE("");
	call->has_set_session = true;
	return door_logoff(call->door, call->visitor, err);
}

const struct action row_session_logoff = {
    .name = "session.logoff", .is_change = true, .path = "/logoff",
    .input = no_input, .output = nothing, .who = WHO_SESSION,
    .ledger_verb = "session.logoff", .title = WORD_SESSION_LOGOFF_TITLE,
    .help = WORD_SESSION_LOGOFF_HELP, .after = "/logon", .run = run_logoff,
};

/* ---- who am I ---- */

static const struct result session_output[] = {
    {"person", OUT_ID}, {"name", OUT_TEXT}, {"post", OUT_TEXT},
    {"body", OUT_TEXT}, {"capacity", OUT_ID}, {"level", OUT_NUMBER},
    RESULTS_END,
};

static bool
run_session(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	const struct visitor *v = call->visitor;
	(void)err;
	out_id(a, call->out, "person", v->person);
	out_text(a, call->out, "name", v->person_name);
	out_text(a, call->out, "post", v->post);
	out_text(a, call->out, "body", v->body_name);
	out_id(a, call->out, "capacity", v->capacity);
	out_number(a, call->out, "level", v->level);
	return true;
}

const struct action row_session_show = {
    .name = "session.show", .path = "/session", .input = no_input,
    .output = session_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_SESSION_SHOW_TITLE, .help = WORD_SESSION_SHOW_HELP,
    .run = run_session,
};

/* ---- capacity ---- */

static const struct result capacities_output[] = {
    {"capacities", OUT_LIST}, {"capacities.id", OUT_ID},
    {"capacities.post", OUT_TEXT}, {"capacities.current", OUT_FLAG},
    RESULTS_END,
};

static bool
run_capacities(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct shown_capacity *list;
	size_t n;
	if (!door_capacities(call->door, call->visitor, &list, &n, err))
		return false;
	struct out *out = out_list(a, call->out, "capacities");
	for (size_t i = 0; i < n; i++) {
		struct out *o = out_item(a, out);
		out_id(a, o, "id", list[i].id);
		out_text(a, o, "post", arena_printf(a, "%.*s %.*s",
		    SLICE_FMT(list[i].path), SLICE_FMT(list[i].title)));
		out_flag(a, o, "current", list[i].id ==
		    call->visitor->capacity);
	}
	return true;
}

const struct action row_capacity_list = {
    .name = "capacity.list", .path = "/capacity", .input = no_input,
    .output = capacities_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_CAPACITY_LIST_TITLE, .help = WORD_CAPACITY_LIST_HELP,
    .page = "capacity", .run = run_capacities,
};

static const struct field take_input[] = {
    {.name = "capacity", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_CAPACITY},
    FIELDS_END,
};

static bool
run_take(struct call *call, struct err *err)
{
	return door_take_capacity(call->door, call->visitor,
	    call_id(call, "capacity"), err);
}

const struct action row_capacity_take = {
    .name = "capacity.take", .is_change = true, .path = "/capacity",
    .input = take_input, .output = nothing, .who = WHO_SESSION,
    .ledger_verb = "session.capacity", .title = WORD_CAPACITY_TAKE_TITLE,
    .help = WORD_CAPACITY_TAKE_HELP, .after = "/home", .run = run_take,
};

/* ---- password ---- */

static const struct field password_input[] = {
    {.name = "old", .type = FIELD_SECRET, .max = ACTION_PASSWORD_MAX_BYTES,
        .required = true, .label = WORD_FIELD_OLD_PASSWORD},
    {.name = "new", .type = FIELD_SECRET, .max = ACTION_PASSWORD_MAX_BYTES,
        .required = true, .label = WORD_FIELD_NEW_PASSWORD},
    {.name = "again", .type = FIELD_SECRET, .max = ACTION_PASSWORD_MAX_BYTES,
        .required = true, .label = WORD_FIELD_NEW_AGAIN},
    FIELDS_END,
};

static const struct result password_output[] = {RESULTS_OF_FACTS, RESULTS_END};

/* The rules of the pack, and that this one has to be changed first. */
static bool
prepare_password(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct out *facts = out_list(a, call->out, "facts");
	struct slice days = arena_printf(a, "%llu", (unsigned long long)
	    parameter_of(call, "password.max.days", 0));
	struct slice past = arena_printf(a, "%llu", (unsigned long long)
	    parameter_of(call, "password.reuse", 0));
	(void)err;
	if (call->visitor->must_change)
		put_fact(call, facts, WORD_PASSWORD_FIRST, slice_of(word_text(
		    WORD_ERROR_MUST_CHANGE, call->lang)));
	put_fact(call, facts, WORD_PASSWORD_RULES,
	    call_word(call, WORD_PASSWORD_RULE, days, past));
	return true;
}

static bool
run_password(struct call *call, struct err *err)
{
	uint64_t least = parameter_of(call, "password.min", 12);
	struct slice password = call_text(call, "new");
	struct put put;
	if (!slice_is_equal(password, call_text(call, "again")))
		return call_mistake(call, err, "again", WORD_MISTAKE_AGAIN);
	if (text_count(password) < least)
		return call_mistake(call, err, "new", WORD_MISTAKE_SHORT,
		    arena_printf(call->arena, "%llu",
		        (unsigned long long)least));
	struct door_credential ask = {
	    .account = call->visitor->account,
	    .old_password = call_text(call, "old"), .password = password};
	if (door_put_credential(call->door, call->visitor, &ask, &put, err))
		return true;
	if (err->code == ERR_LOGON || err->code == ERR_DENIED)
		return call_mistake(call, err, "old", WORD_MISTAKE_PASSWORD);
	if (err->code == ERR_CONFLICT)
		return call_mistake(call, err, "new", WORD_MISTAKE_REUSED,
		    arena_printf(call->arena, "%llu", (unsigned long long)
		        parameter_of(call, "password.reuse", 0)));
	return false;
}

const struct action row_password_change = {
    .name = "password.change", .is_change = true, .path = "/password",
    .input = password_input, .output = password_output,
    .who = WHO_SESSION, .ledger_verb = "authority.credential",
    .title = WORD_PASSWORD_CHANGE_TITLE, .help = WORD_PASSWORD_CHANGE_HELP,
    .page = "form", .after = "/home", .prepare = prepare_password,
    .run = run_password,
};

/* ---- one-time codes ---- */

enum { SECRET_BYTES = 20, BASE32_DIGITS = 32 };

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* RFC 4648; 20 bytes are exactly 32 digits. */
static void
write_base32(const uint8_t secret[SECRET_BYTES], char ret[BASE32_DIGITS + 1])
{
	for (size_t i = 0; i < BASE32_DIGITS; i++) {
		size_t bit = i * 5;
		unsigned two = (unsigned)secret[bit / 8] << 8 |
		    (bit / 8 + 1 < SECRET_BYTES ? secret[bit / 8 + 1] : 0);
		ret[i] = base32[two >> (11 - bit % 8) & 31];
	}
	ret[BASE32_DIGITS] = '\0';
}

static bool
read_base32(struct slice s, uint8_t ret[SECRET_BYTES])
{
	if (s.n != BASE32_DIGITS)
		return false;
	memset(ret, 0, SECRET_BYTES);
	for (size_t i = 0; i < BASE32_DIGITS; i++) {
		const char *at = memchr(base32, s.p[i], 32);
		if (at == NULL)
			return false;
		unsigned digit = (unsigned)(at - base32);
		for (unsigned b = 0; b < 5; b++)
			if (digit >> (4 - b) & 1)
				ret[(i * 5 + b) / 8] |=
				    (uint8_t)(128 >> (i * 5 + b) % 8);
	}
	return true;
}

static const struct field code_input[] = {
    {.name = "secret", .type = FIELD_TEXT, .max = BASE32_DIGITS,
        .required = true, .label = WORD_FIELD_CODE_SECRET},
    {.name = "password", .type = FIELD_SECRET,
        .max = ACTION_PASSWORD_MAX_BYTES, .required = true,
        .label = WORD_FIELD_PASSWORD},
    {.name = "code", .type = FIELD_SECRET, .max = 8, .required = true,
        .label = WORD_FIELD_CODE},
    FIELDS_END,
};

static const struct result code_output[] = {
    {"secret", OUT_TEXT}, {"address", OUT_TEXT}, {"facts", OUT_LIST},
    {"facts.label", OUT_TEXT}, {"facts.text", OUT_TEXT}, RESULTS_END,
};

/* A secret for the application, shown once; it comes back with the form. */
static bool
prepare_code(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	uint8_t raw[SECRET_BYTES];
	char digits[BASE32_DIGITS + 1];
	struct slice secret = call_has(call, "secret")
	    ? call_text(call, "secret") : SLICE("");
	(void)err;
	if (secret.n == 0) {
		door_new_code_secret(raw);
		write_base32(raw, digits);
		secret = arena_copy(a, slice_bytes(digits, BASE32_DIGITS));
	}
	out_text(a, call->out, "secret", secret);
	out_text(a, call->out, "address", arena_printf(a,
	    "otpauth://totp/Fumikura?secret=%.*s&issuer=Fumikura",
	    SLICE_FMT(secret)));
	put_fact(call, out_list(a, call->out, "facts"),
	    WORD_FIELD_CODE_SECRET, secret);
	return true;
}

static bool
run_code(struct call *call, struct err *err)
{
	uint8_t raw[SECRET_BYTES];
	struct put put;
	if (!read_base32(call_text(call, "secret"), raw))
		return call_mistake(call, err, "secret", WORD_MISTAKE_CODE);
	struct door_credential ask = {.account = call->visitor->account,
	    .old_password = call_text(call, "password"),
	    .code_secret = slice_bytes(raw, sizeof(raw)),
	    .code = call_text(call, "code")};
	if (door_put_credential(call->door, call->visitor, &ask, &put, err))
		return true;
	if (err->code == ERR_LOGON || err->code == ERR_DENIED)
		return call_mistake(call, err, "code", WORD_MISTAKE_CODE);
	return false;
}

const struct action row_code_set = {
    .name = "code.set", .is_change = true, .path = "/session/code/new",
    .input = code_input, .output = code_output, .who = WHO_SESSION,
    .ledger_verb = "authority.credential", .title = WORD_CODE_SET_TITLE,
    .help = WORD_CODE_SET_HELP, .page = "code", .after = "/home",
    .prepare = prepare_code, .run = run_code,
};
