/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 of checksums (RFC 4648), of either alphabet, padded or not. */
#ifndef DISK_BASE64_H
#define DISK_BASE64_H

#include <stdbool.h>
#include <stdint.h>

#include "disk/slice.h"

/*
 * base64_decode(ret, len, text): whether ${text} is exactly ${len} bytes.
 */
bool base64_decode(uint8_t *ret, size_t len, struct slice text);

#endif
