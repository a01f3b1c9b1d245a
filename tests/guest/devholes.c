// SPDX-License-Identifier: Apache-2.0
/*
 * devholes [START END]
 *	What is not RAM, and pages that are RAM in part, are read as they should
 *	be.  The pages of [START, END) are RAM that is offline.
 *
 * In a guest only, as root, with the module loaded.
 */
#define _GNU_SOURCE
#include <unistd.h>

#include "device.h"
#include "ranges.h"

enum {
	PAGE = ICECORE_PAGE_BYTES,
	EDGE_PAGES = 4,
	EDGE_BYTES = EDGE_PAGES * PAGE,
	FILL = 0xa5,
	TRIES = 100,
};

static struct range offline;

/* The status that the page at ${paddr} should have. */
static uint8_t expected(uint64_t paddr)
{
	size_t i;

	if (paddr >= offline.start && paddr < offline.end)
		return ICECORE_PAGE_OFFLINE;
	for (i = 0; i < range_count; i++)
		if (paddr < ranges[i].end && paddr + PAGE > ranges[i].start)
			return ICECORE_PAGE_DATA;
	return ICECORE_PAGE_NOT_RAM;
}

static bool has_data(uint64_t paddr)
{
	size_t i;

	for (i = 0; i < range_count; i++)
		if (paddr >= ranges[i].start && paddr < ranges[i].end)
			return expected(paddr) == ICECORE_PAGE_DATA;
	return false;
}

/* The four pages from the one before ${edge}, where RAM begins or ends. */
static void check_edge(int fd, uint64_t edge)
{
	uint8_t got[EDGE_BYTES], status[EDGE_PAGES] = { 0 };
	uint64_t start = edge / PAGE * PAGE, at;
	size_t bad = 0, bad_status = 0;

	start = start < PAGE ? 0 : start - PAGE;
	memset(got, FILL, sizeof(got));
	if (device_read(fd, NULL, start, got, sizeof(got), status) != 0)
		die("read");
	for (at = 0; at < EDGE_PAGES; at++)
		bad_status += status[at] != expected(start + at * PAGE);
	for (at = 0; at < EDGE_BYTES; at++)
		bad += got[at] != FILL && !has_data(start + at);
	ok(bad_status == 0, "holes: status %u %u %u %u round %#lx", status[0],
		status[1], status[2], status[3], edge);
	ok(bad == 0, "holes: %zu bytes written that are no data", bad);
}

/* read(2) of the same: data, zeros in a hole, never a page without data. */
static void check_flat_edge(int fd, uint64_t edge)
{
	const uint64_t last = ranges[range_count - 1].end;
	uint64_t start = edge / PAGE * PAGE, at;
	uint8_t got[EDGE_BYTES];
	ssize_t n, want = 0;
	size_t bad = 0;

	start = start < PAGE ? 0 : start - PAGE;
	while (want < EDGE_BYTES && start + (uint64_t)want < last &&
		expected(start + (uint64_t)want) != ICECORE_PAGE_OFFLINE)
		want += PAGE;
	if (start + (uint64_t)want > last)
		want = (ssize_t)(last - start);
	memset(got, FILL, sizeof(got));
	n = pread(fd, got, sizeof(got), (off_t)start);
	if (want == 0)
		want = n == -1 && errno == EIO ? -1 : 0;
	for (at = 0; n > 0 && at < (uint64_t)n; at++)
		bad += got[at] != 0 && !has_data(start + at);
	ok(n == want && bad == 0,
		"holes: read from %#lx gives %zd bytes, %zd "
		"expected, %zu of them neither data nor zero",
		start, n, want, bad);
}

/* The bytes at the very edge are the ones that a read from inside gives. */
static void check_last_bytes(int fd, const struct range *r)
{
	uint8_t page[PAGE], tail[PAGE], flat[PAGE], status[2] = { 0 };
	uint64_t last = (r->end - 1) & ~(uint64_t)(PAGE - 1);
	size_t len = r->end - last, try;

	if (expected(last) == ICECORE_PAGE_OFFLINE)
		return;
	/* Live memory: it may change between two reads, but not always. */
	for (try = 0; try < TRIES; try++) {
		memset(page, FILL, sizeof(page));
		if (device_read(fd, NULL, last, page, PAGE, status) != 0 ||
			device_read(fd, NULL, last + len / 2, tail,
				len - len / 2, status) != 0 ||
			pread(fd, flat, len, (off_t)last) != (ssize_t)len)
			die("read");
		if (memcmp(page + len / 2, tail, len - len / 2) == 0 &&
			memcmp(page, flat, len) == 0)
			break;
	}
	ok(try < TRIES && is_all(page + len, FILL, PAGE - len),
		"holes: the last %zu bytes of %#lx-%#lx, and no more", len,
		r->start, r->end);
}

int main(int argc, char *argv[])
{
	uint8_t byte = FILL, status = 0;
	size_t i;
	int fd;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3) {
		offline.start = strtoull(argv[1], NULL, 0);
		offline.end = strtoull(argv[2], NULL, 0);
	} else if (argc != 1) {
		return 2;
	}
	ranges_read();
	fd = device_open();
	for (i = 0; i < range_count; i++) {
		check_edge(fd, ranges[i].start);
		check_edge(fd, ranges[i].end);
		check_flat_edge(fd, ranges[i].start);
		check_flat_edge(fd, ranges[i].end);
		check_last_bytes(fd, &ranges[i]);
	}
	if (device_read(fd, NULL, (uint64_t)1 << 45, &byte, 1, &status) != 0)
		die("read");
	ok(status == ICECORE_PAGE_NOT_RAM && byte == FILL,
		"holes: beyond all RAM the status is %u", status);
	return ok_failed ? 1 : 0;
}
