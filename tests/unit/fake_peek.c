// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "unit/fake_peek.h"

static int fake_read(struct peek *p, void *ret, uint64_t at, size_t len)
{
	const struct fake_peek *f = (struct fake_peek *)p;

	if (at < FAKE_PEEK_BASE || at - FAKE_PEEK_BASE > f->len ||
		len > f->len - (at - FAKE_PEEK_BASE))
		return -EFAULT;
	memcpy(ret, f->data + (at - FAKE_PEEK_BASE), len);
	return 0;
}

static void fake_close(struct peek *p)
{
	(void)p;
}

static const struct peek_ops ops = {
	.name = "fake",
	.read = fake_read,
	.close = fake_close,
};

void fake_peek_init(struct fake_peek *f, const uint8_t *data, size_t len)
{
	*f = (struct fake_peek){ .base.ops = &ops, .data = data, .len = len };
}
