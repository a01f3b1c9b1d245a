// SPDX-License-Identifier: Apache-2.0
/* Identity documents by clouds that are made here. */
#include <errno.h>

#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#include "evidence/manifest.h"
#include "lab/identity.h"
#include "unit/pki.h"
#include "unit/unit.h"

enum { DAY = 86400, NOW = 1800000000 }; /* 2027-01-15 08:00:00 UTC */

#define CAPTURE "20270115T080000Z-1f2e3d4c"

static struct pki root, middle, amazon, azure, google, expired;
static STACK_OF(X509) * given;
static struct identity_context now = { CAPTURE, NOW, NULL };
static struct buf document, signature;

static int set_up(void **state)
{
	const time_t from = NOW - DAY, to = NOW + DAY;

	(void)state;
	pki_new(&root, NULL, "Root", PKI_AUTHORITY, from, to);
	pki_new(&middle, &root, "Middle", PKI_AUTHORITY, from, to);
	pki_new(&amazon, NULL, "Amazon Web Services", PKI_SIGNER, from, to);
	pki_new(&azure, &middle, "metadata.azure.com", PKI_SIGNER, from, to);
	pki_new(&google, NULL, "google", PKI_SIGNER, from, to);
	pki_new(&expired, NULL, "old", PKI_SIGNER, from, NOW - 1);
	given = sk_X509_new_null();
	(void)sk_X509_push(given, root.cert);
	(void)sk_X509_push(given, middle.cert);
	(void)sk_X509_push(given, amazon.cert);
	(void)sk_X509_push(given, google.cert);
	(void)sk_X509_push(given, expired.cert);
	now.authorities = given;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	sk_X509_free(given);
	pki_done(&root);
	pki_done(&middle);
	pki_done(&amazon);
	pki_done(&azure);
	pki_done(&google);
	pki_done(&expired);
	return 0;
}

static int clear(void **state)
{
	(void)state;
	buf_done(&document);
	buf_done(&signature);
	buf_init(&document, MANIFEST_DOCUMENT_MAX_BYTES);
	buf_init(&signature, MANIFEST_DOCUMENT_MAX_BYTES);
	return 0;
}

static int done(void **state)
{
	(void)state;
	buf_done(&document);
	buf_done(&signature);
	return 0;
}

static int check(
	json_t **ret, int kind, const struct identity_context *c, struct err *e)
{
	Icecore__V1__IdentityProof p = ICECORE__V1__IDENTITY_PROOF__INIT;

	p.kind = (Icecore__V1__IdentityKind)kind;
	p.document = (ProtobufCBinaryData){ document.len, document.data };
	p.signature = (ProtobufCBinaryData){ signature.len, signature.data };
	return identity_check(ret, &p, c, e);
}

static void expect_bad(int kind, const char *why)
{
	json_t *j = NULL;
	struct err e = { 0 };

	assert_err(check(&j, kind, &now, &e), -EBADMSG, &e, why);
	assert_null(j);
}

static void expect_claim(int kind, const struct identity_context *c,
	const char *key, const char *value)
{
	AUTO_JSON json_t *j = NULL;
	struct err e = { 0 };

	assert_ok(check(&j, kind, c, &e), &e);
	assert_string_equal(json_string_value(json_object_get(j, "signature")),
		c->authorities ? "verified" : "not checked");
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(j, "claims"), key)),
		value);
}

static void say(struct buf *b, const char *text)
{
	struct err e = { 0 };

	b->len = 0;
	assert_ok(buf_append(b, text, strlen(text), &e), &e);
}

enum {
	EC2 = ICECORE__V1__IDENTITY_KIND__IDENTITY_KIND_EC2_RSA2048,
	AZURE = ICECORE__V1__IDENTITY_KIND__IDENTITY_KIND_AZURE_ATTESTED,
	GCE = ICECORE__V1__IDENTITY_KIND__IDENTITY_KIND_GCE_TOKEN,
};

#define EC2_DOCUMENT(time)                                                     \
	"{\n  \"accountId\" : \"123456789012\",\n"                             \
	"  \"instanceId\" : \"i-0123456789abcdef0\",\n"                        \
	"  \"pendingTime\" : \"" time "\",\n  \"region\" : \"eu-west-1\"\n}"

static void sign_ec2(const struct pki *by, const char *text, int flags)
{
	say(&document, text);
	signature.len = 0;
	pki_pkcs7(&signature, by, text, flags);
}

