// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/uio.h>
#include <sys/vfs.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "coredump/space_internal.h"
#include "live/hand.h"

/* What a thread works on; it is left to the thread that hangs. */
struct job {
	int mem;
	uint32_t pid;
	bool by_id; /* ->mem is of /proc, and so ->pid is this process */
	uint64_t address;
	size_t page_bytes;
	size_t first, last; /* pages of the batch, one call's */
	struct space_page v[SPACE_BATCH_PAGES];
	uint8_t data[SPACE_BATCH_BYTES];
};

static void set(struct job *j, size_t from, size_t n, int status, int by)
{
	for (size_t i = from; i < from + n; i++) {
		j->v[i].status = (uint8_t)status;
		j->v[i].by = (uint8_t)by;
	}
}

/* One page that the other way does not give: where nobody may read it, not
 * even its process. */
static void read_by_mem(struct job *j, size_t page)
{
	uint8_t *to = j->data + page * j->page_bytes;
	uint64_t at = j->address + page * j->page_bytes;
	ssize_t n =
		j->mem < 0 ? -1 : io_pread(j->mem, to, j->page_bytes, at, NULL);

	if (n == (ssize_t)j->page_bytes)
		set(j, page, 1, SPACE_DATA, SPACE_BY_MEM);
	else
		set(j, page, 1, SPACE_FAULT, 0);
}

static void work(void *arg)
{
	struct job *j = arg;
	size_t at = j->first;

	while (at < j->last) {
		struct iovec here = { j->data + at * j->page_bytes,
			(j->last - at) * j->page_bytes };
		struct iovec there = { (void *)(uintptr_t)(j->address +
							   at * j->page_bytes),
			here.iov_len };
		ssize_t n = j->by_id ? process_vm_readv((pid_t)j->pid, &here, 1,
					       &there, 1, 0)
				     : -1;
		size_t pages = n > 0 ? (size_t)n / j->page_bytes : 0;

		set(j, at, pages, SPACE_DATA, SPACE_BY_READV);
		at += pages;
		if (at < j->last)
			read_by_mem(j, at++);
	}
}

static void release(void *arg)
{
	struct job *j = arg;

	if (j->mem >= 0)
		(void)close(j->mem);
	free(j);
}

static const struct hand_ops hand_ops = { work, release };

static int ready_hand(struct space *s, struct err *e)
{
	struct statfs fs;
	struct job *j;
	int r;

	if (s->hand)
		return 0;
	j = calloc(1, sizeof(*j));
	if (!j)
		return err_set(e, -ENOMEM, "no memory to read a process");
	/* Without it what a process may not read itself is not read. */
	j->mem = io_open(s->dir, "mem", O_RDONLY, 0, NULL);
	j->pid = s->pid;
	j->by_id = fstatfs(s->dir, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
	j->page_bytes = s->page_bytes;
	r = hand_new(&s->hand, &hand_ops, j, e);
	if (r < 0)
		release(j);
	else
		s->job = j;
	return r;
}

int space_open(struct space **ret, int proc, uint32_t pid, struct err *e)
{
	struct space *s = calloc(1, sizeof(*s));
	char name[16];

	if (!s)
		return err_set(e, -ENOMEM, "no memory to read a process");
	(void)snprintf(name, sizeof(name), "%u", pid);
	s->pid = pid;
	s->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	s->pagemap = -1;
	s->dir = io_open(proc, name, O_RDONLY | O_DIRECTORY, 0, e);
	if (s->dir >= 0)
		s->pagemap = io_open(s->dir, "pagemap", O_RDONLY, 0, e);
	if (s->pagemap < 0) {
		int r = s->dir < 0 ? s->dir : s->pagemap;

		space_close(s);
		return r == -ENOENT ? -ESRCH : r;
	}
	*ret = s;
	return 0;
}

void space_close(struct space *s)
{
	if (!s)
		return;
	hand_free(s->hand);
	if (s->pagemap >= 0)
		(void)close(s->pagemap);
	if (s->dir >= 0)
		(void)close(s->dir);
	free(s);
}

/* Frames of what may have to be read another way. */
static void note_frames(struct space *s, uint64_t address, size_t pages)
{
	ssize_t n = io_pread(s->pagemap, s->entries, pages * SPACE_ENTRY_BYTES,
		address / s->page_bytes * SPACE_ENTRY_BYTES, NULL);

	for (size_t i = 0; i < pages; i++) {
		s->v[i] = (struct space_page){ 0 };
		if (n >= (ssize_t)((i + 1) * SPACE_ENTRY_BYTES) &&
			s->entries[i] & SPACE_ENTRY_PRESENT)
			s->v[i].frame = s->entries[i] & SPACE_ENTRY_FRAME;
	}
}

/* One call's pages; what hangs is given up, and its thread left behind. */
static int read_call(struct space *s, uint64_t address, size_t first,
	size_t last, struct err *e)
{
	size_t bytes = s->page_bytes;
	int r = s->stuck < SPACE_STUCK_MAX ? ready_hand(s, e) : 1;

	if (r < 0)
		return r;
	if (r == 0) {
		struct job *j = s->job;

		j->address = address;
		j->first = first;
		j->last = last;
		hand_start(s->hand);
		if (!hand_wait(s->hand, (uint64_t)SPACE_WAIT_MS * 1000000)) {
			hand_free(s->hand);
			s->hand = NULL;
			s->stuck++;
			r = 1;
		}
	}
	for (size_t i = first; i < last; i++) {
		if (r == 1) {
			s->v[i].status = SPACE_TIMEOUT;
			continue;
		}
		s->v[i].status = s->job->v[i].status;
		s->v[i].by = s->job->v[i].by;
	}
	if (r == 0)
		memcpy(s->data + first * bytes, s->job->data + first * bytes,
			(last - first) * bytes);
	return 0;
}

static void find_zeros(struct space *s, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		if (s->v[i].status == SPACE_DATA &&
			bytes_are_zero(s->data + i * s->page_bytes, s->page_bytes))
			s->v[i].status = SPACE_ZERO;
}

/* What was read by an id is the process's only if that is still its own: the
 * directory of one that is gone stays empty, whoever has its id now. */
static int check_alive(const struct space *s, struct err *e)
{
	return faccessat(s->dir, "stat", F_OK, 0) == 0
		       ? 0
		       : err_set(e, -ESRCH, "it ended meanwhile");
}

int space_read(struct space *s, struct space_batch *ret, uint64_t address,
	size_t len, struct err *e)
{
	size_t pages = len / s->page_bytes;
	size_t most = SPACE_CALL_BYTES / s->page_bytes;
	int r = 0;

	*ret = (struct space_batch){ .data = s->data,
		.v = s->v,
		.pages = pages,
		.start_ns = clock_ns(CLOCK_MONOTONIC) };
	note_frames(s, address, pages);
	for (size_t i = 0; r == 0 && i < pages; i += most)
		r = read_call(
			s, address, i, i + most < pages ? i + most : pages, e);
	if (r == 0)
		r = check_alive(s, e);
	find_zeros(s, pages);
	ret->end_ns = clock_ns(CLOCK_MONOTONIC);
	return r;
}
