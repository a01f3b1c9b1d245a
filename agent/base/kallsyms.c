// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>

#include "base/err.h"
#include "base/io.h"
#include "base/kallsyms.h"
#include "base/num.h"

enum { STEP_BYTES = 64 << 10 };

int kallsyms_parse(struct kallsyms_line *ret, char *line, struct err *e)
{
	int digits = num_hex(&ret->address, line);
	char *tab, *end;

	if (digits <= 0 || line[digits] != ' ' || !line[digits + 1] ||
		line[digits + 2] != ' ')
		return err_set(e, -EBADMSG, "kallsyms: no symbol: '%.80s'", line);
	ret->type = line[digits + 1];
	ret->name = line + digits + 3;
	ret->module = NULL;
	tab = strchr(line + digits + 3, '\t');
	if (!tab)
		return 0;
	*tab++ = 0;
	end = strchr(tab, ']');
	if (*tab != '[' || !end)
		return err_set(e, -EBADMSG, "kallsyms: no module: '%.80s'", tab);
	*end = 0;
	ret->module = tab + 1;
	return 0;
}

/* Where the lines go. */
struct sieve {
	kallsyms_see *see;
	void *arg;
};

/* The whole lines of ${len} bytes; returns how many bytes they are. */
static ssize_t take_lines(
	const struct sieve *sieve, char *text, size_t len, struct err *e)
{
	struct kallsyms_line line;
	size_t at = 0;
	char *end;

	while ((end = memchr(text + at, '\n', len - at))) {
		int r;

		*end = 0;
		r = kallsyms_parse(&line, text + at, e);
		if (r == 0)
			r = sieve->see(sieve->arg, &line, e);
		if (r < 0)
			return r;
		at = (size_t)(end + 1 - text);
	}
	return (ssize_t)at;
}

int kallsyms_each(const char *path, kallsyms_see *see, void *arg, struct err *e)
{
	const struct sieve sieve = { see, arg };
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
		used = take_lines(&sieve, text, len, e);
		if (used < 0)
			return (int)used;
		len -= (size_t)used;
		memmove(text, text + used, len);
		if (len > KALLSYMS_LINE_BYTES || total > KALLSYMS_BYTES)
			return err_set(e, -EFBIG, "%s is too large", path);
	} while (got > 0);
	return 0;
}

struct wanted {
	struct kallsyms_symbol *symbols;
	size_t n;
};

static int take_wanted(void *arg, const struct kallsyms_line *line, struct err *e)
{
	const struct wanted *w = arg;

	(void)e;
	for (size_t i = 0; !line->module && i < w->n; i++)
		if (!w->symbols[i].address &&
			strcmp(line->name, w->symbols[i].name) == 0)
			w->symbols[i].address = line->address;
	return 0;
}

int kallsyms_find(struct kallsyms_symbol *symbols, size_t n, const char *path,
	struct err *e)
{
	struct wanted w = { symbols, n };

	return kallsyms_each(path, take_wanted, &w, e);
}
