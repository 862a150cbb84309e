/*
 * Looking up: terms to tokens, tokens to records, records opened for a list.
 */
#include <string.h>

#include "guard/open.h"
#include "vault/term.h"

_Static_assert((int)TERM_TOKEN_BYTES == (int)TOKEN_BYTES,
    "the vault keeps tokens as the keeper makes them");
_Static_assert(
    DOOR_LIST_MAX <= (int)MESSAGE_RECORDS_MAX, "one message opens a list");

bool
open_tokens(struct opening *o, enum act act, const struct token_term *terms,
    size_t n, struct token *ret, struct err *err)
{
	struct tokens_ask ask = {
	    .intent = door_message(o->visitor, o->intent, act),
	    .n = n,
	    .terms = (struct token_term *)(uintptr_t)terms};
	struct tokens_answer answer = {.tokens = ret};
	enum answer code;
	const struct keeper_asking a = {.channel = o->door->channel,
	    .fiber = o->visitor->fiber,
	    .type = MESSAGE_TOKENS,
	    .ask = &ask,
	    .answer = &answer};
	if (!guard_ask(&a, &code, err)) {
		door_keeper_refused(o->door, &o->question, code, o->refusal);
		return false;
	}
	return answer.n == n ||
	       ERR(err, ERR_CORRUPT, "the keeper answered with other tokens");
}

/* Items of the terms, all of which the grant must hold. */
static bool
check_terms(struct opening *o, const struct door_list *ask, struct err *err)
{
	if (ask->n == 0 || ask->n > DOOR_TERMS_MAX)
		return ERR(err, ERR_INPUT, "a search has 1 to %d terms",
		    DOOR_TERMS_MAX);
	o->question.items = 0;
	for (size_t i = 0; i < ask->n; i++) {
		if (ask->terms[i].item >= o->holding->n_items)
			return ERR(err, ERR_INPUT, "the holding has no item %u",
			    ask->terms[i].item);
		o->question.items |= ITEM_BIT(ask->terms[i].item);
	}
	o->needs_all = true;
	return true;
}

/* Ids that fit all terms, behind the cursor. */
static bool
look_up(struct opening *o, const struct door_list *ask,
    uint64_t ret[TERM_FOUND_MAX], size_t *ret_n, bool *ret_more,
    struct err *err)
{
	struct token_term terms[DOOR_TERMS_MAX];
	struct token tokens[DOOR_TERMS_MAX];
	struct token_row rows[DOOR_TERMS_MAX];
	uint64_t found[TERM_FOUND_MAX];
	size_t n = 0;
	for (size_t i = 0; i < ask->n; i++) {
		struct term t;
		if (!term_of_search(o->holding, ask->terms[i].item,
			ask->terms[i].text, o->visitor->arena, &t, err))
			return false;
		terms[i] = (struct token_term){.item = t.item, .text = t.text};
	}
	if (!open_tokens(o, ACT_SEARCH, terms, ask->n, tokens, err))
		return false;
	for (size_t i = 0; i < ask->n; i++) {
		rows[i] = (struct token_row){.item = terms[i].item};
		memcpy(rows[i].token, tokens[i].p, sizeof(rows[i].token));
	}
	if (!token_find(o->door->reader, o->visitor->body, o->holding->id, rows,
		ask->n, found, &n, ret_more, err))
		return false;
	*ret_n = 0;
	for (size_t i = 0; i < n; i++)
		if (found[i] > ask->after)
			ret[(*ret_n)++] = found[i];
	return true;
}

/* Rows that may stand in a list: not 秘匿, not erased. */
static bool
fetch_some(struct opening *o, const uint64_t *ids, size_t n,
    struct record_row *rows, struct shown_list *ret, struct err *err)
{
	size_t kept = 0;
	size_t i = 0;
	if (!store_reader_begin(o->door->reader, err))
		return false;
	bool ok = true;
	for (; ok && i < n && kept < DOOR_LIST_MAX; i++) {
		struct err none = ERR_INIT;
		ok = record_fetch(o->door->reader, o->visitor->body,
		    o->holding->id, ids[i], o->visitor->arena, &rows[kept],
		    &none);
		if (ok && !open_is_secret(o, &rows[kept]) &&
		    !rows[kept].is_erased)
			kept++;
		ret->next = ids[i];
		if (!ok && none.code == ERR_NOT_FOUND)
			ok = true; /* of an import that is not done */
		else if (!ok && err != NULL)
			*err = none;
	}
	store_reader_end(o->door->reader);
	ret->n = kept;
	ret->has_more = ret->has_more || i < n;
	return ok;
}

