// SPDX-License-Identifier: Apache-2.0
/*
 * devpages planted REPORT	what "plant make" left is read with the status
 *				it should have, page by page, in windows, at
 *				odd addresses, and by four threads at once
 * devpages churn		all memory is read, by two threads, while a
 *				process makes and drops memfd_secret pages, so
 *				that pages lose their direct map in the middle
 *				of a copy; none is reported as a fault
 * devpages poison		a page that hwpoison-inject breaks is named,
 *				by the ioctl and by read(2)
 * devpages offline FIRST END	no page of [FIRST, END) is online, and none is
 *				given as data
 *
 * In a guest only, as root, with the module loaded.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"
#include "pattern.h"

enum {
	FILL = 0xa5,
	WINDOW_PAGES = 24,
	WINDOW_BEFORE_PAGES = 9,
	THREADS = 4,
	THREAD_ROUNDS = 50,
	CHURN_THREADS = 2,
	CHURN_BYTES = 512 * 4096,
	POISON_PAGES = 5,
	POISON_INDEX = 2,
	VICTIM_PAGES = 2048,
};

static int device;

static uint8_t expected(enum kind kind)
{
	return kind == KIND_SECRET ? ICECORE_PAGE_PRIVATE_MAP : ICECORE_PAGE_DATA;
}

/* The page alone. */
static bool check_page(int fd, const struct page *p)
{
	uint8_t bytes[PAGE_BYTES], status = 0;
	uint64_t done = 0;

	memset(bytes, FILL, sizeof(bytes));
	return device_read(fd, &done, p->paddr, bytes, PAGE_BYTES, &status) == 0 &&
	       done == PAGE_BYTES && status == expected(p->kind) &&
	       page_matches(bytes, p->seed, p->index);
}

/* The page among others, so that it is somewhere in a batch. */
static bool check_window(int fd, const struct page *p)
{
	static uint8_t bytes[WINDOW_PAGES * PAGE_BYTES];
	uint8_t status[WINDOW_PAGES] = { 0 };
	uint64_t start = p->paddr - WINDOW_BEFORE_PAGES * PAGE_BYTES;
	uint64_t done = 0;

	return device_read(fd, &done, start, bytes, sizeof(bytes), status) == 0 &&
	       done == sizeof(bytes) &&
	       status[WINDOW_BEFORE_PAGES] == expected(p->kind) &&
	       page_matches(bytes + WINDOW_BEFORE_PAGES * PAGE_BYTES, p->seed,
		       p->index);
}

/* The page from its byte 100 to its byte 3901, and not a byte more. */
static bool check_part(int fd, const struct page *p)
{
	uint8_t whole[PAGE_BYTES], part[PAGE_BYTES], status = 0;
	const size_t from = 100, to = 3901;
	uint64_t done = 0, i;

	for (i = 0; i < PAGE_CELLS; i++) {
		struct cell c = cell_at(p->seed, p->index * PAGE_CELLS + i);

		memcpy(whole + i * CELL_BYTES, &c, CELL_BYTES);
	}
	memset(part, FILL, sizeof(part));
	return device_read(fd, &done, p->paddr + from, part + from, to - from,
		       &status) == 0 &&
	       done == to - from && status == expected(p->kind) &&
	       memcmp(part + from, whole + from, to - from) == 0 &&
	       is_all(part, FILL, from) &&
	       is_all(part + to, FILL, PAGE_BYTES - to);
}

/* The page through pread(2). */
static bool check_pread(int fd, const struct page *p)
{
	uint8_t bytes[PAGE_BYTES];

	return pread(fd, bytes, PAGE_BYTES, (off_t)p->paddr) == PAGE_BYTES &&
	       page_matches(bytes, p->seed, p->index);
}

static void check_all(const struct report *r, const char *how,
	bool (*check)(int, const struct page *))
{
	size_t good[KIND_COUNT] = { 0 }, i;
	enum kind kind;

	for (i = 0; i < r->count; i++)
		good[r->pages[i].kind] += check(device, &r->pages[i]);
	for (kind = 0; kind < KIND_COUNT; kind++)
		ok(good[kind] == r->by_kind[kind] && good[kind] > 0,
			"planted: %zu of %zu %s pages by %s, status %u",
			good[kind], r->by_kind[kind], kind_names[kind], how,
			expected(kind));
}

static void *read_again(void *arg)
{
	const struct report *r = arg;
	size_t bad = 0, round, i;

	for (round = 0; round < THREAD_ROUNDS; round++)
		for (i = 0; i < r->count; i++)
			bad += !check_page(device, &r->pages[i]);
	return (void *)bad;
}

