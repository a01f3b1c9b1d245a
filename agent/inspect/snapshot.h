/* SPDX-License-Identifier: Apache-2.0 */
/* Of the live picture in the same evidence, what memory is compared with. */
#ifndef INSPECT_SNAPSHOT_H
#define INSPECT_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct lab_keys;
struct reader;

enum {
	SNAPSHOT_ENTRIES_MAX = 1 << 20, /* of each kind but these */
	SNAPSHOT_MODULES_MAX = 1 << 14,
	SNAPSHOT_HOOKS_MAX = 1 << 16,
	SNAPSHOT_OBJECTS_MAX = 1 << 15,
	SNAPSHOT_NAME_CHARS = 56,
	SNAPSHOT_COMM_CHARS = 16,
	/* /proc tells when a process began in ticks. */
	SNAPSHOT_TICK_NS = 20000000,
};

struct snapshot_task {
	uint32_t tid;
	uint32_t pid;
	uint64_t start_boot_ns;
	bool own; /* of the agent */
	bool in_memory; /* set by who looks there */
	char comm[SNAPSHOT_COMM_CHARS];
};

struct snapshot_module {
	char name[SNAPSHOT_NAME_CHARS];
	uint64_t at; /* its struct module; 0 = not told */
};

struct snapshot_hook {
	uint64_t at;
	uint64_t target;
	char place[SNAPSHOT_NAME_CHARS];
	unsigned region; /* enum text_region */
};

struct snapshot_socket {
	uint64_t inode; /* 0 = it has no file */
	uint32_t netns;
	uint32_t family;
	uint32_t type;
	uint16_t local_port;
	uint16_t remote_port;
	bool own;
};

/* A BPF object that bpf(2) told. */
struct snapshot_object {
	unsigned kind; /* enum bpf_object_kind */
	uint32_t id;
};

/* Executable memory of a process. */
struct snapshot_mapping {
	uint32_t pid;
	uint64_t start;
	uint64_t end;
};

struct snapshot {
	struct snapshot_task *tasks; /* by tid, then by start */
	size_t tasks_n;
	struct snapshot_module *modules;
	size_t modules_n;
	struct snapshot_hook *hooks; /* by at */
	size_t hooks_n;
	struct snapshot_object *objects;
	size_t objects_n;
	struct snapshot_socket *sockets; /* by inode */
	size_t sockets_n;
	uint32_t *netns; /* of each of these, sorted */
	struct snapshot_mapping *mappings; /* by pid, then by start */
	size_t mappings_n;
	uint64_t lost; /* past these */
	uint32_t own_pid;
	/* When tasks were looked at, CLOCK_BOOTTIME; 0 = not told. */
	uint64_t first_boot_ns;
	uint64_t last_boot_ns;
	int64_t boot_minus_monotonic_ns;
};

/*
 * snapshot_load(s, r, keys, e), snapshot_done(s):
 * From ${r}, which was checked.  What the evidence has not is empty.
 */
int snapshot_load(struct snapshot *s, struct reader *r,
	const struct lab_keys *keys, struct err *e) MUST_CHECK;
void snapshot_done(struct snapshot *s);

/*
 * snapshot_task(s, tid, start_boot_ns):
 * That task, with its start to a tick; NULL = none.
 */
struct snapshot_task *snapshot_task(
	const struct snapshot *s, uint32_t tid, uint64_t start_boot_ns);

/*
 * snapshot_module(s, name), snapshot_hook(s, at, target),
 * snapshot_object(s, kind, id), snapshot_inode(s, inode),
 * snapshot_mapping(s, pid, at):
 * NULL = none.
 *
 * snapshot_inode_after(s, inode):
 * The socket with the next greater number.
 */
const struct snapshot_module *snapshot_module(
	const struct snapshot *s, const char *name);
const struct snapshot_hook *snapshot_hook(
	const struct snapshot *s, uint64_t at, uint64_t target);
const struct snapshot_object *snapshot_object(
	const struct snapshot *s, unsigned kind, uint32_t id);
const struct snapshot_socket *snapshot_inode(
	const struct snapshot *s, uint64_t inode);
const struct snapshot_socket *snapshot_inode_after(
	const struct snapshot *s, uint64_t inode);
const struct snapshot_mapping *snapshot_mapping(
	const struct snapshot *s, uint32_t pid, uint64_t at);

/*
 * snapshot_has_pid(s, pid), snapshot_has_mappings(s, pid),
 * snapshot_has_netns(s, netns):
 * Whether there is a task of that number, executable memory of that process,
 * or a socket of that namespace.
 */
bool snapshot_has_pid(const struct snapshot *s, uint32_t pid);
bool snapshot_has_mappings(const struct snapshot *s, uint32_t pid);
bool snapshot_has_netns(const struct snapshot *s, uint32_t netns);

#endif
