// SPDX-License-Identifier: Apache-2.0
/*
 * core_victim DIR: a process whose memory is known.  Makes regions of every
 * kind, writes what each holds to DIR/NAME and its address to DIR/regions, and
 * waits; a thread of it counts in two pages that lie far apart.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	PAGE = 4096,
	ANON_BYTES = 8 << 20,
	SMALL_BYTES = 4 * PAGE,
	HOLE_EVERY = 3,
};

#define SPARSE_BYTES (1ULL << 40)

static const char *dir;
static FILE *list;
char victim_marker[64] = "marker-in-data";
volatile uint64_t *count_first, *count_second;

static void must(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static void *map(size_t bytes, int prot, int flags, int fd)
{
	void *p = mmap(NULL, bytes, prot, flags, fd, 0);

	must(p != MAP_FAILED, "mmap");
	return p;
}

static void fill(uint8_t *p, size_t bytes, uint64_t seed)
{
	for (size_t i = 0; i < bytes; i++) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		p[i] = (uint8_t)(seed >> 56);
	}
}

static int create(const char *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0700);
	must(fd >= 0, path);
	return fd;
}

static void tell(const char *name, const void *p, size_t bytes)
{
	int fd = create(name);

	must(write(fd, p, bytes) == (ssize_t)bytes, name);
	(void)close(fd);
	fprintf(list, "%s %llx %zu\n", name, (unsigned long long)(uintptr_t)p,
		bytes);
}

static void make_anonymous(void)
{
	uint8_t *p = map(ANON_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1);

	for (size_t at = 0; at < ANON_BYTES; at += PAGE)
		if (at / PAGE % HOLE_EVERY)
			fill(p + at, PAGE, at);
	tell("anonymous", p, ANON_BYTES);
}

/* One that not even its process may read. */
static void make_protected(void)
{
	uint8_t *p = map(SMALL_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1);

	fill(p, SMALL_BYTES, 2);
	tell("protected", p, SMALL_BYTES);
	must(mprotect(p, SMALL_BYTES, PROT_NONE) == 0, "mprotect");
}

static void make_memfd(void)
{
	int fd = memfd_create("victim", 0);
	uint8_t *p;

	must(fd >= 0 && ftruncate(fd, SMALL_BYTES) == 0, "memfd");
	p = map(SMALL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	fill(p, SMALL_BYTES, 3);
	tell("memfd", p, SMALL_BYTES);
}

/* A file of zeros, mapped as code, and its second page patched. */
static void make_code(void)
{
	int fd = create("code-file");
	uint8_t *p;

	must(ftruncate(fd, SMALL_BYTES) == 0, "ftruncate");
	p = map(SMALL_BYTES, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd);
	must(mprotect(p, SMALL_BYTES, PROT_READ | PROT_WRITE) == 0, "mprotect");
	memcpy(p + PAGE + 100, "patched", 7);
	/* Written to, and as it was. */
	*(volatile uint8_t *)(p + 2 * PAGE) = 0;
	must(mprotect(p, SMALL_BYTES, PROT_READ | PROT_EXEC) == 0, "mprotect");
	tell("code", p, SMALL_BYTES);
}

static void make_sparse(void)
{
	uint8_t *p = map(SPARSE_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);

	fill(p + (5ULL << 30), PAGE, 4);
	tell("sparse", p + (5ULL << 30), PAGE);
}

static void *counter(void *arg)
{
	(void)arg;
	for (;;) {
		++*count_first;
		++*count_second;
	}
	return NULL;
}

static void *victim_waits_in_thread(void *arg)
{
	for (;;)
		(void)pause();
	return arg;
}

__attribute__((noinline)) static int victim_waits_here(volatile int n)
{
	while (n)
		(void)pause();
	return n;
}

int main(int argc, char **argv)
{
	uint8_t *p;
	pthread_t t;

	if (argc != 2)
		return 2;
	dir = argv[1];
	list = fdopen(create("regions.new"), "w");
	must(list != NULL, "regions");
	make_anonymous();
	make_protected();
	make_memfd();
	make_code();
	make_sparse();
	p = map(ANON_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		-1);
	fill(p, ANON_BYTES, 5);
	count_first = (volatile uint64_t *)(void *)p;
	count_second = (volatile uint64_t *)(void *)(p + ANON_BYTES - PAGE);
	*count_first = *count_second = 0;
	fprintf(list, "count %llx %llx\n", (unsigned long long)(uintptr_t)p,
		(unsigned long long)(uintptr_t)count_second);
	must(pthread_create(&t, NULL, counter, NULL) == 0, "thread");
	must(pthread_create(&t, NULL, victim_waits_in_thread, NULL) == 0,
		"thread");
	must(fclose(list) == 0 && chdir(dir) == 0 &&
			rename("regions.new", "regions") == 0,
		"regions");
	return victim_waits_here(42);
}
