// SPDX-License-Identifier: Apache-2.0
/* Findings as rows. */
#include <inttypes.h>

#include "base/buf.h"
#include "lab/show_cell.h"
#include "lab/show_table.h"

static const char *severity_name(const Icecore__V1__Finding *f)
{
	static const char *const names[] = { "-", "info", "low", "medium",
		"high", "critical" };

	return f->has_severity && (unsigned)f->severity < ARRAY_LEN(names)
		       ? names[f->severity]
		       : "-";
}

/* "process 42", "module evil", "socket 0x1234": what tells the record. */
static int put_ref(
	struct buf *ret, const Icecore__V1__RecordRef *ref, struct err *e)
{
	int r = cell_string(ret, ref->kind, 0, e);

	if (r == 0 && ref->has_pid)
		r = cell_u32(ret, 0, 1, ref->pid, e);
	if (r == 0 && ref->has_tid)
		r = buf_text(ret, e, "tid %" PRIu32 " ", ref->tid);
	if (r == 0 && ref->has_id)
		r = buf_text(ret, e, "0x%" PRIx64 " ", ref->id);
	if (r == 0 && ref->has_name)
		r = cell_bytes(ret, &ref->name, 0, e);
	return r;
}

static int finding_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__Finding *f = m->finding;
	int r = cell_string(ret, severity_name(f), 8, e);

	(void)i;
	if (r == 0)
		r = cell_string(ret, f->technique, 9, e);
	if (r == 0)
		r = cell_string(ret, f->rule, 32, e);
	if (r == 0)
		r = cell_string(ret, f->sentence, 0, e);
	if (r == 0 && f->has_detail)
		r = buf_text(ret, e, "(");
	if (r == 0 && f->has_detail)
		r = cell_bytes(ret, &f->detail, 0, e);
	if (r == 0 && f->has_detail) {
		ret->len--; /* the blank of the cell */
		r = buf_text(ret, e, ") ");
	}
	if (r == 0)
		r = buf_text(ret, e, "<- ");
	for (size_t n = 0; r == 0 && n < f->n_evidence; n++)
		r = put_ref(ret, f->evidence[n], e);
	return r;
}

const struct show_table show_finding_tables[] = {
	{ "finding", ICECORE__V1__RECORD__BODY_FINDING,
		"SEVERITY TECHNIQUE RULE                             WHAT <- RECORDS",
		NULL, NULL, finding_row },
	{ 0 },
};
