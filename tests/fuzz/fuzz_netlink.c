// SPDX-License-Identifier: Apache-2.0
/* What any bytes are as answers of netlink: the first chooses the kind. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>

#include "net/diag.h"
#include "net/netlink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(enum net_kind kind, const struct netlink_message *m)
{
	const uint8_t *filter = NULL;
	struct net_sock s;
	int r = diag_decode(&s, &filter, kind, m);

	assert(r == 0 || r == 1 || r == -EBADMSG);
	if (r < 0)
		return;
	assert(s.seen_by == NET_BY_DIAG && s.name_len <= SOCK_PATH_BYTES);
	if (filter)
		assert(filter >= m->body &&
			filter + (size_t)s.filter_n * 8 <= m->body + m->len);
	(void)net_sock_state(&s);
	(void)net_sock_listens(&s);
	(void)net_kind_name(net_sock_kind(&s));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct netlink_attribute table[NETLINK_ATTRIBUTES_MAX];
	/* At its very end, so that the sanitizer sees one byte too many. */
	AUTO_FREE uint8_t *copy = malloc(size ? size : 1);
	const uint8_t *at = copy;
	struct netlink_message m;
	enum net_kind kind;

	assert(copy);
	if (!size)
		return 0;
	memcpy(copy, data, size);
	kind = (enum net_kind)(copy[0] % NET_OTHER);
	at++;
	size--;
	(void)!netlink_table(table, NETLINK_ATTRIBUTES_MAX, at, size);
	for (size_t i = 0; i < NETLINK_ATTRIBUTES_MAX; i++)
		if (table[i].data)
			assert(table[i].data + table[i].len <= at + size);
	while (netlink_next(&m, &at, &size) > 0) {
		assert(m.body + m.len <= at + size);
		decode(kind, &m);
	}
	return 0;
}
