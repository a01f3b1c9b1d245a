// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include <openssl/err.h>
#include <openssl/ts.h>

#include "base/err.h"
#include "base/num.h"
#include "evidence/hash.h"
#include "evidence/timestamp.h"

/* With its NUL: the nonce is the hash of this and of the signature. */
static const char nonce_context[] = "icecore.v1.nonce";

static void req_freep(TS_REQ **p)
{
	TS_REQ_free(*p);
}

static void resp_freep(TS_RESP **p)
{
	TS_RESP_free(*p);
}

static void imprint_freep(TS_MSG_IMPRINT **p)
{
	TS_MSG_IMPRINT_free(*p);
}

static void algor_freep(X509_ALGOR **p)
{
	X509_ALGOR_free(*p);
}

static void integer_freep(ASN1_INTEGER **p)
{
	ASN1_INTEGER_free(*p);
}

static void ctx_freep(TS_VERIFY_CTX **p)
{
	TS_VERIFY_CTX_free(*p);
}

static void pkcs7_freep(PKCS7 **p)
{
	PKCS7_free(*p);
}

static void tst_freep(TS_TST_INFO **p)
{
	TS_TST_INFO_free(*p);
}

/* 63 bits, so that it is a positive number of 8 bytes at most. */
static int set_nonce(TS_REQ *rq, const uint8_t *signature, struct err *e)
{
	CLEANUP(integer_freep) ASN1_INTEGER *nonce = ASN1_INTEGER_new();
	uint8_t text[sizeof(nonce_context) + MANIFEST_SIGNATURE_BYTES];
	uint8_t sha[HASH_BYTES];
	int r;

	memcpy(text, nonce_context, sizeof(nonce_context));
	memcpy(text + sizeof(nonce_context), signature, MANIFEST_SIGNATURE_BYTES);
	r = hash_bytes(sha, text, sizeof(text), e);
	if (r < 0)
		return r;
	if (!nonce || ASN1_INTEGER_set_uint64(nonce, num_le64(sha) >> 1) != 1 ||
		TS_REQ_set_nonce(rq, nonce) != 1)
		return certs_error(e, -EIO, "time-stamp nonce");
	return 0;
}

static int set_imprint(TS_REQ *rq, uint8_t sha[HASH_BYTES], struct err *e)
{
	CLEANUP(imprint_freep) TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	CLEANUP(algor_freep) X509_ALGOR *algor = X509_ALGOR_new();

	if (!imprint || !algor ||
		X509_ALGOR_set0(algor, OBJ_nid2obj(NID_sha256), V_ASN1_NULL,
			NULL) != 1 ||
		TS_MSG_IMPRINT_set_algo(imprint, algor) != 1 ||
		TS_MSG_IMPRINT_set_msg(imprint, sha, HASH_BYTES) != 1 ||
		TS_REQ_set_msg_imprint(rq, imprint) != 1)
		return certs_error(e, -EIO, "time-stamp request");
	return 0;
}

static int make_request(TS_REQ **ret, const uint8_t *signature, struct err *e)
{
	CLEANUP(req_freep) TS_REQ *rq = TS_REQ_new();
	uint8_t sha[HASH_BYTES];
	int r = hash_bytes(sha, signature, MANIFEST_SIGNATURE_BYTES, e);

	if (r < 0)
		return r;
	if (!rq || TS_REQ_set_version(rq, 1) != 1 ||
		TS_REQ_set_cert_req(rq, 1) != 1)
		return certs_error(e, -EIO, "time-stamp request");
	r = set_imprint(rq, sha, e);
	if (r == 0)
		r = set_nonce(rq, signature, e);
	if (r == 0)
		*ret = TAKE_PTR(rq);
	return r;
}

/* Append what an i2d function made; takes ${der}. */
static int append_der(struct buf *ret, uint8_t *der, int len, struct err *e)
{
	int r = len <= 0 ? certs_error(e, -EIO, "DER")
			 : buf_append(ret, der, (size_t)len, e);

	OPENSSL_free(der);
	return r;
}

int timestamp_request(struct buf *ret,
	const uint8_t signature[MANIFEST_SIGNATURE_BYTES], struct err *e)
{
	CLEANUP(req_freep) TS_REQ *rq = NULL;
	uint8_t *der = NULL;
	int len, r;

	ERR_clear_error();
	r = make_request(&rq, signature, e);
	if (r < 0)
		return r;
	len = i2d_TS_REQ(rq, &der);
	return append_der(ret, der, len, e);
}

int timestamp_accept(struct buf *ret, const struct buf *request,
	const struct buf *reply, struct err *e)
{
	CLEANUP(req_freep) TS_REQ *rq = NULL;
	CLEANUP(resp_freep) TS_RESP *resp = NULL;
	CLEANUP(ctx_freep) TS_VERIFY_CTX *ctx = NULL;
	const uint8_t *at = reply->data;
	uint8_t *der = NULL;
	long status;
	const uint8_t *asked = request->data;
	int len;

	ERR_clear_error();
	rq = d2i_TS_REQ(NULL, &asked, (long)request->len);
	if (!rq)
		return certs_error(e, -EINVAL, "not a time-stamp request");
	resp = reply->len ? d2i_TS_RESP(NULL, &at, (long)reply->len) : NULL;
	if (!resp || at != reply->data + reply->len)
		return certs_error(e, -EBADMSG, "not a time-stamp reply");
	ctx = TS_REQ_to_TS_VERIFY_CTX(rq, NULL);
	if (!ctx)
		return certs_error(e, -EBADMSG, "time-stamp reply");
	(void)TS_VERIFY_CTX_set_flags(
		ctx, TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_NONCE);
	if (TS_RESP_verify_response(ctx, resp) != 1) {
		status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(
			TS_RESP_get_status_info(resp)));
		return certs_error(e,
			status == TS_STATUS_GRANTED ||
					status == TS_STATUS_GRANTED_WITH_MODS
				? -EBADMSG
				: -EPROTO,
			"time-stamp reply");
	}
	if (!TS_RESP_get_token(resp))
		return err_set(e, -EBADMSG, "time-stamp reply without a token");
	len = i2d_PKCS7(TS_RESP_get_token(resp), &der);
	return append_der(ret, der, len, e);
}

