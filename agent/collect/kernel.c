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
#include "base/dirents.h"
#include "base/err.h"
#include "base/io.h"
#include "collect/collector_internal.h"
#include "collect/kernel_image.h"
#include "kernel/state.h"
#include "stream/writer.h"

enum {
	PIECE_BYTES = 256 << 10,
	FILE_BYTES = 64 << 20, /* of one file */
	PATH_CHARS = 160,
	NAME_CHARS = 56, /* of a module */
	TYPES_MAX = 4096, /* of modules */
};

/* A file for each module, and "vmlinux". */
static const char types_dir[] = "/sys/kernel/btf";

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

/* One run of the collector. */
struct taking {
	const struct collect_env *env;
	struct writer *w;
	uint8_t *piece;
	int cut; /* it was interrupted */
	unsigned types; /* of modules, so far */
};

/* Not every kernel has every file; an absent one is no gap. */
static int take_file(struct taking *t, const char *path, struct err *e)
{
	struct err why = { 0 };
	uint64_t offset = 0;
	int r;

	if (*t->env->interrupted)
		r = t->cut = err_set(&why, -EINTR, "interrupted");
	else
		r = put_file(t->w, path, &offset, t->piece, &why);
	if (r > 0)
		return err_set(e, -EIO, "%s", why.msg);
	if (r < 0 && r != -ENOENT)
		return put_gap(t->w, path, offset, &why, e);
	return 0;
}

static int take_types(void *arg, const struct dirents_entry *d, struct err *e)
{
	struct taking *t = arg;
	char path[PATH_CHARS];

	/* That of vmlinux is among the files. */
	if (d->name[0] == '.' || strcmp(d->name, "vmlinux") == 0 || t->cut)
		return 0;
	if (++t->types > TYPES_MAX)
		return t->types == TYPES_MAX + 1
			       ? put_gap(t->w, types_dir, TYPES_MAX,
					 &(struct err){ .msg = "more modules "
							       "than are taken" },
					 e)
			       : 0;
	(void)snprintf(path, sizeof(path), "%s/%.*s", types_dir,
		(int)(d->len < NAME_CHARS ? d->len : NAME_CHARS), d->name);
	return take_file(t, path, e);
}

static int take_module_types(struct taking *t, struct err *e)
{
	struct dirents_seen seen = { 0 };
	AUTO_CLOSE int fd =
		io_open(AT_FDCWD, types_dir, O_RDONLY | O_DIRECTORY, 0, NULL);

	return fd < 0 ? 0 : dirents_read(&seen, fd, take_types, t, e);
}

static unsigned ways(unsigned leave_out)
{
	return (leave_out & COLLECT_NO_PEEK_BPF ? KSTATE_WITHOUT_BPF : 0) |
	       (leave_out & COLLECT_NO_PEEK_KCORE ? KSTATE_WITHOUT_KCORE : 0);
}

static int kernel_run(
	const struct collect_env *env, struct writer *w, struct err *e)
{
	AUTO_FREE uint8_t *piece = malloc(PIECE_BYTES);
	struct taking t = { .env = env, .w = w, .piece = piece };
	struct utsname uts;
	int r = 0;

	if (!piece || uname(&uts) < 0)
		return err_set(e, -ENOMEM, "no memory for files");
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(files); i++) {
		char path[PATH_CHARS];
		size_t stem = strcspn(files[i], "%");

		(void)snprintf(path, sizeof(path), "%.*s%s", (int)stem,
			files[i], files[i][stem] ? uts.release : "");
		r = take_file(&t, path, e);
	}
	if (r == 0)
		r = take_module_types(&t, e);
	if (r == 0 && !t.cut)
		r = kernel_image_put(w, uts.machine, ways(env->leave_out), e);
	if (r < 0)
		return r;
	return t.cut ? 1 : 0;
}

const struct collector collector_kernel = {
	.name = "kernel",
	.title = "what makes memory readable: types, symbols, addresses",
	.run = kernel_run,
};
