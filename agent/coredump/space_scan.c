// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <linux/types.h>
#include <sys/ioctl.h>

#include "base/err.h"
#include "base/io.h"
#include "coredump/space_internal.h"
#include "live/maps.h"

/* Of linux/fs.h since 6.7: 52526ca7fdb9 ("fs/proc/task_mmu: implement IOCTL to
 * get and optionally clear info about PTEs"). */
struct scan_region {
	__u64 start;
	__u64 end;
	__u64 categories;
};

struct scan_arg {
	__u64 size;
	__u64 flags;
	__u64 start;
	__u64 end;
	__u64 walk_end;
	__u64 vec;
	__u64 vec_len;
	__u64 max_pages;
	__u64 category_inverted;
	__u64 category_mask;
	__u64 category_anyof_mask;
	__u64 return_mask;
};

#define SCAN _IOWR('f', 16, struct scan_arg)

enum { SCAN_PRESENT = 1 << 3, SCAN_SWAPPED = 1 << 4 };

static bool is_named(const struct mapping *m, const char *name)
{
	return m->path_len == strlen(name) &&
	       memcmp(m->path, name, m->path_len) == 0;
}

static bool begins(const struct mapping *m, const char *text)
{
	return m->path_len >= strlen(text) &&
	       memcmp(m->path, text, strlen(text)) == 0;
}

bool space_is_left_out(const struct mapping *m)
{
	return is_named(m, "[vvar]") || is_named(m, "[vvar_vclock]") ||
	       is_named(m, "[vsyscall]");
}

/* /dev/zero and /dev/shm are memory. */
static bool is_device(const struct mapping *m)
{
	return m->inode && begins(m, "/dev/") && !begins(m, "/dev/shm/") &&
	       !begins(m, "/dev/zero");
}

/* What the kernel maps of its own, such as [vdso]: a page that was not touched
 * yet is not zero. */
static bool is_special(const struct mapping *m)
{
	return begins(m, "[") && !is_named(m, "[heap]") &&
	       !begins(m, "[stack") && !begins(m, "[anon");
}

/*
 * The first pages from ${from} on that are there, up to ${end}, by one call:
 * 0, 1 when there are none, -ENOTTY, or -ESRCH when the process is gone.
 */
static int find_by_scan(
	struct space *s, uint64_t from, uint64_t end, struct scan_region *ret)
{
	struct scan_arg arg = { .size = sizeof(arg),
		.start = from,
		.end = end,
		.vec = (__u64)(uintptr_t)ret,
		.vec_len = 1,
		.category_anyof_mask = SCAN_PRESENT | SCAN_SWAPPED,
		.return_mask = SCAN_PRESENT };
	int n = ioctl(s->pagemap, SCAN, &arg);

	if (n < 0)
		return errno == ESRCH ? -ESRCH : -ENOTTY;
	return n == 0;
}

static bool is_there(uint64_t entry)
{
	return entry & (SPACE_ENTRY_PRESENT | SPACE_ENTRY_SWAPPED);
}

/* The same by looking at the entry of each page; -EFBIG past the limit. */
static int find_by_entries(
	struct space *s, uint64_t from, uint64_t end, struct scan_region *ret)
{
	uint64_t at = from;
	bool found = false;

	while (at < end) {
		uint64_t left = (end - at) / s->page_bytes;
		size_t n = left < SPACE_ENTRIES ? (size_t)left : SPACE_ENTRIES;
		ssize_t got =
			io_pread(s->pagemap, s->entries, n * SPACE_ENTRY_BYTES,
				at / s->page_bytes * SPACE_ENTRY_BYTES, NULL);

		if (s->scanned >= SPACE_SCAN_PAGES_MAX)
			return -EFBIG;
		/* What has no memory any more has no zeros either. */
		if (got < SPACE_ENTRY_BYTES)
			return -ESRCH;
		n = (size_t)got / SPACE_ENTRY_BYTES;
		s->scanned += n;
		for (size_t i = 0; i < n; i++, at += s->page_bytes) {
			if (is_there(s->entries[i]) == found)
				continue;
			if (found) {
				ret->end = at;
				return 0;
			}
			found = true;
			ret->start = at;
		}
	}
	ret->end = at;
	return found ? 0 : 1;
}

static int find(
	struct space *s, uint64_t from, uint64_t end, struct scan_region *ret)
{
	int r = s->no_scan ? -ENOTTY : find_by_scan(s, from, end, ret);

	s->no_scan = r == -ENOTTY;
	return s->no_scan ? find_by_entries(s, from, end, ret) : r;
}

int space_scan(struct space *s, struct space_run *ret, const struct mapping *m,
	uint64_t address, struct err *e)
{
	struct scan_region there = { 0 };
	int r;

	*ret = (struct space_run){ .end = m->end, .status = SPACE_DEVICE };
	if (address < m->start || address >= m->end)
		return err_set(e, -EINVAL, "an address out of its mapping");
	if (is_device(m))
		return 0;
	if (is_special(m)) {
		ret->status = 0;
		return 0;
	}
	r = find(s, address, m->end, &there);
	if (r == -ESRCH)
		return err_set(e, r, "it ended meanwhile");
	if (r < 0) {
		ret->status = SPACE_UNSCANNED;
		return 0;
	}
	ret->status = m->inode ? SPACE_IN_FILE : SPACE_ZERO;
	if (r == 0 && there.start > address)
		ret->end = there.start;
	else if (r == 0) {
		ret->end = there.end;
		ret->status = 0;
	}
	return 0;
}
