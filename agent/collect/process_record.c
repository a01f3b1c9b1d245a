// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "collect/process_record.h"
#include "collect/set.h"

struct thread_slot {
	Icecore__V1__Thread thread;
	Icecore__V1__Credentials credentials;
	Icecore__V1__Namespaces namespaces;
	char state[2];
};

struct process_record {
	Icecore__V1__Process process;
	Icecore__V1__HeldFile exe;
	Icecore__V1__Container container;
	const struct pods *pods; /* borrowed */
	struct thread_slot slots[PROCESS_THREADS_MAX];
	Icecore__V1__Thread *threads[PROCESS_THREADS_MAX];
	ProtobufCBinaryData argv[PROCESS_STRINGS_MAX];
	ProtobufCBinaryData environment[PROCESS_STRINGS_MAX];
};

int process_record_new(
	struct process_record **ret, const struct pods *pods, struct err *e)
{
	struct process_record *p = calloc(1, sizeof(*p));

	if (!p)
		return err_set(e, -ENOMEM, "no memory for process records");
	p->pods = pods;
	*ret = p;
	return 0;
}

void process_record_free(struct process_record *p)
{
	free(p);
}

static ProtobufCBinaryData text_bytes(const char *s, size_t max)
{
	return (ProtobufCBinaryData){ strnlen(s, max), (uint8_t *)(uintptr_t)s };
}

static ProtobufCBinaryData buf_bytes(const struct buf *b)
{
	return (ProtobufCBinaryData){ b->len, b->data };
}

static int fill_credentials(
	Icecore__V1__Credentials *c, const struct live_task *t)
{
	icecore__v1__credentials__init(c);
	if (t->present & LIVE_HAS_IDS) {
		SET(c, uid, t->uid[LIVE_ID_REAL]);
		SET(c, euid, t->uid[LIVE_ID_EFFECTIVE]);
		SET(c, suid, t->uid[LIVE_ID_SAVED]);
		SET(c, fsuid, t->uid[LIVE_ID_FS]);
		SET(c, gid, t->gid[LIVE_ID_REAL]);
		SET(c, egid, t->gid[LIVE_ID_EFFECTIVE]);
		SET(c, sgid, t->gid[LIVE_ID_SAVED]);
		SET(c, fsgid, t->gid[LIVE_ID_FS]);
	}
	if (t->present & LIVE_HAS_CAPS) {
		SET(c, cap_inheritable, t->cap[LIVE_CAP_INHERITABLE]);
		SET(c, cap_permitted, t->cap[LIVE_CAP_PERMITTED]);
		SET(c, cap_effective, t->cap[LIVE_CAP_EFFECTIVE]);
		SET(c, cap_bounding, t->cap[LIVE_CAP_BOUNDING]);
		SET(c, cap_ambient, t->cap[LIVE_CAP_AMBIENT]);
	}
	if (t->present & LIVE_HAS_NO_NEW_PRIVS)
		SET(c, no_new_privs, t->no_new_privs != 0);
	if (t->present & LIVE_HAS_SECCOMP)
		SET(c, seccomp, t->seccomp);
	if (t->present & LIVE_HAS_LOGINUID) {
		SET(c, loginuid, t->loginuid);
		SET(c, sessionid, t->sessionid);
	}
	return c->has_uid || c->has_cap_effective || c->has_seccomp;
}

static void fill_namespaces(Icecore__V1__Namespaces *n, const struct live_task *t)
{
	icecore__v1__namespaces__init(n);
#define NS(member, kind)                                                       \
	do {                                                                   \
		if (t->ns[kind])                                               \
			SET(n, member, t->ns[kind]);                           \
	} while (0)
	NS(mnt, LIVE_NS_MNT);
	NS(pid, LIVE_NS_PID);
	NS(net, LIVE_NS_NET);
	NS(user, LIVE_NS_USER);
	NS(uts, LIVE_NS_UTS);
	NS(ipc, LIVE_NS_IPC);
	NS(cgroup, LIVE_NS_CGROUP);
	NS(time, LIVE_NS_TIME);
#undef NS
}

