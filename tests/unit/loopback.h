/* SPDX-License-Identifier: Apache-2.0 */
/* A server on loopback that answers what it was told to, word for word. */
#ifndef UNIT_LOOPBACK_H
#define UNIT_LOOPBACK_H

#include <stddef.h>

enum { LOOPBACK_ANSWERS_MAX = 8, LOOPBACK_REQUEST_BYTES = 64 << 10 };

/* One request's answer.  NULL: the connection is reset after the request.
 * An answer that ends with "\r\n\r\n" or a body; the connection stays open
 * unless close is set. */
struct loopback_answer {
	const char *text;
	int close;
	int repeat; /* the text this many times more, or until it is refused */
};

struct loopback;

/*
 * loopback_new(answers, n):
 * Listen, and answer each request with the next of ${answers}, which must last;
 * the last one goes on.  End it with loopback_free(), when no connection is
 * kept open to it.
 */
struct loopback *loopback_new(const struct loopback_answer *answers, size_t n);
void loopback_free(struct loopback *l);

/*
 * loopback_port(l), loopback_request(l, i), loopback_connections(l):
 * Where it listens; the request that answer ${i} was for, with its body; how
 * many connections there were.
 */
unsigned loopback_port(const struct loopback *l);
const char *loopback_request(const struct loopback *l, size_t i);
unsigned loopback_connections(const struct loopback *l);

#endif
