// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "base/err.h"
#include "base/kallsyms.h"
#include "live/iterate.h"
#include "recorder/agents.h"
#include "recorder/programs.h"
#include "recorder_deeds.skel.h"
#include "recorder_host.skel.h"
#include "recorder_net.skel.h"
#include "recorder_pages.skel.h"
#include "recorder_tasks.skel.h"

typedef const void *elf_of(size_t *size);

enum line_flag {
	LINE_NEEDED = 1 << 0, /* without it there is no recorder */
	LINE_PAGES = 1 << 1, /* only where pages are copied */
	LINE_INSTEAD = 1 << 2, /* only where the line before did not work */
};

/* A tracepoint has one program, a function up to two. */
struct line {
	const char *name;
	elf_of *elf;
	const char *tracepoint;
	const char *fentry;
	const char *kprobe;
	unsigned flags;
};

#define FUNCTION(name, elf)                                                    \
	{                                                                      \
#name, elf, NULL, "fentry_" #name, "kprobe_" #name, 0          \
	}

static const struct line lines[] = {
	{ "sched_process_exec", recorder_tasks_bpf__elf_bytes,
		"recorder_on_exec", NULL, NULL, LINE_NEEDED },
	{ "sched_process_fork", recorder_tasks_bpf__elf_bytes,
		"recorder_on_fork", NULL, NULL, 0 },
	{ "sched_process_exit", recorder_tasks_bpf__elf_bytes,
		"recorder_on_exit", NULL, NULL, 0 },
	{ "sched_process_exec", recorder_pages_bpf__elf_bytes,
		"recorder_on_exec_pages", NULL, NULL, LINE_PAGES },
	{ "inet_csk_accept", recorder_net_bpf__elf_bytes, NULL,
		"fexit_inet_csk_accept", "kprobe_inet_csk_accept", 0 },
	FUNCTION(tcp_v4_destroy_sock, recorder_net_bpf__elf_bytes),
	FUNCTION(tcp_connect, recorder_net_bpf__elf_bytes),
	{ "inet_sock_set_state", recorder_net_bpf__elf_bytes,
		"recorder_on_tcp_state", NULL, NULL, LINE_INSTEAD },
	FUNCTION(udp_sendmsg, recorder_net_bpf__elf_bytes),
	FUNCTION(udpv6_sendmsg, recorder_net_bpf__elf_bytes),
	FUNCTION(shmem_file_setup, recorder_deeds_bpf__elf_bytes),
	FUNCTION(security_file_mprotect, recorder_deeds_bpf__elf_bytes),
	FUNCTION(security_mmap_file, recorder_deeds_bpf__elf_bytes),
	FUNCTION(ptrace_attach, recorder_deeds_bpf__elf_bytes),
	FUNCTION(security_task_kill, recorder_deeds_bpf__elf_bytes),
	{ "module_load", recorder_host_bpf__elf_bytes, "recorder_on_module",
		NULL, NULL, 0 },
	FUNCTION(bpf_prog_load, recorder_host_bpf__elf_bytes),
	FUNCTION(bpf_link_prime, recorder_host_bpf__elf_bytes),
	FUNCTION(commit_creds, recorder_deeds_bpf__elf_bytes),
	FUNCTION(security_inode_unlink, recorder_host_bpf__elf_bytes),
	FUNCTION(security_sb_mount, recorder_host_bpf__elf_bytes),
	FUNCTION(security_move_mount, recorder_host_bpf__elf_bytes),
	FUNCTION(switch_task_namespaces, recorder_deeds_bpf__elf_bytes),
};

_Static_assert(ARRAY_LEN(lines) <= RECORDER_PROGRAMS_MAX, "room for all");

struct attached {
	struct bpf_object *object; /* NULL = it is not */
	struct bpf_link *link;
	int fd; /* of its program, borrowed from ${object} */
	const char *way;
	int is_missing;
	struct err why;
};

struct programs {
	unsigned cpus;
	int maps[PROGRAMS_MAPS]; /* -1 = not made yet */
	int pages; /* where the kernel's memory is was found */
	struct recorder_settings settings;
	struct attached v[ARRAY_LEN(lines)];
};

