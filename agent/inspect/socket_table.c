// SPDX-License-Identifier: Apache-2.0
/* The tables that sockets are in. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "inspect/socket_internal.h"
#include "kernel/layout.h"

enum { UNIX_BUCKETS = 512 }; /* UNIX_HASH_SIZE: paths, and names */

/* A table of each namespace, or of all of them: a pointer in each struct net. */
typedef int walk_one(struct socket_walk *w, uint64_t table, struct err *e);

/* Each of them once. */
static int walk_tables(struct socket_walk *w, const char *member,
	const char *symbol, walk_one *walk, struct err *e)
{
	uint64_t shared = captured_symbol(w->c, symbol), before = 0;
	uint32_t offset;
	int r = 0;

	/* 6.0, d1e5e6408b30 ("tcp: Introduce optional per-netns ehash"), and
	 * 6.2, 9804985bf27f ("udp: Introduce optional per-netns hash table"). */
	if (layout_offset(captured_layout(w->c), &offset, "net", member, NULL) < 0)
		return shared ? walk(w, shared, e)
			      : err_set(e, -ENOENT, "no symbol %s", symbol);
	for (size_t i = 0; r == 0 && i < w->nets_n; i++) {
		uint64_t table = 0;
		bool seen = false;

		if (peek_u64(w->peek, &table, w->nets[i] + offset) < 0)
			return err_set(e, -EFAULT, "no table in %#llx",
				(unsigned long long)w->nets[i]);
		for (size_t k = 0; !seen && k < i; k++)
			seen = peek_u64(w->peek, &before, w->nets[k] + offset) ==
				       0 &&
			       before == table;
		if (table && !seen)
			r = walk(w, table, e);
	}
	return r;
}

/* ${count} buckets of ${bytes} each, whose chains begin at ${head} in them. */
static int walk_buckets(struct socket_walk *w, uint64_t buckets, uint64_t count,
	uint32_t bytes, uint32_t head, int nulls, struct err *e)
{
	int r = 0;

	if (count > SOCKET_BUCKETS_MAX)
		return err_set(e, -EFBIG, "a table of %llu buckets",
			(unsigned long long)count);
	for (uint64_t i = 0; r == 0 && i < count; i++)
		r = socket_take_chain(w, buckets + i * bytes + head, nulls, e);
	return r;
}

/* A table: where its buckets are, and how many there are but one. */
static int read_table(const struct socket_walk *w, uint64_t *buckets,
	uint64_t *count, uint64_t table, const char *type, const char *member,
	const char *mask, struct err *e)
{
	uint32_t at, mask_at, n = 0;
	const struct layout_want wants[] = {
		{ type, member, &at },
		{ type, mask, &mask_at },
	};
	int r = layout_find(captured_layout(w->c), wants, ARRAY_LEN(wants), e);

	if (r < 0)
		return r;
	if (peek_u64(w->peek, buckets, table + at) < 0 ||
		peek_u32(w->peek, &n, table + mask_at) < 0)
		return err_set(e, -EFAULT, "no table at %#llx",
			(unsigned long long)table);
	*count = (uint64_t)n + 1;
	return 0;
}

static int walk_connected(struct socket_walk *w, uint64_t table, struct err *e)
{
	struct layout *types = captured_layout(w->c);
	uint64_t buckets, count;
	uint32_t bytes, head;
	int r = read_table(w, &buckets, &count, table, "inet_hashinfo", "ehash",
		"ehash_mask", e);

	if (r == 0)
		r = layout_size(types, &bytes, "inet_ehash_bucket", e);
	if (r == 0)
		r = layout_offset(types, &head, "inet_ehash_bucket", "chain", e);
	return r < 0 ? r : walk_buckets(w, buckets, count, bytes, head, 1, e);
}

