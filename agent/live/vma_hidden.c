// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "live/timed.h"
#include "live/vma_hidden.h"

enum { STEP = 64, NAME_CHARS = 32 };

void vma_hidden_done(struct vma_hidden *h)
{
	free(h->v);
	*h = (struct vma_hidden){ 0 };
}

static int keep(struct vma_hidden *h, const struct live_vma *v, struct err *e)
{
	if (h->n == VMA_HIDDEN_MAX)
		return 0;
	if (h->n == h->cap) {
		struct live_vma *more =
			reallocarray(h->v, h->cap + STEP, sizeof(*more));

		if (!more)
			return err_set(e, -ENOMEM, "no memory for mappings");
		h->v = more;
		h->cap += STEP;
	}
	h->v[h->n++] = *v;
	return 0;
}

int vma_hidden_note(struct vma_hidden *h, uint32_t pid, const struct maps *maps,
	struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < maps->n; i++) {
		const struct mapping *m = &maps->v[i];
		struct live_vma v = {
			.pid = pid, .start = m->start, .end = m->end
		};

		if (m->seen_by == LIVE_BY_ITERATOR)
			r = keep(h, &v, e);
	}
	return r;
}

/* Of one process: what both say now. */
static int look(struct maps *maps, struct buf *text, const struct vmas *vmas,
	uint32_t pid, struct timed *timed, int proc, struct err *e)
{
	const struct live_vma *v;
	size_t n = vmas_of(&v, vmas, pid);
	char name[NAME_CHARS];
	int r;

	text->len = 0;
	maps->n = 0;
	(void)snprintf(name, sizeof(name), "%u/maps", pid);
	r = timed_read(timed, proc, name, 0, text, e);
	if (r == 0)
		r = maps_parse(maps, (const char *)text->data, text->len, e);
	/* What was not told wholly says nothing of what is missing. */
	if (r != 0 || !maps->n) {
		maps->n = 0;
		return r == -ENOMEM ? r : 0;
	}
	r = vmas_merge(maps, v, n, e);
	return r < 0 ? r : 0;
}

static bool is_hidden(const struct maps *maps, const struct live_vma *v)
{
	for (size_t i = 0; i < maps->n; i++)
		if (maps->v[i].start == v->start && maps->v[i].end == v->end)
			return maps->v[i].seen_by == LIVE_BY_ITERATOR;
	return false;
}

static int ask_once(struct vma_hidden *h, const struct vmas *vmas,
	struct timed *timed, int proc, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	struct maps maps = { 0 };
	size_t kept = 0;
	uint32_t last = 0;
	int r = 0;

	buf_init(&text, MAPS_TEXT_BYTES);
	for (size_t i = 0; r == 0 && i < h->n; i++) {
		if (h->v[i].pid != last)
			r = look(&maps, &text, vmas, h->v[i].pid, timed, proc, e);
		last = h->v[i].pid;
		if (r == 0 && is_hidden(&maps, &h->v[i]))
			h->v[kept++] = h->v[i];
	}
	h->n = kept;
	maps_done(&maps);
	return r;
}

int vma_hidden_ask(struct vma_hidden *h, const struct live_config *config,
	struct timed *timed, int proc, struct err *e)
{
	for (int i = 0; h->n && i < VMA_HIDDEN_ROUNDS; i++) {
		struct vmas *vmas = NULL;
		struct live_seen seen;
		int r = vmas_see(&vmas, config, &seen, e);

		if (r < 0)
			h->n = 0;
		if (r == 0)
			r = ask_once(h, vmas, timed, proc, e);
		vmas_free(vmas);
		if (r == -ENOMEM)
			return r;
	}
	return 0;
}
