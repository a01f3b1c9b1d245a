/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trigger by a local socket: whoever is root, or runs as the watch does,
 * asks for a capture and is told what became of it.  A request is one message
 * of SOCK_SEQPACKET, a JSON object with "case" and "reason", either of which
 * may be left out; so is the answer, a JSON object.
 */
#ifndef TRIGGER_SOCKET_H
#define TRIGGER_SOCKET_H

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#include "base/cleanup.h"

struct buf;
struct err;

#define TRIGGER_SOCKET_PATH "/run/icecore/watch.sock"

enum {
	TRIGGER_CASE_CHARS = 128,
	TRIGGER_REASON_CHARS = 256,
	TRIGGER_REQUEST_BYTES = 4096,
	TRIGGER_ANSWER_BYTES = 64 << 10,
	TRIGGER_RECEIVE_SECONDS = 2, /* for a request, once connected */
};

struct trigger_request {
	char case_name[TRIGGER_CASE_CHARS]; /* "" = that of the watch */
	char reason[TRIGGER_REASON_CHARS];
};

/*
 * trigger_request_decode(ret, text, len, e):
 * -EBADMSG: it is no request, or one of its strings is too long.
 */
int trigger_request_decode(struct trigger_request *ret, const void *text,
	size_t len, struct err *e) MUST_CHECK;

/*
 * trigger_listen(path, e):
 * Listen at ${path}, which only this user may open, and make its directory
 * where it is missing.  -EADDRINUSE: a watch listens there.  The caller closes
 * the descriptor and unlinks ${path}.
 */
int trigger_listen(const char *path, struct err *e) MUST_CHECK;

/*
 * trigger_wait(fd, ret, mask, ending, e):
 * Wait for one request, with the signals of ${mask} blocked only, and return
 * its connection, for trigger_answer(); who may not ask is sent away.
 * -EINTR: ${ending} was set.
 */
int trigger_wait(int fd, struct trigger_request *ret, const sigset_t *mask,
	const atomic_bool *ending, struct err *e) MUST_CHECK;

/*
 * trigger_answer(fd, text, len, e):
 * Answer and close the connection.  It is no error of the watch that nobody
 * waits for it any more.
 */
int trigger_answer(int fd, const void *text, size_t len, struct err *e) MUST_CHECK;

/*
 * trigger_ask(path, rq, ret, e):
 * Ask the watch that listens at ${path}, wait for as long as it takes, and
 * append its answer to ${ret}.
 */
int trigger_ask(const char *path, const struct trigger_request *rq,
	struct buf *ret, struct err *e) MUST_CHECK;

#endif
