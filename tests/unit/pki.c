// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "unit/pki.h"
#include "unit/unit.h"

enum { RSA_BITS = 2048, TEXT_BYTES = 64 << 10 };

static long next_serial = 0x1000;

static void extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *x;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	x = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(x);
	assert_int_equal(X509_add_ext(cert, x, -1), 1);
	X509_EXTENSION_free(x);
}

void pki_new(struct pki *p, const struct pki *issuer, const char *name,
	enum pki_use use, time_t from, time_t to)
{
	X509_NAME *subject = X509_NAME_new();
	const struct pki *by;

	p->key = EVP_RSA_gen(RSA_BITS);
	p->cert = X509_new();
	by = issuer ? issuer : p;
	assert_non_null(p->key);
	assert_int_equal(X509_set_version(p->cert, X509_VERSION_3), 1);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(p->cert), next_serial++);
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(p->cert), from));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(p->cert), to));
	(void)X509_NAME_add_entry_by_txt(
		subject, "CN", MBSTRING_ASC, (const uint8_t *)name, -1, -1, 0);
	(void)X509_set_subject_name(p->cert, subject);
	(void)X509_set_issuer_name(p->cert,
		issuer ? X509_get_subject_name(issuer->cert) : subject);
	X509_NAME_free(subject);
	(void)X509_set_pubkey(p->cert, p->key);
	extend(p->cert, by->cert, NID_subject_key_identifier, "hash");
	extend(p->cert, by->cert, NID_basic_constraints,
		use == PKI_AUTHORITY ? "critical,CA:TRUE" : "critical,CA:FALSE");
	extend(p->cert, by->cert, NID_key_usage,
		use == PKI_AUTHORITY ? "critical,keyCertSign"
				     : "critical,digitalSignature");
	if (use == PKI_TSA)
		extend(p->cert, by->cert, NID_ext_key_usage,
			"critical,timeStamping");
	assert_true(X509_sign(p->cert, by->key, EVP_sha256()) > 0);
}

void pki_done(struct pki *p)
{
	X509_free(p->cert);
	EVP_PKEY_free(p->key);
	*p = (struct pki){ 0 };
}

void pki_save(const char *path, ...)
{
	AUTO_FCLOSE FILE *f = fopen(path, "we");
	const struct pki *p;
	va_list ap;

	assert_non_null(f);
	va_start(ap, path);
	while ((p = va_arg(ap, const struct pki *)))
		assert_int_equal(PEM_write_X509(f, p->cert), 1);
	va_end(ap);
}

static ASN1_INTEGER *serial_of(TS_RESP_CTX *ctx, void *arg)
{
	ASN1_INTEGER *n = ASN1_INTEGER_new();

	(void)ctx;
	(void)arg;
	(void)ASN1_INTEGER_set(n, next_serial++);
	return n;
}

static int time_of(TS_RESP_CTX *ctx, void *arg, long *sec, long *usec)
{
	(void)ctx;
	*sec = *(const time_t *)arg;
	*usec = 0;
	return 1;
}

void pki_stamp(struct buf *ret, const struct pki *tsa,
	const struct buf *request, time_t at)
{
	TS_RESP_CTX *ctx = TS_RESP_CTX_new();
	ASN1_OBJECT *policy = OBJ_txt2obj("1.2.3.4.1", 1);
	BIO *bio = BIO_new_mem_buf(request->data, (int)request->len);
	TS_RESP *resp;
	uint8_t *der = NULL;
	struct err e = { 0 };
	int len;

	TS_RESP_CTX_set_serial_cb(ctx, serial_of, NULL);
	TS_RESP_CTX_set_time_cb(ctx, time_of, &at);
	assert_int_equal(TS_RESP_CTX_set_signer_cert(ctx, tsa->cert), 1);
	assert_int_equal(TS_RESP_CTX_set_signer_key(ctx, tsa->key), 1);
	assert_int_equal(TS_RESP_CTX_set_signer_digest(ctx, EVP_sha256()), 1);
	assert_int_equal(TS_RESP_CTX_set_def_policy(ctx, policy), 1);
	assert_int_equal(TS_RESP_CTX_add_md(ctx, EVP_sha256()), 1);
	TS_RESP_CTX_add_flags(ctx, TS_TSA_NAME);
	resp = TS_RESP_create_response(ctx, bio);
	assert_non_null(resp);
	len = i2d_TS_RESP(resp, &der);
	assert_ok(buf_append(ret, der, (size_t)len, &e), &e);
	OPENSSL_free(der);
	TS_RESP_free(resp);
	BIO_free(bio);
	ASN1_OBJECT_free(policy);
	TS_RESP_CTX_free(ctx);
}

static void append_base64(struct buf *ret, const uint8_t *p, int len, int for_url)
{
	static uint8_t text[TEXT_BYTES];
	struct err e = { 0 };
	int n;

	assert_true(len < TEXT_BYTES / 2);
	n = EVP_EncodeBlock(text, p, len);
	while (for_url && n && text[n - 1] == '=')
		n--;
	for (int i = 0; for_url && i < n; i++) {
		text[i] = text[i] == '+' ? '-' : text[i];
		text[i] = text[i] == '/' ? '_' : text[i];
	}
	assert_ok(buf_append(ret, text, (size_t)n, &e), &e);
}

int pki_digest;

static void name_digest(PKCS7 *p7)
{
	PKCS7_SIGNER_INFO *si =
		sk_PKCS7_SIGNER_INFO_value(PKCS7_get_signer_info(p7), 0);
	X509_ALGOR *all = sk_X509_ALGOR_value(p7->d.sign->md_algs, 0);

	(void)X509_ALGOR_set0(
		si->digest_alg, OBJ_nid2obj(pki_digest), V_ASN1_NULL, NULL);
	(void)X509_ALGOR_set0(all, OBJ_nid2obj(pki_digest), V_ASN1_NULL, NULL);
}

void pki_pkcs7(
	struct buf *ret, const struct pki *signer, const char *text, int flags)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	PKCS7 *p7 = PKCS7_sign(
		signer->cert, signer->key, NULL, bio, flags | PKCS7_BINARY);
	uint8_t *der = NULL;
	int len;

	assert_non_null(p7);
	if (pki_digest)
		name_digest(p7);
	len = i2d_PKCS7(p7, &der);
	append_base64(ret, der, len, 0);
	OPENSSL_free(der);
	PKCS7_free(p7);
	BIO_free(bio);
}

void pki_jwt(struct buf *ret, const struct pki *signer, const char *header,
	const char *payload)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t signature[RSA_BITS / 8];
	size_t len = sizeof(signature), from = ret->len;
	struct err e = { 0 };

	append_base64(ret, (const uint8_t *)header, (int)strlen(header), 1);
	assert_ok(buf_append(ret, ".", 1, &e), &e);
	append_base64(ret, (const uint8_t *)payload, (int)strlen(payload), 1);
	assert_int_equal(
		EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, signer->key),
		1);
	assert_int_equal(EVP_DigestSign(ctx, signature, &len, ret->data + from,
				 ret->len - from),
		1);
	assert_ok(buf_append(ret, ".", 1, &e), &e);
	append_base64(ret, signature, (int)len, 1);
	EVP_MD_CTX_free(ctx);
}
