#include "vault/intake.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/num.h"
#include "crypto/random.h"
#include "vault.sql.h"
#include "vault/clear.h"
#include "vault/token_cache.h"

enum {
	STAGES = 2, /* sealed before the writer has written */
	STAGE_RECORDS = 4 * INTAKE_BATCH, /* of one transaction */
	TOKEN_JOBS = 3,                   /* jobs of tokens under way */
	MANY = 16,                        /* rows of one token_insert_many */
	PAIR_BYTES = 2 + TERM_TOKEN_BYTES,
	BATCH_TERMS = INTAKE_BATCH * TERM_OF_RECORD_MAX,
	BATCH_TERM_BYTES = 64 * 1024 * 1024
};

/* One record of a batch; places are in the stage's buffers. */
struct sealed_record {
	uint64_t id;
	uint64_t entry;
	uint8_t wrap[RECORD_WRAP_BYTES];
	size_t sealed_from, sealed_n;
	size_t pairs_from, pairs_n;
};

/* A batch on its way to the writer. */
struct stage {
	struct store_job job;
	struct intake *owner;
	bool is_busy;
	size_t n;
	struct sealed_record records[STAGE_RECORDS];
	struct buf sealed;
	struct buf pairs; /* u16 item, token, of each record in turn */
};

/* What a token of the run is; its record is first + number. */
struct run_token {
	uint8_t token[TERM_TOKEN_BYTES];
	uint32_t number;
	uint16_t item;
};

/* A piece of the sorted run on its way to the writer. */
struct token_job {
	struct store_job job;
	struct intake *owner;
	bool is_busy;
	const struct run_token *tokens;
	size_t n;
};

struct intake {
	const struct import_job *job;
	uint64_t id;
	uint64_t first;
	uint64_t taken; /* records so far */
	bool is_begun, is_done;
	struct aead *aead;
	struct arena *arena; /* folded terms of one batch */
	struct token_cache *cache;
	struct term *terms;
	uint16_t term_count[INTAKE_BATCH];
	uint8_t (*tokens)[TERM_TOKEN_BYTES];
	uint64_t ids[INTAKE_BATCH];
	uint8_t keys[INTAKE_BATCH][AEAD_KEY_BYTES];
	uint8_t wraps[INTAKE_BATCH][RECORD_WRAP_BYTES];
	uint64_t entry; /* of the keys */
	struct stage stages[STAGES];
	size_t turn; /* the stage that is being filled */
	struct run_token *run;
	size_t n_run;
	struct token_job token_jobs[TOKEN_JOBS];
	pthread_mutex_t lock; /* over is_busy, failed, written */
	pthread_cond_t idle;
	struct err failed; /* the writer's first error */
	uint32_t written;
};

/* ---- in the writer's thread ---- */

static bool
write_stage(struct store_tx *tx, void *arg, struct err *err)
{
	const struct stage *s = arg;
	const struct import_job *job = s->owner->job;
	const struct holding *h = job->holding;
	for (size_t i = 0; i < s->n; i++) {
		const struct sealed_record *r = &s->records[i];
		struct store_value v[] = {STORE_INT((int64_t)h->body),
		    STORE_INT((int64_t)h->id), STORE_INT((int64_t)r->id),
		    STORE_INT(1), STORE_INT(RECORD_CLASS_ORDINARY),
		    STORE_INT(0), STORE_INT(0),
		    STORE_INT((int64_t)s->owner->id),
		    STORE_BLOB(slice_bytes(r->wrap, RECORD_WRAP_BYTES)),
		    STORE_BLOB(
			slice_bytes(s->sealed.p + r->sealed_from, r->sealed_n)),
		    STORE_INT(job->now), STORE_INT((int64_t)r->entry)};
		if (!store_run_bulk(
			tx, VAULT_RECORD_INSERT, v, STORE_COUNT(v), err))
			return false;
	}
	for (size_t i = 0; i < s->n; i++) {
		const struct sealed_record *r = &s->records[i];
		struct store_value v[] = {STORE_INT((int64_t)h->body),
		    STORE_INT((int64_t)h->id), STORE_INT((int64_t)r->id),
		    STORE_BLOB(r->pairs_n == 0
				   ? SLICE("")
				   : slice_bytes(s->pairs.p + r->pairs_from,
					 r->pairs_n))};
		if (!store_run_bulk(
			tx, VAULT_RECORD_TOKENS_PUT, v, STORE_COUNT(v), err))
			return false;
	}
	return true;
}

