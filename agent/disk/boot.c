// SPDX-License-Identifier: Apache-2.0
#include "disk/boot.h"

#include <errno.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include "base/err.h"

struct looking {
	const struct picture *p;
	walk_miss *miss;
	boot_see *see;
	void *arg;
	struct boot_found found;
	uint64_t n; /* of the image */
	int told; /* what ->see returned */
};

static const char pattern[] = "/{boot,boot/efi/*/*}/{initrd,initramfs}*";

static bool is_code(const struct initramfs_file *f)
{
	return f->content.content == DIGEST_ELF ||
	       f->content.content == DIGEST_SCRIPT ||
	       fnmatch("*.ko", f->name, 0) == 0 ||
	       fnmatch("*.ko.*", f->name, 0) == 0;
}

static int see_file(void *arg, const struct initramfs_file *f, struct err *e)
{
	struct looking *k = arg;

	if (fnmatch("*lib/dracut/*", f->name, 0) == 0)
		k->found.stripped = true;
	if (!is_code(f) || picture_knows(k->p, &f->content))
		return 0;
	if (k->n++ >= BOOT_TOLD_MAX)
		return 0;
	k->found.file = f;
	k->told = k->see(k->arg, &k->found, e);
	return k->told;
}

static int see_image(void *arg, uint32_t file, struct err *e)
{
	struct looking *k = arg;
	char path[WALK_PATH_BYTES];
	AUTO_CLOSE int fd = -1;
	struct err why = { 0 };
	struct stat st;
	int r;

	if (!S_ISREG(k->p->walk.files[file].mode) ||
		walk_path(path, &k->p->walk, file) < 0)
		return 0;
	fd = root_file(&k->p->root, path, &st, &why);
	if (fd < 0)
		return k->miss(k->arg, path, why.msg, e);
	k->found = (struct boot_found){ .image = path };
	k->n = 0;
	k->told = 0;
	r = initramfs_read(fd, picture_weak(k->p), see_file, k, &why);
	if (k->told < 0 || r == -ENOMEM)
		return err_set(e, r, "%s", why.msg);
	r = r < 0 ? k->miss(k->arg, path, why.msg, e) : 0;
	if (r < 0 || k->n <= BOOT_TOLD_MAX)
		return r;
	k->found.file = NULL;
	k->found.more = k->n - BOOT_TOLD_MAX;
	return k->see(k->arg, &k->found, e);
}

int boot_run(const struct picture *p, walk_miss *miss, boot_see *see, void *arg,
	struct err *e)
{
	struct looking k = { .p = p, .miss = miss, .see = see, .arg = arg };

	return p->packages.whole ? walk_glob(&p->walk, pattern, see_image, &k, e)
				 : 0;
}