static void fill_thread(struct thread_slot *s, const struct live_task *t)
{
	Icecore__V1__Thread *th = &s->thread;

	icecore__v1__thread__init(th);
	SET(th, tid, t->tid);
	SET(th, seen_by, t->seen_by);
	SET(th, comm, text_bytes(t->comm, sizeof(t->comm)));
	SET(th, start_boot_ns, t->start_boot_ns);
	SET(th, seen_ns, t->seen_ns);
	if (t->present & LIVE_HAS_STATE) {
		s->state[0] = t->state >= ' ' && t->state <= '~' ? t->state : '?';
		th->state = s->state;
	}
	if (t->present & LIVE_HAS_KTHREAD)
		SET(th, kernel_thread, t->is_kthread != 0);
	if (t->present & LIVE_HAS_CGROUP_ID)
		SET(th, cgroup_id, t->cgroup_id);
	if (t->present & LIVE_HAS_CPU) {
		SET(th, user_ns, t->user_ns);
		SET(th, system_ns, t->system_ns);
	}
	if (t->present & LIVE_HAS_NS_TID && t->ns_tid != t->tid)
		SET(th, namespace_tid, t->ns_tid);
	if (fill_credentials(&s->credentials, t))
		th->credentials = &s->credentials;
	fill_namespaces(&s->namespaces, t);
	th->namespaces = &s->namespaces;
}

/* "a\0b\0" is two strings; NULs behind the last are none.  Return whether
 * there were more than fit. */
static int split(ProtobufCBinaryData *ret, size_t *ret_n, const struct buf *b)
{
	size_t len = b->len, at = 0, n = 0;

	while (len && !b->data[len - 1])
		len--;
	while (at < len && n < PROCESS_STRINGS_MAX) {
		const uint8_t *end = memchr(b->data + at, 0, len - at);
		size_t bytes = end ? (size_t)(end - b->data) - at : len - at;

		ret[n++] = (ProtobufCBinaryData){ bytes, b->data + at };
		at += bytes + 1;
	}
	*ret_n = n;
	return at < len;
}

static void fill_task(Icecore__V1__Process *p, const struct live_task *t)
{
	SET(p, ppid, t->ppid);
	if (t->present & LIVE_HAS_REAL_PPID)
		SET(p, real_ppid, t->real_ppid);
	if (t->present & LIVE_HAS_TRACER && t->tracer)
		SET(p, tracer_pid, t->tracer);
	SET(p, session, t->session);
	SET(p, pgid, t->pgid);
	if (t->present & LIVE_HAS_TTY)
		SET(p, tty, text_bytes(t->tty, sizeof(t->tty)));
	if (t->present & LIVE_HAS_RSS && !t->is_kthread)
		SET(p, rss_bytes, t->rss_bytes);
	if (t->present & LIVE_HAS_OOM_ADJ)
		SET(p, oom_score_adj, t->oom_score_adj);
}

static int ends_with(const struct buf *b, const char *suffix)
{
	size_t n = strlen(suffix);

	return b->len >= n && memcmp(b->data + b->len - n, suffix, n) == 0;
}

static int begins_with(const struct buf *b, const char *prefix)
{
	size_t n = strlen(prefix);

	return b->len >= n && memcmp(b->data, prefix, n) == 0;
}

static char *text_of(const char *s)
{
	return (char *)(uintptr_t)s;
}

/* d_path() puts " (deleted)" behind the path of a file that has no name; a
 * file may have such a name, but then it has links. */
static void fill_exe(struct process_record *p, const struct live_task *t,
	const struct detail *d)
{
	Icecore__V1__HeldFile *exe = &p->exe;

	icecore__v1__held_file__init(exe);
	if (t->present & LIVE_HAS_EXE) {
		SET(exe, device_major, t->exe_major);
		SET(exe, device_minor, t->exe_minor);
		SET(exe, inode, t->exe_inode);
	}
	if (d->exe.len) {
		SET(exe, path, buf_bytes(&d->exe));
		SET(exe, memfd, begins_with(&d->exe, "/memfd:"));
	}
	if (t->present & LIVE_HAS_NLINK)
		SET(exe, deleted, t->exe_links == 0);
	else if (d->exe.len)
		SET(exe, deleted, ends_with(&d->exe, " (deleted)"));
	if (t->present & LIVE_HAS_LAYER)
		exe->overlay_layer = text_of(
			t->exe_layer == LIVE_LAYER_UPPER ? "upper" : "lower");
	if (exe->has_inode || exe->has_path)
		p->process.exe = exe;
}

