// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>

#include <blkid/blkid.h>

#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "volume/probe.h"

enum {
	SECTOR_BYTES = 512, /* of libblkid's numbers, whatever the device's */
	BIG_SECTOR_BYTES = 4096, /* of some disks */
	/* Of ext's superblock: Documentation/filesystems/ext4/super.rst */
	EXT_SUPER_BYTES = 1024,
	EXT_INCOMPAT = 0x60,
	EXT_INCOMPAT_RECOVER = 0x4,
};

static void probe_freep(blkid_probe *pr)
{
	blkid_free_probe(*pr); /* NULL is fine */
}

#define AUTO_PROBE CLEANUP(probe_freep)

static void take(char *ret, size_t cap, const char *text)
{
	(void)snprintf(ret, cap, "%s", text ? text : "");
}

static void take_value(char *ret, size_t cap, blkid_probe pr, const char *name)
{
	const char *text = NULL;

	(void)blkid_probe_lookup_value(pr, name, &text, NULL);
	take(ret, cap, text);
}

static blkid_probe open_probe(
	int fd, uint64_t start, uint64_t bytes, struct err *e)
{
	AUTO_PROBE blkid_probe pr = blkid_new_probe();

	if (!pr) {
		(void)err_set(e, -ENOMEM, "no memory for a probe");
		return NULL;
	}
	if (start > INT64_MAX || bytes > INT64_MAX ||
		blkid_probe_set_device(
			pr, fd, (blkid_loff_t)start, (blkid_loff_t)bytes) < 0) {
		(void)err_set(e, -EIO, "cannot be read");
		return NULL;
	}
	return TAKE_PTR(pr);
}

static bool ext_log_dirty(int fd, uint64_t start)
{
	uint8_t super[EXT_SUPER_BYTES];

	return io_pread(fd, super, sizeof(super), start + EXT_SUPER_BYTES,
		       NULL) == EXT_SUPER_BYTES &&
	       num_le32(super + EXT_INCOMPAT) & EXT_INCOMPAT_RECOVER;
}

int probe_content(struct probe_content *ret, int fd, uint64_t start,
	uint64_t bytes, struct err *e)
{
	AUTO_PROBE blkid_probe pr = open_probe(fd, start, bytes, e);
	struct probe_content c = { 0 };
	char usage[PROBE_ID_CHARS];
	int r;

	if (!pr)
		return -EIO;
	(void)blkid_probe_enable_superblocks(pr, 1);
	(void)blkid_probe_set_superblocks_flags(
		pr, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE | BLKID_SUBLKS_UUID |
			    BLKID_SUBLKS_LABEL);
	r = blkid_do_safeprobe(pr);
	if (r == -2)
		return err_set(e, -ENOTUNIQ,
			"signatures of more than one kind of content");
	if (r < 0)
		return err_set(e, -EIO, "cannot be read");
	if (r == 1)
		return err_set(e, -ENODATA, "no signature that is known");
	take_value(c.type, sizeof(c.type), pr, "TYPE");
	take_value(c.uuid, sizeof(c.uuid), pr, "UUID");
	take_value(c.label, sizeof(c.label), pr, "LABEL");
	take_value(usage, sizeof(usage), pr, "USAGE");
	c.file_system = strcmp(usage, "filesystem") == 0;
	c.log_dirty = strncmp(c.type, "ext", 3) == 0 && ext_log_dirty(fd, start);
	*ret = c;
	return 0;
}

static void take_partition(struct probe_partition *ret, blkid_partition p)
{
	const char *type = blkid_partition_get_type_string(p);

	*ret = (struct probe_partition){
		.number = (unsigned)blkid_partition_get_partno(p),
		.start_bytes =
			(uint64_t)blkid_partition_get_start(p) * SECTOR_BYTES,
		.bytes = (uint64_t)blkid_partition_get_size(p) * SECTOR_BYTES,
	};
	take(ret->uuid, sizeof(ret->uuid), blkid_partition_get_uuid(p));
	take(ret->label, sizeof(ret->label), blkid_partition_get_name(p));
	if (type)
		take(ret->type, sizeof(ret->type), type);
	else
		(void)snprintf(ret->type, sizeof(ret->type), "0x%02x",
			(unsigned)blkid_partition_get_type(p));
}

/* Those of a table; what holds other partitions is none. */
static int take_all(struct probe_partition *ret, blkid_partlist list,
	uint64_t bytes, struct err *e)
{
	int have = blkid_partlist_numof_partitions(list), n = 0;

	for (int i = 0; i < have; i++) {
		blkid_partition p = blkid_partlist_get_partition(list, i);
		struct probe_partition one;

		if (!p || blkid_partition_is_extended(p))
			continue;
		take_partition(&one, p);
		if (one.start_bytes >= bytes)
			continue;
		if (one.bytes > bytes - one.start_bytes)
			one.bytes = bytes - one.start_bytes;
		if (n == PROBE_PARTITIONS_MAX)
			return err_set(e, -E2BIG, "more than %d partitions",
				PROBE_PARTITIONS_MAX);
		ret[n++] = one;
	}
	return n;
}

int probe_partitions(struct probe_partition ret[PROBE_PARTITIONS_MAX], int fd,
	uint64_t bytes, struct err *e)
{
	static const unsigned sectors[] = { SECTOR_BYTES, BIG_SECTOR_BYTES };
	int n = 0;

	/* A device tells the size of its sectors, an image does not. */
	for (size_t i = 0; n == 0 && i < ARRAY_LEN(sectors); i++) {
		AUTO_PROBE blkid_probe pr = open_probe(fd, 0, bytes, e);
		blkid_partlist list;

		if (!pr)
			return -EIO;
		if (i && blkid_probe_get_sectorsize(pr) == sectors[i])
			continue;
		if (i && blkid_probe_set_sectorsize(pr, sectors[i]) < 0)
			continue;
		(void)blkid_probe_enable_superblocks(pr, 0);
		(void)blkid_probe_enable_partitions(pr, 1);
		list = blkid_probe_get_partitions(pr);
		if (list)
			n = take_all(ret, list, bytes, e);
	}
	return n;
}
