#include "keeper/message.h"

#include <string.h>

#include "base/must.h"
#include "base/num.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const act_names[] = {
    [ACT_SEARCH] = "search",
    [ACT_LIST] = "list",
    [ACT_VIEW] = "view",
    [ACT_CREATE] = "create",
    [ACT_CORRECT] = "correct",
    [ACT_ERASE] = "erase",
    [ACT_PRINT] = "print",
    [ACT_COPY] = "copy",
    [ACT_SEND] = "send",
    [ACT_POST] = "post",
    [ACT_CARRY] = "carry",
    [ACT_PROVIDE] = "provide",
    [ACT_SECRET] = "secret",
};
_Static_assert(COUNT(act_names) == ACTS_END, "each act has its name");

static const char *const right_names[] = {
    [RIGHT_GRANT] = "grant",
    [RIGHT_HOLDING] = "holding",
    [RIGHT_OVERSEE] = "oversee",
    [RIGHT_APPOINT] = "appoint",
    [RIGHT_ACCOUNT] = "account",
    [RIGHT_PERMIT] = "permit",
    [RIGHT_AUDIT] = "audit",
    [RIGHT_OPERATE] = "operate",
    [RIGHT_BOARD] = "board",
    [RIGHT_EMERGENCY] = "emergency",
};
_Static_assert(COUNT(right_names) == RIGHTS_END, "each right has its name");

static size_t
find(const char *const *names, size_t n, struct slice name)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is(name, names[i]))
			return i;
	return n;
}

bool
act_is_output(enum act act)
{
	const uint32_t outputs = ACT_BIT(ACT_PRINT) | ACT_BIT(ACT_COPY) |
	    ACT_BIT(ACT_SEND) | ACT_BIT(ACT_POST) | ACT_BIT(ACT_CARRY) |
	    ACT_BIT(ACT_PROVIDE);
	return (outputs & ACT_BIT(act)) != 0;
}

const char *
act_name(enum act act)
{
	must((unsigned)act < ACTS_END);
	return act_names[act];
}

bool
act_read(struct slice name, enum act *ret)
{
	size_t i = find(act_names, ACTS_END, name);
	if (i == ACTS_END)
		return false;
	*ret = (enum act)i;
	return true;
}

const char *
right_name(enum right right)
{
	must((unsigned)right < RIGHTS_END);
	return right_names[right];
}

bool
right_read(struct slice name, enum right *ret)
{
	size_t i = find(right_names, RIGHTS_END, name);
	if (i == RIGHTS_END)
		return false;
	*ret = (enum right)i;
	return true;
}

bool
session_id_is_none(const struct session_id *id)
{
	static const struct session_id none;
	return memcmp(id->p, none.p, sizeof(none.p)) == 0;
}

/*
 * The table. Sizes are of a request's content; a type that is not here, a
 * size outside, or a state that is not named ends the channel.
 */
#define IN(state) (1u << (state))
#define ANY (IN(KEEPER_LOADING) | IN(KEEPER_OPEN) | IN(KEEPER_REFUSING))

/* The typed functions behind pointers of one type. */
#define WRITE(name)                                                            \
	static void write_##name(struct buf *to, const void *a)                \
	{                                                                      \
		name##_write(to, a);                                           \
	}
#define READ(name)                                                             \
	static bool read_##name(struct slice s, void *ret)                     \
	{                                                                      \
		return name##_read(s, ret);                                    \
	}

WRITE(status_ask)
WRITE(logon_ask)
WRITE(step_up_ask)
WRITE(touch_ask)
WRITE(open_ask)
WRITE(create_ask)
WRITE(tokens_ask)
WRITE(erase_ask)
WRITE(append_ask)
WRITE(authority_rows)
WRITE(ready_ask)
WRITE(put_ask)
WRITE(ack_ask)
WRITE(change_ask)
WRITE(entry_ask)
WRITE(feed_ask)
WRITE(checkpoint_ask)
WRITE(retire_ask)
WRITE(export_ask)
WRITE(export_part_ask)
WRITE(clock_ask)
READ(status_answer)
READ(export_answer)
READ(export_part_answer)
READ(session_answer)
READ(none_answer)
READ(open_answer)
READ(create_answer)
READ(tokens_answer)
READ(entry_answer)
READ(load_answer)
READ(ready_answer)
READ(put_answer)
READ(authority_rows)
READ(proof_answer)
READ(feed_answer)
READ(checkpoint_answer)

enum {
	/* what an intent, and a record, take */
	INTENT_MIN = SESSION_BYTES + 8 + 8 + 2 + 2 + 2,
	INTENT_MAX = INTENT_MIN + MESSAGE_PURPOSE_MAX_BYTES +
	    MESSAGE_CASE_MAX_BYTES,
	RECORD = 8 + 4 + 2 + WRAP_BYTES,
	OF = 8, /* of a document besides */
	PUT_MIN = SESSION_BYTES + 8 + 1 + 6 * 2,
	PUT_MAX = PUT_MIN + AUTHORITY_ROW_MAX_BYTES + MESSAGE_CASE_MAX_BYTES +
	    2 * MESSAGE_PASSWORD_MAX_BYTES + 20 + MESSAGE_CODE_BYTES,
	CHANGE_MIN = SESSION_BYTES + 8 + 8 + 2 + AUTHORITY_DIGEST_BYTES + 2 +
	    2 + 2 + 2
};

