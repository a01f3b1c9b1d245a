// SPDX-License-Identifier: Apache-2.0
/*
 * Every allocation fails once while time stamps and identity documents are
 * made and checked: an error with a sentence, no leak, never half a result;
 * and a good proof is hardly ever called bad for lack of memory, which OpenSSL
 * and jansson do not always tell.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "capture/proof.h"
#include "capture/tsa.h"
#include "evidence/timestamp.h"
#include "lab/identity.h"
#include "unit/fault.h"
#include "unit/loopback.h"
#include "unit/pki.h"
#include "unit/scratch.h"
#include "unit/torture.h"
#include "unit/unit.h"

enum { NOW = 1800000000 };

#define CAPTURE "cap"

static const uint8_t signature[MANIFEST_SIGNATURE_BYTES] = "a signature";
static struct pki root, tsa, amazon, azure, google;
static STACK_OF(X509) * list;
static struct buf request, reply, token, documents[4], ec2_signature;
static char top[SCRATCH_CHARS], pem[SCRATCH_CHARS];

static void say(struct buf *b, const char *text)
{
	struct err e = { 0 };

	assert_ok(buf_append(b, text, strlen(text), &e), &e);
}

static void make_documents(void)
{
	static const char ec2[] =
		"{\"instanceId\":\"i\",\"accountId\":\"1\",\"region\":\"r\","
		"\"pendingTime\":\"2027-01-15T07:00:00Z\"}";
	static const char gce[] =
		"{\"aud\":\"cap\",\"iss\":\"accounts.google.com\",\"google\":{"
		"\"compute_engine\":{\"instance_id\":\"1\",\"zone\":\"z\","
		"\"instance_name\":\"n\",\"project_id\":\"p\"}},"
		"\"iat\":1799999999,\"exp\":1800003599}";
	char text[512], nonce[MANIFEST_NONCE_CHARS];
	struct err e = { 0 };

	for (int i = 0; i < 4; i++)
		buf_init(&documents[i], MANIFEST_DOCUMENT_MAX_BYTES);
	buf_init(&ec2_signature, MANIFEST_DOCUMENT_MAX_BYTES);
	say(&documents[1], ec2);
	pki_pkcs7(&ec2_signature, &amazon, ec2, 0);
	assert_ok(manifest_nonce(nonce, CAPTURE, &e), &e);
	(void)snprintf(text, sizeof(text),
		"{\"vmId\":\"v\",\"subscriptionId\":\"s\",\"nonce\":\"%s\","
		"\"timeStamp\":{\"createdOn\":\"01/15/27 07:59:59 -0000\","
		"\"expiresOn\":\"01/15/27 13:59:59 -0000\"}}",
		nonce);
	say(&documents[2], "{\"encoding\":\"pkcs7\",\"signature\":\"");
	pki_pkcs7(&documents[2], &azure, text, 0);
	say(&documents[2], "\"}");
	pki_jwt(&documents[3], &google, "{\"alg\":\"RS256\"}", gce);
}

static int set_up(void **state)
{
	const time_t from = NOW - 9, to = NOW + 9;
	struct err e = { 0 };

	(void)state;
	scratch_new(top);
	scratch_path(pem, top, "ca.pem");
	pki_new(&root, NULL, "Root", PKI_AUTHORITY, from, to);
	pki_new(&tsa, &root, "TSA", PKI_TSA, from, to);
	pki_new(&amazon, NULL, "AWS", PKI_SIGNER, from, to);
	pki_new(&azure, &root, "metadata.azure.com", PKI_SIGNER, from, to);
	pki_new(&google, NULL, "google", PKI_SIGNER, from, to);
	pki_save(pem, &root, &amazon, &google, NULL);
	assert_ok(certs_load(&list, pem, &e), &e);
	buf_init(&request, MANIFEST_REQUEST_MAX_BYTES);
	buf_init(&reply, TIMESTAMP_REPLY_MAX_BYTES);
	buf_init(&token, MANIFEST_TOKEN_MAX_BYTES);
	assert_ok(timestamp_request(&request, signature, &e), &e);
	pki_stamp(&reply, &tsa, &request, NOW);
	assert_ok(timestamp_accept(&token, &request, &reply, &e), &e);
	make_documents();
	return 0;
}

static int tear_down(void **state)
{
	struct pki *all[] = { &root, &tsa, &amazon, &azure, &google };

	(void)state;
	certs_free(list);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		pki_done(all[i]);
	for (int i = 0; i < 4; i++)
		buf_done(&documents[i]);
	buf_done(&ec2_signature);
	buf_done(&request);
	buf_done(&reply);
	buf_done(&token);
	scratch_remove(top);
	return 0;
}

static int ask(struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	int r;

	buf_init(&b, MANIFEST_REQUEST_MAX_BYTES);
	r = timestamp_request(&b, signature, e);
	if (r == 0 && (b.len != request.len ||
			      memcmp(b.data, request.data, b.len) != 0))
		fail_msg("another request");
	return r;
}

static int accept(struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	int r;

	buf_init(&b, MANIFEST_TOKEN_MAX_BYTES);
	r = timestamp_accept(&b, &request, &reply, e);
	if (r == 0 &&
		(b.len != token.len || memcmp(b.data, token.data, b.len) != 0))
		fail_msg("another token");
	return r;
}

static int verify(struct err *e)
{
	const struct timestamp_trust trust = { .authorities = list,
		.untrusted = list };
	struct timestamp_info info = { 0 };
	int r = timestamp_verify(&info, &token, signature, &trust, e);

	if (r == 0 && (info.time != NOW || strcmp(info.authority, "CN=TSA") != 0 ||
			      strcmp(info.policy, "1.2.3.4.1") != 0))
		fail_msg("half of it: %s", info.authority);
	return r;
}

static int load(struct err *e)
{
	STACK_OF(X509) *all = NULL;
	int r = certs_load(&all, pem, e);

	if (r == 0 && sk_X509_num(all) != 3)
		fail_msg("%d of 3 certificates", sk_X509_num(all));
	certs_free(all);
	return r;
}

static int identify(int kind, size_t claims, struct err *e)
{
	const struct identity_context c = {
		.capture_id = CAPTURE, .at = NOW, .authorities = list
	};
	Icecore__V1__IdentityProof p = ICECORE__V1__IDENTITY_PROOF__INIT;
	AUTO_JSON json_t *j = NULL;
	int r;

	p.kind = (Icecore__V1__IdentityKind)kind;
	p.document = (ProtobufCBinaryData){ documents[kind].len,
		documents[kind].data };
	if (kind == 1)
		p.signature = (ProtobufCBinaryData){ ec2_signature.len,
			ec2_signature.data };
	r = identity_check(&j, &p, &c, e);
	if (r == 0 && json_object_size(json_object_get(j, "claims")) != claims)
		fail_msg("not all claims");
	if (r == 0 && kind == 3 &&
		strcmp(json_string_value(json_object_get(
			       json_object_get(j, "claims"), "project_id")),
			"p") != 0)
		fail_msg("another claim");
	return r;
}

static int identify_ec2(struct err *e)
{
	return identify(1, 4, e);
}

static int identify_azure(struct err *e)
{
	return identify(2, 5, e);
}

static int identify_gce(struct err *e)
{
	return identify(3, 4, e);
}

/* On the host: a service that says something, an authority that does not. */
static struct loopback *server;
static char url[64];

