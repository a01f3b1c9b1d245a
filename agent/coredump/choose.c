// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/dirents.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "coredump/choose.h"
#include "live/container.h"
#include "live/pods.h"

enum { CGROUP_BYTES = 16 << 10, PID_CHARS = 11 };

struct choosing {
	const struct choice *c;
	struct chosen *ret;
	struct pods pods;
	int proc;
	bool pid_met[CHOOSE_NAMES_MAX];
	bool container_met[CHOOSE_NAMES_MAX];
	bool pod_met[CHOOSE_NAMES_MAX];
};

static int add(struct chosen *ret, uint32_t pid, struct err *e)
{
	enum { STEP = 64 };
	uint32_t *v = ret->pids;

	if (ret->n == CHOOSE_PIDS_MAX)
		return err_set(e, -E2BIG, "more than %d processes are chosen",
			CHOOSE_PIDS_MAX);
	if (ret->n % STEP == 0)
		v = reallocarray(v, ret->n + STEP, sizeof(*v));
	if (!v)
		return err_set(e, -ENOMEM, "no memory for process ids");
	ret->pids = v;
	v[ret->n++] = pid;
	return 0;
}

/* Which container process ${pid} is in; false: in none, or it is gone. */
static bool container_of(
	const struct choosing *s, const char *pid, struct container *ret)
{
	AUTO_BUF struct buf b = { 0 };
	char path[PID_CHARS + sizeof("/cgroup")];
	const char *cgroup;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/cgroup", pid);
	buf_init(&b, CGROUP_BYTES);
	if (io_slurp(s->proc, path, &b, NULL) < 0 || !b.len)
		return false;
	container_cgroup(&cgroup, &len, (const char *)b.data, b.len);
	*ret = (struct container){ .id = "" };
	if (cgroup)
		container_find(ret, cgroup, len);
	return ret->id[0] || ret->pod_uid[0];
}

static bool is_container(
	const struct choosing *s, const struct container *c, const char *wanted)
{
	const struct pod_container *named = pods_container(&s->pods, c->id);
	size_t len = strlen(wanted);

	if (len >= CHOOSE_ID_CHARS_MIN && strncmp(c->id, wanted, len) == 0)
		return true;
	return named && strcmp(named->name, wanted) == 0;
}

/* "NAMESPACE/NAME", or the name alone. */
static bool is_pod_name(
	const char *namespace, const char *name, const char *wanted)
{
	const char *slash = strchr(wanted, '/');

	if (!slash)
		return strcmp(name, wanted) == 0;
	return strlen(namespace) == (size_t)(slash - wanted) &&
	       memcmp(namespace, wanted, (size_t)(slash - wanted)) == 0 &&
	       strcmp(name, slash + 1) == 0;
}

static bool is_pod(
	const struct choosing *s, const struct container *c, const char *wanted)
{
	const struct pod *pod = pods_find(&s->pods, c->pod_uid);
	const struct pod_container *named = pods_container(&s->pods, c->id);

	if (c->pod_uid[0] && strcmp(c->pod_uid, wanted) == 0)
		return true;
	if (pod && is_pod_name(pod->namespace, pod->name, wanted))
		return true;
	return named && is_pod_name(named->namespace, named->pod, wanted);
}

static bool is_chosen(struct choosing *s, const char *name, uint32_t pid)
{
	const struct choice *c = s->c;
	struct container in;
	bool yes = false;

	for (size_t i = 0; i < c->pids_n; i++)
		if (c->pids[i] == pid)
			yes = s->pid_met[i] = true;
	if ((!c->containers_n && !c->pods_n) || !container_of(s, name, &in))
		return yes;
	for (size_t i = 0; i < c->containers_n; i++)
		if (is_container(s, &in, c->containers[i]))
			yes = s->container_met[i] = true;
	for (size_t i = 0; i < c->pods_n; i++)
		if (is_pod(s, &in, c->pods[i]))
			yes = s->pod_met[i] = true;
	return yes;
}

static int see(void *arg, const struct dirents_entry *entry, struct err *e)
{
	struct choosing *s = arg;
	uint64_t pid;

	if (entry->len >= PID_CHARS || num_u64(&pid, entry->name, NULL) < 0 ||
		pid == 0 || pid > UINT32_MAX)
		return 0;
	return is_chosen(s, entry->name, (uint32_t)pid)
		       ? add(s->ret, (uint32_t)pid, e)
		       : 0;
}

static int check_met(const struct choosing *s, struct err *e)
{
	const struct choice *c = s->c;

	for (size_t i = 0; i < c->pids_n; i++)
		if (!s->pid_met[i])
			return err_set(e, -ESRCH, "there is no process %u",
				c->pids[i]);
	for (size_t i = 0; i < c->containers_n; i++)
		if (!s->container_met[i])
			return err_set(e, -ESRCH,
				"no process runs in a container '%.80s'",
				c->containers[i]);
	for (size_t i = 0; i < c->pods_n; i++)
		if (!s->pod_met[i])
			return err_set(e, -ESRCH,
				"no process runs in a pod '%.120s'", c->pods[i]);
	return 0;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int choose(struct chosen *ret, const struct choice *c, const char *proc,
	struct err *e)
{
	struct choosing s = { .c = c, .ret = ret, .proc = -1 };
	struct dirents_seen seen;
	int r;

	*ret = (struct chosen){ 0 };
	s.proc = io_open(AT_FDCWD, proc, O_RDONLY | O_DIRECTORY, 0, e);
	if (s.proc < 0)
		return s.proc;
	r = pods_read(&s.pods, s.proc, e);
	if (r == 0)
		r = dirents_read(&seen, s.proc, see, &s, e);
	if (r == 0)
		r = check_met(&s, e);
	if (r == 0)
		qsort(ret->pids, ret->n, sizeof(*ret->pids), by_number);
	else
		chosen_done(ret);
	pods_done(&s.pods);
	(void)close(s.proc);
	return r;
}

void chosen_done(struct chosen *c)
{
	free(c->pids);
	*c = (struct chosen){ 0 };
}