static void
put_token(
    struct store_value *v, const struct intake *in, const struct run_token *k)
{
	v[0] = STORE_INT(k->item);
	v[1] = STORE_BLOB(slice_bytes(k->token, TERM_TOKEN_BYTES));
	v[2] = STORE_INT((int64_t)(in->first + k->number));
}

static bool
write_tokens(struct store_tx *tx, void *arg, struct err *err)
{
	const struct token_job *t = arg;
	const struct intake *in = t->owner;
	const struct holding *h = in->job->holding;
	struct store_value v[2 + 3 * MANY] = {
	    STORE_INT((int64_t)h->body), STORE_INT((int64_t)h->id)};
	size_t i = 0;
	for (; i + MANY <= t->n; i += MANY) {
		for (size_t k = 0; k < MANY; k++)
			put_token(v + 2 + 3 * k, in, &t->tokens[i + k]);
		if (!store_run_bulk(
			tx, VAULT_TOKEN_INSERT_MANY, v, STORE_COUNT(v), err))
			return false;
	}
	for (; i < t->n; i++) {
		put_token(v + 2, in, &t->tokens[i]);
		if (!store_run_bulk(tx, VAULT_TOKEN_INSERT, v, 5, err))
			return false;
	}
	return true;
}

static void
note_done(struct intake *in, const struct store_job *job, bool *is_busy,
    size_t records)
{
	must(pthread_mutex_lock(&in->lock) == 0);
	if (job->err.code != ERR_NONE && in->failed.code == ERR_NONE)
		in->failed = job->err;
	if (job->err.code == ERR_NONE)
		in->written += (uint32_t)records;
	*is_busy = false;
	if (in->job->progress != NULL)
		atomic_store(in->job->progress, in->written);
	must(pthread_cond_signal(&in->idle) == 0);
	must(pthread_mutex_unlock(&in->lock) == 0);
}

static void
stage_written(struct store_job *job)
{
	struct stage *s = job->arg;
	note_done(s->owner, job, &s->is_busy, s->n);
}

static void
tokens_written(struct store_job *job)
{
	struct token_job *t = job->arg;
	note_done(t->owner, job, &t->is_busy, 0);
}

/* ---- handing over ---- */

/* Waits until the flag falls; false when the writer has failed. */
static bool
wait_for(struct intake *in, const bool *is_busy, struct err *err)
{
	must(pthread_mutex_lock(&in->lock) == 0);
	while (*is_busy)
		must(pthread_cond_wait(&in->idle, &in->lock) == 0);
	bool failed = in->failed.code != ERR_NONE;
	if (failed && err != NULL)
		*err = in->failed;
	must(pthread_mutex_unlock(&in->lock) == 0);
	return !failed;
}

static bool
wait_for_all(struct intake *in, struct err *err)
{
	bool worked = true;
	for (size_t i = 0; i < STAGES; i++)
		worked = wait_for(in, &in->stages[i].is_busy, err) && worked;
	for (size_t i = 0; i < TOKEN_JOBS; i++)
		worked =
		    wait_for(in, &in->token_jobs[i].is_busy, err) && worked;
	return worked;
}

static bool
submit(struct intake *in, struct store_job *job, bool *is_busy, struct err *err)
{
	*is_busy = true;
	if (store_submit(in->job->store, job, err))
		return true;
	*is_busy = false;
	return false;
}

/* Sends the stage that is being filled, and takes the next. */
static bool
send_stage(struct intake *in, struct err *err)
{
	struct stage *s = &in->stages[in->turn];
	if (s->n == 0)
		return true;
	s->job = (struct store_job){
	    .run = write_stage, .done = stage_written, .arg = s};
	if (!submit(in, &s->job, &s->is_busy, err))
		return false;
	in->turn = (in->turn + 1) % STAGES;
	s = &in->stages[in->turn];
	if (!wait_for(in, &s->is_busy, err))
		return false;
	s->n = 0;
	buf_reset(&s->sealed);
	buf_reset(&s->pairs);
	return true;
}

static int
compare_tokens(const void *a, const void *b)
{
	const struct run_token *x = a, *y = b;
	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	int order = memcmp(x->token, y->token, TERM_TOKEN_BYTES);
	if (order != 0)
		return order;
	return x->number < y->number ? -1 : x->number > y->number;
}

/*
 * Sorts the run and writes it; returns when the writer has it all. The lists
 * of each record's tokens go first, so that a crash leaves no token behind
 * that nobody knows of.
 */
