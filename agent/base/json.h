/* SPDX-License-Identifier: Apache-2.0 */
/* JSON that orchestrators and analysts read, by way of jansson. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdint.h>

#include <jansson.h>

#include "base/cleanup.h"

struct err;

#define AUTO_JSON CLEANUP(json_decrefp)

/*
 * json_hex(v):
 * ${v} as the string "0x...": JSON numbers are not exact past 2^53.  NULL
 * when there is no memory.
 */
json_t *json_hex(uint64_t v);

/*
 * json_print(fd, j, e):
 * Write ${j} as one document, indented, with a newline.  ${j} may be NULL,
 * as when it could not be built: -ENOMEM.
 */
int json_print(int fd, const json_t *j, struct err *e) MUST_CHECK;

#endif
