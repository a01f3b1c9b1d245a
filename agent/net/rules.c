// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/io.h"
#include "net/loaded.h"
#include "net/netlink.h"
#include "net/route.h"
#include "net/rules.h"

enum { NAMES_BYTES = 4096 };

static struct rules_set *next_set(
	struct rules_dump *d, enum rules_kind kind, const char *name)
{
	struct rules_set *s;

	if (d->n == RULES_SETS_MAX)
		return NULL;
	s = &d->v[d->n++];
	s->kind = kind;
	(void)snprintf(s->name, sizeof(s->name), "%s", name);
	buf_init(&s->raw, RULES_BYTES);
	return s;
}

void rules_done(struct rules_dump *d)
{
	for (size_t i = 0; i < d->n; i++)
		buf_done(&d->v[i].raw);
	d->n = 0;
}

static int keep(void *arg, const struct netlink_message *m, struct err *e)
{
	return route_keep(arg, m, e);
}

static int dump(struct buf *ret, uint8_t subsystem, const uint8_t *types,
	size_t types_n, struct err *e)
{
	struct nfgenmsg body = { .nfgen_family = AF_UNSPEC,
		.version = NFNETLINK_V0 };
	AUTO_NETLINK struct netlink n = { 0 };
	int r = netlink_open(&n, NETLINK_NETFILTER, e);

	for (size_t i = 0; r == 0 && i < types_n; i++)
		r = netlink_dump(&n, (uint16_t)(subsystem << 8 | types[i]),
			&body, sizeof(body), keep, ret, e);
	return r == -EINVAL ? err_set(e, -EOPNOTSUPP, "the kernel has none") : r;
}

static const struct {
	enum rules_kind kind;
	const char *name;
	const char *modules[2]; /* both have to be there */
	uint8_t subsystem;
	uint8_t types_n;
	uint8_t types[6];
} netlinks[] = {
	{ RULES_NFT, "nft", { "nf_tables", "nfnetlink" }, NFNL_SUBSYS_NFTABLES, 6,
		{ NFT_MSG_GETTABLE, NFT_MSG_GETCHAIN, NFT_MSG_GETRULE,
			NFT_MSG_GETSET, NFT_MSG_GETOBJ, NFT_MSG_GETFLOWTABLE } },
	{ RULES_CONNTRACK, "conntrack", { "nf_conntrack_netlink", "nfnetlink" },
		NFNL_SUBSYS_CTNETLINK, 1, { IPCTNL_MSG_CT_GET } },
};

/* The same for both: their structures differ in nothing that counts here. */
_Static_assert(sizeof(struct ipt_get_entries) == sizeof(struct ip6t_get_entries),
	"one layout");

static int get_table(struct rules_set *s, int family, int level, struct err *e)
{
	AUTO_CLOSE int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	struct ipt_getinfo info = { 0 };
	struct ipt_get_entries head = { 0 };
	socklen_t len = sizeof(info);
	uint8_t *room;
	int r;

	if (fd < 0)
		return err_sys(e, "open a socket for %s", s->name);
	(void)snprintf(info.name, sizeof(info.name), "%s", s->name);
	if (getsockopt(fd, level, IPT_SO_GET_INFO, &info, &len) < 0)
		return err_sys(e, "ask for the table %s", s->name);
	len = (socklen_t)(sizeof(head) + info.size);
	r = buf_reserve(&s->raw, &room, len, e);
	if (r < 0)
		return r;
	(void)snprintf(head.name, sizeof(head.name), "%s", s->name);
	head.size = info.size;
	memcpy(room, &head, sizeof(head));
	if (getsockopt(fd, level, IPT_SO_GET_ENTRIES, room, &len) < 0)
		return err_sys(e, "read the table %s", s->name);
	s->raw.len += len;
	return 0;
}

static int see_tables(struct rules_dump *d, enum rules_kind kind,
	const char *names, struct err *e)
{
	bool is_v6 = kind == RULES_IP6TABLES;
	AUTO_BUF struct buf text = { 0 };
	char *save, *name;

	buf_init(&text, NAMES_BYTES);
	if (io_slurp(AT_FDCWD, names, &text, NULL) < 0)
		return 0;
	save = buf_string(&text, NULL);
	while (save && (name = strsep(&save, "\n"))) {
		struct rules_set *s = *name ? next_set(d, kind, name) : NULL;

		if (!s)
			continue;
		s->result = get_table(s, is_v6 ? AF_INET6 : AF_INET,
			is_v6 ? IPPROTO_IPV6 : IPPROTO_IP, &s->why);
		if (s->result == -ENOMEM)
			return err_set(e, -ENOMEM, "%s", s->why.msg);
	}
	return 0;
}

int rules_look(struct rules_dump *ret, struct err *e)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < ARRAY_LEN(netlinks); i++) {
		struct rules_set *s =
			next_set(ret, netlinks[i].kind, netlinks[i].name);

		if (!s)
			break;
		if (!loaded_is(netlinks[i].modules[0]) ||
			!loaded_is(netlinks[i].modules[1])) {
			s->result = err_set(&s->why, -EOPNOTSUPP,
				"%s is not loaded", netlinks[i].modules[0]);
			continue;
		}
		s->result = dump(&s->raw, netlinks[i].subsystem,
			netlinks[i].types, netlinks[i].types_n, &s->why);
		if (s->result == -ENOMEM)
			return err_set(e, -ENOMEM, "%s", s->why.msg);
	}
	r = see_tables(ret, RULES_IPTABLES,
		"/proc/thread-self/net/ip_tables_names", e);
	return r < 0 ? r
		     : see_tables(ret, RULES_IP6TABLES,
			       "/proc/thread-self/net/ip6_tables_names", e);
}
