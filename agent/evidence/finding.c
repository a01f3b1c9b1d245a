// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <string.h>

#include "evidence/finding.h"
#include "evidence/record.h"

static void set_ref(Icecore__V1__RecordRef *out, const struct finding_ref *ref)
{
	icecore__v1__record_ref__init(out);
	out->kind = (char *)(uintptr_t)record_kind_name(ref->kind);
	out->has_pid = ref->pid != 0;
	out->pid = ref->pid;
	out->has_tid = ref->tid != 0;
	out->tid = ref->tid;
	out->has_netns = ref->netns != 0;
	out->netns = ref->netns;
	out->has_start_boot_ns = ref->start_boot_ns != 0;
	out->start_boot_ns = ref->start_boot_ns;
	out->has_id = ref->id != 0;
	out->id = ref->id;
	if (!ref->name)
		return;
	out->has_name = 1;
	out->name.len = strlen(ref->name);
	out->name.data = (uint8_t *)(uintptr_t)ref->name;
}

void finding_message(struct finding_message *ret, const struct rule *rule,
	const struct finding_ref *refs, size_t n, const char *detail)
{
	Icecore__V1__Finding *f = &ret->finding;

	assert(n);
	if (n > FINDING_REFS_MAX)
		n = FINDING_REFS_MAX;
	for (size_t i = 0; i < n; i++) {
		set_ref(&ret->refs[i], &refs[i]);
		ret->refs_p[i] = &ret->refs[i];
	}
	icecore__v1__finding__init(f);
	f->rule = (char *)(uintptr_t)rule->id;
	f->has_severity = 1;
	f->severity = rule->severity;
	f->technique = (char *)(uintptr_t)rule->technique;
	f->sentence = (char *)(uintptr_t)rule->sentence;
	if (detail) {
		f->has_detail = 1;
		f->detail.len = strnlen(detail, FINDING_DETAIL_BYTES);
		f->detail.data = (uint8_t *)(uintptr_t)detail;
	}
	f->evidence = ret->refs_p;
	f->n_evidence = n;
}
