// SPDX-License-Identifier: Apache-2.0
/* What the parser of /proc/iomem accepts is sorted, disjoint and whole. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <stdint.h>

#include "base/err.h"
#include "memory/iomem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same ranges as /proc/iomem writes them give the same ranges again. */
static void round_trip(const struct ranges *rs)
{
	AUTO_RANGES struct ranges again = { 0 };
	AUTO_FREE char *text = NULL;
	size_t len = 0, cap = rs->n * 64 + 1;
	struct err e;

	text = malloc(cap);
	assert(text);
	for (size_t i = 0; i < rs->n; i++)
		len += (size_t)snprintf(text + len, cap - len,
			"%llx-%llx : System RAM\n",
			(unsigned long long)rs->v[i].start,
			(unsigned long long)rs->v[i].end - 1);
	assert(ranges_parse_iomem(&again, text, &e) == 0);
	assert(again.n == rs->n);
	for (size_t i = 0; i < rs->n; i++)
		assert(again.v[i].start == rs->v[i].start &&
			again.v[i].end == rs->v[i].end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_RANGES struct ranges rs = { 0 };
	AUTO_FREE char *text = malloc(size + 1);
	struct err e = { "" };
	int r;

	assert(text);
	memcpy(text, data, size);
	text[size] = 0;
	r = ranges_parse_iomem(&rs, text, &e);
	assert(r == 0 || r == -EPERM || r == -EBADMSG || r == -ENOENT);
	assert(r == 0 || (!rs.v && e.msg[0]));
	for (size_t i = 0; i < rs.n; i++) {
		assert(rs.v[i].start < rs.v[i].end);
		assert(!i || rs.v[i - 1].end < rs.v[i].start);
	}
	/* A lone [0, 1) would be taken for a hidden address. */
	if (r == 0)
		round_trip(&rs);
	return 0;
}
