/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time stamps of a third party (RFC 3161) over a manifest: the message imprint
 * is the SHA-256 of its Ed25519 signature (proto/FORMAT.md section 5).  All is
 * DER.  Nothing here speaks to a network.
 */
#ifndef EVIDENCE_TIMESTAMP_H
#define EVIDENCE_TIMESTAMP_H

#include <stdint.h>

#include "base/buf.h"
#include "evidence/certs.h"
#include "evidence/manifest.h"

struct err;

enum {
	TIMESTAMP_REPLY_MAX_BYTES = MANIFEST_TOKEN_MAX_BYTES + (4 << 10),
	TIMESTAMP_SERIAL_BYTES = 32,
	TIMESTAMP_POLICY_CHARS = 128,
};

/*
 * timestamp_request(ret, signature, e):
 * Append the TimeStampReq for ${signature}, which asks for the certificate,
 * too.  Its nonce is a hash of the signature: nobody knows that before it is
 * made, and whoever has it can make the request again and compare.
 */
int timestamp_request(struct buf *ret,
	const uint8_t signature[MANIFEST_SIGNATURE_BYTES],
	struct err *e) MUST_CHECK;

/*
 * timestamp_accept(ret, request, reply, e):
 * Append to ${ret} the TimeStampToken of ${reply}, a TimeStampResp, if it
 * grants ${request}, which timestamp_request() made: status, imprint and nonce
 * are compared, the signature is not.  -EPROTO: the authority rejects; -EBADMSG: it is not an answer to that.
 */
int timestamp_accept(struct buf *ret, const struct buf *request,
	const struct buf *reply, struct err *e) MUST_CHECK;

/* Whom to believe: authorities, and certificates on the way to them. */
struct timestamp_trust {
	const STACK_OF(X509) * authorities;
	const STACK_OF(X509) * untrusted; /* NULL = only those in the token */
};

struct timestamp_info {
	int64_t time; /* genTime, seconds since 1970 */
	char serial[2 * TIMESTAMP_SERIAL_BYTES + 1]; /* hexadecimal */
	char policy[TIMESTAMP_POLICY_CHARS]; /* dotted */
	char authority[CERTS_NAME_CHARS]; /* subject of who signed it */
};

/*
 * timestamp_verify(ret, token, signature, trust, e):
 * Whether ${token} is a TimeStampToken for ${signature}, signed by a
 * certificate that has time stamping as its only use and that leads to
 * ${trust}, all of it valid at the time of the token: a certificate that has
 * run out since is good.  Revocation is not checked.  Where ${trust} is NULL
 * only the imprint is compared, and ${ret} is what the token claims.
 * -EBADMSG: it is not.
 */
int timestamp_verify(struct timestamp_info *ret, const struct buf *token,
	const uint8_t signature[MANIFEST_SIGNATURE_BYTES],
	const struct timestamp_trust *trust, struct err *e) MUST_CHECK;

#endif
