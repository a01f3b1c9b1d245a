// SPDX-License-Identifier: Apache-2.0
#include "collect/disk_volume.h"
#include "base/err.h"
#include "icecore/v1/record.pb-c.h"
#include "stream/writer.h"
#include "volume/volume.h"

/* The mounts of one volume, as messages. */
struct mounts {
	Icecore__V1__DiskMount v[VOLUME_MOUNTS_MAX];
	Icecore__V1__DiskMount *p[VOLUME_MOUNTS_MAX];
	size_t n;
};

static void set_bytes(
	protobuf_c_boolean *has, ProtobufCBinaryData *ret, const char *text)
{
	ret->len = strlen(text);
	ret->data = (uint8_t *)(uintptr_t)text;
	*has = ret->len != 0;
}

static char *text_of(const char *text)
{
	return *text ? (char *)(uintptr_t)text : NULL;
}

static void find_mounts(
	struct mounts *ret, const struct volumes *v, const struct volume *one)
{
	ret->n = 0;
	for (size_t i = 0; i < v->mounts_n; i++) {
		const struct volume_mount *from = &v->mounts[i];
		Icecore__V1__DiskMount *m = &ret->v[ret->n];

		if (from->volume != one)
			continue;
		icecore__v1__disk_mount__init(m);
		set_bytes(&m->has_where, &m->where, from->where);
		set_bytes(&m->has_subvolume, &m->subvolume, from->subvolume);
		m->options = text_of(from->options);
		ret->p[ret->n++] = m;
	}
}

static void set_place(Icecore__V1__DiskVolume *out, const struct volumes *v,
	const struct volume *one)
{
	const struct map_piece *plain = map_plain(&one->map);

	set_bytes(&out->has_device, &out->device,
		v->config->devices[one->device]);
	out->has_partition = one->partition != 0;
	out->partition = one->partition;
	out->has_size_bytes = one->map.n != 0;
	out->size_bytes = one->map.bytes;
	out->has_start_bytes = plain != NULL;
	if (plain)
		out->start_bytes = plain->stripes[0].start_bytes;
	out->has_pieces = *one->logical && one->map.n;
	out->pieces = (uint32_t)one->map.n;
	set_bytes(&out->has_group, &out->group, one->group);
	set_bytes(&out->has_logical, &out->logical, one->logical);
	set_bytes(&out->has_partition_uuid, &out->partition_uuid,
		one->entry.uuid);
	set_bytes(&out->has_partition_label, &out->partition_label,
		one->entry.label);
	set_bytes(&out->has_partition_type, &out->partition_type,
		one->entry.type);
}

static int put_volume(struct writer *w, const struct volumes *v,
	const struct volume *one, struct err *e)
{
	Icecore__V1__DiskVolume out = ICECORE__V1__DISK_VOLUME__INIT;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	struct mounts mounts;

	find_mounts(&mounts, v, one);
	set_place(&out, v, one);
	set_bytes(&out.has_label, &out.label, one->content.label);
	set_bytes(&out.has_uuid, &out.uuid, one->content.uuid);
	out.type = text_of(one->content.type);
	out.has_log_dirty = out.log_dirty = one->content.log_dirty;
	out.mounts = mounts.p;
	out.n_mounts = mounts.n;
	out.why_not = text_of(one->why_not);
	m.body_case = ICECORE__V1__RECORD__BODY_DISK_VOLUME;
	m.disk_volume = &out;
	return writer_put(w, &(struct record){ .message = &m }, e);
}

int disk_put_volumes(struct writer *w, const struct volumes *v, walk_miss *gap,
	void *arg, struct err *e)
{
	char name[VOLUME_PATH_CHARS];
	int r = 0;

	for (size_t i = 0; r == 0 && i < v->n; i++) {
		const struct volume *one = &v->v[i];

		r = put_volume(w, v, one, e);
		volume_name(name, v, one);
		if (r == 0 && *one->why_not && !one->expected)
			r = gap(arg, name, one->why_not, e);
	}
	for (size_t i = 0; r == 0 && i < v->gaps_n; i++)
		r = gap(arg, v->gaps[i].what, v->gaps[i].reason, e);
	return r;
}
