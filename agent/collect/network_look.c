// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "collect/collector.h"
#include "collect/network_look.h"
#include "live/detail.h"
#include "live/file.h"
#include "live/source.h"
#include "live/timed.h"

enum { WAIT_NS = 30000000000 };

/* Finding namespaces. */
struct search {
	struct network_host *h;
	const struct collect_env *env;
	int proc;
	uint32_t mounts[NETWORK_MOUNTS_MAX]; /* namespaces that were looked at */
	size_t mounts_n;
};

void network_host_done(struct network_host *h)
{
	netns_done(&h->spaces);
	net_held_done(&h->held);
	net_bpf_close(h->bpf);
}

static int see_task(struct search *s, const struct live_task *t, struct err *e)
{
	uint32_t net = t->ns[LIVE_NS_NET], mnt = t->ns[LIVE_NS_MNT];
	int r = 0;

	if (t->tid != t->pid || t->is_kthread)
		return 0;
	if (net)
		r = netns_task(&s->h->spaces, s->proc, t->pid, net, e);
	if (r < 0 || !mnt)
		return r;
	for (size_t i = 0; i < s->mounts_n; i++)
		if (s->mounts[i] == mnt)
			return 0;
	if (s->mounts_n == NETWORK_MOUNTS_MAX)
		return 0;
	s->mounts[s->mounts_n++] = mnt;
	return netns_mounts(&s->h->spaces, s->proc, t->pid, e);
}

/* One witness is enough here. */
static int by_tasks(struct search *s, struct err *e)
{
	static const enum live_witness kinds[] = { LIVE_BY_ITERATOR,
		LIVE_BY_PROC };
	AUTO_TASKS struct live_tasks ts = { 0 };
	int r = -EPERM;

	for (size_t i = 0; r < 0 && i < ARRAY_LEN(kinds); i++) {
		struct live_source *source = NULL;
		struct live_config all = { .proc = s->env->live->proc };
		struct live_seen seen;

		if (kinds[i] == LIVE_BY_ITERATOR &&
			s->env->leave_out & COLLECT_NO_ITERATOR)
			continue;
		r = live_open(&source, kinds[i], &all, e);
		if (r == 0)
			r = live_see_tasks(source, &ts, &seen, e);
		live_close(source);
	}
	live_tasks_sort(&ts);
	for (size_t i = 0; r == 0 && i < ts.n; i++)
		r = see_task(s, &ts.v[i], e);
	return r;
}

/* "net:[4026531840]" and "socket:[4711]"; the inode of both is told. */
static int see_file(struct search *s, const struct live_files *fs,
	const struct live_file *f, struct err *e)
{
	static const char begin[] = "net:[";
	const char *path = (const char *)fs->paths.data + f->path_at;
	size_t n = sizeof(begin) - 1;

	if (!s->h->has_held && f->has & LIVE_FILE_HAS_INODE && S_ISSOCK(f->mode)) {
		struct net_owner o = { f->inode, f->pid, f->fd, 0 };

		return net_owners_add(&s->h->held.owners, &o, e);
	}
	if (f->path_len <= n || memcmp(path, begin, n) != 0 ||
		f->inode > UINT32_MAX)
		return 0;
	return netns_file(
		&s->h->spaces, s->proc, f->pid, f->fd, (uint32_t)f->inode, e);
}

static int by_files(struct search *s, struct err *e)
{
	struct live_config all = { .proc = s->env->live->proc };
	struct timed *timed = NULL;
	struct live_files fs;
	int r = -EPERM;

	live_files_init(&fs);
	if (!(s->env->leave_out & COLLECT_NO_ITERATOR))
		r = live_files_bpf(&fs, &all, e);
	if (r < 0) {
		r = timed_new(&timed, DETAIL_WAIT_NS, e);
		if (r == 0)
			r = live_files_proc(&fs, &all, timed, e);
		timed_free(timed);
	}
	for (size_t i = 0; r == 0 && i < fs.n; i++)
		r = see_file(s, &fs, &fs.v[i], e);
	live_files_done(&fs);
	net_owners_sort(&s->h->held.owners);
	return r;
}

