/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the cloud signs about this host, for manifest 0 (proto/FORMAT.md
 * section 5.2).  It is fetched as it is: to check it is the reader's.
 */
#ifndef CAPTURE_PROOF_H
#define CAPTURE_PROOF_H

#include "base/buf.h"
#include "cloud/metadata.h"
#include "evidence/manifest.h"

struct proof {
	enum metadata_kind cloud; /* METADATA_NONE: there is no proof */
	struct buf document, signature;
	char nonce[MANIFEST_TEXT_CHARS];
	char error[MANIFEST_TEXT_CHARS];
	Icecore__V1__IdentityProof message; /* points at the above */
};

/*
 * proof_get(ret, cloud, url, capture_id, e):
 * Ask the metadata service of ${cloud}, at ${url} if that is not NULL, in
 * bounded time.  ${ret} must not move afterwards; end it with proof_done().
 * What cannot be had is in ret->error, and logged.  -ENOMEM, -EINVAL.
 */
int proof_get(struct proof *ret, enum metadata_kind cloud, const char *url,
	const char *capture_id, struct err *e) MUST_CHECK;
void proof_done(struct proof *p);

#endif