static const struct message_rule rules[] = {
    [MESSAGE_STATUS] = {"status", 1, 1, ANY, true,
	write_status_ask, read_status_answer},
    [MESSAGE_LOGON] = {"logon", 36, 36 + 256 + 6, IN(KEEPER_OPEN), true,
	write_logon_ask, read_session_answer},
    [MESSAGE_STEP_UP] = {"step_up", 18, 24, IN(KEEPER_OPEN), true,
	write_step_up_ask, read_session_answer},
    [MESSAGE_TOUCH] = {"touch", 16, 16, IN(KEEPER_OPEN), true,
	write_touch_ask, read_session_answer},
    [MESSAGE_LOGOFF] = {"logoff", 16, 16, IN(KEEPER_OPEN), true,
	write_touch_ask, read_none_answer},
    [MESSAGE_OPEN] = {"open", INTENT_MIN + 2 + RECORD,
	INTENT_MAX + 2 + MESSAGE_RECORDS_MAX * (RECORD + OF), IN(KEEPER_OPEN),
	false, write_open_ask, read_open_answer},
    [MESSAGE_CREATE] = {"create", INTENT_MIN + 2 + 14,
	INTENT_MAX + 2 + MESSAGE_CREATE_MAX * (14 + RECORD), IN(KEEPER_OPEN),
	false, write_create_ask, read_create_answer},
    [MESSAGE_TOKENS] = {"tokens", INTENT_MIN + 2 + 4, MESSAGE_MAX_BYTES,
	IN(KEEPER_OPEN), false, write_tokens_ask, read_tokens_answer},
    [MESSAGE_ERASE] = {"erase", INTENT_MIN + 2 + RECORD,
	INTENT_MAX + 2 + MESSAGE_RECORDS_MAX * (RECORD + OF), IN(KEEPER_OPEN),
	false, write_erase_ask, read_entry_answer},
    [MESSAGE_APPEND] = {"append", SESSION_BYTES + 24 + 2 + 2 + 1 + 2 + 2,
	SESSION_BYTES + 24 + 2 + MESSAGE_VERB_MAX_BYTES + 2 +
	    MESSAGE_CASE_MAX_BYTES + 1 + 2 + MESSAGE_SUBJECTS_MAX * 8 + 2 +
	    MESSAGE_DETAIL_MAX_BYTES, IN(KEEPER_OPEN), true,
	write_append_ask, read_entry_answer},
    [MESSAGE_AUTHORITY_LOAD] = {"authority_load", 3, MESSAGE_MAX_BYTES,
	IN(KEEPER_LOADING), true, write_authority_rows, read_load_answer},
    [MESSAGE_AUTHORITY_READY] = {"authority_ready", 1, 1,
	IN(KEEPER_LOADING) | IN(KEEPER_OPEN), true,
	write_ready_ask, read_ready_answer},
    [MESSAGE_AUTHORITY_PUT] = {"authority_put", PUT_MIN, PUT_MAX,
	IN(KEEPER_OPEN), true, write_put_ask, read_put_answer},
    [MESSAGE_AUTHORITY_ACK] = {"authority_ack", 2, 2 + MESSAGE_ROWS_MAX * 8,
	IN(KEEPER_OPEN), true, write_ack_ask, read_none_answer},
    [MESSAGE_ENTRY] = {"entry", SESSION_BYTES + 18,
	SESSION_BYTES + 18 + MESSAGE_CASE_MAX_BYTES, IN(KEEPER_OPEN), true,
	write_entry_ask, read_proof_answer},
    [MESSAGE_FEED] = {"feed", 10, 10, IN(KEEPER_OPEN), true,
	write_feed_ask, read_feed_answer},
    [MESSAGE_CHECKPOINT] = {"checkpoint", 1, 1, IN(KEEPER_OPEN), true,
	write_checkpoint_ask, read_checkpoint_answer},
    [MESSAGE_RETIRE] = {"retire", SESSION_BYTES + 13,
	SESSION_BYTES + 13 + MESSAGE_CASE_MAX_BYTES, IN(KEEPER_OPEN), true,
	write_retire_ask, read_entry_answer},
    [MESSAGE_CLOCK] = {"clock", 8, 8, ANY, true,
	write_clock_ask, read_none_answer},
    [MESSAGE_AUTHORITY_CHANGE] = {"authority_change", CHANGE_MIN,
	CHANGE_MIN + (CHANGE_PARTS_MAX - 1) * AUTHORITY_DIGEST_BYTES +
	    MESSAGE_CASE_MAX_BYTES +
	    CHANGE_ROWS_MAX * (2 + AUTHORITY_ROW_MAX_BYTES),
	IN(KEEPER_OPEN), false, write_change_ask, read_authority_rows},
    [MESSAGE_EXPORT] = {"export", SESSION_BYTES + 12,
	SESSION_BYTES + 12 + MESSAGE_CASE_MAX_BYTES, IN(KEEPER_OPEN), true,
	write_export_ask, read_export_answer},
    [MESSAGE_EXPORT_PART] = {"export_part", SESSION_BYTES + 34,
	SESSION_BYTES + 34 + MESSAGE_CASE_MAX_BYTES, IN(KEEPER_OPEN), true,
	write_export_part_ask, read_export_part_answer},
};
_Static_assert(COUNT(rules) == MESSAGES_END, "each message has its rule");

