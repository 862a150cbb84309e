/*
 * A keeper's folder that was put back from a backup gets a log of its own:
 * what was erased since is erased again, as far as a newer copy of the old
 * log tells it, and the first entry of the new one cites the last known
 * checkpoint of the old. Until the file `origin` names the new log nothing is
 * changed but slots that are overwritten, so whatever breaks it off, it is
 * done again from the start.
 */
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "crypto/secret.h"
#include "keeper/canon.h"
#include "keeper/state.h"
#include "keeper/unlock.h"
#include "ledger/note.h"
#include "ledger/tree.h"
#include "ledger/verify.h"

enum {
	SLOTS_MAX_BYTES = 1 << 30, /* erased since, 8 bytes each */
	OPEN_FILES = 16,           /* while an unfinished log is removed */
	DETAIL_MAX_BYTES = 2048
};

struct restoring {
	struct keeper *k;
	struct keeper_restored *told;
	struct logs_names names;
	struct ledger_state own;
	/* of the newer copy */
	struct tree_edge edge;
	uint8_t root[HASH_BYTES]; /* of as many entries as our own has */
	struct buf slots;         /* erased since, u64 each */
	struct verified newer;
};

/* ---- what a newer copy of the log tells ---- */

static bool
note_slots(struct restoring *r, struct slice readable)
{
	struct slice v;
	uint64_t slot;
	if (!canon_get(readable, "slots", &v))
		return false;
	for (size_t at = 2; at + 16 < v.n; at += 19) {
		if (!num_read_hex((struct slice){v.p + at, 16}, &slot))
			return false;
		buf_add_u64(&r->slots, slot);
	}
	return true;
}

static bool
visit(void *ctx, uint64_t index, struct slice entry, struct err *err)
{
	struct restoring *r = ctx;
	uint8_t leaf[HASH_BYTES];
	struct entry_read e;
	struct slice verb;
	struct err why = ERR_INIT;
	if (index < r->own.size) {
		tree_hash_leaf(entry, leaf);
		tree_add(&r->edge, leaf, NULL, NULL);
		if (index + 1 == r->own.size)
			tree_root(&r->edge, r->root);
		return true;
	}
	uint64_t number = logs_first(r->k->logs) + index;
	if (!entry_unseal(r->k->entries, number, entry, &e, &why)) {
		r->told->unread++;
		return why.code == ERR_NOT_FOUND ||
		    ERR(err, why.code, "%s", why.text);
	}
	if (!canon_get(e.readable, "verb", &verb))
		return ERR(err, ERR_CORRUPT, "an entry is not readable");
	if (slice_has_prefix(verb, SLICE("authority.")))
		r->told->rows++;
	return (!slice_is(verb, "record.erase") &&
		   !slice_is(verb, "document.erase")) ||
	    note_slots(r, e.readable) ||
	    ERR(err, ERR_CORRUPT, "an erasure does not name its records");
}

/* Verified whole and compared with our own, before anything is done. */
static bool
read_newer(struct restoring *r, const char *dir, struct err *err)
{
	struct note_key key;
	if (!note_key_read(slice_of(r->k->log_key), &key, err))
		return false;
	tree_root(&r->edge, r->root);
	if (!verify_entries(file_layer_system(), dir, &key, visit, r,
		&r->newer, err))
		return err_wrap(err, "the newer ledger");
	if (r->newer.entries < r->own.size)
		return ERR(err, ERR_INPUT,
		    "the ledger given holds %llu entries, the backup's own "
		    "%llu: it is not newer",
		    (unsigned long long)r->newer.entries,
		    (unsigned long long)r->own.size);
	return memcmp(r->root, r->own.root, HASH_BYTES) == 0 ||
	    ERR(err, ERR_CORRUPT,
		"the newer ledger does not go on from the backup's: one of "
		"the two was changed");
}

static void
erase_again(struct restoring *r)
{
	const uint8_t *value;
	const uint8_t *p = (const uint8_t *)r->slots.p;
	for (size_t at = 0; at < r->slots.n; at += 8) {
		uint64_t slot = num_be64(p + at);
		if (slots_find(r->k->slots, slot, &value) != SLOT_LIVE)
			continue;
		slots_erase(r->k->slots, slot);
		r->told->erased++;
	}
	slots_sync(r->k->slots);
}

