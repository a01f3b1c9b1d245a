/* SPDX-License-Identifier: Apache-2.0 */
/* For the programs that test /dev/icecore in a guest. */
#ifndef GUEST_DEVICE_H
#define GUEST_DEVICE_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "uapi/icecore.h"

static bool ok_failed;

/* One check: "ok - TEXT" or "not ok - TEXT", which says what was compared. */
__attribute__((format(printf, 2, 3))) static inline void ok(
	bool good, const char *format, ...)
{
	va_list args;

	printf("%s - ", good ? "ok" : "not ok");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	ok_failed |= !good;
}

/* ICECORE_IOC_READ; 0 or a negative errno, ${ret_done} may be NULL. */
static inline int device_read(int fd, uint64_t *ret_done, uint64_t paddr,
	void *buf, uint64_t len, void *status)
{
	struct icecore_read r = {
		.paddr = paddr,
		.len = len,
		.buf = (uintptr_t)buf,
		.status = (uintptr_t)status,
	};

	if (ioctl(fd, ICECORE_IOC_READ, &r) != 0)
		return -errno;
	if (ret_done != NULL)
		*ret_done = r.done;
	return 0;
}

/* All ${len} bytes at ${p} are ${byte}. */
static inline bool is_all(const void *p, uint8_t byte, size_t len)
{
	const uint8_t *b = p;

	while (len > 0 && b[len - 1] == byte)
		len--;
	return len == 0;
}

#endif
