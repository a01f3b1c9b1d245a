/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of a capture, decrypted and decoded.  A segment that the
 * manifests say has nothing of what is wanted is not opened at all: whoever
 * wants processes does not wait for memory.
 */
#ifndef LAB_RECORDS_H
#define LAB_RECORDS_H

#include <stdint.h>

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

struct err;
struct lab_keys;
struct reader;
struct reader_segment;

#define RECORDS_KIND(k) (1ULL << ICECORE__V1__RECORD__BODY_##k)

enum records_of {
	RECORDS_OF_ALL, /* segments */
	RECORDS_OF_VOUCHED, /* those that a signature vouches for */
	RECORDS_OF_UNVOUCHED, /* and the others */
};

/*
 * One record, good during the call.  -EBADMSG, -EINVAL, -ERANGE, -ENOENT and
 * -EFBIG mean that no writer makes such a one: the segment is told as damaged
 * and the pass goes on; any other negative return ends the pass.
 */
typedef int records_see(void *arg, const struct reader_segment *s,
	const Icecore__V1__Record *m, struct err *e);

struct records_pass {
	uint64_t kinds; /* RECORDS_KIND(MEMORY_EXTENT) | ...; 0 = all */
	enum records_of of;
	const struct lab_keys *keys;
	unsigned threads; /* 0 or 1: in the order of the segments */
	records_see *see; /* called by all of the threads at once */
	void *arg;
};

/*
 * records_each(r, pass, e):
 * See every record that is wanted of the good segments of ${r}, which was
 * checked (reader_check()).  A segment that cannot be opened, or is not where
 * its header says, is a finding of ${r}, and counts as damaged from then on.
 */
int records_each(struct reader *r, const struct records_pass *pass,
	struct err *e) MUST_CHECK;

/*
 * records_check_key(r, keys, e):
 * -ENOKEY when no good segment is sealed for ${keys}; 0 also when there is
 * none to try.
 */
int records_check_key(const struct reader *r, const struct lab_keys *keys,
	struct err *e) MUST_CHECK;

/*
 * records_open(ret, path, keys, e):
 * What most commands begin with: open the capture at ${path}, check it by all
 * processors, and the key.  Close with reader_close().
 */
int records_open(struct reader **ret, const char *path,
	const struct lab_keys *keys, struct err *e) MUST_CHECK;

#endif