const struct message_rule *
message_rule(unsigned type)
{
	return type < MESSAGES_END && rules[type].name != NULL ? &rules[type]
							       : NULL;
}

void
message_head_put(uint8_t to[MESSAGE_HEADER_BYTES],
    const struct message_head *head)
{
	num_put_be32(to, head->size);
	num_put_be16(to + 4, head->type);
	num_put_be16(to + 6, head->code);
	num_put_be64(to + 8, head->number);
}

struct message_head
message_head_get(const uint8_t from[MESSAGE_HEADER_BYTES])
{
	return (struct message_head){
	    .size = num_be32(from),
	    .type = num_be16(from + 4),
	    .code = num_be16(from + 6),
	    .number = num_be64(from + 8),
	};
}

static const struct {
	const char *name;
	enum err_code code;
	const char *text;
} answers[] = {
    [ANSWER_OK] = {"ok", ERR_NONE, "done"},
    [ANSWER_NO_SESSION] = {"no_session", ERR_LOGON,
	"the session has ended; log on"},
    [ANSWER_BAD_PROOF] = {"bad_proof", ERR_LOGON,
	"wrong account, password or one-time code"},
    [ANSWER_SLOW_DOWN] = {"slow_down", ERR_BUSY,
	"too many failed log-ons from here; wait before the next"},
    [ANSWER_NEEDS_FACTOR] = {"needs_factor", ERR_LOGON,
	"this holding demands a one-time code; step up"},
    [ANSWER_NO_GRANT] = {"no_grant", ERR_DENIED,
	"this account has no grant for the holding"},
    [ANSWER_BEYOND_GRANT] = {"beyond_grant", ERR_DENIED,
	"the grant does not allow this act, terminal or time"},
    [ANSWER_NO_CAPACITY] = {"no_capacity", ERR_DENIED,
	"the appointment named is not in force for this person"},
    [ANSWER_NO_RIGHT] = {"no_right", ERR_DENIED,
	"the office has not the right for this"},
    [ANSWER_SAME_PERSON] = {"same_person", ERR_DENIED,
	"this needs another person"},
    [ANSWER_LIMIT] = {"limit", ERR_LIMIT,
	"past the number of records allowed in this time; ask for a permit"},
    [ANSWER_ERASED] = {"erased", ERR_NOT_FOUND,
	"the record has been erased"},
    [ANSWER_FORGED] = {"forged", ERR_CORRUPT,
	"a wrapped key or an authority row does not verify"},
    [ANSWER_STALE] = {"stale", ERR_CONFLICT,
	"an authority row has a newer version; read it again"},
    [ANSWER_BAD_MESSAGE] = {"bad_message", ERR_INPUT,
	"the keeper does not take this message now; it closed the channel"},
    [ANSWER_LOCKED] = {"locked", ERR_BUSY,
	"the keeper is still starting"},
    [ANSWER_REFUSING] = {"refusing", ERR_CORRUPT,
	"the keeper found its ledger or authority rows changed; "
	"it gives nothing"},
    [ANSWER_FULL] = {"full", ERR_FULL,
	"no space for the ledger; nothing was entered or given"},
    [ANSWER_BUSY] = {"busy", ERR_BUSY, "too much at once; try again soon"},
    [ANSWER_NOT_FOUND] = {"not_found", ERR_NOT_FOUND,
	"there is no such row or entry"},
    [ANSWER_MUST_CHANGE] = {"must_change", ERR_LOGON,
	"the password was handed out; set your own first"},
    [ANSWER_BAD_ROW] = {"bad_row", ERR_INPUT,
	"the authority row breaks a rule of its kind"},
    [ANSWER_REUSED] = {"reused", ERR_CONFLICT,
	"the password was used before; choose another"},
    [ANSWER_LOST] = {"lost", ERR_LOST,
	"the keeper ended; nothing can be opened until it is started again"},
};
_Static_assert(COUNT(answers) == ANSWERS_END, "each answer has its text");

const char *
answer_name(enum answer a)
{
	must((unsigned)a < ANSWERS_END);
	return answers[a].name;
}

bool
answer_err(enum answer a, struct err *err)
{
	must((unsigned)a < ANSWERS_END && a != ANSWER_OK);
	return ERR(err, answers[a].code, "%s", answers[a].text);
}
