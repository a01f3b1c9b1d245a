// SPDX-License-Identifier: Apache-2.0
/*
 * bench_memory SOURCE THREADS [IMAGE]
 *
 * Read all of System RAM through SOURCE (kmod, bpf, kcore; or "pread", which
 * is /proc/kcore in 4 KiB reads) to nothing, or in clear into IMAGE, a padded
 * raw image that is written with O_DIRECT in blocks of 2 MiB.  Prints
 *
 *	MiB  SECONDS  PAGES  ZERO-PAGES
 *
 * where SECONDS ends when IMAGE is synced, and the pages are counted in a
 * second, untimed reading when there is no IMAGE.  For guests only.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/uio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/range.h"
#include "bench/bench_pread.h"
#include "memory/iomem.h"
#include "memory/source.h"

enum {
	BLOCK_BYTES = 2 << 20,
	THREADS_MAX = 2,
	BATCHES = BLOCK_BYTES / SOURCE_BATCH_BYTES,
};
_Static_assert((int)BATCHES *(int)THREADS_MAX <= (int)SOURCE_READERS_MAX,
	"a block is written where its batches lie");

struct work {
	struct ranges ram;
	struct source *source; /* NULL = pread */
	int image; /* -1 = to nothing */
	bool count;
	pthread_mutex_t lock;
	size_t range; /* the next block is in this range, */
	uint64_t next; /* at this address or its start */
};

struct worker {
	struct work *work;
	unsigned index;
	pthread_t thread;
	struct source_reader *readers[BATCHES]; /* to nothing: the first only */
	struct bench_pread *pread;
	uint64_t bytes, pages, zero_pages;
	int result;
	struct err why;
};

static bool next_block(struct work *w, struct range *ret)
{
	bool more = false;

	pthread_mutex_lock(&w->lock);
	if (w->range < w->ram.n && w->next >= w->ram.v[w->range].end)
		w->range++;
	if (w->range < w->ram.n) {
		const struct range *r = &w->ram.v[w->range];

		ret->start = w->next > r->start ? w->next : r->start;
		ret->end = (ret->start | (BLOCK_BYTES - 1)) + 1;
		if (ret->end > r->end)
			ret->end = r->end;
		w->next = ret->end;
		more = true;
	}
	pthread_mutex_unlock(&w->lock);
	return more;
}

static void count_pages(struct worker *k, const uint8_t *p, size_t len)
{
	static const uint8_t zeros[SOURCE_PAGE_BYTES];

	for (size_t at = 0; at < len; at += SOURCE_PAGE_BYTES) {
		size_t n = len - at < SOURCE_PAGE_BYTES ? len - at
							: SOURCE_PAGE_BYTES;

		k->pages++;
		k->zero_pages += memcmp(p + at, zeros, n) == 0;
	}
}

/* One batch, by the reader ${i}; ${to} is where its whole pages are. */
static int read_batch(struct worker *k, size_t i, struct iovec *to,
	uint64_t paddr, size_t len)
{
	struct source_batch batch = { 0 };
	int r;

	if (k->pread) {
		ssize_t n = bench_pread_read(k->pread, paddr, len, &k->why);

		k->bytes += n > 0 ? (uint64_t)n : 0;
		return n < 0 ? (int)n : 0;
	}
	k->bytes += len;
	r = source_read(k->readers[i], &batch, paddr, len, &k->why);
	if (r < 0)
		return r;
	if (k->work->count)
		count_pages(k, batch.data + paddr % SOURCE_PAGE_BYTES, len);
	*to = (struct iovec){ (void *)(uintptr_t)batch.data,
		batch.pages * SOURCE_PAGE_BYTES };
	return 0;
}

static int write_block(
	struct worker *k, uint64_t paddr, const struct iovec *v, size_t n)
{
	size_t len = 0;
	ssize_t done;

	for (size_t i = 0; i < n; i++)
		len += v[i].iov_len;
	done = pwritev(k->work->image, v, (int)n,
		(off_t)(paddr & -(uint64_t)SOURCE_PAGE_BYTES));
	if (done < 0)
		return err_sys(&k->why, "write");
	return (size_t)done == len ? 0 : err_set(&k->why, -EIO, "short write");
}

static int read_block(struct worker *k, struct range b)
{
	bool write = k->work->image >= 0;
	struct iovec v[BATCHES];
	size_t n = 0;
	int r = 0;

	for (uint64_t at = b.start; r == 0 && at < b.end; n++) {
		size_t len = source_read_bytes(at, b.end);

		r = read_batch(k, write ? n : 0, &v[n], at, len);
		at += len;
	}
	return r == 0 && write ? write_block(k, b.start, v, n) : r;
}

