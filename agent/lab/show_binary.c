// SPDX-License-Identifier: Apache-2.0
/* Captured binaries as rows. */
#include "base/buf.h"
#include "lab/escape.h"
#include "lab/show_cell.h"
#include "lab/show_table.h"

enum { SHA256_SHOWN = 8 };

static const char *kind_of(const Icecore__V1__Binary *b)
{
	if (b->elf)
		return "elf";
	return b->has_script ? "script" : "-";
}

static const char *content_of(const Icecore__V1__Binary *b)
{
	static const char *const names[] = { "-", "whole", "cut", "none" };

	return b->has_content && (unsigned)b->content < ARRAY_LEN(names)
		       ? names[b->content]
		       : "-";
}

/* "memfd(80) packed(30) " */
static int put_reasons(
	struct buf *ret, const Icecore__V1__Binary *b, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->n_reasons; i++) {
		const Icecore__V1__BinaryReason *v = b->reasons[i];

		r = buf_text(ret, e, " ");
		if (r == 0 && v->rule)
			r = escape(ret, (const uint8_t *)v->rule,
				strlen(v->rule), e);
		if (r == 0)
			r = buf_text(ret, e, "(%u)", v->weight);
	}
	return r;
}

static int binary_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__Binary *b = m->binary;
	int r = cell_u32(ret, 5, b->has_score, b->score, e);

	(void)i;
	if (r == 0)
		r = cell_string(ret, kind_of(b), 6, e);
	if (r == 0)
		r = cell_u64(ret, 12, b->has_size_bytes, b->size_bytes, e);
	if (r == 0)
		r = cell_string(ret, content_of(b), 7, e);
	for (size_t k = 0; r == 0 && k < SHA256_SHOWN; k++)
		r = k < b->sha256.len
			    ? buf_text(ret, e, "%02x", b->sha256.data[k])
			    : buf_text(ret, e, "--");
	if (r == 0)
		r = buf_text(ret, e, " ");
	if (r == 0)
		r = cell_u32(ret, 6, b->n_uses && b->uses[0]->has_pid,
			b->n_uses ? b->uses[0]->pid : 0, e);
	if (r == 0)
		r = cell_string(ret, b->package, 20, e);
	if (r == 0 && b->n_paths)
		r = escape(ret, b->paths[0].data, b->paths[0].len, e);
	return r < 0 ? r : put_reasons(ret, b, e);
}

const struct show_table show_binary_tables[] = {
	{ "binary", ICECORE__V1__RECORD__BODY_BINARY,
		"SCORE KIND           SIZE CONTENT SHA256              PID PACKAGE              PATH AND REASONS",
		NULL, NULL, binary_row },
	{ 0 },
};
