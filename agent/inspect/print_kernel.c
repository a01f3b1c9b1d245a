// SPDX-License-Identifier: Apache-2.0
/* Modules, hooks and findings, as icelab show prints those of records. */
#include "inspect/inspection.h"
#include "inspect/print.h"
#include "kernel/message.h"
#include "kernel/state.h"
#include "lab/show_table.h"

static void begin_table(const struct print *p, const char *kind)
{
	print_header(p, show_table_find(kind)->header);
}

int print_modules(const struct print *p, struct err *e)
{
	const struct kmodules *ms = &p->in->captured->state->modules;
	int r = 0;

	begin_table(p, "module");
	for (size_t i = 0; r == 0 && i < ms->n; i++) {
		Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
		struct kmodule_message out;

		kmodule_message(&out, &ms->v[i], ms->asked);
		m.body_case = ICECORE__V1__RECORD__BODY_KERNEL_MODULE;
		m.kernel_module = &out.module;
		r = print_record(p, "module", &m, e);
	}
	return r;
}

int print_hooks(const struct print *p, struct err *e)
{
	const struct hooks *hs = &p->in->hooks;
	int r = 0;

	begin_table(p, "hook");
	for (size_t i = 0; r == 0 && i < hs->n; i++) {
		Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
		Icecore__V1__KernelHook out;

		hook_message(&out, &hs->v[i]);
		m.body_case = ICECORE__V1__RECORD__BODY_KERNEL_HOOK;
		m.kernel_hook = &out;
		r = print_record(p, "hook", &m, e);
	}
	return r;
}

int print_bpf(const struct print *p, struct err *e)
{
	const struct bpf_objects *os = &p->in->objects;
	int r = 0;

	begin_table(p, "bpf");
	for (size_t i = 0; r == 0 && i < os->n; i++) {
		Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
		Icecore__V1__BpfObject out;

		bpf_object_message(&out, &os->v[i], os->asked);
		m.body_case = ICECORE__V1__RECORD__BODY_BPF_OBJECT;
		m.bpf_object = &out;
		r = print_record(p, "bpf", &m, e);
	}
	return r;
}

static int print_verdict(
	const struct print *p, const struct verdict *v, struct err *e)
{
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	struct finding_message out;
	struct finding_ref ref = v->ref;

	ref.name = v->name[0] ? v->name : NULL;
	finding_message(&out, v->rule, &ref, 1, v->detail);
	m.body_case = ICECORE__V1__RECORD__BODY_FINDING;
	m.finding = &out.finding;
	return print_record(p, "finding", &m, e);
}

/* The worst first. */
int print_findings(const struct print *p, struct err *e)
{
	const struct verdicts *vs = &p->in->verdicts;
	int r = 0;

	begin_table(p, "finding");
	for (int s = ICECORE__V1__SEVERITY__SEVERITY_CRITICAL; s > 0; s--)
		for (size_t i = 0; r == 0 && i < vs->n; i++)
			if ((int)vs->v[i].rule->severity == s &&
				(!p->pid || p->pid == vs->v[i].ref.pid))
				r = print_verdict(p, &vs->v[i], e);
	return r;
}
