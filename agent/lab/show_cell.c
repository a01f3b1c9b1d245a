// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "icecore/v1/record.pb-c.h"
#include "lab/escape.h"
#include "lab/show_cell.h"

int cell_u64(struct buf *ret, int width, int has, uint64_t v, struct err *e)
{
	return has ? buf_text(ret, e, "%*" PRIu64 " ", width, v)
		   : buf_text(ret, e, "%*s ", width, "-");
}

int cell_u32(struct buf *ret, int width, int has, uint32_t v, struct err *e)
{
	return cell_u64(ret, width, has, v, e);
}

/* Fill the cell that began at ${from}, and a blank. */
static int pad(struct buf *ret, size_t from, size_t width, struct err *e)
{
	size_t used = ret->len - from;

	return buf_text(
		ret, e, "%*s ", used < width ? (int)(width - used) : 0, "");
}

int cell_bytes(struct buf *ret, const ProtobufCBinaryData *b, size_t width,
	struct err *e)
{
	size_t from = ret->len;
	int r = escape(ret, b->data, b->len, e);

	return r < 0 ? r : pad(ret, from, width, e);
}

int cell_string(struct buf *ret, const char *s, size_t width, struct err *e)
{
	ProtobufCBinaryData b = { .data = (uint8_t *)(uintptr_t)(s ? s : "-") };

	b.len = strlen((const char *)b.data);
	return cell_bytes(ret, &b, width, e);
}

int cell_flags(struct buf *ret, uint64_t flags, const char *const *names,
	size_t n, size_t width, struct err *e)
{
	size_t from = ret->len;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		if (flags >> i & 1)
			r = buf_text(ret, e, "%s%s", ret->len > from ? "," : "",
				names[i]);
	return r < 0 ? r : pad(ret, from, width, e);
}

int cell_seen(struct buf *ret, uint32_t seen_by, struct err *e)
{
	return buf_text(ret, e, "%c%c   ",
		seen_by & ICECORE__V1__WITNESS__WITNESS_ITERATOR ? 'i' : '-',
		seen_by & ICECORE__V1__WITNESS__WITNESS_PROC ? 'p' : '-');
}

int cell_seconds(struct buf *ret, int has, uint64_t ns, struct err *e)
{
	return has ? buf_text(ret, e, "%10.2f ", (double)ns / 1e9)
		   : buf_text(ret, e, "%10s ", "-");
}
