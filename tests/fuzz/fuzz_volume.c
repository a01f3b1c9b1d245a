// SPDX-License-Identifier: Apache-2.0
/* What is taken from LVM's metadata and from an fstab lies in it and ends; a map
 * leads to no place outside of the devices. */
#undef NDEBUG
#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

#include "unit/lvm_fixture.h"
#include "volume/fstab.h"
#include "volume/in_use.h"
#include "volume/lvm_group.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEVICE_BYTES = 8 << 20, LINE_BYTES = 4096 };

static void check_map(const struct map *m)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < m->n; i++) {
		const struct map_piece *p = &m->v[i];

		assert(p->bytes && p->stripes_n && p->bytes % p->stripes_n == 0);
		bytes += p->bytes;
		for (unsigned k = 0; k < p->stripes_n; k++) {
			assert(p->stripes[k].device < 2);
			assert(p->stripes[k].start_bytes <= DEVICE_BYTES);
			assert(p->bytes / p->stripes_n <=
				DEVICE_BYTES - p->stripes[k].start_bytes);
		}
	}
	assert(bytes == m->bytes);
}

static void group(struct slice text)
{
	struct lvm_place places[2] = { { .device = 0, .bytes = DEVICE_BYTES },
		{ .device = 1, .bytes = DEVICE_BYTES } };
	struct lvm_group g;
	uint32_t at = 0;

	if (lvm_group_open(&g, text, NULL) < 0)
		return;
	memset(places[0].id, 'A', LVM_ID_CHARS - 1);
	memset(places[1].id, 'B', LVM_ID_CHARS - 1);
	g.places = places;
	g.places_n = 2;
	for (int n = 0; n < 16 && (at = lvm_group_next(&g, at)); n++) {
		struct map m = { 0 };

		if (lvm_group_map(&m, &g, at, NULL) == 0)
			check_map(&m);
		map_done(&m);
	}
	lvm_group_done(&g);
}

static void fstab(struct slice rest)
{
	struct fstab_line line;

	while (fstab_next(&line, &rest)) {
		assert(*line.where == '/' && *line.spec && *line.value);
		assert(fstab_depth(line.where) < FSTAB_TEXT_CHARS);
		assert(line.by != FSTAB_BY_LOGICAL || strchr(line.value, '/'));
	}
}

/* Over the label and the area, and with their checksums, so that the rest is
 * looked at, too. */
static void physical(const uint8_t *data, size_t size)
{
	static uint8_t head[LVM_HEAD_BYTES];
	size_t half = size / 2 < 480 ? size / 2 : 480;
	struct lvm_physical p;
	int fd = memfd_create("physical", MFD_CLOEXEC);

	lvm_make(head, 'A', "v{}", 3, LVM_TEXT_AT);
	memcpy(head + LVM_LABEL_AT + 32, data, half);
	memcpy(head + LVM_AREA_AT + 24, data + half,
		size - half < 480 ? size - half : 480);
	lvm_checksums(head);
	assert(fd >= 0 && write(fd, head, sizeof(head)) == sizeof(head));
	if (lvm_read(&p, fd, 0, sizeof(head), NULL) == 0) {
		assert(p.text.len < LVM_AREA_BYTES && strlen(p.id) <= 32);
		lvm_physical_done(&p);
	}
	(void)close(fd);
}

static void mountinfo(const uint8_t *data, size_t size)
{
	char line[LINE_BYTES];
	struct in_use_mount m;

	if (size >= sizeof(line))
		return;
	memcpy(line, data, size);
	line[size] = 0;
	if (in_use_line(&m, line))
		assert(m.where > line && m.where < line + size &&
			m.source > m.where && m.source < line + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = { (const char *)data, size };

	group(all);
	fstab(all);
	physical(data, size);
	mountinfo(data, size);
	return 0;
}
