// SPDX-License-Identifier: Apache-2.0
/* BPF objects: a record for each, and findings of those that somebody hides, or
 * that do what a rootkit needs. */
#include <errno.h>

#include "base/err.h"
#include "collect/finding.h"
#include "collect/integrity_internal.h"
#include "kernel/bpf_object.h"
#include "kernel/message.h"
#include "kernel/state.h"
#include "stream/writer.h"

static int put_object(struct integrity *it, const struct bpf_objects *os,
	const struct bpf_object *o, struct err *e)
{
	Icecore__V1__BpfObject out;
	Icecore__V1__Record record = ICECORE__V1__RECORD__INIT;

	bpf_object_message(&out, o, os->asked);
	record.body_case = ICECORE__V1__RECORD__BODY_BPF_OBJECT;
	record.bpf_object = &out;
	return writer_put(it->w, &(struct record){ .message = &record }, e);
}

static int judge(struct integrity *it, const struct bpf_object *o, struct err *e)
{
	static const struct {
		unsigned helper;
		enum rule_id rule;
	} rules[] = {
		{ BPF_OBJECT_WRITES_USER, RULE_BPF_WRITES_USER_MEMORY },
		{ BPF_OBJECT_OVERRIDES_RETURN, RULE_BPF_OVERRIDES_RETURN },
	};
	static const char *const kinds[] = { "", "program", "map", "link" };
	struct finding_ref ref = {
		.kind = ICECORE__V1__RECORD__BODY_BPF_OBJECT,
		.id = o->id,
		.pid = o->owners_n ? o->owners[0] : 0,
		.name = o->name,
	};
	unsigned missing = o->missing;
	char detail[FINDING_DETAIL_BYTES];
	int r = 0;

	(void)snprintf(detail, sizeof(detail), "%s %u '%.16s'%s",
		kinds[o->kind], o->id, o->name,
		missing & BPF_OBJECT_BY_SYSCALL ? " is in the kernel's table alone"
		: missing ? " is not in the kernel's table"
			  : "");
	if (missing)
		r = finding_put(it->w, RULE_BPF_HIDDEN, &ref, 1, detail, e);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(rules); i++)
		if (o->helpers & rules[i].helper)
			r = finding_put(it->w, rules[i].rule, &ref, 1, detail, e);
	return r;
}

static int put_gaps(
	struct integrity *it, const struct bpf_objects *os, struct err *e)
{
	struct err why = { 0 };
	int r = 0;

	if (!(os->asked & BPF_OBJECT_BY_SYSCALL))
		r = integrity_gap(it, "BPF objects by bpf(2)", os->why[0].msg, e);
	if (r == 0 && !(os->asked & BPF_OBJECT_BY_IDR) && it->state->peek)
		r = integrity_gap(it, "BPF objects by the kernel's tables",
			os->why[1].msg, e);
	if (r == 0 && !(os->asked & BPF_OBJECT_BY_FDINFO))
		r = integrity_gap(
			it, "owners of BPF objects", os->fdinfo_why.msg, e);
	if (r < 0 || !os->lost)
		return r;
	(void)err_set(&why, -E2BIG, "%llu past %d",
		(unsigned long long)os->lost, BPF_OBJECTS_MAX);
	return integrity_gap(it, "BPF objects", why.msg, e);
}

int integrity_bpf(struct integrity *it, struct err *e)
{
	struct bpf_objects os = { 0 };
	int r = bpf_objects_see(&os, it->state, e);

	for (size_t i = 0; r == 0 && i < os.n; i++) {
		r = put_object(it, &os, &os.v[i], e);
		if (r == 0)
			r = judge(it, &os.v[i], e);
	}
	if (r == 0)
		r = put_gaps(it, &os, e);
	bpf_objects_done(&os);
	return r;
}
