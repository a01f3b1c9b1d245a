// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>

#include "base/err.h"
#include "base/io.h"
#include "memory/kcore_elf.h"
#include "memory/lockdown.h"
#include "memory/pageflag.h"
#include "memory/source_internal.h"

static const char kcore_path[] = "/proc/kcore";

struct kcore_source {
	struct source base;
	struct kcore kcore;
	int fd;
	int flags_fd; /* -1 = not known */
	uint8_t ehdr[KCORE_EHDR_BYTES];
};

static int read_head(int fd, uint8_t *to, size_t len, struct err *e)
{
	ssize_t n = io_pread(fd, to, len, 0, e);

	if (n < 0)
		return err_wrap(e, (int)n, "%s", kcore_path);
	if ((size_t)n < len)
		return err_set(e, -EBADMSG, "%s: cut off at %zd", kcore_path, n);
	return 0;
}

static int parse(struct kcore_source *k, struct err *e)
{
	AUTO_FREE uint8_t *head = NULL;
	size_t len;
	int r = read_head(k->fd, k->ehdr, sizeof(k->ehdr), e);

	if (r < 0)
		return r;
	r = kcore_head_bytes(&len, k->ehdr, sizeof(k->ehdr), e);
	if (r < 0)
		return r;
	head = malloc(len);
	if (!head)
		return err_set(e, -ENOMEM, "no memory for headers");
	r = read_head(k->fd, head, len, e);
	if (r < 0)
		return r;
	return kcore_parse(&k->kcore, head, len, e);
}

static int kcore_open(struct source *s, struct err *e)
{
	struct kcore_source *k = (struct kcore_source *)s;

	k->flags_fd = -1;
	k->fd = io_open(AT_FDCWD, kcore_path, O_RDONLY, 0, e);
	if (k->fd == -ENOENT)
		return err_set(e, -ENOENT,
			"the kernel has no %s (CONFIG_PROC_KCORE)", kcore_path);
	if (k->fd == -EPERM && lockdown_level() == LOCKDOWN_CONFIDENTIALITY)
		return err_set(e, -EPERM,
			"kernel lockdown is confidentiality, which closes %s",
			kcore_path);
	if (k->fd == -EPERM || k->fd == -EACCES)
		return err_set(e, k->fd,
			"no permission to read %s (needs root and CAP_SYS_RAWIO)",
			kcore_path);
	if (k->fd < 0)
		return k->fd;
	k->flags_fd = pageflags_open("/proc/kpageflags");
	return parse(k, e);
}

static void kcore_close(struct source *s)
{
	struct kcore_source *k = (struct kcore_source *)s;

	if (k->fd >= 0)
		(void)close(k->fd);
	if (k->flags_fd >= 0)
		(void)close(k->flags_fd);
	kcore_done(&k->kcore);
}

/*
 * Reads by one descriptor all go through its one bounce buffer
 * (file->private_data in fs/proc/kcore.c), without a lock, so two threads
 * would get each other's pages.
 */
static int kcore_reader_open(
	struct source_reader *r, unsigned index, struct err *e)
{
	r->fd = io_open(AT_FDCWD, kcore_path, O_RDONLY, 0, e);
	if (r->fd < 0)
		return r->fd;
	return source_buffer_open(r, index, e);
}

/*
 * The offsets move when memory that is plugged in makes the headers longer
 * (kcore_update_ram() in fs/proc/kcore.c); their length follows from e_phnum.
 */
static int check_layout(const struct source_reader *r, struct err *e)
{
	const struct kcore_source *k = (struct kcore_source *)r->source;
	uint8_t ehdr[KCORE_EHDR_BYTES];
	int result = read_head(r->fd, ehdr, sizeof(ehdr), e);

	if (result == 0 && memcmp(ehdr, k->ehdr, sizeof(ehdr)) != 0)
		result = err_set(e, -ESTALE,
			"the layout of %s changed (memory was hot-plugged)",
			kcore_path);
	return result;
}

