/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sources of memory that a capture has open: the first that opened, and
 * those that were opened later because one before them failed.
 */
#ifndef COLLECT_SOURCES_H
#define COLLECT_SOURCES_H

#include "base/cleanup.h"
#include "memory/source.h"

struct err;
struct sources;

/*
 * sources_open(ret, kind, config, e):
 * Open the source ${kind} and no other, or with 0 the first of the ladder
 * that opens.  ${config} is borrowed.  Close with sources_close().
 */
int sources_open(struct sources **ret, int kind,
	const struct source_config *config, struct err *e) MUST_CHECK;
void sources_close(struct sources *ss);

/*
 * sources_restore(ss, e):
 * Undo what opening them changed on this host: unload a module that was
 * loaded.  They can then only be closed; sources_close() does the same, but
 * cannot say that it went wrong.
 */
int sources_restore(struct sources *ss, struct err *e) MUST_CHECK;

/*
 * sources_get(ss, i, ret, e):
 * The source ${i}: 0 is the first, 1 the one to use where 0 failed, and so
 * on; it is opened when it is asked for.  -ENODEV when there is none behind.
 * Any thread.
 */
int sources_get(struct sources *ss, unsigned i, struct source **ret,
	struct err *e) MUST_CHECK;

/*
 * sources_ladder(ss):
 * What was tried so far.  Not while other threads call sources_get().
 */
const struct source_ladder *sources_ladder(const struct sources *ss);

#endif
