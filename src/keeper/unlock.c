#include "keeper/unlock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/num.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "keeper/share.h"
#include "ledger/file.h"

enum {
	WAY_HEAD_BYTES = 4 + PASSWORD_SALT_BYTES + TOKEN_WRAPPED_BYTES,
	WAY_BYTES = WAY_HEAD_BYTES + MASTER_BYTES + AEAD_OVERHEAD,
	LINE_MAX_BYTES = PASSWORD_MAX_BYTES,
	FILE_MAX_BYTES = 8 + UNLOCK_WAYS * WAY_BYTES,
	KEYS_FILE_MAX_BYTES = 128 * 1024 * 1024,
	INTERRUPT = 3 /* ^C */
};

static const char magic[8] = {'F', 'K', 'U', 'N', 'L', 'K', '1', '\n'};

/* One way, in the file: u8 way, persons, cost, 0; salt; wrapped; sealed. */
struct way {
	uint8_t way, persons, cost;
	uint8_t salt[PASSWORD_SALT_BYTES];
	uint8_t wrapped[TOKEN_WRAPPED_BYTES]; /* TOKEN */
	uint8_t sealed[MASTER_BYTES + AEAD_OVERHEAD];
};

static void
put_head(const struct way *w, uint8_t p[WAY_HEAD_BYTES])
{
	p[0] = w->way;
	p[1] = w->persons;
	p[2] = w->cost;
	p[3] = 0;
	memcpy(p + 4, w->salt, sizeof(w->salt));
	memcpy(p + 4 + sizeof(w->salt), w->wrapped, sizeof(w->wrapped));
}

static struct way
get_way(const uint8_t *p)
{
	struct way w = {.way = p[0], .persons = p[1], .cost = p[2]};
	memcpy(w.salt, p + 4, sizeof(w.salt));
	memcpy(w.wrapped, p + 4 + sizeof(w.salt), sizeof(w.wrapped));
	memcpy(w.sealed, p + WAY_HEAD_BYTES, sizeof(w.sealed));
	return w;
}

/* Up to UNLOCK_WAYS of them; ERR_NOT_FOUND without the file. */
static bool
read_ways(const char *dir, struct way *ways, size_t *n, struct err *err)
{
	struct files files = {.layer = file_layer_system()};
	char path[FILE_PATH_MAX];
	struct buf b = buf_of(FILE_MAX_BYTES);
	*n = 0;
	bool ok = file_join(path, dir, "unlock", err) &&
	    file_read(&files, path, &b, err);
	if (ok && (b.n < sizeof(magic) ||
		      memcmp(b.p, magic, sizeof(magic)) != 0 ||
		      (b.n - sizeof(magic)) % WAY_BYTES != 0))
		ok = ERR(err, ERR_CORRUPT, "the file `unlock` is malformed");
	for (size_t at = sizeof(magic); ok && at < b.n; at += WAY_BYTES)
		ways[(*n)++] = get_way((const uint8_t *)b.p + at);
	buf_close(&b);
	return ok;
}

static bool
write_ways(struct files *files, const char *dir, const char *name,
    const struct way *ways, size_t n, struct err *err)
{
	char path[FILE_PATH_MAX];
	uint8_t head[WAY_HEAD_BYTES];
	struct slice s;
	struct buf b = buf_of(FILE_MAX_BYTES);
	buf_add_bytes(&b, magic, sizeof(magic));
	for (size_t i = 0; i < n; i++) {
		put_head(&ways[i], head);
		buf_add_bytes(&b, head, sizeof(head));
		buf_add_bytes(&b, ways[i].sealed, sizeof(ways[i].sealed));
	}
	bool ok = buf_finish(&b, &s, err) &&
	    file_join(path, dir, name, err) &&
	    file_replace(files, path, s, err);
	buf_close(&b);
	return ok;
}

/* The next byte; 0 bytes at the end. */
static ssize_t
read_byte(const struct unlock *u, char *ret, struct err *err)
{
	struct pollfd fd = {.fd = u->input_fd, .events = POLLIN};
	for (;;) {
		int ready = poll(&fd, 1, UNLOCK_WAIT_SECONDS * 1000);
		ssize_t got = ready > 0 ? read(u->input_fd, ret, 1) : -1;
		if (ready == 0)
			(void)ERR(err, ERR_INPUT, "nothing was entered for "
			    "%d minutes", UNLOCK_WAIT_SECONDS / 60);
		else if (got < 0 && errno == EINTR)
			continue;
		else if (got < 0)
			(void)ERR_ERRNO(err, errno, "cannot read the input");
		else if (got == 1 && u->is_prompting && *ret == INTERRUPT)
			(void)ERR(err, ERR_INPUT, "broken off");
		else
			return got;
		return -1;
	}
}

