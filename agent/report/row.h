/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of a table in JSON: each row an array, the columns told once.  All text
 * is of a hostile host: it is escaped (lab/escape.h), cut at a stated length,
 * and cannot end the element of HTML that it is put into.
 */
#ifndef REPORT_ROW_H
#define REPORT_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "base/buf.h"

struct err;

enum {
	ROW_TEXT_BYTES = 4096, /* of the host's, of one cell; rest: "\+N" */
	ROW_LIST_MAX = 256, /* texts of one cell; rest: "\+N" */
};

/* What cells are added to.  After the first error nothing is added. */
struct row {
	struct buf out; /* JSON */
	uint64_t rows; /* in it */
	uint64_t total; /* there were; the others had no room */
	uint64_t rows_max;
	size_t begin; /* where the row begins that is being written */
	int r;
	struct err *e;
};

/*
 * row_init(t, rows_max, bytes_max):
 * An empty table.  End with row_done().
 */
void row_init(struct row *t, uint64_t rows_max, size_t bytes_max);
void row_done(struct row *t);

/*
 * row_begin(t, e), row_end(t):
 * Around the cells of a row.  row_begin(): whether there is room for one more;
 * where there is none it is counted.  row_end(): 0, also when the row was too
 * much for the table and was taken back; else why a cell could not be added.
 */
bool row_begin(struct row *t, struct err *e);
int row_end(struct row *t) MUST_CHECK;

/*
 * row_u64(t, has, v), row_us(t, has, ns), row_sign(t, has, v):
 * A number, null where it is not told; from 2^53 on it is text.  row_us():
 * of nanoseconds the microseconds.
 */
void row_u64(struct row *t, int has, uint64_t v);
void row_us(struct row *t, int has, uint64_t ns);
void row_sign(struct row *t, int has, int64_t v);

/*
 * row_hex(t, b):
 * Bytes as hexadecimal: hashes, addresses.  Nothing: null.
 */
void row_hex(struct row *t, const ProtobufCBinaryData *b);

/*
 * row_address(t, has, v):
 * "0x..." as text.
 */
void row_address(struct row *t, int has, uint64_t v);

/*
 * row_text(t, b), row_string(t, s), row_shown(t, b):
 * Text of the host; nothing, or NULL: null.  row_shown(): text that was
 * escaped already, which ${b} owns.
 */
void row_text(struct row *t, const ProtobufCBinaryData *b);
void row_string(struct row *t, const char *s);
void row_shown(struct row *t, const struct buf *b);

/*
 * row_texts(t, n, v), row_strings(t, n, v):
 * Several texts, as a list, which is cut as one text is.
 */
void row_texts(struct row *t, size_t n, const ProtobufCBinaryData *v);
void row_strings(struct row *t, size_t n, char *const *v);

/*
 * row_open(t), row_close(t):
 * Around the cells of a list inside of a row.
 */
void row_open(struct row *t);
void row_close(struct row *t);

/*
 * row_guard(ret, json, len, e):
 * Append JSON with what matters to HTML as \uNNNN: no byte of it can end the
 * element that it is in, or begin one.
 */
int row_guard(struct buf *ret, const void *json, size_t len,
	struct err *e) MUST_CHECK;

#endif
