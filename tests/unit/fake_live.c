// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "live/vma.h"
#include "unit/fake_live.h"

struct fake_live fake_live = { .refuses = FAKE_LIVE_REFUSES };

struct live_source {
	enum live_witness witness;
};

int live_open(struct live_source **ret, enum live_witness witness,
	const struct live_config *config, struct err *e)
{
	struct live_source *s;

	(void)config;
	if (fake_live.refuses & witness)
		return err_set(e, -EPERM, "witness %d refuses", witness);
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(e, -ENOMEM, "no memory for a witness");
	s->witness = witness;
	fake_live.open++;
	*ret = s;
	return 0;
}

void live_close(struct live_source *s)
{
	if (s)
		fake_live.open--;
	free(s);
}

int live_see_tasks(struct live_source *s, struct live_tasks *into,
	struct live_seen *seen, struct err *e)
{
	const struct live_task *v = fake_live.proc;
	size_t n = fake_live.proc_n;
	int r = 0;

	if (s->witness == LIVE_BY_ITERATOR) {
		v = fake_live.iterator;
		n = fake_live.iterator_n;
	}
	*seen = (struct live_seen){ .tasks = n };
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct live_task t = v[i];

		t.seen_by = s->witness;
		r = live_tasks_see(into, &t, e);
	}
	if (n) {
		seen->first_ns = v[0].seen_ns;
		seen->last_ns = v[n - 1].seen_ns;
	}
	return r;
}

struct vmas {
	size_t n;
};

int vmas_see(struct vmas **ret, const struct live_config *config,
	struct live_seen *seen, struct err *e)
{
	struct vmas *v;

	(void)config;
	if (!fake_live.vmas)
		return err_set(e, -EPERM, "mappings refuse");
	v = calloc(1, sizeof(*v));
	if (!v)
		return err_set(e, -ENOMEM, "no memory for mappings");
	v->n = fake_live.vmas_n;
	*seen = (struct live_seen){ .tasks = fake_live.vmas_n };
	fake_live.open++;
	*ret = v;
	return 0;
}

void vmas_free(struct vmas *v)
{
	if (v)
		fake_live.open--;
	free(v);
}

/* All are of one process. */
size_t vmas_of(const struct live_vma **ret, const struct vmas *v, uint32_t pid)
{
	*ret = fake_live.vmas;
	return pid == fake_live.vmas[0].pid ? v->n : 0;
}
