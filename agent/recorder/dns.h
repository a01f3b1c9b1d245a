/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The question of a DNS message (RFC 1035 section 4.1), which whoever sends it
 * may have made as he likes.
 */
#ifndef RECORDER_DNS_H
#define RECORDER_DNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum { DNS_NAME_CHARS = 1024 }; /* 255 bytes, each as \DDD */

struct dns_question {
	char name[DNS_NAME_CHARS]; /* "example.org"; "." = the root */
	uint16_t type;
};

/*
 * dns_question(ret, message, len):
 * The first question of a query.  What is not printable, dots and backslashes
 * in a label are written as \DDD (RFC 1035 section 5.1).  -EBADMSG: it is
 * none, or is cut off in it.
 */
int dns_question(struct dns_question *ret, const uint8_t *message,
	size_t len) MUST_CHECK;

#endif
