// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "lab/core_file.h"
#include "lab/core_model.h"
#include "lab/cores.h"
#include "lab/extract.h"

enum { NAME_CHARS = 48, STEP = 16 };

struct one {
	struct core core;
	struct core_file *file; /* NULL = none, and ->why says why */
	struct err why;
	char name[NAME_CHARS]; /* without its ending */
};

struct cores {
	pthread_mutex_t lock;
	struct one **v;
	size_t n;
	int dir; /* cores/; -1 = not there yet */
};

int cores_new(struct cores **ret, struct err *e)
{
	struct cores *cs = calloc(1, sizeof(*cs));

	if (!cs)
		return err_set(e, -ENOMEM, "no memory for cores");
	(void)pthread_mutex_init(&cs->lock, NULL);
	cs->dir = -1;
	*ret = cs;
	return 0;
}

void cores_free(struct cores *cs)
{
	if (!cs)
		return;
	for (size_t i = 0; i < cs->n; i++) {
		core_file_close(cs->v[i]->file);
		core_done(&cs->v[i]->core);
		free(cs->v[i]);
	}
	free(cs->v);
	if (cs->dir >= 0)
		(void)close(cs->dir);
	(void)pthread_mutex_destroy(&cs->lock);
	free(cs);
}

size_t cores_count(const struct cores *cs)
{
	size_t n = 0;

	for (size_t i = 0; cs && i < cs->n; i++)
		n += cs->v[i]->file != NULL;
	return n;
}

static struct one *find(const struct cores *cs, uint32_t pid, uint64_t start)
{
	for (size_t i = 0; i < cs->n; i++)
		if (cs->v[i]->core.pid == pid &&
			cs->v[i]->core.start_boot_ns == start)
			return cs->v[i];
	return NULL;
}

static int add(struct cores *cs, struct one **ret, uint32_t pid, uint64_t start,
	struct err *e)
{
	struct one **v = cs->v;
	struct one *o;

	if (cs->n == CORES_MAX)
		return err_set(e, -EBADMSG, "more than %d cores", CORES_MAX);
	if (cs->n % STEP == 0)
		v = reallocarray(v, cs->n + STEP, sizeof(*v));
	o = v ? calloc(1, sizeof(*o)) : NULL;
	cs->v = v ? v : cs->v;
	if (!o)
		return err_set(e, -ENOMEM, "no memory for a core");
	o->core.pid = pid;
	o->core.start_boot_ns = start;
	v[cs->n++] = o;
	*ret = o;
	return 0;
}

static int get(struct cores *cs, struct one **ret, uint32_t pid, uint64_t start,
	struct err *e)
{
	*ret = find(cs, pid, start);
	return *ret ? 0 : add(cs, ret, pid, start, e);
}

/* What makes no sense of one process must not end the others. */
static int note(struct one *o, int r, const struct err *why, struct err *e)
{
	if (r == 0 || r == -EBADMSG) {
		if (r < 0 && !o->why.msg[0])
			o->why = *why;
		return 0;
	}
	return err_set(e, r, "%s", why->msg);
}

int cores_see(struct cores *cs, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__ProcessCore *core = m->process_core;
	const Icecore__V1__ProcessPages *pages = m->process_pages;
	struct err why = { 0 };
	struct one *o;
	int r = 0;

	pthread_mutex_lock(&cs->lock);
	if (m->body_case == ICECORE__V1__RECORD__BODY_PROCESS_CORE) {
		r = get(cs, &o, core->pid, core->start_boot_ns, e);
		if (r == 0)
			r = note(o, core_describe(&o->core, core, &why), &why, e);
	} else if (m->body_case == ICECORE__V1__RECORD__BODY_PROCESS_PAGES) {
		r = get(cs, &o, pages->pid, pages->start_boot_ns, e);
		if (r == 0)
			r = note(o, core_pages(&o->core, pages, &why), &why, e);
	}
	pthread_mutex_unlock(&cs->lock);
	return r;
}

static void name_it(const struct cores *cs, size_t i)
{
	struct one *o = cs->v[i];
	bool taken = false;

	for (size_t k = 0; k < i; k++)
		taken |= cs->v[k]->core.pid == o->core.pid;
	if (taken)
		(void)snprintf(o->name, sizeof(o->name), "%u-%" PRIu64,
			o->core.pid, o->core.start_boot_ns);
	else
		(void)snprintf(o->name, sizeof(o->name), "%u", o->core.pid);
}

static int open_dir(int outfd, struct err *e)
{
	if (mkdirat(outfd, "cores", 0700) < 0 && errno != EEXIST)
		return err_sys(e, "mkdir cores");
	return io_open(outfd, "cores", O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, e);
}

static int create(struct one *o, int dir, struct err *e)
{
	char name[NAME_CHARS + 8];
	struct err why = { 0 };
	int r = 0;

	if (!o->core.described && !o->why.msg[0])
		(void)err_set(&o->why, -EBADMSG, "nothing says what it is");
	if (!o->why.msg[0])
		r = note(o, core_sort(&o->core, &why), &why, e);
	if (r < 0 || o->why.msg[0])
		return r;
	(void)snprintf(name, sizeof(name), "%s.core", o->name);
	return core_file_create(&o->file, dir, name, &o->core, e);
}