static bool
write_run(struct intake *in, struct err *err)
{
	size_t turn = 0;
	if (!send_stage(in, err))
		return false;
	qsort(in->run, in->n_run, sizeof(*in->run), compare_tokens);
	for (size_t at = 0; at < in->n_run; at += INTAKE_JOB_TOKENS) {
		struct token_job *t = &in->token_jobs[turn];
		if (!wait_for(in, &t->is_busy, err))
			return false;
		size_t left = in->n_run - at;
		t->tokens = in->run + at;
		t->n = left < INTAKE_JOB_TOKENS ? left : INTAKE_JOB_TOKENS;
		t->job = (struct store_job){
		    .run = write_tokens, .done = tokens_written, .arg = t};
		if (!submit(in, &t->job, &t->is_busy, err))
			return false;
		turn = (turn + 1) % TOKEN_JOBS;
	}
	in->n_run = 0;
	return wait_for_all(in, err);
}

/* ---- sealing: in the caller's thread ---- */

static bool
make_terms(struct intake *in, const struct slice *values, size_t n,
    size_t *ret_n, struct err *err)
{
	const struct holding *h = in->job->holding;
	size_t terms = 0;
	arena_reset(in->arena);
	for (size_t i = 0; i < n; i++) {
		size_t k = terms_of_record(
		    h, values + i * h->n_items, in->arena, in->terms + terms);
		in->term_count[i] = (uint16_t)k;
		terms += k;
	}
	*ret_n = terms;
	return !arena_is_failed(in->arena) ||
	       ERR(err, ERR_LIMIT, "rows too large");
}

static void
seal_one(struct intake *in, struct stage *s, size_t i,
    const struct slice *values, size_t first_token)
{
	const struct holding *h = in->job->holding;
	struct sealed_record *r = &s->records[s->n++];
	struct record_name name = {
	    .body = h->body, .holding = h->id, .id = in->ids[i], .version = 1};
	r->id = name.id;
	r->entry = in->entry;
	memcpy(r->wrap, in->wraps[i], RECORD_WRAP_BYTES);
	r->sealed_from = s->sealed.n;
	record_seal(
	    in->aead, in->keys[i], &name, values, h->n_items, &s->sealed);
	r->sealed_n = s->sealed.n - r->sealed_from;
	r->pairs_from = s->pairs.n;
	for (size_t t = first_token; t < first_token + in->term_count[i]; t++) {
		uint16_t item = in->terms[t].item;
		struct run_token *k = &in->run[in->n_run++];
		k->item = item;
		k->number = (uint32_t)(name.id - in->first);
		memcpy(k->token, in->tokens[t], TERM_TOKEN_BYTES);
		buf_add_u16(&s->pairs, item);
		buf_add_bytes(&s->pairs, in->tokens[t], TERM_TOKEN_BYTES);
	}
	r->pairs_n = s->pairs.n - r->pairs_from;
}

