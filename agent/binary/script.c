// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "binary/script.h"

/* What takes a script as its argument; options that take the next argument
 * away, and those after which none is a script. */
static const struct interpreter {
	const char *name; /* a version may follow */
	bool shell;
	const char *takes; /* letters */
	const char *inner; /* letters */
} interpreters[] = {
	{ "sh", true, "oO", "cs" },
	{ "bash", true, "oO", "cs" },
	{ "dash", true, "o", "cs" },
	{ "ash", true, "o", "cs" },
	{ "zsh", true, "o", "cs" },
	{ "ksh", true, "o", "cs" },
	{ "fish", true, "C", "c" },
	{ "busybox", true, "o", "cs" },
	{ "python", false, "WX", "cm" },
	{ "pypy", false, "WX", "cm" },
	{ "perl", false, "", "eE" },
	{ "ruby", false, "r", "e" },
	{ "php", false, "cd", "r" },
	{ "node", false, "r", "ep" },
	{ "lua", false, "l", "e" },
};

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const struct interpreter *find(const char *path)
{
	const char *name = name_of(path);

	for (size_t i = 0; i < ARRAY_LEN(interpreters); i++) {
		size_t len = strlen(interpreters[i].name);

		if (strncmp(name, interpreters[i].name, len) != 0)
			continue;
		/* "python3.11"; the kernel adds " (deleted)". */
		len += strspn(name + len, "0123456789.-");
		if (!name[len] || name[len] == ' ')
			return &interpreters[i];
	}
	return NULL;
}

bool script_is_interpreter(const char *path)
{
	return find(path) != NULL;
}

bool script_is_shell(const char *path)
{
	const struct interpreter *i = find(path);

	return i && i->shell;
}

bool script_read(struct script *ret, const void *head, size_t len)
{
	const char *p = head, *end;
	size_t n;

	*ret = (struct script){ "", "" };
	if (len < 3 || memcmp(p, "#!", 2) != 0)
		return false;
	p += 2;
	len -= 2;
	end = memchr(p, '\n', len);
	n = end ? (size_t)(end - p) : len;
	(void)snprintf(ret->line, sizeof(ret->line), "%.*s", (int)n, p);
	p = ret->line + strspn(ret->line, " \t");
	(void)snprintf(ret->interpreter, sizeof(ret->interpreter), "%.*s",
		(int)strcspn(p, " \t"), p);
	return true;
}

/* What an option of letters is: 0 one without argument, 1 one that takes the
 * next one, -1 one after which there is no script. */
static int judge_option(const struct interpreter *in, const char *arg)
{
	if (arg[1] == '-')
		return 0;
	for (const char *c = arg + 1; *c; c++) {
		if (strchr(in->inner, *c))
			return -1;
		if (strchr(in->takes, *c))
			return c[1] ? 0 : 1;
	}
	return 0;
}

const char *script_argument(const char *path, const char *argv, size_t len)
{
	const struct interpreter *in = find(path);
	const char *p = argv, *end = argv + len;
	bool skip = true; /* its own name */

	while (in && p < end) {
		size_t n = strnlen(p, (size_t)(end - p));

		if (n == (size_t)(end - p))
			return NULL; /* it does not end */
		if (!skip && *p != '-' && *p != '+')
			return n ? p : NULL;
		if (!skip) {
			int what = n > 1 ? judge_option(in, p) : -1;

			if (what < 0)
				return NULL;
			skip = what;
		} else {
			skip = false;
		}
		p += n + 1;
	}
	return NULL;
}
