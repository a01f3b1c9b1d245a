/* SPDX-License-Identifier: Apache-2.0 */
/* Small disks in files, for the tests of the volume floor. */
#ifndef UNIT_VOLUME_FIXTURE_H
#define UNIT_VOLUME_FIXTURE_H

#include <spawn.h>
#include <sys/wait.h>

#include "unit/disk_tree.h"
#include "unit/lvm_fixture.h"

enum {
	DISK_SECTOR_BYTES = 512,
	DISK_PARTITION_AT = 1 << 20,
	DISK_BYTES = 12 << 20,
	LVM_DATA_AT = 1 << 20,
	LVM_EXTENTS = 1024, /* of 4 KiB */
};

/* A table as of 1983 with a partition for Linux, from 1 MiB to the end. */
static inline void disk_table(const char *path)
{
	uint8_t sector[DISK_SECTOR_BYTES] = { [510] = 0x55, [511] = 0xaa };
	FILE *f = fopen(path, "w");

	sector[446 + 4] = 0x83;
	num_put_le32(sector + 446 + 8, DISK_PARTITION_AT / DISK_SECTOR_BYTES);
	num_put_le32(sector + 446 + 12,
		(DISK_BYTES - DISK_PARTITION_AT) / DISK_SECTOR_BYTES);
	assert_non_null(f);
	assert_int_equal(fwrite(sector, sizeof(sector), 1, f), 1);
	assert_int_equal(ftruncate(fileno(f), DISK_BYTES), 0);
	assert_int_equal(fclose(f), 0);
}

/* An ext4 with the content of ${dir} in it; false without mke2fs. */
static inline bool disk_ext4(
	const char *path, const char *dir, const char *offset, const char *size)
{
	char option[64];
	char *argv[] = { "mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024", "-E",
		option, "-d", (char *)(uintptr_t)dir, (char *)(uintptr_t)path,
		(char *)(uintptr_t)size, NULL };
	char *env[] = { "PATH=/usr/bin:/bin:/usr/sbin:/sbin", NULL };
	int status;
	pid_t pid;

	(void)snprintf(option, sizeof(option), "offset=%s", offset);
	if (setenv("PATH", "/usr/bin:/bin:/usr/sbin:/sbin", 1) < 0 ||
		posix_spawnp(&pid, "mke2fs", NULL, NULL, argv, env) != 0)
		return false;
	return waitpid(pid, &status, 0) == pid && status == 0;
}

/* A physical volume with the one logical volume group/var, 4 MiB in a stretch,
 * over what ${path} has already. */
static inline void disk_lvm_named(const char *path, const char *id)
{
	static const char rest[] =
		" seqno = 1 extent_size = 8 physical_volumes { pv0 { id = "
		"\"AAAAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAAAA\" pe_start = 2048 } } "
		"logical_volumes { var { status = [\"VISIBLE\"] segment1 { "
		"start_extent = 0 extent_count = 1024 type = \"striped\" "
		"stripe_count = 1 stripes = [\"pv0\", 0] } } "
		"odd { status = [\"VISIBLE\"] segment1 { start_extent = 0 "
		"extent_count = 8 type = \"thin\" } } } }";
	static uint8_t head[LVM_HEAD_BYTES];
	char text[1024];
	FILE *f = fopen(path, "r+");
	int len = snprintf(text, sizeof(text), "group { %s%s", id, rest);

	lvm_make(head, 'A', text, (size_t)len, LVM_TEXT_AT);
	assert_non_null(f);
	assert_int_equal(fwrite(head, sizeof(head), 1, f), 1);
	assert_int_equal(ftruncate(fileno(f), DISK_BYTES), 0);
	assert_int_equal(fclose(f), 0);
}

static inline void disk_lvm(const char *path)
{
	disk_lvm_named(path, "id = \"one\"");
}

/* A partition with a root, and /var as a logical volume on another disk. */
struct disk_pair {
	char top[SCRATCH_CHARS], a[SCRATCH_CHARS], b[SCRATCH_CHARS];
	char tree[SCRATCH_CHARS], var[SCRATCH_CHARS];
};

static inline bool disk_pair_make(struct disk_pair *p)
{
	scratch_new(p->top);
	scratch_path(p->a, p->top, "a.img");
	scratch_path(p->b, p->top, "b.img");
	scratch_path(p->tree, p->top, "tree");
	scratch_path(p->var, p->top, "content");
	tree_mkdir(p->top, "tree/etc");
	tree_mkdir(p->top, "tree/usr");
	tree_mkdir(p->top, "tree/var");
	tree_mkdir(p->top, "content/log");
	tree_write(p->tree, "etc/fstab",
		"/dev/sda1 / ext4\n/dev/group/var /var ext4\n"
		"UUID=no-such /srv ext4\n/dev/group/odd /usr ext4\n");
	tree_write(p->var, "log/here", "x");
	disk_table(p->a);
	return disk_ext4(p->a, p->tree, "1048576", "8192") &&
	       disk_ext4(p->b, p->var, "1048576", "4096") &&
	       (disk_lvm(p->b), true);
}

#endif
