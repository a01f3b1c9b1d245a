// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "inspect/captured.h"
#include "inspect/physical.h"
#include "inspect/space.h"
#include "inspect/task.h"
#include "kernel/layout.h"
#include "kernel/state.h"
#include "kernel/walk.h"

struct space_layout {
	uint32_t tree, root, pgd; /* struct mm_struct */
	uint32_t start, end, flags, offset, file; /* struct vm_area_struct */
};

struct looking {
	const struct captured *c;
	const struct space_layout *l;
	struct space *s;
	size_t at; /* the area that the last page was in, or was before */
	uint64_t *left; /* entries of page tables to look at */
};

static int find_layout(
	struct space_layout *l, const struct captured *c, struct err *e)
{
	const struct layout_want wants[] = {
		{ "mm_struct", "mm_mt", &l->tree },
		{ "maple_tree", "ma_root", &l->root },
		{ "mm_struct", "pgd", &l->pgd },
		{ "vm_area_struct", "vm_start", &l->start },
		{ "vm_area_struct", "vm_end", &l->end },
		{ "vm_area_struct", "vm_flags", &l->flags },
		{ "vm_area_struct", "vm_pgoff", &l->offset },
		{ "vm_area_struct", "vm_file", &l->file },
	};

	return layout_find(captured_layout(c), wants, ARRAY_LEN(wants), e);
}

static int add_area(struct space *s, const struct space_area *a, struct err *e)
{
	if (s->areas_n == SPACE_AREAS_MAX) {
		s->lost++;
		return 0;
	}
	if ((s->areas_n & (s->areas_n - 1)) == 0) {
		struct space_area *v = reallocarray(
			s->areas, s->areas_n ? 2 * s->areas_n : 1, sizeof(*v));

		if (!v)
			return err_set(e, -ENOMEM, "no memory for areas");
		s->areas = v;
	}
	s->areas[s->areas_n++] = *a;
	return 0;
}

static int see_area(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	struct looking *k = arg;
	struct space *s = k->s;
	struct peek *p = &k->c->peek->base;
	struct space_area a = { 0 };
	uint64_t flags = 0;

	(void)index;
	if (peek_u64(p, &a.start, at + k->l->start) < 0 ||
		peek_u64(p, &a.end, at + k->l->end) < 0 ||
		peek_u64(p, &flags, at + k->l->flags) < 0 ||
		peek_u64(p, &a.offset, at + k->l->offset) < 0 ||
		peek_u64(p, &a.file, at + k->l->file) < 0)
		return err_set(
			e, -EFAULT, "no area at %#llx", (unsigned long long)at);
	/* Torn, or not one: they lie one behind the other. */
	if (a.start >= a.end ||
		(s->areas_n && a.start < s->areas[s->areas_n - 1].end))
		return err_set(e, -EBADMSG, "an area from %#llx to %#llx",
			(unsigned long long)a.start, (unsigned long long)a.end);
	a.flags = (uint32_t)flags;
	a.offset <<= k->c->translate.page_shift;
	return add_area(s, &a, e);
}

static void add_stray(struct space *s, uint64_t vaddr, const struct translated *at)
{
	struct space_stray *last =
		s->strays_n ? &s->strays[s->strays_n - 1] : NULL;

	s->stray_bytes += at->page_bytes;
	if (last && last->start + last->bytes == vaddr &&
		last->executable == at->executable)
		last->bytes += at->page_bytes;
	else if (s->strays_n < SPACE_STRAYS_MAX)
		s->strays[s->strays_n++] = (struct space_stray){ vaddr,
			at->page_bytes, at->executable };
}

static int see_page(
	void *arg, uint64_t vaddr, const struct translated *at, struct err *e)
{
	struct looking *k = arg;
	struct physical *m = k->c->translate.memory;
	struct space *s = k->s;
	uint64_t first, last;

	(void)e;
	if (!at->user)
		return 0;
	while (k->at < s->areas_n && s->areas[k->at].end <= vaddr)
		k->at++;
	if (k->at == s->areas_n ||
		vaddr + at->page_bytes <= s->areas[k->at].start) {
		add_stray(s, vaddr, at);
		return 0;
	}
	s->areas[k->at].resident_bytes += at->page_bytes;
	if (m->when(m, &first, &last, at->paddr) < 0)
		s->areas[k->at].missing_bytes += at->page_bytes;
	return 0;
}

/* What cannot be looked at is said in ->why; only -ENOMEM ends all. */
static int look(struct looking *k, struct err *e)
{
	const struct translate *t = &k->c->translate;
	struct peek *p = &k->c->peek->base;
	uint64_t pgd = 0, mm = k->s->task->mm;
	struct translated root = { 0 };
	int r = walk_maple(
		p, mm + k->l->tree, k->l->root, see_area, k, &k->s->why);

	if (r == 0 && (peek_u64(p, &pgd, mm + k->l->pgd) < 0 ||
			      translate_at(t, &root, t->root, pgd) < 0))
		r = err_set(&k->s->why, -EFAULT, "no page tables");
	if (r == 0)
		k->s->root = root.paddr;
	if (r == 0)
		r = translate_each(
			t, root.paddr, k->left, see_page, k, &k->s->why);
	if (r > 0)
		k->s->missing_tables = r;
	return r == -ENOMEM ? err_set(e, r, "%s", k->s->why.msg) : 0;
}

int spaces_each(const struct captured *c, const struct tasks *ts, uint64_t pid,
	space_see *see, void *arg, struct err *e)
{
	struct space_layout l = { 0 };
	uint64_t left = SPACE_ENTRIES_MAX;
	int r = find_layout(&l, c, e);

	peek_image_begin(c->peek, SUBJECT_MAPS);
	for (size_t i = 0; r == 0 && i < ts->n; i++) {
		const struct task *t = &ts->v[i];
		AUTO_FREE struct space *s = NULL;
		struct looking k = { c, &l, NULL, 0, &left };

		if (!t->mm || !t->leader || (pid && t->pid != pid))
			continue;
		s = calloc(1, sizeof(*s));
		if (!s)
			return err_set(e, -ENOMEM, "no memory for a process");
		s->task = t;
		k.s = s;
		r = look(&k, e);
		if (r == 0)
			r = see(arg, s, e);
		free(s->areas);
	}
	peek_image_begin(c->peek, SUBJECT_KERNEL);
	return r;
}
