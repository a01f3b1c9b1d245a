// SPDX-License-Identifier: Apache-2.0
/* From volumes to the tree that the host had. */
#include <errno.h>
#include <fcntl.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/path.h"
#include "disk/root.h"
#include "volume/file_system.h"
#include "volume/loop.h"
#include "volume/volume_internal.h"

static struct volume_stack *new_stack(void)
{
	struct volume_stack *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->stage.fd = s->root = -1;
	for (size_t i = 0; i < VOLUMES_MAX; i++)
		s->volumes[i].fd = s->volumes[i].mapping.control = -1;
	for (size_t i = 0; i < VOLUME_DEVICES_MAX; i++)
		s->devices[i].fd = s->devices[i].mapping.control = -1;
	return s;
}

static void close_all(struct volume_device *d, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (d[i].mapping.control >= 0)
			dm_detach(&d[i].mapping, d[i].fd);
		else if (d[i].fd >= 0)
			(void)close(d[i].fd);
}

void volume_stack_free(struct volume_stack *s)
{
	if (!s)
		return;
	if (s->root >= 0)
		(void)close(s->root);
	stage_leave(&s->stage);
	/* What holds the others first. */
	close_all(s->volumes, VOLUMES_MAX);
	close_all(s->devices, VOLUME_DEVICES_MAX);
	free(s);
}

/* The devices on which the pieces of a mapping lie, each as a loop device. */
static int open_under(struct volumes *v, const struct map *map,
	dev_t ret[VOLUME_DEVICES_MAX], struct err *e)
{
	struct volume_stack *s = v->stack;

	for (size_t i = 0; i < map->n; i++)
		for (unsigned k = 0; k < map->v[i].stripes_n; k++) {
			unsigned n = map->v[i].stripes[k].device;
			struct volume_device *d = &s->devices[n];

			if (d->fd < 0)
				d->fd = loop_attach(&d->dev, &s->stage,
					v->fds[n], 0, v->bytes[n], e);
			if (d->fd < 0)
				return d->fd;
			ret[n] = d->dev;
		}
	return 0;
}

int volume_device(struct volumes *v, const struct volume *one, struct err *e)
{
	size_t n = (size_t)(one - v->v);
	struct volume_device *d = &v->stack->volumes[n];
	const struct map_piece *plain = map_plain(&one->map);
	dev_t under[VOLUME_DEVICES_MAX] = { 0 };
	int r = 0;

	if (d->fd >= 0)
		return (int)n;
	if (plain) {
		r = d->fd = loop_attach(&d->dev, &v->stack->stage,
			v->fds[plain->stripes[0].device],
			plain->stripes[0].start_bytes, plain->bytes, e);
	} else {
		r = open_under(v, &one->map, under, e);
		if (r == 0)
			r = d->fd = dm_attach(&d->mapping, &d->dev,
				&v->stack->stage, &one->map, under, e);
	}
	return r < 0 ? r : (int)n;
}

/* Mount it; nowhere yet.  What was done is in ${ret}. */
static int mount_volume(struct volume_mount *ret, struct volumes *v,
	const struct volume *one, const struct fstab_line *line, struct err *e)
{
	struct file_system fs = { .type = one->content.type,
		.subvolume = line->subvolume,
		.subvolume_id = line->subvolume_id };
	int n = volume_device(v, one, e);

	if (n < 0)
		return n;
	fs.dev = v->stack->volumes[n].dev;
	*ret = (struct volume_mount){ .volume = one };
	(void)snprintf(ret->where, sizeof(ret->where), "%s", line->where);
	if (*line->subvolume)
		(void)snprintf(ret->subvolume, sizeof(ret->subvolume), "%s",
			line->subvolume);
	else if (line->subvolume_id)
		(void)snprintf(ret->subvolume, sizeof(ret->subvolume),
			"subvolid=%llu", line->subvolume_id);
	return file_system_mount(ret->options, &v->stack->stage, &fs, e);
}

static int mount_root(struct volumes *v, const struct volume *one,
	const char *subvolume, struct err *e)
{
	struct fstab_line line = { .where = "/" };
	struct volume_stack *s = v->stack;
	int r;

	(void)snprintf(line.subvolume, sizeof(line.subvolume), "%s", subvolume);
	r = s->root = mount_volume(&v->mounts[0], v, one, &line, e);
	if (r >= 0)
		r = stage_root(&s->stage, s->root, e);
	if (r < 0)
		return r;
	v->mounts_n = 1;
	(void)snprintf(v->root, sizeof(v->root), "/proc/self/fd/%d", s->root);
	return 0;
}

/* Why a line could not be followed: at its volume, when there is one. */
static int miss(struct volumes *v, const struct fstab_line *line,
	struct volume *one, const char *why, struct err *e)
{
	char what[VOLUME_PATH_CHARS];

	if (one && !*one->why_not)
		volume_refuse(one, why);
	(void)snprintf(what, sizeof(what), "%.400s (%.400s of the fstab)",
		line->where, line->spec);
	return volume_gap(v, what, why, e);
}

