// SPDX-License-Identifier: Apache-2.0
/*
 * BPF objects against the live picture.  Their numbers go up, of each kind
 * apart: what has a smaller one than the live picture tells was there then.
 */
#include "base/err.h"
#include "inspect/compare.h"
#include "inspect/snapshot.h"
#include "kernel/bpf_object.h"

static const char *const kinds[] = { "", "program", "map", "link" };

static bool is_older(const struct snapshot *s, const struct bpf_object *o)
{
	uint32_t last = 0;

	for (size_t i = 0; i < s->objects_n; i++)
		if (s->objects[i].kind == o->kind && s->objects[i].id > last)
			last = s->objects[i].id;
	return o->id < last;
}

int compare_bpf(struct verdicts *vs, const struct bpf_objects *os,
	const struct snapshot *s, struct err *e)
{
	int r = 0;

	for (size_t i = 0; s->objects_n && r == 0 && i < os->n; i++) {
		const struct bpf_object *o = &os->v[i];
		const struct finding_ref ref = {
			.kind = ICECORE__V1__RECORD__BODY_BPF_OBJECT,
			.id = o->id,
			.name = o->name,
		};

		if (!snapshot_object(s, o->kind, o->id) && is_older(s, o))
			r = verdicts_add(vs, rule_of(RULE_BPF_HIDDEN), &ref, e,
				"%s %u '%.16s' is in the kernel's table in memory alone",
				kinds[o->kind], o->id, o->name);
	}
	return r;
}
