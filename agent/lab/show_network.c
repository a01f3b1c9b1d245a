// SPDX-License-Identifier: Apache-2.0
/* Open files, sockets, namespaces and interfaces as rows. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "lab/escape.h"
#include "lab/show_cell.h"
#include "lab/show_table.h"

enum {
	KIND_CHARS = 11,
	STATE_CHARS = 12,
	ENDPOINT_CHARS = 24,
	NAME_CHARS = 16,
	OWNERS_SHOWN = 4,
};

static size_t file_rows(const Icecore__V1__Record *m)
{
	return m->open_files->n_files;
}

static const ProtobufCMessage *file_item(const Icecore__V1__Record *m, size_t i)
{
	return &m->open_files->files[i]->base;
}

static const char *file_kind(const Icecore__V1__OpenFile *f)
{
	static const char *const names[] = { "-", "file", "directory",
		"character", "block", "pipe", "fifo", "socket", "link", "memfd",
		"eventfd", "epoll", "io_uring", "bpf-map", "bpf-prog",
		"bpf-link", "perf", "userfaultfd", "pidfd", "inotify", "fanotify",
		"timerfd", "signalfd", "namespace", "secretmem", "other" };

	return f->has_kind && (size_t)f->kind < ARRAY_LEN(names) ? names[f->kind]
								 : "-";
}

static int file_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__OpenFile *f = m->open_files->files[i];
	int r = cell_u32(ret, 7, m->open_files->has_pid, m->open_files->pid, e);

	if (r == 0)
		r = cell_u32(ret, 5, f->has_fd, f->fd, e);
	if (r == 0)
		r = cell_string(ret, file_kind(f), KIND_CHARS, e);
	if (r == 0)
		r = cell_seen(ret, f->seen_by, e);
	if (r == 0 && f->has_flags)
		r = buf_text(
			ret, e, "%08o %12" PRIu64 " ", f->flags, f->position);
	else if (r == 0)
		r = buf_text(ret, e, "%8s %12s ", "-", "-");
	if (r == 0 && f->has_inode)
		r = buf_text(ret, e, "%12" PRIu64 " ", f->inode);
	else if (r == 0)
		r = buf_text(ret, e, "%12s ", "-");
	return r < 0 ? r : escape(ret, f->path.data, f->path.len, e);
}

static size_t socket_rows(const Icecore__V1__Record *m)
{
	return m->sockets->n_sockets;
}

static const ProtobufCMessage *socket_item(const Icecore__V1__Record *m, size_t i)
{
	return &m->sockets->sockets[i]->base;
}

/* AF_* and what is in it. */
static const char *socket_kind(const Icecore__V1__Socket *s)
{
	static const struct {
		uint32_t family;
		uint32_t protocol; /* 0 = any */
		const char *name;
	} names[] = { { 1, 0, "unix" }, { 2, 6, "tcp" }, { 10, 6, "tcp6" },
		{ 2, 17, "udp" }, { 10, 17, "udp6" }, { 2, 132, "sctp" },
		{ 10, 132, "sctp6" }, { 2, 0, "raw" }, { 10, 0, "raw6" },
		{ 16, 0, "netlink" }, { 17, 0, "packet" }, { 40, 0, "vsock" } };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (s->family == names[i].family &&
			(!names[i].protocol || s->protocol == names[i].protocol))
			return names[i].name;
	return "other";
}

/* "192.0.2.1:22", "[::1]:22", the name of a unix socket, or an id. */
static int put_endpoint(struct buf *ret, const Icecore__V1__Socket *s,
	int is_remote, struct err *e)
{
	const char *address = is_remote ? s->remote_address : s->local_address;
	uint32_t port = is_remote ? s->remote_port : s->local_port;
	int has_id = is_remote ? s->has_remote_id : s->has_local_id;
	size_t from = ret->len;
	int r = 0;

	if (address && !s->has_local_port)
		r = buf_text(ret, e, "%s", address);
	else if (address)
		r = buf_text(ret, e, strchr(address, ':') ? "[%s]:%u" : "%s:%u",
			address, port);
	else if (has_id)
		r = buf_text(ret, e, "%u:%u",
			is_remote ? s->remote_id : s->local_id, port);
	else if (!is_remote && s->has_name)
		r = escape(ret, s->name.data, s->name.len, e);
	else if (is_remote && s->has_peer_inode)
		r = buf_text(ret, e, "%" PRIu64, s->peer_inode);
	else
		r = buf_text(ret, e, "-");
	if (r == 0 && ret->len - from < ENDPOINT_CHARS)
		r = buf_text(ret, e, "%*s",
			(int)(ENDPOINT_CHARS - (ret->len - from)), "");
	return r < 0 ? r : buf_text(ret, e, " ");
}

static int put_holder(
	struct buf *ret, const Icecore__V1__Socket *s, struct err *e)
{
	static const char *const names[] = { "-", "-", "kernel", "orphan",
		"nobody" };
	int r = 0;

	if (!s->n_owners)
		return buf_text(ret, e, "%s",
			s->has_holder && (size_t)s->holder < ARRAY_LEN(names)
				? names[s->holder]
				: "-");
	for (size_t i = 0; r == 0 && i < s->n_owners && i < OWNERS_SHOWN; i++)
		r = buf_text(ret, e, "%s%u/%u", i ? "," : "", s->owners[i]->pid,
			s->owners[i]->fd);
	if (r == 0 && s->n_owners > OWNERS_SHOWN)
		r = buf_text(ret, e, ",...");
	if (r == 0 && s->own)
		r = buf_text(ret, e, " (icecore)");
	return r;
}

