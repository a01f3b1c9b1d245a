/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of reading a capture, for reader_*.c. */
#ifndef LAB_READER_INTERNAL_H
#define LAB_READER_INTERNAL_H

#include "lab/reader.h"

/*
 * reader_read_chain(r, e):
 * Read the manifests that were found, decide which capture and key they are
 * of, check each and its place, and enter what they list into the segments.
 */
int reader_read_chain(struct reader *r, struct err *e) MUST_CHECK;

/*
 * reader_segment_add(r, number, e):
 * Add a segment of which there is no file, behind the others; when all are
 * added, reader_segments_sort() puts them in their order and drops what was
 * added twice.
 */
int reader_segment_add(
	struct reader *r, unsigned number, struct err *e) MUST_CHECK;
void reader_segments_sort(struct reader *r);

/*
 * reader_segment_among(r, n, number), reader_segment_find(r, number):
 * The segment among the first ${n}, which are sorted, or among all of them;
 * NULL = none.
 */
struct reader_segment *reader_segment_among(
	const struct reader *r, size_t n, unsigned number);
struct reader_segment *reader_segment_find(
	const struct reader *r, unsigned number);

#endif
