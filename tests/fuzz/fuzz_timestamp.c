// SPDX-License-Identifier: Apache-2.0
/* What a time-stamp authority, or a stranger, answers.  By the first byte: a
 * reply, or a token. */
#include "base/err.h"
#include "evidence/timestamp.h"
#include "fuzz/fuzz_certs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t signature[MANIFEST_SIGNATURE_BYTES] = "seed";

static void verify(const struct buf *token)
{
	const struct timestamp_trust trust = { .authorities = fuzz_certs() };
	struct timestamp_info info = { 0 };
	struct err e = { 0 };
	int r = timestamp_verify(&info, token, signature, NULL, &e);

	if (r < 0 ? !e.msg[0]
		  : strnlen(info.serial, sizeof(info.serial)) ==
				sizeof(info.serial))
		abort();
	/* Nobody has the key of these. */
	if (timestamp_verify(&info, token, signature, &trust, &e) == 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf input = { 0 };
	AUTO_BUF struct buf request = { 0 };
	AUTO_BUF struct buf token = { 0 };
	struct err e = { 0 };
	int r;

	if (!size)
		return 0;
	input.data = (uint8_t *)(uintptr_t)data + 1;
	input.len = size - 1;
	if (data[0] == 't') {
		verify(&input);
		return 0;
	}
	buf_init(&request, MANIFEST_REQUEST_MAX_BYTES);
	buf_init(&token, MANIFEST_TOKEN_MAX_BYTES);
	if (timestamp_request(&request, signature, &e) < 0)
		abort();
	r = timestamp_accept(&token, &request, &input, &e);
	if (r < 0 ? token.len || !e.msg[0] : !token.len)
		abort();
	if (r == 0)
		verify(&token);
	return 0;
}
