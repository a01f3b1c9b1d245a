// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "base/err.h"
#include "live/iterate.h"
#include "net/sock_bpf.h"
#include "sock.skel.h"

enum { MAPS = 3, CHUNK = 4096 };

struct net_bpf {
	struct sock_bpf *skel;
	const struct net_sock *socks; /* CHUNK of them, mapped */
	const struct net_filter *filters;
	const uint64_t *namespaces;
};

/* A pass of one program. */
struct pass {
	struct net_bpf *b;
	struct net_socks *into;
	struct net_owners *owners; /* NULL = not asked for */
};

static const struct {
	size_t offset; /* of the map's pointer, in the skeleton's maps */
	size_t bytes;
} maps[MAPS] = {
	{ offsetof(struct sock_bpf, maps.socks), CHUNK * sizeof(struct net_sock) },
	{ offsetof(struct sock_bpf, maps.filters),
		SOCK_FILTERS_MAX * sizeof(struct net_filter) },
	{ offsetof(struct sock_bpf, maps.namespaces),
		NET_NAMESPACES_MAX * sizeof(uint64_t) },
};

/* A target is there when its context's type is. */
static const struct {
	const char *context;
	size_t offset; /* of the program */
	size_t link;
} programs[NET_KINDS + 1] = {
	[NET_TCP] = { "bpf_iter__tcp",
		offsetof(struct sock_bpf, progs.iter_tcp), 0 },
	[NET_UDP] = { "bpf_iter__udp",
		offsetof(struct sock_bpf, progs.iter_udp), 0 },
	[NET_UNIX] = { "bpf_iter__unix",
		offsetof(struct sock_bpf, progs.iter_unix), 0 },
	[NET_NETLINK] = { "bpf_iter__netlink",
		offsetof(struct sock_bpf, progs.iter_netlink), 0 },
	[NET_KINDS] = { "bpf_iter__task_file",
		offsetof(struct sock_bpf, progs.iter_file), 0 },
};

static void *member(const struct net_bpf *b, size_t offset)
{
	return (char *)b->skel + offset;
}

static struct bpf_program *program(const struct net_bpf *b, size_t i)
{
	return *(struct bpf_program **)member(b, programs[i].offset);
}

/* Which of the programs this kernel can have. */
static void choose(struct net_bpf *b)
{
	struct btf *btf = btf__load_vmlinux_btf();

	for (size_t i = 0; i < ARRAY_LEN(programs); i++)
		if (programs[i].context &&
			(!btf || btf__find_by_name_kind(btf, programs[i].context,
					 BTF_KIND_STRUCT) < 0))
			(void)bpf_program__set_autoload(program(b, i), false);
	/* Since 5.14: 79a7f8bdb159 ("bpf: Introduce bpf_sys_bpf() helper and
	 * program type"). */
	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SYSCALL, NULL) != 1)
		(void)bpf_program__set_autoload(
			b->skel->progs.list_namespaces, false);
	btf__free(btf);
}

static int load(struct net_bpf *b, struct err *e)
{
	AUTO_ITERATE struct iterate it = { 0 };
	int r = iterate_begin(&it, e);

	if (r < 0)
		return r;
	b->skel = sock_bpf__open_opts(&it.opts);
	r = -ENOMEM;
	if (b->skel) {
		choose(b);
		r = sock_bpf__load(b->skel);
	}
	return r < 0 ? iterate_refusal(&it, r, e) : 0;
}

static const void **mapped(struct net_bpf *b, int i)
{
	const void **const all[MAPS] = { (const void **)&b->socks,
		(const void **)&b->filters, (const void **)&b->namespaces };

	return all[i];
}

int net_bpf_open(struct net_bpf **ret, struct err *e)
{
	struct net_bpf *b = calloc(1, sizeof(*b));
	int r;

	if (!b)
		return err_set(e, -ENOMEM, "no memory for iterators");
	r = load(b, e);
	for (int i = 0; r == 0 && i < MAPS; i++) {
		struct bpf_map *map =
			*(struct bpf_map **)member(b, maps[i].offset);
		void *p = mmap(NULL, maps[i].bytes, PROT_READ, MAP_SHARED,
			bpf_map__fd(map), 0);

		if (p == MAP_FAILED)
			r = err_sys(e, "map the BPF array");
		else
			*mapped(b, i) = p;
	}
	if (r < 0) {
		net_bpf_close(b);
		return r;
	}
	*ret = b;
	return 0;
}

