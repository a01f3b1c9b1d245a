// SPDX-License-Identifier: GPL-2.0-only
#include <linux/io.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "read.h"

enum {
	/* What is copied between two looks at signals and the scheduler. */
	BATCH_PAGES = 16,
	BATCH_BYTES = BATCH_PAGES * PAGE_SIZE,
};

/* ${paddr} is RAM, so there is no wrap. */
static u64 page_end(u64 paddr)
{
	return (paddr | (PAGE_SIZE - 1)) + 1;
}

/*
 * Where the batch that begins at ${paddr} ends, ${end} at the latest.  Addresses
 * that are not RAM go up to the last of all, so nothing here may wrap.
 */
static u64 batch_end(u64 paddr, u64 end)
{
	u64 start = round_down(paddr, PAGE_SIZE);

	return start + min_t(u64, end - start, BATCH_BYTES);
}

/*
 * A page may change right after it was looked at: no lock that a module can
 * take keeps it.  The copy survives a page that is gone.
 */
static enum icecore_page_status page_status(u64 paddr)
{
	struct page *page;

	if (icecore_is_unaccepted(paddr))
		return ICECORE_PAGE_UNACCEPTED;
	page = pfn_to_online_page(PHYS_PFN(paddr));
	if (!page)
		return ICECORE_PAGE_OFFLINE;
	/* Which page of a huge one is broken is not known to a module. */
	if (is_page_hwpoison(page))
		return ICECORE_PAGE_HWPOISON;
	if (PageOffline(page))
		return ICECORE_PAGE_OFFLINE;
	return ICECORE_PAGE_DATA;
}

/*
 * Copy from kernel memory that may be broken or not mapped.  Return the count,
 * which is short at the first byte that could not be read, or not be written.
 */
static size_t copy_out(char __user *buf, const void *src, size_t len)
{
	struct iov_iter iter;

	iov_iter_ubuf(&iter, READ, buf, len);
	return _copy_mc_to_iter(src, len, &iter);
}

/*
 * Copy a part of one page, which the direct map failed for, through a mapping
 * of its own.  Return its status.
 */
static enum icecore_page_status copy_privately(
	char __user *buf, u64 paddr, size_t len)
{
	struct page *page = pfn_to_online_page(PHYS_PFN(paddr));
	enum icecore_page_status status = ICECORE_PAGE_PRIVATE_MAP;
	void *map;

	if (!page)
		return ICECORE_PAGE_OFFLINE;
	map = vmap(&page, 1, VM_MAP, PAGE_KERNEL_RO);
	if (!map)
		return ICECORE_PAGE_NO_DIRECT_MAP;
	if (copy_out(buf, map + offset_in_page(paddr), len) != len)
		status = ICECORE_PAGE_FAULT;
	vunmap(map);
	return status;
}

/*
 * Copy a part of one page that a copy of several stopped in.  All copies that
 * are tried are machine-check safe: a second look at a broken page with
 * copy_from_kernel_nofault() would be fatal.
 */
static int copy_hard_page(char __user *buf, u64 paddr, size_t len, u8 *status)
{
	if (copy_out(buf, phys_to_virt(paddr), len) == len)
		return 0;
	/* Was it the buffer?  This touches it without a change. */
	if (fault_in_safe_writeable(buf, len) != 0)
		return -EFAULT;
	*status = copy_privately(buf, paddr, len);
	/* Or did another thread take the buffer away just now? */
	if (*status == ICECORE_PAGE_FAULT &&
		fault_in_safe_writeable(buf, len) != 0)
		return -EFAULT;
	return 0;
}

/* Copy [paddr, end), which page_status() is content with. */
static int copy_good_pages(char __user *buf, u64 paddr, u64 end, u8 *status)
{
	const u64 first = PHYS_PFN(paddr);
	u64 stop;
	int r;

	while (paddr < end) {
		size_t n = copy_out(buf, phys_to_virt(paddr), end - paddr);

		paddr += n;
		buf += n;
		if (paddr == end)
			break;
		stop = min(end, page_end(paddr));
		r = copy_hard_page(buf, paddr, stop - paddr,
			&status[PHYS_PFN(paddr) - first]);
		if (r)
			return r;
		buf += stop - paddr;
		paddr = stop;
	}
	return 0;
}

/*
 * Copy [paddr, end), which is RAM and at most a batch, to ${buf}, and set the
 * status of each page.  Return 0 or -EFAULT for a bad buffer.
 */
