/* SPDX-License-Identifier: Apache-2.0 */
/* Numbered statements on lines that a page has room for. */
#ifndef LAB_WRAP_H
#define LAB_WRAP_H

#include "base/cleanup.h"

struct buf;
struct err;

enum {
	WRAP_LINE_CHARS = 79, /* bytes; a longer word stays whole */
	WRAP_STATEMENT_AT = 5, /* where the text is of "  1. text" */
};

/*
 * wrap_statements(ret, text, e):
 * Append ${text} with each line that begins a statement broken at blanks, and
 * the rest of it indented; all other lines as they are.
 */
int wrap_statements(
	struct buf *ret, const struct buf *text, struct err *e) MUST_CHECK;

#endif
