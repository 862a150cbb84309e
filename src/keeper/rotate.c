/*
 * A new master key. Two files change, `unlock` and `keys`, and the moment
 * between them must lose nothing: the new ways lie ready in `unlock.next`,
 * `rotation` says what `keys` is once it is sealed under the new key, and
 * whoever opens the folder next finishes or drops it (unlock_settle()).
 */
#include <string.h>
#include <unistd.h>

#include "crypto/random.h"
#include "crypto/secret.h"
#include "keeper/state.h"
#include "keeper/unlock.h"

/* Two persons go on being two. */
static bool
check_ways(const struct keeper_options *o, const struct unlock *ways,
    size_t n, struct err *err)
{
	struct unlock_known known[UNLOCK_WAYS];
	size_t n_known;
	bool has_phrase = false;
	if (n == 0)
		return ERR(err, ERR_INPUT, "a new way to unlock is needed");
	if (!keeper_unlock_list(o->dir, known, &n_known, err))
		return false;
	for (size_t i = 0; i < n; i++)
		has_phrase = has_phrase || ways[i].way == UNLOCK_PASSPHRASE;
	for (size_t i = 0; i < n_known; i++)
		if (known[i].needs_two_persons && !has_phrase)
			return ERR(err, ERR_INPUT, "two persons made the "
			    "passphrase: they make the new one as well");
	return true;
}

static bool
enter_rotation(struct keeper *k, const char *by, struct err *err)
{
	uint64_t number;
	struct buf b SCOPED(buf_close) = buf_of(80);
	struct entry e = {
	    .at = k->now, .verb = SLICE("keeper.rotate"),
	    .is_maintenance = true};
	buf_add_printf(&b, "{\"by\":\"%s\",\"set\":\"master\"}", by);
	return buf_finish(&b, &e.detail, err) &&
	    ((keeper_enter(k, &e, &number) == ANSWER_OK && keeper_settle(k)) ||
		ERR(err, ERR_FULL, "no space left for the entry"));
}

static bool
rotate(struct keeper *k, const struct keeper_options *o,
    const struct unlock *ways, size_t n, uint8_t master[MASTER_BYTES],
    struct buf *ret_shares, struct err *err)
{
	if (k->state != KEEPER_LOADING)
		return ERR(err, ERR_CORRUPT, "%s", k->reason.text);
	random_fill(master, MASTER_BYTES);
	return unlock_prepare(&k->files, o->dir, ways, n, o->cost, master,
		   ret_shares, err) &&
	    enter_rotation(k, unlock_way_name(o->unlock.way), err) &&
	    keys_reseal(k->keys, master, err) &&
	    unlock_settle(&k->files, o->dir, err);
}

bool
keeper_rotate(const struct keeper_options *o, const struct unlock *ways,
    size_t n, struct buf *ret_shares, struct err *err)
{
	struct files files = {.layer = file_layer_system()};
	struct keeper *k = NULL;
	int lock = keeper_lock(o->dir, err);
	if (lock < 0)
		return false;
	uint8_t *master = secret_open(MASTER_BYTES, err);
	bool ok = master != NULL && unlock_settle(&files, o->dir, err) &&
	    check_ways(o, ways, n, err) &&
	    unlock_master(o->dir, &o->unlock, UNLOCK_BY_TWO, master, err);
	if (ok) {
		k = keeper_begin(o, master, err);
		ok = k != NULL && rotate(k, o, ways, n, master, ret_shares,
		    err);
	}
	secret_close(master);
	keeper_end(k);
	(void)close(lock);
	return ok;
}
