// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "kernel/x86.h"

enum {
	MODRM = 1 << 0,
	IMM8 = 1 << 1,
	IMM32 = 1 << 2, /* 16 bits behind a 0x66 */
	REL8 = 1 << 3,
	REL32 = 1 << 4,
	KNOWN = 1 << 5,
};

/* [first, last] of one-byte opcodes, and of those behind 0x0f. */
static const struct form {
	uint8_t first, last, flags;
} one[] = {
	{ 0x00, 0x03, MODRM }, { 0x08, 0x0b, MODRM }, { 0x20, 0x23, MODRM },
	{ 0x28, 0x2b, MODRM }, { 0x30, 0x33, MODRM }, { 0x38, 0x3b, MODRM },
	{ 0x05, 0x05, IMM32 }, { 0x25, 0x25, IMM32 }, { 0x2d, 0x2d, IMM32 },
	{ 0x3c, 0x3c, IMM8 }, { 0x3d, 0x3d, IMM32 }, { 0x50, 0x5f, KNOWN },
	{ 0x63, 0x63, MODRM }, { 0x68, 0x68, IMM32 }, { 0x6a, 0x6a, IMM8 },
	{ 0x70, 0x7f, REL8 }, { 0x80, 0x80, MODRM | IMM8 },
	{ 0x81, 0x81, MODRM | IMM32 }, { 0x83, 0x83, MODRM | IMM8 },
	{ 0x84, 0x8b, MODRM }, { 0x8d, 0x8d, MODRM }, { 0x90, 0x90, KNOWN },
	{ 0x98, 0x99, KNOWN }, { 0xb8, 0xbf, IMM32 },
	{ 0xc0, 0xc1, MODRM | IMM8 }, { 0xc3, 0xc3, KNOWN },
	{ 0xc6, 0xc6, MODRM | IMM8 }, { 0xc7, 0xc7, MODRM | IMM32 },
	{ 0xc9, 0xc9, KNOWN }, { 0xcc, 0xcc, KNOWN }, { 0xd1, 0xd1, MODRM },
	{ 0xe8, 0xe9, REL32 }, { 0xeb, 0xeb, REL8 }, { 0xff, 0xff, MODRM },
}, two[] = {
	{ 0x0b, 0x0b, KNOWN }, { 0x18, 0x1f, MODRM }, { 0x40, 0x4f, MODRM },
	{ 0x80, 0x8f, REL32 }, { 0x90, 0x9f, MODRM }, { 0xa3, 0xa3, MODRM },
	{ 0xae, 0xaf, MODRM }, { 0xb6, 0xb7, MODRM }, { 0xbe, 0xbf, MODRM },
};

static unsigned find(const struct form *forms, size_t n, uint8_t opcode)
{
	for (size_t i = 0; i < n; i++)
		if (opcode >= forms[i].first && opcode <= forms[i].last)
			return forms[i].flags;
	return 0;
}

/* ModRM, SIB and displacement at ${p}; 0 = cut off. */
static size_t modrm_bytes(const uint8_t *p, size_t len)
{
	size_t n = 1;
	unsigned mod, rm;

	if (!len)
		return 0;
	mod = p[0] >> 6;
	rm = p[0] & 7;
	if (mod == 3)
		return 1;
	if (rm == 4) {
		n++;
		if (len < n)
			return 0;
		if (mod == 0 && (p[1] & 7) == 5)
			n += 4;
	} else if (mod == 0 && rm == 5) {
		n += 4;
	}
	n += mod == 1 ? 1 : mod == 2 ? 4 : 0;
	return n;
}

bool x86_decode(struct x86 *ret, const uint8_t *code, size_t len)
{
	size_t at = 0, more;
	bool short_immediate = false, wide = false;
	unsigned flags;
	uint8_t opcode;

	*ret = (struct x86){ 0 };
	for (; at < len && (code[at] == 0x66 || code[at] == 0xf3 ||
				   code[at] == 0xf2 || code[at] == 0x2e ||
				   code[at] == 0x3e || code[at] == 0x65);
		at++)
		short_immediate |= code[at] == 0x66;
	if (at < len && (code[at] & 0xf0) == 0x40)
		wide = code[at++] & 8;
	if (at >= len)
		return false;
	opcode = code[at++];
	if (opcode == 0x0f) {
		if (at >= len)
			return false;
		opcode = code[at++];
		flags = find(two, sizeof(two) / sizeof(*two), opcode);
	} else {
		flags = find(one, sizeof(one) / sizeof(*one), opcode);
		/* movabs */
		if (wide && opcode >= 0xb8 && opcode <= 0xbf)
			at += 4;
	}
	if (!flags)
		return false;
	if (flags & MODRM) {
		more = at < len ? modrm_bytes(code + at, len - at) : 0;
		if (!more)
			return false;
		at += more;
	}
	at += flags & (IMM8 | REL8) ? 1 : 0;
	at += flags & IMM32 ? (short_immediate ? 2 : 4) : 0;
	at += flags & REL32 ? 4 : 0;
	if (at > len || at > X86_BYTES_MAX)
		return false;
	ret->len = at;
	ret->leaves = flags & (REL8 | REL32);
	if (flags & REL8)
		ret->distance = code[at - 1] - (code[at - 1] & 0x80 ? 256 : 0);
	if (flags & REL32) {
		int32_t distance;

		memcpy(&distance, code + at - 4, sizeof(distance));
		ret->distance = distance;
	}
	return true;
}
