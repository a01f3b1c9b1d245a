// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "export/export.h"
#include "symbols/isf.h"
#include "symbols/kernel_files.h"

enum { NAME_CHARS = KERNEL_RELEASE_CHARS + 32 };

static const char config_name[] = "volatility.json";

static int make_dir(int at, const char *name, struct err *e)
{
	if (mkdirat(at, name, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "mkdir %s", name);
	return io_open(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, e);
}

/* "linux/RELEASE.json.xz", as Volatility looks for it below -s DIR; what is in
 * the release that is no plain character becomes "_". */
static void file_name(char ret[NAME_CHARS], const struct kernel_files *k)
{
	(void)snprintf(ret, NAME_CHARS, "%s.json.xz",
		k->release[0] ? k->release : "kernel");
	for (char *p = ret; *p; p++)
		if (!strchr("+-._", *p) && !(*p >= '0' && *p <= '9') &&
			!(*p >= 'A' && *p <= 'Z') && !(*p >= 'a' && *p <= 'z'))
			*p = '_';
	if (ret[0] == '.')
		ret[0] = '_';
}

static int write_isf(
	int dir, const char *name, const struct kernel_files *k, struct err *e)
{
	struct isf_result res = { 0 };
	AUTO_CLOSE int fd = io_open(
		dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600, e);
	int r = fd < 0 ? fd : isf_write(&res, k, fd, e);

	if (r == 0)
		r = io_fsync(fd, e);
	if (r < 0) {
		(void)unlinkat(dir, name, 0);
		return err_wrap(e, r, "%s", name);
	}
	(void)fprintf(stderr,
		"linux/%s: %zu structs and unions, %zu enums, %zu symbols, of "
		"them %zu with types; types of %zu modules\n",
		name, res.types, res.enums, res.symbols, res.typed, res.modules);
	if (res.refused)
		(void)fprintf(stderr,
			"warning: types of %zu modules make no sense\n",
			res.refused);
	return 0;
}

static const char *format_of(const char *image)
{
	const char *dot = strrchr(image, '.');

	if (dot && (strcmp(dot, ".lime") == 0 || strcmp(dot, ".raw") == 0))
		return dot + 1;
	return "elf";
}

/* Where it can not be, the symbols are of use all the same. */
static int write_config(struct export_job *job, int dir, const char *name,
	const struct kernel_files *k, struct err *e)
{
	char isf[PATH_MAX + NAME_CHARS], image[2 * PATH_MAX];
	AUTO_FREE char *out = realpath(job->out, NULL);
	AUTO_FREE char *given = job->image ? realpath(job->image, NULL) : NULL;
	struct err why = { 0 };
	AUTO_CLOSE int fd = -1;
	int r;

	if (!out)
		return err_sys(e, "%s", job->out);
	(void)snprintf(isf, sizeof(isf), "%s/linux/%s", out, name);
	(void)snprintf(image, sizeof(image), "%s%s",
		given	     ? given
		: job->image ? job->image
			     : out,
		job->image ? "" : "/memory.elf");
	fd = io_open(dir, config_name,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600, e);
	if (fd < 0)
		return fd;
	r = isf_write_config(k, fd, isf, image, format_of(image), &why);
	if (r == 0) {
		(void)fprintf(stderr,
			"%s: for vol -c; the image is %s (icelab extract "
			"--memory %s)\n",
			config_name, image, format_of(image));
		return io_fsync(fd, e);
	}
	(void)unlinkat(dir, config_name, 0);
	if (r != -ENOTSUP && r != -ENOENT)
		return err_set(e, r, "%s: %s", config_name, why.msg);
	job->has_gaps = true;
	(void)fprintf(stderr, "warning: no %s: %s\n", config_name, why.msg);
	return 0;
}

int export_isf(struct export_job *job, struct err *e)
{
	struct kernel_files *k = NULL;
	AUTO_CLOSE int dir = make_dir(AT_FDCWD, job->out, e);
	AUTO_CLOSE int linux_dir = dir < 0 ? -1 : make_dir(dir, "linux", e);
	char name[NAME_CHARS];
	int r = dir < 0 ? dir : linux_dir < 0 ? linux_dir : 0;

	if (r == 0)
		r = kernel_files_load(&k, job->r, job->keys, e);
	if (r < 0)
		return r;
	file_name(name, k);
	r = write_isf(linux_dir, name, k, e);
	if (r == 0)
		r = write_config(job, dir, name, k, e);
	kernel_files_free(k);
	return r;
}
