// SPDX-License-Identifier: Apache-2.0
#include <stdint.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vmcoreinfo.h"
#include "collect/kernel_image.h"
#include "evidence/record.h"
#include "kernel/vmcore.h"
#include "stream/writer.h"

static int put_gap(struct writer *w, const struct err *why, struct err *e)
{
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;

	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_COLLECTOR;
	gap.what = (char *)(uintptr_t) "vmcoreinfo";
	gap.reason = (char *)(uintptr_t)why->msg;
	return writer_gap(w, &gap, e);
}

/* A number of the text, and that it is there. */
static int number(uint64_t *ret, const struct buf *text, const char *key)
{
	return vmcoreinfo_number(
		       ret, (const char *)text->data, text->len, key) == 0;
}

static void take_numbers(Icecore__V1__KernelImage *out, const struct buf *text)
{
	uint64_t la57 = 0;

	out->has_kaslr_bytes = number(&out->kaslr_bytes, text, "KERNELOFFSET");
	out->has_phys_base = number(&out->phys_base, text, "NUMBER(phys_base)");
	out->has_la57 = number(&la57, text, "NUMBER(pgtable_l5_enabled)");
	out->la57 = la57 != 0;
	out->has_swapper_pg_dir =
		number(&out->swapper_pg_dir, text, "SYMBOL(swapper_pg_dir)");
}

int kernel_image_put(
	struct writer *w, const char *machine, unsigned without, struct err *e)
{
	Icecore__V1__KernelImage out = ICECORE__V1__KERNEL_IMAGE__INIT;
	Icecore__V1__Record record = ICECORE__V1__RECORD__INIT;
	AUTO_BUF struct buf text = { 0 };
	const char *by = NULL;
	struct err why = { 0 };
	int r;

	buf_init(&text, VMCOREINFO_BYTES);
	r = vmcore_read(&text, &by, without, &why);
	if (r < 0) {
		r = put_gap(w, &why, e);
		if (r < 0)
			return r;
	}
	out.machine = (char *)(uintptr_t)machine;
	out.has_page_bytes = 1;
	out.page_bytes = (uint32_t)sysconf(_SC_PAGESIZE);
	out.vmcoreinfo_by = (char *)(uintptr_t)by;
	out.has_vmcoreinfo = text.len > 0;
	out.vmcoreinfo.data = text.data;
	out.vmcoreinfo.len = text.len;
	take_numbers(&out, &text);
	/* Without it, physical addresses are all that an image can have. */
	out.has_direct_map =
		vmcore_direct_map(&out.direct_map, without, &why) == 0;
	record.body_case = ICECORE__V1__RECORD__BODY_KERNEL_IMAGE;
	record.kernel_image = &out;
	return writer_put(w, &(struct record){ .message = &record }, e);
}
