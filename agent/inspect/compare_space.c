// SPDX-License-Identifier: Apache-2.0
/*
 * The executable memory of processes against the live picture.  A process may
 * map more at any time, so what is new is told as little; pages that no mapping
 * tells of are not made by anything that is allowed to.  Page tables and mappings
 * are read at different times, though: what came, went or was unmapped between
 * the two only looks like it.
 */
#include "inspect/captured.h"
#include "inspect/compare.h"
#include "inspect/file_path.h"
#include "inspect/inspection.h"
#include "inspect/space.h"
#include "inspect/task.h"

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

/* Whether its pages and its mappings can be of one time. */
static bool lived_throughout(const struct space *s, const struct snapshot *live)
{
	return s->task->pid != live->own_pid && !task_is_ending(s->task) &&
	       (!live->tasks_n || snapshot_task(live, s->task->pid,
					  s->task->start_boot_ns));
}

/* Of what could not be walked any page may seem to be nobody's. */
static bool judges_strays(const struct space *s, const struct snapshot *live)
{
	return !s->why.msg[0] && !s->lost && lived_throughout(s, live);
}

int compare_space(struct verdicts *vs, const struct captured *c,
	const struct space *s, const struct snapshot *live, struct err *e)
{
	bool compares = live->tasks_n && lived_throughout(s, live) &&
			snapshot_has_mappings(live, s->task->pid);
	size_t strays_n = judges_strays(s, live) ? s->strays_n : 0;
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
	for (size_t i = 0; r == 0 && i < strays_n; i++) {
		const struct space_stray *y = &s->strays[i];

		/* The live picture told of it: unmapped meanwhile. */
		if (y->executable &&
			!snapshot_mapping(live, s->task->pid, y->start))
			r = find(vs, s, RULE_PAGES_IN_NO_MAPPING, y->start,
				y->start + y->bytes, "", e);
	}
	return r;
}