/* One line, without its end, typed unseen where it is a terminal. */
static bool
read_line(const struct unlock *u, enum unlock_prompt prompt, char *ret,
    size_t *ret_n, struct err *err)
{
	struct termios was, silent;
	bool is_silent = u->is_prompting && tcgetattr(u->input_fd, &was) == 0;
	if (is_silent) {
		silent = was;
		/* ^C comes as a byte, so that the echo is given back */
		silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
		(void)tcsetattr(u->input_fd, TCSAFLUSH, &silent);
	}
	/* after the echo is off: nobody's first letters are shown */
	if (u->is_prompting && u->prompts != NULL)
		(void)!write(STDERR_FILENO, u->prompts[prompt],
		    strlen(u->prompts[prompt]));
	size_t n = 0;
	bool ok = true, is_end = false;
	while (ok && !is_end) {
		char c = 0;
		ssize_t got = read_byte(u, &c, err);
		if (got < 0)
			ok = false;
		else if (got == 0 || c == '\n')
			is_end = true;
		else if (n == LINE_MAX_BYTES)
			ok = ERR(err, ERR_INPUT, "a line is longer than %d",
			    LINE_MAX_BYTES);
		else
			ret[n++] = c;
	}
	if (is_silent) {
		(void)tcsetattr(u->input_fd, TCSAFLUSH, &was);
		(void)!write(STDERR_FILENO, "\n", 1);
	}
	if (ok && n == 0)
		ok = ERR(err, ERR_INPUT, "nothing was entered");
	*ret_n = n;
	return ok;
}

/* A new passphrase is long enough, and the same when typed again. */
static bool
read_new(const struct unlock *u, bool is_second, char *ret, size_t *ret_n,
    struct err *err)
{
	char again[LINE_MAX_BYTES];
	size_t n = 0, characters = 0;
	if (!read_line(u, is_second ? PROMPT_SECOND_NEW : PROMPT_NEW, ret,
	        ret_n, err))
		return false;
	for (size_t i = 0; i < *ret_n; i++)
		characters += ((unsigned char)ret[i] & 0xc0) != 0x80;
	if (characters < UNLOCK_PASSPHRASE_MIN)
		return ERR(err, ERR_INPUT, "a passphrase has at least %d "
		    "characters", UNLOCK_PASSPHRASE_MIN);
	bool ok = !u->is_prompting ||
	    read_line(u, PROMPT_AGAIN, again, &n, err);
	if (ok && u->is_prompting &&
	    (n != *ret_n || memcmp(again, ret, n) != 0))
		ok = ERR(err, ERR_INPUT, "the two entries differ");
	mem_wipe(again, sizeof(again));
	return ok;
}

static bool
key_by_passphrase(const struct unlock *u, const struct way *w, bool is_new,
    uint8_t ret[32], struct err *err)
{
	char line[LINE_MAX_BYTES], first[LINE_MAX_BYTES] = {0};
	uint8_t joined[32] = {0}, part[32], salt[PASSWORD_SALT_BYTES];
	size_t n = 0, first_n = 0;
	bool ok = true;
	for (uint8_t i = 0; ok && i < w->persons; i++) {
		memcpy(salt, w->salt, sizeof(salt));
		salt[0] ^= i;
		ok = is_new ? read_new(u, i > 0, line, &n, err)
			    : read_line(u, i == 0 ? PROMPT_PASSPHRASE
						  : PROMPT_SECOND_PASSPHRASE,
				  line, &n, err);
		if (ok && is_new && i > 0 && n == first_n &&
		    memcmp(line, first, n) == 0)
			ok = ERR(err, ERR_INPUT, "each person has a "
			    "passphrase of their own");
		ok = ok && password_derive((struct slice){line, n}, salt,
			(enum password_cost)w->cost, part, err);
		for (size_t b = 0; ok && b < sizeof(part); b++)
			joined[b] ^= part[b];
		memcpy(first, line, n);
		first_n = n;
	}
	if (ok)
		kdf_expand(joined, SLICE("fumikura unlock passphrase"), ret,
		    32);
	mem_wipe(line, sizeof(line));
	mem_wipe(first, sizeof(first));
	mem_wipe(joined, sizeof(joined));
	mem_wipe(part, sizeof(part));
	return ok;
}

