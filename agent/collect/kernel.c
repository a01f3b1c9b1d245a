// SPDX-License-Identifier: Apache-2.0
/*
 * What makes the memory readable: the kernel's own account of its types,
 * symbols and addresses, as files.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "collect/collector_internal.h"
#include "stream/writer.h"

enum {
	PIECE_BYTES = 256 << 10,
	FILE_BYTES = 64 << 20, /* of one file */
	PATH_CHARS = 160,
};

/* "%s" is the kernel's release. */
static const char *const files[] = {
	"/proc/version",
	"/proc/cmdline",
	"/proc/iomem",
	"/proc/cpuinfo",
	"/proc/meminfo",
	"/proc/modules",
	"/proc/kallsyms",
	"/sys/kernel/vmcoreinfo",
	"/sys/kernel/btf/vmlinux",
	"/proc/sys/kernel/tainted",
	"/boot/config-%s",
	"/proc/config.gz",
};

static int put_piece(struct writer *w, const char *path, uint64_t offset,
	struct iovec bulk, int last, struct err *e)
{
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	Icecore__V1__File f = ICECORE__V1__FILE__INIT;
	struct record out = { &m, &bulk, bulk.iov_len ? 1 : 0 };

	f.path = (char *)(uintptr_t)path;
	f.offset = offset;
	f.last = last;
	f.read_ns = clock_ns(CLOCK_MONOTONIC);
	m.body_case = ICECORE__V1__RECORD__BODY_FILE;
	m.file = &f;
	return writer_put(w, &out, e);
}

/* 0, or the negative error of the file, or 1 when the writer failed. */
static int put_file(struct writer *w, const char *path, uint64_t *offset,
	uint8_t *piece, struct err *e)
{
	AUTO_CLOSE int fd = io_open(AT_FDCWD, path, O_RDONLY, 0, e);
	ssize_t n;

	if (fd < 0)
		return fd;
	do {
		n = io_read(fd, piece, PIECE_BYTES, e);
		if (n < 0)
			return (int)n;
		if (*offset + (size_t)n > FILE_BYTES)
			return err_set(
				e, -EFBIG, "larger than %d bytes", FILE_BYTES);
		if (put_piece(w, path, *offset, (struct iovec){ piece, (size_t)n },
			    n < PIECE_BYTES, e) < 0)
			return 1;
		*offset += (size_t)n;
	} while (n == PIECE_BYTES);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return 0;
}

static int put_gap(struct writer *w, const char *path, uint64_t offset,
	struct err *why, struct err *e)
{
	Icecore__V1__Range range = ICECORE__V1__RANGE__INIT;
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;

	range.start = offset;
	range.end = UINT64_MAX;
	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_FILE;
	gap.what = (char *)(uintptr_t)path;
	gap.range = &range;
	gap.reason = why->msg;
	return writer_gap(w, &gap, e);
}

static int kernel_run(
	const struct collect_env *env, struct writer *w, struct err *e)
{
	AUTO_FREE uint8_t *piece = malloc(PIECE_BYTES);
	struct utsname uts;
	int r = 0, cut = 0;

	if (!piece || uname(&uts) < 0)
		return err_set(e, -ENOMEM, "no memory for files");
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char path[PATH_CHARS];
		struct err why = { 0 };
		uint64_t offset = 0;
		size_t stem = strcspn(files[i], "%");

		(void)snprintf(path, sizeof(path), "%.*s%s", (int)stem,
			files[i], files[i][stem] ? uts.release : "");
		if (*env->interrupted)
			r = cut = err_set(&why, -EINTR, "interrupted");
		else
			r = put_file(w, path, &offset, piece, &why);
		if (r > 0)
			return err_set(e, -EIO, "%s", why.msg);
		/* Not every kernel has every file; an absent one is no gap. */
		if (r < 0 && r != -ENOENT)
			r = put_gap(w, path, offset, &why, e);
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return cut ? 1 : 0;
}

const struct collector collector_kernel = {
	.name = "kernel",
	.title = "what makes memory readable: types, symbols, addresses",
	.run = kernel_run,
};
