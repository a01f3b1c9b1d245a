// SPDX-License-Identifier: Apache-2.0
/*
 * plant make REPORT [PAGES]
 *	In a guest, as root: fill memory of three kinds with patterns, write
 *	where each page lies to REPORT, print "plant: ready PID" and leave a
 *	process behind that keeps the pages until it is killed.
 *
 * plant check REPORT IMAGE [--raw] [--absent KIND] ...
 *	Anywhere: each page of REPORT is in IMAGE at its physical address, but
 *	those of an absent KIND are nowhere in it.  IMAGE is LiME version 1, or
 *	with --raw one whose offsets are physical addresses.
 *
 * plant forge REPORT IMAGE
 *	Make both up, the image as LiME, to test "check" with.
 *
 * The kinds are anon (private anonymous memory), tmpfs (a file in /tmp) and
 * secret (memfd_secret).  A line of REPORT is "KIND SEED PAGE ADDRESS".  Each
 * cell of 16 bytes derives from the seed and its index, so a page that is in
 * the wrong place, cut or shifted does not pass for another.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pattern.h"

enum {
	PAGES_DEFAULT = 64,
	SECRET_PAGES = 16,
	LIME_HEADER_BYTES = 32,
	/*
	 * So many cells in a row are a find.  Registers that were saved while
	 * the pattern was made may leave a cell or two in kernel memory.
	 */
	RUN_CELLS = 8,
	FILTER_BITS = 1 << 20,
	LIME_MAGIC = 0x4C694D45,
};

/* --- make --- */

static void *map(enum kind kind, size_t bytes)
{
	int fd = -1;
	void *p;

	if (kind == KIND_TMPFS)
		fd = open("/tmp/plant", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
			0600);
	else if (kind == KIND_SECRET)
		fd = (int)syscall(SYS_memfd_secret, O_CLOEXEC);
	if (kind != KIND_ANON && (fd < 0 || ftruncate(fd, (off_t)bytes) != 0))
		die(kind_names[kind]);
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		kind == KIND_ANON ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED,
		fd, 0);
	if (p == MAP_FAILED)
		die("mmap");
	/* A page that becomes part of a huge one moves. */
	if (kind == KIND_ANON)
		(void)madvise(p, bytes, MADV_NOHUGEPAGE);
	if (kind != KIND_SECRET && mlock(p, bytes) != 0)
		die("mlock");
	return p;
}

static void plant(FILE *f, enum kind kind, size_t pages)
{
	uint64_t seed, i;
	uint8_t *p = map(kind, pages * PAGE_BYTES);

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		die("getrandom");
	fill(p, seed, pages);
	for (i = 0; i < pages; i++)
		fprintf(f, "%s %016" PRIx64 " %" PRIu64 " %" PRIx64 "\n",
			kind_names[kind], seed, i, physical(p + i * PAGE_BYTES));
}

/* The process that stays; tells its parent through ${fd}. */
static void keep(int fd, const char *path, size_t pages)
{
	enum kind kind;
	FILE *f = fopen(path, "we");

	if (f == NULL)
		die(path);
	for (kind = 0; kind < KIND_COUNT; kind++)
		plant(f, kind, kind == KIND_SECRET ? SECRET_PAGES : pages);
	if (fclose(f) != 0)
		die(path);
	if (setsid() < 0 || chdir("/") != 0 || write(fd, "+", 1) != 1)
		die("leave");
	close(fd);
	close(0);
	close(1);
	close(2);
	for (;;)
		pause();
}

static int make(const char *path, size_t pages)
{
	int fds[2];
	char byte;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0)
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		close(fds[0]);
		keep(fds[1], path, pages);
	}
	close(fds[1]);
	if (read(fds[0], &byte, 1) != 1)
		return 1;
	printf("plant: ready %d\n", (int)pid);
	return 0;
}

/* --- check --- */

/* Look for the pages in the range [start, end) that lies at ${bytes}. */
static void look_in_range(
	struct report *r, const uint8_t *bytes, uint64_t start, uint64_t end)
{
	size_t i;

	for (i = 0; i < r->count; i++) {
		struct page *p = &r->pages[i];

		if (p->paddr >= start && p->paddr < end &&
			end - p->paddr >= PAGE_BYTES &&
			page_matches(
				bytes + (p->paddr - start), p->seed, p->index))
			p->found = true;
	}
}

static uint64_t get(const uint8_t *p, size_t bytes)
{
	uint64_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | p[bytes];
	return v;
}

