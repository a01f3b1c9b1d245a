// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "kernel/peek.h"

enum { TEXT_STEP_BYTES = 32, PAGE_BYTES = 4096 };

void peek_close(struct peek *p)
{
	if (p)
		p->ops->close(p);
}

int peek_read(struct peek *p, void *ret, uint64_t at, size_t len)
{
	if (at >> 63 == 0 || at + len < at)
		return -EFAULT;
	p->reads++;
	return p->ops->read(p, ret, at, len);
}

int peek_u64(struct peek *p, uint64_t *ret, uint64_t at)
{
	uint64_t v;
	int r = peek_read(p, &v, at, sizeof(v));

	if (r == 0)
		*ret = v;
	return r;
}

int peek_u32(struct peek *p, uint32_t *ret, uint64_t at)
{
	uint32_t v;
	int r = peek_read(p, &v, at, sizeof(v));

	if (r == 0)
		*ret = v;
	return r;
}

int peek_text(struct peek *p, char *ret, size_t cap, uint64_t at)
{
	size_t len = 0;

	memset(ret, 0, cap);
	while (len + 1 < cap) {
		size_t step = TEXT_STEP_BYTES;
		size_t page = PAGE_BYTES - (at + len) % PAGE_BYTES;
		int r;

		/* The page behind the text may not be there. */
		step = step < page ? step : page;
		step = step < cap - 1 - len ? step : cap - 1 - len;
		r = peek_read(p, ret + len, at + len, step);
		if (r < 0)
			return r;
		if (memchr(ret + len, 0, step))
			return 0;
		len += step;
	}
	return 0;
}
