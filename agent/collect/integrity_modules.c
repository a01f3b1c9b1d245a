// SPDX-License-Identifier: Apache-2.0
/* Modules: a record for each, and a finding where a view lacks one. */
#include <errno.h>

#include "base/buf.h"
#include "base/err.h"
#include "collect/finding.h"
#include "collect/integrity_internal.h"
#include "kernel/message.h"
#include "kernel/state.h"
#include "stream/writer.h"

static int put_module(
	struct integrity *it, const struct kmodule *m, struct err *e)
{
	struct kmodule_message out;
	Icecore__V1__Record record = ICECORE__V1__RECORD__INIT;

	kmodule_message(&out, m, it->state->modules.asked);
	record.body_case = ICECORE__V1__RECORD__BODY_KERNEL_MODULE;
	record.kernel_module = &out.module;
	return writer_put(it->w, &(struct record){ .message = &record }, e);
}

static int judge(struct integrity *it, const struct kmodule *m, struct err *e)
{
	struct finding_ref ref = {
		.kind = ICECORE__V1__RECORD__BODY_KERNEL_MODULE,
		.name = m->name,
		.id = m->at,
	};
	char detail[FINDING_DETAIL_BYTES] = "";

	if (!m->missing)
		return 0;
	kmodule_describe(detail, sizeof(detail), m);
	return finding_put(it->w,
		m->views == KMODULE_BY_KALLSYMS ? RULE_MODULE_ONLY_IN_KALLSYMS
						: RULE_MODULE_HIDDEN,
		&ref, 1, detail, e);
}

static int put_gaps(struct integrity *it, struct err *e)
{
	const struct kmodules *ms = &it->state->modules;
	struct err why = { 0 };
	int r = 0;

	for (unsigned i = 0; r == 0 && i < KMODULE_VIEWS; i++) {
		char what[64];

		/* Where the kernel's memory is closed, that is said once. */
		if (!ms->why[i].msg[0] || ms->asked >> i & 1 ||
			(!it->state->peek &&
				(1U << i) & (KMODULE_BY_KERNEL | KMODULE_BY_VMAP)))
			continue;
		(void)snprintf(what, sizeof(what), "modules by %s",
			kmodule_view_name(1U << i));
		r = integrity_gap(it, what, ms->why[i].msg, e);
	}
	if (r < 0 || !ms->lost)
		return r;
	(void)err_set(&why, -E2BIG, "%llu past %d modules",
		(unsigned long long)ms->lost, KMODULES_MAX);
	return integrity_gap(it, "modules", why.msg, e);
}

int integrity_modules(struct integrity *it, struct err *e)
{
	const struct kmodules *ms = &it->state->modules;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ms->n; i++) {
		r = put_module(it, &ms->v[i], e);
		if (r == 0)
			r = judge(it, &ms->v[i], e);
	}
	return r < 0 ? r : put_gaps(it, e);
}