static void look_in_lime(struct report *r, const uint8_t *image, size_t size)
{
	uint64_t start, last, at = 0, ranges = 0;

	while (at < size) {
		if (size - at < LIME_HEADER_BYTES ||
			get(image + at, 4) != LIME_MAGIC ||
			get(image + at + 4, 4) != 1) {
			fprintf(stderr,
				"plant: no LiME header at %" PRIu64 "\n", at);
			exit(1);
		}
		start = get(image + at + 8, 8);
		last = get(image + at + 16, 8);
		at += LIME_HEADER_BYTES;
		if (last < start || last - start >= size - at) {
			fprintf(stderr,
				"plant: range %" PRIx64 "-%" PRIx64
				" is cut short\n",
				start, last);
			exit(1);
		}
		look_in_range(r, image + at, start, last + 1);
		at += last - start + 1;
		ranges++;
	}
	printf("plant: %" PRIu64 " LiME ranges, %zu bytes\n", ranges, size);
}

/* A cell that a run may begin with. */
struct start {
	uint64_t low;
	const struct page *page;
	uint64_t index;
};

/* The starts of one kind, sorted, and a filter before the search in them. */
struct finder {
	enum kind kind;
	struct start *starts;
	size_t count;
	uint8_t filter[FILTER_BITS / 8];
};

static int compare_starts(const void *a, const void *b)
{
	const struct start *x = a, *y = b;

	return x->low < y->low ? -1 : x->low > y->low;
}

static void finder_init(struct finder *f, const struct report *r, enum kind kind)
{
	const size_t per_page = PAGE_CELLS - RUN_CELLS + 1;
	uint64_t i, j, bit;
	struct cell c;

	f->kind = kind;
	f->starts = calloc(r->by_kind[kind] * per_page, sizeof(*f->starts));
	if (f->starts == NULL)
		die("memory");
	for (i = 0; i < r->count; i++) {
		const struct page *p = &r->pages[i];

		for (j = 0; p->kind == kind && j < per_page; j++) {
			c = cell_at(p->seed, p->index * PAGE_CELLS + j);
			f->starts[f->count++] = (struct start){ c.low, p,
				p->index * PAGE_CELLS + j };
			bit = c.low % FILTER_BITS;
			f->filter[bit / 8] |= (uint8_t)(1 << bit % 8);
		}
	}
	qsort(f->starts, f->count, sizeof(*f->starts), compare_starts);
}

/* A run of the kind's cells begins at ${p}. */
static bool is_run(const struct finder *f, const uint8_t *p)
{
	const struct start *found;
	struct start key = { 0 };
	struct cell c;
	uint64_t k;

	memcpy(&key.low, p, sizeof(key.low));
	found = bsearch(&key, f->starts, f->count, sizeof(key), compare_starts);
	if (found == NULL)
		return false;
	for (k = 0; k < RUN_CELLS; k++) {
		c = cell_at(found->page->seed, found->index + k);
		if (memcmp(p + k * CELL_BYTES, &c, CELL_BYTES) != 0)
			return false;
	}
	return true;
}

static uint64_t count_runs(
	const struct finder *f, const uint8_t *image, size_t start, size_t end)
{
	uint64_t low, bit, found = 0;
	size_t at;

	for (at = start; at + RUN_CELLS * CELL_BYTES <= end; at += 8) {
		memcpy(&low, image + at, sizeof(low));
		bit = low % FILTER_BITS;
		if (low == 0 || (f->filter[bit / 8] & 1 << bit % 8) == 0 ||
			!is_run(f, image + at))
			continue;
		if (found++ == 0)
			printf("plant: %s pattern at image offset %zu\n",
				kind_names[f->kind], at);
	}
	return found;
}

/* Scan all of the image that is not a hole. */
static bool is_absent(const struct report *r, enum kind kind, int fd,
	const uint8_t *image, size_t size)
{
	struct finder *f = calloc(1, sizeof(*f));
	uint64_t found = 0;
	off_t start = 0, end;

	if (f == NULL)
		die("memory");
	finder_init(f, r, kind);
	while ((start = lseek(fd, start, SEEK_DATA)) >= 0) {
		end = lseek(fd, start, SEEK_HOLE);
		if (end < 0)
			end = (off_t)size;
		found += count_runs(f, image, (size_t)start, (size_t)end);
		start = end;
	}
	free(f->starts);
	free(f);
	printf("plant: %s: %" PRIu64 " runs of its %zu pages in the image, "
	       "none expected\n",
		kind_names[kind], found, r->by_kind[kind]);
	return found == 0;
}

