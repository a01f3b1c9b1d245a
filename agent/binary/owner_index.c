// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "binary/owner_index.h"

enum { KEYS_MIN = 64, LINK_BYTES = 64, USR = 4 };

static size_t hash(struct slice s)
{
	uint64_t h = 14695981039346656037ULL; /* FNV-1a */

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (uint8_t)s.p[i]) * 1099511628211ULL;
	return (size_t)(h ^ h >> 32);
}

static bool same(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
}

int owner_index_add(
	struct owner_index *ix, const struct owner_key *key, struct err *e)
{
	if (ix->n == ix->cap) {
		size_t cap = ix->cap ? ix->cap * 2 : KEYS_MIN;
		struct owner_key *more = reallocarray(ix->v, cap, sizeof(*more));

		if (!more)
			return err_set(e, -ENOMEM, "no memory for packages");
		ix->v = more;
		ix->cap = cap;
	}
	ix->v[ix->n++] = *key;
	return 0;
}

int owner_index_close(struct owner_index *ix, struct err *e)
{
	size_t n = KEYS_MIN;

	while (n < 2 * ix->n)
		n *= 2;
	ix->mask = n - 1;
	ix->heads = calloc(n, sizeof(*ix->heads));
	if (!ix->heads)
		return err_set(e, -ENOMEM, "no memory for packages");
	for (size_t i = 0; i < ix->n; i++) {
		size_t *head = &ix->heads[hash(ix->v[i].path) & ix->mask];

		ix->v[i].next = *head;
		*head = i + 1;
	}
	return 0;
}

void owner_index_done(struct owner_index *ix)
{
	free(ix->v);
	free(ix->heads);
	*ix = (struct owner_index){ 0 };
}

ptrdiff_t owner_index_next(const struct owner_index *ix, size_t *at,
	struct slice path, struct slice package)
{
	size_t i = *at ? ix->v[*at - 1].next : ix->heads[hash(path) & ix->mask];

	for (; i; i = ix->v[i - 1].next) {
		const struct owner_key *k = &ix->v[i - 1];

		if (!same(k->path, path) ||
			(k->only.len && !same(k->only, package)) ||
			(k->not_of.len && same(k->not_of, package)))
			continue;
		*at = i;
		return (ptrdiff_t)k->asked;
	}
	return -1;
}

/* Whether /${name} of the root is a link to usr/${name}. */
static bool is_merged(int rootfd, struct slice name)
{
	char want[LINK_BYTES], got[LINK_BYTES], link[LINK_BYTES / 2];
	ssize_t n;

	if (name.len >= sizeof(link))
		return false;
	(void)snprintf(link, sizeof(link), "%.*s", (int)name.len, name.p);
	(void)snprintf(want, sizeof(want), "usr/%s", link);
	n = readlinkat(rootfd, link, got, sizeof(got) - 1);
	if (n < 0)
		return false;
	got[n] = 0;
	return strcmp(got + (*got == '/'), want) == 0;
}

struct slice owner_index_merged(struct slice path, int rootfd)
{
	struct slice none = { "", 0 }, name = { path.p + USR + 1, 0 };
	const char *slash;

	if (!slice_begins(path, "/usr/"))
		return none;
	slash = memchr(name.p, '/', path.len - USR - 1);
	if (!slash)
		return none;
	name.len = (size_t)(slash - name.p);
	if (!is_merged(rootfd, name))
		return none;
	return (struct slice){ path.p + USR, path.len - USR };
}
