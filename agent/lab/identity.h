/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a cloud signed about the host of a capture (proto/FORMAT.md section
 * 5.2), checked offline.  All of it is hostile input.
 *
 * Sources: EC2 User Guide, "Instance identity documents" and "Use the RSA-2048
 * signature to verify"; learn.microsoft.com, "Azure Instance Metadata Service",
 * Attested data; cloud.google.com, "Verify VM identity".
 */
#ifndef LAB_IDENTITY_H
#define LAB_IDENTITY_H

#include <stdint.h>

#include <openssl/x509.h>

#include "base/json.h"
#include "icecore/v1/manifest.pb-c.h"

struct err;

enum {
	IDENTITY_CLAIM_CHARS = 256,
	/* How far a host's clock may be from the cloud's. */
	IDENTITY_SKEW_SECONDS = 1800,
};

struct identity_context {
	const char *capture_id;
	int64_t at; /* when the document was fetched, seconds since 1970 */
	/*
	 * Whom to believe, NULL = nobody was given.  EC2: the certificate that
	 * signs in that region itself, since AWS has no authority for them.
	 * Azure: an authority on the way to the signer, whose name must be
	 * Azure's.  GCE: the certificates of Google's keys.
	 */
	const STACK_OF(X509) * authorities;
};

/*
 * identity_check(ret, p, c, e):
 * What ${p} says, as an object that the caller ends with json_decref():
 *
 *	{ "cloud": "aws", "signature": "verified" or "not checked",
 *	  "claims": { "instanceId": "i-...", ... },
 *	  "not_checked": [ "revocation", ... ] }
 *
 * Without authorities the signature is not checked, the rest is.  -EBADMSG:
 * it is no proof, of another capture, of another time, or not signed by those.
 * -ENOTSUP: of a kind that is not known here.
 */
int identity_check(json_t **ret, const Icecore__V1__IdentityProof *p,
	const struct identity_context *c, struct err *e) MUST_CHECK;

#endif
