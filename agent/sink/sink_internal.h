/* SPDX-License-Identifier: Apache-2.0 */
/* What a kind of sink implements. */
#ifndef SINK_SINK_INTERNAL_H
#define SINK_SINK_INTERNAL_H

#include "sink/sink.h"

struct sink_ops {
	const char *scheme; /* of the URL, with "://" */
	int (*open)(struct sink **ret, const char *rest,
		const struct sink_place *place, struct err *e);
	int (*put)(struct sink *s, const struct sink_object *o, struct err *e);
	void (*close)(struct sink *s);
};

struct sink {
	const struct sink_ops *ops;
	char location[SINK_URL_MAX];
};

extern const struct sink_ops sink_directory;

#endif
