/* SPDX-License-Identifier: Apache-2.0 */
/* Keys as the parts of openpgp share them. */
#ifndef DISK_OPENPGP_INTERNAL_H
#define DISK_OPENPGP_INTERNAL_H

#include <openssl/evp.h>

#include "disk/openpgp.h"
#include "disk/openpgp_packet.h"

struct openpgp_key {
	uint8_t id[OPENPGP_ID_BYTES];
	bool eddsa; /* else RSA */
	EVP_PKEY *key;
};

struct openpgp_keys {
	struct openpgp_key v[OPENPGP_KEYS_MAX];
	size_t n;
};

#endif
