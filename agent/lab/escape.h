/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text of a hostile host, for a terminal or for JSON: printable UTF-8 stays;
 * every other byte is \xNN, and so are the backslash, control characters, and
 * what turns the direction of writing.  Nothing is lost.
 */
#ifndef LAB_ESCAPE_H
#define LAB_ESCAPE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/cleanup.h"

struct buf;
struct err;

/*
 * escape(ret, text, len, e):
 * Append the escaped text.
 */
int escape(struct buf *ret, const uint8_t *text, size_t len,
	struct err *e) MUST_CHECK;

/*
 * escape_print(f, text):
 * Print ${text} escaped; NULL is "?".  What there is no memory for is left
 * out, and "..." stands for it.
 */
void escape_print(FILE *f, const char *text);

#endif
