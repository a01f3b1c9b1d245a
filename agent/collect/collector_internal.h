/* SPDX-License-Identifier: Apache-2.0 */
/* One line for each collector. */
#ifndef COLLECT_COLLECTOR_INTERNAL_H
#define COLLECT_COLLECTOR_INTERNAL_H

#include "collect/collector.h"

extern const struct collector collector_binary;
extern const struct collector collector_core;
extern const struct collector collector_disk;
extern const struct collector collector_event;
extern const struct collector collector_file;
extern const struct collector collector_integrity;
extern const struct collector collector_kernel;
extern const struct collector collector_memory;
extern const struct collector collector_network;
extern const struct collector collector_process;

#endif
