/*
 * Text: what reads as CP932 is valid UTF-8, which goes to CP932 and comes
 * back unchanged; an error tells a place within the text.
 */
#include "base/must.h"
#include "base/text.h"
#include "target.h"

enum { OUT_MAX = 16 * 1024 * 1024 };

static struct slice
bytes_of(const struct buf *b)
{
	return (struct slice){b->p, b->n};
}

static void
check_cp932(struct slice s)
{
	struct buf utf8 SCOPED(buf_close) = buf_of(OUT_MAX);
	struct buf cp932 SCOPED(buf_close) = buf_of(OUT_MAX);
	struct buf back SCOPED(buf_close) = buf_of(OUT_MAX);
	size_t at = SIZE_MAX;
	if (!text_from_cp932(s, &utf8, &at, NULL)) {
		must(at < s.n && text_is_utf8(bytes_of(&utf8)));
		return;
	}
	must(text_is_utf8(bytes_of(&utf8)));
	must(text_to_cp932(bytes_of(&utf8), &cp932, NULL, NULL));
	must(text_from_cp932(bytes_of(&cp932), &back, NULL, NULL));
	must(slice_is_equal(bytes_of(&utf8), bytes_of(&back)));
}

static void
check_utf8(struct slice s)
{
	struct buf cp932 SCOPED(buf_close) = buf_of(OUT_MAX);
	struct buf back SCOPED(buf_close) = buf_of(OUT_MAX);
	size_t at = SIZE_MAX;
	size_t count = text_count_characters(s);
	must(count <= text_count(s) && text_count(s) <= s.n);
	must(text_cut(s, count).n == s.n);
	must(count == 0 || text_cut(s, count - 1).n < s.n);
	if (!text_to_cp932(s, &cp932, &at, NULL)) {
		must(at < s.n && text_is_utf8((struct slice){s.p, at}));
		return;
	}
	must(text_from_cp932(bytes_of(&cp932), &back, NULL, NULL));
	must(text_count(bytes_of(&back)) == text_count(s));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = slice_bytes(data, size);
	struct buf decoded SCOPED(buf_close) = buf_of(OUT_MAX);
	enum text_encoding encoding;
	check_cp932(s);
	must(text_valid_to(s) <= s.n);
	if (text_is_utf8(s))
		check_utf8(s);
	if (text_decode(s, &decoded, &encoding, NULL))
		must(text_is_utf8(bytes_of(&decoded)));
	return 0;
}
