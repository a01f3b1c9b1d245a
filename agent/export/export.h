/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence in the formats that analysts' other tools read: one line of
 * export_formats for each.
 */
#ifndef EXPORT_EXPORT_H
#define EXPORT_EXPORT_H

#include <stdbool.h>

#include "base/cleanup.h"

struct err;
struct item;
struct lab_keys;
struct lines;
struct reader;

/* What a format is asked to do. */
struct export_job {
	struct reader *r; /* checked, and its key too */
	const struct lab_keys *keys;
	const char *out; /* as given; NULL = fd is open */
	int fd; /* of a format that is one file */
	const char *image; /* of --image; NULL = not given */
	bool has_gaps; /* set when something could not be told */
};

struct export_format {
	const char *name; /* of --format */
	const char *what;
	bool is_directory; /* --output names one; else a file, or "-" */
	/* Write it.  What the format cannot hold is left out; what the evidence
	 * lacks sets job->has_gaps.  What it did is printed to stderr. */
	int (*run)(struct export_job *job, struct err *e);
	/* Instead, of a format that is lines: those of an item, and what they
	 * are called. */
	int (*map)(struct lines *l, const struct item *it, struct err *e);
	const char *unit;
};

/* In the order of --help; ends with an empty line. */
extern const struct export_format export_formats[];

int export_isf(struct export_job *job, struct err *e) MUST_CHECK;
int export_jsonl(struct export_job *job, struct err *e) MUST_CHECK;
int export_stix(struct export_job *job, struct err *e) MUST_CHECK;
int export_tar(struct export_job *job, struct err *e) MUST_CHECK;

/* Maps of the formats of that name. */
int bodyfile_map(struct lines *l, const struct item *it, struct err *e) MUST_CHECK;
int ecs_map(struct lines *l, const struct item *it, struct err *e) MUST_CHECK;
int ocsf_map(struct lines *l, const struct item *it, struct err *e) MUST_CHECK;
int timesketch_map(
	struct lines *l, const struct item *it, struct err *e) MUST_CHECK;

#endif
