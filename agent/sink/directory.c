// SPDX-License-Identifier: Apache-2.0
/*
 * Objects as files: written under a temporary name, synced, renamed without
 * replacing, and the directory synced.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "sink/sink_internal.h"

enum { DEPTH = 3, TEMP_CHARS = SINK_NAME_MAX + 8 };

struct directory {
	struct sink sink;
	int fd[DEPTH + 1]; /* destination, case, host, capture */
	char names[DEPTH][SINK_NAME_MAX + 1];
	int made[DEPTH];
};

static void directory_close(struct sink *s)
{
	struct directory *d = (struct directory *)s;

	/* Of the directories that were made here, only empty ones go. */
	for (int i = DEPTH; i > 0; i--) {
		if (d->fd[i] >= 0)
			(void)close(d->fd[i]);
		if (d->made[i - 1])
			(void)unlinkat(
				d->fd[i - 1], d->names[i - 1], AT_REMOVEDIR);
	}
	if (d->fd[0] >= 0)
		(void)close(d->fd[0]);
	free(d);
}

/* Level i of case, host and capture; a capture must be new, or resumed. */
static int enter(struct directory *d, int i, const char *name, bool may_be,
	struct err *e)
{
	(void)snprintf(d->names[i], sizeof(d->names[i]), "%s", name);
	if (mkdirat(d->fd[i], name, 0700) == 0)
		d->made[i] = 1;
	else if (errno != EEXIST)
		return err_sys(e, "mkdir %s in %s", name, d->sink.location);
	else if (!may_be)
		return err_set(e, -EEXIST, "capture %s exists already in %s",
			name, d->sink.location);
	if (d->made[i] && io_fsync(d->fd[i], e) < 0)
		return err_wrap(e, -EIO, "%s", d->sink.location);
	d->fd[i + 1] = io_open(
		d->fd[i], name, O_DIRECTORY | O_NOFOLLOW | O_RDONLY, 0, e);
	return d->fd[i + 1] < 0 ? d->fd[i + 1] : 0;
}

static int directory_open(struct sink **ret, const char *path,
	const struct sink_place *place, const struct store_config *config,
	struct err *e)
{
	const char *const names[DEPTH] = { place->case_name, place->host,
		place->capture };
	struct directory *d = calloc(1, sizeof(*d));
	int r = 0;

	(void)config;
	if (!d)
		return err_set(e, -ENOMEM, "no memory for a sink");
	d->sink.ops = &sink_directory;
	for (int i = 0; i <= DEPTH; i++)
		d->fd[i] = -1;
	(void)snprintf(d->sink.location, sizeof(d->sink.location), "%s", path);
	d->fd[0] = io_open(AT_FDCWD, path, O_DIRECTORY | O_RDONLY, 0, e);
	if (d->fd[0] < 0)
		r = err_wrap(e, d->fd[0], "destination");
	for (int i = 0; r == 0 && i < DEPTH; i++)
		r = enter(d, i, names[i], place->resume || i < DEPTH - 1, e);
	if (r < 0) {
		directory_close(&d->sink);
		return r;
	}
	(void)snprintf(d->sink.location, sizeof(d->sink.location),
		"%.3000s/%s/%s/%s", path, names[0], names[1], names[2]);
	*ret = &d->sink;
	return 0;
}

/* Around the page cache where buffer and file system allow it. */
static int write_object(int fd, const struct sink_object *o, struct err *e)
{
	size_t rest = o->len % SINK_ALIGN_BYTES;
	size_t padded = o->len + (rest ? SINK_ALIGN_BYTES - rest : 0);
	int direct = o->padded && fcntl(fd, F_SETFL, O_DIRECT) == 0;
	int r;

	r = io_write(fd, o->data, direct ? padded : o->len, e);
	if (r == -EINVAL && direct && fcntl(fd, F_SETFL, 0) == 0 &&
		lseek(fd, 0, SEEK_SET) == 0) {
		direct = 0;
		r = io_write(fd, o->data, o->len, e);
	}
	if (r < 0)
		return r;
	if (direct && rest && ftruncate(fd, (off_t)o->len) < 0)
		return err_sys(e, "truncate to %zu bytes", o->len);
	r = io_fsync(fd, e);
	if (r == 0 && !direct)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return r;
}

/* What has the name already is this object: then it is stored. */
static bool same_file(struct directory *d, const struct sink_object *o)
{
	AUTO_BUF struct buf b = { 0 };

	buf_init(&b, o->len + 1);
	return io_slurp(d->fd[DEPTH], o->name, &b, NULL) == 0 &&
	       b.len == o->len && memcmp(b.data, o->data, o->len) == 0;
}

static int directory_put(struct sink *s, const struct sink_object *o,
	struct sink_try *t, struct err *e)
{
	struct directory *d = (struct directory *)s;
	AUTO_CLOSE int fd = -1;
	char temp[TEMP_CHARS];
	int r;

	(void)snprintf(temp, sizeof(temp), ".%.128s.tmp", o->name);
	fd = io_open(d->fd[DEPTH], temp, O_WRONLY | O_CREAT | O_EXCL, 0400, e);
	if (fd < 0)
		return fd;
	r = write_object(fd, o, e);
	if (r == 0 && renameat2(d->fd[DEPTH], temp, d->fd[DEPTH], o->name,
			      RENAME_NOREPLACE) < 0)
		r = err_sys(e, "rename");
	if (r < 0)
		(void)unlinkat(d->fd[DEPTH], temp, 0);
	if (r == -EEXIST)
		t->maybe_there = same_file(d, o);
	return r < 0 ? r : io_fsync(d->fd[DEPTH], e);
}

static int directory_renew(
	struct sink *s, const struct sink_try *t, struct err *e)
{
	(void)t;
	return err_set(e, -EACCES, "%s takes no ticket", s->location);
}

static int directory_fd(const struct sink *s)
{
	return ((const struct directory *)s)->fd[DEPTH];
}

const struct sink_ops sink_directory = {
	.open = directory_open,
	.put = directory_put,
	.renew = directory_renew,
	.directory_fd = directory_fd,
	.close = directory_close,
	.uploads = 1,
};
