#include "action/out.h"

#include "base/buf.h"
#include "base/must.h"

static struct out *
put(struct arena *a, struct out *in, const char *name, enum out_kind kind)
{
	struct out *o = arena_alloc(a, sizeof(*o));
	if (o == NULL)
		return NULL;
	o->name = name;
	o->kind = kind;
	if (in == NULL)
		return o;
	if (in->last == NULL)
		in->first = o;
	else
		in->last->next = o;
	in->last = o;
	return o;
}

struct out *
out_root(struct arena *a)
{
	return put(a, NULL, "", OUT_OBJECT);
}

struct out *
out_object(struct arena *a, struct out *in, const char *name)
{
	must(in == NULL || in->kind == OUT_OBJECT);
	return in == NULL ? NULL : put(a, in, name, OUT_OBJECT);
}

struct out *
out_list(struct arena *a, struct out *in, const char *name)
{
	must(in == NULL || in->kind == OUT_OBJECT);
	return in == NULL ? NULL : put(a, in, name, OUT_LIST);
}

struct out *
out_item(struct arena *a, struct out *list)
{
	must(list == NULL || list->kind == OUT_LIST);
	return list == NULL ? NULL : put(a, list, "", OUT_OBJECT);
}

static struct out *
scalar(struct arena *a, struct out *in, const char *name, enum out_kind kind)
{
	must(in == NULL || in->kind == OUT_OBJECT);
	return in == NULL ? NULL : put(a, in, name, kind);
}

void
out_text(struct arena *a, struct out *in, const char *name, struct slice text)
{
	struct out *o = scalar(a, in, name, OUT_TEXT);
	if (o != NULL)
		o->text = text;
}

void
out_str(struct arena *a, struct out *in, const char *name, const char *text)
{
	out_text(a, in, name, slice_of(text));
}

void
out_number(struct arena *a, struct out *in, const char *name, int64_t v)
{
	struct out *o = scalar(a, in, name, OUT_NUMBER);
	if (o != NULL)
		o->number = v;
}

void
out_flag(struct arena *a, struct out *in, const char *name, bool v)
{
	struct out *o = scalar(a, in, name, OUT_FLAG);
	if (o != NULL)
		o->number = v;
}

void
out_id(struct arena *a, struct out *in, const char *name, uint64_t id)
{
	struct out *o = scalar(a, in, name, OUT_ID);
	if (o != NULL)
		o->id = id;
}

void
out_time(struct arena *a, struct out *in, const char *name, instant at)
{
	struct out *o = scalar(a, in, name, OUT_TIME);
	if (o != NULL)
		o->number = at;
}

void
out_until(struct arena *a, struct out *in, const char *name, instant at)
{
	struct out *o = scalar(a, in, name, OUT_UNTIL);
	if (o != NULL)
		o->number = at;
}

void
out_date(struct arena *a, struct out *in, const char *name, struct date d)
{
	if (date_is_none(d))
		return;
	struct out *o = scalar(a, in, name, OUT_DATE);
	if (o != NULL)
		o->number = d.year * 10000 + d.month * 100 + d.day;
}

void
moment_write(instant at, bool is_end, enum date_style style, struct buf *to)
{
	struct date day = date_of_instant(at);
	if (date_begin(day) != at)
		instant_format(at, style, to);
	else
		date_format(is_end ? date_add_days(day, -1) : day, style, to);
}

const struct out *
out_member(const struct out *object, const char *name)
{
	if (object == NULL || object->kind != OUT_OBJECT)
		return NULL;
	for (const struct out *o = object->first; o != NULL; o = o->next)
		if (strcmp(o->name, name) == 0)
			return o;
	return NULL;
}

static void
json_id(uint64_t id, struct json_writer *w)
{
	char hex[16];
	for (unsigned i = 0; i < 16; i++)
		hex[i] = "0123456789abcdef"[id >> (60 - 4 * i) & 15];
	json_put_string(w, slice_bytes(hex, sizeof(hex)));
}

struct date
out_date_of(const struct out *o)
{
	must(o->kind == OUT_DATE);
	return (struct date){
	    .year = (int16_t)(o->number / 10000),
	    .month = (uint8_t)(o->number / 100 % 100),
	    .day = (uint8_t)(o->number % 100),
	};
}

static void
json_moment(const struct out *o, struct json_writer *w)
{
	struct buf text = buf_of(64);
	if (o->kind != OUT_DATE)
		instant_format(o->number, DATE_ISO, &text);
	else
		date_format(out_date_of(o), DATE_ISO, &text);
	json_put_string(w, slice_bytes(text.p, text.n));
	buf_close(&text);
}

void
out_json(const struct out *o, struct json_writer *w)
{
	switch (o->kind) {
	case OUT_TEXT:
		json_put_string(w, o->text);
		break;
	case OUT_NUMBER:
		json_put_i64(w, o->number);
		break;
	case OUT_FLAG:
		json_put_bool(w, o->number != 0);
		break;
	case OUT_ID:
		json_id(o->id, w);
		break;
	case OUT_TIME:
	case OUT_UNTIL:
	case OUT_DATE:
		json_moment(o, w);
		break;
	case OUT_OBJECT:
		json_begin_object(w);
		for (const struct out *m = o->first; m != NULL; m = m->next) {
			json_put_key(w, m->name);
			out_json(m, w);
		}
		json_end_object(w);
		break;
	case OUT_LIST:
		json_begin_array(w);
		for (const struct out *m = o->first; m != NULL; m = m->next)
			out_json(m, w);
		json_end_array(w);
		break;
	}
}
