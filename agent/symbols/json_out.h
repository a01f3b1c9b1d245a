/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON (RFC 8259) on its way out, piece by piece: a document of any size in a
 * fixed buffer.  What is called is what is written, in that order; commas
 * come by themselves.  The first error is kept and ends it.
 */
#ifndef SYMBOLS_JSON_OUT_H
#define SYMBOLS_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

enum { JSON_OUT_BYTES = 64 << 10 };

typedef int json_out_put(void *arg, const void *buf, size_t len, struct err *e);

struct json_out {
	json_out_put *put;
	void *arg;
	size_t len; /* bytes that wait */
	bool comma; /* before the next value */
	int failed;
	struct err why;
	char buf[JSON_OUT_BYTES];
};

/*
 * json_out_new(ret, put, arg, e), json_out_finish(j, e):
 * To ${put}; the latter gives out what waits, frees ${j}, and returns the first
 * error there was.
 */
int json_out_new(struct json_out **ret, json_out_put *put, void *arg,
	struct err *e) MUST_CHECK;
int json_out_finish(struct json_out *j, struct err *e) MUST_CHECK;

/*
 * json_out_open(j, bracket), json_out_close(j, bracket):
 * '{' or '[', '}' or ']'.
 */
void json_out_open(struct json_out *j, char bracket);
void json_out_close(struct json_out *j, char bracket);

/*
 * json_out_key(j, key), json_out_text(j, text), ...:
 * Bytes that are no UTF-8 become U+FFFD.
 */
void json_out_key(struct json_out *j, const char *key);
void json_out_text(struct json_out *j, const char *text);
void json_out_i64(struct json_out *j, int64_t v);
void json_out_u64(struct json_out *j, uint64_t v);
void json_out_bool(struct json_out *j, bool v);

#endif