/* ---- the new log ---- */

static bool
name_new(struct restoring *r, const char *origin, struct err *err)
{
	struct logs_names *n = &r->names;
	const char *old = n->log[n->n - 1].origin;
	uint64_t end = logs_end(r->k->logs);
	uint64_t newer = logs_first(r->k->logs) + r->newer.entries;
	char made[LEDGER_ORIGIN_MAX_BYTES + 32];
	if (n->n == LOGS_MAX)
		return ERR(err, ERR_LIMIT,
		    "an installation has at most %d logs", LOGS_MAX);
	if (origin == NULL) {
		/* what says that the clock is a script stays at the end */
		size_t stem = strlen(n->log[0].origin) -
		    (logs_is_scripted(old) ? strlen("/scripted") : 0);
		(void)snprintf(made, sizeof(made), "%.*s.%zu%s", (int)stem,
		    n->log[0].origin, n->n + 1, n->log[0].origin + stem);
		origin = made;
	}
	if (strlen(origin) == 0 || strlen(origin) > LEDGER_ORIGIN_MAX_BYTES)
		return ERR(err, ERR_INPUT, "the log's origin has 1 to %d bytes",
		    LEDGER_ORIGIN_MAX_BYTES);
	for (size_t i = 0; i < n->n; i++)
		if (strcmp(n->log[i].origin, origin) == 0)
			return ERR(err, ERR_INPUT,
			    "a new log has a name of its own");
	struct log_name *to = &n->log[n->n++];
	memcpy(to->origin, origin, strlen(origin) + 1);
	if (newer > end)
		end = newer;
	to->first = (end / LOGS_STEP + 1) * LOGS_STEP;
	memcpy(r->told->origin, to->origin, sizeof(r->told->origin));
	r->told->first = to->first;
	return true;
}

