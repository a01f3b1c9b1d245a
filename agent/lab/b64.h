/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 as clouds write it (RFC 4648), from hostile documents. */
#ifndef LAB_B64_H
#define LAB_B64_H

#include <stddef.h>

#include "base/cleanup.h"

struct buf;
struct err;

/*
 * b64_url(ret, text, len, e):
 * Append what ${text} encodes in the alphabet of URLs, without padding, as
 * JSON Web Signatures have it.  -EBADMSG for anything else.
 */
int b64_url(struct buf *ret, const char *text, size_t len,
	struct err *e) MUST_CHECK;

/*
 * b64_lines(ret, text, len, e):
 * The same in the standard alphabet, with or without padding, with line ends
 * anywhere.
 */
int b64_lines(struct buf *ret, const char *text, size_t len,
	struct err *e) MUST_CHECK;

#endif
