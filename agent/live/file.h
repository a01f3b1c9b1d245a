/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The open files of processes, told by an iterator, by /proc, or by both.  An
 * open file is known by process, start and descriptor.  What /proc tells is
 * read by deadline; where the iterator told a file already, /proc is asked for
 * no more than its number.
 */
#ifndef LIVE_FILE_H
#define LIVE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "bpf/live.h"

struct err;
struct live_config;
struct timed;

enum {
	LIVE_FILES_MAX = 131072, /* more are counted, not kept */
	LIVE_FILE_PATHS_BYTES = 16 << 20, /* of all paths together */
	LIVE_FILE_PATH_BYTES = 4096,
};

/* As FileKind in net.proto. */
enum live_file_kind {
	LIVE_FILE_UNKNOWN,
	LIVE_FILE_REGULAR,
	LIVE_FILE_DIRECTORY,
	LIVE_FILE_CHARACTER,
	LIVE_FILE_BLOCK,
	LIVE_FILE_PIPE,
	LIVE_FILE_FIFO,
	LIVE_FILE_SOCKET,
	LIVE_FILE_LINK,
	LIVE_FILE_MEMFD,
	LIVE_FILE_EVENTFD,
	LIVE_FILE_EPOLL,
	LIVE_FILE_IO_URING,
	LIVE_FILE_BPF_MAP,
	LIVE_FILE_BPF_PROG,
	LIVE_FILE_BPF_LINK,
	LIVE_FILE_PERF,
	LIVE_FILE_USERFAULTFD,
	LIVE_FILE_PIDFD,
	LIVE_FILE_INOTIFY,
	LIVE_FILE_FANOTIFY,
	LIVE_FILE_TIMERFD,
	LIVE_FILE_SIGNALFD,
	LIVE_FILE_NAMESPACE,
	LIVE_FILE_SECRETMEM,
	LIVE_FILE_OTHER,
	LIVE_FILE_KINDS,
};

struct live_file {
	uint64_t start_boot_ns; /* of the process; 0 = not told */
	uint64_t inode;
	uint64_t position;
	uint32_t pid;
	uint32_t tid; /* the process's, but of a thread with its own table */
	uint32_t fd;
	uint32_t flags; /* O_*, as in fdinfo */
	uint32_t mode;
	uint32_t major;
	uint32_t minor;
	uint32_t links;
	uint32_t path_at; /* in live_files.paths */
	uint16_t path_len; /* 0 = not told */
	uint8_t seen_by; /* enum live_witness */
	uint8_t has; /* enum live_file_has */
};

enum live_file_has {
	LIVE_FILE_HAS_INODE = 1 << 0, /* mode, device and links, too */
	LIVE_FILE_HAS_FLAGS = 1 << 1, /* and position */
	LIVE_FILE_HIDDEN = 1 << 2, /* from /proc, by file_compare() */
};

struct live_files {
	struct live_file *v; /* by pid, tid, descriptor */
	size_t n;
	size_t cap;
	size_t sorted; /* the first of them */
	struct buf paths;
	uint64_t lost; /* files that were not kept */
	uint64_t paths_lost;
	uint64_t unread; /* files of which /proc did not tell all in time */
};

void live_files_init(struct live_files *fs);
void live_files_done(struct live_files *fs);

/*
 * live_files_bpf(fs, config, e), live_files_proc(fs, config, timed, e):
 * Add what the iterator, or /proc, sees of the processes in ${config}.  The
 * iterator goes first.  ${fs} is sorted afterwards.
 */
int live_files_bpf(struct live_files *fs, const struct live_config *config,
	struct err *e) MUST_CHECK;
int live_files_proc(struct live_files *fs, const struct live_config *config,
	struct timed *timed, struct err *e) MUST_CHECK;

/*
 * live_files_add(ret, fs, f, path, len, e):
 * Keep a copy of ${f} and where it is; NULL past LIVE_FILES_MAX.
 * live_files_path(fs, f, path, len, e): its path is this.
 */
int live_files_add(struct live_file **ret, struct live_files *fs,
	const struct live_file *f, struct err *e) MUST_CHECK;
int live_files_path(struct live_files *fs, struct live_file *f,
	const char *path, size_t len, struct err *e) MUST_CHECK;

/*
 * live_files_find(fs, pid, tid, fd):
 * Among the sorted ones; NULL = none.  live_files_sort(fs) sorts all.
 */
struct live_file *live_files_find(
	const struct live_files *fs, uint32_t pid, uint32_t tid, uint32_t fd);
void live_files_sort(struct live_files *fs);

/*
 * live_files_compare(fs, config, e):
 * Mark with LIVE_FILE_HIDDEN what the iterator tells and /proc does not, after
 * both were asked LIVE_FILE_RETRIES times more.  Return how many there are.
 */
enum { LIVE_FILE_RETRIES = 2, LIVE_FILE_SUSPECTS_MAX = 256 };
int live_files_compare(struct live_files *fs, const struct live_config *config,
	struct err *e) MUST_CHECK;

/*
 * live_file_kind(mode, path, len), live_file_deleted(f, path):
 * What the file is, by its mode and by the path that /proc/PID/fd has.
 */
enum live_file_kind live_file_kind(uint32_t mode, const char *path, size_t len);
bool live_file_deleted(const struct live_file *f, const char *path);

/*
 * live_fdinfo(f, text, len):
 * What /proc/PID/fdinfo/FD says, as far as it can be read.
 */
void live_fdinfo(struct live_file *f, const char *text, size_t len);

#endif
