/* SPDX-License-Identifier: Apache-2.0 */
/* Text of a disk, cut into lines and words where it lies. */
#ifndef DISK_SLICE_H
#define DISK_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"

/* ${len} bytes, none of which need be a NUL. */
struct slice {
	const char *p;
	size_t len;
};

/*
 * slice_of(s): of a string.
 */
static inline struct slice slice_of(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

/*
 * slice_of_buf(b): of all that is in it.
 */
static inline struct slice slice_of_buf(const struct buf *b)
{
	return (struct slice){ b->len ? (const char *)b->data : "", b->len };
}

static inline bool slice_is(struct slice s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.p, text, s.len) == 0;
}

static inline bool slice_begins(struct slice s, const char *text)
{
	return s.len >= strlen(text) && memcmp(s.p, text, strlen(text)) == 0;
}

static inline bool slice_ends(struct slice s, const char *text)
{
	size_t len = strlen(text);

	return s.len >= len && memcmp(s.p + s.len - len, text, len) == 0;
}

static inline bool slice_holds(struct slice s, const char *text)
{
	return s.len && memmem(s.p, s.len, text, strlen(text));
}

/*
 * slice_trim(s): without blanks and tabs around it.
 */
static inline struct slice slice_trim(struct slice s)
{
	while (s.len && (*s.p == ' ' || *s.p == '\t'))
		s.p++, s.len--;
	while (s.len && strchr(" \t\r", s.p[s.len - 1]) && s.p[s.len - 1])
		s.len--;
	return s;
}

/*
 * slice_line(ret, rest), slice_word(ret, rest):
 * Take the next line, without its line feed, or the next word of a line, off
 * ${rest}; false at the end.
 */
static inline bool slice_line(struct slice *ret, struct slice *rest)
{
	const char *end;

	if (!rest->len)
		return false;
	end = memchr(rest->p, '\n', rest->len);
	ret->p = rest->p;
	ret->len = end ? (size_t)(end - rest->p) : rest->len;
	rest->p += ret->len + (end ? 1 : 0);
	rest->len -= ret->len + (end ? 1 : 0);
	return true;
}

static inline bool slice_word(struct slice *ret, struct slice *rest)
{
	*rest = slice_trim(*rest);
	*ret = *rest;
	for (ret->len = 0; ret->len < rest->len; ret->len++)
		if (ret->p[ret->len] == ' ' || ret->p[ret->len] == '\t')
			break;
	rest->p += ret->len;
	rest->len -= ret->len;
	return ret->len;
}

#endif
