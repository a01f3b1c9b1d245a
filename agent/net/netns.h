/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network namespaces: those of processes, those that are mounted, that
 * somebody has open or has a socket of, and those that only the kernel's own
 * list has.  One is entered by a thread that ends in it; nothing else changes
 * its namespace.
 */
#ifndef NET_NETNS_H
#define NET_NETNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	NETNS_MAX = 4096,
	NETNS_PIDS_MAX = 64, /* that are named of one */
	NETNS_PATH_BYTES = 256,
	NETNS_MOUNTINFO_BYTES = 4 << 20,
	NETNS_STUCK_MAX = 4, /* threads left behind; then none is entered */
};

/* As NetNamespaceWay in net.proto. */
enum netns_way {
	NETNS_BY_TASK = 1 << 0,
	NETNS_BY_MOUNT = 1 << 1,
	NETNS_BY_FILE = 1 << 2,
	NETNS_BY_SOCKET = 1 << 3,
	NETNS_BY_KERNEL = 1 << 4,
};

struct netns {
	uint32_t inode;
	uint32_t found_by; /* enum netns_way */
	int fd; /* -1 = there is no way in */
	uint32_t pids[NETNS_PIDS_MAX];
	uint32_t processes; /* as many are in it; the first are in pids */
	char path[NETNS_PATH_BYTES]; /* of a mount; "" = none, or too long */
};

struct netns_list {
	struct netns *v;
	size_t n;
	size_t cap;
	uint64_t lost; /* past NETNS_MAX */
};

void netns_done(struct netns_list *l);

/*
 * netns_find(l, inode): NULL = it is not there.
 */
struct netns *netns_find(const struct netns_list *l, uint32_t inode);

/*
 * netns_task(l, proc, pid, inode, e):
 * The process ${pid} is in ${inode}, as it says in the directory ${proc}.
 * netns_file(l, proc, pid, fd, inode, e): it has it open.
 * netns_socket(l, pid, fd, inode, e): it has a socket of it; where there is no
 * other way in, the socket is borrowed for a moment to find one.
 * netns_kernel(l, inode, e): it is in the kernel's list.
 */
int netns_task(struct netns_list *l, int proc, uint32_t pid, uint32_t inode,
	struct err *e) MUST_CHECK;
int netns_file(struct netns_list *l, int proc, uint32_t pid, uint32_t fd,
	uint32_t inode, struct err *e) MUST_CHECK;
int netns_socket(struct netns_list *l, uint32_t pid, uint32_t fd,
	uint32_t inode, struct err *e) MUST_CHECK;
int netns_kernel(struct netns_list *l, uint32_t inode, struct err *e) MUST_CHECK;

/*
 * netns_mounts(l, proc, pid, e):
 * What is mounted where ${pid} can see it; nothing when it has ended.
 * netns_mount_line(path, cap, line, len): the namespace that a line of
 * mountinfo mounts, and where; 0 = none.
 */
int netns_mounts(
	struct netns_list *l, int proc, uint32_t pid, struct err *e) MUST_CHECK;
uint32_t netns_mount_line(
	char *path, size_t cap, const char *line, size_t len) MUST_CHECK;

/*
 * What is done inside, and then forgotten.  When the time is up while it is
 * being done, the thread is left behind and calls ${drop} when it ends; else
 * the caller keeps ${arg}.
 */
struct netns_job {
	int (*run)(void *arg, struct err *e);
	void (*drop)(void *arg);
	void *arg;
	uint64_t wait_ns;
};

/*
 * netns_enter(ns, job, e):
 * Run it in the namespace; what it returned, or -ETIMEDOUT.
 */
int netns_enter(const struct netns *ns, const struct netns_job *job,
	struct err *e) MUST_CHECK;

#endif