/* Eight words at a time: most pages that are not zero say so at once. */
static int is_zero(const uint8_t *p, size_t len)
{
	uint64_t w[8];

	for (; len >= sizeof(w); p += sizeof(w), len -= sizeof(w)) {
		memcpy(w, p, sizeof(w));
		if (w[0] | w[1] | w[2] | w[3] | w[4] | w[5] | w[6] | w[7])
			return 0;
	}
	for (; len; p++, len--)
		if (*p)
			return 0;
	return 1;
}

/* The bytes of page ${i} that were asked for are zeros. */
static int is_zero_page(
	const struct source_reader *r, size_t i, uint64_t paddr, uint64_t end)
{
	uint64_t from = r->base + i * SOURCE_PAGE_BYTES;
	uint64_t to = from + SOURCE_PAGE_BYTES;

	from = from < paddr ? paddr : from;
	to = to > end ? end : to;
	return is_zero(r->data + (from - r->base), (size_t)(to - from));
}

/*
 * kcore writes zeros for what it will not or cannot read.  They are the page's
 * own where it was free, or a page of zeros, before and after; such a page
 * stays data and need not be looked at.
 */
static void judge_zeros(struct source_reader *r, const uint64_t *before,
	uint64_t paddr, size_t len)
{
	const struct kcore_source *k = (struct kcore_source *)r->source;
	uint64_t after[SOURCE_BATCH_PAGES];
	size_t pages = source_pages(paddr, len);

	pageflags_load(k->flags_fd, after, r->base, pages);
	for (size_t i = 0; i < pages; i++) {
		if (r->status[i] != PAGE_DATA ||
			(pageflags_empty(before[i]) && pageflags_empty(after[i])))
			continue;
		if (is_zero_page(r, i, paddr, paddr + len))
			r->status[i] = PAGE_ZERO_DOUBTFUL;
	}
}

/* Read what the segments have of the range; the rest is not mapped. */
static int read_segments(
	struct source_reader *r, uint64_t paddr, uint64_t end, struct err *e)
{
	const struct kcore_source *k = (struct kcore_source *)r->source;
	uint64_t next;

	for (uint64_t at = paddr; at < end; at = next) {
		const struct kcore_segment *s = kcore_find(&k->kcore, at);
		int result;

		next = at - at % SOURCE_PAGE_BYTES + SOURCE_PAGE_BYTES;
		next = next > end ? end : next;
		if (!s || next - s->paddr > s->bytes) {
			r->status[(at - r->base) / SOURCE_PAGE_BYTES] =
				PAGE_NOT_MAPPED;
			continue;
		}
		if (end - s->paddr <= s->bytes)
			next = end;
		else
			next = s->paddr + s->bytes -
			       (s->paddr + s->bytes) % SOURCE_PAGE_BYTES;
		result = source_pread(r, s->offset - s->paddr, at, next, e);
		if (result < 0)
			return result;
	}
	return 0;
}

static int kcore_read(
	struct source_reader *r, uint64_t paddr, size_t len, struct err *e)
{
	const struct kcore_source *k = (struct kcore_source *)r->source;
	uint64_t flags[SOURCE_BATCH_PAGES];
	size_t pages = source_pages(paddr, len);
	int result;

	/* Kernels before 5.14 do not look at the flags themselves. */
	pageflags_load(k->flags_fd, flags, r->base, pages);
	for (size_t i = 0; i < pages; i++)
		r->status[i] = pageflags_trouble(flags[i]);
	result = read_segments(r, paddr, paddr + len, e);
	if (result < 0)
		return result;
	judge_zeros(r, flags, paddr, len);
	return check_layout(r, e);
}

const struct source_ops source_kcore_ops = {
	.name = "kcore",
	.source_bytes = sizeof(struct kcore_source),
	.reader_bytes = sizeof(struct source_reader),
	.kind = SOURCE_KCORE,
	.open = kcore_open,
	.close = kcore_close,
	.reader_open = kcore_reader_open,
	.reader_close = source_buffer_close,
	.read = kcore_read,
};
