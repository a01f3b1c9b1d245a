// SPDX-License-Identifier: Apache-2.0
#include <elf.h>
#include <errno.h>

#include "base/err.h"
#include "lab/core_model.h"

/* Room for one more of ${bytes} each, at most ${max} of them. */
static int grow(void **v, size_t *cap, size_t n, size_t max, size_t bytes,
	struct err *e)
{
	size_t want = *cap ? *cap * 2 : 64;
	void *more;

	if (n < *cap)
		return 0;
	if (n >= max)
		return err_set(
			e, -EBADMSG, "more of a process than there can be");
	more = reallocarray(*v, want, bytes);
	if (!more)
		return err_set(e, -ENOMEM, "no memory for a core");
	*v = more;
	*cap = want;
	return 0;
}

#define GROW(c, list, max, e)                                                  \
	grow((void **)&(c)->list, &(c)->list##_cap, (c)->list##_n, (max),      \
		sizeof(*(c)->list), (e))

static void copy_text(char *ret, size_t cap, const ProtobufCBinaryData *from)
{
	size_t n = from->len < cap - 1 ? from->len : cap - 1;

	memset(ret, 0, cap);
	if (n)
		memcpy(ret, from->data, n);
}

static int add_thread(
	struct core *c, const Icecore__V1__ThreadRegisters *m, struct err *e)
{
	struct core_thread *t;
	int r = GROW(c, threads, CORE_THREADS_MAX, e);

	if (r < 0)
		return r;
	t = &c->threads[c->threads_n++];
	*t = (struct core_thread){ .tid = m->tid };
	if (m->general.len > sizeof(t->registers))
		return err_set(e, -EBADMSG, "more registers than there are");
	if (!m->general.len)
		return 0;
	memcpy(t->registers, m->general.data, m->general.len);
	t->registers_len = (uint32_t)m->general.len;
	return 0;
}

static uint32_t flags_of(const char *protection)
{
	uint32_t flags = 0;

	if (!protection || strlen(protection) < 3)
		return 0;
	flags |= protection[0] == 'r' ? PF_R : 0;
	flags |= protection[1] == 'w' ? PF_W : 0;
	flags |= protection[2] == 'x' ? PF_X : 0;
	return flags;
}

/* Of a file; what is in brackets is of none. */
static int add_path(struct core *c, struct core_mapping *to,
	const ProtobufCBinaryData *path, struct err *e)
{
	size_t want = c->paths_len + path->len + 2;
	char *more;

	if (!path->len || path->data[0] == '[' ||
		memchr(path->data, 0, path->len))
		return 0;
	if (want > CORE_PATH_BYTES_MAX)
		return err_set(e, -EBADMSG, "longer paths than there can be");
	if (want > c->paths_cap) {
		more = realloc(c->paths, want * 2);
		if (!more)
			return err_set(e, -ENOMEM, "no memory for paths");
		c->paths = more;
		c->paths_cap = want * 2;
	}
	if (!c->paths_len)
		c->paths[c->paths_len++] = 0;
	to->path = (uint32_t)c->paths_len;
	memcpy(c->paths + c->paths_len, path->data, path->len);
	c->paths_len += path->len;
	c->paths[c->paths_len++] = 0;
	return 0;
}

static int add_mapping(
	struct core *c, const Icecore__V1__Mapping *m, struct err *e)
{
	struct core_mapping *to;
	int r = GROW(c, mappings, CORE_MAPPINGS_MAX, e);

	if (r < 0)
		return r;
	if (m->start >= m->end)
		return err_set(e, -EBADMSG, "a mapping without memory");
	to = &c->mappings[c->mappings_n++];
	*to = (struct core_mapping){ .start = m->start,
		.end = m->end,
		.offset = m->offset,
		.flags = flags_of(m->protection) };
	return m->has_inode && m->inode ? add_path(c, to, &m->path, e) : 0;
}

