// SPDX-License-Identifier: Apache-2.0
/* Any record in each of the formats for other tools: what is a line of JSON
 * must be one. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "evidence/record.h"
#include "export/export.h"
#include "export/item.h"
#include "export/lines.h"
#include "export/proc_net.h"
#include "export/proc_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct trying {
	const struct export_format *format;
	struct lines lines;
};

/* The bytes that wait are those of this item. */
static int see(void *arg, const struct item *it, struct err *e)
{
	struct trying *t = arg;
	int r;

	t->lines.len = 0;
	r = t->format->map(&t->lines, it, e);
	assert(r == 0);
	for (size_t i = 0; i < t->lines.len; i++)
		assert((uint8_t)t->lines.buf[i] >= 0x20 ||
			t->lines.buf[i] == '\n');
	if (strcmp(t->format->name, "bodyfile") != 0 && t->lines.len) {
		const char *end = memchr(t->lines.buf, '\n', t->lines.len);
		json_t *j;

		assert(end);
		j = json_loadb(
			t->lines.buf, (size_t)(end - t->lines.buf), 0, NULL);
		assert(json_is_object(j));
		json_decref(j);
	}
	return 0;
}

static void try_proc(const Icecore__V1__Record *m)
{
	AUTO_BUF struct buf b = { 0 };
	struct proc_net net;
	struct err e = { "" };

	buf_init(&b, PROC_TEXT_BYTES);
	if (m->body_case == ICECORE__V1__RECORD__BODY_PROCESS) {
		assert(proc_text_stat(&b, m->process, &e) == 0);
		assert(proc_text_status(&b, m->process, &e) == 0);
		assert(b.data[b.len - 1] == '\n');
	}
	if (m->body_case == ICECORE__V1__RECORD__BODY_PROCESS_MAPS)
		assert(proc_text_maps(&b, m->process_maps, &e) == 0);
	if (m->body_case != ICECORE__V1__RECORD__BODY_SOCKETS)
		return;
	assert(proc_net_begin(&net, &e) == 0);
	for (size_t i = 0; i < m->sockets->n_sockets; i++)
		assert(proc_net_add(&net, m->sockets->sockets[i], &e) == 0);
	proc_net_done(&net);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	Icecore__V1__Record *m = NULL;
	struct err e = { "" };

	if (fd < 0)
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert(fd >= 0);
	if (record_decode(&m, data, size, &e) < 0)
		return 0;
	for (const struct export_format *f = export_formats; f->name; f++) {
		struct trying t = { .format = f };
		struct items items = {
			.host = { "case", "capture", "host", "", "", "", 1, 1 },
			.see = see,
			.arg = &t,
		};

		if (!f->map)
			continue;
		assert(lines_init(&t.lines, fd, &e) == 0);
		assert(items_of(&items, m, &e) == 0);
		lines_done(&t.lines);
	}
	try_proc(m);
	record_free(m);
	return 0;
}
