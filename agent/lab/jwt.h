/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Web Signatures in compact form, by RS256 and nothing else (RFC 7515,
 * RFC 7518 section 3.3): what is signed is not asked how it wants to be
 * checked.
 */
#ifndef LAB_JWT_H
#define LAB_JWT_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "base/json.h"

struct err;

enum { JWT_MAX_BYTES = 64 << 10, JWT_KEY_BITS_MIN = 2048 };

/*
 * jwt_open(ret, text, len, keys, at, e):
 * The claims, signed by the RSA key of one of the certificates ${keys} that
 * is valid at ${at}; where ${keys} is NULL, the signature is not checked.  The
 * caller ends it with json_decref().  -EBADMSG: it is none, or not signed.
 */
int jwt_open(json_t **ret, const char *text, size_t len,
	const STACK_OF(X509) * keys, int64_t at, struct err *e) MUST_CHECK;

#endif