/* How deep this process's pid namespace is. */
static int find_level(uint32_t *ret, struct err *e)
{
	AUTO_ITERATE struct iterate it = { 0 };
	struct recorder_tasks_bpf *skel;
	int r = iterate_begin(&it, e);

	if (r < 0)
		return r;
	skel = recorder_tasks_bpf__open_opts(&it.opts);
	if (!skel) {
		(void)err_set(e, -ENOMEM, "no memory for programs");
		return -ENOMEM;
	}
	(void)bpf_program__set_autoload(skel->progs.recorder_on_exec, false);
	(void)bpf_program__set_autoload(skel->progs.recorder_on_fork, false);
	(void)bpf_program__set_autoload(skel->progs.recorder_on_exit, false);
	r = recorder_tasks_bpf__load(skel);
	if (r < 0)
		r = iterate_refusal(&it, r, e);
	else
		r = iterate_run(skel->progs.recorder_iter_level, e);
	if (r == 0)
		*ret = skel->bss->recorder_own_level;
	recorder_tasks_bpf__destroy(skel);
	return r;
}

static const struct {
	const char *name;
	uint32_t bytes; /* or entries; 0 = as the program says */
} maps[PROGRAMS_MAPS] = {
	[PROGRAMS_RING] = { "recorder_ring", RECORDER_KERNEL_RING_BYTES },
	[PROGRAMS_PAGES] = { "recorder_pages", RECORDER_PAGES_RING_BYTES },
	[PROGRAMS_COUNTS] = { "recorder_counts", 0 },
	[PROGRAMS_EXECUTED] = { "recorder_executed", 0 },
	[PROGRAMS_SOCKETS] = { "recorder_sockets", 0 },
	[PROGRAMS_FLOWS] = { "recorder_flows", 0 },
	[PROGRAMS_AGENTS] = { "recorder_agents", 0 },
};

/* What another object made is used, what none made yet has its size. */
static int lend_map(
	struct programs *p, struct bpf_map *m, size_t i, struct err *e)
{
	uint32_t n = i == PROGRAMS_COUNTS ? p->cpus : maps[i].bytes;
	int r;

	if (p->maps[i] >= 0)
		r = bpf_map__reuse_fd(m, p->maps[i]);
	else
		r = n ? bpf_map__set_max_entries(m, n) : 0;
	return r < 0 ? err_sys(e, "share the map %s", maps[i].name) : 0;
}

/* Of ${o} only the program ${name}. */
static int choose(struct programs *p, struct bpf_object *o, const char *name,
	struct err *e)
{
	struct bpf_program *prog;
	struct bpf_map *m;

	bpf_object__for_each_program(prog, o)(void) bpf_program__set_autoload(
		prog, strcmp(bpf_program__name(prog), name) == 0);
	m = bpf_object__find_map_by_name(o, ".rodata.settings");
	if (!m || bpf_map__set_initial_value(
			  m, &p->settings, sizeof(p->settings)) < 0)
		return err_set(e, -EINVAL, "no settings in the program");
	for (size_t i = 0; i < PROGRAMS_MAPS; i++) {
		m = bpf_object__find_map_by_name(o, maps[i].name);
		if (m && lend_map(p, m, i, e) < 0)
			return -EINVAL;
	}
	return 0;
}

static int keep_maps(struct programs *p, struct bpf_object *o, struct err *e)
{
	for (size_t i = 0; i < PROGRAMS_MAPS; i++) {
		const struct bpf_map *m =
			bpf_object__find_map_by_name(o, maps[i].name);

		if (!m || p->maps[i] >= 0)
			continue;
		p->maps[i] = fcntl(bpf_map__fd(m), F_DUPFD_CLOEXEC, 0);
		if (p->maps[i] < 0)
			return err_sys(e, "keep the map %s", maps[i].name);
	}
	return 0;
}

/* Load and attach ${name}; "" in ${e} is no sentence. */
static int try_program(struct programs *p, struct attached *a,
	const struct line *line, const char *name, struct err *e)
{
	AUTO_ITERATE struct iterate it = { 0 };
	struct bpf_program *prog;
	struct bpf_object *o;
	size_t bytes;
	const void *elf = line->elf(&bytes);
	int r = iterate_begin(&it, e);

	if (r < 0)
		return r;
	o = bpf_object__open_mem(elf, bytes, &it.opts);
	if (!o)
		return iterate_refusal(&it, -errno, e);
	r = choose(p, o, name, e);
	if (r == 0) {
		r = bpf_object__load(o);
		if (r < 0)
			r = iterate_refusal(&it, r, e);
	}
	if (r == 0)
		r = keep_maps(p, o, e);
	if (r == 0)
		r = agents_name(o, e);
	prog = r == 0 ? bpf_object__find_program_by_name(o, name) : NULL;
	a->link = prog ? bpf_program__attach(prog) : NULL;
	if (prog && !a->link)
		r = err_sys(e, "attach");
	if (r < 0) {
		bpf_object__close(o);
		return r;
	}
	a->object = o;
	a->fd = bpf_program__fd(prog);
	return 0;
}

/* Whether the kernel has what a program stands at; 6.18 without modules has no
 * module_load. */
