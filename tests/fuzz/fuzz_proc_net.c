// SPDX-License-Identifier: Apache-2.0
/* Any text as /proc/net/..., as fdinfo and as mountinfo. */
#undef NDEBUG
#include <assert.h>
#include <sys/socket.h>

#include "base/err.h"
#include "live/file.h"
#include "net/loaded.h"
#include "net/netns.h"
#include "net/sock_proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum net_kind kinds[] = { NET_TCP, NET_UDP, NET_RAW,
		NET_UNIX, NET_NETLINK, NET_PACKET };
	AUTO_FREE char *text = malloc(size + 1);
	struct live_file f = { 0 };
	char path[NETNS_PATH_BYTES];
	struct err e = { "" };

	assert(text);
	memcpy(text, data, size);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct net_socks ss;

		net_socks_init(&ss);
		assert(sock_proc_parse(&ss, kinds[i], AF_INET, text, size, &e) ==
			0);
		for (size_t s = 0; s < ss.n; s++) {
			assert(ss.v[s].seen_by == NET_BY_PROC);
			assert(ss.v[s].name_len <= SOCK_PATH_BYTES);
		}
		net_socks_sort(&ss);
		net_socks_done(&ss);
	}
	live_fdinfo(&f, text, size);
	assert(live_file_kind((uint32_t)size, text, size) < LIVE_FILE_KINDS);
	if (netns_mount_line(path, sizeof(path), text, size))
		assert(path[0] && strnlen(path, sizeof(path)) < sizeof(path));
	text[size] = 0;
	(void)!loaded_in(text, "tcp_diag");
	(void)!loaded_built_in(text, "tcp_diag");
	return 0;
}
