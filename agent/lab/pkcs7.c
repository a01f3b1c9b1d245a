// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "evidence/certs.h"
#include "lab/pkcs7.h"

enum { NAME_CHARS = 128 };

static void pkcs7_freep(PKCS7 **p)
{
	PKCS7_free(*p);
}

static void store_freep(X509_STORE **p)
{
	X509_STORE_free(*p);
}

static void store_ctx_freep(X509_STORE_CTX **p)
{
	X509_STORE_CTX_free(*p);
}

static void bio_freep(BIO **p)
{
	(void)BIO_free(*p);
}

static void list_freep(STACK_OF(X509) * *p)
{
	sk_X509_free(*p);
}

/*
 * Azure writes sha256WithRSAEncryption where the digest belongs, which OpenSSL
 * takes for SHA-256.
 */
static bool good_digest(const PKCS7_SIGNER_INFO *si)
{
	int nid = OBJ_obj2nid(si->digest_alg->algorithm), digest;

	if (OBJ_find_sigid_algs(nid, &digest, NULL) == 1)
		nid = digest;
	return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

/* What is signed; NULL where that is not in it. */
static const ASN1_OCTET_STRING *content_of(PKCS7 *p7)
{
	PKCS7 *inner = p7->d.sign->contents;

	return inner && PKCS7_type_is_data(inner) ? inner->d.data : NULL;
}

static int check_form(PKCS7 *p7, struct err *e)
{
	STACK_OF(PKCS7_SIGNER_INFO) *signers = NULL;

	if (!PKCS7_type_is_signed(p7) || !p7->d.sign)
		return err_set(e, -EBADMSG, "PKCS#7 that is not signed");
	signers = PKCS7_get_signer_info(p7);
	if (sk_PKCS7_SIGNER_INFO_num(signers) != 1)
		return err_set(e, -EBADMSG, "not one signature");
	if (!good_digest(sk_PKCS7_SIGNER_INFO_value(signers, 0)))
		return err_set(e, -EBADMSG, "a digest that is too weak");
	return 0;
}

/* Is ${cert} for one of the names, or below one? */
static int check_name(X509 *cert, const char *const *names, struct err *e)
{
	char below[NAME_CHARS], subject[CERTS_NAME_CHARS];
	int r;

	for (; *names; names++) {
		(void)snprintf(below, sizeof(below), ".%s", *names);
		if (X509_check_host(cert, *names, 0, 0, NULL) == 1 ||
			X509_check_host(cert, below, 0, 0, NULL) == 1)
			return 0;
	}
	if (certs_no_memory())
		return err_set(e, -ENOMEM, "no memory for a name");
	r = certs_name(subject, X509_get_subject_name(cert), e);
	return r < 0 ? r
		     : err_set(e, -EBADMSG, "its signer %s is not the cloud's",
			       subject);
}

static int check_signer(
	X509 *signer, PKCS7 *p7, const struct pkcs7_trust *trust, struct err *e)
{
	CLEANUP(store_freep) X509_STORE *store = NULL;
	CLEANUP(store_ctx_freep) X509_STORE_CTX *ctx = NULL;
	char name[CERTS_NAME_CHARS];
	int r = certs_store(&store, trust->list, trust->at, e);

	if (r < 0)
		return r;
	ctx = X509_STORE_CTX_new();
	if (!ctx || X509_STORE_CTX_init(ctx, store, signer, p7->d.sign->cert) != 1)
		return certs_error(e, -ENOMEM, "certificates");
	r = certs_name(name, X509_get_subject_name(signer), e);
	if (r < 0)
		return r;
	if (X509_verify_cert(ctx) != 1) {
		r = X509_STORE_CTX_get_error(ctx);
		/* What it cannot name is its own trouble. */
		if (certs_no_memory() || r == X509_V_ERR_OUT_OF_MEM ||
			r == X509_V_ERR_UNSPECIFIED)
			return err_set(e, -ENOMEM, "no memory for its chain");
		return err_set(e, -EBADMSG, "its signer %s: %s", name,
			X509_verify_cert_error_string(r));
	}
	return trust->names ? check_name(signer, trust->names, e) : 0;
}

static int verify(PKCS7 *p7, const struct buf *detached,
	const struct pkcs7_trust *trust, struct err *e)
{
	STACK_OF(X509) *list = (STACK_OF(X509) *)(uintptr_t)trust->list;
	int flags = trust->exact ? PKCS7_NOINTERN : 0;
	CLEANUP(list_freep)
	STACK_OF(X509) *signers = PKCS7_get0_signers(p7, list, flags);
	CLEANUP(bio_freep) BIO *bio = NULL;
	int r;

	if (!signers || sk_X509_num(signers) != 1)
		return certs_error(e, -EBADMSG,
			"signed by none of the given certificates");
	r = check_signer(sk_X509_value(signers, 0), p7, trust, e);
	if (r < 0)
		return r;
	if (detached) {
		bio = BIO_new_mem_buf(detached->data, (int)detached->len);
		if (!bio)
			return certs_error(e, -ENOMEM, "document");
	}
	/* The chain was checked above: this would ask for e-mail signers. */
	if (PKCS7_verify(p7, list, NULL, bio, NULL, flags | PKCS7_NOVERIFY) != 1)
		return certs_error(e, -EBADMSG, "its signature");
	return 0;
}

int pkcs7_open(struct buf *ret, const struct buf *der, const struct buf *detached,
	const struct pkcs7_trust *trust, struct err *e)
{
	CLEANUP(pkcs7_freep) PKCS7 *p7 = NULL;
	const ASN1_OCTET_STRING *content;
	const uint8_t *at = der->data, *text;
	size_t len;
	int r;

	ERR_clear_error();
	p7 = der->len ? d2i_PKCS7(NULL, &at, (long)der->len) : NULL;
	if (!p7 || at != der->data + der->len)
		return certs_error(e, -EBADMSG, "not PKCS#7");
	r = check_form(p7, e);
	if (r < 0)
		return r;
	content = content_of(p7);
	if (content) {
		text = ASN1_STRING_get0_data(content);
		len = (size_t)ASN1_STRING_length(content);
	} else if (detached) {
		text = detached->data;
		len = detached->len;
	} else {
		return err_set(e, -EBADMSG, "nothing in it that is signed");
	}
	if (trust->list)
		r = verify(p7, content ? NULL : detached, trust, e);
	return r < 0 ? r : buf_append(ret, text, len, e);
}
