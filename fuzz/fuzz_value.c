/*
 * Values of registers as they are typed: what is taken is within the field's
 * limit, is taken again in the form in which it is stored, and comes back so
 * from the object that keeps it. The first byte chooses the field.
 */
#include "base/must.h"
#include "base/text.h"
#include "register/value.h"
#include "regulation/values.h"
#include "target.h"

enum { ARENA_BYTES = 4 * 1024 * 1024 };

#define TEXT(lit)                                                              \
	{                                                                      \
		"" lit, sizeof(lit) - 1                                        \
	}

static const struct pack_field_choice choices[] = {
    {.id = TEXT("paper")}, {.id = TEXT("disk")}};

static struct pack_field
field_of(uint8_t choice)
{
	struct pack_field f = {.id = TEXT("field"),
	    .type = choice % PACK_FIELD_TYPES,
	    .is_required = choice & 0x80,
	    .choices = choices,
	    .n_choices = 2};
	f.max = choice & 0x40 ? 40 : 0;
	return f;
}

static void
check_kept(const struct pack_field *f, struct slice stored, struct arena *a)
{
	const struct slice *back;
	struct slice object;
	must(pack_values_write(f, 1, &stored, a, &object, NULL));
	must(pack_values_read(f, 1, object, a, &back, NULL));
	must(slice_is_equal(back[0], stored));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	const struct pack_field f = field_of(data[0]);
	struct slice stored, again;
	struct arena *a = arena_open(ARENA_BYTES);
	must(a != NULL);
	if (register_value_read(&f, slice_bytes(data + 1, size - 1), a,
		&stored) == VALUE_GOOD) {
		must(text_is_utf8(stored));
		must(stored.n > 0 || !f.is_required);
		must(register_value_read(&f, stored, a, &again) == VALUE_GOOD);
		must(slice_is_equal(stored, again));
		check_kept(&f, stored, a);
	}
	arena_close(a);
	return 0;
}
