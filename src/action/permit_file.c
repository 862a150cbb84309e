/* Rules for machines from the registers of what is permitted. */
#include "permit_file.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"

enum { FILE_MAX_BYTES = 4 * 1024 * 1024 };

/* ---- reading what was written ---- */

bool
permit_read_id(struct slice s, struct arena *a, struct slice *ret)
{
	static const char digits[] = "0123456789abcdef";
	char to[PERMIT_ID_DIGITS];
	if (s.n != PERMIT_ID_DIGITS)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i] >= 'A' && s.p[i] <= 'F'
		    ? (char)(s.p[i] - 'A' + 'a') : s.p[i];
		if (c == '\0' || strchr(digits, c) == NULL)
			return false;
		to[i] = c;
	}
	*ret = arena_copy(a, slice_bytes(to, sizeof(to)));
	return true;
}

/* The bits behind the prefix do not count. */
static void
mask(uint8_t *p, size_t n, uint64_t prefix)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t bits = prefix > 8 * i ? prefix - 8 * i : 0;
		if (bits < 8)
			p[i] &= (uint8_t)(0xff00u >> bits);
	}
}

bool
permit_read_source(struct slice s, struct arena *a, struct slice *ret,
    bool *ret_is_v6)
{
	uint8_t bytes[16];
	char text[INET6_ADDRSTRLEN], shown[INET6_ADDRSTRLEN];
	struct slice rest = s, address;
	uint64_t prefix;
	if (!slice_split(&rest, '/', &address) || address.n == 0 ||
	    address.n >= sizeof(text))
		return false;
	memcpy(text, address.p, address.n);
	text[address.n] = '\0';
	*ret_is_v6 = slice_find(address, ':') < address.n;
	const uint64_t most = *ret_is_v6 ? 128 : 32;
	const int family = *ret_is_v6 ? AF_INET6 : AF_INET;
	prefix = most;
	if (inet_pton(family, text, bytes) != 1 ||
	    (rest.p != NULL && !num_read_u64(rest, most, &prefix)))
		return false;
	mask(bytes, most / 8, prefix);
	if (inet_ntop(family, bytes, shown, sizeof(shown)) == NULL)
		return false;
	*ret = prefix == most ? arena_printf(a, "%s", shown)
	    : arena_printf(a, "%s/%llu", shown, (unsigned long long)prefix);
	return ret->p != NULL;
}

/* ---- rows ---- */

/* A row's values by their fields' ids. */
struct reading {
	struct call *call;
	const struct pack_register *reg;
	struct date today;
};

static struct slice
value(const struct reading *r, const struct register_row *row, const char *id)
{
	size_t i = pack_register_field(r->reg, slice_of(id));
	return i == r->reg->n_fields || row->values[i].n == 0 ? SLICE("")
	                                                      : row->values[i];
}

static uint64_t
value_id(const struct reading *r, const struct register_row *row,
    const char *id)
{
	uint64_t v;
	return num_read_hex(value(r, row, id), &v) ? v : 0;
}

static bool
is_in_force(const struct reading *r, const struct register_row *row,
    const char *from)
{
	struct date day;
	struct slice begin = value(r, row, from), end = value(r, row, "until");
	return (!date_read(begin, &day, NULL) ||
	           date_compare(day, r->today) <= 0) &&
	    (end.n == 0 || !date_read(end, &day, NULL) ||
	        date_compare(day, r->today) >= 0);
}

