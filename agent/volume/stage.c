// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/err.h"
#include "base/io.h"
#include "volume/stage.h"

enum { KERNEL_WORDS_BYTES = 256, NODE_CHARS = 24 };

static const char root_name[] = "root";

/* What the kernel says beside errno, without its "e ext4: ". */
static int refused(int context, const char *what, struct err *e)
{
	int code = errno ? errno : EIO;
	char words[KERNEL_WORDS_BYTES];
	ssize_t n = read(context, words, sizeof(words) - 1);

	if (n > 2) {
		words[n] = 0;
		words[strcspn(words, "\n")] = 0;
		return err_set(e, -code, "%s: %s (%s)", what, words + 2,
			strerror(code));
	}
	errno = code;
	return err_sys(e, "%s", what);
}

static int configure(int context, const struct stage_option *o, struct err *e)
{
	if (fsconfig(context, o->value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG,
		    o->key, o->value, 0) < 0)
		return refused(context, o->key, e);
	return 0;
}

static int make_mount(const char *type, const struct stage_option *options,
	size_t n, unsigned attributes, struct err *e)
{
	AUTO_CLOSE int context = fsopen(type, FSOPEN_CLOEXEC);
	int mount, r = 0;

	if (context < 0)
		return err_sys(e, "file systems of type %s", type);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = configure(context, &options[i], e);
	if (r < 0)
		return r;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return refused(context, "mount", e);
	mount = fsmount(context, FSMOUNT_CLOEXEC, attributes);
	return mount < 0 ? refused(context, "mount", e) : mount;
}

static int attach_at(int mount, int to, const char *name, struct err *e)
{
	unsigned flags =
		MOVE_MOUNT_F_EMPTY_PATH | (*name ? 0 : MOVE_MOUNT_T_EMPTY_PATH);

	if (move_mount(mount, "", to, name, flags) < 0)
		return err_sys(e, "attach a mount");
	return 0;
}

int stage_enter(struct stage *ret, struct err *e)
{
	static const struct stage_option options[] = { { "mode", "0700" } };
	AUTO_CLOSE int fd = -1, top = -1;
	int r;

	if (unshare(CLONE_NEWNS) < 0)
		return err_sys(e, "a mount namespace of our own");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_sys(e, "make all mounts private");
	fd = make_mount("tmpfs", options, ARRAY_LEN(options), 0, e);
	if (fd < 0)
		return fd;
	top = io_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0, e);
	if (top < 0)
		return top;
	r = attach_at(fd, top, "", e);
	if (r == 0 && mkdirat(fd, root_name, 0700) < 0)
		r = err_sys(e, "make a directory of our own");
	if (r < 0)
		return r;
	ret->fd = TAKE_FD(fd);
	return 0;
}

void stage_leave(struct stage *s)
{
	char path[STAGE_PATH_CHARS];

	if (s->fd < 0)
		return;
	/* With everything that is on it. */
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", s->fd);
	(void)umount2(path, MNT_DETACH);
	(void)close(s->fd);
	s->fd = -1;
}

int stage_node(char ret[STAGE_PATH_CHARS], const struct stage *s, mode_t type,
	dev_t dev, struct err *e)
{
	char name[NODE_CHARS];

	(void)snprintf(name, sizeof(name), "%c%u-%u", S_ISBLK(type) ? 'b' : 'c',
		major(dev), minor(dev));
	if (mknodat(s->fd, name, type | 0600, dev) < 0 && errno != EEXIST)
		return err_sys(e, "make a node of %s", name);
	(void)snprintf(ret, STAGE_PATH_CHARS, "/proc/self/fd/%d/%s", s->fd, name);
	return 0;
}

int stage_open(const struct stage *s, mode_t type, dev_t dev, struct err *e)
{
	char path[STAGE_PATH_CHARS];
	int r = stage_node(path, s, type, dev, e);

	return r < 0 ? r : io_open(AT_FDCWD, path, O_RDONLY, 0, e);
}

int stage_mount(const struct stage *s, const char *type, dev_t dev,
	const struct stage_option *options, size_t n, struct err *e)
{
	char path[STAGE_PATH_CHARS];
	struct stage_option all[STAGE_OPTIONS_MAX + 2] = {
		{ "source", path },
		{ "ro", NULL },
	};
	int r = stage_node(path, s, S_IFBLK, dev, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n && i < STAGE_OPTIONS_MAX; i++)
		all[2 + i] = options[i];
	return make_mount(type, all, n + 2,
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID |
			MOUNT_ATTR_NOEXEC,
		e);
}

int stage_root(const struct stage *s, int mount, struct err *e)
{
	return attach_at(mount, s->fd, root_name, e);
}

int stage_attach(int mount, int directory, struct err *e)
{
	return attach_at(mount, directory, "", e);
}
