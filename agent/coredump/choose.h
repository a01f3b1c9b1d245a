/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose memory to take: processes by their ids, and all of a container or a
 * pod, by the names of their cgroups and of the kubelet's logs.
 */
#ifndef COREDUMP_CHOOSE_H
#define COREDUMP_CHOOSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	CHOOSE_NAMES_MAX = 16, /* of each kind */
	CHOOSE_PIDS_MAX = 4096, /* processes in all */
	CHOOSE_ID_CHARS_MIN = 8, /* of a container's id */
};

/* Everything is borrowed. */
struct choice {
	uint32_t pids[CHOOSE_NAMES_MAX];
	size_t pids_n;
	/* The beginning of a container's id, or its name in its pod. */
	const char *containers[CHOOSE_NAMES_MAX];
	size_t containers_n;
	/* A pod's uid, "NAME", or "NAMESPACE/NAME". */
	const char *pods[CHOOSE_NAMES_MAX];
	size_t pods_n;
};

struct chosen {
	uint32_t *pids; /* ascending, each once */
	size_t n;
};

/*
 * choice_is_empty(c): nobody is chosen, and so all are meant.
 */
static inline int choice_is_empty(const struct choice *c)
{
	return !c->pids_n && !c->containers_n && !c->pods_n;
}

/*
 * choose(ret, c, proc, e), chosen_done(c):
 * The processes that ${c} means now, by the directory ${proc} ("/proc").
 * -ESRCH names the first choice that means nobody, -E2BIG past
 * CHOOSE_PIDS_MAX.
 */
int choose(struct chosen *ret, const struct choice *c, const char *proc,
	struct err *e) MUST_CHECK;
void chosen_done(struct chosen *c);

#define AUTO_CHOSEN CLEANUP(chosen_done)

#endif
