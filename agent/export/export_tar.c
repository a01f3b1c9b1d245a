// SPDX-License-Identifier: Apache-2.0
/*
 * The host's /proc as files, below "[root]/", where Dissect and Plaso look for
 * a collected file system.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "export/export.h"
#include "export/lines.h"
#include "export/proc_net.h"
#include "export/proc_text.h"
#include "export/tar.h"
#include "lab/reader.h"
#include "lab/records.h"

enum { NS = 1000000000, NAME_CHARS = 64 + TAR_NAME_BYTES };

/* Of several records, or pieces, on its way to one entry. */
struct gathering {
	char name[NAME_CHARS]; /* "" = none */
	struct buf data;
};

struct netns_seen {
	uint32_t netns;
	uint32_t pid; /* in it; 0 = none is known */
	bool own;
};

enum { NETNS_MAX = 4096 };

struct filling {
	struct tar tar;
	struct lines lines;
	struct gathering file; /* of the host, as it was read */
	struct gathering maps;
	struct proc_net net;
	uint32_t netns; /* that net is of; 0 = none */
	struct netns_seen namespaces[NETNS_MAX];
	size_t namespaces_n;
	uint64_t skipped;
};

/* A name that nobody can have, or a target too long, is passed over. */
static int entry(struct filling *f, int r, struct err *e)
{
	(void)e;
	if (r != -EINVAL)
		return r;
	f->skipped++;
	return 0;
}

static int put_buf(struct filling *f, uint32_t pid, const char *name,
	const struct buf *b, struct err *e)
{
	char path[NAME_CHARS];

	(void)snprintf(
		path, sizeof(path), "[root]/proc/%" PRIu32 "/%s", pid, name);
	return entry(f, tar_file(&f->tar, path, b->data, b->len, e), e);
}

static int put_link(struct filling *f, uint32_t pid, const char *name,
	const ProtobufCBinaryData *target, struct err *e)
{
	char path[NAME_CHARS], text[TAR_NAME_BYTES];

	if (!target->len || memchr(target->data, 0, target->len) ||
		target->len >= sizeof(text))
		return 0;
	memcpy(text, target->data, target->len);
	text[target->len] = 0;
	(void)snprintf(
		path, sizeof(path), "[root]/proc/%" PRIu32 "/%s", pid, name);
	return entry(f, tar_link(&f->tar, path, text, e), e);
}

/* --- /proc/PID --- */

typedef int make_text(
	struct buf *ret, const Icecore__V1__Process *p, struct err *e);

static int make_comm(
	struct buf *ret, const Icecore__V1__Process *p, struct err *e)
{
	int r = 0;

	if (p->n_threads)
		r = buf_append(ret, p->threads[0]->comm.data,
			p->threads[0]->comm.len, e);
	return r < 0 ? r : buf_text(ret, e, "\n");
}

static int make_cmdline(
	struct buf *ret, const Icecore__V1__Process *p, struct err *e)
{
	return proc_text_words(ret, p->argv, p->n_argv, e);
}

static int make_environ(
	struct buf *ret, const Icecore__V1__Process *p, struct err *e)
{
	return proc_text_words(ret, p->environment, p->n_environment, e);
}

static int make_cgroup(
	struct buf *ret, const Icecore__V1__Process *p, struct err *e)
{
	int r = buf_text(ret, e, "0::");

	if (r == 0)
		r = buf_append(ret, p->cgroup.data, p->cgroup.len, e);
	return r < 0 ? r : buf_text(ret, e, "\n");
}

static int put_process(
	struct filling *f, const Icecore__V1__Process *p, struct err *e)
{
	static const struct {
		const char *name;
		make_text *make;
	} texts[] = { { "comm", make_comm }, { "cmdline", make_cmdline },
		{ "environ", make_environ }, { "stat", proc_text_stat },
		{ "status", proc_text_status }, { "cgroup", make_cgroup } };
	int r = 0;

