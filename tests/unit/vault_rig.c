#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "vault_rig.h"

extern const struct store_module vault_sql;

static const struct store_module *const modules[] = {&vault_sql};

static const struct slice sexes[] = {{"男", 3}, {"女", 3}, {"記載なし", 12}};
static const struct slice purposes[] = {
    {"resident.certificate", 20}, {"resident.move", 13}};

#define TEXT(lit)                                                              \
	{                                                                      \
		"" lit, sizeof(lit) - 1                                        \
	}

static const struct item resident_items[] = {
    {.id = TEXT("name"), .name = TEXT("氏名"), .type = PACK_ITEM_NAME},
    {.id = TEXT("kana"),
	.name = TEXT("氏名カナ"),
	.type = PACK_ITEM_KANA,
	.search = PACK_SEARCH_PREFIX},
    {.id = TEXT("birth"),
	.name = TEXT("生年月日"),
	.type = PACK_ITEM_DATE,
	.search = PACK_SEARCH_EXACT},
    {.id = TEXT("address"),
	.name = TEXT("住所"),
	.type = PACK_ITEM_ADDRESS,
	.search = PACK_SEARCH_PREFIX},
    {.id = TEXT("number"),
	.name = TEXT("宛名番号"),
	.type = PACK_ITEM_NUMBER,
	.search = PACK_SEARCH_EXACT},
    {.id = TEXT("household"),
	.name = TEXT("世帯番号"),
	.type = PACK_ITEM_NUMBER,
	.search = PACK_SEARCH_EXACT},
    {.id = TEXT("sex"),
	.name = TEXT("性別"),
	.type = PACK_ITEM_CHOICE,
	.choices = sexes,
	.n_choices = 3},
    {.id = TEXT("phone"), .name = TEXT("電話番号"), .type = PACK_ITEM_PHONE},
    {.id = TEXT("note"),
	.name = TEXT("備考"),
	.type = PACK_ITEM_TEXT,
	.is_special_care = true},
};

const struct holding rig_residents = {
    .body = RIG_BODY,
    .id = RIG_HOLDING,
    .section = 0x2000,
    .organ = 0x2100,
    .name = TEXT("住民基本台帳"),
    .sensitivity = TEXT("middle"),
    .basis = TEXT("住民基本台帳法第5条"),
    .place = TEXT("庁舎2階 電算室"),
    .collected = TEXT("本人の届出"),
    .given_to = TEXT(""),
    .retention_years = 150,
    .purposes = purposes,
    .n_purposes = 2,
    .items = resident_items,
    .n_items = sizeof(resident_items) / sizeof(resident_items[0]),
    .changed_at = RIG_NOW,
};

/* ---- PostgreSQL, one for the program ---- */

static struct {
	char dir[64];
	unsigned databases;
} server;

static void call(const char *fmt, ...) PRINTF_LIKE(1, 2);

