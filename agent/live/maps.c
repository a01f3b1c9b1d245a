// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/num.h"
#include "live/maps.h"

enum {
	STEP = 64,
	PAGEMAP_BYTES = 8, /* an entry */
	PAGEMAP_FILE = 61, /* its bits: of a file, or shared */
	PAGEMAP_SWAPPED = 62,
	PAGEMAP_PRESENT = 63,
};

struct text {
	const char *p;
	const char *end;
};

static bool take(struct text *t, char c)
{
	if (t->p == t->end || *t->p != c)
		return false;
	t->p++;
	return true;
}

static bool number(struct text *t, unsigned base, uint64_t *ret)
{
	const char *start = t->p;
	uint64_t v = 0;

	for (; t->p < t->end; t->p++) {
		unsigned c = (unsigned char)*t->p;
		unsigned d = c >= '0' && c <= '9'		  ? c - '0'
			     : base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10
								  : base;

		if (d >= base)
			break;
		if (__builtin_mul_overflow(v, base, &v) ||
			__builtin_add_overflow(v, d, &v))
			return false;
	}
	*ret = v;
	return t->p > start;
}

static bool protection(struct text *t, char ret[MAPS_PROTECTION_CHARS])
{
	static const char *const letters[] = { "r-", "w-", "x-", "ps" };

	for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
		if (t->p == t->end || !*t->p || !strchr(letters[i], *t->p))
			return false;
		ret[i] = *t->p++;
	}
	ret[ARRAY_LEN(letters)] = 0;
	return true;
}

static bool path_is(const struct mapping *m, const char *name)
{
	return m->path_len == strlen(name) &&
	       memcmp(m->path, name, m->path_len) == 0;
}

static bool path_ends(const struct mapping *m, const char *end)
{
	size_t n = strlen(end);

	return m->path_len >= n && memcmp(m->path + m->path_len - n, end, n) == 0;
}

static bool path_begins(const struct mapping *m, const char *begin)
{
	size_t n = strlen(begin);

	return m->path_len >= n && memcmp(m->path, begin, n) == 0;
}

/* Code that the kernel itself puts into every process. */
static bool is_kernels(const struct mapping *m)
{
	return path_is(m, "[vdso]") || path_is(m, "[vsyscall]") ||
	       path_is(m, "[uprobes]") || path_is(m, "[sigpage]") ||
	       path_is(m, "[vectors]");
}

uint32_t maps_judge(const struct mapping *m)
{
	bool exec = m->protection[2] == 'x';
	uint32_t flags = 0;

	if (exec && !m->inode && !is_kernels(m))
		flags |= MAPPING_ANON_EXEC;
	if (exec && m->protection[1] == 'w')
		flags |= MAPPING_RWX;
	if (exec && path_is(m, "[stack]"))
		flags |= MAPPING_EXEC_STACK;
	if (exec && path_is(m, "[heap]"))
		flags |= MAPPING_EXEC_HEAP;
	if (m->inode && path_begins(m, "/memfd:"))
		flags |= MAPPING_MEMFD;
	if (m->inode && path_ends(m, " (deleted)"))
		flags |= MAPPING_DELETED;
	return flags;
}

/* "START-END r-xp OFFSET MAJOR:MINOR INODE   PATH" */
static bool parse_line(struct mapping *m, struct text t)
{
	uint64_t maj, min;

	if (!number(&t, 16, &m->start) || !take(&t, '-') ||
		!number(&t, 16, &m->end) || !take(&t, ' ') ||
		!protection(&t, m->protection) || !take(&t, ' ') ||
		!number(&t, 16, &m->offset) || !take(&t, ' ') ||
		!number(&t, 16, &maj) || !take(&t, ':') || !number(&t, 16, &min) ||
		!take(&t, ' ') || !number(&t, 10, &m->inode))
		return false;
	if (m->start >= m->end || maj > UINT32_MAX || min > UINT32_MAX)
		return false;
	m->major = (uint32_t)maj;
	m->minor = (uint32_t)min;
	while (take(&t, ' '))
		;
	if (t.end - t.p > MAPS_PATH_BYTES)
		return false;
	m->path = t.p;
	m->path_len = (uint32_t)(t.end - t.p);
	m->flags = maps_judge(m);
	return true;
}

int maps_add(struct maps *ms, const struct mapping *m, struct err *e)
{
	if (ms->n == ms->cap) {
		size_t cap = ms->cap ? ms->cap * 2 : STEP;
		struct mapping *v = reallocarray(ms->v, cap, sizeof(*v));

		if (!v)
			return err_set(e, -ENOMEM, "no memory for mappings");
		ms->v = v;
		ms->cap = cap;
	}
	ms->v[ms->n++] = *m;
	return 0;
}

int maps_parse(struct maps *ret, const char *text, size_t len, struct err *e)
{
	const char *p = text, *end = text + len;

	ret->n = 0;
	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		struct mapping m = { .seen_by = LIVE_BY_PROC };
		int r;

		if (!eol)
			return 0;
		if (ret->n == MAPS_MAX)
			return 1;
		if (!parse_line(&m, (struct text){ p, eol }))
			return err_set(e, -EBADMSG, "no mapping: '%.*s'",
				(int)(eol - p > 80 ? 80 : eol - p), p);
		r = maps_add(ret, &m, e);
		if (r < 0)
			return r;
		p = eol + 1;
	}
	return 0;
}

void maps_done(struct maps *m)
{
	free(m->v);
	*m = (struct maps){ 0 };
}

int maps_is_checked(const struct mapping *m)
{
	return m->inode && m->protection[2] == 'x' && m->protection[3] == 'p';
}

uint64_t maps_changed(const uint8_t *pagemap, size_t len)
{
	uint64_t n = 0;

	for (size_t at = 0; at + PAGEMAP_BYTES <= len; at += PAGEMAP_BYTES) {
		uint64_t v = num_le64(pagemap + at);
		bool present = v >> PAGEMAP_PRESENT & 1;
		bool swapped = v >> PAGEMAP_SWAPPED & 1;

		/* Pages of a file are not swapped: they are read again. */
		if (!(v >> PAGEMAP_FILE & 1) && (present || swapped))
			n++;
	}
	return n;
}