static bool
open_list(struct opening *o, const uint64_t *ids, size_t n,
    struct shown_list *ret, struct err *err)
{
	struct arena *a = o->visitor->arena;
	struct record_row *rows = arena_array(a, DOOR_LIST_MAX, sizeof(*rows));
	if (rows == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	/* What may be listed is another question than what may be sought. */
	o->needs_all = false;
	o->question =
	    door_question(o->door, o->visitor, o->holding, o->intent, ACT_LIST);
	if (!open_decide(o, 0, err) || !fetch_some(o, ids, n, rows, ret, err))
		return false;
	ret->records = arena_array(a, ret->n, sizeof(*ret->records));
	if (ret->records == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	return ret->n == 0 || open_rows(o, rows, ret->n, ret->records, err);
}

/* Whether a grant of this capacity opens 秘匿 records too. */
static bool
sees_secret(struct opening *o)
{
	struct question q =
	    door_question(o->door, o->visitor, o->holding, o->intent, ACT_VIEW);
	q.is_secret = true;
	struct decision d = guard_decide(door_pin(o->door), &q);
	return d.verdict == VERDICT_ALLOW || d.verdict == VERDICT_MASK;
}

/* Ids alone; that a 秘匿 record exists is told only to who may open it. */
static bool
name_list(struct opening *o, const uint64_t *ids, size_t n,
    struct shown_list *ret, struct err *err)
{
	bool with_secret = sees_secret(o);
	size_t i = 0;
	ret->records = arena_array(
	    o->visitor->arena, DOOR_LIST_MAX, sizeof(*ret->records));
	if (ret->records == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	for (; i < n && ret->n < DOOR_LIST_MAX; i++) {
		struct record_row row;
		struct err none = ERR_INIT;
		ret->next = ids[i];
		if (!record_fetch(o->door->reader, o->visitor->body,
			o->holding->id, ids[i], o->visitor->arena, &row,
			&none)) {
			if (none.code == ERR_NOT_FOUND)
				continue;
			if (err != NULL)
				*err = none;
			return false;
		}
		bool is_secret = open_is_secret(o, &row);
		if (row.is_erased || (is_secret && !with_secret))
			continue;
		ret->records[ret->n++] = (struct shown_record){.id = ids[i],
		    .version = row.name.version,
		    .is_secret = is_secret};
	}
	ret->has_more = ret->has_more || i < n;
	return true;
}

static bool
seek(struct opening *o, const struct door_list *ask, bool opens,
    struct shown_list *ret, struct err *err)
{
	uint64_t ids[TERM_FOUND_MAX];
	size_t n = 0;
	*ret = (struct shown_list){.next = ask->after};
	if (!open_begin(o, &ask->intent, ACT_SEARCH, err))
		return false;
	bool ok = check_terms(o, ask, err) && open_decide(o, 0, err) &&
		  look_up(o, ask, ids, &n, &ret->has_more, err);
	ok = ok && (opens ? open_list(o, ids, n, ret, err)
			  : name_list(o, ids, n, ret, err));
	open_end(o);
	return ok;
}

bool
door_list(struct door *d, struct visitor *v, const struct door_list *ask,
    struct shown_list *ret, struct decision *refusal, struct err *err)
{
	struct opening o = {.door = d, .visitor = v, .refusal = refusal};
	return seek(&o, ask, true, ret, err);
}

bool
door_look_up(struct door *d, struct visitor *v, const struct door_list *ask,
    struct shown_list *ret, struct decision *refusal, struct err *err)
{
	struct opening o = {.door = d, .visitor = v, .refusal = refusal};
	return seek(&o, ask, false, ret, err);
}
