/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A capture, fetched from a store into a directory.  The chain of manifests
 * says what there is, so no listing is needed and every segment is checked as
 * it arrives; what is in the directory already and right is not fetched again.
 * In an S3 bucket with versions, where who may add can add a version over what
 * is there, or a delete marker, the version is fetched that fits the chain.
 */
#ifndef LAB_PULL_H
#define LAB_PULL_H

#include <stddef.h>
#include <stdint.h>

#include "cloud/store.h"

struct err;

enum {
	PULL_SEEK = 16, /* unlisted segments missing in a row: the last was it */
	PULL_THREADS = 4,
	PULL_THREADS_MAX = 32,
};

struct pull_config {
	const char *url; /* of the capture: DEST/CASE/HOST/CAPTURE */
	const char *directory; /* made if it is not there */
	const struct store_config *store;
	unsigned threads;
};

struct pull_result {
	uint64_t manifests;
	uint64_t segments; /* in the directory, right */
	uint64_t fetched; /* objects, and their bytes */
	uint64_t fetched_bytes;
	uint64_t kept; /* were there */
	uint64_t missing; /* segments that manifests list */
	uint64_t wrong; /* whose bytes are not what their manifest says */
	uint64_t unlisted; /* segments that no manifest lists */
	uint64_t older; /* objects that newer versions lie over */
	bool final; /* the final manifest is there */
};

/*
 * pull_run(ret, config, e):
 * -ENOENT when there is no manifest at ${url}; an error of the store, or of
 * the directory, once it has been tried FETCH_TRIES times.  Segments that are
 * missing or wrong are counted, not an error, and what is wrong is kept for
 * icelab verify to name.
 */
int pull_run(struct pull_result *ret, const struct pull_config *config,
	struct err *e) MUST_CHECK;

#endif
