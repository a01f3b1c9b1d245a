/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures of packages against keys that the analyst gives (RFC 4880, and
 * Ed25519 as GnuPG has it): version 3 and 4 signatures over a document, RSA and
 * Ed25519, SHA-256 and above; and SHA-1, with which old packages were signed.
 * Neither expiry nor revocation is looked at: what counts is whose key it was.
 */
#ifndef DISK_OPENPGP_H
#define DISK_OPENPGP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/cleanup.h"

struct err;
struct openpgp_keys;

enum {
	OPENPGP_KEYS_MAX = 256,
	OPENPGP_FILE_BYTES = 1 << 20, /* of keys */
	OPENPGP_ID_BYTES = 8,
};

/*
 * openpgp_keys_load(ret, path, e), openpgp_keys_free(keys):
 * Public keys and subkeys of a file, armored or not, added to *${ret}, which is
 * NULL before the first; -EBADMSG for one that has none that can be used.
 */
int openpgp_keys_load(
	struct openpgp_keys **ret, const char *path, struct err *e) MUST_CHECK;
int openpgp_keys_parse(struct openpgp_keys **ret, const void *bytes, size_t len,
	struct err *e) MUST_CHECK;
void openpgp_keys_free(struct openpgp_keys *keys);

/*
 * openpgp_verify(keys, signature, len, parts, parts_n, signer, e):
 * Whether ${signature}, a packet, is over ${parts}: 0; -EKEYREJECTED when it is
 * not, -ENOKEY when none of ${keys} made it, -EBADMSG for what is no signature,
 * -ENOTSUP for one of another kind.  ${signer} is whose it says it is, zeros
 * when it does not.
 */
int openpgp_verify(const struct openpgp_keys *keys, const uint8_t *signature,
	size_t len, const struct iovec *parts, size_t parts_n,
	uint8_t signer[OPENPGP_ID_BYTES], struct err *e) MUST_CHECK;

#endif