static bool all_found(const struct report *r, enum kind kind)
{
	size_t i, found = 0;

	for (i = 0; i < r->count; i++) {
		const struct page *p = &r->pages[i];

		if (p->kind != kind)
			continue;
		if (p->found)
			found++;
		else
			printf("plant: %s page %" PRIu64 " is not at %" PRIx64
			       "\n",
				kind_names[kind], p->index, p->paddr);
	}
	printf("plant: %s: %zu of %zu pages at their addresses\n",
		kind_names[kind], found, r->by_kind[kind]);
	return found == r->by_kind[kind];
}

static int check(int argc, char *argv[])
{
	struct report r = { 0 };
	bool absent[KIND_COUNT] = { false };
	bool raw = false, good = true;
	enum kind kind;
	struct stat st;
	void *image;
	int fd, i;

	for (i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--raw") == 0)
			raw = true;
		else if (strcmp(argv[i], "--absent") == 0 && i + 1 < argc &&
			 (kind = kind_find(argv[++i])) != KIND_COUNT)
			absent[kind] = true;
		else
			return 2;
	}
	report_read(&r, argv[0]);
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		die(argv[1]);
	image = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (image == MAP_FAILED)
		die(argv[1]);
	if (raw)
		look_in_range(&r, image, 0, (uint64_t)st.st_size);
	else
		look_in_lime(&r, image, (size_t)st.st_size);
	for (kind = 0; kind < KIND_COUNT; kind++) {
		if (r.by_kind[kind] == 0)
			continue;
		if (absent[kind])
			good &= is_absent(
				&r, kind, fd, image, (size_t)st.st_size);
		else
			good &= all_found(&r, kind);
	}
	return good ? 0 : 1;
}

/* --- forge --- */

static void put(FILE *f, uint64_t v, size_t bytes)
{
	for (; bytes > 0; bytes--, v >>= 8)
		putc((int)(v & 0xff), f);
}

/* One LiME range of ${pages} of ${kind} at ${paddr}, in descending order. */
static void forge_range(FILE *report, FILE *image, enum kind kind,
	uint64_t paddr, uint64_t pages)
{
	const uint64_t seed = mix(kind + 1);
	struct cell cells[PAGE_CELLS];
	uint64_t i, j;

	put(image, LIME_MAGIC, 4);
	put(image, 1, 4);
	put(image, paddr, 8);
	put(image, paddr + pages * PAGE_BYTES - 1, 8);
	put(image, 0, 8);
	for (i = pages; i-- > 0; paddr += PAGE_BYTES) {
		for (j = 0; j < PAGE_CELLS; j++)
			cells[j] = cell_at(seed, i * PAGE_CELLS + j);
		fwrite(cells, sizeof(cells), 1, image);
		fprintf(report, "%s %016" PRIx64 " %" PRIu64 " %" PRIx64 "\n",
			kind_names[kind], seed, i, paddr);
	}
}

static int forge(const char *report_path, const char *image_path)
{
	FILE *report = fopen(report_path, "we");
	FILE *image = fopen(image_path, "we");

	if (report == NULL || image == NULL)
		die("forge");
	forge_range(report, image, KIND_ANON, 0x1000, PAGES_DEFAULT);
	forge_range(report, image, KIND_TMPFS, 0x100000, PAGES_DEFAULT);
	forge_range(report, image, KIND_SECRET, 0x100000000, SECRET_PAGES);
	if (fclose(report) != 0 || fclose(image) != 0)
		die("forge");
	return 0;
}

int main(int argc, char *argv[])
{
	int status = 2;
	long pages = PAGES_DEFAULT;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc >= 3 && argc <= 4 && strcmp(argv[1], "make") == 0) {
		if (argc == 4)
			pages = strtol(argv[3], NULL, 10);
		if (pages > 0 && pages <= PAGES_MAX / 4)
			status = make(argv[2], (size_t)pages);
	} else if (argc >= 4 && strcmp(argv[1], "check") == 0) {
		status = check(argc - 2, argv + 2);
	} else if (argc == 4 && strcmp(argv[1], "forge") == 0) {
		status = forge(argv[2], argv[3]);
	}
	if (status == 2)
		fputs("usage: plant make REPORT [PAGES] | "
		      "plant check REPORT IMAGE [--raw] [--absent KIND] ... | "
		      "plant forge REPORT IMAGE\n",
			stderr);
	return status;
}
