// SPDX-License-Identifier: Apache-2.0
/*
 * Files that run, that ran, or that are only in memory: what they are, whose,
 * why they are suspicious, and the content of those that are.
 */
#include <errno.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/err.h"
#include "binary/slow.h"
#include "collect/binary_internal.h"
#include "collect/collector_internal.h"
#include "stream/writer.h"

enum { DESCRIPTORS = BINARY_FILES_MAX + 2048 };

int binary_gap(
	struct binaries *b, const char *what, const char *why, struct err *e)
{
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;

	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_LIVE;
	gap.what = (char *)(uintptr_t)what;
	gap.reason = (char *)(uintptr_t)why;
	return writer_gap(b->w, &gap, e);
}

/* Files are held by descriptor: as many as this process may have. */
static void raise_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= DESCRIPTORS)
		return;
	l.rlim_cur = l.rlim_max < DESCRIPTORS ? l.rlim_max : DESCRIPTORS;
	(void)setrlimit(RLIMIT_NOFILE, &l);
}

/* Whose files of one root are. */
static int find_owners(struct binaries *b, uint32_t root, struct err *e)
{
	struct binary_table *t = &b->table;
	struct owner *v = calloc(t->files_n + 1, sizeof(*v));
	struct err why = { 0 };
	size_t n = 0;
	int r;

	if (!v)
		return err_set(e, -ENOMEM, "no memory for packages");
	for (size_t i = 0; i < t->files_n; i++)
		if (t->files[i].root == root && t->files[i].path_at)
			v[n++].path = binary_text(t, t->files[i].path_at);
	if (b->owners_stuck < BINARY_OWNERS_STUCK_MAX)
		r = owner_find_timed(v, n, t->roots[root - 1].fd,
			BINARY_OWNER_WAIT_NS, &why);
	else
		r = err_set(&why, -ETIMEDOUT,
			"not asked: those of %d others do not answer",
			BINARY_OWNERS_STUCK_MAX);
	b->owners_stuck += r == -ETIMEDOUT;
	t->roots[root - 1].packages = r > 0;
	for (size_t i = 0, k = 0; r > 0 && i < t->files_n; i++)
		if (t->files[i].root == root && t->files[i].path_at)
			t->files[i].owner = v[k++];
	free(v);
	if (r == -ENOMEM)
		return err_set(e, r, "%s", why.msg);
	return r < 0 ? binary_gap(b, "packages of binaries", why.msg, e) : 0;
}

static int put_losses(struct binaries *b, struct err *e)
{
	struct err why = { 0 };

	if (!b->table.lost)
		return 0;
	(void)err_set(&why, -EFBIG, "%llu files or uses past the maximum",
		(unsigned long long)b->table.lost);
	return binary_gap(b, "binaries", why.msg, e);
}

static int put_files(struct binaries *b, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->table.files_n; i++) {
		uint64_t took = clock_ns(CLOCK_MONOTONIC) - b->began_ns;
		const char *why = NULL;

		if (*b->env->interrupted)
			why = "interrupted";
		else if (took / 1000000000 > BINARY_SECONDS)
			why = "they take too long";
		if (why) {
			r = binary_gap(b, "binaries", why, e);
			return r < 0 ? r : *b->env->interrupted ? 1 : 0;
		}
		r = binary_examine(b, &b->table.files[i], e);
	}
	return r;
}

static int run(struct binaries *b, struct err *e)
{
	int r = binary_table_init(&b->table, e);

	if (r == 0)
		r = slow_new(&b->slow, BINARY_WAIT_NS, e);
	if (r == 0)
		r = binary_gather(b, e);
	for (uint32_t i = 1; r == 0 && i <= b->table.roots_n; i++)
		r = find_owners(b, i, e);
	if (r == 0)
		r = put_losses(b, e);
	return r < 0 ? r : put_files(b, e);
}

static int binary_run(
	const struct collect_env *env, struct writer *w, struct err *e)
{
	struct binaries *b = calloc(1, sizeof(*b));
	int r;

	if (!b)
		return err_set(e, -ENOMEM, "no memory for binaries");
	b->env = env;
	b->w = w;
	b->began_ns = clock_ns(CLOCK_MONOTONIC);
	b->left_bytes = env->binaries_bytes ? env->binaries_bytes
					    : COLLECT_BINARIES_BYTES;
	b->contents = calloc(BINARY_CONTENTS_MAX, sizeof(*b->contents));
	raise_limit();
	r = b->contents ? run(b, e)
			: err_set(e, -ENOMEM, "no memory for binaries");
	binary_table_done(&b->table);
	slow_free(b->slow);
	free(b->contents);
	free(b);
	return r;
}

const struct collector collector_binary = {
	.name = "binary",
	.title = "programs, libraries and scripts that run, and why they are suspicious",
	.run = binary_run,
};