/* 32 raw bytes, or 64 hexadecimal digits and perhaps a newline. */
static bool
read_key_file(const char *path, uint8_t ret[32], struct err *err)
{
	struct files files = {.layer = file_layer_system()};
	struct buf b = buf_of(128);
	if (path == NULL)
		return ERR(err, ERR_INPUT, "no key file was named");
	bool ok = file_read(&files, path, &b, err);
	struct slice s = slice_trim((struct slice){b.p, b.n});
	if (ok && b.n == 32) {
		memcpy(ret, b.p, 32);
	} else if (ok && s.n == 64) {
		for (size_t i = 0; ok && i < 4; i++) {
			uint64_t v = 0;
			ok = num_read_hex((struct slice){s.p + i * 16, 16},
			    &v);
			num_put_be64(ret + i * 8, v);
		}
		if (!ok)
			(void)ERR(err, ERR_INPUT,
			    "the key file is not hexadecimal");
	} else if (ok) {
		ok = ERR(err, ERR_INPUT,
		    "the key file must hold 32 bytes or 64 digits");
	}
	buf_close(&b);
	return ok;
}

static bool
key_by_file(const struct unlock *u, const struct way *w, uint8_t ret[32],
    struct err *err)
{
	uint8_t key[32], info[32];
	if (!read_key_file(u->key_file, key, err))
		return false;
	memcpy(info, "fumikura key file", 16);
	memcpy(info + 16, w->salt, sizeof(w->salt));
	kdf_expand(key, slice_bytes(info, sizeof(info)), ret, 32);
	mem_wipe(key, sizeof(key));
	return true;
}

static bool
key_by_token(const struct unlock *u, const struct way *w, uint8_t ret[32],
    struct err *err)
{
	char pin[LINE_MAX_BYTES];
	size_t n;
	bool ok = read_line(u, PROMPT_PIN, pin, &n, err) &&
	    token_unwrap(u, (struct slice){pin, n}, w->wrapped, ret, err);
	mem_wipe(pin, sizeof(pin));
	return ok;
}

static bool
key_by_shares(const struct unlock *u, uint8_t ret[32], struct err *err)
{
	char line[LINE_MAX_BYTES];
	struct share s[SHARES_NEEDED];
	size_t n;
	bool ok = true;
	for (size_t i = 0; ok && i < SHARES_NEEDED; i++)
		ok = read_line(u, i == 0 ? PROMPT_SHARE : PROMPT_SECOND_SHARE,
			 line, &n, err) &&
		    share_read((struct slice){line, n}, &s[i], err);
	ok = ok && shares_join(&s[0], &s[1], ret, err);
	mem_wipe(line, sizeof(line));
	mem_wipe(s, sizeof(s));
	return ok;
}

static bool
key_by(const struct unlock *u, const struct way *w, uint8_t ret[32],
    struct err *err)
{
	switch (u->way) {
	case UNLOCK_PASSPHRASE:
		return key_by_passphrase(u, w, false, ret, err);
	case UNLOCK_KEY_FILE:
		return key_by_file(u, w, ret, err);
	case UNLOCK_TOKEN:
		return key_by_token(u, w, ret, err);
	case UNLOCK_SHARES:
		return key_by_shares(u, ret, err);
	case UNLOCK_WAYS:
		break;
	}
	return ERR(err, ERR_INPUT, "there is no such way to unlock");
}

/* The way of that kind among n; n when there is none. */
static size_t
way_at(const struct way *ways, size_t n, enum unlock_way way)
{
	size_t i = 0;
	while (i < n && ways[i].way != way)
		i++;
	return i;
}

/* Two persons made a passphrase, so two maintain. */
static bool
is_two_persons(const struct way *ways, size_t n)
{
	size_t i = way_at(ways, n, UNLOCK_PASSPHRASE);
	return i < n && ways[i].persons == 2;
}

bool
unlock_master(const char *dir, const struct unlock *u,
    enum unlock_need need, uint8_t ret[MASTER_BYTES], struct err *err)
{
	struct files files = {.layer = file_layer_system()};
	struct way ways[UNLOCK_WAYS];
	uint8_t key[32], head[WAY_HEAD_BYTES];
	struct err none;
	size_t n;
	/* Whoever holds the folder has settled it, or is at it. */
	int lock = keeper_lock(dir, &none);
	bool is_settled = lock < 0 || unlock_settle(&files, dir, err);
	if (lock >= 0)
		(void)close(lock);
	if (!is_settled || !read_ways(dir, ways, &n, err))
		return false;
	bool has_two = is_two_persons(ways, n);
	bool needs_two = need == UNLOCK_BY_TWO ||
	    (need == UNLOCK_TO_MAINTAIN && has_two);
	if (needs_two && u->way != UNLOCK_SHARES &&
	    (u->way != UNLOCK_PASSPHRASE || !has_two))
		return ERR(err, ERR_DENIED, "this takes two persons: "
		    "both passphrases, or two recovery shares");
	for (size_t i = 0; i < n; i++) {
		const struct way *w = &ways[i];
		if (w->way != u->way)
			continue;
		if (!key_by(u, w, key, err))
			return false;
		struct aead *a SCOPED(aead_close_scoped) = aead_open();
		if (a == NULL)
			return ERR(err, ERR_LIMIT, "no memory");
		put_head(w, head);
		bool ok = aead_unseal(a, key,
		    slice_bytes(head, sizeof(head)),
		    slice_bytes(w->sealed, sizeof(w->sealed)), ret, err);
		mem_wipe(key, sizeof(key));
		return ok || ERR(err, ERR_DENIED,
				 "wrong passphrase, key, PIN or share");
	}
	return ERR(err, ERR_NOT_FOUND,
	    "this installation has no such way to unlock");
}