static bool same_subvolume(const char *a, const char *b)
{
	return strcmp(a + strspn(a, "/"), b + strspn(b, "/")) == 0;
}

/* The root is mounted already: is it what the fstab says? */
static int check_root(struct volumes *v, const struct fstab_line *line,
	struct volume *one, struct err *e)
{
	const struct volume_mount *root = &v->mounts[0];

	if (one != root->volume)
		return miss(v, line, NULL,
			"the root is another volume than its fstab says", e);
	if (*line->subvolume && !same_subvolume(line->subvolume, root->subvolume))
		return miss(v, line, NULL,
			"the root is another subvolume than its fstab says", e);
	return 0;
}

static int attach(struct volumes *v, const struct volume *one,
	const struct fstab_line *line, struct err *e)
{
	struct volume_mount *m = &v->mounts[v->mounts_n];
	AUTO_CLOSE int mount = -1, at = -1;
	int r;

	if (v->mounts_n == VOLUME_MOUNTS_MAX)
		return err_set(
			e, -E2BIG, "more than %d mounts", VOLUME_MOUNTS_MAX);
	/* Behind links too, but never out of the root. */
	at = path_open(v->stack->root, line->where, O_PATH | O_DIRECTORY, e);
	if (at < 0)
		return at;
	mount = mount_volume(m, v, one, line, e);
	if (mount < 0)
		return mount;
	r = stage_attach(mount, at, e);
	if (r < 0)
		return r;
	v->mounts_n++;
	return line->by == FSTAB_BY_POSITION ? 1 : 0;
}

static int follow(struct volumes *v, const struct fstab_line *line, struct err *e)
{
	struct volume *one = volume_match(v, line, v->mounts[0].volume);
	struct err why = { 0 };
	int r = volume_is_cut(v, e);

	if (r < 0)
		return r;
	if (!one)
		return miss(
			v, line, NULL, "it is on no device that was given", e);
	if (fstab_depth(line->where) == 0)
		return check_root(v, line, one, e);
	if (*one->why_not)
		return miss(v, line, NULL, one->why_not, e);
	r = attach(v, one, line, &why);
	if (r < 0)
		return miss(v, line, one, why.msg, e);
	return r ? miss(v, line, NULL,
			   "by the number of its partition, which is a guess", e)
		 : 0;
}

/* Parents first: "/var" before "/var/log". */
static int by_depth(const void *a, const void *b)
{
	const struct fstab_line *x = a, *y = b;
	size_t dx = fstab_depth(x->where), dy = fstab_depth(y->where);

	return dx < dy ? -1 : dx > dy;
}

static int follow_all(struct volumes *v, struct slice text, struct err *e)
{
	AUTO_FREE struct fstab_line *lines =
		calloc(FSTAB_LINES_MAX, sizeof(*lines));
	struct fstab_line more;
	size_t n = 0;
	int r = 0;

	if (!lines)
		return err_set(e, -ENOMEM, "no memory for the fstab");
	while (n < FSTAB_LINES_MAX && fstab_next(&lines[n], &text))
		n++;
	if (n == FSTAB_LINES_MAX && fstab_next(&more, &text))
		r = volume_gap(
			v, "/etc/fstab", "more lines than are followed", e);
	qsort(lines, n, sizeof(*lines), by_depth);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = follow(v, &lines[i], e);
	return r;
}

static int follow_fstab(struct volumes *v, struct err *e)
{
	const struct disk_root root = { .fd = v->stack->root, .read_only = true };
	AUTO_BUF struct buf text = { 0 };
	struct err why = { 0 };
	int r;

	buf_init(&text, FSTAB_BYTES);
	r = root_slurp(&root, "/etc/fstab", &text, &why);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return volume_gap(v, "/etc/fstab", why.msg, e);
	return follow_all(
		v, (struct slice){ (const char *)text.data, text.len }, e);
}

/* What could be mounted and has no place. */
static void tell_unused(struct volumes *v)
{
	for (size_t i = 0; i < v->n; i++) {
		bool used = false;

		for (size_t k = 0; k < v->mounts_n; k++)
			used = used || v->mounts[k].volume == &v->v[i];
		if (used)
			v->v[i].why_not[0] = 0;
		else if (!*v->v[i].why_not)
			volume_refuse(&v->v[i], "no line of the fstab names it");
	}
}

int volumes_mount(struct volumes *v, struct err *e)
{
	const char *subvolume = "";
	struct volume *root;
	int r;

	v->stack = new_stack();
	if (!v->stack)
		return err_set(e, -ENOMEM, "no memory for mounts");
	r = stage_enter(&v->stack->stage, e);
	if (r == 0)
		r = volume_choose(&root, &subvolume, v, e);
	if (r == 0)
		r = mount_root(v, root, subvolume, e);
	if (r == 0)
		r = follow_fstab(v, e);
	if (r == 0)
		tell_unused(v);
	return r;
}
