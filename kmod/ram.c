// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/overflow.h>

#include "ram.h"
#include "uapi/icecore.h"

struct walk {
	struct icecore_ram *ram; /* NULL: only count */
	unsigned int max;
	unsigned int count;
	u64 end; /* of the range before */
};

static int take_range(struct resource *res, void *arg)
{
	u64 start = res->start, end = res->end + 1;
	struct walk *w = arg;

	if (w->count > 0 && start <= w->end) {
		if (w->ram)
			w->ram->ranges[w->count - 1].end = end;
	} else {
		if (w->count == w->max)
			return w->ram ? -EAGAIN : -E2BIG;
		if (w->ram)
			w->ram->ranges[w->count] =
				(struct icecore_range){ start, end };
		w->count++;
	}
	w->end = end;
	return 0;
}

/*
 * The walk is depth first and ascending, goes below resources that do not
 * match (virtio-mem, dax), and on behind one that does, so that what lies in
 * System RAM is not seen twice.
 */
static int walk_ram(struct walk *w)
{
	int r = walk_iomem_res_desc(IORES_DESC_NONE,
		IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY, 0, (u64)-1, w,
		take_range);

	/* It is its word for no match. */
	return r == -EINVAL ? -ENODEV : r;
}

struct icecore_ram *icecore_ram_new(void)
{
	struct walk count = { .max = ICECORE_RANGES_MAX };
	struct walk fill = { 0 };
	int r = walk_ram(&count);

	if (r)
		return ERR_PTR(r);
	fill.max = count.count;
	fill.ram = kvzalloc(struct_size(fill.ram, ranges, fill.max), GFP_KERNEL);
	if (!fill.ram)
		return ERR_PTR(-ENOMEM);
	r = walk_ram(&fill);
	if (r) {
		kvfree(fill.ram);
		return ERR_PTR(r);
	}
	fill.ram->count = fill.count;
	return fill.ram;
}

void icecore_ram_free(struct icecore_ram *ram)
{
	kvfree(ram);
}

const struct icecore_range *icecore_ram_find(
	const struct icecore_ram *ram, u64 paddr)
{
	unsigned int low = 0, high = ram->count;

	while (low < high) {
		unsigned int mid = low + (high - low) / 2;

		if (ram->ranges[mid].end <= paddr)
			low = mid + 1;
		else
			high = mid;
	}
	return low < ram->count ? &ram->ranges[low] : NULL;
}

u64 icecore_ram_end(const struct icecore_ram *ram)
{
	return ram->ranges[ram->count - 1].end;
}
