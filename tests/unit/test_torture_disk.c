// SPDX-License-Identifier: Apache-2.0
/* Every allocation and every call of the disk floor fails once, on a tree that
 * this test makes. */
#include "base/buf.h"
#include "disk/boot.h"
#include "disk/container.h"
#include "disk/odd.h"
#include "disk/persist.h"
#include "disk/verify.h"
#include "unit/disk_tree.h"
#include "unit/fault.h"
#include "unit/torture.h"

static char top[SCRATCH_CHARS];

static int see_verdict(void *arg, const struct verify_verdict *v, struct err *e)
{
	(void)arg;
	(void)v;
	(void)e;
	return 0;
}

static int see_found(void *arg, const struct persist_found *f, struct err *e)
{
	(void)arg;
	(void)f;
	(void)e;
	return 0;
}

static int see_odd(void *arg, enum odd_kind kind, const char *path, struct err *e)
{
	(void)arg;
	(void)kind;
	(void)path;
	(void)e;
	return 0;
}

static int see_boot(void *arg, const struct boot_found *f, struct err *e)
{
	(void)arg;
	(void)f;
	(void)e;
	return 0;
}

static int see_container(
	void *arg, const struct container_found *f, struct err *e)
{
	(void)arg;
	(void)f;
	(void)e;
	return 0;
}

static int see_program(void *arg, const struct container_found *f,
	const char *path, struct err *e)
{
	(void)arg;
	(void)f;
	(void)path;
	(void)e;
	return 0;
}

static int look(struct err *e)
{
	struct disk_target target = { top, DISK_ALLOW_WRITABLE };
	struct tree_misses m = { 0 };
	struct picture_config config = { .target = &target,
		.digest = { .threads = 2 },
		.miss = tree_miss,
		.arg = &m };
	const struct container_tell tell = { see_container, see_program,
		tree_miss, &m };
	struct picture p;
	int r = picture_take(&p, &config, e);

	if (r < 0)
		return r;
	r = verify_run(&p, see_verdict, NULL, e);
	if (r == 0)
		r = persist_run(&p, tree_miss, see_found, &m, e);
	if (r == 0)
		r = odd_run(&p, see_odd, NULL, e);
	if (r == 0)
		r = boot_run(&p, tree_miss, see_boot, &m, e);
	if (r == 0)
		r = containers_run(&p, &tell, e);
	picture_done(&p);
	return r;
}

static void disk(void **state)
{
	(void)state;
	scratch_new(top);
	tree_mkdir(top, "var/lib/dpkg/info");
	tree_mkdir(top, "etc/cron.d");
	tree_mkdir(top, "usr/bin");
	tree_write(top, "var/lib/dpkg/status",
		"Package: p\nStatus: install ok installed\n");
	tree_write(top, "var/lib/dpkg/diversions", "/a\n/b\n:\n");
	tree_mkdir(top, "var/lib/ucf");
	tree_write(top, "var/lib/ucf/registry", "p /usr/bin/x\n");
	tree_write(top, "var/lib/ucf/hashfile", "x\n");
	tree_mkdir(top, "lib/apk/db");
	tree_write(top, "lib/apk/db/installed", "P:a\nF:usr/bin\nR:y\n");
	tree_mkdir(top, "opt/site-packages/m-1.dist-info");
	tree_mkdir(top, "srv/node_modules/a");
	tree_write(top, "srv/node_modules/.package-lock.json",
		"{\"packages\":{}}");
	tree_write(top, "srv/node_modules/a/package.json", "{\"name\":\"a\"}");
	tree_mkdir(top, "boot");
	tree_write(top, "boot/initrd.img", "070701");
	tree_mkdir(top, "var/lib/containers/storage/overlay-containers");
	tree_write(top,
		"var/lib/containers/storage/overlay-containers/containers.json",
		"[{\"id\":\"a\",\"layer\":\"b\"}]");
	tree_mkdir(top, "var/lib/docker/image/overlay2/layerdb/mounts/a");
	tree_write(top,
		"var/lib/docker/image/overlay2/layerdb/mounts/a/mount-id", "b");
	tree_write(top, "opt/site-packages/m-1.dist-info/RECORD", "a,,\n");
	tree_write(top, "var/lib/dpkg/info/p.list", "/usr/bin/x\n/usr/bin/y\n");
	tree_write(top, "var/lib/dpkg/info/p.md5sums",
		"d41d8cd98f00b204e9800998ecf8427e  usr/bin/x\n");
	tree_write(top, "usr/bin/x", "changed");
	tree_write(top, "etc/cron.d/x", "1 1 1 1 1 root /tmp/x\n");
	assert_true(torture_run("disk", look).calls > 20);
	scratch_remove(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(disk),
	};

	fault_hooks();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
