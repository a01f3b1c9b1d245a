// SPDX-License-Identifier: Apache-2.0
/* The memory of processes, a row for each area. */
#include <inttypes.h>

#include "base/buf.h"
#include "icecore/v1/inspect.pb-c.h"
#include "inspect/file_path.h"
#include "inspect/inspection.h"
#include "inspect/print.h"
#include "inspect/space.h"
#include "lab/show_cell.h"

enum { PATH_CHARS = 1024, AREA_ROW_BYTES = 16 << 10 };

static int print_row(const struct print *p, const Icecore__V1__MemoryMapping *m,
	struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	int r = 0;

	buf_init(&b, AREA_ROW_BYTES);
	if (!p->jsonl) {
		r = buf_text(&b, e,
			"%7" PRIu32 " %012" PRIx64 "-%012" PRIx64
			" %-5s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " ",
			m->pid, m->start, m->end, m->protection,
			(m->end - m->start) >> 10, m->resident_bytes >> 10,
			m->missing_bytes >> 10);
		if (r == 0 && m->stray)
			r = buf_text(&b, e, "in no mapping");
		else if (r == 0 && m->has_path)
			r = cell_bytes(&b, &m->path, 0, e);
	}
	return r < 0 ? r : print_line(p, "mapping", &m->base, &b, e);
}

static void begin(Icecore__V1__MemoryMapping *m, const struct task *t,
	uint64_t start, uint64_t end)
{
	icecore__v1__memory_mapping__init(m);
	m->has_pid = m->has_comm = m->has_start = m->has_end = 1;
	m->has_resident_bytes = 1;
	m->pid = t->pid;
	m->comm.data = (uint8_t *)(uintptr_t)t->comm;
	m->comm.len = strlen(t->comm);
	m->start = start;
	m->end = end;
}

static int print_area(const struct print *p, const struct space *s,
	const struct space_area *a, struct err *e)
{
	Icecore__V1__MemoryMapping m;
	char path[PATH_CHARS], protection[] = "---p";

	begin(&m, s->task, a->start, a->end);
	for (int i = 0; i < 3; i++)
		if (a->flags >> i & 1)
			protection[i] = "rwx"[i];
	if (a->flags & AREA_SHARED)
		protection[3] = 's';
	m.protection = protection;
	m.has_offset = a->file != 0;
	m.offset = a->offset;
	m.has_path = a->file && file_path(path, sizeof(path), p->in->captured,
					a->file) == 0;
	m.path.data = (uint8_t *)path;
	m.path.len = m.has_path ? strlen(path) : 0;
	m.resident_bytes = a->resident_bytes;
	m.has_missing_bytes = 1;
	m.missing_bytes = a->missing_bytes;
	return print_row(p, &m, e);
}

static int print_stray(const struct print *p, const struct space *s,
	const struct space_stray *a, struct err *e)
{
	Icecore__V1__MemoryMapping m;
	char protection[] = "r--p";

	begin(&m, s->task, a->start, a->start + a->bytes);
	if (a->executable)
		protection[2] = 'x';
	m.protection = protection;
	m.resident_bytes = a->bytes;
	m.has_stray = m.stray = 1;
	return print_row(p, &m, e);
}

static int print_one(void *arg, const struct space *s, struct err *e)
{
	const struct print *p = arg;
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->areas_n; i++)
		r = print_area(p, s, &s->areas[i], e);
	for (size_t i = 0; r == 0 && i < s->strays_n; i++)
		r = print_stray(p, s, &s->strays[i], e);
	return r;
}

int print_maps(const struct print *p, struct err *e)
{
	print_header(p,
		"    PID START        END          PROT         KiB   RESIDENT    MISSING PATH");
	return spaces_each(p->in->captured, &p->in->tasks, p->pid, print_one,
		(void *)(uintptr_t)p, e);
}
