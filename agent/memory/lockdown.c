// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "base/io.h"
#include "memory/lockdown.h"

enum { TEXT_BYTES = 64 };

enum lockdown lockdown_parse(const char *text)
{
	static const char *const words[] = {
		[LOCKDOWN_NONE] = "[none]",
		[LOCKDOWN_INTEGRITY] = "[integrity]",
		[LOCKDOWN_CONFIDENTIALITY] = "[confidentiality]",
	};

	for (int i = LOCKDOWN_NONE; i <= LOCKDOWN_CONFIDENTIALITY; i++)
		if (strstr(text, words[i]))
			return i;
	return LOCKDOWN_UNKNOWN;
}

enum lockdown lockdown_level(void)
{
	AUTO_CLOSE int fd = io_open(
		AT_FDCWD, "/sys/kernel/security/lockdown", O_RDONLY, 0, NULL);
	char text[TEXT_BYTES] = "";

	if (fd < 0 || io_read(fd, text, sizeof(text) - 1, NULL) < 0)
		return LOCKDOWN_UNKNOWN;
	return lockdown_parse(text);
}
