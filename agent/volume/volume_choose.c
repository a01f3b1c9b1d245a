// SPDX-License-Identifier: Apache-2.0
/* Which volume is meant: by the fstab, by the user, or by what it holds. */
#include <errno.h>

#include "base/buf.h"
#include "base/err.h"
#include "volume/file_system.h"
#include "volume/volume_internal.h"

enum { LIST_BYTES = 768 };

static bool is(const char *have, const char *want)
{
	return *have && strcasecmp(have, want) == 0;
}

static bool is_logical(const struct volume *one, const char *want)
{
	size_t group = strlen(one->group);

	return *one->logical && strncmp(want, one->group, group) == 0 &&
	       want[group] == '/' && strcmp(want + group + 1, one->logical) == 0;
}

static bool fits(const struct volume *one, const struct fstab_line *line,
	const struct volume *root)
{
	switch (line->by) {
	case FSTAB_BY_UUID:
		return is(one->content.uuid, line->value);
	case FSTAB_BY_LABEL:
		return strcmp(one->content.label, line->value) == 0;
	case FSTAB_BY_PARTITION_UUID:
		return is(one->entry.uuid, line->value);
	case FSTAB_BY_PARTITION_LABEL:
		return strcmp(one->entry.label, line->value) == 0;
	case FSTAB_BY_LOGICAL:
		return is_logical(one, line->value);
	case FSTAB_BY_POSITION:
		return line->partition && !*one->logical &&
		       one->device == root->device &&
		       one->partition == line->partition;
	}
	return false;
}

struct volume *volume_match(struct volumes *v, const struct fstab_line *line,
	const struct volume *root)
{
	for (size_t i = 0; i < v->n; i++)
		if (fits(&v->v[i], line, root))
			return &v->v[i];
	return NULL;
}

static bool is_asked_for(const struct volumes *v, const struct volume *one)
{
	const char *want = v->config->root;
	char name[VOLUME_PATH_CHARS];

	if (!want)
		return true;
	volume_name(name, v, one);
	return is(one->content.uuid, want) || is(one->entry.uuid, want) ||
	       strcmp(one->content.label, want) == 0 || is_logical(one, want) ||
	       strcmp(name, want) == 0;
}

/* The subvolume of it that is a root; -ENOENT when there is none. */
static int look(const char **ret_subvolume, struct volumes *v,
	const struct volume *one, struct err *e)
{
	char options[VOLUME_OPTIONS_CHARS];
	bool btrfs = strcmp(one->content.type, "btrfs") == 0;
	struct file_system fs = { .type = one->content.type };
	int n = volume_device(v, one, e), r = -ENOENT;

	if (n < 0)
		return n;
	fs.dev = v->stack->volumes[n].dev;
	for (size_t i = 0; (fs.subvolume = file_system_root_subvolume(i)); i++) {
		AUTO_CLOSE int mount =
			file_system_mount(options, &v->stack->stage, &fs, e);

		if (mount >= 0 && file_system_is_root(mount)) {
			*ret_subvolume = fs.subvolume;
			return 0;
		}
		/* A subvolume of that name need not be there. */
		if (mount < 0 && !*fs.subvolume)
			return mount;
		if (!btrfs)
			break;
	}
	return r;
}

/* Name all candidates, or all that were looked at. */
static int several(const struct volumes *v, struct volume *const *found,
	size_t n, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	char name[VOLUME_PATH_CHARS];
	const char *list;

	buf_init(&b, LIST_BYTES);
	for (size_t i = 0; i < n; i++) {
		volume_name(name, v, found[i]);
		if (buf_text(&b, NULL, "%s%s (%s %s)", i ? ", " : "", name,
			    found[i]->content.label, found[i]->content.uuid) < 0)
			break;
	}
	list = buf_string(&b, NULL);
	return err_set(e, -ENOTUNIQ,
		"%zu volumes look like a root: say --root-volume UUID, LABEL or "
		"VG/LV: %s",
		n, list ? list : "");
}

int volume_choose(struct volume **ret, const char **ret_subvolume,
	struct volumes *v, struct err *e)
{
	AUTO_FREE struct volume **found =
		calloc(VOLUMES_MAX, sizeof(struct volume *));
	const char *subvolume = NULL;
	size_t n = 0;

	if (!found)
		return err_set(e, -ENOMEM, "no memory for candidates");
	for (size_t i = 0; i < v->n; i++) {
		struct volume *one = &v->v[i];
		struct err why = { 0 };
		int r = volume_is_cut(v, e);

		if (r < 0)
			return r;
		if (*one->why_not || strcmp(one->content.type, "vfat") == 0 ||
			!is_asked_for(v, one))
			continue;
		r = look(&subvolume, v, one, &why);
		if (r == 0)
			found[n++] = one;
		else if (r != -ENOENT)
			volume_refuse(one, why.msg);
		if (r == 0 && n == 1)
			*ret_subvolume = subvolume;
	}
	if (n > 1)
		return several(v, found, n, e);
	if (n == 0)
		return err_set(e, -ENOENT,
			"no volume looks like a root, with /usr and an "
			"/etc/fstab or os-release; --list shows what there is");
	*ret = found[0];
	return 0;
}
