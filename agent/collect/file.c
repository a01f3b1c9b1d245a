// SPDX-License-Identifier: Apache-2.0
/*
 * Open files of every process: first by an iterator, then by /proc, which
 * fills what the iterator left out, and tells them by itself where there is
 * none.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "collect/collector_internal.h"
#include "collect/finding.h"
#include "collect/set.h"
#include "live/detail.h"
#include "live/file.h"
#include "live/source.h"
#include "live/timed.h"
#include "stream/writer.h"

enum {
	FILES_RECORD_MAX = 2048,
	FILES_RECORD_BYTES = 768 << 10, /* of paths of one record */
};

struct records {
	struct writer *w;
	const struct live_files *files;
	Icecore__V1__OpenFile slots[FILES_RECORD_MAX];
	Icecore__V1__OpenFile *list[FILES_RECORD_MAX];
};

static int put_gap(struct writer *w, const char *what, uint64_t n,
	const char *why, struct err *e)
{
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;
	struct err text = { 0 };

	if (!n)
		return 0;
	(void)err_set(&text, -EFBIG, "%llu %s", (unsigned long long)n, why);
	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_LIVE;
	gap.what = (char *)(uintptr_t)what;
	gap.reason = text.msg;
	return writer_gap(w, &gap, e);
}

static void fill(Icecore__V1__OpenFile *out, const struct live_files *fs,
	const struct live_file *f)
{
	const char *path = (const char *)fs->paths.data + f->path_at;

	icecore__v1__open_file__init(out);
	SET(out, fd, f->fd);
	SET(out, seen_by, f->seen_by);
	if (f->tid != f->pid)
		SET(out, tid, f->tid);
	if (f->path_len) {
		SET(out, path, set_bytes(path, f->path_len));
		SET(out, deleted, live_file_deleted(f, path));
	}
	if (f->path_len || f->has & LIVE_FILE_HAS_INODE)
		SET(out, kind,
			(Icecore__V1__FileKind)live_file_kind(
				f->mode, path, f->path_len));
	if (f->has & LIVE_FILE_HAS_FLAGS) {
		SET(out, flags, f->flags);
		SET(out, position, f->position);
	}
	if (f->has & LIVE_FILE_HAS_INODE) {
		SET(out, inode, f->inode);
		SET(out, device_major, f->major);
		SET(out, device_minor, f->minor);
	}
}

/* Files of one process from ${at} on; how many there were room for. */
static int put_some(struct records *rs, size_t at, size_t end, bool continued,
	struct err *e)
{
	const struct live_file *v = rs->files->v;
	Icecore__V1__OpenFiles out = ICECORE__V1__OPEN_FILES__INIT;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	size_t paths = 0;
	int r;

	SET(&out, pid, v[at].pid);
	if (v[at].start_boot_ns)
		SET(&out, start_boot_ns, v[at].start_boot_ns);
	if (continued)
		SET(&out, continued, 1);
	out.files = rs->list;
	for (; at < end && out.n_files < FILES_RECORD_MAX; at++) {
		paths += v[at].path_len;
		if (paths > FILES_RECORD_BYTES && out.n_files)
			break;
		rs->list[out.n_files] = &rs->slots[out.n_files];
		fill(rs->list[out.n_files++], rs->files, &v[at]);
	}
	m.body_case = ICECORE__V1__RECORD__BODY_OPEN_FILES;
	m.open_files = &out;
	r = writer_put(rs->w, &(struct record){ .message = &m }, e);
	return r < 0 ? r : (int)out.n_files;
}

static int put_findings(struct records *rs, size_t at, size_t end, struct err *e)
{
	int r = 0;

	for (; r == 0 && at < end; at++) {
		const struct live_file *f = &rs->files->v[at];
		struct finding_ref ref = {
			.kind = ICECORE__V1__RECORD__BODY_OPEN_FILES,
			.pid = f->pid,
			.tid = f->tid != f->pid ? f->tid : 0,
			.start_boot_ns = f->start_boot_ns,
			.id = f->fd,
		};

		if (f->has & LIVE_FILE_HIDDEN)
			r = finding_put(rs->w, RULE_FILE_HIDDEN_FROM_PROC, &ref,
				1, NULL, e);
	}
	return r;
}

static int put_all(
	const struct collect_env *env, struct records *rs, struct err *e)
{
	const struct live_files *fs = rs->files;
	size_t at = 0;
	int r = put_gap(rs->w, "open files", fs->lost, "past the maximum", e);

	if (r == 0)
		r = put_gap(rs->w, "paths of open files", fs->paths_lost,
			"past the maximum", e);
	if (r == 0)
		r = put_gap(rs->w, "open files", fs->unread, "do not answer", e);
	while (r == 0 && at < fs->n) {
		size_t end = at, begin = at;

		while (end < fs->n && fs->v[end].pid == fs->v[at].pid)
			end++;
		if (*env->interrupted) {
			r = put_gap(rs->w, "open files", fs->n - at,
				"not written: interrupted", e);
			return r < 0 ? r : 1;
		}
		while (r >= 0 && at < end) {
			r = put_some(rs, at, end, at != begin, e);
			at += r > 0 ? (size_t)r : 0;
		}
		if (r >= 0)
			r = put_findings(rs, begin, end, e);
	}
	return r;
}

/* One witness is enough. */
static int look(
	struct live_files *fs, const struct collect_env *env, struct err *e)
{
	struct err why[2] = { 0 };
	struct timed *timed = NULL;
	int by_bpf = -EPERM, by_proc;

	if (!(env->leave_out & COLLECT_NO_ITERATOR))
		by_bpf = live_files_bpf(fs, env->live, &why[0]);
	if (by_bpf == -ENOMEM)
		return err_set(e, by_bpf, "%s", why[0].msg);
	by_proc = timed_new(&timed, DETAIL_WAIT_NS, e);
	if (by_proc < 0)
		return by_proc;
	by_proc = live_files_proc(fs, env->live, timed, &why[1]);
	timed_free(timed);
	if (by_proc == -ENOMEM || (by_proc < 0 && by_bpf < 0))
		return err_set(e, by_proc, "%s; %s", why[0].msg, why[1].msg);
	if (by_proc < 0 || by_bpf < 0)
		return 0;
	by_bpf = live_files_compare(fs, env->live, e);
	return by_bpf == -ENOMEM ? by_bpf : 0;
}

static int file_run(
	const struct collect_env *env, struct writer *w, struct err *e)
{
	struct records *rs = calloc(1, sizeof(*rs));
	struct live_files fs;
	int r;

	if (!rs)
		return err_set(e, -ENOMEM, "no memory for records of files");
	live_files_init(&fs);
	rs->w = w;
	rs->files = &fs;
	r = look(&fs, env, e);
	if (r == 0)
		r = put_all(env, rs, e);
	live_files_done(&fs);
	free(rs);
	return r;
}

const struct collector collector_file = {
	.name = "file",
	.title = "open files",
	.run = file_run,
};
