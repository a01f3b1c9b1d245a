// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/err.h"
#include "evidence/hash.h"
#include "evidence/order.h"
#include "evidence/text.h"
#include "icecore/v1/order.pb-c.h"

enum {
	SIGNATURE_BYTES = 64,
	MESSAGE_BYTES = 704,
	BYTES_MAX = SIGNATURE_BYTES + MESSAGE_BYTES,
	NAME_CHARS = 256,
};

/* With its NUL: no other use of the key can be taken for an order. */
static const char context[] = "icecore.v1.Order";

static void md_ctx_freep(EVP_MD_CTX **p)
{
	EVP_MD_CTX_free(*p);
}

static void pkey_freep(EVP_PKEY **p)
{
	EVP_PKEY_free(*p);
}

static void order_freep(Icecore__V1__Order **p)
{
	if (*p)
		icecore__v1__order__free_unpacked(*p, NULL);
}

int order_host(uint8_t ret[ORDER_HOST_BYTES], const char *name, struct err *e)
{
	char lower[NAME_CHARS];
	uint8_t sha[HASH_BYTES];
	size_t n = strlen(name);
	int r;

	if (n == 0 || n >= sizeof(lower))
		return err_set(e, -EINVAL, "a host name of %zu characters", n);
	for (size_t i = 0; i < n; i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	r = hash_bytes(sha, lower, n, e);
	if (r == 0)
		memcpy(ret, sha, ORDER_HOST_BYTES);
	return r;
}

/* context, its NUL, and the message: what is signed. */
static size_t signed_bytes(uint8_t ret[sizeof(context) + BYTES_MAX],
	const uint8_t *message, size_t len)
{
	memcpy(ret, context, sizeof(context));
	memcpy(ret + sizeof(context), message, len);
	return sizeof(context) + len;
}

static int check_times(const struct order *o, struct err *e)
{
	if (o->not_after <= o->not_before ||
		o->not_after - o->not_before > ORDER_SECONDS_MAX)
		return err_set(
			e, -EINVAL, "an order is good for 1 second to 30 days");
	return 0;
}

/* Names of folders and plans come of it. */
static bool is_plain(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static int encode(uint8_t ret[MESSAGE_BYTES], size_t *ret_len,
	const struct order *o, struct err *e)
{
	Icecore__V1__Order m = ICECORE__V1__ORDER__INIT;
	ProtobufCBinaryData recipients[ORDER_RECIPIENTS_MAX];
	size_t len;

	m.id = o->id;
	m.not_before = o->not_before;
	m.not_after = o->not_after;
	if (!o->is_for_any)
		m.host = (ProtobufCBinaryData){ ORDER_HOST_BYTES,
			(uint8_t *)(uintptr_t)o->host };
	m.case_name = (char *)(uintptr_t)o->case_name;
	m.plan = (char *)(uintptr_t)o->plan;
	m.destination = (char *)(uintptr_t)o->destination;
	for (size_t i = 0; i < o->recipients_n; i++)
		recipients[i] = (ProtobufCBinaryData){ AGE_KEY_BYTES,
			(uint8_t *)(uintptr_t)o->recipients[i].key };
	m.recipients = recipients;
	m.n_recipients = o->recipients_n;
	len = icecore__v1__order__get_packed_size(&m);
	if (len > MESSAGE_BYTES)
		return err_set(e, -EMSGSIZE, "an order of %zu bytes", len);
	*ret_len = icecore__v1__order__pack(&m, ret);
	return 0;
}

int order_sign(
	struct buf *ret, const struct order *o, EVP_PKEY *key, struct err *e)
{
	CLEANUP(md_ctx_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t bytes[BYTES_MAX], text[sizeof(context) + BYTES_MAX];
	char encoded[ORDER_TEXT_CHARS + 8];
	size_t len = 0, n, signature = SIGNATURE_BYTES;
	int r = check_times(o, e);

	if (r == 0 && (!is_plain(o->case_name) || !is_plain(o->plan) ||
			      !is_plain(o->destination)))
		r = err_set(e, -EINVAL,
			"case, plan and destination are of printable ASCII, "
			"without blanks");
	if (r == 0)
		r = encode(bytes + SIGNATURE_BYTES, &len, o, e);
	if (r < 0)
		return r;
	n = signed_bytes(text, bytes + SIGNATURE_BYTES, len);
	if (!ctx || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) != 1 ||
		EVP_DigestSign(ctx, bytes, &signature, text, n) != 1 ||
		signature != SIGNATURE_BYTES)
		return err_set(e, -EIO, "Ed25519 cannot sign");
	(void)text_b64_encode(encoded, bytes, SIGNATURE_BYTES + len);
	return buf_text(ret, e, ORDER_BEGIN "%s", encoded);
}

static bool signed_by(const uint8_t key[ORDER_KEY_BYTES],
	const uint8_t *signature, const uint8_t *text, size_t n)
{
	CLEANUP(pkey_freep)
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(
		EVP_PKEY_ED25519, NULL, key, ORDER_KEY_BYTES);
	CLEANUP(md_ctx_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	return pkey && ctx &&
	       EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
	       EVP_DigestVerify(ctx, signature, SIGNATURE_BYTES, text, n) == 1;
}

static int get_text(char *ret, size_t cap, const char *text, const char *what,
	struct err *e)
{
	if (strlen(text) >= cap || !is_plain(text))
		return err_set(e, -EBADMSG,
			"its %s is not less than %zu "
			"printable characters",
			what, cap);
	(void)snprintf(ret, cap, "%s", text);
	return 0;
}

/* Who signed is known, and still nothing is taken as it comes. */
static int decode(
	struct order *ret, const uint8_t *buf, size_t len, struct err *e)
{
	CLEANUP(order_freep)
	Icecore__V1__Order *m = icecore__v1__order__unpack(NULL, len, buf);
	struct order o = { 0 };
	int r;

	if (!m)
		return err_set(e, -EBADMSG, "its message cannot be decoded");
	o.id = m->id;
	o.not_before = m->not_before;
	o.not_after = m->not_after;
	o.is_for_any = !m->host.len;
	if (m->n_recipients > ORDER_RECIPIENTS_MAX ||
		(m->host.len && m->host.len != ORDER_HOST_BYTES))
		return err_set(e, -EBADMSG, "its recipients or its host");
	if (m->host.len)
		memcpy(o.host, m->host.data, ORDER_HOST_BYTES);
	for (size_t i = 0; i < m->n_recipients; i++) {
		if (m->recipients[i].len != AGE_KEY_BYTES)
			return err_set(e, -EBADMSG, "a recipient of %zu bytes",
				m->recipients[i].len);
		memcpy(o.recipients[i].key, m->recipients[i].data, AGE_KEY_BYTES);
	}
	o.recipients_n = m->n_recipients;
	r = get_text(o.case_name, sizeof(o.case_name), m->case_name, "case", e);
	if (r == 0)
		r = get_text(o.plan, sizeof(o.plan), m->plan, "plan", e);
	if (r == 0)
		r = get_text(o.destination, sizeof(o.destination),
			m->destination, "destination", e);
	if (r == 0 && check_times(&o, e) < 0)
		r = -EBADMSG;
	if (r == 0)
		*ret = o;
	return r;
}

int order_open(struct order *ret, const char *text,
	const uint8_t (*keys)[ORDER_KEY_BYTES], size_t n, struct err *e)
{
	uint8_t bytes[BYTES_MAX], said[sizeof(context) + BYTES_MAX];
	const size_t begin = sizeof(ORDER_BEGIN) - 1;
	size_t said_n, i = 0;
	int len;

	if (strncmp(text, ORDER_BEGIN, begin) != 0)
		return err_set(e, -EBADMSG, "no order begins so");
	text += begin;
	len = text_b64_decode(
		bytes, sizeof(bytes), text, strnlen(text, ORDER_TEXT_CHARS));
	if (len <= SIGNATURE_BYTES)
		return err_set(e, -EBADMSG, "an order that is not base64");
	said_n = signed_bytes(
		said, bytes + SIGNATURE_BYTES, (size_t)len - SIGNATURE_BYTES);
	while (i < n && !signed_by(keys[i], bytes, said, said_n))
		i++;
	if (i == n)
		return err_set(e, -EKEYREJECTED,
			"nobody who may order signed it (%zu keys)", n);
	return decode(
		ret, bytes + SIGNATURE_BYTES, (size_t)len - SIGNATURE_BYTES, e);
}

int order_check(const struct order *o, uint64_t now, const char *const *names,
	size_t n, struct err *e)
{
	if (now + ORDER_SKEW_SECONDS < o->not_before)
		return err_set(e, -ESTALE,
			"the order is good in %" PRIu64 " seconds only",
			o->not_before - now);
	if (now > o->not_after)
		return err_set(e, -ESTALE,
			"the order was good until %" PRIu64 " seconds ago",
			now - o->not_after);
	for (size_t i = 0; !o->is_for_any && i < n; i++) {
		uint8_t host[ORDER_HOST_BYTES];

		if (order_host(host, names[i], e) == 0 &&
			memcmp(host, o->host, sizeof(host)) == 0)
			return 0;
	}
	return o->is_for_any
		       ? 0
		       : err_set(e, -EXDEV, "the order is for another host");
}
