// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "coredump/code.h"
#include "live/maps.h"
#include "live/timed.h"

enum {
	ENTRY_BYTES = 8,
	WAIT_MS = 2000,
	NAME_CHARS = 64,
	CHUNK_PAGES = 512, /* of the page map, read at once */
};

#define ENTRY_OF_FILE (1ULL << 61) /* or shared */
#define ENTRY_THERE   (3ULL << 62) /* present, or in swap */

struct compare {
	struct code_seen *seen;
	const struct mapping *m;
	code_see *see;
	void *arg;
	struct timed *timed;
	int dir;
	int mem;
	size_t page_bytes;
	char file[NAME_CHARS]; /* below ->dir */
	uint8_t memory[CODE_PAGE_BYTES_MAX];
};

static bool read_page(struct compare *c, uint64_t address)
{
	return c->mem >= 0 && io_pread(c->mem, c->memory, c->page_bytes,
				      address, NULL) == (ssize_t)c->page_bytes;
}

/* The same place of the file; nobody answers for a file system. */
static void read_file(struct compare *c, struct buf *ret, uint64_t offset)
{
	struct err why = { 0 };
	int r = timed_read(c->timed, c->dir, c->file, offset, ret, &why);

	if (r < 0) {
		ret->len = 0;
		c->seen->file_result = r;
	}
}

static void count(struct code_page *p)
{
	size_t n = p->memory_len < p->file_len ? p->memory_len : p->file_len;

	p->differing = p->memory_len - n;
	p->first = n;
	for (size_t i = n; i-- > 0;) {
		if (p->memory[i] == p->file[i])
			continue;
		p->differing++;
		p->first = i;
	}
}

/* Behind the end of its file a page has zeros. */
static bool is_padding(const struct code_page *p)
{
	if (p->first < p->file_len)
		return false;
	for (size_t i = p->file_len; i < p->memory_len; i++)
		if (p->memory[i])
			return false;
	return true;
}

static int compare_page(struct compare *c, uint64_t address, struct err *e)
{
	struct code_page p = { .address = address,
		.file_offset = address - c->m->start + c->m->offset,
		.memory = c->memory,
		.memory_len = c->page_bytes };
	AUTO_BUF struct buf b = { 0 };

	c->seen->own++;
	if (c->seen->own > CODE_PAGES_MAX || !read_page(c, address)) {
		c->seen->unread++;
		return 0;
	}
	buf_init(&b, c->page_bytes);
	if (!c->seen->file_result)
		read_file(c, &b, p.file_offset);
	p.file = b.data;
	p.file_len = b.len;
	count(&p);
	if (!c->seen->file_result && is_padding(&p)) {
		c->seen->same++;
		return 0;
	}
	c->seen->differing += !c->seen->file_result;
	return c->see(c->arg, &p, e);
}

static int compare_pages(struct compare *c, int pagemap, struct err *e)
{
	uint64_t entries[CHUNK_PAGES];
	uint64_t at = c->m->start;
	int r = 0;

	while (r == 0 && at < c->m->end) {
		size_t left = (size_t)((c->m->end - at) / c->page_bytes);
		size_t n = left < CHUNK_PAGES ? left : CHUNK_PAGES;
		ssize_t got = io_pread(pagemap, entries, n * ENTRY_BYTES,
			at / c->page_bytes * ENTRY_BYTES, NULL);

		if (got < (ssize_t)ENTRY_BYTES)
			break; /* the process is gone */
		n = (size_t)got / ENTRY_BYTES;
		for (size_t i = 0; r == 0 && i < n; i++)
			if (entries[i] & ENTRY_THERE &&
				!(entries[i] & ENTRY_OF_FILE))
				r = compare_page(c, at + i * c->page_bytes, e);
		at += n * c->page_bytes;
	}
	return r;
}

/* A device or a FIFO is not opened, by whatever name. */
static void find_file(struct compare *c)
{
	struct stat st;

	(void)snprintf(c->file, sizeof(c->file), "map_files/%llx-%llx",
		(unsigned long long)c->m->start, (unsigned long long)c->m->end);
	if (fstatat(c->dir, c->file, &st, 0) < 0)
		c->seen->file_result = -errno;
	else if (!S_ISREG(st.st_mode))
		c->seen->file_result = -EINVAL;
}

int code_compare(struct code_seen *seen, int proc, uint32_t pid,
	const struct mapping *m, code_see *see, void *arg, struct err *e)
{
	AUTO_FREE struct compare *c = calloc(1, sizeof(*c));
	AUTO_CLOSE int dir = -1;
	AUTO_CLOSE int pagemap = -1;
	AUTO_CLOSE int mem = -1;
	char name[16];
	int r;

	*seen = (struct code_seen){ 0 };
	if (!c)
		return err_set(e, -ENOMEM, "no memory to compare code");
	(void)snprintf(name, sizeof(name), "%u", pid);
	dir = io_open(proc, name, O_RDONLY | O_DIRECTORY, 0, NULL);
	pagemap = dir < 0 ? -1 : io_open(dir, "pagemap", O_RDONLY, 0, NULL);
	if (pagemap < 0)
		return 0;
	mem = io_open(dir, "mem", O_RDONLY, 0, NULL);
	*c = (struct compare){ .seen = seen,
		.m = m,
		.see = see,
		.arg = arg,
		.dir = dir,
		.mem = mem,
		.page_bytes = (size_t)sysconf(_SC_PAGESIZE) };
	r = timed_new(&c->timed, (uint64_t)WAIT_MS * 1000000, e);
	if (r < 0)
		return r;
	find_file(c);
	r = compare_pages(c, pagemap, e);
	timed_free(c->timed);
	return r;
}
