// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>

#include "base/err.h"
#include "cloud/time.h"
#include "evidence/manifest.h"
#include "lab/b64.h"
#include "lab/identity.h"
#include "lab/jwt.h"
#include "lab/pkcs7.h"

enum { TIME_CHARS = 32, AZURE_TIME_CHARS = 23 };

#define TIME_MAX INT64_C(253402300799) /* the end of the year 9999 */

/* A text that can be printed; NULL and a sentence when it is none. */
static const char *text_of(const json_t *from, const char *key, struct err *e)
{
	const char *s = json_string_value(json_object_get(from, key));

	if (!s || !*s || strlen(s) >= IDENTITY_CLAIM_CHARS) {
		(void)err_set(e, -EBADMSG, "the document has no good %s", key);
		return NULL;
	}
	for (const char *p = s; *p; p++)
		if (*p < ' ' || *p > '~') {
			(void)err_set(e, -EBADMSG,
				"the document's %s is no text", key);
			return NULL;
		}
	return s;
}

static int claim(
	json_t *claims, const json_t *from, const char *key, struct err *e)
{
	const char *s = text_of(from, key, e);

	if (!s)
		return -EBADMSG;
	if (json_object_set_new(claims, key, json_string(s)) < 0)
		return err_set(e, -ENOMEM, "no memory for a claim");
	return 0;
}

static int claim_all(json_t *claims, const json_t *from,
	const char *const *keys, struct err *e)
{
	int r = 0;

	for (; r == 0 && *keys; keys++)
		r = claim(claims, from, *keys, e);
	return r;
}

static void time_text(char ret[TIME_CHARS], int64_t v)
{
	time_t t = (time_t)v;
	struct tm tm;

	if (!gmtime_r(&t, &tm) ||
		!strftime(ret, TIME_CHARS, "%Y-%m-%dT%H:%M:%SZ", &tm))
		(void)snprintf(ret, TIME_CHARS, "%" PRId64, v);
}

/* Was it then: in [from, to], give or take the host's clock? */
static int check_time(int64_t from, int64_t to,
	const struct identity_context *c, struct err *e)
{
	char a[TIME_CHARS], b[TIME_CHARS], at[TIME_CHARS];

	if (from < 0 || to > TIME_MAX)
		return err_set(e, -EBADMSG, "the document's time is none");
	if (from <= to && c->at >= from - IDENTITY_SKEW_SECONDS &&
		c->at <= to + IDENTITY_SKEW_SECONDS)
		return 0;
	time_text(a, from);
	time_text(b, to);
	time_text(at, c->at);
	return err_set(e, -EBADMSG,
		"the document is of %s to %s, the capture of %s", a, b, at);
}

static bool blank(uint8_t c)
{
	return c == '\n' || c == '\r' || c == ' ';
}

/* But for white space at the ends. */
static bool same_text(const struct buf *a, const ProtobufCBinaryData *b)
{
	const uint8_t *p = a->data, *q = b->data;
	size_t n = a->len, m = b->len;

	while (n && blank(p[n - 1]))
		n--;
	while (m && blank(q[m - 1]))
		m--;
	return n == m && (!n || memcmp(p, q, n) == 0);
}

static int check_ec2(json_t *claims, const Icecore__V1__IdentityProof *p,
	const struct identity_context *c, struct err *e)
{
	static const char *const keys[] = { "instanceId", "accountId", "region",
		"pendingTime", NULL };
	const struct pkcs7_trust trust = {
		.list = c->authorities, .at = c->at, .exact = true
	};
	const struct buf document = { p->document.data, p->document.len,
		p->document.len, p->document.len };
	AUTO_BUF struct buf der = { 0 };
	AUTO_BUF struct buf content = { 0 };
	AUTO_JSON json_t *j = NULL;
	const char *s;
	int64_t pending = 0;
	int r;

	buf_init(&der, MANIFEST_DOCUMENT_MAX_BYTES);
	buf_init(&content, MANIFEST_DOCUMENT_MAX_BYTES);
	r = b64_lines(&der, (const char *)p->signature.data, p->signature.len, e);
	if (r == 0)
		r = pkcs7_open(&content, &der, &document, &trust, e);
	if (r == 0 && !same_text(&content, &p->document))
		r = err_set(e, -EBADMSG,
			"the document is not the one that is signed");
	if (r == 0)
		r = json_decode(&j, content.data, content.len, e);
	if (r == 0)
		r = claim_all(claims, j, keys, e);
	if (r < 0)
		return r;
	s = text_of(j, "pendingTime", e);
	if (!s || time_parse(&pending, s) < 0)
		return err_set(e, -EBADMSG, "the document's pendingTime is none");
	/* It was made when the instance started, any time before. */
	return check_time(pending, c->at > pending ? c->at : pending, c, e);
}

