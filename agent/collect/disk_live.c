// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>

#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "collect/disk_live.h"

enum { MOUNTINFO_BYTES = 4 << 20, DEVICE_CHARS = 24 };

static const struct {
	const char *type; /* what begins with it, too */
	const char *reason;
} skipped[] = {
	{ "nfs", "a network file system" },
	{ "cifs", "a network file system" },
	{ "smb", "a network file system" },
	{ "ceph", "a network file system" },
	{ "9p", "a network file system" },
	{ "afs", "a network file system" },
	{ "lustre", "a network file system" },
	{ "glusterfs", "a network file system" },
	{ "gfs", "a network file system" },
	{ "fuse", "a file system of a process" },
	{ "autofs", "mounts when it is looked at" },
	{ "overlay", "an overlay: its layers are looked at" },
};

static const char *skip_reason(struct slice type)
{
	for (size_t i = 0; i < ARRAY_LEN(skipped); i++)
		if (slice_begins(type, skipped[i].type) &&
			!slice_is(type, "fuseblk"))
			return skipped[i].reason;
	return NULL;
}

/* ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG...] - TYPE SOURCE OPTIONS */
static bool parse(struct walk_skip *ret, struct slice line)
{
	struct slice word = { "", 0 }, device = { "", 0 };
	char text[DEVICE_CHARS], *colon;
	uint64_t major, minor;

	for (int i = 0; i < 3; i++)
		if (!slice_word(&device, &line))
			return false;
	while (slice_word(&word, &line) && !slice_is(word, "-"))
		;
	if (!slice_word(&word, &line))
		return false;
	ret->reason = skip_reason(word);
	if (!ret->reason || device.len >= sizeof(text))
		return false;
	memcpy(text, device.p, device.len);
	text[device.len] = 0;
	colon = strchr(text, ':');
	if (!colon)
		return false;
	*colon = 0;
	if (num_u64(&major, text, NULL) < 0 ||
		num_u64(&minor, colon + 1, NULL) < 0)
		return false;
	ret->device_major = (uint32_t)major;
	ret->device_minor = (uint32_t)minor;
	return true;
}

int disk_live_skips(struct disk_live *l, struct slice text, struct err *e)
{
	struct slice line;
	struct walk_skip skip;

	if (!l->skips)
		l->skips = calloc(DISK_LIVE_SKIPS_MAX, sizeof(*l->skips));
	if (!l->skips)
		return err_set(e, -ENOMEM, "no memory for mounts");
	while (slice_line(&line, &text)) {
		if (!parse(&skip, line))
			continue;
		if (l->skips_n == DISK_LIVE_SKIPS_MAX)
			return err_set(e, -EFBIG, "more mounts than %d",
				DISK_LIVE_SKIPS_MAX);
		l->skips[l->skips_n++] = skip;
	}
	return 0;
}

int disk_live_open(struct disk_live *ret, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	int r;

	*ret = (struct disk_live){ .target = { .dir = "/proc/1/root",
					   .allow = DISK_ALLOW_WRITABLE } };
	buf_init(&text, MOUNTINFO_BYTES);
	r = io_slurp(AT_FDCWD, "/proc/1/mountinfo", &text, e);
	if (r == 0)
		r = disk_live_skips(ret, slice_of_buf(&text), e);
	if (r < 0)
		disk_live_done(ret);
	return r;
}

void disk_live_done(struct disk_live *l)
{
	free(l->skips);
	*l = (struct disk_live){ 0 };
}
