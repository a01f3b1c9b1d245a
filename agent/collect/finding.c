// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <string.h>

#include "base/err.h"
#include "collect/finding.h"
#include "stream/writer.h"

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

int finding_put_rule(struct writer *w, const struct rule *rule,
	const struct finding_ref *refs, size_t n, const char *detail,
	struct err *e)
{
	Icecore__V1__RecordRef out[FINDING_REFS_MAX], *out_p[FINDING_REFS_MAX];
	Icecore__V1__Finding f = ICECORE__V1__FINDING__INIT;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;

	assert(n);
	if (n > FINDING_REFS_MAX)
		n = FINDING_REFS_MAX;
	for (size_t i = 0; i < n; i++) {
		set_ref(&out[i], &refs[i]);
		out_p[i] = &out[i];
	}
	f.rule = (char *)(uintptr_t)rule->id;
	f.has_severity = 1;
	f.severity = rule->severity;
	f.technique = (char *)(uintptr_t)rule->technique;
	f.sentence = (char *)(uintptr_t)rule->sentence;
	if (detail) {
		f.has_detail = 1;
		f.detail.len = strnlen(detail, FINDING_DETAIL_BYTES);
		f.detail.data = (uint8_t *)(uintptr_t)detail;
	}
	f.evidence = out_p;
	f.n_evidence = n;
	m.body_case = ICECORE__V1__RECORD__BODY_FINDING;
	m.finding = &f;
	return writer_put(w, &(struct record){ .message = &m }, e);
}

int finding_put(struct writer *w, enum rule_id id, const struct finding_ref *refs,
	size_t n, const char *detail, struct err *e)
{
	return finding_put_rule(w, rule_of(id), refs, n, detail, e);
}
