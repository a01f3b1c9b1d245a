// SPDX-License-Identifier: Apache-2.0
/*
 * A host without open files and without iterators for sockets: a capture of
 * what is made up looks at nothing of this machine.
 */
#include <errno.h>

#include "base/err.h"
#include "live/file.h"
#include "net/sock_bpf.h"

int live_files_bpf(
	struct live_files *fs, const struct live_config *config, struct err *e)
{
	(void)config;
	live_files_sort(fs);
	return err_set(e, -EPERM, "no iterator here");
}

int live_files_proc(struct live_files *fs, const struct live_config *config,
	struct timed *timed, struct err *e)
{
	(void)config;
	(void)timed;
	(void)e;
	live_files_sort(fs);
	return 0;
}

int live_files_compare(
	struct live_files *fs, const struct live_config *config, struct err *e)
{
	(void)fs;
	(void)config;
	(void)e;
	return 0;
}

int net_bpf_open(struct net_bpf **ret, struct err *e)
{
	(void)ret;
	return err_set(e, -EPERM, "no iterator here");
}

void net_bpf_close(struct net_bpf *b)
{
	(void)b;
}

int net_bpf_see(struct net_socks *ss, struct net_bpf *b, enum net_kind kind,
	struct err *e)
{
	(void)ss;
	(void)b;
	return err_set(e, -EPERM, "no iterator for %s", net_kind_name(kind));
}

int net_bpf_held(struct net_held *h, struct net_bpf *b, struct err *e)
{
	(void)h;
	(void)b;
	return err_set(e, -EPERM, "no iterator here");
}

int net_bpf_namespaces(uint32_t *ret, struct net_bpf *b, struct err *e)
{
	(void)ret;
	(void)b;
	return err_set(e, -EPERM, "no iterator here");
}
