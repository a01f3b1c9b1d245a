// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/err.h"
#include "net/netlink.h"

enum {
	CANARY = 0xa5,
	ALIGN = 4,
	HEADER_BYTES = 16, /* struct nlmsghdr */
	REQUEST_BYTES = 256,
};

static size_t aligned(size_t n)
{
	return (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

int netlink_open(struct netlink *n, int protocol, struct err *e)
{
	struct timeval wait = { .tv_sec = NETLINK_WAIT_SECONDS };
	struct sockaddr_nl own = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(own);

	*n = (struct netlink){ .fd = -1 };
	n->buffer = malloc(NETLINK_BUFFER_BYTES + NETLINK_CANARY_BYTES);
	if (!n->buffer)
		return err_set(e, -ENOMEM, "no memory for netlink");
	n->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (n->fd < 0)
		return err_sys(e, "open netlink %d", protocol);
	if (setsockopt(n->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0 ||
		bind(n->fd, (struct sockaddr *)&own, len) < 0 ||
		getsockname(n->fd, (struct sockaddr *)&own, &len) < 0)
		return err_sys(e, "set up netlink %d", protocol);
	n->port = own.nl_pid;
	return 0;
}

void netlink_close(struct netlink *n)
{
	if (n->buffer && n->fd >= 0)
		(void)close(n->fd);
	free(n->buffer);
	n->buffer = NULL;
	n->fd = -1;
}

void netlink_odd(struct netlink *n, const char *what)
{
	if (!n->odd++)
		(void)snprintf(n->odd_what, sizeof(n->odd_what), "%s", what);
}

int netlink_next(struct netlink_message *ret, const uint8_t **buf, size_t *len)
{
	struct nlmsghdr h;
	size_t step;

	if (!*len)
		return 0;
	if (*len < HEADER_BYTES)
		return -EBADMSG;
	memcpy(&h, *buf, sizeof(h));
	if (h.nlmsg_len < HEADER_BYTES || h.nlmsg_len > *len)
		return -EBADMSG;
	*ret = (struct netlink_message){ .type = h.nlmsg_type,
		.flags = h.nlmsg_flags,
		.body = *buf + HEADER_BYTES,
		.len = h.nlmsg_len - HEADER_BYTES };
	step = aligned(h.nlmsg_len);
	if (step > *len)
		step = *len;
	*buf += step;
	*len -= step;
	return 1;
}

int netlink_attribute(
	struct netlink_attribute *ret, const uint8_t **buf, size_t *len)
{
	struct nlattr a;
	size_t step;

	if (!*len)
		return 0;
	if (*len < sizeof(a))
		return -EBADMSG;
	memcpy(&a, *buf, sizeof(a));
	if (a.nla_len < sizeof(a) || a.nla_len > *len)
		return -EBADMSG;
	*ret = (struct netlink_attribute){ .type = a.nla_type & NLA_TYPE_MASK,
		.data = *buf + sizeof(a),
		.len = a.nla_len - sizeof(a) };
	step = aligned(a.nla_len);
	if (step > *len)
		step = *len;
	*buf += step;
	*len -= step;
	return 1;
}

bool netlink_table(
	struct netlink_attribute *ret, size_t n, const uint8_t *buf, size_t len)
{
	struct netlink_attribute a;
	bool good = true;
	int r;

	memset(ret, 0, n * sizeof(*ret));
	while ((r = netlink_attribute(&a, &buf, &len)) > 0) {
		if (a.type < n && ret[a.type].data)
			good = false;
		if (a.type < n && !ret[a.type].data)
			ret[a.type] = a;
	}
	return good && r == 0;
}

uint64_t netlink_number(const struct netlink_attribute *a)
{
	uint64_t v64;
	uint32_t v32;
	uint16_t v16;

	if (!a->data)
		return 0;
	switch (a->len) {
	case sizeof(uint8_t):
		return a->data[0];
	case sizeof(v16):
		memcpy(&v16, a->data, sizeof(v16));
		return v16;
	case sizeof(v32):
		memcpy(&v32, a->data, sizeof(v32));
		return v32;
	case sizeof(v64):
		memcpy(&v64, a->data, sizeof(v64));
		return v64;
	default:
		return 0;
	}
}

static int ask(struct netlink *n, uint16_t type, const void *body, size_t len,
	struct err *e)
{
	uint8_t request[REQUEST_BYTES] = { 0 };
	struct nlmsghdr h = { .nlmsg_len = (uint32_t)(sizeof(h) + len),
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.nlmsg_seq = ++n->sequence,
		.nlmsg_pid = n->port };
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };

	if (h.nlmsg_len > sizeof(request))
		return err_set(e, -EINVAL, "a request of %zu bytes", len);
	memcpy(request, &h, sizeof(h));
	memcpy(request + sizeof(h), body, len);
	if (sendto(n->fd, request, h.nlmsg_len, 0, (struct sockaddr *)&to,
		    sizeof(to)) < 0)
		return err_sys(e, "ask netlink");
	return 0;
}

/* One answer of the kernel; what is behind it has to be as it was. */
static ssize_t receive(struct netlink *n, struct err *e)
{
	size_t room = NETLINK_BUFFER_BYTES + NETLINK_CANARY_BYTES;
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { n->buffer, NETLINK_BUFFER_BYTES };
	struct msghdr msg = { .msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1 };
	ssize_t got;

	do {
		memset(n->buffer, CANARY, room);
		got = recvmsg(n->fd, &msg, 0);
	} while ((got < 0 && errno == EINTR) || (got >= 0 && from.nl_pid != 0));
	if (got < 0)
		return err_sys(e, "read from netlink");
	if (msg.msg_flags & MSG_TRUNC)
		return err_set(e, -EMSGSIZE, "an answer of netlink is cut off");
	for (size_t i = (size_t)got; i < room; i++)
		if (n->buffer[i] != CANARY) {
			netlink_odd(n, "bytes behind the end of an answer");
			break;
		}
	return got;
}

static int told_error(const struct netlink_message *m, struct err *e)
{
	int32_t code = 0;

	if (m->len < sizeof(code))
		return m->type == NLMSG_DONE
			       ? 0
			       : err_set(e, -EBADMSG,
					 "an answer of netlink is short");
	memcpy(&code, m->body, sizeof(code));
	if (code >= 0)
		return 0;
	errno = code == INT32_MIN ? EIO : -code;
	return err_sys(e, "netlink");
}

/* 1: the dump has ended. */
static int see_all(struct netlink *n, size_t len, uint64_t *count,
	int (*see)(void *arg, const struct netlink_message *m, struct err *e),
	void *arg, struct err *e)
{
	const uint8_t *at = n->buffer;
	struct netlink_message m;
	int r;

	while ((r = netlink_next(&m, &at, &len)) > 0) {
		if (m.type == NLMSG_DONE || m.type == NLMSG_ERROR) {
			r = told_error(&m, e);
			return r < 0 ? r : 1;
		}
		if (++*count > NETLINK_MESSAGES_MAX)
			return err_set(e, -EFBIG, "more than %d objects",
				NETLINK_MESSAGES_MAX);
		r = m.type < NLMSG_MIN_TYPE ? 0 : see(arg, &m, e);
		if (r)
			return r < 0 ? r : 1;
	}
	if (r < 0) {
		netlink_odd(n, "a message that does not end with its answer");
		return err_set(e, r, "an answer of netlink is malformed");
	}
	return 0;
}

int netlink_dump(struct netlink *n, uint16_t type, const void *body, size_t len,
	int (*see)(void *arg, const struct netlink_message *m, struct err *e),
	void *arg, struct err *e)
{
	uint64_t count = 0;
	int r = ask(n, type, body, len, e);

	while (r == 0) {
		ssize_t got = receive(n, e);

		if (got < 0)
			return (int)got;
		r = got ? see_all(n, (size_t)got, &count, see, arg, e)
			: err_set(e, -EBADMSG, "netlink says nothing");
	}
	return r < 0 ? r : 0;
}
