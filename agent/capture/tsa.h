/* SPDX-License-Identifier: Apache-2.0 */
/* A time-stamp authority over HTTP (RFC 3161 section 3.4). */
#ifndef CAPTURE_TSA_H
#define CAPTURE_TSA_H

#include "stream/stream.h"

struct tsa;

enum { TSA_CONNECT_SECONDS = 5, TSA_WHOLE_SECONDS = 10 };

struct tsa_config {
	const char *url; /* http:// may go anywhere: what it carries is signed */
	const char *ca_file; /* PEM: whose tokens are kept; NULL = any */
};

/*
 * tsa_open(ret, config, e):
 * ${config} is borrowed.  Nothing is asked yet.  Close with tsa_close().
 * -EINVAL: neither an http:// nor an https:// URL.
 */
int tsa_open(struct tsa **ret, const struct tsa_config *config,
	struct err *e) MUST_CHECK;
void tsa_close(struct tsa *t);

/*
 * tsa_stream(t):
 * What a stream asks; nobody where ${t} is NULL.  Why there is no token is
 * logged.
 */
struct stream_tsa tsa_stream(struct tsa *t);

#endif
