// SPDX-License-Identifier: Apache-2.0
#include "disk/openpgp_packet.h"

bool octets_take(struct octets *ret, struct octets *from, size_t n)
{
	if (from->len < n)
		return false;
	*ret = (struct octets){ from->p, n };
	from->p += n;
	from->len -= n;
	return true;
}

bool octets_number(uint32_t *ret, struct octets *from, size_t n)
{
	struct octets bytes;

	if (n > 4 || !octets_take(&bytes, from, n))
		return false;
	*ret = 0;
	for (size_t i = 0; i < n; i++)
		*ret = *ret << 8 | bytes.p[i];
	return true;
}

bool octets_mpi(struct octets *ret, struct octets *from)
{
	uint32_t bits;

	return octets_number(&bits, from, 2) &&
	       octets_take(ret, from, (bits + 7) / 8);
}

/* Section 4.2.2: of one, two or five bytes. */
static bool new_length(uint32_t *ret, struct octets *from)
{
	uint32_t first, second;

	if (!octets_number(&first, from, 1))
		return false;
	*ret = first;
	if (first < 192)
		return true;
	if (first < 224) {
		if (!octets_number(&second, from, 1))
			return false;
		*ret = ((first - 192) << 8) + second + 192;
		return true;
	}
	return first == 255 && octets_number(ret, from, 4);
}

bool octets_packet(unsigned *tag, struct octets *body, struct octets *from)
{
	uint32_t head, len;

	if (!octets_number(&head, from, 1) || !(head & 0x80))
		return false;
	if (head & 0x40) {
		*tag = head & 0x3f;
		return new_length(&len, from) && octets_take(body, from, len);
	}
	*tag = head >> 2 & 0xf;
	/* The fourth length is "to the end". */
	if ((head & 3) == 3)
		return octets_take(body, from, from->len);
	return octets_number(&len, from, (size_t)1 << (head & 3)) &&
	       octets_take(body, from, len);
}