/* The key of a new way, and what its way needs stored. */
static bool
new_key(const struct unlock *u, struct way *w, uint8_t key[32],
    struct buf *ret_shares, struct err *err)
{
	struct share shares[SHARES];
	char pin[LINE_MAX_BYTES];
	size_t n;
	if (u->way == UNLOCK_SHARES) {
		random_fill(key, 32);
		shares_make(key, shares);
		for (size_t i = 0; i < SHARES; i++) {
			share_write(&shares[i], ret_shares);
			buf_add_byte(ret_shares, '\n');
		}
		mem_wipe(shares, sizeof(shares));
		return true;
	}
	if (u->way == UNLOCK_TOKEN) {
		random_fill(key, 32);
		bool ok = read_line(u, PROMPT_PIN, pin, &n, err) &&
		    token_wrap(u, (struct slice){pin, n}, key, w->wrapped,
			err);
		mem_wipe(pin, sizeof(pin));
		return ok;
	}
	return u->way == UNLOCK_PASSPHRASE
	    ? key_by_passphrase(u, w, true, key, err)
	    : key_by(u, w, key, err);
}

/* One way, made: what is asked for is asked here. */
static bool
seal_way(const struct unlock *u, unsigned persons, enum password_cost cost,
    const uint8_t master[MASTER_BYTES], struct way *ret,
    struct buf *ret_shares, struct err *err)
{
	uint8_t key[32], head[WAY_HEAD_BYTES];
	*ret = (struct way){
	    .way = (uint8_t)u->way,
	    .persons = (uint8_t)persons,
	    .cost = (uint8_t)cost,
	};
	random_fill(ret->salt, sizeof(ret->salt));
	must(u->way != UNLOCK_SHARES || ret_shares != NULL);
	struct aead *a SCOPED(aead_close_scoped) = aead_open();
	if (a == NULL)
		return ERR(err, ERR_LIMIT, "no memory");
	if (!new_key(u, ret, key, ret_shares, err))
		return false;
	put_head(ret, head);
	aead_seal(a, key, slice_bytes(head, sizeof(head)),
	    slice_bytes(master, MASTER_BYTES), ret->sealed);
	mem_wipe(key, sizeof(key));
	return true;
}

/* How many persons a new way of that kind takes, where those were. */
static unsigned
persons_of(const struct unlock *u, const struct way *were, size_t n)
{
	return u->way == UNLOCK_PASSPHRASE &&
		(u->needs_two_persons || is_two_persons(were, n))
	    ? 2
	    : 1;
}

bool
unlock_write(const char *dir, const struct unlock *u, enum password_cost cost,
    const uint8_t master[MASTER_BYTES], struct buf *ret_shares,
    struct err *err)
{
	struct files files = {.layer = file_layer_system()};
	struct way ways[UNLOCK_WAYS], w;
	size_t n = 0;
	if (!read_ways(dir, ways, &n, err)) {
		if (err->code != ERR_NOT_FOUND)
			return false;
		n = 0;
	}
	if (!seal_way(u, persons_of(u, ways, n), cost, master, &w, ret_shares,
		err))
		return false;
	size_t i = way_at(ways, n, u->way);
	must(i < UNLOCK_WAYS);
	ways[i] = w;
	return write_ways(&files, dir, "unlock", ways, i == n ? n + 1 : n,
	    err);
}

