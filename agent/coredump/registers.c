// SPDX-License-Identifier: Apache-2.0
#include <elf.h>
#include <errno.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/err.h"
#include "coredump/registers.h"
#include "live/iterate.h"
#include "live/room.h"
#include "regs.skel.h"

#if defined(__x86_64__)
enum {
	MACHINE = EM_X86_64,
	WORDS = REGS_X86_WORDS,
	WORD_PC = 16,
	WORD_SP = 19,
};
#elif defined(__aarch64__)
enum {
	MACHINE = EM_AARCH64,
	WORDS = REGS_ARM64_WORDS,
	WORD_SP = 31,
	WORD_PC = 32,
};
#else
#error "which registers does this machine have?"
#endif

struct registers {
	struct regs_thread *v; /* by tid */
	size_t n;
};

/* The iterator while it is open. */
struct look {
	struct regs_bpf *skel;
	const struct regs_thread *threads; /* mapped */
	uint32_t room;
};

unsigned registers_machine(size_t *ret_words)
{
	*ret_words = WORDS;
	return MACHINE;
}

static size_t map_bytes(const struct look *l)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (l->room * sizeof(*l->threads) + page - 1) / page * page;
}

static int load(struct look *l, struct err *e)
{
	AUTO_ITERATE struct iterate it = { 0 };
	int r = iterate_begin(&it, e);

	if (r < 0)
		return r;
	l->room = live_room();
	if (l->room > REGS_THREADS_MAX)
		l->room = REGS_THREADS_MAX;
	l->skel = regs_bpf__open_opts(&it.opts);
	if (!l->skel) {
		(void)err_set(e, -ENOMEM, "no memory for registers");
		return -ENOMEM;
	}
	r = bpf_map__set_max_entries(l->skel->maps.regs_threads, l->room);
	if (r == 0)
		r = regs_bpf__load(l->skel);
	return r < 0 ? iterate_refusal(&it, r, e) : 0;
}

static int choose_pids(
	struct look *l, const uint32_t *pids, size_t n, struct err *e)
{
	const uint8_t yes = 1;

	for (size_t i = 0; i < n; i++)
		if (bpf_map_update_elem(bpf_map__fd(l->skel->maps.regs_pids),
			    &pids[i], &yes, BPF_ANY) < 0)
			return err_sys(e, "choose a process");
	return 0;
}

static int map_threads(struct look *l, struct err *e)
{
	void *p = mmap(NULL, map_bytes(l), PROT_READ, MAP_SHARED,
		bpf_map__fd(l->skel->maps.regs_threads), 0);

	if (p == MAP_FAILED)
		return err_sys(e, "map the BPF array");
	l->threads = p;
	return 0;
}

static int by_tid(const void *a, const void *b)
{
	uint32_t x = ((const struct regs_thread *)a)->tid;
	uint32_t y = ((const struct regs_thread *)b)->tid;

	return (x > y) - (x < y);
}

static int keep(struct registers **ret, const struct look *l, struct err *e)
{
	struct registers *r = calloc(1, sizeof(*r));
	uint32_t n = l->skel->bss->regs_n;

	if (n > l->room)
		n = l->room;
	if (r)
		r->v = calloc(n + 1, sizeof(*r->v));
	if (!r || !r->v) {
		free(r);
		return err_set(e, -ENOMEM, "no memory for registers");
	}
	memcpy(r->v, l->threads, n * sizeof(*r->v));
	r->n = n;
	qsort(r->v, n, sizeof(*r->v), by_tid);
	*ret = r;
	return 0;
}

int registers_see(
	struct registers **ret, const uint32_t *pids, size_t n, struct err *e)
{
	struct look l = { 0 };
	int r = load(&l, e);

	if (r == 0)
		r = choose_pids(&l, pids, n, e);
	if (r == 0)
		r = map_threads(&l, e);
	if (r == 0)
		r = iterate_run(l.skel->progs.regs_iter, e);
	if (r == 0)
		r = keep(ret, &l, e);
	if (l.threads)
		(void)munmap((void *)(uintptr_t)l.threads, map_bytes(&l));
	regs_bpf__destroy(l.skel);
	return r;
}

void registers_free(struct registers *r)
{
	if (!r)
		return;
	free(r->v);
	free(r);
}

bool registers_of(struct thread_registers *ret, const struct registers *r,
	uint32_t pid, uint32_t tid)
{
	struct regs_thread key = { .tid = tid };
	const struct regs_thread *t =
		r ? bsearch(&key, r->v, r->n, sizeof(*r->v), by_tid) : NULL;

	if (!t || t->pid != pid)
		return false;
	*ret = (struct thread_registers){ .pid = pid,
		.tid = tid,
		.from = REGISTERS_KERNEL,
		.running = t->running };
	memcpy(ret->general, t->general, sizeof(ret->general));
	return true;
}

/* A blank, and a number in base 16 that begins with "0x". */
static bool take_hex(uint64_t *ret, const char **p, const char *end)
{
	const char *at = *p;
	uint64_t v = 0;
	int digits = 0;

	if (end - at < 3 || at[0] != ' ' || at[1] != '0' || at[2] != 'x')
		return false;
	for (at += 3; at < end; at++, digits++) {
		unsigned c = (unsigned char)*at, d;

		if (c >= '0' && c <= '9')
			d = c - '0';
		else if (c >= 'a' && c <= 'f')
			d = c - 'a' + 10;
		else
			break;
		v = v << 4 | d;
	}
	*p = at;
	*ret = v;
	return digits > 0 && digits <= 16;
}

/* "NR A0 A1 A2 A3 A4 A5 SP PC", "-1 SP PC", or "running". */
bool registers_proc(struct thread_registers *ret, const char *text, size_t len)
{
	enum { NUMBERS_MAX = 8 };
	const char *end = text + len, *at = text;
	uint64_t v[NUMBERS_MAX];
	size_t n = 0;

	while (at < end && *at != ' ' && *at != '\n')
		at++;
	while (n < NUMBERS_MAX && take_hex(&v[n], &at, end))
		n++;
	if (text == end || *text == ' ' || (n != 2 && n != NUMBERS_MAX) ||
		(at < end && *at != '\n'))
		return false;
	*ret = (struct thread_registers){ .from = REGISTERS_PROC };
	ret->general[WORD_SP] = v[n - 2];
	ret->general[WORD_PC] = v[n - 1];
	return true;
}
