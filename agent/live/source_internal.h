/* SPDX-License-Identifier: Apache-2.0 */
/* Between source.c and the witnesses. */
#ifndef LIVE_SOURCE_INTERNAL_H
#define LIVE_SOURCE_INTERNAL_H

#include <stdbool.h>

#include "live/source.h"

struct live_ops {
	size_t bytes; /* of the source, which begins with struct live_source */
	int (*open)(struct live_source *s, struct err *e);
	void (*close)(struct live_source *s); /* of a half-open one, too */
	int (*tasks)(struct live_source *s, struct live_tasks *into,
		struct live_seen *seen, struct err *e);
};

struct live_source {
	const struct live_ops *ops;
	struct live_config config;
};

extern const struct live_ops live_bpf_ops;
extern const struct live_ops live_proc_ops;
extern const struct live_ops live_list_ops;
extern const struct live_ops live_scheduler_ops;
extern const struct live_ops live_probe_ops;
extern const struct live_ops live_module_ops;

/*
 * live_wants(config, pid):
 * Whether ${pid} passes the filter.
 */
bool live_wants(const struct live_config *config, uint32_t pid);

#endif
