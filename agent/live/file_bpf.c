// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/libbpf.h>

#include "base/err.h"
#include "bpf/file.h"
#include "file.skel.h"
#include "live/file.h"
#include "live/iterate.h"
#include "live/source_internal.h"

struct pass {
	struct file_bpf *skel;
	const struct file_seen *seen; /* FILE_CHUNK of them, mapped */
	struct live_files *into;
	const struct live_config *config;
};

static int keep(struct live_files *fs, const struct file_seen *s, struct err *e)
{
	struct live_file f = { .start_boot_ns = s->start_boot_ns,
		.inode = s->inode,
		.position = s->position,
		.pid = s->pid,
		.tid = s->tid,
		.fd = s->fd,
		.flags = s->flags,
		.mode = s->mode,
		.major = s->major,
		.minor = s->minor,
		.links = s->links,
		.seen_by = LIVE_BY_ITERATOR,
		.has = LIVE_FILE_HAS_INODE | LIVE_FILE_HAS_FLAGS };
	struct live_file *kept;
	int r = live_files_add(&kept, fs, &f, e);

	if (r < 0 || !kept || s->path_len <= 1 || s->path_len > FILE_PATH_BYTES)
		return r;
	return live_files_path(fs, kept, s->path,
		strnlen(s->path, (size_t)s->path_len - 1), e);
}

static int empty(void *arg, struct err *e)
{
	struct pass *p = arg;
	uint32_t n = p->skel->bss->files_n;
	int r = 0;

	if (n > FILE_CHUNK)
		n = FILE_CHUNK;
	for (uint32_t i = 0; r == 0 && i < n; i++) {
		struct file_seen s = p->seen[i];

		if (live_wants(p->config, s.pid))
			r = keep(p->into, &s, e);
	}
	p->skel->bss->files_n = 0;
	return r;
}

/* First with paths, then without: /proc has them, too. */
static int load(struct file_bpf **ret, struct err *e)
{
	struct file_bpf *skel;
	int r = 0;

	for (int with_path = 1; with_path >= 0; with_path--) {
		AUTO_ITERATE struct iterate it = { 0 };

		r = iterate_begin(&it, e);
		if (r < 0)
			return r;
		skel = file_bpf__open_opts(&it.opts);
		r = -ENOMEM;
		if (skel) {
			skel->rodata->files_with_path = (uint32_t)with_path;
			r = file_bpf__load(skel);
		}
		if (r == 0) {
			*ret = skel;
			return 0;
		}
		r = iterate_refusal(&it, r, e);
		file_bpf__destroy(skel);
	}
	return r;
}

int live_files_bpf(
	struct live_files *fs, const struct live_config *config, struct err *e)
{
	size_t bytes = FILE_CHUNK * sizeof(struct file_seen);
	struct pass p = { .into = fs, .config = config };
	int r = load(&p.skel, e);
	void *map;

	if (r < 0)
		return r;
	if (config->pids_n == 1)
		p.skel->bss->files_pid = config->pids[0];
	map = mmap(NULL, bytes, PROT_READ, MAP_SHARED,
		bpf_map__fd(p.skel->maps.files), 0);
	if (map == MAP_FAILED) {
		r = err_sys(e, "map the array of files");
	} else {
		p.seen = map;
		r = iterate_drain(p.skel->progs.iter_files, empty, &p, e);
		(void)munmap(map, bytes);
	}
	file_bpf__destroy(p.skel);
	live_files_sort(fs);
	return r;
}