static int fetch(struct err *e)
{
	struct proof p = { 0 };
	int r = proof_get(&p, METADATA_AZURE, url, CAPTURE, e);

	if (r == 0 && !p.error[0] &&
		(p.document.len != 2 || p.message.document.len != 2))
		fail_msg("half a document");
	if (r == 0 && p.error[0] && p.message.document.len)
		fail_msg("a document and an error");
	proof_done(&p);
	return r;
}

static int stamp(struct err *e)
{
	const struct tsa_config config = { .url = url };
	AUTO_BUF struct buf b = { 0 };
	struct stream_tsa asked;
	struct tsa *t = NULL;
	int r = tsa_open(&t, &config, e);

	if (r < 0)
		return r;
	buf_init(&b, MANIFEST_TOKEN_MAX_BYTES);
	asked = tsa_stream(t);
	if (asked.ask(asked.arg, &b, &request, signature) == 0)
		fail_msg("a token out of nothing");
	tsa_close(t);
	return 0;
}

static void torture(const char *what, torture_operation *op, long least)
{
	struct torture t;
	struct err e = { 0 };

	assert_ok(op(&e), &e);
	t = torture_run(what, op);
	assert_true(t.calls >= least && t.errors >= least / 2);
	/* Want of memory is hardly ever taken for a bad proof. */
	assert_true(t.bad <= t.errors / 8);
}

static void time_stamps(void **state)
{
	(void)state;
	torture("request", ask, 20);
	torture("accept", accept, 100);
	torture("verify", verify, 100);
	torture("certificates", load, 50);
}

static void identities(void **state)
{
	(void)state;
	torture("ec2", identify_ec2, 100);
	torture("azure", identify_azure, 100);
	torture("gce", identify_gce, 50);
}

void *__real_malloc(size_t n);

/* jansson 2.14 ignores it when it cannot keep a character that it reads, and
 * then fails its own assertion: its allocations do not fail here. */
static void spare_jansson(void)
{
	json_set_alloc_funcs(__real_malloc, free);
}

static void on_the_host(void **state)
{
	static const struct loopback_answer answer = {
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 0, 0
	};

	(void)state;
	log_set_level((enum log_level) - 1);
	server = loopback_new(&answer, 1);
	(void)snprintf(
		url, sizeof(url), "http://127.0.0.1:%u", loopback_port(server));
	torture("fetch", fetch, 4);
	torture("stamp", stamp, 8);
	loopback_free(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_stamps),
		cmocka_unit_test(identities),
		cmocka_unit_test(on_the_host),
	};

	fault_hooks();
	spare_jansson();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