	if (p->continued)
		return 0;
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(texts); i++) {
		AUTO_BUF struct buf b = { 0 };

		buf_init(&b, PROC_TEXT_BYTES);
		r = texts[i].make(&b, p, e);
		if (r == 0)
			r = put_buf(f, p->pid, texts[i].name, &b, e);
	}
	if (r == 0 && p->exe)
		r = put_link(f, p->pid, "exe", &p->exe->path, e);
	if (r == 0)
		r = put_link(f, p->pid, "cwd", &p->cwd, e);
	return r < 0 ? r : put_link(f, p->pid, "root", &p->root, e);
}

static int put_open_files(
	struct filling *f, const Icecore__V1__OpenFiles *m, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n_files; i++) {
		char name[32];

		if (m->files[i]->has_tid && m->files[i]->tid != m->pid)
			continue;
		(void)snprintf(
			name, sizeof(name), "fd/%" PRIu32, m->files[i]->fd);
		r = put_link(f, m->pid, name, &m->files[i]->path, e);
	}
	return r;
}

/* --- what comes in several records --- */

static int gathered(struct filling *f, struct gathering *g, struct err *e)
{
	int r = 0;

	if (g->name[0])
		r = entry(f,
			tar_file(&f->tar, g->name, g->data.data, g->data.len, e),
			e);
	g->name[0] = 0;
	buf_done(&g->data);
	buf_init(&g->data, PROC_TEXT_BYTES);
	return r;
}

static int put_maps(
	struct filling *f, const Icecore__V1__ProcessMaps *m, struct err *e)
{
	int r = m->continued ? 0 : gathered(f, &f->maps, e);

	(void)snprintf(f->maps.name, sizeof(f->maps.name),
		"[root]/proc/%" PRIu32 "/maps", m->pid);
	return r < 0 ? r : proc_text_maps(&f->maps.data, m, e);
}

static int put_file(struct filling *f, const Icecore__V1__File *m, struct err *e)
{
	int r = m->offset ? 0 : gathered(f, &f->file, e);

	if (r < 0)
		return r;
	/* A piece that is not the next one: what is there is all there is. */
	if (m->offset != f->file.data.len) {
		f->skipped++;
		return 0;
	}
	if (m->path[0] == '/')
		(void)snprintf(f->file.name, sizeof(f->file.name), "[root]%.*s",
			TAR_NAME_BYTES - 16, m->path);
	return buf_append(&f->file.data, m->data.data, m->data.len, e);
}

/* --- /proc/net --- */

static void learn_netns(struct filling *f, const Icecore__V1__NetNamespace *n)
{
	if (f->namespaces_n == NETNS_MAX)
		return;
	f->namespaces[f->namespaces_n++] = (struct netns_seen){
		n->netns,
		n->n_pids ? n->pids[0] : 0,
		n->own,
	};
}

/* "[root]/proc/net", or that of a process in it. */
static bool netns_dir(const struct filling *f, char ret[NAME_CHARS])
{
	for (size_t i = 0; i < f->namespaces_n; i++) {
		const struct netns_seen *n = &f->namespaces[i];

		if (n->netns != f->netns)
			continue;
		if (n->own)
			(void)snprintf(ret, NAME_CHARS, "[root]/proc/net");
		else
			(void)snprintf(ret, NAME_CHARS,
				"[root]/proc/%" PRIu32 "/net", n->pid);
		return n->own || n->pid;
	}
	return false;
}

static int put_tables(struct filling *f, struct err *e)
{
	char dir[NAME_CHARS], path[NAME_CHARS + 16];
	int r = 0;

	if (!f->netns)
		return 0;
	for (int i = 0; r == 0 && i < PROC_NET_TABLES; i++) {
		if (!netns_dir(f, dir)) {
			f->skipped += f->net.lines[i];
			continue;
		}
		(void)snprintf(
			path, sizeof(path), "%s/%s", dir, proc_net_name(i));
		r = tar_file(&f->tar, path, f->net.text[i].data,
			f->net.text[i].len, e);
	}
	proc_net_done(&f->net);
	f->netns = 0;
	return r;
}

