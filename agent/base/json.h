/* SPDX-License-Identifier: Apache-2.0 */
/* JSON that orchestrators and analysts read, by way of jansson. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdint.h>

#include <jansson.h>

#include "base/cleanup.h"

struct buf;
struct err;

enum { JSON_TEXT_BYTES = 256 << 20 }; /* of one document */

#define AUTO_JSON CLEANUP(json_decrefp)

/*
 * json_hex(v):
 * ${v} as the string "0x...": JSON numbers are not exact past 2^53.  NULL
 * when there is no memory.
 */
json_t *json_hex(uint64_t v);

/*
 * json_text(s):
 * ${s} as a string; where it is no UTF-8, as names on a hostile host need not
 * be, with '?' for every byte past ASCII.  NULL when there is no memory.
 */
json_t *json_text(const char *s);

/*
 * json_append(list, v):
 * Append ${v}, which it takes.  When ${v} or ${list} is NULL, or there is no
 * memory, free both and return NULL: what should be in a list is in it, or
 * there is no list.  Else return ${list}.
 */
json_t *json_append(json_t *list, json_t *v) MUST_CHECK;

/*
 * json_decode(ret, text, len, e):
 * The object that ${text} is, which no key in it has twice; the caller ends
 * it with json_decref().  -EBADMSG: it is none; -ENOMEM.
 */
int json_decode(
	json_t **ret, const void *text, size_t len, struct err *e) MUST_CHECK;

/*
 * json_decode_list(ret, text, len, e):
 * The same of an array.
 */
int json_decode_list(
	json_t **ret, const void *text, size_t len, struct err *e) MUST_CHECK;

/*
 * json_encode(ret, j, flags, e):
 * Append ${j} as text, by the flags of json_dumps(), whole or not at all to
 * be used: jansson 2.14 goes on where a key could not be written, this does
 * not.  ${j} may be NULL, as when it could not be built: -ENOMEM.
 */
int json_encode(struct buf *ret, const json_t *j, size_t flags,
	struct err *e) MUST_CHECK;

/*
 * json_print(fd, j, e):
 * Write ${j} as one document, indented, with a newline.  ${j} may be NULL,
 * as when it could not be built: -ENOMEM.
 */
int json_print(int fd, const json_t *j, struct err *e) MUST_CHECK;

#endif
