// SPDX-License-Identifier: Apache-2.0
#include "trace/zone.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"

enum { HEADER_BYTES = 44, COUNTS_AT = 20, TYPE_BYTES = 6 };

/* In the order of the header. */
enum count { UT_N, STD_N, LEAP_N, TRANSITIONS_N, TYPES_N, CHARS_N, COUNTS };

static uint64_t number(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

/* The counts of the header at ${p}; bytes of the block behind it. */
static int block(uint32_t counts[COUNTS], size_t *bytes, const uint8_t *p,
	size_t len, size_t time_bytes)
{
	uint64_t all = 0;

	if (len < HEADER_BYTES || memcmp(p, "TZif", 4) != 0)
		return -EBADMSG;
	for (size_t i = 0; i < COUNTS; i++)
		counts[i] = (uint32_t)number(p + COUNTS_AT + (size_t)4 * i, 4);
	all = (uint64_t)counts[TRANSITIONS_N] * (time_bytes + 1) +
	      (uint64_t)counts[TYPES_N] * TYPE_BYTES + counts[CHARS_N] +
	      (uint64_t)counts[LEAP_N] * (time_bytes + 4) + counts[STD_N] +
	      counts[UT_N];
	if (all > len - HEADER_BYTES)
		return -EBADMSG;
	*bytes = (size_t)all;
	return 0;
}

int zone_parse(struct zone *ret, const uint8_t *bytes, size_t len, struct err *e)
{
	uint32_t counts[COUNTS];
	const uint8_t *types;
	size_t skip = 0, time_bytes = 4;
	int r = block(counts, &skip, bytes, len, time_bytes);

	*ret = (struct zone){ 0 };
	/* Behind the block of short times is one of long ones. */
	if (r == 0 && bytes[4] >= '2') {
		bytes += HEADER_BYTES + skip;
		len -= HEADER_BYTES + skip;
		time_bytes = 8;
		r = block(counts, &skip, bytes, len, time_bytes);
	}
	if (r < 0 || counts[TRANSITIONS_N] > ZONE_TRANSITIONS_MAX ||
		!counts[TYPES_N] || counts[TYPES_N] > ZONE_TYPES_MAX)
		return err_set(e, -EBADMSG, "no time zone");
	bytes += HEADER_BYTES;
	types = bytes + counts[TRANSITIONS_N] * time_bytes;
	ret->n = counts[TRANSITIONS_N];
	for (size_t i = 0; i < ret->n; i++) {
		uint64_t at = number(bytes + i * time_bytes, time_bytes);

		ret->at[i] = time_bytes == 8 ? (int64_t)at : (int32_t)at;
		ret->type[i] = types[i];
	}
	for (size_t i = 0; i < counts[TYPES_N]; i++)
		ret->offset[i] = (int32_t)number(
			types + counts[TRANSITIONS_N] + i * TYPE_BYTES, 4);
	return 0;
}

int64_t zone_to_utc(const struct zone *z, int64_t local)
{
	int32_t offset = z->offset[0];

	for (size_t i = 0; i < z->n && local - offset >= z->at[i]; i++)
		offset = z->offset[z->type[i]];
	return local - offset;
}
