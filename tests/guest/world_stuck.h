/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that wait without an end: one in D state, and one whose arguments
 * lie in a page that nobody ever brings. */
#ifndef GUEST_WORLD_STUCK_H
#define GUEST_WORLD_STUCK_H

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "world.h"

/* The parent of a child by vfork() waits, uninterruptibly. */
static void run_waiting(void)
{
	if (vfork() == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		stay();
	}
	_exit(1);
}

static void make_waiting(void)
{
	(void)spawn("waiting", 0, run_waiting);
	fputs(", \"state\": \"D\"", out);
	end();
}

static void run_absent(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	long fd = syscall(SYS_userfaultfd, 0);
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(fd >= 0 && ioctl((int)fd, UFFDIO_API, &api) == 0, "userfaultfd");
	must(page != MAP_FAILED, "mmap");
	reg.range.start = (uintptr_t)page;
	reg.range.len = 4096;
	must(ioctl((int)fd, UFFDIO_REGISTER, &reg) == 0, "register");
	must(prctl(PR_SET_MM, PR_SET_MM_ARG_START, page, 0, 0) == 0 &&
			prctl(PR_SET_MM, PR_SET_MM_ARG_END, page + 64, 0, 0) == 0,
		"PR_SET_MM");
	stay();
}

static void make_absent(void)
{
	(void)spawn("absent", 0, run_absent);
	fputs(", \"no_arguments\": true", out);
	end();
}

#endif
