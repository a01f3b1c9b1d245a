// SPDX-License-Identifier: Apache-2.0
/* In every form of place an item lies in its line, and lines count up. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>

#include "disk/persist_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *begin, *end;

static int see(void *arg, const struct persist_item *item, struct err *e)
{
	unsigned *last = arg;

	(void)e;
	assert(item->line > *last);
	*last = item->line;
	assert(item->text.len && item->text.p >= begin &&
		item->text.p + item->text.len <= end);
	assert(!memchr(item->text.p, '\n', item->text.len));
	assert(!item->runs.len || (item->runs.p >= item->text.p &&
					  item->runs.p + item->runs.len <=
						  item->text.p + item->text.len));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice all = { (const char *)data, size };

	begin = all.p;
	end = all.p + size;
	for (const struct place *p = place_next(NULL); p; p = place_next(p)) {
		unsigned last = 0;

		assert(persist_parse(p, all, see, &last, NULL) == 0);
	}
	return 0;
}
