/* SPDX-License-Identifier: Apache-2.0 */
/* A file system whose one file never answers a read, and a process that works
 * in it, and whose arguments lie in that file: nothing may wait for it. */
#ifndef GUEST_WORLD_FUSE_H
#define GUEST_WORLD_FUSE_H

#include <linux/fuse.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/uio.h>

#include "world.h"

#define FUSE_DIR "/tmp/fuse"

enum { FUSE_REQUEST_BYTES = 1 << 17, FUSE_FILE_BYTES = 4096, FUSE_FILE_ID = 2 };

static void fuse_answer(
	int fd, uint64_t unique, int error, const void *body, size_t len)
{
	struct fuse_out_header head = { .len = (uint32_t)(sizeof(head) + len),
		.error = error,
		.unique = unique };
	struct iovec v[2] = { { &head, sizeof(head) },
		{ (void *)(uintptr_t)body, len } };

	must(writev(fd, v, 2) == (ssize_t)head.len, "answer the kernel");
}

static struct fuse_attr fuse_attr_of(uint64_t id)
{
	return (struct fuse_attr){ .ino = id,
		.size = id == FUSE_FILE_ID ? FUSE_FILE_BYTES : 0,
		.mode = id == FUSE_FILE_ID ? S_IFREG | 0755 : S_IFDIR | 0755,
		.nlink = 1 };
}

static void fuse_serve_one(int fd, const struct fuse_in_header *in)
{
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = 4096 };
	struct fuse_entry_out entry = {
		.nodeid = FUSE_FILE_ID, .entry_valid = 3600, .attr_valid = 3600
	};
	struct fuse_attr_out attr = { .attr_valid = 3600 };
	struct fuse_open_out opened = { .fh = 1 };

	switch (in->opcode) {
	case FUSE_INIT:
		fuse_answer(fd, in->unique, 0, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		entry.attr = fuse_attr_of(FUSE_FILE_ID);
		fuse_answer(fd, in->unique, 0, &entry, sizeof(entry));
		break;
	case FUSE_GETATTR:
		attr.attr = fuse_attr_of(in->nodeid);
		fuse_answer(fd, in->unique, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		fuse_answer(fd, in->unique, 0, &opened, sizeof(opened));
		break;
	case FUSE_READ:
	case FUSE_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		fuse_answer(fd, in->unique, -ENOSYS, NULL, 0);
	}
}

static void run_fuse(void)
{
	static char request[FUSE_REQUEST_BYTES];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[64];

	must(fd >= 0, "/dev/fuse");
	(void)mkdir(FUSE_DIR, 0755);
	snprintf(options, sizeof(options),
		"fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	must(mount("world", FUSE_DIR, "fuse", 0, options) == 0, FUSE_DIR);
	must(write(ready[1], "x", 1) == 1, "tell the parent");
	for (;;) {
		ssize_t n = read(fd, request, sizeof(request));

		if (n >= (ssize_t)sizeof(struct fuse_in_header))
			fuse_serve_one(fd, (void *)request);
	}
}

static void run_never(void)
{
	int fd = open(FUSE_DIR "/never", O_RDONLY | O_CLOEXEC);
	char *page;

	must(fd >= 0 && chdir(FUSE_DIR) == 0, "open " FUSE_DIR "/never");
	page = mmap(NULL, FUSE_FILE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE,
		fd, 0);
	must(page != MAP_FAILED, "mmap");
	must(prctl(PR_SET_MM, PR_SET_MM_ARG_START, page, 0, 0) == 0 &&
			prctl(PR_SET_MM, PR_SET_MM_ARG_END, page + 64, 0, 0) == 0,
		"PR_SET_MM");
	stay();
}

static void make_never(void)
{
	(void)spawn("fuse", 0, run_fuse);
	end();
	(void)spawn("never", 0, run_never);
	put_hex("cwd", FUSE_DIR, sizeof(FUSE_DIR) - 1);
	fputs(", \"no_arguments\": true", out);
	end();
}

#endif