/* i = an iterator, p = /proc/net, d = sock_diag */
static int socket_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__Socket *s = m->sockets->sockets[i];
	int r = cell_u32(ret, 10, m->sockets->has_netns, m->sockets->netns, e);

	if (r == 0)
		r = cell_string(ret, socket_kind(s), 7, e);
	if (r == 0)
		r = cell_string(ret, s->state, STATE_CHARS, e);
	if (r == 0)
		r = buf_text(ret, e, "%c%c%c  ", s->seen_by & 1 ? 'i' : '-',
			s->seen_by & 2 ? 'p' : '-', s->seen_by & 4 ? 'd' : '-');
	if (r == 0)
		r = put_endpoint(ret, s, 0, e);
	if (r == 0)
		r = put_endpoint(ret, s, 1, e);
	if (r == 0 && s->tcp && s->tcp->has_bytes_acked)
		r = buf_text(ret, e, "%10" PRIu64 " %10" PRIu64 " ",
			s->tcp->bytes_acked, s->tcp->bytes_received);
	else if (r == 0)
		r = buf_text(ret, e, "%10s %10s ", "-", "-");
	if (r == 0)
		r = cell_u32(ret, 6, s->has_uid, s->uid, e);
	return r < 0 ? r : put_holder(ret, s, e);
}

static int netns_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	static const char *const ways[] = { "task", "mount", "file", "socket",
		"kernel" };
	const Icecore__V1__NetNamespace *n = m->net_namespace;
	int r = cell_u32(ret, 10, n->has_netns, n->netns, e);

	(void)i;
	if (r == 0)
		r = cell_u32(ret, 5, n->has_processes, n->processes, e);
	if (r == 0)
		r = cell_string(ret, n->entered ? "yes" : "no", 7, e);
	if (r == 0)
		r = cell_flags(ret, n->found_by, ways, ARRAY_LEN(ways), 29, e);
	return r < 0 ? r : escape(ret, n->path.data, n->path.len, e);
}

static size_t link_rows(const Icecore__V1__Record *m)
{
	return m->net_config->n_links;
}

static const ProtobufCMessage *link_item(const Icecore__V1__Record *m, size_t i)
{
	return &m->net_config->links[i]->base;
}

static int link_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__NetLink *l = m->net_config->links[i];
	int r = cell_u32(
		ret, 10, m->net_config->has_netns, m->net_config->netns, e);

	if (r == 0)
		r = cell_u32(ret, 6, l->has_index, l->index, e);
	if (r == 0)
		r = cell_bytes(ret, &l->name, NAME_CHARS, e);
	if (r == 0)
		r = cell_bytes(ret, &l->kind, 10, e);
	if (r == 0)
		r = buf_text(ret, e, "%08x ", l->flags);
	if (r == 0)
		r = cell_u32(ret, 7, l->has_promiscuity, l->promiscuity, e);
	if (r == 0)
		r = cell_u32(ret, 6, l->has_xdp_prog_id, l->xdp_prog_id, e);
	return r < 0 ? r : escape(ret, l->address.data, l->address.len, e);
}

static size_t route_rows(const Icecore__V1__Record *m)
{
	return m->net_config->n_routes;
}

static const ProtobufCMessage *route_item(const Icecore__V1__Record *m, size_t i)
{
	return &m->net_config->routes[i]->base;
}

static int route_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__NetRoute *v = m->net_config->routes[i];
	int r = cell_u32(
		ret, 10, m->net_config->has_netns, m->net_config->netns, e);

	if (r == 0)
		r = cell_u32(ret, 6, v->has_table, v->table, e);
	if (r == 0)
		r = cell_u32(ret, 4, v->has_type, v->type, e);
	if (r == 0)
		r = cell_u32(ret, 5, v->has_interface, v->interface, e);
	if (r == 0)
		r = cell_u32(ret, 6, v->has_metric, v->metric, e);
	if (r == 0)
		r = cell_string(ret, v->gateway, ENDPOINT_CHARS, e);
	return r < 0 ? r
		     : buf_text(ret, e, "%s/%u",
			       v->destination ? v->destination : "default",
			       v->prefix);
}

const struct show_table show_network_tables[] = {
	{ "file", ICECORE__V1__RECORD__BODY_OPEN_FILES,
		"    PID    FD KIND        SEEN    FLAGS     POSITION        INODE PATH",
		file_rows, file_item, file_row },
	{ "socket", ICECORE__V1__RECORD__BODY_SOCKETS,
		"     NETNS KIND    STATE        SEEN LOCAL                    REMOTE                        ACKED   RECEIVED    UID HOLDER",
		socket_rows, socket_item, socket_row },
	{ "netns", ICECORE__V1__RECORD__BODY_NET_NAMESPACE,
		"     NETNS  PIDS ENTERED FOUND                         PATH",
		NULL, NULL, netns_row },
	{ "link", ICECORE__V1__RECORD__BODY_NET_CONFIG,
		"     NETNS  INDEX NAME             KIND       FLAGS    PROMISC    XDP ADDRESS",
		link_rows, link_item, link_row },
	{ "route", ICECORE__V1__RECORD__BODY_NET_CONFIG,
		"     NETNS  TABLE TYPE   DEV METRIC GATEWAY                  DESTINATION",
		route_rows, route_item, route_row },
	{ 0 },
};
