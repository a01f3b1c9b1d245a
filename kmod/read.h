/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ICECORE_READ_H
#define ICECORE_READ_H

#include <linux/types.h>

#include "ram.h"
#include "uapi/icecore.h"

/*
 * icecore_read_ioctl(ram, arg):
 * ICECORE_IOC_READ: read what ${arg} asks for.  Return 0 or a negative errno.
 */
int icecore_read_ioctl(
	const struct icecore_ram *ram, struct icecore_read __user *arg);

/*
 * icecore_read_flat(ram, buf, len, pos):
 * read(2): copy up to ${len} bytes at ${pos}, zeros between ranges.  Return the
 * count, 0 at the end of RAM, or a negative errno.
 */
ssize_t icecore_read_flat(
	const struct icecore_ram *ram, char __user *buf, size_t len, u64 pos);

#endif
