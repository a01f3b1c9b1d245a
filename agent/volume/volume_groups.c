// SPDX-License-Identifier: Apache-2.0
/* From physical volumes to the logical ones that lie on them. */
#include <errno.h>

#include "base/err.h"
#include "volume/lvm_group.h"
#include "volume/volume_internal.h"

/* All physical volumes, and what each says of its group. */
struct physicals {
	struct volumes *v;
	struct lvm_place places[VOLUMES_MAX];
	struct lvm_physical physical[VOLUMES_MAX];
	size_t n;
};

static void free_physicals(struct physicals **p)
{
	for (size_t i = 0; *p && i < (*p)->n; i++)
		lvm_physical_done(&(*p)->physical[i]);
	free(*p);
}

#define AUTO_PHYSICALS CLEANUP(free_physicals)

/* A damaged one is told of, and is not there. */
static void read_physical(struct physicals *p, struct volume *one)
{
	const struct map_piece *at = map_plain(&one->map);
	struct lvm_place *place = &p->places[p->n];
	struct err why = { 0 };

	if (!at || lvm_read(&p->physical[p->n], p->v->fds[at->stripes[0].device],
			   at->stripes[0].start_bytes, at->bytes, &why) < 0) {
		one->expected = false;
		volume_refuse(one, at ? why.msg : "a group in another group");
		return;
	}
	memcpy(place->id, p->physical[p->n].id, sizeof(place->id));
	place->device = at->stripes[0].device;
	place->start_bytes = at->stripes[0].start_bytes;
	place->bytes = at->bytes;
	p->n++;
}

static struct slice text_of(const struct physicals *p, size_t i)
{
	const struct buf *b = &p->physical[i].text;

	return (struct slice){ (const char *)b->data, b->len };
}

static void take_name(char ret[VOLUME_NAME_CHARS], struct slice name)
{
	(void)snprintf(ret, VOLUME_NAME_CHARS, "%.*s", (int)name.len, name.p);
}

/* One logical volume; what cannot be put together is told with the reason. */
static int add_logical(struct volumes *v, const struct lvm_group *g,
	uint32_t at, struct err *e)
{
	struct volume *one;
	struct err why = { 0 };
	int r = volume_add(&one, v, e);

	if (r < 0)
		return r;
	take_name(one->group, g->name);
	take_name(one->logical, g->text.nodes[at].name);
	r = lvm_group_map(&one->map, g, at, &why);
	if (r == -ENOMEM)
		return err_set(e, r, "%s", why.msg);
	if (r < 0) {
		volume_refuse(one, why.msg);
		return 0;
	}
	one->device = one->map.v[0].stripes[0].device;
	volume_probe(v, one);
	return 0;
}

static int add_group(struct volumes *v, const struct lvm_group *g, struct err *e)
{
	int r = volume_is_cut(v, e);
	size_t n = 0;

	for (uint32_t at = 0; r == 0 && (at = lvm_group_next(g, at)); n++)
		r = n < LVM_GROUP_VOLUMES_MAX
			    ? add_logical(v, g, at, e)
			    : volume_gap(v, "logical volumes",
				      "more than are looked at", e);
	return r;
}

static bool same(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
}

static struct slice id_of(const struct lvm_group *g)
{
	return lvm_text_string(&g->text, g->section, "id");
}

/* Is there a newer text of the same group, or the same one before it?  Or, told
 * in ${ret_foreign}, another group of that name before it? */
static bool superseded(bool *ret_foreign, const struct physicals *p,
	const struct lvm_group *groups, size_t i)
{
	const struct lvm_group *own = &groups[i];
	bool older = false;

	*ret_foreign = false;
	for (size_t j = 0; j < p->n; j++) {
		const struct lvm_group *g = &groups[j];

		if (j == i || !g->section || !same(g->name, own->name))
			continue;
		if (!same(id_of(g), id_of(own)))
			*ret_foreign = *ret_foreign || j < i;
		else if (g->number > own->number ||
			 (g->number == own->number && j < i))
			older = true;
	}
	return older;
}

/* Each group once, by its newest text. */
static int add_newest(const struct physicals *p, const struct lvm_group *groups,
	struct err *e)
{
	char name[VOLUME_NAME_CHARS];
	bool foreign;
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n; i++) {
		if (!groups[i].section || superseded(&foreign, p, groups, i))
			continue;
		take_name(name, groups[i].name);
		r = foreign ? volume_gap(p->v, name,
				      "a second group of volumes of this name", e)
			    : add_group(p->v, &groups[i], e);
	}
	return r;
}

static int add_groups(
	struct physicals *p, struct lvm_group *groups, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n; i++) {
		struct err why = { 0 };

		if (!p->physical[i].text.len)
			continue;
		r = lvm_group_open(&groups[i], text_of(p, i), &why);
		if (r == -EBADMSG)
			r = volume_gap(p->v, "group of volumes", why.msg, e);
		else if (r < 0)
			(void)err_set(e, r, "%s", why.msg);
		groups[i].places = p->places;
		groups[i].places_n = p->n;
	}
	return r < 0 ? r : add_newest(p, groups, e);
}

int volume_find_groups(struct volumes *v, struct err *e)
{
	AUTO_PHYSICALS struct physicals *p = calloc(1, sizeof(*p));
	AUTO_FREE struct lvm_group *groups = calloc(VOLUMES_MAX, sizeof(*groups));
	size_t n = v->n;
	int r;

	if (!p || !groups)
		return err_set(e, -ENOMEM, "no memory for groups of volumes");
	p->v = v;
	for (size_t i = 0; i < n; i++)
		if (strcmp(v->v[i].content.type, "LVM2_member") == 0)
			read_physical(p, &v->v[i]);
	r = add_groups(p, groups, e);
	for (size_t i = 0; i < p->n; i++)
		lvm_group_done(&groups[i]);
	return r;
}
