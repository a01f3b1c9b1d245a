/* SPDX-License-Identifier: Apache-2.0 */
/* System RAM as /proc/iomem has it. */
#ifndef GUEST_RANGES_H
#define GUEST_RANGES_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

enum { RANGES_MAX = 256, LINE_BYTES = 256 };

struct range {
	uint64_t start;
	uint64_t end;
};

static struct range ranges[RANGES_MAX];
static size_t range_count;

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		strerror(errno));
	exit(2);
}

static inline int device_open(void)
{
	int fd = open(ICECORE_DEVICE, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(ICECORE_DEVICE);
	return fd;
}

/* System RAM at any depth of /proc/iomem, adjacent ranges as one. */
static inline void ranges_read(void)
{
	char line[LINE_BYTES], *name;
	FILE *f = fopen("/proc/iomem", "re");
	uint64_t start, end;

	if (f == NULL)
		die("/proc/iomem");
	while (fgets(line, sizeof(line), f) != NULL) {
		name = strstr(line, " : ");
		if (name == NULL || strncmp(name + 3, "System RAM", 10) != 0 ||
			sscanf(line, " %lx-%lx", &start, &end) != 2)
			continue;
		end++;
		if (range_count > 0 && ranges[range_count - 1].end >= start) {
			ranges[range_count - 1].end = end;
			continue;
		}
		if (range_count == RANGES_MAX)
			die("too many ranges");
		ranges[range_count++] = (struct range){ start, end };
	}
	fclose(f);
	if (range_count == 0 || ranges[range_count - 1].end <= 1)
		die("no addresses in /proc/iomem");
}

#endif
