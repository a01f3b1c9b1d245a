// SPDX-License-Identifier: Apache-2.0
/* The first page: what was looked at, how far that went, and what was found. */
#include <inttypes.h>

#include "inspect/inspection.h"
#include "inspect/print.h"
#include "kernel/state.h"
#include "symbols/kernel_files.h"

static double mib(uint64_t bytes)
{
	return (double)bytes / (1 << 20);
}

static void tell_memory(const struct captured *c)
{
	const struct ram_totals *ram = ram_totals(c->ram);
	const struct translate *t = &c->translate;

	(void)printf("memory:  %.1f MiB, %.1f MiB of it data",
		mib(ram->known_bytes), mib(ram->data_bytes));
	if (ram->missing_bytes)
		(void)printf(", %.1f MiB missing", mib(ram->missing_bytes));
	if (ram->doubtful_bytes)
		(void)printf(", %.1f MiB of zeros that may be none",
			mib(ram->doubtful_bytes));
	if (ram->unvouched_bytes)
		(void)printf(", %.1f MiB that no signature vouches for",
			mib(ram->unvouched_bytes));
	if (ram->twice_bytes)
		(void)printf(", %.1f MiB told twice", mib(ram->twice_bytes));
	(void)printf("\nkernel:  %s, %s, %u levels of page tables at %#" PRIx64
		     "\n",
		c->files->release[0] ? c->files->release : "?",
		t->kind == TRANSLATE_X86_64 ? "x86-64" : "arm64", t->levels,
		t->root);
}

static void tell_tasks(const struct inspection *in)
{
	const struct tasks *ts = &in->tasks;
	size_t processes = 0, kernel = 0, missing = 0;
	const char *before = "";

	for (size_t i = 0; i < ts->n; i++) {
		processes += ts->v[i].leader && ts->v[i].tid != 0;
		kernel += task_is_kernel(&ts->v[i]) && ts->v[i].tid != 0;
		missing += ts->v[i].missing != 0;
	}
	(void)printf("tasks:   %zu, %zu processes, %zu of them the kernel's; by ",
		ts->n, processes, kernel);
	for (int i = 0; i < TASK_VIEWS; i++) {
		if (!(ts->asked >> i & 1))
			continue;
		(void)printf("%s%s", before, task_view_name(1U << i));
		before = ", ";
	}
	(void)printf("; %zu missing from some\n", missing);
}

static void tell_rest(const struct inspection *in)
{
	const struct kmodules *ms = &in->captured->state->modules;
	const struct snapshot *s = &in->snapshot;
	size_t foreign = 0;

	for (size_t i = 0; i < in->hooks.n; i++)
		foreign += hook_is_foreign(&in->hooks.v[i]);
	(void)printf("modules: %zu\nhooks:   %zu places looked at, %zu call "
		     "foreign code\n",
		ms->n, in->hooks.n, foreign);
	(void)printf("bpf:     %zu programs, maps and links\n", in->objects.n);
	(void)printf("sockets: %zu in %zu network namespaces\n", in->sockets.n,
		in->sockets.namespaces);
	(void)printf("live:    %zu tasks, %zu modules, %zu places and %zu sockets in "
		     "the live picture\n",
		s->tasks_n, s->modules_n, s->hooks_n, s->sockets_n);
}

static int print_everything(const struct print *p, struct err *e)
{
	int (*const all[])(const struct print *, struct err *) = { print_tasks,
		print_modules, print_hooks, print_bpf, print_sockets,
		print_maps, print_smear, print_gaps, print_findings };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(all); i++)
		r = all[i](p, e);
	return r;
}

int print_summary(const struct print *p, struct err *e)
{
	int r;

	if (p->jsonl)
		return print_everything(p, e);
	tell_memory(p->in->captured);
	tell_tasks(p->in);
	tell_rest(p->in);
	r = print_smear(p, e);
	if (r == 0)
		r = print_gaps(p, e);
	if (r < 0)
		return r;
	if (!p->in->verdicts.n) {
		(void)puts("no findings");
		return 0;
	}
	(void)printf("\n%zu findings:\n", p->in->verdicts.n);
	return print_findings(p, e);
}
