// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "net/sock_proc.h"

enum {
	FIELDS_MAX = 16,
	FILES_MAX = 2,
	HEX = 16,
	DECIMAL = 10,
	GROUP_DIGITS = 8,
	UNIX_LISTENS = 0x10000, /* __SO_ACCEPTCON */
	UNIX_CONNECTED = 3, /* SS_CONNECTED */
	STATE_ESTABLISHED = 1,
	STATE_CLOSE = 7,
	STATE_LISTEN = 10,
};

struct field {
	const char *at;
	size_t len;
};

/* A line as its fields; the last has what is left. */
struct line {
	struct field f[FIELDS_MAX];
	size_t n;
};

static bool number(uint64_t *ret, const char *at, size_t len, unsigned base)
{
	uint64_t v = 0;

	if (!len || len > 2 * GROUP_DIGITS + 4)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned digit;

		if (at[i] >= '0' && at[i] <= '9')
			digit = (unsigned)(at[i] - '0');
		else if (base == HEX && at[i] >= 'A' && at[i] <= 'F')
			digit = (unsigned)(at[i] - 'A') + DECIMAL;
		else if (base == HEX && at[i] >= 'a' && at[i] <= 'f')
			digit = (unsigned)(at[i] - 'a') + DECIMAL;
		else
			return false;
		if (__builtin_mul_overflow(v, base, &v) ||
			__builtin_add_overflow(v, digit, &v))
			return false;
	}
	*ret = v;
	return true;
}

static bool get(uint64_t *ret, const struct line *l, size_t i, unsigned base)
{
	return i < l->n && number(ret, l->f[i].at, l->f[i].len, base);
}

/* "0100007F:0016": words in the order of the host. */
static bool get_address(const struct field *f, uint8_t address[16], uint32_t *port)
{
	const char *colon = memchr(f->at, ':', f->len);
	size_t digits = colon ? (size_t)(colon - f->at) : 0;
	uint64_t v;

	if (digits != GROUP_DIGITS && digits != (size_t)4 * GROUP_DIGITS)
		return false;
	for (size_t i = 0; i < digits / GROUP_DIGITS; i++) {
		uint32_t word;

		if (!number(&v, f->at + i * GROUP_DIGITS, GROUP_DIGITS, HEX))
			return false;
		word = (uint32_t)v;
		memcpy(address + i * sizeof(word), &word, sizeof(word));
	}
	if (!number(&v, colon + 1, f->len - digits - 1, HEX) || v > UINT16_MAX)
		return false;
	*port = (uint32_t)v;
	return true;
}

/* "00000000:00000001" */
static bool get_pair(
	const struct line *l, size_t i, uint64_t *first, uint64_t *second)
{
	const char *colon;
	size_t n;

	if (i >= l->n)
		return false;
	colon = memchr(l->f[i].at, ':', l->f[i].len);
	n = colon ? (size_t)(colon - l->f[i].at) : 0;
	return n && number(first, l->f[i].at, n, HEX) &&
	       number(second, colon + 1, l->f[i].len - n - 1, HEX);
}

static bool parse_inet(struct net_sock *s, const struct line *l)
{
	uint64_t state, tx, rx, timer, when, uid, inode;

	if (l->n < 10 || !get_address(&l->f[1], s->local, &s->local_port) ||
		!get_address(&l->f[2], s->remote, &s->remote_port) ||
		!get(&state, l, 3, HEX) || !get_pair(l, 4, &tx, &rx) ||
		!get_pair(l, 5, &timer, &when) || !get(&uid, l, 7, DECIMAL) ||
		!get(&inode, l, 9, DECIMAL))
		return false;
	s->state = (uint8_t)state;
	s->uid = (uint32_t)uid;
	s->inode = inode;
	s->timer = (uint8_t)timer;
	s->timer_ms = (uint32_t)(when * 10); /* in ticks of user space */
	s->present |= NET_HAS_UID | NET_HAS_TIMER;
	if (s->state != STATE_LISTEN) {
		s->tx_queue = (uint32_t)tx;
		s->rx_queue = (uint32_t)rx;
		s->present |= NET_HAS_QUEUES;
	}
	if (s->type == SOCK_RAW)
		s->protocol = (uint16_t)s->local_port;
	return true;
}

static bool parse_unix(struct net_sock *s, const struct line *l)
{
	uint64_t flags, type, state, inode;

	if (!get(&flags, l, 3, HEX) || !get(&type, l, 4, HEX) ||
		!get(&state, l, 5, HEX) || !get(&inode, l, 6, DECIMAL) || !inode)
		return false;
	s->type = (uint16_t)type;
	s->inode = inode;
	s->state = STATE_CLOSE;
	if (state == UNIX_CONNECTED)
		s->state = STATE_ESTABLISHED;
	if (flags & UNIX_LISTENS)
		s->state = STATE_LISTEN;
	s->present |= NET_HAS_NAME;
	if (l->n <= 7 || l->f[7].len > SOCK_PATH_BYTES)
		return true;
	s->name_len = (uint16_t)l->f[7].len;
	memcpy(s->name, l->f[7].at, l->f[7].len);
	if (s->name[0] == '@')
		s->name[0] = 0;
	return true;
}

