// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>

#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "memory/kallsyms.h"

enum { STEP_BYTES = 64 << 10 };

/* "ADDRESS T NAME", and behind a tab "[MODULE]" for those of modules. */
static int take_line(struct kallsyms_symbol *symbols, size_t n,
	const char *line, struct err *e)
{
	uint64_t address;
	int digits = num_hex(&address, line);
	const char *name;

	if (digits <= 0 || line[digits] != ' ' || !line[digits + 1] ||
		line[digits + 2] != ' ')
		return err_set(e, -EBADMSG, "kallsyms: no symbol: '%.80s'", line);
	name = line + digits + 3;
	for (size_t i = 0; i < n; i++)
		if (!symbols[i].address && strcmp(name, symbols[i].name) == 0)
			symbols[i].address = address;
	return 0;
}

/* The whole lines of ${len} bytes; returns how many bytes they are. */
static ssize_t take_lines(struct kallsyms_symbol *symbols, size_t n, char *text,
	size_t len, struct err *e)
{
	size_t at = 0;
	char *end;

	while ((end = memchr(text + at, '\n', len - at))) {
		int r;

		*end = 0;
		r = take_line(symbols, n, text + at, e);
		if (r < 0)
			return r;
		at = (size_t)(end + 1 - text);
	}
	return (ssize_t)at;
}

int kallsyms_find(struct kallsyms_symbol *symbols, size_t n, const char *path,
	struct err *e)
{
	AUTO_CLOSE int fd = io_open(AT_FDCWD, path, O_RDONLY, 0, e);
	AUTO_FREE char *text = malloc(STEP_BYTES);
	size_t len = 0, total = 0;
	ssize_t got, used;

	if (fd < 0)
		return fd;
	if (!text)
		return err_set(e, -ENOMEM, "no memory for %s", path);
	do {
		got = io_read(fd, text + len, STEP_BYTES - len, e);
		if (got < 0)
			return err_wrap(e, (int)got, "%s", path);
		len += (size_t)got;
		total += (size_t)got;
		used = take_lines(symbols, n, text, len, e);
		if (used < 0)
			return (int)used;
		len -= (size_t)used;
		memmove(text, text + used, len);
		if (len > KALLSYMS_LINE_BYTES || total > KALLSYMS_BYTES)
			return err_set(e, -EFBIG, "%s is too large", path);
	} while (got > 0);
	return 0;
}
