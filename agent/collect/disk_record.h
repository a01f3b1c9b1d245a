/* SPDX-License-Identifier: Apache-2.0 */
/* From what was seen on a disk to its records. */
#ifndef COLLECT_DISK_RECORD_H
#define COLLECT_DISK_RECORD_H

#include "base/cleanup.h"
#include "disk/container.h"
#include "disk/persist.h"
#include "disk/verify.h"

struct err;
struct writer;

enum {
	DISK_BATCH_FILES = 256, /* of one record */
	DISK_BATCH_BYTES = 512 << 10, /* of its texts */
	DISK_LINE_BYTES = 1024, /* of a line of a place */
};

/*
 * disk_put_files(w, p, e), disk_put_packages(w, p, e):
 * All files, in the order of the walk; all packages.
 */
int disk_put_files(
	struct writer *w, const struct picture *p, struct err *e) MUST_CHECK;
int disk_put_packages(
	struct writer *w, const struct picture *p, struct err *e) MUST_CHECK;

/*
 * disk_put_verdict(w, p, v, e), disk_put_persistence(w, p, f, e):
 * One record, without its finding.
 */
int disk_put_verdict(struct writer *w, const struct picture *p,
	const struct verify_verdict *v, struct err *e) MUST_CHECK;
int disk_put_persistence(struct writer *w, const struct picture *p,
	const struct persist_found *f, struct err *e) MUST_CHECK;

/*
 * disk_put_container(w, f, e).
 */
int disk_put_container(struct writer *w, const struct container_found *f,
	struct err *e) MUST_CHECK;

#endif