static int is_there(const struct btf *btf, const struct line *line)
{
	char name[64];

	if (!line->tracepoint)
		return btf__find_by_name_kind(btf, line->name, BTF_KIND_FUNC) > 0;
	(void)snprintf(name, sizeof(name), "btf_trace_%s", line->name);
	return btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF) > 0;
}

static void try_line(struct programs *p, size_t i, const struct btf *btf)
{
	const struct line *line = &lines[i];
	struct attached *a = &p->v[i];
	const struct {
		const char *name;
		const char *way;
	} ways[] = {
		{ line->tracepoint, "tracepoint" },
		{ line->fentry, "fentry" },
		{ line->kprobe, "kprobe" },
	};

	if (line->flags & LINE_PAGES && !p->pages) {
		(void)err_set(&a->why, -EOPNOTSUPP,
			"the kernel's addresses are not known");
		a->is_missing = 1;
		return;
	}
	if (line->flags & LINE_INSTEAD && p->v[i - 1].way) {
		(void)err_set(
			&a->why, -EALREADY, "%s sees more", lines[i - 1].name);
		return;
	}
	if (btf && !is_there(btf, line)) {
		/* Without modules there is no tracepoint of theirs. */
		a->is_missing = !line->tracepoint;
		(void)err_set(&a->why, -ENOENT, "this kernel has none");
		return;
	}
	for (size_t w = 0; w < ARRAY_LEN(ways) && !a->way; w++) {
		struct err e = { 0 };

		if (!ways[w].name)
			continue;
		if (try_program(p, a, line, ways[w].name, &e) == 0) {
			a->way = ways[w].way;
			a->why.msg[0] = 0;
		} else if (!a->why.msg[0]) {
			a->why = e;
		}
	}
	a->is_missing = !a->way;
}

static void find_maps_of_memory(struct programs *p)
{
	struct kallsyms_symbol symbols[] = {
		{ "vmemmap_base", 0 },
		{ "page_offset_base", 0 },
	};

	if (kallsyms_find(symbols, ARRAY_LEN(symbols), "/proc/kallsyms", NULL) <
			0 ||
		!symbols[0].address || !symbols[1].address)
		return;
	p->pages = 1;
	p->settings.vmemmap_base = symbols[0].address;
	p->settings.page_offset_base = symbols[1].address;
}

int programs_map(const struct programs *p, enum programs_map which)
{
	return p->maps[which];
}

int programs_attach(struct programs **ret, unsigned cpus, struct err *e)
{
	struct programs *p = calloc(1, sizeof(*p));
	struct btf *btf;
	int r;

	if (!p)
		return err_set(e, -ENOMEM, "no memory for the recorder");
	p->cpus = cpus;
	memset(p->maps, 0xff, sizeof(p->maps));
	r = find_level(&p->settings.level, e);
	if (r < 0) {
		free(p);
		return r;
	}
	find_maps_of_memory(p);
	btf = btf__load_vmlinux_btf();
	for (size_t i = 0; i < ARRAY_LEN(lines) && r == 0; i++) {
		try_line(p, i, btf);
		if (lines[i].flags & LINE_NEEDED && !p->v[i].way)
			r = err_set(e, -EOPNOTSUPP, "%s: %.600s", lines[i].name,
				p->v[i].why.msg);
	}
	btf__free(btf);
	if (r < 0) {
		programs_free(p);
		return r;
	}
	*ret = p;
	return 0;
}

void programs_free(struct programs *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		(void)bpf_link__destroy(p->v[i].link);
		bpf_object__close(p->v[i].object);
	}
	for (size_t i = 0; i < PROGRAMS_MAPS; i++)
		if (p->maps[i] >= 0)
			(void)close(p->maps[i]);
	free(p);
}

size_t programs_tell(const struct programs *p,
	struct recorder_program ret[RECORDER_PROGRAMS_MAX])
{
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		ret[i].name = lines[i].flags & LINE_PAGES ? "pages of executables"
							  : lines[i].name;
		ret[i].way = p->v[i].way;
		ret[i].is_missing = p->v[i].is_missing;
		(void)snprintf(ret[i].reason, sizeof(ret[i].reason), "%.200s",
			p->v[i].way ? "" : p->v[i].why.msg);
	}
	return ARRAY_LEN(lines);
}

uint64_t programs_missed(const struct programs *p)
{
	uint64_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct bpf_prog_info info = { 0 };
		__u32 len = sizeof(info);

		if (p->v[i].way &&
			bpf_obj_get_info_by_fd(p->v[i].fd, &info, &len) == 0)
			n += info.recursion_misses;
	}
	return n;
}
