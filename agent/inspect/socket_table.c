// SPDX-License-Identifier: Apache-2.0
/* The tables that sockets are in. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "inspect/socket_internal.h"
#include "kernel/layout.h"

enum { UNIX_BUCKETS = 512 }; /* UNIX_HASH_SIZE: paths, and names */

/* How a table lies in memory. */
struct shape {
	const char *member; /* where each struct net has its pointer to one */
	const char *symbol; /* of the one that all share, before */
	const char *table, *buckets, *mask;
	const char *bucket, *head;
	int nulls; /* a chain ends with an odd number */
};

/* 6.0, d1e5e6408b30 ("tcp: Introduce optional per-netns ehash"); 5.19,
 * cae3873c5b3a ("net: inet: Retire port only listening_hash"); 6.2,
 * 9804985bf27f ("udp: Introduce optional per-netns hash table"). */
static const struct shape shapes[] = {
	[SOCKETS_CONNECTED] = { "ipv4.tcp_death_row.hashinfo", "tcp_hashinfo",
		"inet_hashinfo", "ehash", "ehash_mask", "inet_ehash_bucket",
		"chain", 1 },
	[SOCKETS_LISTENING] = { "ipv4.tcp_death_row.hashinfo", "tcp_hashinfo",
		"inet_hashinfo", "lhash2", "lhash2_mask",
		"inet_listen_hashbucket", "nulls_head", 1 },
	[SOCKETS_UDP] = { "ipv4.udp_table", "udp_table", "udp_table", "hash",
		"mask", "udp_hslot", "head", 0 },
};

struct buckets {
	uint64_t at;
	uint64_t n;
	uint32_t bytes; /* of one */
	uint32_t head; /* where its chain begins */
	int nulls;
};

static int walk_buckets(
	struct socket_walk *w, const struct buckets *b, struct err *e)
{
	int r = 0;

	if (b->n > SOCKET_BUCKETS_MAX)
		return err_set(e, -EFBIG, "a table of %llu buckets",
			(unsigned long long)b->n);
	for (uint64_t i = 0; r == 0 && i < b->n; i++)
		r = socket_take_chain(
			w, b->at + i * b->bytes + b->head, b->nulls, e);
	return r;
}

static int walk_table(struct socket_walk *w, uint64_t table,
	const struct shape *s, struct err *e)
{
	struct layout *types = captured_layout(w->c);
	struct buckets b = { .nulls = s->nulls };
	uint32_t at = 0, mask = 0, n = 0;
	const struct layout_want wants[] = {
		{ s->table, s->buckets, &at },
		{ s->table, s->mask, &mask },
		{ s->bucket, s->head, &b.head },
	};
	int r = layout_find(types, wants, ARRAY_LEN(wants), e);

	if (r == 0)
		r = layout_size(types, &b.bytes, s->bucket, e);
	if (r < 0)
		return r;
	if (peek_u64(w->peek, &b.at, table + at) < 0 ||
		peek_u32(w->peek, &n, table + mask) < 0)
		return err_set(e, -EFAULT, "no table at %#llx",
			(unsigned long long)table);
	b.n = (uint64_t)n + 1;
	return walk_buckets(w, &b, e);
}

/* That of namespace ${i} is one that was walked. */
static bool is_shared(
	const struct socket_walk *w, size_t i, uint32_t offset, uint64_t table)
{
	uint64_t before = 0;

	for (size_t k = 0; k < i; k++)
		if (peek_u64(w->peek, &before, w->nets[k] + offset) == 0 &&
			before == table)
			return true;
	return false;
}

/* Each of them once. */
int socket_walk_tables(struct socket_walk *w, struct err *e)
{
	const struct shape *s = &shapes[w->table];
	uint64_t shared = captured_symbol(w->c, s->symbol);
	uint32_t offset;
	int r = 0;

	if (layout_offset(
		    captured_layout(w->c), &offset, "net", s->member, NULL) < 0)
		return shared ? walk_table(w, shared, s, e)
			      : err_set(e, -ENOENT, "no symbol %s", s->symbol);
	for (size_t i = 0; r == 0 && i < w->nets_n; i++) {
		uint64_t table = 0;

		if (peek_u64(w->peek, &table, w->nets[i] + offset) < 0)
			return err_set(e, -EFAULT, "no table in %#llx",
				(unsigned long long)w->nets[i]);
		if (table && !is_shared(w, i, offset, table))
			r = walk_table(w, table, s, e);
	}
	return r;
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
		struct buckets b = { .n = UNIX_BUCKETS, .bytes = 8 };

		if (peek_u64(w->peek, &b.at, w->nets[i] + l.buckets) < 0)
			return err_set(e, -EFAULT, "no table in %#llx",
				(unsigned long long)w->nets[i]);
		if (b.at)
			r = walk_buckets(w, &b, e);
		for (; from < w->ss->n; from++)
			take_name(w, &l, &w->ss->v[from]);
	}
	return r;
}
