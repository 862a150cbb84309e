/* Accounts: made for a person, passwords handed out, locked and ended. */
#include "base/mem.h"
#include "people/people.h"
#include "rows.h"

/* ---- an account for a person who has none ---- */

static const struct field make_input[] = {
    {.name = "person", .type = FIELD_PERSON, .max = PEOPLE_NAME_MAX_BYTES,
        .required = true, .label = WORD_FIELD_PERSON},
    {.name = "logon", .type = FIELD_TEXT, .max = PEOPLE_LOGON_MAX_BYTES,
        .required = true, .label = WORD_FIELD_LOGON},
    FIELDS_END,
};

static const struct result make_output[] = {
    {"account", OUT_ID}, {"facts", OUT_LIST}, {"facts.label", OUT_TEXT},
    {"facts.text", OUT_TEXT}, RESULTS_END,
};

static bool
prepare_make(struct call *call, struct err *err)
{
	struct slice name = person_name(call, call_id(call, "person"));
	if (name.n == 0)
		return ERR(err, ERR_NOT_FOUND, "there is no such person");
	put_fact(call, out_list(call->arena, call->out, "facts"),
	    WORD_FIELD_NAME, name);
	return true;
}

static bool
run_make(struct call *call, struct err *err)
{
	struct people_account same, row = {.person = call_id(call, "person"),
	    .logon = call_text(call, "logon"), .state = PEOPLE_ACTIVE};
	if (!prepare_make(call, err))
		return false;
	if (people_account_by_logon(door_reader(call->door),
	    call->visitor->body, row.logon, call->arena, &same, NULL))
		return call_mistake(call, err, "logon", WORD_MISTAKE_LOGON);
	if (!door_put_account(call->door, call->visitor, &row, err))
		return false;
	out_id(call->arena, call->out, "account", row.id);
	return true;
}

const struct action row_account_make = {
    .name = "account.make", .is_change = true,
    .path = "/persons/{person}/account", .input = make_input,
    .output = make_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_ACCOUNT), .ledger_verb = "people.account",
    .title = WORD_ACCOUNT_MAKE_TITLE, .help = WORD_ACCOUNT_MAKE_HELP,
    .page = "form", .after = "/persons", .prepare = prepare_make,
    .run = run_make,
};

/* ---- which one ---- */

#define FIELD_OF_ACCOUNT                                                       \
	{                                                                      \
		.name = "account", .type = FIELD_ACCOUNT,                      \
		.max = PEOPLE_NAME_MAX_BYTES, .required = true,                \
		.label = WORD_FIELD_ACCOUNT                                    \
	}

/* The account of the path; its facts are what its forms show. */
static bool
find_account(struct call *call, struct people_account *ret, struct err *err)
{
	if (!people_account_get(door_reader(call->door), call->visitor->body,
	    call_id(call, "account"), call->arena, ret, err))
		return false;
	struct out *facts = out_list(call->arena, call->out, "facts");
	put_fact(call, facts, WORD_FIELD_NAME,
	    person_name(call, ret->person));
	put_fact(call, facts, WORD_FIELD_LOGON, ret->logon);
	put_fact(call, facts, WORD_PAGE_STATE, keyed_word(call,
	    "account_state", slice_of(people_state_name(ret->state))));
	return true;
}

static bool
prepare_account(struct call *call, struct err *err)
{
	struct people_account account;
	return find_account(call, &account, err);
}

/* ---- a password, handed out by two persons ---- */

static const struct field account_input[] = {
    FIELD_OF_ACCOUNT, FIELD_CASE_REFERENCE, FIELDS_END,
};

static const struct result password_output[] = {
    {"facts", OUT_LIST}, {"facts.label", OUT_TEXT},
    {"facts.text", OUT_TEXT}, {"password", OUT_TEXT},
    {"pending", OUT_FLAG}, RESULTS_END,
};

static bool
run_password(struct call *call, struct err *err)
{
	char password[DOOR_PASSWORD_BYTES];
	struct put put = {0};
	struct door_credential ask = {.account = call_id(call, "account"),
	    .reference = call_text(call, "case")};
	struct people_account account;
	if (!find_account(call, &account, err))
		return false;
	if (account.state == PEOPLE_LOCKED || account.state == PEOPLE_ENDED)
		return call_fail(call, err, ERR_CONFLICT,
		    WORD_ERROR_ACCOUNT_CLOSED);
	door_new_password(password);
	ask.password = slice_of(password);
	bool worked = door_put_credential(call->door, call->visitor, &ask,
	    &put, err);
	if (worked) {
		out_text(call->arena, call->out, "password",
		    arena_copy(call->arena, ask.password));
		out_flag(call->arena, call->out, "pending", put.is_pending);
		call->shows_result = true;
	}
	mem_wipe(password, sizeof(password));
	return worked;
}

