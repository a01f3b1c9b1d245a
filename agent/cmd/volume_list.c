// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <inttypes.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "cmd/volume_option.h"

enum { LIST_BYTES = 1 << 20, CELL_CHARS = 160 };

/* Text of the device, fit for a terminal. */
static const char *safe(char ret[CELL_CHARS], const char *text)
{
	(void)snprintf(ret, CELL_CHARS, "%s", *text ? text : "-");
	for (char *c = ret; *c; c++)
		if (!isprint((unsigned char)*c) || *c == ' ')
			*c = '_';
	return ret;
}

static int put_row(struct buf *b, const struct volumes *v,
	const struct volume *one, struct err *e)
{
	char name[VOLUME_PATH_CHARS], label[CELL_CHARS], uuid[CELL_CHARS];
	char type[CELL_CHARS], cell[CELL_CHARS];
	const char *hint = volume_hint(one);

	volume_name(name, v, one);
	for (char *c = name; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '_';
	(void)safe(cell, one->entry.uuid);
	return buf_text(b, e,
		"%-24s %-12s %10" PRIu64 " %-16s %-36s %-36s %-9s %s\n", name,
		safe(type, one->content.type), one->map.bytes >> 20,
		safe(label, one->content.label), safe(uuid, one->content.uuid),
		cell, hint ? hint : "-", one->why_not);
}

int volume_list(const struct volumes *v, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	int r;

	buf_init(&b, LIST_BYTES);
	r = buf_text(&b, e, "%-24s %-12s %10s %-16s %-36s %-36s %-9s %s\n",
		"VOLUME", "TYPE", "MiB", "LABEL", "UUID", "PARTUUID", "LIKELY",
		"WHY IT IS NOT MOUNTED");
	for (size_t i = 0; r == 0 && i < v->n; i++)
		r = put_row(&b, v, &v->v[i], e);
	for (size_t i = 0; r == 0 && i < v->gaps_n; i++)
		r = buf_text(
			&b, e, "%s: %s\n", v->gaps[i].what, v->gaps[i].reason);
	return r < 0 ? r : io_write(STDOUT_FILENO, b.data, b.len, e);
}
