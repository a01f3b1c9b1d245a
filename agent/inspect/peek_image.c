// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "inspect/peek_image.h"
#include "inspect/physical.h"
#include "inspect/translate.h"

enum { PAGE_BYTES = 4096 }; /* the smallest page of any machine */

const char *subject_name(enum subject subject)
{
	static const char *const names[SUBJECTS] = { "kernel", "tasks",
		"modules", "hooks", "sockets", "maps" };

	return names[subject];
}

static void note_gap(struct peek_image *p, uint64_t vaddr, uint64_t paddr)
{
	p->windows[p->subject].missing++;
	if (p->gaps_n++ < PEEK_IMAGE_GAPS_MAX)
		p->gaps[p->gaps_n - 1] =
			(struct peek_gap){ p->subject, vaddr, paddr };
}

static void note_time(struct peek_image *p, uint64_t paddr)
{
	struct peek_window *w = &p->windows[p->subject];
	uint64_t first, last;

	w->pages++;
	if (!p->memory->when ||
		p->memory->when(p->memory, &first, &last, paddr) < 0)
		return;
	if (!w->first_ns || first < w->first_ns)
		w->first_ns = first;
	if (last > w->last_ns)
		w->last_ns = last;
}

/* Where the page at ${page} is. */
static int find_page(struct peek_image *p, uint64_t *ret, uint64_t page)
{
	size_t slot = page / PAGE_BYTES % PEEK_IMAGE_PAGES;
	struct translated at;
	int r;

	if (p->pages[slot].page == (page | 1)) {
		*ret = p->pages[slot].paddr;
		return 0;
	}
	r = translate_at(p->translate, &at, p->translate->root, page);
	if (r == -ENODATA || r == -EIO)
		note_gap(p, page, 0);
	else if (r < 0)
		p->windows[p->subject].unmapped++;
	if (r < 0)
		return r;
	note_time(p, at.paddr);
	p->pages[slot].page = page | 1;
	p->pages[slot].paddr = *ret = at.paddr;
	return 0;
}

static int image_read(struct peek *base, void *ret, uint64_t at, size_t len)
{
	struct peek_image *p = (struct peek_image *)(void *)base;

	if (p->windows[p->subject].reads++ >= PEEK_IMAGE_READS_MAX)
		return -EFAULT;
	for (size_t done = 0, step; done < len; done += step) {
		uint64_t here = at + done, page = here & ~(PAGE_BYTES - 1ULL);
		uint64_t paddr = 0;

		step = PAGE_BYTES - (size_t)(here - page);
		step = len - done < step ? len - done : step;
		if (find_page(p, &paddr, page) < 0)
			return -EFAULT;
		paddr += here - page;
		if (p->memory->read(p->memory, (uint8_t *)ret + done, paddr,
			    step) < 0) {
			note_gap(p, here, paddr);
			return -EFAULT;
		}
	}
	return 0;
}

static void image_close(struct peek *base)
{
	free(base);
}

static const struct peek_ops ops = {
	.name = "image",
	.read = image_read,
	.close = image_close,
};

int peek_image_new(struct peek_image **ret, struct physical *memory,
	const struct translate *translate, struct err *e)
{
	struct peek_image *p = calloc(1, sizeof(*p));

	if (!p)
		return err_set(e, -ENOMEM, "no memory to peek with");
	p->base.ops = &ops;
	p->memory = memory;
	p->translate = translate;
	*ret = p;
	return 0;
}

void peek_image_begin(struct peek_image *p, enum subject subject)
{
	p->subject = subject;
	memset(p->pages, 0, sizeof(p->pages));
}