const struct action row_account_password = {
    .name = "account.password", .is_change = true,
    .path = "/accounts/{account}/password", .input = account_input,
    .output = password_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_ACCOUNT),
    .ledger_verb = "authority.credential",
    .title = WORD_ACCOUNT_PASSWORD_TITLE,
    .help = WORD_ACCOUNT_PASSWORD_HELP, .page = "account_password",
    .prepare = prepare_account, .run = run_password,
};

/* ---- one account, and what can be done with it ---- */

static const struct field show_input[] = {FIELD_OF_ACCOUNT, FIELDS_END};

static const struct result show_output[] = {
    RESULTS_OF_FACTS, {"account", OUT_ID}, {"locked", OUT_FLAG},
    {"ended", OUT_FLAG}, RESULTS_END,
};

static bool
run_show(struct call *call, struct err *err)
{
	struct people_account account;
	if (!find_account(call, &account, err))
		return false;
	out_id(call->arena, call->out, "account", account.id);
	out_flag(call->arena, call->out, "locked",
	    account.state == PEOPLE_LOCKED);
	out_flag(call->arena, call->out, "ended",
	    account.state == PEOPLE_ENDED);
	return true;
}

const struct action row_account_show = {
    .name = "account.show", .path = "/accounts/{account}",
    .input = show_input, .output = show_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_ACCOUNT), .ledger_verb = "",
    .title = WORD_ACCOUNT_SHOW_TITLE, .help = WORD_ACCOUNT_SHOW_HELP,
    .page = "account", .run = run_show,
};

static const struct result state_output[] = {RESULTS_OF_FACTS, RESULTS_END};

/* Locked or ended: nobody does that to themselves, and what has ended stays. */
static bool
close_account(struct call *call, enum people_state state, struct err *err)
{
	struct people_account account;
	if (!find_account(call, &account, err))
		return false;
	if (account.person == call->visitor->person)
		return call_fail(call, err, ERR_CONFLICT,
		    WORD_ERROR_OWN_ACCOUNT);
	if (account.state == PEOPLE_ENDED)
		return call_fail(call, err, ERR_CONFLICT,
		    WORD_ERROR_ACCOUNT_CLOSED);
	account.state = state;
	return door_close_account(call->door, call->visitor, &account,
	    call_text(call, "case"), err);
}

static bool
run_lock(struct call *call, struct err *err)
{
	return close_account(call, PEOPLE_LOCKED, err);
}

const struct action row_account_lock = {
    .name = "account.lock", .is_change = true,
    .path = "/accounts/{account}/lock", .input = account_input,
    .output = state_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_ACCOUNT),
    .ledger_verb = "authority.credential",
    .title = WORD_ACCOUNT_LOCK_TITLE, .help = WORD_ACCOUNT_LOCK_HELP,
    .page = "form", .after = "/accounts/{account}",
    .prepare = prepare_account, .run = run_lock,
};

static bool
run_end(struct call *call, struct err *err)
{
	return close_account(call, PEOPLE_ENDED, err);
}

const struct action row_account_end = {
    .name = "account.end", .is_change = true,
    .path = "/accounts/{account}/end", .input = account_input,
    .output = state_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_ACCOUNT),
    .ledger_verb = "authority.credential",
    .title = WORD_ACCOUNT_END_TITLE, .help = WORD_ACCOUNT_END_HELP,
    .page = "form", .after = "/accounts/{account}",
    .prepare = prepare_account, .run = run_end,
};

/* Its password has ended with the lock: two persons hand out another. */
static bool
run_unlock(struct call *call, struct err *err)
{
	struct people_account account;
	if (!find_account(call, &account, err))
		return false;
	if (account.state != PEOPLE_LOCKED)
		return call_fail(call, err, ERR_CONFLICT,
		    WORD_ERROR_NOT_LOCKED);
	account.state = PEOPLE_ACTIVE;
	return door_put_account(call->door, call->visitor, &account, err);
}

const struct action row_account_unlock = {
    .name = "account.unlock", .is_change = true,
    .path = "/accounts/{account}/unlock", .input = show_input,
    .output = state_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_ACCOUNT), .ledger_verb = "people.account",
    .title = WORD_ACCOUNT_UNLOCK_TITLE, .help = WORD_ACCOUNT_UNLOCK_HELP,
    .page = "form", .after = "/accounts/{account}/password",
    .prepare = prepare_account, .run = run_unlock,
};