static bool
read_rows(struct call *call, const char *id, struct reading *ret,
    struct register_row **ret_rows, size_t *ret_n, struct err *err)
{
	struct register_row *page;
	bool has_more = true;
	size_t n = 0, got;
	*ret = (struct reading){.call = call,
	    .reg = pack_register(call->pack, slice_of(id)),
	    .today = date_of_instant(call->now)};
	if (ret->reg == NULL)
		return call_fail(call, err, ERR_NOT_FOUND,
		    WORD_ERROR_NO_REGISTER);
	if (!register_may_read(call, ret->reg, call->visitor->section))
		return call_fail(call, err, ERR_DENIED,
		    WORD_ERROR_REGISTER_DENIED,
		    pack_word(call, &ret->reg->title));
	struct register_ask ask = {.max = REGISTER_BATCH_MAX,
	    .section = register_only_section(call, ret->reg)};
	struct register_row *rows = arena_array(call->arena, PERMITS_MAX,
	    sizeof(*rows));
	const struct register_source from = {
	    .reader = door_reader(call->door), .arena = call->arena,
	    .body = call->visitor->body, .reg = ret->reg};
	if (rows == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this register");
	while (has_more) {
		if (!register_list(&from, &ask, &page, &got, &has_more, err))
			return false;
		if (got > PERMITS_MAX - n)
			return ERR(err, ERR_LIMIT, "the register is too long");
		memcpy(rows + n, page, got * sizeof(*rows));
		n += got;
		if (got == 0)
			break;
		ask.after_sort = page[got - 1].sort;
		ask.after = page[got - 1].id;
	}
	*ret_rows = rows;
	*ret_n = n;
	return true;
}

/* Printable, and nothing that would end the rule that names it. */
static bool
is_plain(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= 0x20 || s.p[i] >= 0x7f || s.p[i] == '"' ||
		    s.p[i] == '\\')
			return false;
	return s.n > 0;
}

