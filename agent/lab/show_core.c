// SPDX-License-Identifier: Apache-2.0
/* Memory of chosen processes, and changed code, as rows. */
#include <inttypes.h>

#include "base/buf.h"
#include "lab/escape.h"
#include "lab/show_cell.h"
#include "lab/show_table.h"

static int core_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__ProcessCore *c = m->process_core;
	int r = cell_u32(ret, 7, c->has_pid, c->pid, e);

	(void)i;
	if (r == 0)
		r = cell_seconds(ret, c->has_start_boot_ns, c->start_boot_ns, e);
	if (r == 0)
		r = buf_text(ret, e, "%8zu %8zu %-6s ", c->n_threads,
			c->n_mappings, c->frozen ? "still" : "moving");
	return r < 0 ? r : escape(ret, c->comm.data, c->comm.len, e);
}

static int pages_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__ProcessPages *p = m->process_pages;
	uint64_t bytes[4] = { 0 }; /* by CorePageStatus */
	int r = cell_u32(ret, 7, p->has_pid, p->pid, e);

	(void)i;
	for (size_t k = 0; k < p->n_runs; k++)
		if ((unsigned)p->runs[k]->status < ARRAY_LEN(bytes))
			bytes[p->runs[k]->status] += p->runs[k]->bytes;
	return r < 0 ? r
		     : buf_text(ret, e,
			       "%016" PRIx64 " %12" PRIu64 " %14" PRIu64
			       " %12" PRIu64,
			       p->start, bytes[1], bytes[2], bytes[3]);
}

static int change_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__CodeChange *c = m->code_change;
	int r = cell_u32(ret, 7, c->has_pid, c->pid, e);

	(void)i;
	if (r == 0)
		r = buf_text(ret, e, "%016" PRIx64 " ", c->address);
	if (r == 0)
		r = cell_u32(
			ret, 9, c->has_differing_bytes, c->differing_bytes, e);
	if (r == 0)
		r = buf_text(ret, e, "%#10" PRIx64 " ", c->file_offset);
	return r < 0 || !c->of
		       ? r
		       : escape(ret, c->of->path.data, c->of->path.len, e);
}

const struct show_table show_core_tables[] = {
	{ "core", ICECORE__V1__RECORD__BODY_PROCESS_CORE,
		"    PID        START  THREADS MAPPINGS STOOD  COMM", NULL,
		NULL, core_row },
	{ "pages", ICECORE__V1__RECORD__BODY_PROCESS_PAGES,
		"    PID ADDRESS                  DATA           ZERO      IN-FILE",
		NULL, NULL, pages_row },
	{ "code-change", ICECORE__V1__RECORD__BODY_CODE_CHANGE,
		"    PID ADDRESS          DIFFERING     OFFSET FILE", NULL,
		NULL, change_row },
	{ 0 },
};
