// SPDX-License-Identifier: Apache-2.0
/* rpm's databases, by the readers of disk/rpm_db.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/err.h"
#include "base/path.h"
#include "binary/owner_index.h"
#include "binary/regular.h"
#include "disk/rpm.h"
#include "disk/rpm_db.h"
#include "disk/rpm_header.h"

struct lookup {
	struct owner *v;
	struct owner_index index;
};

static void answer(
	struct lookup *l, const struct rpm_header *h, const struct rpm_file *f)
{
	struct packages_owned o = { 0 };
	char path[WALK_PATH_BYTES];
	ptrdiff_t asked;
	size_t at = 0;
	int n = snprintf(path, sizeof(path), "%.*s%.*s", (int)f->directory.len,
		f->directory.p, (int)f->name.len, f->name.p);

	if (n <= 0 || n >= WALK_PATH_BYTES || f->state != RPM_STATE_NORMAL)
		return;
	while ((asked = owner_index_next(&l->index, &at,
			(struct slice){ path, (size_t)n }, h->name)) >= 0) {
		struct owner *v = &l->v[asked];

		(void)snprintf(v->package, sizeof(v->package), "%.*s",
			(int)h->name.len, h->name.p);
		rpm_checksum(&o, h, f);
		v->checksum = o.checksum;
		memcpy(v->want, o.want, sizeof(v->want));
	}
}

/* What is no header says nothing; the others do. */
static int see_header(void *arg, const uint8_t *blob, size_t len, struct err *e)
{
	struct rpm_files files;
	struct rpm_header h;
	struct rpm_file f;
	int r;

	if (rpm_header_parse(&h, blob, len, NULL) < 0)
		return 0;
	r = rpm_files_begin(&files, &h, e);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	while (rpm_files_next(&files, &f))
		answer(arg, &h, &f);
	rpm_files_end(&files);
	return 0;
}

/* 1, or 0 when there is no such database. */
static int read_one(struct lookup *l, int rootfd, const char *dir,
	enum rpm_db_kind kind, struct err *e)
{
	char path[WALK_PATH_BYTES];
	AUTO_CLOSE int held = -1;
	AUTO_CLOSE int fd = -1;
	int r;

	(void)snprintf(path, sizeof(path), "%s%s", dir, rpm_db_name(kind));
	held = path_open(rootfd, path, O_PATH, NULL);
	if (held < 0)
		return 0;
	fd = regular_open(held, 0, e);
	if (fd < 0)
		return fd;
	r = rpm_db_read(kind, fd, see_header, l, e);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return r < 0 ? r : 1;
}

static int ask(struct lookup *l, size_t n, int rootfd, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct owner_key k = { .path = slice_of(l->v[i].path),
			.asked = i };

		r = owner_index_add(&l->index, &k, e);
		k.path = owner_index_merged(k.path, rootfd);
		if (r == 0 && k.path.len)
			r = owner_index_add(&l->index, &k, e);
	}
	return r < 0 ? r : owner_index_close(&l->index, e);
}

int owner_rpm(struct owner *v, size_t n, int rootfd, struct err *e)
{
	struct lookup l = { .v = v };
	int r = ask(&l, n, rootfd, e), found = 0;

	/* The first that is there, as rpm itself does. */
	for (size_t i = 0; r == 0 && !found && rpm_directories[i]; i++)
		for (int kind = 0; r == 0 && !found && kind < RPM_DB_KINDS;
			kind++) {
			r = read_one(&l, rootfd, rpm_directories[i],
				(enum rpm_db_kind)kind, e);
			found = r > 0;
			r = r < 0 ? r : 0;
		}
	owner_index_done(&l.index);
	return r < 0 ? r : found;
}