/* "11/20/18 22:07:39 -0000" */
static int azure_time(
	int64_t *ret, const json_t *from, const char *key, struct err *e)
{
	const char *s = text_of(from, key, e);
	char iso[TIME_CHARS];

	if (!s)
		return -EBADMSG;
	if (strlen(s) == AZURE_TIME_CHARS && s[2] == '/' && s[5] == '/' &&
		s[8] == ' ' && s[17] == ' ') {
		(void)snprintf(iso, sizeof(iso), "20%.2s-%.2s-%.2sT%.8s%.5s",
			s + 6, s, s + 3, s + 9, s + 18);
		if (time_parse(ret, iso) == 0)
			return 0;
	}
	return err_set(e, -EBADMSG, "the document's %s is no time", key);
}

static int check_azure_claims(json_t *claims, const json_t *j,
	const struct identity_context *c, struct err *e)
{
	static const char *const keys[] = { "vmId", "subscriptionId", "nonce",
		NULL };
	static const char *const times[] = { "createdOn", "expiresOn", NULL };
	const json_t *stamp = json_object_get(j, "timeStamp");
	char nonce[MANIFEST_NONCE_CHARS];
	const char *s;
	int64_t from = 0, to = 0;
	int r = claim_all(claims, j, keys, e);

	if (r == 0)
		r = claim_all(claims, stamp, times, e);
	if (r == 0)
		r = manifest_nonce(nonce, c->capture_id, e);
	if (r < 0)
		return r;
	s = text_of(j, "nonce", e);
	if (!s || strcmp(nonce, s) != 0)
		return err_set(e, -EBADMSG,
			"the document's nonce is %.20s, that of this capture is %s: of another capture, or kept from an earlier question",
			s ? s : "", nonce);
	r = azure_time(&from, stamp, "createdOn", e);
	if (r == 0)
		r = azure_time(&to, stamp, "expiresOn", e);
	return r < 0 ? r : check_time(from, to, c, e);
}

static int check_azure(json_t *claims, const Icecore__V1__IdentityProof *p,
	const struct identity_context *c, struct err *e)
{
	/* Of its public cloud and of the sovereign ones. */
	static const char *const names[] = { "metadata.azure.com",
		"metadata.azure.us", "metadata.azure.cn",
		"metadata.microsoftazure.de", NULL };
	const struct pkcs7_trust trust = {
		.list = c->authorities, .at = c->at, .names = names
	};
	AUTO_BUF struct buf der = { 0 };
	AUTO_BUF struct buf content = { 0 };
	AUTO_JSON json_t *outer = NULL;
	AUTO_JSON json_t *j = NULL;
	const char *text;
	int r;

	buf_init(&der, MANIFEST_DOCUMENT_MAX_BYTES);
	buf_init(&content, MANIFEST_DOCUMENT_MAX_BYTES);
	r = json_decode(&outer, p->document.data, p->document.len, e);
	if (r < 0)
		return r;
	text = json_string_value(json_object_get(outer, "encoding"));
	if (!text || strcmp(text, "pkcs7") != 0)
		return err_set(e, -EBADMSG, "the document is not pkcs7");
	text = json_string_value(json_object_get(outer, "signature"));
	if (!text)
		return err_set(e, -EBADMSG, "the document has no signature");
	r = b64_lines(&der, text, strlen(text), e);
	if (r == 0)
		r = pkcs7_open(&content, &der, NULL, &trust, e);
	if (r == 0)
		r = json_decode(&j, content.data, content.len, e);
	return r < 0 ? r : check_azure_claims(claims, j, c, e);
}