static int describe_first(
	struct core *c, const Icecore__V1__ProcessCore *m, struct err *e)
{
	if (m->machine > UINT16_MAX || m->page_bytes < 4096 ||
		m->page_bytes > (1 << 20) || m->page_bytes & (m->page_bytes - 1) ||
		m->auxv.len > sizeof(c->auxv))
		return err_set(e, -EBADMSG, "no such machine");
	c->described = true;
	c->frozen = m->frozen;
	c->machine = m->machine;
	c->page_bytes = m->page_bytes;
	c->ppid = m->ppid;
	c->pgid = m->pgid;
	c->session = m->session;
	c->uid = m->uid;
	c->gid = m->gid;
	c->state = m->state && m->state[0] ? m->state[0] : 'R';
	copy_text(c->comm, sizeof(c->comm), &m->comm);
	copy_text(c->arguments, sizeof(c->arguments), &m->arguments);
	for (size_t i = 0; i + 1 < sizeof(c->arguments) && i < m->arguments.len;
		i++)
		if (!c->arguments[i])
			c->arguments[i] = ' ';
	c->auxv_len = m->auxv.len;
	if (m->auxv.len)
		memcpy(c->auxv, m->auxv.data, m->auxv.len);
	return 0;
}

int core_describe(
	struct core *c, const Icecore__V1__ProcessCore *m, struct err *e)
{
	int r = m->continued ? 0 : describe_first(c, m, e);

	for (size_t i = 0; r == 0 && i < m->n_threads; i++)
		r = add_thread(c, m->threads[i], e);
	for (size_t i = 0; r == 0 && i < m->n_mappings; i++)
		r = add_mapping(c, m->mappings[i], e);
	return r;
}

int core_pages(struct core *c, const Icecore__V1__ProcessPages *m, struct err *e)
{
	uint64_t at = m->start;
	size_t data = 0;

	for (size_t i = 0; i < m->n_runs; i++) {
		const Icecore__V1__CorePages *p = m->runs[i];
		struct core_run *run;
		uint64_t end;
		int r = GROW(c, runs, CORE_RUNS_MAX, e);

		if (r < 0)
			return r;
		if (!p->bytes || __builtin_add_overflow(at, p->bytes, &end) ||
			p->status <
				ICECORE__V1__CORE_PAGE_STATUS__CORE_PAGE_STATUS_DATA ||
			p->status >
				ICECORE__V1__CORE_PAGE_STATUS__CORE_PAGE_STATUS_IN_FILE)
			return err_set(e, -EBADMSG, "impossible pages");
		run = &c->runs[c->runs_n++];
		*run = (struct core_run){ at, end, (int)p->status };
		if (p->status ==
			ICECORE__V1__CORE_PAGE_STATUS__CORE_PAGE_STATUS_DATA) {
			if (p->bytes > m->data.len - data)
				return err_set(e, -EBADMSG,
					"pages with too few bytes");
			data += p->bytes;
		}
		at = end;
	}
	return data == m->data.len
		       ? 0
		       : err_set(e, -EBADMSG, "pages with too many bytes");
}

static int by_start_of_mapping(const void *a, const void *b)
{
	const struct core_mapping *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static int by_start_of_run(const void *a, const void *b)
{
	const struct core_run *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static int by_tid(const void *a, const void *b)
{
	const struct core_thread *x = a, *y = b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

/* gdb takes the first one for the one that matters. */
static void leader_first(struct core *c)
{
	for (size_t i = 1; i < c->threads_n; i++) {
		struct core_thread leader = c->threads[i];

		if (leader.tid != c->pid)
			continue;
		memmove(&c->threads[1], &c->threads[0], i * sizeof(*c->threads));
		c->threads[0] = leader;
		return;
	}
}

int core_sort(struct core *c, struct err *e)
{
	if (c->threads_n)
		qsort(c->threads, c->threads_n, sizeof(*c->threads), by_tid);
	leader_first(c);
	if (c->mappings_n)
		qsort(c->mappings, c->mappings_n, sizeof(*c->mappings),
			by_start_of_mapping);
	if (c->runs_n)
		qsort(c->runs, c->runs_n, sizeof(*c->runs), by_start_of_run);
	for (size_t i = 1; i < c->mappings_n; i++)
		if (c->mappings[i].start < c->mappings[i - 1].end)
			return err_set(e, -EBADMSG, "mappings overlap");
	for (size_t i = 1; i < c->runs_n; i++)
		if (c->runs[i].start < c->runs[i - 1].end)
			return err_set(e, -EBADMSG, "pages overlap");
	return 0;
}

void core_done(struct core *c)
{
	free(c->threads);
	free(c->mappings);
	free(c->runs);
	free(c->paths);
	*c = (struct core){ 0 };
}
