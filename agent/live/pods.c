// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dirents.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "live/pods.h"

enum { STEP = 64 };

static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
static const char name_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
static const char hex[] = "0123456789abcdef";

/* Copy [${from}, ${end}) when all of it is of ${allowed} and it fits. */
static int take(char *ret, size_t cap, const char *from, const char *end,
	const char *allowed)
{
	size_t n = (size_t)(end - from);

	if (!n || n >= cap || strspn(from, allowed) < n)
		return -1;
	memcpy(ret, from, n);
	ret[n] = 0;
	return 0;
}

int pods_parse(struct pod *ret, const char *name)
{
	const char *first = strchr(name, '_');
	const char *last = strrchr(name, '_');

	if (!first || first == last)
		return -1;
	*ret = (struct pod){ .uid = "" };
	if (take(ret->namespace, sizeof(ret->namespace), name, first, lower) ||
		take(ret->name, sizeof(ret->name), first + 1, last, name_chars))
		return -1;
	return take(ret->uid, sizeof(ret->uid), last + 1, last + strlen(last),
		lower);
}

int pods_parse_container(struct pod_container *ret, const char *name)
{
	static const char ending[] = ".log";
	const char *first = strchr(name, '_');
	const char *second = first ? strchr(first + 1, '_') : NULL;
	const char *dash = strrchr(name, '-');
	const char *end = name + strlen(name) - (sizeof(ending) - 1);

	if (!second || !dash || dash < second || end < dash ||
		strcmp(end, ending) != 0)
		return -1;
	*ret = (struct pod_container){ .id = "" };
	if (take(ret->pod, sizeof(ret->pod), name, first, name_chars) ||
		take(ret->namespace, sizeof(ret->namespace), first + 1, second,
			lower) ||
		take(ret->name, sizeof(ret->name), second + 1, dash, lower))
		return -1;
	return take(ret->id, sizeof(ret->id), dash + 1, end, hex);
}

/* Room for one more of ${bytes} each; 0 when there is, 1 when there may be no
 * more. */
static int grow(void **v, size_t n, size_t bytes, struct err *e)
{
	void *more;

	if (n == PODS_MAX)
		return 1;
	if (n % STEP)
		return 0;
	more = reallocarray(*v, n + STEP, bytes);
	if (!more)
		return err_set(e, -ENOMEM, "no memory for pods");
	*v = more;
	return 0;
}

static int see_pod(void *arg, const struct dirents_entry *entry, struct err *e)
{
	struct pods *p = arg;
	void *v = p->pods;
	int r = grow(&v, p->pods_n, sizeof(*p->pods), e);

	p->pods = v;
	if (r == 0 && pods_parse(&p->pods[p->pods_n], entry->name) == 0)
		p->pods_n++;
	return r < 0 ? r : 0;
}

static int see_container(
	void *arg, const struct dirents_entry *entry, struct err *e)
{
	struct pods *p = arg;
	void *v = p->containers;
	int r = grow(&v, p->containers_n, sizeof(*p->containers), e);

	p->containers = v;
	if (r == 0 && pods_parse_container(&p->containers[p->containers_n],
			      entry->name) == 0)
		p->containers_n++;
	return r < 0 ? r : 0;
}

static int read_names(struct pods *p, int root, const char *path,
	dirents_see *see, struct err *e)
{
	AUTO_CLOSE int fd =
		path_open(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, NULL);
	struct dirents_seen seen;
	int r;

	if (fd < 0)
		return 0;
	r = dirents_read(&seen, fd, see, p, e);
	return r == -ENOMEM ? r : 0;
}

static int by_uid(const void *a, const void *b)
{
	return strcmp(((const struct pod *)a)->uid, ((const struct pod *)b)->uid);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct pod_container *)a)->id,
		((const struct pod_container *)b)->id);
}

int pods_read(struct pods *ret, int proc, struct err *e)
{
	AUTO_CLOSE int root =
		io_open(proc, "1/root", O_PATH | O_DIRECTORY, 0, NULL);
	int r = 0;

	if (root < 0)
		return 0;
	r = read_names(ret, root, "var/log/pods", see_pod, e);
	if (r == 0)
		r = read_names(ret, root, "var/log/containers", see_container, e);
	if (r < 0) {
		pods_done(ret);
		return r;
	}
	if (ret->pods_n)
		qsort(ret->pods, ret->pods_n, sizeof(*ret->pods), by_uid);
	if (ret->containers_n)
		qsort(ret->containers, ret->containers_n,
			sizeof(*ret->containers), by_id);
	return 0;
}

void pods_done(struct pods *p)
{
	free(p->pods);
	free(p->containers);
	*p = (struct pods){ 0 };
}

const struct pod *pods_find(const struct pods *p, const char *uid)
{
	struct pod key;

	if (!p->pods_n)
		return NULL;
	(void)snprintf(key.uid, sizeof(key.uid), "%s", uid);
	return bsearch(&key, p->pods, p->pods_n, sizeof(key), by_uid);
}

const struct pod_container *pods_container(const struct pods *p, const char *id)
{
	struct pod_container key;

	if (!p->containers_n)
		return NULL;
	(void)snprintf(key.id, sizeof(key.id), "%s", id);
	return bsearch(&key, p->containers, p->containers_n, sizeof(key), by_id);
}