static void ec2(void **state)
{
	struct identity_context nobody = now;
	struct err e = { 0 };

	(void)state;
	sign_ec2(&amazon, EC2_DOCUMENT("2027-01-14T08:00:00Z"), 0);
	expect_claim(EC2, &now, "instanceId", "i-0123456789abcdef0");
	expect_claim(EC2, &now, "pendingTime", "2027-01-14T08:00:00Z");
	/* As the service gives it: in lines; and with a last line end. */
	for (size_t i = 64; i < signature.len; i += 65) {
		assert_ok(buf_append(&signature, "\n", 1, &e), &e);
		memmove(signature.data + i + 1, signature.data + i,
			signature.len - i - 1);
		signature.data[i] = '\n';
	}
	assert_ok(buf_append(&document, "\n", 1, &e), &e);
	expect_claim(EC2, &now, "accountId", "123456789012");
	nobody.authorities = NULL;
	expect_claim(EC2, &nobody, "region", "eu-west-1");
	/* The document apart from its signature; without the certificate. */
	sign_ec2(&amazon, EC2_DOCUMENT("2027-01-14T08:00:00Z"),
		PKCS7_DETACHED | PKCS7_NOCERTS);
	expect_claim(EC2, &now, "region", "eu-west-1");
	document.data[document.len - 4] = '2';
	expect_bad(EC2, "its signature");
}

static void ec2_tampered(void **state)
{
	struct identity_context nobody = now;
	json_t *j = NULL;
	struct err e = { 0 };

	(void)state;
	sign_ec2(&amazon, EC2_DOCUMENT("2027-01-14T08:00:00Z"), 0);
	document.data[60] ^= 1;
	expect_bad(EC2, "not the one that is signed");
	nobody.authorities = NULL;
	assert_err(check(&j, EC2, &nobody, &e), -EBADMSG, &e,
		"not the one that is signed");
	sign_ec2(&amazon, EC2_DOCUMENT("2027-01-14T08:00:00Z"), 0);
	signature.data[signature.len - 8] ^= 1;
	expect_bad(EC2, "");
	signature.data[3] = '*';
	expect_bad(EC2, "not base64");
	signature.len = 0;
	expect_bad(EC2, "not PKCS#7");
	/* A signer whom an authority in the list vouches for is not enough:
	 * that list has authorities of other clouds. */
	sign_ec2(&azure, EC2_DOCUMENT("2027-01-14T08:00:00Z"), 0);
	expect_bad(EC2, "none of the given certificates");
	sign_ec2(&expired, EC2_DOCUMENT("2027-01-14T08:00:00Z"), 0);
	expect_bad(EC2, "certificate has expired");
}

static void ec2_claims(void **state)
{
	(void)state;
	sign_ec2(&amazon, EC2_DOCUMENT("2027-01-15T09:00:00Z"), 0);
	expect_bad(EC2, "the capture of 2027-01-15T08:00:00Z");
	sign_ec2(&amazon, EC2_DOCUMENT("2027-01-15T08:20:00Z"), 0);
	expect_claim(EC2, &now, "region", "eu-west-1");
	sign_ec2(&amazon, EC2_DOCUMENT("yesterday"), 0);
	expect_bad(EC2, "pendingTime is none");
	sign_ec2(&amazon, "{}", 0);
	expect_bad(EC2, "no good instanceId");
	sign_ec2(&amazon, "[]", 0);
	expect_bad(EC2, "not a JSON object");
	sign_ec2(&amazon, "{\"instanceId\":\"\\u001b[2J\"}", 0);
	expect_bad(EC2, "instanceId is no text");
	sign_ec2(&amazon, "{\"instanceId\":\"a\",\"instanceId\":\"b\"}", 0);
	expect_bad(EC2, "not a JSON object");
}

/* Sign the claims and wrap them as Azure does. */
static void sign_azure(const struct pki *by, const char *text, int flags)
{
	struct err e = { 0 };

	say(&document, "{\"encoding\":\"pkcs7\",\"signature\":\"");
	pki_pkcs7(&document, by, text, flags);
	assert_ok(buf_append(&document, "\"}", 2, &e), &e);
}

static const char *azure_text(
	const char *nonce, const char *created, const char *expires)
{
	static char text[1024];
	char own[MANIFEST_NONCE_CHARS];
	struct err e = { 0 };

	assert_ok(manifest_nonce(own, CAPTURE, &e), &e);
	(void)snprintf(text, sizeof(text),
		"{\"licenseType\":\"\",\"nonce\":\"%s\",\"plan\":{},"
		"\"subscriptionId\":\"8d10da13-8125-4ba9-a717-bf7490507b3d\","
		"\"timeStamp\":{\"createdOn\":\"%s\",\"expiresOn\":\"%s\"},"
		"\"vmId\":\"02aab8a4-74ef-476e-8182-f6d2ba4166a6\"}",
		nonce ? nonce : own, created, expires);
	return text;
}

