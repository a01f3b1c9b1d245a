// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/sysmacros.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "volume/in_use.h"

enum {
	SMALL_FILE_BYTES = 4096,
	MOUNT_FIELDS = 6, /* before those that may be there */
};

/* A device and everything that lies on it. */
struct family {
	dev_t v[IN_USE_DEVICES_MAX];
	size_t n;
	const struct stat *own; /* of a file: the file itself */
};

static bool is_member(const struct family *f, dev_t dev)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i] == dev)
			return true;
	return false;
}

static int add(struct family *f, dev_t dev, struct err *e)
{
	if (is_member(f, dev))
		return 0;
	if (f->n == IN_USE_DEVICES_MAX)
		return err_set(e, -E2BIG, "more than %d partitions and holders",
			IN_USE_DEVICES_MAX);
	f->v[f->n++] = dev;
	return 0;
}

/* "8:17"; false for what is none. */
static bool parse_dev(dev_t *ret, char *text)
{
	char *minor_text = strchr(text, ':');
	uint64_t ma, mi;

	if (!minor_text)
		return false;
	*minor_text++ = 0;
	minor_text[strcspn(minor_text, "\n")] = 0;
	if (num_u64(&ma, text, NULL) < 0 || num_u64(&mi, minor_text, NULL) < 0)
		return false;
	*ret = makedev((unsigned)ma, (unsigned)mi);
	return true;
}

/* Add the device whose number is in that file, where there is one. */
static int add_told(struct family *f, int dir, const char *path, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	char *text;
	dev_t dev;

	buf_init(&b, SMALL_FILE_BYTES);
	if (io_slurp(dir, path, &b, NULL) < 0)
		return 0;
	text = buf_string(&b, NULL);
	return text && parse_dev(&dev, text) ? add(f, dev, e) : 0;
}

typedef int see_name(struct family *f, int dir, const char *name, struct err *e);

/* Each name in a directory of sysfs; none when it is not there. */
static int each_name(
	struct family *f, const char *path, see_name *see, struct err *e)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	int r = 0;

	if (!d)
		return 0;
	while (r == 0 && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			r = see(f, dirfd(d), entry->d_name, e);
	(void)closedir(d);
	return r;
}

static int see_partition(
	struct family *f, int dir, const char *name, struct err *e)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/partition", name);
	if (faccessat(dir, path, F_OK, 0) < 0)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/dev", name);
	return add_told(f, dir, path, e);
}

static int see_holder(struct family *f, int dir, const char *name, struct err *e)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/dev", name);
	return add_told(f, dir, path, e);
}

/* A loop device over the very file. */
static int see_loop(struct family *f, int dir, const char *name, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	char path[PATH_MAX], *file;
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/loop/backing_file", name);
	buf_init(&b, SMALL_FILE_BYTES);
	if (io_slurp(dir, path, &b, NULL) < 0)
		return 0;
	file = buf_string(&b, NULL);
	if (!file)
		return 0;
	file[strcspn(file, "\n")] = 0;
	if (stat(file, &st) < 0 || st.st_dev != f->own->st_dev ||
		st.st_ino != f->own->st_ino)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/dev", name);
	return add_told(f, dir, path, e);
}

static int gather(struct family *f, struct err *e)
{
	int r = S_ISBLK(f->own->st_mode)
			? add(f, f->own->st_rdev, e)
			: each_name(f, "/sys/block", see_loop, e);

	for (size_t i = 0; r == 0 && i < f->n; i++) {
		char path[PATH_MAX];

		(void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u",
			major(f->v[i]), minor(f->v[i]));
		r = each_name(f, path, see_partition, e);
		(void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/holders",
			major(f->v[i]), minor(f->v[i]));
		if (r == 0)
			r = each_name(f, path, see_holder, e);
	}
	return r;
}

/* The next word of a line, cut off it; NULL at its end. */
static char *cut_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t"), *end;

	if (!*word)
		return NULL;
	end = word + strcspn(word, " \t");
	*rest = end + (*end ? 1 : 0);
	*end = 0;
	return word;
}

bool in_use_line(struct in_use_mount *ret, char *line)
{
	char *fields[MOUNT_FIELDS], *word, *options;

	for (size_t i = 0; i < MOUNT_FIELDS; i++)
		if (!(fields[i] = cut_word(&line)))
			return false;
	do
		word = cut_word(&line);
	while (word && strcmp(word, "-") != 0);
	if (!word || !cut_word(&line))
		return false;
	ret->source = cut_word(&line);
	options = cut_word(&line);
	if (!ret->source || !options || !parse_dev(&ret->dev, fields[2]))
		return false;
	ret->where = fields[4];
	ret->writable = strncmp(options, "rw", 2) == 0 &&
			(!options[2] || options[2] == ',');
	return true;
}

/* Is it the device of a path, as btrfs has it, whose mounts have another? */
static bool names_member(const struct family *f, const char *path)
{
	struct stat st;

	if (*path != '/' || stat(path, &st) < 0)
		return false;
	if (S_ISBLK(st.st_mode))
		return is_member(f, st.st_rdev);
	return S_ISREG(f->own->st_mode) && st.st_dev == f->own->st_dev &&
	       st.st_ino == f->own->st_ino;
}

static int see_mount(const struct family *f, char *line, struct err *e)
{
	struct in_use_mount m;

	if (!in_use_line(&m, line) || !m.writable ||
		(!is_member(f, m.dev) && !names_member(f, m.source)))
		return 0;
	return err_set(e, -EBUSY,
		"this very system has it mounted writable at %s: unmount it, "
		"or say --allow-writable",
		m.where);
}

static int see_swap(const struct family *f, char *line, struct err *e)
{
	char *path = cut_word(&line);

	if (!path || !names_member(f, path))
		return 0;
	return err_set(e, -EBUSY, "this very system swaps to %s", path);
}

static int each_line(const struct family *f, const char *path,
	int (*see)(const struct family *f, char *line, struct err *e),
	struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	char *line, *next;
	int r;

	buf_init(&b, IN_USE_MOUNTS_BYTES);
	r = io_slurp(AT_FDCWD, path, &b, e);
	line = r == 0 ? buf_string(&b, e) : NULL;
	if (r == 0 && !line)
		r = -EFBIG;
	for (; r == 0 && line && *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = 0;
		r = see(f, line, e);
	}
	return r;
}

int in_use(const struct stat *st, struct err *e)
{
	struct family f = { .own = st };
	int r = gather(&f, e);

	if (r == 0)
		r = each_line(&f, "/proc/self/mountinfo", see_mount, e);
	/* Without swap, a kernel may have no such file. */
	if (r == 0 && access("/proc/swaps", F_OK) == 0)
		r = each_line(&f, "/proc/swaps", see_swap, e);
	return r;
}
