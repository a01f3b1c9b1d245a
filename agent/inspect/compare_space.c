// SPDX-License-Identifier: Apache-2.0
/*
 * The executable memory of processes against the live picture.  A process may
 * map more at any time, so what is new is told as little; pages that no mapping
 * tells of are not made by anything that is allowed to.
 */
#include "inspect/captured.h"
#include "inspect/compare.h"
#include "inspect/file_path.h"
#include "inspect/inspection.h"
#include "inspect/space.h"

static int find(struct verdicts *vs, const struct space *s, enum rule_id rule,
	uint64_t start, uint64_t end, const char *what, struct err *e)
{
	const struct finding_ref ref = {
		.kind = ICECORE__V1__RECORD__BODY_PROCESS_MAPS,
		.pid = s->task->pid,
		.start_boot_ns = s->task->start_boot_ns,
		.id = start,
		.name = s->task->comm,
	};

	return verdicts_add(vs, rule_of(rule), &ref, e, "%.15s: %#llx-%#llx%s%s",
		s->task->comm, (unsigned long long)start,
		(unsigned long long)end, what[0] ? " " : "", what);
}

int compare_space(struct verdicts *vs, const struct captured *c,
	const struct space *s, const struct snapshot *live, struct err *e)
{
	bool compares =
		snapshot_task(live, s->task->pid, s->task->start_boot_ns) &&
		snapshot_has_mappings(live, s->task->pid) &&
		s->task->pid != live->own_pid;
	int r = 0;

	for (size_t i = 0; compares && r == 0 && i < s->areas_n; i++) {
		const struct space_area *a = &s->areas[i];
		char path[FINDING_DETAIL_BYTES / 2] = "of no file";

		if (!(a->flags & AREA_EXEC) || !a->resident_bytes ||
			snapshot_mapping(live, s->task->pid, a->start))
			continue;
		if (a->file && file_path(path, sizeof(path), c, a->file) < 0)
			path[0] = 0;
		r = find(vs, s, RULE_MAPPING_HIDDEN_FROM_SNAPSHOT, a->start,
			a->end, path, e);
	}
	/* Of what could not be walked any page may seem to be nobody's. */
	for (size_t i = 0;
		!s->why.msg[0] && !s->lost && r == 0 && i < s->strays_n; i++)
		if (s->strays[i].executable)
			r = find(vs, s, RULE_PAGES_IN_NO_MAPPING,
				s->strays[i].start,
				s->strays[i].start + s->strays[i].bytes, "", e);
	return r;
}
