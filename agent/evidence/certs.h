/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates that the caller trusts, from a PEM file, and what OpenSSL says
 * when it refuses something.
 */
#ifndef EVIDENCE_CERTS_H
#define EVIDENCE_CERTS_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "base/cleanup.h"

struct err;

enum {
	CERTS_MAX = 64, /* in one file */
	CERTS_FILE_BYTES = 1 << 20,
	CERTS_NAME_CHARS = 256,
};

/*
 * certs_load(ret, path, e):
 * All certificates of the PEM file ${path}, one at least.  The caller frees
 * with certs_free().
 */
int certs_load(STACK_OF(X509) * *ret, const char *path, struct err *e) MUST_CHECK;
void certs_free(STACK_OF(X509) * list);

/*
 * certs_store(ret, list, at, e):
 * A store that trusts each of ${list}, root or not, and judges validity at
 * ${at}, seconds since 1970.  Revocation is not checked.  The caller frees it
 * with X509_STORE_free().
 */
int certs_store(X509_STORE **ret, const STACK_OF(X509) * list, int64_t at,
	struct err *e) MUST_CHECK;

/*
 * certs_name(ret, name, e):
 * ${name} as in RFC 4514, printable ASCII, cut at the end of ${ret}.
 */
int certs_name(char ret[CERTS_NAME_CHARS], const X509_NAME *name,
	struct err *e) MUST_CHECK;

/*
 * certs_no_memory():
 * Empty OpenSSL's queue of errors; whether one of them is lack of memory, so
 * that what it refused may be good all the same.
 */
bool certs_no_memory(void);

/*
 * certs_error(e, code, what):
 * "${what}: " and the reason that OpenSSL gives, whose queue is emptied.
 * Return ${code}, or -ENOMEM when the reason is that.
 */
int certs_error(struct err *e, int code, const char *what);

#endif
