/* SPDX-License-Identifier: Apache-2.0 */
/* The sources of triggers while they run: a thread each. */
#ifndef WATCH_SOURCES_H
#define WATCH_SOURCES_H

#include <stddef.h>

#include "base/cleanup.h"
#include "trigger/bell.h"

struct err;
struct trigger_kind;

/* One source, as the configuration has it; everything is borrowed. */
struct watch_source {
	const struct trigger_kind *kind;
	const void *settings;
	const char *plan; /* that its triggers begin; NULL = [capture] itself */
};

struct watch_sources;

/*
 * watch_sources_start(ret, bell, sources, n, e), watch_sources_stop(s),
 * watch_sources_free(s):
 * A thread and a feed for each; stopping ends the bell and waits for them, and
 * what they rang for last can still be taken.
 */
int watch_sources_start(struct watch_sources **ret, struct bell *bell,
	const struct watch_source *sources, size_t n, struct err *e) MUST_CHECK;
void watch_sources_stop(struct watch_sources *s);
void watch_sources_free(struct watch_sources *s);

/*
 * watch_sources_of(s, feed), watch_sources_find(s, name):
 * The source whose feed or whose kind it is; NULL = none.
 */
const struct watch_source *watch_sources_of(
	const struct watch_sources *s, const struct feed *feed);
struct feed *watch_sources_find(const struct watch_sources *s, const char *name);

#endif
