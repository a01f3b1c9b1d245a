/* SPDX-License-Identifier: Apache-2.0 */
/* Filling messages of proto2. */
#ifndef COLLECT_SET_H
#define COLLECT_SET_H

#include <stdint.h>

#include "icecore/v1/record.pb-c.h"

/* The optional ${member} of ${message} is there, and is ${value}. */
#define SET(message, member, value)                                            \
	do {                                                                   \
		(message)->has_##member = 1;                                   \
		(message)->member = (value);                                   \
	} while (0)

/*
 * set_bytes(p, len):
 * The ${len} bytes at ${p}, which are borrowed.
 */
static inline ProtobufCBinaryData set_bytes(const void *p, size_t len)
{
	return (ProtobufCBinaryData){ len, (uint8_t *)(uintptr_t)p };
}

#endif