static int by_sockets(struct search *s, struct err *e)
{
	const struct net_owners *os = &s->h->held.owners;
	int r = 0;

	for (size_t i = 0; r == 0 && s->h->has_held && i < os->n; i++)
		if (os->v[i].netns)
			r = netns_socket(&s->h->spaces, os->v[i].pid,
				os->v[i].fd, os->v[i].netns, e);
	return r;
}

static int by_kernel(struct search *s, struct err *e)
{
	static uint32_t inodes[NET_NAMESPACES_MAX];
	struct network_host *h = s->h;
	int n, r = 0;

	if (!h->bpf) {
		h->kernel_why = h->bpf_why;
		h->kernel_result = -EOPNOTSUPP;
		return 0;
	}
	n = net_bpf_namespaces(inodes, h->bpf, &h->kernel_why);
	h->kernel_result = n < 0 ? n : 0;
	for (int i = 0; r == 0 && i < n; i++)
		r = netns_kernel(&h->spaces, inodes[i], e);
	return r;
}

static void open_bpf(struct search *s)
{
	struct network_host *h = s->h;

	if (s->env->leave_out & COLLECT_NO_ITERATOR) {
		(void)err_set(&h->bpf_why, -EPERM, "left out");
		return;
	}
	if (net_bpf_open(&h->bpf, &h->bpf_why) < 0)
		return;
	h->has_held = net_bpf_held(&h->held, h->bpf, &h->bpf_why) == 0;
	if (!h->has_held)
		net_held_done(&h->held);
}

int network_host_look(
	struct network_host *ret, const struct collect_env *env, struct err *e)
{
	const char *proc = env->live->proc ? env->live->proc : "/proc";
	struct search *s = calloc(1, sizeof(*s));
	struct stat st;
	int r;

	memset(ret, 0, sizeof(*ret));
	if (!s)
		return err_set(e, -ENOMEM, "no memory to look for namespaces");
	s->h = ret;
	s->env = env;
	s->proc = io_open(AT_FDCWD, proc, O_RDONLY | O_DIRECTORY, 0, e);
	r = s->proc < 0 ? s->proc : 0;
	if (r == 0 && fstatat(s->proc, "self/ns/net", &st, 0) == 0)
		ret->own = (uint32_t)st.st_ino;
	if (r == 0) {
		open_bpf(s);
		r = by_tasks(s, e);
	}
	if (r == 0)
		r = by_files(s, e);
	if (r == 0)
		r = by_sockets(s, e);
	if (r == 0)
		r = by_kernel(s, e);
	if (s->proc >= 0)
		(void)close(s->proc);
	free(s);
	return r;
}

static int look_inside(void *arg, struct err *e)
{
	struct network_inside *in = arg;
	int r = sock_look(&in->look, &in->asked, e);

	if (r == 0)
		r = route_look(&in->route, e);
	return r < 0 ? r : rules_look(&in->rules, e);
}

void network_inside_free(void *inside)
{
	struct network_inside *in = inside;

	if (!in)
		return;
	sock_look_done(&in->look);
	route_done(&in->route);
	rules_done(&in->rules);
	free(in);
}

int network_enter(struct network_inside **ret, struct network_host *h,
	const struct netns *ns, unsigned leave_out, struct err *e)
{
	struct network_inside *in = calloc(1, sizeof(*in));
	struct netns_job job = { .run = look_inside,
		.drop = network_inside_free,
		.arg = in,
		.wait_ns = WAIT_NS };
	int r;

	if (!in)
		return err_set(e, -ENOMEM, "no memory for a namespace");
	in->asked = (struct sock_asked){ .bpf = h->bpf,
		.bpf_why = h->bpf_why,
		.held = h->has_held ? &h->held : NULL,
		.netns = ns->inode,
		.leave_out = leave_out };
	r = netns_enter(ns, &job, e);
	if (r == -ETIMEDOUT) {
		/* Whoever was left behind has them still. */
		h->bpf = NULL;
		h->has_held = false;
		h->held = (struct net_held){ 0 };
		return r;
	}
	if (r < 0) {
		network_inside_free(in);
		return r;
	}
	*ret = in;
	return 0;
}
