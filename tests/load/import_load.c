/*
 * How long an import takes on this machine and disk, and a search after it.
 *
 *	import_load SPEC [records]
 *
 * SPEC is a new database, "sqlite:/path/x.db" or "postgresql://...". The
 * keyring is a local one: the keeper's own work is not in the figures. One
 * line a figure.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "vault/import.h"
#include "vault/invent.h"

extern const struct store_module vault_sql;

#define TEXT(lit)                                                              \
	{                                                                      \
		"" lit, sizeof(lit) - 1                                        \
	}

static const struct slice purposes[] = {TEXT("resident.certificate")};

static const struct item items[] = {
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
    {.id = TEXT("sex"), .name = TEXT("性別"), .type = PACK_ITEM_CHOICE},
    {.id = TEXT("phone"), .name = TEXT("電話番号"), .type = PACK_ITEM_PHONE},
    {.id = TEXT("note"), .name = TEXT("備考"), .type = PACK_ITEM_TEXT},
};

static const struct holding residents = {
    .body = 1,
    .id = 2,
    .section = 3,
    .name = TEXT("住民基本台帳"),
    .sensitivity = TEXT("middle"),
    .purposes = purposes,
    .n_purposes = 1,
    .items = items,
    .n_items = sizeof(items) / sizeof(items[0]),
};

static void
fail(const char *what, const struct err *err)
{
	fprintf(stderr, "import_load: %s: %s\n", what, err->text);
	exit(1);
}

static uint64_t made_keys, made_tokens;

static bool
create(void *ctx, const uint64_t *ids, size_t n,
    uint8_t (*ret_keys)[AEAD_KEY_BYTES],
    uint8_t (*ret_wraps)[RECORD_WRAP_BYTES], uint64_t *ret_entry,
    struct err *err)
{
	(void)ctx;
	(void)ids;
	(void)err;
	random_fill(ret_keys, n * AEAD_KEY_BYTES);
	random_fill(ret_wraps, n * RECORD_WRAP_BYTES);
	made_keys += n;
	return true;
}

static bool
make_tokens(void *ctx, const struct term *terms, size_t n,
    uint8_t (*ret)[TERM_TOKEN_BYTES], struct err *err)
{
	(void)err;
	for (size_t i = 0; i < n; i++) {
		uint8_t hash[HASH_BYTES];
		struct slice parts[] = {
		    slice_bytes(&terms[i].item, sizeof(terms[i].item)),
		    terms[i].text};
		mac_parts(ctx, parts, 2, hash);
		memcpy(ret[i], hash, TERM_TOKEN_BYTES);
	}
	made_tokens += n;
	return true;
}

static bool
insert(struct store_tx *tx, void *arg, struct err *err)
{
	return holding_insert(tx, arg, err);
}

/* The store keeps a pointer to it. */
static struct store_set
all_of_it(void)
{
	static const struct store_module *const modules[] = {&vault_sql};
	return (struct store_set){.modules = modules,
	    .module_count = 1,
	    .migrations = store_migrations,
	    .migration_count = store_migration_count};
}

static void
search(
    struct store_reader *r, struct mac *mac, const char *item, const char *text)
{
	struct err err = ERR_INIT;
	struct arena *a = arena_open(1024 * 1024);
	struct term term;
	struct token_row token;
	uint64_t found[TERM_FOUND_MAX];
	size_t n = 0;
	bool has_more = false;
	enum { ROUNDS = 100 };
	if (!term_of_search(&residents,
		holding_item(&residents, slice_of(item)), slice_of(text), a,
		&term, &err))
		fail("term", &err);
	token.item = term.item;
	(void)make_tokens(mac, &term, 1, &token.token, &err);
	instant from = clock_monotonic();
	for (unsigned i = 0; i < ROUNDS; i++)
		if (!token_find(r, 1, 2, &token, 1, found, &n, &has_more, &err))
			fail("find", &err);
	printf("search %s %s: %zu%s found, %" PRId64 " us\n", item, text, n,
	    has_more ? " and more" : "",
	    (int64_t)((clock_monotonic() - from) / ROUNDS));
	arena_close(a);
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	uint64_t records = argc > 2 ? strtoull(argv[2], NULL, 10) : 100000;
	struct store_set set = all_of_it();
	struct store *store = NULL;
	struct store_reader *reader = NULL;
	struct mac *mac = mac_open((const uint8_t *)"a key of the load", 17);
	struct arena *a = arena_open((size_t)16 * 1024 * 1024);
	struct keyring keyring = {
	    .ctx = mac, .create = create, .tokens = make_tokens};
	struct invent in = {
	    .seed = 1, .municipality = SLICE("沖縄市"), .today = {2026, 10, 2}};
	struct buf csv = buf_of((size_t)256 * 1024 * 1024);
	struct import_report report;
	if (argc < 2 || mac == NULL || a == NULL)
		return 2;
	if (!store_migrate(argv[1], &set, 1, NULL, &err) ||
	    !store_open(argv[1], &set, &store, &err) ||
	    !store_reader_open(store, &reader, &err) ||
	    !store_write_now(
		store, insert, (void *)(uintptr_t)&residents, &err))
		fail("open", &err);
	instant from = clock_monotonic();
	if (!invent_csv(&in, &residents, 0, records, TEXT_UTF8, &csv, &err))
		fail("invent", &err);
	printf("invent %" PRIu64 " records, %zu bytes: %.2f s\n", records,
	    csv.n, (double)(clock_monotonic() - from) / 1e6);
	struct import_job job = {.store = store,
	    .holding = &residents,
	    .keyring = &keyring,
	    .csv = slice_bytes(csv.p, csv.n),
	    .is_dry = true,
	    .now = 1};
	from = clock_monotonic();
	if (!import_run(&job, a, &report, &err))
		fail("dry", &err);
	printf("dry run: %.2f s\n", (double)(clock_monotonic() - from) / 1e6);
	job.is_dry = false;
	from = clock_monotonic();
	if (!import_run(&job, a, &report, &err))
		fail("import", &err);
	printf("import %" PRIu64 " records: %.2f s\n", report.rows,
	    (double)(clock_monotonic() - from) / 1e6);
	printf("keys %" PRIu64 ", tokens asked for %" PRIu64 "\n", made_keys,
	    made_tokens);
	search(reader, mac, "kana", "サ");
	search(reader, mac, "kana", "サトウハナ");
	search(reader, mac, "birth", "昭和50年1月2日");
	search(reader, mac, "address", "沖縄市東沖縄3丁目");
	search(reader, mac, "number", "1000000007");
	store_reader_close(reader);
	store_close(store);
	arena_close(a);
	mac_close(mac);
	buf_close(&csv);
	return 0;
}
