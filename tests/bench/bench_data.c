// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "bench/bench_data.h"

enum {
	PAGE_BYTES = 4096,
	POOL_MAX_BYTES = 256 << 20,
	CYCLE_PAGES = 128, /* one run of zeros and one of data, on average */
	STRETCH_PAGES = 16, /* of one kind, in a run of data */
};

struct pool {
	uint8_t *p;
	size_t bytes;
	size_t at;
};

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static int add_file(struct pool *pool, const char *path, struct err *e)
{
	AUTO_CLOSE int fd = io_open(AT_FDCWD, path, O_RDONLY, 0, e);
	size_t room = POOL_MAX_BYTES - pool->bytes;
	ssize_t n;

	if (fd < 0)
		return fd;
	n = io_read(fd, pool->p + pool->bytes, room, e);
	if (n < 0)
		return (int)n;
	/* As the page cache has it: each file begins at a page. */
	pool->bytes += (size_t)n & ~(size_t)(PAGE_BYTES - 1);
	return 0;
}

static int fill_pool(
	struct pool *pool, char *const *files, size_t n, struct err *e)
{
	int r = 0;

	pool->p = mmap(NULL, POOL_MAX_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (pool->p == MAP_FAILED)
		return err_sys(e, "room for files");
	for (size_t i = 0; r == 0 && i < n && pool->bytes < POOL_MAX_BYTES; i++)
		r = add_file(pool, files[i], e);
	if (r == 0 && pool->bytes < STRETCH_PAGES * PAGE_BYTES)
		r = err_set(e, -ENODATA, "the files have only %zu bytes",
			pool->bytes);
	return r;
}

/* Words of a heap: nothing, pointers into one area, small numbers, text. */
static void put_heap(uint8_t *to, uint64_t *seed)
{
	uint64_t base = 0x00007f0000000000 | (next(seed) & 0xfff0000000);

	for (size_t i = 0; i < PAGE_BYTES; i += sizeof(base)) {
		uint64_t chance = next(seed), word = 0;

		if (chance % 16 < 4)
			word = base + (chance >> 32 & 0xffff0);
		else if (chance % 16 < 7)
			word = chance >> 32 & 0xff;
		else if (chance % 16 < 9)
			word = 0x6461657268742f00 + (chance >> 32 & 0xf0f);
		memcpy(to + i, &word, sizeof(word));
	}
}

static void put_noise(uint8_t *to, uint64_t *seed)
{
	for (size_t i = 0; i < PAGE_BYTES; i += sizeof(*seed)) {
		uint64_t word = next(seed);

		memcpy(to + i, &word, sizeof(word));
	}
}

static void put_file(uint8_t *to, struct pool *pool)
{
	if (pool->at + PAGE_BYTES > pool->bytes)
		pool->at = 0;
	memcpy(to, pool->p + pool->at, PAGE_BYTES);
	pool->at += PAGE_BYTES;
}

static void put_page(uint8_t *to, unsigned kind, struct pool *pool, uint64_t *seed)
{
	if (kind < 7)
		put_file(to, pool);
	else if (kind < 9)
		put_heap(to, seed);
	else
		put_noise(to, seed);
	/* So that only the runs of zeros are zeros. */
	to[PAGE_BYTES - 1] |= 1;
}

static void fill(struct bench_data *d, unsigned zero_percent, struct pool *pool)
{
	size_t pages = d->bytes / PAGE_BYTES, at = 0;
	uint64_t seed = 0x1ce1ce1ce;

	while (at < pages) {
		size_t zeros =
			next(&seed) % (2 * CYCLE_PAGES) * zero_percent / 100;
		size_t data = next(&seed) % (2 * CYCLE_PAGES) *
			      (100 - zero_percent) / 100;
		unsigned kind = 0;

		for (size_t i = 0; i < zeros && at < pages; i++, at++)
			d->zero_pages++;
		for (size_t i = 0; i < data && at < pages; i++, at++) {
			if (i % STRETCH_PAGES == 0)
				kind = (unsigned)(next(&seed) % 10);
			put_page(d->p + at * PAGE_BYTES, kind, pool, &seed);
		}
	}
}

int bench_data_make(struct bench_data *ret, size_t bytes, unsigned zero_percent,
	char *const *files, size_t files_n, struct err *e)
{
	struct bench_data d = { .bytes = bytes };
	struct pool pool = { 0 };
	int r = fill_pool(&pool, files, files_n, e);

	if (r == 0) {
		d.p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		if (d.p == MAP_FAILED)
			r = err_sys(e, "%zu bytes of data", bytes);
	}
	if (r == 0) {
		fill(&d, zero_percent, &pool);
		*ret = d;
	}
	if (pool.p && pool.p != MAP_FAILED)
		(void)munmap(pool.p, POOL_MAX_BYTES);
	return r;
}

void bench_data_done(struct bench_data *d)
{
	if (d->p)
		(void)munmap(d->p, d->bytes);
	*d = (struct bench_data){ 0 };
}
