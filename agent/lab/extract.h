/* SPDX-License-Identifier: Apache-2.0 */
/* From sealed segments to an image, the host's files, and a list of gaps. */
#ifndef LAB_EXTRACT_H
#define LAB_EXTRACT_H

#include <stdbool.h>

#include "lab/contents.h"
#include "lab/image.h"
#include "lab/lab.h"
#include "lab/reader.h"

struct err;

struct extract_options {
	int outfd; /* the directory to write to */
	int memory; /* enum image_format, -1 = no image */
	struct image_plan kernel; /* of an ELF image: what the kernel told */
	const struct ranges *only; /* memory that is wanted; NULL = all */
	bool vouched_only; /* leave out what no signature vouches for */
	unsigned threads;
	const struct lab_keys *keys;
};

/* What came out, beside the image. */
struct extract_result {
	uint64_t memory_bytes;
	struct ranges private_map; /* read through a private mapping */
	struct ranges doubtful; /* zeros that may be none */
	struct ranges unvouched; /* of segments without a signature */
	struct ranges missing; /* System RAM that is not in the image */
	struct extract_gap *gaps; /* Gap records, as they came */
	size_t gaps_n;
	size_t unvouched_n; /* segments */
	unsigned files;
	struct contents_result binaries;
	size_t cores; /* of processes */
};

enum { EXTRACT_GAPS_MAX = 1 << 20, EXTRACT_TEXT_CHARS = 160 };

struct extract_gap {
	int kind; /* of Icecore__V1__GapKind */
	int page_status;
	int source;
	struct range range;
	char text[EXTRACT_TEXT_CHARS]; /* what, and the reason */
};

/*
 * extract_run(ret, r, options, e):
 * Extract every segment of ${r}, which was checked, that is good.  A segment
 * that cannot be opened is a finding of ${r}, not an error.  End ${ret} with
 * extract_done().
 */
int extract_run(struct extract_result *ret, struct reader *r,
	const struct extract_options *options, struct err *e) MUST_CHECK;
void extract_done(struct extract_result *ret);

/*
 * extract_write_gaps(res, r, options, e):
 * Write memory.gaps.json into the output directory.
 */
int extract_write_gaps(const struct extract_result *res, const struct reader *r,
	const struct extract_options *options, struct err *e) MUST_CHECK;

/*
 * extract_file(outfd, path, offset, buf, len, e):
 * Write a piece of the host's file ${path} below files/ of ${outfd}.
 * -EINVAL when the path leads out or is no path.
 */
int extract_file(int outfd, const char *path, uint64_t offset, const void *buf,
	size_t len, struct err *e) MUST_CHECK;

/*
 * extract_code(outfd, c, e):
 * Write changed code below code/ of ${outfd}: PID-ADDRESS.memory is what was in
 * the process, PID-ADDRESS.file what its file has there.
 */
int extract_code(
	int outfd, const Icecore__V1__CodeChange *c, struct err *e) MUST_CHECK;

#endif
