/* SPDX-License-Identifier: Apache-2.0 */
/* A kernel's memory that is made up: one piece of it, at one address. */
#ifndef UNIT_FAKE_PEEK_H
#define UNIT_FAKE_PEEK_H

#include "kernel/peek.h"

enum { FAKE_PEEK_BYTES = 64 << 10 };
#define FAKE_PEEK_BASE 0xffff888000000000ULL

struct fake_peek {
	struct peek base;
	size_t len; /* of what is there */
	const uint8_t *data; /* borrowed */
};

/*
 * fake_peek_init(f, data, len):
 * ${data} lies at FAKE_PEEK_BASE.
 */
void fake_peek_init(struct fake_peek *f, const uint8_t *data, size_t len);

#endif
