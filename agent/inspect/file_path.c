// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "inspect/captured.h"
#include "inspect/file_path.h"
#include "kernel/layout.h"
#include "kernel/state.h"

struct path_layout {
	uint32_t dentry, mnt; /* struct file: f_path */
	uint32_t parent, name; /* struct dentry */
	uint32_t mount_self, mount_parent, mountpoint; /* struct mount */
	uint32_t root; /* struct vfsmount */
};

static int find_layout(struct path_layout *l, struct layout *types)
{
	const struct layout_want wants[] = {
		{ "file", "f_path.dentry", &l->dentry },
		{ "file", "f_path.mnt", &l->mnt },
		{ "dentry", "d_parent", &l->parent },
		{ "dentry", "d_name.name", &l->name },
		{ "mount", "mnt", &l->mount_self },
		{ "mount", "mnt_parent", &l->mount_parent },
		{ "mount", "mnt_mountpoint", &l->mountpoint },
		{ "vfsmount", "mnt_root", &l->root },
	};

	return layout_find(types, wants, ARRAY_LEN(wants), NULL) < 0 ? -EFAULT
								     : 0;
}

/* A path that grows from its end. */
struct backwards {
	char *text;
	size_t cap;
	size_t at; /* where it begins */
};

/* 0 = there is no more room. */
static int put_name(struct backwards *b, const char *name)
{
	static const char more[] = "...";
	size_t len = strlen(name);

	if (len + 1 + sizeof(more) > b->at) {
		b->at -= sizeof(more) - 1;
		memcpy(b->text + b->at, more, sizeof(more) - 1);
		return 0;
	}
	b->at -= len;
	memcpy(b->text + b->at, name, len);
	b->text[--b->at] = '/';
	return 1;
}

struct place {
	struct peek *p;
	const struct path_layout *l;
	uint64_t dentry;
	uint64_t mnt; /* its struct vfsmount */
};

/* At the root of a mount, on to where it is mounted: 0 = at the top. */
static int leave_mount(struct place *at)
{
	uint64_t root = 0, mount, parent = 0, point = 0;

	if (peek_u64(at->p, &root, at->mnt + at->l->root) < 0 ||
		root != at->dentry)
		return 0;
	mount = at->mnt - at->l->mount_self;
	if (peek_u64(at->p, &parent, mount + at->l->mount_parent) < 0 ||
		peek_u64(at->p, &point, mount + at->l->mountpoint) < 0 ||
		parent == mount || !point)
		return 0;
	at->dentry = point;
	at->mnt = parent + at->l->mount_self;
	return 1;
}

static void walk_up(struct place *at, struct backwards *b)
{
	char name[FILE_PATH_NAME_CHARS];

	for (int i = 0; i < FILE_PATH_NAMES_MAX; i++) {
		uint64_t parent = 0, text = 0;

		while (i < FILE_PATH_NAMES_MAX && leave_mount(at))
			i++;
		if (peek_u64(at->p, &parent, at->dentry + at->l->parent) < 0 ||
			parent == at->dentry)
			return;
		if (peek_u64(at->p, &text, at->dentry + at->l->name) < 0 ||
			peek_text(at->p, name, sizeof(name), text) < 0)
			(void)snprintf(name, sizeof(name), "?");
		if (!put_name(b, name))
			return;
		at->dentry = parent;
	}
}

int file_path(char *ret, size_t cap, const struct captured *c, uint64_t file)
{
	struct path_layout l;
	struct place at = { .p = &c->peek->base, .l = &l };
	struct backwards b = { ret, cap, cap - 1 };

	ret[cap - 1] = 0;
	if (find_layout(&l, captured_layout(c)) < 0 ||
		peek_u64(at.p, &at.dentry, file + l.dentry) < 0 ||
		peek_u64(at.p, &at.mnt, file + l.mnt) < 0)
		return -EFAULT;
	walk_up(&at, &b);
	if (b.at == cap - 1)
		b.text[--b.at] = '/';
	memmove(ret, ret + b.at, cap - b.at);
	return 0;
}
