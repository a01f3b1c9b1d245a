/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * /dev/icecore: the physical memory of the running machine, read-only.
 *
 * DEVICE
 *
 * The device has mode 0400.  open(2) wants read-only access (else EPERM),
 * CAP_SYS_RAWIO and CAP_SYS_ADMIN (else EPERM) and that nobody else has it open
 * (else EBUSY).  File offsets are physical addresses.  There is no write(2) and
 * no mmap(2).
 *
 * What is System RAM is looked up once, at open: top-level ranges and nested
 * ones (virtio-mem, memory of a dax device given to the system), adjacent ones
 * merged.  RAM that is hot-added later is not seen until the next open; RAM that
 * is taken away is noticed, page by page.  A machine with more than
 * ICECORE_RANGES_MAX ranges is refused with E2BIG; EAGAIN is RAM that was added
 * during the open.
 *
 * read(2), pread(2)
 *	Bytes between ranges read as zeros.  A page of RAM whose bytes cannot be
 *	had ends the read before it, and a read that starts in it fails with EIO:
 *	zeros never stand in for memory.  The end of the last range is the end of
 *	the file.  A bad buffer is EFAULT.  A signal ends a read short.
 *
 * lseek(2)
 *	SEEK_DATA and SEEK_HOLE enumerate the ranges, to the byte; SEEK_END is
 *	the end of the last one.  ENXIO as in lseek(2).
 *
 * So this makes a correct padded image by itself:
 *
 *	dd if=/dev/icecore of=ram.raw bs=1M conv=sparse
 *
 * ioctl(2)
 *	ICECORE_IOC_VERSION gives ICECORE_ABI_VERSION.  A program that does not
 *	know the number it gets must not go on.
 *
 *	ICECORE_IOC_READ reads a stretch of physical memory and says for each
 *	page it touches what became of it.  See struct icecore_read.
 *
 *	ICECORE_IOC_TASKS tells every task of the kernel's list.  See struct
 *	icecore_tasks.
 *
 *	Any other request is ENOTTY.
 *
 * Several threads of the opener may read at once.
 *
 * ERRORS OF ICECORE_IOC_READ
 *
 *	EINVAL	len is 0 or more than ICECORE_READ_MAX_BYTES, or paddr + len
 *		wraps.
 *	EFAULT	the structure, buf or status is not user memory that can be read
 *		(the structure) or written (all three).
 *
 * A page that cannot be read is not an error of the call.
 *
 * ERRORS OF ICECORE_IOC_TASKS
 *
 *	EINVAL	cap is 0 or more than ICECORE_TASKS_MAX.
 *	EFAULT	the structure or buf is not user memory that can be written.
 *	ENOMEM	there is no memory for cap tasks.
 *
 * STABILITY
 *
 * Numbers and layouts in this file never change.  What is new gets a new
 * number; a status that a program does not know means a page without data if
 * it is ICECORE_PAGE_NO_DATA_MIN or more, and a page with data below that.
 */
#ifndef ICECORE_UAPI_H
#define ICECORE_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define ICECORE_ABI_VERSION 1
#define ICECORE_DEVICE	    "/dev/icecore"

enum {
	ICECORE_PAGE_BYTES = 4096,
	ICECORE_READ_MAX_BYTES = 1 << 20,
	ICECORE_RANGES_MAX = 4096,
	ICECORE_PAGE_NO_DATA_MIN = 16,
	ICECORE_TASKS_MAX = 65536,
	ICECORE_TASK_COMM_BYTES = 16,
};

/* One byte for each page of a read.  0 is never a status. */
enum icecore_page_status {
	/* The bytes were copied. */
	ICECORE_PAGE_DATA = 1, /* from the kernel's direct map */
	ICECORE_PAGE_PRIVATE_MAP = 3, /* through a mapping made for the copy:
		the kernel has no direct map of the page, as with
		memfd_secret(2) */

	/* There are no bytes, and the buffer is untouched where the page lies.
	   But with FAULT it may hold what was copied before the fault. */
	ICECORE_PAGE_HWPOISON = 16, /* the hardware reported it broken, or
		some page of the hugetlb page that it is in */
	ICECORE_PAGE_OFFLINE = 17, /* given back: balloon, virtio-mem, or the
		memory block is offline */
	ICECORE_PAGE_UNACCEPTED = 18, /* the guest never accepted it from its
		hypervisor (TDX, SEV-SNP) */
	ICECORE_PAGE_NO_DIRECT_MAP = 19, /* and mapping it for the copy failed
		too */
	ICECORE_PAGE_FAULT = 20, /* the copy met a machine check or a fault */
	ICECORE_PAGE_NOT_RAM = 22, /* no byte asked for is System RAM */
};

/*
 * The stretch [paddr, paddr + len) may begin and end anywhere.  buf gets its
 * bytes, status one byte for each page that it touches, from the page of paddr
 * to the page of paddr + len - 1.  Of a page that is RAM only in part (a range
 * that ends at 0x9fc00) the bytes outside RAM are left untouched; the page has
 * the status of the part that is RAM.
 *
 * done is how far the call got: the statuses of all pages that begin below
 * paddr + done are known.  It is len unless a signal came in; then go on from
 * paddr + done, which is the beginning of a page.  It is never 0.
 */
struct icecore_read {
	__u64 paddr; /* in: first physical address */
	__u64 len; /* in: bytes, 1 .. ICECORE_READ_MAX_BYTES */
	__u64 buf; /* in: user pointer to len bytes */
	__u64 status; /* in: user pointer to a byte for each page */
	__u64 done; /* out: bytes whose status is known */
};

/*
 * A thread, as the list that begins at init_task has it; that list needs no
 * table of ids, which /proc walks.  Ids are those of the caller's pid namespace,
 * 0 = it is not there.
 */
struct icecore_task {
	__u64 start_boot_ns; /* CLOCK_BOOTTIME */
	__u32 pid; /* of its process */
	__u32 tid;
	__u32 ppid;
	__u32 uid; /* as the caller's user namespace calls it */
	__u32 is_kthread;
	__u32 zero;
	char comm[ICECORE_TASK_COMM_BYTES]; /* ends with a NUL */
};

struct icecore_tasks {
	__u64 buf; /* in: user pointer to cap struct icecore_task */
	__u32 cap; /* in: 1 .. ICECORE_TASKS_MAX */
	__u32 n; /* out: how many there are; the first cap are in buf */
};

#define ICECORE_IOC_VERSION _IOR(0xEC, 0, __u32)
#define ICECORE_IOC_READ    _IOWR(0xEC, 1, struct icecore_read)
#define ICECORE_IOC_TASKS   _IOWR(0xEC, 2, struct icecore_tasks)

#endif