static void check_threads(struct report *r)
{
	pthread_t threads[THREADS];
	size_t bad = 0, i;
	void *ret;

	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, read_again, r) != 0)
			die("thread");
	for (i = 0; i < THREADS; i++) {
		if (pthread_join(threads[i], &ret) != 0)
			die("join");
		bad += (size_t)ret;
	}
	ok(bad == 0, "%d threads, %zu page reads, %zu of them wrong", THREADS,
		THREADS * THREAD_ROUNDS * r->count, bad);
}

static void planted(const char *path)
{
	struct report r = { 0 };

	report_read(&r, path);
	check_all(&r, "page", check_page);
	check_all(&r, "window", check_window);
	check_all(&r, "part", check_part);
	check_all(&r, "pread", check_pread);
	check_threads(&r);
	free(r.pages);
}

/* Until it is killed. */
static void make_secrets(void)
{
	for (;;) {
		int fd = (int)syscall(SYS_memfd_secret, 0);
		char *p;

		if (fd < 0 || ftruncate(fd, CHURN_BYTES) != 0)
			_exit(1);
		p = mmap(NULL, CHURN_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
			fd, 0);
		if (p == MAP_FAILED)
			_exit(1);
		memset(p, FILL, CHURN_BYTES);
		munmap(p, CHURN_BYTES);
		close(fd);
	}
}

struct tally {
	uint64_t by_status[256];
	int error;
};

static void *read_everything(void *arg)
{
	uint8_t *buf = malloc(ICECORE_READ_MAX_BYTES);
	uint8_t status[ICECORE_READ_MAX_BYTES / PAGE_BYTES + 1];
	struct tally *t = arg;
	off_t at = 0, end;
	uint64_t done = 0, i;

	while (buf != NULL && (at = lseek(device, at, SEEK_DATA)) >= 0) {
		/* Each call has its own offset; the shared one is not used. */
		end = lseek(device, at, SEEK_HOLE);
		if (end - at > ICECORE_READ_MAX_BYTES)
			end = at + ICECORE_READ_MAX_BYTES;
		t->error = device_read(device, &done, (uint64_t)at, buf,
			(uint64_t)(end - at), status);
		if (t->error != 0)
			break;
		for (i = 0; i < (done + PAGE_BYTES - 1) / PAGE_BYTES; i++)
			t->by_status[status[i]]++;
		at += (off_t)done;
	}
	free(buf);
	return NULL;
}

static void churn(void)
{
	struct tally tallies[CHURN_THREADS] = { 0 };
	uint64_t data = 0, private = 0, faults = 0;
	pthread_t threads[CHURN_THREADS];
	pid_t pid = fork();
	int i, r = 0, state;

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		close(device);
		make_secrets();
	}
	for (i = 0; i < CHURN_THREADS; i++)
		if (pthread_create(&threads[i], NULL, read_everything,
			    &tallies[i]) != 0)
			die("thread");
	for (i = 0; i < CHURN_THREADS; i++) {
		if (pthread_join(threads[i], NULL) != 0)
			die("join");
		r |= tallies[i].error;
		data += tallies[i].by_status[ICECORE_PAGE_DATA];
		private += tallies[i].by_status[ICECORE_PAGE_PRIVATE_MAP];
		faults += tallies[i].by_status[ICECORE_PAGE_FAULT] +
			  tallies[i].by_status[ICECORE_PAGE_NO_DIRECT_MAP];
	}
	ok(waitpid(pid, &state, WNOHANG) == 0,
		"churn: pages lost their direct map all the time");
	kill(pid, SIGKILL);
	waitpid(pid, &state, 0);
	ok(r == 0 && faults == 0 && data > 0 && private > 0,
		"churn: error %d, %" PRIu64 " pages with data, %" PRIu64
		" by a private map, %" PRIu64 " faults",
		r, data, private, faults);
}

struct victim {
	uint64_t paddr;
	uint64_t index; /* in the pattern */
};

static int compare_victims(const void *a, const void *b)
{
	const struct victim *x = a, *y = b;

	return x->paddr < y->paddr ? -1 : x->paddr > y->paddr;
}

static void corrupt(uint64_t paddr)
{
	char text[32];
	int n, fd = open("/sys/kernel/debug/hwpoison/corrupt-pfn",
		       O_WRONLY | O_CLOEXEC);

	n = snprintf(text, sizeof(text), "%llu",
		(unsigned long long)(paddr / PAGE_BYTES));
	if (fd < 0 || write(fd, text, (size_t)n) != n)
		die("corrupt-pfn");
	close(fd);
}

