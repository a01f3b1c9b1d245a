/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates to trust whose key nobody has. */
#ifndef FUZZ_FUZZ_CERTS_H
#define FUZZ_FUZZ_CERTS_H

#include <openssl/evp.h>
#include <openssl/x509.h>

static inline STACK_OF(X509) * fuzz_certs(void)
{
	static STACK_OF(X509) * list;
	EVP_PKEY *key;
	X509 *cert;

	if (list)
		return list;
	key = EVP_RSA_gen(2048);
	cert = X509_new();
	list = sk_X509_new_null();
	if (!key || !cert || !list ||
		!X509_gmtime_adj(X509_getm_notBefore(cert), 0) ||
		!X509_gmtime_adj(X509_getm_notAfter(cert), 1 << 30) ||
		X509_set_pubkey(cert, key) != 1 ||
		X509_sign(cert, key, EVP_sha256()) <= 0 ||
		!sk_X509_push(list, cert))
		abort();
	EVP_PKEY_free(key);
	return list;
}

#endif
