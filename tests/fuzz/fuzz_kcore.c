// SPDX-License-Identifier: Apache-2.0
/* What the parser of kcore's headers accepts is sorted and lies in a file. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <stdint.h>

#include "base/err.h"
#include "memory/kcore_elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_segments(const struct kcore *k)
{
	for (size_t i = 0; i < k->n; i++) {
		const struct kcore_segment *s = &k->segments[i];
		uint64_t last = s->paddr + s->bytes - 1;

		assert(s->bytes && last >= s->paddr);
		assert(s->offset + s->bytes <= INT64_MAX);
		assert(!i || s[-1].paddr + s[-1].bytes <= s->paddr);
		assert(kcore_find(k, s->paddr) == s);
		assert(kcore_find(k, last) == s);
	}
	assert(k->segments[0].paddr == 0 ||
		!kcore_find(k, k->segments[0].paddr - 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_KCORE struct kcore k = { 0 };
	struct err e = { "" };
	size_t need = 0;
	int r = kcore_parse(&k, data, size, &e);

	assert(r == 0 || r == -EBADMSG || r == -ENOENT);
	if (r < 0) {
		assert(!k.segments && e.msg[0]);
		return 0;
	}
	assert(kcore_head_bytes(&need, data, size, &e) == 0);
	assert(need <= size && k.n > 0);
	check_segments(&k);
	return 0;
}
