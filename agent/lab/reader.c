// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "lab/reader_internal.h"

enum { NUMBER_DIGITS = 6 };

void reader_finding(struct reader *r, const char *fmt, ...)
{
	struct finding *f;
	va_list ap;

	if (r->findings_n < READER_FINDINGS_MAX) {
		f = &r->findings[r->findings_n];
		va_start(ap, fmt);
		(void)vsnprintf(f->text, sizeof(f->text), fmt, ap);
		va_end(ap);
	}
	r->findings_n++;
}

/* The number in "PREFIX-NNNNNN.SUFFIX", -1 when ${name} is not that. */
static int number_in(const char *name, const char *prefix, const char *suffix)
{
	size_t n = strlen(prefix);
	int v = 0;

	if (strncmp(name, prefix, n) != 0 ||
		strlen(name) != n + NUMBER_DIGITS + strlen(suffix) ||
		strcmp(name + n + NUMBER_DIGITS, suffix) != 0)
		return -1;
	for (size_t i = n; i < n + NUMBER_DIGITS; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		v = v * 10 + (name[i] - '0');
	}
	return v;
}

static int by_manifest(const void *a, const void *b)
{
	const struct reader_manifest *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static int by_segment(const void *a, const void *b)
{
	const struct reader_segment *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static int add_manifest(struct reader *r, unsigned number, struct err *e)
{
	struct reader_manifest *v = r->manifests;

	/* Grown at powers of two. */
	if ((r->manifests_n & (r->manifests_n - 1)) == 0) {
		v = reallocarray(
			v, r->manifests_n ? r->manifests_n * 2 : 1, sizeof(*v));
		if (!v)
			return err_set(e, -ENOMEM, "no memory for manifests");
		r->manifests = v;
	}
	v[r->manifests_n++] = (struct reader_manifest){ .number = number };
	return 0;
}

static int add_segment(
	struct reader *r, const struct reader_segment *s, struct err *e)
{
	struct reader_segment *v = r->segments;

	if ((r->segments_n & (r->segments_n - 1)) == 0) {
		v = reallocarray(
			v, r->segments_n ? r->segments_n * 2 : 1, sizeof(*v));
		if (!v)
			return err_set(e, -ENOMEM, "no memory for segments");
		r->segments = v;
	}
	v[r->segments_n++] = *s;
	return 0;
}

struct reader_segment *reader_segment_among(
	const struct reader *r, size_t n, unsigned number)
{
	struct reader_segment key = { .number = number };

	if (!n)
		return NULL;
	return bsearch(&key, r->segments, n, sizeof(key), by_segment);
}

struct reader_segment *reader_segment_find(const struct reader *r, unsigned number)
{
	return reader_segment_among(r, r->segments_n, number);
}

int reader_segment_add(struct reader *r, unsigned number, struct err *e)
{
	struct reader_segment s = { .number = number, .listed_by = -1 };

	return add_segment(r, &s, e);
}

void reader_segments_sort(struct reader *r)
{
	size_t kept = 0;

	if (!r->segments_n)
		return;
	qsort(r->segments, r->segments_n, sizeof(*r->segments), by_segment);
	for (size_t i = 0; i < r->segments_n; i++)
		if (!kept || r->segments[i].number != r->segments[kept - 1].number)
			r->segments[kept++] = r->segments[i];
	r->segments_n = kept;
}

static int scan_name(struct reader *r, const char *name, struct err *e)
{
	int m = number_in(name, "manifest-", ".pb");
	int s = number_in(name, "segment-", ".age");

	if (m >= 0)
		return add_manifest(r, (unsigned)m, e);
	if (s >= 0)
		return add_segment(r,
			&(struct reader_segment){ .number = (unsigned)s,
				.present = true,
				.listed_by = -1 },
			e);
	if (name[0] == '.' && strlen(name) > 5 &&
		strcmp(name + strlen(name) - 4, ".tmp") == 0)
		r->leftovers++;
	return 0;
}

static void closedirp(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

static int scan(struct reader *r, const char *path, struct err *e)
{
	CLEANUP(closedirp) DIR *d = NULL;
	AUTO_CLOSE int fd = -1;
	const struct dirent *de;
	int rc = 0;

	fd = openat(r->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "open %s", path);
	d = fdopendir(fd);
	if (!d)
		return err_sys(e, "list %s", path);
	(void)TAKE_FD(fd);
	errno = 0;
	while (rc == 0 && (de = readdir(d)))
		rc = scan_name(r, de->d_name, e);
	if (rc == 0 && errno)
		rc = err_sys(e, "list %s", path);
	if (rc == 0 && !r->manifests)
		rc = err_set(
			e, -ENOENT, "no manifest in %s: not a capture", path);
	if (rc < 0 || !r->manifests)
		return rc;
	qsort(r->manifests, r->manifests_n, sizeof(*r->manifests), by_manifest);
	reader_segments_sort(r);
	return 0;
}

int reader_open(struct reader **ret, const char *path, struct err *e)
{
	struct reader *r = calloc(1, sizeof(*r));
	int rc;

	if (!r)
		return err_set(e, -ENOMEM, "no memory for a reader");
	r->dirfd = io_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0, e);
	rc = r->dirfd < 0 ? r->dirfd : 0;
	r->findings = calloc(READER_FINDINGS_MAX, sizeof(*r->findings));
	if (rc == 0 && !r->findings)
		rc = err_set(e, -ENOMEM, "no memory for findings");
	if (rc == 0)
		rc = scan(r, path, e);
	if (rc == 0)
		rc = reader_read_chain(r, e);
	if (rc < 0) {
		reader_close(r);
		return rc;
	}
	*ret = r;
	return 0;
}

void reader_close(struct reader *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->manifests_n; i++)
		manifest_done(&r->manifests[i].m);
	free(r->manifests);
	free(r->segments);
	free(r->findings);
	if (r->dirfd >= 0)
		(void)close(r->dirfd);
	free(r);
}

int reader_load(const struct reader *r, const struct reader_segment *s,
	struct buf *ret, struct err *e)
{
	char name[SEGMENT_NAME_CHARS];

	segment_name(name, s->number);
	ret->len = 0;
	return io_slurp(r->dirfd, name, ret, e);
}
