// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "volume/file_system.h"
#include "volume/in_use.h"
#include "volume/volume_internal.h"

enum { HEAD_BYTES = 2 << 20 }; /* of a volume in pieces: all superblocks */

int volume_is_cut(const struct volumes *v, struct err *e)
{
	if (v->config->interrupted && *v->config->interrupted)
		return err_set(e, -EINTR, "interrupted");
	return 0;
}

/* A sentence, in which names of the device may be no text. */
static void say(char ret[VOLUME_REASON_CHARS], const char *why)
{
	(void)snprintf(
		ret, VOLUME_REASON_CHARS, "%.*s", VOLUME_REASON_CHARS - 1, why);
	for (char *c = ret; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

void volume_refuse(struct volume *one, const char *why)
{
	say(one->why_not, why);
}

int volume_gap(
	struct volumes *v, const char *what, const char *why, struct err *e)
{
	struct volume_gap *g;

	if (v->gaps_n == VOLUME_GAPS_MAX)
		return err_set(e, -E2BIG, "more than %d gaps of the volumes",
			VOLUME_GAPS_MAX);
	g = &v->gaps[v->gaps_n++];
	(void)snprintf(g->what, sizeof(g->what), "%s", what);
	say(g->reason, why);
	return 0;
}

int volume_add(struct volume **ret, struct volumes *v, struct err *e)
{
	if (v->n == VOLUMES_MAX) {
		(void)err_set(e, -E2BIG, "more than %d volumes", VOLUMES_MAX);
		return -E2BIG;
	}
	*ret = &v->v[v->n++];
	return 0;
}

static int size_of(uint64_t *ret, int fd, const struct stat *st, struct err *e)
{
	if (S_ISREG(st->st_mode))
		*ret = (uint64_t)st->st_size;
	else if (!S_ISBLK(st->st_mode))
		return err_set(e, -EINVAL, "neither a block device nor an image");
	else if (ioctl(fd, BLKGETSIZE64, ret) < 0)
		return err_sys(e, "ask for the size");
	return 0;
}

static int open_device(struct volumes *v, size_t i, struct err *e)
{
	/* Not blocked by a FIFO of that name. */
	AUTO_CLOSE int fd = io_open(
		AT_FDCWD, v->config->devices[i], O_RDONLY | O_NONBLOCK, 0, e);
	struct stat st;
	int r;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return err_sys(e, "stat %s", v->config->devices[i]);
	r = size_of(&v->bytes[i], fd, &st, e);
	if (r == 0 && !v->config->allow_writable)
		r = in_use(&st, e);
	if (r < 0)
		return err_wrap(e, r, "%s", v->config->devices[i]);
	v->fds[i] = TAKE_FD(fd);
	return 0;
}

/* Into memory what of a volume in pieces is looked at, at its own offsets. */
static int make_head(const struct volumes *v, const struct map *m, struct err *e)
{
	size_t len = m->bytes < HEAD_BYTES ? (size_t)m->bytes : HEAD_BYTES;
	AUTO_CLOSE int fd = memfd_create("volume", MFD_CLOEXEC);
	AUTO_FREE uint8_t *head = malloc(len ? len : 1);
	int r;

	if (!head)
		return err_set(e, -ENOMEM, "no memory for the head of a volume");
	if (fd < 0 || ftruncate(fd, (off_t)m->bytes) < 0)
		return err_sys(e, "a file in memory");
	r = map_read(m, v->fds, head, len, 0, e);
	if (r == 0)
		r = io_pwrite(fd, head, len, 0, e);
	return r < 0 ? r : TAKE_FD(fd);
}

/* What keeps it from being looked into, and whether that is as usual. */
static void judge_content(struct volume *one)
{
	static const struct {
		const char *type, *why;
		bool expected;
	} kinds[] = {
		{ "swap", "swap, which is not looked into", true },
		{ "LVM2_member", "part of a group of volumes", true },
		{ "crypto_LUKS", "encrypted (LUKS)", false },
		{ "BitLocker", "encrypted (BitLocker)", false },
		{ "linux_raid_member",
			"part of a RAID (md), which is not put together", false },
		{ "zfs_member", "part of a pool of ZFS, which is not read",
			false },
	};
	const struct probe_content *c = &one->content;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(c->type, kinds[i].type) == 0) {
			one->expected = kinds[i].expected;
			volume_refuse(one, kinds[i].why);
			return;
		}
	if (!c->file_system || !file_system_known(c->type))
		volume_refuse(one, "of a type that is not mounted");
}

/* Partitions of boot loaders, which have no signature. */
static bool is_loader(const struct probe_partition *p)
{
	return strcmp(p->type, "21686148-6449-6e6f-744e-656564454649") == 0 ||
	       strcmp(p->type, "9e1a2d38-c612-4316-aa26-8b49521e5a8b") == 0;
}

void volume_probe(const struct volumes *v, struct volume *one)
{
	const struct map_piece *plain = map_plain(&one->map);
	AUTO_CLOSE int head = -1;
	struct err why = { 0 };
	int r = 0;

	if (plain) {
		r = probe_content(&one->content, v->fds[plain->stripes[0].device],
			plain->stripes[0].start_bytes, plain->bytes, &why);
	} else {
		r = head = make_head(v, &one->map, &why);
		if (r >= 0)
			r = probe_content(
				&one->content, head, 0, one->map.bytes, &why);
	}
	one->expected = r == -ENODATA && is_loader(&one->entry);
	if (r < 0)
		volume_refuse(one, one->expected ? "a boot loader's" : why.msg);
	else
		judge_content(one);
}

static int add_stretch(struct volumes *v, size_t device, uint64_t start,
	uint64_t bytes, const struct probe_partition *entry, struct err *e)
{
	const struct map_piece piece = { .bytes = bytes,
		.stripes_n = 1,
		.stripes = { { (unsigned)device, start } } };
	struct volume *one;
	int r = volume_add(&one, v, e);

	if (r < 0)
		return r;
	one->device = (unsigned)device;
	if (entry) {
		one->partition = entry->number;
		one->entry = *entry;
	}
	r = map_add(&one->map, &piece, e);
	if (r == 0)
		volume_probe(v, one);
	return r;
}

/* A device's partitions, or the whole of it where there are none. */
static int find_in_device(struct volumes *v, size_t i, struct err *e)
{
	AUTO_FREE struct probe_partition *found =
		calloc(PROBE_PARTITIONS_MAX, sizeof(*found));
	struct err why = { 0 };
	int n, r = volume_is_cut(v, e);

	if (r < 0)
		return r;
	if (!found)
		return err_set(e, -ENOMEM, "no memory for partitions");
	n = probe_partitions(found, v->fds[i], v->bytes[i], &why);
	if (n < 0)
		return volume_gap(v, v->config->devices[i], why.msg, e);
	if (n == 0)
		return add_stretch(v, i, 0, v->bytes[i], NULL, e);
	for (int p = 0; r == 0 && p < n; p++)
		r = add_stretch(v, i, found[p].start_bytes, found[p].bytes,
			&found[p], e);
	return r;
}

int volumes_find(
	struct volumes *ret, const struct volumes_config *config, struct err *e)
{
	int r = 0;

	*ret = (struct volumes){ .config = config };
	for (size_t i = 0; i < VOLUME_DEVICES_MAX; i++)
		ret->fds[i] = -1;
	ret->v = calloc(VOLUMES_MAX, sizeof(*ret->v));
	ret->mounts = calloc(VOLUME_MOUNTS_MAX, sizeof(*ret->mounts));
	ret->gaps = calloc(VOLUME_GAPS_MAX, sizeof(*ret->gaps));
	if (!ret->v || !ret->mounts || !ret->gaps)
		return err_set(e, -ENOMEM, "no memory for volumes");
	if (config->devices_n > VOLUME_DEVICES_MAX)
		return err_set(
			e, -E2BIG, "more than %d devices", VOLUME_DEVICES_MAX);
	for (size_t i = 0; r == 0 && i < config->devices_n; i++)
		r = open_device(ret, i, e);
	for (size_t i = 0; r == 0 && i < config->devices_n; i++)
		r = find_in_device(ret, i, e);
	return r < 0 ? r : volume_find_groups(ret, e);
}

void volumes_close(struct volumes *v)
{
	volume_stack_free(v->stack);
	v->stack = NULL;
	for (size_t i = 0; i < v->n; i++)
		map_done(&v->v[i].map);
	for (size_t i = 0; v->v && i < VOLUME_DEVICES_MAX; i++)
		if (v->fds[i] >= 0)
			(void)close(v->fds[i]);
	free(v->v);
	free(v->mounts);
	free(v->gaps);
	*v = (struct volumes){ 0 };
}

void volume_name(char ret[VOLUME_PATH_CHARS], const struct volumes *v,
	const struct volume *volume)
{
	const char *device = v->config->devices[volume->device];

	if (*volume->logical)
		(void)snprintf(ret, VOLUME_PATH_CHARS, "%s/%s", volume->group,
			volume->logical);
	else if (volume->partition)
		(void)snprintf(ret, VOLUME_PATH_CHARS, "%s p%u", device,
			volume->partition);
	else
		(void)snprintf(ret, VOLUME_PATH_CHARS, "%s", device);
}

const char *volume_hint(const struct volume *volume)
{
	/* The Discoverable Partitions Specification (x86-64, arm64). */
	static const struct {
		const char *type, *where;
	} hints[] = {
		{ "4f68bce3-e8cd-4db1-96e7-fbcaf984b709", "/" },
		{ "b921b045-1df0-41c3-af44-4c6f280d3fae", "/" },
		{ "8484680c-9521-48c6-9c11-b0720656f69e", "/usr" },
		{ "b0e01050-ee5f-4390-949a-9101b17104e9", "/usr" },
		{ "933ac7e1-2eb4-4f13-b844-0e14e2aef915", "/home" },
		{ "3b8f8425-20e0-4f3b-907f-1a25a76f98e8", "/srv" },
		{ "4d21b016-b534-45c2-a9fb-5c16e091fd2d", "/var" },
		{ "7ec6f557-3bc5-4aca-b293-16ef5df639d1", "/var/tmp" },
		{ "bc13c2ff-59e6-4262-a352-b275fd6f7172", "/boot" },
		{ "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "/boot/efi" },
		{ "0xef", "/boot/efi" },
	};

	for (size_t i = 0; i < ARRAY_LEN(hints); i++)
		if (strcmp(volume->entry.type, hints[i].type) == 0)
			return hints[i].where;
	return NULL;
}
