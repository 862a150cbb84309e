#include "ledger/proof.h"

#include "base/num.h"
#include "ledger/base64.h"

#define FIRST_LINE "c2sp.org/tlog-proof@v1"

void
proof_write(uint64_t index, const struct tree_proof *path, struct slice extra,
    struct slice checkpoint, struct buf *b)
{
	buf_add_str(b, FIRST_LINE "\n");
	if (extra.n > 0) {
		buf_add_str(b, "extra ");
		base64_write(b, extra);
		buf_add_byte(b, '\n');
	}
	buf_add_printf(b, "index %llu\n", (unsigned long long)index);
	for (size_t i = 0; i < path->n; i++) {
		base64_write(b, slice_bytes(path->hash[i], HASH_BYTES));
		buf_add_byte(b, '\n');
	}
	buf_add_byte(b, '\n');
	buf_add(b, checkpoint);
}

/* The value of a line that begins with `word`, moving *rest past it. */
static bool
take_line(struct slice *rest, struct slice word, struct slice *ret)
{
	size_t n = slice_find(*rest, '\n');
	struct slice line = {rest->p, n};
	if (n == rest->n || !slice_has_prefix(line, word))
		return false;
	*ret = slice_from(line, word.n);
	*rest = slice_from(*rest, n + 1);
	return true;
}

static bool
is_base64(struct slice text)
{
	uint8_t piece[3];
	size_t n = 0;
	if (text.n == 0 || text.n % 4 != 0)
		return false;
	/* Padding only at the very end. */
	for (size_t i = 0; i < text.n; i += 4)
		if (!base64_read((struct slice){text.p + i, 4}, piece,
			sizeof(piece), &n) ||
		    (n < 3 && i + 4 < text.n))
			return false;
	return true;
}

bool
proof_read(struct slice text, struct proof *ret, struct err *err)
{
	struct proof p = {0};
	struct slice rest = text;
	struct slice line;
	if (text.n > PROOF_MAX_BYTES)
		return ERR(err, ERR_INPUT, "a proof is longer than %d bytes",
		    PROOF_MAX_BYTES);
	if (!take_line(&rest, SLICE(FIRST_LINE), &line) || line.n > 0)
		return ERR(err, ERR_INPUT, "this is not a " FIRST_LINE);
	if (take_line(&rest, SLICE("extra "), &p.extra) &&
	    !is_base64(p.extra))
		return ERR(err, ERR_INPUT, "a proof's extra line is wrong");
	if (!take_line(&rest, SLICE("index "), &line) ||
	    (line.n > 1 && line.p[0] == '0') ||
	    !num_read_u64(line, UINT64_MAX >> 1, &p.index))
		return ERR(err, ERR_INPUT, "a proof's index line is wrong");
	for (;;) {
		if (!take_line(&rest, SLICE(""), &line))
			return ERR(err, ERR_INPUT, "a proof is cut short");
		if (line.n == 0)
			break;
		if (p.path.n == TREE_PROOF_MAX ||
		    !base64_read_exact(line, p.path.hash[p.path.n++],
			HASH_BYTES))
			return ERR(err, ERR_INPUT, "a proof's hash is wrong");
	}
	p.checkpoint = rest;
	*ret = p;
	return true;
}

bool
proof_check(const struct proof *p, struct slice entry,
    const struct checkpoint_keys *keys, struct checkpoint *ret,
    struct err *err)
{
	struct checkpoint c;
	uint8_t leaf[HASH_BYTES];
	if (!checkpoint_read(p->checkpoint, keys, &c, err))
		return false;
	tree_hash_leaf(entry, leaf);
	if (!tree_is_included(leaf, p->index, c.size, c.root, &p->path))
		return ERR(err, ERR_CORRUPT,
		    "the proof does not lead from this entry to the "
		    "checkpoint");
	*ret = c;
	return true;
}
