/* SPDX-License-Identifier: Apache-2.0 */
/* Lines on their way into the file of an export. */
#ifndef EXPORT_LINES_H
#define EXPORT_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/json.h"

struct err;
struct export_job;
struct item;

enum { LINES_BYTES = 256 << 10 };

struct lines {
	int fd;
	size_t len; /* bytes that wait */
	uint64_t n; /* lines so far */
	char *buf;
};

/*
 * lines_init(l, fd, e), lines_finish(l, e), lines_done(l):
 * To ${fd}, which is borrowed.
 */
int lines_init(struct lines *l, int fd, struct err *e) MUST_CHECK;
int lines_finish(struct lines *l, struct err *e) MUST_CHECK;
void lines_done(struct lines *l);

/*
 * lines_raw(l, text, len, e):
 * Bytes as they are.
 */
int lines_raw(struct lines *l, const void *text, size_t len,
	struct err *e) MUST_CHECK;

/*
 * lines_json(l, j, e):
 * One JSON object as a line; ${j} is taken, and NULL is -ENOMEM.
 */
int lines_json(struct lines *l, json_t *j, struct err *e) MUST_CHECK;

/* What a format makes of an item: any number of lines. */
typedef int lines_map(struct lines *l, const struct item *it, struct err *e);

/*
 * lines_items(job, map, what, e):
 * The whole of an export that is lines: ${what} they are goes to stderr.
 */
int lines_items(struct export_job *job, lines_map *map, const char *what,
	struct err *e) MUST_CHECK;

#define AUTO_LINES CLEANUP(lines_done)

#endif
