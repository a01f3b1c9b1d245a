// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/path.h"
#include "volume/file_system.h"
#include "volume/stage.h"

enum { TRIES_MAX = 2, NUMBER_CHARS = 24 };

/* What keeps a type from replaying its log; where a kernel may know it under
 * another name, the second is tried. */
static const struct type {
	const char *name; /* as probed */
	const char *driver;
	struct stage_option options[TRIES_MAX][2];
} types[] = {
	{ "ext2", "ext4", { { { "noload", NULL } } } },
	{ "ext3", "ext4", { { { "noload", NULL } } } },
	{ "ext4", "ext4", { { { "noload", NULL } } } },
	/* A copy has the UUID of what it is of, which may be mounted. */
	{ "xfs", "xfs", { { { "norecovery", NULL }, { "nouuid", NULL } } } },
	/* 5.9 (74ef00185eb8) gave it another name. */
	{ "btrfs", "btrfs",
		{ { { "rescue", "nologreplay" } }, { { "nologreplay", NULL } } } },
	{ "vfat", "vfat", { { { NULL, NULL } } } },
	{ "exfat", "exfat", { { { NULL, NULL } } } },
	{ "squashfs", "squashfs", { { { NULL, NULL } } } },
	{ "erofs", "erofs", { { { NULL, NULL } } } },
};

static const struct type *find_type(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

bool file_system_known(const char *type)
{
	return find_type(type);
}

/* "ro,noload,..." */
static void tell(char ret[VOLUME_OPTIONS_CHARS],
	const struct stage_option *options, size_t n)
{
	size_t at = (size_t)snprintf(
		ret, VOLUME_OPTIONS_CHARS, "ro,nodev,nosuid,noexec");

	for (size_t i = 0; i < n && at < VOLUME_OPTIONS_CHARS; i++) {
		const struct stage_option *o = &options[i];

		at += (size_t)snprintf(ret + at, VOLUME_OPTIONS_CHARS - at,
			o->value ? ",%s=%s" : ",%s", o->key, o->value);
	}
}

static int mount_so(char ret_options[VOLUME_OPTIONS_CHARS],
	const struct stage *stage, const struct file_system *fs,
	const struct type *type, size_t try, struct err *e)
{
	struct stage_option options[STAGE_OPTIONS_MAX];
	char id[NUMBER_CHARS];
	size_t n = 0;

	for (size_t i = 0; i < 2 && type->options[try][i].key; i++)
		options[n++] = type->options[try][i];
	tell(ret_options, options, n);
	if (fs->subvolume && *fs->subvolume) {
		options[n++] = (struct stage_option){ "subvol", fs->subvolume };
	} else if (fs->subvolume_id) {
		(void)snprintf(id, sizeof(id), "%llu", fs->subvolume_id);
		options[n++] = (struct stage_option){ "subvolid", id };
	}
	return stage_mount(stage, type->driver, fs->dev, options, n, e);
}

int file_system_mount(char ret_options[VOLUME_OPTIONS_CHARS],
	const struct stage *stage, const struct file_system *fs, struct err *e)
{
	const struct type *type = find_type(fs->type);
	int r = -ENOTSUP;

	if (!type)
		return err_set(e, -ENOTSUP, "a file system that is not mounted");
	for (size_t i = 0; i < TRIES_MAX; i++) {
		if (i && !type->options[i][0].key)
			break;
		r = mount_so(ret_options, stage, fs, type, i, e);
		if (r != -EINVAL)
			break;
	}
	return r;
}

static bool has(int mount, const char *path, mode_t type)
{
	AUTO_CLOSE int fd = path_open(mount, path, O_PATH, NULL);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type;
}

bool file_system_is_root(int mount)
{
	return has(mount, "/usr", S_IFDIR) &&
	       (has(mount, "/etc/fstab", S_IFREG) ||
		       has(mount, "/etc/os-release", S_IFREG) ||
		       has(mount, "/usr/lib/os-release", S_IFREG));
}

const char *file_system_root_subvolume(size_t i)
{
	/* The default one, those of installers, the top. */
	static const char *const names[] = { "", "@", "@rootfs", "root", "/" };

	return i < ARRAY_LEN(names) ? names[i] : NULL;
}
