/* SPDX-License-Identifier: Apache-2.0 */
/* Strict numbers from text, and little-endian loads and stores. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdint.h>

#include "base/cleanup.h"

struct err;

/*
 * num_u64(ret, text, e):
 * The whole of ${text} is one decimal number, or hexadecimal after "0x"; no
 * sign, no blank, no leading zeros, no overflow.
 */
int num_u64(uint64_t *ret, const char *text, struct err *e) MUST_CHECK;

/*
 * num_bytes(ret, text, e):
 * A decimal number with an optional KiB, MiB, GiB or TiB (K, M, G, T too).
 */
int num_bytes(uint64_t *ret, const char *text, struct err *e) MUST_CHECK;

/*
 * num_hex(ret, text):
 * Up to 16 hexadecimal digits at the start of ${text}.  Return how many were
 * read, 0 if there was none, -ERANGE if there were more than 16.
 */
int num_hex(uint64_t *ret, const char *text) MUST_CHECK;

static inline uint16_t num_le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t num_le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static inline uint64_t num_le64(const uint8_t *p)
{
	return num_le32(p) | (uint64_t)num_le32(p + 4) << 32;
}

static inline void num_put_le32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static inline void num_put_le64(uint8_t *p, uint64_t v)
{
	num_put_le32(p, (uint32_t)v);
	num_put_le32(p + 4, (uint32_t)(v >> 32));
}

#endif