static int
remove_one(const char *path, const struct stat *st, int flag,
    struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

/* The folder of a log that `origin` does not name: broken off before. */
static bool
make_folder(struct restoring *r, const char *dir, struct err *err)
{
	struct keeper *k = r->k;
	char path[FILE_PATH_MAX];
	struct ledger_config config = {
	    .files = k->files.layer,
	    .dir = path,
	    .origin = r->told->origin,
	    .wal_bytes = k->wal_bytes,
	};
	signer_public(k->signer, config.public_key);
	if (!logs_path(path, dir, r->names.n - 1, err))
		return false;
	if (access(path, F_OK) == 0 &&
	    nftw(path, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS) != 0)
		return ERR(err, ERR_SYSTEM,
		    "a log that was not finished cannot be removed");
	struct ledger *l = ledger_create(&config, err);
	bool ok = l != NULL && ledger_checkpoint(l, k->signer, k->now, err);
	ledger_close(l);
	return ok;
}

static void
put_head(struct buf *b, const char *name, uint64_t entries,
    const uint8_t root[HASH_BYTES], instant at)
{
	buf_add_printf(b, ",\"%s\":{\"at\":%lld,\"entries\":%llu,\"root\":\"",
	    name, (long long)(at / SECOND_US), (unsigned long long)entries);
	for (size_t i = 0; i < HASH_BYTES; i++)
		buf_add_printf(b, "%02x", root[i]);
	buf_add_str(b, "\"}");
}

/* The first entry: what the old log was when it was last known. */
static bool
enter_restore(struct restoring *r, const char *by, struct err *err)
{
	struct keeper *k = r->k;
	struct keeper_restored *t = r->told;
	uint8_t set[HASH_BYTES];
	uint64_t number;
	struct buf b SCOPED(buf_close) = buf_of(DETAIL_MAX_BYTES);
	struct entry e = {
	    .at = k->now,
	    .verb = SLICE("keeper.restore"),
	    .set = set,
	    .set_count = roll_count(k->roll),
	    .is_maintenance = true,
	};
	roll_digest(k->roll, set);
	buf_add_printf(&b, "{\"by\":\"%s\"", by);
	put_head(&b, "checkpoint", t->has_newer ? r->newer.signed_entries
		: r->own.signed_size, t->root, t->signed_at);
	buf_add_printf(&b,
	    ",\"entries\":%llu,\"erased\":%llu,\"kept\":%llu,"
	    "\"newer\":%s,\"origin\":\"%s\",\"rows\":%llu,\"unread\":%llu}",
	    (unsigned long long)t->known, (unsigned long long)t->erased,
	    (unsigned long long)t->entries, t->has_newer ? "true" : "false",
	    r->names.log[r->names.n - 2].origin, (unsigned long long)t->rows,
	    (unsigned long long)t->unread);
	return buf_finish(&b, &e.detail, err) &&
	    ((keeper_enter(k, &e, &number) == ANSWER_OK && keeper_settle(k) &&
		 keeper_sign(k)) ||
		ERR(err, ERR_FULL, "no space left for the entry"));
}

/* The keeper goes over to the new log, which nobody else knows of yet. */
static bool
open_new(struct restoring *r, const char *dir, struct err *err)
{
	struct keeper *k = r->k;
	struct logs_config config = {
	    .files = &k->files, .dir = dir, .wal_bytes = k->wal_bytes};
	signer_public(k->signer, config.public_key);
	entry_writer_close(k->entries);
	k->entries = NULL;
	logs_close(k->logs);
	k->ledger = NULL;
	k->logs = logs_open(&config, &r->names, err);
	if (k->logs == NULL)
		return false;
	k->ledger = logs_present(k->logs);
	k->entries = entry_writer_open(k->keys, k->logs);
	return k->entries != NULL || ERR(err, ERR_LIMIT, "no memory");
}

/* The checkpoint that is cited: of the newer copy, or our own. */
static void
tell_known(struct restoring *r)
{
	struct keeper_restored *t = r->told;
	t->entries = t->known = r->own.size;
	if (t->has_newer) {
		t->known = r->newer.entries;
		t->signed_at = r->newer.signed_at;
		memcpy(t->root, r->newer.signed_root, HASH_BYTES);
		return;
	}
	t->signed_at = r->own.signed_at;
	memcpy(t->root, r->own.signed_root, HASH_BYTES);
}

static bool
restore(struct restoring *r, const struct keeper_options *o,
    const char *newer, const char *origin, struct err *err)
{
	struct keeper *k = r->k;
	if (k->state != KEEPER_LOADING)
		return ERR(err, ERR_CORRUPT, "%s", k->reason.text);
	ledger_state(k->ledger, &r->own);
	r->told->has_newer = newer != NULL;
	if (!logs_read_names(o->dir, &r->names, err) ||
	    (newer != NULL && !read_newer(r, newer, err)))
		return false;
	tell_known(r);
	/* no entry is older than what is known */
	if (r->told->signed_at > k->now)
		k->now = r->told->signed_at;
	if (!name_new(r, origin, err))
		return false;
	erase_again(r);
	return make_folder(r, o->dir, err) && open_new(r, o->dir, err) &&
	    enter_restore(r, unlock_way_name(o->unlock.way), err) &&
	    logs_write_names(&k->files, o->dir, &r->names, err);
}

bool
keeper_restore(const struct keeper_options *o, const char *newer,
    const char *origin, struct keeper_restored *ret, struct err *err)
{
	struct files files = {.layer = file_layer_system()};
	char mark[FILE_PATH_MAX];
	struct keeper *k = NULL;
	*ret = (struct keeper_restored){0};
	int lock = keeper_lock(o->dir, err);
	if (lock < 0)
		return false;
	uint8_t *master = secret_open(MASTER_BYTES, err);
	bool ok = master != NULL && unlock_settle(&files, o->dir, err) &&
	    unlock_master(o->dir, &o->unlock, UNLOCK_BY_TWO, master, err);
	if (ok) {
		k = keeper_begin(o, master, err);
		ok = k != NULL;
	}
	secret_close(master);
	if (ok) {
		struct restoring *r = mem_alloc(1, sizeof(*r));
		ok = r != NULL || ERR(err, ERR_LIMIT, "no memory");
		if (ok) {
			r->k = k;
			r->told = ret;
			r->slots = buf_of(SLOTS_MAX_BYTES);
			ok = restore(r, o, newer, origin, err);
			buf_close(&r->slots);
			mem_free(r);
		}
	}
	keeper_end(k);
	/* it names the log before, so it says nothing any more */
	if (ok && file_join(mark, o->dir, "backup", err))
		(void)unlink(mark);
	(void)close(lock);
	return ok;
}
