// SPDX-License-Identifier: Apache-2.0
/* Sockets, as icelab show prints those of records. */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "inspect/inspection.h"
#include "inspect/print.h"
#include "lab/show_table.h"

/* include/net/tcp_states.h; by the names that live sockets have. */
static const char *state_name(const struct socket_seen *s)
{
	static const char *const names[] = { "-", "ESTABLISHED", "SYN_SENT",
		"SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE",
		"CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING", "NEW_SYN_RECV" };

	return s->state < ARRAY_LEN(names) ? names[s->state] : "-";
}

static int print_one(
	const struct print *p, const struct socket_seen *s, struct err *e)
{
	Icecore__V1__Sockets all = ICECORE__V1__SOCKETS__INIT;
	Icecore__V1__Socket m = ICECORE__V1__SOCKET__INIT;
	Icecore__V1__Record record = ICECORE__V1__RECORD__INIT;
	Icecore__V1__Socket *one = &m;
	char local[INET6_ADDRSTRLEN] = "", remote[INET6_ADDRSTRLEN] = "";

	m.has_family = m.has_type = m.has_protocol = m.has_uid = 1;
	m.family = s->family;
	m.type = s->type;
	m.protocol = s->protocol;
	m.uid = s->uid;
	m.state = (char *)(uintptr_t)state_name(s);
	m.has_inode = s->inode != 0;
	m.inode = s->inode;
	if (s->family == AF_INET || s->family == AF_INET6) {
		m.local_address = (char *)(uintptr_t)inet_ntop(
			s->family, s->local, local, sizeof(local));
		m.remote_address = (char *)(uintptr_t)inet_ntop(
			s->family, s->remote, remote, sizeof(remote));
		m.has_local_port = m.has_remote_port = 1;
		m.local_port = s->local_port;
		m.remote_port = s->remote_port;
	}
	m.has_name = s->name_len != 0;
	m.name.len = s->name_len;
	m.name.data = (uint8_t *)(uintptr_t)s->name;
	all.has_netns = s->netns != 0;
	all.netns = s->netns;
	all.sockets = &one;
	all.n_sockets = 1;
	record.body_case = ICECORE__V1__RECORD__BODY_SOCKETS;
	record.sockets = &all;
	return print_record(p, "socket", &record, e);
}

int print_sockets(const struct print *p, struct err *e)
{
	const struct sockets_seen *ss = &p->in->sockets;
	int r = 0;

	print_header(p, show_table_find("socket")->header);
	for (size_t i = 0; r == 0 && i < ss->n; i++)
		r = print_one(p, &ss->v[i], e);
	return r;
}
