// SPDX-License-Identifier: Apache-2.0
/* Modules: a record for each, and a finding where a view lacks one. */
#include <errno.h>

#include "base/buf.h"
#include "base/err.h"
#include "collect/finding.h"
#include "collect/integrity_internal.h"
#include "kernel/state.h"
#include "stream/writer.h"

static void set_text(protobuf_c_boolean *has, ProtobufCBinaryData *ret,
	const void *text, size_t len)
{
	*has = len != 0;
	ret->data = (uint8_t *)(uintptr_t)text;
	ret->len = len;
}

static int put_module(
	struct integrity *it, const struct kmodule *m, struct err *e)
{
	Icecore__V1__KernelModulePart parts[KMODULE_PARTS_MAX],
		*parts_p[KMODULE_PARTS_MAX];
	Icecore__V1__KernelModule out = ICECORE__V1__KERNEL_MODULE__INIT;
	Icecore__V1__Record record = ICECORE__V1__RECORD__INIT;

	set_text(&out.has_name, &out.name, m->name, strlen(m->name));
	set_text(&out.has_state, &out.state, m->state, strlen(m->state));
	set_text(&out.has_taints, &out.taints, m->taints, strlen(m->taints));
	set_text(&out.has_srcversion, &out.srcversion, m->version,
		strlen(m->version));
	set_text(&out.has_build_id, &out.build_id, m->build_id, m->build_id_len);
	out.has_seen_by = out.has_asked = 1;
	out.seen_by = m->views;
	out.asked = it->state->modules.asked;
	out.has_address = m->at != 0;
	out.address = m->at;
	out.has_bytes = m->bytes != 0;
	out.bytes = m->bytes;
	out.has_references = m->references >= 0;
	out.references = (uint32_t)m->references;
	out.parts = parts_p;
	for (int i = 0; i < KMODULE_PARTS_MAX; i++) {
		Icecore__V1__KernelModulePart *part = &parts[out.n_parts];

		if (!m->parts[i].start || !m->parts[i].bytes)
			continue;
		icecore__v1__kernel_module_part__init(part);
		part->has_start = part->has_bytes = 1;
		part->start = m->parts[i].start;
		part->bytes = m->parts[i].bytes;
		parts_p[out.n_parts++] = part;
	}
	record.body_case = ICECORE__V1__RECORD__BODY_KERNEL_MODULE;
	record.kernel_module = &out;
	return writer_put(it->w, &(struct record){ .message = &record }, e);
}

/* "told by list, tree; not by proc, sysfs" */
static void describe(char *ret, size_t cap, unsigned views, unsigned missing)
{
	const unsigned sets[] = { views, missing };
	size_t len = 0;

	for (int s = 0; s < 2; s++) {
		const char *before = s ? "; not by " : "told by ";

		for (unsigned i = 0; i < KMODULE_VIEWS && len < cap; i++) {
			if (!(sets[s] >> i & 1))
				continue;
			len += (size_t)snprintf(ret + len, cap - len, "%s%s",
				before, kmodule_view_name(1U << i));
			before = ", ";
		}
	}
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
	describe(detail, sizeof(detail), m->views, m->missing);
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
