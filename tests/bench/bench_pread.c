// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>

#include "base/err.h"
#include "base/io.h"
#include "bench/bench_pread.h"
#include "memory/kcore_elf.h"

enum { PAGE_BYTES = 4096 };

struct bench_pread {
	struct kcore kcore;
	int fd;
	uint8_t page[PAGE_BYTES];
};

static int parse(struct bench_pread *p, struct err *e)
{
	AUTO_FREE uint8_t *head = malloc(KCORE_HEAD_BYTES);
	size_t len = 0;
	ssize_t n;
	int r;

	if (!head)
		return err_set(e, -ENOMEM, "no memory for headers");
	n = io_pread(p->fd, head, KCORE_HEAD_BYTES, 0, e);
	if (n < 0)
		return (int)n;
	r = kcore_head_bytes(&len, head, (size_t)n, e);
	return r < 0 ? r : kcore_parse(&p->kcore, head, len, e);
}

int bench_pread_open(struct bench_pread **ret, struct err *e)
{
	struct bench_pread *p = calloc(1, sizeof(*p));
	int r = 0;

	if (!p)
		return err_set(e, -ENOMEM, "no memory for a reader");
	p->fd = io_open(AT_FDCWD, "/proc/kcore", O_RDONLY, 0, e);
	r = p->fd < 0 ? p->fd : parse(p, e);
	if (r < 0) {
		bench_pread_close(p);
		return r;
	}
	*ret = p;
	return 0;
}

void bench_pread_close(struct bench_pread *p)
{
	if (!p)
		return;
	if (p->fd >= 0)
		(void)close(p->fd);
	kcore_done(&p->kcore);
	free(p);
}

ssize_t bench_pread_read(
	struct bench_pread *p, uint64_t paddr, size_t len, struct err *e)
{
	const struct kcore_segment *s = NULL;
	ssize_t sum = 0;

	for (uint64_t at = paddr, next; at < paddr + len; at = next) {
		size_t n;
		ssize_t r;

		next = (at | (PAGE_BYTES - 1)) + 1;
		next = next < paddr + len ? next : paddr + len;
		n = (size_t)(next - at);
		if (!s || at < s->paddr || at - s->paddr >= s->bytes)
			s = kcore_find(&p->kcore, at);
		if (!s || n > s->bytes - (at - s->paddr))
			continue;
		r = pread(p->fd, p->page, n, (off_t)(at - s->paddr + s->offset));
		if (r < 0 && errno == EPERM)
			return err_sys(e, "/proc/kcore");
		sum += r > 0 ? r : 0;
	}
	return sum;
}