static void
call(const char *fmt, ...)
{
	char command[1024];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	assert_in_range(n, 1, (int)sizeof(command) - 1);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

static const char *
root(void)
{
	const char *r = getenv("SOURCE_ROOT");
	assert_non_null(r);
	return r;
}

static void
start_server(void)
{
	if (server.dir[0] != '\0')
		return;
	snprintf(server.dir, sizeof(server.dir), "/tmp/vault-pg-%ld",
	    (long)getpid());
	call(
	    "%s/tools/pg-for-tests.sh start %s >/dev/null", root(), server.dir);
}

void
vault_rig_end(void)
{
	if (server.dir[0] != '\0')
		call("%s/tools/pg-for-tests.sh stop %s", root(), server.dir);
}

static void
make_spec(struct vault_rig *rig)
{
	if (rig->engine == STORE_SQLITE) {
		snprintf(rig->dir, sizeof(rig->dir), "/tmp/vault-XXXXXX");
		assert_non_null(mkdtemp(rig->dir));
		snprintf(
		    rig->spec, sizeof(rig->spec), "sqlite:%s/v.db", rig->dir);
		return;
	}
	start_server();
	server.databases++;
	call("psql -qX -h %s -U postgres -c 'CREATE DATABASE t%u'", server.dir,
	    server.databases);
	snprintf(rig->spec, sizeof(rig->spec),
	    "postgresql://postgres@/t%u?host=%s", server.databases, server.dir);
}

/* ---- keys ---- */

void
rig_key(uint64_t id, uint32_t version, uint8_t ret[AEAD_KEY_BYTES])
{
	struct slice parts[] = {SLICE("key"), slice_bytes(&id, sizeof(id)),
	    slice_bytes(&version, sizeof(version))};
	hash_parts(parts, 3, ret);
}

void
rig_wrap(uint64_t id, uint32_t version, uint8_t ret[RECORD_WRAP_BYTES])
{
	memset(ret, (int)version, RECORD_WRAP_BYTES);
	memcpy(ret, &id, sizeof(id));
}

void
rig_token(const struct term *term, uint8_t ret[TERM_TOKEN_BYTES])
{
	uint8_t hash[HASH_BYTES];
	struct slice parts[] = {
	    slice_bytes(&term->item, sizeof(term->item)), term->text};
	mac_once(SLICE("a key for tests alone, 32 bytes."), parts, 2, hash);
	memcpy(ret, hash, TERM_TOKEN_BYTES);
}

static bool
create(void *ctx, const uint64_t *ids, size_t n,
    uint8_t (*ret_keys)[AEAD_KEY_BYTES],
    uint8_t (*ret_wraps)[RECORD_WRAP_BYTES], uint64_t *ret_entry,
    struct err *err)
{
	struct vault_rig *rig = ctx;
	if (++rig->creates == rig->fail_at)
		return ERR(err, ERR_LOST, "the keeper is gone");
	*ret_entry = rig->creates;
	for (size_t i = 0; i < n; i++) {
		rig_key(ids[i], 1, ret_keys[i]);
		rig_wrap(ids[i], 1, ret_wraps[i]);
	}
	return true;
}

static bool
make_tokens(void *ctx, const struct term *terms, size_t n,
    uint8_t (*ret)[TERM_TOKEN_BYTES], struct err *err)
{
	struct vault_rig *rig = ctx;
	(void)err;
	rig->tokens++;
	for (size_t i = 0; i < n; i++)
		rig_token(&terms[i], ret[i]);
	return true;
}

/* ---- open and close ---- */

static bool
insert_holdings(struct store_tx *tx, void *arg, struct err *err)
{
	struct holding other = rig_residents;
	(void)arg;
	other.id = RIG_OTHER;
	other.section = 0x2001;
	other.name = SLICE("別の台帳");
	return holding_insert(tx, &rig_residents, err) &&
	       holding_insert(tx, &other, err);
}

static void
open_store(struct vault_rig *rig)
{
	/* static: the store keeps a pointer to it */
	static struct store_set set;
	set = (struct store_set){.modules = modules,
	    .module_count = 1,
	    .migrations = store_migrations,
	    .migration_count = store_migration_count};
	assert_ok(
	    rig, store_migrate(rig->spec, &set, RIG_NOW, NULL, &rig->err));
	assert_ok(rig, store_open(rig->spec, &set, &rig->store, &rig->err));
	assert_ok(rig, store_reader_open(rig->store, &rig->reader, &rig->err));
}

void
vault_rig_open(struct vault_rig *rig, enum store_engine engine)
{
	*rig = (struct vault_rig){.engine = engine,
	    .aead = aead_open(),
	    .arena = arena_open((size_t)64 * 1024 * 1024)};
	rig->keyring = (struct keyring){
	    .ctx = rig, .create = create, .tokens = make_tokens};
	assert_non_null(rig->aead);
	assert_non_null(rig->arena);
	make_spec(rig);
	open_store(rig);
	rig_write(rig, insert_holdings, rig);
}

void
vault_rig_shut(struct vault_rig *rig)
{
	store_reader_close(rig->reader);
	store_close(rig->store);
	rig->reader = NULL;
	rig->store = NULL;
}

void
vault_rig_reopen(struct vault_rig *rig)
{
	vault_rig_shut(rig);
	open_store(rig);
}

void
vault_rig_close(struct vault_rig *rig)
{
	vault_rig_shut(rig);
	arena_close(rig->arena);
	aead_close(rig->aead);
	if (rig->engine == STORE_SQLITE)
		call("rm -r %s", rig->dir);
}

/* ---- records ---- */

void
rig_write(struct vault_rig *rig,
    bool (*run)(struct store_tx *tx, void *arg, struct err *err), void *arg)
{
	assert_ok(rig, store_write_now(rig->store, run, arg, &rig->err));
}

struct putting {
	const struct record_row *row;
	struct token_row tokens[TERM_OF_RECORD_MAX];
	size_t n;
};

static bool
put(struct store_tx *tx, void *arg, struct err *err)
{
	const struct putting *p = arg;
	const struct record_name *n = &p->row->name;
	return record_insert(tx, p->row, err) &&
	       token_insert(tx, n->body, n->holding, p->tokens, p->n, err) &&
	       token_list_put(
		   tx, n->body, n->holding, n->id, p->tokens, p->n, err);
}

void
rig_put(struct vault_rig *rig, uint64_t id, const char *const *values)
{
	struct slice v[HOLDING_ITEMS_MAX];
	struct term terms[TERM_OF_RECORD_MAX];
	uint8_t key[AEAD_KEY_BYTES];
	struct record_row row = {
	    .name = {RIG_BODY, RIG_HOLDING, id, 1}, .changed_at = RIG_NOW};
	struct putting p = {.row = &row};
	struct buf sealed SCOPED(buf_close) = buf_of(RECORD_SEALED_MAX_BYTES);
	for (size_t i = 0; i < rig_residents.n_items; i++)
		v[i] = slice_of(values[i]);
	rig_key(id, 1, key);
	rig_wrap(id, 1, row.wrap);
	record_seal(
	    rig->aead, key, &row.name, v, rig_residents.n_items, &sealed);
	assert_ok(rig, buf_finish(&sealed, &row.sealed, &rig->err));
	p.n = terms_of_record(&rig_residents, v, rig->arena, terms);
	for (size_t i = 0; i < p.n; i++) {
		p.tokens[i].item = terms[i].item;
		p.tokens[i].record = id;
		rig_token(&terms[i], p.tokens[i].token);
	}
	rig_write(rig, put, &p);
}

bool
rig_open_record(struct vault_rig *rig, uint64_t id, struct slice *ret_values,
    struct record_row *ret_row)
{
	uint8_t key[AEAD_KEY_BYTES], wrap[RECORD_WRAP_BYTES];
	if (!record_fetch(rig->reader, RIG_BODY, RIG_HOLDING, id, rig->arena,
		ret_row, &rig->err)) {
		assert_int_equal(rig->err.code, ERR_NOT_FOUND);
		return false;
	}
	if (ret_row->is_erased)
		return false;
	rig_wrap(id, ret_row->name.version, wrap);
	assert_memory_equal(wrap, ret_row->wrap, RECORD_WRAP_BYTES);
	rig_key(id, ret_row->name.version, key);
	assert_ok(
	    rig, record_unseal(rig->aead, key, &ret_row->name, ret_row->sealed,
		     rig->arena, ret_values, rig_residents.n_items, &rig->err));
	return true;
}

const char *const rig_hanako[RIG_VALUES] = {"髙﨑　花子", "タカサキ　ハナコ",
    "昭和35年1月2日", "沖縄市仲宗根町26番1号", "1000000001", "5000000001", "女",
    "090-0123-4567", ""};
const char *const rig_taro[RIG_VALUES] = {"\xf0\xa0\xae\xb7田　太郎", "ヨシダ　タロウ",
    "平成2年3月4日", "沖縄市仲宗根町27番3号", "1000000002", "5000000002", "男",
    "", "葛\xf3\xa0\x84\x80城さんの紹介"};

bool
rig_erase(struct store_tx *tx, void *arg, struct err *err)
{
	return record_erase(
	    tx, RIG_BODY, RIG_HOLDING, *(uint64_t *)arg, RIG_NOW + 9, err);
}

size_t
rig_find(struct vault_rig *rig, const char *item, const char *text,
    uint64_t ret[TERM_FOUND_MAX])
{
	struct term term;
	struct token_row token;
	size_t n;
	bool has_more;
	assert_ok(rig, term_of_search(&rig_residents,
			   holding_item(&rig_residents, slice_of(item)),
			   slice_of(text), rig->arena, &term, &rig->err));
	token.item = term.item;
	rig_token(&term, token.token);
	assert_ok(rig, token_find(rig->reader, RIG_BODY, RIG_HOLDING, &token, 1,
			   ret, &n, &has_more, &rig->err));
	return n;
}
