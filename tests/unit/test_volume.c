// SPDX-License-Identifier: Apache-2.0
/* Lines of an fstab and of mountinfo, maps, and what is found on two disks. */
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "base/io.h"
#include "unit/volume_fixture.h"
#include "volume/fstab.h"
#include "volume/in_use.h"
#include "volume/volume.h"

static void fstab(void **state)
{
	static const struct {
		const char *line;
		enum fstab_by by;
		const char *value, *where, *subvolume;
		unsigned partition;
	} cases[] = {
		{ "UUID=a-b / ext4", FSTAB_BY_UUID, "a-b", "/", "", 0 },
		{ "LABEL=\"x\"\t/x\\040y\text4", FSTAB_BY_LABEL, "x", "/x y",
			"", 0 },
		{ "PARTUUID=7 /a btrfs subvol=@a,ro", FSTAB_BY_PARTITION_UUID,
			"7", "/a", "@a", 0 },
		{ "/dev/disk/by-partlabel/p /a ext4", FSTAB_BY_PARTITION_LABEL,
			"p", "/a", "", 0 },
		{ "/dev/mapper/v--g-l--v /a ext4", FSTAB_BY_LOGICAL, "v-g/l-v",
			"/a", "", 0 },
		{ "/dev/vg/lv /a ext4", FSTAB_BY_LOGICAL, "vg/lv", "/a", "", 0 },
		{ "/dev/mapper/crypt /a ext4", FSTAB_BY_LOGICAL, "mapper/crypt",
			"/a", "", 0 },
		{ "/dev/sda12 /a ext4", FSTAB_BY_POSITION, "sda12", "/a", "", 12 },
		{ "/dev/nvme0n1p3 /a xfs", FSTAB_BY_POSITION, "nvme0n1p3", "/a",
			"", 3 },
		{ "/dev/nvme0n1 /a xfs", FSTAB_BY_POSITION, "nvme0n1", "/a", "",
			0 },
	};
	static const char *const none[] = { "", "# UUID=a / ext4", "UUID=a",
		"UUID=a none swap sw", "tmpfs /tmp tmpfs", "h:/x /x nfs",
		"UUID=a / swap", "/a /b none bind", "/a /b ext4 ro,rbind",
		"UUID= / ext4", "UUID=a\\000b /a\\000b ext4", "//h/s /x cifs",
		"/dev/ /x ext4", "UUID=a relative ext4" };
	struct fstab_line line;
	struct slice rest;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		rest = slice_of(cases[i].line);
		assert_true(fstab_next(&line, &rest));
		assert_int_equal(line.by, cases[i].by);
		assert_string_equal(line.value, cases[i].value);
		assert_string_equal(line.where, cases[i].where);
		assert_string_equal(line.subvolume, cases[i].subvolume);
		assert_int_equal(line.partition, cases[i].partition);
	}
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		rest = slice_of(none[i]);
		if (fstab_next(&line, &rest))
			fail_msg("'%s' mounts %s", none[i], line.spec);
	}
	rest = slice_of("LABEL=a /a btrfs subvolid=257\n\nLABEL=b /b/c/ ext4");
	assert_true(fstab_next(&line, &rest));
	assert_int_equal(line.subvolume_id, 257);
	assert_true(fstab_next(&line, &rest));
	assert_int_equal(fstab_depth(line.where), 2);
	assert_false(fstab_next(&line, &rest));
	assert_int_equal(fstab_depth("///"), 0);
}

static void mountinfo(void **state)
{
	char both[] = "36 35 98:1 /m /n rw,noatime shared:1 - ext3 /dev/r rw,x=y";
	char bound[] = "36 35 0:9 / /n ro - btrfs /dev/r rw";
	char only[] = "36 35 0:9 / /n rw - xfs /dev/r ro,rw";
	char *const none[] = { "", "36 35 98:1", "36 35 x / /n rw - a b rw",
		"36 35 9:1 / /n rw x", "36 35 9:1 / /n rw - a b" };
	struct in_use_mount m;

	(void)state;
	assert_true(in_use_line(&m, both));
	assert_int_equal(m.dev, makedev(98, 1));
	assert_string_equal(m.where, "/n");
	assert_string_equal(m.source, "/dev/r");
	assert_true(m.writable);
	/* A read-only mount of what is written to elsewhere. */
	assert_true(in_use_line(&m, bound) && m.writable);
	assert_true(in_use_line(&m, only) && !m.writable);
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		char line[64];

		(void)snprintf(line, sizeof(line), "%s", none[i]);
		assert_false(in_use_line(&m, line));
	}
}

