#include "regulation/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"

enum { TEXT_MAX_BYTES = 600, ARENA_BYTES = 2 * 1024 * 1024 };

struct pack_faults {
	struct arena *arena;
	size_t n;
	size_t left_out;
	struct pack_fault list[PACK_FAULTS_MAX];
};

struct pack_faults *
pack_faults_open(void)
{
	struct pack_faults *f = mem_alloc(1, sizeof(*f));
	if (f == NULL)
		return NULL;
	f->arena = arena_open(ARENA_BYTES);
	if (f->arena == NULL) {
		mem_free(f);
		return NULL;
	}
	return f;
}

void
pack_faults_close(struct pack_faults *f)
{
	if (f == NULL)
		return;
	arena_close(f->arena);
	mem_free(f);
}

static bool
is_known(const struct pack_faults *f, const char *file, int line,
    const char *text)
{
	for (size_t i = f->n; i-- > 0;) {
		const struct pack_fault *had = &f->list[i];
		if (had->line == line && strcmp(had->text, text) == 0 &&
		    strcmp(had->file, file) == 0)
			return true;
	}
	return false;
}

bool
pack_fault_add(struct pack_faults *f, const char *file, int line,
    const char *fmt, ...)
{
	char text[TEXT_MAX_BYTES];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (is_known(f, file, line, text))
		return false;
	if (f->n == PACK_FAULTS_MAX) {
		f->left_out++;
		return false;
	}
	struct slice own_file = arena_copy(f->arena, slice_of(file));
	struct slice own_text = arena_copy(f->arena, slice_of(text));
	if (own_file.p == NULL || own_text.p == NULL) {
		f->left_out++;
		return false;
	}
	f->list[f->n++] = (struct pack_fault){own_file.p, line, own_text.p};
	return false;
}

size_t
pack_faults_count(const struct pack_faults *f)
{
	return f->n;
}

size_t
pack_faults_left_out(const struct pack_faults *f)
{
	return f->left_out;
}

const struct pack_fault *
pack_fault_at(const struct pack_faults *f, size_t i)
{
	return i < f->n ? &f->list[i] : NULL;
}

/* Position of the first fault of the same file, which orders the files. */
static size_t
first_of_file(const struct pack_faults *f, size_t from, const char *file)
{
	for (size_t i = from; i < f->n; i++) {
		if (strcmp(f->list[i].file, file) == 0)
			return i;
	}
	return f->n;
}

void
pack_faults_sort(struct pack_faults *f, size_t from)
{
	struct pack_fault sorted[PACK_FAULTS_MAX];
	size_t n = 0;
	for (size_t i = from; i < f->n; i++) {
		if (first_of_file(f, from, f->list[i].file) != i)
			continue;
		size_t start = n;
		for (size_t j = i; j < f->n; j++) {
			struct pack_fault fault = f->list[j];
			if (strcmp(fault.file, f->list[i].file) != 0)
				continue;
			size_t k = n++;
			for (; k > start && sorted[k - 1].line > fault.line;
			     k--)
				sorted[k] = sorted[k - 1];
			sorted[k] = fault;
		}
	}
	if (n > 0)
		memcpy(&f->list[from], sorted, n * sizeof(sorted[0]));
}
