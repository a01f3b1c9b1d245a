/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authorities and certificates that are made for a test, a time-stamp
 * authority (RFC 3161), and signers of identity documents.
 */
#ifndef UNIT_PKI_H
#define UNIT_PKI_H

#include <openssl/x509.h>

#include "base/buf.h"

enum pki_use {
	PKI_AUTHORITY,
	PKI_SIGNER, /* no extended use */
	PKI_TSA, /* time stamping, critical */
};

struct pki {
	X509 *cert;
	EVP_PKEY *key;
};

/*
 * pki_new(p, issuer, name, use, from, to):
 * A new RSA key and its certificate for CN=${name}, by ${issuer}, or by
 * itself where that is NULL; valid in [from, to], seconds since 1970.
 */
void pki_new(struct pki *p, const struct pki *issuer, const char *name,
	enum pki_use use, time_t from, time_t to);
void pki_done(struct pki *p);

/*
 * pki_save(path, ...):
 * The certificates as a PEM file; the list ends with NULL.
 */
void pki_save(const char *path, ...);

/*
 * pki_stamp(ret, tsa, request, at):
 * Append the TimeStampResp of ${tsa} to ${request}, given at ${at}.
 */
void pki_stamp(struct buf *ret, const struct pki *tsa,
	const struct buf *request, time_t at);

/*
 * pki_pkcs7(ret, signer, text, flags):
 * Append ${text} signed as PKCS#7 in base64; flags are those of PKCS7_sign().
 */
void pki_pkcs7(
	struct buf *ret, const struct pki *signer, const char *text, int flags);

/* The digest that pki_pkcs7() names in place of SHA-256; 0 = that. */
extern int pki_digest;

/*
 * pki_jwt(ret, signer, header, payload):
 * Append "HEADER.PAYLOAD.SIGNATURE" signed by RS256, whatever ${header} says.
 */
void pki_jwt(struct buf *ret, const struct pki *signer, const char *header,
	const char *payload);

#endif