static bool parse_netlink(struct net_sock *s, const struct line *l)
{
	uint64_t protocol, port, groups, inode;

	if (!get(&protocol, l, 1, DECIMAL) || !get(&port, l, 2, DECIMAL) ||
		!get(&groups, l, 3, HEX) || !get(&inode, l, 9, DECIMAL))
		return false;
	s->protocol = (uint16_t)protocol;
	s->local_id = (uint32_t)port;
	s->groups = (uint32_t)groups;
	s->inode = inode;
	s->state = STATE_CLOSE;
	s->present |= NET_HAS_GROUPS;
	return true;
}

static bool parse_packet(struct net_sock *s, const struct line *l)
{
	uint64_t type, protocol, interface, uid, inode;

	if (!get(&type, l, 2, DECIMAL) || !get(&protocol, l, 3, HEX) ||
		!get(&interface, l, 4, DECIMAL) || !get(&uid, l, 7, DECIMAL) ||
		!get(&inode, l, 8, DECIMAL))
		return false;
	s->type = (uint16_t)type;
	s->protocol = (uint16_t)protocol;
	s->ifindex = (uint32_t)interface;
	s->uid = (uint32_t)uid;
	s->inode = inode;
	s->state = STATE_CLOSE;
	s->present |= NET_HAS_UID;
	return true;
}

/* What there is in /proc/net, and in how many fields before a rest. */
static const struct {
	const char *files[FILES_MAX];
	uint16_t families[FILES_MAX];
	uint16_t type;
	uint16_t protocol;
	size_t fields;
	bool (*parse)(struct net_sock *s, const struct line *l);
} kinds[NET_KINDS] = {
	[NET_TCP] = { { "tcp", "tcp6" }, { AF_INET, AF_INET6 }, SOCK_STREAM,
		IPPROTO_TCP, FIELDS_MAX, parse_inet },
	[NET_UDP] = { { "udp", "udp6" }, { AF_INET, AF_INET6 }, SOCK_DGRAM,
		IPPROTO_UDP, FIELDS_MAX, parse_inet },
	[NET_RAW] = { { "raw", "raw6" }, { AF_INET, AF_INET6 }, SOCK_RAW, 0,
		FIELDS_MAX, parse_inet },
	[NET_UNIX] = { { "unix" }, { AF_UNIX }, 0, 0, 8, parse_unix },
	[NET_NETLINK] = { { "netlink" }, { AF_NETLINK }, 0, 0, FIELDS_MAX,
		parse_netlink },
	[NET_PACKET] = { { "packet" }, { AF_PACKET }, 0, 0, FIELDS_MAX,
		parse_packet },
};

static void split(struct line *l, const char *at, size_t len, size_t fields)
{
	l->n = 0;
	while (l->n < fields) {
		size_t n = 0;

		while (len && *at == ' ') {
			at++;
			len--;
		}
		if (!len)
			return;
		while (n < len && (at[n] != ' ' || l->n == fields - 1))
			n++;
		l->f[l->n++] = (struct field){ at, n };
		at += n;
		len -= n;
	}
}

int sock_proc_parse(struct net_socks *ss, enum net_kind kind, uint16_t family,
	const char *text, size_t len, struct err *e)
{
	int r = 0;

	while (r == 0 && len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;
		struct net_sock s = { .seen_by = NET_BY_PROC,
			.family = family,
			.type = kinds[kind].type,
			.protocol = kinds[kind].protocol };
		struct line l;

		split(&l, text, n, kinds[kind].fields);
		if (kinds[kind].parse(&s, &l))
			r = net_socks_see(ss, &s, NULL, e);
		len -= end ? n + 1 : n;
		text += end ? n + 1 : n;
	}
	return r;
}

int sock_proc_see(struct net_socks *ss, enum net_kind kind, struct err *e)
{
	int r = 0;

	if (!kinds[kind].parse)
		return err_set(e, -EOPNOTSUPP, "/proc/net has none of these");
	for (size_t i = 0; r == 0 && i < FILES_MAX && kinds[kind].files[i]; i++) {
		AUTO_BUF struct buf text = { 0 };
		char path[64];

		(void)snprintf(path, sizeof(path), "/proc/thread-self/net/%s",
			kinds[kind].files[i]);
		buf_init(&text, SOCK_PROC_BYTES);
		r = io_slurp(AT_FDCWD, path, &text, e);
		/* Without IPv6 there is no second file. */
		if (i && r == -ENOENT)
			return 0;
		if (r == 0 && text.len)
			r = sock_proc_parse(ss, kind, kinds[kind].families[i],
				(const char *)text.data, text.len, e);
	}
	return r;
}
