/* SPDX-License-Identifier: Apache-2.0 */
/* The beginning of a physical volume of LVM2, with its checksums. */
#ifndef UNIT_LVM_FIXTURE_H
#define UNIT_LVM_FIXTURE_H

#include <string.h>

#include "base/num.h"
#include "volume/lvm.h"

enum {
	LVM_LABEL_AT = 512, /* the second sector */
	LVM_AREA_AT = 4096,
	LVM_AREA_BYTES = 60 << 10,
	LVM_HEAD_BYTES = LVM_AREA_AT + LVM_AREA_BYTES,
	LVM_TEXT_AT = 512, /* in the area */
};

/* After whatever was changed. */
static inline void lvm_checksums(uint8_t *head)
{
	uint8_t *label = head + LVM_LABEL_AT, *area = head + LVM_AREA_AT;

	num_put_le32(label + 16, lvm_crc(label + 20, 512 - 20));
	num_put_le32(area, lvm_crc(area + 4, 512 - 4));
}

/* The text may lie across the end of its ring. */
static inline void lvm_make(uint8_t head[LVM_HEAD_BYTES], char id,
	const char *text, size_t len, uint64_t text_at)
{
	uint8_t *label = head + LVM_LABEL_AT, *area = head + LVM_AREA_AT;

	memset(head, 0, LVM_HEAD_BYTES);
	memcpy(label, "LABELONE", 8);
	num_put_le64(label + 8, 1);
	num_put_le32(label + 20, 32);
	memcpy(label + 24, "LVM2 001", 8);
	memset(label + 32, id, 32);
	num_put_le64(label + 64, 8 << 20);
	num_put_le64(label + 72, 1 << 20); /* data, to the end */
	num_put_le64(label + 104, LVM_AREA_AT);
	num_put_le64(label + 112, LVM_AREA_BYTES);
	memcpy(area + 4, " LVM2 x[5A%r0N*>", 16);
	num_put_le32(area + 20, 1);
	num_put_le64(area + 24, LVM_AREA_AT);
	num_put_le64(area + 32, LVM_AREA_BYTES);
	num_put_le64(area + 40, text_at);
	num_put_le64(area + 48, len);
	num_put_le32(area + 56, lvm_crc((const uint8_t *)text, len));
	for (size_t i = 0; i < len; i++) {
		uint64_t at = text_at + i;

		if (at >= LVM_AREA_BYTES)
			at -= LVM_AREA_BYTES - LVM_TEXT_AT;
		area[at] = (uint8_t)text[i];
	}
	lvm_checksums(head);
}

#endif