static const char good_from[] = "01/15/27 07:59:59 -0000";
static const char good_to[] = "01/15/27 13:59:59 -0000";

static void attested(void **state)
{
	struct identity_context nobody = now;

	(void)state;
	nobody.authorities = NULL;
	sign_azure(&azure, azure_text(NULL, good_from, good_to), 0);
	expect_claim(AZURE, &now, "vmId", "02aab8a4-74ef-476e-8182-f6d2ba4166a6");
	expect_claim(AZURE, &nobody, "createdOn", good_from);
	sign_azure(&azure, azure_text("1234567890", good_from, good_to), 0);
	expect_bad(AZURE, "nonce is 1234567890");
	sign_azure(&azure,
		azure_text(NULL, "01/15/27 01:00:00 -0000",
			"01/15/27 07:00:00 -0000"),
		0);
	expect_bad(AZURE, "the capture of 2027-01-15T08:00:00Z");
	sign_azure(&azure, azure_text(NULL, "2027-01-15", good_to), 0);
	expect_bad(AZURE, "createdOn is no time");
	sign_azure(&azure,
		azure_text(NULL, good_from, "99/99/99 99:99:99 -0000"), 0);
	expect_bad(AZURE, "expiresOn is no time");
	sign_azure(&azure, azure_text(NULL, good_from, good_to), PKCS7_DETACHED);
	expect_bad(AZURE, "nothing in it that is signed");
	say(&document, "{\"encoding\":\"plain\",\"signature\":\"\"}");
	expect_bad(AZURE, "not pkcs7");
	say(&document, "{\"encoding\":\"pkcs7\"}");
	expect_bad(AZURE, "no signature");
	say(&document, "<html>");
	expect_bad(AZURE, "not a JSON object");
	document.len = 0;
	expect_bad(AZURE, "not a JSON object");
}

/* An authority of the whole world signs for others than Azure, too. */
static void attested_by_whom(void **state)
{
	struct pki p = { 0 };

	(void)state;
	pki_new(&p, &middle, "metadata.azure.com.example", PKI_SIGNER,
		NOW - DAY, NOW + DAY);
	sign_azure(&p, azure_text(NULL, good_from, good_to), 0);
	expect_bad(AZURE, "CN=metadata.azure.com.example is not the cloud's");
	pki_done(&p);
	pki_new(&p, &middle, "eastus.metadata.azure.com", PKI_SIGNER, NOW - DAY,
		NOW + DAY);
	sign_azure(&p, azure_text(NULL, good_from, good_to), 0);
	expect_claim(AZURE, &now, "createdOn", good_from);
	pki_done(&p);
	pki_new(&p, NULL, "metadata.azure.com", PKI_SIGNER, NOW - DAY, NOW + DAY);
	sign_azure(&p, azure_text(NULL, good_from, good_to), 0);
	expect_bad(AZURE, "self-signed certificate");
	pki_done(&p);
}

/* Azure has the name of the signature where that of the digest belongs. */
static void digests(void **state)
{
	(void)state;
	pki_digest = NID_sha256WithRSAEncryption;
	sign_azure(&azure, azure_text(NULL, good_from, good_to), PKCS7_NOATTR);
	expect_claim(AZURE, &now, "expiresOn", good_to);
	pki_digest = NID_sha1;
	sign_azure(&azure, azure_text(NULL, good_from, good_to), PKCS7_NOATTR);
	pki_digest = 0;
	expect_bad(AZURE, "too weak");
}

static const char rs256[] = "{\"alg\":\"RS256\",\"kid\":\"1\",\"typ\":\"JWT\"}";

#define GCE_CLAIMS(iss, aud, iat, exp)                                         \
	"{\"aud\":\"" aud "\",\"azp\":\"1\",\"exp\":" exp                      \
	",\"google\":{\"compute_engine\":{"                                    \
	"\"instance_id\":\"2875949485074006138\",\"instance_name\":\"vm\","    \
	"\"project_id\":\"a-project\",\"project_number\":1,"                   \
	"\"zone\":\"europe-west1-b\"}},\"iat\":" iat ",\"iss\":\"" iss         \
	"\",\"sub\":\"1\"}"
#define GOOGLE	   "https://accounts.google.com"
#define GOOD_TOKEN GCE_CLAIMS(GOOGLE, CAPTURE, "1799999999", "1800003599")

static void sign_gce(const struct pki *by, const char *header, const char *text)
{
	document.len = 0;
	pki_jwt(&document, by, header, text);
}

