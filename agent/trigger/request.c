// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "trigger/request.h"

static const char *const asks[] = {
	[TRIGGER_ASK_CAPTURE] = "capture",
	[TRIGGER_ASK_STATUS] = "status",
};

/* ${key} of ${j} into ${ret}, which stays empty where it is not there. */
static int get_text(
	char *ret, size_t cap, const json_t *j, const char *key, struct err *e)
{
	const json_t *v = json_object_get(j, key);

	ret[0] = 0;
	if (!v)
		return 0;
	if (!json_is_string(v) || json_string_length(v) >= cap)
		return err_set(e, -EBADMSG,
			"\"%s\" is no text of less than %zu bytes", key, cap);
	(void)snprintf(ret, cap, "%s", json_string_value(v));
	return 0;
}

static int get_ask(enum trigger_ask *ret, const json_t *j, struct err *e)
{
	char text[16];
	int r = get_text(text, sizeof(text), j, "ask", e);

	if (r < 0 || !text[0])
		return r;
	for (size_t i = 0; i < ARRAY_LEN(asks); i++)
		if (strcmp(asks[i], text) == 0) {
			*ret = (enum trigger_ask)i;
			return 0;
		}
	return err_set(e, -EBADMSG, "'%s' cannot be asked", text);
}

int trigger_request_decode(struct trigger_request *ret, const void *text,
	size_t len, struct err *e)
{
	AUTO_JSON json_t *j = NULL;
	struct trigger_request rq = { .ask = TRIGGER_ASK_CAPTURE };
	int r = json_decode(&j, text, len, e);

	if (r == 0)
		r = get_ask(&rq.ask, j, e);
	if (r == 0)
		r = get_text(rq.case_name, sizeof(rq.case_name), j, "case", e);
	if (r == 0)
		r = get_text(rq.reason, sizeof(rq.reason), j, "reason", e);
	if (r == 0)
		r = get_text(rq.order, sizeof(rq.order), j, "order", e);
	if (r == 0)
		r = get_text(rq.pod, sizeof(rq.pod), j, "pod", e);
	if (r == 0)
		*ret = rq;
	return r;
}

int trigger_address(struct sockaddr_un *ret, const char *path, struct err *e)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(ret->sun_path) || path[0] != '/')
		return err_set(e, -EINVAL,
			"socket '%.100s' is no absolute path of less than %zu "
			"bytes",
			path, sizeof(ret->sun_path));
	(void)snprintf(ret->sun_path, sizeof(ret->sun_path), "%s", path);
	return 0;
}

int trigger_connect(const struct sockaddr_un *at, struct err *e)
{
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)at, sizeof(*at)) < 0)
		return err_sys(e, "connect to %s", at->sun_path);
	return TAKE_FD(fd);
}

static int encode(
	struct buf *ret, const struct trigger_request *rq, struct err *e)
{
	AUTO_JSON json_t *j = json_pack("{s:s, s:o, s:o, s:o, s:o}", "ask",
		asks[rq->ask], "case", json_text(rq->case_name), "reason",
		json_text(rq->reason), "order", json_text(rq->order), "pod",
		json_text(rq->pod));

	return json_encode(ret, j, JSON_COMPACT, e);
}

int trigger_ask(const char *path, const struct trigger_request *rq,
	struct buf *ret, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_CLOSE int fd = -1;
	struct sockaddr_un at;
	uint8_t *room = NULL;
	ssize_t n;
	int r = trigger_address(&at, path, e);

	buf_init(&text, TRIGGER_REQUEST_BYTES);
	if (r == 0)
		r = encode(&text, rq, e);
	if (r == 0)
		r = buf_reserve(ret, &room, TRIGGER_ANSWER_BYTES, e);
	if (r < 0)
		return r;
	fd = trigger_connect(&at, e);
	if (fd < 0)
		return err_wrap(e, fd, "no watch");
	if (send(fd, text.data, text.len, MSG_NOSIGNAL) < 0)
		return err_sys(e, "ask the watch");
	do
		n = recv(fd, room, TRIGGER_ANSWER_BYTES, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, "the watch's answer");
	if (n == 0)
		return err_set(e, -EPIPE, "the watch ended without an answer");
	ret->len += (size_t)n;
	return 0;
}
