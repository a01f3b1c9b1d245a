/* SPDX-License-Identifier: Apache-2.0 */
/* What a store's answer means for the one who asked. */
#ifndef CLOUD_ANSWER_H
#define CLOUD_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct http_answer;

enum {
	ANSWER_BYTES = 64 << 10, /* of a body that only tells an error */
	ANSWER_CODE_CHARS = 64,
	ANSWER_TEXT_CHARS = 256,
};

/* What the XML of S3, Google and Azure tells of an error. */
struct answer_error {
	char code[ANSWER_CODE_CHARS]; /* "SlowDown"; "" = none */
	char message[ANSWER_TEXT_CHARS];
	char region[ANSWER_CODE_CHARS]; /* where the bucket is, if told */
};

/*
 * answer_parse_error(ret, text, len):
 * Look into at most ANSWER_BYTES of ${text} for <Code>, <Message> and
 * <Region>; no XML is too broken for it.  Only visible ASCII is kept.
 */
void answer_parse_error(struct answer_error *ret, const char *text, size_t len);

/*
 * answer_result(a, e):
 * 0 for a status of 2xx.  Else, with what was said:
 *
 * -EAGAIN	try again: 408, 429, 5xx, a conflict of two writes
 * -EKEYEXPIRED	the ticket is no longer good: a new one is needed
 * -ETIME	our clock is too far from the store's
 * -EEXIST	an object of that name is there
 * -ENOENT	no such object, bucket or container
 * -EACCES	the ticket does not allow that
 * -EOPNOTSUPP	the store cannot do it (501)
 * -EXDEV	it is elsewhere: a redirect, which is not followed
 * -EPROTO	anything else
 */
int answer_result(const struct http_answer *a, struct err *e) MUST_CHECK;

/*
 * answer_retry_after(a):
 * Seconds that the store asks to wait, 0 = none, at most an hour.
 */
unsigned answer_retry_after(const struct http_answer *a);

#endif
