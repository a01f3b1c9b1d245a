/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What plant puts into memory and writes down, shared with the programs that
 * look for it.
 */
#ifndef GUEST_PATTERN_H
#define GUEST_PATTERN_H

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PAGE_BYTES = 4096,
	CELL_BYTES = 16,
	PAGE_CELLS = PAGE_BYTES / CELL_BYTES,
	PAGES_MAX = 65536,
};

struct cell {
	uint64_t low;
	uint64_t high;
};

enum kind { KIND_ANON, KIND_TMPFS, KIND_SECRET, KIND_COUNT };

static const char *const kind_names[KIND_COUNT] = { "anon", "tmpfs", "secret" };

struct page {
	enum kind kind;
	uint64_t seed;
	uint64_t index;
	uint64_t paddr;
	bool found;
};

struct report {
	struct page *pages;
	size_t count;
	size_t by_kind[KIND_COUNT];
};

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		strerror(errno));
	exit(2);
}

static inline uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

static inline struct cell cell_at(uint64_t seed, uint64_t index)
{
	return (struct cell){ mix(seed ^ (2 * index)),
		mix(seed ^ (2 * index + 1)) };
}

static inline void fill(void *p, uint64_t seed, uint64_t pages)
{
	struct cell *cells = p;
	uint64_t i;

	for (i = 0; i < pages * PAGE_CELLS; i++)
		cells[i] = cell_at(seed, i);
}

/* The page of ${seed} that has ${index} is at ${bytes}. */
static inline bool page_matches(const void *bytes, uint64_t seed, uint64_t index)
{
	const uint8_t *p = bytes;
	struct cell c;
	uint64_t i;

	for (i = 0; i < PAGE_CELLS; i++) {
		c = cell_at(seed, index * PAGE_CELLS + i);
		if (memcmp(p + i * CELL_BYTES, &c, CELL_BYTES) != 0)
			return false;
	}
	return true;
}

/* Where the page of ${p} lies in physical memory. */
static inline uint64_t physical(const void *p)
{
	uint64_t entry;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("pagemap");
	if (pread(fd, &entry, sizeof(entry),
		    (off_t)((uintptr_t)p / PAGE_BYTES * sizeof(entry))) !=
		sizeof(entry))
		die("read pagemap");
	close(fd);
	entry = (entry >> 63) ? entry & ((1ULL << 55) - 1) : 0;
	if (entry == 0) {
		errno = EPERM;
		die("no frame number in pagemap");
	}
	return entry * PAGE_BYTES;
}

static inline enum kind kind_find(const char *name)
{
	enum kind kind;

	for (kind = 0; kind < KIND_COUNT; kind++)
		if (strcmp(kind_names[kind], name) == 0)
			break;
	return kind;
}

static inline void report_read(struct report *r, const char *path)
{
	char name[16];
	FILE *f = fopen(path, "re");

	if (f == NULL)
		die(path);
	r->pages = calloc(PAGES_MAX, sizeof(*r->pages));
	if (r->pages == NULL)
		die("memory");
	while (r->count < PAGES_MAX) {
		struct page *p = &r->pages[r->count];
		int n = fscanf(f, "%15s %" SCNx64 " %" SCNu64 " %" SCNx64, name,
			&p->seed, &p->index, &p->paddr);

		if (n == EOF)
			break;
		errno = EBADMSG;
		if (n != 4 || (p->kind = kind_find(name)) == KIND_COUNT)
			die(path);
		r->by_kind[p->kind]++;
		r->count++;
	}
	errno = EBADMSG;
	if (r->count == 0 || r->count == PAGES_MAX)
		die(path);
	fclose(f);
}

#endif
