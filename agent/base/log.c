// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/log.h"

enum { LINE_BYTES = 1024 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int max_level = LOG_INFO;
static bool progress_shown;

void log_set_level(enum log_level level)
{
	max_level = (int)level;
}

static void clear_progress(void)
{
	if (progress_shown)
		(void)fputs("\r\033[K", stderr);
	progress_shown = false;
}

void log_line(enum log_level level, const char *fmt, ...)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };
	char line[LINE_BYTES];
	va_list ap;

	if ((int)level > max_level)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	pthread_mutex_lock(&lock);
	clear_progress();
	(void)fprintf(stderr, "%s: %s\n", names[level], line);
	pthread_mutex_unlock(&lock);
}

void log_progress(const char *text)
{
	if (!isatty(STDERR_FILENO))
		return;
	pthread_mutex_lock(&lock);
	clear_progress();
	if (text) {
		(void)fprintf(stderr, "\r%.200s", text);
		progress_shown = true;
	}
	(void)fflush(stderr);
	pthread_mutex_unlock(&lock);
}