static void *run(void *arg)
{
	struct worker *k = arg;
	struct range b;

	while (k->result == 0 && next_block(k->work, &b))
		k->result = read_block(k, b);
	return NULL;
}

static int prepare(struct worker *k, struct err *e)
{
	const struct work *w = k->work;
	unsigned n = w->image >= 0 ? BATCHES : 1;
	int r = 0;

	if (!w->source)
		return bench_pread_open(&k->pread, e);
	for (unsigned i = 0; r == 0 && i < n; i++)
		r = source_reader_open(
			&k->readers[i], w->source, k->index * n + i, e);
	return r;
}

static int run_all(struct work *w, unsigned threads, uint64_t *ret_ns,
	struct worker *sum, struct err *e)
{
	struct worker workers[THREADS_MAX] = { 0 };
	uint64_t start;
	int r = 0;

	w->range = 0;
	w->next = 0;
	for (unsigned i = 0; r == 0 && i < threads; i++) {
		workers[i] = (struct worker){ .work = w, .index = i };
		r = prepare(&workers[i], e);
	}
	start = clock_ns(CLOCK_MONOTONIC);
	for (unsigned i = 1; r == 0 && i < threads; i++)
		r = -pthread_create(&workers[i].thread, NULL, run, &workers[i]);
	if (r == 0)
		(void)run(&workers[0]);
	for (unsigned i = 0; i < threads; i++) {
		struct worker *k = &workers[i];

		if (k->thread)
			(void)pthread_join(k->thread, NULL);
		if (k->result < 0)
			r = err_set(e, k->result, "%s", k->why.msg);
		sum->bytes += k->bytes;
		sum->pages += k->pages;
		sum->zero_pages += k->zero_pages;
		for (unsigned b = 0; b < BATCHES; b++)
			source_reader_close(k->readers[b]);
		bench_pread_close(k->pread);
	}
	if (r == 0 && w->image >= 0)
		r = io_fsync(w->image, e);
	*ret_ns = clock_ns(CLOCK_MONOTONIC) - start;
	return r;
}

static int open_source(struct work *w, const char *name, struct err *e)
{
	struct source_config config = { .readers = SOURCE_READERS_MAX,
		.ram = &w->ram };
	int kind = source_kind_find(name);

	if (strcmp(name, "pread") == 0)
		return 0;
	if (!kind)
		return err_set(e, -EINVAL, "no source %s", name);
	return source_open(&w->source, kind, &config, e);
}

/* An image of its full size, so that the threads only fill it in. */
static int open_image(struct work *w, const char *path, struct err *e)
{
	const struct ranges *ram = &w->ram;
	uint64_t page = SOURCE_PAGE_BYTES;

	w->image = io_open(AT_FDCWD, path,
		O_WRONLY | O_CREAT | O_EXCL | O_DIRECT, 0600, e);
	if (w->image < 0)
		return w->image;
	for (size_t i = 0; i < ram->n; i++) {
		uint64_t start = ram->v[i].start & -page;
		uint64_t end = (ram->v[i].end + page - 1) & -page;

		if (fallocate(w->image, 0, (off_t)start, (off_t)(end - start)))
			return err_sys(e, "%s", path);
	}
	return 0;
}

static int bench(int argc, char **argv, struct err *e)
{
	struct work w = { .image = -1, .lock = PTHREAD_MUTEX_INITIALIZER };
	struct worker sum = { 0 }, counted = { 0 };
	uint64_t threads = 0, ns = 0, again = 0;
	int r = num_u64(&threads, argv[2], e);

	if (r < 0 || threads < 1 || threads > THREADS_MAX)
		return err_set(e, -EINVAL, "%s threads", argv[2]);
	r = ranges_load(&w.ram, e);
	if (r == 0)
		r = open_source(&w, argv[1], e);
	if (r == 0 && argc > 3)
		r = open_image(&w, argv[3], e);
	if (r == 0)
		r = run_all(&w, (unsigned)threads, &ns, &sum, e);
	w.count = true;
	if (r == 0 && w.source && w.image < 0)
		r = run_all(&w, (unsigned)threads, &again, &counted, e);
	if (r == 0)
		(void)printf("%.1f\t%.4f\t%llu\t%llu\n",
			(double)sum.bytes / (1 << 20), (double)ns / 1e9,
			(unsigned long long)counted.pages,
			(unsigned long long)counted.zero_pages);
	source_close(w.source);
	ranges_done(&w.ram);
	return r;
}

int main(int argc, char **argv)
{
	struct err e = { 0 };

	if (argc != 3 && argc != 4) {
		(void)fprintf(
			stderr, "usage: bench_memory SOURCE THREADS [IMAGE]\n");
		return 2;
	}
	if (bench(argc, argv, &e) == 0)
		return 0;
	(void)fprintf(stderr, "bench_memory: %s\n", e.msg);
	return 1;
}
