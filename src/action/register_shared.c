/* Who may read and keep which register. */
#include "register.h"

static bool
is_named(const struct call *call, const struct pack_name *list, size_t n)
{
	struct slice office = authority_text_slice(&call->visitor->office);
	for (size_t i = 0; i < n; i++)
		if (office.n > 0 && slice_is_equal(list[i].id, office))
			return true;
	return false;
}

/* The office reaches beyond its own section. */
static bool
is_of_body(const struct call *call)
{
	const struct pack_office *o = pack_office(
	    call->pack, authority_text_slice(&call->visitor->office));
	return o != NULL && o->scope == PACK_SCOPE_BODY;
}

static bool
is_reached(const struct call *call, const struct pack_register *r,
    uint64_t section)
{
	return r->scope == PACK_REGISTER_BODY || is_of_body(call) ||
	    (section != 0 && section == call->visitor->section);
}

bool
register_may_keep(const struct call *call, const struct pack_register *r,
    uint64_t section)
{
	return is_named(call, r->kept_by, r->n_kept_by) &&
	    is_reached(call, r, section);
}

bool
register_may_read(const struct call *call, const struct pack_register *r,
    uint64_t section)
{
	if (r->is_open)
		return true;
	return (is_named(call, r->kept_by, r->n_kept_by) ||
		   is_named(call, r->read_by, r->n_read_by)) &&
	    is_reached(call, r, section);
}

uint64_t
register_only_section(const struct call *call, const struct pack_register *r)
{
	bool is_all = r->scope == PACK_REGISTER_BODY || r->is_open ||
	    is_of_body(call);
	return is_all ? 0 : call->visitor->section;
}

bool
register_find(
    struct call *call, const struct pack_register **ret, struct err *err)
{
	*ret = pack_register(call->pack, call_text(call, "register"));
	if (*ret == NULL)
		return call_fail(call, err, ERR_NOT_FOUND,
		    WORD_ERROR_NO_REGISTER);
	if (!register_may_read(call, *ret, call->visitor->section))
		return call_fail(call, err, ERR_DENIED,
		    WORD_ERROR_REGISTER_DENIED,
		    pack_word(call, &(*ret)->title));
	return true;
}

struct register_source
register_source_of(const struct call *call, const struct pack_register *r)
{
	return (struct register_source){.reader = door_reader(call->door),
	    .arena = call->arena, .body = call->visitor->body, .reg = r};
}

bool
register_get_readable(struct call *call, const struct pack_register **ret,
    struct register_row *ret_row, struct err *err)
{
	if (!register_find(call, ret, err))
		return false;
	struct register_source from = register_source_of(call, *ret);
	return register_get(&from, call_id(call, "row"), ret_row, err) &&
	    (register_may_read(call, *ret, ret_row->section) ||
	        call_fail(call, err, ERR_DENIED, WORD_ERROR_REGISTER_DENIED,
	            pack_word(call, &(*ret)->title)));
}
