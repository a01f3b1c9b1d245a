// SPDX-License-Identifier: Apache-2.0
/*
 * What came to a container after its image: the files of its overlay's upper
 * layer, of chosen processes only.  Deletions (whiteouts) and links are not
 * told.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "collect/binary_internal.h"
#include "collect/binary_layer.h"
#include "live/source.h"

enum {
	MOUNTINFO_BYTES = 1 << 20,
	DEPTH_MAX = 64,
	WHAT_CHARS = 96,
};

/* "\040" for a blank, as the kernel writes them. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' &&
			text[2] >= '0' && text[2] <= '7' && text[3] >= '0' &&
			text[3] <= '7') {
			*to++ = (char)((text[1] - '0') << 6 |
				       (text[2] - '0') << 3 | (text[3] - '0'));
			text += 3;
		} else {
			*to++ = *text;
		}
	*to = 0;
}

/* 36 35 98:0 / MOUNT-POINT rw,noatime shared:1 - overlay SOURCE OPTIONS */
static const char *upper_of(char *line)
{
	char *field = line, *rest = NULL, *option;

	for (int i = 0; i < 4 && field; i++) {
		field = strchr(field, ' ');
		field = field ? field + 1 : NULL;
	}
	if (!field || strncmp(field, "/ ", 2) != 0)
		return NULL;
	rest = strstr(field, " - overlay ");
	for (int i = 0; i < 3 && rest; i++)
		rest = strchr(rest + 1, ' ');
	if (!rest)
		return NULL;
	rest++;
	while ((option = strsep(&rest, ",")))
		if (strncmp(option, "upperdir=", 9) == 0) {
			unescape(option + 9);
			return option + 9;
		}
	return NULL;
}

const char *binary_layer_upper(char *mountinfo)
{
	char *line;

	while ((line = strsep(&mountinfo, "\n"))) {
		const char *upper = upper_of(line);

		if (upper)
			return upper;
	}
	return NULL;
}

struct layer {
	struct binary_process *p;
	int self; /* /proc/self/fd */
	DIR *open[DEPTH_MAX];
	size_t path_n[DEPTH_MAX]; /* of path, in that directory */
	size_t depth;
	char path[BINARY_LAYER_PATH_BYTES];
	size_t files;
};

static int gap(struct layer *l, const char *why, struct err *e)
{
	char what[WHAT_CHARS];

	(void)snprintf(
		what, sizeof(what), "upper layer of process %u", l->p->use.pid);
	return binary_gap(l->p->b, what, why, e);
}

static int see_file(struct layer *l, int dir, const char *name, struct err *e)
{
	/* What is held is seen, whatever has its name by now. */
	AUTO_CLOSE int held = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct binary_use use = l->p->use;
	struct binary_link link = { .dir = l->self,
		.path = l->path,
		.path_len = strlen(l->path),
		.root = l->p->root };
	struct binary_file *f;
	char number[16];
	int r;

	if (held < 0)
		return 0; /* it was removed */
	(void)snprintf(number, sizeof(number), "%d", held);
	link.name = number;
	use.how = BINARY_LAYER;
	r = binary_see(l->p->b, &f, &link, &use, e);
	if (f)
		f->seen |= SEEN_LAYER;
	return r;
}

static int enter(struct layer *l, int dir, const char *name, struct err *e)
{
	int fd = openat(
		dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d;

	if (fd < 0)
		return gap(l, "a directory cannot be opened", e);
	if (l->depth == DEPTH_MAX) {
		(void)close(fd);
		return gap(l, "directories in too many directories", e);
	}
	d = fdopendir(fd);
	if (!d) {
		(void)close(fd);
		return err_set(e, -ENOMEM, "no memory for a directory");
	}
	l->path_n[l->depth] = strlen(l->path);
	l->open[l->depth++] = d;
	return 0;
}

static int see_entry(struct layer *l, const char *name, struct err *e)
{
	int dir = dirfd(l->open[l->depth - 1]);
	size_t at = l->path_n[l->depth - 1];
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	l->path[at] = 0;
	if (at + strlen(name) + 2 > sizeof(l->path))
		return gap(l, "a path is too long", e);
	(void)snprintf(l->path + at, sizeof(l->path) - at, "/%s", name);
	if (S_ISDIR(st.st_mode))
		return enter(l, dir, name, e);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (l->files++ == BINARY_LAYER_FILES_MAX)
		return gap(l, "more files than are looked at", e);
	return l->files > BINARY_LAYER_FILES_MAX ? 0 : see_file(l, dir, name, e);
}

static int walk(struct layer *l, struct err *e)
{
	int r = 0;

	while (r == 0 && l->depth) {
		const struct dirent *entry = readdir(l->open[l->depth - 1]);

		if (*l->p->b->env->interrupted)
			r = gap(l, "interrupted", e);
		if (!entry || *l->p->b->env->interrupted)
			(void)closedir(l->open[--l->depth]);
		else
			r = see_entry(l, entry->d_name, e);
	}
	while (l->depth)
		(void)closedir(l->open[--l->depth]);
	return r;
}

/* Processes of one container share it. */
static bool is_new(struct binaries *b, const struct stat *st)
{
	uint64_t id = (uint64_t)st->st_ino * 0x9e3779b97f4a7c15 ^ st->st_dev;

	for (size_t i = 0; i < b->layers_n; i++)
		if (b->layers[i] == id)
			return false;
	if (b->layers_n < BINARY_LAYERS_MAX)
		b->layers[b->layers_n++] = id;
	return true;
}

/* The runtime's paths are those of the first process, which the agent in a
 * container of its own does not share; where that may not be asked, ours. */
static int open_upper(const struct binary_process *p, const char *upper)
{
	static const char *const roots[] = { "../1/root", "/" };
	int fd = -1;

	for (size_t i = 0; fd < 0 && i < ARRAY_LEN(roots); i++) {
		AUTO_CLOSE int root = openat(
			p->dir, roots[i], O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (root >= 0)
			fd = path_open(root, upper, O_RDONLY | O_DIRECTORY, NULL);
	}
	return fd;
}

int binary_gather_layer(struct binary_process *p, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_FREE struct layer *l = NULL;
	AUTO_CLOSE int top = -1, self = -1;
	const char *upper;
	char *mounts;
	struct stat st;
	int r;

	if (!p->b->env->live->pids_n)
		return 0;
	buf_init(&text, MOUNTINFO_BYTES);
	if (io_slurp(p->dir, "mountinfo", &text, NULL) < 0)
		return 0; /* it ended */
	mounts = buf_string(&text, e);
	upper = mounts ? binary_layer_upper(mounts) : NULL;
	if (!upper)
		return 0;
	l = calloc(1, sizeof(*l));
	if (!l)
		return err_set(e, -ENOMEM, "no memory for an upper layer");
	l->p = p;
	top = open_upper(p, upper);
	if (top < 0 || fstat(top, &st) < 0)
		return gap(l, "its directory cannot be opened", e);
	if (!is_new(p->b, &st))
		return 0;
	self = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (self < 0)
		return gap(l, "no /proc", e);
	l->self = self;
	r = enter(l, top, ".", e);
	return r < 0 ? r : walk(l, e);
}
