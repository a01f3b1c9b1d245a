// SPDX-License-Identifier: Apache-2.0
/* The mounts of each mount namespace, and who is logged in. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/dirents.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "collect/integrity_internal.h"
#include "kernel/session.h"
#include "live/timed.h"
#include "stream/writer.h"

enum {
	MOUNTINFO_BYTES = 512 << 10,
	NAMESPACES_MAX = 4096,
	PATH_CHARS = 64,
	WAIT_NS = 1000000000,
};

struct mounts {
	struct integrity *it;
	struct timed *timed;
	int proc;
	uint32_t *seen; /* inodes of namespaces */
	size_t n;
};

static int put_mounts(
	struct mounts *m, uint32_t pid, uint32_t inode, struct err *e)
{
	Icecore__V1__MountNamespace out = ICECORE__V1__MOUNT_NAMESPACE__INIT;
	Icecore__V1__Record record = ICECORE__V1__RECORD__INIT;
	AUTO_BUF struct buf text = { 0 };
	char path[PATH_CHARS];
	struct err why = { 0 };
	int r;

	(void)snprintf(path, sizeof(path), "%u/mountinfo", pid);
	buf_init(&text, MOUNTINFO_BYTES);
	r = timed_read(m->timed, m->proc, path, 0, &text, &why);
	/* A process that ended: another may be of the same namespace. */
	if (r == -ENOENT || r == -ESRCH || r == -EINVAL)
		return 0;
	m->seen[m->n++] = inode;
	if (r != 0) {
		int told = integrity_gap(m->it, path,
			r < 0 ? why.msg : "longer than 512 KiB", e);

		if (told < 0 || r < 0)
			return told;
	}
	out.has_inode = out.has_pid = out.has_mountinfo = 1;
	out.inode = inode;
	out.pid = pid;
	out.mountinfo.data = text.data;
	out.mountinfo.len = text.len;
	record.body_case = ICECORE__V1__RECORD__BODY_MOUNT_NAMESPACE;
	record.mount_namespace = &out;
	return writer_put(m->it->w, &(struct record){ .message = &record }, e);
}

static int see_process(
	void *arg, const struct dirents_entry *entry, struct err *e)
{
	struct mounts *m = arg;
	char path[PATH_CHARS];
	struct stat st;
	uint64_t pid;

	if (entry->len > 10 || num_u64(&pid, entry->name, NULL) < 0)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/ns/mnt", entry->name);
	if (fstatat(m->proc, path, &st, 0) < 0)
		return 0;
	for (size_t i = 0; i < m->n; i++)
		if (m->seen[i] == (uint32_t)st.st_ino)
			return 0;
	if (m->n == NAMESPACES_MAX)
		return 0;
	return put_mounts(m, (uint32_t)pid, (uint32_t)st.st_ino, e);
}

int integrity_mounts(struct integrity *it, struct err *e)
{
	AUTO_FREE uint32_t *seen = calloc(NAMESPACES_MAX, sizeof(*seen));
	struct err why = { 0 };
	AUTO_CLOSE int proc =
		io_open(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY, 0, &why);
	struct mounts m = { .it = it, .proc = proc, .seen = seen };
	struct dirents_seen dirents;
	int r;

	if (!seen)
		return err_set(e, -ENOMEM, "no memory for mounts");
	if (proc < 0)
		return integrity_gap(it, "mounts", why.msg, e);
	r = timed_new(&m.timed, WAIT_NS, e);
	if (r == 0)
		r = dirents_read(&dirents, proc, see_process, &m, e);
	timed_free(m.timed);
	if (r == 0 && m.n == NAMESPACES_MAX)
		r = integrity_gap(it, "mounts", "more than 4096 namespaces", e);
	return r;
}

static int put_session(
	struct integrity *it, const struct session *s, struct err *e)
{
	Icecore__V1__UserSession out = ICECORE__V1__USER_SESSION__INIT;
	Icecore__V1__Record record = ICECORE__V1__RECORD__INIT;

	out.has_type = out.has_pid = out.has_line = out.has_user = 1;
	out.has_host = out.has_time_ns = 1;
	out.type = s->type;
	out.pid = s->pid;
	out.line.data = (uint8_t *)(uintptr_t)s->line;
	out.line.len = strlen(s->line);
	out.user.data = (uint8_t *)(uintptr_t)s->user;
	out.user.len = strlen(s->user);
	out.host.data = (uint8_t *)(uintptr_t)s->host;
	out.host.len = strlen(s->host);
	out.has_address = s->address_len != 0;
	out.address.data = (uint8_t *)(uintptr_t)s->address;
	out.address.len = s->address_len;
	out.time_ns = s->time_ns;
	record.body_case = ICECORE__V1__RECORD__BODY_USER_SESSION;
	record.user_session = &out;
	return writer_put(it->w, &(struct record){ .message = &record }, e);
}

int integrity_sessions(struct integrity *it, struct err *e)
{
	static const char path[] = "/run/utmp";
	AUTO_BUF struct buf text = { 0 };
	struct err why = { 0 };
	int r;

	buf_init(&text, (size_t)SESSIONS_MAX * SESSION_BYTES);
	r = io_slurp(AT_FDCWD, path, &text, &why);
	if (r < 0)
		return r == -ENOENT ? 0 : integrity_gap(it, path, why.msg, e);
	for (size_t at = 0; r == 0 && at + SESSION_BYTES <= text.len;
		at += SESSION_BYTES) {
		struct session s;

		session_decode(&s, text.data + at);
		if (s.type)
			r = put_session(it, &s, e);
	}
	return r;
}
