// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/err.h"
#include "bpf/state.h"
#include "kernel/peek_internal.h"
#include "live/iterate.h"
#include "state.skel.h"

struct bpf_peek {
	struct peek base;
	struct state_bpf *skel;
	const struct state_slot *slot;
	int fd;
};

static int read_piece(const struct bpf_peek *b, void *ret, uint64_t at, size_t len)
{
	struct state_request request = { .address = at, .len = (uint32_t)len };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &request,
		.ctx_size_in = sizeof(request));

	if (bpf_prog_test_run_opts(b->fd, &opts) < 0 || opts.retval != STATE_OK)
		return -EFAULT;
	memcpy(ret, b->slot->data, len);
	return 0;
}

static int bpf_peek_read(struct peek *p, void *ret, uint64_t at, size_t len)
{
	const struct bpf_peek *b = (struct bpf_peek *)p;
	int r = 0;

	for (size_t done = 0, step; r == 0 && done < len; done += step) {
		step = len - done < STATE_PEEK_BYTES ? len - done
						     : STATE_PEEK_BYTES;
		r = read_piece(b, (uint8_t *)ret + done, at + done, step);
	}
	return r;
}

static void bpf_peek_close(struct peek *p)
{
	struct bpf_peek *b = (struct bpf_peek *)p;

	if (b->slot)
		(void)munmap((void *)(uintptr_t)b->slot, sizeof(*b->slot));
	state_bpf__destroy(b->skel);
	free(b);
}

static const struct peek_ops ops = {
	.name = "bpf",
	.read = bpf_peek_read,
	.close = bpf_peek_close,
};

static int load(struct bpf_peek *b, struct err *e)
{
	AUTO_ITERATE struct iterate it = { 0 };
	void *p;
	int r = iterate_begin(&it, e);

	if (r < 0)
		return r;
	b->skel = state_bpf__open_opts(&it.opts);
	r = b->skel ? state_bpf__load(b->skel) : -ENOMEM;
	if (r < 0)
		return iterate_refusal(&it, r, e);
	b->fd = bpf_program__fd(b->skel->progs.state_peek);
	p = mmap(NULL, sizeof(*b->slot), PROT_READ, MAP_SHARED,
		bpf_map__fd(b->skel->maps.state_slots), 0);
	if (p == MAP_FAILED)
		return err_sys(e, "map the BPF array");
	b->slot = p;
	return 0;
}

int peek_bpf_open(struct peek **ret, struct err *e)
{
	struct bpf_peek *b = calloc(1, sizeof(*b));
	int r;

	if (!b)
		return err_set(e, -ENOMEM, "no memory to peek with");
	b->base.ops = &ops;
	r = load(b, e);
	if (r < 0) {
		bpf_peek_close(&b->base);
		return r;
	}
	*ret = &b->base;
	return 0;
}