/* 5.19, cae3873c5b3a ("net: inet: Retire port only listening_hash"). */
static int walk_listening(struct socket_walk *w, uint64_t table, struct err *e)
{
	struct layout *types = captured_layout(w->c);
	uint64_t buckets, count;
	uint32_t bytes, head;
	int r = read_table(w, &buckets, &count, table, "inet_hashinfo",
		"lhash2", "lhash2_mask", e);

	if (r == 0)
		r = layout_size(types, &bytes, "inet_listen_hashbucket", e);
	if (r == 0)
		r = layout_offset(types, &head, "inet_listen_hashbucket",
			"nulls_head", e);
	return r < 0 ? r : walk_buckets(w, buckets, count, bytes, head, 1, e);
}

static int walk_udp(struct socket_walk *w, uint64_t table, struct err *e)
{
	struct layout *types = captured_layout(w->c);
	uint64_t buckets, count;
	uint32_t bytes, head;
	int r = read_table(
		w, &buckets, &count, table, "udp_table", "hash", "mask", e);

	if (r == 0)
		r = layout_size(types, &bytes, "udp_hslot", e);
	if (r == 0)
		r = layout_offset(types, &head, "udp_hslot", "head", e);
	return r < 0 ? r : walk_buckets(w, buckets, count, bytes, head, 0, e);
}

int socket_walk_connected(struct socket_walk *w, struct err *e)
{
	return walk_tables(w, "ipv4.tcp_death_row.hashinfo", "tcp_hashinfo",
		walk_connected, e);
}

int socket_walk_listening(struct socket_walk *w, struct err *e)
{
	return walk_tables(w, "ipv4.tcp_death_row.hashinfo", "tcp_hashinfo",
		walk_listening, e);
}

int socket_walk_udp(struct socket_walk *w, struct err *e)
{
	return walk_tables(w, "ipv4.udp_table", "udp_table", walk_udp, e);
}

struct unix_layout {
	uint32_t buckets; /* struct net */
	uint32_t address; /* struct unix_sock */
	uint32_t len, name; /* struct unix_address */
};

/* struct sockaddr_un: two bytes of family come first. */
static void take_name(struct socket_walk *w, const struct unix_layout *l,
	struct socket_seen *s)
{
	uint64_t address = 0;
	uint32_t len = 0;

	if (peek_u64(w->peek, &address, s->at + l->address) < 0 || !address ||
		peek_u32(w->peek, &len, address + l->len) < 0 || len <= 2)
		return;
	len -= 2;
	if (len > SOCKET_NAME_BYTES)
		len = SOCKET_NAME_BYTES;
	if (peek_read(w->peek, s->name, address + l->name + 2, len) < 0)
		return;
	/* The length of a path counts its end. */
	s->name_len = (uint8_t)(s->name[0] ? strnlen((char *)s->name, len) : len);
}

/* 6.0, cf21b355ccb3 ("af_unix: Optimise hash table layout"), and 2f7ca90a0188
 * ("af_unix: Remove unix_table_locks") and the like before: one of each
 * namespace. */
int socket_walk_unix(struct socket_walk *w, struct err *e)
{
	struct unix_layout l;
	const struct layout_want wants[] = {
		{ "net", "unx.table.buckets", &l.buckets },
		{ "unix_sock", "addr", &l.address },
		{ "unix_address", "len", &l.len },
		{ "unix_address", "name", &l.name },
	};
	int r = layout_find(captured_layout(w->c), wants, ARRAY_LEN(wants), e);

	for (size_t i = 0; r == 0 && i < w->nets_n; i++) {
		size_t from = w->ss->n;
		uint64_t buckets = 0;

		if (peek_u64(w->peek, &buckets, w->nets[i] + l.buckets) < 0)
			return err_set(e, -EFAULT, "no table in %#llx",
				(unsigned long long)w->nets[i]);
		if (buckets)
			r = walk_buckets(w, buckets, UNIX_BUCKETS, 8, 0, 0, e);
		for (; from < w->ss->n; from++)
			take_name(w, &l, &w->ss->v[from]);
	}
	return r;
}