static int check_gce(json_t *claims, const Icecore__V1__IdentityProof *p,
	const struct identity_context *c, struct err *e)
{
	static const char *const keys[] = { "instance_id", "instance_name",
		"project_id", "zone", NULL };
	AUTO_JSON json_t *j = NULL;
	const json_t *iat, *expires, *engine;
	const char *s;
	size_t len = p->document.len;
	int r;

	while (len && blank(p->document.data[len - 1]))
		len--;
	r = jwt_open(&j, len ? (const char *)p->document.data : "", len,
		c->authorities, c->at, e);
	if (r < 0)
		return r;
	s = text_of(j, "iss", e);
	if (!s || (strcmp(s, "https://accounts.google.com") != 0 &&
			  strcmp(s, "accounts.google.com") != 0))
		return err_set(e, -EBADMSG, "the token's issuer is not Google");
	s = text_of(j, "aud", e);
	if (!s || strcmp(s, c->capture_id) != 0)
		return err_set(e, -EBADMSG,
			"the token's audience is '%.80s', not this capture",
			s ? s : "");
	engine = json_object_get(json_object_get(j, "google"), "compute_engine");
	r = claim_all(claims, engine, keys, e);
	if (r < 0)
		return r;
	iat = json_object_get(j, "iat");
	expires = json_object_get(j, "exp");
	if (!json_is_integer(iat) || !json_is_integer(expires))
		return err_set(e, -EBADMSG, "the token has no time");
	return check_time(
		json_integer_value(iat), json_integer_value(expires), c, e);
}

static const struct cloud {
	Icecore__V1__IdentityKind kind;
	const char *name;
	int (*check)(json_t *claims, const Icecore__V1__IdentityProof *p,
		const struct identity_context *c, struct err *e);
	const char *not_checked[3];
} clouds[] = {
	{ ICECORE__V1__IDENTITY_KIND__IDENTITY_KIND_EC2_RSA2048, "aws", check_ec2,
		{ "whether it was fetched for this capture: the document has no nonce",
			"whether the certificate was withdrawn" } },
	{ ICECORE__V1__IDENTITY_KIND__IDENTITY_KIND_AZURE_ATTESTED, "azure",
		check_azure, { "whether the certificate was withdrawn" } },
	{ ICECORE__V1__IDENTITY_KIND__IDENTITY_KIND_GCE_TOKEN, "gcp", check_gce,
		{ "whether the key was withdrawn" } },
};

static int build(json_t **ret, const struct cloud *cloud, json_t *claims,
	const struct identity_context *c, struct err *e)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < ARRAY_LEN(cloud->not_checked); i++)
		if (cloud->not_checked[i])
			list = json_append(
				list, json_string(cloud->not_checked[i]));
	if (list)
		list = json_append(list,
			json_string("the host's name: no claim holds it"));
	if (list && !c->authorities)
		list = json_append(list, json_string("who signed it"));
	*ret = json_pack("{s:s, s:s, s:O, s:o}", "cloud", cloud->name,
		"signature", c->authorities ? "verified" : "not checked",
		"claims", claims, "not_checked", list);
	return *ret ? 0 : err_set(e, -ENOMEM, "no memory for an identity");
}

int identity_check(json_t **ret, const Icecore__V1__IdentityProof *p,
	const struct identity_context *c, struct err *e)
{
	AUTO_JSON json_t *claims = NULL;
	int r;

	for (size_t i = 0; i < ARRAY_LEN(clouds); i++) {
		if (clouds[i].kind != p->kind)
			continue;
		claims = json_object();
		if (!claims)
			return err_set(e, -ENOMEM, "no memory for an identity");
		r = clouds[i].check(claims, p, c, e);
		return r < 0 ? err_wrap(e, r, "%s", clouds[i].name)
			     : build(ret, &clouds[i], claims, c, e);
	}
	return err_set(e, -ENOTSUP, "an identity of kind %d", (int)p->kind);
}
