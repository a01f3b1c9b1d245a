// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/num.h"
#include "watch/notify.h"

enum { TEXT_CHARS = 512 };

void notify_say(const char *fmt, ...)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd = -1;
	char text[TEXT_CHARS];
	socklen_t len;
	va_list ap;
	int n;

	if (!path || (path[0] != '/' && path[0] != '@') ||
		strlen(path) >= sizeof(at.sun_path))
		return;
	memcpy(at.sun_path, path, strlen(path));
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	/* '@' stands for the NUL that a name without a file begins with. */
	if (path[0] == '@')
		at.sun_path[0] = 0;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		(void)sendto(fd, text, strlen(text), MSG_NOSIGNAL,
			(const struct sockaddr *)&at, len);
}

uint32_t notify_period_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t v;

	if (!usec || num_u64(&v, usec, NULL) < 0 || v < 2000)
		return 0;
	if (pid) {
		uint64_t whose;

		if (num_u64(&whose, pid, NULL) < 0 || whose != (uint64_t)getpid())
			return 0;
	}
	v /= 2000;
	return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

void notify_alive(void)
{
	static _Atomic uint64_t last_ns;
	uint64_t period_ns = notify_period_ms() * 1000000ULL;
	uint64_t now = clock_ns(CLOCK_MONOTONIC), last = last_ns;

	if (!period_ns || (last && now - last < period_ns / 2))
		return;
	if (atomic_compare_exchange_strong(&last_ns, &last, now))
		notify_say("WATCHDOG=1");
}
