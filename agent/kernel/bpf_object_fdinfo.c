// SPDX-License-Identifier: Apache-2.0
/* Who holds a BPF object: by the links in /proc/PID/fd, and what fdinfo says of
 * those that are of BPF. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/dirents.h"
#include "base/io.h"
#include "base/num.h"
#include "kernel/bpf_object_internal.h"

enum { LINK_CHARS = 64, FDINFO_BYTES = 4096, PATH_CHARS = 64 };

struct scan {
	struct bpf_objects *os;
	int proc;
	int fds; /* of the process at hand */
	uint32_t pid;
	uint32_t seen; /* descriptors */
};

static void add_owner(struct bpf_object *o, uint32_t pid)
{
	o->views |= BPF_OBJECT_BY_FDINFO;
	for (size_t i = 0; i < o->owners_n; i++)
		if (o->owners[i] == pid)
			return;
	if (o->owners_n < BPF_OBJECT_OWNERS)
		o->owners[o->owners_n++] = pid;
}

static int see_fd(void *arg, const struct dirents_entry *entry, struct err *e)
{
	struct scan *s = arg;
	char link[LINK_CHARS] = "", path[PATH_CHARS], text[FDINFO_BYTES];
	enum bpf_object_kind kind;
	AUTO_CLOSE int fd = -1;
	struct bpf_object *o;
	uint32_t id;
	ssize_t n;

	if (s->seen++ == BPF_OBJECT_FDS_MAX)
		return err_set(e, -E2BIG, "more than %d descriptors",
			BPF_OBJECT_FDS_MAX);
	if (entry->len > 10 ||
		readlinkat(s->fds, entry->name, link, sizeof(link) - 1) < 0 ||
		strncmp(link, "anon_inode:bpf", 14) != 0)
		return 0;
	(void)snprintf(path, sizeof(path), "%u/fdinfo/%s", s->pid, entry->name);
	fd = io_open(s->proc, path, O_RDONLY, 0, NULL);
	n = fd < 0 ? fd : io_read(fd, text, sizeof(text), NULL);
	if (n <= 0 || bpf_object_fdinfo(&kind, &id, text, (size_t)n) < 0)
		return 0;
	/* What came since the other views were asked is not of this picture. */
	for (size_t i = 0; i < s->os->n; i++) {
		o = &s->os->v[i];
		if (o->kind == kind && o->id == id)
			add_owner(o, s->pid);
	}
	return 0;
}

static int see_process(
	void *arg, const struct dirents_entry *entry, struct err *e)
{
	struct dirents_seen seen;
	struct scan *s = arg;
	char path[PATH_CHARS];
	uint64_t pid;
	int r;

	if (entry->len > 10 || num_u64(&pid, entry->name, NULL) < 0)
		return 0;
	s->pid = (uint32_t)pid;
	(void)snprintf(path, sizeof(path), "%u/fd", s->pid);
	s->fds = io_open(s->proc, path, O_RDONLY | O_DIRECTORY, 0, NULL);
	if (s->fds < 0)
		return 0;
	r = dirents_read(&seen, s->fds, see_fd, s, e);
	(void)close(s->fds);
	/* A process that ended meanwhile. */
	return r == -ENOENT || r == -ESRCH ? 0 : r;
}

int bpf_objects_by_fdinfo(struct bpf_objects *os, struct err *e)
{
	AUTO_CLOSE int proc =
		io_open(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY, 0, e);
	struct scan s = { .os = os, .proc = proc };
	struct dirents_seen seen;

	return proc < 0 ? proc : dirents_read(&seen, proc, see_process, &s, e);
}
