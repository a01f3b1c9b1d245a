/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of a watch over its local socket, by icecore trigger and
 * icecore status: one message of SOCK_SEQPACKET, a JSON object with "ask"
 * ("capture" or "status"), and "case", "reason", "order" and "pod", each of
 * which may be left out.  So is the answer, a JSON object.
 */
#ifndef TRIGGER_REQUEST_H
#define TRIGGER_REQUEST_H

#include <stddef.h>

#include "trigger/event.h"

struct buf;
struct err;
struct sockaddr_un;

#define TRIGGER_SOCKET_PATH "/run/icecore/watch.sock"

enum {
	TRIGGER_REQUEST_BYTES = 4096,
	TRIGGER_ANSWER_BYTES = 64 << 10,
};

enum trigger_ask { TRIGGER_ASK_CAPTURE, TRIGGER_ASK_STATUS };

struct trigger_request {
	enum trigger_ask ask;
	char case_name[TRIGGER_CASE_CHARS]; /* "" = that of the watch */
	char reason[TRIGGER_REASON_CHARS];
	char order[TRIGGER_ORDER_CHARS]; /* "" = it is not signed */
	char pod[TRIGGER_POD_CHARS]; /* "" = the host */
};

/*
 * trigger_request_decode(ret, text, len, e):
 * -EBADMSG: it is no request, or one of its strings is too long.
 */
int trigger_request_decode(struct trigger_request *ret, const void *text,
	size_t len, struct err *e) MUST_CHECK;

/*
 * trigger_ask(path, rq, ret, e):
 * Ask the watch that listens at ${path}, wait for as long as it takes, and
 * append its answer to ${ret}.  -ENOENT, -ECONNREFUSED: no watch is there.
 */
int trigger_ask(const char *path, const struct trigger_request *rq,
	struct buf *ret, struct err *e) MUST_CHECK;

/*
 * trigger_address(ret, path, e):
 * -EINVAL: ${path} is not absolute, or too long.
 */
int trigger_address(
	struct sockaddr_un *ret, const char *path, struct err *e) MUST_CHECK;

/*
 * trigger_connect(at, e): a connection; the caller closes it.
 */
int trigger_connect(const struct sockaddr_un *at, struct err *e) MUST_CHECK;

#endif