static int fill_time(int64_t *ret, const TS_TST_INFO *tst, struct err *e)
{
	struct tm tm = { 0 };

	if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(tst), &tm) != 1)
		return certs_error(e, -EBADMSG, "the token's time");
	*ret = (int64_t)timegm(&tm);
	return 0;
}

static int fill_serial(
	struct timestamp_info *ret, const TS_TST_INFO *tst, struct err *e)
{
	const ASN1_INTEGER *serial = TS_TST_INFO_get_serial(tst);
	const uint8_t *p = ASN1_STRING_get0_data(serial);
	int len = ASN1_STRING_length(serial);

	if (len < 0 || len > TIMESTAMP_SERIAL_BYTES)
		return err_set(e, -EBADMSG,
			"the token's serial number has %d bytes", len);
	for (size_t i = 0; i < (size_t)len; i++)
		(void)snprintf(ret->serial + 2 * i, 3, "%02x", p[i]);
	return 0;
}

/* Who signed it, or who it says it is. */
static int fill_authority(struct timestamp_info *ret, PKCS7 *token,
	TS_TST_INFO *tst, const struct timestamp_trust *trust, struct err *e)
{
	STACK_OF(X509) *more =
		trust ? (STACK_OF(X509) *)(uintptr_t)trust->untrusted : NULL;
	STACK_OF(X509) *signers = PKCS7_get0_signers(token, more, 0);
	GENERAL_NAME *named = TS_TST_INFO_get_tsa(tst);
	const X509_NAME *name = NULL;
	int r = certs_no_memory() ? -ENOMEM : 0;

	if (signers && sk_X509_num(signers) == 1)
		name = X509_get_subject_name(sk_X509_value(signers, 0));
	else if (named && named->type == GEN_DIRNAME)
		name = named->d.directoryName;
	if (r < 0)
		r = err_set(e, r, "no memory for a time stamp");
	else if (name)
		r = certs_name(ret->authority, name, e);
	sk_X509_free(signers);
	return r;
}

static int fill(struct timestamp_info *ret, PKCS7 *token, TS_TST_INFO *tst,
	const struct timestamp_trust *trust, struct err *e)
{
	int r = fill_time(&ret->time, tst, e);

	if (r == 0)
		r = fill_serial(ret, tst, e);
	if (r < 0)
		return r;
	if (OBJ_obj2txt(ret->policy, sizeof(ret->policy),
		    TS_TST_INFO_get_policy_id(tst), 1) < 0)
		return certs_error(e, -EBADMSG, "the token's policy");
	return fill_authority(ret, token, tst, trust, e);
}

/* Both are taken by ${ctx}, whatever becomes of it. */
static int set_trust(TS_VERIFY_CTX *ctx, const struct timestamp_trust *trust,
	int64_t at, struct err *e)
{
	X509_STORE *store = NULL;
	STACK_OF(X509) *more = NULL;
	int r = certs_store(&store, trust->authorities, at, e);

	if (r < 0)
		return r;
	(void)TS_VERIFY_CTX_set_store(ctx, store);
	if (!trust->untrusted)
		return 0;
	more = X509_chain_up_ref((STACK_OF(X509) *)(uintptr_t)trust->untrusted);
	if (!more)
		return certs_error(e, -ENOMEM, "certificates");
	(void)TS_VERIFY_CTX_set_certs(ctx, more);
	return 0;
}

int timestamp_verify(struct timestamp_info *ret, const struct buf *token,
	const uint8_t signature[MANIFEST_SIGNATURE_BYTES],
	const struct timestamp_trust *trust, struct err *e)
{
	CLEANUP(req_freep) TS_REQ *rq = NULL;
	CLEANUP(pkcs7_freep) PKCS7 *p7 = NULL;
	CLEANUP(tst_freep) TS_TST_INFO *tst = NULL;
	CLEANUP(ctx_freep) TS_VERIFY_CTX *ctx = NULL;
	struct timestamp_info info = { 0 };
	const uint8_t *at = token->data;
	int flags = TS_VFY_VERSION | TS_VFY_IMPRINT;
	int r;

	ERR_clear_error();
	r = make_request(&rq, signature, e);
	if (r < 0)
		return r;
	p7 = token->len ? d2i_PKCS7(NULL, &at, (long)token->len) : NULL;
	if (!p7 || at != token->data + token->len)
		return certs_error(e, -EBADMSG, "not a time-stamp token");
	tst = PKCS7_to_TS_TST_INFO(p7);
	if (!tst)
		return certs_error(e, -EBADMSG, "not a time-stamp token");
	r = fill(&info, p7, tst, trust, e);
	if (r < 0)
		return r;
	ctx = TS_REQ_to_TS_VERIFY_CTX(rq, NULL);
	if (!ctx)
		return certs_error(e, -ENOMEM, "time-stamp token");
	if (trust) {
		flags |= TS_VFY_SIGNATURE | TS_VFY_SIGNER;
		r = set_trust(ctx, trust, info.time, e);
		if (r < 0)
			return r;
	}
	(void)TS_VERIFY_CTX_set_flags(ctx, flags);
	if (TS_RESP_verify_token(ctx, p7) != 1)
		return certs_error(e, -EBADMSG, "time-stamp token");
	*ret = info;
	return 0;
}
