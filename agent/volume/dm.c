// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/buf.h"
#include "base/err.h"
#include "volume/dm.h"
#include "volume/stage.h"

enum {
	MISC_MAJOR = 10, /* Documentation/admin-guide/devices.txt */
	DM_MINOR = 236,
	SECTOR_BYTES = 512,
	ALIGN_BYTES = 8, /* of a target and its parameters */
};

static void head(struct dm_ioctl *h, const struct dm_mapping *m, unsigned flags,
	size_t bytes)
{
	*h = (struct dm_ioctl){
		.version = { DM_VERSION_MAJOR, 0, 0 },
		.data_size = (unsigned)bytes,
		.data_start = sizeof(*h),
		.flags = flags,
	};
	(void)snprintf(h->name, sizeof(h->name), "icecore-%ld-%u",
		(long)getpid(), m->number);
}

/* A call that is a head alone. */
static int ask(const struct dm_mapping *m, unsigned long call, const char *what,
	unsigned flags, struct dm_ioctl *ret, struct err *e)
{
	head(ret, m, flags, sizeof(*ret));
	if (ioctl(m->control, call, ret) < 0)
		return err_sys(e, "device-mapper: %s", what);
	return 0;
}

/* One target: its head, its parameters with a NUL, and what aligns them. */
static int put_target(struct buf *b, const struct map_piece *p, uint64_t start,
	const dev_t *devices, struct err *e)
{
	static const uint8_t zeros[ALIGN_BYTES];
	struct dm_target_spec t = {
		.sector_start = start / SECTOR_BYTES,
		.length = p->bytes / SECTOR_BYTES,
	};
	size_t at = b->len;
	int r;

	(void)snprintf(t.target_type, sizeof(t.target_type), "%s",
		p->stripes_n > 1 ? "striped" : "linear");
	r = buf_append(b, &t, sizeof(t), e);
	if (r == 0 && p->stripes_n > 1)
		r = buf_text(b, e, "%u %" PRIu64, p->stripes_n,
			p->chunk_bytes / SECTOR_BYTES);
	for (unsigned i = 0; r == 0 && i < p->stripes_n; i++)
		r = buf_text(b, e, " %u:%u %" PRIu64,
			major(devices[p->stripes[i].device]),
			minor(devices[p->stripes[i].device]),
			p->stripes[i].start_bytes / SECTOR_BYTES);
	if (r == 0)
		r = buf_append(
			b, zeros, ALIGN_BYTES - (b->len - at) % ALIGN_BYTES, e);
	if (r < 0)
		return r;
	t.next = (unsigned)(b->len - at);
	memcpy(b->data + at, &t, sizeof(t));
	return 0;
}

static int load(const struct dm_mapping *m, const struct map *map,
	const dev_t *devices, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	struct dm_ioctl h;
	uint64_t start = 0;
	int r;

	buf_init(&b, DM_TABLE_BYTES);
	r = buf_append(&b, &(struct dm_ioctl){ 0 }, sizeof(h), e);
	for (size_t i = 0; r == 0 && i < map->n; start += map->v[i++].bytes)
		r = put_target(&b, &map->v[i], start, devices, e);
	if (r < 0)
		return r;
	head(&h, m, DM_READONLY_FLAG, b.len);
	h.target_count = (unsigned)map->n;
	memcpy(b.data, &h, sizeof(h));
	if (ioctl(m->control, DM_TABLE_LOAD, b.data) < 0)
		return err_sys(e, "device-mapper: load a table");
	return 0;
}

/* A removal that waits for the last user is done some time after that. */
static void keep_it(const struct dm_mapping *m)
{
	static const char text[] = "@cancel_deferred_remove";
	uint8_t message[sizeof(struct dm_ioctl) + sizeof(struct dm_target_msg) +
			sizeof(text)] = { 0 };
	struct dm_ioctl h;

	/* The sector of the target is 0, and the text follows it. */
	head(&h, m, 0, sizeof(message));
	memcpy(message, &h, sizeof(h));
	memcpy(message + sizeof(h) + sizeof(struct dm_target_msg), text,
		sizeof(text));
	(void)ioctl(m->control, DM_TARGET_MSG, message);
}

void dm_detach(struct dm_mapping *m, int fd)
{
	struct dm_ioctl h;

	if (m->control < 0)
		return;
	keep_it(m);
	(void)close(fd);
	if (ask(m, DM_DEV_REMOVE, "remove", 0, &h, NULL) < 0)
		(void)ask(m, DM_DEV_REMOVE, "remove", DM_DEFERRED_REMOVE, &h,
			NULL);
	(void)close(m->control);
	m->control = -1;
}

int dm_attach(struct dm_mapping *ret, dev_t *ret_dev, const struct stage *stage,
	const struct map *map, const dev_t *devices, struct err *e)
{
	static unsigned made;
	AUTO_CLOSE int control =
		stage_open(stage, S_IFCHR, makedev(MISC_MAJOR, DM_MINOR), e);
	AUTO_CLOSE int fd = -1;
	struct dm_mapping m = { .control = control, .number = made++ };
	struct dm_ioctl h;
	int r;

	if (control < 0)
		return err_wrap(e, control, "device-mapper");
	r = ask(&m, DM_DEV_CREATE, "make a mapping", DM_READONLY_FLAG, &h, e);
	if (r < 0)
		return r;
	*ret_dev = (dev_t)h.dev;
	r = load(&m, map, devices, e);
	if (r == 0)
		r = ask(&m, DM_DEV_SUSPEND, "resume", DM_READONLY_FLAG, &h, e);
	if (r == 0)
		r = fd = stage_open(stage, S_IFBLK, *ret_dev, e);
	if (r >= 0) /* for when this process dies */
		r = ask(&m, DM_DEV_REMOVE, "deferred removal",
			DM_DEFERRED_REMOVE, &h, e);
	if (r < 0) {
		(void)ask(&m, DM_DEV_REMOVE, "remove", 0, &h, NULL);
		return r;
	}
	*ret = m;
	ret->control = TAKE_FD(control);
	return TAKE_FD(fd);
}