bool
unlock_prepare(struct files *files, const char *dir,
    const struct unlock *ways, size_t n, enum password_cost cost,
    const uint8_t master[MASTER_BYTES], struct buf *ret_shares,
    struct err *err)
{
	const struct unlock shares = {.way = UNLOCK_SHARES};
	struct way were[UNLOCK_WAYS], made[UNLOCK_WAYS];
	size_t n_were;
	if (!read_ways(dir, were, &n_were, err))
		return false;
	must(n < UNLOCK_WAYS);
	for (size_t i = 0; i < n; i++)
		if (!seal_way(&ways[i], persons_of(&ways[i], were, n_were),
			cost, master, &made[i], NULL, err))
			return false;
	return seal_way(&shares, 1, cost, master, &made[n], ret_shares, err) &&
	    write_ways(files, dir, "unlock.next", made, n + 1, err);
}

/* Without a file: fine. */
static bool
remove_file(struct files *files, const char *path, struct err *err)
{
	int rc = files->layer->unlink(files->layer->ctx, path);
	return rc >= 0 || rc == -ENOENT ||
	    ERR_ERRNO(err, -rc, "cannot remove a file");
}

/* `keys` is what `rotation` says: sealed under the new master key. */
static bool
is_resealed(struct files *files, const char *dir, const char *rotation,
    bool *ret_is_begun, bool *ret_is_done, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct err why = ERR_INIT;
	uint8_t hash[HASH_BYTES];
	struct buf want SCOPED(buf_close) = buf_of(HASH_BYTES);
	struct buf keys SCOPED(buf_close) = buf_of(KEYS_FILE_MAX_BYTES);
	*ret_is_begun = file_read(files, rotation, &want, &why);
	if (!*ret_is_begun)
		return why.code == ERR_NOT_FOUND ||
		    ERR(err, why.code, "%s", why.text);
	if (!file_join(path, dir, "keys", err) ||
	    !file_read(files, path, &keys, err))
		return false;
	hash_bytes(keys.p, keys.n, hash);
	*ret_is_done = want.n == HASH_BYTES &&
	    memcmp(want.p, hash, HASH_BYTES) == 0;
	return true;
}

bool
unlock_settle(struct files *files, const char *dir, struct err *err)
{
	char rotation[FILE_PATH_MAX], next[FILE_PATH_MAX];
	char path[FILE_PATH_MAX];
	struct err why = ERR_INIT;
	bool is_begun = false, is_done = false;
	if (!file_join(rotation, dir, "rotation", err) ||
	    !file_join(next, dir, "unlock.next", err) ||
	    !file_join(path, dir, "unlock", err) ||
	    !is_resealed(files, dir, rotation, &is_begun, &is_done, err))
		return false;
	if (!is_begun)
		return true;
	/* it may have been renamed already */
	bool ok = is_done ? file_rename(files, next, path, &why) ||
		why.code == ERR_NOT_FOUND || ERR(err, why.code, "%s", why.text)
			  : remove_file(files, next, err);
	return ok && file_sync_dir(files, dir, err) &&
	    remove_file(files, rotation, err) && file_sync_dir(files, dir, err);
}

bool
unlock_remove(const char *dir, enum unlock_way way, struct err *err)
{
	struct files files = {.layer = file_layer_system()};
	struct way ways[UNLOCK_WAYS];
	size_t n, others = 0;
	if (!read_ways(dir, ways, &n, err))
		return false;
	size_t at = way_at(ways, n, way);
	if (at == n)
		return ERR(err, ERR_NOT_FOUND,
		    "this installation has no such way to unlock");
	for (size_t i = 0; i < n; i++)
		others += i != at && ways[i].way != UNLOCK_SHARES;
	if (others == 0)
		return ERR(err, ERR_CONFLICT,
		    "the last way to unlock stays; add another first");
	ways[at] = ways[n - 1];
	return write_ways(&files, dir, "unlock", ways, n - 1, err);
}

const char *
unlock_way_name(enum unlock_way way)
{
	static const char *const names[UNLOCK_WAYS] = {
	    [UNLOCK_PASSPHRASE] = "passphrase",
	    [UNLOCK_KEY_FILE] = "key-file",
	    [UNLOCK_TOKEN] = "token",
	    [UNLOCK_SHARES] = "shares",
	};
	return names[way];
}

bool
keeper_unlock_list(const char *dir, struct unlock_known ret[UNLOCK_WAYS],
    size_t *ret_n, struct err *err)
{
	struct way ways[UNLOCK_WAYS];
	if (!read_ways(dir, ways, ret_n, err))
		return false;
	for (size_t i = 0; i < *ret_n; i++) {
		if (ways[i].way >= UNLOCK_WAYS)
			return ERR(err, ERR_CORRUPT,
			    "the file `unlock` is malformed");
		ret[i] = (struct unlock_known){
		    .way = (enum unlock_way)ways[i].way,
		    .needs_two_persons = ways[i].persons == 2,
		};
	}
	return true;
}
