/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Executables that are worth having, taken as they are executed: what is a
 * memfd, has no name any more, lies where anybody may write, or came into a
 * container after its image.
 *
 * Three ways, since the process may be gone a millisecond later:
 *  - fanotify(7) tells of files that are opened to be executed (FAN_OPEN_EXEC,
 *    5.0), and its queue itself holds the file.  Nobody waits for an answer.
 *  - /proc/PID/exe, if the process lives.
 *  - The pages that a BPF program copied as the file was executed.
 *
 * Small ones are copied into a memfd of this process, others are held open.
 * One thread at a time.
 */
#ifndef RECORDER_TAKE_H
#define RECORDER_TAKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "binary/taken.h"

struct err;
struct take;

enum {
	TAKE_FILES_MAX = 512, /* then the longest not executed one goes */
	TAKE_COPY_BYTES = 32 << 20, /* of all copies: counts as memory */
	TAKE_FILE_BYTES = 8 << 20, /* of one copy */
	TAKE_PENDING_MAX = 1024, /* opened, and not seen to be executed yet */
	TAKE_PENDING_SECONDS = 2,
	TAKE_IGNORED_MAX = 8192, /* inodes that nobody wants to hear of */
	TAKE_MOUNTS_MAX = 4096,
};

struct take_counters {
	uint64_t taken;
	uint64_t evicted; /* for newer ones */
	uint64_t overflows; /* of fanotify's queue, or of what waits */
};

/*
 * take_new(ret, e), take_free(t):
 * Where there is no fanotify the other ways stay.
 */
int take_new(struct take **ret, struct err *e) MUST_CHECK;
void take_free(struct take *t);

/*
 * take_fd(t): fanotify's descriptor, to be waited for; -1 = none.
 * take_why_not(t): why there is none; "" = there is.
 */
int take_fd(const struct take *t);
const char *take_why_not(const struct take *t);

/*
 * take_opened(t):
 * Take in what fanotify tells; does not wait.  It comes before
 * take_executed() of what it tells of.
 */
void take_opened(struct take *t);

/*
 * take_executed(t, record, len), take_page(t, record, len):
 * A struct recorder_exec, and a struct recorder_page.
 */
void take_executed(struct take *t, const void *record, size_t len);
void take_page(struct take *t, const void *record, size_t len);

/*
 * take_list(t), take_give_back(t):
 * What was taken.  Until it is given back nothing in it goes, but a copy may
 * become longer.
 */
const struct taken_list *take_list(struct take *t);
void take_give_back(struct take *t);

const struct take_counters *take_counters(const struct take *t);

#endif
