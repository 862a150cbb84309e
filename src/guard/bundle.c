/*
 * What outsiders get of the ledger, as a tar (POSIX ustar): one entry with its
 * proof, or a part of the whole.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "guard/inside.h"

enum { TAR_BLOCK = 512, EXPORT_MAX_BYTES = 32 * 1024 * 1024 };

/* An octal field with its NUL. */
static void
put_octal(char *to, size_t room, uint64_t v)
{
	to[--room] = '\0';
	while (room > 0) {
		to[--room] = (char)('0' + (v & 7));
		v >>= 3;
	}
}

static void
add_file(struct buf *to, const char *name, struct slice bytes, instant now)
{
	static const char zeros[TAR_BLOCK];
	char h[TAR_BLOCK] = {0};
	unsigned sum = 0;
	(void)snprintf(h, 100, "%s", name);
	put_octal(h + 100, 8, 0644);
	put_octal(h + 108, 8, 0);
	put_octal(h + 116, 8, 0);
	put_octal(h + 124, 12, bytes.n);
	put_octal(h + 136, 12, (uint64_t)(now / SECOND_US));
	memset(h + 148, ' ', 8);
	h[156] = '0';
	memcpy(h + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof(h); i++)
		sum += (unsigned char)h[i];
	put_octal(h + 148, 7, sum);
	buf_add_bytes(to, h, sizeof(h));
	buf_add(to, bytes);
	if (bytes.n % TAR_BLOCK != 0)
		buf_add_bytes(to, zeros, TAR_BLOCK - bytes.n % TAR_BLOCK);
}

static void
end_tar(struct buf *to)
{
	static const char zeros[2 * TAR_BLOCK];
	buf_add_bytes(to, zeros, sizeof(zeros));
}

static void
add_base64(struct buf *to, const uint8_t *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t v = (uint32_t)p[i] << 16 |
			     (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
			     (left > 2 ? p[i + 2] : 0);
		buf_add_byte(to, (uint8_t)digits[v >> 18]);
		buf_add_byte(to, (uint8_t)digits[v >> 12 & 63]);
		buf_add_byte(
		    to, (uint8_t)(left > 1 ? digits[v >> 6 & 63] : '='));
		buf_add_byte(to, (uint8_t)(left > 2 ? digits[v & 63] : '='));
	}
}

static void
add_hex(struct buf *to, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_add_printf(to, "%02x", (unsigned char)s.p[i]);
}

/* c2sp.org/tlog-proof */
static void
write_proof(struct buf *to, const struct proof_answer *p)
{
	buf_add_printf(
	    to, "c2sp.org/tlog-proof@v1\nindex %" PRIu64 "\n", p->index);
	for (size_t i = 0; i < p->n; i++) {
		add_base64(to, p->proof[i], sizeof(p->proof[i]));
		buf_add_byte(to, '\n');
	}
	buf_add_byte(to, '\n');
	buf_add(to, p->checkpoint);
}

/* What opens this entry, and no other. */
static void
write_opening(struct buf *to, const struct proof_answer *p)
{
	buf_add_printf(to, "{\"index\":%" PRIu64 ",\"key\":\"", p->index);
	add_hex(to, p->key);
	buf_add_str(to, "\",\"salt\":\"");
	add_hex(to, p->salt);
	buf_add_str(to, "\"}\n");
}

static const char readme[] =
    "One entry of a sealed ledger (Fumikura).\n"
    "\n"
    "entry.leaf        the entry as it stands in the log: bytes 13 to 44\n"
    "                  (from 1) are the commitment\n"
    "entry.json        the same in readable form: canonical JSON, ids only\n"
    "opening.json      salt (and key) of this entry alone\n"
    "entry.tlog-proof  c2sp.org/tlog-proof: index, hashes, checkpoint\n"
    "vkey              the log's public key; get it from elsewhere too\n"
    "\n"
    "To check it without any program of ours:\n"
    "\n"
    "1. That the readable form is what was sealed. Both lines print the\n"
    "   same 64 digits:\n"
    "\n"
    "\t(grep -o '\"salt\":\"[0-9a-f]*' opening.json | cut -c9- |\n"
    "\t    xxd -r -p; cat entry.json) | sha256sum\n"
    "\tdd if=entry.leaf bs=1 skip=12 count=32 2>/dev/null | xxd -p -c 32\n"
    "\n"
    "2. That the entry stands in the log: any verifier of tlog-proof, with\n"
    "   the key in vkey (or, better, the one you got from elsewhere), the\n"
    "   leaf in entry.leaf and the proof in entry.tlog-proof. Ours is one\n"
    "   file in Go, tools/verifier/main.go in Fumikura's source, and shares\n"
    "   no code with the product. Read it, copy it here, build and run it\n"
    "   (Debian: golang-go, golang-golang-x-mod-dev):\n"
    "\n"
    "\tGO111MODULE=off GOPATH=/usr/share/gocode \\\n"
    "\t    go build -o verifier main.go\n"
    "\t./verifier proof @vkey entry.tlog-proof entry.leaf\n";