static int put_sockets(
	struct filling *f, const Icecore__V1__Sockets *m, struct err *e)
{
	int r = 0;

	if (m->netns != f->netns) {
		r = put_tables(f, e);
		if (r == 0)
			r = proc_net_begin(&f->net, e);
		f->netns = m->netns;
	}
	for (size_t i = 0; r == 0 && i < m->n_sockets; i++)
		r = proc_net_add(&f->net, m->sockets[i], e);
	return r;
}

static int put_mounts(
	struct filling *f, const Icecore__V1__MountNamespace *m, struct err *e)
{
	char path[NAME_CHARS];

	(void)snprintf(path, sizeof(path), "[root]/proc/%" PRIu32 "/mountinfo",
		m->pid);
	return tar_file(&f->tar, path, m->mountinfo.data, m->mountinfo.len, e);
}

static int see(void *arg, const struct reader_segment *s,
	const Icecore__V1__Record *m, struct err *e)
{
	struct filling *f = arg;

	(void)s;
	switch (m->body_case) {
	case ICECORE__V1__RECORD__BODY_PROCESS:
		return put_process(f, m->process, e);
	case ICECORE__V1__RECORD__BODY_PROCESS_MAPS:
		return put_maps(f, m->process_maps, e);
	case ICECORE__V1__RECORD__BODY_OPEN_FILES:
		return put_open_files(f, m->open_files, e);
	case ICECORE__V1__RECORD__BODY_FILE:
		return put_file(f, m->file, e);
	case ICECORE__V1__RECORD__BODY_NET_NAMESPACE:
		learn_netns(f, m->net_namespace);
		return 0;
	case ICECORE__V1__RECORD__BODY_SOCKETS:
		return put_sockets(f, m->sockets, e);
	default:
		return put_mounts(f, m->mount_namespace, e);
	}
}

static int fill(struct filling *f, struct export_job *job, struct err *e)
{
	const struct records_pass pass = {
		.kinds = RECORDS_KIND(PROCESS) | RECORDS_KIND(PROCESS_MAPS) |
			 RECORDS_KIND(OPEN_FILES) | RECORDS_KIND(FILE) |
			 RECORDS_KIND(NET_NAMESPACE) | RECORDS_KIND(SOCKETS) |
			 RECORDS_KIND(MOUNT_NAMESPACE),
		.keys = job->keys,
		.see = see,
		.arg = f,
	};
	int r = tar_file(
		&f->tar, "README", proc_text_note, strlen(proc_text_note), e);

	if (r == 0)
		r = records_each(job->r, &pass, e);
	if (r == 0)
		r = gathered(f, &f->maps, e);
	if (r == 0)
		r = gathered(f, &f->file, e);
	if (r == 0)
		r = put_tables(f, e);
	if (r == 0)
		r = tar_end(&f->tar, e);
	return r < 0 ? r : lines_finish(&f->lines, e);
}

int export_tar(struct export_job *job, struct err *e)
{
	AUTO_FREE struct filling *f = calloc(1, sizeof(*f));
	const Icecore__V1__Beginning *b = job->r->beginning;
	int r;

	if (!f)
		return err_set(e, -ENOMEM, "no memory for an archive");
	buf_init(&f->maps.data, PROC_TEXT_BYTES);
	buf_init(&f->file.data, PROC_TEXT_BYTES);
	f->tar.out = &f->lines;
	f->tar.time_s = b && b->clock ? b->clock->realtime_ns / NS : 0;
	r = lines_init(&f->lines, job->fd, e);
	if (r == 0)
		r = fill(f, job, e);
	if (r == 0)
		(void)fprintf(stderr, "%" PRIu64 " entries\n", f->tar.entries);
	if (r == 0 && f->skipped) {
		job->has_gaps = true;
		(void)fprintf(stderr,
			"warning: %" PRIu64
			" things have no place below /proc, or no good name\n",
			f->skipped);
	}
	if (f->netns)
		proc_net_done(&f->net);
	buf_done(&f->maps.data);
	buf_done(&f->file.data);
	lines_done(&f->lines);
	return r;
}
