/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report as one file of HTML: the page, its style and its script, which
 * alone its Content-Security-Policy allows (by their SHA-256), and the data as
 * JSON in elements that nobody runs.  The same evidence makes the same file.
 */
#ifndef REPORT_WRITE_H
#define REPORT_WRITE_H

#include <stdbool.h>

#include "base/json.h"

struct err;
struct memory_map;
struct model;

enum {
	WRITE_PIECE_BYTES = 1 << 20, /* of JSON, guarded at a time */
	WRITE_CUSTODY_BYTES = 64 << 20,
	WRITE_MAP_BYTES = 48 << 20,
};

struct write_data {
	const struct model *model;
	const struct memory_map *memory;
	const json_t *custody; /* NULL = there was no memory: -ENOMEM */
	bool memory_read; /* the map is of the records, not of the manifests */
};

/*
 * write_report(fd, data, e):
 * Write the whole of it.
 */
int write_report(int fd, const struct write_data *data, struct err *e) MUST_CHECK;

#endif
