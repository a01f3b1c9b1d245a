// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "kernel/state.h"
#include "unit/fake_kernel.h"

struct fake_kernel fake_kernel;

int kstate_open(struct kstate **ret, unsigned without, struct err *e)
{
	struct kstate *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(e, -ENOMEM, "no memory for a state");
	(void)err_set(&s->peek_why[PEEK_BPF], -EPERM, "without %u", without);
	(void)err_set(&s->peek_why[PEEK_KCORE], -EPERM, "kcore refuses");
	(void)err_set(&s->layout_why, -ENOENT, "no types");
	fake_kernel.open++;
	*ret = s;
	return 0;
}

void kstate_close(struct kstate *s)
{
	if (!s)
		return;
	fake_kernel.open--;
	kmodules_done(&s->modules);
	free(s);
}

int kstate_modules(struct kstate *s, struct err *e)
{
	struct kmodules *ms = &s->modules;
	int r = kmodules_init(ms, e);

	if (r < 0)
		return r;
	ms->asked = fake_kernel.modules_asked;
	for (; ms->n < fake_kernel.modules_n; ms->n++)
		ms->v[ms->n] = fake_kernel.modules[ms->n];
	(void)kmodules_compare(ms, NULL);
	return 0;
}

int bpf_objects_see(struct bpf_objects *os, struct kstate *state, struct err *e)
{
	(void)state;
	*os = (struct bpf_objects){ .asked = fake_kernel.objects_asked };
	if (!fake_kernel.objects_n)
		return 0;
	os->v = calloc(fake_kernel.objects_n, sizeof(*os->v));
	if (!os->v)
		return err_set(e, -ENOMEM, "no memory for objects");
	for (; os->n < fake_kernel.objects_n; os->n++)
		os->v[os->n] = fake_kernel.objects[os->n];
	return 0;
}

void bpf_objects_done(struct bpf_objects *os)
{
	free(os->v);
	*os = (struct bpf_objects){ 0 };
}
