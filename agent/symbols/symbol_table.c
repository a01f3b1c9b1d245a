// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/kallsyms.h"
#include "symbols/symbol_table.h"

struct loading {
	struct symbol_table *t;
	size_t cap;
	struct buf names;
};

static int grow(struct loading *l, struct err *e)
{
	size_t cap = l->cap ? 2 * l->cap : 4096;
	struct table_symbol *v = reallocarray(l->t->v, cap, sizeof(*v));

	if (!v)
		return err_set(e, -ENOMEM, "no memory for symbols");
	l->t->v = v;
	l->cap = cap;
	return 0;
}

static int see(void *arg, const struct kallsyms_line *line, struct err *e)
{
	struct loading *l = arg;
	struct symbol_table *t = l->t;
	int r = 0;

	if (line->module)
		return 0;
	if (t->n == SYMBOL_TABLE_MAX)
		return err_set(
			e, -E2BIG, "more than %d symbols", SYMBOL_TABLE_MAX);
	if (t->n == l->cap)
		r = grow(l, e);
	if (r < 0)
		return r;
	t->v[t->n++] = (struct table_symbol){
		.address = line->address,
		.name = (uint32_t)l->names.len,
	};
	return buf_append(&l->names, line->name, strlen(line->name) + 1, e);
}

static int by_address(const void *a, const void *b)
{
	const struct table_symbol *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

static int by_name(const void *a, const void *b, void *names)
{
	const struct table_symbol *x = a, *y = b;
	int r = strcmp((char *)names + x->name, (char *)names + y->name);

	return r ? r : x->address < y->address ? -1 : x->address > y->address;
}

static void measure(struct symbol_table *t)
{
	uint64_t next = 0;

	qsort(t->v, t->n, sizeof(*t->v), by_address);
	for (size_t i = t->n; i-- > 0;) {
		if (i + 1 < t->n && t->v[i + 1].address != t->v[i].address)
			next = t->v[i + 1].address;
		t->v[i].room_bytes = next ? next - t->v[i].address : 0;
	}
}

static void each_once(struct symbol_table *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (n && strcmp(t->names + t->v[n - 1].name,
				 t->names + t->v[i].name) == 0)
			t->v[n - 1].ambiguous = true;
		else
			t->v[n++] = t->v[i];
	}
	t->n = n;
}

int symbol_table_load(struct symbol_table *t, const char *path, struct err *e)
{
	struct loading l = { .t = t };
	int r;

	*t = (struct symbol_table){ 0 };
	buf_init(&l.names, SYMBOL_TABLE_NAME_BYTES);
	r = kallsyms_each(path, see, &l, e);
	t->names = (char *)l.names.data;
	if (r < 0) {
		symbol_table_done(t);
		return r;
	}
	measure(t);
	if (t->n)
		qsort_r(t->v, t->n, sizeof(*t->v), by_name, t->names);
	each_once(t);
	return 0;
}

void symbol_table_done(struct symbol_table *t)
{
	free(t->v);
	free(t->names);
	*t = (struct symbol_table){ 0 };
}

const struct table_symbol *symbol_table_find(
	const struct symbol_table *t, const char *name)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = strcmp(t->names + t->v[mid].name, name);

		if (c == 0)
			return &t->v[mid];
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}
