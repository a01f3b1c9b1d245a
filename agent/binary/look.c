// SPDX-License-Identifier: Apache-2.0
#include <elf.h>
#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "binary/look.h"
#include "binary/reasons.h"
#include "binary/regular.h"
#include "binary/slow.h"

enum { HEAD_BYTES = 512 };

/* Where to read. */
struct from {
	struct slow *slow;
	int fd;
};

static ssize_t read_slowly(
	void *arg, void *buf, size_t len, uint64_t offset, struct err *e)
{
	const struct from *f = arg;
	size_t done = 0;

	while (done < len) {
		/* A direct read begins at a block. */
		uint64_t at = offset + done;
		uint64_t begin = at - at % REGULAR_ALIGN_BYTES;
		const uint8_t *p;
		size_t some;
		ssize_t n = slow_read(
			f->slow, &p, f->fd, begin, SLOW_PIECE_BYTES, e);

		if (n < 0)
			return n;
		if ((uint64_t)n <= at - begin)
			break;
		some = (size_t)n - (size_t)(at - begin);
		if (some > len - done)
			some = len - done;
		memcpy((uint8_t *)buf + done, p + (at - begin), some);
		done += some;
	}
	return (ssize_t)done;
}

static void look_at_inode(struct look *l, int fd)
{
	struct statfs fs;
	ssize_t n = fgetxattr(fd, "security.capability", l->capability,
		sizeof(l->capability));

	l->capability_len = n > 0 ? (size_t)n : 0;
	l->tmpfs = fstatfs(fd, &fs) == 0 &&
		   ((unsigned)fs.f_type == TMPFS_MAGIC ||
			   (unsigned)fs.f_type == RAMFS_MAGIC);
}

static void want_parts(struct look *l)
{
	const struct elf_traits *t = &l->elf;

	for (size_t i = 0; i < t->segments_n; i++) {
		const struct elf_region *g = &t->segments[i];

		l->segments[i] = g->type == PT_LOAD
					 ? measure_part(l->measure, g->offset,
						   g->file_bytes)
					 : -1;
	}
	for (size_t i = 0; i < t->sections_n; i++)
		l->sections[i] = measure_part(l->measure, t->sections[i].offset,
			t->sections[i].file_bytes);
}

/* What has to be known before the bytes pass. */
static int look_at_head(struct look *l, struct from *from, struct err *e)
{
	char head[HEAD_BYTES];
	struct stat st;
	ssize_t n;
	int r = slow_stat(from->slow, from->fd, &st, e);

	if (r < 0)
		return r;
	n = read_slowly(from, head, sizeof(head), 0, e);
	if (n < 0)
		return (int)n;
	l->is_script = script_read(&l->script, head, (size_t)n);
	r = elf_traits_read(&l->elf, (uint64_t)st.st_size, read_slowly, from, e);
	if (r < 0)
		return r;
	l->is_elf = r == 0;
	r = measure_new(&l->measure, (uint64_t)st.st_size, e);
	if (r == 0 && l->is_elf)
		want_parts(l);
	return r;
}

static int see_bytes(
	void *arg, uint64_t offset, const uint8_t *p, size_t len, struct err *e)
{
	const struct look *l = arg;

	(void)e;
	measure_see(l->measure, offset, p, len);
	return 0;
}

int look_at(struct look *ret, struct slow *slow, int held,
	const atomic_bool *interrupted, struct err *e)
{
	struct content_config config = { .slow = slow,
		.see = see_bytes,
		.arg = ret,
		.interrupted = interrupted };
	struct from from = { slow, -1 };
	int r;

	*ret = (struct look){ .read = false };
	from.fd = content_open(slow, held, &ret->why);
	r = from.fd < 0 ? from.fd : 0;
	if (r == 0) {
		look_at_inode(ret, from.fd);
		r = look_at_head(ret, &from, &ret->why);
		(void)close(from.fd);
	}
	if (r == 0)
		r = content_read(&ret->content, held, &config, &ret->why);
	ret->read = r == 0;
	return r == -ENOMEM ? err_set(e, r, "%s", ret->why.msg) : 0;
}

void look_done(struct look *l)
{
	if (l->is_elf)
		elf_traits_done(&l->elf);
	measure_free(l->measure);
	l->is_elf = false;
	l->measure = NULL;
}

int look_entropy(const struct look *l)
{
	int highest = -1;

	for (size_t i = 0; l->read && l->is_elf && i < l->elf.segments_n; i++) {
		int v = measure_entropy(l->measure, l->segments[i]);

		if (l->elf.segments[i].file_bytes >= REASONS_PACKED_BYTES &&
			v > highest)
			highest = v;
	}
	return highest;
}
