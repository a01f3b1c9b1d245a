// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/kallsyms.h"
#include "kernel/symbols.h"

/* One pass: the scan, and the symbols whose end is still to come. */
struct pass {
	struct symbols *s;
	uint64_t last; /* address of the last line of the kernel itself */
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct symbol *)a)->name,
		((const struct symbol *)b)->name);
}

const struct symbol *symbols_find(const struct symbols *s, const char *name)
{
	struct symbol key = { .name = name };

	return bsearch(&key, s->wanted, s->wanted_n, sizeof(*s->wanted), by_name);
}

uint64_t symbols_address(const struct symbols *s, const char *name)
{
	const struct symbol *found = symbols_find(s, name);

	return found ? found->address : 0;
}

static int see_module(
	struct symbols *s, const struct kallsyms_line *line, struct err *e)
{
	struct symbol_module *m = s->modules;

	/* The symbols of one come together, so it is the last as a rule. */
	for (size_t i = s->modules_n; i-- > 0;) {
		if (strncmp(m[i].name, line->module, sizeof(m[i].name) - 1) != 0)
			continue;
		if (line->address < m[i].low)
			m[i].low = line->address;
		if (line->address > m[i].high)
			m[i].high = line->address;
		return 0;
	}
	if (s->modules_n == SYMBOL_MODULES_MAX)
		return err_set(e, -E2BIG, "more than %d modules have symbols",
			SYMBOL_MODULES_MAX);
	m = &s->modules[s->modules_n++];
	(void)snprintf(m->name, sizeof(m->name), "%s", line->module);
	m->low = m->high = line->address;
	return 0;
}

static int see_line(void *arg, const struct kallsyms_line *line, struct err *e)
{
	struct pass *p = arg;
	struct symbols *s = p->s;
	struct symbol *found;

	s->lines++;
	if (line->address)
		s->hidden = false;
	if (line->module)
		return see_module(s, line, e);
	if (line->address != p->last)
		for (size_t i = 0; i < s->wanted_n; i++)
			if (s->wanted[i].address && !s->wanted[i].end &&
				line->address > s->wanted[i].address)
				s->wanted[i].end = line->address;
	p->last = line->address;
	found = (struct symbol *)(uintptr_t)symbols_find(s, line->name);
	if (found && !found->address)
		found->address = line->address;
	return 0;
}

int symbols_scan(struct symbols *s, const char *path, struct err *e)
{
	struct pass p = { .s = s };
	int r;

	qsort(s->wanted, s->wanted_n, sizeof(*s->wanted), by_name);
	s->modules_n = s->lines = 0;
	s->hidden = true;
	if (!s->modules)
		s->modules = calloc(SYMBOL_MODULES_MAX, sizeof(*s->modules));
	if (!s->modules)
		return err_set(e, -ENOMEM, "no memory for symbols");
	r = kallsyms_each(path, see_line, &p, e);
	return r < 0 ? r : 0;
}

void symbols_done(struct symbols *s)
{
	free(s->modules);
	s->modules = NULL;
	s->modules_n = 0;
}

struct naming {
	struct symbol_at *at;
	size_t n;
};

static int by_address(const void *a, const void *b)
{
	const struct symbol_at *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

/* The first that is not before ${address}. */
static size_t lower_bound(const struct symbol_at *at, size_t n, uint64_t address)
{
	size_t low = 0;

	while (low < n) {
		size_t mid = low + (n - low) / 2;

		if (at[mid].address < address)
			low = mid + 1;
		else
			n = mid;
	}
	return low;
}

/* The nearest behind a symbol takes it; symbols_name() hands it on. */
static int see_near(void *arg, const struct kallsyms_line *line, struct err *e)
{
	const struct naming *n = arg;
	size_t i = lower_bound(n->at, n->n, line->address);
	struct symbol_at *at = &n->at[i];

	(void)e;
	if (i == n->n || !line->address || line->address < at->base ||
		(line->address == at->base && line->type != 'T') ||
		!strchr("tTwW", line->type))
		return 0;
	at->base = line->address;
	(void)snprintf(at->name, sizeof(at->name), "%s", line->name);
	(void)snprintf(at->module, sizeof(at->module), "%s",
		line->module ? line->module : "");
	return 0;
}

int symbols_name(struct symbol_at *at, size_t n, const char *path, struct err *e)
{
	struct naming naming = { at, n };
	int r;

	qsort(at, n, sizeof(*at), by_address);
	r = kallsyms_each(path, see_near, &naming, e);
	for (size_t i = 1; r == 0 && i < n; i++) {
		struct symbol_at keep = at[i];

		if (at[i - 1].base <= keep.base)
			continue;
		at[i] = at[i - 1];
		at[i].address = keep.address;
	}
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (at[i].address - at[i].base <= SYMBOL_FAR_BYTES)
			continue;
		at[i].base = 0;
		at[i].name[0] = at[i].module[0] = 0;
	}
	return r;
}

const struct symbol_at *symbols_named(
	const struct symbol_at *at, size_t n, uint64_t address)
{
	size_t i = lower_bound(at, n, address);

	return i < n && at[i].address == address ? &at[i] : NULL;
}
