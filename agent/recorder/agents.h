/* SPDX-License-Identifier: Apache-2.0 */
/* The names of security agents, as the kernel cuts them, whose killing is
 * recorded. */
#ifndef RECORDER_AGENTS_H
#define RECORDER_AGENTS_H

#include "base/cleanup.h"

struct bpf_object;
struct err;

/*
 * agents_name(o, e):
 * Put them into the map recorder_agents of ${o}, where it has one.
 */
int agents_name(struct bpf_object *o, struct err *e) MUST_CHECK;

#endif
