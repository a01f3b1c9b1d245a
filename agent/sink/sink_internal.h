/* SPDX-License-Identifier: Apache-2.0 */
/* What a kind of sink implements. */
#ifndef SINK_SINK_INTERNAL_H
#define SINK_SINK_INTERNAL_H

#include "sink/sink.h"

struct sink_ops {
	int (*open)(struct sink **ret, const char *url,
		const struct sink_place *place,
		const struct store_config *config, struct err *e);
	int (*put)(struct sink *s, const struct sink_object *o,
		struct sink_try *t, struct err *e);
	int (*renew)(struct sink *s, const struct sink_try *t, struct err *e);
	int (*directory_fd)(const struct sink *s); /* NULL = it is none */
	void (*close)(struct sink *s);
	unsigned uploads;
};

struct sink {
	const struct sink_ops *ops;
	char location[SINK_URL_MAX];
};

extern const struct sink_ops sink_directory;
extern const struct sink_ops sink_remote;

#endif