static int device_of(uint8_t fill, size_t len)
{
	int fd = memfd_create("device", MFD_CLOEXEC);

	assert_true(fd >= 0);
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = (uint8_t)(fill + i);

		assert_int_equal(write(fd, &byte, 1), 1);
	}
	return fd;
}

static void pieces(void **state)
{
	const struct map_piece linear = {
		.bytes = 4, .stripes_n = 1, .stripes = { { 0, 8 } }
	};
	const struct map_piece striped = { .bytes = 8,
		.chunk_bytes = 2,
		.stripes_n = 2,
		.stripes = { { 0, 0 }, { 1, 0 } } };
	const uint8_t want[] = { 8, 9, 10, 11, 0, 1, 100, 101, 2, 3, 102, 103 };
	int fds[] = { device_of(0, 16), device_of(100, 16) };
	struct map m = { 0 }, part = { 0 };
	struct err e = { 0 };
	uint8_t got[16];

	(void)state;
	assert_ok(map_add(&m, &linear, &e), &e);
	assert_ok(map_add(&m, &striped, &e), &e);
	for (size_t from = 0; from < sizeof(want); from++) {
		assert_ok(map_read(&m, fds, got, sizeof(want) - from, from, &e),
			&e);
		assert_memory_equal(got, want + from, sizeof(want) - from);
	}
	assert_err(map_read(&m, fds, got, 13, 0, &e), -ERANGE, &e, "not all");
	assert_ok(map_slice(&part, &m, 1, 3, &e), &e);
	assert_ok(map_read(&part, fds, got, 3, 0, &e), &e);
	assert_memory_equal(got, want + 1, 3);
	assert_err(map_slice(&part, &m, 5, 2, &e), -ENOTSUP, &e, "striped");
	assert_err(map_slice(&part, &m, 5, 99, &e), -ERANGE, &e, "not all");
	map_done(&part);
	map_done(&m);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void disks(void **state)
{
	struct disk_pair p;
	const char *devices[] = { p.a, p.b };
	struct volumes_config config = { .devices = devices, .devices_n = 2 };
	struct err e = { 0 };
	struct volumes v;
	char name[VOLUME_PATH_CHARS];

	(void)state;
	if (!disk_pair_make(&p)) {
		scratch_remove(p.top);
		skip();
	}
	assert_ok(volumes_find(&v, &config, &e), &e);
	assert_int_equal(v.n, 4);
	assert_int_equal(v.v[0].partition, 1);
	assert_string_equal(v.v[0].content.type, "ext4");
	assert_string_equal(v.v[0].entry.type, "0x83");
	assert_int_equal(map_plain(&v.v[0].map)->stripes[0].start_bytes,
		DISK_PARTITION_AT);
	assert_string_equal(v.v[1].content.type, "LVM2_member");
	assert_true(v.v[1].expected && *v.v[1].why_not);
	volume_name(name, &v, &v.v[2]);
	assert_string_equal(name, "group/var");
	assert_string_equal(v.v[2].content.type, "ext4");
	assert_int_equal(v.v[2].map.bytes, LVM_EXTENTS * 4096);
	assert_string_equal(v.v[2].why_not, "");
	assert_non_null(strstr(v.v[3].why_not, "type thin"));
	assert_false(v.v[3].expected);
	volumes_close(&v);
	/* The same disk twice is one group, another of its name is told. */
	devices[0] = p.b;
	assert_ok(volumes_find(&v, &config, &e), &e);
	assert_int_equal(v.n, 4);
	assert_int_equal(v.gaps_n, 0);
	volumes_close(&v);
	devices[0] = p.a;
	disk_lvm_named(p.a, "id = \"another\"");
	assert_ok(volumes_find(&v, &config, &e), &e);
	assert_int_equal(v.n, 4);
	assert_int_equal(v.gaps_n, 1);
	assert_string_equal(v.gaps[0].what, "group");
	volumes_close(&v);
	devices[0] = "/dev/null";
	assert_err(volumes_find(&v, &config, &e), -EINVAL, &e, "neither a block");
	volumes_close(&v);
	devices[0] = p.top;
	assert_err(volumes_find(&v, &config, &e), -EINVAL, &e, "neither a block");
	volumes_close(&v);
	scratch_remove(p.top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fstab),
		cmocka_unit_test(mountinfo),
		cmocka_unit_test(pieces),
		cmocka_unit_test(disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