static void
add_built(struct buf *to, const char *name, struct buf *bytes, instant now)
{
	if (bytes->failed)
		to->failed = true;
	else
		add_file(to, name, slice_bytes(bytes->p, bytes->n), now);
	buf_close(bytes);
}

static void
write_bundle(struct buf *to, const struct proof_answer *p, instant now)
{
	struct buf proof = buf_of(MESSAGE_MAX_BYTES);
	struct buf opening = buf_of(1024);
	struct buf vkey = buf_of(MESSAGE_NOTE_MAX_BYTES);
	write_proof(&proof, p);
	write_opening(&opening, p);
	buf_add(&vkey, p->log_key);
	buf_add_byte(&vkey, '\n');
	add_file(to, "README", slice_of(readme), now);
	add_file(to, "entry.leaf", p->leaf, now);
	add_file(to, "entry.json", p->readable, now);
	add_built(to, "opening.json", &opening, now);
	add_built(to, "entry.tlog-proof", &proof, now);
	add_built(to, "vkey", &vkey, now);
	end_tar(to);
}

bool
door_entry_bundle(struct door *d, struct visitor *v, uint64_t index,
    struct slice reference, struct buf *to, struct err *err)
{
	const struct entry_ask ask = {.session = v->session,
	    .capacity = v->capacity,
	    .index = index,
	    .reference = reference};
	struct proof_answer p;
	if ((v->rights & RIGHT_BIT(RIGHT_AUDIT)) == 0)
		return ERR(err, ERR_DENIED, "this needs the right audit");
	const struct keeper_asking a = {.channel = d->channel,
	    .fiber = v->fiber,
	    .keep = v->arena,
	    .type = MESSAGE_ENTRY,
	    .ask = &ask,
	    .answer = &p};
	if (!guard_ask(&a, NULL, err))
		return false;
	write_bundle(to, &p, door_now(d));
	return !to->failed || ERR(err, ERR_LIMIT, "the bundle is too large");
}

/* ---- the whole ledger ---- */

bool
door_export(struct door *d, struct visitor *v, enum export_step step,
    struct slice reference, struct shown_export *ret, struct err *err)
{
	const struct export_ask ask = {.session = v->session,
	    .capacity = v->capacity,
	    .step = step,
	    .reference = reference};
	struct export_answer s;
	const struct keeper_asking a = {.channel = d->channel,
	    .fiber = v->fiber,
	    .keep = v->arena,
	    .type = MESSAGE_EXPORT,
	    .ask = &ask,
	    .answer = &s};
	if (!guard_ask(&a, NULL, err))
		return false;
	*ret = (struct shown_export){.is_asked = s.asker != 0,
	    .is_confirmed = s.confirmer != 0,
	    .is_own = s.asker != 0 && s.asker == v->person,
	    .until = s.until,
	    .entries = s.entries,
	    .parts = s.parts};
	if (s.asker != 0)
		ret->asker = door_name(d, v->arena, v->body, s.asker);
	if (s.confirmer != 0)
		ret->confirmer = door_name(d, v->arena, v->body, s.confirmer);
	return true;
}

bool
door_export_part(struct door *d, struct visitor *v, uint64_t part,
    struct slice reference, struct buf *to, struct err *err)
{
	struct export_part_ask ask = {.session = v->session,
	    .capacity = v->capacity,
	    .part = part,
	    .reference = reference};
	struct export_part_answer s = {.has_more = true};
	struct buf file SCOPED(buf_close) = buf_of(EXPORT_MAX_BYTES);
	SCOPED(arena_close_scoped)
	struct arena *keep = arena_open(MESSAGE_MAX_BYTES);
	const struct keeper_asking a = {.channel = d->channel,
	    .fiber = v->fiber,
	    .keep = keep,
	    .type = MESSAGE_EXPORT_PART,
	    .ask = &ask,
	    .answer = &s};
	if (keep == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	while (s.has_more) {
		char name[100];
		arena_reset(keep);
		if (!guard_ask(&a, NULL, err))
			return false;
		buf_add(&file, s.bytes);
		ask.offset += s.bytes.n;
		if (!s.is_whole)
			continue;
		(void)snprintf(name, sizeof(name), "%.*s", SLICE_FMT(s.name));
		add_file(to, name, slice_bytes(file.p, file.n), door_now(d));
		buf_reset(&file);
		ask.offset = 0;
		ask.item++;
	}
	end_tar(to);
	return (!to->failed && !file.failed) ||
	       ERR(err, ERR_LIMIT, "this part of the ledger is too large");
}