bool
intake_add(
    struct intake *in, const struct slice *values, size_t n, struct err *err)
{
	const struct keyring *keyring = in->job->keyring;
	size_t n_terms, token = 0;
	must(n <= INTAKE_BATCH && !in->is_done);
	if (n == 0)
		return true;
	if (in->taken + n > IMPORT_ROWS_MAX)
		return ERR(
		    err, ERR_LIMIT, "more than %d rows", IMPORT_ROWS_MAX);
	if (!make_terms(in, values, n, &n_terms, err) ||
	    (in->n_run + n_terms > INTAKE_RUN_TOKENS && !write_run(in, err)))
		return false;
	struct stage *s = &in->stages[in->turn];
	for (size_t i = 0; i < n; i++)
		in->ids[i] = in->first + in->taken + i;
	if (!keyring->create(
		keyring->ctx, in->ids, n, in->keys, in->wraps, &in->entry,
		err) ||
	    !token_cache_get(in->cache, in->terms, n_terms, in->tokens, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		seal_one(
		    in, s, i, values + i * in->job->holding->n_items, token);
		token += in->term_count[i];
	}
	mem_wipe(in->keys, sizeof(in->keys));
	if (s->sealed.failed || s->pairs.failed)
		return ERR(err, ERR_LIMIT, "a row is too large");
	in->taken += n;
	return s->n + INTAKE_BATCH <= STAGE_RECORDS || send_stage(in, err);
}

/* ---- beginning and end ---- */

static bool
begin(struct store_tx *tx, void *arg, struct err *err)
{
	const struct intake *in = arg;
	const struct holding *h = in->job->holding;
	struct store_value v[] = {STORE_INT((int64_t)h->body),
	    STORE_INT((int64_t)in->id), STORE_INT((int64_t)h->id),
	    STORE_INT((int64_t)in->first), STORE_INT(in->job->now)};
	return store_run(tx, VAULT_IMPORT_BEGIN, v, STORE_COUNT(v), NULL, err);
}

static bool
finish(struct store_tx *tx, void *arg, struct err *err)
{
	const struct intake *in = arg;
	const struct holding *h = in->job->holding;
	int64_t changed = 0;
	struct store_value v[] = {STORE_INT((int64_t)h->body),
	    STORE_INT((int64_t)in->id), STORE_INT((int64_t)in->taken)};
	struct store_value n[] = {v[0], STORE_INT((int64_t)h->id), v[2]};
	if (!store_run(tx, VAULT_IMPORT_DONE, v, STORE_COUNT(v), &changed, err))
		return false;
	if (changed != 1)
		return ERR(err, ERR_CONFLICT, "the import was cleared away");
	return store_run(
	    tx, VAULT_HOLDING_ADD_PERSONS, n, STORE_COUNT(n), NULL, err);
}

static bool
has_memory(struct intake *in)
{
	in->aead = aead_open();
	in->arena = arena_open(BATCH_TERM_BYTES);
	in->cache = token_cache_open(in->job->keyring);
	in->terms = mem_alloc(BATCH_TERMS, sizeof(*in->terms));
	in->tokens = mem_alloc(BATCH_TERMS, sizeof(*in->tokens));
	in->run = mem_alloc(INTAKE_RUN_TOKENS, sizeof(*in->run));
	return in->aead != NULL && in->arena != NULL && in->cache != NULL &&
	       in->terms != NULL && in->tokens != NULL && in->run != NULL;
}

bool
intake_open(const struct import_job *job, struct intake **ret, struct err *err)
{
	struct intake *in = mem_alloc(1, sizeof(*in));
	if (in == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	in->job = job;
	in->id = random_id();
	/* a span of ids of its own, so that rows come in the order of keys */
	in->first = (random_id() & ~(CLEAR_SPAN - 1)) + 1;
	must(pthread_mutex_init(&in->lock, NULL) == 0);
	must(pthread_cond_init(&in->idle, NULL) == 0);
	for (size_t i = 0; i < STAGES; i++) {
		in->stages[i].owner = in;
		in->stages[i].sealed =
		    buf_of((size_t)STAGE_RECORDS * RECORD_SEALED_MAX_BYTES);
		in->stages[i].pairs = buf_of(
		    (size_t)STAGE_RECORDS * TERM_OF_RECORD_MAX * PAIR_BYTES);
	}
	for (size_t i = 0; i < TOKEN_JOBS; i++)
		in->token_jobs[i].owner = in;
	if (!has_memory(in)) {
		intake_close(in);
		return ERR(err, ERR_SYSTEM, "no memory");
	}
	if (!store_write_now(job->store, begin, in, err)) {
		intake_close(in);
		return false;
	}
	in->is_begun = true;
	*ret = in;
	return true;
}

bool
intake_finish(struct intake *in, struct err *err)
{
	if (!write_run(in, err) ||
	    !store_write_now(in->job->store, finish, in, err))
		return false;
	in->is_done = true;
	return true;
}

uint64_t
intake_id(const struct intake *in)
{
	return in->id;
}

uint64_t
intake_first(const struct intake *in)
{
	return in->first;
}

/* As well as it goes: what stays is not seen, and cleared at the next start. */
static void
clear_away(struct intake *in)
{
	struct store_reader *r SCOPED(store_reader_close_scoped) = NULL;
	struct cleared what = {.body = in->job->holding->body,
	    .id = in->id,
	    .holding = in->job->holding->id,
	    .first = in->first};
	struct err none = ERR_INIT;
	bool worked = store_reader_open(in->job->store, &r, &none) &&
		      clear_import(in->job->store, r, &what, &none);
	(void)worked;
}

void
intake_close(struct intake *in)
{
	if (in == NULL)
		return;
	struct err none = ERR_INIT;
	bool worked = wait_for_all(in, &none);
	if (in->is_begun && !in->is_done)
		clear_away(in);
	(void)worked;
	for (size_t i = 0; i < STAGES; i++) {
		buf_close(&in->stages[i].sealed);
		buf_close(&in->stages[i].pairs);
	}
	token_cache_close(in->cache);
	arena_close(in->arena);
	aead_close(in->aead);
	mem_free(in->terms);
	mem_free(in->tokens);
	mem_free(in->run);
	must(pthread_cond_destroy(&in->idle) == 0);
	must(pthread_mutex_destroy(&in->lock) == 0);
	mem_wipe(in, sizeof(*in));
	mem_free(in);
}
