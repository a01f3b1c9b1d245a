/* SPDX-License-Identifier: Apache-2.0 */
/* How large the arrays are in which BPF programs leave tasks. */
#ifndef LIVE_ROOM_H
#define LIVE_ROOM_H

#include <stdint.h>

/*
 * live_room():
 * Twice as many tasks as /proc/loadavg tells, and a few; at most
 * LIVE_TASKS_MAX.
 */
uint32_t live_room(void);

#endif
