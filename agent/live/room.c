// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/num.h"
#include "live/room.h"
#include "live/task.h"

enum {
	LOADAVG_BYTES = 256,
	ROOM_TASKS = 1024, /* for those that come meanwhile */
};

/* Of /proc/loadavg, "0.1 0.2 0.3 1/TASKS 4711"; 0 = not told. */
static uint32_t count_tasks(void)
{
	AUTO_BUF struct buf b = { 0 };
	const char *text, *slash;
	char digits[16] = "";
	uint64_t n;

	buf_init(&b, LOADAVG_BYTES);
	if (io_slurp(AT_FDCWD, "/proc/loadavg", &b, NULL) < 0)
		return 0;
	text = buf_string(&b, NULL);
	slash = text ? strchr(text, '/') : NULL;
	if (!slash)
		return 0;
	(void)snprintf(digits, sizeof(digits), "%.*s",
		(int)strspn(slash + 1, "0123456789"), slash + 1);
	return num_u64(&n, digits, NULL) < 0 || n > LIVE_TASKS_MAX
		       ? LIVE_TASKS_MAX
		       : (uint32_t)n;
}

uint32_t live_room(void)
{
	uint32_t tasks = count_tasks();

	if (!tasks || tasks > (LIVE_TASKS_MAX - ROOM_TASKS) / 2)
		return LIVE_TASKS_MAX;
	return 2 * tasks + ROOM_TASKS;
}
