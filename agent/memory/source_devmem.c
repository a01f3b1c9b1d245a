// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "memory/lockdown.h"
#include "memory/pageflag.h"
#include "memory/source_internal.h"

enum { LOW_BYTES = 1 << 20 }; /* STRICT_DEVMEM lets PCs read below it */

/* Red Hat's crash driver has no STRICT_DEVMEM. */
static const char *const devices[] = { "/dev/crash", "/dev/mem" };

struct devmem_source {
	struct source base;
	int fd;
	int flags_fd; /* -1 = not known */
	const char *path;
};

/* The first whole page of RAM above LOW_BYTES; 0 = none. */
static uint64_t test_page(const struct ranges *ram)
{
	for (size_t i = 0; ram && i < ram->n; i++) {
		uint64_t at = ram->v[i].start;

		if (at < LOW_BYTES)
			at = LOW_BYTES;
		at += -at % SOURCE_PAGE_BYTES;
		if (at < ram->v[i].end && ram->v[i].end - at >= SOURCE_PAGE_BYTES)
			return at;
	}
	return 0;
}

static int test_read(const struct devmem_source *d, struct err *e)
{
	uint64_t at = test_page(d->base.config.ram);
	uint8_t page[SOURCE_PAGE_BYTES];
	ssize_t n;

	if (!at)
		return err_set(e, -EINVAL, "no RAM above 1 MiB to test");
	n = io_pread(d->fd, page, sizeof(page), at, e);
	explicit_bzero(page, sizeof(page));
	if (n == -EPERM)
		return err_set(e, -EPERM,
			"%s gives no RAM (CONFIG_STRICT_DEVMEM)", d->path);
	if (n < 0)
		return err_wrap(e, (int)n, "%s", d->path);
	if (n < (ssize_t)sizeof(page))
		return err_set(e, -EIO, "%s ends at %#llx", d->path,
			(unsigned long long)at + (unsigned long long)n);
	return 0;
}

static int open_refusal(int code, const char *path, struct err *e)
{
	enum lockdown level = lockdown_level();

	if (code == -EPERM && level >= LOCKDOWN_INTEGRITY)
		return err_set(e, code, "kernel lockdown is %s, which closes %s",
			level == LOCKDOWN_INTEGRITY ? "integrity"
						    : "confidentiality",
			path);
	if (code == -EPERM || code == -EACCES)
		return err_set(e, code,
			"no permission to open %s (needs root and CAP_SYS_RAWIO)",
			path);
	if (code == -ENOENT || code == -ENXIO || code == -ENODEV)
		return err_set(e, code, "neither /dev/crash nor /dev/mem");
	errno = -code;
	return err_sys(e, "open %s", path);
}

static int devmem_open(struct source *s, struct err *e)
{
	struct devmem_source *d = (struct devmem_source *)s;
	struct stat st;

	d->fd = d->flags_fd = -1;
	for (size_t i = 0; i < ARRAY_LEN(devices) && d->fd < 0; i++) {
		d->path = devices[i];
		d->fd = io_open(
			AT_FDCWD, d->path, O_RDONLY | O_NONBLOCK, 0, NULL);
	}
	if (d->fd < 0)
		return open_refusal(d->fd, d->path, e);
	if (fstat(d->fd, &st) < 0)
		return err_sys(e, "%s", d->path);
	if (!S_ISCHR(st.st_mode))
		return err_set(e, -ENODEV, "%s is no device", d->path);
	d->flags_fd = pageflags_open("/proc/kpageflags");
	return test_read(d, e);
}

static void devmem_close(struct source *s)
{
	struct devmem_source *d = (struct devmem_source *)s;

	if (d->fd >= 0)
		(void)close(d->fd);
	if (d->flags_fd >= 0)
		(void)close(d->flags_fd);
}

/* Red Hat's driver, too, has one bounce buffer for each open file. */
static int devmem_reader_open(
	struct source_reader *r, unsigned index, struct err *e)
{
	const struct devmem_source *d = (struct devmem_source *)r->source;

	r->fd = io_open(AT_FDCWD, d->path, O_RDONLY | O_NONBLOCK, 0, e);
	if (r->fd < 0)
		return r->fd;
	return source_buffer_open(r, index, e);
}

static int devmem_read(
	struct source_reader *r, uint64_t paddr, size_t len, struct err *e)
{
	const struct devmem_source *d = (struct devmem_source *)r->source;
	uint64_t flags[SOURCE_BATCH_PAGES];
	size_t pages = source_pages(paddr, len);

	/* Neither driver looks at what it copies. */
	pageflags_load(d->flags_fd, flags, r->base, pages);
	for (size_t i = 0; i < pages; i++)
		r->status[i] = pageflags_trouble(flags[i]);
	return source_pread(r, 0, paddr, paddr + len, e);
}

const struct source_ops source_devmem_ops = {
	.name = "devmem",
	.source_bytes = sizeof(struct devmem_source),
	.reader_bytes = sizeof(struct source_reader),
	.kind = SOURCE_DEVMEM,
	.open = devmem_open,
	.close = devmem_close,
	.reader_open = devmem_reader_open,
	.reader_close = source_buffer_close,
	.read = devmem_read,
};
