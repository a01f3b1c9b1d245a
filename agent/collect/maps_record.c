// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "collect/maps_record.h"
#include "collect/set.h"
#include "live/maps.h"
#include "live/task.h"

struct maps_record {
	Icecore__V1__ProcessMaps message;
	Icecore__V1__Mapping slots[MAPS_RECORD_MAX];
	Icecore__V1__Mapping *list[MAPS_RECORD_MAX];
};

int maps_record_new(struct maps_record **ret, struct err *e)
{
	struct maps_record *r = calloc(1, sizeof(*r));

	if (!r)
		return err_set(e, -ENOMEM, "no memory for mapping records");
	*ret = r;
	return 0;
}

void maps_record_free(struct maps_record *r)
{
	free(r);
}

static void fill(Icecore__V1__Mapping *out, const struct mapping *m)
{
	icecore__v1__mapping__init(out);
	SET(out, start, m->start);
	SET(out, end, m->end);
	out->protection = (char *)(uintptr_t)m->protection;
	if (m->inode) {
		SET(out, offset, m->offset);
		SET(out, device_major, m->major);
		SET(out, device_minor, m->minor);
		SET(out, inode, m->inode);
	}
	if (m->path_len)
		SET(out, path,
			((ProtobufCBinaryData){
				m->path_len, (uint8_t *)(uintptr_t)m->path }));
	SET(out, flags, m->flags);
	SET(out, seen_by, m->seen_by);
	if (m->changed_pages)
		SET(out, changed_pages, m->changed_pages);
}

Icecore__V1__ProcessMaps *maps_record_make(struct maps_record *r,
	const struct live_task *t, const struct maps *maps, size_t at)
{
	Icecore__V1__ProcessMaps *out = &r->message;
	size_t paths = 0;

	icecore__v1__process_maps__init(out);
	SET(out, pid, t->pid);
	SET(out, start_boot_ns, t->start_boot_ns);
	SET(out, seen_by, 0);
	if (at)
		SET(out, continued, 1);
	out->mappings = r->list;
	for (size_t i = at; i < maps->n && out->n_mappings < MAPS_RECORD_MAX;
		i++) {
		const struct mapping *m = &maps->v[i];

		paths += m->path_len;
		if (paths > MAPS_RECORD_PATH_BYTES && out->n_mappings)
			break;
		fill(&r->slots[out->n_mappings], m);
		out->seen_by |= m->seen_by;
		r->list[out->n_mappings] = &r->slots[out->n_mappings];
		out->n_mappings++;
	}
	return out;
}
