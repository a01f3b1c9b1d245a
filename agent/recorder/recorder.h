/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flight recorder: BPF programs that see what happens, a thread that moves
 * what they saw into a ring in memory, and what was taken as it was executed.
 * Nothing of it stays when it is closed, and nothing is written anywhere.
 *
 * Each program is tried by itself: a kernel that lacks one function still
 * tells of the others, and what it could not be asked is told.
 */
#ifndef RECORDER_RECORDER_H
#define RECORDER_RECORDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "bpf/recorder.h"

struct err;
struct recorder;
struct taken_list;

enum {
	RECORDER_SIZE_BYTES = 32 << 20,
	RECORDER_SIZE_MIN_BYTES = 1 << 20,
	RECORDER_SIZE_MAX_BYTES = 1 << 30,
	RECORDER_SECONDS = 3600,
	RECORDER_SECONDS_MAX = 7 * 24 * 3600,
	RECORDER_WAIT_MS = 100, /* how often the programs' ring is looked at */
	RECORDER_KERNEL_RING_BYTES = 8 << 20, /* what may come meanwhile */
	RECORDER_PAGES_RING_BYTES = 16 << 20,
	RECORDER_REASON_CHARS = 240,
	RECORDER_PROGRAMS_MAX = 32,
	RECORDER_CGROUPS_MAX = 4096, /* whose path is known */
	RECORDER_CGROUP_CHARS = 512,
};

struct recorder_config {
	uint64_t size_bytes; /* of the ring */
	uint64_t seconds; /* what is older goes */
	int no_take; /* executables are not taken */
};

/* How one program came to see; one line for each. */
struct recorder_program {
	const char *name; /* of the function or the tracepoint */
	const char *way; /* "tracepoint", "fentry", "kprobe"; NULL = not */
	int is_missing; /* what it would see is seen by nobody */
	char reason[RECORDER_REASON_CHARS]; /* why not */
};

struct recorder_count {
	uint64_t happened; /* = recorded + lost, and what is on its way */
	uint64_t recorded;
	uint64_t lost; /* there was no room on the way */
	uint64_t overwritten; /* of those that were recorded */
	uint64_t expired;
};

struct recorder_state {
	struct recorder_program programs[RECORDER_PROGRAMS_MAX];
	size_t programs_n;
	struct recorder_count counts[RECORDER_KINDS];
	uint64_t missed; /* a program was running on that processor already */
	uint64_t malformed;
	uint64_t began_boot_ns;
	uint64_t oldest_boot_ns; /* in the ring; 0 = it is empty */
	uint64_t last_loss_boot_ns; /* when a loss was seen; 0 = none was */
	uint64_t ring_bytes;
	uint64_t ring_used_bytes;
	uint64_t taken; /* executables */
	uint64_t taken_evicted; /* for newer ones */
	uint64_t taken_overflows; /* what fanotify could not tell */
	char take_why_not[RECORDER_REASON_CHARS]; /* no fanotify; "" = it is */
};

/*
 * recorder_open(ret, config, e), recorder_close(r):
 * Attach what can be and begin.  Fails where not even exec can be seen.
 */
int recorder_open(struct recorder **ret, const struct recorder_config *config,
	struct err *e) MUST_CHECK;
void recorder_close(struct recorder *r);

/*
 * recorder_flush(r):
 * Everything that happened before the call is in the ring when it returns.
 */
void recorder_flush(struct recorder *r);

/*
 * recorder_state(r, ret):
 * A picture of now.
 */
void recorder_state(struct recorder *r, struct recorder_state *ret);

/*
 * recorder_read(r, at, ret, cap, skipped):
 * As ring_read() in recorder/ring.h, while the recorder goes on.
 * recorder_span(r, first, end): as ring_oldest() and ring_end().
 */
size_t recorder_read(struct recorder *r, uint64_t *at, uint8_t *ret, size_t cap,
	uint64_t *skipped);
void recorder_span(struct recorder *r, uint64_t *first, uint64_t *end);

/*
 * recorder_cgroup(r, ret, id):
 * The path of the cgroup, as it was when the recorder first met it; "" = it
 * is not known.
 */
void recorder_cgroup(
	struct recorder *r, char ret[RECORDER_CGROUP_CHARS], uint64_t id);

/*
 * recorder_taken(r), recorder_give_back(r):
 * What was taken up to now, good until it is given back.
 */
const struct taken_list *recorder_taken(struct recorder *r);
void recorder_give_back(struct recorder *r);

/*
 * recorder_kind_name(kind): "exec", "tcp_connect"; NULL = none.
 */
const char *recorder_kind_name(unsigned kind);

#endif
