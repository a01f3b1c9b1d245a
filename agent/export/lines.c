// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "export/export.h"
#include "export/item.h"
#include "export/lines.h"

int lines_init(struct lines *l, int fd, struct err *e)
{
	*l = (struct lines){ .fd = fd, .buf = malloc(LINES_BYTES) };
	return l->buf ? 0 : err_set(e, -ENOMEM, "no memory for lines");
}

void lines_done(struct lines *l)
{
	free(l->buf);
	l->buf = NULL;
}

int lines_finish(struct lines *l, struct err *e)
{
	int r = io_write(l->fd, l->buf, l->len, e);

	l->len = 0;
	return r;
}

int lines_raw(struct lines *l, const void *text, size_t len, struct err *e)
{
	int r = 0;

	if (len > LINES_BYTES - l->len)
		r = lines_finish(l, e);
	if (r < 0)
		return r;
	if (len > LINES_BYTES)
		return io_write(l->fd, text, len, e);
	memcpy(l->buf + l->len, text, len);
	l->len += len;
	return 0;
}

int lines_json(struct lines *l, json_t *taken, struct err *e)
{
	AUTO_JSON json_t *j = taken;
	AUTO_BUF struct buf text = { 0 };
	int r;

	buf_init(&text, JSON_TEXT_BYTES);
	r = json_encode(&text, j, JSON_COMPACT, e);
	if (r == 0)
		r = buf_append(&text, "\n", 1, e);
	if (r == 0)
		r = lines_raw(l, text.data, text.len, e);
	l->n++;
	return r;
}

struct mapping {
	struct lines *lines;
	lines_map *map;
};

static int see(void *arg, const struct item *it, struct err *e)
{
	const struct mapping *m = arg;

	return m->map(m->lines, it, e);
}

int lines_items(
	struct export_job *job, lines_map *map, const char *what, struct err *e)
{
	AUTO_LINES struct lines l = { .fd = -1 };
	struct mapping m = { &l, map };
	int r = lines_init(&l, job->fd, e);

	if (r == 0)
		r = items_each(job, see, &m, e);
	if (r == 0)
		r = lines_finish(&l, e);
	if (r == 0)
		(void)fprintf(stderr, "%" PRIu64 " %s\n", l.n, what);
	return r;
}