/* POISON_PAGES pages of ours that lie one behind the other, ascending. */
static const struct victim *find_victims(uint64_t seed)
{
	static struct victim v[VICTIM_PAGES];
	const size_t bytes = VICTIM_PAGES * PAGE_BYTES;
	size_t i, row = 1;
	char *p;

	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || madvise(p, bytes, MADV_NOHUGEPAGE) != 0 ||
		mlock(p, bytes) != 0)
		die("victim");
	fill(p, seed, VICTIM_PAGES);
	for (i = 0; i < VICTIM_PAGES; i++)
		v[i] = (struct victim){ physical(p + i * PAGE_BYTES), i };
	qsort(v, VICTIM_PAGES, sizeof(*v), compare_victims);
	for (i = 1; i < VICTIM_PAGES && row < POISON_PAGES; i++)
		row = v[i].paddr == v[i - 1].paddr + PAGE_BYTES ? row + 1 : 1;
	if (row < POISON_PAGES) {
		errno = ENOMEM;
		die("no pages in a row");
	}
	return &v[i - POISON_PAGES];
}

static void poison_by_ioctl(const struct victim *v, uint64_t seed)
{
	uint8_t bytes[POISON_PAGES * PAGE_BYTES], status[POISON_PAGES] = { 0 };
	int i, r;

	memset(bytes, FILL, sizeof(bytes));
	r = device_read(device, NULL, v->paddr, bytes, sizeof(bytes), status);
	ok(r == 0, "poison: the call that meets the page is %d", r);
	for (i = 0; i < POISON_PAGES; i++) {
		const uint8_t *p = bytes + i * PAGE_BYTES;

		if (i == POISON_INDEX)
			ok(status[i] == ICECORE_PAGE_HWPOISON &&
					is_all(p, FILL, PAGE_BYTES),
				"poison: page %d has status %u, its bytes are "
				"untouched",
				i, status[i]);
		else
			ok(status[i] == ICECORE_PAGE_DATA &&
					page_matches(p, seed, v[i].index),
				"poison: page %d has status %u and its bytes",
				i, status[i]);
	}
}

static void poison_by_read(uint64_t start)
{
	uint8_t bytes[POISON_PAGES * PAGE_BYTES];
	const off_t bad = (off_t)start + POISON_INDEX * PAGE_BYTES;
	ssize_t n;

	n = pread(device, bytes, sizeof(bytes), (off_t)start);
	ok(n == POISON_INDEX * PAGE_BYTES,
		"poison: read ends before the page, after %zd bytes", n);
	n = pread(device, bytes, PAGE_BYTES, bad);
	ok(n == -1 && errno == EIO, "poison: read at the page is %zd, %s", n,
		strerror(errno));
	n = pread(device, bytes, PAGE_BYTES, bad + PAGE_BYTES - 1);
	ok(n == -1 && errno == EIO, "poison: read at its last byte is %zd, %s",
		n, strerror(errno));
	n = pread(device, bytes, PAGE_BYTES, bad + PAGE_BYTES);
	ok(n == PAGE_BYTES, "poison: read behind it is %zd bytes", n);
	printf("poisoned %lld\n", (long long)bad);
}

static void poison(void)
{
	const uint64_t seed = 0x1cec07e;
	const struct victim *v = find_victims(seed);

	corrupt(v[POISON_INDEX].paddr);
	poison_by_ioctl(v, seed);
	poison_by_read(v->paddr);
}

/* No page may be data, and the buffer stays as it was. */
static void offline(uint64_t start, uint64_t end)
{
	static uint8_t bytes[ICECORE_READ_MAX_BYTES];
	uint8_t status[ICECORE_READ_MAX_BYTES / PAGE_BYTES];
	uint64_t at, pages = 0, bad = 0, i;
	bool untouched = true;

	for (at = start; at < end; at += sizeof(bytes)) {
		memset(bytes, FILL, sizeof(bytes));
		memset(status, 0, sizeof(status));
		if (device_read(device, NULL, at, bytes, sizeof(bytes),
			    status) != 0)
			die("read");
		for (i = 0; i < sizeof(status); i++, pages++)
			bad += status[i] != ICECORE_PAGE_OFFLINE;
		untouched &= is_all(bytes, FILL, sizeof(bytes));
	}
	ok(bad == 0 && untouched && pages > 0,
		"offline: %llu of %llu pages are not OFFLINE",
		(unsigned long long)bad, (unsigned long long)pages);
}

int main(int argc, char *argv[])
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2)
		return 2;
	device = open(ICECORE_DEVICE, O_RDONLY | O_CLOEXEC);
	if (device < 0)
		die(ICECORE_DEVICE);
	if (argc == 3 && strcmp(argv[1], "planted") == 0)
		planted(argv[2]);
	else if (argc == 2 && strcmp(argv[1], "churn") == 0)
		churn();
	else if (argc == 2 && strcmp(argv[1], "poison") == 0)
		poison();
	else if (argc == 4 && strcmp(argv[1], "offline") == 0)
		offline(strtoull(argv[2], NULL, 0), strtoull(argv[3], NULL, 0));
	else
		return 2;
	return ok_failed ? 1 : 0;
}
