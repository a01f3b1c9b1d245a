/* SPDX-License-Identifier: Apache-2.0 */
/* Signed documents as clouds make them: PKCS#7 (RFC 2315), one signer. */
#ifndef LAB_PKCS7_H
#define LAB_PKCS7_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "base/buf.h"

struct err;

/* Whom to believe, and when it was. */
struct pkcs7_trust {
	const STACK_OF(X509) * list; /* NULL = the signature is not checked */
	int64_t at;
	/* The signer must be one of the list itself; else it may come with the
	 * document and lead to one of them. */
	bool exact;
	/* Domains, NULL at the end: the signer's name must be one of these or
	 * below one.  NULL = any name. */
	const char *const *names;
};

/*
 * pkcs7_open(ret, der, detached, trust, e):
 * Append to ${ret} what is signed: the content of ${der}, or ${detached}
 * where it has none.  The digest is SHA-256 or better.  Revocation is not
 * checked.  -EBADMSG.
 */
int pkcs7_open(struct buf *ret, const struct buf *der, const struct buf *detached,
	const struct pkcs7_trust *trust, struct err *e) MUST_CHECK;

#endif
