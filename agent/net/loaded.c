// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/buf.h"
#include "base/io.h"
#include "net/loaded.h"

enum { PATH_CHARS = 256 };

bool loaded_in(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = strstr(text, name); at; at = strstr(at + 1, name))
		if ((at == text || at[-1] == '\n') && at[n] == ' ')
			return true;
	return false;
}

bool loaded_built_in(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = strstr(text, name); at; at = strstr(at + 1, name))
		if (at > text && at[-1] == '/' && strncmp(at + n, ".ko", 3) == 0)
			return true;
	return false;
}

static bool is_built_in(const char *name)
{
	AUTO_BUF struct buf text = { 0 };
	char path[PATH_CHARS];
	struct utsname u;
	const char *s;

	if (uname(&u) < 0)
		return false;
	(void)snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin",
		u.release);
	buf_init(&text, LOADED_BUILTIN_BYTES);
	if (io_slurp(AT_FDCWD, path, &text, NULL) < 0)
		return false;
	s = buf_string(&text, NULL);
	return s && loaded_built_in(s, name);
}

bool loaded_is(const char *name)
{
	AUTO_BUF struct buf text = { 0 };
	const char *s;
	int r;

	buf_init(&text, LOADED_MODULES_BYTES);
	r = io_slurp(AT_FDCWD, "/proc/modules", &text, NULL);
	if (r == -ENOENT)
		return true;
	s = r == 0 ? buf_string(&text, NULL) : NULL;
	return (s && loaded_in(s, name)) || is_built_in(name);
}