void net_bpf_close(struct net_bpf *b)
{
	if (!b)
		return;
	for (int i = 0; i < MAPS; i++)
		if (*mapped(b, i))
			(void)munmap((void *)(uintptr_t)*mapped(b, i),
				maps[i].bytes);
	sock_bpf__destroy(b->skel);
	free(b);
}

static bool has_iterator(enum net_kind kind)
{
	return programs[kind].context != NULL;
}

static int keep(struct pass *p, struct net_sock *s, struct err *e)
{
	struct net_owner o = { s->inode, s->pid, s->fd, s->netns };
	const void *filter = NULL;
	int r = 0;

	if (s->name_len > SOCK_PATH_BYTES)
		s->name_len = 0;
	if (s->present & NET_HAS_FILTER && s->filter_at < SOCK_FILTERS_MAX &&
		s->filter_n <= SOCK_FILTER_MAX)
		filter = p->b->filters[s->filter_at].insns;
	if (!p->owners)
		return net_socks_see(p->into, s, filter, e);
	if (s->pid)
		r = net_owners_add(p->owners, &o, e);
	if (r < 0 || has_iterator(net_sock_kind(s)))
		return r;
	return net_socks_see(p->into, s, filter, e);
}

static int empty(void *arg, struct err *e)
{
	struct pass *p = arg;
	struct sock_bpf *skel = p->b->skel;
	uint32_t n = skel->bss->socks_n;
	int r = 0;

	if (n > CHUNK)
		n = CHUNK;
	for (uint32_t i = 0; r == 0 && i < n; i++) {
		struct net_sock s = p->b->socks[i];

		r = keep(p, &s, e);
	}
	p->into->filters_lost += skel->bss->filters_lost;
	skel->bss->socks_n = 0;
	skel->bss->filters_n = 0;
	skel->bss->filters_lost = 0;
	return r;
}

static int run(struct pass *p, size_t i, struct err *e)
{
	struct bpf_program *prog = program(p->b, i);

	if (!has_iterator((enum net_kind)i) || !bpf_program__autoload(prog))
		return err_set(e, -EOPNOTSUPP, "no iterator for these");
	p->b->skel->bss->socks_n = 0;
	p->b->skel->bss->filters_n = 0;
	p->b->skel->bss->filters_lost = 0;
	return iterate_drain(prog, empty, p, e);
}

int net_bpf_see(struct net_socks *ss, struct net_bpf *b, enum net_kind kind,
	struct err *e)
{
	struct pass p = { .b = b, .into = ss };

	return run(&p, kind, e);
}

int net_bpf_held(struct net_held *h, struct net_bpf *b, struct err *e)
{
	struct pass p = { .b = b, .into = &h->socks, .owners = &h->owners };
	int r;

	net_socks_init(&h->socks);
	r = run(&p, NET_KINDS, e);
	net_socks_sort(&h->socks);
	net_owners_sort(&h->owners);
	return r;
}

int net_bpf_namespaces(uint32_t *ret, struct net_bpf *b, struct err *e)
{
	struct bpf_program *prog = b->skel->progs.list_namespaces;
	DECLARE_LIBBPF_OPTS(bpf_test_run_opts, opts);
	uint32_t n, last;

	if (!bpf_program__autoload(prog))
		return err_set(e, -EOPNOTSUPP, "kernel before 5.14");
	b->skel->bss->namespaces_n = b->skel->bss->namespaces_done = 0;
	b->skel->bss->namespaces_at = 0;
	/* As long as it gets on. */
	do {
		last = b->skel->bss->namespaces_n;
		if (bpf_prog_test_run_opts(bpf_program__fd(prog), &opts) < 0)
			return err_sys(e, "walk the list of network namespaces");
		n = b->skel->bss->namespaces_n;
	} while (!b->skel->bss->namespaces_done && n > last &&
		 n < NET_NAMESPACES_MAX);
	if (!b->skel->bss->namespaces_done || n > NET_NAMESPACES_MAX)
		return err_set(e, -EFBIG, "more than %d network namespaces",
			NET_NAMESPACES_MAX);
	for (uint32_t i = 0; i < n; i++)
		ret[i] = (uint32_t)b->namespaces[i];
	return (int)n;
}
