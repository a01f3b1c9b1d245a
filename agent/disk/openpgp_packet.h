/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of OpenPGP (RFC 4880, section 4), and numbers in them. */
#ifndef DISK_OPENPGP_PACKET_H
#define DISK_OPENPGP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum openpgp_tag {
	OPENPGP_SIGNATURE = 2,
	OPENPGP_KEY = 6,
	OPENPGP_SUBKEY = 14
};

enum openpgp_algorithm {
	OPENPGP_RSA = 1,
	OPENPGP_RSA_SIGN = 3,
	OPENPGP_EDDSA = 22
};

/* Bytes that are taken from the front. */
struct octets {
	const uint8_t *p;
	size_t len;
};

/*
 * octets_take(ret, from, n), octets_number(ret, from, n): false when there are
 * fewer; a number is of at most 4 bytes, big-endian.
 * octets_mpi(ret, from): a multiprecision integer, without its length.
 * octets_packet(tag, body, from): the next packet; one of partial length is
 * none.
 */
bool octets_take(struct octets *ret, struct octets *from, size_t n);
bool octets_number(uint32_t *ret, struct octets *from, size_t n);
bool octets_mpi(struct octets *ret, struct octets *from);
bool octets_packet(unsigned *tag, struct octets *body, struct octets *from);

#endif