static void token(void **state)
{
	struct identity_context nobody = now;
	struct err e = { 0 };

	(void)state;
	nobody.authorities = NULL;
	sign_gce(&google, rs256, GOOD_TOKEN);
	expect_claim(GCE, &now, "instance_id", "2875949485074006138");
	expect_claim(GCE, &nobody, "project_id", "a-project");
	assert_ok(buf_append(&document, "\n", 1, &e), &e);
	expect_claim(GCE, &now, "zone", "europe-west1-b");
	sign_gce(&google, rs256,
		GCE_CLAIMS(GOOGLE, "other", "1799999999", "1800003599"));
	expect_bad(GCE, "audience is 'other'");
	sign_gce(&google, rs256,
		GCE_CLAIMS("https://x.example", CAPTURE, "1799999999",
			"1800003599"));
	expect_bad(GCE, "issuer is not Google");
	sign_gce(&google, rs256,
		GCE_CLAIMS(GOOGLE, CAPTURE, "1799990000", "1799993600"));
	expect_bad(GCE, "the capture of 2027-01-15T08:00:00Z");
	sign_gce(&google, rs256,
		GCE_CLAIMS(GOOGLE, CAPTURE, "-9223372036854775808",
			"9223372036854775807"));
	expect_bad(GCE, "time is none");
	sign_gce(&google, rs256, GCE_CLAIMS(GOOGLE, CAPTURE, "1.5", "\"x\""));
	expect_bad(GCE, "no time");
	sign_gce(&google, rs256,
		"{\"iss\":\"" GOOGLE "\",\"aud\":\"" CAPTURE "\"}");
	expect_bad(GCE, "no good instance_id");
	sign_gce(&azure, rs256, GOOD_TOKEN);
	expect_bad(GCE, "none of the given keys");
	sign_gce(&expired, rs256, GOOD_TOKEN);
	expect_bad(GCE, "was not valid then");
}

/* "HEADER.PAYLOAD." and what HMAC makes of it, with Google's public key. */
static void sign_hmac(void)
{
	static const char header[] = "{\"alg\":\"HS256\"}";
	uint8_t mac[32], text[64];
	uint8_t *pem = NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	size_t parts;
	long n;

	assert_int_equal(PEM_write_bio_PUBKEY(bio, google.key), 1);
	n = BIO_get_mem_data(bio, &pem);
	sign_gce(&google, header, GOOD_TOKEN);
	parts = document.len;
	while (document.data[parts - 1] != '.')
		parts--;
	assert_non_null(HMAC(EVP_sha256(), pem, (int)n, document.data,
		parts - 1, mac, NULL));
	(void)EVP_EncodeBlock(text, mac, sizeof(mac));
	document.len = parts;
	for (int i = 0; i < 43; i++) {
		text[i] = text[i] == '+' ? '-' : text[i];
		text[i] = text[i] == '/' ? '_' : text[i];
	}
	assert_ok(buf_append(&document, text, 43, NULL), &(struct err){ 0 });
	BIO_free(bio);
}

static void token_confusion(void **state)
{
	struct identity_context nobody = now;
	json_t *j = NULL;
	struct err e = { 0 };

	(void)state;
	nobody.authorities = NULL;
	sign_hmac();
	expect_bad(GCE, "not signed by RS256");
	sign_gce(&google, "{\"alg\":\"none\"}", GOOD_TOKEN);
	expect_bad(GCE, "not signed by RS256");
	while (document.data[document.len - 1] != '.')
		document.len--;
	expect_bad(GCE, "not signed by RS256");
	assert_err(check(&j, GCE, &nobody, &e), -EBADMSG, &e,
		"not signed by RS256");
	sign_gce(&google, "{\"alg\":\"RS256\",\"alg\":\"none\"}", GOOD_TOKEN);
	expect_bad(GCE, "not a JSON object");
	sign_gce(&google, "{\"alg\":\"rs256\"}", GOOD_TOKEN);
	expect_bad(GCE, "not signed by RS256");
	sign_gce(&google, "{\"alg\":\"RS256\",\"crit\":[\"b64\"],\"b64\":false}",
		GOOD_TOKEN);
	expect_bad(GCE, "must be understood");
	sign_gce(&google, rs256, GOOD_TOKEN);
	while (document.data[document.len - 1] != '.')
		document.len--;
	expect_bad(GCE, "none of the given keys");
}

static void unknown_kind(void **state)
{
	json_t *j = NULL;
	struct err e = { 0 };

	(void)state;
	assert_err(check(&j, 99, &now, &e), -ENOTSUP, &e, "kind 99");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, clear, done)
	const struct CMUnitTest tests[] = {
		T(ec2),
		T(ec2_tampered),
		T(ec2_claims),
		T(attested),
		T(attested_by_whom),
		T(digests),
		T(token),
		T(token_confusion),
		T(unknown_kind),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