static int copy_batch(char __user *buf, u64 paddr, u64 end, u8 *status)
{
	const u64 start = paddr, first = PHYS_PFN(paddr);
	u64 at, good;
	int r;

	for (at = paddr; at < end; at = page_end(at))
		status[PHYS_PFN(at) - first] = page_status(at);
	while (paddr < end) {
		good = paddr;
		while (good < end &&
			status[PHYS_PFN(good) - first] == ICECORE_PAGE_DATA)
			good = min(end, page_end(good));
		if (good == paddr) {
			paddr = min(end, page_end(paddr));
			continue;
		}
		r = copy_good_pages(buf + (paddr - start), paddr, good,
			&status[PHYS_PFN(paddr) - first]);
		if (r)
			return r;
		paddr = good;
	}
	return 0;
}

/* Two ranges may share a page; what has no data is the one to tell. */
static void merge_status(u8 *status, const u8 *more, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		status[i] = max(status[i], more[i]);
}

/*
 * As copy_batch(), but [paddr, end) may be RAM, or not, or both.
 */
static int copy_mixed_batch(const struct icecore_ram *ram, char __user *buf,
	u64 paddr, u64 end, u8 *status)
{
	const u64 start = paddr, first = PHYS_PFN(paddr);
	const size_t count = PHYS_PFN(end - 1) - first + 1;
	const struct icecore_range *range;
	u8 more[BATCH_PAGES];
	size_t i;
	u64 stop;
	int r;

	memset(status, 0, count);
	while (paddr < end) {
		range = icecore_ram_find(ram, paddr);
		if (!range || range->start >= end)
			break;
		paddr = max(paddr, range->start);
		stop = min(end, range->end);
		memset(more, 0, sizeof(more));
		r = copy_batch(buf + (paddr - start), paddr, stop, more);
		if (r)
			return r;
		i = PHYS_PFN(paddr) - first;
		merge_status(status + i, more, count - i);
		paddr = stop;
	}
	for (i = 0; i < count; i++)
		if (status[i] == 0)
			status[i] = ICECORE_PAGE_NOT_RAM;
	return 0;
}

int icecore_read_ioctl(
	const struct icecore_ram *ram, struct icecore_read __user *arg)
{
	u8 status[BATCH_PAGES];
	struct icecore_read in;
	u64 at, stop, end, pages;
	int r;

	if (copy_from_user(&in, arg, sizeof(in)))
		return -EFAULT;
	if (in.len == 0 || in.len > ICECORE_READ_MAX_BYTES ||
		check_add_overflow(in.paddr, in.len, &end))
		return -EINVAL;
	for (at = in.paddr; at < end; at = stop) {
		stop = batch_end(at, end);
		r = copy_mixed_batch(ram,
			u64_to_user_ptr(in.buf + (at - in.paddr)), at, stop,
			status);
		if (r)
			return r;
		pages = PHYS_PFN(at) - PHYS_PFN(in.paddr);
		if (copy_to_user(u64_to_user_ptr(in.status + pages), status,
			    PHYS_PFN(stop - 1) - PHYS_PFN(at) + 1))
			return -EFAULT;
		cond_resched();
		if (signal_pending(current)) {
			at = stop;
			break;
		}
	}
	return put_user(at - in.paddr, &arg->done);
}

/* Bytes before the first page without data, all in [paddr, end). */
static size_t good_bytes(u64 paddr, u64 end, const u8 *status)
{
	const u64 start = paddr, first = PHYS_PFN(paddr);

	while (paddr < end &&
		status[PHYS_PFN(paddr) - first] < ICECORE_PAGE_NO_DATA_MIN)
		paddr = min(end, page_end(paddr));
	return paddr - start;
}

/*
 * One step of read(2): to the end of a batch, of a range or of a hole.  Return
 * the count, or a negative errno when there is none.
 */
static ssize_t read_step(
	const struct icecore_ram *ram, char __user *buf, u64 paddr, u64 end)
{
	const struct icecore_range *range = icecore_ram_find(ram, paddr);
	u8 status[BATCH_PAGES];
	size_t good;
	int r;

	end = batch_end(paddr, end);
	if (paddr < range->start) {
		end = min(end, range->start);
		return clear_user(buf, end - paddr) ? -EFAULT : end - paddr;
	}
	end = min(end, range->end);
	r = copy_batch(buf, paddr, end, status);
	if (r)
		return r;
	good = good_bytes(paddr, end, status);
	return good ? good : -EIO;
}

ssize_t icecore_read_flat(
	const struct icecore_ram *ram, char __user *buf, size_t len, u64 pos)
{
	const u64 ram_end = icecore_ram_end(ram);
	u64 at = pos, end;
	ssize_t n = 0;

	if (pos >= ram_end)
		return 0;
	end = pos + min_t(u64, len, ram_end - pos);
	while (at < end) {
		n = read_step(ram, buf + (at - pos), at, end);
		if (n < 0)
			break;
		at += n;
		cond_resched();
		if (signal_pending(current))
			break;
	}
	return at > pos ? at - pos : n;
}
