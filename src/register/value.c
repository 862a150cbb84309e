#include "register/value.h"

#include "base/date.h"
#include "base/fold.h"
#include "base/num.h"
#include "base/text.h"
#include "guard/decide.h"

enum { FOLDED_MAX_BYTES = 3 * PACK_FIELD_MAX_BYTES };

static struct slice
folded(struct slice s, void (*fold)(struct slice, struct buf *),
    struct arena *a)
{
	struct buf to = buf_of(FOLDED_MAX_BYTES);
	fold(s, &to);
	struct slice copy =
	    to.failed ? SLICE_NONE : arena_copy(a, slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

static enum value_flaw
read_number(const struct pack_field *f, struct slice s, struct arena *a,
    struct slice *ret)
{
	uint64_t v;
	uint64_t most = f->max > 0 ? f->max : INT64_MAX;
	if (!num_read_u64(folded(s, fold_digits, a), INT64_MAX, &v))
		return VALUE_NOT_NUMBER;
	*ret = arena_printf(a, "%llu", (unsigned long long)v);
	return v <= most ? VALUE_GOOD : VALUE_TOO_LONG;
}

static enum value_flaw
read_date(struct slice s, struct arena *a, struct slice *ret)
{
	struct date d;
	struct buf to = buf_of(16);
	if (!date_read(s, &d, NULL))
		return VALUE_NOT_DATE;
	date_format(d, DATE_ISO, &to);
	*ret = arena_copy(a, slice_bytes(to.p, to.n));
	buf_close(&to);
	return VALUE_GOOD;
}

static enum value_flaw
read_id(struct slice s, struct slice *ret)
{
	uint64_t id;
	*ret = s;
	return s.n == 16 && num_read_hex(s, &id) && id != 0 && id >> 63 == 0
	    ? VALUE_GOOD
	    : VALUE_NOT_ID;
}

/* "view,search": the keeper's words. */
static bool
is_acts(struct slice s)
{
	struct slice rest = s, one;
	bool has_any = false;
	while (slice_split(&rest, ',', &one)) {
		enum act act;
		if (!act_read(one, &act))
			return false;
		has_any = true;
	}
	return has_any;
}

static enum value_flaw
read_typed(const struct pack_field *f, struct slice s, struct arena *a,
    struct slice *ret)
{
	*ret = s;
	switch (f->type) {
	case PACK_FIELD_TEXT:
	case PACK_FIELD_PROSE:
		return VALUE_GOOD;
	case PACK_FIELD_KANA:
		return text_is_katakana(folded(s, fold_kana, a))
		    ? VALUE_GOOD
		    : VALUE_NOT_KANA;
	case PACK_FIELD_NUMBER:
	case PACK_FIELD_MONEY:
		return read_number(f, s, a, ret);
	case PACK_FIELD_DATE:
		return read_date(s, a, ret);
	case PACK_FIELD_CHOICE:
		return pack_field_choice(f, s) != NULL ? VALUE_GOOD
						       : VALUE_NOT_CHOICE;
	case PACK_FIELD_FLAG:
		return slice_is(s, "1") ? VALUE_GOOD : VALUE_NOT_CHOICE;
	case PACK_FIELD_PERSON:
	case PACK_FIELD_SECTION:
	case PACK_FIELD_HOLDING:
	case PACK_FIELD_TERMINAL:
	case PACK_FIELD_ROW:
		return read_id(s, ret);
	case PACK_FIELD_OFFICE:
	case PACK_FIELD_PROVISION:
		return VALUE_GOOD;
	case PACK_FIELD_RECORD:
		return read_id(s, ret);
	case PACK_FIELD_ACTS:
		return is_acts(s) ? VALUE_GOOD : VALUE_NOT_CHOICE;
	case PACK_FIELD_ITEMS:
		return VALUE_GOOD;
	case PACK_FIELD_TYPES:
		break;
	}
	return VALUE_NOT_TEXT;
}

enum value_flaw
register_value_read(const struct pack_field *f, struct slice typed,
    struct arena *a, struct slice *ret)
{
	typed = slice_trim(typed);
	*ret = SLICE_NONE;
	if (typed.n == 0)
		return f->is_required ? VALUE_MISSING : VALUE_GOOD;
	if (typed.n > pack_field_max_bytes(f))
		return VALUE_TOO_LONG;
	if (!text_is_clean(typed, f->type == PACK_FIELD_PROSE))
		return VALUE_NOT_TEXT;
	return read_typed(f, typed, a, ret);
}

bool
register_value_is_filter(const struct pack_field *f)
{
	return f->type != PACK_FIELD_TEXT && f->type != PACK_FIELD_PROSE &&
	    f->type != PACK_FIELD_KANA && f->type != PACK_FIELD_NUMBER &&
	    f->type != PACK_FIELD_MONEY;
}

void
register_value_fold(
    const struct pack_field *f, struct slice stored, struct buf *to)
{
	if (f->type == PACK_FIELD_KANA)
		fold_kana(stored, to);
	else
		fold_name(stored, to);
}
