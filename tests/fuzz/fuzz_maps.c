// SPDX-License-Identifier: Apache-2.0
/* What is read of any /proc/PID/maps is whole, and the same when it is written
 * again. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>

#include "base/err.h"
#include "live/maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(const struct mapping *m)
{
	AUTO_BUF struct buf b = { 0 };
	struct maps again = { 0 };
	struct err e = { "" };

	buf_init(&b, 1 << 20);
	assert(buf_text(&b, &e, "%llx-%llx %s %llx %x:%x %llu ",
		       (unsigned long long)m->start, (unsigned long long)m->end,
		       m->protection, (unsigned long long)m->offset, m->major,
		       m->minor, (unsigned long long)m->inode) == 0);
	assert(buf_append(&b, m->path, m->path_len, &e) == 0);
	assert(buf_append(&b, "\n", 1, &e) == 0);
	assert(maps_parse(&again, (char *)b.data, b.len, &e) == 0);
	assert(again.n == 1 && again.v[0].start == m->start);
	assert(again.v[0].end == m->end && again.v[0].inode == m->inode);
	assert(again.v[0].flags == m->flags);
	assert(again.v[0].path_len == m->path_len);
	maps_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = malloc(size ? size : 1);
	struct maps ms = { 0 };
	struct err e = { "" };
	int r;

	assert(text);
	memcpy(text, data, size);
	r = maps_parse(&ms, text, size, &e);
	assert(r == 0 || r == 1 || (r == -EBADMSG && e.msg[0]));
	for (size_t i = 0; i < ms.n; i++) {
		assert(ms.v[i].start < ms.v[i].end);
		assert(ms.v[i].path + ms.v[i].path_len <= text + size);
	}
	if (ms.n)
		round_trip(&ms.v[ms.n - 1]);
	(void)maps_changed(data, size);
	maps_done(&ms);
	return 0;
}
