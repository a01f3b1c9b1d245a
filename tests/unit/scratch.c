// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/scratch.h"
#include "unit/unit.h"

void scratch_new(char ret[SCRATCH_CHARS])
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(ret, SCRATCH_CHARS, "%s/icecore-unit.XXXXXX",
		tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(ret));
}

static int remove_one(
	const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void scratch_remove(const char *path)
{
	assert_int_equal(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void scratch_path(char ret[SCRATCH_CHARS], const char *dir, const char *name)
{
	assert_true(snprintf(ret, SCRATCH_CHARS, "%s/%s", dir, name) <
		    SCRATCH_CHARS);
}

uint8_t *scratch_read(const char *dir, const char *name, size_t *len)
{
	char path[SCRATCH_CHARS];
	struct stat st;
	uint8_t *buf;
	int fd;

	scratch_path(path, dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	buf = malloc((size_t)st.st_size + 1);
	assert_non_null(buf);
	assert_int_equal(read(fd, buf, (size_t)st.st_size), st.st_size);
	(void)close(fd);
	*len = (size_t)st.st_size;
	return buf;
}

void scratch_write(const char *dir, const char *name, const void *buf, size_t len)
{
	char path[SCRATCH_CHARS];
	int fd;

	scratch_path(path, dir, name);
	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, buf, len), len);
	(void)close(fd);
}

int scratch_count(const char *dir, const char *part)
{
	DIR *d = opendir(dir);
	const struct dirent *de;
	int n = 0;

	assert_non_null(d);
	while ((de = readdir(d)))
		if (strcmp(de->d_name, ".") != 0 &&
			strcmp(de->d_name, "..") != 0 && strstr(de->d_name, part))
			n++;
	(void)closedir(d);
	return n;
}

void scratch_copy(const char *to, const char *from)
{
	DIR *d = opendir(from);
	const struct dirent *de;

	assert_non_null(d);
	while ((de = readdir(d))) {
		size_t len;
		uint8_t *buf;

		if (de->d_name[0] == '.')
			continue;
		buf = scratch_read(from, de->d_name, &len);
		scratch_write(to, de->d_name, buf, len);
		free(buf);
	}
	(void)closedir(d);
}

int scratch_open_fds(void)
{
	return scratch_count("/proc/self/fd", "");
}