bool
permitted_devices(struct call *call, uint64_t terminal,
    struct permitted_device **ret, size_t *ret_n, struct err *err)
{
	struct reading r;
	struct register_row *rows;
	size_t n;
	*ret_n = 0;
	if (!read_rows(call, "devices", &r, &rows, &n, err))
		return false;
	*ret = arena_array(call->arena, n, sizeof(**ret));
	if (*ret == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this register");
	for (size_t i = 0; i < n; i++) {
		struct permitted_device d = {.row = rows[i].id,
		    .terminal = value_id(&r, &rows[i], "terminal"),
		    .serial = value(&r, &rows[i], "serial"),
		    .model = value(&r, &rows[i], "model")};
		if (!is_in_force(&r, &rows[i], "permitted_on") ||
		    (terminal != 0 && d.terminal != 0 &&
		        d.terminal != terminal))
			continue;
		d.is_usable = permit_read_id(value(&r, &rows[i], "vendor_id"),
		        call->arena, &d.vendor) &&
		    permit_read_id(value(&r, &rows[i], "product_id"),
		        call->arena, &d.product) &&
		    is_plain(d.serial);
		(*ret)[(*ret_n)++] = d;
	}
	return true;
}

bool
permitted_sources(struct call *call, uint64_t system,
    struct permitted_source **ret, size_t *ret_n, struct err *err)
{
	struct reading r;
	struct register_row *rows;
	size_t n;
	*ret_n = 0;
	if (!read_rows(call, "listeners", &r, &rows, &n, err))
		return false;
	*ret = arena_array(call->arena, n, sizeof(**ret));
	if (*ret == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this register");
	for (size_t i = 0; i < n; i++) {
		struct permitted_source p = {.row = rows[i].id,
		    .written = value(&r, &rows[i], "source")};
		if (!is_in_force(&r, &rows[i], "from") || (system != 0 &&
		        value_id(&r, &rows[i], "system") != system))
			continue;
		p.is_usable = permit_read_source(p.written, call->arena,
		        &p.source, &p.is_v6) &&
		    num_read_u64(value(&r, &rows[i], "port"), 65535,
		        &p.port) && p.port > 0;
		(*ret)[(*ret_n)++] = p;
	}
	return true;
}

/* ---- files ---- */

static const char *const kinds[] = {"usbguard", "windows", "nftables", NULL};

static const struct field rules_input[] = {
    {.name = "kind", .type = FIELD_CHOICE, .max = 16, .required = true,
        .label = WORD_PERMIT_KIND, .choices = kinds},
    {.name = "terminal", .type = FIELD_ID, .label = WORD_PERMIT_TERMINAL},
    {.name = "system", .type = FIELD_ID, .label = WORD_PERMIT_SYSTEM},
    FIELDS_END,
};

static const struct result no_output[] = {RESULTS_END};

/* What no rule can name is told in the file, by its row. */
static void
put_left_out(struct buf *to, const char *mark, uint64_t row)
{
	buf_add_printf(to, "%s left out: row %016llx\n", mark,
	    (unsigned long long)row);
}

static bool
write_usbguard(struct call *call, struct buf *to, struct err *err)
{
	struct permitted_device *list;
	size_t n;
	if (!permitted_devices(call, call_id(call, "terminal"), &list, &n,
	    err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (list[i].is_usable)
			buf_add_printf(to, "allow id %.*s:%.*s serial "
			    "\"%.*s\"\n", SLICE_FMT(list[i].vendor),
			    SLICE_FMT(list[i].product),
			    SLICE_FMT(list[i].serial));
		else
			put_left_out(to, "#", list[i].row);
	buf_add_str(to, "block\n");
	return true;
}

/*
 * The values of the policies "allow these device instance IDs" and "prevent
 * what no other policy names", as the registry has them.
 */
static bool
write_windows(struct call *call, struct buf *to, struct err *err)
{
	static const char key[] = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\"
	    "Microsoft\\Windows\\DeviceInstall\\Restrictions";
	struct permitted_device *list;
	size_t n, number = 0;
	if (!permitted_devices(call, call_id(call, "terminal"), &list, &n,
	    err))
		return false;
	buf_add_printf(to, "Windows Registry Editor Version 5.00\r\n\r\n"
	    "[%s]\r\n\"AllowInstanceIDs\"=dword:00000001\r\n"
	    "\"AllowDenyLayered\"=dword:00000001\r\n"
	    "\"DenyUnspecified\"=dword:00000001\r\n\r\n"
	    "[-%s\\AllowInstanceIDs]\r\n\r\n[%s\\AllowInstanceIDs]\r\n", key,
	    key, key);
	for (size_t i = 0; i < n; i++)
		if (list[i].is_usable)
			buf_add_printf(to, "\"%zu\"=\"USB\\\\VID_%.*s&PID_%.*s"
			    "\\\\%.*s\"\r\n", ++number,
			    SLICE_FMT(list[i].vendor),
			    SLICE_FMT(list[i].product),
			    SLICE_FMT(list[i].serial));
		else
			put_left_out(to, ";", list[i].row);
	return true;
}

static bool
write_nftables(struct call *call, struct buf *to, struct err *err)
{
	struct permitted_source *list;
	size_t n;
	if (!permitted_sources(call, call_id(call, "system"), &list, &n, err))
		return false;
	buf_add_str(to, "#!/usr/sbin/nft -f\ntable inet fumikura\n"
	    "delete table inet fumikura\ntable inet fumikura {\n"
	    "\tchain input {\n"
	    "\t\ttype filter hook input priority filter; policy drop;\n"
	    "\t\tct state established,related accept\n"
	    "\t\tiif \"lo\" accept\n"
	    "\t\tmeta l4proto { icmp, ipv6-icmp } accept\n");
	for (size_t i = 0; i < n; i++)
		if (list[i].is_usable)
			buf_add_printf(to, "\t\t%s saddr %.*s tcp dport %llu "
			    "accept comment \"row %016llx\"\n",
			    list[i].is_v6 ? "ip6" : "ip",
			    SLICE_FMT(list[i].source),
			    (unsigned long long)list[i].port,
			    (unsigned long long)list[i].row);
		else
			put_left_out(to, "\t\t#", list[i].row);
	buf_add_str(to, "\t}\n}\n");
	return true;
}

static const struct {
	const char *file;
	bool (*write)(struct call *call, struct buf *to, struct err *err);
} files[] = {{"usbguard-rules.conf", write_usbguard},
    {"device-installation.reg", write_windows},
    {"fumikura.nft", write_nftables}};

static bool
run_rules(struct call *call, struct err *err)
{
	struct buf to = buf_of(FILE_MAX_BYTES);
	struct slice text;
	size_t i = 0;
	while (!slice_is(call_text(call, "kind"), kinds[i]))
		i++;
	if (!files[i].write(call, &to, err) || !buf_finish(&to, &text, err)) {
		buf_close(&to);
		return false;
	}
	call->content = to;
	call->content_type = "text/plain; charset=utf-8";
	call->attachment = slice_of(files[i].file);
	return true;
}

const struct action row_permit_rules = {
    .name = "permit.rules", .path = "/permitted/{kind}",
    .input = rules_input, .output = no_output, .gives_file = true,
    .who = WHO_SESSION, .ledger_verb = "", .title = WORD_PERMIT_RULES_TITLE,
    .help = WORD_PERMIT_RULES_HELP, .run = run_rules,
};
