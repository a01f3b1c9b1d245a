// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "kmod/uapi/icecore.h"
#include "memory/module.h"
#include "memory/source_internal.h"

enum {
	NODE_TRIES = 100,
	NODE_PAUSE_MS = 20,
};

static const char module_name[] = "icecore";

/* In a container with its own /dev the node is where pid 1 sees it. */
static const char *const nodes[] = {
	ICECORE_DEVICE,
	"/proc/1/root" ICECORE_DEVICE,
};

struct kmod_source {
	struct source base;
	int fd;
	int loaded; /* by us */
};

_Static_assert((int)ICECORE_PAGE_BYTES == (int)SOURCE_PAGE_BYTES, "page");
_Static_assert((int)ICECORE_READ_MAX_BYTES >= (int)SOURCE_BATCH_BYTES, "batch");
_Static_assert((int)ICECORE_PAGE_DATA == (int)PAGE_DATA, "status");
_Static_assert((int)ICECORE_PAGE_PRIVATE_MAP == (int)PAGE_PRIVATE_MAP, "status");
_Static_assert((int)ICECORE_PAGE_HWPOISON == (int)PAGE_HWPOISON, "status");
_Static_assert((int)ICECORE_PAGE_OFFLINE == (int)PAGE_OFFLINE, "status");
_Static_assert((int)ICECORE_PAGE_UNACCEPTED == (int)PAGE_UNACCEPTED, "status");
_Static_assert(
	(int)ICECORE_PAGE_NO_DIRECT_MAP == (int)PAGE_NO_DIRECT_MAP, "status");
_Static_assert((int)ICECORE_PAGE_FAULT == (int)PAGE_FAULT, "status");
_Static_assert((int)ICECORE_PAGE_NOT_RAM == (int)PAGE_NOT_MAPPED, "status");

/* The node may be anything: do not wait for the other end of a pipe. */
static int open_node(void)
{
	int fd = -ENOENT;

	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		fd = io_open(AT_FDCWD, nodes[i], O_RDONLY | O_NONBLOCK, 0, NULL);
		if (fd != -ENOENT && fd != -EACCES)
			break;
	}
	return fd;
}

/* devtmpfs makes the node as the module is loaded, udev a little later. */
static int wait_node(void)
{
	int fd = open_node();

	for (int i = 0; i < NODE_TRIES && fd == -ENOENT; i++) {
		(void)poll(NULL, 0, NODE_PAUSE_MS);
		fd = open_node();
	}
	return fd;
}

static int check_node(int fd, struct err *e)
{
	struct stat st;
	__u32 version;

	if (fstat(fd, &st) < 0)
		return err_sys(e, "%s", ICECORE_DEVICE);
	if (!S_ISCHR(st.st_mode) || ioctl(fd, ICECORE_IOC_VERSION, &version) < 0)
		return err_set(e, -ENODEV, "%s is not the device of our module",
			ICECORE_DEVICE);
	if (version != ICECORE_ABI_VERSION)
		return err_set(e, -EPROTO,
			"the module speaks version %u, this program version %d",
			version, ICECORE_ABI_VERSION);
	return 0;
}

static int node_refusal(int code, const struct kmod_source *k, struct err *e)
{
	switch (code) {
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		if (k->base.config.module_path)
			return err_set(e, code,
				"the module is loaded, but there is no %s",
				ICECORE_DEVICE);
		return err_set(e, code,
			"no %s and no module to load (give --module)",
			ICECORE_DEVICE);
	case -EBUSY:
		return err_set(
			e, code, "another program has %s open", ICECORE_DEVICE);
	case -EPERM:
	case -EACCES:
		return err_set(e, code,
			"no permission to open %s (needs CAP_SYS_RAWIO and CAP_SYS_ADMIN)",
			ICECORE_DEVICE);
	default:
		errno = -code;
		return err_sys(e, "open %s", ICECORE_DEVICE);
	}
}

static int kmod_open(struct source *s, struct err *e)
{
	struct kmod_source *k = (struct kmod_source *)s;
	const char *path = s->config.module_path;
	int fd = open_node();

	k->fd = -1;
	/* A node that outlived its module says ENXIO or ENODEV. */
	if ((fd == -ENOENT || fd == -ENXIO || fd == -ENODEV) && path) {
		int r = module_load(path, e);

		if (r < 0)
			return r;
		k->loaded = r;
		fd = wait_node();
	}
	if (fd < 0)
		return node_refusal(fd, k, e);
	k->fd = fd;
	return check_node(fd, e);
}

static int kmod_restore(struct source *s, struct err *e)
{
	struct kmod_source *k = (struct kmod_source *)s;
	int r;

	if (k->fd >= 0)
		(void)close(k->fd);
	k->fd = -1;
	if (!k->loaded)
		return 0;
	r = module_unload(module_name, e);
	if (r == 0)
		k->loaded = 0;
	return r;
}

/* kmod_restore() came before it and did all. */
static void kmod_close(struct source *s)
{
	(void)s;
}

static int kmod_read(
	struct source_reader *r, uint64_t paddr, size_t len, struct err *e)
{
	const struct kmod_source *k = (struct kmod_source *)r->source;
	uint64_t end = paddr + len;

	while (paddr < end) {
		uint64_t at = paddr - r->base;
		struct icecore_read request = {
			.paddr = paddr,
			.len = end - paddr,
			.buf = (uintptr_t)(r->data + at),
			.status = (uintptr_t)(r->status + at / SOURCE_PAGE_BYTES),
		};

		if (ioctl(k->fd, ICECORE_IOC_READ, &request) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(e, "read %zu bytes at %#llx", len,
				(unsigned long long)paddr);
		}
		if (!request.done || request.done > end - paddr)
			return err_set(e, -EPROTO, "%llu of %llu bytes were done",
				(unsigned long long)request.done,
				(unsigned long long)(end - paddr));
		paddr += request.done;
	}
	return 0;
}

int source_module_fd(const struct source *s)
{
	return s->ops == &source_kmod_ops ? ((const struct kmod_source *)s)->fd
					  : -1;
}

const struct source_ops source_kmod_ops = {
	.name = "kmod",
	.source_bytes = sizeof(struct kmod_source),
	.reader_bytes = sizeof(struct source_reader),
	.kind = SOURCE_KMOD,
	.knows_offline = 1,
	.open = kmod_open,
	.restore = kmod_restore,
	.close = kmod_close,
	.reader_open = source_buffer_open,
	.reader_close = source_buffer_close,
	.read = kmod_read,
};