/* What the kubelet calls them; the pod's log may be there, or one of its
 * containers'. */
static void fill_pod(Icecore__V1__Container *out, const struct pods *pods)
{
	const struct pod *pod =
		out->pod_uid ? pods_find(pods, out->pod_uid) : NULL;
	const struct pod_container *c =
		out->id ? pods_container(pods, out->id) : NULL;

	if (c) {
		out->pod_namespace = text_of(c->namespace);
		out->pod_name = text_of(c->pod);
		out->container_name = text_of(c->name);
	}
	if (pod) {
		out->pod_namespace = text_of(pod->namespace);
		out->pod_name = text_of(pod->name);
	}
}

static void fill_container(struct process_record *p, const struct container *c)
{
	Icecore__V1__Container *out = &p->container;

	icecore__v1__container__init(out);
	if (c->runtime[0])
		out->runtime = text_of(c->runtime);
	if (c->id[0])
		out->id = text_of(c->id);
	if (c->pod_uid[0])
		out->pod_uid = text_of(c->pod_uid);
	fill_pod(out, p->pods);
	if (c->id[0] || c->pod_uid[0])
		p->process.container = out;
}

static const char more_strings[] = "more strings than are kept";

static void fill_detail(
	struct process_record *p, const struct live_task *t, struct detail *d)
{
	Icecore__V1__Process *out = &p->process;

	if (split(p->argv, &out->n_argv, &d->argv)) {
		detail_miss(d, "arguments", -EFBIG, more_strings);
		d->argv_cut = true;
	}
	if (split(p->environment, &out->n_environment, &d->environment)) {
		detail_miss(d, "environment", -EFBIG, more_strings);
		d->environment_cut = true;
	}
	out->argv = p->argv;
	out->environment = p->environment;
	if (d->argv_cut)
		SET(out, argv_cut, 1);
	if (d->environment_cut)
		SET(out, environment_cut, 1);
	if (d->cwd.len)
		SET(out, cwd, buf_bytes(&d->cwd));
	if (d->root.len)
		SET(out, root, buf_bytes(&d->root));
	if (d->cgroup.len)
		SET(out, cgroup, buf_bytes(&d->cgroup));
	if (d->lsm.len)
		SET(out, lsm_label, buf_bytes(&d->lsm));
	if (d->wchan.len)
		SET(out, wchan, buf_bytes(&d->wchan));
	if (d->has_oom_score)
		SET(out, oom_score, (uint32_t)d->oom_score);
	if (d->groups_n > 0) {
		out->groups = d->groups;
		out->n_groups = (size_t)d->groups_n;
	}
	fill_exe(p, t, d);
	fill_container(p, &d->container);
}

const Icecore__V1__Process *process_record_make(struct process_record *p,
	const struct live_task *tasks, size_t n, struct detail *detail)
{
	const struct live_task *leader = tasks;
	Icecore__V1__Process *out = &p->process;
	uint32_t seen_by = 0;

	icecore__v1__process__init(out);
	for (size_t i = 0; i < n; i++) {
		fill_thread(&p->slots[i], &tasks[i]);
		p->threads[i] = &p->slots[i].thread;
		seen_by |= tasks[i].seen_by;
		if (tasks[i].tid == tasks[i].pid)
			leader = &tasks[i];
	}
	SET(out, pid, leader->pid);
	SET(out, start_boot_ns, leader->start_boot_ns);
	out->threads = p->threads;
	out->n_threads = n;
	if (!detail) {
		SET(out, continued, 1);
		return out;
	}
	SET(out, seen_by, seen_by);
	fill_task(out, leader);
	fill_detail(p, leader, detail);
	return out;
}
