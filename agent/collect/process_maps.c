// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>

#include "collect/collector.h"
#include "collect/finding.h"
#include "collect/judge.h"
#include "collect/maps_record.h"
#include "collect/process_maps.h"
#include "collect/witness.h"
#include "live/detail.h"
#include "live/task.h"
#include "live/timed.h"
#include "live/vma_hidden.h"
#include "stream/writer.h"

struct process_maps {
	const struct collect_env *env;
	struct writer *w;
	struct maps_record *record;
	struct witness iterator;
	struct vmas *vmas; /* NULL = it did not answer */
	struct vma_hidden hidden;
};

static void look(struct process_maps *p)
{
	struct witness *w = &p->iterator;

	w->kind = LIVE_BY_ITERATOR;
	if (p->env->leave_out & COLLECT_NO_ITERATOR)
		w->result = err_set(&w->why, -EPERM, "left out");
	else
		w->result = vmas_see(&p->vmas, p->env->live, &w->seen, &w->why);
}

int process_maps_new(struct process_maps **ret, const struct collect_env *env,
	struct writer *w, struct err *e)
{
	struct process_maps *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return err_set(e, -ENOMEM, "no memory for mappings");
	p->env = env;
	p->w = w;
	r = maps_record_new(&p->record, e);
	if (r == 0)
		look(p);
	if (r == 0 && p->iterator.result == -ENOMEM)
		r = err_set(e, -ENOMEM, "%s", p->iterator.why.msg);
	if (r < 0)
		process_maps_free(p);
	else
		*ret = p;
	return r;
}

void process_maps_free(struct process_maps *p)
{
	if (!p)
		return;
	maps_record_free(p->record);
	vmas_free(p->vmas);
	vma_hidden_done(&p->hidden);
	free(p);
}

void process_maps_view(
	const struct process_maps *p, Icecore__V1__WitnessTried *ret)
{
	witness_make(ret, &p->iterator);
}

/* Only what /proc told wholly can lack one. */
static int merge(
	struct process_maps *p, uint32_t pid, struct detail *d, struct err *e)
{
	const struct live_vma *v;
	size_t n = p->vmas ? vmas_of(&v, p->vmas, pid) : 0;
	int r;

	if (!n || !d->maps_told)
		return 0;
	r = vmas_merge(&d->maps, v, n, e);
	return r > 0 ? vma_hidden_note(&p->hidden, pid, &d->maps, e) : r;
}

int process_maps_put(struct process_maps *p, const struct live_task *leader,
	struct detail *d, struct err *e)
{
	const struct maps *m = &d->maps;
	size_t at = 0;
	int r = merge(p, leader->pid, d, e);

	while (r == 0 && at < m->n) {
		Icecore__V1__Record out = ICECORE__V1__RECORD__INIT;

		out.body_case = ICECORE__V1__RECORD__BODY_PROCESS_MAPS;
		out.process_maps = maps_record_make(p->record, leader, m, at);
		at += out.process_maps->n_mappings;
		r = judge_put(p->w, &out, e);
	}
	return r;
}

static int put_finding(struct process_maps *p, const struct live_vma *v,
	size_t n, struct err *e)
{
	struct finding_ref ref = { .kind = ICECORE__V1__RECORD__BODY_PROCESS_MAPS,
		.pid = v->pid,
		.id = v->start };
	char detail[FINDING_DETAIL_BYTES];

	(void)snprintf(detail, sizeof(detail),
		"%zu mappings, the first %llx-%llx", n, v->start, v->end);
	return finding_put(p->w, RULE_MAPPING_HIDDEN, &ref, 1, detail, e);
}

int process_maps_finish(struct process_maps *p, int proc, struct err *e)
{
	const struct vma_hidden *h = &p->hidden;
	struct timed *timed = NULL;
	int r = h->n ? timed_new(&timed, DETAIL_WAIT_NS, e) : 0;

	if (r == 0 && h->n)
		r = vma_hidden_ask(&p->hidden, p->env->live, timed, proc, e);
	timed_free(timed);
	for (size_t i = 0, end; r == 0 && i < h->n; i = end) {
		for (end = i + 1; end < h->n && h->v[end].pid == h->v[i].pid;)
			end++;
		r = put_finding(p, &h->v[i], end - i, e);
	}
	return r;
}
