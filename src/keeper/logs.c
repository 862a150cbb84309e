#include "keeper/logs.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "ledger/note.h"

enum { NAMES_MAX_BYTES = LOGS_MAX * (LEDGER_ORIGIN_MAX_BYTES + 24) };

struct logs {
	size_t n;
	struct log {
		struct ledger *ledger;
		uint64_t first;
		char key[LOGS_KEY_BYTES];
	} log[LOGS_MAX];
};

/* ---- their names ---- */

static bool
read_name(struct slice line, struct log_name *ret)
{
	struct slice origin;
	if (!slice_split(&line, ' ', &origin) || origin.n == 0 ||
	    origin.n > LEDGER_ORIGIN_MAX_BYTES)
		return false;
	memcpy(ret->origin, origin.p, origin.n);
	ret->origin[origin.n] = '\0';
	ret->first = 0;
	return line.n == 0 || num_read_u64(line, INT64_MAX, &ret->first);
}

bool
logs_read_names(const char *dir, struct logs_names *ret, struct err *err)
{
	struct files files = {.layer = file_layer_system()};
	char path[FILE_PATH_MAX];
	struct buf b SCOPED(buf_close) = buf_of(NAMES_MAX_BYTES);
	struct logs_names found = {0};
	struct slice text, line;
	if (!file_join(path, dir, "origin", err) ||
	    !file_read(&files, path, &b, err) || !buf_finish(&b, &text, err))
		return false;
	bool ok = true;
	text = slice_trim(text);
	while (ok && slice_split(&text, '\n', &line))
		ok = found.n < LOGS_MAX &&
		    read_name(line, &found.log[found.n++]);
	/* the file begins with the present one */
	ret->n = found.n;
	for (size_t i = 0; i < found.n; i++)
		ret->log[i] = found.log[found.n - 1 - i];
	for (size_t i = 1; i < ret->n; i++)
		ok = ok && ret->log[i].first > ret->log[i - 1].first;
	return (ok && ret->n > 0 && ret->log[0].first == 0) ||
	    ERR(err, ERR_CORRUPT, "the file `origin` is malformed");
}

bool
logs_write_names(struct files *files, const char *dir,
    const struct logs_names *names, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct buf b SCOPED(buf_close) = buf_of(NAMES_MAX_BYTES);
	struct slice text;
	for (size_t i = names->n; i-- > 0;) {
		buf_add_str(&b, names->log[i].origin);
		if (names->n > 1)
			buf_add_printf(&b, " %llu\n",
			    (unsigned long long)names->log[i].first);
	}
	return buf_finish(&b, &text, err) &&
	    file_join(path, dir, "origin", err) &&
	    file_replace(files, path, text, err);
}

bool
logs_path(char ret[FILE_PATH_MAX], const char *dir, size_t i,
    struct err *err)
{
	char name[32] = "ledger";
	if (i > 0)
		(void)snprintf(name, sizeof(name), "ledger.%zu", i + 1);
	return file_join(ret, dir, name, err);
}

bool
logs_is_scripted(const char *origin)
{
	static const char end[] = "/scripted";
	size_t n = strlen(origin);
	return n >= sizeof(end) - 1 &&
	    strcmp(origin + n - (sizeof(end) - 1), end) == 0;
}

/* ---- the logs ---- */

bool
logs_name_key(const char *origin, const uint8_t pub[SIGN_PUBLIC_BYTES],
    char ret[LOGS_KEY_BYTES], struct err *err)
{
	struct note_key key;
	struct buf b SCOPED(buf_close) = buf_of(LOGS_KEY_BYTES - 1);
	struct slice s;
	if (!note_key_of(slice_of(origin), NOTE_ED25519, pub, &key, err))
		return false;
	note_key_write(&key, &b);
	if (!buf_finish(&b, &s, err))
		return false;
	memcpy(ret, s.p, s.n);
	ret[s.n] = '\0';
	return true;
}

static bool
open_log(struct logs *l, const struct logs_config *c,
    const struct logs_names *names, struct err *err)
{
	char dir[FILE_PATH_MAX];
	size_t i = l->n;
	struct log *log = &l->log[i];
	bool is_present = i + 1 == names->n;
	struct ledger_config config = {
	    .files = c->files->layer,
	    .dir = dir,
	    .origin = names->log[i].origin,
	    .wal_bytes = c->wal_bytes,
	    .reserve_bytes = is_present ? c->reserve_bytes : 0,
	};
	struct ledger_state state;
	memcpy(config.public_key, c->public_key, sizeof(config.public_key));
	if (!logs_path(dir, c->dir, i, err))
		return false;
	log->ledger = ledger_open(&config, err);
	if (log->ledger == NULL)
		return false;
	log->first = names->log[i].first;
	l->n++;
	ledger_state(log->ledger, &state);
	return (is_present ||
		   state.size <= names->log[i + 1].first - log->first ||
		   ERR(err, ERR_CORRUPT,
		       "an earlier log is longer than it was")) &&
	    logs_name_key(names->log[i].origin, c->public_key, log->key, err);
}

struct logs *
logs_open(const struct logs_config *c, const struct logs_names *names,
    struct err *err)
{
	struct logs *l = mem_alloc(1, sizeof(*l));
	if (l == NULL) {
		(void)ERR(err, ERR_LIMIT, "no memory");
		return NULL;
	}
	while (l->n < names->n)
		if (!open_log(l, c, names, err)) {
			logs_close(l);
			return NULL;
		}
	return l;
}

void
logs_close(struct logs *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->n; i++)
		ledger_close(l->log[i].ledger);
	mem_free(l);
}

static uint64_t
end_of(const struct log *log)
{
	struct ledger_state state;
	ledger_state(log->ledger, &state);
	return log->first + state.size;
}

struct ledger *
logs_present(const struct logs *l)
{
	return l->log[l->n - 1].ledger;
}

uint64_t
logs_first(const struct logs *l)
{
	return l->log[l->n - 1].first;
}

uint64_t
logs_end(const struct logs *l)
{
	return end_of(&l->log[l->n - 1]);
}

uint64_t
logs_next(const struct logs *l)
{
	return logs_first(l) + ledger_next(logs_present(l));
}

struct ledger *
logs_find(const struct logs *l, uint64_t number, uint64_t *ret_index,
    const char **ret_key)
{
	size_t i = l->n - 1;
	while (i > 0 && l->log[i].first > number)
		i--;
	if (number >= end_of(&l->log[i]))
		return NULL;
	*ret_index = number - l->log[i].first;
	*ret_key = l->log[i].key;
	return l->log[i].ledger;
}

uint64_t
logs_skip(const struct logs *l, uint64_t number)
{
	for (size_t i = 0; i < l->n; i++) {
		if (number < l->log[i].first)
			return l->log[i].first;
		if (number < end_of(&l->log[i]))
			return number;
	}
	return logs_end(l);
}

uint64_t
logs_back(const struct logs *l, uint64_t number)
{
	for (size_t i = l->n; i-- > 0;)
		if (number > l->log[i].first) {
			uint64_t end = end_of(&l->log[i]);
			return number < end ? number : end;
		}
	return 0;
}

bool
logs_read(struct logs *l, uint64_t number, struct slice *ret,
    struct err *err)
{
	uint64_t index;
	const char *key;
	struct ledger *ledger = logs_find(l, number, &index, &key);
	return ledger == NULL
	    ? ERR(err, ERR_NOT_FOUND, "there is no such entry")
	    : ledger_read(ledger, index, ret, err);
}

const char *
logs_key_before(const struct logs *l)
{
	return l->n < 2 ? "" : l->log[l->n - 2].key;
}
