// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>

#include "base/err.h"
#include "export/extract_process.h"
#include "inspect/captured.h"
#include "inspect/ram.h"
#include "inspect/space.h"
#include "inspect/space_core.h"
#include "inspect/task.h"
#include "lab/cores.h"
#include "lab/extract.h"

struct taking {
	struct captured *captured;
	struct tasks tasks;
	struct cores *cores;
	const uint64_t *pids;
	size_t n;
	bool found; /* that of the pid that is asked for */
	bool write; /* the second pass */
};

static int take_record(void *arg, const Icecore__V1__Record *m, struct err *e)
{
	struct taking *t = arg;

	if (!t->write)
		return cores_see(t->cores, m, e);
	return m->body_case == ICECORE__V1__RECORD__BODY_PROCESS_PAGES
		       ? cores_write(t->cores, m->process_pages, e)
		       : 0;
}

static int take_space(void *arg, const struct space *s, struct err *e)
{
	struct taking *t = arg;
	int r = 0;

	t->found = true;
	if (!t->write)
		r = space_core_describe(t->captured, s, take_record, t, e);
	return r < 0 ? r : space_core_pages(t->captured, s, take_record, t, e);
}

/* Once to learn what there is, once to write it. */
static int take_all(struct taking *t, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < t->n; i++) {
		t->found = false;
		r = spaces_each(
			t->captured, &t->tasks, t->pids[i], take_space, t, e);
		if (r == 0 && !t->found)
			r = err_set(e, -ESRCH,
				"no process %" PRIu64
				" with memory of its own is in the captured memory",
				t->pids[i]);
	}
	return r;
}

int extract_processes(struct reader *r, const struct extract_options *o,
	const char *out, const uint64_t *pids, size_t n, struct err *e)
{
	const struct ram_options options = {
		.scratch = out, .keys = o->keys, .threads = o->threads
	};
	struct taking t = { .pids = pids, .n = n };
	struct extract_result none = { 0 };
	int rc = captured_open(&t.captured, r, &options, e), cores = 0;

	if (rc == 0)
		rc = tasks_see(&t.tasks, t.captured, e);
	if (rc == 0)
		rc = cores_new(&t.cores, e);
	if (rc == 0)
		rc = take_all(&t, e);
	if (rc == 0)
		rc = cores_create(t.cores, o->outfd, e);
	t.write = true;
	if (rc == 0)
		rc = take_all(&t, e);
	if (rc == 0)
		rc = cores_finish(t.cores, &none, e);
	if (rc == 0)
		cores = (int)cores_count(t.cores);
	cores_free(t.cores);
	tasks_done(&t.tasks);
	captured_close(t.captured);
	return rc < 0 ? rc : cores;
}
