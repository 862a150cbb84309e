/* Accounts: made for a person, and passwords that are handed out. */
#include "base/mem.h"
#include "people/people.h"
#include "rows.h"

/* ---- an account for a person who has none ---- */

static const struct field make_input[] = {
    {.name = "person", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_PERSON},
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

/* ---- a password, handed out by two persons ---- */

static const struct field password_input[] = {
    {.name = "account", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_ACCOUNT},
    FIELD_CASE_REFERENCE, FIELDS_END,
};

static const struct result password_output[] = {
    {"facts", OUT_LIST}, {"facts.label", OUT_TEXT},
    {"facts.text", OUT_TEXT}, {"password", OUT_TEXT},
    {"pending", OUT_FLAG}, RESULTS_END,
};

static bool
prepare_password(struct call *call, struct err *err)
{
	struct people_account account;
	if (!people_account_get(door_reader(call->door), call->visitor->body,
	    call_id(call, "account"), call->arena, &account, err))
		return false;
	struct out *facts = out_list(call->arena, call->out, "facts");
	put_fact(call, facts, WORD_FIELD_NAME,
	    person_name(call, account.person));
	put_fact(call, facts, WORD_FIELD_LOGON, account.logon);
	return true;
}

static bool
run_password(struct call *call, struct err *err)
{
	char password[DOOR_PASSWORD_BYTES];
	struct put put = {0};
	struct door_credential ask = {.account = call_id(call, "account"),
	    .reference = call_text(call, "case")};
	if (!prepare_password(call, err))
		return false;
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
    .path = "/accounts/{account}/password", .input = password_input,
    .output = password_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_ACCOUNT),
    .ledger_verb = "authority.credential",
    .title = WORD_ACCOUNT_PASSWORD_TITLE,
    .help = WORD_ACCOUNT_PASSWORD_HELP, .page = "account_password",
    .prepare = prepare_password, .run = run_password,
};
