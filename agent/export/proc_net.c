// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "export/proc_net.h"

enum {
	TABLE_BYTES = 64 << 20,
	HZ = 100,
	MS_IN_S = 1000,
	CLOSE = 7, /* TCP_CLOSE, which is every datagram's */
};

static const char inet_header[] =
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
	"retrnsmt   uid  timeout inode";
static const char inet6_header[] =
	"  sl  local_address                         remote_address"
	"                        st tx_queue rx_queue tr tm->when retrnsmt"
	"   uid  timeout inode";

static const struct {
	const char *name;
	int family;
	int type; /* of the socket; 0 = any */
	int protocol; /* 0 = any */
	const char *header;
} tables[PROC_NET_TABLES] = {
	[PROC_NET_TCP] = { "tcp", AF_INET, SOCK_STREAM, IPPROTO_TCP, inet_header },
	[PROC_NET_TCP6] = { "tcp6", AF_INET6, SOCK_STREAM, IPPROTO_TCP,
		inet6_header },
	[PROC_NET_UDP] = { "udp", AF_INET, SOCK_DGRAM, IPPROTO_UDP, inet_header },
	[PROC_NET_UDP6] = { "udp6", AF_INET6, SOCK_DGRAM, IPPROTO_UDP,
		inet6_header },
	[PROC_NET_RAW] = { "raw", AF_INET, SOCK_RAW, 0, inet_header },
	[PROC_NET_RAW6] = { "raw6", AF_INET6, SOCK_RAW, 0, inet6_header },
	[PROC_NET_UNIX] = { "unix", AF_UNIX, 0, 0,
		"Num       RefCount Protocol Flags    Type St Inode Path" },
};

const char *proc_net_name(enum proc_net_table table)
{
	return tables[table].name;
}

int proc_net_begin(struct proc_net *p, struct err *e)
{
	int r = 0;

	memset(p, 0, sizeof(*p));
	for (int i = 0; r == 0 && i < PROC_NET_TABLES; i++) {
		buf_init(&p->text[i], TABLE_BYTES);
		r = buf_text(&p->text[i], e, "%s\n", tables[i].header);
	}
	return r;
}

void proc_net_done(struct proc_net *p)
{
	for (int i = 0; i < PROC_NET_TABLES; i++)
		buf_done(&p->text[i]);
}

/* include/net/tcp_states.h */
static unsigned tcp_state(const char *state)
{
	static const char *const names[] = { "", "ESTABLISHED", "SYN_SENT",
		"SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE",
		"CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING", "NEW_SYN_RECV" };

	for (unsigned i = 1; state && i < ARRAY_LEN(names); i++)
		if (strcmp(state, names[i]) == 0)
			return i;
	return CLOSE;
}

/* Words of the network's order, as this byte order prints them. */
static int address(struct buf *b, int family, const char *text, uint32_t port,
	struct err *e)
{
	uint32_t words[4] = { 0 };
	int n = family == AF_INET ? 1 : 4, r = 0;

	/* What is no address is all zeros: nobody. */
	if (text && inet_pton(family, text, words) != 1)
		memset(words, 0, sizeof(words));
	for (int i = 0; r == 0 && i < n; i++)
		r = buf_text(b, e, "%08" PRIX32, words[i]);
	return r < 0 ? r : buf_text(b, e, ":%04" PRIX32, port & 0xffff);
}

static int inet_line(struct proc_net *p, enum proc_net_table table,
	const Icecore__V1__Socket *s, struct err *e)
{
	struct buf *b = &p->text[table];
	const Icecore__V1__TcpInfo *t = s->tcp;
	uint32_t port =
		tables[table].type == SOCK_RAW ? s->protocol : s->local_port;
	int r = buf_text(b, e, "%4u: ", p->lines[table]++);

	if (r == 0)
		r = address(b, tables[table].family, s->local_address, port, e);
	if (r == 0)
		r = buf_text(b, e, " ");
	if (r == 0)
		r = address(b, tables[table].family, s->remote_address,
			s->remote_port, e);
	return r < 0 ? r
		     : buf_text(b, e,
			       " %02X %08" PRIX32 ":%08" PRIX32 " %02" PRIX32
			       ":%08" PRIX32 " %08" PRIX32 " %5" PRIu32
			       " %8d %" PRIu64 " 0 0000000000000000\n",
			       tcp_state(s->state), s->send_queue,
			       s->receive_queue, t ? t->timer : 0,
			       t ? t->timer_ms * HZ / MS_IN_S : 0, 0U, s->uid,
			       0, s->inode);
}

/* net/unix/af_unix.c, unix_seq_show(): the first NUL of a name is "@". */
static int unix_line(
	struct proc_net *p, const Icecore__V1__Socket *s, struct err *e)
{
	struct buf *b = &p->text[PROC_NET_UNIX];
	bool established = s->state && strcmp(s->state, "ESTABLISHED") == 0;
	int r = buf_text(b, e,
		"%016x: %08X %08X %08X %04" PRIX32 " %02X %5" PRIu64, 0, 2, 0,
		s->listening ? 0x10000U : 0U, s->type, established ? 3 : 1,
		s->inode);

	if (r == 0 && s->name.len)
		r = buf_text(b, e, " ");
	for (size_t i = 0; r == 0 && i < s->name.len; i++)
		r = buf_append(b,
			s->name.data[i] ? (char *)&s->name.data[i] : "@", 1, e);
	p->lines[PROC_NET_UNIX]++;
	return r < 0 ? r : buf_text(b, e, "\n");
}

int proc_net_add(struct proc_net *p, const Icecore__V1__Socket *s, struct err *e)
{
	for (int i = 0; i < PROC_NET_TABLES; i++) {
		if (s->family != (uint32_t)tables[i].family ||
			(tables[i].type && s->type != (uint32_t)tables[i].type) ||
			(tables[i].protocol &&
				s->protocol != (uint32_t)tables[i].protocol))
			continue;
		return i == PROC_NET_UNIX ? unix_line(p, s, e)
					  : inet_line(p, i, s, e);
	}
	return 0;
}