int cores_create(struct cores *cs, int outfd, struct err *e)
{
	int r = 0;

	if (!cs->n)
		return 0;
	cs->dir = open_dir(outfd, e);
	if (cs->dir < 0)
		return cs->dir;
	for (size_t i = 0; r == 0 && i < cs->n; i++) {
		name_it(cs, i);
		r = create(cs->v[i], cs->dir, e);
	}
	return r;
}

int cores_write(
	struct cores *cs, const Icecore__V1__ProcessPages *m, struct err *e)
{
	/* Nothing is added in the second pass. */
	const struct one *o = find(cs, m->pid, m->start_boot_ns);
	uint64_t at = m->start;
	size_t used = 0;
	int r = 0;

	for (size_t i = 0; o && o->file && r == 0 && i < m->n_runs; i++) {
		const Icecore__V1__CorePages *p = m->runs[i];

		if (p->status ==
			ICECORE__V1__CORE_PAGE_STATUS__CORE_PAGE_STATUS_DATA) {
			r = core_file_write(o->file, at, m->data.data + used,
				(size_t)p->bytes, e);
			used += p->bytes;
		}
		at += p->bytes;
	}
	/* Pages of no mapping. */
	return r == -ERANGE ? err_set(e, -EBADMSG, "%s", "stray pages") : r;
}

static json_t *run_json(const struct core_run *r)
{
	return json_pack("{s:o, s:o}", "start", json_hex(r->start), "end",
		json_hex(r->end));
}

static json_t *runs_json(const struct core *c, int status)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < c->runs_n; i++)
		if (c->runs[i].status == status)
			list = json_append(list, run_json(&c->runs[i]));
	return list;
}

static uint64_t bytes_of(const struct core *c, int status)
{
	uint64_t n = 0;

	for (size_t i = 0; i < c->runs_n; i++)
		if (c->runs[i].status == status)
			n += c->runs[i].end - c->runs[i].start;
	return n;
}

/* "memory of process 42" */
static json_t *gaps_json(const struct core *c, const struct extract_result *res)
{
	json_t *list = json_array();
	char what[64];

	(void)snprintf(what, sizeof(what), "memory of process %u", c->pid);
	for (size_t i = 0; list && i < res->gaps_n; i++) {
		const struct extract_gap *g = &res->gaps[i];
		struct core_run run = { g->range.start, g->range.end, 0 };
		json_t *j;

		if (g->kind != ICECORE__V1__GAP_KIND__GAP_KIND_PROCESS ||
			strncmp(g->text, what, strlen(what)) != 0)
			continue;
		j = run_json(&run);
		if (j && json_object_set_new(j, "reason", json_text(g->text)) <
				 0) {
			json_decref(j);
			j = NULL;
		}
		list = json_append(list, j);
	}
	return list;
}

static json_t *unknown_json(const struct core *c)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < c->threads_n; i++)
		if (!c->threads[i].registers_len)
			list = json_append(list, json_integer(c->threads[i].tid));
	return list;
}

static json_t *one_json(const struct one *o, const struct extract_result *res)
{
	const struct core *c = &o->core;
	const int zero = ICECORE__V1__CORE_PAGE_STATUS__CORE_PAGE_STATUS_ZERO;
	const int data = ICECORE__V1__CORE_PAGE_STATUS__CORE_PAGE_STATUS_DATA;
	const int in_file =
		ICECORE__V1__CORE_PAGE_STATUS__CORE_PAGE_STATUS_IN_FILE;

	return json_pack("{s:i, s:I, s:o, s:b, s:I, s:I, s:I, s:I, s:o, s:o, s:o, "
			 "s:o}",
		"pid", (int)c->pid, "start_boot_ns",
		(json_int_t)c->start_boot_ns, "comm", json_text(c->comm),
		"frozen", c->frozen, "threads", (json_int_t)c->threads_n,
		"data_bytes", (json_int_t)bytes_of(c, data), "zero_bytes",
		(json_int_t)bytes_of(c, zero), "in_file_bytes",
		(json_int_t)bytes_of(c, in_file), "in_file",
		runs_json(c, in_file), "threads_without_registers",
		unknown_json(c), "gaps", gaps_json(c, res), "no_core_because",
		o->file ? json_null() : json_text(o->why.msg));
}

static int finish(const struct one *o, int dir,
	const struct extract_result *res, struct err *e)
{
	AUTO_CLOSE int fd = -1;
	AUTO_JSON json_t *j = NULL;
	char name[NAME_CHARS + 8];
	int r = o->file ? core_file_finish(o->file, e) : 0;

	if (r < 0)
		return r;
	(void)snprintf(name, sizeof(name), "%s.json", o->name);
	fd = io_open(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0600, e);
	if (fd < 0)
		return fd;
	j = one_json(o, res);
	r = json_print(fd, j, e);
	return r < 0 ? r : io_fsync(fd, e);
}

int cores_finish(
	struct cores *cs, const struct extract_result *res, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < cs->n; i++)
		r = finish(cs->v[i], cs->dir, res, e);
	return r;
}
