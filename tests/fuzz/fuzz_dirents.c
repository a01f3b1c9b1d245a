// SPDX-License-Identifier: Apache-2.0
/* What the reader of directories makes of any buffer. */
#undef NDEBUG
#include <assert.h>

#include "base/dirents.h"
#include "base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	const uint8_t *data;
	size_t size;
	uint64_t shown;
	uint64_t hidden;
};

static int see(void *arg, const struct dirents_entry *entry, struct err *e)
{
	struct sum *s = arg;
	const uint8_t *name = (const uint8_t *)entry->name;

	(void)e;
	assert(name >= s->data && name + entry->len < s->data + s->size);
	assert(entry->len && name[entry->len] == 0);
	if (entry->hidden)
		s->hidden++;
	else
		s->shown++;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sum s = { .data = data, .size = size };
	struct dirents_seen seen = { 0 };
	struct err e = { "" };

	assert(dirents_parse(&seen, data, size, see, &s, &e) == 0);
	assert(seen.entries == s.shown && seen.hidden == s.hidden);
	assert(!seen.hidden || seen.odd & DIRENTS_ODD_LENGTH);
	assert(!seen.odd == !seen.proof_len);
	return 0;
}
